"use strict";
// Quality against time: which metric, against what, on which axes.

makers.quality = (root, data) => {
  const panels = [...root.querySelectorAll('[data-role="panel"]')];
  const metrics = [...root.querySelectorAll('[data-role="metric"]')];
  const [axis, logX, logY] = ["axis", "log-x", "log-y"].map((name) => role(root, name));
  const readout = role(root, "readout");
  let charts = [];

  const tick = { seconds: (v) => quantity(v, "s", 3), joules: (v) => quantity(v, "J", 3) };
  const bandsWith = (key) => data.bands.filter((band) => band.points.some((point) => point[key] !== null));

  const draw = () => {
    const key = axis.value;
    charts = panels.map((figure, index) => {
      const metric = metrics[index].value;
      const of = data.metrics[metric];
      const curves = bandsWith(key).map((band) => {
        const points = band.points.filter((point) => point[key] !== null && point.metrics[metric]);
        const values = (name) => points.map((point) => point.metrics[metric][name]);
        return { label: band.label, x: points.map((point) => point[key]), y: values("mean"), low: values("low"), high: values("high") };
      });
      const title = `${of.label} against ${axis.selectedOptions[0].text}`;
      figure.querySelector("figcaption").textContent = `${title}; ${of.better}.`;
      return drawChart(figure, {
        title,
        // Ticks with units leave none to the label.
        x: { label: axis.selectedOptions[0].text.replace(/ \/ [sJ]$/, ""), log: logX.checked, tick: tick[key] },
        y: { label: of.label, log: logY.checked },
        curves,
        lines: references(metric, key),
        onCursor: (value) => { charts.forEach((chart) => chart.show(value)); tell(key, value); },
      });
    });
  };

  const references = (metric, key) => {
    const clockless = data.bands.filter((band) => !bandsWith(key).includes(band) && band.best[metric]);
    const lines = clockless.map((band) => ({ label: `${band.label}, at its best`, value: band.best[metric].value }));
    const floor = data.metrics[metric].floor;
    if (floor !== null) lines.push({ label: "floor", value: floor });
    for (const baseline of data.baselines) {
      const value = baseline.values[metric];
      if (value !== undefined) lines.push({ label: baseline.label, value });
    }
    return lines;
  };

  /** Says what the bands have at the cursor, or at their nearest point. */
  const tell = (key, value) => {
    const unit = { seconds: "s", joules: "J" }[key];
    const at = unit ? quantity(value, unit) : significant(value, 4);
    const rows = bandsWith(key).map((band) => {
      const point = band.points.find((candidate) => candidate[key] === value);
      if (!point) return null;
      const texts = metrics.map((select) => {
        const spread = point.metrics[select.value];
        if (!spread) return `${data.metrics[select.value].label} –`;
        const count = spread.count === null ? "" : `, ${spread.count} curves`;
        const all = spread.interval;
        const interval = all ? `; 95 % interval of the mean ${significant(all.low, 4)} to ${significant(all.high, 4)}, n = ${all.degrees_of_freedom + 1}` : "";
        return `${data.metrics[select.value].label} ${significant(spread.mean, 4)} (${significant(spread.low, 4)} to ${significant(spread.high, 4)}${count}${interval})`;
      });
      const cost = `flow time ${significant(point.flow_time, 4)}, ${significant(point.relaxation_tau, 4)} τ, ${quantity(point.seconds, "s")}, ${quantity(point.joules, "J")}`;
      return `${band.label}: ${texts.join("; ")}; ${cost}`;
    });
    readout.textContent = [`At ${at}, N = ${data.n ?? "?"}:`, ...rows.filter((row) => row !== null)].join("\n");
  };

  for (const control of [...metrics, axis, logX, logY]) control.addEventListener("change", draw);
  readout.textContent = "Point at a chart, or move along it with the arrow keys, to read values.";
  reveal(role(root, "readout"), root.querySelector(".controls"));
  draw();
};
