"use strict";
// Samples at moments of the flow, each beside its nearest training image.

makers.samples = (root, data) => {
  const [set, frame, text, grid, caption, readout] =
    ["set", "frame", "frame-text", "grid", "caption", "readout"].map((name) => role(root, name));
  const { side, training } = data;
  const size = side * side;
  const [columns, gap] = [8, 3];
  const pair = training ? 2 * side + 1 : side;
  const mat = [0xa9, 0xc4, 0xdd];
  const neighbours = training ? decode(training.pixels, Uint8Array) : null;
  const numbers = new Map();
  const field = (name, Type) => {
    const key = `${set.value} ${name}`;
    if (!numbers.has(key)) numbers.set(key, decode(data.sets[set.value][name], Type));
    return numbers.get(key);
  };
  let at = [0, 0];
  let rows = 1;

  const draw = () => {
    const of = data.sets[set.value];
    const now = Number(frame.value);
    rows = Math.ceil(of.count / columns);
    const [width, height] = [columns * (pair + gap) + gap, rows * (side + gap) + gap];
    const image = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) image.data.set([...mat, 255], 4 * i);
    const tile = (pixels, from, left, top) => {
      for (let i = 0; i < size; i++) {
        const grey = pixels[from + i];
        const place = (top + Math.floor(i / side)) * width + left + (i % side);
        image.data.set([grey, grey, grey, 255], 4 * place);
      }
    };
    const pixels = field("pixels", Uint8Array);
    for (let n = 0; n < of.count; n++) {
      const left = gap + (n % columns) * (pair + gap);
      const top = gap + Math.floor(n / columns) * (side + gap);
      tile(pixels, (now * of.count + n) * size, left, top);
      if (training) tile(neighbours, field("nearest", Uint32Array)[now * of.count + n] * size, left + side + 1, top);
    }
    grid.width = width;
    grid.height = height;
    grid.style.width = `${4 * width}px`;
    grid.getContext("2d").putImageData(image, 0, 0);
    const clock = of.seconds ? `, ${quantity(of.seconds[now], "s")} on the chip` : "";
    text.textContent = `t = ${significant(of.flow_times[now], 3)}${clock}`;
    caption.textContent = `${of.label}, flow time ${significant(of.flow_times[now], 4)}${clock}`;
  };

  const tell = () => {
    const of = data.sets[set.value];
    const n = at[0] * columns + at[1];
    if (n >= of.count) return;
    const place = Number(frame.value) * of.count + n;
    const lines = [`sample ${n}, ${text.textContent}`];
    if (training) {
      const near = field("nearest", Uint32Array)[place];
      const label = training.labels ? `, a ${training.labels[near]}` : "";
      lines.push(`nearest: image ${training.numbers[near]} of ${training.name}${label}; distance ${significant(field("distance", Float32Array)[place], 4)}`);
    }
    readout.textContent = lines.join("\n");
  };

  const choose = () => {
    const of = data.sets[set.value];
    frame.max = of.flow_times.length - 1;
    frame.value = of.first;
    draw();
  };

  frame.addEventListener("input", () => { draw(); tell(); });
  set.addEventListener("change", choose);
  grid.addEventListener("pointermove", (event) => {
    const found = pointed(event, grid, rows, columns);
    if (!found) return;
    at = found;
    tell();
  });
  grid.addEventListener("keydown", (event) => {
    const next = arrowed(event, at, rows, columns);
    if (!next) return;
    at = next;
    tell();
  });
  role(root, "still").hidden = true;
  reveal(grid, readout, root.querySelector(".controls"));
  choose();
};
