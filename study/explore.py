"""One page to look at studies with: python -m study.explore results/paper --out page.html."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from study.command.ending import run_command
from study.command.numbers import number
from study.command.parser import Parser, UsageError
from study.page.build import page
from study.page.pack import TooLargeError
from study.page.read import read_study
from study.store.folders import StoreError, write_atomic

LEAST_MB, LARGEST_MB = 2, 1000
"""The script of the plots alone has 1.3 MB; browsers refuse a text of a gigabyte."""


def main(argv=None):
    """Run the command; return its exit status."""
    parser = Parser(prog="python -m study.explore", description=__doc__)
    add = parser.add_argument
    add("folders", metavar="DIR", type=Path, nargs="+",
        help="folder of a sweep, of a run, or of study.predict; the first one is shown first")
    add("--out", metavar="HTML", type=Path, default=Path("explore.html"), help="(%(default)s)")
    add("--limit", metavar="MB", default="10",
        help="size of the page; what does not fit is left out, and the page says so (%(default)s)")
    arguments = parser.parse_args(argv)
    try:
        limit = number("--limit", arguments.limit)
        if not LEAST_MB <= limit < LARGEST_MB:
            rule = f"must lie in [{LEAST_MB}, {LARGEST_MB}) MB"
            raise UsageError(f"--limit: {rule}, got {arguments.limit}")
        _check_out(arguments.out)
        studies = named([read_study(folder) for folder in arguments.folders])
        text, left_out = page(studies, int(limit * 1e6))
    except StoreError as error:
        parser.error(f"DIR: {error}")
    except TooLargeError as error:
        parser.error(f"--limit: {error}; fewer folders, or more MB")
    except UsageError as error:
        parser.error(str(error))
    write_atomic(arguments.out, text.encode())
    if left_out:
        print(f"to stay below {arguments.limit} MB: {left_out}", file=sys.stderr)
    print(arguments.out)
    return 0


def named(studies):
    """Number studies of one name, so that each has its own."""
    seen, found = Counter(), []
    for study in studies:
        seen[study.name] += 1
        again = seen[study.name]
        found.append(study if again == 1 else replace(study, name=f"{study.name} ({again})"))
    return found


def _check_out(path):
    """Raise UsageError where the page cannot be written."""
    if path.is_dir():
        raise UsageError(f"--out: must be a file, got the folder {path}")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"--out: must lie in a folder that is there, got {path}")


if __name__ == "__main__":
    sys.exit(run_command(main))
