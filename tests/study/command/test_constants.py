"""The sets of constants, and parameters that follow others: for a run, and along a sweep."""

import json

import pandas as pd
import pytest
from brian2 import Hz, ms, mV, nS
from small_sweep import SIMULATION, again

from models.constants import TIES
from models.parameters import CONSTANTS, TABLE_1
from study import run, sweep, verify
from study.command.arguments import parameters_from
from study.command.request import sweep_request
from study.store.trial_files import read_trial
from study.trial.request import Request

TIED = [*"--p 0.1,0.4 --lam 0.8 --trials 1".split(), *SIMULATION, *"--set p_ext=p".split()]


def parameters(*arguments, p="0.3"):
    """Return the Parameters that study.run makes of its arguments."""
    parsed = run.run_parser().parse_args(["--p", p, "--lam", "0.8", *arguments])
    return parameters_from(parsed, parsed.p, parsed.lam)[0]


def refusal(capsys, *arguments):
    with pytest.raises(SystemExit) as exit_:
        run.main(["--p", "0.3", "--lam", "0.8", *arguments])
    assert exit_.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_each_set_is_what_its_source_says():
    """As the scan of sets found them, `tied` refined; everything else is shared."""
    assert CONSTANTS["calibrated"] is TABLE_1 and next(iter(CONSTANTS)) == "calibrated"
    for name, weights_nS in (("tied", [0.003, 0.4, 0.014]), ("driven", [0.004, 0.2, 0.09])):
        found = CONSTANTS[name]
        assert found.v_rest == found.v_reset == -60 * mV
        own = found.g_hat_exc, found.g_hat_inh, found.g_hat_ext
        assert [g / nS for g in own] == pytest.approx(weights_nS)
        changed = {n for n, value in found.si().items() if value != TABLE_1.si()[n]}
        assert changed == {"v_rest", "g_hat_exc", "g_hat_inh", "g_hat_ext"}
    assert set(TIES) <= set(CONSTANTS)


def test_a_set_is_chosen_and_changed():
    assert parameters("--constants", "driven").si() | {"p": 0.1} == CONSTANTS["driven"].si()
    tied = parameters("--constants", "tied")
    assert tied.p_ext == tied.p == 0.3 and tied.v_rest == -60 * mV
    assert parameters("--constants", "tied", "--set", "p_ext=0.2").p_ext == 0.2
    assert parameters("--constants", "tied", "--set", "nu_ext=7*Hz").nu_ext == 7 * Hz
    assert parameters().p_ext == 0.1


def test_a_parameter_follows_another():
    assert parameters("--set", "tau_inh=tau_exc").tau_inh == 3 * ms
    both = parameters("--set", "tau_exc=4*ms", "--set", "tau_inh=tau_exc")
    assert both.tau_inh == both.tau_exc == 4 * ms
    assert parameters("--set", "M=N", "--n", "500").M == 500
    assert parameters("--set", "p_ext=lam").p_ext == 0.8


@pytest.mark.parametrize(
    "given, told",
    [
        ("p_ext=tau_exc", "--set p_ext: p_ext can follow p, lam, got tau_exc"),
        ("tau_exc=tau_exc", "--set tau_exc: tau_exc can follow tau_mem, tau_ref, tau_inh"),
        ("Q=p", "--set Q: Q can follow no other parameter, got p"),
        ("M=p", "--set M: M can follow N, got p"),
    ],
)
def test_what_cannot_be_followed_is_named(capsys, given, told):
    assert told in refusal(capsys, "--set", given)


def test_followers_are_not_followed(capsys):
    line = refusal(capsys, "--set", "tau_exc=tau_inh", "--set", "tau_inh=tau_ext")
    assert "--set tau_exc: tau_exc must follow a parameter that has a value, got tau_inh" in line
    assert "driven" in refusal(capsys, "--constants", "another")


def test_a_sweep_follows_along_its_axis(tmp_path, cluster, capsys):
    """Each point has its own value; the sweep resumes, verifies and is rebuilt from its trials."""
    folder = tmp_path / "sweep"
    assert sweep.main([*TIED, *cluster, "--out", str(folder)]) == 0
    request = json.loads((folder / "sweep.json").read_text())["request"]
    assert request["ties"] == {"p_ext": "p"}
    jobs = [job.parameters for job in Request.from_record(request).jobs()]
    values = [(parameters["p"], parameters["p_ext"]) for parameters in jobs]
    assert values == [(0.4, 0.4), (0.1, 0.1)]
    for path in (folder / "trials").glob("*.trial"):
        job = read_trial(path)[0]["job"].parameters
        assert job["p_ext"] == job["p"]
    points = pd.read_csv(folder / "points.csv")
    assert set(points.status) <= {"ok", "unphysical"} and len(points) == 6
    assert not again(folder, cluster, sweep=TIED)
    assert verify.main([str(folder), "--rows", "1"]) == 0
    (folder / "sweep.json").unlink()
    capsys.readouterr()
    assert sweep.main(["--rebuild", "--out", str(folder)]) == 0
    assert json.loads((folder / "sweep.json").read_text())["request"] == request
    with pytest.raises(SystemExit):
        sweep.main(["--out", str(folder), "--constants", "tied"])
    assert "needs the grid, too" in capsys.readouterr().err


def test_the_name_of_a_folder_says_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert sweep.main([*TIED, "--status"]) == 0
    parser = sweep.sweep_parser()
    _, folder = sweep_request(parser, parser.parse_args(TIED), TIED)
    assert "p_ext=p" in folder.name and "p_ext=0.1" not in folder.name
