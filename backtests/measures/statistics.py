"""Sum a run up in single numbers; by exact sums, so that bytes are equal on every machine."""

from math import fsum

import numpy as np

from backtests.measures.series import ROUNDING, snap
from data.arrays import Floats


def volatility(per_bar: Floats, bars_a_year: int) -> float | None:
    """Return the yearly standard deviation of per-bar returns, ddof=1."""
    if len(per_bar) < 2:
        return None
    return snap(_deviation(per_bar) * bars_a_year**0.5)


def sharpe(excess: Floats, bars_a_year: int) -> float | None:
    """Return mean excess return over its standard deviation (ddof=1), yearly (Sharpe 1994)."""
    if len(excess) < 2 or _deviation(excess) < ROUNDING:
        return None
    return float(fsum(excess) / len(excess) / _deviation(excess) * bars_a_year**0.5)


def sortino(excess: Floats, bars_a_year: int) -> float | None:
    """Return mean excess return over downside deviation about 0 (ddof=1), yearly."""
    if len(excess) < 2:
        return None
    downside = (fsum(np.minimum(excess, 0.0) ** 2) / (len(excess) - 1)) ** 0.5
    if downside < ROUNDING:
        return None
    return float(fsum(excess) / len(excess) / downside * bars_a_year**0.5)


def calmar(yearly: float | None, worst: float) -> float | None:
    """Return CAGR over the deepest drawdown (Young 1991, here over the whole window)."""
    return yearly / abs(worst) if yearly is not None and worst < 0 else None


def ulcer_index(fall: Floats) -> float:
    """Return the root mean square of the drawdown over all bars (Martin 1989), a fraction."""
    return float((fsum(fall**2) / len(fall)) ** 0.5)


def average_cost(flow: Floats, unit: Floats) -> float | None:
    """Return money put in over units bought at U."""
    units = fsum(flow / unit)
    return fsum(flow) / units if units > 0 else None


def average_price(flow: Floats, unit: Floats) -> float | None:
    """Return the mean U over the bars with a contribution."""
    paid = flow > 0
    return fsum(unit[paid]) / int(paid.sum()) if paid.any() else None


def price_advantage(flow: Floats, unit: Floats) -> float | None:
    """Return average price over average cost less 1; None unless all payments are equal."""
    cost, price = average_cost(flow, unit), average_price(flow, unit)
    if not cost or not price or np.ptp(flow[flow > 0]) != 0:
        return None
    return snap(price / cost - 1.0)


def real_multiple(real_flow: Floats | None, final_value: float) -> float | None:
    """Return the final value over money put in, each dollar of it at the last bar's prices.

    None where there are no consumer prices, or where nothing was put in.
    """
    paid = 0.0 if real_flow is None else fsum(real_flow)
    return float(final_value / paid) if paid > 0 else None


def _deviation(values: Floats) -> float:
    mean = fsum(values) / len(values)
    return float((fsum((values - mean) ** 2) / (len(values) - 1)) ** 0.5)
