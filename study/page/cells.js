// What the page shows of one cell: the selected one, and the pinned one beside it.

const PINNED = LOOK.pinned;

function drawCell(study, cell, suffix) {
  const point = pointAt(study, cell), where = placeInWords(study, cell);
  byId(`where${suffix}`).textContent = `${suffix ? "Pinned" : "Selected"}: ${where}, ${study.name}`;
  const words = categoryAt(study, "regime", point);
  byId(`regime${suffix}`).textContent = words ? `The network is ${words}.` : "";
  drawTrials(study, point, where, suffix);
  const traces = tracesOf(study, point);
  drawTraces(study, point, traces, where, suffix);
  drawSpectra(study, point, where, suffix);
  drawCorrelation(study, point, traces, where, suffix);
  drawSpikes(study, point, where, suffix);
  drawBudget(study, point, where, suffix);
  statuses(study, point, suffix);
  rowTable(study, cell, point, suffix);
  commands(study, cell, point, suffix);
}

function drawTrials(study, point, where, suffix) {
  const plot = `trials${suffix}`, {measure} = state;
  const models = study.models.filter((model) => hasMeasure(study, model, measure));
  const why = isCategory(measure) ? "Categories have no trials: choose a measure."
    : point < 0 || !models.length ? `This point has no ${titleOf(measure)}.` : "";
  if (lacks(plot, why)) return;
  const dots = nothing("x", "y", "colour", "label"), means = nothing("x", "y", "colour");
  const bars = nothing("x", "low", "high", "colour"), rows = [], found = trialsOf(study, point);
  models.forEach((model, k) => {
    const colour = study.colours[model], kept = study.trials?.rows[model]?.[measure];
    found.forEach((row, place) => {
      const value = kept ? numbers(kept)[row] : NaN;
      const trial = numbers(study.trials.trial)[row], seed = numbers(study.trials.seed)[row];
      rows.push([model, trial, seed, value]);
      if (!Number.isFinite(value)) return;
      dots.x.push(k + 0.5 * ((place + 0.5) / found.length - 0.5));
      dots.y.push(value), dots.colour.push(colour);
      dots.label.push(`trial ${trial + 1}, seed ${seed}: ${written(value, formOf(measure))}`);
    });
    const value = valueAt(study, model, measure, point);
    if (Number.isFinite(value)) means.x.push(k), means.y.push(value), means.colour.push(colour);
    const [low, high] = ["_low", "_high"].map((end) => valueAt(study, model, measure + end, point));
    if (Number.isFinite(low) && Number.isFinite(high))
      bars.x.push(k), bars.low.push(low), bars.high.push(high), bars.colour.push(colour);
  });
  if (lacks(plot, means.x.length || dots.x.length ? "" : `This point has no ${titleOf(measure)}.`)) return;
  fill(plot, "dots", dots);
  fill(plot, "means", means);
  fill(plot, "intervals", bars);
  part(plot, "models").major_label_overrides = new Map(models.map((model, k) => [k, model]));
  part(plot, "ticks").ticks = models.map((_, k) => k);
  setRange(part(plot).x_range, -0.6, models.length - 0.4);
  setRange(part(plot).y_range, ...limits([...dots.y, ...means.y, ...bars.low, ...bars.high]));
  label(plot, {y: MEASURES[measure].row, title: where});
  tables.set(plot, {columns: ["model", "trial", "seed", measure], rows});
  describe(plot, `${titleOf(measure)} of ${models.join(", ")}: `
    + `${found.length} trials as dots, the point as a dash with its 95 % interval`);
}

// The chains of rungs that end at a Freeman model: [{order, rungs}], by their place among all.
function chains(study, model) {
  const rungs = study.budget.rungs.map((rung, place) => ({...rung, place}));
  return LOOK.chains.filter(([, end]) => end === model).map(([order, end]) => {
    const own = rungs.filter((rung) => rung.order === order);
    const last = own.find((rung) => rung.model === end)?.step ?? -1;
    return {order, rungs: own.filter((rung) => rung.step <= last)};
  });
}

function drawBudget(study, point, where, suffix) {
  const plot = `budget${suffix}`, {budget} = study, here = byId(`budget_table${suffix}`);
  here.replaceChildren();
  const why = !budget ? "This study has no error budget (--budget)."
    : point < 0 ? "There is no such point." : "";
  if (lacks(plot, why)) return;
  const measure = firstOf(budget.measures, state.spread), model = state.model === "CFM" ? "CFM" : "MFM";
  const count = budget.rungs.length;
  const at = (name, place) => numbers(budget[name])[point * count + place];
  const bars = nothing("y", "left", "right", "colour", "label"), rows = [], ticks = new Map();
  let y = 0, second = 0;
  for (const {order, rungs} of chains(study, model)) {
    const how = order === "forward" ? "the paper's" : "the other";
    rungs.forEach((rung, k) => {
      const reached = at(measure, rung.place);
      if (k > 0) {
        const adds = at(`${measure}_increment`, rung.place);
        y += 1;
        ticks.set(y, String(y));
        bars.y.push(y), bars.left.push(reached - adds), bars.right.push(reached);
        bars.colour.push(LOOK.rungs[rung.assumption] ?? "#888888");
        bars.label.push(`${y}. ${inPrint(rung.assumption)}: ${written(adds, "+.3g")}`);
        rows.push([`${y}. ${inPrint(rung.assumption)}`, how, written(adds, "+.3g"), written(reached, ".3g")]);
      }
    });
    second = second || y + 0.5;
  }
  if (lacks(plot, bars.right.some(Number.isFinite) ? "" : "This point has no error budget.")) return;
  fill(plot, "bars", bars);
  part(plot, "steps").major_label_overrides = ticks;
  part(plot, "ticks").ticks = [...ticks.keys()];
  part(plot, "second").setv({top: second, bottom: y + 0.5});
  part(plot).y_range.setv({start: y + 0.5, end: 0.5}); // the first assumption on top
  setRange(part(plot).x_range, ...limits([0, ...bars.left, ...bars.right]));
  const name = MEASURES[measure]?.row ?? measure;
  label(plot, {x: `${name} of ${model}`, title: where});
  const table = tableOf(["assumption", "order", "adds", "reached"], rows, `${name} of ${model}`);
  table.querySelectorAll("tbody th").forEach((cell, k) => {
    cell.style.borderLeft = `0.8em solid ${bars.colour[k]}`;
  });
  here.append(table);
  tables.set(plot, {columns: ["step", "order", `adds to ${measure}`, measure], rows});
  describe(plot, `${name} of ${model}, what each assumption adds, in two orders; the table has the numbers`);
}

function statuses(study, point, suffix) {
  const list = byId(`statuses${suffix}`);
  list.replaceChildren();
  const models = new Map();
  for (const model of study.models) {
    const status = statusAt(study, model, point);
    models.set(status, [...models.get(status) ?? [], model]);
  }
  for (const [status, names] of models) {
    const item = document.createElement("li");
    const told = Object.entries(LOOK.statuses).filter(([name]) => name !== "ok" && status.includes(name));
    const words = told.map(([, meaning]) => meaning.replaceAll("`", "")).join("; ");
    item.textContent = `${names.join(", ")}: ${status}${words ? ` (${words})` : ""}`;
    list.append(item);
  }
}

function rowTable(study, cell, point, suffix) {
  const {models} = study, rows = [];
  let intervals = false;
  rows.push(["status", ...models.map((model) => statusAt(study, model, point))]);
  const trials = models.map((model) => {
    const kept = study.rows[model].trials;
    return kept && point >= 0 ? String(numbers(kept)[point]) : "";
  });
  rows.push(["trials", ...trials]);
  for (const name of Object.keys(study.words))
    if (name !== "regime") rows.push([titleOf(name), ...models.map((_, k) => k ? "" : inPrint(categoryAt(study, name, point)))]);
  for (const [name, measure] of Object.entries(MEASURES)) {
    const shown = models.map((model) => {
      const value = written(valueAt(study, model, name, point), measure.form);
      const [low, high] = ["_low", "_high"].map((end) =>
        written(valueAt(study, model, name + end, point), measure.form));
      intervals ||= Boolean(value && low && high);
      return value && low && high ? `${value} [${low}, ${high}]` : value;
    });
    if (shown.some(Boolean)) rows.push([measure.row, ...shown]);
  }
  if (study.constants && cell.length) {
    const number = cell[axisOf(study, "set")], values = study.constants.rows[number];
    study.constants.names.forEach((name, k) => rows.push([name, plain(values[k]), ...models.slice(1).map(() => "")]));
  }
  byId(`row${suffix}`).replaceChildren(
    tableOf(["measure", ...models], rows, intervals ? "The whole row, with 95 % intervals over trials" : "The whole row"));
}

// The commands that compute the row again, each with a button that copies it.
function commands(study, cell, point, suffix) {
  const list = byId(`commands${suffix}`);
  list.replaceChildren();
  for (const command of study.commands) {
    const line = commandLine(study, command, cell, point);
    const item = document.createElement("li"), code = document.createElement("code");
    const copy = document.createElement("button");
    code.textContent = line;
    copy.type = "button";
    copy.textContent = "Copy";
    copy.setAttribute("aria-label", `Copy the command for ${command.name}`);
    copy.addEventListener("click", () => copied(line, code));
    item.append(`${command.name}: `, code, " ", copy);
    list.append(item);
  }
}

function commandLine(study, command, cell, point) {
  const values = study.axes.map((axis, k) => axis.column === "set" ? null : axis.values[cell[k]])
    .filter((value) => value !== null);
  if (study.constants) values.push(...study.constants.rows[cell[axisOf(study, "set")]]);
  const parts = command.axes.map(([before, after], k) => {
    const told = `${before}${values[k]}${after}`;
    return after.includes("*") ? told.replace(/ (.*)$/, " '$1'") : told; // a shell reads * itself
  });
  const [row] = trialsOf(study, point);
  if (command.seeded && row !== undefined) parts.push(`--seed ${numbers(study.trials.seed)[row]}`);
  const [program, ...flags] = command.before.split(/ (?=--)/);
  return [program, ...parts, ...flags].join(" ");
}

async function copied(line, code) {
  let done = false;
  try {
    await navigator.clipboard.writeText(line);
    done = true;
  } catch { // a page from a disk may not: select the text instead
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    done = document.execCommand?.("copy") ?? false;
  }
  say(done ? "The command is copied." : "The command is selected: copy it with the keyboard.");
}
