"""Parameters: the values of Table 1, every rule, the ways in and out."""

import json
import re
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from brian2 import Hz, ms, mV, nS, second, volt

from models.constants import MEANINGS
from models.parameters import (
    DERIVED,
    TABLE_1,
    UNITS,
    ParameterError,
    from_si,
    shown,
)


def test_table_1_in_si_units():
    assert TABLE_1.si() == pytest.approx(
        {
            "N": 10_000, "M": 10_000, "p": 0.1, "lam": 0.8, "p_ext": 0.1, "nu_ext": 5,
            "tau_mem": 0.02, "tau_ref": 0.005, "tau_exc": 0.003, "tau_inh": 0.007,
            "tau_ext": 0.005, "tau_syn": 0.005, "v_rest": -0.07, "v_thres": -0.05,
            "v_reset": -0.06, "v_rev_exc": 0, "v_rev_inh": -0.08, "v_rev_ext": 0,
            "g_leak": 1e-8, "g_hat_exc": 8e-12, "g_hat_inh": 1.8e-11, "g_hat_ext": 1.05e-10,
            "Q": 5e-4, "dt": 1e-4, "duration": 30, "transient": 3, "delay": 0,
        }
    )  # fmt: skip


def test_mean_synaptic_time_constant_is_the_one_of_the_mass_models():
    mean = (TABLE_1.tau_exc + TABLE_1.tau_inh + TABLE_1.tau_ext) / 3
    assert mean / ms == pytest.approx(TABLE_1.tau_syn / ms)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"p": 1.3}, r"p must lie in \[0, 1\], got 1.3"),
        ({"p": float("nan")}, r"p must lie in \[0, 1\], got nan"),
        ({"lam": -0.1}, r"lam must lie in \[0, 1\], got -0.1"),
        ({"p_ext": 2.0}, r"p_ext must lie in \[0, 1\], got 2.0"),
        ({"N": 1}, "N must be an integer >= 2, got 1"),
        ({"N": 2.5}, "N must be an integer >= 2, got 2.5"),
        ({"N": True}, "N must be an integer >= 2, got True"),
        ({"M": 0}, "M must be an integer >= 1, got 0"),
        ({"dt": 0 * ms}, "dt must be positive, got 0"),
        ({"dt": -0.1 * ms}, "dt must be positive, got -100"),
        ({"dt": 4 * ms}, "dt must not exceed the shortest time constant, 3. ms, got 4. ms"),
        ({"tau_mem": 0 * ms}, "tau_mem must be positive, got 0"),
        ({"tau_ref": -1 * ms}, "tau_ref must not be negative, got -1. ms"),
        ({"g_leak": 0 * nS}, "g_leak must be positive"),
        ({"g_hat_inh": -1 * nS}, "g_hat_inh must not be negative, got -1. nS"),
        ({"Q": -1 * volt**2 / second}, "Q must not be negative"),
        ({"nu_ext": -1 * Hz}, "nu_ext must not be negative, got -1. Hz"),
        ({"nu_ext": 20_000 * Hz}, "nu_ext must not exceed 1/dt = 10. kHz, got 20. kHz"),
        ({"v_rest": -50 * mV}, "v_rest must lie below v_thres = -50. mV, got -50. mV"),
        ({"v_reset": -40 * mV}, "v_reset must lie below v_thres"),
        ({"duration": 3 * second}, "duration must exceed transient = 3. s"),
        ({"transient": -1 * second}, "transient must not be negative, got -1. s"),
        ({"g_leak": 10 * mV}, "g_leak must have the dimensions of nS, got 10. mV"),
        ({"Q": 5e-4}, r"Q must have the dimensions of \(V\^2\)/s, got 0.0005"),
        ({"v_thres": [1, 2] * mV}, "v_thres must have the dimensions of mV"),
        ({"tau_mem": float("inf") * ms}, "tau_mem must be finite, got inf"),
    ],
)
def test_every_rule_names_parameter_rule_and_value(change, message):
    with pytest.raises(ParameterError, match="^" + message) as caught:
        replace(TABLE_1, **change)
    assert caught.value.name == next(iter(change))


def test_parameters_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        TABLE_1.p = 0.5


@pytest.mark.parametrize("lam, N, N_exc", [(0.8, 10_000, 8000), (0, 7, 0), (1, 7, 7), (0.6, 9, 5)])
def test_excitatory_neurons(lam, N, N_exc):
    params = replace(TABLE_1, lam=lam, N=N)
    assert (params.N_exc, params.N_inh) == (N_exc, N - N_exc)


def test_steps():
    params = replace(TABLE_1, duration=0.3 * second, transient=0.1 * second)
    assert (params.steps, params.transient_steps) == (3000, 1000)  # 0.3/1e-4 is not 3000 exactly
    assert set(DERIVED) == {"N_exc", "N_inh", "steps", "transient_steps"}


def test_si_numbers_give_the_same_parameters_back_through_json():
    params = replace(TABLE_1, g_hat_exc=0.1 / 3 * nS, p=1 / 3)
    assert from_si(json.loads(json.dumps(params.si()))) == params


def test_shown_says_value_and_unit():
    table = shown(TABLE_1)
    assert table["g_hat_exc"] == {"value": 0.008, "unit": "nS", "si": pytest.approx(8e-12)}
    assert table["N"] == {"value": 10_000, "unit": "1", "si": 10_000}
    assert set(UNITS) < set(table)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"N": 10**400}, "N must not exceed 2147483647, got an integer of 1329 bits"),
        ({"N": 10**6000}, "N must not exceed 2147483647, got an integer of"),
        ({"M": 2**31}, "M must not exceed 2147483647, got 2147483648"),
        ({"p": 1e-320}, "p must be 0 or of size 1e-30 ... 1e30 in SI units, got 9.99989e-321"),
        ({"p": True}, "p must be a number, got True"),
        ({"lam": 1j}, "lam must be a number, got 1j"),
        ({"v_rest": -1e305 * volt}, "v_rest must be 0 or of size 1e-30 ... 1e30 in SI units, got"),
        ({"g_leak": 1e-300 * nS}, "g_leak must be 0 or of size 1e-30 ... 1e30 in SI units, got"),
        ({"dt": 1e-300 * ms}, "dt must be 0 or of size 1e-30 ... 1e30 in SI units, got 1e-303"),
        ({"duration": 1e300 * second}, "duration must be 0 or of size 1e-30 ... 1e30 in SI"),
        ({"duration": 1e9 * second}, "duration must be 2147483647 steps of dt = 100. us or fewer"),
        ({"dt": 1e-20 * ms}, "duration must be 2147483647 steps of dt"),
        ({"v_rest": 1j * mV}, "v_rest must have the dimensions of mV, got 0.+1.j mV"),
        ({"v_rest": "low"}, "v_rest must have the dimensions of mV, got low"),
        ({"v_rest": None}, "v_rest must have the dimensions of mV, got None"),
    ],
)
def test_sizes_that_no_computer_takes_are_refused_by_rule(change, message):
    with pytest.raises(ParameterError, match=f"^{re.escape(message)}"):
        replace(TABLE_1, **change)


def test_equal_parameters_are_the_same_to_the_bit():
    """The hash of a trial and the name of a folder are made of them."""
    odd = {"p": 0, "lam": np.float32(1), "p_ext": -0.0, "N": np.int64(7), "tau_ref": -0.0 * ms}
    even = {"p": 0.0, "lam": 1.0, "p_ext": 0.0, "N": 7, "tau_ref": 0 * ms}
    texts = [json.dumps(replace(TABLE_1, **changes).si()) for changes in (odd, even)]
    assert texts[0] == texts[1] and "-0.0," not in texts[0]


def test_every_parameter_says_what_it_means():
    assert set(MEANINGS) == set(TABLE_1.si()) and all(MEANINGS.values())
