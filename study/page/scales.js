// Colour scales: from a value to a shade, and the levels of a colour bar, as in the figures.

const LOG_FROM = 10, DECADES = 4, SYMLOG_FROM = 5;
const decades = (multiples) => {
  const found = [];
  for (let k = -9; k <= 9; k++) for (const m of multiples) found.push(m * 10 ** k);
  return found;
};

// Round values between two others.
function roundLevels(low, high, about = 6) {
  const rough = (high - low) / about, size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * size).find((s) => s >= rough * (1 - 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
    found.push(+(k * step).toPrecision(12));
  return found;
}

// A scale that several maps share: {at: value -> [0, 1], levels}.
function sharedScale(values, kind) {
  const found = values.filter(Number.isFinite);
  if (!found.length) return linear(kind === "centred" ? -1 : 0, 1);
  const low = found.reduce((a, b) => Math.min(a, b)), high = found.reduce((a, b) => Math.max(a, b));
  if (kind === "unit") return linear(Math.min(low, 0), Math.max(high, 1));
  if (kind === "centred") {
    const sizes = found.map(Math.abs), limit = Math.max(-low, high) || 1;
    const usual = Math.max(median(sizes), 1);
    return limit > SYMLOG_FROM * usual ? symmetric(usual, limit) : linear(-limit, limit);
  }
  if (kind === "log" && high > 0) {
    const positive = found.filter((v) => v > 0).reduce((a, b) => Math.min(a, b));
    const least = Math.max(positive, high / 10 ** DECADES);
    if (high > LOG_FROM * least) return logarithmic(least, high);
  }
  return linear(low, high > low ? high : low + 1);
}

const linear = (low, high) =>
  ({at: (v) => (v - low) / (high - low), levels: roundLevels(low, high)});

function logarithmic(low, high) {
  const span = Math.log(high / low), wide = Math.log10(high / low) > 2.5;
  const levels = decades(wide ? [1, 3] : [1, 2, 5]).filter((v) => v >= low * 0.999 && v <= high * 1.001);
  return {at: (v) => v > 0 ? Math.log(v / low) / span : 0, levels};
}

// Linear up to `usual` on either side, logarithmic beyond.
function symmetric(usual, limit) {
  const size = (v) => v <= usual ? v / usual : 1 + Math.log10(v / usual);
  const most = size(limit);
  const levels = decades([1, 3]).filter((v) => v >= usual && v <= limit);
  return {
    at: (v) => 0.5 + 0.5 * Math.sign(v) * size(Math.abs(v)) / most,
    levels: [...levels.map((v) => -v).reverse(), 0, ...levels],
  };
}

const shade = (palette, t) =>
  palette[Math.round(Math.min(Math.max(t, 0), 1) * (palette.length - 1))];

// Black on light colours, white on dark ones.
function against(colour) {
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16) / 255);
  return 0.3 * r + 0.6 * g + 0.1 * b > 0.45 ? "#000000" : "#ffffff";
}

// What is to be known of a cell: the first state that holds, "" for nothing.
function cellState(value, status, measure) {
  if (status.includes("missing") || status.includes("failed")) return "missing or failed";
  const lag = MEASURES[measure]?.lag ?? false, empty = !Number.isFinite(value);
  for (const state of Object.keys(LOOK.hatches).slice(1, -1)) {
    if (!status.includes(state)) continue;
    if ((state === "silent" || state === "constant") && !empty) continue;
    if (lag || !LOOK.of_lags.includes(state)) return state;
  }
  return empty ? "undefined" : "";
}
