"""Name the commands: python -m study."""

import ast
from pathlib import Path

COMMANDS = (
    *("run", "sweep", "verify", "figures", "findings", "predict", "ensemble", "expect"),
    *("calibration", "bench"),
)

if __name__ == "__main__":
    print("The commands; each takes --help and --version:")
    for name in COMMANDS:
        source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        print(f"  {ast.get_docstring(ast.parse(source)).splitlines()[0]}")
