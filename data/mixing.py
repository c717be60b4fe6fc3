"""Put several sources side by side: the first that has a symbol gives it.

Rows are the union of the sources' days, or of their months, each at the latest of its month ends. A
price more than five weekdays older than its month's row is left out, as a hole.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from typing import Any

import numpy as np

from data.arrays import Days, Floats, to_date
from data.errors import BadPrices, UnknownSymbol
from data.language import say, say_all, say_both, say_each
from data.notes import Fault, Note
from data.options import Options, Tables
from data.prices import BARS_SAID, OTHERS, RESOLUTIONS, Bars, PriceTable
from data.resolution import OLDEST, month_ends
from data.splices import with_own

CASH, CPI = "CASH", "CPI"
# What a table says of symbols.
_BY_SYMBOL = ("listed", "ended", "last_prices", "notes", "parts", "exchanges")


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
        raise UnknownSymbol(options.symbols[0], known, say("the sources have {symbols}"), OTHERS)
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
        if "weekly" in found and "monthly" not in found:
            # Weeks have no days in common with other sources, their months' last ones have.
            found = {**found, "monthly": cache(partial(_months_of, found["weekly"]))}
        has = dict.fromkeys(s for load in found.values() for s in load().symbols)
        wanted = [s for s in has if s not in taken and (s in left or not options.symbols)]
        taken.update(wanted)
        yield _Gift(source.name, found, tuple(wanted))


def _months_of(load: Callable[[], PriceTable]) -> PriceTable:
    return month_ends(load())


def _whole(bars: Bars, gifts: Sequence[_Gift], options: Options) -> PriceTable:
    """Merge what is given on these bars, and chain the user's own symbols across sources."""
    chained = {s: own.parts for s, own in options.own.items() if own.parts}
    # Parts that others go on from, and bills that nobody holds, may end before all else.
    helpers = {CASH, *(p for parts in chained.values() for p in parts[:-1])} - {*options.symbols}
    table = _cut(_merged(bars, gifts), helpers)
    lacking = {s: table.lacking[p] for s, ps in chained.items() for p in ps if p in table.lacking}
    table = with_own(table, {s: options.own[s] for s in chained if s not in lacking})
    givers = {
        s: " + ".join(dict.fromkeys(table.sources[p] for p in parts))
        for s, parts in chained.items()
        if s not in lacking
    }
    sources = {**table.sources, **givers}
    said = Note("data", "", _origins({s: sources[s] for s in table.symbols}))
    lacking, warnings = {**table.lacking, **lacking}, (*table.warnings, said)
    return replace(table, sources=sources, lacking=lacking, warnings=warnings)


def _origins(sources: Mapping[str, str]) -> str:
    """Say which source gave which symbols."""
    by_source: dict[str, list[str]] = {}
    for symbol, name in sources.items():
        by_source.setdefault(name, []).append(symbol)
    return say_all(
        say("{symbols} from {source}", symbols=say_each(found), source=name)
        for name, found in by_source.items()
    )


def _merged(bars: Bars, gifts: Sequence[_Gift]) -> PriceTable:
    given = {gift.name: table for gift in gifts if (table := gift.on(bars)) is not None}
    dates, closes = _rows(bars, given)
    symbols = tuple(s for table in given.values() for s in table.symbols)
    everything = [(gift.name, load()) for gift in gifts for load in gift.tables.values()]
    cpi = {name: table.cpi for name, table in everything if table.cpi is not None}
    sources = {s: name for name, table in given.items() for s in table.symbols}
    said: dict[str, Any] = {name: _of(given, name) for name in _BY_SYMBOL}
    return PriceTable(
        dates,
        symbols,
        closes,
        bars,
        " + ".join(gift.name for gift in gifts),
        **said,
        cpi=next(iter(cpi.values()), None),
        warnings=tuple(dict.fromkeys(n for table in given.values() for n in table.warnings)),
        faults=tuple(fault for table in given.values() for fault in _faults(table)),
        unread=tuple(dict.fromkeys(s for _, t in everything for s in (*t.symbols, *t.unread))),
        lacking=dict(_lacking(bars, gifts, symbols)),
        sources=sources | ({CPI: next(iter(cpi))} if cpi else {}),
        currency=next(iter(given.values())).currency,
        risk_free=all(t.risk_free for t in given.values() if CASH in t.symbols),
    )


def _of(given: Mapping[str, PriceTable], said: str) -> dict[str, Any]:
    """Collect what each table says of the symbols that are taken from it."""
    return {s: v for t in given.values() for s, v in getattr(t, said).items() if s in t.symbols}


def _faults(table: PriceTable) -> Iterator[Fault]:
    """Yield a table's faults, one of all its symbols for each of them."""
    for fault in table.faults:
        for symbol in [fault.symbol] if fault.symbol else table.symbols:
            if symbol in table.symbols:
                yield replace(fault, symbol=symbol)


def _lacking(
    bars: Bars, gifts: Sequence[_Gift], symbols: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for gift in gifts:
        said = gift.tables[bars]().lacking if bars in gift.tables else {}
        yield from ((s, text) for s, text in said.items() if s not in symbols)
        for symbol in gift.symbols:
            if symbol not in symbols and symbol not in said:
                had = [BARS_SAID[b] for b, t in gift.tables.items() if symbol in t().symbols]
                yield (
                    symbol,
                    say(
                        "{symbol} has no {bars} prices in {source}, only {had}; use --bars auto or "
                        "monthly",
                        symbol=symbol,
                        bars=BARS_SAID[bars],
                        source=gift.name,
                        had=say_both(had),
                    ),
                )


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
                say(
                    "{source}: its monthly bars stand more than {n} weekdays before the month ends "
                    "of the other sources; date them at month ends, or leave a source out",
                    source=name,
                    n=OLDEST,
                )
            )
        piece[places[name][fresh]] = table.closes[fresh]
        pieces.append(piece)
    return dates, np.column_stack(pieces)


def _cut(table: PriceTable, helpers: Collection[str]) -> PriceTable:
    """End the table where the first source ends that has something which still trades."""
    ends: dict[str, date] = {}
    for symbol in table.symbols:
        if symbol not in table.ended and symbol not in helpers:
            name = table.sources[symbol]
            end = table.last(symbol)
            ends[name] = max(end, ends.get(name, end))
    name = min(ends, key=lambda name: ends[name], default="")
    if not name or ends[name] == to_date(table.dates[-1]):
        return table
    last = ends[name]
    text = say("all prices are cut on {last}, where those of {source} end", last=last, source=name)
    said = Note("data", "", text)
    return replace(table.until(last), warnings=(*table.warnings, said))
