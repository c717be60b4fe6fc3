"""A windfall at once against monthly parts of it: by hand, by Backtrader, and as published."""

import json
import warnings
from importlib import import_module

import numpy as np
import pytest

from backtests.sweeps import check, replayed
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from data.errors import BadPlan
from data.sources import tables
from strategies.dca.base import allocation
from tests.conftest import make_table, month_ends
from tests.helpers import play

SNAPSHOT = tables("snapshot")


def test_three_parts_by_hand():
    """300 in parts of 100 at 10, 20 and 40; then the price halves. What waits earns nothing."""
    ends = [str(day) for day in month_ends("2020-01", 4)]
    table = make_table(ends, {"A": [10, 20, 40, 20]}, "monthly")
    found = play(table, {"A": 1.0}, monthly=0, initial=300.0, parts=3)
    assert found.shares[:, 0] == pytest.approx([10, 15, 17.5, 17.5])
    assert found.cash == pytest.approx([200, 100, 0, 0], abs=1e-6)
    assert found.course.value == pytest.approx([300, 400, 700, 350])
    assert found.course.contributed.tolist() == [300] * 4
    assert found.course.unit_value == pytest.approx([1, 4 / 3, 7 / 3, 7 / 6])
    assert found.measures.figures["max_drawdown"] == pytest.approx(-0.5)
    assert any("waits for its month as cash without interest" in text for text in found.warnings)


def test_what_is_paid_in_beside_the_windfall_is_invested_whole():
    ends = [str(day) for day in month_ends("2020-01", 3)]
    table = make_table(ends, {"A": [10, 10, 20]}, "monthly")
    found = play(table, {"A": 1.0}, monthly=50, initial=200.0, parts=2)
    assert found.shares[:, 0] == pytest.approx([10, 25, 27.5])


def test_a_part_bought_on_the_next_bar_is_the_part_of_its_month():
    ends = [str(day) for day in month_ends("2020-01", 4)]
    table = make_table(ends, {"A": [10, 20, 40, 20]}, "monthly")
    found = play(table, {"A": 1.0}, monthly=0, initial=300.0, parts=2, fill="next")
    assert found.shares[:, 0] == pytest.approx([0, 7.5, 11.25, 11.25])


@pytest.mark.parametrize(
    "terms",
    [
        {"strategies": ("index-fund", "diversified")},
        {"strategies": ("diversified",), "rebalance": ("contribute",), "fill": "next"},
        {"strategies": ("diversified",), "rebalance": ("band:0.03",), "whole_shares": True},
        {"strategies": ("diversified",), "fee_bps": (20.0,), "fee_per_order": 3.0},
        {"strategies": ("lump-sum",), "monthly": (500.0,), "initial": None},
        {"strategies": ("index-fund",), "monthly": (100.0,), "every": "quarter"},
        {"strategies": ("diversified",), "bootstrap": 40},
    ],
)
def test_the_vectorised_parts_are_those_of_backtrader(terms):
    asked = {"monthly": (0.0,), "initial": 12_000.0, "years": (2,), "parts": (3, 12)} | terms
    layout = lay_out(Request(**asked), SNAPSHOT)
    twin = Twin(layout)
    for pick in check.picks(layout)[:9]:
        chunk = layout.chunk_of(pick.variant, pick.row)
        figures = {k: float(v[pick.row - chunk.first]) for k, v in twin.rows(chunk).figures.items()}
        assert check.difference(replayed.row(layout, pick).measures.figures, figures) < 1e-10


@pytest.fixture(scope="module", params=["sp500", "nasdaq"])
def month_end_closes(request):
    """The price index in arch's package data, 1999 to 2018, one close a month."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        closes = import_module(f"arch.data.{request.param}").load()["Adj Close"]
    last = closes.groupby(closes.index.to_period("M")).last()
    return request.param, last.index.astype(str).tolist(), last.to_numpy()


def test_228_starts_are_won_as_often_as_published(month_end_closes, dca, tmp_path):
    """61.0, 65.8 and 68.9 % for 3, 6 and 12 parts of the S&P 500; Nasdaq 63.2, 65.8 and 67.1 %.

    At once wins where it buys more shares for its money: where 1/price is above its mean.
    """
    index, months, prices = month_end_closes
    days = [str(np.datetime64(month, "M").astype("M8[D]") + 27) for month in months]
    rows = [f"{day},{price!r}" for day, price in zip(days, prices.tolist(), strict=True)]
    (tmp_path / "index.csv").write_text("\n".join(["date,INDEX", *rows]) + "\n")
    code, out, complaint = dca(
        "sweep", "--data", str(tmp_path / "index.csv"), "--weights", "INDEX=1", "--to", "2018-11",
        "--years", "1", "--monthly", "0", "--initial", "12000", "--parts", "3", "--parts", "6",
        "--parts", "12", "--out", str(tmp_path / "o"),
    )  # fmt: skip
    assert code == 0, complaint
    duels = json.loads((tmp_path / "o" / "summary.json").read_text())["against"]
    assert [(d["variant"]["parts"], d["against"]["parts"], d["rows"]) for d in duels] == [
        ("1", "3", 228), ("1", "6", 228), ("1", "12", 228),
    ]  # fmt: skip
    published = {"sp500": [0.610, 0.658, 0.689], "nasdaq": [0.632, 0.658, 0.671]}[index]
    assert [round(duel["won"], 3) for duel in duels] == published
    inverse = 1 / prices
    for duel, parts in zip(duels, (3, 6, 12), strict=True):
        fewer = [inverse[m] > inverse[m : m + parts].mean() for m in range(228)]
        assert duel["won"] == pytest.approx(np.mean(fewer))
    assert (
        "allocation (rebalance none, all at once) against allocation (rebalance none, in 3" in out
    )
    assert "waits for its month as cash without interest" in out


def test_both_kinds_of_pairs_stand_side_by_side():
    from backtests.sweeps.against import pairs

    request = Request(
        ("diversified",), monthly=(0.0,), initial=100.0, parts=(6,), against="index-fund"
    )
    layout = lay_out(request, SNAPSHOT)
    named = [(v.name, v.terms.parts) for v in layout.variants]
    assert [(named[a], named[b]) for a, b in pairs(layout)] == [
        (("diversified", 1), ("index-fund", 1)),
        (("diversified", 6), ("index-fund", 6)),
        (("diversified", 1), ("diversified", 6)),
        (("index-fund", 1), ("index-fund", 6)),
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "index-fund has no sum to put to work in parts; give it with --initial"),
        ({"initial": 100.0, "years": (1,), "parts": (13,)}, "13 monthly parts do not fit into 12"),
        ({"initial": 100.0, "parts": (0,)}, "parts is 0; give a whole number"),
    ],
)
def test_parts_of_nothing_are_refused(asked, message):
    with pytest.raises(BadPlan, match=message):
        lay_out(Request(("index-fund",), **({"parts": (3,)} | asked)), SNAPSHOT)


def test_a_run_refuses_parts_of_nothing_as_a_sweep_does(dca):
    code, _, complaint = dca("compare", "--era", "gfc", "--parts", "3")
    assert code == 2
    assert "index-fund has no sum to put to work in parts; give it with --initial" in complaint


def test_no_parts_leave_no_trace():
    assert "parts" not in Request().as_json()
    labels = lay_out(Request(("index-fund",)), SNAPSHOT).variants[0].labels
    assert "parts" not in labels
    assert allocation("a", {"A": 1.0}).vectorizable()
