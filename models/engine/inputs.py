"""What a compilation reads besides the text that it is given: headers, libraries, objects."""

import os
import re
import shlex
from pathlib import Path

from models.engine.compiler import identity

# Options that let the compiler list the headers that it reads, and the linker its files.
LISTED = ("-MD", "-Wl,-t")
_FOLDER = re.compile(r"(?:^|\0)(?:-I|-isystem|-iquote|-idirafter|-L)\0?([^\0]+)")
_RELATIVE = re.compile(
    r"(?<!\S)(-(?:I|isystem|iquote|idirafter|L)\s*)([\"']?)(?![/$\"'])(.+?)\2(?=\s|$)"
)
_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def absolute_folders(flags, project):
    """Let options that name a folder relative to the project name it by its full path.

    Parameters
    ----------
    flags : str
        Options for a makefile.
    project : path

    Returns
    -------
    str
    """

    def absolute(match):
        option, _, name = match.groups()
        return f'{option}"{os.path.abspath(os.path.join(project, name))}"'

    return _RELATIVE.sub(absolute, flags)


def read(project, printed):
    """Return the files outside a project that its compilation has read, and some that it has not.

    The latter do not exist: a file that were there would be read instead of another of its name.

    Parameters
    ----------
    project : path
        Where it was compiled with the options LISTED.
    printed : str
        What make printed.

    Returns
    -------
    list of str
        Full paths.
    """
    found = {*_headers(project), *_linked(printed)}
    return sorted(found | _instead(project, found))


def _headers(project):
    """Return what the compiler read, from the lists that it wrote for make."""
    for file in project.rglob("*.d"):
        listed = file.read_text().replace("\\\n", " ").partition(": ")[2]
        for name in re.findall(r"(?:\\.|[^\s\\])+", listed):
            name = re.sub(r"\\(.)", r"\1", name).replace("$$", "$")
            path = os.path.join(project, name)
            if not Path(os.path.normpath(path)).is_relative_to(project):
                yield path


def _linked(printed):
    """Return what the linker read, from what it printed."""
    for line in printed.splitlines():
        for name in (line, *re.split(r"[()]", line)):  # a member of an archive: ARCHIVE(MEMBER)
            if os.path.isabs(name) and os.path.isfile(name):
                yield name


def _instead(project, found):
    """Return where files of these names could stand in the folders that the user has named."""
    sources = [file for file in project.rglob("*") if file.suffix in (".c", ".cpp", ".h", ".hpp")]
    included = set(_INCLUDE.findall("\n".join(file.read_text() for file in sources)))
    flags = re.findall(
        r"^(?:OPTIMISATIONS|LFLAGS) = (.*)", (project / "makefile").read_text(), re.MULTILINE
    )
    told = [line for line in identity().splitlines() if not line.startswith("#")]
    words = "\0".join(word for line in [*told, *flags] for word in _split(line))
    whole = {name for name in included if os.path.isabs(name)}
    folders = {*_FOLDER.findall(words), *map(os.path.dirname, whole)}
    names = included - whole
    for file in map(Path, found):
        names |= {str(file.relative_to(top)) for top in folders if file.is_relative_to(top)}
        if file.name.startswith("lib"):
            stem = file.name.split(".")[0]
            names |= {file.name, f"{stem}.so", f"{stem}.a"}
    return {os.path.join(top, name) for top in folders for name in names if os.path.isabs(top)}


def _split(line):
    """Split a line into words as the shell does; a line of another kind has none."""
    try:
        return shlex.split(line)
    except ValueError:
        return []
