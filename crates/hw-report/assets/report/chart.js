"use strict";
// Line charts as SVG, with a cursor that pointer and arrow keys move.

const CHART = { width: 720, height: 360, left: 84, right: 14, top: 12, bottom: 46, colours: 7 };

/** Round values on a linear axis. */
function linearTicks(low, high) {
  const unit = 10 ** Math.floor(Math.log10((high - low) / 6));
  const step = [1, 2, 5, 10].map((m) => m * unit).find((s) => (high - low) / s <= 6);
  const ticks = [];
  for (let n = Math.ceil(low / step - 1e-6); n * step <= high + 1e-6 * step; n++) {
    ticks.push(Number((n * step).toPrecision(12)));
  }
  return ticks;
}

/** Round values on a logarithmic axis: fewer per decade the more decades there are. */
function logTicks(low, high) {
  const decades = Math.log10(high / low);
  if (decades < 0.8) return linearTicks(low, high);
  const multiples = decades > 2.5 ? [1] : [1, 2, 5];
  const every = Math.ceil(decades / 7);
  const ticks = [];
  for (let n = Math.floor(Math.log10(low)); n <= Math.ceil(Math.log10(high)); n++) {
    if (n % every !== 0) continue;
    for (const m of multiples) {
      const value = Number(`${m}e${n}`);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push(value);
    }
  }
  return ticks;
}

/** An axis that holds the values: where they lie as a share of it, and its ticks. */
function fitAxis(values, log) {
  const shown = values.filter((v) => Number.isFinite(v) && (!log || v > 0));
  if (shown.length === 0) return null;
  const to = log ? Math.log10 : (v) => v;
  const from = log ? (p) => 10 ** p : (p) => p;
  let low = shown.reduce((a, b) => Math.min(a, b));
  let high = shown.reduce((a, b) => Math.max(a, b));
  [low, high] = [to(low), to(high)];
  const room = high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high))
    ? 0.04 * (high - low)
    : Math.max(log ? 0.3 : 0.5 * Math.abs(low), 1e-30);
  [low, high] = [low - room, high + room];
  return {
    place: (value) => (to(value) - low) / (high - low),
    shows: (value) => Number.isFinite(value) && (!log || value > 0),
    ticks: log ? logTicks(from(low), from(high)) : linearTicks(low, high),
  };
}

/**
 * Draws a chart into a figure, in place of what is there.
 * curves: {label, x[], y[], low[], high[], colour, dashed}; without a colour, each has one of its own. Lines:
 * {label, value}. The cursor stands where full lines have points.
 * Returns {positions, show(x)}: where the cursor can be, and a function that puts it there.
 */
function drawChart(figure, { title, x, y, curves, lines, onCursor }) {
  for (const old of figure.querySelectorAll("svg, .legend, p.note")) old.remove();
  const xAxis = fitAxis(curves.flatMap((c) => Array.from(c.x)), x.log);
  const values = curves.flatMap((c) => [c.y, c.low ?? [], c.high ?? []].flatMap((v) => Array.from(v)));
  const yAxis = fitAxis(values.concat(lines.map((l) => l.value)).filter((v) => v !== null), y.log);
  const caption = figure.querySelector("figcaption");
  if (!xAxis || !yAxis) {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = "Nothing to draw.";
    figure.insertBefore(note, caption);
    return { positions: [], show() {} };
  }
  const { width, height, left, right, top, bottom } = CHART;
  const px = (v) => left + xAxis.place(v) * (width - left - right);
  const py = (v) => height - bottom - yAxis.place(v) * (height - top - bottom);
  const canvas = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  for (const tick of xAxis.ticks) {
    canvas.append(
      svg("line", { class: "grid", x1: px(tick), x2: px(tick), y1: top, y2: height - bottom }),
      svg("text", { x: px(tick), y: height - bottom + 16, "text-anchor": "middle" }, x.tick ? x.tick(tick) : significant(tick, 4)),
    );
  }
  for (const tick of yAxis.ticks) {
    canvas.append(
      svg("line", { class: "grid", x1: left, x2: width - right, y1: py(tick), y2: py(tick) }),
      svg("text", { x: left - 6, y: py(tick) + 4, "text-anchor": "end" }, y.tick ? y.tick(tick) : significant(tick, 4)),
    );
  }
  canvas.append(svg("rect", { class: "frame", x: left, y: top, width: width - left - right, height: height - top - bottom }));
  curves.forEach((curve, index) => drawCurve(canvas, curve, colourOf(curve, index), { px, py, xAxis, yAxis, floor: height - bottom }));
  // Horizontal lines, labelled where the labels do not run into each other.
  let last = -Infinity;
  for (const line of lines.filter((l) => yAxis.shows(l.value)).sort((a, b) => py(a.value) - py(b.value))) {
    const at = py(line.value);
    canvas.append(svg("line", { class: "reference", x1: left, x2: width - right, y1: at, y2: at }));
    if (at - last < 13) continue;
    last = at;
    canvas.append(svg("text", { class: "label", x: width - right - 4, y: at - 3, "text-anchor": "end" }, line.label));
  }
  canvas.append(
    svg("text", { class: "axis", x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, x.label),
    svg("text", { class: "axis", transform: `translate(14 ${height / 2 - 15}) rotate(-90)`, "text-anchor": "middle" }, y.label),
  );
  const cursor = svg("line", { class: "cursor", y1: top, y2: height - bottom, visibility: "hidden" });
  canvas.append(cursor);
  figure.insertBefore(canvas, caption);
  figure.insertBefore(chartLegend(curves, lines), caption);

  const positions = [...new Set(curves.filter((c) => !c.dashed).flatMap((c) => Array.from(c.x)))].filter(xAxis.shows).sort((a, b) => a - b);
  const show = (value) => {
    cursor.setAttribute("x1", px(value));
    cursor.setAttribute("x2", px(value));
    cursor.setAttribute("visibility", "visible");
  };
  if (onCursor) followCursor(canvas, positions, px, onCursor);
  return { positions, show };
}

/** The class of a curve's colour. */
function colourOf(curve, index) {
  return curve.colour ?? `c${index % CHART.colours}`;
}

function drawCurve(canvas, curve, colour, { px, py, xAxis, yAxis, floor }) {
  const shown = [...curve.x.keys()].filter((i) => curve.y[i] !== null && xAxis.shows(curve.x[i]) && yAxis.shows(curve.y[i]));
  const path = (points) => points.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");
  const banded = shown.filter((i) => curve.low && Number.isFinite(curve.low[i] ?? NaN) && Number.isFinite(curve.high[i] ?? NaN));
  if (banded.length > 1) {
    // A band that reaches below a logarithmic axis ends at its edge.
    const edge = (v) => (yAxis.shows(v) ? Math.min(py(v), floor) : floor);
    const upper = banded.map((i) => [px(curve.x[i]), edge(curve.high[i])]);
    const lower = banded.map((i) => [px(curve.x[i]), edge(curve.low[i])]).reverse();
    canvas.append(svg("path", { class: `band ${colour}`, d: `${path(upper.concat(lower))}Z` }));
  }
  canvas.append(svg("path", { class: `curve ${colour}${curve.dashed ? " dashed" : ""}`, d: path(shown.map((i) => [px(curve.x[i]), py(curve.y[i])])) }));
  if (shown.length > 60 || curve.dashed) return;
  for (const i of shown) canvas.append(svg("circle", { class: `dot ${colour}`, r: 2.5, cx: px(curve.x[i]), cy: py(curve.y[i]) }));
}

function chartLegend(curves, lines) {
  const legend = document.createElement("ul");
  legend.className = "legend";
  const add = (key, text) => {
    const item = document.createElement("li");
    const mark = document.createElement("span");
    mark.className = key;
    item.append(mark, text);
    legend.append(item);
  };
  curves.forEach((curve, index) => { if (curve.label) add(`key ${colourOf(curve, index)}${curve.dashed ? " dashed" : ""}`, curve.label); });
  for (const line of lines) add("key reference", `${line.label}: ${significant(line.value, 3)}`);
  return legend;
}

/** Pointer and arrow keys move a cursor over the given positions. */
function followCursor(canvas, positions, px, onCursor) {
  if (positions.length === 0) return;
  canvas.setAttribute("tabindex", "0");
  let at = -1;
  const put = (index) => {
    at = Math.min(Math.max(index, 0), positions.length - 1);
    onCursor(positions[at]);
  };
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const wanted = ((event.clientX - box.left) / box.width) * CHART.width;
    const gaps = positions.map((value) => Math.abs(px(value) - wanted));
    put(gaps.indexOf(Math.min(...gaps)));
  });
  canvas.addEventListener("keydown", (event) => {
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: positions.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    put(next);
  });
}
