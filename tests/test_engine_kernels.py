"""The hand-written loops of the dense engine, one by one and at every vector level."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from models.engine.compiler import EXACT, IS_X86, LEVELS, compiler

SOURCES = Path(__file__).parent.parent / "models" / "engine" / "include"
FLAGS = set(Path("/proc/cpuinfo").read_text().split()) if Path("/proc/cpuinfo").exists() else set()
NEEDED = {"plain": set(), "avx2": {"avx2"}, "avx512": {"avx512bw", "avx512vl", "avx512dq"}}
HERE = [level for level, needed in NEEDED.items() if needed <= FLAGS and (IS_X86 or not needed)]
WIDE = [level for level in HERE if level != "plain"]


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    """Compile tests/kernels.cpp; return a function that runs it and returns its bytes."""
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
    for task in (("normals", 3, 100_000), ("bits", 4, 4096, 0.3), ("counts", 5, 16, 203)):
        assert kernels(level, *task) == kernels("plain", *task)


@pytest.mark.parametrize("level", HERE)
def test_counts_of_any_number_of_rows(kernels, level):
    for rows in [*range(1, 34), 100, 247, 248, 249, 255]:
        out = np.frombuffer(kernels(level, "counts", rows, 16, rows), np.uint8)
        bits, counts = out[: 128 * rows].reshape(rows, 128), out[128 * rows :]
        expected = np.unpackbits(bits, axis=1, bitorder="little").sum(axis=0)
        assert np.array_equal(counts, expected), rows


@pytest.mark.parametrize("p", [0.5, 0.3, 1e-3, 0.999])
def test_bits_are_set_with_their_probability(kernels, p):
    bits = np.unpackbits(np.frombuffer(kernels("", "bits", 6, 2**17, p), np.uint8))
    n = bits.size
    assert abs(bits.mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
    centred = bits - p
    for lag in (1, 2, 64, 512, 4096):  # neighbours, words, draws
        correlation = (centred[lag:] * centred[:-lag]).mean() / (p * (1 - p))
        assert abs(correlation) < norm.isf(5e-5) / np.sqrt(n - lag)


@pytest.mark.parametrize("p, mean", [(0, 0), (1 - 2.0**-53, 1)])
def test_bits_at_the_ends(kernels, p, mean):
    assert np.unpackbits(np.frombuffer(kernels("", "bits", 7, 1024, p), np.uint8)).mean() == mean


def check_normals(samples):
    """Moments and tails within 5 s.d. of their sampling error, correlations within 99.9 %."""
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
            limit = norm.isf(5e-4 / len(lags) / 2) / np.sqrt(n - lag)
            assert abs((y[lag:] * y[:-lag]).mean() / scale) < limit, (name, lag)


def test_normals(kernels):
    check_normals(normals(kernels, 1_000_000))


@pytest.mark.slow
def test_a_hundred_million_normals(kernels):
    check_normals(normals(kernels, 100_000_000, seed=2))


def test_normals_of_neighbouring_seeds_have_nothing_in_common(kernels):
    one, two = (normals(kernels, 100_000, seed=seed) for seed in (1, 2))
    assert abs((one * two).mean()) < 4 / np.sqrt(100_000)
    assert np.intersect1d(one, two).size < 0.05 * one.size
    assert np.array_equal(one, normals(kernels, 100_000, seed=1))
