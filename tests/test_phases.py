from datetime import date

import pytest

from backtests.comparison import compare
from backtests.eras import Era, Phase
from backtests.phases import phases
from backtests.plan import Plan
from backtests.result import Result
from data import snapshot
from tests.conftest import make_table
from tests.helpers import play

ENDS = ["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30", "2020-05-31"]


def day(text: str) -> date:
    return date.fromisoformat(text)


def played(*spans: Phase, closes: tuple[float, ...] = (10, 20, 10, 5, 20)) -> Result:
    """Save $1,000 at each of five month ends at 10, 20, 10, 5 and 20."""
    table = make_table(ENDS, {"A": closes}, "monthly")
    return play(table, {"A": 1.0}, window=Era("e", "E", day(ENDS[0]), day(ENDS[-1]), spans))


def test_a_phase_is_measured_from_the_bar_before_it():
    """Up: 1 to 2. Down: from 2 by way of 1 to 0.5. Value: 100 shares, then 50, 100 and 200 more."""
    result = played(
        Phase("up", day("2020-01-01"), day("2020-02-29")),
        Phase("down", day("2020-03-01"), day("2020-04-30")),
    )
    up, down = phases(result)
    assert (up.name, up.start, up.end) == ("up", day(ENDS[0]), day(ENDS[1]))
    assert (up.change, up.value, up.contributed) == pytest.approx((1.0, 3000.0, 2000.0))
    assert (up.max_drawdown, up.trough) == (0.0, None)
    assert (down.start, down.end, down.trough) == (day(ENDS[2]), day(ENDS[3]), day(ENDS[3]))
    assert (down.change, down.max_drawdown) == pytest.approx((-0.75, -0.75))
    assert (down.value, down.contributed) == pytest.approx((450 * 5, 4000))


def test_a_drawdown_inside_a_phase_knows_no_high_before_it():
    """From 5 to 20 and back to 10 would be half of the run's own high, which was 40."""
    result = played(Phase("late", day("2020-03-01")), closes=(40, 5, 20, 10, 30))
    (late,) = phases(result)
    assert late.max_drawdown == pytest.approx(-0.5)
    assert late.trough == day(ENDS[3])
    assert late.change == pytest.approx(5.0)


def test_a_phase_without_end_goes_to_the_last_bar_and_one_without_bars_is_left_out():
    result = played(
        Phase("before", day("2019-01-01"), day("2019-12-31")), Phase("all", day(ENDS[0]))
    )
    (whole,) = phases(result)
    assert (whole.name, whole.end) == ("all", day(ENDS[-1]))
    assert whole.value == pytest.approx(float(result.course.value[-1]))


def test_phases_without_gaps_chain_to_the_whole_period_fees_and_all():
    table = {"daily": lambda: snapshot.load("daily")}
    comparison = compare(Plan(eras=("dotcom",), strategies=("diversified",), fee_bps=50.0), table)
    (result,) = comparison.results
    growth = 1.0
    for phase in phases(result):
        growth *= 1.0 + phase.change
    assert growth - 1.0 == pytest.approx(result.measures.number("twr"), rel=1e-12)


def test_an_era_without_phases_has_none():
    assert phases(played()) == []
