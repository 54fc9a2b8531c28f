"""What the site says that is told elsewhere: written into _generated before Sphinx reads.

Tables of columns, statuses and parameters from the modules that define them, the commands from
their parsers, and the README pages of folders, with their links turned into links of the site.
"""

import os
import re
from pathlib import Path

from command_parsers import commands, parser_of

from analysis import measures, statuses
from models.constants import MEANINGS, SETS, TIES, UNIT_NAMES
from models.ensemble import RANGES

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
FOLDERS = ("ensemble", "paper", "tied", "driven", "budget", "closed")
PIPELINE = DOCS / "pipeline.svg"
HOMES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "models/engine/README.md": "explanation/device.md",
    "results/README.md": "results/index.md",
    **{f"results/{name}/README.md": f"results/{name}.md" for name in FOLDERS},
}
"""The pages that are text of other files, and where they stand in the site."""
OPTIONAL = ("CONTRIBUTING.md",)
WHOLE = ("contributing.md",)
"""Pages that may be missing, and those of them that are written as pages of their own."""
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")
COMMENT = re.compile(r"<!--(?:table |end)(?:(?!-->).)*-->\n|<!--(?:(?!-->).)*-->", re.DOTALL)
FOLDER = re.compile(r"\[`[^`]*`\]$")
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
BRACKETS = re.compile(r"<(g v|g)>")
SOURCE = re.compile(r'^ {4,8}"(\w+)": .*?,  # (.*)$', re.M)


def setup(app):
    """Write when the build begins."""
    app.connect("builder-inited", lambda app: write())
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(folder=DOCS / "_generated"):
    """Write every page; one that says what it said is left alone, so that it is not read again."""
    written = pages()
    for name in WHOLE:
        if name not in written:  # nor a page of it from an earlier build
            (DOCS / name).unlink(missing_ok=True)
    for name, text in written.items():
        path = DOCS / name if name in WHOLE else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def pages():
    """Return the text of every page by its name."""
    written = {
        "measures.md": "| row | meaning |\n|---|---|\n" + measures.as_markdown() + "\n",
        "statuses.md": "| status | what it says |\n|---|---|\n" + statuses.as_markdown() + "\n",
        "columns.md": columns(),
        "parameters.md": parameters(),
        "ranges.md": ranges(),
        "commands.md": command_reference(),
        "pipeline.md": "![How it runs](../pipeline.svg)\n" if PIPELINE.exists() else "",
    }
    for source, home in HOMES.items():
        if source in OPTIONAL and not (ROOT / source).exists():
            continue
        written[home] = adopted(source, home)
    return written


def table(head, rows):
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def columns():
    """Return the columns of summary.csv and trials.csv."""
    rows = []
    for measure in measures.MEASURES:
        whose = "network, closed models" if measure.network else "every model"
        better = {1: "more", -1: "less", 0: ""}[measure.direction]
        kind = "p-value" if measure.pvalue else measure.unit
        point = measure.over_trials if measure.per_trial else "of a point alone"
        rows.append([f"`{measure.name}`", kind, whose, point, better, measure.meaning])
    head = ["column", "unit", "on the rows of", "of a point", "better is", "meaning"]
    return table(head, rows)


def parameters():
    """Return every parameter with its value in each set of constants and its source."""
    text = (ROOT / "models/constants.py").read_text(encoding="utf-8")
    sources = dict(SOURCE.findall(text.partition("_CALIBRATED")[2].partition("_AT_RESET")[0]))
    rows = []
    for name, meaning in MEANINGS.items():
        values = [f"{values[name]:g}" for values in SETS.values()]
        for k, chosen in enumerate(SETS):
            if name in TIES.get(chosen, {}):
                values[k] = f"= {TIES[chosen][name]}"
        unit = UNIT_NAMES.get(name, "").replace("(V^2)", "V²")
        said = meaning.replace("->", "→")
        rows.append([f"`{name}`", said, unit, *values, sources[name]])
    head = ["name", "what it is", "unit", *(f"`{name}`" for name in SETS), "source (`calibrated`)"]
    return table(head, rows)


def ranges():
    """Return the range of each uncertain constant."""
    rows = [
        [f"`{name}`", f"{r.low:g} to {r.high:g}", UNIT_NAMES.get(name, "").replace("(V^2)", "V²"),
            "logarithmic" if r.logarithmic else "linear", r.source]
        for name, r in RANGES.items()
    ]  # fmt: skip
    return table(["name", "range", "unit", "drawn", "source"], rows)


def command_reference():
    """Return the help of every command, as its parser writes it."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "92"
    try:
        parts = [
            f"## study.{name}\n\n```text\n{parser_of(name).format_help().rstrip()}\n```\n"
            for name in commands()
        ]
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
    return "\n".join(parts)


def adopted(source, home):
    """Return the text of a file as a page of the site: without comments, its links turned."""
    text = COMMENT.sub("", (ROOT / source).read_text(encoding="utf-8"))
    pieces = CODE.split(text)
    for k in range(0, len(pieces), 2):  # code stands between them
        pieces[k] = BRACKETS.sub(r"&lt;\1&gt;", pieces[k])
    text = "".join(pieces)
    return LINK.sub(lambda link: _turned(link, ROOT / source, DOCS / home), text)


def _turned(link, source, home):
    """Return a link of a file as a link of its page in the site."""
    label, target = link.groups()
    address, hash_, anchor = target.partition("#")
    if "://" in target or not address:
        return link[0]
    path = (source.parent / address).resolve()
    if not path.exists():
        raise FileNotFoundError(f"{source.relative_to(ROOT)} links to {target}, which is not there")
    name = path.relative_to(ROOT).as_posix()
    if name in HOMES:
        path = DOCS / HOMES[name]
        label = FOLDER.sub("[]", label)  # the title of the page stands there
    elif not (label.startswith("!") or path.is_relative_to(DOCS)):
        return f"`{name}`"
    return f"{label}({os.path.relpath(path, home.parent)}{hash_}{anchor})"
