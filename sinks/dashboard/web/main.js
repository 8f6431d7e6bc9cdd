// main puts the page together: messages of the program go to the views, which are
// painted with the screen.

import { Figures } from "./figures.js";
import { Link } from "./link.js";
import { Overlay } from "./overlay.js";
import { Player } from "./player.js";
import { Raster } from "./raster.js";
import { Settings } from "./settings.js";
import { Sound } from "./sound.js";
import { Surface } from "./surface.js";

const $ = (id) => document.getElementById(id);
const surface = new Surface($("events")), overlay = new Overlay($("overlay"));
const sound = new Sound($("sound"), $("scores"));
const figures = new Figures(document);
const send = (m) => link.send(m);
const raster = new Raster($("raster"), $("membrane"), (neuron) => send({ do: "probe", layer: Number($("layer").value), neuron }));
const player = new Player(document, send);
const settings = new Settings(document, overlay, send);

let hello, dirty = true, painted = -Infinity, now = 0, style = getComputedStyle(document.documentElement);

const link = new Link({
  state(connected, seconds) {
    $("link").className = connected ? "" : "lost";
    const state = connected ? "connected" : "connection lost, trying again";
    if ($("state").textContent !== state) $("state").textContent = state; // or it is read out at each try
    $("since").textContent = !connected && seconds ? ` for ${seconds} s` : "";
  },
  text(m) {
    switch (m.t) {
      case "hello": greet(m); break;
      case "found": if (!player.held) found(m); break;
      case "stats": figures.add(m.summary); player.update(m.state, m.record); streams(m.streams, hello?.stream); break;
      case "error": notice(m.text); break;
      case "file": download(m.name, m.text); break;
    }
  },
  binary(view) {
    if (player.held) return;
    dirty = true;
    switch (view.getUint8(0)) {
      case 1: moved(surface.add(view)); break;
      case 2: moved(sound.add(view)); break;
      case 3: raster.add(view); break;
    }
  },
});

// moved notes what sensor time it is. Where it goes back, something else is shown.
function moved({ start, end }) {
  if (start < now - 1) forget();
  now = end;
}

function forget() {
  for (const view of [surface, overlay, sound, raster]) view.reset();
}

// greet takes what is shown.
function greet(m) {
  if (m.stream !== hello?.stream) { forget(); figures.reset(); now = 0; }
  hello = m;
  document.title = `${m.stream} · ganglion`;
  $("stage").hidden = $("looks").hidden = !m.image;
  $("sound").hidden = m.image;
  const [height, width] = m.image ? m.input.slice(1) : [0, 0];
  $("about").textContent = [m.modality, m.format, m.image ? `${width}×${height}` : "", m.live ? "live" : ""].filter(Boolean).join(", ");
  if (m.image) {
    surface.resize(width, height);
    $("stage").style.setProperty("--aspect", width / height);
  }
  streams(m.streams, m.stream);
  layers(m);
  player.update(m.state);
  settings.update(m.settings, width, height);
  if (m.probe) $("picked").textContent = `Membrane of neuron ${m.probe.neuron} of ${m.layers[m.probe.layer]?.name}.`;
  colours();
}

function streams(names, chosen) {
  if ($("stream").options.length !== names.length) $("stream").replaceChildren(...names.map((n) => new Option(n, n)));
  if (document.activeElement !== $("stream")) $("stream").value = chosen;
  document.querySelector(".stream").hidden = names.length < 2;
}

function layers(m) {
  $("layer").replaceChildren(new Option("none", "-1"), ...m.layers.map((l, i) => new Option(`${l.name} (${l.shape.join("×")})`, i)));
  $("layer").value = String(m.layer);
  $("raster").hidden = $("picked").hidden = m.layer < 0;
}

// found takes detections, scores and the membrane of a frame.
function found(m) {
  dirty = true;
  for (const d of m.ds) (d.track_id === undefined ? sound.addWord(d) : overlay.add(d));
  figures.found(m.ds);
  sound.addScores(m.more.scores);
  if (m.more.scores) settings.scores(m.more.scores.labels, m.more.scores.thresholds);
  raster.addMembrane(m.more.membrane);
}

let quiet;
function notice(what) {
  $("notice").textContent = what;
  $("notice").hidden = false;
  clearTimeout(quiet);
  quiet = setTimeout(() => { $("notice").hidden = true; }, 8000);
}

function download(name, content) {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([content], { type: "application/yaml" }));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
}

// colours reads the theme.
function colours() {
  style = getComputedStyle(document.documentElement);
  surface.colours(style);
  dirty = true;
}

// Who asked for reduced motion gets a picture a second.
const calm = matchMedia("(prefers-reduced-motion: reduce)"), rest = 1000; // ms

function paint(at) {
  requestAnimationFrame(paint);
  if (!dirty || !hello || calm.matches && at - painted < rest) return;
  dirty = false;
  painted = at;
  if (hello.image) {
    surface.paint();
    overlay.paint(now, surface.width, surface.height, style);
  } else {
    sound.paint(style);
    sound.paintScores(style);
  }
  if (hello.layer >= 0) raster.paint(style);
  player.paint(now, style);
}

// speak keeps the words for who does not see the pictures.
function speak() {
  figures.paint();
  if (!hello) return;
  $("events").setAttribute("aria-label", `events of a camera: ${surface.events.toLocaleString("en")} in the last frame; ${overlay.describe()}`);
  $("sound").setAttribute("aria-label", `cochleagram: ${sound.describe()}`);
  $("scores").setAttribute("aria-label", `scores: ${sound.describeScores()}`);
  $("raster").setAttribute("aria-label", `spike raster: ${raster.describe()}; click or use the arrow keys to choose a neuron`);
}

const themes = matchMedia("(prefers-color-scheme: light)");
function theme(name) {
  document.documentElement.dataset.theme = name;
  colours();
}
const asked = () => new URLSearchParams(location.search).get("theme") ?? localStorage.getItem("theme") ?? (themes.matches ? "light" : "dark");
themes.onchange = () => theme(asked());
function turn() {
  const name = document.documentElement.dataset.theme === "light" ? "dark" : "light";
  localStorage.setItem("theme", name);
  theme(name);
}

function look(name) {
  surface.look = name;
  document.querySelector(`[name=look][value=${name}]`).checked = true;
  $("inks").hidden = name === "surface"; // whose colours are ages
  colours();
}

$("theme").onclick = turn;
$("stream").onchange = (e) => link.choose(e.target.value);
$("layer").onchange = (e) => send({ do: "layer", layer: Number(e.target.value) });
$("boxes").onchange = (e) => { overlay.boxes = e.target.checked; dirty = true; };
$("trails").onchange = (e) => { overlay.trails = e.target.checked; dirty = true; };
for (const input of document.querySelectorAll("[name=look]")) input.onchange = () => look(input.value);

const keys = {
  " ": () => player.toggle(), ".": () => send({ do: "step" }), ArrowLeft: () => player.nudge(-0.05), ArrowRight: () => player.nudge(0.05),
  p: () => look("polarity"), d: () => look("decay"), s: () => look("surface"), t: turn, l: () => settings.shapes.draw("line"), z: () => settings.shapes.draw("zone"), Escape: () => settings.shapes.stop(),
};
addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, button, textarea") || !keys[e.key]) return;
  e.preventDefault();
  keys[e.key]();
});

theme(asked());
setInterval(speak, 500);
requestAnimationFrame(paint);
