"""bt: its own monthly clock and cash flow, with a buyer of ours: its Rebalance also sells."""

from collections.abc import Callable
from importlib.metadata import version

import bt
import pandas as pd
from harness import MONTHLY_USD, Floats, Question, Timed, asked, np, serve

# bt divides by the starting value.
SEED_USD = 1e-6


class Buy(bt.Algo):
    """Split the cash over all assets and sell nothing."""

    def __call__(self, target: bt.Strategy) -> bool:
        """Buy with all the cash there is."""
        part = target.capital / len(target.universe.columns)
        for name in target.universe.columns:
            target.allocate(part, child=name, update=False)
        target.update(target.now)
        return True


def prepared(question: Question, *buy: bt.Algo) -> Callable[[], bt.backtest.Result]:
    """Make the frame; return the run, which spends each deposit as `buy` does."""
    prices = asked(question)
    names = [f"A{column}" for column in range(prices.closes.shape[1])]
    frame = pd.DataFrame(prices.closes, pd.DatetimeIndex(prices.dates), names)

    def run() -> bt.backtest.Result:
        clock = [bt.algos.RunMonthly(run_on_first_date=True), bt.algos.CapitalFlow(MONTHLY_USD)]
        strategy = bt.Strategy("saver", [*clock, *buy], names)
        options = {"initial_capital": SEED_USD, "integer_positions": False, "progress_bar": False}
        return bt.run(bt.Backtest(strategy, frame, **options))

    return run


def final_value(result: bt.backtest.Result) -> Floats:
    """Read the account's last value off."""
    return np.array([result.backtests["saver"].strategy.values.iloc[-1] - SEED_USD])


def saver(question: Question) -> Timed:
    """Return the final value of one saver."""
    run = prepared(question, Buy())
    return lambda: final_value(run())


def usual(question: Question) -> Timed:
    """Return the final value with bt's own buyer, as its examples have it."""
    stock = (bt.algos.SelectAll(), bt.algos.WeighEqually(), bt.algos.Rebalance())
    run = prepared(question, *stock)
    return lambda: final_value(run())


def fall(question: Question) -> Timed:
    """Return the largest fall as bt tells it."""
    run = prepared(question, Buy())
    return lambda: np.array([run().stats.loc["max_drawdown", "saver"]])


if __name__ == "__main__":
    serve(version("bt"), {"saver": saver, "usual": usual, "fall": fall})
