"""Rates and indices that are carried forward: Treasury-bill yields and consumer prices."""

from dataclasses import dataclass

import numpy as np

from data.arrays import Days, Floats, month_of, steps
from data.errors import BadPrices
from data.language import say


@dataclass(frozen=True)
class Cpi:
    """Consumer prices by month; NaN where a month was never published.

    `months` are datetime64[M], increasing; `levels` an index (1982-84 = 100 for CPI-U).
    """

    months: Days
    levels: Floats

    def __post_init__(self) -> None:
        known = self.levels[np.isfinite(self.levels)]
        increasing = (np.diff(self.months.astype(np.int64)) > 0).all()
        if not (len(known) and (known > 0).all() and increasing):
            raise BadPrices(say("consumer prices must be positive, and their months increase"))

    def at(self, dates: Days) -> Floats:
        """Return the level of each date's month, the newest published one carried forward.

        A month that was never published is bridged by the geometric mean of its neighbours.
        Dates before the first month give NaN.
        """
        known = np.isfinite(self.levels)
        axis = month_of(self.months)
        asked = month_of(dates)
        levels = np.exp(np.interp(asked, axis[known], np.log(self.levels[known])))
        return np.where(asked >= axis[known][0], levels, np.nan)

    @property
    def newest(self) -> np.datetime64:
        """The newest month that was published."""
        return np.datetime64(self.months[np.isfinite(self.levels)][-1])

    def bridged(self, dates: Days) -> tuple[str, ...]:
        """Name the months among `dates` whose level is bridged."""
        inside = self.months[: int(np.flatnonzero(np.isfinite(self.levels))[-1]) + 1]
        never = inside[~np.isfinite(self.levels[: len(inside)])]
        asked = np.unique(dates.astype("datetime64[M]"))
        return tuple(str(month) for month in never if asked[0] <= month <= asked[-1])


def bond_equivalent(discount_percent: Floats, days: int = 91) -> Floats:
    """Turn a bank-discount yield of a 13-week bill into a bond-equivalent one, both in percent.

    Convention of the US Treasury: 365 d / (360 - days d).
    """
    rate = discount_percent / 100.0
    return 100.0 * 365.0 * rate / (360.0 - days * rate)


def cash_index(dates: Days, known: Days, yield_percent: Floats) -> Floats:
    """Accrue 1 dollar in T-bills over `dates`; NaN before the first known yield.

    Between two bars it earns the bond-equivalent yield last known at the earlier one, simple
    interest on actual days over 365: no yield is used before its date.
    """
    at = np.searchsorted(known, dates, side="right") - 1
    rate = np.where(at >= 0, yield_percent[np.maximum(at, 0)] / 100.0, np.nan)
    days = steps(dates)
    growth = np.concatenate([[1.0], 1.0 + np.nan_to_num(rate[:-1]) * days / 365.0])
    return np.where(at >= 0, np.cumprod(growth), np.nan)
