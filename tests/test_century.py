"""The century: US stocks, bills and consumer prices before the funds, only where asked for."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from arch.data import frenchdata

from backtests import api
from backtests.eras import era_named
from backtests.plan import Plan
from backtests.report.files import results_json
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.vectorized.bootstrap import History
from data import snapshot
from data.errors import NoPrices
from data.options import Options
from data.sources import tables

STAND_IN = "SP500 is US stocks, CRSP value-weighted (the whole market, not the index)"


def at(text: str) -> int:
    return int(np.searchsorted(snapshot.century().dates, np.datetime64(text)))


def change(symbol: str, first: str, last: str) -> float:
    one, other = snapshot.century().column(symbol)[[at(first), at(last)]]
    return float(other / one - 1)


def month_ends_since(day: date) -> str:
    return str(tables("snapshot", Options(since=day))["monthly"]().dates[0])


def test_what_was_published_of_1929_1973_and_sixty_years():
    assert round(change("SP500", "1929-08-31", "1932-06-30"), 4) == -0.8371
    assert round(change("SP500", "1972-12-31", "1974-09-30"), 4) == -0.4642
    assert round(change("SP500", "1987-09-30", "1987-10-31"), 4) == -0.2264
    assert round((1 + change("SP500", "1926-06-30", "1986-06-30")) ** (1 / 60) - 1, 4) == 0.0990
    years = (at("1994-12-31") - at("1926-06-30")) / 12
    assert round((1 + change("CASH", "1926-06-30", "1994-12-31")) ** (1 / years) - 1, 4) == 0.0369
    level = snapshot.century().cpi.at(np.array(["1926-06-30", "1994-12-31"], "M8[D]"))
    assert level == pytest.approx([17.7, 149.7])


def test_the_high_of_1929_was_passed_at_the_end_of_1944():
    stocks = snapshot.century().column("SP500")
    above = np.flatnonzero(stocks[at("1929-08-31") + 1 :] >= stocks[at("1929-08-31")])
    assert str(snapshot.century().dates[at("1929-08-31") + 1 + above[0]]) == "1944-12-31"


@pytest.mark.filterwarnings("ignore")
def test_stocks_and_bills_follow_from_the_monthly_returns_in_arch():
    """Two columns of two-decimal percents, compounded here once more."""
    french = frenchdata.load()
    returns = {"SP500": french["Mkt-RF"] + french["RF"], "CASH": french["RF"]}
    for symbol, percent in returns.items():
        levels = np.cumprod(1 + percent.to_numpy()[: at("1994-12-31")] / 100)
        ours = snapshot.century().column(symbol)
        assert ours[1 : at("1994-12-31") + 1] / ours[0] == pytest.approx(levels, rel=2e-8)


def test_no_later_price_changes_by_a_digit():
    late, whole = snapshot.load("monthly"), snapshot.century()
    join = at("1994-12-31")
    assert whole.dates[join:].tolist() == late.dates.tolist()
    assert np.array_equal(whole.closes[join:], late.closes, equal_nan=True)
    assert whole.cpi.levels[join:].tobytes() == late.cpi.levels.tobytes()
    before = np.isfinite(whole.closes[:join])
    assert {s for s, any_ in zip(whole.symbols, before.any(axis=0), strict=True) if any_} == {
        "SP500",
        "CASH",
    }


def test_it_comes_only_where_a_window_begins_before_the_funds():
    assert month_ends_since(date(1994, 12, 1)) == "1994-12-31"
    assert month_ends_since(date(1994, 11, 30)) == "1926-06-30"
    daily = tables("snapshot", Options(since=date(1930, 1, 1)))["daily"]()
    assert str(daily.dates[0]) == "1996-05-31"


def test_the_great_depression_names_what_stands_in_and_who_is_left_out():
    found = api.compare(eras=("great-depression",)).replayed
    (chapter,) = found.chapters
    assert [r.strategy for r in chapter.results] == ["index-fund"]
    assert [text.split(" left out")[0] for text in chapter.left_out] == [
        "ai-picks", "nasdaq", "diversified",
    ]  # fmt: skip
    (index,) = chapter.results
    assert STAND_IN in index.warnings
    assert {note.kind for note in index.notes if note.text == STAND_IN} == {"no-costs"}
    figures = index.measures.figures
    assert round(figures["max_drawdown"], 4) == -0.8371
    assert (figures["max_drawdown_peak"], figures["max_drawdown_recovery"]) == (
        "1929-08-31",
        "1944-12-31",
    )
    prices = index.closes[:, 0]
    assert figures["final_value"] == pytest.approx(1000 * (prices[-1] / prices).sum())
    level = snapshot.century().cpi.at(index.course.dates)
    assert figures["real_multiple"] == pytest.approx(
        figures["final_value"] / (1000 * level[-1] / level).sum()
    )


def test_a_run_across_the_join_says_what_followed_what():
    crossing = replace(era_named("stagflation"), end=date(2020, 12, 31))
    warnings = api.run("index-fund", era=crossing).warnings
    assert f"{STAND_IN} to 1994-12-31, then VFINX to 2012-12-31, then SPY" in warnings


def test_other_runs_keep_the_tables_that_they_had():
    plan = {"eras": ("lost-decade",), "strategies": ("cash", "index-fund"), "bars": "monthly"}
    alone = json.loads(results_json(api.compare(Plan(**plan)).replayed))
    assert {s["first"] for s in alone["data"]["symbols"].values()} == {"1994-12-31"}
    plan["eras"] = ("lost-decade", "stagflation")
    beside = json.loads(results_json(api.compare(Plan(**plan)).replayed))
    assert {s["first"] for s in beside["data"]["symbols"].values()} == {"1926-06-30"}
    assert beside["runs"][:2] == alone["runs"]


def test_a_sweep_of_the_century_leaves_out_what_has_no_prices():
    request = Request(start="1926-07", end="2026-06")
    layout = lay_out(request, tables("snapshot", Options(since=request.since)))
    assert [v.name for v in layout.variants] == ["index-fund", "lump-sum", "cash"]
    (said,) = layout.left_out
    assert said.startswith("diversified left out: SP500, BOND, GOLD, REIT: whole months of monthly")
    assert [layout.rows(v) for v in layout.variants] == [1081] * 3
    named, prices = replace(request, strategies=("diversified",)), tables("snapshot")
    with pytest.raises(NoPrices, match="asked from 1926-07"):
        lay_out(named, prices)


@pytest.mark.parametrize(
    ("end", "windows", "apart"),
    [("2026-08", 244, 3), ("2016-04", 120, 1), ("2016-05", 121, 2), ("2006-05", 1, 1)],
)
def test_windows_without_overlap_are_counted(end, windows, apart):
    """As many whole horizons as follow one another in the months that the windows cover."""
    layout = lay_out(Request(("index-fund",), start="1996-06", end=end), tables("snapshot"))
    (variant,) = layout.variants
    assert (layout.rows(variant), layout.apart(variant)) == (windows, apart)


def test_paths_are_drawn_from_the_months_asked_for():
    request = Request(("index-fund",), start="1930-01", end="1939-12", bootstrap=10, years=(2,))
    layout = lay_out(request, tables("snapshot", Options(since=request.since)))
    assert layout.apart(layout.variants[0]) is None
    drawn = layout.history(layout.variants[0])
    whole = History.of(snapshot.century(), ("SP500",))
    assert (str(drawn.dates[0]), str(drawn.dates[-1])) == ("1930-01-31", "1939-12-31")
    assert drawn.ratios.tolist() == whole.ratios[at("1930-01-31") - 1 :][:120].tolist()


def test_the_command_says_it_in_terminal_page_and_summary(dca, tmp_path):
    code, out, _ = dca("sweep", "--from", "1926-07", "--years", "20", "--out", str(tmp_path / "c"))
    assert code == 0
    said = " ".join(out.split())
    rows = 1203 - 240 + 1
    assert f"{rows} windows, of which only 5 fit side by side without overlap" in said
    assert f"{STAND_IN} to 1994-12-31, then VFINX" in said
    assert "diversified left out: SP500, BOND, GOLD, REIT" in said
    page = (tmp_path / "c" / "sweep.html").read_text()
    assert "of which only 5 fit side by side without overlap" in page
    assert "diversified left out" in page
    summary = json.loads((tmp_path / "c" / "summary.json").read_text())
    assert [v["rows_without_overlap"] for v in summary["variants"]] == [5, 5, 5]
    assert summary["left_out"][0].startswith("diversified left out")
