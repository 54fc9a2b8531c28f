// The maps: their cells, hatches, borders, colour bars, and the same as a table.

// Edges of the cells around grid values: midway, and the grid's own ends.
function edges(values) {
  if (values.length === 1) return [values[0] - 0.05, values[0] + 0.05];
  const inner = values.slice(1).map((value, k) => (value + values[k]) / 2);
  return [values[0], ...inner, values.at(-1)];
}

// The cells of the map: numbers along both axes, the place, the study's own point.
function grid() {
  const study = state.study, [x, y] = [state.x, state.y].map((column) => axisOf(study, column));
  const found = [];
  for (let i = 0; i < study.axes[x].values.length; i++)
    for (let j = 0; j < study.axes[y].values.length; j++) {
      const cell = state.cell.with(x, i);
      if (y !== x) cell[y] = j;
      found.push({i, j, cell, place: placeOf(study, cell), point: pointAt(study, cell)});
    }
  return found;
}

// What a map shows of a study and model: of each cell value, category, status, regime.
function values(cells, study, model, measure) {
  return cells.map(({place, point}) => {
    const points = study === state.study ? [point] : cellsAt(study, place), first = points[0] ?? -1;
    const one = points.length === 1;
    const value = one ? valueAt(study, model, measure, first) : valueNear(study, model, measure, place);
    return {
      value, status: one ? statusAt(study, model, first) : points.length ? "ok" : "missing",
      category: isCategory(measure) ? categoryAt(study, measure, first) : "",
      regime: one ? categoryAt(study, "regime", first) : "",
      network: one && study.models.includes(NETWORK) ? statusAt(study, NETWORK, first) : "ok",
    };
  });
}

const categoryColours = (measure) => measure === "regime" ? LOOK.regimes : LOOK.rungs;

function paint(plot, cells, found, {measure, scale, palette, title, regimes = found}) {
  const study = state.study;
  const [x, y] = [state.x, state.y].map((column) => study.axes[axisOf(study, column)]);
  const [ex, ey] = [edges(x.values), edges(y.values)];
  const colours = [], labels = [], states = new Set();
  const hatched = new Map();
  for (const ink of LOOK.inks) for (const pattern of Object.values(LOOK.hatches))
    hatched.set(ink + pattern, nothing("x", "y", "width", "height"));
  const width = cells.map(({i}) => ex[i + 1] - ex[i]), height = cells.map(({j}) => ey[j + 1] - ey[j]);
  const cx = cells.map(({i}) => (ex[i] + ex[i + 1]) / 2), cy = cells.map(({j}) => (ey[j] + ey[j + 1]) / 2);
  cells.forEach((cell, k) => {
    const {value, category, status, network} = found[k];
    const categorical = isCategory(measure);
    const known = categorical ? category !== "" : Number.isFinite(value);
    let joint = MEASURES[measure]?.network || categorical ? network : `${status}+${network}`;
    if (status === "missing") joint = "missing";
    const cellIs = categorical
      ? cellState(known ? 0 : NaN, joint, "") : cellState(value, joint, measure);
    const colour = !known ? LOOK.gap
      : categorical ? categoryColours(measure)[category] ?? "#888888"
      : shade(palette, scale.at(value));
    colours.push(colour);
    if (cellIs) {
      states.add(cellIs);
      const columns = hatched.get(against(colour) + LOOK.hatches[cellIs]);
      [cx, cy, width, height].forEach((box, place) => Object.values(columns)[place].push(box[k]));
    }
    const told = categorical ? inPrint(category) : written(value, formOf(measure));
    labels.push(`${placeInWords(study, cell.cell)}: ${told || "no value"}`
      + `${found[k].regime && measure !== "regime" ? `, ${found[k].regime}` : ""}`
      + `${status === "ok" ? "" : `, ${status}`}`);
  });
  fill(plot, "cells", {x: cx, y: cy, width, height, colour: colours, label: labels});
  for (const [name, columns] of hatched) {
    const there = part(plot, `hatched.${name}`);
    if (columns.x.length || there.data.x.length) there.data = columns;
  }
  setRange(part(plot).x_range, ex[0], ex.at(-1));
  setRange(part(plot).y_range, ey[0], ey.at(-1));
  fill(plot, "borders", state.outline ? borders(cells, regimes, ex, ey) : nothing("x0", "y0", "x1", "y1"));
  frame(plot);
  colourBar(plot, scale, palette);
  label(plot, {x: x.label, y: y.label, title});
  tables.set(plot, {
    columns: [x.column, y.column, isCategory(measure) ? measure : MEASURES[measure] ? measure : "value", "status"],
    rows: cells.map((cell, k) => [x.values[cell.i], y.values[cell.j],
      isCategory(measure) ? found[k].category : found[k].value, found[k].status]),
  });
  return states;
}

const nothing = (...columns) => Object.fromEntries(columns.map((column) => [column, []]));

// Lines between neighbouring cells of different regimes.
function borders(cells, found, ex, ey) {
  const at = new Map(cells.map((cell, k) => [`${cell.i},${cell.j}`, found[k].regime]));
  const lines = nothing("x0", "y0", "x1", "y1");
  const add = (...ends) => ["x0", "y0", "x1", "y1"].forEach((name, k) => lines[name].push(ends[k]));
  for (const {i, j} of cells) {
    const here = at.get(`${i},${j}`), right = at.get(`${i + 1},${j}`), above = at.get(`${i},${j + 1}`);
    if (here && right && here !== right) add(ex[i + 1], ey[j], ex[i + 1], ey[j + 1]);
    if (here && above && here !== above) add(ex[i], ey[j + 1], ex[i + 1], ey[j + 1]);
  }
  return lines;
}

// Frame the selected or the pinned cell, where the map shows it.
function mark(plot, name, study, cell, ex, ey) {
  if (study !== state.study) return fill(plot, name, nothing("x", "y", "width", "height"));
  const [x, y] = [state.x, state.y].map((column) => axisOf(study, column));
  const shown = study.axes.every((_, k) => k === x || k === y || cell[k] === state.cell[k]);
  if (!shown) return fill(plot, name, nothing("x", "y", "width", "height"));
  const [i, j] = [cell[x], cell[y]];
  fill(plot, name, {x: [(ex[i] + ex[i + 1]) / 2], y: [(ey[j] + ey[j + 1]) / 2],
    width: [ex[i + 1] - ex[i]], height: [ey[j + 1] - ey[j]]});
}

function frame(plot) {
  const [ex, ey] = [state.x, state.y].map((one) => edges(state.study.axes[axisOf(state.study, one)].values));
  mark(plot, "chosen", state.study, state.cell, ex, ey);
  mark(plot, "pinned", state.pin?.study, state.pin?.cell, ex, ey);
}

const frames = () => (state.versus ? LOOK.maps : ["map_a"]).forEach(frame);

function colourBar(plot, scale, palette) {
  const bar = part(plot, "bar");
  bar.visible = Boolean(scale);
  if (!scale) return;
  part(plot, "colours").palette = palette;
  const ticks = scale.levels.map((level) => scale.at(level));
  bar.major_label_overrides = new Map(ticks.map((tick, k) => [tick, plain(scale.levels[k])]));
  part(plot, "ticks").ticks = ticks;
}

const paletteOf = (measure) => LOOK.palettes[LOOK.palette_of[measure] ?? LOOK.neutral];
const modelTitle = (study, model, measure) =>
  `${titleOf(measure)}${isCategory(measure) || MEASURES[measure]?.network ? "" : ` of ${model}`}, ${study.name}`;

// All that a map depends on but the selected cell within it.
function mapKey() {
  const {study, measure, model, x, y, versus, outline, cell} = state;
  const left = cell.filter((_, k) => ![x, y].includes(study.axes[k].column));
  return JSON.stringify([study.name, measure, model, x, y, versus?.study.name, versus?.model, outline, left]);
}

let drawn = "";

function drawMaps() {
  if (drawn === mapKey()) return frames();
  drawn = mapKey();
  const cells = grid(), {study, measure, versus} = state;
  const model = shownModel(study, state.model, measure), categorical = isCategory(measure);
  const mine = values(cells, study, model, measure);
  const theirModel = versus && shownModel(versus.study, versus.model, measure);
  const theirs = versus && values(cells, versus.study, theirModel, measure);
  const all = [...mine, ...(theirs ?? [])].map((one) => one.value);
  const scale = categorical ? null : sharedScale(all, MEASURES[measure].scale);
  const palette = paletteOf(measure), shared = {measure, scale, palette};
  const title = modelTitle(study, model, measure);
  const states = paint("map_a", cells, mine, {...shared, title});
  const single = pointCount(study) === 1;
  lacks("map_a", single ? "One point: there is no map. Its values stand below." : "");
  for (const plot of ["map_b", "map_d"]) byId(`panel_${plot}`).hidden = !versus;
  if (versus) {
    const has = theirs.some((one) => categorical ? one.category : Number.isFinite(one.value));
    const why = has ? "" : `${versus.study.name} has no ${titleOf(measure)} of ${theirModel} here`;
    const told = (one) => categorical ? inPrint(one.category) : written(one.value, formOf(measure));
    const both = single && has ? `${title}: ${told(mine[0])}. ${theirModel}, ${versus.study.name}: ${told(theirs[0])}.` : "";
    lacks("map_b", why || both);
    lacks("map_d", why || (single ? "One point: see the two values." : ""));
    if (!why) {
      const theirTitle = modelTitle(versus.study, theirModel, measure);
      paint("map_b", cells, theirs, {...shared, title: theirTitle}).forEach((one) => states.add(one));
      describe("map_b", `Map of ${theirTitle}. Arrow keys move the selected cell.`);
    }
    if (!why) drawDifference(cells, mine, theirs, `${title} less ${versus.study.name}, ${theirModel}`);
  }
  describe("map_a", `Map of ${title}. Arrow keys move the selected cell, Enter pins it. `
    + "The same as a table is below.");
  unlike(mine, theirs);
  legend(measure, states);
  if (byId("map_table").open) mapTable();
}

// Say in what the networks of a compared study are not those of this one.
function unlike(mine, theirs) {
  const {study, versus} = state, words = [];
  if (versus && versus.study !== study) {
    const [own, other] = [study.parameters, versus.study.parameters];
    const axes = [...study.axes, ...versus.study.axes].map((axis) => axis.column);
    for (const name of Object.keys({...own, ...other})) {
      const axis = axes.some((column) => column === name || column.startsWith(`${name}_`));
      if (!axis && name in own && name in other && own[name] !== other[name])
        words.push(`${name} = ${own[name]} against ${other[name]}`);
    }
    const differ = mine.filter(({regime}, k) => // of a sample, which has many, none is told
      regime && theirs[k].regime && regime !== theirs[k].regime).length;
    if (differ) words.push(mine.length === 1 ? "another regime" : `another regime in ${differ} cells`);
  }
  byId("unlike").hidden = !words.length;
  byId("unlike").textContent = words.length ? `Not the same networks: ${words.join("; ")}.` : "";
}

function drawDifference(cells, mine, theirs, title) {
  const categorical = isCategory(state.measure);
  const found = mine.map((one, k) => categorical
    ? {...one, value: one.category && theirs[k].category ? +(one.category !== theirs[k].category) : NaN}
    : {...one, value: one.value - theirs[k].value,
       status: theirs[k].status === "ok" ? one.status : one.status === "ok" ? theirs[k].status : one.status});
  const scale = categorical ? linear(0, 1) : sharedScale(found.map((one) => one.value), "centred");
  const palette = LOOK.palettes[categorical ? LOOK.neutral : LOOK.signed];
  const shown = categorical ? "1 where they differ" : title;
  paint("map_d", cells, found, {measure: "difference", scale, palette, title: shown});
  describe("map_d", `Map of the difference: ${shown}. Arrow keys move the selected cell.`);
}

// The hatches and categories that the maps show, in words.
function legend(measure, states) {
  const list = byId("legend");
  list.replaceChildren();
  const add = (colour, hatch, words) => {
    const item = document.createElement("li"), key = document.createElement("span");
    key.className = "key";
    key.setAttribute("aria-hidden", "true");
    key.style.background = colour;
    key.textContent = hatch;
    item.append(key, words);
    list.append(item);
  };
  if (isCategory(measure))
    for (const [name, colour] of Object.entries(categoryColours(measure))) add(colour, "", inPrint(name));
  const meanings = {"missing or failed": "not computed, or failed", undefined: "no value"};
  for (const name of states) {
    const told = LOOK.statuses[name] ? `${name}: ${LOOK.statuses[name]}` : meanings[name];
    add("#ffffff", LOOK.hatches[name], told.replaceAll("`", ""));
  }
  if (state.outline) add("#000000", "", "border between regimes");
  byId("measure_meaning").textContent = MEASURES[measure]
    ? `${MEASURES[measure].row}: ${MEASURES[measure].meaning}.`
    : measure === "regime" ? "What the network does, by its rate, Spike-contrast and rhythm."
    : "The assumption that adds most to the NRMSE, in the order in which assumptions are made.";
}

// The map as a table: rows from the largest value of the vertical axis down.
function mapTable() {
  const {study, measure} = state, model = shownModel(study, state.model, measure);
  const [x, y] = [state.x, state.y].map((column) => study.axes[axisOf(study, column)]);
  const cells = grid(), found = values(cells, study, model, measure);
  const rows = y.values.map((value, j) => [`${y.short} = ${plain(value)}`,
    ...x.values.map((_, i) => {
      const k = i * y.values.length + j;
      const told = isCategory(measure) ? inPrint(found[k].category) : written(found[k].value, formOf(measure));
      return told || found[k].status;
    })]).reverse();
  const head = [`${y.label} \\ ${x.label}`, ...x.values.map((value) => `${x.short} = ${plain(value)}`)];
  byId("map_table_here").replaceChildren(tableOf(head, rows, modelTitle(study, model, measure)));
}
