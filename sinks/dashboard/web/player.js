// player has the controls of a replay: pause, step, speed, and a scrubber with the
// event rate under it. A live stream cannot be paused: its picture can be frozen.

import { fit } from "./plot.js";

export class Player {
  constructor(root, send) {
    const $ = (id) => root.querySelector("#" + id);
    Object.assign(this, { root, send, $, held: false, state: {} });
    $("play").onclick = () => this.toggle();
    $("step").onclick = () => send({ do: "step" });
    $("speed").onchange = (e) => send({ do: "speed", speed: Number(e.target.value) });
    $("repeat").onchange = (e) => send({ do: "repeat", on: e.target.checked });
    $("run").onclick = () => send({ do: "run" });
    $("freeze").onclick = () => this.toggle();
    $("seek").oninput = () => { this.seeking = true; };
    $("seek").onchange = (e) => { this.seeking = false; this.seek(e.target.value / 1000); };
    $("rate").onclick = (e) => this.seek(e.offsetX / $("rate").clientWidth);
  }

  // toggle pauses or plays a replay, or freezes the picture of a live stream.
  toggle() {
    if (this.state.replayable) this.send({ do: this.state.paused ? "play" : "pause" });
    else { this.held = !this.held; this.$("freeze").textContent = this.held ? "unfreeze" : "freeze"; }
  }

  // seek plays from a part of the recording, in [0, 1].
  seek(part) {
    const r = this.record;
    if (r) this.send({ do: "seek", at: Math.round(r.start + Math.min(Math.max(part, 0), 0.999) * (r.end - r.start)) });
  }

  // nudge seeks a little from where the replay is.
  nudge(by) {
    const r = this.record;
    if (r) this.seek((this.now - r.start) / (r.end - r.start) + by);
  }

  update(state, record) {
    this.state = state;
    this.record = record ?? this.record;
    const { $ } = this;
    $("player").hidden = !state.replayable;
    $("freeze").hidden = state.replayable;
    $("play").textContent = state.paused ? "play" : "pause";
    if ([...$("speed").options].some((o) => Number(o.value) === state.speed)) $("speed").value = String(state.speed);
    $("repeat").checked = state.repeat;
    $("run").hidden = !state.replay || state.over;
    $("mode").textContent = !state.replay ? "the run" : state.over ? "replay; the run has ended" : "replay; the run continues";
  }

  paint(now, style) {
    this.now = now;
    const r = this.record, { $ } = this;
    if (!this.state.replayable || !r) return;
    const part = (now - r.start) / (r.end - r.start);
    if (!this.seeking) $("seek").value = Math.round(1000 * part);
    $("seek").setAttribute("aria-valuetext", `${((now - r.start) / 1e6).toFixed(2)} of ${((r.end - r.start) / 1e6).toFixed(2)} seconds`);
    $("clock").textContent = `${((now - r.start) / 1e6).toFixed(3)} of ${((r.end - r.start) / 1e6).toFixed(3)} s`;
    const { context: c, width, height } = fit($("rate"));
    const most = Math.max(...r.counts, 1), k = width / (r.end - r.start);
    c.fillStyle = style.getPropertyValue("--off").trim();
    r.counts.forEach((n, i) => {
      const h = n / most * (height - 2);
      c.fillRect((r.first + i * r.bin - r.start) * k, height - h, Math.max(r.bin * k, 1), h);
    });
    c.fillStyle = style.getPropertyValue("--on").trim();
    c.fillRect(part * width - 1, 0, 2, height);
  }
}
