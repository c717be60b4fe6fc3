from dataclasses import replace

import numpy as np
import pytest

from backtests import engine
from backtests.comparison import replay
from backtests.eras import Basket, Era
from backtests.plan import Plan
from data import snapshot
from data.errors import BadPlan, NoPrices, RunFailed, UnknownName
from strategies.ai_picks import AiPicks
from strategies.dca import trading
from strategies.dca.base import DcaStrategy, allocation, derived
from strategies.dca.terms import Terms
from tests.conftest import NONE, day, make_table, month_ends, weekdays
from tests.helpers import era, play, run, whole


def test_the_ledger_of_four_months_by_hand(four_months):
    result = play(four_months, {"A": 0.5, "B": 0.5}, monthly=100.0)
    assert result.shares.tolist() == [
        pytest.approx(row) for row in ([5, 1], [7.5, 2], [12.5, 3], [15, 4])
    ]
    assert result.course.value == pytest.approx([100, 250, 275, 500])
    assert result.course.unit_value == pytest.approx([1, 1.5, 1.05, 1.05 * 400 / 275])
    assert result.course.flow.tolist() == [100] * 4


def test_annual_rebalancing_happens_on_the_first_contribution_of_a_year():
    table = make_table(month_ends("2020-11", 3), {"A": [10, 20, 20], "B": [10, 10, 10]}, "monthly")
    result = play(table, {"A": 0.5, "B": 0.5}, "annual", monthly=100.0)
    # Before 2021-01: A 7.5 shares of 20, B 10 of 10; 350 with the contribution, 175 each.
    assert result.shares[1] == pytest.approx([7.5, 10])
    assert result.shares[2] == pytest.approx([8.75, 17.5])


def test_fill_next_trades_at_the_next_bars_close_and_changes_nothing_else(four_months):
    result = play(four_months, {"A": 1.0}, monthly=100.0, fill="next")
    assert result.shares[:, 0] == pytest.approx([0, 5, 15, 20])
    assert result.cash == pytest.approx([100] * 4)
    assert result.course.flow.tolist() == [100] * 4
    assert any("not invested on the last bar" in note for note in result.warnings)


def test_fill_next_rebalances_for_the_year_of_the_contribution():
    table = make_table(
        month_ends("2020-11", 4), {"A": [10, 20, 20, 40], "B": [10, 10, 10, 10]}, "monthly"
    )
    result = play(table, {"A": 0.5, "B": 0.5}, "annual", monthly=100.0, fill="next")
    # January's contribution is traded at February's close, and that is when the year turns.
    assert result.shares[2] == pytest.approx([5, 10])
    assert result.shares[3] == pytest.approx([5, 20])


def test_initial_replaces_the_first_contribution(four_months):
    result = play(four_months, {"B": 1.0}, monthly=100.0, initial=1000.0)
    assert result.course.flow.tolist() == [1000, 100, 100, 100]
    only = play(four_months, {"B": 1.0}, monthly=0.0, initial=1000.0)
    assert only.course.flow.tolist() == [1000, 0, 0, 0]


def test_contributions_fall_on_each_months_first_bar_also_after_a_holiday():
    dates = weekdays("2020-01-15", 40)
    dates = dates[dates != np.datetime64("2020-02-03")]
    result = play(make_table(dates, {"A": [10] * 39}), {"A": 1.0}, monthly=100.0)
    paid = dates[result.course.flow > 0].astype(str).tolist()
    assert paid == ["2020-01-15", "2020-02-04", "2020-03-02"]
    assert set(result.course.flow) == {0, 100}


def test_whole_shares_keep_the_rest_as_cash_for_the_next_month(four_months):
    result = play(four_months, {"B": 1.0}, monthly=120.0, whole_shares=True)
    assert result.shares[:, 0].tolist() == [2, 4, 7, 9]
    assert result.cash == pytest.approx([20, 40, 10, 30])
    assert any("whole shares" in note for note in result.warnings)


def test_a_listing_enters_with_the_next_contribution_and_sells_nothing():
    table = make_table(
        month_ends("2020-01", 4), {"A": [10] * 4, "B": [NONE, NONE, 20, 20]}, "monthly"
    )
    result = play(table, {"A": 0.5, "B": 0.5}, monthly=100.0)
    assert result.shares[:, 0] == pytest.approx([10, 20, 25, 30])
    assert result.shares[:, 1] == pytest.approx([0, 0, 2.5, 5])
    assert "B: enters on 2020-03-31, when its prices begin" in result.warnings


def test_a_delisting_is_sold_at_its_last_price_and_joins_the_next_contribution():
    closes = {"A": [10.0] * 30, "B": [20.0] * 8 + [25.0] + [NONE] * 21}
    table = make_table(weekdays("2020-01-01", 30), closes, ended={"B": day("2020-01-13")})
    result = play(table, {"A": 0.5, "B": 0.5}, monthly=100.0)
    sold, paid_in = 9, 23
    assert result.shares[sold - 1].tolist() == pytest.approx([5, 2.5])
    assert result.shares[sold].tolist() == pytest.approx([5, 0])
    assert result.cash[sold] == pytest.approx(62.5)
    assert result.course.flow[paid_in] == 100
    assert result.shares[paid_in].tolist() == pytest.approx([5 + 16.25, 0])
    assert result.course.unit_value[-1] == pytest.approx(1.125)
    assert any("no prices after 2020-01-13; sold" in note for note in result.warnings)


def test_an_ended_holding_that_does_not_pay_its_own_fee_is_not_sold_on_credit():
    closes = {"A": [10.0] * 30, "B": [20.0] * 8 + [0.01] + [NONE] * 21}
    table = make_table(weekdays("2020-01-01", 30), closes, ended={"B": day("2020-01-13")})
    result = play(table, {"A": 0.5, "B": 0.5}, monthly=100.0, fee_per_order=1.0)
    assert result.cash.min() >= -1e-9
    assert result.shares[-1, 1] > 0


@pytest.mark.parametrize("symbol", ["DELL", "SUNW", "YHOO"])
def test_real_delistings_are_sold_and_said(symbol):
    table = snapshot.load("monthly")
    era = Era("era", "", day("2009-01-01"), day("2013-12-31"))
    result = play(table, {symbol: 0.5, "SP500": 0.5}, "annual", era)
    assert result.shares[-1, 0] == 0
    assert any(note.startswith(f"{symbol}: no prices after") for note in result.warnings)


def test_the_last_bars_contribution_is_invested():
    table = make_table(["2020-01-30", "2020-01-31", "2020-02-03"], {"A": [10, 10, 10]})
    assert play(table, {"A": 1.0}, monthly=100.0).shares[-1, 0] == pytest.approx(20)


def test_the_books_are_checked_against_the_broker(four_months, monkeypatch):
    class Miscounting(engine.QuietBroker):
        def get_cash(self):
            return super().get_cash() + 0.01 * (len(self.positions) > 0)

    monkeypatch.setattr(engine, "QuietBroker", Miscounting)
    with pytest.raises(RunFailed, match="ledger and broker differ by .* on 2020-0"):
        play(four_months, {"A": 1.0})


def test_a_last_value_that_differs_is_dated_on_the_last_bar(four_months, monkeypatch):
    monkeypatch.setattr(engine, "_last_apart", lambda *_: 5.0)
    with pytest.raises(RunFailed, match="ledger and broker differ by 5 USD on 2020-04-30"):
        play(four_months, {"A": 1.0})


def test_a_strategy_without_a_basket_in_the_era_says_so():
    with pytest.raises(NoPrices, match="ai-picks has no basket in the era gfc"):
        run("ai-picks", snapshot.load("monthly"), "gfc")


def test_a_basket_carries_its_label():
    table = make_table(month_ends("2020-01", 3), {"X": [1, 2, 3], "Y": [1, 1, 1]}, "monthly")
    era = Era(
        "mine", "", day("2020-01-01"), None, (), {"ai-picks": Basket(("X", "Y"), "picked by hand")}
    )
    result = run(AiPicks, table, era)
    assert result.weights == {"X": 0.5, "Y": 0.5}
    assert "X, Y: picked by hand" in result.warnings


def test_a_symbol_nobody_has_is_named(four_months):
    with pytest.raises(UnknownName, match="unknown symbol 'C'"):
        play(four_months, {"C": 1.0})


def test_lump_sum_puts_the_same_total_in_on_day_one():
    table = snapshot.load("monthly")
    plan = Plan(monthly=100.0, initial=500.0)
    lump = run("lump-sum", table, "gfc", plan)
    monthly = run("index-fund", table, "gfc", plan)
    assert lump.course.flow[0] == monthly.course.contributed[-1] == lump.course.contributed[-1]
    assert lump.course.value[-1] / lump.course.flow[0] == pytest.approx(
        lump.closes[-1, 0] / lump.closes[0, 0]
    )


def test_month_end_bars_say_that_they_understate_drawdowns(four_months):
    notes = play(four_months, {"A": 1.0}).warnings
    assert any(note.startswith("monthly bars:") for note in notes)


def test_the_risk_free_rate_comes_from_the_data_where_it_has_one(four_months):
    assert play(four_months, {"A": 1.0}).course.bill is None
    assert run("index-fund", snapshot.load("monthly"), "gfc").course.bill is not None


def test_fees_of_every_kind_keep_cash_from_going_negative():
    rng = np.random.default_rng(3)
    closes = {s: 20 * np.exp(np.cumsum(rng.normal(0, 0.03, 300))) for s in "ABC"}
    table = make_table(weekdays("2019-06-03", 300), closes)
    weights = {"A": 0.5, "B": 0.3, "C": 0.2}
    for rule in ("none", "annual", "contribute", "band:0.02"):
        result = play(table, weights, rule, fee_bps=30.0, fee_per_order=2.0)
        assert result.cash.min() > -1e-9
        assert whole(table).start == result.era.start


def test_a_total_loss_is_declared_and_costs_all_that_was_held():
    """B's end is worth 0: its 50 dollars a month are gone, A's stay."""
    dates = weekdays("2020-01-30", 30)
    prices = {"A": [10.0] * 30, "B": [5.0] * 10 + [NONE] * 20}
    facts = {"ended": {"B": day("2020-02-13")}, "last_prices": {"B": 0.0}}
    result = play(make_table(dates, prices, **facts), {"A": 0.5, "B": 0.5}, monthly=100.0)
    assert result.course.value[9] == pytest.approx(200)
    assert result.course.value[-1] == pytest.approx(100 + 100)
    assert result.shares[-1].tolist() == pytest.approx([10 + 10, 0])
    assert "B: no prices after 2020-02-13; a total loss, as declared" in result.warnings


def two_ends():
    """A stands at 10; B, bought at 20, ends at 25 on 01-13; C, at 10, ends at 5 on 02-12."""
    dates = weekdays("2020-01-01", 60)
    prices = {
        "A": [10.0] * 60,
        "B": [20.0] * 8 + [25.0] + [NONE] * 51,
        "C": [10.0] * 30 + [5.0] + [NONE] * 29,
    }
    return make_table(dates, prices, ended={"B": day("2020-01-13"), "C": day("2020-02-12")})


def test_two_ends_on_different_days_are_sold_each_on_its_own():
    result = play(two_ends(), {"A": 0.5, "B": 0.25, "C": 0.25}, monthly=100.0)
    bars = {str(d): at for at, d in enumerate(result.course.dates)}

    def held(date):
        return [*result.shares[bars[date]].tolist(), result.cash[bars[date]]]

    def near(wanted):
        return pytest.approx(wanted, abs=1e-9)

    assert held("2020-01-13") == near([5, 1.25, 2.5, 0])
    assert held("2020-01-14") == near([5, 0, 2.5, 31.25])
    # 131.25 by 2 to 1.
    assert held("2020-02-12") == near([13.75, 0, 6.875, 0])
    assert held("2020-02-13") == near([13.75, 0, 0, 34.375])
    assert held("2020-03-02") == near([13.75 + 13.4375, 0, 0, 0])
    assert result.course.value[-1] == pytest.approx(271.875)
    said = [note for note in result.warnings if "no prices after" in note]
    assert said == [
        "B: no prices after 2020-01-13; sold at its last price on 2020-01-14",
        "C: no prices after 2020-02-12; sold at its last price on 2020-02-13",
    ]


def test_two_ends_with_declared_prices_keep_each_its_own():
    table = replace(two_ends(), last_prices={"B": 0.0, "C": 2.0})
    result = play(table, {"A": 0.5, "B": 0.25, "C": 0.25}, monthly=100.0)
    # B's 25 are lost; 100 go 2 to 1 to A and C, of which 2.5 + 10/3 shares bring 2 each.
    assert result.shares[-1].tolist() == pytest.approx([5 + 20 / 3 + 10 + 7 / 6, 0, 0])


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2007-06-01", "2008-06-30", "SP500 is VFINX to 2007-12-31, then SPY"),
        ("2007-06-01", "2007-12-31", "SP500 is VFINX"),
        ("2007-12-31", "2008-06-30", "SP500 is SPY"),
    ],
)
def test_the_run_says_what_its_index_fund_is_made_of(first, last, said):
    result = run("index-fund", snapshot.load("daily"), era(first, last))
    assert [str(note) for note in result.notes] == [said]


def test_an_account_into_which_nothing_is_put_is_a_ledger_of_zeros(four_months):
    kind = allocation("mine", {"A": 1.0})
    result = replay(kind, whole(four_months), four_months, Terms(0.0))
    for zeros in (result.course.value, result.course.flow, result.shares, result.cash):
        assert not zeros.any()
    found = result.measures
    assert (found["contributed"], found["final_value"], found["twr"]) == (0, 0, 0)
    assert [found[key] for key in ("multiple", "xirr", "mwr", "cagr", "cushion")] == [None] * 5


def late():
    """B's prices begin on the third month end."""
    return make_table(
        month_ends("2020-01", 4), {"A": [10] * 4, "B": [NONE, NONE, 20, 20]}, "monthly"
    )


@pytest.mark.parametrize(
    "strategy",
    [
        type("Fixed", (DcaStrategy,), {"name": "fixed", "weights": {"A": 0.5, "B": 0.5}}),
        allocation("mine", {"A": 0.5, "B": 0.5}),
    ],
)
def test_a_late_listing_is_refused_unless_the_strategy_lets_it_enter(strategy):
    with pytest.raises(NoPrices, match="B has no price before 2020-03-31; .*--late-listings"):
        run(strategy, late(), whole(late()))
    enters = derived(strategy, late_listings=True)
    assert run(enters, late(), whole(late()), Plan(monthly=100.0)).shares[-1] == pytest.approx(
        [30, 5]
    )


class Rotating(DcaStrategy):
    """All in one of three, another every month."""

    name = "rotating"
    weights = {"A": 1 / 3, "B": 1 / 3, "C": 1 / 3}
    rebalance = "band:0.05"

    def targets(self):
        return {"ABC"[self.datetime.date(0).month % 3]: 1.0}


def test_rotating_targets_leave_no_dust_in_the_ledger():
    """Worth by hand: what was there, grown in the one that was held, and the payment."""
    moves = np.random.default_rng(11).uniform(0.8, 1.25, (36, 3))
    closes = 7.3 * np.cumprod(moves, axis=0)
    table = make_table(
        month_ends("2020-01", 36), dict(zip("ABC", closes.T, strict=True)), "monthly"
    )
    result = run(Rotating, table, whole(table), Plan(monthly=1000.0))
    worth, shares = 0.0, 0.0
    for bar in range(36):
        place = (bar + 1) % 3
        worth = shares * closes[bar, bar % 3] + 1000.0
        shares = worth / closes[bar, place]
        assert result.shares[bar, place] == pytest.approx(shares, rel=1e-9)
        others = np.delete(result.shares[bar], place)
        assert others.tolist() == [0.0, 0.0], bar
    assert result.course.value[-1] == pytest.approx(worth, rel=1e-9)


def test_a_billion_a_month_in_several_assets_is_spent_to_the_cent():
    """1e9 in sevenths at prices no float holds; shares by plain division."""
    prices = {s: [0.1 * (n + 1) + 1 / 3] * 120 for n, s in enumerate("ABCDEFG")}
    table = make_table(month_ends("2010-01", 120), prices, "monthly")
    for rule in ("none", "annual", "contribute", "band:0.05"):
        result = play(table, dict.fromkeys("ABCDEFG", 1 / 7), rule, monthly=1e9, fee_bps=7.0)
        wanted = [120 * 1e9 / 7 / 1.0007 / prices[s][0] for s in "ABCDEFG"]
        assert result.shares[-1].tolist() == pytest.approx(wanted, rel=1e-9)
        assert np.abs(result.cash).max() < 1.0
        assert result.course.fees_paid == pytest.approx(120 * 1e9 * 0.0007 / 1.0007, rel=1e-9)


def test_whole_shares_of_a_billion_may_cost_eighty_cents_more_than_there_is():
    """Half a billion buys 1 - 8e-10 shares at 500,000,000.40, which counts as one; so do theirs."""
    prices = {"A": [500_000_000.4] * 2, "B": [250_000_000.2] * 2, "C": [250_000_000.2] * 2}
    table = make_table(weekdays("2020-01-01", 2), prices)
    weights = {"A": 0.5, "B": 0.25, "C": 0.25}
    result = play(table, weights, monthly=1e9, whole_shares=True)
    assert result.shares[-1].tolist() == [1, 1, 1]
    assert result.cash[-1] == pytest.approx(-0.8, abs=1e-6)


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (5e-10, ""),
        (2e-9, "ledger and broker differ by 2e-07 USD on 2020-01-31"),
        (2e-8, "the order of 10 A on 2020-01-31 ended as Margin"),
    ],
)
def test_an_order_may_overspend_by_a_billionth_of_the_money(over, said, four_months, monkeypatch):
    """Of 100 dollars 5e-8 too much are rounding, 2e-7 a fault, 2e-6 more than there is."""
    monkeypatch.setattr(trading, "SHAVE", 1.0 + over)
    one = Era("one", "", day("2020-01-31"), day("2020-01-31"))
    if not said:
        assert play(four_months, {"A": 1.0}, "none", one, monthly=100.0).cash[-1] < 0
        return
    with pytest.raises(RunFailed, match=said):
        play(four_months, {"A": 1.0}, "none", one, monthly=100.0)


def test_targets_may_sum_to_a_billionth_above_one():
    """An own strategy's 1 + 9e-10 are taken for 1, not for 2.70 dollars that nobody paid in."""

    def summing(total):
        half = {"A": total / 2, "B": total / 2}
        code = {"name": "own", "weights": {"A": 0.5, "B": 0.5}, "targets": lambda _: half}
        return type("Own", (DcaStrategy,), code)

    table = make_table(month_ends("2020-01", 3), {"A": [10.0] * 3, "B": [5.0] * 3}, "monthly")
    result = run(summing(1 + 9e-10), table, whole(table), Plan(monthly=1e9))
    assert result.shares[-1] == pytest.approx([150e6, 300e6], rel=1e-11)
    assert 0 <= result.cash[-1] < 0.01
    with pytest.raises(BadPlan, match="its targets sum to 1.000000002; give at most 1"):
        run(summing(1 + 2e-9), table, whole(table), Plan(monthly=1e9))


def test_a_payment_waits_for_the_first_bar_on_which_all_have_a_price():
    """B has no price on 02-03, so February's 100 are paid in and split on 02-04."""
    dates = weekdays("2020-01-31", 23)
    table = make_table(dates, {"A": [10.0] * 23, "B": [5.0, NONE, *[5.0] * 21]})
    result = play(table, {"A": 0.5, "B": 0.5}, monthly=100.0)
    paid = dates[result.course.flow > 0].astype(str).tolist()
    assert paid == ["2020-01-31", "2020-02-04", "2020-03-02"]
    assert result.shares[2].tolist() == pytest.approx([10, 20])


def test_what_is_left_of_shares_is_dropped_only_where_it_is_next_to_nothing():
    """A millionth of a millionth of what was held goes, if it is no more of the bar's money."""
    shares = np.array([[1e12, 1.0], [1.0, 1.0], [1.0, 0.0]])
    closes = np.array([[1.0, 1e6], [1.0, 1e10], [1.0, 1.0]])
    left = engine._without_residue(shares, closes, np.zeros(3))
    assert left.tolist() == [[1e12, 1], [0, 1], [1, 0]]
