"""Follow a saver bar by bar: unit value, the three drawdowns and their dates.

V is the value after a bar's flow and fees, F the flow at that bar, M the money put in so far; all
have one entry a bar. Rates and drawdowns are fractions: -0.25 is a fall of a quarter.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from data.arrays import Days, Floats, longest_run, month_lasts, to_date

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
class Flows:
    """What happens to accounts on a bar; arrays of one entry a bar, or a path.

    `before` is W, the value of the old holdings and cash at the bar's prices, `usd` is F, what is
    paid in, `fees` what its trades cost, and `taxes` what their gains did.
    """

    before: Floats
    usd: Floats
    fees: Floats
    taxes: Floats | None = None

    @property
    def costs(self) -> Floats:
        """Fees and taxes."""
        return self.fees if self.taxes is None else self.fees + self.taxes


def growth(last: Floats, value: Floats, flows: Flows) -> Floats:
    """Return what a unit grows by from one bar, worth `last`, to the next, worth `value`.

    V_0/F_0 at the first purchase, then (W_t/V_(t-1)) (V_t/(W_t + F_t)): what was put in does not
    count, and what its trades cost is borne by all the money there (GIPS, true time-weighted
    return). 1 before the first purchase. Never negative.
    """
    started = last > 0
    gain: Floats = np.ones_like(value)
    np.divide(flows.before, last, out=gain, where=started)
    np.divide(value, flows.usd, out=gain, where=~started & (flows.usd > 0))
    charged = started & (flows.costs > 0)
    if charged.any():
        np.multiply(gain, ratio(value, flows.before + flows.usd), out=gain, where=charged)
    return gain


def unit_value(value: Floats, flows: Flows) -> Floats:
    """Return the time-weighted unit value U, 1 before the first purchase."""
    return np.asarray(np.cumprod(growth(np.concatenate([[0.0], value[:-1]]), value, flows)))


def drawdown(unit: Floats) -> Floats:
    """Return D_t = U_t / max(1, max U up to t) - 1 (Magdon-Ismail & Atiya 2004), in [-1, 0]."""
    return _below(unit, np.maximum(np.maximum.accumulate(unit), 1.0))


def account_drawdown(value: Floats) -> Floats:
    """Return V_t / max V so far - 1: what the statement shows; contributions flatter it."""
    return _below(value, np.maximum.accumulate(value))


def shortfall(value: Floats, contributed: Floats) -> Floats:
    """Return V_t/M_t - 1 where negative, else 0: the loss against money put in."""
    return np.minimum(_below(value, contributed), 0.0)


def cushion(value: float, contributed: float) -> float | None:
    """Return 1 - M/V: how far prices may fall before V is below M; None where nothing is left."""
    return snap(1.0 - contributed / value) if value > 0 else None


def returns(unit: Floats) -> Floats:
    """Return simple per-bar returns of a level after the first bar; 0 once nothing is left."""
    return ratio(unit[1:], unit[:-1]) - 1.0


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


def months_below(short: Floats, dates: Days) -> tuple[int, int]:
    """Count the months that ended below money put in, and the longest run of them."""
    below = short[month_lasts(dates)] < 0
    return int(below.sum()), longest_run(below)


def ratio(level: Floats, reference: Floats) -> Floats:
    """Divide, 1 where there is nothing to divide by."""
    sound = reference > 0
    if sound.all():
        return np.asarray(level / reference)
    return np.divide(level, reference, out=np.ones_like(level), where=sound)


def snapped(values: Floats) -> Floats:
    """Call what is within rounding of 0 zero."""
    return np.where(np.abs(values) < ROUNDING, 0.0, values)


def snap(number: float) -> float:
    """Call a number within rounding of 0 zero."""
    return 0.0 if abs(number) < ROUNDING else number


def _below(level: Floats, reference: Floats) -> Floats:
    return snapped(ratio(level, reference) - 1.0)


def _first_high(level: Floats) -> int:
    """Return where a series first came to its high; 0 before it began."""
    return int(np.argmax(level >= level.max() * (1.0 - ROUNDING))) if level.size else 0
