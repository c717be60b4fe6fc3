"""Solve for yearly rates: XIRR for one saver or a hundred thousand, and CAGR."""

import numpy as np

from backtests.measures.series import snapped
from data.arrays import Floats

# Rates are not annualised in a window of under a year (GIPS).
YEAR_DAYS = 365.0


def growth_rate(paid: Floats, years: Floats, final: Floats) -> Floats:
    """Return log(1 + r) of the yearly money-weighted rates r, actual/365.

    `paid` are dollars put in (never negative), `years` the time from each to the end, both of shape
    (payments, savers); `final` (savers,) comes out at the end. NaN where no rate solves it: nothing
    put in before the last date, or less left than came in on it.
    """
    last_day = np.where(years == 0, paid, 0.0).sum(axis=0)
    solvable = (np.where(paid > 0, years, 0.0).max(axis=0, initial=0.0) > 0) & (final > last_day)
    found = np.full(len(final), np.nan)
    if solvable.any():
        chosen = np.ix_((paid > 0).any(axis=1), solvable)
        found[solvable] = solved(paid[chosen], years[chosen], final[solvable])
    return found


def solved(paid: Floats, years: Floats, final: Floats) -> Floats:
    """Solve sum C_i e^(g years_i) = final for g = log(1 + r), for many savers at once.

    `paid` and `years` (to the end) have shape (payments, savers) or (payments, 1), `final`
    (savers,). In g the left side rises and is convex, so Newton's steps from the right of the one
    root fall on it without overshooting; a start left of it jumps right once. Wherever `final` is
    not above what was paid on the last date (years 0) there is no root.
    """
    total = paid.sum(axis=0)
    span = (paid * years).sum(axis=0) / total
    rate = np.broadcast_to(np.log(final / total) / span, final.shape).copy()
    for _ in range(200):
        worth = paid * np.exp(np.minimum(rate * years, 600.0))
        # Newton on the logarithm of the sum: nearly a straight line in g, so few steps.
        gap = np.log(worth.sum(axis=0) / final)
        slope = (worth * years).sum(axis=0) / worth.sum(axis=0)
        step = gap / slope
        rate -= step
        if np.abs(step).max() < 1e-15 * max(1.0, np.abs(rate).max()):
            break
    return rate


def xirr(rate: Floats, days: Floats) -> Floats:
    """Return XIRR as spreadsheets compute it, of `growth_rate`; NaN for windows under a year."""
    return np.where(days >= YEAR_DAYS, snapped(np.expm1(rate)), np.nan)


def mwr(rate: Floats, days: Floats) -> Floats:
    """Return (1 + xirr)^(days/365) - 1: the money-weighted return over the whole window."""
    return snapped(np.expm1(rate * days / YEAR_DAYS))


def cagr(twr: Floats, days: Floats) -> Floats:
    """Return (1 + twr)^(365.25/days) - 1 over calendar days; NaN for windows under a year."""
    yearly = (1.0 + twr) ** (365.25 / np.maximum(days, 1.0)) - 1.0
    return np.where(days >= YEAR_DAYS, snapped(yearly), np.nan)


class RateCurve:
    """XIRR of many paths with the same payments, which differ in the final value alone.

    What the payments grow to is then one function of the rate; it is tabled once, and each path
    reads its rate off by cubic Hermite interpolation, to 1e-13 over 25 years. Beyond the table,
    yearly rates of -63 % and +172 %, Newton's method does as for a single saver.
    """

    def __init__(self, paid: Floats, years: Floats) -> None:
        self._paid, self._years = paid, years
        self._growth = np.linspace(-1.0, 1.0, 4_097)
        total, moment = np.zeros_like(self._growth), np.zeros_like(self._growth)
        for usd, span in zip(paid, years, strict=True):
            worth = usd * np.exp(span * self._growth)
            total += worth
            moment += span * worth
        self._level = np.log(total)
        self._slope = total / moment if years[0] > 0 else np.zeros_like(total)

    def rates(self, final: Floats) -> Floats:
        """Return each path's `growth_rate`."""
        last_day = float(self._paid[self._years == 0].sum())
        solvable = (final > last_day) & (self._years[0] > 0)
        level = np.log(np.where(solvable, final, 1.0))
        tabled = solvable & (level > self._level[0]) & (level < self._level[-1])
        found = np.full(len(final), np.nan)
        found[tabled] = self._read(level[tabled])
        beyond = solvable & ~tabled
        if beyond.any():
            paid, years = self._paid[:, None], self._years[:, None]
            found[beyond] = solved(paid, years, final[beyond])
        return found

    def _read(self, level: Floats) -> Floats:
        right = np.searchsorted(self._level, level)
        left = right - 1
        width = self._level[right] - self._level[left]
        t = (level - self._level[left]) / width
        rest = 1.0 - t
        step = self._growth[right] - self._growth[left]
        bend = self._slope[left] * width * rest - self._slope[right] * width * t
        return np.asarray(self._growth[left] + step * t * t * (3.0 - 2.0 * t) + t * rest * bend)
