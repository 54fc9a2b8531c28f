"""A user's mass model stands beside the others, or is refused in one line that names it."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_networks import COMMAND, THOUSAND, made_up
from small_sweep import SWEEP

from models.mass.factorised import factorised
from models.mass.mfm import mfm
from models.mass.model import solve
from study import run, sweep
from study.drawing import one_point
from study.trial.user_models import ModelError, OwnModel, own_models

GOOD = """
import numpy as np

def frozen(recording, params, integrator):
    return np.full(recording.steps, recording.V_mV[0])

def copied(recording, params, integrator="euler"):
    return recording.V_mV + 1.0

def CFM(recording, params, integrator):
    return recording.V_mV

class Callable:
    def __call__(self, recording, params, integrator):
        return recording.V_mV + 1.0

instance = Callable()
"""
BAD = """
import numpy as np

def short(recording, params, integrator):
    return recording.V_mV[:-1]

def undefined(recording, params, integrator):
    V_mV = recording.V_mV.copy()
    V_mV[7] = np.nan
    return V_mV

def raising(recording, params, integrator):
    raise KeyError("no such thing")

def wordy(recording, params, integrator):
    return "minus sixty"

def late(recording, params, integrator):
    # well-behaved in a short record only
    return recording.V_mV if recording.steps < 1000 else recording.V_mV * np.inf

number = 3

def volts(recording, params, integrator):
    from brian2 import mV
    return recording.V_mV * mV

def writing(recording, params, integrator):
    recording.V_mV[:] = 0

def backwards(recording, params, integrator):
    from models.mass.model import MassSeries
    return MassSeries(recording.V_mV, rate_exc_Hz=-np.ones(recording.steps))

def leaving(recording, params, integrator):
    raise SystemExit(0)
"""


@pytest.fixture
def modules(tmp_path, monkeypatch):
    for name, text in (("good_models", GOOD), ("bad_models", BAD), ("broken_models", "1/0")):
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield tmp_path
    for name in ("good_models", "bad_models", "broken_models", "asking_models"):
        sys.modules.pop(name, None)


def test_it_appears_in_every_table_and_figure_of_a_run(modules, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(one_point, "draw", lambda *given: drawn.append(given))
    own = "--model good_models:frozen --model good_models:copied".split()
    assert run.main([*COMMAND, *own, "--out", str(tmp_path / "run")]) == 0
    models = ["LIF", "CFM", "MFM", "frozen", "copied"]
    summary = pd.read_csv(tmp_path / "run" / "summary.csv")
    assert list(summary.model) == models
    found = summary.set_index("model")
    assert found.status["frozen"] == "constant"
    assert found.rho["copied"] == pytest.approx(1) and found.tau_max_ms["copied"] == 0
    assert found.mean_mV["copied"] == pytest.approx(found.mean_mV["LIF"] + 1)
    assert set(pd.read_parquet(tmp_path / "run" / "spectra.parquet").model) == set(models)
    ((drawn_run, _),) = drawn
    assert list(drawn_run.traces.V_mV) == models and list(drawn_run.summary.model) == models


@pytest.mark.parametrize(
    "address, message",
    [
        ("bad_models:short", r"must return 200 values, one per step, got .* shape \(199,\)"),
        ("bad_models:undefined", "must return finite values, got nan in step 7"),
        ("bad_models:raising", "raised KeyError: 'no such thing'"),
        ("bad_models:wordy", "must return 200 values, .* array of plain numbers in mV, got a str"),
        ("bad_models:volts", "must return 200 values, .* plain numbers in mV, got a Quantity"),
        ("bad_models:writing", "raised ValueError: .*read-only"),
        ("bad_models:backwards", "must return rates of 0 or more, got -1"),
        ("bad_models:leaving", "raised SystemExit: 0"),
        ("bad_models:number", "must be a function, got 3"),
        ("bad_models:nobody", "cannot be imported .AttributeError: .*nobody"),
        ("broken_models:f", "cannot be imported .ZeroDivisionError: division by zero"),
        ("no_such_module:f", "cannot be imported .ModuleNotFoundError: .*no_such_module"),
        ("good_models.frozen", "must have the form package.module:function"),
        ("good_models:CFM", "there is a model CFM already"),
    ],
)
@pytest.mark.parametrize("command", ["run", "sweep"])
def test_misbehaviour_is_refused_in_one_line(modules, tmp_path, capsys, command, address, message):
    main, arguments = {"run": (run.main, COMMAND), "sweep": (sweep.main, SWEEP)}[command]
    with pytest.raises(SystemExit) as exit_:
        main([*arguments, "--model", address, "--out", str(tmp_path / "out")])
    error = capsys.readouterr().err.strip()
    assert exit_.value.code == 2 and len(error.splitlines()) == 1
    assert f"error: --model: {address}: " in error
    assert re.search(message, error)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("budget", [False, True])
def test_the_made_up_record_holds_what_the_real_one_will(modules, budget):
    (modules / "asking_models.py").write_text(
        "def asking(recording, params, integrator):\n"
        "    exc = recording.neuron < recording.N_exc\n"
        "    assert exc.sum() == recording.count_exc.sum() > 0\n"
        "    assert (~exc).sum() == recording.count_inh.sum() and len(recording.step) == len(exc)\n"
        f"    assert (recording.balance is not None) == {budget}\n"
        "    return recording.V_mV\n"
    )
    (found,) = own_models(["asking_models:asking"], THOUSAND, budget)
    assert found["address"] == "asking_models:asking"


def test_any_callable_will_do(modules):
    recording = made_up(steps=500)
    V_mV = OwnModel("good_models:instance")(recording, THOUSAND)
    np.testing.assert_array_equal(V_mV, recording.V_mV + 1)


def test_what_shows_in_the_real_record_only_costs_the_model_its_row(modules, tmp_path, capsys):
    """The other rows, the table and the figure are there; the exit status tells."""
    out = tmp_path / "out"
    assert run.main([*COMMAND, "--model", "bad_models:late", "--out", str(out)]) == 1
    reason = "bad_models:late: must return finite values, got -inf in step 0"
    assert reason in capsys.readouterr().err
    summary = pd.read_csv(out / "summary.csv").set_index("model")
    assert list(summary.index) == ["LIF", "CFM", "MFM", "late"]
    assert summary.status["late"] == "failed"
    failed = json.loads((out / "run.json").read_text())["failed"]
    assert failed == {"late": {"trials": 1, "message": reason}}
    assert list(summary.status[:3]) == ["ok"] * 3
    assert (out / "figure.png").is_file()


def test_a_sweep_shows_it_and_records_its_failure(modules, tmp_path, capsys):
    """`late` fails in every trial; each point has its rows, and `status` says so."""
    grid = "--p 0.1 --lam 0.8 --trials 1 --workers 1 --retries 0".split() + SWEEP[6:]
    good = [*grid, "--model", "good_models:copied", "--out", str(tmp_path / "good")]
    assert sweep.main(good) == 0
    points = pd.read_csv(tmp_path / "good" / "points.csv").set_index("model")
    assert list(points.index) == ["LIF", "CFM", "MFM", "copied"]
    assert points.rho["copied"] == pytest.approx(1)
    late = [*grid, "--model", "bad_models:late", "--out", str(tmp_path / "late")]
    assert sweep.main(late) == 1
    trials = pd.read_csv(tmp_path / "late" / "trials.csv")
    assert list(trials.model) == ["LIF", "CFM", "MFM", "late"]
    assert list(trials.status) == ["ok", "ok", "ok", "failed"]
    assert trials.message[3].startswith("bad_models:late: must return finite values")


def test_the_example_of_the_how_to(modules):
    """It is the factorised model as long as that stays below the threshold."""
    text = (Path(__file__).parents[3] / "docs/howto/own_model.md").read_text()
    (modules / "clipped.py").write_text(text.split("```python\n")[1].split("```")[0])
    recording = made_up(steps=500)
    clipped = OwnModel("clipped:clipped")(recording, THOUSAND)
    expected = solve(factorised, recording, THOUSAND).V_mV
    passed = int(np.argmax(expected > -50))
    assert passed > 50 and clipped.max() == pytest.approx(-50)
    np.testing.assert_allclose(clipped[:passed], expected[:passed], rtol=0, atol=1e-10)
    sys.modules.pop("clipped")


def test_it_may_return_rates_or_an_equation(modules):
    """As the contract says, and as the project's own models do."""
    (modules / "asking_models.py").write_text("""
import numpy as np
from models.mass.mfm import mfm
from models.mass.model import MassSeries

def closed(recording, params, integrator):
    return MassSeries(recording.V_mV - 1, rate_exc_Hz=[2] * recording.steps)
""")
    recording = made_up(steps=300)
    series = solve(OwnModel("asking_models:closed"), recording, THOUSAND)
    assert np.array_equal(series.V_mV, recording.V_mV - 1)
    assert series.rate_exc_Hz.tolist() == [2.0] * 300 and series.rate_inh_Hz is None
    own, ours = (solve(m, recording, THOUSAND) for m in (OwnModel("asking_models:mfm"), mfm))
    assert np.array_equal(own.V_mV, ours.V_mV)


def test_another_text_of_the_model_is_another_model(modules, tmp_path):
    before = OwnModel("good_models:copied").digest()
    (tmp_path / "good_models.py").write_text(GOOD.replace("1.0", "2.0"))
    assert OwnModel("good_models:copied").digest() != before
    with pytest.raises(ModelError, match="copied: its file is not the one that --model was given"):
        OwnModel("good_models:copied", before)(made_up(), THOUSAND)
