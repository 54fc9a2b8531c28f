// What the page shows of one cell: the selected one, and the pinned one beside it.

const PINNED = "_pinned";
const DASHES = ["solid", "solid", "dashed", "dotted"];

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

const keyOf = (study, point, k) => point * study.models.length + k;

// The potentials that were kept of a point: [{model, y}], with their times.
function tracesOf(study, point) {
  const rows = study.traces;
  if (!rows || point < 0) return [];
  const found = [];
  study.models.forEach((model, k) => {
    const y = rowOf(rows, keyOf(study, point, k));
    if (y) found.push({model, y, colour: study.colours[model], dash: DASHES[found.length] ?? "dotted"});
  });
  return found;
}

function noTraces(study, point) {
  if (point < 0) return "There is no such point.";
  if (study.traces) return "The traces of this point are not in this page; the command below gives them.";
  return study.kind === "closed" ? "Closed models were not kept as traces."
    : "No traces are in this page; the command below gives them.";
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

function drawTraces(study, point, traces, where, suffix) {
  const plot = `traces${suffix}`;
  if (lacks(plot, traces.length ? "" : noTraces(study, point))) return;
  const {step_ms, start_ms, length} = study.traces, [from, to] = shownPart(study.traces);
  const first = Math.floor(from / step_ms), last = Math.min(Math.ceil(to / step_ms) + 1, length);
  const t = Float64Array.from({length: last - first}, (_, k) => start_ms + (first + k) * step_ms);
  const lines = traces.map((line) => ({...line, x: t, y: line.y.subarray(first, last)}));
  fillLines(plot, lines);
  setRange(part(plot).x_range, start_ms + from, start_ms + to);
  const all = lines.flatMap((line) => Array.from(line.y));
  setRange(part(plot).y_range, ...limits(all));
  label(plot, {title: where});
  tables.set(plot, {columns: ["t_ms", ...lines.map((line) => `V_mV of ${line.model}`)],
    rows: Array.from(t, (time, k) => [time, ...lines.map((line) => line.y[k])])});
  describe(plot, `Mean potentials of ${lines.map((line) => line.model).join(", ")} over ${plain(to - from)} ms`);
}

function drawSpectra(study, point, where, suffix) {
  const plot = `spectra${suffix}`, rows = study.spectra, lines = [];
  if (rows && point >= 0) {
    const x = numbers(rows.frequency_Hz);
    study.models.forEach((model, k) => {
      const levels = rowOf(rows, keyOf(study, point, k));
      if (levels) lines.push({model, x, y: levels.map((level) => 10 ** level),
        colour: study.colours[model], dash: DASHES[lines.length] ?? "dotted"});
    });
  }
  if (lacks(plot, lines.length ? "" : "There are no spectra of this point in this page.")) return;
  fillLines(plot, lines);
  setRange(part(plot).x_range, ...limits(Array.from(lines[0].x), 0));
  const all = lines.flatMap((line) => Array.from(line.y)).filter((power) => power > 0);
  const high = all.reduce((a, b) => Math.max(a, b)), low = all.reduce((a, b) => Math.min(a, b));
  setRange(part(plot).y_range, Math.max(low / 2, high * 1e-12), high * 2);
  label(plot, {title: where});
  tables.set(plot, {columns: ["frequency_Hz", ...lines.map((line) => `power of ${line.model} (mV^2/Hz)`)],
    rows: Array.from(lines[0].x, (f, k) => [f, ...lines.map((line) => line.y[k])])});
  describe(plot, `Power spectra of ${lines.map((line) => line.model).join(", ")}, averaged over trials`);
}

// rho(tau) = 1/n sum over t of x(t + tau) y(t), x the model's and y the network's standardised series.
function correlated(x, y, most) {
  const n = x.length, found = new Float64Array(2 * most + 1);
  for (let lag = -most; lag <= most; lag++) {
    let sum = 0;
    for (let t = Math.max(0, -lag), end = Math.min(n, n - lag); t < end; t++) sum += x[t + lag] * y[t];
    found[lag + most] = sum / n;
  }
  return found;
}

function standardised(series) {
  const mean = series.reduce((a, b) => a + b, 0) / series.length;
  const variance = series.reduce((a, b) => a + (b - mean) ** 2, 0) / series.length;
  return variance > 0 ? series.map((value) => (value - mean) / Math.sqrt(variance)) : null;
}

const MOST_LAG_MS = 250, MOST_SAMPLES = 2000;

function drawCorrelation(study, point, traces, where, suffix) {
  const plot = `correlation${suffix}`, network = traces.find((line) => line.model === NETWORK);
  if (lacks(plot, network ? "" : noTraces(study, point))) return;
  const last = (series) => series.subarray(Math.max(0, series.length - MOST_SAMPLES));
  const y = standardised(last(network.y)), {step_ms} = study.traces;
  const n = Math.min(network.y.length, MOST_SAMPLES);
  const most = Math.min(Math.round(MOST_LAG_MS / step_ms), n >> 2);
  const x = Float64Array.from({length: 2 * most + 1}, (_, k) => (k - most) * step_ms);
  const lines = [], marks = nothing("x", "y0", "y1", "colour");
  for (const line of traces) {
    if (line.model === NETWORK) continue;
    const series = standardised(last(line.y));
    if (y && series) lines.push({...line, x, y: correlated(series, y, most)});
    const tau = valueAt(study, line.model, "tau_max_ms", point);
    if (Number.isFinite(tau)) marks.x.push(tau), marks.y0.push(-1), marks.y1.push(1), marks.colour.push(line.colour);
  }
  if (lacks(plot, lines.length ? "" : "A series is constant here: no correlation.")) return;
  fillLines(plot, lines);
  fill(plot, "marks", marks);
  setRange(part(plot).x_range, x[0], x.at(-1));
  const [low, high] = limits(lines.flatMap((line) => Array.from(line.y)));
  setRange(part(plot).y_range, low, high);
  label(plot, {title: where});
  tables.set(plot, {columns: ["lag_ms", ...lines.map((line) => `correlation of ${line.model}`)],
    rows: Array.from(x, (lag, k) => [lag, ...lines.map((line) => line.y[k])])});
  const lags = lines.map((line) =>
    `${line.model} ${written(valueAt(study, line.model, "tau_max_ms", point), "+.1f") || "none"}`);
  describe(plot, `Correlation with the network of the traces above; lags of all trials: ${lags.join(", ")} ms`);
}

// The part of a series that is shown, in ms from its start: [from, to].
function shownPart({step_ms, length}) {
  const whole = length * step_ms, wide = Math.min(state.window_ms, whole);
  const from = state.start * (whole - wide);
  return [from, from + wide];
}

// The rates of both populations, which a sweep keeps instead of spikes.
function drawRates(plot, study, point, where) {
  const {rates} = study, names = ["excitatory", "inhibitory"];
  const lines = names.map((model, k) => ({model, y: rowOf(rates, point * names.length + k),
    colour: k ? LOOK.inhibitory : LOOK.excitatory})).filter((line) => line.y);
  if (lacks(plot, lines.length ? "" : "The rates of this point are not in this page.")) return;
  const [from, to] = shownPart(rates), {step_ms, start_ms, length} = rates;
  const first = Math.floor(from / step_ms), last = Math.min(Math.ceil(to / step_ms) + 1, length);
  const x = Float64Array.from({length: last - first}, (_, k) => start_ms + (first + k) * step_ms);
  for (const line of lines) [line.x, line.y] = [x, line.y.subarray(first, last)];
  fill(plot, "dots", nothing("x", "y", "colour"));
  fillLines(plot, lines);
  setRange(part(plot).x_range, start_ms + from, start_ms + to);
  setRange(part(plot).y_range, ...limits([0, ...lines.flatMap((line) => Array.from(line.y))]));
  label(plot, {y: "rate (Hz)", title: where});
  tables.set(plot, {columns: ["t_ms", ...lines.map((line) => `rate_Hz of ${line.model} neurons`)],
    rows: Array.from(x, (time, k) => [time, ...lines.map((line) => line.y[k])])});
  describe(plot, `Rates of the ${lines.map((line) => line.model).join(" and ")} neurons, every ${step_ms} ms`);
}

function drawSpikes(study, point, where, suffix) {
  const plot = `spikes${suffix}`, {spikes} = study;
  if (!spikes && study.rates && point >= 0) return drawRates(plot, study, point, where);
  const why = spikes ? (spikes.time_ms.length ? "" : "No spikes.")
    : "No spikes are in this page. Run one trial with the command below, then explore its folder.";
  if (lacks(plot, why)) return;
  fillLines(plot, []);
  const x = numbers(spikes.time_ms), y = numbers(spikes.neuron);
  const colour = Array.from(y, (k) => k < spikes.exc ? LOOK.excitatory : LOOK.inhibitory);
  fill(plot, "dots", {x, y, colour});
  const traces = study.traces ?? {step_ms: 1, start_ms: x[0], length: x.at(-1) - x[0]};
  setRange(part(plot).x_range, ...shownPart(traces).map((end) => traces.start_ms + end));
  setRange(part(plot).y_range, -1, spikes.neurons);
  label(plot, {y: "neuron", title: `${where}; blue: excitatory, orange: inhibitory`});
  tables.set(plot, {columns: ["time_ms", "neuron"], rows: Array.from(x, (time, k) => [time, y[k]])});
  describe(plot, `Spikes of ${spikes.neurons} neurons, ${spikes.exc} of them excitatory`);
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
  rows.push(["status", ...models.map((model) => statusAt(study, model, point))]);
  const trials = models.map((model) => {
    const kept = study.rows[model].trials;
    return kept && point >= 0 ? String(numbers(kept)[point]) : "";
  });
  rows.push(["trials", ...trials]);
  for (const name of Object.keys(study.words))
    if (name !== "regime") rows.push([name, ...models.map((_, k) => k ? "" : inPrint(categoryAt(study, name, point)))]);
  for (const [name, measure] of Object.entries(MEASURES)) {
    const shown = models.map((model) => {
      const value = written(valueAt(study, model, name, point), measure.form);
      const [low, high] = ["_low", "_high"].map((end) =>
        written(valueAt(study, model, name + end, point), measure.form));
      return value && low && high ? `${value} [${low}, ${high}]` : value;
    });
    if (shown.some(Boolean)) rows.push([measure.row, ...shown]);
  }
  if (study.constants && cell.length) {
    const number = cell[axisOf(study, "set")], values = study.constants.rows[number];
    study.constants.names.forEach((name, k) => rows.push([name, plain(values[k]), ...models.slice(1).map(() => "")]));
  }
  byId(`row${suffix}`).replaceChildren(
    tableOf(["measure", ...models], rows, "The whole row, with 95 % intervals over trials"));
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
