"""The embedded prices: real ones, 1994-12 to 2026-09, with sources in SOURCES.md.

A window that begins earlier gets the century: US stocks, bills and consumer prices from 1926-06.
"""

import gzip
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files

import numpy as np

from data.arrays import Days, Floats, chain, to_date
from data.catalog import CATALOG
from data.errors import BadPrices
from data.language import say
from data.options import Options, Tables
from data.prices import BARS_SAID, Bars, Part, PriceTable
from data.rates import Cpi, bond_equivalent, cash_index
from data.splices import with_own

_OLD = {"daily": ("daily_1996_2007",), "monthly": ("monthly_1994_2013",)}
_NEW = {"daily": ("daily_2007_2022", "daily_2022_2026"), "monthly": ("monthly_2012_2026",)}
_JOIN = {"daily": np.datetime64("2007-12-31"), "monthly": np.datetime64("2012-12-31")}
# Month ends before those of _OLD, which they meet at its first bar.
_CENTURY = "monthly_1926_1994"
_BEFORE = {
    "SP500": ("US_STOCKS", say("US stocks, CRSP value-weighted (the whole market, not the index)")),
    "CASH": ("TBILL", say("an index of one-month T-bills")),
}
# Columns whose name alone does not say what they are.
_SAID = {
    "GOLD": say(
        "a gold spot index (no costs, at New York's close; against the metal about 0.9 % a year "
        "too good to 2002, 0.9 % too poor from 2003 to 2012)"
    ),
    "REIT": say("VGSIX (from 2004-12 VNQ)"),
    "TBILL": say("an index accrued from 3-month T-bill yields"),
}


def tables(options: Options) -> Tables:
    """Return the loaders of the snapshot with the user's own symbols."""
    return {bars: partial(_asked, bars, options) for bars in ("daily", "monthly")}


def _asked(bars: Bars, options: Options) -> PriceTable:
    table = load(bars)
    if bars == "monthly" and options.since:
        earlier = np.datetime64(options.since, "M") < table.dates[0].astype("datetime64[M]")
        table = century() if earlier else table
    return with_own(table, options.own, options.beside)


@cache
def load(bars: Bars = "daily") -> PriceTable:
    """Return every catalogued series of the snapshot on `daily` or `monthly` bars."""
    if bars not in _OLD:
        raise BadPrices(
            say("the snapshot has no {bars} bars; use daily or monthly", bars=BARS_SAID[bars])
        )
    dates = np.unique(np.concatenate([_read(name)[0] for name in (*_OLD[bars], *_NEW[bars])]))
    made: dict[str, tuple[Floats, tuple[Part, ...]]] = {}
    for asset in CATALOG.values():
        columns = asset.daily if bars == "daily" else asset.monthly
        if columns:
            made[asset.symbol] = _joined(columns, dates, bars)
    cash = cash_index(dates, *_bill_yields())
    made["CASH"] = cash, (_span("TBILL", dates, cash),)
    assets = [CATALOG[symbol] for symbol in made]
    return PriceTable(
        dates,
        tuple(made),
        np.column_stack([series for series, _ in made.values()]),
        bars,
        "snapshot",
        listed={a.symbol: a.listed for a in assets if a.listed},
        ended={a.symbol: a.ended for a in assets if a.ended},
        notes={a.symbol: a.said(a.note) for a in assets if a.note},
        parts={symbol: parts for symbol, (_, parts) in made.items()},
        cpi=cpi(),
        currency="USD",
        lacking={a.symbol: a.licensed for a in CATALOG.values() if a.licensed},
    )


@cache
def century() -> PriceTable:
    """Return the month ends of `load` and those before them, from 1926-06 on.

    SP500, CASH and consumer prices reach back; no later price changes by a digit.
    """
    table, (days, columns) = load("monthly"), _read(_CENTURY)
    join = int(np.searchsorted(days, table.dates[0]))
    closes, parts = np.full((join, len(table.symbols)), np.nan), dict(table.parts)
    for symbol, (name, said) in _BEFORE.items():
        meets = table.column(symbol)[0] / columns[name][join]
        closes[:, table.symbols.index(symbol)] = columns[name][:join] * meets
        part = Part(said, to_date(days[0]), to_date(days[join]), no_costs=symbol == "SP500")
        parts[symbol] = (part, *parts[symbol])
    later = cpi()
    months = np.concatenate([days[:join].astype("datetime64[M]"), later.months])
    return replace(
        table,
        dates=np.concatenate([days[:join], table.dates]),
        closes=np.vstack([closes, table.closes]),
        parts=parts,
        cpi=Cpi(months, np.concatenate([columns["CPI"][:join], later.levels])),
    )


def forget() -> None:
    """Let whoever loads next read the files anew, so that it shows who does."""
    for kept in (load, century, _read):
        kept.cache_clear()


def cpi() -> Cpi:
    """Return US consumer prices, both spans on the base of the first."""
    dates = np.union1d(*(_read(*names)[0] for names in (_OLD["monthly"], _NEW["monthly"])))
    join = int(np.searchsorted(dates, _JOIN["monthly"]))
    old, new = _on(dates, _OLD["monthly"], "CPI"), _on(dates, _NEW["monthly"], "CPIAUCNS")
    return Cpi(dates.astype("datetime64[M]"), chain(old, new, join))


def _joined(columns: tuple[str, ...], dates: Days, bars: Bars) -> tuple[Floats, tuple[Part, ...]]:
    """Chain a series' old and new column by returns; return also what each gave."""
    first, last = columns[0], columns[-1]
    if len(columns) == 1:
        known = _OLD[bars] if first in _read(_OLD[bars][0])[1] else _NEW[bars]
        series = _on(dates, known, first)
        return series, (_span(first, dates, series),)
    at = int(np.searchsorted(dates, _JOIN[bars]))
    series = chain(_on(dates, _OLD[bars], first), _on(dates, _NEW[bars], last), at)
    if first == last:
        return series, (_span(first, dates, series),)
    spans = slice(None, at + 1), slice(at, None)
    return series, tuple(
        _span(name, dates[span], series[span]) for name, span in zip(columns, spans, strict=True)
    )


def _span(name: str, dates: Days, series: Floats) -> Part:
    priced = dates[np.isfinite(series)]
    said = _SAID.get(name, name)
    return Part(said, to_date(priced[0]), to_date(priced[-1]), no_costs=name == "GOLD")


def _bill_yields() -> tuple[Days, Floats]:
    """Month-end dates and bond-equivalent yields in percent: TB3M to 2012-12, then IRX."""
    old, old_columns = _read(*_OLD["monthly"])
    new, new_columns = _read(*_NEW["monthly"])
    early, late = old <= _JOIN["monthly"], new > _JOIN["monthly"]
    yields = [old_columns["TB3M"][early], bond_equivalent(new_columns["IRX"][late])]
    return np.concatenate([old[early], new[late]]), np.concatenate(yields)


def _on(dates: Days, tables: tuple[str, ...], column: str) -> Floats:
    """Return a column of tables that continue each other on `dates`, NaN where they have none."""
    values = np.full(len(dates), np.nan)
    for days, columns in map(_read, tables):
        if column in columns:
            values[np.searchsorted(dates, days)] = columns[column]
    return values


@cache
def _read(name: str) -> tuple[Days, dict[str, Floats]]:
    """Read a table as embedded: its dates and its columns, NaN for empty cells."""
    header, *lines = embedded_lines(name)
    rows = [line.split(",") for line in lines]
    values = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    dates = np.array([row[0] for row in rows], dtype="datetime64[D]")
    return dates, dict(zip(header.split(",")[1:], values.T, strict=True))


def embedded_lines(name: str) -> list[str]:
    """Return the lines of an embedded table; raises BadPrices where it is not what was embedded."""
    folder = files(__package__)
    text = gzip.decompress((folder / f"{name}.csv.gz").read_bytes())
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    if f"{sha256(text).hexdigest()}  {name}.csv" not in sums:
        raise BadPrices(
            say("the embedded table {name}.csv is damaged; install the package again", name=name)
        )
    return text.decode("ascii").splitlines()
