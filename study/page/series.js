// What is a series at a cell: traces, spectra, correlations, rates or spikes.

const DASHES = ["solid", "solid", "dashed", "dotted"];
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

function drawTraces(study, point, traces, where, suffix) {
  const plot = `traces${suffix}`;
  if (lacks(plot, traces.length ? "" : noTraces(study, point))) return;
  const lines = cutLines(plot, study.traces, traces), [{x: t}] = lines;
  const [from, to] = shownPart(study.traces);
  fillLines(plot, lines);
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

// Cut lines of whole series to the part that is shown, give them their times and fit that axis.
function cutLines(plot, kept, whole) {
  const {step_ms, start_ms, length} = kept, [from, to] = shownPart(kept);
  const first = Math.floor(from / step_ms), last = Math.min(Math.ceil(to / step_ms) + 1, length);
  const x = Float64Array.from({length: last - first}, (_, k) => start_ms + (first + k) * step_ms);
  setRange(part(plot).x_range, start_ms + from, start_ms + to);
  return whole.map((line) => ({...line, x, y: line.y.subarray(first, last)}));
}

// The rates of both populations, which a sweep keeps instead of spikes.
function drawRates(plot, study, point, where) {
  const {rates} = study, names = ["excitatory", "inhibitory"];
  const whole = names.map((model, k) => ({model, y: rowOf(rates, point * names.length + k),
    colour: k ? LOOK.inhibitory : LOOK.excitatory})).filter((line) => line.y);
  if (lacks(plot, whole.length ? "" : "The rates of this point are not in this page.")) return;
  const lines = cutLines(plot, rates, whole), [{x}] = lines;
  fill(plot, "dots", nothing("x", "y", "colour"));
  fillLines(plot, lines);
  setRange(part(plot).y_range, ...limits([0, ...lines.flatMap((line) => Array.from(line.y))]));
  label(plot, {y: "rate (Hz)", title: where});
  tables.set(plot, {columns: ["t_ms", ...lines.map((line) => `rate_Hz of ${line.model} neurons`)],
    rows: Array.from(x, (time, k) => [time, ...lines.map((line) => line.y[k])])});
  describe(plot, `Rates of the ${lines.map((line) => line.model).join(" and ")} neurons, every ${rates.step_ms} ms`);
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
