// shapes draws and edits the lines and zones of the configuration on the picture. A
// line is a drag. A zone is a drag over a rectangle, or a click for each corner and
// Enter, a double click or a click on the first corner. Corners are dragged to other
// places; names and coordinates are changed in the list, also by keyboard, and Enter
// alone puts a shape in the middle.

const near = 12; // px of the screen

// parse reads a shape of the configuration; null for what cannot be drawn.
function parse(kind, keys) {
  const numbers = kind === "line" ? ["x0", "y0", "x1", "y1"].map((k) => Number(keys[k] ?? 0)) : String(keys.points ?? "").split(/[\s,]+/).filter(Boolean).map(Number);
  const corners = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) corners.push([numbers[i], numbers[i + 1]]);
  return { kind, keys, name: keys.name, corners };
}

// write is a shape as the configuration has it, without what is its default.
function write({ kind, keys, name, corners }) {
  const rest = Object.entries(keys).filter(([k, v]) => !["name", "points", "x0", "y0", "x1", "y1"].includes(k) && v !== "" && v !== 0 && v !== "0s");
  const place = kind === "line"
    ? { x0: corners[0][0], y0: corners[0][1], x1: corners[1][0], y1: corners[1][1] }
    : { points: corners.map((c) => c.join(",")).join(" ") };
  return { name, ...place, ...Object.fromEntries(rest) };
}

export class Shapes {
  constructor(list, overlay, set) {
    Object.assign(this, { list, overlay, canvas: overlay.canvas, set, of: { line: [], zone: [] } });
    this.canvas.addEventListener("pointerdown", (e) => this.press(e));
    this.canvas.addEventListener("pointermove", (e) => this.move(e));
    this.canvas.addEventListener("pointerup", (e) => this.release(e));
    this.canvas.addEventListener("pointercancel", () => this.stop());
    this.canvas.addEventListener("dblclick", () => this.finish());
    this.canvas.addEventListener("keydown", (e) => {
      if (e.key !== "Enter") return;
      if (this.drawing && !this.overlay.pending) this.place(); else this.finish();
    });
  }

  // update shows the shapes of a kind as the program has them.
  update(kind, text, width, height) {
    Object.assign(this, { width, height });
    let all = [];
    try { all = JSON.parse(text || "[]"); } catch { /* shown as none */ }
    this.of[kind] = all.map((keys) => parse(kind, keys)).filter((s) => s.corners.length > 1);
    if (this.held) return; // somebody drags one
    this.overlay.shapes = [...this.of.line, ...this.of.zone];
    this.show();
  }

  show() {
    if (this.list.contains(document.activeElement) && document.activeElement.tagName === "INPUT") return; // somebody types
    this.list.replaceChildren(...this.overlay.shapes.map((s) => {
      const li = document.createElement("li"), remove = document.createElement("button");
      const field = (what, value, take) => {
        const input = document.createElement("input");
        Object.assign(input, { value, ariaLabel: `${what} of ${s.kind} ${s.name}`, className: what });
        input.onchange = () => { input.blur(); take(input.value); this.send(s.kind); };
        return input;
      };
      remove.type = "button"; remove.textContent = "remove"; remove.setAttribute("aria-label", `remove ${s.kind} ${s.name}`);
      remove.onclick = () => { this.of[s.kind] = this.of[s.kind].filter((o) => o !== s); this.send(s.kind); };
      li.append(s.kind + " ", field("name", s.name, (v) => { s.name = v; }),
        field("corners", s.corners.map((c) => c.join(",")).join(" "), (v) => {
          const c = parse("zone", { points: v }).corners;
          if (c.length >= (s.kind === "line" ? 2 : 3)) s.corners = c;
        }), remove);
      return li;
    }));
  }

  send(kind) { this.set(kind, this.of[kind].map(write)); }

  // draw begins a shape: the next drag or clicks over the picture are it.
  draw(kind) {
    this.drawing = kind;
    this.overlay.pending = undefined;
    this.canvas.classList.add("drawing");
    this.canvas.focus();
  }

  stop() {
    this.drawing = this.overlay.pending = this.from = this.held = undefined;
    this.canvas.classList.remove("drawing");
  }

  at(e) {
    const box = this.canvas.getBoundingClientRect();
    const round = (v, most) => Math.round(Math.min(Math.max(v, 0), most) * 10) / 10;
    this.reach = near / box.width * this.width; // px of the sensor
    return [round((e.clientX - box.left) / box.width * this.width, this.width), round((e.clientY - box.top) / box.height * this.height, this.height)];
  }

  press(e) {
    if (!this.width) return;
    const at = this.from = this.at(e);
    const close = (c) => Math.hypot(c[0] - at[0], c[1] - at[1]) < this.reach;
    if (!this.drawing) {
      for (const s of this.overlay.shapes) {
        const i = s.corners.findIndex(close);
        if (i >= 0) { this.held = { s, i }; this.canvas.setPointerCapture(e.pointerId); return; }
      }
      return;
    }
    this.canvas.setPointerCapture(e.pointerId);
    const p = this.overlay.pending;
    if (p?.clicked) {
      if (p.corners.length > 3 && close(p.corners[0])) { this.finish(); return; }
      p.corners[p.corners.length - 1] = at;
    } else this.overlay.pending = { kind: this.drawing, name: "", keys: {}, corners: [at, at] };
  }

  move(e) {
    const at = this.at(e), p = this.overlay.pending;
    if (this.held) { this.held.s.corners[this.held.i] = at; return; }
    if (!p) return;
    if (p.clicked) p.corners[p.corners.length - 1] = at;
    else if (p.kind === "line") p.corners[1] = at;
    else p.corners = rectangle(this.from, at);
  }

  release(e) {
    const at = this.at(e), p = this.overlay.pending;
    if (this.held) { const { kind } = this.held.s; this.held = undefined; this.send(kind); return; }
    if (!p || !this.from) return;
    const still = Math.hypot(at[0] - this.from[0], at[1] - this.from[1]) < 2;
    if (p.kind === "zone" && (p.clicked || still)) {
      if (!p.clicked) p.corners = [this.from];
      p.clicked = true;
      p.corners.push(at); // the corner that follows the pointer
    } else if (still) this.stop();
    else this.add(p);
  }

  // finish closes a zone that is drawn corner by corner.
  finish() {
    const p = this.overlay.pending;
    if (!p?.clicked) return;
    p.corners.pop();
    const same = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < 1;
    p.corners = p.corners.filter((c, i) => !i || !same(c, p.corners[i - 1]));
    if (p.corners.length > 2) this.add(p); else this.stop();
  }

  // place adds a shape in the middle, for who has no pointer; its corners are edited in the list.
  place() {
    const { drawing: kind, width: w, height: h } = this;
    if (!w) return;
    const corners = kind === "line" ? [[w / 2, h / 4], [w / 2, 3 * h / 4]] : rectangle([w / 4, h / 4], [3 * w / 4, 3 * h / 4]);
    this.add({ kind, name: "", keys: {}, corners });
  }

  add(s) {
    const taken = new Set(this.of[s.kind].map((o) => o.name));
    for (let i = 1; !s.name || taken.has(s.name); i++) s.name = `${s.kind}-${i}`;
    this.of[s.kind].push(s);
    this.stop();
    this.send(s.kind);
  }
}

const rectangle = ([x, y], [u, v]) => [[x, y], [u, y], [u, v], [x, v]];
