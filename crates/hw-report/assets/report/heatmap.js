"use strict";
// Conductances of an array, crosspoint by crosspoint.

makers.conductances = (root, data) => {
  const [chip, array, view, stuck, canvas, bar, readout] =
    ["chip", "array", "view", "stuck", "canvas", "bar", "readout"].map((name) => role(root, name));
  const numbers = new Map();
  const field = (text, Type) => {
    if (!numbers.has(text)) numbers.set(text, decode(text, Type));
    return numbers.get(text);
  };
  let at = [0, 0];
  let shown = null;

  /** Numbers of the chosen array. */
  const read = () => {
    const of = data.chips[chip.value].arrays[array.value];
    const [askedPlus, plus] = of.plus.map((text) => field(text, Float32Array));
    const [askedMinus, minus] = of.minus.map((text) => field(text, Float32Array));
    const columns = Math.ceil(of.columns / of.stride);
    const value = {
      plus: (i) => plus[i],
      minus: (i) => minus[i],
      "plus-error": (i) => plus[i] - askedPlus[i],
      "minus-error": (i) => minus[i] - askedMinus[i],
      "weight-error": (i) => plus[i] - askedPlus[i] - (minus[i] - askedMinus[i]),
    }[view.value];
    const values = Float32Array.from(plus.keys(), value);
    return { of, askedPlus, plus, askedMinus, minus, values, columns, rows: values.length / columns, bits: field(of.stuck_bits, Uint8Array) };
  };

  const draw = () => {
    shown = read();
    const { values, rows, columns, of } = shown;
    const isError = view.value.endsWith("error");
    // Errors are centred on zero; conductances of one array share the scale of both halves.
    const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
    const [low, high] = isError ? [-largest, largest] : of.range_us;
    const scale = isError ? data.diverging : data.sequential;
    const cell = Math.max(1, Math.min(16, Math.floor(640 / columns), Math.floor(640 / rows)));
    shown.cell = cell;
    canvas.width = columns * cell;
    canvas.height = rows * cell;
    const context = canvas.getContext("2d");
    values.forEach((v, i) => {
      context.fillStyle = `rgb(${colourAt(scale, high > low ? (v - low) / (high - low) : 0.5).join(" ")})`;
      context.fillRect((i % columns) * cell, Math.floor(i / columns) * cell, cell, cell);
    });
    if (stuck.checked) markStuck(context);
    drawBar(scale, low, high);
    outline(context);
  };

  /** A cross where a device shown is stuck: black on white, visible on every colour. */
  const markStuck = (context) => {
    const mask = { plus: 3, "plus-error": 3, minus: 12, "minus-error": 12, "weight-error": 15 }[view.value];
    const { bits, columns, cell } = shown;
    bits.forEach((b, i) => {
      if (!(b & mask)) return;
      const [left, top] = [(i % columns) * cell, Math.floor(i / columns) * cell];
      for (const [colour, width] of [["#fff", Math.max(2, cell / 2.5)], ["#000", Math.max(1, cell / 6)]]) {
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.beginPath();
        context.moveTo(left, top);
        context.lineTo(left + cell, top + cell);
        context.moveTo(left + cell, top);
        context.lineTo(left, top + cell);
        context.stroke();
      }
    });
  };

  const drawBar = (scale, low, high) => {
    const context = bar.getContext("2d");
    for (let y = 0; y < bar.height; y++) {
      context.fillStyle = `rgb(${colourAt(scale, 1 - y / (bar.height - 1)).join(" ")})`;
      context.fillRect(0, y, bar.width, 1);
    }
    const texts = { high, middle: (low + high) / 2, low };
    for (const [name, value] of Object.entries(texts)) role(root, name).textContent = `${significant(value, 3)} µS`;
  };

  const outline = (context) => {
    const { cell } = shown;
    if (document.activeElement !== canvas) return;
    context.strokeStyle = "#f0f";
    context.lineWidth = 2;
    context.strokeRect(at[1] * cell - 1, at[0] * cell - 1, cell + 2, cell + 2);
  };

  /** Says what there is at a crosspoint. */
  const tell = () => {
    const { of, columns, askedPlus, plus, askedMinus, minus, bits } = shown;
    const i = at[0] * columns + at[1];
    const [row, column] = [at[0] * of.stride, at[1] * of.stride];
    const half = (name, achieved, asked, b) => {
      const note = b & 1 ? ", stuck on" : b & 2 ? ", stuck off" : "";
      return `${name} ${significant(achieved, 4)} µS (asked ${significant(asked, 4)}, error ${significant(achieved - asked, 3)}${note})`;
    };
    const weight = (plus[i] - minus[i]) / of.scale_us;
    readout.textContent = [
      `${of.name}: row ${row} (${of.row_layer}${of.rows > 1 ? `_${row}` : ""}), column ${column} (${of.column_layer}_${column}), W = ${significant(weight, 4)}`,
      half("G⁺", plus[i], askedPlus[i], bits[i]),
      half("G⁻", minus[i], askedMinus[i], bits[i] >> 2),
    ].join("\n");
  };

  /** The arrays of the chosen chip. */
  const list = () => {
    const names = data.chips[chip.value].arrays.map((of) => of.name);
    const chosen = Math.max(0, Math.min(Number(array.value), names.length - 1));
    array.replaceChildren(...names.map((name, index) => new Option(name, index, false, index === chosen)));
  };

  canvas.addEventListener("pointermove", (event) => {
    const found = pointed(event, canvas, shown.rows, shown.columns);
    if (!found) return;
    at = found;
    tell();
  });
  canvas.addEventListener("keydown", (event) => {
    const next = arrowed(event, at, shown.rows, shown.columns);
    if (!next) return;
    at = next;
    draw();
    tell();
  });
  canvas.addEventListener("blur", draw);
  chip.addEventListener("change", () => { list(); at = [0, 0]; draw(); });
  array.addEventListener("change", () => { at = [0, 0]; draw(); });
  for (const control of [view, stuck]) control.addEventListener("change", draw);
  root.querySelector(".static-maps").hidden = true;
  reveal(role(root, "heatmap"), readout, root.querySelector(".controls"));
  draw();
};
