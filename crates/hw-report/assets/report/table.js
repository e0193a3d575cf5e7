"use strict";
// Tables to sort by any column, and to filter.

makers.table = (root) => {
  const body = root.querySelector("tbody");
  const headings = [...root.querySelectorAll("thead th")];
  const rows = [...body.rows];

  const sort = (column) => {
    const heading = headings[column];
    const upwards = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of headings) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", upwards ? "ascending" : "descending");
    const keyed = rows.map((row) => {
      const cell = row.cells[column];
      return { row, number: cell.dataset.value === undefined ? null : Number(cell.dataset.value), text: cell.textContent };
    });
    const order = (a, b) => {
      if (a.number !== null && b.number !== null) return a.number - b.number;
      if (a.number !== null || b.number !== null) return a.number === null ? 1 : -1;
      return a.text.localeCompare(b.text, "en", { numeric: true });
    };
    keyed.sort((a, b) => (upwards ? order(a, b) : order(b, a)));
    body.append(...keyed.map((entry) => entry.row));
  };

  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sort(column));
    heading.replaceChildren(button);
  });

  const filter = role(root, "filter");
  if (!filter) return;
  const count = role(root, "count");
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
  };
  filter.addEventListener("input", apply);
  reveal(root.querySelector(".controls"));
  apply();
};
