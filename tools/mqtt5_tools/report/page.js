// Draws the charts of the page with Chart.js from the data in the element "data". All text of the capture goes into the canvas, none into the document.
"use strict";
(() => {
  const { axis, charts } = JSON.parse(document.getElementById("data").textContent);
  const OUTCOMES = ["well", "open", "closed", "trouble", "refused"];
  const LIGHT = { text: "#1c2127", line: "#d7dce1", clients: "#2f6fb7", servers: "#d98a1f", bar: "#2f6fb7",
    well: "#2f6fb7", open: "#8fb4d9", closed: "#8a8f98", trouble: "#c8372d", refused: "#7a3f9a" };
  const DARK = { text: "#e6e9ec", line: "#39424c", clients: "#6aa5ea", servers: "#f0a94a", bar: "#6aa5ea",
    well: "#6aa5ea", open: "#44617f", closed: "#8a8f98", trouble: "#ff6f61", refused: "#c08be0" };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = () => document.documentElement.clientWidth < 640;
  const PRINTED = 680; // the width of a page of A4 between its margins, in CSS pixels
  let printing = false;
  const drawn = [];
  const colours = () => (dark.matches && !printing ? DARK : LIGHT);
  const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

  // Seconds after the start of the axis as a time of day; with the date where the capture is longer than a day.
  function clock(offset, exact) {
    const moment = new Date(Math.round((axis.begin + offset) * 1000)).toISOString();
    const digits = exact || axis.step < 1 ? 12 : axis.step < 60 ? 8 : 5;
    const day = axis.end > 86400 ? moment.slice(5, 10) + " " : "";
    return day + moment.slice(11, 11 + digits);
  }

  // At round times of day: Chart.js knows numbers only.
  function ticks() {
    const step = axis.step * (narrow() && !printing ? 2 : 1);
    return Array.from({ length: Math.floor(axis.end / step) + 1 }, (_, place) => ({ value: place * step }));
  }

  const count = { beginAtZero: true, ticks: { precision: 0, color: () => colours().text }, grid: { color: () => colours().line } };
  const time = () => ({ type: "linear", min: 0, max: Math.max(axis.end, axis.step / 10), grid: { color: () => colours().line },
    afterBuildTicks: scale => { scale.ticks = ticks(); }, ticks: { maxRotation: 0, color: () => colours().text, callback: value => clock(value) } });
  const names = labels => ({ grid: { display: false }, ticks: { autoSkip: false, color: () => colours().text,
    callback: row => cut(labels[row], narrow() && !printing ? 14 : 40) } });
  const legend = { position: "bottom", labels: { color: () => colours().text, boxWidth: 14 } };
  const common = { responsive: true, maintainAspectRatio: false, animation: false, devicePixelRatio: Math.max(2, window.devicePixelRatio || 1) };

  const KINDS = {
    time(chart) {
      const set = (label, key) => ({ label, data: chart[key].map((y, place) => ({ x: chart.middles[place], y })), backgroundColor: () => colours()[key === "from_clients" ? "clients" : "servers"],
        barThickness: "flex", barPercentage: 1, categoryPercentage: 1 });
      return { type: "bar", data: { datasets: [set("from clients", "from_clients"), set("from servers", "from_servers")] },
        options: { ...common, scales: { x: { ...time(), stacked: true, offset: false }, y: { ...count, stacked: true } },
          plugins: { legend, tooltip: { callbacks: { title: items => `${clock(items[0].parsed.x - chart.width / 2, true)} to ${clock(items[0].parsed.x + chart.width / 2, true)}` } } } } };
    },
    bars(chart) {
      const least = axis.end / 300; // a connection of a moment is seen, too
      const sets = OUTCOMES.map(outcome => ({ label: chart.names[outcome], outcome,
        bars: chart.bars.filter(bar => bar.outcome === outcome) })).filter(set => set.bars.length);
      return { type: "bar",
        data: { labels: chart.clients.map((_, row) => `${row}`), datasets: sets.map(set => ({ label: set.label, backgroundColor: () => colours()[set.outcome], grouped: false, barPercentage: .75, categoryPercentage: .9,
          data: set.bars.map(bar => ({ x: [bar.from, Math.max(bar.to, bar.from + least)], y: `${bar.row}`, bar })) })) },
        options: { ...common, indexAxis: "y", scales: { x: time(), y: { ...names(chart.clients), type: "category" } },
          plugins: { legend, tooltip: { callbacks: { title: items => chart.clients[items[0].raw.bar.row], label: item => {
            const { bar } = item.raw;
            return [`${clock(bar.from, true)} to ${clock(bar.to, true)}`, bar.how, ...(bar.findings ? [`findings: ${bar.findings}`] : [])];
          } } } } } };
    },
    rows(chart) {
      return { type: "bar", data: { labels: chart.labels, datasets: [{ data: chart.counts, backgroundColor: () => colours().bar, barPercentage: .75, maxBarThickness: 24 }] },
        options: { ...common, indexAxis: "y", scales: { x: count, y: names(chart.labels) }, plugins: { legend: { display: false } } } };
    },
    columns(chart) {
      return { type: "bar", data: { labels: chart.labels, datasets: [{ data: chart.counts, backgroundColor: () => colours().bar, barPercentage: .95, categoryPercentage: .95, maxBarThickness: 90 }] },
        options: { ...common, scales: { x: { grid: { display: false }, ticks: { color: () => colours().text } }, y: count }, plugins: { legend: { display: false } } } };
    },
  };

  function draw() {
    while (drawn.length) drawn.pop().destroy();
    for (const [name, chart] of Object.entries(charts)) {
      drawn.push(new Chart(document.getElementById(name), KINDS[chart.kind](chart)));
    }
    document.documentElement.dataset.charts = String(drawn.length); // for tests
  }

  draw();
  dark.addEventListener("change", () => { if (!printing) draw(); }); // paper is light, whatever the screen is
  let wasNarrow = narrow();
  addEventListener("resize", () => {
    if (narrow() !== wasNarrow) {
      wasNarrow = narrow();
      draw();
    }
  });
  addEventListener("beforeprint", () => {
    printing = true;
    draw();
    for (const chart of drawn) chart.resize(PRINTED, chart.canvas.parentNode.clientHeight || 270);
    for (const details of document.querySelectorAll("details:not(footer details)")) details.open = true;
  });
  addEventListener("afterprint", () => {
    printing = false;
    draw();
  });
})();
