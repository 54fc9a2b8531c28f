"""The page put together: texts, plots, script, style and data in one file."""

import json
from importlib.resources import files

from bokeh.resources import Resources
from jinja2 import Environment
from matplotlib import colormaps
from matplotlib.colors import to_hex

from analysis.measures import BY_NAME
from analysis.regimes import REGIMES as REGIME_NAMES
from analysis.statuses import MEANINGS
from models.mass.ladder import CHAINS, IN_WORDS
from study.drawing.maps import GAP, OF_LAGS
from study.drawing.style import (
    EXCITATORY,
    GOOD_IS_HIGH,
    GOOD_IS_LOW,
    INHIBITORY,
    NEUTRAL,
    REGIMES,
    RUNGS,
    SIGNED,
    map_colours,
)
from study.page.pack import packed
from study.page.panels import INKS, MAPS, OF_A_CELL, PATTERNS, PINNED, SLICES, items

SCRIPTS = (
    *("data.js", "scales.js", "state.js", "plots.js", "maps.js", "slices.js", "series.js"),
    *("cells.js", "main.js"),
)
"""The parts of the page's script, in their order."""
COLOURS = 64
TITLES = {
    "map_a": "Map", "map_b": "Compared with", "map_d": "Difference",
    "slice_x": "Along the horizontal axis", "slice_y": "Along the vertical axis",
    "trials": "Trials", "traces": "Mean potentials", "spectra": "Spectra",
    "correlation": "Correlation with the network", "spikes": "Spikes of the network",
    "budget": "What each assumption costs",
}  # fmt: skip


def page(studies, limit):
    """Write the page of some studies.

    Parameters
    ----------
    studies : list of study.page.read.Study
    limit : int
        Bytes that it may have.

    Returns
    -------
    text : str
    left_out : str
        What did not fit, "" for nothing.

    Raises
    ------
    study.page.pack.TooLargeError
    """
    own = files("study.page")
    bokeh = Resources(mode="inline", minified=True, components=["bokeh"]).render_js()
    script = "\n".join((own / name).read_text() for name in SCRIPTS)
    shared = {
        "style": (own / "page.css").read_text(), "bokeh": bokeh, "maps": MAPS, "slices": SLICES,
        "cell_panels": OF_A_CELL, "pinned": PINNED, "titles": TITLES, "plots": _json(items()),
        "script": f'"use strict";\n(() => {{\n{script}\n}})();', "look": _json(_look()),
    }  # fmt: skip
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((own / "page.html").read_text())
    frame = len(template.render(**shared, data="", left_out="").encode())
    data, left_out = packed(studies, limit - frame)
    return template.render(**shared, data=data, left_out=left_out), left_out


def _json(value):
    """Write JSON that may stand in a script element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _look():
    """Return colours, hatches and words that the page shares with the figures."""
    names = {GOOD_IS_LOW, GOOD_IS_HIGH, NEUTRAL, SIGNED}
    shades = [k / (COLOURS - 1) for k in range(COLOURS)]
    return {
        "palettes": {n: [to_hex(colormaps[n](shade)) for shade in shades] for n in names},
        "palette_of": {name: map_colours(measure) for name, measure in BY_NAME.items()},
        "signed": SIGNED, "neutral": NEUTRAL,
        "regimes": {name: REGIMES[name] for name in REGIME_NAMES}, "rungs": RUNGS,
        "hatches": PATTERNS, "inks": INKS,
        "of_lags": OF_LAGS, "gap": to_hex(GAP), "statuses": MEANINGS,
        "cell_panels": OF_A_CELL, "maps": MAPS, "slices": SLICES, "pinned": PINNED,
        "excitatory": EXCITATORY, "inhibitory": INHIBITORY, "chains": CHAINS,
        "orders": IN_WORDS,
    }  # fmt: skip
