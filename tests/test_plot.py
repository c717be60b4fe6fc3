"""Pictures and tables of one result, for people in a script or a notebook."""

import re
import warnings
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from backtests.report.card import card
from backtests.report.charts.plot import VIEWS, plot
from backtests.result import Result
from data.errors import UnknownName
from data.notes import Note
from tests.conftest import make_table, month_ends
from tests.helpers import play

PRICES = [10, 20, 10, 15, 30]


@pytest.fixture(scope="module")
def result() -> Result:
    days = [str(day) for day in month_ends("2020-01", len(PRICES))]
    return play(make_table(days, {"A": PRICES}, "monthly"), {"A": 1.0})


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_its_series_over_its_dates(result: Result, view: str):
    ax = Figure().subplots()
    assert plot(result, view, ax) is ax
    line = ax.get_lines()[0]
    assert line.get_ydata() == pytest.approx(getattr(result.course, view))
    assert (line.get_xdata() == result.course.dates).all()
    assert line.get_label() == result.title
    assert ax.get_ylabel() == VIEWS[view][0].format(money="dollars")
    assert ax.get_xlabel() == "Date"


def test_value_has_the_money_put_in_beside_it(result: Result):
    ax = plot(result, "value", Figure().subplots())
    assert ax.get_lines()[1].get_ydata() == pytest.approx([1000, 2000, 3000, 4000, 5000])
    assert [text.get_text() for text in ax.get_legend().get_texts()][1] == "Money put in"
    assert ax.yaxis.get_major_formatter()(4000) == "$4,000"


def test_falls_are_percentages_and_dates_are_dates(result: Result):
    ax = plot(result, "drawdown", Figure().subplots())
    assert ax.yaxis.get_major_formatter()(-0.5).replace("\N{MINUS SIGN}", "-") == "-50%"
    ax.figure.draw_without_rendering()
    assert any("2020-03" in text.get_text() for text in ax.get_xticklabels())


def test_two_results_share_axes_and_are_told_apart(result: Result):
    ax = plot(result, "drawdown", Figure().subplots())
    assert len(plot(result, "drawdown", ax).get_lines()) == 2


def test_without_axes_a_figure_of_pyplot_is_opened(result: Result):
    from matplotlib import pyplot as plt

    before = plt.get_fignums()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plot(result)
    (number,) = set(plt.get_fignums()) - set(before)
    plt.close(number)
    assert np.isfinite(ax.get_ylim()).all()


def test_another_view_is_refused_by_name(result: Result):
    with pytest.raises(UnknownName, match="unknown view 'drawdwn'; did you mean 'drawdown'"):
        plot(result, "drawdwn")


class Texts(HTMLParser):
    """Collect a table's texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_a_card_holds_the_headline_and_is_escaped(result: Result):
    shown = Texts(card([result, replace(result, title="<script>alert(1)</script>\x1b")]))
    assert "script" not in shown.tags
    assert shown.tags.count("tr") == 3
    assert "$5,000" in shown.texts
    assert "<script>alert(1)</script>\\x1b, all bars" in shown.texts
    jump = Note("jump", "A", "3 times the price before")
    labelled = Texts(card([replace(result, title="Mine", notes=(jump,))], "<b>Ahead since 2020-01"))
    assert "Mine (prices jump), all bars" in labelled.texts
    assert "<b>Ahead since January\N{NO-BREAK SPACE}2020" in labelled.texts
    assert labelled.tags.count("img") == 1


def test_a_card_carries_its_picture_and_says_it(result: Result):
    html = card([result])
    found = re.search(r'<img src="data:image/png;base64,([^"]+)" width="1000" alt="([^"]+)">', html)
    assert found
    picture = Image.open(BytesIO(b64decode(found[1])))
    assert picture.width == 1200
    assert "$5,000 put in; at the end" in found[2]
    # 1000 a month at 10, 20, 10, 15 and 30 buys 350 shares.
    assert "mine at $10,500." in found[2]
