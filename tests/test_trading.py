import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadPlan
from strategies.dca import trading
from strategies.dca.terms import Costs, Rebalance, Terms

FREE = Costs()


def paths(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=float)


def one(*amounts: float) -> np.ndarray:
    return np.array(amounts, dtype=float)[:, None]


def test_split_follows_the_targets_and_pays_fees_from_the_contribution():
    # 3 orders of 1 dollar and 1 % of what is traded: 103 = 100 * 1.01 + 2 with two orders
    bought = trading.split(np.array([103.0]), one(0.6, 0.4), Costs(bps=100, per_order_usd=1))
    assert bought[:, 0] == pytest.approx([60, 40])


def test_cash_that_does_not_cover_the_fixed_fees_buys_nothing():
    bought = trading.split(np.array([1.5]), one(0.5, 0.5), Costs(per_order_usd=1))
    assert bought[:, 0].tolist() == [0, 0]


def test_fill_up_raises_the_lowest_ratio_first_level_by_level():
    # Ratios 100, 200, 300 at equal targets; 60 lifts the first only, 150 lifts two to a level.
    held, targets = one(100 / 3, 200 / 3, 100), one(1 / 3, 1 / 3, 1 / 3)
    assert trading.fill_up(held, np.array([20.0]), targets, FREE)[:, 0] == pytest.approx([20, 0, 0])
    bought = trading.fill_up(held, np.array([50.0]), targets, FREE)[:, 0]
    assert bought == pytest.approx([(50 + 100 / 3) / 2, (50 - 100 / 3) / 2, 0])
    assert trading.fill_up(held, np.array([400.0]), targets, FREE)[:, 0] == pytest.approx(
        [200 - 100 / 3, 200 - 200 / 3, 100]
    )


def test_fill_up_does_not_pay_an_order_fee_for_less_than_nothing():
    held, targets = one(10, 20), one(0.5, 0.5)
    bought = trading.fill_up(held, np.array([11.0]), targets, Costs(per_order_usd=1))[:, 0]
    # One order lifts the first to 20 exactly; a second would cost a dollar and lift nothing.
    assert bought == pytest.approx([10, 0])


def test_fill_up_does_not_pay_an_order_fee_for_next_to_nothing():
    """60 pay for one order of 30 and its fee; what rounding adds to 60 pays for no second one."""
    targets, costs = one(0.3, 0.2, 0.5), Costs(per_order_usd=30.0)
    for cash in (60.0, 60.00000000002):
        bought = trading.fill_up(one(0, 0, 31), np.array([cash]), targets, costs)
        assert bought[:, 0] == pytest.approx([30, 0, 0])


def test_to_targets_without_fees_is_exact():
    trades = trading.to_targets(one(900, 100), np.array([200.0]), one(0.5, 0.5), FREE)
    assert trades[:, 0] == pytest.approx([-300, 500])


def test_to_targets_with_fees_by_hand():
    # V + 1 % (|0.5 V - 900| + |0.5 V - 100|) = 1200 -> V = 1200 - 8 = 1192 as the V terms cancel
    trades = trading.to_targets(one(900, 100), np.array([200.0]), one(0.5, 0.5), Costs(bps=100))
    assert trades[:, 0] == pytest.approx([596 - 900, 596 - 100])


def test_what_is_already_at_its_target_is_not_an_order():
    trades = trading.to_targets(
        one(500, 500), np.array([0.0]), one(0.5, 0.5), Costs(per_order_usd=5)
    )
    assert trades[:, 0].tolist() == [0, 0]


def traded(rule, new_year, held, cash, targets, costs):
    """Return the dollars that a rule trades."""
    saver = trading.Saver(targets, rule, Terms(costs=costs))
    bar = trading.Bar(np.ones_like(held), held[:, 0] >= 0, new_year)
    return trading.trades(saver, bar, held, targets, cash, np.zeros_like(cash))[0]


money = st.floats(0, 1e6)
weights = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


@given(st.lists(money, min_size=3, max_size=3), money, weights, st.floats(0, 500), st.floats(0, 5))
def test_no_rule_spends_more_than_there_is_and_targets_hold_after_fees(held, cash, raw, bps, fixed):
    targets, costs = one(*(w / sum(raw) for w in raw)), Costs(bps, fixed)
    holdings, total = one(*held), sum(held) + cash
    slack = 1e-9 * max(total, 1)
    for kind in ("none", "annual", "contribute"):
        trade = traded(Rebalance(kind), True, holdings, np.array([cash]), targets, costs)[:, 0]
        spent = trade.sum() + trading.fees(trade, costs).sum()
        assert spent <= cash + slack
        if kind == "annual" and total > 1000:
            after = holdings[:, 0] + trade
            assert after / after.sum() == pytest.approx(targets[:, 0], abs=1e-6)
            assert spent == pytest.approx(cash, abs=slack + 1e-6 * total)


def test_the_band_counts_from_the_weights_before_the_contribution():
    held, targets = paths([58, 54], [42, 46]), one(0.5, 0.5) * np.ones(2)
    assert trading.off_band(held, targets, 0.05, np.zeros(2)).tolist() == [True, False]
    assert trading.off_band(held * 0, targets, 0.05, np.zeros(2)).tolist() == [False, False]


def test_a_band_rebalances_only_the_paths_that_left_it():
    held, targets = paths([60, 54], [40, 46]), one(0.5, 0.5) * np.ones(2)
    done = traded(Rebalance("band", 0.05), False, held, np.array([10.0, 10.0]), targets, FREE)
    assert done[:, 0] == pytest.approx([-5, 15])
    assert done[:, 1] == pytest.approx([5, 5])


def test_annual_rebalances_on_the_first_contribution_of_a_year_only():
    held, cash, targets = one(60, 40), np.array([10.0]), one(0.5, 0.5)
    same = traded(Rebalance("annual"), False, held, cash, targets, FREE)[:, 0]
    new = traded(Rebalance("annual"), True, held, cash, targets, FREE)[:, 0]
    assert same == pytest.approx([5, 5])
    assert new == pytest.approx([-5, 15])


def test_whole_shares_round_down_and_keep_the_rest():
    sizes = trading.whole_shares(one(100, -45), one(30, 10))[:, 0]
    assert sizes.tolist() == [3, -5]


def test_targets_are_spread_over_what_has_a_price():
    live = trading.renormalise(np.array([0.5, 0.3, 0.2]), np.array([True, False, True]))
    assert live == pytest.approx([5 / 7, 0, 2 / 7])
    assert trading.renormalise(np.array([1.0]), np.array([False])).tolist() == [0]


@pytest.mark.parametrize("text", ["none", "annual", "contribute", "band:0.05"])
def test_rules_are_read_back_as_written(text):
    assert str(Rebalance.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "yearly", "band", "band:0", "band:1", "band:x", "band:nan", "none:1"]
)
def test_an_unknown_rule_is_refused(text):
    with pytest.raises(BadPlan, match="none, annual, contribute or band:X"):
        Rebalance.parse(text)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"monthly_usd": -1.0}, "monthly is -1"),
        ({"monthly_usd": float("nan")}, "monthly is nan"),
        ({"initial_usd": float("inf")}, "initial is inf"),
        ({"costs": Costs(bps=10_000)}, "takes all"),
        ({"costs": Costs(per_order_usd=-1)}, "fee per order is -1"),
        ({"weights": {"A": 0.5, "B": 0.4}}, "weights sum to 0.9, not 1"),
        ({"weights": {"A": 1.5, "B": -0.5}}, "weight of B is -0.5"),
    ],
)
def test_terms_out_of_range_are_refused_where_they_are_born(terms, said):
    with pytest.raises(BadPlan, match=said):
        Terms(**terms)


def test_no_order_is_sent_whose_dollars_are_dust():
    """A payment of 29.95 and 3e-11 dollars, an order for 29.95: the money waits."""
    cash = np.array([29.95 + 3e-11])
    assert not trading.split(cash, one(1.0), Costs(per_order_usd=29.95)).any()
    assert not trading.fill_up(one(0.0), cash, one(1.0), Costs(per_order_usd=29.95)).any()
    assert trading.split(np.array([30.0]), one(1.0), Costs(per_order_usd=29.95)).any()


def test_a_rebalancing_whose_fees_would_take_all_trades_nothing():
    held, costs = one(60, 40), Costs(per_order_usd=60)
    assert not trading.to_targets(held, np.array([20.0]), one(0.5, 0.5), costs).any()


@pytest.mark.parametrize(
    ("price", "bought"), [(1.10, 100), (2.20, 50), (4.40, 25), (3.0, 36), (110.0001, 0)]
)
def test_whole_shares_at_exact_prices(price, bought):
    assert trading.whole_shares(one(110.0), one(price))[0, 0] == bought


def test_a_holding_that_is_sold_leaves_no_rounding_behind():
    """Dollars over price may be some units in the last place less than what was held."""
    shares, prices = one(27.850512657620822, 3.3), one(49.0, 30.1)
    dollars = -(shares * prices) * (1 - 4e-16)
    assert (dollars / prices != -shares).all()
    assert trading.sizes(dollars, shares, prices, whole=False).tolist() == (-shares).tolist()
    # Half of it is half of it, and nothing held is nothing to sell.
    assert trading.sizes(dollars / 2, shares, prices, whole=False) == pytest.approx(-shares / 2)
    assert not trading.sizes(one(0.0), one(0.0), one(5.0), whole=False).any()


def test_targets_below_one_keep_their_sum_over_what_is_live():
    live = trading.renormalise(one(0.4, 0.4), np.array([[True], [False]]))
    assert live[:, 0].tolist() == [0.8, 0]


@given(
    st.lists(st.floats(0.01, 1), min_size=1, max_size=5),
    st.lists(st.floats(0.01, 1e4), min_size=5, max_size=5),
    st.floats(10, 1e6),
)
def test_shares_bought_are_dollars_over_prices(raw, prices, cash):
    """Sizes by plain division, nothing of trading.py used."""
    weights = [w / sum(raw) for w in raw]
    saver = trading.Saver(one(*weights), Rebalance(), Terms())
    bar = trading.Bar(one(*prices[: len(raw)]), np.ones(len(raw), dtype=bool))
    none = np.zeros((len(raw), 1))
    sizes, kept = trading.invest(saver, bar, none, np.array([cash]), np.zeros(1))
    for weight, price, size in zip(weights, prices, sizes[:, 0], strict=False):
        assert size == pytest.approx(cash * weight / price, rel=2e-12)
    assert kept.tolist() == [0.0]


def whole(*weights: float, **costs: float) -> trading.Saver:
    """Return a saver whose new year brings all money to the targets."""
    return trading.Saver(one(*weights), Rebalance("annual"), Terms(costs=Costs(**costs)))


def new_year(*live: bool) -> trading.Bar:
    return trading.Bar(np.full((len(live), 1), 10.0), np.array(live), new_year=True)


def test_money_that_fees_would_take_waits_and_is_not_kept():
    saver, none = whole(0.5, 0.5, per_order_usd=5.0), np.zeros(1)
    bought, kept = trading.invest(saver, new_year(True, True), one(0, 0), np.array([8.0]), none)
    assert (bought[:, 0].tolist(), kept.tolist()) == ([0, 0], [0])


def test_two_targets_below_one_keep_the_rest():
    cash, none = np.array([100.0]), np.zeros(1)
    bought, kept = trading.invest(whole(0.25, 0.25), new_year(True, True), one(0, 0), cash, none)
    assert bought[:, 0] == pytest.approx([2.5, 2.5])
    assert kept.tolist() == pytest.approx([50])


def test_what_is_not_traded_is_worth_nothing_to_a_rebalancing():
    """5 shares that could not pay for their own sale are no money; 100 buy 10 of the other."""
    cash, none = np.array([100.0]), np.zeros(1)
    saver, bar = whole(0.5, 0.5), new_year(True, False)
    bought, _ = trading.invest(saver, bar, one(0, 5), cash, none)
    assert bought[:, 0] == pytest.approx([10, 0])


def test_sales_are_settled_before_purchases_to_the_last_bit():
    """0.1 + 0.3 - 0.4 is 0, and 0.1 - 0.4 + 0.3 is not quite."""
    traded, prices = one(0.4, -0.3), one(1, 1)
    left, _ = trading.settle(traded, prices, FREE, [0, 1], np.array([0.1]))
    assert left.tolist() == [0.1 + 0.3 - 0.4]
    assert left.tolist() != [0.1 - 0.4 + 0.3]


def test_thirty_cents_beside_millions_of_millions_are_spent_and_no_more():
    """Beside 5e11 each the common level is exact to 6e-5 only; the 0.30 are halved all the same."""
    half = np.array([0.3]), one(0.5, 0.5), FREE
    assert trading.fill_up(one(5e11, 5e11), *half)[:, 0] == pytest.approx([0.15, 0.15], rel=1e-12)
