"""The experiment: simulate a network, drive the mass models with it, compare, keep the result."""

import sys

LONG = ("study.run", "study.sweep", "study.bench")
"""The commands that show progress."""

if sys.argv[0] == "-m" and any(text.removeprefix("-m") in LONG for text in sys.orig_argv):
    # python -m study.run is about to import its libraries, which takes seconds
    if "--quiet" not in sys.argv and sys.stderr is not None and sys.stderr.isatty():
        print("loading", end="\r", file=sys.stderr, flush=True)  # what comes next covers it
