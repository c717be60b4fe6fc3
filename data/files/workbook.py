"""Read an Excel workbook's sheet of prices as lines of text; needs the optional openpyxl."""

import warnings
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from data.errors import BadInput, BadPrices, one_line, printable
from data.files.header import find
from data.files.raw import file_bytes, unpacks
from data.language import say, say_each

# A workbook can be small and what it unpacks to enormous.
_MOST_BYTES, _MOST_ROWS, _MOST_COLUMNS = 200_000_000, 200_000, 2_000
# What openpyxl lets through of a file that is no sound workbook.
_UNSOUND = (
    BadZipFile, zlib.error, OSError, KeyError, ValueError, TypeError, IndexError, AttributeError,
    SyntaxError, EOFError, NotImplementedError, RuntimeError, OverflowError, AssertionError,
)  # fmt: skip


def workbook_lines(path: Path) -> Sequence[bytes]:
    """Return the only sheet that is a table of dates, its cells parted by tabs.

    Raises BadPrices for none or several, and BadInput without the package.
    """
    name, raw = printable(path.name), file_bytes(path)
    try:
        import openpyxl
    except ImportError as error:
        raise BadInput(
            say(
                "{file}: workbooks need the package openpyxl; install the extra [excel] or save "
                "the table as CSV",
                file=name,
            )
        ) from error
    try:
        _check_size(name, raw)
        # It warns of styles that it does not know.
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(BytesIO(raw), True, data_only=True, keep_links=False)
            sheets = {sheet.title: _lines(name, sheet) for sheet in book.worksheets}
    except _UNSOUND as error:
        raise BadPrices(
            say("{file} is not a sound workbook: {why}", file=name, why=one_line(error))
        ) from error
    tables = {title: lines for title, lines in sheets.items() if _is_table(name, lines)}
    if len(tables) > 1:
        titles = say_each([printable(title, 30) for title in tables])
        raise BadPrices(
            say("{file} has several sheets of dates: {sheets}; keep one", file=name, sheets=titles)
        )
    # Without any, the first sheet's own fault is told.
    return next(iter((tables or sheets).values()), [])


def _check_size(name: str, raw: bytes) -> None:
    with ZipFile(BytesIO(raw)) as archive:
        size = sum(about.file_size for about in archive.infolist())
    if size > _MOST_BYTES:
        raise BadPrices(unpacks(name, size, _MOST_BYTES))


def _lines(name: str, sheet: Any) -> list[bytes]:
    rows: list[bytes] = []
    for row in sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS):
        if len(rows) == _MOST_ROWS:
            raise BadPrices(say("{file} has over {n:,} rows; split it", file=name, n=_MOST_ROWS))
        rows.append("\t".join(map(_cell, row)).encode(errors="replace"))
    width = max((len(row.rstrip(b"\t").split(b"\t")) for row in rows), default=0)
    return [b"\t".join(row.split(b"\t")[:width]) for row in rows]


def _cell(value: Any) -> str:
    """Write a cell so that it has one reading: days as ISO dates, numbers with four decimals."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        text = repr(float(value))
        whole, point, decimals = text.partition(".")
        return f"{whole}.{decimals}0" if point and len(decimals) == 3 else text
    return " ".join(str(value).replace('"', "").split())


def _is_table(name: str, lines: Sequence[bytes]) -> bool:
    try:
        return find(name, lines).below < len(lines)
    except BadPrices:
        return False
