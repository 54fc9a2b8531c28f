// Controls, keys, the URL, and the order in which all is drawn.

const timing = {first_map_ms: null, moved_ms: null};
const WINDOWS_ms = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

const say = (words) => { byId("live").textContent = words; };

function options(select, list, chosen) {
  select.replaceChildren(...list.map(([value, words]) => {
    const option = document.createElement("option");
    option.value = value;
    option.textContent = words;
    option.selected = value === chosen;
    return option;
  }));
}

// Fill the selects and sliders with what the shown study has.
function controls() {
  const {study} = state;
  options(byId("study"), STUDIES.map((one) => [one.name, one.name]), study.name);
  byId("told").textContent = [study.told, ...study.notes].filter(Boolean).join("; ") + ".";
  options(byId("measure"), measuresOf(study).map((name) => [name, titleOf(name)]), state.measure);
  options(byId("model"), study.models.map((name) => [name, name]), state.model);
  const pairs = [["", "nothing"]];
  STUDIES.forEach((other, k) => other.models.forEach((model) => {
    if (other !== study || model !== state.model) pairs.push([`${k}|${model}`, `${other.name}: ${model}`]);
  }));
  const {versus} = state;
  options(byId("versus"), pairs, versus ? `${STUDIES.indexOf(versus.study)}|${versus.model}` : "");
  const columns = axesByUse(study).map((column) => [column, study.axes[axisOf(study, column)].label]);
  options(byId("x"), columns, state.x);
  options(byId("y"), columns, state.y);
  for (const name of ["x", "y"]) byId(name).closest("label").hidden = columns.length < 3;
  const budgets = study.budget?.measures ?? [];
  options(byId("spread"), budgets.map((name) => [name, titleOf(name)]), firstOf(budgets, state.spread));
  byId("spread").closest("label").hidden = !budgets.length;
  byId("outline").checked = state.outline;
  const length = study.traces ? study.traces.length * study.traces.step_ms : 1000;
  const widths = WINDOWS_ms.filter((width) => width < length);
  options(byId("window"), [...widths, length].map((width) => [String(width), `${plain(width)} ms`]),
    String([...widths, length].findLast((width) => width <= state.window_ms) ?? widths[0]));
  byId("start").value = state.start;
  sliders();
}

// A slider for every axis that the map does not show.
function sliders() {
  const {study} = state, here = byId("sliders");
  here.replaceChildren();
  study.axes.forEach((axis, k) => {
    if (axis.column === state.x || axis.column === state.y || axis.values.length < 2) return;
    const line = document.createElement("label"), slider = document.createElement("input");
    const value = document.createElement("output");
    Object.assign(slider, {type: "range", min: 0, max: axis.values.length - 1, step: 1, value: state.cell[k]});
    slider.id = `slider_${k}`;
    const tell = () => {
      value.textContent = plain(axis.values[slider.value]);
      slider.setAttribute("aria-valuetext", value.textContent);
    };
    slider.addEventListener("input", () => {
      state.cell[k] = +slider.value;
      tell();
      moved();
    });
    tell();
    line.append(`${axis.label} `, slider, " ", value);
    here.append(line);
  });
}

function announce() {
  const {study, measure, cell} = state, point = pointAt(study, cell);
  const model = shownModel(study, state.model, measure);
  const value = isCategory(measure) ? inPrint(categoryAt(study, measure, point))
    : written(valueAt(study, model, measure, point), formOf(measure));
  const regime = measure === "regime" ? "" : categoryAt(study, "regime", point);
  const whose = isCategory(measure) ? "" : ` of ${model}`;
  say([`${placeInWords(study, cell)}: ${titleOf(measure)}${whose}: ${value || "no value"}`,
    regime, `status ${statusAt(study, model, point)}`].filter(Boolean).join("; ") + ".");
}

function remember() {
  const hash = toHash();
  if (location.hash !== hash) history.replaceState(null, "", hash);
}

async function drawPinned() {
  byId("cell_pinned").hidden = !state.pin;
  byId("unpin").hidden = !state.pin;
  if (!state.pin) return;
  await Promise.all(LOOK.cell_panels.map((panel) => place(panel + PINNED)));
  if (state.pin) drawCell(state.pin.study, state.pin.cell, PINNED);
}

let cellsPlaced = false;

// All that follows from the selected cell.
function drawSelected() {
  drawMaps();
  if (cellsPlaced) {
    drawSlices();
    drawCell(state.study, state.cell, "");
  }
}

// Another cell: draw, remember, say.
function moved() {
  const start = performance.now();
  drawSelected();
  remember();
  announce();
  requestAnimationFrame(() => setTimeout(() => { timing.moved_ms = performance.now() - start; }));
}

// Another choice of what is shown.
async function changed() {
  controls();
  if (state.versus) await Promise.all([place("map_b"), place("map_d")]);
  moved();
  await drawPinned();
}

function tapped(plot, x, y) {
  const {study} = state;
  for (const [column, value] of [[state.x, x], [state.y, y]]) {
    const axis = axisOf(study, column), ends = edges(study.axes[axis].values);
    const number = ends.findIndex((edge, k) => k + 1 < ends.length && value >= edge && value <= ends[k + 1]);
    if (number < 0) return;
    state.cell = state.cell.with(axis, number);
  }
  moved();
}

const STEPS = {ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowDown: ["y", -1], ArrowUp: ["y", 1]};

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter") pin();
  else if (event.key in STEPS) {
    const [name, step] = STEPS[event.key], axis = axisOf(state.study, state[name]);
    const number = state.cell[axis] + step;
    if (number >= 0 && number < state.study.axes[axis].values.length) {
      state.cell = state.cell.with(axis, number);
      moved();
    }
  } else return;
  event.preventDefault();
}

async function pin() {
  state.pin = {study: state.study, cell: [...state.cell]};
  await drawPinned();
  drawMaps();
  remember();
  say(`Pinned ${placeInWords(state.study, state.cell)}; the next selected cell is shown beside it.`);
}

async function unpin() {
  state.pin = null;
  await drawPinned();
  drawMaps();
  remember();
  say("Nothing is pinned.");
}

function listen() {
  const on = (id, kind, act) => byId(id).addEventListener(kind, (event) => act(event.target));
  on("study", "change", ({value}) => { setStudy(studyNamed(value)); changed(); });
  for (const name of ["measure", "model", "spread"])
    on(name, "change", ({value}) => { state[name] = value; changed(); });
  on("versus", "change", ({value}) => {
    const [number, ...model] = value.split("|");
    state.versus = value ? {study: STUDIES[number], model: model.join("|")} : null;
    changed();
  });
  for (const [name, other] of [["x", "y"], ["y", "x"]])
    on(name, "change", ({value}) => {
      if (state[other] === value) state[other] = state[name];
      state[name] = value;
      changed();
    });
  on("outline", "change", ({checked}) => { state.outline = checked; changed(); });
  const zoomed = () => {
    drawCell(state.study, state.cell, "");
    if (state.pin) drawPinned();
    remember();
  };
  on("window", "change", ({value}) => { state.window_ms = +value; zoomed(); });
  on("start", "input", ({value}) => { state.start = +value; zoomed(); });
  byId("pin").addEventListener("click", pin);
  byId("unpin").addEventListener("click", unpin);
  byId("map_table").addEventListener("toggle", ({target}) => { if (target.open) mapTable(); });
  byId("link").addEventListener("click", () => copied(location.href, byId("link")));
  for (const plot of LOOK.maps) byId(plot).addEventListener("keydown", pressed);
  for (const button of document.querySelectorAll("button[data-save]"))
    button.addEventListener("click", () => saveAs(button.dataset.plot, button.dataset.save));
  addEventListener("hashchange", () => { fromHash(location.hash); changed(); });
}

async function start() {
  await unpackBlock();
  fromHash(location.hash);
  controls();
  listen();
  await place("map_a");
  if (state.versus) await Promise.all([place("map_b"), place("map_d")]);
  drawMaps();
  announce();
  requestAnimationFrame(() => setTimeout(() => { timing.first_map_ms = performance.now(); }));
  await new Promise((done) => setTimeout(done, 30)); // the first map is painted before the rest
  await Promise.all([...LOOK.slices, ...LOOK.cell_panels].map(place));
  cellsPlaced = true;
  drawSelected();
  await drawPinned();
  remember();
  document.documentElement.dataset.ready = "yes";
}

window.explorer = {tapped, timing, state, picture, csv};
start().catch((error) => {
  byId("live").textContent = `This page cannot be shown: ${error.message}`;
  console.error(error);
});
