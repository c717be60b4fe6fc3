"""Put several sources side by side: the first that has a symbol gives it.

Rows are the union of the sources' days, or of their months, each at the latest of its month ends. A
price more than five weekdays older than its month's row is left out, as a hole.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TypeVar

import numpy as np

from data.arrays import Days, Floats, to_date
from data.errors import BadPrices, UnknownSymbol
from data.notes import Note
from data.options import Options, Tables
from data.prices import OTHERS, RESOLUTIONS, Bars, PriceTable
from data.resolution import OLDEST
from data.splices import with_own

CASH, CPI = "CASH", "CPI"
_Said = TypeVar("_Said")


@dataclass(frozen=True)
class Source:
    """A source under the name that stands beside its prices."""

    name: str
    open: Callable[[Options], Tables]


@dataclass(frozen=True)
class _Gift:
    """What one source gives: its tables, and which of their symbols are taken from them."""

    name: str
    tables: Tables
    symbols: tuple[str, ...]

    def on(self, bars: Bars) -> PriceTable | None:
        """Return the table of what is taken on these bars, None where that is nothing."""
        if bars not in self.tables:
            return None
        table = self.tables[bars]()
        taken = [s for s in self.symbols if s in table.symbols]
        return table.select(taken) if taken else None


def mixed(sources: Sequence[Source], options: Options) -> Tables:
    """Return the loaders of a mix, by resolution; every source is read at once.

    A resolution holds the symbols whose own source has it. Raises BadInput or FetchFailed.
    """
    gifts = list(_gifts(sources, options))
    if not any(gift.symbols for gift in gifts):
        tables = [load() for gift in gifts for load in gift.tables.values()]
        known = {s for table in tables for s in (*table.symbols, *table.unread)}
        raise UnknownSymbol(options.symbols[0], known, "the sources have", OTHERS)
    offered = [b for b in RESOLUTIONS if any(gift.on(b) is not None for gift in gifts)]
    return {bars: cache(partial(_whole, bars, gifts, options)) for bars in offered}


def _gifts(sources: Sequence[Source], options: Options) -> Iterator[_Gift]:
    """Ask each source for what none before it has; the last one must answer for the rest."""
    plain = {s: own for s, own in options.own.items() if not own.parts}
    parts = [p for own in options.own.values() for p in own.parts]
    asked = [s for s in options.symbols if s not in options.own or s in plain]
    left = dict.fromkeys([*asked, *parts, *plain, CASH])
    taken: set[str] = set()
    for source in sources:
        own = {s: one for s, one in plain.items() if s not in taken}
        symbols = tuple(s for s in left if s not in taken) or (CASH,)
        last = source is sources[-1] and not taken >= left.keys()
        reading = replace(options, own=own, beside=not last)
        found = source.open(replace(reading, symbols=symbols if options.symbols else ()))
        has = dict.fromkeys(s for load in found.values() for s in load().symbols)
        wanted = [s for s in has if s not in taken and (s in left or not options.symbols)]
        taken.update(wanted)
        yield _Gift(source.name, found, tuple(wanted))


def _whole(bars: Bars, gifts: Sequence[_Gift], options: Options) -> PriceTable:
    """Merge what is given on these bars, and chain the user's own symbols across sources."""
    older = {part for own in options.own.values() for part in own.parts[:-1]}
    table = _merged(bars, gifts, older - {*options.symbols})
    spliced = {s: own for s, own in options.own.items() if own.parts}
    lacking = {
        s: table.lacking[p] for s, own in spliced.items() for p in own.parts if p in table.lacking
    }
    made = {s: own for s, own in spliced.items() if s not in lacking}
    table = with_own(table, made)
    givers = {
        s: " + ".join(dict.fromkeys(table.sources[p] for p in o.parts)) for s, o in made.items()
    }
    sources = {**table.sources, **givers}
    said = Note("data", "", _origins({s: sources[s] for s in table.symbols}))
    return replace(
        table,
        sources=sources,
        lacking={**table.lacking, **lacking},
        warnings=(*table.warnings, said),
    )


def _origins(sources: Mapping[str, str]) -> str:
    """Say which source gave which symbols."""
    by_source: dict[str, list[str]] = {}
    for symbol, name in sources.items():
        by_source.setdefault(name, []).append(symbol)
    return "; ".join(f"{', '.join(found)} from {name}" for name, found in by_source.items())


def _merged(bars: Bars, gifts: Sequence[_Gift], older: Collection[str]) -> PriceTable:
    """Merge what is given on these bars; `older` are parts that others go on from."""
    given = {gift.name: table for gift in gifts if (table := gift.on(bars)) is not None}
    dates, closes = _rows(bars, given)
    symbols = tuple(s for table in given.values() for s in table.symbols)
    everything = [load() for gift in gifts for load in gift.tables.values()]
    prices_of = next((g for g in gifts for t in g.tables.values() if t().cpi is not None), None)
    sources = {s: name for name, table in given.items() for s in table.symbols}
    whole = PriceTable(
        dates,
        symbols,
        closes,
        bars,
        " + ".join(gift.name for gift in gifts),
        listed=_of(given, lambda table: table.listed),
        ended=_of(given, lambda table: table.ended),
        last_prices=_of(given, lambda table: table.last_prices),
        notes=_of(given, lambda table: table.notes),
        parts=_of(given, lambda table: table.parts),
        cpi=next((t.cpi for t in everything if t.cpi is not None), None),
        warnings=tuple(dict.fromkeys(n for table in given.values() for n in table.warnings)),
        faults=tuple(
            replace(fault, symbol=symbol)
            for table in given.values()
            for fault in table.faults
            for symbol in ([fault.symbol] if fault.symbol else table.symbols)
            if symbol in table.symbols
        ),
        unread=tuple({s: 0 for t in everything for s in (*t.symbols, *t.unread)}),
        lacking=dict(_lacking(bars, gifts, symbols)),
        sources=sources | ({CPI: prices_of.name} if prices_of else {}),
        exchanges=_of(given, lambda table: table.exchanges),
        currency=next(iter(given.values())).currency,
        risk_free=all(t.risk_free for t in given.values() if CASH in t.symbols),
    )
    return _cut(whole, given, older)


def _of(
    given: Mapping[str, PriceTable], said: Callable[[PriceTable], Mapping[str, _Said]]
) -> dict[str, _Said]:
    """Collect what each table says of the symbols that are taken from it."""
    return {s: v for t in given.values() for s, v in said(t).items() if s in t.symbols}


def _lacking(
    bars: Bars, gifts: Sequence[_Gift], symbols: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for gift in gifts:
        said = gift.tables[bars]().lacking if bars in gift.tables else {}
        yield from ((s, text) for s, text in said.items() if s not in symbols)
        for symbol in gift.symbols:
            if symbol not in symbols and symbol not in said:
                had = " and ".join(b for b, load in gift.tables.items() if symbol in load().symbols)
                text = f"{symbol} has no {bars} prices in {gift.name}, only {had}"
                yield symbol, f"{text}; use --bars auto or monthly"


def _rows(bars: Bars, given: Mapping[str, PriceTable]) -> tuple[Days, Floats]:
    """Put tables side by side: their rows' dates, and closes of shape (rows, symbols)."""
    unit = "datetime64[M]" if bars == "monthly" else "datetime64[D]"
    axis = np.unique(np.concatenate([t.dates.astype(unit) for t in given.values()]))
    dates = np.full(len(axis), np.datetime64("0001-01-01"))
    places = {name: np.searchsorted(axis, t.dates.astype(unit)) for name, t in given.items()}
    for name, table in given.items():
        np.maximum.at(dates, places[name], table.dates)
    pieces = []
    for name, table in given.items():
        piece = np.full((len(axis), len(table.symbols)), np.nan)
        fresh = np.busday_count(table.dates, dates[places[name]]) <= OLDEST
        if fresh.mean() < 0.5:
            raise BadPrices(
                f"{name}: its monthly bars stand more than {OLDEST} weekdays before the month ends "
                "of the other sources; date them at month ends, or leave a source out"
            )
        piece[places[name][fresh]] = table.closes[fresh]
        pieces.append(piece)
    return dates, np.column_stack(pieces)


def _cut(whole: PriceTable, given: Mapping[str, PriceTable], older: Collection[str]) -> PriceTable:
    """End the table where the first source ends that has something which still trades."""
    ends = {}
    for name, table in given.items():
        going_on = [s for s in table.symbols if s not in table.ended and s not in older]
        live = [whole.symbols.index(s) for s in going_on]
        priced = np.isfinite(whole.closes[:, live]).any(axis=1)
        if live and priced.any():
            ends[name] = whole.dates[np.flatnonzero(priced)[-1]]
    if not ends or min(ends.values()) == whole.dates[-1]:
        return whole
    name = min(ends, key=lambda name: ends[name])
    last = to_date(ends[name])
    said = Note("data", "", f"all prices are cut on {last}, where those of {name} end")
    return replace(whole.until(last), warnings=(*whole.warnings, said))
