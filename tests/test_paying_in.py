"""Rhythms, growth, pauses and stops: by hand, and against a plain loop over dates."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtests import sweep
from backtests.plan import make_plan
from backtests.report import summary
from backtests.sweeps import replayed
from backtests.sweeps.check import difference
from backtests.sweeps.layout import lay_out
from backtests.sweeps.replayed import Pick
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from backtests.vectorized.market import Market, Spans, alike
from data.errors import BadInput, BadPlan
from data.rates import Cpi
from strategies.dca.schedule import Calendar
from strategies.dca.terms import Schedule, Terms
from tests.conftest import make_table, month_ends, weekdays
from tests.helpers import TABLES, era, play
from tests.soak import naive
from tests.soak.plans import as_schedule, schedules


def paid(dates: np.ndarray, **said: object) -> dict[str, float]:
    """Return what a plan pays into one symbol that has a price on every date."""
    result = play(make_table(dates, {"A": np.full(len(dates), 10.0)}), {"A": 1.0}, **said)
    flow = result.course.flow
    return {str(result.course.dates[bar]): float(flow[bar]) for bar in np.flatnonzero(flow)}


def test_every_week_on_its_first_session():
    """Monday 2020-01-20 was a holiday, so that week is paid on the Tuesday."""
    dates = weekdays("2020-01-02", 20)
    dates = dates[dates != np.datetime64("2020-01-20")]
    assert list(paid(dates, every="week")) == [
        "2020-01-02", "2020-01-06", "2020-01-13", "2020-01-21", "2020-01-27",
    ]  # fmt: skip


def test_every_two_weeks_counts_from_the_week_of_the_opening():
    dates = weekdays("2020-01-08", 25)
    found = list(paid(dates, every="two-weeks"))
    assert found == ["2020-01-08", "2020-01-20", "2020-02-03"]


def test_a_day_of_the_month_or_the_next_session_after_it():
    """15 February 2020 was a Saturday; the run opens before 15 January and pays nothing then."""
    found = paid(weekdays("2020-01-02", 60), every="month", day=15)
    assert list(found) == ["2020-01-15", "2020-02-17", "2020-03-16"]
    # Opened after it, it pays at once, and the last day of a short month stands for the 31st.
    found = paid(weekdays("2020-02-03", 66), every="month", day=31)
    assert list(found) == ["2020-03-02", "2020-03-31", "2020-04-30"]
    assert next(iter(paid(weekdays("2020-01-17", 5), day=15))) == "2020-01-17"


def test_initial_comes_at_the_opening_though_the_day_is_later():
    found = paid(weekdays("2020-01-02", 25), day=15, initial=5000.0, monthly=100.0)
    assert found == {"2020-01-02": 5000.0, "2020-01-15": 100.0}


def test_quarters_and_years_count_from_the_month_of_the_opening():
    dates = weekdays("2020-02-03", 600)
    quarters = list(paid(dates, every="quarter"))
    assert quarters[:4] == ["2020-02-03", "2020-05-01", "2020-08-03", "2020-11-02"]
    assert list(paid(dates, every="year")) == ["2020-02-03", "2021-02-01", "2022-02-01"]


def test_growth_comes_with_every_twelfth_month():
    """10 % a year on 100: twelve payments of 100, twelve of 110, then 121."""
    found = list(paid(weekdays("2020-03-20", 600), monthly=100.0, growth=0.1).values())
    assert found[:12] == [100.0] * 12
    assert found[12:24] == pytest.approx([110.0] * 12)
    assert found[24] == pytest.approx(121.0)


def test_nothing_is_paid_in_a_pause_nor_after_the_stop():
    found = paid(
        weekdays("2020-01-02", 260),
        pause=(("2020-03-02", "2020-05-31"), ("2020-07-01", "2020-07-01")),
        stop="2020-09-30",
    )
    assert [day[5:7] for day in found] == ["01", "02", "06", "08", "09"]


def test_a_stop_does_not_stop_the_years_rebalancing():
    """A doubles in December; nothing is paid after November, and January still sells half of it."""
    prices = {"A": [10, 20, 20, 20], "B": [10, 10, 10, 10]}
    table = make_table(month_ends("2020-11", 4), prices, "monthly")
    result = play(table, {"A": 0.5, "B": 0.5}, "annual", monthly=200.0, stop="2020-12-01")
    assert result.course.flow.tolist() == [200, 0, 0, 0]
    assert result.shares[2].tolist() == pytest.approx([7.5, 15])


def test_money_weighted_and_drawdown_follow_the_payments_made():
    """100 at 10, nothing in the pause at 20, 100 at 10: 20 shares, which are worth 400 at 20."""
    dates = month_ends("2020-01", 14)
    table = make_table(dates, {"A": [10.0, 20, *[10.0] * 11, 20]}, "monthly")
    plan = {"monthly": 100.0, "stop": "2020-03-31", "pause": (("2020-02-01", "2020-02-29"),)}
    result = play(table, {"A": 1.0}, **plan)
    assert result.course.flow.tolist() == [100, 0, 100, *[0] * 11]
    assert result.measures["final_value"] == pytest.approx(400)
    assert result.measures["account_max_drawdown"] == 0.0
    assert result.measures["max_drawdown"] == pytest.approx(-0.5)
    rate = result.measures.number("xirr")
    days = [(dates[-1] - day).astype(int) / 365 for day in dates[[0, 2]]]
    assert sum(100 * (1 + rate) ** span for span in days) == pytest.approx(400)


def test_the_schedule_is_said_and_what_is_impossible_refused():
    assert Schedule().paying("$9") == "$9 a month"
    words = Schedule(
        "two-weeks", 1, 0.03, ((date(2020, 1, 1), date(2020, 2, 1)),), date(2021, 1, 1)
    )
    assert words.paying("$9") == (
        "$9 every two weeks, +3 % a year, none from 2020-01-01 to 2020-02-01, none after 2021-01-01"
    )
    for said, wanted in (
        ({"day": 32}, "day is 32"),
        ({"day": 5, "every": "week"}, "leave it out where every is week"),
        ({"growth": 30.0}, "give a fraction, as 0.03 for 3 %"),
        ({"pause": (("2020-02-01", "2020-01-01"),)}, "ends on 2020-01-01, before it"),
        ({"pause": (("2020-02-01",),)}, "pause"),
        ({"every": "day"}, "every is 'day'"),
        ({"stop": "soon"}, "stop is 'soon'"),
    ):
        with pytest.raises(BadPlan, match=wanted):
            make_plan(**said)


def test_what_is_paid_in_is_said_in_few_words():
    sums = (("2020-01-01", 5.0), ("2020-02-01", 6.0))
    for said, words in (
        ({}, "$1,000 a month"),
        ({"initial": 5000.0}, "$5,000 on the first day, then $1,000 a month"),
        ({"initial": 5000.0, "monthly": 0.0}, "$5,000 on the first day"),
        ({"payments": sums}, "2 dated sums"),
        ({"payments": sums[:1], "monthly": 100.0, "every": "week"}, "$100 a week, and 1 dated sum"),
    ):
        assert summary.paid_in(make_plan(**said)) == words


def test_a_schedule_that_pays_nothing_is_refused():
    with pytest.raises(BadPlan, match="nothing is put in from 2020-01-02 to 2020-01-15"):
        paid(weekdays("2020-01-02", 10), stop="2019-12-31")


def test_sums_that_are_all_dated_before_the_window_pay_nothing_and_are_refused():
    with pytest.raises(BadPlan, match="nothing is put in from 2020-01-02 to 2020-01-15"):
        paid(weekdays("2020-01-02", 10), payments=(("2019-12-31", 70.0),))


def test_drawn_paths_have_no_dates_to_stop_on():
    for said in (
        {"stop": date(2020, 1, 1)}, {"every": "week"}, {"day": 15}, {"growth": "cpi"},
        {"payments": ((date(2020, 1, 1), 5.0),)},
    ):  # fmt: skip
        with pytest.raises(BadPlan, match=f"without dates; leave --{next(iter(said))} out"):
            Request(bootstrap=100, **said)


def test_a_lump_sum_brings_what_every_window_would_have_paid():
    """Weeks in ten years are 522 or 523: the lump is each window's own."""
    request = Request(("lump-sum", "index-fund"), years=(1,), start="2001-01", end="2003-12",
        every="week", monthly=(10.0,))  # fmt: skip
    layout = lay_out(request, TABLES)
    assert [v.decides for v in layout.variants] == [True, False]
    whole = np.concatenate([
        replayed.rows(layout, c).figures["contributed"] for c in layout.chunks[:2]
    ])  # fmt: skip
    weekly = Twin(layout).rows(next(c for c in layout.chunks if c.variant == 1))
    assert whole.tolist() == weekly.figures["contributed"][: len(whole)].tolist()
    assert set(whole / 10) <= {52.0, 53.0, 54.0}


def test_dated_sums_fall_on_the_first_session_from_their_date_on(tmp_path):
    """Saturday 4 January: Monday the 6th. Two sums may share a session; nothing monthly is paid."""
    file = tmp_path / "sums.csv"
    file.write_text("date,amount\n2020-01-04,500\n2020-01-06,250.5\n\n2020-02-10,1000\n")
    dates = weekdays("2020-01-02", 40)
    wanted = {"2020-01-06": 750.5, "2020-02-10": 1000.0}
    assert paid(dates, payments=str(file)) == wanted
    told = [["2020-01-04", 500], [date(2020, 1, 6), 250.5], ["2020-02-10", 1000]]
    assert paid(dates, payments=told) == wanted
    both = paid(dates, payments=told, monthly=100.0)
    assert both == {"2020-01-02": 100, "2020-01-06": 750.5, "2020-02-03": 100, "2020-02-10": 1000}


def test_the_opening_takes_sums_dated_since_the_windows_first_day():
    """The window is asked for from Wednesday 1 January, a holiday; a note names what is outside."""
    dates = weekdays("2019-12-02", 60)
    dates = dates[dates != np.datetime64("2020-01-01")]
    table = make_table(dates, {"A": np.full(len(dates), 10.0)})
    told = (("2019-12-31", 70), ("2020-01-01", 500), ("2020-02-10", 30), ("2020-06-01", 9))
    result = play(table, {"A": 1.0}, window=era("2020-01-01", "2020-02-14"), payments=told)
    flow = result.course.flow
    assert flow[flow > 0].tolist() == [500, 30]
    assert [str(d) for d in result.course.dates[flow > 0]] == ["2020-01-02", "2020-02-10"]
    assert "dated sums before 2020-01-01 are not paid in: 1, 70.00 USD in all" in result.warnings
    assert "dated sums after 2020-02-14 are not paid in: 1, 9.00 USD in all" in result.warnings


def test_a_sum_at_the_years_turn_brings_its_rebalancing():
    """A doubles; the sum of 15 January is the year's first payment, and all is halved on it."""
    prices = {"A": [10.0] * 5 + [20] * 25, "B": [10.0] * 30}
    table = make_table(weekdays("2019-12-23", 30), prices)
    plan = {"payments": (("2019-12-23", 200), ("2020-01-15", 100)), "every": "year"}
    result = play(table, {"A": 0.5, "B": 0.5}, "annual", **plan)
    assert result.shares[-1].tolist() == pytest.approx([10, 20])


def test_a_list_of_sums_that_is_none_is_refused_by_line(tmp_path):
    file = tmp_path / "sums.csv"
    for text, said in (
        ("date,amount\n2020-01-04;500\n", "line 2: '2020-01-04;500' is no date and amount"),
        ("2020-01-04,5,000\n", "line 1: '2020-01-04,5,000'"),
        ("04.01.2020,5\n", "write 2008-10-01,500"),
        ("2020-01-04,-5\n", "the payment of 2020-01-04 is -5; give an amount above 0"),
        ("2020-01-04,nan\n", "payments"),
        ("\x00", "line 1"),
        ("", "nothing is ever put in"),
    ):
        file.write_text(text)
        with pytest.raises(BadInput, match=said):
            make_plan(payments=str(file), monthly=0.0)
    with pytest.raises(BadInput, match="cannot read"):
        make_plan(payments=str(tmp_path / "none.csv"))


def test_growth_with_consumer_prices():
    """CPI 100 in January, 110 in March, February unknown between them: 100, 104.88, 110."""
    months = np.array(["2020-01", "2020-02", "2020-03"], dtype="datetime64[M]")
    cpi = Cpi(months, np.array([100.0, np.nan, 110.0]))
    table = make_table(month_ends("2020-01", 4), {"A": [10.0] * 4}, "monthly")
    result = play(replace(table, cpi=cpi), {"A": 1.0}, monthly=100.0, growth="cpi")
    assert result.course.flow.tolist() == pytest.approx([100, 100 * 1.1**0.5, 110, 110])
    assert result.measures["real_multiple"] == pytest.approx((320 + 100 * 1.1**0.5) / 440)
    with pytest.raises(BadPlan, match="no consumer prices to grow with; give growth a fraction"):
        play(table, {"A": 1.0}, growth="cpi")
    early = replace(table, cpi=Cpi(months[1:], np.array([100.0, 110.0])))
    with pytest.raises(BadPlan, match="consumer prices begin after 2020-01-31"):
        play(early, {"A": 1.0}, growth="cpi")


DAYS = st.dates(date(2019, 11, 1), date(2021, 6, 1))


@given(schedules(DAYS), st.lists(st.booleans(), min_size=30, max_size=500), st.integers(0, 30))
def test_every_window_pays_what_a_loop_over_dates_pays(said, marks, start):
    """Of many windows of one market, each as if it were alone."""
    schedule, plan = as_schedule(said), naive.Plan(100.0, **said)
    dates = np.datetime64("2019-11-20") + start + np.arange(len(marks))
    sessions = np.array(marks) | (np.arange(len(marks)) == 0)
    days, terms = dates.tolist(), Terms(100.0, schedule=schedule)
    opens = np.flatnonzero(sessions)[:: max(1, int(sessions.sum()) // 5)]
    # Each window was asked for from two days before it opens.
    spans = Spans(opens, np.full(len(opens), len(dates) - 1), dates[opens] - 2)
    prices = np.where(sessions, 1.0, 0.0)[:, None]
    market = Market(dates, ("A",), prices, sessions[:, None], np.array([-1]))
    seen = 0
    for who, calendar in alike(market, spans, schedule):
        part = spans.part(who)
        bars, usd = calendar.payments(part.first, part.last, terms, part.since)
        for column, path in enumerate(who.tolist()):
            came = np.zeros(len(dates))
            np.add.at(came, bars[:, column], usd[:, column])
            first, seen = int(spans.first[path]), seen + 1
            open_days = [day for day in days[first:] if sessions[days.index(day)]]
            wanted = naive.paid_in(open_days, days[first] - timedelta(days=2), plan)
            at = [days.index(day) for day in wanted]
            assert came[at].tolist() == pytest.approx(list(wanted.values()), rel=1e-12)
            assert came.sum() == pytest.approx(sum(wanted.values()))
    assert seen == len(opens)


def test_a_calendar_alone_counts_from_its_first_session():
    dates = weekdays("2020-02-03", 150)
    found = Calendar.of(dates, np.ones(150, dtype=bool), Schedule("quarter"))
    assert [str(day) for day in dates[found.periods > 0]] == [
        "2020-02-03",
        "2020-05-01",
        "2020-08-03",
    ]


@pytest.mark.parametrize("name", ["index-fund", "diversified"])
def test_a_sweeps_windows_take_the_sums_dated_in_them(name):
    """One of New Year's Day goes to the windows of that January, none to the one begun after it."""
    sums = ((date(2002, 1, 1), 70.0), (date(2002, 3, 9), 500.0), (date(2003, 6, 1), 5.0))
    request = Request((name,), years=(1,), start="2001-12", end="2003-05", monthly=(1.0,),
        payments=sums, growth="cpi", every="quarter", day=9)  # fmt: skip
    layout = lay_out(request, TABLES)
    found = Twin(layout).rows(layout.chunks[0])
    put_in = found.figures["contributed"].tolist()
    assert [570 < usd < 575 for usd in put_in[:2]] == [True, True]
    assert [500 < usd < 505 for usd in put_in[2:4]] == [True, True]
    assert [usd < 5 for usd in put_in[4:]] == [True] * 3
    for row in range(len(put_in)):
        figures = {key: values[row] for key, values in found.figures.items()}
        assert difference(replayed.row(layout, Pick(0, row)).measures.figures, figures) < 1e-12


def test_a_sweep_refuses_windows_without_a_payment():
    request = Request(("index-fund",), years=(2,), start="2001-01", end="2004-12",
        stop=date(2002, 6, 30))  # fmt: skip
    with pytest.raises(BadPlan, match="nothing is put in .* from 2002-07-01 on; leave such"):
        lay_out(request, TABLES)


def test_month_end_bars_know_no_day():
    """The last session of February 2020 is the 28th, before the 29th for which the 31st stands."""
    dates = np.array(["2020-01-31", "2020-02-28", "2020-03-31"], "datetime64[D]")
    table = make_table(dates, {"A": [10.0] * 3}, "monthly")
    assert play(table, {"A": 1.0}, day=31).course.flow.tolist() == [1000.0] * 3


def test_from_python_a_sweep_reads_dates_as_a_plan_does(tmp_path):
    """24 payments of 10 in two years, but for the four of the pause, and 500 from the file."""
    file = tmp_path / "sums.csv"
    file.write_text("2001-06-15,500\n")
    told = {"pause": [["2001-03-01", "2001-06-30"]], "payments": str(file), "monthly": (10.0,)}
    rows = sweep("index-fund", years=(2,), start="2001-01", end="2002-12", **told)
    assert rows["contributed"].tolist() == [700.0]
    with pytest.raises(BadPlan, match="stop is 'soon'; give a date"):
        sweep("index-fund", stop="soon")


def test_month_end_bars_say_that_they_know_no_day(dca):
    words = ("run", "--weights", "SP500", "--from", "2005-01-01", "--to", "2006-12-31", "--json")
    lost = "month-end bars know no day 20: money goes in at month ends"
    for bars, said in (("monthly", True), ("daily", False)):
        _, out, _ = dca(*words, "--bars", bars, "--day", "20")
        assert (lost in json.loads(out)["runs"][0]["warnings"]) is said
