// settings changes the readout's configuration: values in a form, lines and zones
// by drawing them on the picture.

const wordsKey = "readout.words";
const drawable = { line: "readout.lines", zone: "readout.zones" };

export class Settings {
  constructor(root, overlay, send) {
    const $ = (id) => root.querySelector("#" + id);
    Object.assign(this, { $, overlay, send, shapes: { line: [], zone: [] } });
    $("drawline").onclick = () => this.draw("line");
    $("drawzone").onclick = () => this.draw("zone");
    $("save").onclick = () => send({ do: "save" });
    $("values").onsubmit = $("thresholds").onsubmit = (e) => e.preventDefault();
    const canvas = overlay.canvas;
    canvas.addEventListener("pointerdown", (e) => this.press(e));
    canvas.addEventListener("pointermove", (e) => this.drag(e));
    canvas.addEventListener("pointerup", (e) => this.drop(e));
    canvas.addEventListener("pointercancel", () => this.stop());
  }

  // update shows the settings as the program has them.
  update(list, width, height) {
    Object.assign(this, { width, height });
    this.$("settings").hidden = !list?.length;
    if (!list?.length) return;
    for (const [kind, key] of Object.entries(drawable)) {
      const setting = list.find((s) => s.key === key);
      this.$("draw" + kind).hidden = !setting || !width;
      this.shapes[kind] = setting ? shapesOf(setting.value, kind) : [];
    }
    this.overlay.shapes = [...this.shapes.line, ...this.shapes.zone];
    this.list();
    this.words = list.some((s) => s.key === wordsKey);
    this.form(list.filter((s) => !Object.values(drawable).includes(s.key) && s.key !== wordsKey));
  }

  list() {
    this.$("shapes").replaceChildren(...this.overlay.shapes.map((s) => {
      const li = document.createElement("li"), button = document.createElement("button");
      li.textContent = `${s.kind} ${s.name}`;
      button.type = "button"; button.textContent = "remove"; button.setAttribute("aria-label", `remove ${s.kind} ${s.name}`);
      button.onclick = () => this.set(s.kind, this.shapes[s.kind].filter((o) => o !== s));
      li.append(button);
      return li;
    }));
  }

  form(list) {
    const form = this.$("values");
    if (form.contains(document.activeElement)) return; // somebody types
    form.replaceChildren(...list.flatMap((s) => {
      const label = document.createElement("label"), input = document.createElement("input");
      input.id = "set-" + s.key; label.htmlFor = input.id;
      label.textContent = s.key.replace(/^readout\./, "") + (s.unit ? `, ${s.unit}` : "");
      label.title = s.doc; input.value = s.value; input.title = s.doc;
      input.onchange = () => { input.blur(); this.send({ do: "set", set: [`${s.key}=${input.value}`] }); };
      return [label, input];
    }));
  }

  // scores shows a threshold for each word that is held against one.
  scores(labels, thresholds) {
    if (!this.words) return;
    const form = this.$("thresholds"), now = JSON.stringify([labels, thresholds]);
    if (now === this.shown || form.contains(document.activeElement)) return;
    this.shown = now;
    form.replaceChildren(...labels.flatMap((label, i) => {
      const name = document.createElement("label"), input = document.createElement("input");
      name.textContent = `threshold of ${label}`; name.htmlFor = input.id = `threshold-${i}`;
      Object.assign(input, { type: "number", min: 0.01, max: 1, step: 0.01, value: Number(thresholds[i].toFixed(4)) });
      input.onchange = () => {
        input.blur();
        const words = labels.map((l, k) => ({ label: l, threshold: k === i ? Number(input.value) : thresholds[k] }));
        this.send({ do: "set", set: [`${wordsKey}=${JSON.stringify(words)}`] });
      };
      return [name, input];
    }));
  }

  set(kind, shapes) {
    const list = shapes.map(({ name, x0, y0, x1, y1 }) => ({ name, x0, y0, x1, y1 }));
    this.send({ do: "set", set: [`${drawable[kind]}=${JSON.stringify(list)}`] });
  }

  // draw begins a shape: the next drag over the picture is it.
  draw(kind) {
    this.drawing = kind;
    this.overlay.canvas.classList.add("drawing");
    this.overlay.canvas.focus();
  }

  stop() {
    this.drawing = undefined;
    this.overlay.pending = undefined;
    this.overlay.canvas.classList.remove("drawing");
  }

  at(e) {
    const box = this.overlay.canvas.getBoundingClientRect();
    const round = (v, most) => Math.round(Math.min(Math.max(v, 0), most) * 10) / 10;
    return [round((e.clientX - box.left) / box.width * this.width, this.width), round((e.clientY - box.top) / box.height * this.height, this.height)];
  }

  press(e) {
    if (!this.drawing) return;
    const [x, y] = this.at(e);
    this.overlay.canvas.setPointerCapture(e.pointerId);
    this.overlay.pending = { kind: this.drawing, name: "", x0: x, y0: y, x1: x, y1: y };
  }

  drag(e) {
    if (this.overlay.pending) [this.overlay.pending.x1, this.overlay.pending.y1] = this.at(e);
  }

  drop() {
    const s = this.overlay.pending;
    if (!s) return;
    this.stop();
    if (Math.hypot(s.x1 - s.x0, s.y1 - s.y0) < 2) return;
    if (s.kind === "zone") Object.assign(s, { x0: Math.min(s.x0, s.x1), x1: Math.max(s.x0, s.x1), y0: Math.min(s.y0, s.y1), y1: Math.max(s.y0, s.y1) });
    const taken = new Set(this.shapes[s.kind].map((o) => o.name));
    for (let i = 1; !s.name || taken.has(s.name); i++) s.name = `${s.kind}-${i}`;
    this.set(s.kind, [...this.shapes[s.kind], s]);
  }
}

// shapesOf reads a list of shapes as the program writes it.
function shapesOf(text, kind) {
  try { return JSON.parse(text || "[]").map((s) => ({ ...s, kind })); } catch { return []; }
}
