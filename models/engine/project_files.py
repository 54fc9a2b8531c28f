"""The files of a generated project: those of ours, the text of all, what is removed again."""

import os
from pathlib import Path

SOURCES = Path(__file__).with_name("dense")


def own_texts():
    """Return the text of each C++ file of ours, by its name."""
    return {
        source.name: source.read_text()
        for source in SOURCES.iterdir()
        if source.suffix in (".hpp", ".cpp") and source.name[0] not in ".#" and source.is_file()
    }


def texts(project, writer):
    """Return the text of each file that the program is made from, by its path."""
    names = {"makefile", *writer.source_files, *writer.header_files}
    names |= {f"brianlib/{name}" for name in ("spikequeue.h", "stdint_compat.h")}
    return {name: (Path(project) / name).read_text() for name in sorted(names)}


def remove_code(project, writer, more):
    """Remove the generated files, which were compiled elsewhere, so there are no object files."""
    project = Path(project)
    names = list(more)
    for files in (writer.source_files, writer.header_files):
        names += [name for name in files if not _lies_outside(name)]
        files.clear()
    (project / "make.deps").touch()
    for name in names:
        (project / name).unlink(missing_ok=True)
    if (project / "dense").is_dir():
        (project / "dense").rmdir()


def _lies_outside(name):
    """Whether a source is not the project's but a user's own."""
    return os.path.isabs(name) or os.path.normpath(name).startswith("..")
