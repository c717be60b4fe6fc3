"""vectorbt: one column a run, all orders in an array; no deposits, so the money lies ready."""

from collections.abc import Callable
from importlib.metadata import version

import vectorbt as vbt
from harness import (
    SCHEMES,
    Floats,
    Prices,
    Question,
    Timed,
    asked,
    fee_of,
    np,
    payments,
    read,
    serve,
)


def prepared(question: Question) -> Callable[[], vbt.Portfolio]:
    """Return the run of one saver; its assets share the cash."""
    prices, scheme = asked(question), question["scheme"]

    def run() -> vbt.Portfolio:
        size = np.full(prices.closes.shape, np.nan)
        paid = payments(scheme, len(prices.firsts))
        part = paid[:, None] / prices.closes.shape[1] / (1 + fee_of(scheme))
        size[prices.firsts] = np.where(part > 0, part / prices.closes[prices.firsts], np.nan)
        money = {"fees": fee_of(scheme), "init_cash": paid.sum()}
        grouped = {"group_by": True, "cash_sharing": True}
        return vbt.Portfolio.from_orders(prices.closes, size, **money, **grouped, freq="D")

    return run


def saver(question: Question) -> Timed:
    """Return the final value of one saver."""
    run = prepared(question)
    return lambda: np.atleast_1d(run().final_value())


def fall(question: Question) -> Timed:
    """Return the largest fall as vectorbt tells it."""
    run = prepared(question)
    return lambda: np.atleast_1d(run().max_drawdown())


def sweep(question: Question) -> Timed:
    """Replay every window of every asset under every scheme; final values alone."""
    prices, months = read(question["prices"]), question["months"]
    # One call simulates an asset's windows; more columns at once only cost memory.
    columns = [
        spread(prices, asset, months, scheme)
        for scheme in SCHEMES
        for asset in range(prices.closes.shape[1])
    ]

    def work() -> Floats:
        cash = months * 1000.0
        return np.concatenate(
            [
                vbt.Portfolio.from_orders(
                    closes, size, fees=fee, init_cash=cash, freq="D"
                ).final_value()
                for closes, size, fee in columns
            ]
        )

    return work


def spread(prices: Prices, asset: int, months: int, scheme: str) -> tuple[Floats, Floats, float]:
    """Lay an asset's windows side by side: closes and sizes, shape (bars, windows).

    Windows differ by a few bars; the last close of the shorter ones is repeated.
    """
    first, last = prices.windows(months)
    bar = np.minimum(first + np.arange((last - first).max() + 1)[:, None], last)
    closes, size = prices.closes[bar, asset], np.full(bar.shape, np.nan)
    paid = payments(scheme, months) / (1 + fee_of(scheme))
    starts = prices.firsts
    for window in range(len(first)):
        at = starts[window : window + months] - first[window]
        size[at, window] = np.where(paid > 0, paid / closes[at, window], np.nan)
    return closes, size, fee_of(scheme)


if __name__ == "__main__":
    serve(version("vectorbt"), {"saver": saver, "sweep": sweep, "fall": fall})
