"""The hand-written loops of the dense engine, one by one and at every vector level."""

import math
import subprocess
from pathlib import Path

import numpy as np
import pytest
from confidence import ALARM, Z
from scipy.stats import norm
from vector_levels import HERE, WIDE

from models.engine.compiler import EXACT, IS_X86, LEVELS, compiler

SOURCES = Path(__file__).parents[3] / "models" / "engine" / "dense"


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    """Compile kernels.cpp; return a function that runs it and returns its bytes."""
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "dense").symlink_to(SOURCES)
    levels = LEVELS if IS_X86 else {"kernels_plain": ""}
    objects = []
    for source, level in {**levels, "kernels": ""}.items():
        objects.append(folder / f"{source}.o")
        compile_(folder, SOURCES / f"{source}.cpp", f"{EXACT} {level} -c", objects[-1])
    compile_(folder, Path(__file__).with_name("kernels.cpp"), EXACT, folder / "kernels", *objects)

    def run(*arguments):
        command = [folder / "kernels", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True).stdout

    return run


def compile_(folder, source, flags, result, *objects):
    command = [*compiler(), *flags.split(), f"-I{folder}", source, *objects, "-o", result]
    subprocess.run(command, check=True)


def normals(kernels, n, level="", seed=1):
    return np.frombuffer(kernels(level, "normals", seed, n), np.float32)


@pytest.mark.parametrize("level", WIDE)
def test_every_vector_level_computes_the_same_bits(kernels, level):
    tasks = (("normals", 3, 100_000), ("bits", 4, 4096, 0.3), ("counts", 5, 16, 203))
    for task in (*tasks, ("counts", 5, 160, 30), ("sum", 6, 512), ("sum", 7, 1003)):
        assert kernels(level, *task) == kernels("plain", *task)


MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
# What their programs print: splitmix64.c from 1234567, xoshiro256plusplus.c from {1, 2, 3, 4}.
SPLITMIX64 = [
    6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
    16408922859458223821,
]  # fmt: skip
XOSHIRO256PP = [
    41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205,
    9973669472204895162, 14011001112246962877, 12406186145184390807, 15849039046786891736,
    10450023813501588000,
]  # fmt: skip


def splitmix64(state):
    """Yield the numbers of SplitMix64."""
    while True:
        state = (state + GOLDEN) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def xoshiro256pp(a, b, c, d):
    """Yield the state and the number drawn from it, of xoshiro256++."""

    def rotate(x, k):
        return ((x << k) | (x >> (64 - k))) & MASK

    while True:
        yield (a, b, c, d), (rotate((a + d) & MASK, 23) + a) & MASK
        c, d, shifted = c ^ a, d ^ b, (b << 17) & MASK
        a, b = a ^ d, b ^ c
        c, d = c ^ shifted, rotate(d, 45)


def first(generator, n):
    return [next(generator) for _ in range(n)]


def words(kernels, *arguments):
    return [int(word) for word in np.frombuffer(kernels(*arguments), np.uint64)]


def test_the_reference_generators_are_those_of_their_authors():
    assert first(splitmix64(1234567), 5) == SPLITMIX64
    assert [drawn for _, drawn in first(xoshiro256pp(1, 2, 3, 4), 10)] == XOSHIRO256PP


def test_splitmix64_known_answers(kernels):
    assert words(kernels, "plain", "splitmix", 1234567, 5) == SPLITMIX64
    assert words(kernels, "plain", "splitmix", MASK, 100) == first(splitmix64(MASK), 100)


@pytest.mark.parametrize("level", HERE)
def test_xoshiro_known_answers_in_every_lane(kernels, level):
    sequence = first(xoshiro256pp(1, 2, 3, 4), 100)
    states = [state for state, _ in sequence]
    for k in range(10):
        out = words(kernels, level, "state", *states[k])
        assert out[:8] == [XOSHIRO256PP[k]] * 8
        left = list(zip(*(out[8 + 8 * word : 16 + 8 * word] for word in range(4))))
        assert left == [left[0]] * 8 and left[0] in states[k + 7 : k + 65]


@pytest.fixture(scope="module")
def far():
    """The map from a state of xoshiro256++ to that 2^128 numbers later, a matrix over GF(2)."""

    def next_state(bits):
        state = [int("".join(map(str, bits[k : k + 64])), 2) for k in range(0, 256, 64)]
        return bits_of(first(xoshiro256pp(*state), 2)[1][0])

    # in single precision: a product of two such matrices counts to 256 at most
    step = np.array([next_state(unit) for unit in np.eye(256, dtype=int)], np.float32)
    for _ in range(128):
        step = (step @ step) % 2
    return step


def bits_of(state):
    return [int(bit) for word in state for bit in f"{word:064b}"]


def jumped(state, far):
    bits = (np.array(bits_of(state), np.float32) @ far).astype(int) % 2
    return tuple(int("".join(map(str, bits[k : k + 64])), 2) for k in range(0, 256, 64))


def test_a_jump_is_that_of_two_to_the_128_numbers(kernels, far):
    state = (1, 2, 3, 4)
    for _ in range(3):
        later = tuple(words(kernels, "plain", "jump", *state))
        assert later == jumped(state, far)
        state = later


@pytest.mark.parametrize("level", HERE)
@pytest.mark.parametrize("seed", [0, 1, 2**63 + 12345])
def test_scalar_generator_is_each_lane_of_the_vector_generator(kernels, far, level, seed):
    drawn = np.array(words(kernels, level, "lanes", seed, 8 * 20), np.uint64).reshape(20, 8)
    places, state = [], tuple(first(splitmix64(seed), 4))
    scalar = np.frombuffer(kernels("plain", "scalar", seed, 2000), np.float64)
    for lane in range(8):
        reference = [n for _, n in first(xoshiro256pp(*state), 2000)]
        if lane == 0:
            assert list(scalar) == [((n >> 11) + 1) * 2.0**-53 for n in reference]
        places.append([reference.index(int(n)) for n in drawn[:, lane]])
        state = jumped(state, far)  # the lanes follow one another in one sequence
    assert places[0][0] == 0 and np.diff(places[0]).min() >= 7  # draws that decide 64 words
    assert places == [places[0]] * 8


@pytest.mark.parametrize("level", HERE)
def test_counts_of_any_number_of_rows(kernels, level):
    for rows in [*range(1, 34), 100, 247, 248, 249, 255]:
        out = np.frombuffer(kernels(level, "counts", rows, 16, rows), np.uint8)
        bits, counts = out[: 128 * rows].reshape(rows, 128), out[128 * rows :]
        expected = np.unpackbits(bits, axis=1, bitorder="little").sum(axis=0)
        assert np.array_equal(counts, expected), rows


def test_counts_of_rows_longer_than_a_tile(kernels):
    out = np.frombuffer(kernels("", "counts", 8, 160, 21), np.uint8)
    bits, counts = out[: 1280 * 21].reshape(21, 1280), out[1280 * 21 :]
    expected = np.unpackbits(bits, axis=1, bitorder="little").sum(axis=0)
    assert np.array_equal(counts, expected)


@pytest.mark.parametrize("level", HERE)
@pytest.mark.parametrize("n", [1, 31, 32, 512, 1003])
def test_sums(kernels, level, n):
    out = np.frombuffer(kernels(level, "sum", 9, n), np.float64)
    numbers, (double, single) = out[:n], out[n:]
    assert double == pytest.approx(math.fsum(numbers), rel=1e-14)
    assert single == pytest.approx(math.fsum(numbers.astype(np.float32)), rel=1e-14)


def test_the_logarithm_is_that_of_the_library_to_rounding(kernels):
    told = np.frombuffer(kernels("", "logarithm", 3, 20_000), np.float64)
    x, of_x, of_rest = told.reshape(-1, 3).T
    expected = np.array([[math.log(each), math.log1p(-each)] for each in x[x < 1]]).T
    np.testing.assert_allclose(of_x[x < 1], expected[0], rtol=5e-16)
    np.testing.assert_allclose(of_rest[x < 1], expected[1], rtol=5e-16)


@pytest.mark.parametrize("p", [0.5, 0.3, 1e-3, 0.999])
def test_bits_are_set_with_their_probability(kernels, p):
    bits = np.unpackbits(np.frombuffer(kernels("", "bits", 6, 2**17, p), np.uint8))
    n = bits.size
    assert abs(bits.mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
    centred = bits - p
    for lag in (1, 2, 64, 512, 4096):  # neighbours, words, draws
        correlation = (centred[lag:] * centred[:-lag]).mean() / (p * (1 - p))
        assert abs(correlation) < Z / np.sqrt(n - lag)


@pytest.mark.parametrize("p, mean", [(0, 0), (1 - 2.0**-53, 1)])
def test_bits_at_the_ends(kernels, p, mean):
    assert np.unpackbits(np.frombuffer(kernels("", "bits", 7, 1024, p), np.uint8)).mean() == mean


def check_normals(samples):
    """Moments, tails and correlations within their sampling error."""
    n = samples.size
    x = samples.astype(np.float64)
    assert np.isfinite(x).all()
    moments = [(x**k).mean() for k in range(1, 5)]
    for moment, expected, variance in zip(moments, (0, 1, 0, 3), (1, 2, 15, 96)):
        assert abs(moment - expected) < 5 * np.sqrt(variance / n)
    for bound in (0.5, 1, 2, 3, 4, 4.5, 5):
        for tail in (x > bound, x < -bound):
            p = norm.sf(bound)
            assert abs(tail.sum() - n * p) < 5 * np.sqrt(n * p) + 1, bound
    lags = (1, 2, 3, 15, 16, 17, 32, 64, 512, 1023, 1024, 9984, 10_000)
    for y, name in ((x, "value"), (x**2 - 1, "square")):
        scale = 1 if name == "value" else 2
        for lag in lags:
            limit = norm.isf(ALARM / len(lags) / 2) / np.sqrt(n - lag)
            assert abs((y[lag:] * y[:-lag]).mean() / scale) < limit, (name, lag)


def test_normals(kernels):
    check_normals(normals(kernels, 1_000_000))


@pytest.mark.slow
def test_a_hundred_million_normals(kernels):
    check_normals(normals(kernels, 100_000_000, seed=2))


def test_normals_of_neighbouring_seeds_have_nothing_in_common(kernels):
    one, two = (normals(kernels, 100_000, seed=seed) for seed in (1, 2))
    assert abs((one * two).mean()) < Z / np.sqrt(100_000)
    assert np.intersect1d(one, two).size < 0.05 * one.size
    assert np.array_equal(one, normals(kernels, 100_000, seed=1))
