"""The population density: its parts against closed forms, its rate against theory and neurons."""

from dataclasses import replace

import fokker_planck
import numpy as np
import pytest
from brian2 import Hz, ms, mV, nS, second, volt
from scipy.stats import norm

from models.mass.closed import density_grid as grid
from models.mass.closed import density_step as of_step
from models.mass.closed.density_grid import ABOVE, resolution
from models.mass.closed.density_population import active, move, population, recolour, spike, wake
from models.mass.closed.population_density import population_density
from models.mass.closed.siegert import siegert_Hz
from models.parameters import CONSTANTS, TABLE_1, ParameterError


def after(params, series):
    """Return mean rates, transient dropped."""
    kept = slice(params.transient_steps, None)
    return [
        None if rate_Hz is None else rate_Hz[kept].mean()
        for rate_Hz in (series.rate_exc_Hz, series.rate_inh_Hz)
    ]


def short(seconds, **changes):
    return replace(TABLE_1, duration=seconds * second, transient=0.5 * second, **changes)


def test_the_grid_follows_the_noise():
    usual = resolution(TABLE_1)
    assert (usual.k, usual.cells) == (33, 118) and usual.h_mV == pytest.approx(0.29851, rel=1e-4)
    assert (usual.nodes_quenched, usual.nodes_coloured, usual.inside) == (2, 2, True)
    quarter = resolution(replace(TABLE_1, Q=TABLE_1.Q / 4))
    assert quarter.k == 67 and quarter.nodes_coloured > 2
    assert not resolution(replace(TABLE_1, Q=TABLE_1.Q / 100)).inside
    with pytest.raises(ParameterError, match="Q must be positive for a population density, got 0"):
        resolution(replace(TABLE_1, Q=0 * volt**2 / second))
    for params in CONSTANTS.values():
        assert resolution(params).h_mV <= grid.COARSEST * grid.noise_mV(params)


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_nodes_have_the_moments_of_their_variables(number):
    eta, weights = grid.quenched_nodes(number)
    for power in range(2 * number):
        expected = 0 if power % 2 else np.prod(np.arange(power - 1, 0, -2))
        assert (weights * eta**power).sum() == pytest.approx(expected, abs=1e-9)
    zeta, weights, transition = grid.coloured_nodes(number, 0.02)
    assert transition.sum(axis=1) == pytest.approx(1) and weights.sum() == pytest.approx(1)
    assert weights @ transition == pytest.approx(weights, abs=1e-14)  # stationary
    if number > 1:
        assert (weights * zeta**2).sum() == pytest.approx(1)
        assert transition @ zeta == pytest.approx(0.98 * zeta, abs=1e-13)  # correlation 1 - dt/tau


def test_spread_moves_mass_by_the_map_and_widens_it_by_the_noise():
    h_mV, s_mV = 0.3, 0.2236
    table = grid.kernels(h_mV, s_mV)
    assert table.sum(axis=1) == pytest.approx(1, abs=1e-14)
    mass, moved = np.zeros(ABOVE + 100), np.zeros(ABOVE + 100)
    mass[ABOVE + 40] = 1.0
    of_step.spread(mass, moved, 0.9, 6.3, table)
    cells = np.arange(-ABOVE, 100)
    mean = (moved * cells).sum()
    assert moved.sum() == pytest.approx(1, abs=1e-13)
    assert mean == pytest.approx(0.9 * 40 + 6.3, abs=1 / grid.OFFSETS)
    variance = (moved * (cells - mean) ** 2).sum()
    assert variance == pytest.approx((s_mV / h_mV) ** 2, rel=2e-3)
    of_step.spread(mass, moved, 1.0, -60.0, table)  # far above: nothing is lost
    assert moved[:ABOVE].sum() == pytest.approx(1, abs=1e-13)


def test_the_end_correction_makes_the_flux_of_a_cut_gaussian_right():
    """A normal density cut at the threshold, moved by one step: the mass above is an integral."""
    h, s, centre, width = 0.2985, 0.2236, -1.0, 1.5  # mV below threshold
    lift = 43 / grid.OFFSETS  # cells, of which there is a kernel
    table, cells = grid.kernels(h, s), np.arange(-ABOVE, 120)
    v = -(cells + 0.5) * h
    density = norm.pdf(v, centre, width)
    u = np.linspace(-12, 0, 200_001)
    exact = np.trapezoid(norm.pdf(u, centre, width) * norm.sf(0, u + lift * h, s), u)
    mass, plain, moved = density * h, np.zeros(len(cells)), np.zeros(len(cells))
    for result, corrected in ((plain, False), (moved, True)):
        of_step.spread(mass, result, 1.0, -lift, table)
        if corrected:
            of_step.correct_end(mass, result, -0.5 - lift, h / s)
    assert of_step.mass_above(moved) == pytest.approx(exact, rel=0.01)
    assert abs(plain[:ABOVE].sum() / exact - 1) > 0.02  # which the sum alone is not
    whole = np.trapezoid(norm.pdf(u, centre, width), u)
    total = of_step.mass_above(moved) + of_step.mass_below(moved)
    assert total == pytest.approx(whole, rel=1e-4)


def two_classes(size=1000, rest=5):
    start = np.zeros(ABOVE + 60)
    start[ABOVE : ABOVE + 60] = 1 / 60
    return population(size, start, rest, grid.quenched_nodes(2), grid.coloured_nodes(2, 0.02))


@pytest.mark.parametrize("steps", [20_000, pytest.param(300_000, marks=pytest.mark.slow)])
def test_masses_of_quenched_classes_are_kept(steps):
    """Under a drive that sometimes lifts a class whole over the threshold."""
    of, rng, table = two_classes(), np.random.default_rng(1), grid.kernels(0.3, 0.2236)
    for step in range(steps):
        wake(of, step, 33)
        masses = active(of)
        lift = -40.0 if rng.random() < 0.01 else -0.3
        spiking = move(of, masses, np.full(4, 0.99), np.array([lift, lift, 0.2, 0.2]), table, 1.34)
        u = spiking.sum()
        n = rng.binomial(round(1000 * masses.sum()), min(u / masses.sum(), 1)) if u else 0
        spike(of, masses, spiking, n / 1000, step)
        recolour(of)
        assert of.mass.min() >= 0 and spiking.min() >= 0
    total = of.mass[:, ABOVE:].sum(axis=1) + of.resting.sum(axis=0)
    assert np.isfinite(total).all()
    assert total.reshape(2, 2).sum(axis=1) == pytest.approx([0.5, 0.5], abs=1e-12)


def test_a_spike_rests_and_returns_at_the_reset():
    of = two_classes(rest=3)
    masses = active(of)
    spike(of, masses, masses.copy() / 2, 0.2, step=0)
    assert of.resting.sum() == pytest.approx(0.2) and active(of).sum() == pytest.approx(0.8)
    for step in (1, 2):
        assert wake(of, step, 33) == pytest.approx(0.2)
    before = of.mass[:, ABOVE + 33].sum()
    assert wake(of, 3, 33) == 0
    assert of.mass[:, ABOVE + 33].sum() - before == pytest.approx(0.2)


UNCOUPLED = {"g_hat_exc": 0 * nS, "g_hat_inh": 0 * nS, "g_hat_ext": 0 * nS, "p": 0.0}


@pytest.mark.parametrize("v_rest_mV", [-56.0, -53.0, -51.0])
def test_without_synapses_the_rate_is_siegerts(v_rest_mV):
    """With the threshold that steps of dt see, 0.5826 sqrt(Q dt) higher, and the s.d. they make."""
    params = short(2, v_rest=v_rest_mV * mV, **UNCOUPLED)
    found = after(params, population_density(params, 1, noise=False))
    std_mV = grid.noise_mV(params) / np.sqrt(1 - (1 - 0.1 / 20) ** 2)
    expected = siegert_Hz(v_rest_mV, std_mV, 20.0, params)
    assert found == pytest.approx([expected, expected], rel=0.01)


@pytest.mark.slow
def test_without_synapses_the_rate_is_that_of_single_neurons():
    params = short(2, v_rest=-53 * mV, **UNCOUPLED)
    si, rng = params.si(), np.random.default_rng(3)
    neurons, steps = 20_000, 20_000
    v, held, spikes = np.full(neurons, -53e-3), np.zeros(neurons, int), 0
    for step in range(steps):
        moving = held == 0
        drift = (si["v_rest"] - v) * si["dt"] / si["tau_mem"]
        v = np.where(moving, v + drift + np.sqrt(si["Q"] * si["dt"]) * rng.normal(size=neurons), v)
        held = np.maximum(held - 1, 0)
        fired = moving & (v > si["v_thres"])
        v[fired], held[fired] = si["v_reset"], 49
        spikes += fired.sum() if step >= 5000 else 0
    expected = spikes / neurons / ((steps - 5000) * si["dt"])
    found = after(params, population_density(params, 1, noise=False))
    assert found == pytest.approx([expected, expected], rel=0.01)


def test_convergence_in_cells_and_nodes():
    params = short(2.5, p=0.1, lam=0.8)
    usual = after(params, population_density(params, 1, noise=False))[0]
    finer = after(params, population_density(params, 1, noise=False, k=50))[0]
    more = after(params, population_density(params, 1, noise=False, nodes=(3, 3)))[0]
    assert usual == pytest.approx(finer, rel=0.005) and usual == pytest.approx(more, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    "p, lam", [(0.0, 0.8), (0.1, 0.8), (0.2, 0.6), (0.1, 0.9), (0.15, 0.7)]
)
def test_another_discretisation_agrees(p, lam):
    """Finite volumes in continuous time, to 2 % where the network is asynchronous."""
    params = short(2, p=p, lam=lam)
    expected = fokker_planck.rates_Hz(params)[0, params.transient_steps :].mean()
    found = after(params, population_density(params, 1, noise=False))[0]
    assert found == pytest.approx(expected, rel=0.02)


def test_the_same_seed_is_the_same_prediction():
    params = short(1)
    first, again, other = (population_density(params, seed) for seed in (1, 1, 2))
    for name in ("V_mV", "rate_exc_Hz", "rate_inh_Hz"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.V_mV, other.V_mV)
    counts = first.rate_exc_Hz * params.N_exc * params.si()["dt"]
    assert np.abs(counts - counts.round()).max() < 1e-9


def test_given_external_events_take_the_place_of_drawn_ones():
    params = short(1)
    mean = params.M * params.p_ext * params.N_exc * params.si()["nu_ext"] * params.si()["dt"]
    steady = population_density(params, 1, np.full(params.steps, mean), noise=False)
    assert np.array_equal(steady.V_mV, population_density(params, 1, noise=False).V_mV)
    events = np.random.default_rng(1).poisson(5, params.steps) * mean / 5
    first, second_ = (population_density(params, seed, events).V_mV for seed in (1, 2))
    assert np.corrcoef(first[5000:], second_[5000:])[0, 1] > 0.9
    silent = population_density(params, 1, np.zeros(params.steps), noise=False)
    assert silent.V_mV[-1] < steady.V_mV[-1] - 1


@pytest.mark.parametrize(
    "changes",
    [
        {"lam": 0.0},
        {"lam": 1.0, "p": 1.0},
        {"p": 0.0},
        {"p": 1.0},
        {"p_ext": 0.0},
        {"p_ext": 1.0, "g_hat_ext": 0.01 * nS},
        {"tau_ref": 0 * ms},
        {"g_hat_exc": 0.1 * nS, "p": 1.0, "lam": 1.0},
        {"nu_ext": 0 * Hz},
        {"v_rest": -60 * mV, "N": 3},
        {"v_rev_inh": -60 * mV},
        {"Q": TABLE_1.Q / 30},
    ],
)
def test_any_network_has_numbers(changes):
    params = short(1, **changes)
    series = population_density(params, 1)
    assert np.isfinite(series.V_mV).all() and len(series.V_mV) == params.steps
    sizes = {"exc": params.N_exc, "inh": params.N_inh}
    for kind, neurons in sizes.items():
        rate_Hz = getattr(series, f"rate_{kind}_Hz")
        assert (rate_Hz is None) == (neurons == 0)
        assert rate_Hz is None or (rate_Hz.min() >= 0 and np.isfinite(rate_Hz).all())


@pytest.mark.parametrize("name", CONSTANTS)
def test_every_set_of_constants_has_a_prediction(name):
    params = replace(CONSTANTS[name], duration=1 * second, transient=0.5 * second)
    assert np.isfinite(population_density(params, 1).V_mV).all()
