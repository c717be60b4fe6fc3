"""A report is the same wherever it is made: other settings, other terminals, hostile titles."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backtests.comparison import Chapter, Comparison, LeftOut
from backtests.plan import Plan
from backtests.report.charts.draw import draw
from backtests.report.page import render_html
from backtests.report.wording import visible
from tests.conftest import make_table, month_ends
from tests.helpers import play
from tests.test_terminal import printed

ROOT = Path(__file__).resolve().parent.parent
RUN = ("run", "--weights", "SP500=1", "--from", "2020-01-01", "--to", "2020-12-31", "--out", "r")
TITLE = "\u6307\u6578: \x1b[31mred\x07\nnext \u202eback"


def dca(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "backtests.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        check=True,
    )


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    "settings", [b"\xff\xfe\x00", b"font.size: 40\nnonsense: 1\nsavefig.dpi: x"]
)
def test_settings_of_matplotlib_change_nothing(tmp_path: Path, settings: bytes):
    here, other = tmp_path / "here", tmp_path / "other"
    here.mkdir()
    other.mkdir()
    (other / "matplotlibrc").write_bytes(settings)
    dca(here, *RUN)
    done = dca(other, *RUN, MPLBACKEND="nonsense")
    assert done.stderr == b""
    assert files(here / "r") == files(other / "r")


def test_a_terminal_of_ascii_alone_gets_escapes(tmp_path: Path):
    era = f'[era.mine]\nstart = 2020-01-01\ntitle = "{TITLE[:2]}"\n'
    plan = f'eras = ["mine"]\nstrategies = ["cash"]\n{era}'
    (tmp_path / "plan.toml").write_text(plan, encoding="utf-8")
    ascii_only = {
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
    }
    done = dca(tmp_path, "compare", "--plan", "plan.toml", "--out", "r", **ascii_only)
    assert b"mine: \\u6307\\u6578, 2020-01-02 to" in done.stdout
    assert done.stdout.isascii()
    assert TITLE[:2] in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")


def test_control_characters_are_shown_and_letters_kept(default: Comparison):
    chapter = default.chapters[2]
    own = replace(chapter, era=replace(chapter.era, title=TITLE), absent=(LeftOut(TITLE, TITLE),))
    comparison = replace(default, chapters=(own,))
    for text in (printed(comparison, 200), render_html(comparison, [], "1")):
        assert "\u6307\u6578: \\x1b[31mred\\x07\\nnext \\u202eback" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_spaces_and_letters_of_all_scripts_are_not_escaped():
    plain = "S&P\N{NO-BREAK SPACE}% \u05e9\u05dc \u6307\u3000\u6578 \N{EM DASH} \U0001f600"
    assert visible(plain) == plain


NO_FIGURE = re.compile(r" (nan|-?inf|None)\b")
# A title may be such a word, by which a figure that is none could not be told.
TITLES = st.text(max_size=30).filter(lambda title: not NO_FIGURE.search(f" {title}"))
PRICES = st.lists(st.floats(1e-7, 1e9), min_size=1, max_size=6)


def shown(prices: list[float], monthly: float, title: str) -> Comparison:
    days = [str(day) for day in month_ends("2019-11", len(prices))]
    table = make_table(days, {"A": prices}, "monthly")
    result = replace(play(table, {"A": 1.0}, monthly=monthly), title=title)
    era = replace(result.era, title=title)
    chapter = Chapter(era, "monthly", (replace(result, era=era),), (LeftOut(title, title),))
    return Comparison(Plan(monthly=monthly), (chapter,), {"monthly": table}, ())


@given(PRICES, st.sampled_from([0.01, 1e3, 1e12]), TITLES)
def test_whatever_was_run_can_be_shown(prices: list[float], monthly: float, title: str):
    comparison = shown(prices, monthly, title)
    page = re.sub(r"<style>.*?</style>", "", render_html(comparison, [], "1"), flags=re.DOTALL)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", page)
    for width in (40, 80, 200):
        text = printed(comparison, width)
        assert max(map(cell_len, text.splitlines())) <= width
        assert not NO_FIGURE.search(text)


@pytest.mark.parametrize("prices", [[5], [1, 1e9], [1e9, 1e-7], [7, 7, 7], [1, 1e-7, 1e9]])
@pytest.mark.parametrize("monthly", [0.01, 1e12])
def test_whatever_was_run_can_be_drawn(prices: list[float], monthly: float):
    for picture in draw(shown(prices, monthly, "$x^2$ <b>\x1b")):
        assert "nan" not in picture.wide_svg
        assert picture.files[f"{picture.name}.png"].startswith(b"\x89PNG")
