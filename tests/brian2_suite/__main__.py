"""Run Brian2's own tests of standalone devices on the device `dense_standalone`.

    python tests/brian2_suite [threads=K] [precision=single] [ARGUMENTS OF PYTEST]

They are the tests of the installed Brian2, long ones too, as `brian2.test(test_standalone=...)`
selects them. A test that asks for `cpp_standalone` by name gets the dense device. The last line is
a row of the table in models/engine/README.md. Exit status 1: a test failed, or none was found.
"""

import os
import platform
import sys
import tempfile
from collections import Counter
from pathlib import Path

import brian2
import pytest
from brian2.devices.device import all_devices, reset_device
from brian2.tests import PreferencePlugin, clear_caches

from models.engine.device import NAME
from models.network.lif import FLOATS

TESTS = Path(brian2.__file__).parent / "tests"
SELECTIONS = (
    ("standalone_compatible and not multiple_runs", {"build_on_run": True}),
    ("standalone_compatible and multiple_runs", {"build_on_run": False}),
    ("cpp_standalone", {"build_on_run": True}),
)
"""Markers of the tests, and how the device is set for them, as Brian2 does."""
OWN = ("threads=", "precision=")
FLAGS = [*brian2.prefs["codegen.cpp.extra_compile_args_gcc"], "-w"]
"""With which all are compiled."""
OPTIMISED = {"test_spikegenerator_rounding_long", "test_spikegenerator_rounding_period"}
"""Tests of a million steps; from Brian2 2.10 on, without -O3, a recorded row costs as many
operations as there are rows before it."""


class Outcomes:
    """Count what comes out of the tests."""

    def __init__(self):
        self.counts, self.failed = Counter(), []

    def pytest_runtest_setup(self, item):
        level = "-O3" if item.name in OPTIMISED else "-O0"  # else compiling takes most time
        item.config.brian_prefs["codegen.cpp.extra_compile_args_gcc"] = [*FLAGS, level]

    def pytest_collectreport(self, report):
        self.pytest_runtest_logreport(report)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed.append(_name(report))
        elif getattr(report, "when", None) == "call" or report.skipped:
            self.counts[report.outcome] += 1


def _name(test):
    return test.nodeid.rpartition("/")[2]


def run(arguments, threads, precision):
    """Run the tests; return their Outcomes."""
    brian2.prefs.reset_to_defaults()
    brian2.prefs["devices.cpp_standalone.openmp_threads"] = threads
    brian2.prefs["core.default_float_dtype"] = FLOATS[precision]
    brian2.BrianLogger.console_handler.setLevel("WARNING")
    all_devices["cpp_standalone"] = all_devices[NAME]
    outcomes = Outcomes()
    fixed = ["-c", str(TESTS / "pytest.ini"), "--confcutdir", str(TESTS.parent)]
    fixed += ["-q", "-p", "no:cacheprovider", "--show-capture=no", "--tb=short"]
    # Brian2 calls pyparsing and numpy by names that these have deprecated, and asks for a plugin
    fixed += ["-W", "ignore::DeprecationWarning", "-W", "ignore::pytest.PytestConfigWarning"]
    for markers, options in SELECTIONS:
        preferences = PreferencePlugin(brian2.prefs)
        preferences.device = NAME
        preferences.device_options = {"directory": None, "with_output": False, **options}
        selected = ["-m", f"({markers}) and not gsl"]
        pytest.main([str(TESTS), *fixed, *selected, *arguments], plugins=[preferences, outcomes])
        clear_caches()
        reset_device()
    return outcomes


def main(arguments):
    """Run the tests, print what came out of them and return the exit status."""
    given = dict(text.split("=") for text in arguments if text.startswith(OWN))
    arguments = [text for text in arguments if not text.startswith(OWN)]
    threads, precision = int(given.get("threads", 0)), given.get("precision", "double")
    with tempfile.TemporaryDirectory(prefix="brian2_suite_") as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # every program is compiled
        outcomes = run(arguments, threads, precision)
    counts, failed = outcomes.counts, outcomes.failed
    for name in failed:
        print(f"failed: {name}")
    how = (platform.python_version(), brian2.__version__, max(1, threads), precision)
    numbers = (counts["passed"], counts["skipped"], len(failed))
    print("| Python | Brian2 | threads | precision | passed | skipped | failed |")
    print(f"| {' | '.join(map(str, how + numbers))} |")
    return 1 if failed or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
