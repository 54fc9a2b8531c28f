"""The notebooks of docs/notebooks: executed as they are; called, this file stores their outputs."""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def executed(path):
    """Run a notebook's cells in its own folder; return it with its outputs."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_PLATFORM_DIRS": "1"})
    notebook.metadata = KERNEL | {"language_info": {"name": "python"}}
    return notebook


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or PATHS:
        nbformat.write(executed(path.resolve()), path)
        print(path.name, f"{path.stat().st_size / 1000:.0f} kB")
