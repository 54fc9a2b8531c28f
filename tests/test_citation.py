"""CITATION.cff keeps the rules of the Citation File Format 1.2.0, and says our version."""

import configparser
import copy
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
REQUIRED = {"cff-version", "message", "title", "authors"}
KNOWN = REQUIRED | {"type", "version", "license", "preferred-citation"}
OF_REFERENCE = {"type", "title", "authors"}
REFERENCE = OF_REFERENCE | {"journal", "volume", "start", "year", "doi"}
ENTITY, PERSON = {"name"}, {"family-names", "given-names"}
DOI = re.compile(r"10\.\d{4,9}(\.\d+)?/\S+")


def broken(citation):
    """List the rules that a citation breaks."""
    paper = citation.get("preferred-citation", {})
    rules = {
        "required": citation.keys() >= REQUIRED,
        "known": citation.keys() <= KNOWN and paper.keys() <= REFERENCE,
        "version of the format": citation.get("cff-version") == "1.2.0",
        "type": citation.get("type") in ("software", "dataset"),
        "texts": all(isinstance(citation.get(k), str) for k in ("message", "title", "version")),
        "reference": paper.keys() >= OF_REFERENCE,
        "doi": bool(DOI.fullmatch(paper.get("doi", ""))),
        "numbers": all(isinstance(paper.get(k), int) for k in ("year", "volume", "start")),
        "authors": all(
            each and all(author.keys() in (ENTITY, PERSON) for author in each)
            for each in (citation.get("authors"), paper.get("authors"))
        ),
    }
    return [rule for rule, kept in rules.items() if not kept]


@pytest.fixture
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_citation_keeps_the_rules(citation):
    assert broken(citation) == []


def test_its_version_and_licence_are_those_of_the_distribution(citation):
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    for key in ("version", "license"):
        assert citation[key] == setup["metadata"][key]


@pytest.mark.parametrize(
    "change, rule",
    [
        (lambda c: c.pop("title"), "required"),
        (lambda c: c.update(autors=[]), "known"),
        (lambda c: c.update({"cff-version": 1.2}), "version of the format"),
        (lambda c: c.update(version=0.1), "texts"),
        (lambda c: c.update(authors=[]), "authors"),
        (lambda c: c["authors"][0].update({"given-names": "The"}), "authors"),
        (lambda c: c["preferred-citation"].update(doi="doi:10.3389/x"), "doi"),
        (lambda c: c["preferred-citation"].update(year="2021"), "numbers"),
    ],
)
def test_a_broken_rule_is_named(citation, change, rule):
    changed = copy.deepcopy(citation)
    change(changed)
    assert rule in broken(changed)
