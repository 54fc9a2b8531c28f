"""Equations in docstrings: what stands indented below a line of prose keeps its lines."""

import re

from numpydoc.docscrape import NumpyDocString
from sphinx.ext import autosummary

SECTION = re.compile(r"^-{3,}$")


def setup(app):
    """Listen before numpydoc does, and let it know the section Assumptions."""
    NumpyDocString.sections = NumpyDocString.sections | {"Assumptions": ""}
    autosummary.WELL_KNOWN_ABBREVIATIONS += ("Eq.",)  # which end no sentence
    app.connect("autodoc-process-docstring", _process, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _process(app, what, name, obj, options, lines):
    lines[:] = with_notes(with_literals(lines))


def with_notes(lines):
    """Make Notes of a section Assumptions, for which numpydoc has no place."""
    out = []
    for line in lines:
        if SECTION.match(line) and out and out[-1] == "Assumptions":
            out[-1:] = ["Notes", "-----", "**Assumptions.**", ""]
        else:
            out.append(line)
    return out


def with_literals(lines):
    """Put `::` before each indented block that follows prose, outside lists of parameters.

    In the sections of numpydoc that hold prose (Notes, Assumptions) as above all sections.
    """
    out, prose, literal = [], True, False
    for k, line in enumerate(lines):
        if SECTION.match(line) and k:
            prose = lines[k - 1].strip() in ("Notes", "Assumptions", "References")
        indented = line.startswith("    ")
        if line.strip() and not indented:
            literal = False
        starts = indented and not literal and k and not lines[k - 1].strip()
        if prose and starts:
            out += ["::", ""]
            literal = True
        out.append(line)
    return out
