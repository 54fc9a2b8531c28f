// The state of the view, and the same in the URL: a link shows the same view.

const state = {
  study: STUDIES[0], measure: "", model: "", x: "", y: "", cell: [], versus: null, pin: null,
  outline: true, window_ms: 1000, start: 1, spread: "nrmse",
};

const firstOf = (list, ...wanted) => wanted.find((one) => list.includes(one)) ?? list[0];

// The axes with several values first.
function axesByUse(study) {
  const columns = study.axes.map((axis) => axis.column);
  const many = columns.filter((column) => study.axes[axisOf(study, column)].values.length > 1);
  const left = columns.filter((column) => !many.includes(column));
  return [...many, ...left];
}

function setStudy(study) {
  const place = state.cell.length ? placeOf(state.study, state.cell) : {};
  state.study = study;
  const measures = measuresOf(study);
  state.measure = firstOf(measures, state.measure, "nrmse", "spectral_distance", "rate_Hz");
  const own = study.kind === "run" ? study.models.find((one) => ![NETWORK, "CFM", "MFM"].includes(one)) : "";
  state.model = firstOf(study.models, state.model, own, "MFM");
  const [x, y] = axesByUse(study).slice(0, 2).sort((a, b) => axisOf(study, a) - axisOf(study, b));
  [state.x, state.y] = [x, y ?? x];
  state.cell = nearestCell(study, place);
}

// The cell of a place, or the middle of the grid along axes that it does not name.
function nearestCell(study, place) {
  return study.axes.map((axis) => {
    const middle = axis.column === "set" ? 0 : axis.values.length >> 1;
    const number = axis.column in place ? valueNumber(axis, place[axis.column]) : middle;
    return number < 0 ? middle : number;
  });
}

// A measure that the model lacks is shown of one that has it: rates are the network's.
function shownModel(study, model, measure) {
  if (isCategory(measure) || hasMeasure(study, model, measure)) return model;
  return study.models.find((one) => hasMeasure(study, one, measure)) ?? model;
}

const placeText = (study, cell) => study.axes.map((axis, k) => String(axis.values[cell[k]])).join("_");

function toHash() {
  const told = new URLSearchParams({
    study: state.study.name, measure: state.measure, model: state.model, x: state.x, y: state.y,
    at: placeText(state.study, state.cell), window: state.window_ms, start: state.start,
    outline: +state.outline, spread: state.spread,
  });
  if (state.versus) {
    told.set("versus", state.versus.study.name);
    told.set("versus_model", state.versus.model);
  }
  if (state.pin) {
    told.set("pin", state.pin.study.name);
    told.set("pin_at", placeText(state.pin.study, state.pin.cell));
  }
  return `#${told}`;
}

function cellFromText(study, at) {
  const values = (at ?? "").split("_").map(Number);
  if (values.length !== study.axes.length) return null;
  const cell = study.axes.map((axis, k) => valueNumber(axis, values[k]));
  return cell.every((number) => number >= 0) ? cell : null;
}

// Take what a URL says and can be had; all else stays.
function fromHash(hash) {
  const told = new URLSearchParams(hash.replace(/^#/, ""));
  setStudy(studyNamed(told.get("study")) ?? state.study);
  const study = state.study, columns = study.axes.map((axis) => axis.column);
  const take = (name, list) => { if (list.includes(told.get(name))) state[name] = told.get(name); };
  take("measure", measuresOf(study));
  take("model", study.models);
  take("x", columns);
  take("y", columns);
  if (state.x === state.y) state.y = columns.find((column) => column !== state.x) ?? state.x;
  state.cell = cellFromText(study, told.get("at")) ?? state.cell;
  const number = (name, least, most, usual) => {
    const value = told.has(name) ? Number(told.get(name)) : NaN;
    return value >= least && value <= most ? value : usual;
  };
  state.window_ms = number("window", 1, 1e6, state.window_ms);
  state.start = number("start", 0, 1, state.start);
  if (told.has("outline")) state.outline = told.get("outline") !== "0";
  if (told.get("spread")) state.spread = told.get("spread");
  const other = studyNamed(told.get("versus"));
  const model = told.get("versus_model");
  state.versus = other?.models.includes(model) ? {study: other, model} : null;
  const pinned = studyNamed(told.get("pin"));
  const cell = pinned && cellFromText(pinned, told.get("pin_at"));
  state.pin = cell ? {study: pinned, cell} : null;
}
