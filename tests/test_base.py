"""The strategies inside a Cerebro of the user's own, and the base's refusals."""

import datetime

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

from backtests.plan import Plan
from data.errors import BadInput, RunFailed
from strategies.dca import trading
from strategies.dca.base import SEED_CASH_USD, DcaStrategy, allocation
from strategies.dca.terms import Costs, Schedule, Terms
from strategies.diversified import Diversified
from strategies.index_fund import IndexFund
from tests.conftest import make_table, month_ends, weekdays
from tests.helpers import play, run, whole


def pandas_feed(dates: np.ndarray, closes: np.ndarray) -> bt.feeds.PandasData:
    frame = pd.DataFrame({"Close": closes}, index=pd.DatetimeIndex(dates))
    return bt.feeds.PandasData(
        dataname=frame, open="Close", high="Close", low="Close", close="Close", volume=None
    )


def test_a_backtrader_user_can_add_a_strategy_to_a_cerebro_of_his_own():
    dates = weekdays("2020-01-01", 90)
    closes = {s: np.linspace(10, 10 + i, 90) for i, s in enumerate(Diversified.weights)}
    cerebro = bt.Cerebro(stdstats=False)
    for symbol, series in closes.items():
        cerebro.adddata(pandas_feed(dates, series), name=symbol)
    cerebro.addstrategy(Diversified, terms=Terms(monthly_usd=500))
    cerebro.broker.set_cash(10_000)
    played = cerebro.run()[0]
    ours = play(make_table(dates, closes), Diversified.weights, "annual", monthly=500.0)
    # The user's own 10,000 stay as they were; only contributions are invested.
    assert cerebro.broker.getvalue() - 10_000 == pytest.approx(ours.course.value[-1], rel=1e-9)
    assert sum(d.usd for d in played.deposits) == ours.course.contributed[-1] == 2500


def test_a_feed_that_begins_later_does_not_hold_back_the_others():
    dates = weekdays("2020-01-01", 90)
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(pandas_feed(dates, np.full(90, 10.0)), name="A")
    cerebro.adddata(pandas_feed(dates[40:], np.full(50, 10.0)), name="B")
    cerebro.addstrategy(DcaStrategy, terms=Terms(monthly_usd=100))
    cerebro.broker.set_cash(SEED_CASH_USD)
    played = cerebro.run()[0]
    bought = {s: sum(t.shares for t in played.trades if t.symbol == s) for s in "AB"}
    # 2020-01, 02 all into A; 2020-03 (B listed on 02-26), 04, 05 in halves.
    assert bought == pytest.approx({"A": 35.0, "B": 15.0})


def test_a_rejected_order_fails_the_run():
    class Borrower(IndexFund):
        def next(self):
            super().next()
            self.buy(data=self.data, size=1e9)

    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(pandas_feed(weekdays("2020-01-01", 5), np.full(5, 10.0)), name="SP500")
    cerebro.addstrategy(Borrower)
    with pytest.raises(RunFailed, match=r"order of 1e\+09 SP500 on 2020-01-01 ended as Margin"):
        cerebro.run()


def test_fees_are_basis_points_of_dollars_and_dollars_an_order():
    table = make_table(weekdays("2020-01-01", 3), {"A": [10, 10, 10]})
    result = play(table, {"A": 1.0}, monthly=1000.0, fee_bps=50.0, fee_per_order=1.0)
    # 1000 = x * 1.005 + 1
    assert result.course.value[-1] == pytest.approx(999 / 1.005)
    assert result.course.fees_paid == pytest.approx(1000 - 999 / 1.005)


def test_fees_of_orders():
    charged = trading.fees(np.array([1000.0, -1000.0, 0.0]), Costs(bps=10, per_order_usd=2))
    assert charged == pytest.approx([3, 3, 0])


def test_tomorrow_is_not_there_to_look_at():
    class Peeking(IndexFund):
        every_bar = True

        def targets(self):
            return {"SP500": 1.0} if self.data.close[1] > 0 else {}

    from tests.helpers import whole

    table = make_table(weekdays("2020-01-01", 30), {"SP500": np.full(30, 10.0)})
    with pytest.raises(IndexError):
        run(Peeking, table, whole(table))


def test_a_strategy_on_every_bar_gives_the_ledger_of_the_decision_bars():
    from tests.helpers import whole

    rng = np.random.default_rng(1)
    prices = {s: 10 * np.exp(np.cumsum(rng.normal(0, 0.02, 400))) for s in ("A", "B")}
    table = make_table(weekdays("2020-01-01", 400), prices)
    lean = allocation("mine", {"A": 0.7, "B": 0.3}, "annual")
    every = type("Every", (lean,), {"every_bar": True})
    one, other = run(lean, table, whole(table)), run(every, table, whole(table))
    assert one.course.value.tolist() == other.course.value.tolist()
    assert one.shares.tolist() == other.shares.tolist()


def test_a_broker_execution_is_dated_on_the_decision_bar():
    """Pins Backtrader: with cheat-on-close `executed.dt` is the bar the order was made on."""
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(pandas_feed(weekdays("2020-01-01", 4), np.array([10.0, 20, 30, 40])), name="A")
    cerebro.addstrategy(DcaStrategy, terms=Terms(monthly_usd=100))
    trade = cerebro.run()[0].trades[0]
    assert bt.num2date(trade.moment).date() == datetime.date(2020, 1, 1)
    assert trade.price == 10.0


def test_a_queued_deposit_is_freed_by_asking_for_a_value():
    """Pins Backtrader: `get_value([data])` books `add_cash` at once, so orders may spend it."""
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(pandas_feed(weekdays("2020-01-01", 4), np.full(4, 10.0)), name="A")
    cerebro.addstrategy(DcaStrategy, terms=Terms(monthly_usd=100))
    cerebro.broker.set_cash(SEED_CASH_USD)
    assert cerebro.run()[0].trades[0].shares == pytest.approx(10)


def targeting(targets, rule="none"):
    """Return a strategy with targets of its own over A and B."""

    class Own(DcaStrategy):
        name = "own"
        weights = {"A": 0.5, "B": 0.5}
        rebalance = rule

        def targets(self):
            return targets(self.datetime.date(0))

    return Own


def run_own(strategy, prices, months="2020-01", **plan):
    count = len(prices["A"])
    table = make_table(month_ends(months, count), prices, "monthly")
    return run(strategy, table, whole(table), Plan(monthly=1000.0, **plan))


def test_targets_below_one_keep_the_rest_in_cash():
    own = targeting(lambda _: {"A": 0.3, "B": 0.3})
    result = run_own(own, {"A": [10, 20, 10, 20], "B": [5, 5, 5, 5]})
    assert result.cash.tolist() == pytest.approx([400, 800, 1200, 1600])
    assert result.shares[-1].tolist() == pytest.approx([30 + 15 + 30 + 15, 240])


def test_no_targets_at_all_keep_everything_in_cash():
    result = run_own(targeting(lambda _: {}), {"A": [10.0, 20], "B": [5.0, 5]})
    assert result.cash.tolist() == [1000, 2000]


def test_a_yearly_rebalancing_brings_cash_to_its_share_too():
    own = targeting(lambda _: {"A": 0.5}, "annual")
    result = run_own(own, {"A": [10.0, 20, 20], "B": [5.0, 5, 5]}, "2019-11")
    # 500 kept twice; A worth 1000 + 500; in January 3500 in all: half of it in A.
    assert result.cash.tolist() == pytest.approx([500, 1000, 1750])
    assert result.shares[-1, 0] == pytest.approx(1750 / 20)


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ({"A": 0.7, "B": 0.5}, "own: its targets sum to 1.2; give at most 1 in all"),
        ({"A": float("nan")}, "own: the target of A is nan"),
        ({"A": -0.1}, "own: the target of A is -0.1"),
        ({"C": 0.5}, "unknown symbol in the targets of own 'C'"),
    ],
)
def test_what_are_no_targets_is_refused_by_name(targets, said):
    with pytest.raises(BadInput, match=said):
        run_own(targeting(lambda _: targets), {"A": [10.0, 10], "B": [5.0, 5]})


def test_what_decides_in_code_is_not_vectorizable():
    assert IndexFund.vectorizable()
    assert Diversified.vectorizable()
    assert not targeting(dict).vectorizable()
    assert not type("Every", (IndexFund,), {"every_bar": True}).vectorizable()
    assert not type("Part", (IndexFund,), {"weights": {"SP500": 0.5}}).vectorizable()
    assert not type("Inner", (IndexFund,), {"_invest": lambda *_: None}).vectorizable()
    assert not DcaStrategy.vectorizable()


def test_funding_of_its_own_is_vectorizable_where_all_windows_are_paid_alike():
    lump = type("Lump", (IndexFund,), {"funding": classmethod(lambda cls, terms, usd: terms)})
    assert lump.vectorizable()
    assert not lump.vectorizable(Schedule("week"))
    assert IndexFund.vectorizable(Schedule("week"))


def test_what_waited_is_invested_once():
    """Halves again by the close of 4 January; A doubles, and none is sold on 1 February."""
    dates = weekdays("2020-12-01", 46)
    a = np.where(dates < np.datetime64("2021-01-01"), 10.0, 20.0)
    a[dates >= np.datetime64("2021-02-01")] = 40.0
    table = make_table(dates, {"A": a, "B": np.full(46, 10.0)})
    halves = {"A": 0.5, "B": 0.5}
    result = play(table, halves, "annual", monthly=0.0, initial=200.0, fill="next")
    assert result.shares[20].tolist() == pytest.approx([10, 10])
    assert result.shares[-1].tolist() == pytest.approx([7.5, 15])
