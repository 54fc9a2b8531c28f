"""The commands, and the line that says what each is: the first of its file."""

import ast
from pathlib import Path

COMMANDS = (
    *("run", "sweep", "verify", "figures", "findings", "predict", "ensemble", "expect"),
    *("explore", "calibration", "bench"),
)
STUDY = Path(__file__).resolve().parents[1]


def summary(command):
    """Return the first line of a command's docstring; the command is not imported."""
    source = (STUDY / f"{command}.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)).splitlines()[0]
