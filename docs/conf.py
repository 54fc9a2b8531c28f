"""The site: make docs."""

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS / "extensions"), str(DOCS.parent)]

project = "Where can a neural mass model be trusted?"
author = "The neural-mass-validity authors"
language = "en"
smartquotes = False  # --flag stays what it is
html_title = "neural-mass-validity"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "docstring_equations",
    "mathml",
    "written_pages",
]
exclude_patterns = ["_build", "_generated", "**.ipynb_checkpoints", "**/README.md"]

myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # the notebooks keep their outputs; tests run them

default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!(models|analysis|study)\.).*")]  # ours must be there
nitpick_ignore = [
    ("py:obj", "models.recording.Recording.balance"),  # a field, which its class describes
    ("py:obj", "study.drawing.maps.shared_scale"),
]
highlight_language = "none"  # what is highlighted names its language
add_module_names = False
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
