"""The version of the code in a trial's record: all that decides its numbers, and nothing else."""

import shutil
from pathlib import Path

import pytest
from imports import imported_modules

from study.trial import provenance

ROOT = Path(__file__).resolve().parents[3]
NO_NUMBERS = {"study/trial/provenance.py", "models/engine/__init__.py", "analysis/axes.py"}
"""What a trial imports that says no number: where it comes from, the names of columns."""


def imports(file):
    """Return the files of the project that a file imports, anywhere in it."""
    paths = [ROOT / (name.replace(".", "/") + ".py") for name in imported_modules(file)]
    return {path for path in paths if path.exists()}


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The sources in a folder of their own, and the version afresh at each call."""
    for name in ("study", "analysis", "models"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    return tmp_path, provenance.code_version.__wrapped__


def test_all_that_a_trial_imports_is_decisive_or_named_here():
    reached, waiting = set(), [ROOT / "study/trial/run_job.py"]
    while waiting:
        file = waiting.pop()
        name = file.relative_to(ROOT).as_posix()
        if file not in reached and name not in NO_NUMBERS:
            reached.add(file)
            waiting += imports(file)
    assert len(reached) > 30
    assert reached <= set(provenance.decisive_files())


def test_a_listed_file_that_is_gone_is_named(copied):
    folder, version = copied
    (folder / "study/trial/trial.py").rename(folder / "study/trial/other.py")
    with pytest.raises(FileNotFoundError, match=r"study/trial/trial\.py decides a trial's numbers"):
        version()


def test_what_decides_changes_the_version_and_nothing_else_does(copied):
    folder, version = copied
    before = version()
    for name in ("analysis/bootstrap.py", "study/sweep.py", "study/figures.py", "README.md"):
        (folder / name).write_text("# a comment")
    (folder / "models/engine/dense/.kernels.cpp.swp").write_text("an editor's")
    assert version() == before
    for name in ("study/trial/job.py", "models/engine/dense/random.hpp"):
        text = (folder / name).read_text()
        (folder / name).write_text(text + "\n")
        assert version() != before, name
        (folder / name).write_text(text)
    assert version() == before
