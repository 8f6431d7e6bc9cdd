// figures shows rates, latencies, queues, drops, operations and energy, from two
// summaries half a second apart, and the latest detections.

import { short } from "./plot.js";

const motion = [["kind", "kind"], ["t_us", "time"], ["track_id", "id"], ["direction_deg", "direction"], ["speed_px_s", "px/s"], ["confidence", "conf."]];
const sound = [["kind", "kind"], ["t_us", "time"], ["label", "label"], ["score", "score"], ["azimuth_deg", "azimuth"]];
const most = 14;

export class Figures {
  constructor(root) {
    this.root = root;
    this.rows = [];
  }

  reset() {
    this.before = undefined;
    this.rows = [];
  }

  // add takes a summary of the run.
  add(s) {
    const at = performance.now(), before = this.before;
    this.before = { s, at };
    const same = before && before.s.run === s.run && before.s.input.events.in <= s.input.events.in;
    const wall = same ? (at - before.at) / 1000 : 0;
    const rate = (now, old) => (wall > 0 ? Math.max(now - old, 0) / wall : 0);
    const b = same ? before.s : s, sensor = s.sensor_s - b.sensor_s;
    this.now(s, rate(s.input.events.out, b.input.events.out), rate(s.detections.total, b.detections.total),
      rate(s.synops, b.synops), wall > 0 ? sensor / wall : 0);
    this.stages(s, b, rate);
  }

  now(s, events, found, synops, pace) {
    const unit = s.input.unit, l = s.latency;
    const list = [
      [`${unit} per second`, short(events)], ["detections per second", short(found)], ["detections", s.detections.total.toLocaleString("en")],
      ["sensor time", `${s.sensor_s.toFixed(2)} s, ${pace.toFixed(pace < 10 ? 2 : 0)} × real time`],
      ["latency p50 / p90 / p99", `${l.p50_ms.toFixed(2)} / ${l.p90_ms.toFixed(2)} / ${l.p99_ms.toFixed(2)} ms`],
      ["synaptic operations", `${short(synops, "/s")}, ${short(s.synops)} in total`],
      ["energy (estimate)", `${short(s.energy_estimate.event_driven_j, "J")}; ${short(synops * 0.9e-12, "W")}`],
      ["silent neurons and steps", `${(100 * s.activation_sparsity).toFixed(2)} %`],
    ];
    this.root.querySelector("#now").replaceChildren(...list.flatMap(([name, value]) => {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = name; dd.textContent = value;
      return [dt, dd];
    }));
  }

  stages(s, b, rate) {
    const rows = [
      ["source", rate(s.input.events.in, b.input.events.in), s.input.batches.queued, s.input.queue.capacity, s.input.events.dropped + (s.input.left_out ?? 0)],
      ["encoder", rate(s.encoder.spikes, b.encoder.spikes), null, 0, 0],
      ...(s.layers ?? []).map((l, i) => [l.name, rate(l.spikes, b.layers?.[i]?.spikes ?? 0), null, 0, 0]),
      ["detections", rate(s.detections.total, b.detections.total), null, 0, s.detections.left_out ?? 0],
      ...(s.sinks ?? []).map((k, i) => [`sink ${k.name}`, rate(k.written, b.sinks?.[i]?.written ?? 0), k.queued, k.queue.capacity, k.dropped]),
    ];
    this.root.querySelector("#stages tbody").replaceChildren(...rows.map(([name, r, queued, capacity, dropped]) => {
      const tr = document.createElement("tr");
      const cell = (text) => { const td = document.createElement("td"); td.textContent = text; tr.append(td); return td; };
      cell(name); cell(short(r, "/s"));
      const queue = cell("");
      if (queued != null) {
        const meter = document.createElement("meter");
        Object.assign(meter, { min: 0, max: capacity, high: capacity * 0.8, value: queued, title: `${queued} of ${capacity}` });
        meter.setAttribute("aria-label", `queue of ${name}: ${queued} of ${capacity}`);
        queue.append(meter, ` ${queued}`);
      }
      cell(dropped ? dropped.toLocaleString("en") : "–").className = dropped ? "dropped" : "";
      return tr;
    }));
  }

  // found takes detections for the table.
  found(list) {
    this.rows.unshift(...list.slice(-most).reverse());
    this.rows.length = Math.min(this.rows.length, most);
    this.stale = list.length > 0 || this.stale;
  }

  // paint renews the table of detections.
  paint() {
    if (!this.stale) return;
    this.stale = false;
    const columns = this.rows[0]?.track_id !== undefined ? motion : sound;
    const row = (tag, values) => {
      const tr = document.createElement("tr");
      for (const v of values) {
        const cell = document.createElement(tag);
        if (tag === "th") cell.scope = "col";
        cell.textContent = v;
        tr.append(cell);
      }
      return tr;
    };
    this.root.querySelector("#detections thead").replaceChildren(row("th", columns.map(([, name]) => name)));
    this.root.querySelector("#detections tbody").replaceChildren(...this.rows.map((d) => row("td", columns.map(([key]) => value(key, d[key])))));
  }
}

function value(key, v) {
  if (v == null) return "";
  if (key === "t_us") return (v / 1e6).toFixed(3) + " s";
  if (key === "direction_deg" || key === "azimuth_deg") return Math.round(v) + "°";
  if (key === "speed_px_s") return Math.round(v);
  return typeof v === "number" && !Number.isInteger(v) ? v.toFixed(2) : v;
}
