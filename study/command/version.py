"""Name and version of this project, as --version says them."""

import configparser
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "neural-mass-validity"
SETUP = Path(__file__).resolve().parents[2] / "setup.cfg"


def release():
    """Return name and version: of what is installed, or of the folder that it is run from."""
    try:
        return f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        setup = configparser.ConfigParser()
        setup.read(SETUP, encoding="utf-8")
        return f"{DISTRIBUTION} {setup['metadata']['version']}"
