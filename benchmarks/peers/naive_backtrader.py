"""The usual Backtrader script: frames of open, high, low, close and volume, observers, analyzers.

The one thing done better than usual is that the deposit is booked before the orders that spend it;
without that most of them are refused.
"""

from collections.abc import Callable

import backtrader as bt
import pandas as pd
from harness import SHAVE, Floats, Prices, Question, Timed, asked, fee_of, np, payments, serve

# Backtrader divides by the starting value.
SEED_USD = 1e-6


class Saver(bt.Strategy):
    """Pay in when the month changes and split the money over all feeds."""

    params = (("paid", ()), ("fee", 0.0))

    def __init__(self) -> None:
        self.month = 0
        self.left = iter(self.p.paid)

    def next(self) -> None:
        """Look at the date on every bar."""
        today = self.data.datetime.date(0)
        if today.month == self.month:
            return
        self.month = today.month
        usd = next(self.left)
        if usd == 0:
            return
        self.broker.add_cash(usd)
        self.broker.get_value([self.data])
        part = usd / len(self.datas) / (1 + self.p.fee) * SHAVE
        for data in self.datas:
            self.buy(data=data, size=part / data.close[0])


def frames(prices: Prices) -> list[pd.DataFrame]:
    """Return one frame an asset, as a download gives them."""
    index = pd.DatetimeIndex(prices.dates)
    return [
        pd.DataFrame(
            {"open": close, "high": close, "low": close, "close": close, "volume": 1.0}, index
        )
        for close in prices.closes.T
    ]


def prepared(question: Question) -> Callable[[], bt.Cerebro]:
    """Make the frames; return the run."""
    prices, scheme = asked(question), question["scheme"]
    assets = frames(prices)
    paid = tuple(payments(scheme, len(prices.firsts)))

    def run() -> bt.Cerebro:
        cerebro = bt.Cerebro()
        for frame in assets:
            cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        cerebro.addstrategy(Saver, paid=paid, fee=fee_of(scheme))
        cerebro.broker.set_cash(SEED_USD)
        cerebro.broker.set_coc(True)
        cerebro.broker.setcommission(commission=fee_of(scheme))
        for analyzer in (bt.analyzers.DrawDown, bt.analyzers.TimeReturn, bt.analyzers.SharpeRatio):
            cerebro.addanalyzer(analyzer)
        cerebro.run()
        return cerebro

    return run


def saver(question: Question) -> Timed:
    """Return the final value of one saver."""
    run = prepared(question)
    return lambda: np.array([run().broker.getvalue() - SEED_USD])


def fall(question: Question) -> Timed:
    """Return the largest fall as the analyzer tells it."""
    run = prepared(question)

    def work() -> Floats:
        told = run().runstrats[0][0].analyzers.drawdown.get_analysis()
        return np.array([-told["max"]["drawdown"] / 100.0])

    return work


if __name__ == "__main__":
    serve(bt.__version__, {"saver": saver, "fall": fall})
