"""Run Brian2's own tests of standalone devices on the device `dense_standalone`.

    python tests/brian2_suite [ARGUMENTS OF PYTEST]

They are the tests of the installed Brian2, long ones too, as `brian2.test(test_standalone=...)`
selects them. A test that asks for `cpp_standalone` by name gets the dense device. The last line is
a row of the table in models/engine/README.md. Exit status 1: a test failed, none was found, or one
on the list of those left out does not exist.
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
from left_out import LEFT_OUT

from models.engine.device import NAME

TESTS = Path(brian2.__file__).parent / "tests"
SELECTIONS = (
    ("standalone_compatible and not multiple_runs", {"build_on_run": True}),
    ("standalone_compatible and multiple_runs", {"build_on_run": False}),
    ("cpp_standalone", {"build_on_run": True}),
)
"""Markers of the tests, and how the device is set for them, as Brian2 does."""
FLAGS = [*brian2.prefs["codegen.cpp.extra_compile_args_gcc"], "-w"]
"""With which all are compiled."""
OPTIMISED = {"test_spikegenerator_rounding_long", "test_spikegenerator_rounding_period"}
"""Tests of a million steps; from Brian2 2.10 on, without -O3, a recorded row costs as many
operations as there are rows before it."""


class Outcomes:
    """Leave out tests by their names, and count what comes out of the others."""

    def __init__(self):
        self.counts, self.failed, self.left_out = Counter(), [], set()

    def pytest_collection_modifyitems(self, config, items):
        out = [item for item in items if _name(item) in LEFT_OUT]
        self.left_out |= set(map(_name, out))
        items[:] = [item for item in items if item not in out]
        config.hook.pytest_deselected(items=out)

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


def run(arguments):
    """Run the tests; return their Outcomes."""
    brian2.prefs.reset_to_defaults()
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
    with tempfile.TemporaryDirectory(prefix="brian2_suite_") as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # every program is compiled
        outcomes = run(arguments)
    counts, failed = outcomes.counts, outcomes.failed
    for name in sorted(outcomes.left_out):
        print(f"left out: {name}: {LEFT_OUT[name]}")
    for name in failed:
        print(f"failed: {name}")
    unknown = [] if arguments else sorted(set(LEFT_OUT) - outcomes.left_out)
    for name in unknown:
        print(f"left out, but not there: {name}")
    versions = f"| {platform.python_version()} | {brian2.__version__}"
    numbers = (counts["passed"], counts["skipped"], len(failed), len(outcomes.left_out))
    print("| Python | Brian2 | passed | skipped | failed | left out |")
    print(f"{versions} | {' | '.join(map(str, numbers))} |")
    return 1 if failed or unknown or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
