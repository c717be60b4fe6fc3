"""Recognise how far apart a table's bars stand, and thin daily bars to month ends."""

from dataclasses import replace

import numpy as np

from data.arrays import Days, Floats, month_lasts, steps
from data.errors import BadPrices
from data.language import say
from data.notes import Note
from data.prices import BARS_SAID, Bars, PriceTable
from data.sessions import sessions

# A symbol's month end may be this many bars old (the longest hole of docs/contract.md).
OLDEST = 5
# Days since 1970-01-01, a Thursday, modulo 7.
_SUNDAY_MONDAY = (3, 4)


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
        say(
            "{file}: its dates stand {n:g} days apart, neither daily, weekly nor monthly; keep one "
            "row a day, a week or a month",
            file=name,
            n=step,
        )
    )


def at_period_ends(dates: Days, bars: Bars, today: np.datetime64, new_york: bool) -> Days | None:
    """Return the last day of trading of each period whose first day is its bar's date, else None.

    A last bar on another day is of the running period, as Yahoo sends it, and keeps its date; no
    period ends after `today`. `new_york`: by New York's sessions, else by weekdays.
    """
    if bars == "daily":
        return None
    whole = dates if _are_starts(dates, bars) else dates[:-1]
    if not _are_starts(whole, bars):
        return None
    if bars == "monthly":
        ends = (whole.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    else:
        # Friday, from Monday or from the Sunday before.
        ends = np.busday_offset(whole, 0, roll="forward") + 4
    ends = np.busday_offset(ends, 0, roll="backward")
    if new_york:
        known = np.concatenate([whole[:1], sessions(whole[0], ends[-1])])
        last = known[np.searchsorted(known, ends, side="right") - 1]
        ends = np.where(last > whole, last, ends)
    return np.concatenate([np.minimum(ends, today), dates[len(whole) :]])


def _are_starts(dates: Days, bars: Bars) -> bool:
    """Say whether all dates are firsts of a month, or all Mondays or Sundays."""
    if bars == "monthly":
        return bool((dates == dates.astype("datetime64[M]")).all())
    weekday = dates.astype("datetime64[D]").astype(np.int64) % 7
    return len(dates) > 1 and bool((weekday == weekday[0]).all()) and weekday[0] in _SUNDAY_MONDAY


def month_ends(table: PriceTable) -> PriceTable:
    """Keep the last bar of each month, at its own date.

    A symbol without a price on that bar has its newest of the month if no more than five bars old.
    """
    last = np.flatnonzero(month_lasts(table.dates))
    first = np.concatenate([[0], last[:-1] + 1])
    closes = np.array(
        [
            _newest(table.closes[max(a, b - OLDEST) : b + 1])
            for a, b in zip(first, last, strict=True)
        ]
    )
    text = say("month ends are the last {bars} bar of each month", bars=BARS_SAID[table.bars])
    said = Note("resolution", "", text)
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
