// settings changes the readout's configuration: values in a form, lines and zones
// by drawing them on the picture (shapes.js).
import { Shapes } from "./shapes.js";

const wordsKey = "readout.words";
const drawable = { line: "readout.lines", zone: "readout.zones" };

export class Settings {
  constructor(root, overlay, send) {
    const $ = (id) => root.querySelector("#" + id);
    Object.assign(this, { $, overlay, send });
    this.shapes = new Shapes($("shapes"), overlay, (kind, list) => send({ do: "set", set: [`${drawable[kind]}=${JSON.stringify(list)}`] }));
    for (const kind of Object.keys(drawable)) $("draw" + kind).onclick = () => this.shapes.draw(kind);
    $("save").onclick = () => send({ do: "save" });
    $("values").onsubmit = $("thresholds").onsubmit = (e) => e.preventDefault();
  }

  // update shows the settings as the program has them.
  update(list, width, height) {
    this.$("settings").hidden = !list?.length;
    if (!list?.length) return;
    this.$("drawing").hidden = !width || !list.some((s) => Object.values(drawable).includes(s.key));
    for (const [kind, key] of Object.entries(drawable)) {
      const setting = list.find((s) => s.key === key);
      this.$("draw" + kind).hidden = !setting || !width;
      this.shapes.update(kind, setting?.value, width, height);
    }
    this.words = list.some((s) => s.key === wordsKey);
    this.form(list.filter((s) => !Object.values(drawable).includes(s.key) && s.key !== wordsKey));
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
}
