"""Calendar years and months of a run: by hand, as published, and written down everywhere."""

import csv
import json
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from backtests.measures.course import Course
from backtests.measures.periods import periods
from backtests.report import files as output
from backtests.report.calendar import months, years
from backtests.result import Result
from tests.conftest import make_table, month_ends
from tests.helpers import play

ENDS = [str(day) for day in month_ends("2020-11", 4)]


def tens() -> Result:
    """100 a month into a price of 10, 20, 10 and 20 at the ends of November to February."""
    return play(make_table(ENDS, {"A": [10, 20, 10, 20]}, "monthly"), {"A": 1.0}, monthly=100)


def bisected(flows: list[tuple[int, float]], final: float, days: int) -> float:
    """Find the return in `days` at which flows, each with its days to the end, become `final`."""
    low, high = -0.99, 50.0
    for _ in range(200):
        middle = (low + high) / 2
        worth = sum(usd * (1 + middle) ** (left / days) for left, usd in flows)
        low, high = (low, middle) if worth > final else (middle, high)
    return low


def test_months_by_hand():
    """The account holds 100, 300, 250 and 600; each payment falls on its month's last day."""
    found = tens().months
    assert [p.period for p in found] == ["2020-11", "2020-12", "2021-01", "2021-02"]
    assert [p.whole for p in found] == [False, True, True, True]
    assert [p.strategy_return for p in found] == pytest.approx([0, 1, -0.5, 1])
    assert [p.gain for p in found] == pytest.approx([0, 100, -150, 250])
    assert found[0].account_return is None
    assert [p.account_return for p in found[1:]] == pytest.approx([1, -0.5, 1])


def test_years_by_hand():
    first, last = tens().years
    assert (first.period, last.period) == ("2020", "2021")
    assert (first.whole, last.whole) == (False, False)
    assert (first.strategy_return, last.strategy_return) == (pytest.approx(1), 0)
    assert (first.gain, last.gain) == (pytest.approx(100), pytest.approx(100))
    assert first.account_return == pytest.approx(bisected([(31, 100), (0, 100)], 300, 31))
    wanted = bisected([(59, 300), (28, 100), (0, 100)], 600, 59)
    assert last.account_return == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("year", "percent"),
    [(1997, 33.19), (1998, 28.62), (1999, 21.07), (2000, -9.06), (2001, -12.02), (2003, 28.50),
     (2004, 10.74), (2005, 4.77), (2006, 15.64), (2007, 5.39)],
)  # fmt: skip
def test_the_index_fund_returned_in_a_year_what_its_prospectus_says(default, year, percent):
    """Vanguard 500 Index Fund Investor Shares, calendar-year returns; by the paid-in dollar too."""
    index = next(r for r in default.results if (r.strategy, r.era.name) == ("index-fund", "dotcom"))
    (found,) = [p for p in index.years if p.period == str(year)]
    assert found.whole
    assert round(100 * found.strategy_return, 2) == pytest.approx(percent, abs=0.02)


def test_periods_chain_and_add_up_to_the_whole(default):
    for result in default.results:
        for found in (result.years, result.months):
            grew = np.prod([1 + p.strategy_return for p in found])
            assert grew == pytest.approx(1 + result.measures.number("twr"), rel=1e-12)
            earned = result.course.value[-1] - result.course.contributed[-1]
            assert sum(p.gain for p in found) == pytest.approx(earned, rel=1e-9)
            assert all(one.period < other.period for one, other in pairwise(found))


def test_what_is_lost_altogether_or_never_moves():
    still = play(make_table(ENDS, {"A": [10.0] * 4}, "monthly"), {"A": 1.0}, fee_bps=0)
    assert [(p.strategy_return, p.gain) for p in still.months] == [(0, 0)] * 4
    dead = {"ended": {"A": date(2020, 12, 31)}, "last_prices": {"A": 0.0}}
    table = make_table(ENDS, {"A": [10, 10, np.nan, np.nan], "B": [1, 1, 1, 1]}, "monthly", **dead)
    lost = play(table, {"A": 1 - 1e-10, "B": 1e-10}, monthly=0, initial=100.0)
    assert lost.months[2].strategy_return == pytest.approx(-1)
    assert lost.months[2].gain == pytest.approx(-100)


@pytest.mark.parametrize(
    ("last", "resolution", "month", "year"),
    [
        ("2018-03-29", "daily", True, False),  # Good Friday follows
        ("2018-03-28", "daily", False, False),
        ("2004-12-31", "daily", True, True),
        ("2010-12-30", "daily", False, False),
        ("2020-12-31", "monthly", True, True),
        ("2020-11-17", "monthly", True, False),
        ("2021-01-29", "weekly", True, False),
        ("2021-01-22", "weekly", False, False),
        ("2021-01-25", "weekly", True, False),
    ],
)
def test_the_last_period_is_whole_where_no_session_is_left(last, resolution, month, year):
    days = np.array([np.datetime64(last) - 400, last], dtype="datetime64[D]")
    worth = np.array([1.0, 2.0])
    flow = np.array([1.0, 0.0])
    course = Course(days, worth, flow, np.zeros(2), np.array([0.0, 2.0]), resolution)
    assert periods(course, "M")[-1].whole == month
    assert periods(course, "Y")[-1].whole == year


def test_a_run_inside_one_year_is_a_part_of_it():
    days = [str(day) for day in month_ends("2020-01", 12)]
    (one,) = play(make_table(days, {"A": [1.0] * 12}, "monthly"), {"A": 1.0}).years
    assert (one.period, one.whole) == ("2020", False)


def test_json_csv_and_page_say_the_same(dca, tmp_path):
    words = ("--era", "gfc", "--strategy", "index-fund", "--strategy", "diversified")
    assert dca("compare", *words, "--out", str(tmp_path / "o"))[0] == 0
    runs = json.loads((tmp_path / "o" / "results.json").read_text())["runs"]
    with (tmp_path / "o" / "calendar.csv").open() as file:
        lines = list(csv.DictReader(file))
    said = [(run["strategy"], run["era"], p) for run in runs for p in run["years"] + run["months"]]
    assert len(lines) == len(said) == 2 * (7 + 66)
    for line, (strategy, era, period) in zip(lines, said, strict=True):
        assert (line["strategy"], line["era"], line["period"]) == (strategy, era, period["period"])
        assert (line["whole"] == "yes", line["assumed"]) == (period["whole"], "no")
        for key in ("strategy_return", "account_return", "gain"):
            assert float(line[key]) == period[key]
    page = (tmp_path / "o" / "report.html").read_text()
    (fall,) = [p for p in runs[0]["years"] if p["period"] == "2008"]
    assert fall["strategy_return"] == pytest.approx(-0.3681, abs=0.001)
    assert f"{100 * fall['strategy_return']:.1f}".replace("-", "\N{MINUS SIGN}") in page
    assert 'id="calendar"' in page
    output.refuse_foreign(tmp_path / "o")


def test_the_page_shades_and_marks():
    result = tens()
    (_, (first,)), (_, (last,)) = years([result])
    assert (first.text, first.shade) == ("100.0\N{NO-BREAK SPACE}%*", "up3")
    assert first.under == "account 100.0\N{NO-BREAK SPACE}%, +$100"
    assert (last.text, last.shade) == ("0.0\N{NO-BREAK SPACE}%*", "")
    (_, cells), (_, later) = months(result)
    assert [cell.text for cell in cells[:10]] == [""] * 10
    assert [cell.shade for cell in (*cells[10:12], *later[:2])] == ["", "up3", "down3", "up3"]


def test_periods_of_a_scenario_are_told_apart():
    result = tens()
    found = periods(result.course, "M", date(2020, 12, 31))
    assert [p.assumed for p in found] == [False, False, True, True]
    assert [p.assumed for p in periods(result.course, "Y", date(2020, 12, 31))] == [False, True]
