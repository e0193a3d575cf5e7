"use strict";
// Relaxation of one sample, with a cursor in time.

makers.relaxation = (root, data) => {
  const [sample, time, text, readout] = ["sample", "time", "time-text", "readout"].map((name) => role(root, name));
  const seconds = decode(data.time_s, Float32Array);
  const nanoseconds = seconds.map((t) => t * 1e9);
  const numbers = new Map();
  const series = (field) => {
    if (!numbers.has(field)) numbers.set(field, decode(field, Float32Array));
    return numbers.get(field);
  };
  let charts = [];

  const draw = () => {
    const of = data.samples[sample.value];
    const at = { label: "time (ns)", log: false };
    const chart = (name, title, y, curves, lines) => {
      const figure = role(root, name);
      reveal(figure);
      figure.querySelector("figcaption").textContent = `${title}; ${of.label}.`;
      return drawChart(figure, { title, x: at, y, curves, lines, onCursor: (t) => put(nanoseconds.indexOf(t)) });
    };
    charts = [
      chart("voltages", "Node voltages", { label: "voltage (V)", log: false },
        of.nodes.map((node) => ({ label: node.name, x: nanoseconds, y: series(node.volts) })), []),
      chart("energy", "Energy (co-content)", { label: "co-content", log: false, tick: (v) => quantity(v, "W", 3) },
        [{ label: "co-content", x: nanoseconds, y: series(of.energy_w) }], []),
      chart("residual", "Largest imbalance of currents", { label: "residual (g_unit·V_unit)", log: true },
        [{ label: "residual", x: nanoseconds, y: series(of.residual) }],
        [{ label: "settled below", value: data.settled_below }]),
    ];
    put(Number(time.value));
  };

  /** Puts the cursor on an instant. */
  const put = (instant) => {
    const of = data.samples[sample.value];
    time.value = instant;
    charts.forEach((chart) => chart.show(nanoseconds[instant]));
    text.textContent = `${quantity(seconds[instant], "s")} = ${significant(seconds[instant] / data.tau_s, 3)} τ`;
    const volts = of.nodes.map((node) => `${node.name} ${quantity(series(node.volts)[instant], "V")}`);
    readout.textContent = [
      `${of.label}, after ${text.textContent}`,
      volts.join(", "),
      `co-content ${quantity(series(of.energy_w)[instant], "W", 5)}, residual ${significant(series(of.residual)[instant], 3)}`,
    ].join("\n");
  };

  sample.addEventListener("change", draw);
  time.addEventListener("input", () => put(Number(time.value)));
  reveal(readout, root.querySelector(".controls"));
  draw();
};
