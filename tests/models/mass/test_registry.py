"""A new mass model is one file and one line: tables, ladder, figures and commands pick it up."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from brian2 import ms
from matplotlib.text import Text
from small_networks import COMMAND, THOUSAND, made_up

from models.mass import registry
from models.mass.integrators import INTEGRATORS
from models.mass.ladder import ASSUMPTIONS, CHAINS, orders
from models.mass.model import MassSeries, solve
from study import run
from study.drawing import error_budget, one_point

ROOT = Path(registry.__file__).parents[2]
ADDED = """
from brian2 import mV

from models.mass.inputs import synaptic_gain
from models.mass.model import Equation


def without_synapse(recording, params, integrator="euler"):
    gain, pull_mV = synaptic_gain(recording, params)
    return Equation(float(params.v_rest / mV) + pull_mV, gain)
"""


@pytest.mark.parametrize("name", registry.MODELS)
def test_every_model_keeps_the_contract(name):
    recording, model = made_up(steps=300), registry.function(name)
    params = replace(THOUSAND, duration=30 * ms, transient=5 * ms)
    if name == "subthreshold":
        with pytest.raises(ValueError, match="the record lacks the balance"):
            solve(model, recording, params)
        return
    for integrator in INTEGRATORS:
        series = solve(model, recording, params, integrator)
        assert isinstance(series, MassSeries)
        assert series.V_mV.shape == (300,) and series.V_mV[0] == recording.V_mV[0]
        assert np.isfinite(series.V_mV).all()
        assert series.rate_exc_Hz is None and series.rate_inh_Hz is None  # all are open
    with pytest.raises(ValueError, match="integrator must be one of euler, exact, got heun"):
        solve(model, recording, params, "heun")
    assert "Assumptions" in model.__doc__


def test_the_file_of_a_model_is_short():
    modules = {address.partition(":")[0] for address, *_ in registry.MODELS.values()}
    for module in modules:
        text = (ROOT / f"{module.replace('.', '/')}.py").read_text()
        assert ast.get_docstring(ast.parse(text)) and text.count("\n") < 60, module


def test_rungs_name_what_there_is():
    for order, rungs in orders().items():
        for rung in rungs:
            assert rung.model in registry.MODELS
            assert rung.assumption is None or rung.assumption in ASSUMPTIONS, order
    for order, end in CHAINS:
        assert end in [rung.name for rung in orders()[order]]


def test_an_added_model_is_everywhere(tmp_path, monkeypatch, capsys):
    (tmp_path / "added_model.py").write_text(ADDED)
    monkeypatch.syspath_prepend(str(tmp_path))
    listing = registry.Listing("added_model:without_synapse", compared=True, upward=True)
    monkeypatch.setitem(registry.MODELS, "no synapse", listing)
    drawn = {}
    for module, name in ((one_point, "draw"), (error_budget, "draw_point")):
        draw = getattr(module, name)

        def kept(*given, draw=draw, name=name):
            draw(*given)
            drawn[name] = [text.get_text() for text in one_point.plt.gcf().findobj(Text)]

        monkeypatch.setattr(module, name, kept)
        monkeypatch.setattr(module.plt, "close", lambda *figure: None)
    assert run.main([*COMMAND, "--budget", "--out", str(tmp_path / "run")]) == 0
    assert "no synapse" in capsys.readouterr().out
    summary = pd.read_csv(tmp_path / "run/summary.csv").set_index("model")
    assert list(summary.index) == ["LIF", "CFM", "MFM", "no synapse"]
    assert summary.status["no synapse"] == "ok"
    budget = pd.read_csv(tmp_path / "run/budget.csv")
    upward = budget[budget.order == "upward"]
    assert list(upward.model) == ["3r", "3c", "3rc", "no synapse"]
    assert upward.nrmse.notna().all()
    for name in drawn:
        assert any("no synapse" in text for text in drawn[name]), name
    assert len(drawn) == 2
