"""Commands in odd surroundings: closed or broken streams, no home, files that hide packages."""

import os
import subprocess
import sys

import pytest
from platformdirs import user_cache_path
from small_sweep import ROOT

RUN = f"{sys.executable} -m study.run --p 0.1 --lam 0.8 --n 100 --out out"
RUN += " --duration 1 --transient 0.1"
FINDINGS = f"{sys.executable} -m study.findings {ROOT / 'results' / 'paper'}"


def shell(command, folder, **variables):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    given = {"cwd": folder, "env": environment, "timeout": 300}
    command = f"set -o pipefail; {command}"
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, **given)


STREAMS = [(">&- 2>&-", 0), ("> /dev/full", 1), ("2> /dev/full", 0)]


@pytest.mark.parametrize("streams, status", STREAMS)
def test_a_run_is_kept_whatever_becomes_of_its_output(tmp_path, streams, status):
    done = shell(f"{RUN} --no-figure {streams}", tmp_path)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert {"summary.csv", "run.json"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_a_reader_that_leaves(tmp_path):
    done = shell(f"{FINDINGS} | head -n 1", tmp_path)
    assert done.returncode in (0, 141) and done.stdout.count("\n") == 1 and done.stderr == ""


def test_a_terminal_without_these_letters(tmp_path):
    done = shell(FINDINGS, tmp_path, PYTHONIOENCODING="latin-1", LC_ALL="C")
    assert done.returncode == 0 and done.stderr == ""


def test_settings_of_a_notebook_and_no_home(tmp_path):
    nowhere = {"HOME": "/proc", "XDG_CACHE_HOME": str(user_cache_path())}
    backend = "module://matplotlib_inline.backend_inline_that_is_missing"
    done = shell(RUN, tmp_path, MPLBACKEND=backend, **nowhere)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "figure.png").stat().st_size > 10_000


def test_no_folder_for_programs_is_named(tmp_path):
    done = shell(f"{RUN} --quiet", tmp_path, HOME="/proc", XDG_CACHE_HOME="")
    assert done.returncode == 1 and "XDG_CACHE_HOME" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["models.py", "numpy.py", "random.py"])
def test_a_file_that_hides_a_package_is_named(tmp_path, name):
    (tmp_path / name).write_text("")
    done = shell(RUN, tmp_path)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert f"{tmp_path / name} hides" in done.stderr
    assert done.stderr.count("\n") == 1
