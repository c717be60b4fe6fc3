"""What is suspicious in one series of prices, whatever it came from. The rules, and why.

jump       A bar more than 1.8 times the one before, or less than 1/1.8. Apple truly fell to 0.48
           in a day, so a jump alone is a warning; it is an error where it comes back within two
           bars (a bad print), where a split of that ratio is recorded for the day (not applied),
           and, from a source that is not the user's own, from a factor of 3.
spike      A bar 10 % or more and six times the usual move away, taken back by the next: a warning.
flat       Eight equal prices in a row: a warning. Real series of funds reach four.
calendar   Sessions of the exchange without a bar: a warning, an error from six in a row.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from data.arrays import Days, Floats, Series, listing, longest_run, steps

Severity = Literal["error", "warning"]

JUMP = 1.8
WILD_JUMP = 3.0
LONGEST_MISSING = 5
_NEAR = 0.05
_ADJACENT_DAYS = 10
_FLAT = 8
_SPIKE, _USUAL_MOVES, _TAKEN_BACK = 0.10, 6.0, 0.2
# Falls and rises that truly happened, so that they need no warning.
_TRUE_JUMPS = {("AAPL", date(2000, 9, 29))}


@dataclass(frozen=True)
class Finding:
    """One thing the checks found; `symbol` is empty where it concerns the whole table."""

    severity: Severity
    symbol: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.symbol}: {self.text}" if self.symbol else self.text


def jumps(series: Series, own: bool) -> list[Finding]:
    """Find one-day factors beyond 1.8; `own`: the user's own figures, whom we believe a 3."""
    factors = series.closes[1:] / series.closes[:-1]
    size = np.maximum(factors, 1.0 / factors)
    near = steps(series.dates) <= _ADJACENT_DAYS
    found = []
    for at in np.flatnonzero((size > JUMP) & near):
        day = series.dates[at + 1]
        if (series.symbol, day.item()) in _TRUE_JUMPS:
            continue
        severity, why = _judge(series, int(at), factors, own)
        text = f"{factors[at]:.3g} times the price before on {day}{why}"
        found.append(Finding(severity, series.symbol, "jump", text))
    return found


def _judge(series: Series, at: int, factors: Floats, own: bool) -> tuple[Severity, str]:
    factor = factors[at]
    split = 0.0 if series.splits is None else float(series.splits[at + 1])
    if split not in (0.0, 1.0) and min(abs(factor * split - 1), abs(factor / split - 1)) < _NEAR:
        return "error", f", where a split of {split:g} is recorded: it was not applied"
    after = np.cumprod(factors[at : at + 3])[1:]
    if (np.abs(after - 1) < _NEAR).any():
        return "error", " and back within two bars: a wrong print"
    size = max(factor, 1 / factor)
    if size >= WILD_JUMP and not own:
        return "error", ": more than a price moves in a day"
    if abs(size / round(size) - 1) < _NEAR:
        return "warning", f"; a split of {round(size)} that was not applied would look like this"
    return "warning", ""


def spikes(series: Series) -> list[Finding]:
    """Find moves of a tenth or more, far beyond the usual, that the next bar takes back."""
    moves = np.diff(np.log(series.closes))
    size = np.abs(moves)
    if len(size) < 2:
        return []
    wild = (size[:-1] >= np.log1p(_SPIKE)) & (size[:-1] < np.log(JUMP))
    back = np.abs(moves[:-1] + moves[1:]) < _TAKEN_BACK * size[:-1]
    found = []
    for at in np.flatnonzero(wild & back):
        usual = float(np.median(size[max(0, at - 31) : at + 32])) * 1.4826
        if size[at] > _USUAL_MOVES * usual:
            text = (
                f"{np.expm1(moves[at]):+.1%} on {series.dates[at + 1]}, taken back by the next bar"
            )
            found.append(Finding("warning", series.symbol, "spike", text))
    return found


def flats(series: Series) -> list[Finding]:
    """Find eight or more equal prices in a row: a source that repeats what it last knew."""
    moved = np.concatenate([[True], np.diff(series.closes) != 0, [True]])
    starts = np.flatnonzero(moved)
    lengths = np.diff(starts)
    found = []
    for start, length in zip(starts[:-1], lengths, strict=True):
        if length >= _FLAT:
            text = f"{length} equal prices in a row from {series.dates[start]}"
            found.append(Finding("warning", series.symbol, "flat", text))
    return found


def missing(symbol: str, dates: Days, wanted: Days) -> list[Finding]:
    """Find the sessions `wanted` between the first and last of `dates` that are not among them."""
    wanted = wanted[(wanted >= dates[0]) & (wanted <= dates[-1])]
    absent = ~np.isin(wanted, dates)
    if not absent.any():
        return []
    longest = longest_run(absent)
    severity: Severity = "error" if longest > LONGEST_MISSING else "warning"
    run = f", {longest} in a row" if longest > 1 else ""
    text = f"{absent.sum()} sessions of New York are missing{run}: {listing(wanted[absent])}"
    return [Finding(severity, symbol, "calendar", text)]
