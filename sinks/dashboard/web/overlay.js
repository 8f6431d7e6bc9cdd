// overlay draws what was detected over the events: boxes, ids, arrows, trails, and
// the lines and zones of the configuration.

const forget = 250e3; // µs without an update after which a box goes
const trailLength = 64;

export class Overlay {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.boxes = this.trails = true;
    this.shapes = [];
    this.reset();
  }

  reset() {
    this.tracks = new Map();
    this.flashes = new Map(); // shapes that something just happened to, by name
    this.counts = new Map(); // what they have counted, by name
  }

  // add takes a detection of the family of motion.
  add(d) {
    if (d.kind === "camera_motion") return;
    if (d.kind === "motion_end") { this.tracks.delete(d.track_id); return; }
    if (d.label && d.kind !== "motion_start" && d.kind !== "motion_update") {
      this.flashes.set(d.label, d.t_us);
      this.canvas.dataset.crossed = d.label;
      if (d.total_forward != null) this.counts.set(d.label, `${d.total_forward} forward, ${d.total_backward} backward`);
      if (d.kind.startsWith("zone_")) this.counts.set(d.label, `${d.occupancy} inside`);
      return;
    }
    const track = this.tracks.get(d.track_id) ?? { trail: [] };
    track.d = d;
    track.trail.push([(d.x0 + d.x1) / 2, (d.y0 + d.y1) / 2]);
    if (track.trail.length > trailLength) track.trail.shift();
    this.tracks.set(d.track_id, track);
  }

  // describe is what is seen, in words.
  describe() {
    const list = [...this.tracks.values()].map(({ d }) =>
      `${d.track_id} ${d.direction_deg == null ? "still" : `moving ${way(d.direction_deg)} at ${Math.round(d.speed_px_s)} pixels a second`}`);
    return list.length === 0 ? "no moving object" : `${list.length} moving: ${list.join("; ")}`;
  }

  // paint draws at sensor time now on a sensor of width by height pixels.
  paint(now, width, height, style) {
    const box = this.canvas.getBoundingClientRect(), dpr = devicePixelRatio || 1;
    const w = Math.round(box.width * dpr), h = Math.round(box.height * dpr);
    if (this.canvas.width !== w || this.canvas.height !== h) { this.canvas.width = w; this.canvas.height = h; }
    const c = this.context;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, w, h);
    const k = w / width;
    const colour = (name) => style.getPropertyValue(name).trim();
    c.lineWidth = 2 * dpr;
    c.font = `${13 * dpr}px system-ui, sans-serif`;
    for (const s of this.shapes) this.shape(c, s, k, dpr, now - (this.flashes.get(s.name) ?? -Infinity) < 400e3 ? colour("--warn") : colour("--mark"));
    if (this.pending) this.shape(c, this.pending, k, dpr, colour("--warn"));
    for (const [id, track] of this.tracks) {
      if (now - track.d.t_us > forget || now < track.d.t_us - 1e6) { this.tracks.delete(id); continue; }
      if (this.trails) this.trail(c, track.trail, k, colour("--mark"));
      if (this.boxes) this.box(c, track.d, k, dpr, colour("--track"), colour("--empty"));
    }
  }

  shape(c, s, k, dpr, colour) {
    c.strokeStyle = c.fillStyle = colour;
    c.setLineDash([6 * dpr, 4 * dpr]);
    c.beginPath();
    s.corners.forEach(([x, y], i) => (i ? c.lineTo(x * k, y * k) : c.moveTo(x * k, y * k)));
    if (s.kind === "zone") c.closePath();
    c.stroke();
    c.setLineDash([]);
    for (const [x, y] of s.corners) c.fillRect(x * k - 2.5 * dpr, y * k - 2.5 * dpr, 5 * dpr, 5 * dpr);
    if (s.kind === "line") this.forward(c, s.corners, k, dpr);
    const [x, y] = s.corners[0], count = this.counts.get(s.name);
    c.fillText(count ? `${s.name}: ${count}` : s.name ?? "", x * k + 4 * dpr, Math.max(y * k - 4 * dpr, 13 * dpr));
  }

  // forward shows which way across a line is forward: to the right of who walks along it.
  forward(c, [[x0, y0], [x1, y1]], k, dpr) {
    const x = (x0 + x1) / 2 * k, y = (y0 + y1) / 2 * k, angle = Math.atan2(y1 - y0, x1 - x0) + Math.PI / 2;
    const tx = x + Math.cos(angle) * 14 * dpr, ty = y + Math.sin(angle) * 14 * dpr;
    c.beginPath();
    c.moveTo(x, y); c.lineTo(tx, ty);
    for (const turn of [2.6, -2.6]) { c.moveTo(tx, ty); c.lineTo(tx + 6 * dpr * Math.cos(angle + turn), ty + 6 * dpr * Math.sin(angle + turn)); }
    c.stroke();
  }

  trail(c, points, k, colour) {
    c.strokeStyle = colour;
    c.beginPath();
    points.forEach(([x, y], i) => (i ? c.lineTo(x * k, y * k) : c.moveTo(x * k, y * k)));
    c.stroke();
  }

  box(c, d, k, dpr, colour, back) {
    c.strokeStyle = colour;
    c.setLineDash(d.state === "coasting" ? [4 * dpr, 4 * dpr] : []);
    c.strokeRect(d.x0 * k, d.y0 * k, (d.x1 - d.x0) * k, (d.y1 - d.y0) * k);
    c.setLineDash([]);
    if (d.vx != null && d.direction_deg != null) {
      const x = (d.x0 + d.x1) / 2 * k, y = (d.y0 + d.y1) / 2 * k, angle = Math.atan2(d.vy, d.vx);
      const length = Math.min(10 + d.speed_px_s / 8, 40) * dpr, tx = x + Math.cos(angle) * length, ty = y + Math.sin(angle) * length;
      c.beginPath();
      c.moveTo(x, y); c.lineTo(tx, ty);
      for (const turn of [2.6, -2.6]) { c.moveTo(tx, ty); c.lineTo(tx + 7 * dpr * Math.cos(angle + turn), ty + 7 * dpr * Math.sin(angle + turn)); }
      c.stroke();
    }
    const label = String(d.track_id), width = c.measureText(label).width + 6 * dpr, top = Math.max(d.y0 * k - 16 * dpr, 0);
    c.fillStyle = colour; c.fillRect(d.x0 * k, top, width, 16 * dpr);
    c.fillStyle = back; c.fillText(label, d.x0 * k + 3 * dpr, top + 12.5 * dpr);
  }
}

// way names a direction in the picture, in which y points down.
export function way(deg) {
  return ["right", "down right", "down", "down left", "left", "up left", "up", "up right"][Math.round(deg / 45) % 8];
}
