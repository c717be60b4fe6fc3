"""Build the prices of a scenario: history up to its last bar, then the path of an earlier bust."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np

from backtests.labels import bars_said, made_of
from backtests.scenarios.sources import BASKETS, LEADERS_LABEL, Scenario, members
from data.arrays import Days, Floats, Series, align, to_date
from data.errors import NoPrices, UnknownName
from data.language import say, say_each, say_many
from data.notes import Note
from data.prices import Assumed, Bars, Part, PriceTable
from data.window import window

_WEEK = 7


@dataclass(frozen=True)
class Laid:
    """History and scenario in one table, and why a symbol of it has no scenario."""

    table: PriceTable
    problems: Mapping[str, NoPrices | UnknownName]


def lay(table: PriceTable, held: Sequence[str], end: date | None, asked: Scenario) -> Laid:
    """Let a scenario follow the prices of `held` (and of CASH) up to `end` (None: the newest bar).

    Raises:
        BadPlan: a symbol has no counterpart.
        BadPrices: prices of the bust cannot be right.
        NoPrices: nothing has a counterpart with prices there.

    """
    known = [s for s in dict.fromkeys([*held, "CASH"]) if s in table.symbols]
    # Says what the table has, where it has nothing that is held.
    history = table.select(known or held).until(end or to_date(table.dates[-1]))
    since = to_date(history.dates[-1])
    going_on = [s for s in known if s not in history.ended or history.ended[s] > since]
    for symbol in going_on:
        asked.counterpart(symbol)
    top = _bar_at(table, asked)
    paths: dict[str, Series] = {}
    problems: dict[str, NoPrices | UnknownName] = {}
    for symbol in going_on:
        try:
            history.first(symbol)
            paths[symbol] = _path(table, symbol, top, since, asked)
        except (NoPrices, UnknownName) as error:
            problems[symbol] = error
    if not paths:
        raise next(iter(problems.values()))
    return Laid(_joined(history, table, paths, top, asked), problems)


def _bar_at(table: PriceTable, asked: Scenario) -> date:
    """Return the bar of the peak: the last one up to that day, by months the one of its month."""
    unit = "datetime64[M]" if table.bars == "monthly" else "datetime64[D]"
    days = table.dates.astype(unit)
    at = int(np.searchsorted(days, np.datetime64(asked.top).astype(unit), side="right")) - 1
    if at < 0:
        raise NoPrices(
            say(
                "no {bars} prices before {first}, and the peak is {peak}; choose a later --peak",
                bars=bars_said(table.bars),
                first=to_date(table.dates[0]),
                peak=asked.top,
            )
        )
    return to_date(table.dates[at])


def _path(table: PriceTable, symbol: str, top: date, since: date, asked: Scenario) -> Series:
    """Return the counterpart's prices over its price at the peak, on the scenario's days."""
    name = asked.counterpart(symbol)
    first = max(map(table.first, members(name)))
    if first > top:
        raise NoPrices(
            say(
                "{name} has no {bars} prices before {first}, and the peak is {peak}; choose "
                "another --counterpart for {symbol}, --peak or --like",
                name=name,
                bars=bars_said(table.bars),
                first=first,
                peak=top,
                symbol=symbol,
            )
        )
    view = window(table, members(name), top, min(asked.bust.end, to_date(table.dates[-1])))
    if to_date(view.dates[0]) != top:
        raise NoPrices(
            say(
                "{name} has no {bars} price on {peak}; choose another --peak",
                name=name,
                bars=bars_said(table.bars),
                peak=top,
            )
        )
    ratio = (view.closes[1:] / view.closes[0]).mean(axis=1)
    if not (ratio > 0).all():
        raise NoPrices(
            say(
                "{name} was lost altogether; choose another --counterpart for {symbol}",
                name=name,
                symbol=symbol,
            )
        )
    own = view.priced[1:].any(axis=1)
    deep = np.where(ratio < 1.0, ratio**asked.depth, ratio)
    return Series(symbol, _moved(view.dates[1:][own], top, since, table.bars), deep[own])


def _moved(dates: Days, top: date, since: date, bars: Bars) -> Days:
    """Date the scenario's bars: the peak is laid on history's last bar.

    Days keep their weekday: all move by the least number of whole weeks that brings the peak to
    that bar or beyond it. Month ends move by months and stay month ends.
    """
    if bars != "monthly":
        return dates + np.timedelta64(-(-(since - top).days // _WEEK) * _WEEK, "D")
    months = np.datetime64(since, "M") - np.datetime64(top, "M")
    after = dates.astype("datetime64[M]") + months + np.timedelta64(1, "M")
    return np.asarray(after.astype("datetime64[D]") - np.timedelta64(1, "D"))


def _joined(
    history: PriceTable, table: PriceTable, paths: Mapping[str, Series], top: date, asked: Scenario
) -> PriceTable:
    """Put history and paths one behind the other, with all that must be said of them."""
    dates, after = _after(history, list(paths.values()))
    followed = {symbol: asked.counterpart(symbol) for symbol in paths}
    assumed = _assumed(to_date(history.dates[-1]), top, dates, followed, asked)
    path = partial(Part, first=assumed.since, last=to_date(dates[-1]), assumed=True)
    parts = {
        s: (
            *_parts(history, s),
            path(say("scenario: {name} after {peak}", name=n, peak=top)),
        )
        for s, n in followed.items()
    }
    notes = {
        s: (*history.notes.get(s, ()), *_notes(table, s, top, followed, asked)) for s in followed
    }
    return replace(
        history,
        dates=np.concatenate([history.dates, dates]),
        closes=np.vstack([history.closes, after]),
        ended={s: day for s, day in history.ended.items() if s not in followed},
        parts={**history.parts, **parts},
        notes={**history.notes, **notes},
        # A path that follows something else has that one's cost in it, not its own.
        ter={s: cost for s, cost in history.ter.items() if followed.get(s, s) == s},
        # Nobody knows the consumer prices of what has not happened.
        cpi=None,
        warnings=(Note("scenario", "", assumed.said), *history.warnings),
        assumed=assumed,
    )


def _after(history: PriceTable, paths: Sequence[Series]) -> tuple[Days, Floats]:
    """Return the scenario's days and closes, shape (days, history's symbols)."""
    dates, symbols, ratios = align(paths)
    after = np.full((len(dates), len(history.symbols)), np.nan)
    for symbol, ratio in zip(symbols, ratios.T, strict=True):
        after[:, history.symbols.index(symbol)] = _last(history.column(symbol)) * ratio
    return dates, after


def _last(column: Floats) -> float:
    return float(column[np.isfinite(column)][-1])


def _parts(history: PriceTable, symbol: str) -> list[Part]:
    """Return what a symbol's history is made of."""
    first, last = history.first(symbol), history.last(symbol)
    made = history.parts.get(symbol) or (Part(symbol, first, last),)
    return [replace(part, last=min(part.last, last)) for part in made if part.first <= last]


def _notes(
    table: PriceTable, symbol: str, top: date, followed: Mapping[str, str], asked: Scenario
) -> Iterator[Note]:
    """Say what a symbol follows, and what stands beside the prices of that."""
    name = followed[symbol]
    if name != symbol:
        yield _follows(name, [s for s, n in followed.items() if n == name and s != n])
    for member in () if name in BASKETS else (name,):
        made = made_of(table, member, top, asked.bust.end)
        yield replace(made, text=made.text and say("{text}, in the scenario", text=made.text))
        for note in table.notes.get(member, ()) if member != symbol else ():
            text = say("{member} in the scenario: {text}", member=member, text=note.text)
            yield replace(note, symbol=symbol, text=text)


def _follows(name: str, symbols: Sequence[str]) -> Note:
    text: str = say_many(
        "{symbols} follows {name} in the scenario",
        "{symbols} follow {name} in the scenario",
        len(symbols),
        symbols=say_each(symbols),
        name=name,
    )
    if name in BASKETS:
        text = say(
            "{follows}: {members} in equal parts at the peak, {label}",
            follows=text,
            members=say_each(members(name)),
            label=LEADERS_LABEL,
        )
    return Note("scenario", "", text)


def _assumed(
    since: date, top: date, dates: Days, followed: Mapping[str, str], asked: Scenario
) -> Assumed:
    """Say in words and in plain values what is assumed."""
    end, bust = to_date(dates[-1]), asked.bust
    said = say(
        "history ends on {since}; all after it, to {end}, is a scenario and no forecast: prices go "
        "as they went after {peak}, in {bust}",
        since=since,
        end=end,
        peak=top,
        bust=bust.title,
    )
    if asked.depth != 1:
        said = say(
            "{said}, to the power of {depth:g} where they fell", said=said, depth=asked.depth
        )
    terms = {
        "like": bust.name,
        "peak": top.isoformat(),
        "history_end": since.isoformat(),
        "end": end.isoformat(),
        "depth": asked.depth,
        "counterparts": dict(followed),
        "stop_after": asked.stop_after,
    }
    return Assumed(since, bust.title, said, terms)
