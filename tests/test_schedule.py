"""When money is paid in: common sessions, months without one, and the same for every path."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.dca.schedule import Calendar, due_days, last_priced
from strategies.dca.terms import Schedule, Terms
from tests.conftest import NONE, make_table, weekdays
from tests.helpers import play

CLOSE = Terms(100.0)


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def calendar(dates: np.ndarray, *sessions: int) -> Calendar:
    return Calendar.of(dates, np.isin(np.arange(len(dates)), sessions))


def test_the_first_common_session_of_each_month_is_paid_on():
    dates = days("2020-01-30", "2020-01-31", "2020-02-01", "2020-02-03", "2020-03-02")
    found = calendar(dates, 1, 3, 4)
    assert found.periods.tolist() == [0, 1, 0, 1, 1]
    assert found.before.tolist() == [-1, -1, 1, 1, 3]


def test_a_month_without_a_session_is_paid_with_the_next():
    dates = days("2019-11-29", "2019-12-31", "2020-01-31", "2020-03-02")
    found = calendar(dates, 0, 3)
    assert found.periods.tolist() == [1, 0, 0, 4]
    assert found.new_year.tolist() == [False, False, False, True]
    bars, usd = found.payments(np.array([0]), np.array([3]), CLOSE)
    assert (bars[:, 0].tolist(), usd[:, 0].tolist()) == ([0, 3], [100.0, 400.0])


def test_a_window_opens_with_one_payment_whatever_came_before():
    dates = days("2020-01-02", "2020-01-31", "2020-02-03", "2020-03-02")
    found = calendar(dates, 0, 1, 2, 3)
    bars, usd = found.payments(np.array([0, 1, 3]), np.array([3, 3, 3]), Terms(100.0, 5.0))
    assert bars[:, 1].tolist() == [1, 2, 3]
    assert usd.T.tolist() == [[5, 100, 100], [5, 100, 100], [5, 0, 0]]


def test_waiting_for_the_next_close_means_the_next_common_session():
    dates = days("2020-01-02", "2020-01-03", "2020-01-06", "2020-02-03")
    assert calendar(dates, 0, 2, 3).invests(Terms(fill="next")).tolist() == [
        False,
        False,
        True,
        False,
    ]


def test_who_lacks_a_price_where():
    priced = np.array([[1, 0], [1, 0], [1, 1], [0, 1], [1, 0], [1, 0]], dtype=bool)
    # The second is not yet listed on bars 0 and 1, and known to have ended on bar 5.
    assert last_priced(priced, np.array([-1, 5])).tolist() == [-1, -1, -1, 2, 3, -1]
    # What ends on the first bar is missed on no later one.
    assert (
        last_priced(np.array([[1, 1], [1, 0]], dtype=bool), np.array([-1, 0])).tolist() == [-1] * 2
    )


def test_weeks_are_counted_across_1970():
    weekly, opened = Schedule("week"), days("1969-12-22")
    number, come = due_days(days("1969-12-26", "1970-01-05", "1980-01-07"), weekly, opened)
    assert number.tolist() == [0, 2, 524]
    assert come.all()


@given(st.lists(st.booleans(), min_size=40, max_size=400), st.integers(0, 300))
def test_every_months_payment_falls_due_once(sessions: list[bool], start: int):
    dates = np.datetime64("2019-11-20") + start + np.arange(len(sessions))
    marks = np.array(sessions) | (np.arange(len(sessions)) == 0)
    found = Calendar.of(dates, marks)
    paid = np.flatnonzero(found.periods > 0)
    assert marks[paid].all()
    months = dates.astype("datetime64[M]").astype(int)
    last = months[np.flatnonzero(marks)[-1]]
    assert found.periods.sum() == last - months[0] + 1
    assert (np.diff(months[paid]) > 0).all()
    for bar in paid[1:]:
        # No earlier session of that month was passed over.
        assert not marks[(months == months[bar]) & (np.arange(len(dates)) < bar)].any()


def test_nobodys_share_is_handed_over_where_a_market_was_closed():
    """B has no price on 3 February: both are bought on the 4th, in halves."""
    dates = weekdays("2020-01-30", 8)
    table = make_table(dates, {"A": [10.0] * 8, "B": [5.0, 5, NONE, 5, 5, 5, 5, 5]}, ended={})
    result = play(table, {"A": 0.5, "B": 0.5}, monthly=100.0)
    assert result.course.flow.tolist() == [100, 0, 0, 100, 0, 0, 0, 0]
    assert result.shares[-1].tolist() == pytest.approx([10, 20])


def test_a_months_missed_payment_is_named():
    dates = days("2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30")
    table = make_table(dates, {"A": [10, 10, 10, 10], "B": [5, NONE, 5, 5]}, "monthly")
    result = play(table, {"A": 0.5, "B": 0.5}, monthly=100.0)
    assert result.course.flow.tolist() == [100, 0, 200, 100]
    said = "no day in 2020-02 on which all have a price; paid in on 2020-03-31 instead"
    assert said in result.warnings


def test_the_years_rebalancing_waits_for_a_common_session():
    """A doubles; on the year's first bar B has no price, on the next both are halved again."""
    dates = days("2020-12-28", "2020-12-31", "2021-01-01", "2021-01-04")
    table = make_table(dates, {"A": [10, 20, 20, 20], "B": [10, 10, NONE, 10]})
    result = play(table, {"A": 0.5, "B": 0.5}, "annual", monthly=0.0, initial=200.0)
    assert result.shares[2].tolist() == pytest.approx([10, 10])
    assert result.shares[3].tolist() == pytest.approx([7.5, 15])


def test_a_symbol_listed_between_two_payments_is_waited_for_at_the_next():
    """B enters on 4 February and has no price on 2 March: both are bought on the 3rd."""
    dates = weekdays("2020-01-31", 24)
    second = [NONE] * 2 + [5.0] * 19 + [NONE] + [5.0] * 2
    assert [str(d) for d in dates[[2, 21, 22]]] == ["2020-02-04", "2020-03-02", "2020-03-03"]
    table = make_table(dates, {"A": [10.0] * 24, "B": second})
    result = play(table, {"A": 0.5, "B": 0.5}, monthly=100.0)
    paid = [str(d) for d in result.course.dates[result.course.flow > 0]]
    assert paid == ["2020-01-31", "2020-02-03", "2020-03-03"]
