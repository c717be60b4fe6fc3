"""What trading costs: the least fee and the tax on gains, by hand and against a plain loop."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backtests.comparison import replay
from backtests.plan import Plan
from backtests.sweeps import replayed
from backtests.sweeps.check import difference
from backtests.sweeps.layout import lay_out
from backtests.sweeps.replayed import Pick
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from data.errors import BadPlan
from strategies.dca import trading
from strategies.dca.base import DcaStrategy, allocation
from strategies.dca.terms import Costs, Rebalance, Terms
from strategies.dca.trading import Gains
from tests.conftest import make_table, month_ends, weekdays
from tests.helpers import TABLES, play, run, whole
from tests.soak import naive
from tests.soak.plans import as_schedule, schedules

HALVES = {"A": 0.5, "B": 0.5}


def one(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def test_an_orders_fee_is_the_larger_of_both():
    costs = Costs(bps=10, per_order_usd=0.5, least_usd=2.0)
    charged = trading.fees(np.array([1000.0, -1500.0, -9000.0, 0.0]), costs)
    assert charged.tolist() == pytest.approx([2.0, 2.0, 9.5, 0.0])


def test_the_least_fee_comes_out_of_the_contribution():
    """100 in halves: two orders at 2 dollars; 10,000: 0.1 % of 9,990.01 is more than 2 each."""
    costs = Costs(bps=10, least_usd=2.0)
    assert trading.split(np.array([100.0]), one(0.5, 0.5), costs)[:, 0] == pytest.approx([48, 48])
    big = trading.split(np.array([10_000.0]), one(0.5, 0.5), costs)[:, 0]
    assert big == pytest.approx([5000 / 1.001] * 2)
    # 3,000 in 0.9 and 0.1: the second order pays the least, 2998 = x + 0.001 * 0.9 x.
    mixed = trading.split(np.array([3000.0]), one(0.9, 0.1), costs)[:, 0]
    assert mixed.sum() == pytest.approx(2998 / 1.0009)
    assert not trading.split(np.array([3.9]), one(0.5, 0.5), costs).any()


def test_contribute_pays_the_least_fee_for_what_it_buys():
    """10 and 20 in halves: 12 buy 10 of the first for 2; a second order would lift nothing."""
    bought = trading.fill_up(one(10, 20), np.array([12.0]), one(0.5, 0.5), Costs(least_usd=2.0))
    assert bought[:, 0] == pytest.approx([10, 0])


def test_a_tax_on_a_gain_comes_out_of_the_sale():
    """A bought for 100 is worth 200, B 100; half of A is gain, taxed at 25 %.

    Selling x of A: 200 - x = (300 - x / 8) / 2, so x = 160 / 3 and the tax is 20 / 3.
    """
    prices = {"A": [10, 20], "B": [10, 10]}
    table = make_table(month_ends("2020-12", 2), prices, "monthly")
    result = play(table, HALVES, "annual", monthly=0.0, initial=200.0, tax=0.25)
    assert result.measures["taxes_paid"] == pytest.approx(20 / 3)
    assert result.measures["final_value"] == pytest.approx(300 - 20 / 3)
    worth = result.shares[-1] * [20, 10]
    assert worth.tolist() == pytest.approx([440 / 3, 440 / 3])
    assert result.measures["twr"] == pytest.approx(1.5 * (300 - 20 / 3) / 300 - 1)
    assert result.measures["fees_paid"] == 0


def test_no_tax_is_the_default_and_holding_is_never_taxed():
    prices = {"A": [10, 20], "B": [10, 10]}
    table = make_table(month_ends("2020-12", 2), prices, "monthly")
    assert play(table, HALVES, "annual").measures["taxes_paid"] == 0
    assert play(table, HALVES, "none", tax=0.25).measures["taxes_paid"] == 0


def test_losses_are_set_off_on_the_bar_and_carried():
    """Of 100 and 100: 60 sold for 60 at cost 40, then all 60 of the other, sold for 30."""
    gains = Gains(one(100, 100), np.zeros(1))
    tax, left = gains.realise(one(-75, 0), one(150, 60), 0.25)
    assert tax == pytest.approx([0.25 * 25])
    assert left.cost[:, 0] == pytest.approx([50, 100])
    tax, left = left.realise(one(-15, -60), one(75, 60), 0.25)
    # A gains 5, B loses 40: 35 are carried on.
    assert (tax[0], left.losses[0]) == (0.0, pytest.approx(35))
    assert left.cost[:, 0] == pytest.approx([40, 0])
    tax, left = left.realise(one(-90, 0), one(90, 0), 0.25)
    assert tax == pytest.approx([0.25 * 15])
    assert left.losses.tolist() == [0.0]
    # What is bought since is averaged with what was there.
    _, left = Gains(one(50), np.zeros(1)).realise(one(30), one(60), 0.25)
    assert left.realise(one(-45), one(90), 0.25)[0] == pytest.approx([0.25 * 5])


def test_losses_are_not_taxed_and_fees_that_take_all_stop_a_rebalancing():
    """410 at a loss go to sixths as if untaxed; of 10, two least fees of 5 leave nothing."""
    lost = Gains(one(600, 30), np.zeros(1))
    sixths = trading.to_targets(one(400, 10), np.zeros(1), one(1 / 6, 5 / 6), Costs(tax=0.25), lost)
    assert sixths[:, 0] == pytest.approx([410 / 6 - 400, 400 - 410 / 6])
    gains, costs = Gains(one(0, 0), np.array([10.0])), Costs(least_usd=5.0, tax=0.5)
    none = trading.to_targets(one(10, 0), np.zeros(1), one(0.5, 0.5), costs, gains)
    assert none[:, 0].tolist() == [0, 0]


def test_what_ended_is_taxed_on_its_sale():
    """100 of B at 10 end at 15: 150 come back, 12.50 of the gain of 50 are tax."""
    dates = month_ends("2020-01", 4)
    table = make_table(
        dates,
        {"A": [10.0] * 4, "B": [10, 15, np.nan, np.nan]},
        "monthly",
        ended={"B": date(2020, 2, 29)},
    )
    result = play(table, HALVES, monthly=0.0, initial=200.0, tax=0.25)
    assert result.measures["taxes_paid"] == pytest.approx(12.5)
    assert result.course.value[-1] == pytest.approx(100 + 150 - 12.5)


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        (Costs(least_usd=-1), "least fee is -1"),
        (Costs(tax=1.0), "tax is 1; give a fraction of gains, as 0.25"),
        (Costs(tax=-0.1), "tax is -0.1"),
        (Costs(tax=float("nan")), "tax is nan"),
        (Costs(bps=5000, tax=0.6), "tax is 0.6"),
    ],
)
def test_costs_out_of_range_are_refused(costs, said):
    with pytest.raises(BadPlan, match=said):
        Terms(costs=costs)


money = st.floats(0, 1e6)
costly = st.builds(
    Costs, st.floats(0, 500), st.floats(0, 5), st.floats(0, 20), st.sampled_from([0.0, 0.26, 0.9])
)


@settings(max_examples=300)
@given(
    st.lists(money, min_size=3, max_size=3),
    st.lists(st.floats(0, 2), min_size=3, max_size=3),
    money,
    st.lists(st.floats(0.01, 1), min_size=3, max_size=3),
    costly,
    money,
)
def test_no_rule_spends_more_than_there_is(held, paid, cash, raw, costs, losses):
    """Whatever was gained or lost before; a rebalancing leaves the targets and no cash."""
    targets, holdings = one(*(w / sum(raw) for w in raw)), one(*held)
    gains = Gains(holdings * one(*paid), np.array([losses])) if costs.tax else None
    total = sum(held) + cash
    for kind in ("none", "annual", "contribute"):
        saver = trading.Saver(targets, Rebalance(kind), Terms(costs=costs))
        bar = trading.Bar(np.ones((3, 1)), np.ones(3, dtype=bool), True)
        done, _ = trading.trades(
            saver, bar, holdings, targets, np.array([cash]), np.zeros(1), gains
        )
        tax = gains.realise(done, holdings, costs.tax)[0][0] if gains else 0.0
        spent = done.sum() + trading.fees(done, costs).sum() + tax
        assert spent <= cash + 1e-9 * max(total, 1)
        assert (holdings + done >= -1e-9 * max(total, 1)).all()
        if kind == "annual" and total > 1000:
            after = (holdings + done)[:, 0]
            assert after / after.sum() == pytest.approx(targets[:, 0], abs=1e-6)
            # What is set aside for orders that turn out to be dust may be left.
            most = 3 * max(costs.per_order_usd, costs.least_usd)
            assert spent >= cash - most - 1e-6 * total


class Saver(naive.Account):
    """A saver in plain numbers, one payment after another; nothing of the engine is used."""

    def month(self, prices: list[float], weights: list[float], usd: float, whole: bool) -> None:
        self.cash += usd
        self.invest(prices, weights, whole)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([(1.0,), (0.5, 0.5), (0.6, 0.3, 0.1)]),
    st.sampled_from([0.0, 10.0, 300.0]),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([0.0, 2.5]),
    st.sampled_from([0.0, 0.26, 0.5]),
    st.booleans(),
)
def test_a_run_equals_a_plain_loop_and_conserves_money(
    seed, weights, bps, fixed, least, tax, rebalanced
):
    dice = np.random.default_rng(seed)
    names, dates = "ABC"[: len(weights)], month_ends("2018-06", 45)
    closes = 20 * np.exp(np.cumsum(dice.normal(0, 0.15, (45, len(weights))), axis=0))
    table = make_table(dates, dict(zip(names, closes.T, strict=True)), "monthly")
    plan: dict[str, Any] = {"fee_bps": bps, "fee_per_order": fixed, "fee_min": least, "tax": tax}
    result = play(
        table, dict(zip(names, weights, strict=True)), "annual" if rebalanced else "none",
        monthly=500.0, **plan,
    )  # fmt: skip
    saver = Saver(len(weights), naive.Plan(**plan))
    course, years = result.course, dates.astype("datetime64[Y]")
    for bar in range(45):
        turn = rebalanced and bar > 0 and bool(years[bar] != years[bar - 1])
        saver.month(closes[bar].tolist(), list(weights), 500.0, turn)
        assert course.value[bar] == pytest.approx(saver.worth(closes[bar]), rel=1e-9)
    assert course.fees_paid == pytest.approx(saver.fees, rel=1e-9, abs=1e-9)
    assert course.taxes_paid == pytest.approx(saver.taxes, rel=1e-8, abs=1e-7)
    costs = course.fees + (course.taxes if course.taxes is not None else 0.0)
    assert course.before + course.flow - costs == pytest.approx(course.value, rel=1e-12)
    assert (result.cash >= -1e-9 * course.value).all()


def test_targets_below_one_are_left_in_cash_after_the_tax():
    """A doubles: of 2,000 with the 1,000 kept in cash, half in A after tax.

    Selling x of A's 2,000, half of it gain: 2000 - x = (3000 - x / 8) / 2.
    """

    class Half(DcaStrategy):
        name = "half"
        weights = {"A": 1.0}
        rebalance = "annual"

        def targets(self):
            return {"A": 0.5}

    table = make_table(month_ends("2020-12", 2), {"A": [10, 20]}, "monthly")
    result = run(Half, table, whole(table), Plan(monthly=0.0, initial=2000.0, tax=0.25))
    sold = 500 / (1 - 1 / 16)
    assert result.measures["taxes_paid"] == pytest.approx(sold / 8)
    assert result.cash.tolist() == pytest.approx([1000, (3000 - sold / 8) / 2])


def test_taxed_sweeps_agree_with_backtrader_and_take_what_a_run_takes():
    request = Request(("diversified",), years=(3,), start="2001-01", end="2005-12", tax=0.26,
        fee_min=1.0, fee_per_order=0.5, fee_bps=(10.0,))  # fmt: skip
    layout = lay_out(request, TABLES)
    said = "rebalance annual, fee 10 bp and 0.5 an order, at least 1 an order, 26 % of gains taxed"
    assert layout.variants[0].held == said
    found = Twin(layout).rows(layout.chunks[0])
    for row in (0, 11, 24):
        result = replayed.row(layout, Pick(0, row))
        assert result.course.taxes_paid > 1
        one = {key: float(values[row]) for key, values in found.figures.items()}
        assert difference(result.measures.figures, one) < 1e-11


@settings(max_examples=60, deadline=None)
@given(
    schedules(st.dates(date(2019, 11, 1), date(2021, 6, 1))), costly, st.integers(0, 10**6),
    st.booleans(),
)  # fmt: skip
def test_any_schedule_under_any_costs_equals_a_plain_loop(said, costs, seed, rebalanced):
    """Who pays in and trades as tests/soak/naive.py does."""
    dice, dates = np.random.default_rng(seed), weekdays("2019-12-02", 300)
    dates = dates[dice.random(300) > 0.05]
    closes = 20 * np.exp(np.cumsum(dice.normal(0, 0.03, (len(dates), 2)), axis=0))
    table = make_table(dates, dict(zip("AB", closes.T, strict=True)))
    terms = Terms(5000.0, costs=costs, schedule=as_schedule(said))
    plan = naive.Plan(
        5000.0, fee_bps=costs.bps, fee_per_order=costs.per_order_usd, fee_min=costs.least_usd,
        tax=costs.tax, **said,
    )  # fmt: skip
    days: list[date] = dates.tolist()
    paid = naive.paid_in(days, days[0], plan)
    assume(sum(paid.values()) > 0)
    kind = allocation("halves", HALVES, "annual" if rebalanced else "none")
    course = replay(kind, whole(table), table, terms).course
    saver, year = Saver(2, plan), days[0].year
    for bar, day in enumerate(days):
        if day in paid:
            saver.month(
                closes[bar].tolist(), [0.5, 0.5], paid[day], rebalanced and day.year != year
            )
            year = day.year
        assert course.value[bar] == pytest.approx(saver.worth(closes[bar]), rel=1e-8, abs=1e-8)
    assert course.flow.tolist() == pytest.approx([paid.get(day, 0.0) for day in days])
    assert course.fees_paid == pytest.approx(saver.fees, rel=1e-8, abs=1e-8)
    assert course.taxes_paid == pytest.approx(saver.taxes, rel=1e-7, abs=1e-6)
