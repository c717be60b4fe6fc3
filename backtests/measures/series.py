"""Measure what a saver lived through: pure functions of arrays.

V is the value after a bar's flow and fees, F the flow at that bar, M the money put in so far; all
have one entry a bar. Rates and drawdowns are fractions: -0.25 is a fall of a quarter.
"""

from dataclasses import dataclass
from datetime import date
from math import fsum

import numpy as np
from numpy.typing import NDArray

from data.prices import Days, Floats, to_date

# Nothing smaller is a fall, a gain or a rate: it is the rounding of a long product.
ROUNDING = 1e-11


@dataclass(frozen=True)
class Drawdown:
    """One fall from a high: recovery is None while the high has not been reached again.

    `bars` counts the bars below the high, from the first under it to the last before recovery.
    """

    depth: float
    peak: date
    trough: date
    recovery: date | None
    bars: int


@dataclass(frozen=True)
class Shortfall:
    """Worst V/M - 1 where negative; `when` is None where the saver was never below money put in."""

    depth: float
    when: date | None


def unit_value(value: Floats, flow: Floats) -> Floats:
    """Return the time-weighted unit value U, 1 before the first purchase (GIPS, daily valued).

    U_0 = V_0/F_0 and U_t = U_(t-1) (V_t - F_t)/V_(t-1): it does not depend on how much was put in.
    """
    before = np.concatenate([[0.0], value[:-1]])
    started = before > 0
    gain = np.divide(value - flow, before, out=np.ones_like(value), where=started)
    opening = ~started & (flow > 0)
    gain[opening] = value[opening] / flow[opening]
    return np.cumprod(gain)


def drawdown(unit: Floats) -> Floats:
    """Return D_t = U_t / max(1, max U so far) - 1 (Magdon-Ismail & Atiya 2004), in [-1, 0]."""
    return _below(unit, np.maximum(np.maximum.accumulate(unit), 1.0))


def account_drawdown(value: Floats) -> Floats:
    """Return V_t / max V so far - 1: what the statement shows; contributions flatter it."""
    return _below(value, np.maximum.accumulate(value))


def shortfall(value: Floats, contributed: Floats) -> Floats:
    """Return V_t/M_t - 1 where negative, else 0: the loss against money put in."""
    return np.minimum(_below(value, contributed), 0.0)


def _below(level: Floats, reference: Floats) -> Floats:
    ratio = np.divide(level, reference, out=np.ones_like(level), where=reference > 0) - 1.0
    return np.where(np.abs(ratio) < ROUNDING, 0.0, ratio)


def drawdowns(level: Floats, fall: Floats, dates: Days, most: int | None = None) -> list[Drawdown]:
    """List the falls of `level` from its highs, deepest first, `most` of them; none overlap.

    `fall` is its drawdown series. A high reached on several bars dates from the first of them.
    """
    under = fall < 0
    edges = np.diff(np.concatenate([[False], under, [False]]).astype(np.int8))
    firsts, afters = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    # Between two falls the series is 0, so the least from one to the next is the fall's depth.
    depth = np.minimum.reduceat(fall, firsts) if firsts.size else fall[:0]
    found = []
    for place in np.argsort(depth, kind="stable")[:most]:
        first, after = int(firsts[place]), int(afters[place])
        trough = int(first + np.argmin(fall[first:after]))
        recovery = to_date(dates[after]) if after < len(fall) else None
        peak = to_date(dates[_first_high(level[:first])])
        low, bars = to_date(dates[trough]), int(after - first)
        found.append(Drawdown(float(fall[trough]), peak, low, recovery, bars))
    return found


def _first_high(level: Floats) -> int:
    """Return where a series first came to its high; 0 before it began."""
    return int(np.argmax(level >= level.max() * (1.0 - ROUNDING))) if level.size else 0


def worst_shortfall(short: Floats, dates: Days) -> Shortfall:
    """Return the deepest loss against money put in and its date."""
    at = int(np.argmin(short))
    if short[at] == 0:
        return Shortfall(0.0, None)
    return Shortfall(float(short[at]), to_date(dates[at]))


def months_below(short: Floats, dates: Days) -> tuple[int, int]:
    """Count the months that ended below money put in, and the longest run of them."""
    below = short[month_lasts(dates)] < 0
    edges = np.diff(np.concatenate([[0], below.astype(np.int8), [0]]))
    runs = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(below.sum()), int(runs.max(initial=0))


def month_lasts(dates: Days) -> NDArray[np.bool_]:
    """Mark the last bar of each calendar month, the last bar of all included."""
    months = dates.astype("datetime64[M]")
    return np.concatenate([months[1:] != months[:-1], [True]])


def xirr(flow: Floats, dates: Days, final_value: float) -> float | None:
    """Return the yearly money-weighted rate, actual/365, as spreadsheets' XIRR computes it.

    `flow` are dollars put in (never negative), `final_value` comes out on the last date. None
    where no rate solves it: nothing put in before the last date, or less left than came in on it.
    """
    paid = flow > 0
    years = (dates[-1] - dates[paid]).astype("timedelta64[D]").astype(np.float64) / 365.0
    if not paid.any() or years[0] == 0 or final_value <= flow[-1]:
        return None
    rate = money_weighted_rate(flow[paid][:, None], years[:, None], np.array([final_value]))
    return _snap(float(rate[0]))


def money_weighted_rate(paid: Floats, years: Floats, final: Floats) -> Floats:
    """Solve sum C_i (1+r)^(years_i) = final for r, for many savers at once.

    `paid` and `years` (to the end) have shape (payments, savers) or (payments, 1), `final`
    (savers,). In g = log(1+r) the left side rises and is convex, so Newton's steps from the right
    of the one root fall on it without overshooting; a start left of it jumps right once. Wherever
    `final` is not above what was paid on the last date (years 0) there is no root.
    """
    total = paid.sum(axis=0)
    span = (paid * years).sum(axis=0) / total
    growth = np.broadcast_to(np.log(final / total) / span, final.shape).copy()
    for _ in range(200):
        worth = paid * np.exp(np.minimum(growth * years, 600.0))
        # Newton on the logarithm of the sum: nearly a straight line in g, so few steps.
        gap = np.log(worth.sum(axis=0) / final)
        slope = (worth * years).sum(axis=0) / worth.sum(axis=0)
        step = gap / slope
        growth -= step
        if np.abs(step).max() < 1e-15 * max(1.0, np.abs(growth).max()):
            break
    return np.asarray(np.expm1(growth))


def cagr(twr: float, days: int) -> float | None:
    """Return (1 + twr)^(365.25/days) - 1 over calendar days; None for no days."""
    return _snap((1.0 + twr) ** (365.25 / days) - 1.0) if days > 0 else None


def returns(unit: Floats) -> Floats:
    """Return simple per-bar returns of the unit value after the first bar."""
    return unit[1:] / unit[:-1] - 1.0


def volatility(per_bar: Floats, bars_a_year: int) -> float | None:
    """Return the yearly standard deviation of per-bar returns, ddof=1."""
    if len(per_bar) < 2:
        return None
    return _snap(_deviation(per_bar) * bars_a_year**0.5)


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


def real_multiple(flow: Floats, levels: Floats, final_value: float) -> float | None:
    """Return the final value over money put in, each dollar of it at the last bar's prices.

    `levels` is consumer prices a bar; None where they do not reach back to the first bar, or where
    nothing was put in.
    """
    paid = fsum(flow * levels[-1] / levels) if np.isfinite(levels).all() else 0.0
    return float(final_value / paid) if paid > 0 else None


def _deviation(values: Floats) -> float:
    mean = fsum(values) / len(values)
    return float((fsum((values - mean) ** 2) / (len(values) - 1)) ** 0.5)


def _snap(number: float) -> float:
    return 0.0 if abs(number) < ROUNDING else number


# What a reader is shown first, in this order.
HEADLINE = (
    "contributed",
    "final_value",
    "xirr",
    "max_drawdown",
    "account_max_drawdown",
    "worst_shortfall",
    "months_below_money_in",
)
