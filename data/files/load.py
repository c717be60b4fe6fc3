"""Prices from the user's own files, as a checked table."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from data import sessions
from data.arrays import Days, Floats, month_lasts
from data.catalog import trades_in_new_york
from data.checks.table import passed
from data.errors import BadPrices, printable
from data.files import freeze
from data.files.columns import RATES, Columns
from data.files.declared import declared
from data.files.exports import read_export
from data.language import say, say_each
from data.notes import Note
from data.options import Options, Tables
from data.prices import BARS_SAID, Bars, PriceTable
from data.quotes import Quote
from data.rates import Cpi, cash_index
from data.resolution import at_period_ends, recognise
from data.splices import Own, with_ends, with_own

_MONTHS_DATED = say("bars dated at the start of their month are taken for its last session's")
_WEEKS_DATED = say("bars dated at the start of their week are taken for its last session's")


def tables(path: Path, options: Options) -> Tables:
    """Return the loaders of a file, a folder or a freeze, read at once; raises BadInput."""
    if freeze.is_freeze(path):
        return {bars: _constant(table) for bars, table in freeze.read(path).items()}
    own = _own(path, options)
    read = load(path, replace(options, own=own))
    told = {s: o for s, o in own.items() if s in options.own or o.parts or s in read.symbols}
    table = checked(read, told, options)
    return {table.bars: _constant(table)} if len(table.dates) else {}


def checked(read: PriceTable, own: Own, options: Options) -> PriceTable:
    """Return a table as it was read, checked, with the symbols a user declares."""
    quoted = {s: Quote(o.currency, o.rate) for s, o in own.items() if o.currency or o.rate}
    read = replace(read, quoted={s: q for s, q in quoted.items() if s in read.symbols})
    found = passed(with_ends(read, own), accepted=options.accept_jumps)
    return with_own(found, own, options.beside)


def unchecked(path: Path, options: Options) -> Sequence[PriceTable]:
    """Return the tables of a file, a folder or a freeze as they are; raises BadInput."""
    if freeze.is_freeze(path):
        return list(freeze.read(path).values())
    return [load(path, replace(options, own=_own(path, options)))]


def _own(path: Path, options: Options) -> Own:
    """Return what is declared beside the files, and by the user, who wins."""
    return {**declared(path if path.is_dir() else path.parent), **options.own}


def load(path: Path, options: Options) -> PriceTable:
    """Read a CSV, a Parquet file or a folder of CSVs into one table; raises BadInput.

    Of a source with the symbols asked for only these are read, and what CASH is made of.
    """
    wanted = {*options.symbols, *(p for own in options.own.values() for p in own.parts)}
    wanted |= {"CASH"} if wanted else set()
    if path.is_symlink():
        raise BadPrices(
            say(
                "{path} is a symbolic link; name the file or folder it points to",
                path=printable(str(path), 200),
            )
        )
    read = read_export(path, options, frozenset(wanted))
    if not len(read.dates):
        # Another source stands beside it that has what is wanted.
        return PriceTable(read.dates, (), read.values, "daily", "file", unread=read.unread)
    return as_table(read)


def _constant(table: PriceTable) -> Callable[[], PriceTable]:
    return lambda: table


def as_table(read: Columns) -> PriceTable:
    """Turn columns into a table: rates leave, CASH is accrued from TBILL, the bars are said."""
    _check_columns(read)
    bars = recognise(read.file, read.dates)
    said = [
        say("{file}: {bars} bars, recognised from its dates", file=read.file, bars=BARS_SAID[bars])
    ]
    dated = _dated(read, bars)
    if dated is not read:
        said.append(_MONTHS_DATED if bars == "monthly" else _WEEKS_DATED)
    warnings = tuple(Note("resolution", "", text) for text in said)
    warnings += tuple(note for note in read.notes if not note.symbol)
    table = replace(_of_symbols(dated, bars), warnings=warnings, notes=_by_symbol(read.notes))
    if "CPI" in dated.names:
        table = replace(table, cpi=_cpi(dated.dates, dated.column("CPI")))
    return _with_cash(dated, table) if "TBILL" in dated.names else table


def _by_symbol(notes: Sequence[Note]) -> dict[str, tuple[Note, ...]]:
    symbols = dict.fromkeys(note.symbol for note in notes if note.symbol)
    return {symbol: tuple(n for n in notes if n.symbol == symbol) for symbol in symbols}


def _check_columns(read: Columns) -> None:
    empty = ~np.isfinite(read.values).any(axis=0)
    if empty.any():
        column = read.names[int(np.argmax(empty))]
        raise BadPrices(
            say(
                "{file}: the column {column} has no price; leave it out",
                file=read.file,
                column=column,
            )
        )
    if not {*read.names, *read.unread} - {*RATES}:
        raise BadPrices(
            say(
                "{file} holds no symbol beside {columns}; add a column of prices",
                file=read.file,
                columns=say_each(read.names),
            )
        )


def _of_symbols(read: Columns, bars: Bars) -> PriceTable:
    """Keep the columns that are no rates, and the rows on which one of them has a price."""
    symbols = tuple(s for s in read.names if s not in RATES)
    dates, closes = read.dates, read.values
    if len(symbols) < len(read.names):
        closes = closes[:, [s not in RATES for s in read.names]]
    priced = np.isfinite(closes).any(axis=1)
    if symbols and not priced.all():
        dates, closes = dates[priced], closes[priced]
    return PriceTable(dates, symbols, closes, bars, "file", unread=read.unread)


def _dated(read: Columns, bars: Bars) -> Columns:
    """Date bars at their periods' ends; two rows of one last period become its newest."""
    new_york = all(trades_in_new_york(symbol) for symbol in read.names if symbol not in RATES)
    today = np.datetime64(sessions.now().date())
    dates = at_period_ends(read.dates, bars, today, new_york)
    if dates is None:
        return read
    # numpy's weeks begin on Thursdays, a person's on Mondays.
    days, unit = (dates[-2:] + 3, "W") if bars == "weekly" else (dates[-2:], "M")
    if len(np.unique(days.astype(f"datetime64[{unit}]"))) == 2:
        return replace(read, dates=dates)
    newest = np.where(np.isfinite(read.values[-1]), read.values[-1], read.values[-2])
    over = dates[-2] < today
    dates = np.append(dates[:-2], dates[-2] if over else dates[-1])
    return replace(read, dates=dates, values=np.vstack([read.values[:-2], newest]))


def _with_cash(read: Columns, table: PriceTable) -> PriceTable:
    if "CASH" in table.symbols:
        raise BadPrices(
            say("{file} holds both CASH and TBILL; keep one of the two columns", file=read.file)
        )
    yields = read.column("TBILL")
    known = np.isfinite(yields)
    cash = cash_index(table.dates, read.dates[known], yields[known])
    said = Note("data", "CASH", say("an index accrued from the TBILL yield of the file"))
    return replace(
        table,
        symbols=(*table.symbols, "CASH"),
        closes=np.column_stack([table.closes, cash]),
        notes={**table.notes, "CASH": (said,)},
    )


def _cpi(dates: Days, levels: Floats) -> Cpi:
    """Keep each month's last level."""
    known = np.isfinite(levels)
    months = dates[known].astype("datetime64[M]")
    last = month_lasts(dates[known])
    return Cpi(months[last], levels[known][last])
