"""Read a file of prices, or a folder of them, one a symbol or several, whatever wrote them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from data.arrays import Series, align
from data.catalog import as_symbol
from data.errors import BadFolder, BadInput, BadPrices, printable, why
from data.files.choice import Ask
from data.files.columns import RATES, Columns
from data.files.csv_table import read_lines
from data.files.header import find, split
from data.files.presets import symbol_of_cell, symbol_of_file
from data.files.raw import file_lines
from data.language import say
from data.options import Options
from data.splices import Own

_MOST_FILES = 1000
_READERS = frozenset({".csv", ".txt", ".tsv", ".xlsx"})
# What a series is called that no name, no column and no request gives one.
_UNNAMED = "SERIES"


def read_export(path: Path, options: Options, wanted: frozenset[str]) -> Columns:
    """Read the `wanted` symbols (none: all) of a file or a folder; raises BadInput.

    There are no rows where a folder has none of them and another source stands beside it.
    """
    if path.is_dir():
        return _folder(path, options, wanted)
    if not path.exists():
        raise BadPrices(
            say("no file or folder {path}; check the path", path=printable(str(path), 200))
        )
    ask, only = _ask(path, options, wanted), asked_alone(options)
    ask = replace(ask, only=only, symbol=ask.symbol or only or _UNNAMED)
    if path.suffix.casefold() == ".parquet":
        from data.files.parquet import read_parquet

        return read_parquet(path, ask)
    if path.suffix.casefold() not in _READERS:
        raise BadPrices(
            say(
                "{file} is neither .csv, .txt, .tsv, .xlsx nor .parquet; rename or convert it",
                file=printable(path.name),
            )
        )
    return _read(path, ask)


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


def _folder(path: Path, options: Options, wanted: frozenset[str]) -> Columns:
    """Read every wanted file of a folder, one a symbol or several; links are refused."""
    found = _files(path)
    asks = {file: _ask(file, options, wanted) for file in found}
    kept = _kept(found, asks, wanted)
    if not kept and not options.beside:
        kept = found[:1]
    read: list[Columns] = []
    for done, file in enumerate(kept):
        options.told(say("reading {file}", file=printable(file.name)), done, len(kept))
        read.append(_read(file, asks[file]))
    _check_owners(kept, read)
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


def _check_owners(files: Sequence[Path], read: Sequence[Columns]) -> None:
    """Refuse a file that names no symbol, and two that hold the same one."""
    owner: dict[str, Path] = {}
    for file, columns in zip(files, read, strict=True):
        for name in columns.names:
            if not name:
                raise BadPrices(
                    say(
                        "{file}: {name!r} is not a symbol; name the file after its symbol, like "
                        "SPY.csv or ^IXIC.csv, or declare it: [symbol.NAME] file = {file!r}",
                        file=printable(file.name),
                        name=printable(file.stem, 30),
                    )
                )
            if name in owner:
                one, two = (printable(each.name) for each in (owner[name], file))
                raise BadPrices(
                    say(
                        "{one} and {other} both hold {symbol}; keep one, or declare file = ...",
                        one=one,
                        other=two,
                        symbol=name,
                    )
                )
            owner[name] = file


def _files(path: Path) -> list[Path]:
    """List what may be prices in a folder; a text is one only where its first line names a date."""
    where = printable(str(path), 200)
    try:
        found = sorted(p for p in path.iterdir() if p.suffix.casefold() in _READERS)
    except OSError as error:
        raise BadFolder(say("cannot read {path}: {why}", path=where, why=why(error))) from error
    found = [p for p in found if not p.name.startswith(".")]
    if len(found) > _MOST_FILES:
        raise BadFolder(
            say(
                "{folder} holds {n} .csv files, over {most}",
                folder=where,
                n=len(found),
                most=_MOST_FILES,
            )
        )
    found = [p for p in found if p.suffix.casefold() != ".txt" or _names_in(p) is not None]
    if not found:
        raise BadFolder(
            say("{folder} holds no .csv file; put one SYMBOL.csv a symbol", folder=where)
        )
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
