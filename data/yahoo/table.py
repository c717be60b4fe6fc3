"""The price table of Yahoo's prices: fetched, checked, spliced; what is not Yahoo's says so.

Parts are chained by returns on the last session of 2007, as in the snapshot, or, where they have no
common price on that day, on the first that they share.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np

from data import snapshot
from data.arrays import Days, Floats, Series, align, to_date
from data.catalog import CATALOG, EMBEDDED
from data.errors import BadPlan, FetchFailed
from data.language import say, say_each
from data.notes import Note, of
from data.options import Options, Tables
from data.prices import Part, PriceTable
from data.quotes import Quote
from data.rates import bond_equivalent, cash_index
from data.sessions import NEW_YORKS
from data.splices import Line, splice, with_ends
from data.yahoo.answer import UnknownTicker
from data.yahoo.collect import Collected, fetcher
from data.yahoo.history import History
from data.yahoo.history_checks import jumps
from data.yahoo.recipes import CASH, Menu, Recipe, from_snapshot, menu

_JOIN = np.datetime64("2007-12-31")


def tables(options: Options) -> Tables:
    """Return the loader of daily prices, by resolution."""
    return {"daily": partial(load, options)}


def load(options: Options) -> PriceTable:
    """Return daily prices of the symbols asked for; raises FetchFailed or BadInput.

    Offline, what was never kept is taken from the snapshot, with a note. What Yahoo does not carry
    is left to a source beside it.
    """
    wanted = menu(options.symbols, options.own)
    got = fetcher(options).collect(wanted.tickers, options.told)
    if options.beside:
        known = {t: e for t, e in got.failures.items() if not isinstance(e, UnknownTicker)}
        wanted, got = replace(wanted, named=frozenset()), replace(got, failures=known)
    got.raise_failures()
    return with_ends(table(wanted, got, options.offline), options.own)


@dataclass(frozen=True)
class _Column:
    """A finished series, and what must stand beside it."""

    recipe: Recipe
    values: Floats
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]


def table(wanted: Menu, got: Collected, offline: bool = False) -> PriceTable:
    """Assemble the table; `wanted` symbols that neither Yahoo nor the snapshot has are left out."""
    served = [_served(r, got, r.symbol in wanted.named) for r in wanted.recipes]
    recipes = [r for r in served if r.parts or r.stand_in]
    # Bills alone have no prices beside them to take their days from.
    bills = [Series(h.ticker, h.dates, h.close) for h in got.histories.values()]
    dates, names, closes = align(_ingredients(recipes, got) or bills)
    lines = {name: Line(name, closes[:, i]) for i, name in enumerate(names)}
    columns = [_column(r, dates, lines, got) for r in recipes]
    whole = PriceTable(
        dates,
        tuple(c.recipe.symbol for c in columns),
        np.column_stack([c.values for c in columns]),
        "daily",
        "yahoo",
        listed={c.recipe.symbol: c.recipe.listed for c in columns if c.recipe.listed},
        ended={c.recipe.symbol: c.recipe.ended for c in columns if c.recipe.ended},
        notes={c.recipe.symbol: c.notes for c in columns if c.notes},
        parts={c.recipe.symbol: c.parts for c in columns},
        cpi=snapshot.cpi(),
        currency="USD",
        quoted={r.symbol: quote for r in recipes if (quote := _quote(r, got)).unit != "USD"},
        exchanges={r.symbol: p for r in recipes if (p := _exchange(r, got)) != NEW_YORKS},
        warnings=(*(Note("data", "", t) for t in got.notes), *_offline_notes(got, offline)),
    )
    return _cut(whole, {s.symbol for s, r in zip(served, wanted.recipes, strict=True) if s != r})


def _quote(recipe: Recipe, got: Collected) -> Quote:
    """Return what a symbol's tickers are quoted in; raises BadPlan where they differ."""
    units = {t: got.histories[t].unit for t in recipe.tickers}
    units |= {EMBEDDED: "USD"} if EMBEDDED in recipe.parts else {}
    if len({*units.values()}) > 1:
        said = [
            say("{symbol} in {unit}", symbol=ticker, unit=unit) for ticker, unit in units.items()
        ]
        raise BadPlan(
            say(
                "{symbol}: Yahoo quotes its parts differently: {units}; freeze them apart and "
                "chain them out of the freezes",
                symbol=recipe.symbol,
                units=say_each(said),
            )
        )
    return Quote(next(iter(units.values()), "USD"))


def _exchange(recipe: Recipe, got: Collected) -> str:
    """Return the calendar of a symbol's newest ticker."""
    return got.histories[recipe.tickers[-1]].place.exchange if recipe.tickers else NEW_YORKS


def _served(recipe: Recipe, got: Collected, named: bool) -> Recipe:
    """Return the recipe, or that of the snapshot's series where a ticker was not kept offline."""
    absent = [t for t in recipe.tickers if t not in got.histories]
    if not absent:
        return recipe
    if not recipe.stand_in and named:
        raise FetchFailed(
            say(
                "{symbol}: no kept copy of {tickers}, and the embedded snapshot has no daily "
                "prices of it; run dca data fetch with a network",
                symbol=recipe.symbol,
                tickers=say_each(absent),
            )
        )
    if not recipe.stand_in:
        return replace(recipe, parts=())
    text = say(
        "no kept copy of {tickers}: prices of the embedded snapshot", tickers=say_each(absent)
    )
    return from_snapshot(CATALOG[recipe.symbol], text)


def _ingredients(recipes: Sequence[Recipe], got: Collected) -> list[Series]:
    """Return every series that is spliced or taken whole, under its ticker or its own key."""
    found = {}
    for recipe in recipes:
        for ticker in recipe.tickers:
            history = got.histories[ticker]
            if not history.is_rate:
                found[ticker] = Series(ticker, history.dates, history.adj_close)
        if EMBEDDED in recipe.parts or not recipe.parts:
            found[_key(recipe)] = _embedded(recipe)
    return list(found.values())


def _key(recipe: Recipe) -> str:
    return f"embedded {recipe.symbol}"


def _embedded(recipe: Recipe) -> Series:
    """Take a symbol's series from the snapshot: its first part, or all of it."""
    known = snapshot.load("daily")
    values = known.column(recipe.symbol)
    last = known.parts[recipe.symbol][0 if recipe.parts else -1].last
    inside = np.isfinite(values) & (known.dates <= np.datetime64(last))
    return Series(_key(recipe), known.dates[inside], values[inside])


def _column(recipe: Recipe, dates: Days, lines: dict[str, Line], got: Collected) -> _Column:
    if not recipe.parts:
        values = lines[_key(recipe)].values
        return _Column(recipe, values, snapshot.load("daily").parts[recipe.symbol], recipe.notes)
    notes = (*recipe.notes, *_said_by_checks(recipe, got))
    if recipe.symbol == CASH and recipe.tickers:
        cash, part = _cash(got.histories[recipe.tickers[0]], dates)
        return _Column(recipe, cash, (part,), notes)
    chosen = [lines[_key(recipe) if p == EMBEDDED else p] for p in recipe.parts]
    values, parts = splice(recipe.symbol, dates, chosen, [_JOIN])
    if recipe.parts[0] == EMBEDDED:
        whole = snapshot.load("daily").parts[recipe.symbol][0]
        parts = (replace(whole, first=parts[0].first, last=parts[0].last), *parts[1:])
    return _Column(recipe, values, parts, notes)


def _cash(history: History, dates: Days) -> tuple[Floats, Part]:
    """Accrue T-bills from the daily yield of the 13-week bill, quoted as a bank discount."""
    cash = cash_index(dates, history.dates, bond_equivalent(history.close))
    return cash, Part(history.ticker, history.first, to_date(dates[-1]))


def _said_by_checks(recipe: Recipe, got: Collected) -> Iterator[Note]:
    """Return what the checks said of a symbol's tickers when they were fetched."""
    for ticker in recipe.tickers:
        history = got.histories[ticker]
        jumped = set() if history.is_rate else {finding.text for finding in jumps(history)}
        for text in history.warnings:
            said = text if ticker == recipe.symbol else of(ticker, text)
            yield Note("jump" if text in jumped else "data", recipe.symbol, said)


def _offline_notes(got: Collected, offline: bool) -> list[Note]:
    if not offline:
        return []
    if not got.histories:
        text = say(
            "offline, and nothing of Yahoo's was kept: all prices are the embedded snapshot's"
        )
        return [Note("stand-in", "", text)]
    oldest = min(h.fetched for h in got.histories.values()).date()
    text = say("offline: kept copies of Yahoo's prices, the oldest fetched on {day}", day=oldest)
    return [Note("data", "", text)]


def _cut(whole: PriceTable, replaced: set[str]) -> PriceTable:
    """End the table where the snapshot does if it stands in for something that still trades."""
    newest = snapshot.load("daily").dates[-1]
    live = [s for s in whole.symbols if s in replaced and np.datetime64(whole.last(s)) == newest]
    last: date = to_date(newest)
    if not live or whole.dates[-1] <= newest:
        return whole
    said = say(
        "all prices are cut on {last}, where the embedded ones of {symbols} end",
        last=last,
        symbols=say_each(live),
    )
    note = Note("stand-in", "", said)
    return replace(whole.until(last), warnings=(*whole.warnings, note))
