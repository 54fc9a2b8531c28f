"""Programs are shared between processes; what one used is compared with what was given."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.engine import values

ROOT = Path(__file__).parent.parent


def test_processes_that_start_together_compile_once(tmp_path):
    """Each asks for the same program at the same time; the makefile notes every compilation."""
    log = tmp_path / "log"
    script = (
        "from models.engine.cache import compiled\n"
        f"makefile = 'main:\\n\\tsleep 1; echo made >> {log}; touch main\\n'\n"
        "print(compiled({'makefile': makefile}))\n"
    )
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    programs = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(programs) == 1 and Path(programs.pop().decode().strip()).exists()
    assert log.read_text() == "made\n"
    assert not list(tmp_path.rglob("compiling_*"))


def test_what_the_program_used_is_compared(tmp_path):
    given = {"seed": 3, "neurons.tau_mem": 0.02, "synapses.p": 0.1, "record_spikes": "1"}
    right = "seed 3\nneurons.tau_mem 0.02\nsynapses.p 0.10000000000000001\nvector_level plain\n"
    (tmp_path / values.USED).write_text(right)
    assert values.check_used(given, tmp_path)["vector_level"] == "plain"
    (tmp_path / values.USED).write_text(right.replace("0.02", "0.021"))
    with pytest.raises(RuntimeError, match=r"neurons\.tau_mem = 0\.021 instead of 0\.02$"):
        values.check_used(given, tmp_path)
    (tmp_path / values.USED).write_text(right.replace("synapses.p", "synapses.q"))
    with pytest.raises(RuntimeError, match=r"synapses\.p = nothing instead of 0\.1"):
        values.check_used(given, tmp_path)


@pytest.mark.parametrize("value", [0.1, 1e-300, -0.0, 5e-4, 1 / 3])
def test_numbers_survive_the_way_to_the_program(tmp_path, value):
    values.write({"x": value}, tmp_path)
    name, text = (tmp_path / values.GIVEN).read_text().split()
    assert name == "x" and float(text) == value
