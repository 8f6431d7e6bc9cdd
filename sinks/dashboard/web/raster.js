// raster draws the spikes of a layer over time, and the membrane of one neuron.

import { fit, seconds } from "./plot.js";

const span = 2e6; // µs that are shown

export class Raster {
  constructor(canvas, membrane, pick) {
    this.canvas = canvas;
    this.membrane = membrane;
    this.reset();
    canvas.addEventListener("click", (e) => {
      const box = canvas.getBoundingClientRect();
      const neuron = this.near((e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height);
      if (neuron >= 0) pick(neuron);
    });
    canvas.addEventListener("keydown", (e) => {
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 100, PageDown: -100 }[e.key];
      if (!by || !this.size) return;
      e.preventDefault();
      e.stopPropagation();
      pick(Math.min(Math.max((this.neuron ?? 0) + by, 0), this.size - 1));
    });
  }

  reset() {
    this.spikes = []; // {t, id}
    this.points = [];
    this.now = 0;
    this.stride = 1;
  }

  // add takes a raster frame (sinks/dashboard/raster.go makes it).
  add(view) {
    const count = view.getUint32(4, true), start = view.getFloat64(20, true);
    this.size = view.getUint32(8, true);
    this.stride = view.getUint32(12, true);
    this.now = view.getFloat64(28, true);
    for (let i = 0, at = 36; i < count; i++, at += 8) {
      this.spikes.push({ t: start + view.getUint32(at, true), id: view.getUint32(at + 4, true) });
    }
    const from = this.now - span;
    let old = 0;
    while (old < this.spikes.length && this.spikes[old].t < from) old++;
    this.spikes.splice(0, old);
  }

  addMembrane(m) {
    if (!m) return;
    if (m.neuron !== this.neuron || m.layer !== this.layer) { this.points = []; this.neuron = m.neuron; this.layer = m.layer; }
    this.points.push(...m.points);
    const from = m.points.at(-1)[0] - span;
    while (this.points.length && this.points[0][0] < from) this.points.shift();
  }

  // near is the neuron of the spike next to a place of the canvas, in [0, 1].
  near(x, y) {
    let best = -1, least = Infinity;
    for (const { t, id } of this.spikes) {
      const dx = (t - this.now + span) / span - x, dy = 1 - id / this.size - y, d = dx * dx + 9 * dy * dy;
      if (d < least) { least = d; best = id; }
    }
    return best < 0 && this.size ? Math.floor((1 - y) * this.size) : best;
  }

  describe() {
    const every = this.stride > 1 ? `, every ${this.stride}th is shown` : "";
    return `${this.spikes.length} spikes of ${this.size ?? 0} neurons${every}`;
  }

  paint(style) {
    const colour = (name) => style.getPropertyValue(name).trim();
    const { context: c, width, height } = fit(this.canvas);
    const start = this.now - span;
    c.fillStyle = colour("--on");
    for (const { t, id } of this.spikes) c.fillRect((t - start) / span * width, (1 - (id + 1) / this.size) * (height - 16), 1.5, 1.5);
    seconds(c, width, height, start, this.now, colour("--dim"));
    if (this.points.length) this.paintMembrane(colour);
  }

  paintMembrane(colour) {
    this.membrane.hidden = false;
    const { context: c, width, height } = fit(this.membrane);
    const end = this.points.at(-1)[0], start = end - span;
    let low = 0, high = 0;
    for (const [, v] of this.points) { low = Math.min(low, v); high = Math.max(high, v); }
    const y = (v) => height - 16 - (v - low) / (high - low || 1) * (height - 30);
    c.strokeStyle = colour("--off");
    c.beginPath();
    this.points.forEach(([t, v], i) => { const x = (t - start) / span * width; if (i) c.lineTo(x, y(v)); else c.moveTo(x, y(v)); });
    c.stroke();
    c.fillStyle = colour("--dim");
    c.fillText(high.toPrecision(3), 2, 11);
    c.fillText(low.toPrecision(3), 2, height - 18);
    seconds(c, width, height, start, end, colour("--dim"));
  }
}
