"""What of Backtrader is relied on, pinned without a line of ours between: its own classes alone.

Names that are used stand in docs/decisions/0002-backtrader.md; a new one needs its line there.
"""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import backtrader as bt
import pandas as pd
import pytest

from backtests.engine import QuietBroker

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "decisions" / "0002-backtrader.md").read_text(encoding="utf-8")
DOORS = ("strategies/dca/base.py", "backtests/engine.py", "backtests/feed.py")


def played(act: Callable[[bt.Strategy, int], None], broker: bt.BrokerBase, **closes: list[float]):
    """Let a bare strategy act on each bar of weekdays from 2020-01-01; return it."""

    class Bare(bt.Strategy):
        def __init__(self) -> None:
            self.done: list[tuple[str, str, float, float, float]] = []

        def next(self) -> None:
            act(self, len(self))

        def notify_order(self, order: bt.Order) -> None:
            if order.status not in (order.Submitted, order.Accepted):
                done = order.executed
                told = (order.data._name, order.getstatusname(), done.size, done.price, done.comm)
                self.done.append(told)

    cerebro = bt.Cerebro(stdstats=False, runonce=False, preload=False)
    cerebro.setbroker(broker)
    broker.set_coc(True)
    for name, column in closes.items():
        frame = pd.DataFrame({"close": column}, index=pd.bdate_range("2020-01-01", periods=3))
        absent = dict.fromkeys(("open", "high", "low", "volume", "openinterest"), "close")
        cerebro.adddata(bt.feeds.PandasData(dataname=frame, close="close", **absent), name=name)
    cerebro.addstrategy(Bare)
    return cerebro.run()[0]


def quiet(cash: float) -> QuietBroker:
    broker = QuietBroker()
    broker.set_cash(cash)
    return broker


@pytest.mark.parametrize("broker", [quiet, lambda cash: bt.brokers.BackBroker(cash=cash)])
def test_a_sale_pays_for_the_purchase_sent_after_it(broker):
    def act(saver, bar):
        if bar == 1:
            saver.buy(data=saver.datas[0], size=2.5)
        if bar == 2:
            saver.sell(data=saver.datas[0], size=2.5)
            saver.buy(data=saver.datas[1], size=10.0)

    end = played(act, broker(25.0), A=[10, 20, 30], B=[5, 5, 7])
    # 25 buy 2.5 A; sold at 20 they pay for 10 B at 5; fractions are traded as they are.
    assert end.done == [
        ("A", "Completed", 2.5, 10.0, 0.0),
        ("A", "Completed", -2.5, 20.0, 0.0),
        ("B", "Completed", 10.0, 5.0, 0.0),
    ]
    assert (end.broker.get_cash(), end.broker.getvalue()) == (0.0, 70.0)
    assert [end.getposition(data).size for data in end.datas] == [0.0, 10.0]


def test_what_is_not_covered_ends_as_margin_also_without_the_check_on_submission():
    def act(saver, bar):
        if bar == 1:
            saver.buy(size=11.0)

    assert [told[1] for told in played(act, quiet(100.0), A=[10, 10, 10]).done] == ["Margin"]


def test_money_put_in_or_taken_out_is_there_once_a_value_is_asked_for():
    seen = []

    def act(saver, bar):
        saver.broker.add_cash(50.0 if bar == 1 else -20.0)
        before = saver.broker.get_cash()
        saver.broker.get_value([saver.data])
        seen.append((before, saver.broker.get_cash()))

    played(act, quiet(1.0), A=[10, 10, 10])
    assert seen == [(1.0, 51.0), (51.0, 31.0), (31.0, 11.0)]


def test_a_fee_of_ones_own_is_taken_of_each_order_and_told_with_it():
    class Tenth(bt.CommInfoBase):
        params = (("stocklike", True), ("commtype", bt.CommInfoBase.COMM_PERC))

        def _getcommission(self, size, price, **_):
            return abs(size) * price * 0.1 + 1.0

    def act(saver, bar):
        if bar < 3:
            (saver.buy if bar == 1 else saver.sell)(size=2.0)

    broker = quiet(100.0)
    broker.addcommissioninfo(Tenth())
    end = played(act, broker, A=[10, 20, 20])
    assert [told[4] for told in end.done] == [3.0, 5.0]
    assert end.broker.get_cash() == 100 - 20 - 3 + 40 - 5


def test_it_cannot_begin_with_nothing():
    """Why a run has a seed of a millionth of a dollar."""
    with pytest.raises(ZeroDivisionError):
        played(lambda *_: None, quiet(0.0), A=[10, 10, 10])


def names(source: str) -> set[str]:
    """List what is taken of Backtrader: `bt.` and what follows, as far as it goes."""
    found = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and re.fullmatch(r"bt\.[\w.]+", ast.unparse(node))
    }
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


def test_every_name_that_is_used_is_on_the_page():
    used = set().union(*(names((ROOT / door).read_text(encoding="utf-8")) for door in DOORS))
    assert used == set(re.findall(r"`(bt\.[\w.]+)`", PAGE))
