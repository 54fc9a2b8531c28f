"""The parser of each command, as the command itself makes it."""

import re
from importlib import import_module
from pathlib import Path
from unittest import mock

from study.command.parser import Parser

STUDY = Path(__file__).resolve().parents[2] / "study"


class _Parsed(Exception):
    """The command has read its arguments; it goes no further."""


def commands():
    """Return the names of all commands: the modules of study that have a main."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(STUDY.glob("*.py"))}
    return [name for name, text in texts.items() if re.search(r"^def main\(argv=", text, re.M)]


def parser_of(command):
    """Return a command's parser."""
    return _reach(command, [], parse=False)


def parsed(command, arguments):
    """Read arguments as a command does, and stop; the exit status is 2 where it refuses them.

    A flag that acts when it is read, --clear-cache, finds nothing to do.
    """
    with mock.patch("models.engine.cache.clear"):
        _reach(command, arguments, parse=True)


def _reach(command, arguments, parse):
    found = []
    read = Parser.parse_args

    def stopped(self, argv=None, namespace=None):
        found.append(self)
        if parse:
            read(self, argv, namespace)
        raise _Parsed

    main = import_module(f"study.{command}").main
    with mock.patch.object(Parser, "parse_args", stopped):
        try:
            main(arguments)
        except _Parsed:
            return found[0]
    raise AssertionError(f"study.{command} reads no arguments")
