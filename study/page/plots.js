// Bokeh's figures: placed when first needed, filled by name, saved as PNG, SVG and CSV.

const PLOTS = JSON.parse(text("plots"));
const placed = new Map(); // plot -> Bokeh document
const placing = new Map(); // plot -> promise
const tables = new Map(); // plot -> {columns, rows}, what its CSV holds
const byId = (id) => document.getElementById(id);

async function place(plot) {
  if (!placing.has(plot)) {
    placing.set(plot, Bokeh.embed.embed_item(PLOTS[plot], plot).then((views) => {
      placed.set(plot, views.roots[0].model.document);
    }));
  }
  return placing.get(plot);
}

const part = (plot, name) => placed.get(plot).get_model_by_name(name ? `${plot}.${name}` : plot);
const fill = (plot, source, columns) => { part(plot, source).data = columns; };

function setRange(range, low, high) {
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  range.setv({start: low, end: high});
}

// Limits of values with some room around them.
function limits(values, room = 0.05) {
  const found = values.filter(Number.isFinite);
  if (!found.length) return [0, 1];
  const low = found.reduce((a, b) => Math.min(a, b)), high = found.reduce((a, b) => Math.max(a, b));
  const more = room * (high - low || Math.abs(high) || 1);
  return [low - more, high + more];
}

function label(plot, {x, y, title}) {
  const figure = part(plot);
  if (x !== undefined) figure.below[0].axis_label = x;
  if (y !== undefined) figure.left[0].axis_label = y;
  if (title !== undefined) figure.title.text = title;
}

// Lines of several models: [{model, x, y, colour, dash}].
function fillLines(plot, lines) {
  fill(plot, "lines", {
    xs: lines.map((line) => line.x), ys: lines.map((line) => line.y),
    colour: lines.map((line) => line.colour), dash: lines.map((line) => line.dash ?? "solid"),
    model: lines.map((line) => line.model),
  });
}

// Say that a panel has nothing to show, or show it.
function lacks(plot, why) {
  const note = byId(`lack_${plot}`);
  note.textContent = why;
  note.hidden = !why;
  byId(`shown_${plot}`).hidden = Boolean(why);
  return Boolean(why);
}

const describe = (plot, words) => byId(plot).setAttribute("aria-label", words);

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

const fileName = (plot, suffix) =>
  `${state.study.name}_${plot}_${placeText(state.study, state.cell)}.${suffix}`
    .replace(/[^\w.=-]+/g, "_");

async function picture(plot, kind) {
  const view = Bokeh.index.find_one(part(plot));
  return view.export(kind, true).to_blob();
}

function csv(plot) {
  const {columns, rows} = tables.get(plot) ?? {columns: [], rows: []};
  const quoted = (value) => {
    let shown = typeof value === "number" ? (Number.isFinite(value) ? String(value) : "") : `${value}`;
    if (typeof value !== "number" && /^[=+@\t\r-]/.test(shown)) shown = `'${shown}`; // no formula
    return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  };
  return [columns, ...rows].map((row) => row.map(quoted).join(",") + "\n").join("");
}

async function saveAs(plot, kind) {
  const blob = kind === "csv" ? new Blob([csv(plot)], {type: "text/csv"}) : await picture(plot, kind);
  save(blob, fileName(plot, kind));
  return blob;
}

// A table of texts; nothing in it is read as HTML.
function tableOf(head, rows, caption) {
  const table = document.createElement("table");
  if (caption) table.createCaption().textContent = caption;
  const first = table.createTHead().insertRow();
  for (const name of head) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    first.append(cell);
  }
  const body = table.createTBody();
  for (const [name, ...values] of rows) {
    const row = body.insertRow(), th = document.createElement("th");
    th.scope = "row";
    th.textContent = name;
    row.append(th);
    for (const value of values) row.insertCell().textContent = value;
  }
  return table;
}
