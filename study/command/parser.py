"""The parser of every command: a mistake is one line and exit status 2."""

import argparse
import difflib
import re
import sys

from study.command.progress import say
from study.command.version import release

LONGEST_LINE = 500  # characters of a message: what was given may be very long


class UsageError(ValueError):
    """A mistake of the person at the command line; the message is one line that names the flag."""


class Parser(argparse.ArgumentParser):
    """An argument parser that reports a mistake as one line and exits with status 2.

    A flag is written out: a prefix that is one today may be two tomorrow.
    """

    def __init__(self, **options):
        super().__init__(allow_abbrev=False, **options)
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        self.given = []
        self.add_argument("--version", action="version", version=release(), help="and stop")

    def parse_known_args(self, args=None, namespace=None):
        self.given = list(sys.argv[1:] if args is None else args)
        found, rest = super().parse_known_args(args, namespace)
        for name, value in vars(found).items():
            if value == "" or (isinstance(value, list) and "" in value):
                self.error(f"--{name.replace('_', '-')}: must not be empty")
        return found, rest

    def error(self, message):
        say(f"{self.prog}: error: {one_line(message + self._meant())}")
        sys.exit(2)

    def _meant(self):
        """Suggest a flag for the first one that does not exist."""
        known = [flag for flag in self._option_string_actions if flag.startswith("--")]
        for flag in (text.partition("=")[0] for text in self.given if text.startswith("--")):
            if flag in ("--", *known):
                continue
            close = [name for name in known if flag.startswith(name) or name.startswith(flag)]
            if close := close or difflib.get_close_matches(flag, known, 1):
                return f"; did you mean {close[0]} by {flag}?"
        return ""


class Joined(argparse.Action):
    """Keep a list, written with commas, spaces or both, as one text with commas."""

    def __call__(self, parser, namespace, values, option_string=None):
        text = re.sub(r"\s*,\s*|\s+", ",", " ".join(values).strip())
        setattr(namespace, self.dest, text)


def one_line(message):
    """Make one line of a message that may quote anything, also an endless text."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in message)
    if len(text) > LONGEST_LINE:
        text = f"{text[: LONGEST_LINE - 100]} ... {text[-90:]}"
    return text
