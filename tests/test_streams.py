"""Standard output and error that are closed or full take no result along."""

import os
import subprocess
import sys

import pytest
from small_sweep import ROOT

RUN = f"{sys.executable} -m study.run --p 0.1 --lam 0.8 --n 100 --out out"
RUN += " --duration 1 --transient 0.1"


def shell(command, folder, **variables):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    given = {"cwd": folder, "env": environment, "timeout": 300}
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, **given)


@pytest.mark.parametrize("streams, status", [(">&- 2>&-", 0), ("> /dev/full", 1)])
def test_a_run_is_kept_whatever_becomes_of_its_output(tmp_path, streams, status):
    done = shell(f"{RUN} --no-figure {streams}", tmp_path)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert {"summary.csv", "run.json"} <= {path.name for path in (tmp_path / "out").iterdir()}
