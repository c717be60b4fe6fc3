"""The notebooks run, and give the text that they show; their pictures are not compared."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from backtests import Plan, compare

ROOT = Path(__file__).parents[1]


def texts(book: nbformat.NotebookNode) -> Iterator[str]:
    for cell in book.cells:
        for output in cell.get("outputs", []):
            yield output.get("text") or output.data["text/plain"]


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.ipynb")), ids=lambda p: p.stem)
def test_an_example_gives_what_it_shows(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    book = nbformat.read(path, as_version=4)
    shown = list(texts(book))
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert shown
    assert list(texts(book)) == shown


def test_a_comparison_shows_its_card_and_its_chart():
    book = nbformat.read(ROOT / "examples" / "quick_start.ipynb", as_version=4)
    (output,) = next(cell for cell in book.cells if cell.source.endswith("\nsides")).outputs
    shown = compare(Plan(eras=("dotcom",)))._repr_html_()
    # The picture's bytes depend on how fonts are drawn.
    told, now = (re.sub('base64,[^"]+', "", html) for html in (output.data["text/html"], shown))
    assert told == now
    assert now.count("<img") == 1
