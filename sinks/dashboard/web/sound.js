// sound draws what the encoder made of sound, as a cochleagram that moves, with the
// words that were heard; and the scores that were held against thresholds.

import { fit, seconds } from "./plot.js";

const span = 6e6; // µs that are shown
const inks = ["--on", "--off", "--mark", "--warn", "--text"];

export class Sound {
  constructor(canvas, scores) {
    this.canvas = canvas;
    this.scores = scores;
    this.image = document.createElement("canvas");
    this.reset();
  }

  reset() {
    this.columns = []; // {t, bin, values}
    this.words = [];
    this.curves = []; // {t, values}
    this.now = 0;
    this.top = 1;
  }

  // add takes a sound frame (sinks/dashboard/sound.go makes it).
  add(view) {
    const rows = view.getUint16(2, true), bins = view.getUint32(4, true);
    const first = view.getFloat64(8, true), bin = view.getFloat64(16, true), end = view.getFloat64(32, true);
    this.rows = rows;
    for (let i = 0; i < bins; i++) {
      this.columns.push({ t: first + i * bin, bin, values: new Float32Array(view.buffer, 40 + 4 * i * rows, rows) });
    }
    this.now = end;
    const from = end - span;
    while (this.columns.length && this.columns[0].t < from) this.columns.shift();
    return { start: first, end };
  }

  addWord(d) {
    this.words.push(d);
    if (this.words.length > 64) this.words.shift();
  }

  addScores(s) {
    if (!s) return;
    Object.assign(this, { labels: s.labels, thresholds: s.thresholds });
    const n = s.labels.length;
    s.times.forEach((t, i) => this.curves.push({ t, values: s.values.slice(i * n, (i + 1) * n) }));
    const from = s.times.at(-1) - span;
    while (this.curves.length && this.curves[0].t < from) this.curves.shift();
  }

  describe() {
    const d = this.words.at(-1);
    return d ? `last heard: ${d.label || d.kind} at ${(d.t_us / 1e6).toFixed(2)} seconds` : "no word heard yet";
  }

  // describeScores is the latest score of each word, in words.
  describeScores() {
    const last = this.curves.at(-1)?.values ?? [];
    return last.map((v, i) => `${this.labels[i]} ${v.toFixed(2)}, threshold ${this.thresholds[i].toFixed(2)}`).join("; ") || "none yet";
  }

  paint(style) {
    const { context: c, width, height } = fit(this.canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    const start = this.now - span, x = (t) => (t - start) / span * width;
    if (this.columns.length) {
      let most = 1e-12;
      for (const { values, bin } of this.columns) for (const v of values) most = Math.max(most, v / bin);
      const rgb = colour("--on");
      c.fillStyle = rgb;
      const h = (height - 14) / this.rows;
      for (const { t, bin, values } of this.columns) {
        const w = Math.max(bin / span * width, 1), left = x(t);
        values.forEach((v, r) => {
          if (v === 0) return;
          c.globalAlpha = Math.sqrt(v / bin / most);
          c.fillRect(left, (this.rows - 1 - r) * h, w + 0.5, h);
        });
      }
      c.globalAlpha = 1;
    }
    c.font = "600 13px system-ui, sans-serif";
    for (const d of this.words) {
      if (d.t_end_us < start) continue;
      c.strokeStyle = c.fillStyle = colour("--mark");
      c.lineWidth = 2;
      c.strokeRect(x(d.t_start_us), 1, x(d.t_end_us) - x(d.t_start_us), height - 16);
      const label = d.label || `${Math.round(d.azimuth_deg)}°`;
      c.fillRect(x(d.t_start_us), 0, c.measureText(label).width + 8, 18);
      c.fillStyle = colour("--empty");
      c.fillText(label, x(d.t_start_us) + 4, 13);
    }
    c.font = "11px system-ui, sans-serif";
    seconds(c, width, height, start, this.now, colour("--dim"));
  }

  paintScores(style) {
    if (!this.labels) return;
    this.scores.hidden = false;
    const { context: c, width, height } = fit(this.scores);
    const colour = (name) => style.getPropertyValue(name).trim();
    const start = this.now - span, x = (t) => (t - start) / span * width, y = (v) => (1 - v) * (height - 16) + 2;
    this.labels.forEach((label, i) => {
      c.strokeStyle = c.fillStyle = colour(inks[i % inks.length]);
      c.lineWidth = 1;
      c.setLineDash([5, 4]);
      c.beginPath(); c.moveTo(0, y(this.thresholds[i])); c.lineTo(width, y(this.thresholds[i])); c.stroke();
      c.setLineDash(i < inks.length ? [] : [2, 2]);
      c.lineWidth = 1.5;
      c.beginPath();
      this.curves.forEach(({ t, values }, k) => (k ? c.lineTo(x(t), y(values[i])) : c.moveTo(x(t), y(values[i]))));
      c.stroke();
      c.setLineDash([]);
      c.fillText(label, 4 + 70 * (i % 10), 12 + 13 * Math.floor(i / 10));
    });
    seconds(c, width, height, start, this.now, colour("--dim"));
  }
}
