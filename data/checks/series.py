"""What is suspicious in one series of prices, whatever it came from. The rules, and why.

jump       A bar more than 1.8 times the one before, or less than 1/1.8: a warning, as Apple truly
           fell to 0.48 in a day. An error from a factor of 8 (from 3 in a source that is not the
           user's own), where it comes back within two bars (a wrong print), and where a split of
           that ratio is recorded for the day. A user may accept it by its date.
constant   Nothing but one price: a volume or another column read as prices. An error.
spike      A bar 10 % or more and six times the usual move away, taken back by the next: a warning.
flat       Eight equal prices in a row: a warning. Real series of funds reach four.
calendar   Sessions of the exchange without a bar: a warning, an error from six in a row.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from data.arrays import Days, Floats, Series, listing, runs, steps, to_date
from data.language import say
from data.notes import of
from data.sessions import IN_NEW_YORK

Severity = Literal["error", "warning"]

JUMP, ERROR_JUMP, FOREIGN_ERROR_JUMP = 1.8, 8.0, 3.0
LONGEST_MISSING = 5
_NEAR, _LIKE = 0.05, 0.18
_ADJACENT_DAYS, _A_BREAK_DAYS = 62, 5
_FLAT = 8
_SPIKE, _USUAL_MOVES, _TAKEN_BACK = 0.10, 6.0, 0.2
# Falls and rises that truly happened, so that they need no warning.
_TRUE_JUMPS = {("AAPL", date(2000, 9, 29))}


@dataclass(frozen=True)
class Finding:
    """One thing the checks found; `symbol` is empty where it concerns the whole table.

    An error with days is one for windows that hold them alone.
    """

    severity: Severity
    symbol: str
    rule: str
    text: str
    days: tuple[date, date] | None = None
    advice: str = ""

    def __str__(self) -> str:
        return of(self.symbol, self.text)


def jumps(series: Series, own: bool, accepted: Collection[date] = ()) -> list[Finding]:
    """Find factors beyond 1.8 from one bar to the next.

    `own`: the user's own prices; `accepted`: the days on which they are right.
    """
    factors = series.closes[1:] / series.closes[:-1]
    size = np.maximum(factors, 1.0 / factors)
    near = steps(series.dates) <= _ADJACENT_DAYS
    found = []
    for at in np.flatnonzero((size > JUMP) & near):
        day = to_date(series.dates[at + 1])
        if (series.symbol, day) in _TRUE_JUMPS:
            continue
        move = say("{factor:.3g} times the price before on {day}", factor=factors[at], day=day)
        severity, text = _judge(series, int(at), factors, own, move)
        if day in accepted:
            severity, text = "warning", say("{move}; accepted as it is", move=move)
        advice = say("correct it, or accept it with --accept-jumps {day}", day=day)
        found.append(Finding(severity, series.symbol, "jump", text, (day, day), advice))
    return found


def _judge(series: Series, at: int, factors: Floats, own: bool, move: str) -> tuple[Severity, str]:
    """Say how severe a move is, and why."""
    factor = factors[at]
    split = 0.0 if series.splits is None else float(series.splits[at + 1])
    if split not in (0.0, 1.0) and min(abs(factor * split - 1), abs(factor / split - 1)) < _NEAR:
        return "error", say(
            "{move}, where a split of {split:g} is recorded: it was not applied",
            move=move,
            split=split,
        )
    size = max(factor, 1 / factor)
    # A week or a month is long enough for a price to double and to come back.
    soon = steps(series.dates)[at + 1 : at + 3] <= _A_BREAK_DAYS
    after = np.cumprod(factors[at : at + 3])[1:]
    if (soon & (np.abs(after - 1) < _NEAR)).any():
        text = say("{move} and back within two bars: a wrong print", move=move)
        if size >= ERROR_JUMP:
            text = say("{wrong}, {cause}", wrong=text, cause=_cause(size))
        return "error", text
    if size >= (ERROR_JUMP if own else FOREIGN_ERROR_JUMP):
        why = _cause(size) if own else say("more than a price moves in a day")
        return "error", of(move, why)
    if abs(size / round(size) - 1) < _NEAR:
        return "warning", say(
            "{move}; a split of {n} that was not applied would look like this",
            move=move,
            n=round(size),
        )
    return "warning", move


def _cause(size: float) -> str:
    """Say what a jump of that size usually comes from; a month's own move may be in it."""
    if abs(size / 100 - 1) < _LIKE:
        return say("prices in pence beside prices in pounds, or a lost decimal point")
    if any(abs(size / power - 1) < _LIKE for power in (1e3, 1e4, 1e6)):
        return say("a lost decimal point, or a point that parts thousands")
    if abs(size / 10 - 1) < _LIKE:
        return say("a lost decimal point, or a split of 10 that was not applied")
    return say("a split of {n} that was not applied, or another security", n=round(size))


def constant(series: Series) -> list[Finding]:
    """Find a series of nothing but one price."""
    if len(series.closes) < _FLAT or (series.closes != series.closes[0]).any():
        return []
    text = say(
        "{price:g} on all of its {n} bars, which no price is",
        price=series.closes[0],
        n=len(series.closes),
    )
    days = to_date(series.dates[0]), to_date(series.dates[-1])
    advice = say("leave the column out (money at rest may be called CASH)")
    return [Finding("error", series.symbol, "constant", text, days, advice)]


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
            text = say(
                "{move:+.1%} on {day}, taken back by the next bar",
                move=np.expm1(moves[at]),
                day=series.dates[at + 1],
            )
            found.append(Finding("warning", series.symbol, "spike", text))
    return found


def flats(series: Series) -> list[Finding]:
    """Find eight or more equal prices in a row: a source that repeats what it last knew."""
    found = []
    for start, stop in runs(np.diff(series.closes) == 0):
        if stop - start + 1 >= _FLAT:
            text = say(
                "{n} equal prices in a row from {day}", n=stop - start + 1, day=series.dates[start]
            )
            found.append(Finding("warning", series.symbol, "flat", text))
    return found


def missing(symbol: str, dates: Days, wanted: Days, place: str = IN_NEW_YORK.name) -> list[Finding]:
    """Find the sessions `wanted` between the first and last of `dates` that are not among them."""
    wanted = wanted[(wanted >= dates[0]) & (wanted <= dates[-1])]
    absent = ~np.isin(wanted, dates)
    found, few, longest = [], absent.copy(), 0
    for start, stop in runs(absent):
        if stop - start > LONGEST_MISSING:
            few[start:stop] = False
            days = to_date(wanted[start]), to_date(wanted[stop - 1])
            text = _missing(stop - start, place, stop - start, wanted[start:stop])
            found.append(Finding("error", symbol, "calendar", text, days))
        else:
            longest = max(longest, stop - start)
    if few.any():
        text = _missing(int(few.sum()), place, longest, wanted[few])
        found.append(Finding("warning", symbol, "calendar", text))
    return found


def _missing(number: int, place: str, run: int, days: Days) -> str:
    listed = listing(days)
    if run < 2:
        return say(
            "{n} sessions of {place} are missing: {days}", n=number, place=place, days=listed
        )
    return say(
        "{n} sessions of {place} are missing, {run} in a row: {days}",
        n=number,
        place=place,
        run=run,
        days=listed,
    )
