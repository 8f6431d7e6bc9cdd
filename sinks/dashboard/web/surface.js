// surface draws events: each pixel by its last event, in colours that fade.

const looks = { polarity: { span: 40e3, fade: () => 1 }, decay: { span: 300e3, fade: (x) => Math.exp(-4 * x) }, surface: { span: 500e3 } };
const shades = 64;

export class Surface {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.look = "decay";
    this.resize(1, 1);
  }

  resize(width, height) {
    if (this.width === width && this.height === height) return;
    Object.assign(this, { width, height });
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.reset();
  }

  // reset forgets all events.
  reset() {
    this.last = new Float64Array(this.width * this.height).fill(-Infinity); // sensor time, µs
    this.on = new Uint8Array(this.width * this.height);
    this.now = 0;
    this.events = 0;
  }

  // add takes an event frame (sinks/dashboard/surface.go draws it).
  add(view) {
    const dense = view.getUint8(1) === 1;
    this.resize(view.getUint16(2, true), view.getUint16(4, true));
    const count = view.getUint32(8, true), unit = view.getUint32(12, true);
    const start = view.getFloat64(16, true), end = view.getFloat64(24, true);
    this.events = view.getFloat64(32, true);
    if (dense) this.addDense(new Uint8Array(view.buffer, 40), (start + end) / 2);
    else this.addSparse(new Uint32Array(view.buffer, 40, count), start, unit);
    this.now = end;
    return { start, end };
  }

  addSparse(words, start, unit) {
    for (const word of words) {
      const place = word >>> 8, mark = (word & 255) - 1;
      this.on[place] = mark & 1;
      this.last[place] = start + (mark >> 1) * unit;
    }
  }

  addDense(bytes, time) {
    for (let i = 0; i < bytes.length; i++) {
      for (let four = bytes[i], place = 4 * i; four; four >>= 2, place++) {
        if (four & 3) { this.on[place] = (four & 3) - 1; this.last[place] = time; }
      }
    }
  }

  // colours makes the tables of both polarities for the page's theme.
  colours(style) {
    const rgb = (name) => style.getPropertyValue(name).trim().match(/\w\w/g).map((x) => parseInt(x, 16));
    const pack = (c) => 0xff000000 | (c[2] << 16) | (c[1] << 8) | c[0];
    const empty = rgb("--empty");
    this.empty = pack(empty) >>> 0;
    const look = looks[this.look];
    const mix = (c, x) => pack(c.map((v, i) => Math.round(empty[i] + (v - empty[i]) * x))) >>> 0;
    this.tables = ["--off", "--on"].map((name) => Uint32Array.from({ length: shades }, (_, i) =>
      look.fade ? mix(rgb(name), look.fade(i / shades)) : mix(age(i / shades), 1 - 0.6 * i / shades)));
  }

  // paint draws what the last events look like now.
  paint() {
    const { last, on, pixels, empty, tables, now } = this;
    const scale = shades / looks[this.look].span;
    for (let i = 0; i < last.length; i++) {
      const shade = (now - last[i]) * scale;
      pixels[i] = shade < shades ? tables[on[i]][shade < 0 ? 0 : shade | 0] : empty;
    }
    this.context.putImageData(this.image, 0, 0);
  }
}

// age is a colour from fresh to old that every eye can order (after viridis).
function age(x) {
  const stops = [[253, 231, 37], [94, 201, 98], [33, 145, 140], [59, 82, 139], [68, 1, 84]];
  const at = Math.min(x * 4, 3.999), i = Math.floor(at), f = at - i;
  return stops[i].map((v, k) => v + (stops[i + 1][k] - v) * f);
}
