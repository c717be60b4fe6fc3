"""Compare a series with the embedded prices of the same ticker.

differs    Returns over 0.5 % from the embedded ones: a warning; the same prices from two downloads
           differ by less than 0.05 %.
adds up    Smaller differences, nearly all of one sign, that add up: a warning. Closes without
           dividends fall behind the embedded ones by each dividend.
"""

import numpy as np

from data.arrays import Days, Floats, Series, listing, steps
from data.checks.series import Finding
from data.language import say
from data.prices import Bars, PriceTable

_DIFFERS, _ANOTHER, _NOISE = 0.005, 0.2, 0.0005
_FEW, _ONE_SIGN, _ADDS_UP = 4, 0.9, 0.005
_NEIGHBOURS = {"daily": 7, "monthly": 45}


def embedded(series: Series, bars: Bars = "daily") -> list[Finding]:
    """Return what is found where returns differ from the embedded ones of that ticker."""
    known = _part(series.symbol, bars) if bars in _NEIGHBOURS else None
    if known is None:
        return []
    days = known.dates if bars == "daily" else known.dates.astype("datetime64[M]")
    own = series.dates if bars == "daily" else series.dates.astype("datetime64[M]")
    common, ours, theirs = np.intersect1d(own, days, return_indices=True)
    if len(common) < 2:
        return []
    neighbours = steps(common) <= _NEIGHBOURS[bars]
    off = np.diff(np.log(series.closes[ours])) - np.diff(np.log(known.closes[theirs]))
    found = _judge(np.where(neighbours, off, 0.0), series.dates[ours][1:])
    return [Finding("warning", series.symbol, "embedded", text) for text in found]


def _judge(off: Floats, days: Days) -> list[str]:
    differs = np.abs(np.expm1(off)) > _DIFFERS
    if differs.mean() > _ANOTHER:
        text = say(
            "not the series embedded under that name: {share:.0%} of the returns differ",
            share=differs.mean(),
        )
        return [text]
    found: list[str] = []
    if differs.any():
        at = int(np.argmax(np.abs(off) * differs))
        found.append(
            say(
                "{n} one-bar returns differ from the embedded prices, most on {day} ({most:+.1%}): "
                "{days}",
                n=differs.sum(),
                day=days[at],
                most=np.expm1(off[at]),
                days=listing(days[differs]),
            )
        )
    small = (np.abs(off) > _NOISE) & ~differs
    in_all = float(np.expm1(off[small].sum()))
    signs = abs(np.sign(off[small]).sum())
    if small.sum() >= _FEW and signs >= _ONE_SIGN * small.sum() and abs(in_all) > _ADDS_UP:
        found.append(
            say(
                "{n} small differences from the embedded prices, nearly all of one sign, add up to "
                "{total:+.1%}: are dividends left out (closes that are not adjusted)?",
                n=small.sum(),
                total=in_all,
            )
        )
    return found


def _part(ticker: str, bars: Bars) -> Series | None:
    """Return the embedded prices of a ticker over the span for which it stands for a symbol."""
    from data import snapshot

    table = snapshot.load(bars)
    for symbol, parts in table.parts.items():
        for part in parts:
            if part.name == ticker and symbol not in ("CASH", "UST10"):
                return _span(table, symbol, np.datetime64(part.first), np.datetime64(part.last))
    return None


def _span(table: PriceTable, symbol: str, first: np.datetime64, last: np.datetime64) -> Series:
    column = table.column(symbol)
    inside = (table.dates >= first) & (table.dates <= last) & np.isfinite(column)
    return Series(symbol, table.dates[inside], column[inside])
