"""The embedded prices: real ones, 1994-12 to 2026-09, with sources in SOURCES.md."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files

import numpy as np

from data.arrays import Days, Floats, chain, to_date
from data.catalog import CATALOG, Asset
from data.errors import BadPrices
from data.options import Options, Tables
from data.prices import Bars, Part, PriceTable
from data.rates import Cpi, bond_equivalent, cash_index
from data.splices import Own, with_own

_OLD = {"daily": ("daily_1996_2007",), "monthly": ("monthly_1994_2013",)}
_NEW = {"daily": ("daily_2007_2022", "daily_2022_2026"), "monthly": ("monthly_2012_2026",)}
_JOIN = {"daily": np.datetime64("2007-12-31"), "monthly": np.datetime64("2012-12-31")}
# Columns whose name alone does not say what they are.
_SAID = {
    "GOLD": "a gold spot index (no costs, at New York's close; against the metal about 0.9 % a "
    "year too good to 2002, 0.9 % too poor from 2003 to 2012)",
    "REIT": "VGSIX (from 2004-12 VNQ)",
    "TBILL": "an index accrued from 3-month T-bill yields",
}


@dataclass(frozen=True)
class _Raw:
    """A table as embedded: dates (rows,), names, values (rows, names) with NaN for empty cells."""

    dates: Days
    names: tuple[str, ...]
    values: Floats

    def column(self, name: str) -> Floats:
        return self.values[:, self.names.index(name)]


def tables(options: Options) -> Tables:
    """Return the loaders of the snapshot with the user's own symbols."""
    return {bars: partial(_with_own, bars, options.own) for bars in ("daily", "monthly")}


def _with_own(bars: Bars, own: Own) -> PriceTable:
    return with_own(load(bars), own)


@cache
def load(bars: Bars = "daily") -> PriceTable:
    """Return every catalogued series of the snapshot on `daily` or `monthly` bars."""
    if bars not in _OLD:
        raise BadPrices(f"the snapshot has no {bars} bars; use daily or monthly")
    old, new = _stack(_OLD[bars]), _stack(_NEW[bars])
    dates = np.union1d(old.dates, new.dates)
    series: dict[str, Floats] = {}
    parts: dict[str, tuple[Part, ...]] = {}
    for asset in CATALOG.values():
        columns = asset.daily if bars == "daily" else asset.monthly
        if columns:
            series[asset.symbol] = _series(columns, dates, old, new, _JOIN[bars])
            parts[asset.symbol] = _parts(columns, dates, series[asset.symbol], _JOIN[bars])
    series["CASH"] = cash_index(dates, *_bill_yields())
    parts["CASH"] = (_span("TBILL", dates, series["CASH"]),)
    return _table(bars, dates, series, parts)


def cpi() -> Cpi:
    """Return US consumer prices, both spans on the base of the first."""
    old, new = _read("monthly_1994_2013"), _read("monthly_2012_2026")
    dates = np.union1d(old.dates, new.dates)
    join = int(np.searchsorted(dates, _JOIN["monthly"]))
    levels = chain(
        _on(dates, old, "CPI"),
        _on(dates, new, "CPIAUCNS"),
        join,
    )
    return Cpi(dates.astype("datetime64[M]"), levels)


def _table(
    bars: Bars, dates: Days, series: dict[str, Floats], parts: dict[str, tuple[Part, ...]]
) -> PriceTable:
    assets: Sequence[Asset] = [CATALOG[s] for s in series]
    return PriceTable(
        dates,
        tuple(series),
        np.column_stack(list(series.values())),
        bars,
        "snapshot",
        listed={a.symbol: a.listed for a in assets if a.listed},
        ended={a.symbol: a.ended for a in assets if a.ended},
        notes={a.symbol: a.said(a.note) for a in assets if a.note},
        parts=parts,
        cpi=cpi(),
    )


def _series(
    columns: tuple[str, ...], dates: Days, old: _Raw, new: _Raw, join: np.datetime64
) -> Floats:
    at = int(np.searchsorted(dates, join))
    if len(columns) == 2:
        return chain(_on(dates, old, columns[0]), _on(dates, new, columns[1]), at)
    return _on(dates, old if columns[0] in old.names else new, columns[0])


def _parts(
    columns: tuple[str, ...], dates: Days, series: Floats, join: np.datetime64
) -> tuple[Part, ...]:
    if len(columns) == 1 or columns[0] == columns[1]:
        return (_span(columns[0], dates, series),)
    early = np.where(dates <= join, series, np.nan)
    late = np.where(dates >= join, series, np.nan)
    return _span(columns[0], dates, early), _span(columns[1], dates, late)


def _span(name: str, dates: Days, series: Floats) -> Part:
    priced = dates[np.isfinite(series)]
    said = _SAID.get(name, name)
    return Part(said, to_date(priced[0]), to_date(priced[-1]), no_costs=name == "GOLD")


def _bill_yields() -> tuple[Days, Floats]:
    """Month-end dates and bond-equivalent yields in percent: TB3M to 2012-12, then IRX."""
    old, new = _read("monthly_1994_2013"), _read("monthly_2012_2026")
    early, late = old.dates <= _JOIN["monthly"], new.dates > _JOIN["monthly"]
    yields = [old.column("TB3M")[early], bond_equivalent(new.column("IRX")[late])]
    return np.concatenate([old.dates[early], new.dates[late]]), np.concatenate(yields)


def _on(dates: Days, raw: _Raw, name: str) -> Floats:
    values = np.full(len(dates), np.nan)
    values[np.searchsorted(dates, raw.dates)] = raw.column(name)
    return values


def _stack(names: tuple[str, ...]) -> _Raw:
    """Join tables that continue each other on one level; a column missing in one is NaN there."""
    tables = [_read(name) for name in names]
    columns = tuple(dict.fromkeys(c for t in tables for c in t.names))
    blocks = [
        np.column_stack(
            [t.column(c) if c in t.names else np.full(len(t.dates), np.nan) for c in columns]
        )
        for t in tables
    ]
    return _Raw(np.concatenate([t.dates for t in tables]), columns, np.concatenate(blocks))


@cache
def _read(name: str) -> _Raw:
    folder = files(__package__)
    text = gzip.decompress((folder / f"{name}.csv.gz").read_bytes())
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    if f"{sha256(text).hexdigest()}  {name}.csv" not in sums:
        raise BadPrices(f"the embedded table {name}.csv is damaged; install the package again")
    header, *lines = text.decode("ascii").split()
    rows = [line.split(",") for line in lines]
    values = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    dates = np.array([row[0] for row in rows], dtype="datetime64[D]")
    return _Raw(dates, tuple(header.split(",")[1:]), values)
