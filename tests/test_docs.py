"""The site and README: they build without a warning, and what they show runs."""

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx")
import written_pages
from command_parsers import commands, parsed
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from analysis.measures import MEASURES
from analysis.measures import as_markdown as measures_table
from analysis.statuses import as_markdown as statuses_table
from models.constants import MEANINGS
from models.engine import cache

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
HIDDEN = ("_build", "_generated", "notebooks")
PAGES = [ROOT / "README.md", ROOT / "results/README.md", *sorted(ROOT.glob("results/*/README.md"))]
PAGES += [p for p in sorted(DOCS.rglob("*.md")) if p.relative_to(DOCS).parts[0] not in HIDDEN]
ELSEWHERE = {
    "README.md": "study/test_api.py",
    "docs/howto/engine.md": "models/engine/test_engine.py",
}
"""Pages whose Python runs in a process of its own, and the test that does it."""
FENCE = re.compile(r"^ *```(\S*)\n(.*?)^ *```$", re.M | re.S)
COMMAND = re.compile(r"(?:^|[\s/])python3? -m study\.(\w+)(.*)")
SHELL = ("bash",)
LANGUAGES = (*SHELL, "python", "text", "toml", "")
"""Of blocks; `text` is what a command prints, "" likewise in README pages."""


def text_of(page):
    return page.read_text(encoding="utf-8")


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def with_python():
    """Return the pages that show Python, but those that are run elsewhere."""
    pages = [page for page in PAGES if "```python\n" in text_of(page)]
    return [page for page in pages if name_of(page) not in ELSEWHERE]


def commands_of(page):
    """Return the commands on a page as (name, arguments): in blocks, indented or in a line."""
    text = text_of(page).replace("\\\n", " ")
    found = [match for line in text.splitlines() if (match := COMMAND.search(line.split("`")[0]))]
    in_line = [code.replace("\n", " ") for code in re.findall(r"`([^`]+)`", text)]
    found += [match for code in in_line if (match := COMMAND.match(code))]
    return [(match[1], shlex.split(match[2], comments=True)) for match in found]


def test_the_site_builds_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "html")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    html = tmp_path / "html"
    assert "<math" in text_of(html / "explanation/mass_models.html")
    assert "Connection probability" in text_of(html / "reference/api/study.html")
    for page in ("paper", "ensemble", "budget", "closed"):
        assert "<img" in text_of(html / f"results/{page}.html")
    assert not list(html.rglob("*mathjax*"))


@pytest.mark.parametrize("page", with_python(), ids=name_of)
def test_python_runs(page, tmp_path, monkeypatch):
    """Block after block, in a folder with the shipped studies, which stays as it was."""
    (tmp_path / "results").mkdir()
    for folder in ROOT.glob("results/*/"):
        (tmp_path / "results" / folder.name).symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    examples = list(Sybil([PythonCodeBlockParser()]).parse(page))
    assert len(examples) == text_of(page).count("```python\n") > 0
    for example in examples:
        example.evaluate()
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_all_other_python_runs_elsewhere():
    for name, test in ELSEWHERE.items():
        assert "```python\n" in text_of(ROOT / name)
        assert Path(name).name in text_of(ROOT / "tests" / test)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_are_what_the_commands_take(page):
    """A flag that was renamed is refused by the parser, exit status 2."""
    for command, arguments in commands_of(page):
        try:
            parsed(command, arguments)
        except SystemExit as ended:  # --clear-cache ends the command
            assert ended.code == 0, (command, arguments)


def test_commands_are_found_and_a_wrong_one_is_refused(tmp_path):
    assert sum(len(commands_of(page)) for page in PAGES) > 40
    page = tmp_path / "page.md"
    in_line = "Do `python -m study.verify DIR --row\n3` or"
    page.write_text(in_line + "\n\n    python -m study.run --p 1 \\\n        --lam 1  # all\n")
    (command, arguments), other = reversed(commands_of(page))
    assert other == ("run", ["--p", "1", "--lam", "1"])
    with pytest.raises(SystemExit, match="2"):
        parsed(command, arguments)


def test_reading_a_command_does_nothing(tmp_path, monkeypatch):
    """The programs stay, though a page shows the flag that removes them."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    (tmp_path / "program").mkdir()
    with pytest.raises(SystemExit, match="0"):
        parsed("run", ["--clear-cache"])
    assert (tmp_path / "program").is_dir()


def test_targets_and_extras_are_there():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    for page in PAGES:
        text = text_of(page)
        named = set(re.findall(r"(?:^ *|`)make ([a-z][\w-]*)", text, re.M))
        assert named <= targets, page
        extras = set(re.findall(r"pip install -e '\.\[(\w+)\]'", text))
        assert extras <= set(setup["options.extras_require"]), page


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_blocks_say_what_they_are(page):
    """No block of code escapes the tests by having no language."""
    for language, content in FENCE.findall(text_of(page)):
        assert language in LANGUAGES or language.startswith("{"), language
        if language in ("text", ""):
            assert "import " not in content and "python -m" not in content, content


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    """On disk, as on the site where the page is in it."""
    for target in re.findall(r"\]\(([^)\s#]+)[^)\s]*\)", text_of(page)):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_what_is_generated_says_everything():
    pages = written_pages.pages()
    assert measures_table() in pages["measures.md"] and statuses_table() in pages["statuses.md"]
    assert all(f"| `{measure.name}` |" in pages["columns.md"] for measure in MEASURES)
    assert all(f"| `{name}` |" in pages["parameters.md"] for name in MEANINGS)
    assert all(f"## study.{name}\n" in pages["commands.md"] for name in commands())
    for name in ("measures", "statuses"):
        assert f"_generated/{name}.md" in text_of(DOCS / f"explanation/{name}.md")
    for name in ("columns", "parameters", "commands"):
        assert f"_generated/{name}.md" in text_of(DOCS / f"reference/{name}.md")
    adopted = pages["results/paper.md"]
    assert "<!--" not in adopted and "README.md" not in adopted
    source = text_of(ROOT / "results/paper/README.md")
    assert all(adopted.count(begin) == source.count(begin) for begin in ("\n#", "\n|", "\n!["))


def test_a_broken_link_of_an_adopted_page_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(written_pages, "ROOT", tmp_path)
    (tmp_path / "page.md").write_text("[gone](nowhere.md)")
    with pytest.raises(FileNotFoundError, match=r"page\.md links to nowhere\.md, which is not"):
        written_pages.adopted("page.md", "page.md")


def test_readme_is_short():
    assert (ROOT / "README.md").stat().st_size <= 11_000
