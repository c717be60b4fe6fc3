"""backtesting.py: one asset, no deposits, so the money lies ready; units of a millionth share."""

from importlib.metadata import version

import pandas as pd
from backtesting import Strategy
from backtesting.lib import FractionalBacktest
from harness import MONTHLY_USD, Question, Timed, asked, np, serve

UNIT = 1e-6


class Saver(Strategy):
    """Buy when the month changes; the first bar that is shown is the second."""

    def init(self) -> None:
        """Start before the first month."""
        self.month = 0

    def next(self) -> None:
        """Look at the date on every bar."""
        today = self.data.index[-1]
        if today.month != self.month:
            self.month = today.month
            self.buy(size=int(MONTHLY_USD / self.data.Close[-1]))


def prepared(question: Question) -> FractionalBacktest:
    """Make the frame and the test of its first asset."""
    prices = asked(question)
    close = prices.closes[:, 0]
    columns = {"Open": close, "High": close, "Low": close, "Close": close, "Volume": 1.0}
    frame = pd.DataFrame(columns, pd.DatetimeIndex(prices.dates))
    cash = MONTHLY_USD * len(prices.firsts)
    return FractionalBacktest(frame, Saver, cash=cash, trade_on_close=True, fractional_unit=UNIT)


def saver(question: Question) -> Timed:
    """Return the final value of one saver."""
    test = prepared(question)
    return lambda: np.array([test.run()["Equity Final [$]"]])


def fall(question: Question) -> Timed:
    """Return the largest fall as backtesting.py tells it."""
    test = prepared(question)
    return lambda: np.array([test.run()["Max. Drawdown [%]"] / 100.0])


if __name__ == "__main__":
    serve(version("backtesting"), {"saver": saver, "fall": fall})
