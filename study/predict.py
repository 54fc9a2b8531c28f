"""What the parameters alone predict, against a study: python -m study.predict --against DIR."""

if __name__ == "__main__":  # what follows takes seconds to import
    from study.command.flags import early

    early("predict")

import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.axes import axes_of, point_label
from analysis.chi_square import spectral_distance
from analysis.measures import NETWORK
from analysis.regimes import regime
from analysis.spectra import median_frequency
from analysis.statuses import DIVERGED, OUTSIDE
from models.mass.closed.density_grid import resolution
from models.mass.registry import CLOSED
from models.parameters import ParameterError, from_si
from study.command.arguments import closed_from
from study.command.ending import run_command
from study.command.flags import predict_parser
from study.command.numbers import integer, seed_from
from study.command.parser import UsageError
from study.command.progress import trial_reporter
from study.store.folders import SWEEP_RECORD, StoreError, finished_record, write_atomic, write_json
from study.store.hashes import file_hashes
from study.store.kept_tables import tables_request
from study.store.read_sweep import EXAMPLES, SPECTRA, read_points
from study.store.tables import thinned
from study.trial.prediction import against, predicted
from study.trial.provenance import provenance
from study.trial.request import Request

MEANS = ("rate_Hz", "rate_exc_Hz", "rate_inh_Hz", "spike_contrast", "mean_mV", "std_mV")
"""What is averaged over trials."""
RHYTHM = ("rhythm_Hz", "rhythm_strength")
"""Likewise, over the trials that have one; the median frequency is that of mean spectra."""


def main(argv=None):
    """Run the command; return its exit status."""
    parser = predict_parser()
    arguments = parser.parse_args(argv)
    folder = Path(arguments.against)
    try:
        names = closed_from(arguments.closed, CLOSED)
        trials = integer("--trials", arguments.trials, 1)
        workers = integer("--workers", arguments.workers, 1)
        seed = seed_from(arguments)
        points = read_points(folder)
        record = finished_record(folder, SWEEP_RECORD)
        if record is None:
            raise StoreError(f"must hold {SWEEP_RECORD}, got {folder}")
    except StoreError as error:
        parser.error(f"--against: {error}")
    except UsageError as error:
        parser.error(str(error))
    request = Request.from_record(tables_request(record))
    table = predictions(request, names, trials, seed, workers, arguments.quiet)
    table = compared(table, points, pd.read_parquet(folder / SPECTRA))
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(out / "closed.csv", table.drop(columns="power").to_csv(index=False).encode())
    print(findings(table).to_string(float_format="{:.3g}".format))
    if not arguments.no_figure:
        from study.drawing.closed import draw_closed  # matplotlib: a second to import

        shown = examples(request, points, folder, names, seed)
        for name, content in draw_closed(table, points, shown).items():
            write_atomic(out / name, content)
            print(out / name)
    told = {"closed": names, "trials": trials, "seed": seed, "request": request.record()}
    if "density" in names:
        told["resolution"] = asdict(resolution(from_si(next(request.points()))))
    files = {name: digest for name, digest in file_hashes(out).items() if name != "closed.json"}
    write_json(out / "closed.json", {**told, **provenance(), "files": files})
    print(out)
    return 0


def predictions(request, names, trials, seed, workers=1, quiet=True):
    """Run closed models at every point of a request.

    Parameters
    ----------
    request : study.trial.request.Request
    names : list of str
        Keys of `models.mass.registry.CLOSED`.
    trials, seed, workers : int
    quiet : bool

    Returns
    -------
    DataFrame
        A row per point and model: the axes, model, trials, the measures of MEANS and RHYTHM,
        median_frequency_Hz, regime, status, and `power`, the mean spectrum (frequency, power).
    """
    jobs = [job for job in request.jobs() if job.trial == 0]
    work = [(name, job) for job in jobs for name in names]
    rows, run = [], partial(_at, trials=trials, seed=seed)
    with trial_reporter(len(work), quiet) as show:
        if workers == 1:
            for row in map(run, work):
                rows.append(row)
                show(len(rows), 1, 0)
        else:
            with ProcessPoolExecutor(workers) as pool:
                for row in pool.map(run, work):
                    rows.append(row)
                    show(len(rows), min(workers, len(work) - len(rows)), 0)
    table = pd.DataFrame(rows)
    return table.sort_values(axes_of(table), kind="stable", ignore_index=True)


def _at(work, trials, seed):
    """Return the row of one model at one point."""
    name, job = work
    row = {**job.at, "model": name, "trials": trials}
    try:
        found = [predicted(name, from_si(job.parameters), seed + k) for k in range(trials)]
    except ParameterError as error:
        return {**row, "status": f"{OUTSIDE}: {error}", "power": None}
    statuses = [each.measures["status"] for each in found]
    row["status"] = ", ".join(dict.fromkeys(statuses))
    if DIVERGED in statuses:
        return {**row, "power": None}
    row |= {of: np.mean([each.measures.get(of, np.nan) for each in found]) for of in MEANS}
    for name in RHYTHM:
        row[name] = pd.Series([each.measures.get(name) for each in found], dtype=float).mean()
    spectra = [each.power for each in found if each.power is not None]
    row |= {"median_frequency_Hz": np.nan, "power": None}
    if spectra:
        frequency_Hz, mean = found[0].frequency_Hz, np.mean(spectra, axis=0)
        row["median_frequency_Hz"] = median_frequency(frequency_Hz, mean)
        row["power"] = (frequency_Hz, mean)
    of_regime = (row[of] for of in ("rate_Hz", "spike_contrast", "rhythm_Hz"))
    return {**row, "regime": regime(*of_regime)}


def compared(table, points, spectra):
    """Add to each row how far it is from the network.

    Parameters
    ----------
    table : DataFrame
        `predictions`.
    points, spectra : DataFrame
        Of the study that is the judge; its spectra may be thinned, as `study.sweep` writes them.

    Returns
    -------
    DataFrame
        With the columns of `study.trial.prediction.against` and spectral_distance, which is of
        bins as wide as those of the study.
    """
    axes = axes_of(points)
    network = points[points.model == NETWORK].set_index(axes)
    measured = dict(list(spectra[spectra.model == NETWORK].groupby(axes, sort=False)))
    rows = []
    for row in table.to_dict("records"):
        place = tuple(row[axis] for axis in axes)
        mine = against(row, network.loc[place])
        mine["spectral_distance"] = np.nan
        if row["power"] is not None and place in measured:
            mine["spectral_distance"] = _distance(row["power"], measured[place])
        rows.append({**row, **mine, "network_regime": network.regime[place]})
    return pd.DataFrame(rows)


def examples(request, points, folder, names, seed):
    """Return what is shown of a point of each regime: the end of the potentials, by model.

    Parameters
    ----------
    request, points
        Of the study that is the judge.
    folder : Path
        Of that study; without examples.parquet there are the models alone.
    names : list of str
    seed : int

    Returns
    -------
    list of (str, dict)
    """
    from study.drawing.closed import EXAMPLE_MS
    from study.drawing.examples import example_points, read_examples

    axes, shown = axes_of(points), []
    jobs = {job.point: job for job in request.jobs()}
    for reason, row in example_points(points):
        potentials, params = {}, from_si(jobs[tuple(row[axes])].parameters)
        if (folder / EXAMPLES).is_file():
            kept = read_examples(folder / EXAMPLES, [(reason, row)])
            kept = kept[kept.model == NETWORK]
            potentials[NETWORK] = (kept.t_ms.to_numpy(), kept.V_mV.to_numpy())
        last = round(EXAMPLE_MS * 1e-3 / float(params.dt))
        t_ms = np.arange(params.steps)[-last:] * float(params.dt) * 1e3
        for name in names:
            with suppress(ParameterError):
                potentials[name] = (t_ms, predicted(name, params, seed).series.V_mV[-last:])
        shown.append((f"{reason}, {point_label(row, axes)}", potentials))
    return shown


def _distance(own, network):
    """Measure the distance of two spectra over the bins of the thinned one, each by its width."""
    frequency_Hz, power = own
    if len(network) != len(frequency_Hz):
        frequency_Hz, power = thinned(frequency_Hz, power)
    width = np.gradient(frequency_Hz)
    return spectral_distance(network.power.to_numpy(float) * width, power * width)


def findings(table):
    """Count the points at which each model is how close to the network."""
    rows = {}
    for model, mine in table.groupby("model", sort=False):
        rate, std = (mine[f"{name}_ratio"] - 1 for name in ("rate", "std"))
        rows[model] = {
            "points": len(mine),
            **{f"rate within {p} %": int((rate.abs() <= p / 100).sum()) for p in (2, 5, 10)},
            "rate: median error %": 100 * rate.abs().median(),
            "s.d. within 10 %": int((std.abs() <= 0.1).sum()),
            "mean: largest error mV": mine.mean_error_mV.abs().max(),
            "frequency within 10 %": int(((mine.frequency_ratio - 1).abs() <= 0.1).sum()),
            "regime right": int(mine.regime_right.sum()),
            "spectral distance: median": mine.spectral_distance.median(),
        }
    return pd.DataFrame(rows)


if __name__ == "__main__":
    sys.exit(run_command(main))
