"""Work final values out by hand: what every engine is held against.

Without rebalancing a final value is a sum over contributions of dollars/price then x price now; it
needs none of the project's code, and none of a peer's.
"""

import numpy as np

from benchmarks.peers.harness import MONTHLY_USD, SCHEMES, Floats, Prices, fee_of, payments

# Two sums of some hundred terms in another order differ by less.
SAME = 1e-9


def final_value(made: Prices, scheme: str = "monthly") -> float:
    """Return what equal parts of every contribution have become on the last bar."""
    starts = made.firsts
    part = payments(scheme, len(starts))[:, None] / made.closes.shape[1] / (1 + fee_of(scheme))
    return float((part * made.closes[-1] / made.closes[starts]).sum())


def sweep(made: Prices, months: int) -> Floats:
    """Return the final values of all runs, shape (schemes, assets, windows)."""
    first, last = made.windows(months)
    opening = np.lib.stride_tricks.sliding_window_view(made.firsts, months)[: len(first)]
    growth = made.closes[last][:, None, :] / made.closes[opening]
    found = [
        np.einsum("wma,m->aw", growth, payments(scheme, months)) / (1 + fee_of(scheme))
        for scheme in SCHEMES
    ]
    return np.array(found)


def bootstrap(returns: Floats) -> Floats:
    """Return the wealth of savers at month ends who rebalance each January, in plain loops.

    `returns` has shape (paths, months - 1, assets): money goes in at the first month's end, which
    is a January's, and at every later one.
    """
    return np.array([_one_path(path) for path in returns])


def _one_path(returns: Floats) -> float:
    assets = returns.shape[1]
    held = np.full(assets, MONTHLY_USD / assets)
    for month, gain in enumerate(returns, start=1):
        held = held * (1 + gain) + MONTHLY_USD / assets
        if month % 12 == 0:
            held = np.full(assets, held.sum() / assets)
    return float(held.sum())
