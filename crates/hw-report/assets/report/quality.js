"use strict";
// Quality against time: which metric, against what, on which axes.

makers.quality = (root, data) => {
  const panels = [...root.querySelectorAll('[data-role="panel"]')];
  const metrics = [...root.querySelectorAll('[data-role="metric"]')];
  const [axis, logX, logY] = ["axis", "log-x", "log-y"].map((name) => role(root, name));
  const readout = role(root, "readout");
  let charts = [];

  /** A curve of a description as the chart draws it; a band belongs to the full line of its colour. */
  const curveOf = (curve, bands) => {
    const band = curve.dashed ? undefined : bands.find((one) => one.colour === curve.colour);
    const column = (points, at) => points.map((point) => point[at]);
    return {
      label: curve.label, colour: curve.colour, dashed: curve.dashed,
      x: column(curve.points, 0), y: column(curve.points, 1),
      low: band && column(band.low, 1), high: band && column(band.high, 1),
    };
  };

  const draw = () => {
    const against = data.charts[axis.value];
    charts = panels.map((figure, index) => {
      const metric = metrics[index].value;
      const chart = against.charts[metric];
      figure.querySelector("figcaption").textContent = `${chart.title}; ${data.metrics[metric].better}.`;
      return drawChart(figure, {
        title: chart.title,
        x: { label: chart.x.label, log: logX.checked },
        y: { label: chart.y.label, log: logY.checked },
        curves: chart.curves.map((curve) => curveOf(curve, chart.bands)),
        lines: chart.lines,
        onCursor: (value) => { charts.forEach((other) => other.show(value)); tell(axis.value, value); },
      });
    });
  };

  /** Says what the bands have at the cursor, or at their nearest point. */
  const tell = (key, value) => {
    const { per_unit: perUnit } = data.charts[key];
    const unit = { seconds: "s", joules: "J" }[key];
    const at = unit ? quantity(value / perUnit, unit) : significant(value, 4);
    const rows = data.bands.map((band) => {
      const point = band.points.find((candidate) => candidate[key] !== null && candidate[key] * perUnit === value);
      if (!point) return null;
      const texts = metrics.map((select) => {
        const spread = point.metrics[select.value];
        if (!spread) return `${data.metrics[select.value].label} –`;
        const count = `, ${spread.count} curves`;
        const all = spread.interval;
        const interval = all ? `; 95 % interval of the mean ${significant(all.low, 4)} to ${significant(all.high, 4)}, n = ${all.degrees_of_freedom + 1}` : "";
        return `${data.metrics[select.value].label} ${significant(spread.mean, 4)} (${significant(spread.low, 4)} to ${significant(spread.high, 4)}${count}${interval})`;
      });
      const cost = `flow time ${significant(point.flow_time, 4)}, ${significant(point.relaxation_tau, 4)} τ, ${quantity(point.seconds, "s")}, ${quantity(point.joules, "J")}`;
      return `${band.label}: ${texts.join("; ")}; ${cost}`;
    });
    readout.textContent = [`At ${at}, N = ${data.n}:`, ...rows.filter((row) => row !== null)].join("\n");
  };

  for (const control of [...metrics, axis, logX, logY]) control.addEventListener("change", draw);
  readout.textContent = "Point at a chart, or move along it with the arrow keys, to read values.";
  reveal(role(root, "readout"), root.querySelector(".controls"));
  draw();
};
