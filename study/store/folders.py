"""Result folders that are either finished or not there."""

import json
import math
import os
import secrets
import sys
from pathlib import Path

from study.store.replace_folder import sync
from study.store.schema import fault_in, misfit_in

RECORD = "run.json"
"""The file that says what a finished folder holds."""
SWEEP_RECORD = "sweep.json"
"""The file that says what a sweep's folder holds."""


class StoreError(ValueError):
    """A folder cannot be used; the message says which and why."""


def result_folder(path):
    """Return a path as a Path, or raise StoreError where no folder can have that name."""
    folder = Path(path)
    shown = f"got {str(path)!r}"
    try:
        names = [os.fsencode(name) for name in folder.parts]
    except UnicodeEncodeError:
        encoding = sys.getfilesystemencoding()
        raise StoreError(f"must be a name in the file system's {encoding}, {shown}") from None
    if b"\0" in os.fsencode(folder):
        raise StoreError(f"must not hold a NUL, {shown}")
    place = _existing_parent(folder.absolute())
    longest, whole = (os.pathconf(place, name) for name in ("PC_NAME_MAX", "PC_PATH_MAX"))
    for name in names:
        if len(name) > longest:
            rule = f"must have names of {longest} bytes or fewer"
            raise StoreError(f"{rule}, {shown[:60]} ... with one of {len(name)}")
    inside = 64  # for the longest name of a file in it
    if (length := len(os.fsencode(folder.absolute()))) > whole - inside:
        raise StoreError(f"must have {whole - inside} bytes or fewer, got one of {length}")
    return folder


def check_destination(folder, record=RECORD, held="a finished run", replaced=()):
    """Raise StoreError where `folder` is something else than a result folder; write nothing.

    Parameters
    ----------
    folder : path
    record : str
        The file that tells a result folder.
    held : str
        What it holds, for the message.
    replaced : sequence of str
        Where the whole folder will be replaced: the names that may go with it.
    """
    folder = Path(folder).resolve()
    if folder.is_dir():
        held_now = [path for path in folder.iterdir() if replaced or path.name[0] != "."]
        if not all(map(_is_empty_folder, held_now)) and not _is_record(folder / record):
            raise StoreError(f"must be new, empty or hold {held}, got {folder}")
        if replaced and (others := {path.name for path in held_now}.difference(replaced)):
            raise StoreError(f"must hold nothing but {held}, got {folder} with {min(others)}")
        if replaced and folder in (Path.cwd(), *Path.cwd().parents):
            raise StoreError(f"must not be the folder that you are in, got {folder}")
    elif folder.exists():
        raise StoreError(f"must be a folder, got the file {folder}")
    parent = _existing_parent(folder)
    if not parent.is_dir():
        raise StoreError(f"must lie in a folder, got {folder}: {parent} is a file")


def check_writable(folder, in_one_step):
    """Raise StoreError unless `folder` can be filled, or put in its place in one step."""
    folder = Path(folder).resolve()
    if in_one_step and os.path.ismount(folder):
        raise StoreError(f"must be a folder that can be replaced, got the mount point {folder}")
    place = folder if folder.is_dir() and not in_one_step else _existing_parent(folder)
    if not os.access(place, os.W_OK | os.X_OK):
        raise StoreError(f"must be writable, got {folder}: {place} is not")


def _is_empty_folder(path):
    return path.is_dir() and not any(path.iterdir())


def _is_record(path):
    """Tell whether a file is a record of this project, be it damaged."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RecursionError):
        return path.is_file()
    return isinstance(found, dict) and "request" in found


def _existing_parent(folder):
    return next((parent for parent in folder.parents if os.path.exists(parent)), folder)


def finished_record(folder, record=RECORD, simulated=True):
    """Return what the record of a folder says, checked, or None where there is none.

    Parameters
    ----------
    folder : path
    record : str
    simulated : bool
        Whether something will be simulated by it, or its trials will just be listed.

    Raises
    ------
    StoreError
        It is there but cannot be read, is none of ours, or asks for what cannot be simulated; the
        message names the field.
    """
    found = read_record(folder, record)
    if found is not None and (fault := misfit_in(found, record, simulated)):
        raise _strange(folder, record, fault)
    return found


def read_record(folder, record=RECORD):
    """Return what the record of a folder says, for those who simulate nothing by it.

    Raises
    ------
    StoreError
        It is there but cannot be read, or is none of ours; the message names the field.
    """
    try:
        found = json.loads((Path(folder) / record).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"holds a {record} that cannot be read: {error}, got {folder}") from None
    if fault := fault_in(found, record):
        raise _strange(folder, record, fault)
    return found


def _strange(folder, record, fault):
    rule = f"holds a {record} that this project has not written"
    return StoreError(" ".join(f"{rule}: {fault}, got {folder}".split()))


def write_atomic(path, content):
    """Write bytes to a file in one step: whoever reads it finds all of it or what was before.

    They are on the disk when this returns.
    """
    path = Path(path)
    private = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")  # one for each writer
    try:
        with open(private, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(private, path)
    except BaseException:
        private.unlink(missing_ok=True)
        raise
    sync(path.parent)


def write_json(path, value):
    """Write plain values as JSON for people, in one step; NaN becomes null."""
    text = json.dumps(_plain(value), indent=1, ensure_ascii=False) + "\n"
    write_atomic(path, text.encode())


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
