// plot has what the small canvases share.

// fit makes a canvas as fine as the screen, and returns its context with 1 for a
// CSS pixel, and its size.
export function fit(canvas) {
  const dpr = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  const w = Math.round(width * dpr), h = Math.round(height * dpr);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const context = canvas.getContext("2d");
  context.setTransform(dpr, 0, 0, dpr, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  return { context, width, height };
}

// seconds marks each second, from 0 on, under a plot that shows from start to end, µs.
export function seconds(context, width, height, start, end, colour) {
  context.fillStyle = context.strokeStyle = colour;
  const span = end - start, step = [1e5, 5e5, 1e6, 5e6, 1e7].find((s) => span / s <= 8) ?? 6e7;
  for (let t = Math.max(Math.ceil(start / step), 0) * step; t < end; t += step) {
    const x = (t - start) / span * width;
    context.fillRect(x, height - 4, 1, 4);
    const text = (t / 1e6).toFixed(step < 1e6 ? 1 : 0) + " s";
    if (x + 2 + context.measureText(text).width <= width) context.fillText(text, x + 2, height - 4);
  }
}

const prefixes = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"]];

// short is a figure with three digits and an SI prefix.
export function short(v, unit = "") {
  if (!(Math.abs(v) > 0)) return `0 ${unit}`;
  const [scale, prefix] = prefixes.find(([s]) => Math.abs(v) >= s) ?? prefixes.at(-1);
  return `${Number((v / scale).toPrecision(3))} ${prefix}${unit}`;
}
