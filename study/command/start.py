"""What a command's process needs before its libraries are imported: python -m study.COMMAND."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BESIDE = ("models", "analysis")
LIBRARIES = ("numpy", "scipy", "pandas", "pyarrow", "matplotlib", "seaborn", "numba", "brian2",
    "xarray", "tqdm", "filelock", "platformdirs", "dask", "distributed")  # fmt: skip


def is_command():
    """Tell whether this process is about to become one: nobody's notebook, nobody's script."""
    named = (text.removeprefix("-m").partition(".")[0] for text in sys.orig_argv[1:])
    return sys.argv[0] == "-m" and "study" in named


def check_packages():
    """Raise ImportError, one line, where the packages beside this one are hidden by others."""
    for name in BESIDE:
        loaded = sys.modules.get(name)
        spec = loaded.__spec__ if loaded else importlib.util.find_spec(name)
        origin = spec and spec.origin  # a folder without __init__.py has none, and hides nothing
        if origin and Path(origin).resolve() != PROJECT / name / "__init__.py":
            raise _hidden(origin, f"the package {name} of this project")


def prepare():
    """Make the process fit for a command, whatever it was started in.

    Raises
    ------
    ImportError
        Files where the person stands hide the libraries; one line names them.
    """
    _open_standard_streams()
    os.environ["MPLBACKEND"] = "Agg"  # a notebook's own may not be installed here
    if hiding := _hiding():
        try:
            for name in LIBRARIES:
                importlib.import_module(name)
        except (Exception, SystemExit):
            names = ", ".join(str(path) for path in hiding)
            raise _hidden(names, "what a library imports by that name") from None


def _hidden(path, what):
    way = "rename it or start in another folder"
    return ImportError(f"{path} hides {what}: {way}", name="study")  # by this name, runpy's line


def _hiding():
    """List what lies in the current folder under the name of a library or a module of Python."""
    if not {"", os.getcwd()}.intersection(sys.path):
        return []
    names = {*sys.stdlib_module_names, *LIBRARIES}
    there = sorted(Path.cwd().iterdir())
    return [
        path
        for path in there
        if (path.suffix == ".py" and path.stem in names)
        or (path.name in names and (path / "__init__.py").is_file())
    ]


def _open_standard_streams():
    """Put nothing in the place of closed streams, lest a file of results gets their number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))
