"""From Python: the same numbers, files and sentences as the commands, and no side effects."""

import json
import os
import re
import subprocess
import sys

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from brian2 import nS
from nbclient import NotebookClient
from small_sweep import ROOT

from study import compare, load, run

FLAGS = "--p 0.4 --lam 0.8 --n 500 --duration 1.2 --transient 0.2 --trials 2 --budget --set M=500"
WEIGHTS = "--set g_hat_exc=0.16*nS --set g_hat_inh=0.36*nS --set g_hat_ext=2.1*nS --quiet"
KEYWORDS = {
    **{"p": 0.4, "lam": 0.8, "n": 500, "duration": "1200*ms", "transient": 0.2, "trials": 2},
    **{"budget": True, "M": 500, "g_hat_exc": "0.16*nS", "g_hat_inh": 0.36 * nS},
    **{"g_hat_ext": "2.1*nS", "quiet": True},
}


def shifted(recording, params, integrator):
    return recording.V_mV + 1.0


def broken(recording, params, integrator):
    raise KeyError("no such thing")


@pytest.fixture(scope="module")
def point(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nothing")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found = compare(**KEYWORDS)
    assert not list(folder.iterdir())
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("command") / "run"
    assert run.main([*FLAGS.split(), *WEIGHTS.split(), "--out", str(out)]) == 0
    return out


def test_keywords_give_what_flags_give(point, folder, tmp_path):
    """Digit for digit, in memory and on disk."""
    tables = {"summary": point.table, "trials": point.trials, "budget": point.budget}
    for name, table in tables.items():
        assert table.to_csv(index=False) == (folder / f"{name}.csv").read_text(), name
    compare(**KEYWORDS, out=tmp_path / "kept")
    assert {f.name for f in (tmp_path / "kept").iterdir()} == {f.name for f in folder.iterdir()}
    kept, expected = (json.loads((f / "run.json").read_text()) for f in (tmp_path / "kept", folder))
    assert kept["request"] == expected["request"]
    assert (kept["files"]["summary.csv"]) == expected["files"]["summary.csv"]
    with pytest.raises(ValueError, match=r"out: holds a finished run, which load\(\) reads"):
        compare(**KEYWORDS, out=tmp_path / "kept")


def test_a_folder_is_read_back(point, folder):
    loaded = load(folder)
    pd.testing.assert_frame_equal(loaded.table, point.table, check_dtype=False)
    assert repr(loaded) == repr(point) and len(repr(point)) < 200
    for each in (point.recording, point.traces, point.params):
        assert len(repr(each)) < 2000, each
    assert "500 neurons, 1.2 s" in repr(point.recording)
    arrays = [each.to_xarray() for each in (loaded, point)]
    np.testing.assert_allclose(arrays[0].V, arrays[1].V, rtol=1e-6)
    assert arrays[0].rho.equals(arrays[1].rho)
    with pytest.raises(ValueError, match=r"recording must come from compare\(\)"):
        loaded.with_models(mine=shifted)


def test_study_offers_the_functions_by_name():
    """Not the module of the command that has the same name."""
    code = "from study import compare, load, predict; print(compare, load, predict)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert re.findall("function (\\w+)", done.stdout) == ["compare", "load", "predict"]


def test_arrays_say_their_units(point):
    arrays = point.to_xarray()
    assert dict(arrays.sizes) == {"model": 3, "frequency": 500, "time": 12_000, "type": 3}
    assert arrays.V.attrs["units"] == "mV" and arrays.V.dims == ("model", "time")
    assert arrays.power.attrs["units"] == "mV^2/Hz" and arrays.time.attrs["units"] == "ms"
    assert float(arrays.rho.sel(model="MFM")) == point.table.rho[2]
    np.testing.assert_array_equal(arrays.V.sel(model="LIF"), point.recording.V_mV)
    np.testing.assert_array_equal(arrays.phi.sel(type="inh"), point.recording.phi_Hz("inh"))


def test_another_model_needs_no_other_simulation(point, monkeypatch):
    monkeypatch.setattr("study.trial.trial.simulate", None)
    more = point.with_models(shifted=shifted, broken=broken)
    assert list(more.table.model) == ["LIF", "CFM", "MFM", "shifted", "broken"]
    pd.testing.assert_frame_equal(more.table[:3], point.table, check_dtype=False)
    found = more.table.set_index("model")
    assert found.rho["shifted"] == pytest.approx(1) and found.status["broken"] == "failed"
    assert found.mean_mV["shifted"] == pytest.approx(found.mean_mV["LIF"] + 1)
    again = more.with_models(another=shifted)
    assert list(again.table.model)[-1] == "another" and len(again.table) == 6
    with pytest.raises(ValueError, match="models: CFM: there is a model CFM already"):
        point.with_models(CFM=shifted)


def test_the_figure_is_that_of_a_run(point):
    figure = point.plot()
    assert len(figure.findobj(plt.Axes)) == 5
    assert "500 neurons, p = 0.4" in figure.get_suptitle()
    plt.close(figure)


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"p": 1.3}, r"p must lie in \[0, 1\], got 1.3"),
        ({"lam": "many"}, "lam must be a number, got many"),
        ({"n": 1}, "N must be an integer >= 2, got 1"),
        ({"trials": 0}, "trials must be an integer >= 1, got 0"),
        ({"seed": 2**32}, r"seed must be an integer in \[0, 4294967295\]"),
        ({"backend": "nest"}, "backend must be one of dense, synapses, got nest"),
        ({"constants": "other"}, "constants must be one of calibrated, tied, driven, got other"),
        ({"duration": 0.3}, "duration must exceed transient = 200. ms by 500 ms or more"),
        ({"duration": None}, "duration must be seconds, a Quantity or a text, got None"),
        ({"g_hat_exc": "0.1*parsec"}, "g_hat_exc: "),
        ({"g_hat_exc": 3}, "g_hat_exc must have the dimensions of nS, got 3"),
        ({"g_hat_exk": "1*nS"}, "g_hat_exk must be a parameter or a flag; did you mean g_hat_ext"),
        ({"tau_exc": "p"}, "tau_exc can follow tau_mem, .*, got p"),
        ({"models": {"CFM": shifted}}, "models: CFM: there is a model CFM already"),
        ({"models": {"mine": 3}}, "models: mine: must be a function, got 3"),
    ],
)
def test_mistakes_are_value_errors(changes, told, capsys):
    with pytest.raises(ValueError, match=told):
        compare(**{**KEYWORDS, **changes})
    assert capsys.readouterr().err == ""


def test_a_parameter_follows_another(point):
    assert point.params.p_ext == 0.1
    tied = compare(**{**KEYWORDS, "trials": 1, "budget": False}, p_ext="p")
    assert tied.params.p_ext == 0.4 and tied.budget is None


def test_a_sweep_is_read_and_mapped():
    study = load(ROOT / "results/paper")
    assert "105 points" in repr(study) and len(repr(study)) < 200
    assert len(study.trials) == 3150 and set(study.spectra.model) == {"LIF", "CFM", "MFM"}
    assert dict(study.to_xarray().sizes)["p"] == 21
    figure = study.map("rho", model="MFM")
    assert any("MFM: correlation" in axes.get_title("left") for axes in figure.axes)
    plt.close(figure)
    with pytest.raises(ValueError, match="model must be one of LIF, CFM, MFM, got XYZ"):
        study.map("rho", model="XYZ")


def test_what_is_no_result_is_refused(tmp_path, folder):
    with pytest.raises(ValueError, match=r"must hold points\.parquet"):
        load(tmp_path)
    with pytest.raises(ValueError, match="must be the folder of a sweep"):
        load(tmp_path / "nowhere")


def example():
    """Return the code of README's example, its network a small one."""
    text = (ROOT / "README.md").read_text().partition("## From Python")[2]
    code = text.partition("```python\n")[2].partition("```")[0]
    assert 5 <= code.count("\n") <= 12
    code = code.replace("compare(p=0.6,", "compare(n=300, M=300, p=0.6,")
    return code.replace('"results/paper"', repr(str(ROOT / "results/paper")))


def test_the_example_in_a_notebook(tmp_path, monkeypatch):
    """Executed cell by cell: progress shows, the point is shown as a line, nothing is written."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    lines = example().replace(", quiet=True", "").splitlines()
    cells = [nbformat.v4.new_code_cell(text) for text in ("\n".join(lines), "point", "figure")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=300, kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}}).execute()  # fmt: skip
    outputs = [cell.outputs for cell in notebook.cells]
    streams = "".join(output.text for output in outputs[0] if output.output_type == "stream")
    assert "MFM" in streams and "trial 1 of 1" in streams and "100%" in streams
    assert outputs[1][-1].data["text/plain"].startswith("<point p = 0.6, lam = 0.8: 300 neurons")
    assert "image/png" in outputs[2][-1].data
    assert not list(tmp_path.iterdir())


def test_the_example_of_the_readme(tmp_path):
    """In a process of its own; it writes nothing."""
    code = example()
    environment = {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True,
        text=True, env=os.environ | environment)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "MFM" in done.stdout and not list(tmp_path.iterdir())
