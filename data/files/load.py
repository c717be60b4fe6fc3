"""Prices from the user's own files: one wide table, or a folder of one CSV a symbol."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from data import sessions
from data.arrays import Days, Floats, Series, align, month_lasts
from data.catalog import as_symbol, trades_in_new_york
from data.checks.table import passed
from data.errors import BadFolder, BadInput, BadPrices, printable
from data.files import freeze
from data.files.columns import RATES, Columns
from data.files.csv_table import read_lines
from data.files.declared import declared
from data.files.header import Ask, find, split
from data.files.presets import symbol_of_cell, symbol_of_file
from data.files.raw import file_lines
from data.notes import Note
from data.options import Options, Tables
from data.prices import Bars, PriceTable
from data.quotes import Quote
from data.rates import Cpi, cash_index
from data.resolution import at_period_ends, recognise
from data.splices import Own, with_ends, with_own

_MOST_FILES = 1000
_READERS = frozenset({".csv", ".txt", ".tsv", ".xlsx"})
# What a series is called that no name, no column and no request gives one.
_UNNAMED = "SERIES"


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
            f"{printable(str(path), 200)} is a symbolic link; name the file or folder it points to"
        )
    if path.is_dir():
        read = _folder(path, options, frozenset(wanted))
        if not len(read.dates):
            # Another source stands beside it that has what is wanted.
            return PriceTable(read.dates, (), read.values, "daily", "file", unread=read.unread)
        return as_table(read)
    if not path.exists():
        raise BadPrices(f"no file or folder {printable(str(path), 200)}; check the path")
    ask, only = _ask(path, options, frozenset(wanted)), asked_alone(options)
    ask = replace(ask, only=only, symbol=ask.symbol or only or _UNNAMED)
    if path.suffix.casefold() == ".parquet":
        from data.files.parquet import read_parquet

        return as_table(read_parquet(path, ask))
    if path.suffix.casefold() not in _READERS:
        raise BadPrices(
            f"{printable(path.name)} is neither .csv, .txt, .tsv, .xlsx nor .parquet; rename or "
            "convert it"
        )
    return as_table(_read(path, ask))


def asked_alone(options: Options) -> str:
    """Return the only symbol that a source is asked for, which one series may serve, or nothing."""
    held = {*options.symbols} - {"CASH", *RATES}
    only = held.pop() if len(held) == 1 and not options.beside else ""
    return "" if only in options.own and options.own[only].parts else only


def _ask(path: Path, options: Options, wanted: frozenset[str]) -> Ask:
    """Say how one file is read, and what a person declared of it."""
    own = {s: o for s, o in options.own.items() if o.file in ("", path.name)}
    whole = next((s for s, o in own.items() if o.file and not o.column), "")
    return Ask(
        options.dialect,
        wanted,
        whole or symbol_of_file(path.stem),
        stated=bool(whole),
        price_column=options.price_column or "",
        columns=columns_of(own),
        told=options.told,
    )


def columns_of(own: Own) -> dict[str, str]:
    """Return the symbols that are declared of columns, by the columns' names in small letters."""
    return {one.column.casefold(): symbol for symbol, one in own.items() if one.column}


def _read(path: Path, ask: Ask) -> Columns:
    return read_lines(printable(path.name), _lines(path), ask)


def _lines(path: Path) -> Sequence[bytes]:
    if path.suffix.casefold() != ".xlsx":
        return file_lines(path)
    from data.files.workbook import workbook_lines

    return workbook_lines(path)


def _constant(table: PriceTable) -> Callable[[], PriceTable]:
    return lambda: table


def _folder(path: Path, options: Options, wanted: frozenset[str]) -> Columns:
    """Read every wanted file of a folder, one a symbol or several; links are refused."""
    found = _files(path)
    asks = {file: _ask(file, options, wanted) for file in found}
    kept = _kept(found, asks, wanted)
    if not kept and not options.beside:
        kept = found[:1]
    read: list[Columns] = []
    for done, file in enumerate(kept):
        options.told(f"reading {printable(file.name)}", done, len(kept))
        read.append(_read(file, asks[file]))
    owner: dict[str, Path] = {}
    for file, columns in zip(kept, read, strict=True):
        for name in columns.names:
            if not name:
                raise BadPrices(
                    f"{printable(file.name)}: {printable(file.stem, 30)!r} is not a symbol; name "
                    "the file after its symbol, like SPY.csv or ^IXIC.csv, or declare it: "
                    f"[symbol.NAME] file = {printable(file.name)!r}"
                )
            if name in owner:
                one, two = (printable(each.name) for each in (owner[name], file))
                raise BadPrices(
                    f"{one} and {two} both hold {name}; keep one, or declare file = ..."
                )
            owner[name] = file
    series = [Series(n, each.dates, each.column(n)) for each in read for n in each.names]
    unread = [asks[file].symbol or file.stem for file in found if file not in kept]
    unread += [symbol for each in read for symbol in each.unread]
    if not read:
        none = np.empty(0, dtype="datetime64[D]")
        return Columns(printable(path.name), none, (), np.empty((0, 0)), tuple(unread))
    if not series:
        return replace(read[0], file=printable(path.name), unread=tuple(unread))
    notes = tuple(note for each in read for note in each.notes)
    return Columns(printable(path.name), *align(series), tuple(unread), notes)


def _files(path: Path) -> list[Path]:
    """List what may be prices in a folder; a text is one only where its first line names a date."""
    where = printable(str(path), 200)
    try:
        found = sorted(p for p in path.iterdir() if p.suffix.casefold() in _READERS)
    except OSError as error:
        raise BadFolder(f"cannot read {where}: {error.strerror}") from error
    found = [p for p in found if not p.name.startswith(".")]
    if len(found) > _MOST_FILES:
        raise BadFolder(f"{where} holds {len(found)} .csv files, over {_MOST_FILES}")
    found = [p for p in found if p.suffix.casefold() != ".txt" or _names_in(p) is not None]
    if not found:
        raise BadFolder(f"{where} holds no .csv file; put one SYMBOL.csv a symbol")
    return found


def _kept(
    found: Sequence[Path], asks: Mapping[Path, Ask], wanted: frozenset[str]
) -> Sequence[Path]:
    """Keep the files that are called after what is wanted, or else have it among their columns."""
    if not wanted:
        return found
    by_name = {file: {asks[file].symbol, *asks[file].columns.values()} for file in found}
    kept = [file for file in found if by_name[file] & {*wanted, *RATES}]
    missing = wanted - {"CASH"} - {name for names in by_name.values() for name in names}
    if missing:
        kept += [p for p in found if p not in kept and missing & (_names_in(p) or set())]
    return kept


def _names_in(path: Path) -> set[str] | None:
    """Return what the header of a file names, and its first row; None where it is no table."""
    try:
        lines = _lines(path)
        header = find(printable(path.name), lines)
    except BadInput:
        return None
    row = split(next(iter(lines[header.below :]), b""), header.separator) or []
    return {as_symbol(cell) for cell in (*header.names, *header.owners)} | {
        symbol_of_cell(cell) for cell in row
    }


def as_table(read: Columns) -> PriceTable:
    """Turn columns into a table: rates leave, CASH is accrued from TBILL, the bars are said."""
    _check_columns(read)
    bars = recognise(read.file, read.dates)
    said = [f"{read.file}: {bars} bars, recognised from its dates"]
    dated = _dated(read, bars)
    if dated is not read:
        period = "month" if bars == "monthly" else "week"
        said.append(f"bars dated at the start of their {period} are taken for its last session's")
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
        raise BadPrices(f"{read.file}: the column {column} has no price; leave it out")
    if not {*read.names, *read.unread} - {*RATES}:
        found = ", ".join(read.names)
        raise BadPrices(f"{read.file} holds no symbol beside {found}; add a column of prices")


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
        raise BadPrices(f"{read.file} holds both CASH and TBILL; keep one of the two columns")
    yields = read.column("TBILL")
    known = np.isfinite(yields)
    cash = cash_index(table.dates, read.dates[known], yields[known])
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
