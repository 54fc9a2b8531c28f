// The data of the page: the block of numbers, and what is asked of it by study, model and point.

const text = (id) => document.getElementById(id).textContent;
const LOOK = JSON.parse(text("look"));
const DATA = JSON.parse(text("data"));
const STUDIES = DATA.studies, MEASURES = DATA.measures;
const NETWORK = "LIF";
const TYPES = {f64: Float64Array, f32: Float32Array, u8: Uint8Array, u16: Uint16Array, u32: Uint32Array};
let block = null; // ArrayBuffer

async function unpackBlock() {
  const packed = Uint8Array.from(atob(DATA.block), (c) => c.charCodeAt(0));
  DATA.block = null;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  block = await new Response(stream).arrayBuffer();
}

// The typed array that `kept` names; it is looked up once.
function numbers(kept) {
  kept.view ??= new TYPES[kept.type](block, kept.at, kept.length);
  return kept.view;
}

const word = (kept, k) => kept.words[numbers(kept.codes)[k]];

// Row `key` of rows that are kept as steps, or null where there is none.
function rowOf(rows, key) {
  if (!rows) return null;
  rows.places ??= new Map(Array.from(numbers(rows.key), (k, place) => [k, place]));
  const place = rows.places.get(key);
  if (place === undefined) return null;
  const low = numbers(rows.low)[place], step = numbers(rows.span)[place];
  const [least, most] = rows.bytes.map(numbers), n = rows.length, found = new Float64Array(n);
  for (let k = 0, at = place * n, sum = 0; k < n; k++, at++) {
    sum = (sum + least[at] + 256 * most[at]) & 0xffff;
    found[k] = low + step * sum;
  }
  return found;
}

const studyNamed = (name) => STUDIES.find((study) => study.name === name);
const axisOf = (study, column) => study.axes.findIndex((axis) => axis.column === column);
const pointCount = (study) => study.place.length ? study.place[0].length : 0;

// The number of the point with these value numbers, one per axis; -1 where there is none.
function pointAt(study, cell) {
  if (!study.index) {
    study.index = new Map();
    const columns = study.place.map(numbers);
    for (let k = 0; k < pointCount(study); k++)
      study.index.set(columns.map((column) => column[k]).join(), k);
  }
  return study.index.get(cell.join()) ?? -1;
}

const cellOf = (study, point) => study.place.map((column) => numbers(column)[point]);

// The values of a cell by the column of its axis.
const placeOf = (study, cell) =>
  Object.fromEntries(study.axes.map((axis, k) => [axis.column, axis.values[cell[k]]]));

const close = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
const valueNumber = (axis, value) => axis.values.findIndex((v) => close(v, value));

// The cells of another study at a place: axes that the place does not name take every value of a
// sample and the first value otherwise.
function cellsAt(study, place) {
  let cells = [[]];
  for (const axis of study.axes) {
    const number = axis.column in place ? valueNumber(axis, place[axis.column]) : 0;
    const free = axis.column === "set" && study.kind === "sample" && !("set" in place);
    const numbersHere = free ? axis.values.map((_, k) => k) : [number];
    cells = cells.flatMap((cell) => numbersHere.map((k) => [...cell, k]));
  }
  return cells.map((cell) => pointAt(study, cell)).filter((point) => point >= 0);
}

// Categories are columns of words: the regime, and which assumption costs most.
const isCategory = (measure) => measure === "regime" || measure.startsWith("costliest ");

function categoryAt(study, column, point) {
  const words = study.words[column];
  return words && point >= 0 ? word(words, point) : "";
}

// A measure of a model at a point: NaN where it has none.
function valueAt(study, model, measure, point) {
  const kept = study.rows[model]?.[measure];
  return kept && point >= 0 ? numbers(kept)[point] : NaN;
}

const statusAt = (study, model, point) =>
  point < 0 || !study.rows[model] ? "missing" : word(study.rows[model].status, point);

function median(values) {
  const found = values.filter(Number.isFinite).sort((a, b) => a - b), half = found.length >> 1;
  if (!found.length) return NaN;
  return found.length % 2 ? found[half] : (found[half - 1] + found[half]) / 2;
}

// A measure at a place of another study: of a sample the median over its sets.
const valueNear = (study, model, measure, place) =>
  median(cellsAt(study, place).map((point) => valueAt(study, model, measure, point)));

const hasMeasure = (study, model, measure) =>
  isCategory(measure) ? measure in study.words : measure in (study.rows[model] ?? {});

// The measures that a map of a study can show, models apart.
function measuresOf(study) {
  const found = Object.keys(study.words).filter((name) =>
    study.words[name].words.some((one) => one !== ""));
  for (const name of Object.keys(MEASURES))
    if (study.models.some((model) => hasMeasure(study, model, name))) found.push(name);
  return found.length ? found : ["rate_Hz"]; // a study without a result is a map without values
}

function titleOf(measure) {
  const [, model, order] = /^costliest (\S+) (\S+)$/.exec(measure) ?? [];
  if (!model) return measure === "regime" ? "regime" : MEASURES[measure]?.title ?? measure;
  return `costliest assumption of ${model}, ${LOOK.orders[order]}`;
}

// Numbers as Python writes them by ".3g", "+.1f", ".0f".
function written(value, form = ".4g") {
  if (!Number.isFinite(value)) return "";
  const [, plus, digits, kind] = /^(\+?)\.(\d+)([fg])$/.exec(form);
  let shown;
  if (kind === "f") shown = value.toFixed(+digits);
  else {
    const exact = value.toExponential(Math.max(+digits - 1, 0));
    const power = +exact.split("e")[1];
    if (power < -4 || power >= +digits) {
      const [mantissa, exponent] = exact.split("e");
      const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
      shown = `${short}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
    } else shown = String(+value.toPrecision(+digits));
  }
  return (plus && value >= 0 ? "+" : "") + shown.replace("-", "\u2212");
}

// An assumption with the brackets of an average, as the text has them.
const inPrint = (assumption) => assumption.replaceAll("<", "⟨").replaceAll(">", "⟩");

const formOf = (measure) => MEASURES[measure]?.form ?? ".4g";
const plain = (value) => Number.isFinite(value) ? String(+value.toPrecision(7)) : "";

// "p = 0.6, λ = 0.8, g_hat_inh = 0.02 nS"
const placeInWords = (study, cell) => study.axes.map((axis, k) =>
  `${axis.short} = ${plain(axis.values[cell[k]])}${axis.unit ? " " + axis.unit : ""}`).join(", ");

// The rows of the trials of a point.
function trialsOf(study, point) {
  if (!study.trials) return [];
  if (!study.trials.places) {
    study.trials.places = new Map();
    numbers(study.trials.point).forEach((place, row) => {
      if (!study.trials.places.has(place)) study.trials.places.set(place, []);
      study.trials.places.get(place).push(row);
    });
  }
  return study.trials.places.get(point) ?? [];
}
