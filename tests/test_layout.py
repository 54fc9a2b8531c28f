"""The shape of the code: imports point one way, packages are listed, `__init__` files are empty."""

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest
from imports import imported_modules

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "models": {"analysis", "study", "pandas", "matplotlib", "seaborn"},
    "analysis": {"models", "study", "brian2", "matplotlib", "seaborn"},
    "study": {"tests"},
}


def imported(file):
    """Return the top-level packages that a file imports, anywhere in it."""
    return {name.partition(".")[0] for name in imported_modules(file)}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_point_one_way(package):
    files = list((ROOT / package).rglob("*.py"))
    assert len(files) > 5
    for file in files:
        assert not imported(file) & FORBIDDEN[package], file


def test_the_engine_knows_nothing_of_the_project():
    """It could leave as a distribution of its own."""
    files = list((ROOT / "models/engine").rglob("*.py"))
    assert len(files) > 5
    for file in files:
        for name in imported_modules(file):
            own = name.partition(".")[0] in FORBIDDEN
            assert not own or name.startswith("models.engine"), f"{file} imports {name}"


def test_tables_are_read_and_drawn_without_the_simulator():
    """The measures, the figures of a sweep and its findings: Brian2 takes longer than they do."""
    folders = ("analysis", "study/drawing", "study/page")
    files = [file for folder in folders for file in (ROOT / folder).glob("*.py")]
    modules = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    modules += ["study.figures", "study.findings", "study.explore"]
    code = f"import sys, {', '.join(modules)}; print('brian2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_the_picture_of_the_pipeline_names_what_there_is():
    text = (ROOT / "docs/pipeline.svg").read_text(encoding="utf-8")
    places = re.findall(r"\b(?:study|models|analysis)/[\w/.]*", text)
    assert len(places) > 8
    for place in places:
        assert (ROOT / place).exists(), place


def test_every_package_is_listed():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = set(setup["options"]["packages"].split())
    found = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for package in FORBIDDEN
        for file in (ROOT / package).rglob("__init__.py")
    }
    assert listed == found


DOORS = (
    ROOT / "models/engine/__init__.py",  # makes the device known, offers two classes
    ROOT / "study/__init__.py",  # runs before a command's libraries are imported
)


def test_init_files_hold_a_docstring_only():
    """But for that of `study`, which is run before a command's libraries are imported."""
    for package in FORBIDDEN:
        for file in {*(ROOT / package).rglob("__init__.py")}.difference(DOORS):
            assert len(ast.parse(file.read_text()).body) == 1, file


def test_declared_requirements_cover_what_is_imported():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extras = setup["options.extras_require"].values()
    declared = "\n".join([setup["options"]["install_requires"], *extras])
    names = {"nest": "nest-simulator", "dask_jobqueue": "dask-jobqueue"}
    names["sklearn"] = "scikit-learn"
    own = {*FORBIDDEN, *sys.stdlib_module_names}
    for package in FORBIDDEN:
        for file in (ROOT / package).rglob("*.py"):
            for module in imported(file) - own:
                assert names.get(module, module) in declared, f"{file} imports {module}"
