"""The figures of a sweep or a run, from its files alone: python -m study.figures DIR."""

import io
import os
import sys
from pathlib import Path

import pandas as pd
import seaborn as sns
from pyarrow import ArrowException, parquet

from analysis.budget import BUDGET_COLUMNS
from analysis.tables import NETWORK, SUMMARY_COLUMNS
from study.command.ending import run_command
from study.command.parser import Parser, UsageError
from study.drawing import error_budget, one_point, pictures
from study.drawing.diagram import draw_diagram
from study.drawing.error_budget import draw_costliest, draw_stacks, draw_upward
from study.drawing.examples import draw_examples, example_points, read_examples
from study.drawing.panels import draw_compared, draw_medians, draw_overview, draw_regimes
from study.store.folders import RECORD as RUN_RECORD
from study.store.folders import SWEEP_RECORD as RECORD
from study.store.folders import StoreError, read_record, write_atomic, write_json
from study.store.hashes import changed_files, file_hashes
from study.store.run_folder import read_run

POINTS, SPECTRA = "points.parquet", "spectra.parquet"
EXAMPLES, BUDGET = "examples.parquet", "budget.parquet"
COLUMNS = {
    POINTS: SUMMARY_COLUMNS,
    SPECTRA: ("p", "lam", "model", "frequency_Hz", "power"),
    EXAMPLES: ("p", "lam", "model", "t_ms", "V_mV"),
    BUDGET: BUDGET_COLUMNS,
}
STYLE = {"svg.hashsalt": "figures", "hatch.linewidth": 0.7, "axes.titlesize": "medium"}


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.figures", description=__doc__)
    add = parser.add_argument
    add("folder", metavar="DIR", help="folder of a run or a sweep")
    add("--out", metavar="DIR2", help="where the figures go (DIR/figures; of a run: DIR)")
    arguments = parser.parse_args(argv)
    folder = Path(arguments.folder)
    is_run, failed = (folder / RUN_RECORD).is_file() and not (folder / POINTS).exists(), []
    try:
        if is_run:
            check_run(folder)
        else:
            points = read_points(folder)
        out = _destination(arguments.out or (folder if is_run else folder / "figures"))
        pictures.try_drawing()
    except (UsageError, pictures.PictureError) as error:
        parser.error(str(error))
    drawn = draw_run(folder, out, failed) if is_run else draw_all(points, folder, out, failed)
    for path in drawn:
        print(path)
    if is_run and out.resolve() == folder.resolve():
        record = read_record(folder)
        files = {name: h for name, h in file_hashes(folder).items() if name != RUN_RECORD}
        write_json(folder / RUN_RECORD, {**record, "files": files})
    print(out)
    for error in failed:
        print(error, file=sys.stderr)
    return 1 if failed else 0


def check_run(folder):
    """Raise UsageError where the files of a run are not what was written, or cannot be drawn."""
    try:
        record = read_record(folder)
        read_run(folder)
    except StoreError as error:
        raise UsageError(f"DIR: {error}") from None
    pictured = {name: h for name, h in record.get("files", {}).items() if name[-4:] != ".png"}
    if changed := changed_files(folder, pictured, RUN_RECORD):
        raise UsageError(f"DIR: {changed[0]}, got {folder}")


def draw_run(folder, out, failed):
    """Draw the pictures of a run from its files; yield the path of each.

    Parameters
    ----------
    folder, out : Path
    failed : list
        Takes the PictureError of each that cannot be drawn.
    """
    run = read_run(folder)
    of_file = {"figure.png": one_point.draw}
    if run.budget is not None:
        of_file["budget.png"] = error_budget.draw_run
    for name, draw in of_file.items():
        file = io.BytesIO()
        try:
            with pictures.drawing(name):
                draw(run, file)
                write_atomic(out / name, file.getvalue())
        except pictures.PictureError as error:
            failed.append(error)
        else:
            yield out / name


def read_points(folder):
    """Read the table of points, and see that the other tables can be read and are what was written.

    A folder without sweep.json, such as tables that were copied out of one, has nothing to compare
    them with.

    Raises
    ------
    UsageError
    """
    if not folder.is_dir():
        raise UsageError(f"DIR: must be the folder of a sweep, got {folder}")
    try:
        hashes = (read_record(folder, RECORD) or {}).get("tables", {})
    except StoreError as error:
        raise UsageError(f"DIR: {error}") from None
    there = {name: digest for name, digest in hashes.items() if (folder / name).exists()}
    if changed := changed_files(folder, there, RECORD):
        raise UsageError(f"DIR: {changed[0]}, got {folder}")
    for name, columns in COLUMNS.items():
        path = folder / name
        if hashes and name not in hashes and path.exists():
            raise UsageError(f"DIR: {name} is no table of {RECORD}, got {folder}")
        if not path.is_file():
            if name in (EXAMPLES, BUDGET):
                continue
            raise UsageError(f"DIR: must hold {name}, got {folder}; study.sweep writes it")
        try:
            found = parquet.read_schema(path).names
        except (ArrowException, OSError) as error:
            reason = str(error).splitlines()[0]
            raise UsageError(f"DIR: {path} cannot be read: {reason}") from None
        if missing := [column for column in columns if column not in found]:
            raise UsageError(f"DIR: {path} must have the column {missing[0]}")
    points = pd.read_parquet(folder / POINTS)
    if not (points.model == NETWORK).any() or (points.model == NETWORK).all():
        raise UsageError(f"DIR: {folder / POINTS} must have rows of {NETWORK} and a mass model")
    if points.duplicated(["p", "lam", "model"]).any():
        raise UsageError(f"DIR: {folder / POINTS} must have one row per point and model")
    return points


def read_budget(folder):
    """Return the budget of a sweep's folder, None where there is none or no trial has a result."""
    if not (folder / BUDGET).is_file():
        return None
    budget = pd.read_parquet(folder / BUDGET)
    return budget if len(budget) else None


def _destination(folder):
    """Make the output folder, or raise UsageError."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out: {folder} cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--out: must be writable, got {folder}")
    return folder


def draw_all(points, folder, out, failed):
    """Draw and save all figures; yield the path of each file.

    A figure that cannot be drawn costs the others nothing.

    Parameters
    ----------
    points : DataFrame
        `read_points`.
    folder, out : Path
        Where the other tables are, and where the figures go.
    failed : list
        The errors of figures that cannot be drawn are appended to it.
    """
    sns.set_theme(context="notebook", style="ticks", rc=STYLE)
    chosen = example_points(points)
    spectra = read_examples(folder / SPECTRA, chosen)
    kept = (folder / EXAMPLES).is_file()
    potentials = read_examples(folder / EXAMPLES, chosen) if kept else None
    models = [model for model in points.model.unique() if model != NETWORK]
    drawings = {
        "setup": lambda: draw_diagram(models),
        "regimes": lambda: draw_regimes(points),
        "median_frequency": lambda: draw_medians(points),
        "chi_square": lambda: draw_compared(points, ("chi2", "spectral_distance")),
        "lag_correlation": lambda: draw_compared(points, ("tau_max_ms", "rho")),
        "examples": lambda: draw_examples(points, chosen, spectra, potentials),
        "overview": lambda: draw_overview(points),
    }
    if (budget := read_budget(folder)) is not None:
        for model in ("MFM", "CFM"):
            drawings[f"budget_{model}"] = lambda model=model: draw_stacks(budget, model)
        drawings["budget_costliest"] = lambda: draw_costliest(budget)
        drawings["budget_upward"] = lambda: draw_upward(budget)
    for name, draw in drawings.items():
        try:
            with pictures.drawing(name):
                files = _rendered(draw())
        except pictures.PictureError as error:
            failed.append(error)
            continue
        for suffix, content in files.items():
            write_atomic(out / f"{name}{suffix}", content)
            yield out / f"{name}{suffix}"


def _rendered(figure):
    """Return the content of a figure's files, by suffix."""
    files = {}
    for suffix, options in ((".png", {"dpi": 150}), (".svg", {"metadata": {"Date": None}})):
        file = io.BytesIO()
        figure.savefig(file, format=suffix[1:], **options)
        figure.set_layout_engine("none")  # what was found for the first file holds
        files[suffix] = file.getvalue()
    return files


if __name__ == "__main__":
    sys.exit(run_command(main))
