"""Every measure against a value worked by hand, a published one or another implementation."""

import numpy as np
import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from backtests.measures import rates, series, statistics
from backtests.measures.catalogue import CATALOGUE, measure
from backtests.measures.course import Course
from backtests.measures.series import Flows
from tests.conftest import day, month_ends, weekdays


def arr(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=float)


def flows(value: np.ndarray, paid: np.ndarray, fees: float = 0.0) -> Flows:
    """Return flows of an account that is worth its value less what was just paid in before."""
    charged = np.full(len(value), fees)
    return Flows(np.concatenate([[0.0], (value + charged - paid)[1:]]), paid, charged)


def unit_of(value: np.ndarray, paid: np.ndarray, fees: float = 0.0) -> np.ndarray:
    return series.unit_value(value, flows(value, paid, fees))


def course(flow: np.ndarray, dates: np.ndarray, final: float) -> Course:
    """Return the course of an account of which only the last value matters."""
    value = np.full(len(flow), float(final))
    none = np.zeros(len(flow))
    return Course(dates.astype("datetime64[D]"), value, flow, none, value - flow, "daily")


def xirr(flow: np.ndarray, dates: np.ndarray, final: float) -> float | None:
    return course(flow, dates, final).xirr


def test_unit_value_ignores_how_much_was_put_in():
    # Price 10, 20, 10; 100 put in each bar: values 100, 300, 250.
    value, flow = arr(100, 300, 250), arr(100, 100, 100)
    assert unit_of(value, flow) == pytest.approx([1, 2, 1])


def test_unit_value_is_one_before_the_first_purchase_and_starts_below_it_with_a_fee():
    assert unit_of(arr(0, 99, 198), arr(0, 100, 99)) == pytest.approx([1, 0.99, 0.99])


def test_what_is_shown_first_or_only_where_something_was_taken():
    assert {m.key for m in CATALOGUE if m.headline} == {
        "contributed", "final_value", "xirr", "max_drawdown", "account_max_drawdown",
        "worst_shortfall", "cushion", "months_below_money_in",
    }  # fmt: skip
    assert {m.key for m in CATALOGUE if m.cost} == {"fees_paid", "ter_cost", "taxes_paid"}
    assert {m.key for m in CATALOGUE if m.real} == {
        "real_multiple",
        "real_xirr",
        "real_max_drawdown",
    }


def test_a_course_names_its_ten_deepest_falls():
    unit = np.tile([1.0, 0.9], 12) + np.repeat(np.arange(12), 2)
    dates, flow = month_ends("2020-01", 24), np.zeros(24)
    flow[0] = 1.0
    found = Course(dates, unit, flow, np.zeros(24), unit - flow, "monthly").drawdowns
    assert len(found) == 10


def test_what_yearly_costs_took_is_missing_at_the_end():
    dates, value = month_ends("2020-01", 3), arr(100, 110, 120)
    paid = arr(100, 0, 0)
    taken = Course(dates, value, paid, np.zeros(3), value - paid, "monthly", without_ter=121.5)
    assert taken.ter_cost == 1.5


def test_three_drawdowns_of_one_fall_are_three_numbers():
    # Price 10, 20, 10, 5, 20 with 100 put in each bar.
    shares = np.cumsum(100 / arr(10, 20, 10, 5, 20))
    value, flow = shares * arr(10, 20, 10, 5, 20), np.full(5, 100.0)
    unit = unit_of(value, flow)
    assert series.drawdown(unit).min() == pytest.approx(5 / 20 - 1)
    # Values 100, 300, 250, 225, 1000: the statement fell by a quarter only.
    assert series.account_drawdown(value).min() == pytest.approx(225 / 300 - 1)
    assert series.shortfall(value, np.cumsum(flow)).min() == pytest.approx(225 / 400 - 1)


def test_drawdowns_have_peak_trough_and_recovery_and_do_not_overlap():
    unit = arr(1, 1.2, 1.2, 0.9, 1.2, 1.3, 1.17, 1.2)
    falls = series.drawdowns(unit, series.drawdown(unit), month_ends("2020-01", 8))
    assert [(f.depth, f.bars) for f in falls] == [
        (pytest.approx(-0.25), 1),
        (pytest.approx(-0.1), 2),
    ]
    assert (falls[0].peak, falls[0].trough, falls[0].recovery) == (
        day("2020-02-29"),
        day("2020-04-30"),
        day("2020-05-31"),
    )
    assert falls[1].recovery is None


def test_a_loss_on_the_first_bar_counts():
    unit = unit_of(arr(90, 95), arr(100, 0))
    falls = series.drawdowns(unit, series.drawdown(unit), month_ends("2020-01", 2))
    assert falls[0].depth == pytest.approx(-0.1)
    assert falls[0].peak == day("2020-01-31")


def test_months_below_count_month_ends_and_the_longest_run():
    dates = np.array(
        ["2020-01-02", "2020-01-31", "2020-02-28", "2020-03-31", "2020-04-30", "2020-05-29"],
        dtype="datetime64[D]",
    )
    short = arr(-0.1, 0, -0.1, -0.2, 0, -0.1)
    assert series.months_below(short, dates) == (3, 2)


@pytest.mark.parametrize(
    ("final", "cushion"), [(250.0, 0.2), (200.0, 0.0), (160.0, -0.25), (0.0, None)]
)
def test_the_cushion_is_how_far_prices_may_fall(final, cushion):
    """200 put in: of 250 a fifth may go; 160 lacks a quarter of itself; of nothing nothing may."""
    found = measure(course(arr(100, 100), month_ends("2020-01", 2), final))
    assert found["cushion"] == pytest.approx(cushion, abs=1e-15)
    assert found.nulls.get("cushion") == (None if final else "nothing is left")


def test_the_worst_shortfall_is_dated_and_has_no_date_where_there_was_none():
    dates = month_ends("2020-01", 3)
    value, paid = arr(100, 150, 160), arr(100, 100, 0)
    fell = Course(dates, value, paid, np.zeros(3), value - paid, "monthly")
    found = measure(fell)
    assert (found["worst_shortfall"], found["worst_shortfall_date"]) == (-0.25, "2020-02-29")
    found = measure(course(arr(100, 0), dates[:2], 101.0))
    assert (found["worst_shortfall"], found["worst_shortfall_date"]) == (0.0, None)
    assert found.nulls["worst_shortfall_date"] == "never below money put in"


def test_xirr_of_one_year_is_the_return():
    dates = np.array(["2021-01-01", "2022-01-01"], dtype="datetime64[D]")
    assert xirr(arr(100, 0), dates, 107.0) == pytest.approx(0.07, abs=1e-14)


def test_xirr_without_time_or_value_is_none():
    dates = np.array(["2021-01-01", "2021-01-02"], dtype="datetime64[D]")
    assert xirr(arr(0, 100), dates, 100.0) is None
    assert xirr(arr(100, 100), dates, 99.0) is None
    assert xirr(arr(100, 0), dates, 0.0) is None


@given(
    st.integers(13, 300),
    st.lists(st.floats(0.01, 1e5), min_size=1, max_size=40),
    st.floats(-0.5, 1.0),
)
def test_xirr_solves_its_own_equation_and_agrees_with_another_program(months, amounts, rate):
    dates = month_ends("1990-01", months + 1)
    flow = np.resize(np.array(amounts), months + 1)
    flow[-1] = 0.0
    years = (dates[-1] - dates).astype(float) / 365
    final = float((flow * (1 + rate) ** years).sum())
    found = xirr(flow, dates, final)
    assert found == pytest.approx(rate, abs=1e-10)
    other = pyxirr.xirr(dates.tolist(), [*(-flow[:-1]), final])
    if other is not None:
        # It stops within a few 1e-8 of the root; ours is held to the exact rate above.
        assert found == pytest.approx(other, abs=1e-6)


def test_under_a_year_there_is_no_yearly_rate_but_the_whole_return():
    dates = np.array(["2021-01-04", "2022-01-03"], dtype="datetime64[D]")
    found = measure(course(arr(100, 0), dates, 110.0))
    assert (found["xirr"], found["cagr"], found["calmar"]) == (None, None, None)
    assert found["mwr"] == pytest.approx(0.1, abs=1e-12)
    assert "under a year" in found.nulls["xirr"]
    year = np.array(["2021-01-04", "2022-01-04"], dtype="datetime64[D]")
    assert measure(course(arr(100, 0), year, 110.0))["xirr"] == pytest.approx(0.1, abs=1e-12)


def test_the_return_on_the_money_is_xirr_without_the_year():
    dates = month_ends("2020-01", 37)
    found = measure(course(np.full(37, 100.0), dates, 4_500.0))
    days = (dates[-1] - dates[0]).astype(int)
    assert found["mwr"] == pytest.approx((1 + found["xirr"]) ** (days / 365) - 1, rel=1e-12)


def test_what_a_payments_trades_cost_is_borne_by_all_the_money_there():
    """A price that stands still; 100 put in twice, each with an order for 10 dollars."""
    value, paid, fees = arr(90, 180), arr(100, 100), arr(10, 10)
    unit = series.unit_value(value, Flows(arr(0, 90), paid, fees))
    assert unit == pytest.approx([0.9, 0.9 * 180 / 190])


def test_a_unit_that_came_to_nothing_stays_there():
    value, paid = arr(100, 0, 100), arr(100, 0, 100)
    unit = series.unit_value(value, Flows(arr(0, 0, 0), paid, np.zeros(3)))
    assert unit.tolist() == [1, 0, 0]
    dates = month_ends("2020-01", 3)
    found = measure(Course(dates, value, paid, np.zeros(3), arr(0, 0, 0), "monthly"))
    assert found["twr"] == found["max_drawdown"] == -1


def test_what_no_float_can_hold_is_null_with_its_reason():
    dates = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[D]")
    value, paid = arr(1e-300, 1e300), arr(1e-300, 0)
    found = measure(Course(dates, value, paid, np.zeros(2), value - paid, "daily"))
    missing = [key for key, figure in found.figures.items() if figure is None]
    assert {"multiple", "xirr", "twr", "cagr"} <= set(missing)
    assert "beyond the range" in found.nulls["multiple"]
    assert all(not isinstance(f, complex) for f in found.figures.values())


def test_bars_a_year_count_weekends_where_the_market_has_them():
    def a_year(dates):
        return Course(dates, *np.ones((4, len(dates))), "daily").bars_a_year

    assert a_year(weekdays("2020-01-01", 30)) == 252
    assert a_year(np.arange("2020-01-01", "2020-01-31", dtype="datetime64[D]")) == 365


def test_xirr_finds_what_other_programs_give_up_on():
    # Losing 60 % a year for 30 years: pyxirr answers None.
    dates, flow = month_ends("1990-01", 361), np.full(361, 100.0)
    flow[-1] = 0.0
    years = (dates[-1] - dates).astype(float) / 365
    assert xirr(flow, dates, float((flow * 0.4**years).sum())) == pytest.approx(-0.6)


def test_rates_of_return_by_hand():
    # Prices 100, 110, 99, 99, 121, 90.75, all three libraries agree on these two figures.
    per_bar = series.returns(arr(100, 110, 99, 99, 121, 90.75) / 100)
    assert statistics.volatility(per_bar, 252) == pytest.approx(2.880779, abs=1e-6)
    assert statistics.sharpe(per_bar, 252) == pytest.approx(-0.485980, abs=1e-6)
    below = np.minimum(per_bar, 0)
    wanted = per_bar.mean() / np.sqrt((below**2).sum() / 4) * np.sqrt(252)
    assert statistics.sortino(per_bar, 252) == pytest.approx(wanted)


def test_cagr_counts_calendar_days():
    found = rates.cagr(arr(1, 1), arr(3652, 0))
    assert found[0] == pytest.approx(2 ** (365.25 / 3652) - 1)
    assert np.isnan(found[1])


def test_ulcer_index_and_calmar():
    assert statistics.ulcer_index(arr(0, -0.3, -0.4, 0)) == pytest.approx(0.25)
    assert statistics.calmar(0.1, -0.5) == pytest.approx(0.2)
    assert statistics.calmar(0.1, 0.0) is None
    assert statistics.calmar(None, -0.5) is None


def test_average_cost_lies_below_average_price_when_payments_are_equal():
    flow, unit = np.full(2, 100.0), arr(1, 2)
    assert statistics.average_cost(flow, unit) == pytest.approx(200 / 150)
    assert statistics.average_price(flow, unit) == pytest.approx(1.5)
    assert statistics.price_advantage(flow, unit) == pytest.approx(0.125)
    assert statistics.price_advantage(arr(100, 50), unit) is None


def test_standing_still_gives_zero_everywhere():
    dates = weekdays("2020-01-01", 300)
    flow = np.where(np.arange(300) % 20 == 0, 100 / 3, 0.0)
    value = np.cumsum(flow)
    unit = unit_of(value, flow)
    assert series.drawdown(unit).min() == 0 == series.account_drawdown(value).min()
    assert series.shortfall(value, np.cumsum(flow)).min() == 0
    assert xirr(flow, dates, float(value[-1])) == 0
    assert statistics.volatility(series.returns(unit), 252) == 0
    assert statistics.sharpe(series.returns(unit), 252) is None


@given(st.lists(st.floats(0.5, 2.0), min_size=3, max_size=60), st.floats(0.1, 1e4))
def test_drawdowns_are_fractions_and_blind_to_scale(steps, scale):
    unit = np.cumprod(np.array([1.0, *steps]))
    flow = np.where(np.arange(len(unit)) == 0, 100.0 * unit, 0.0)
    fall = series.drawdown(unit_of(100 * unit, flow))
    assert ((fall <= 0) & (fall >= -1)).all()
    scaled = series.drawdown(unit_of(scale * 100 * unit, scale * flow))
    assert scaled == pytest.approx(fall, abs=1e-10)


def test_rates_of_savers_of_whom_none_has_one():
    """Nothing put in; put in on the last day alone; no more left than came in on that day."""
    paid, years = np.array([[0.0, 0.0, 100.0], [0.0, 100.0, 50.0]]), np.array([[1.0], [0.0]])
    years = np.broadcast_to(years, paid.shape)
    for left in (49, 50):
        assert np.isnan(rates.growth_rate(paid, years, arr(0, 100, left))).all()
    assert np.isnan(rates.growth_rate(paid[:0], years[:0], arr(0, 0, 0))).all()
    # The one who has a rate has it beside those: 100 and 50 a year later are worth 160.
    some = rates.growth_rate(paid, years, arr(0, 100, 160))
    assert np.isnan(some[:2]).all()
    assert np.expm1(some[2]) == pytest.approx(0.10)


def test_a_curve_of_rates_for_paths_of_which_none_has_one():
    """Of 100 put in a year before and 50 at the end."""
    curve = rates.RateCurve(arr(100, 50), arr(1, 0))
    assert np.isnan(curve.rates(arr(0, 49, 50))).all()
    assert np.isnan(rates.RateCurve(arr(100), arr(0)).rates(arr(100, 101))).all()
    # On the table, below it and above it: 110, 1e-10 and 1e5 come of the 100.
    found = np.exp(curve.rates(arr(160, 50 + 1e-10, 100_050)))
    assert found == pytest.approx([1.1, 1e-12, 1000.0], rel=1e-4)
    assert found[[0, 2]] == pytest.approx([1.1, 1000.0], rel=1e-13)
    assert np.exp(rates.RateCurve(arr(100), arr(1)).rates(arr(1e-10))) == pytest.approx(1e-12)


def test_an_account_worth_almost_nothing_has_lost_almost_all():
    dates = np.array(["2021-01-01", "2022-01-01"], dtype="datetime64[D]")
    value, paid = arr(100, 1e-8), arr(100, 0)
    found = measure(Course(dates, value, paid, np.zeros(2), arr(0, 1e-8), "daily"))
    assert found["multiple"] == pytest.approx(1e-10)
    for key in ("xirr", "mwr", "twr", "max_drawdown", "account_max_drawdown", "worst_shortfall"):
        assert found[key] == pytest.approx(-1 + 1e-10, abs=1e-14), key
        assert found[key] > -1, key
    assert found["cushion"] == pytest.approx(1 - 1e10)
    assert found["months_below_money_in"] == 1
