"""The figures of a sweep or a run, from its files alone: python -m study.figures DIR."""

import io
import os
import sys
from pathlib import Path

import seaborn as sns

from analysis.axes import fixed_label, varied
from analysis.measures import MEASURES, NETWORK
from study.command.at import add_at_argument, points_at
from study.command.ending import run_command
from study.command.parser import Parser, UsageError
from study.drawing import pictures
from study.drawing.diagram import draw_diagram
from study.drawing.error_budget import draw_costliest, draw_stacks, draw_upward
from study.drawing.examples import draw_examples, example_points, read_examples
from study.drawing.multiples import draw_multiples
from study.drawing.panels import draw_compared, draw_medians, draw_overview, draw_regimes
from study.drawing.run_pictures import draw_run
from study.store.folders import RECORD as RUN_RECORD
from study.store.folders import StoreError, read_record, write_atomic
from study.store.read_sweep import (
    EXAMPLES,
    POINTS,
    SPECTRA,
    check_plane,
    read_budget,
    read_points,
)
from study.store.run_folder import read_run, write_record

STYLE = {"svg.hashsalt": "figures", "hatch.linewidth": 0.7, "axes.titlesize": "medium"}


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.figures", description=__doc__)
    add = parser.add_argument
    add("folder", metavar="DIR", help="folder of a run or a sweep")
    add("--out", metavar="DIR2", help="where the figures go (DIR/figures; of a run: DIR)")
    add_at_argument(parser)
    arguments = parser.parse_args(argv)
    folder = Path(arguments.folder)
    is_run, failed = (folder / RUN_RECORD).is_file() and not (folder / POINTS).exists(), []
    try:
        if is_run:
            if arguments.at:
                raise UsageError("--at: must stand beside the folder of a sweep, got a run's")
            read_run(folder, checked=True)
        else:
            check_plane(folder)
            points = points_at(read_points(folder), arguments.at)
        out = _destination(arguments.out or (folder if is_run else folder / "figures"))
        pictures.try_drawing()
    except StoreError as error:
        parser.error(f"DIR: {error}")
    except (UsageError, pictures.PictureError) as error:
        parser.error(str(error))
    if is_run:
        drawn = draw_run(folder, out, failed)
    else:
        drawn = draw_all(points, folder, out, failed, arguments.at)
    for path in drawn:
        print(path)
    if is_run and out.resolve() == folder.resolve():
        write_record(folder, read_record(folder))
    print(out)
    for error in failed:
        print(error, file=sys.stderr)
    return 1 if failed else 0


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


def draw_all(points, folder, out, failed, at=()):
    """Draw and save all figures; yield the path of each file.

    A figure that cannot be drawn costs the others nothing. Where more than two axes vary, maps are
    small multiples.

    Parameters
    ----------
    points : DataFrame
        `read_points`.
    folder, out : Path
        Where the other tables are, and where the figures go.
    failed : list
        The errors of figures that cannot be drawn are appended to it.
    at : list of str
        What the points were chosen by.
    """
    sns.set_theme(context="notebook", style="ticks", rc=STYLE)
    chosen = example_points(points)
    spectra = read_examples(folder / SPECTRA, chosen)
    kept = (folder / EXAMPLES).is_file()
    potentials = read_examples(folder / EXAMPLES, chosen) if kept else None
    models = [model for model in points.model.unique() if model != NETWORK]
    where = fixed_label(points)
    drawings = {
        "setup": lambda: draw_diagram(models),
        "examples": lambda: draw_examples(points, chosen, spectra, potentials),
    }
    if flat := len(varied(points)) <= 2:
        drawings |= {
            "regimes": lambda: draw_regimes(points),
            "median_frequency": lambda: draw_medians(points),
            "chi_square": lambda: draw_compared(points, ("chi2", "spectral_distance")),
            "lag_correlation": lambda: draw_compared(points, ("tau_max_ms", "rho")),
            "overview": lambda: draw_overview(points),
        }
    else:
        for measure in (measure for measure in MEASURES if measure.title):
            name = f"multiples_{measure.quantity}"
            drawings[name] = lambda column=measure.name: draw_multiples(points, column)
    if flat and (budget := read_budget(folder)) is not None:
        budget = points_at(budget, at)
        for model in ("MFM", "CFM"):
            drawings[f"budget_{model}"] = lambda model=model: draw_stacks(budget, model)
        drawings["budget_costliest"] = lambda: draw_costliest(budget, points)
        drawings["budget_upward"] = lambda: draw_upward(budget)
    for name, draw in drawings.items():
        try:
            with pictures.drawing(name):
                figure = draw()
                if where and name not in ("setup", "examples"):  # which say it themselves
                    figure.suptitle(where, x=0.01, ha="left", fontsize="medium")
                files = _rendered(figure)
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
