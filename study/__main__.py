"""The commands and what each does: python -m study."""

import difflib
import sys

from study.command.commands import COMMANDS, summary
from study.command.ending import run_command
from study.command.parser import Parser


def main(argv=None):
    """List the commands; return the exit status."""
    given = sys.argv[1:] if argv is None else argv
    parser = Parser(prog="python -m study", description=listing())
    if given and not given[0].startswith("-"):
        close = difflib.get_close_matches(given[0].removeprefix("study."), COMMANDS, 1)
        hint = f"did you mean {parser.prog}.{close[0]}?" if close else f"{parser.prog} lists them"
        parser.error(f"there is no command {given[0]}; {hint}")
    parser.parse_args(given)
    print(listing())
    return 0


def listing():
    """Return a line for each command."""
    lines = (f"  {name:<12} {summary(name)}" for name in COMMANDS)
    return "\n".join(["The commands; each takes --help and --version:", *lines])


if __name__ == "__main__":
    sys.exit(run_command(main))
