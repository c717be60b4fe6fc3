"""Prices from the user's own files: one wide table, or a folder of one CSV a symbol."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from data.arrays import Days, Floats, Series, align, month_lasts
from data.catalog import is_symbol
from data.checks.table import passed
from data.errors import BadFolder, BadPrices, printable
from data.files import freeze
from data.files.csv_table import RATES, Columns, read_wide, read_yahoo_style
from data.notes import Note
from data.options import Dialect, Options, Tables
from data.prices import PriceTable
from data.rates import Cpi, cash_index
from data.resolution import recognise
from data.splices import with_own

_MOST_FILES = 1000


def tables(path: Path, options: Options) -> Tables:
    """Return the loaders of a file, a folder or a freeze, read at once; raises BadInput."""
    if freeze.is_freeze(path):
        return {bars: _constant(table) for bars, table in freeze.read(path).items()}
    table = with_own(passed(load(path, options.dialect)), options.own)
    return {table.bars: lambda: table}


def unchecked(path: Path, options: Options) -> Sequence[PriceTable]:
    """Return the tables of a file, a folder or a freeze as they are; raises BadInput."""
    if freeze.is_freeze(path):
        return list(freeze.read(path).values())
    return [load(path, options.dialect)]


def load(path: Path, dialect: Dialect) -> PriceTable:
    """Read a CSV, a Parquet file or a folder of CSVs into one table; raises BadInput."""
    if path.is_symlink():
        raise BadPrices(
            f"{printable(str(path), 200)} is a symbolic link; name the file or folder it points to"
        )
    if path.is_dir():
        return _table(*_folder(path, dialect))
    if not path.exists():
        raise BadPrices(f"no file or folder {printable(str(path), 200)}; check the path")
    suffix = path.suffix.casefold()
    if suffix == ".parquet":
        from data.files.parquet import read_parquet

        return _table(path.name, *_wide(read_parquet(path)))
    if suffix in {".csv", ".txt", ".tsv"}:
        return _table(path.name, *_wide(read_wide(path, dialect)))
    raise BadPrices(f"{printable(path.name)} is neither .csv nor .parquet; rename or convert it")


def _constant(table: PriceTable) -> Callable[[], PriceTable]:
    return lambda: table


def _wide(columns: Columns) -> tuple[Days, tuple[str, ...], Floats]:
    return columns.dates, columns.names, columns.values


def _folder(path: Path, dialect: Dialect) -> tuple[str, Days, tuple[str, ...], Floats]:
    """Read every SYMBOL.csv of a folder; other names are left alone, links are refused."""
    try:
        found = sorted(p for p in path.iterdir() if p.suffix.casefold() == ".csv")
    except OSError as error:
        raise BadFolder(f"cannot read {printable(str(path), 200)}: {error.strerror}") from error
    found = [p for p in found if not p.name.startswith(".")]
    if not found:
        raise BadFolder(
            f"{printable(str(path), 200)} holds no .csv file; put one SYMBOL.csv a symbol"
        )
    if len(found) > _MOST_FILES:
        raise BadFolder(
            f"{printable(str(path), 200)} holds {len(found)} .csv files, over {_MOST_FILES}"
        )
    return path.name, *align([_one(p, dialect) for p in found])


def _one(path: Path, dialect: Dialect) -> Series:
    if not is_symbol(path.stem):
        raise BadPrices(
            f"{printable(path.name)}: {printable(path.stem, 30)!r} is not a symbol; "
            "name the file after its symbol, like SPY.csv or ^IXIC.csv"
        )
    read = read_yahoo_style(path, path.stem, dialect, ("Adj Close",))
    return Series(path.stem, read.dates, read.values[:, 0])


def _table(name: str, dates: Days, names: Sequence[str], values: Floats) -> PriceTable:
    """Turn columns into a table: rates leave, CASH is accrued from TBILL, the bars are said."""
    name = printable(name)
    symbols = [s for s in names if s not in RATES]
    rates = {s: values[:, names.index(s)] for s in names if s in RATES}
    closes = values[:, [names.index(s) for s in symbols]]
    _check_columns(name, [*symbols, *rates], np.column_stack([closes, *rates.values()]))
    bars = recognise(name, dates)
    table = PriceTable(
        dates, tuple(symbols), closes, bars, "file",
        cpi=_cpi(dates, rates["CPI"]) if "CPI" in rates else None,
        warnings=(Note("resolution", "", f"{name}: {bars} bars, recognised from its dates"),),
    )  # fmt: skip
    if "TBILL" in rates:
        table = _with_cash(name, table, rates["TBILL"])
    if not table.symbols:
        raise BadPrices(f"{name} holds no symbol beside {', '.join(rates)}; add a column of prices")
    return table


def _check_columns(name: str, names: Sequence[str], values: Floats) -> None:
    for column, symbol in enumerate(names):
        if not np.isfinite(values[:, column]).any():
            raise BadPrices(f"{name}: the column {symbol} has no figure; leave it out")


def _with_cash(name: str, table: PriceTable, yields: Floats) -> PriceTable:
    if "CASH" in table.symbols:
        raise BadPrices(f"{name} holds both CASH and TBILL; keep one of the two columns")
    known = np.isfinite(yields)
    cash = cash_index(table.dates, table.dates[known], yields[known])
    said = Note("data", "CASH", "an index accrued from the TBILL yield of the file")
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
