"""The notebooks are stored with the outputs that they have now, and run without a warning."""

import re

import nbformat
import pytest
from notebooks import FOLDER, PATHS, executed

LARGEST_KB = 500
NUMBER = re.compile(r"[-+]?\d+(?:\.(\d+))?(?:e([-+]?\d+))?")


def outputs(notebook):
    return [o for cell in notebook.cells for o in cell.get("outputs", ())]


def told(notebook):
    """Return what the cells print or show as text, a picture as the word alone."""
    texts = []
    for output in outputs(notebook):
        data = output.get("data", {})
        text = output.get("text", data.get("text/plain"))
        texts.append("picture" if "image/png" in data else text)
    return "\n".join(texts)


def differing(stored, now):
    """Return the pairs of words that differ; of a number, by more than one in its last digit."""
    pairs = list(zip(stored.split(), now.split(), strict=True))
    return [pair for pair in pairs if not same(*pair)]


def same(left, right):
    if NUMBER.sub("#", left) != NUMBER.sub("#", right):
        return False
    for one, other in zip(NUMBER.finditer(left), NUMBER.finditer(right)):
        last_digit = 10.0 ** (int(one[2] or 0) - len(one[1] or ""))
        if abs(float(one[0]) - float(other[0])) > (1.01 * last_digit if one[1] else 0):
            return False
    return True


def test_numbers_may_differ_in_their_last_digit():
    assert not differing("rho 0.98 [1.5, 2e-05] 7", "rho 0.99 [1.4, 2e-05] 7")
    assert differing("rho 0.98 of 7", "rho 0.96 of 8") == [("0.98", "0.96"), ("7", "8")]
    assert differing("ok", "failed") and differing("1.0", "-1.0")


def test_there_are_notebooks():
    names = {path.stem for path in PATHS}
    assert names == {"one_point", "own_model", "closed_and_ensemble"}
    assert len(list(FOLDER.glob("*.ipynb"))) == len(names)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_says_what_it_says_now(path):
    stored = nbformat.read(path, 4)
    cells = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert sum("image/png" in output.get("data", {}) for output in outputs(stored)) >= 3
    assert path.stat().st_size < 1000 * LARGEST_KB
    text = path.read_text(encoding="utf-8")
    for forbidden in ("/home/", "/root/", "/tmp/", "Warning", "iopub", "TO WRITE"):
        assert forbidden not in text, forbidden
    now = executed(path)
    for notebook in (stored, now):
        assert all(output.get("name") != "stderr" for output in outputs(notebook))
    assert differing(told(stored), told(now)) == []
