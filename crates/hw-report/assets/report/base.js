"use strict";
// What the other scripts share. Text from data only ever becomes text, never markup.

/** Makers of interactive parts, by the data-kind of their element. */
const makers = {};

/** Numbers of a base64 field: little-endian, as every processor with a browser has them. */
function decode(text, Type) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Type(bytes.buffer);
}

/** A part of an element by its role. */
function role(root, name) {
  return root.querySelector(`[data-role="${name}"]`);
}

/** An SVG element with attributes and text. */
function svg(name, attributes, text) {
  const element = document.createElementNS("http" + "://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** At most so many significant digits, with a real minus. */
function significant(value, digits) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(digits - 1)
    : String(Number(value.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

const PREFIXES = ["a", "f", "p", "n", "µ", "m", "", "k", "M"];

/** A value with its unit and the prefix that leaves it between 1 and 1000. */
function quantity(value, unit, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const power = value === 0 ? 0 : Math.floor((Math.log10(Math.abs(value)) + 1e-9) / 3);
  const place = Math.min(Math.max(power, -6), 2);
  return `${significant(value / 1000 ** place, digits)} ${PREFIXES[place + 6]}${unit}`;
}

/** Moves through a grid with the arrow keys; `at` is [row, column]. */
function arrowed(event, at, rows, columns) {
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const move = moves[event.key];
  if (!move) return null;
  event.preventDefault();
  const inside = (value, size) => Math.min(Math.max(value, 0), size - 1);
  return [inside(at[0] + move[0], rows), inside(at[1] + move[1], columns)];
}

/** Which cell of a canvas a pointer is over. */
function pointed(event, canvas, rows, columns) {
  const box = canvas.getBoundingClientRect();
  const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
  const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
  return row >= 0 && row < rows && column >= 0 && column < columns ? [row, column] : null;
}

/** The colour at a share of a scale: equally spaced colours. */
function colourAt(scale, share) {
  const place = Math.min(Math.max(share, 0), 1) * (scale.length - 1);
  const low = Math.min(Math.floor(place), scale.length - 2);
  return scale[low].map((from, channel) => from + (place - low) * (scale[low + 1][channel] - from));
}

/** Shows what only makes sense with scripts. */
function reveal(...elements) {
  for (const element of elements) if (element) element.hidden = false;
}

addEventListener("DOMContentLoaded", () => {
  for (const root of document.querySelectorAll("[data-kind]")) {
    const source = root.querySelector('script[type="application/json"]');
    const data = source ? JSON.parse(source.textContent) : null;
    makers[root.dataset.kind](root, data);
  }
  document.documentElement.dataset.ready = "yes";
});
