// The slices of a measure through the selected cell, every model with its interval.

function drawSlices() {
  for (const [plot, along, other] of [["slice_x", state.x, state.y], ["slice_y", state.y, state.x]])
    drawSlice(plot, along, other);
}

function drawSlice(plot, along, other) {
  const {study, measure, cell, versus} = state, number = axisOf(study, along), axis = study.axes[number];
  const why = isCategory(measure) ? "Categories have no slices: choose a measure."
    : axis.values.length < 2 ? `${axis.short} has one value here.` : "";
  if (lacks(plot, why)) return;
  const points = axis.values.map((_, k) => pointAt(study, cell.with(number, k)));
  const lines = [], dots = nothing("x", "y", "colour"), bars = nothing("x", "low", "high", "colour");
  const rows = [];
  for (const model of study.models) {
    if (!hasMeasure(study, model, measure)) continue;
    const y = points.map((point) => valueAt(study, model, measure, point)), colour = study.colours[model];
    lines.push({model, x: axis.values, y, colour});
    points.forEach((point, k) => {
      const [low, high] = ["_low", "_high"].map((end) => valueAt(study, model, measure + end, point));
      rows.push([axis.values[k], model, y[k], low, high]);
      if (!Number.isFinite(y[k])) return;
      dots.x.push(axis.values[k]), dots.y.push(y[k]), dots.colour.push(colour);
      if (Number.isFinite(low) && Number.isFinite(high))
        bars.x.push(axis.values[k]), bars.low.push(low), bars.high.push(high), bars.colour.push(colour);
    });
  }
  if (versus && versus.study !== study && hasMeasure(versus.study, versus.model, measure)) {
    const y = axis.values.map((_, k) =>
      valueNear(versus.study, versus.model, measure, placeOf(study, cell.with(number, k))));
    const model = `${versus.study.name}: ${versus.model}`;
    lines.push({model, x: axis.values, y, colour: "#777777", dash: "dashed"});
    y.forEach((value, k) => rows.push([axis.values[k], model, value, NaN, NaN]));
  }
  fillLines(plot, lines);
  fill(plot, "dots", dots);
  fill(plot, "intervals", bars);
  const [low, high] = limits([...lines.flatMap((line) => line.y), ...bars.low, ...bars.high]);
  const here = axis.values[cell[number]];
  fill(plot, "marks", {x: [here], y0: [low], y1: [high], colour: ["#555555"]});
  setRange(part(plot).x_range, ...limits(axis.values, 0.02));
  setRange(part(plot).y_range, low, high);
  const others = study.axes.filter((one) => one.column !== along);
  const fixed = others.map((one) => `${one.short} = ${plain(one.values[cell[axisOf(study, one.column)]])}`);
  label(plot, {x: axis.label, y: MEASURES[measure].row, title: fixed.join(", ")});
  tables.set(plot, {columns: [along, "model", measure, "low", "high"], rows});
  describe(plot, `${titleOf(measure)} along ${axis.label} at ${fixed.join(", ")}, `
    + `lines of ${lines.map((line) => line.model).join(", ")} with 95 % intervals`);
}
