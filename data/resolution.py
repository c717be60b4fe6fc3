"""Recognise how far apart a table's bars stand, and thin daily bars to month ends."""

from dataclasses import replace

import numpy as np

from data.arrays import Days, Floats, month_lasts, steps
from data.errors import BadPrices
from data.notes import Note
from data.prices import Bars, PriceTable

# A symbol's month end may be this many bars old (the longest hole of docs/contract.md).
_OLDEST = 5


def recognise(name: str, dates: Days) -> Bars:
    """Say whether dates are daily, weekly or monthly by the median step; raises BadPrices.

    Daily: up to 3 days; weekly: 6 to 8; monthly: 28 to 31 and no month twice but at most the last.
    """
    step = float(np.median(steps(dates)))
    if step <= 3:
        return "daily"
    if 6 <= step <= 8:
        return "weekly"
    months = dates.astype("datetime64[M]")
    if 28 <= step <= 31 and (np.diff(months[:-1]).astype(int) > 0).all():
        return "monthly"
    raise BadPrices(
        f"{name}: its dates stand {step:g} days apart, neither daily, weekly nor monthly; "
        "keep one row a day, a week or a month"
    )


def month_ends(table: PriceTable) -> PriceTable:
    """Keep the last bar of each month, at its own date.

    A symbol without a price on that bar has its newest of the month if no more than five bars old.
    """
    last = np.flatnonzero(month_lasts(table.dates))
    first = np.concatenate([[0], last[:-1] + 1])
    closes = np.array(
        [
            _newest(table.closes[max(a, b - _OLDEST) : b + 1])
            for a, b in zip(first, last, strict=True)
        ]
    )
    said = Note("resolution", "", f"month ends are the last {table.bars} bar of each month")
    return replace(
        table,
        dates=table.dates[last],
        closes=closes,
        bars="monthly",
        warnings=(*table.warnings, said),
    )


def _newest(closes: Floats) -> Floats:
    """Return each column's last price, NaN where it has none."""
    priced = np.isfinite(closes)
    at = len(closes) - 1 - priced[::-1].argmax(axis=0)
    return np.where(priced.any(axis=0), closes[at, np.arange(closes.shape[1])], np.nan)
