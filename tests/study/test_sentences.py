"""The pages under results/: every number that is marked is what the tables of the study say."""

import pytest
import sentences


@pytest.mark.parametrize("page", sentences.pages(), ids=lambda page: page.parent.name)
def test_numbers_are_those_of_the_tables(page):
    text = page.read_text()
    again = sentences.written(text, sentences.namespace(sentences.pages()[page]))
    differing = [
        f"{old} should be {new}"
        for old, new in zip(text.splitlines(), again.splitlines())
        if old != new
    ]
    assert not differing, "\n".join(differing)


def test_pages_have_marked_numbers():
    marked = {
        page.parent.name: len(sentences.NUMBER.findall(page.read_text()))
        for page in sentences.pages()
    }
    assert marked["results"] >= 5 and marked["paper"] >= 20


def test_a_wrong_number_is_found():
    text = "It has 1.24<!--=1.2345--> and 50 %<!--=0.25--> of it, +3<!--=3-->."
    right = "It has 1.23<!--=1.2345--> and 25 %<!--=0.25--> of it, +3<!--=3-->."
    assert sentences.written(text, {}) == right == sentences.written(right, {})
