"""The sha256 of result files: taken when they are written, compared when they are read."""

import hashlib
from pathlib import Path


def file_hashes(folder):
    """Return the sha256 of every file in a folder, by its name."""
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return {path.name: _sha256(path) for path in files}


def changed_files(folder, hashes, record):
    """Say which files are not what was written, as sentences.

    Parameters
    ----------
    folder : path
    hashes : dict
        sha256 by name.
    record : str
        The file that holds them.
    """
    changed = []
    for name, digest in hashes.items():
        path = Path(folder) / name
        if not path.is_file():
            changed.append(f"{name} is missing")
        elif _sha256(path) != digest:
            changed.append(f"{name} does not match its hash in {record}")
    return changed


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
