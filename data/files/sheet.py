"""A text's rows below its header, without what is no price, and what their own cells settle."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import steps
from data.errors import BadPrices, printable
from data.files.cells import bare, currency_shown, day, is_day, is_iso, mark_shown, order_shown
from data.files.choice import Choice
from data.files.columns import on_line
from data.files.header import Header
from data.language import say, say_many
from data.notes import of
from data.options import DateOrder, Decimal, Dialect

Rows = Sequence[tuple[int, bytes]]
# Rows of Yahoo's pages that stand between those of prices.
_EVENTS = (b"ividend", b"DIVIDEND", b"plit", b"SPLIT", b"apital")
_LONGEST_FOOTER = 20
# Neighbouring rows of a table by the day, the week or the month are never so far apart.
_A_HOLE_DAYS = 62
_ORDERS = {
    "mdy": say("dates are read month first"),
    "dmy": say("dates are read day first"),
    "ymd": say("dates are read year first"),
}


@dataclass(frozen=True)
class Sheet:
    """A file's rows below its header, and which of their cells are wanted under which names."""

    header: Header
    choice: Choice
    rows: Rows
    dialect: Dialect

    @property
    def name(self) -> str:
        """The file's."""
        return self.header.file

    def cells(self, line: int, text: bytes) -> list[bytes]:
        """Split a line into its wanted cells, the day first, the keys last; raises BadPrices."""
        cells, width = self.split(line, text), len(self.header.names)
        if len(cells) < width or any(cells[width:]):
            why = say(
                "{n} cells where the header has {wanted}; quote numbers that hold the separator",
                n=len(cells),
                wanted=width,
            )
            raise BadPrices(of(on_line(self.name, line), why))
        wanted = [bare(cells[i]) for i in self.choice.at]
        keys = [cells[i] for i in self.choice.keys]
        return [cell.encode() for cell in (cells[self.header.day], *wanted, *keys)]

    def currency(self) -> str:
        """Return the currency that the columns' names or their first cells say, if not dollars."""
        cells = self.split(*self.rows[0]) if self.rows else []
        said = [row[at] for row in (self.header.names, cells) for at in self.choice.at
                if at < len(row)]  # fmt: skip
        return next((found for text in said if (found := currency_shown(text))), "")

    def split(self, line: int, text: bytes) -> list[str]:
        """Split a line into all its cells; raises BadPrices for broken quotes."""
        separator = self.header.separator.decode()
        if b'"' not in text:
            return [cell.strip() for cell in text.decode().split(separator)]
        try:
            (cells,) = csv.reader([text.decode()], delimiter=separator, strict=True)
        except csv.Error as error:
            why = say("{why}; correct the quotes", why=str(error))
            raise BadPrices(of(on_line(self.name, line), why)) from error
        return [cell.strip() for cell in cells]


def without_events(sheet: Sheet, said: list[str]) -> Sheet:
    """Leave out rows that tell of a dividend or a split where a price would stand."""
    kept = [row for row in sheet.rows if not _is_event(sheet, *row)]
    if left := len(sheet.rows) - len(kept):
        said.append(
            say_many(
                "{n:,} row of dividends or splits left out",
                "{n:,} rows of dividends or splits left out",
                left,
            )
        )
    return replace(sheet, rows=kept)


def _is_event(sheet: Sheet, line: int, text: bytes) -> bool:
    if not any(word in text for word in _EVENTS):
        return False
    cells = sheet.split(line, text)
    prices = [bare(cells[i]).encode() for i in sheet.choice.at if i < len(cells)]
    return all(not price or any(word in price for word in _EVENTS) for price in prices)


def without_footer(sheet: Sheet, said: list[str]) -> Sheet:
    """Leave out what stands behind the rows and has neither a date nor a number in its place."""
    rows = list(sheet.rows)
    while rows and len(sheet.rows) - len(rows) < _LONGEST_FOOTER and _is_footer(sheet, *rows[-1]):
        rows.pop()
    if left := len(sheet.rows) - len(rows):
        said.append(
            say_many(
                "{n:,} line below its rows left out", "{n:,} lines below its rows left out", left
            )
        )
    return replace(sheet, rows=rows)


def _is_footer(sheet: Sheet, line: int, text: bytes) -> bool:
    if text.lstrip()[:1].isdigit():
        return False
    try:
        cells = sheet.split(line, text)
    except BadPrices:
        return False
    day_at, at = sheet.header.day, sheet.choice.at
    dated = day_at < len(cells) and is_day(cells[day_at])
    return not dated and not any(mark_shown(bare(c)) or bare(c).isdecimal() for c in (
        cells[i] for i in at if i < len(cells)))  # fmt: skip


def settled(sheet: Sheet, said: list[str]) -> Sheet:
    """Settle what the file leaves open by its own cells; raises BadPrices where they differ."""
    asked = sheet.dialect
    order = asked.date_order or sheet.choice.order or _order(sheet)
    decimal = asked.decimal or _decimal(sheet)
    if order and order != asked.date_order:
        said.append(_ORDERS[order])
    if decimal == "comma" and not asked.decimal:
        said.append(say("decimals stand behind a comma"))
    return replace(sheet, dialect=Dialect(order, decimal))


def _order(sheet: Sheet) -> DateOrder | None:
    """Return the order in which all dates of the file are dates, if there is one only."""
    seen: dict[DateOrder, tuple[int, str]] = {}
    for line, text in sheet.rows:
        cells = sheet.split(line, text)
        shown = cells[sheet.header.day] if sheet.header.day < len(cells) else ""
        if is_iso(shown):
            return None
        order = order_shown(shown)
        if order:
            seen.setdefault(order, (line, shown))
    if len(seen) == 2:
        (line, one), (other, two) = sorted(seen.values())
        why = say(
            "{other} beside {one} on line {n}: no order of day and month fits both; write "
            "YYYY-MM-DD",
            other=printable(two),
            one=printable(one),
            n=line,
        )
        raise BadPrices(of(on_line(sheet.name, other), why))
    return next(iter(seen), None) or _order_by_steps(sheet)


def _order_by_steps(sheet: Sheet) -> DateOrder | None:
    """Return the only order in which the rows follow one another without a hole, if there is one.

    So do the firsts of months, which no day beyond the twelfth tells apart.
    """
    cells = [sheet.split(line, text) for line, text in sheet.rows]
    texts = [row[sheet.header.day] for row in cells if sheet.header.day < len(row)]
    orders: tuple[DateOrder, ...] = ("mdy", "dmy")
    fitting = [order for order in orders if _follow(texts, Dialect(order))]
    return fitting[0] if len(fitting) == 1 else None


def _follow(texts: Sequence[str], dialect: Dialect) -> bool:
    try:
        days = np.array([day(text, dialect) for text in texts], dtype="datetime64[D]")
    except ValueError:
        return False
    wide = steps(days)
    onward = wide * np.sign(wide.sum())
    return bool(((onward >= 0) & (onward <= _A_HOLE_DAYS)).all())


def _decimal(sheet: Sheet) -> Decimal | None:
    """Return the decimal mark of a file in which commas stand among the digits, if it is shown."""
    mark = b'"' if sheet.header.separator == b"," else b","
    if not any(mark in text for _, text in sheet.rows):
        return None
    for every in (False, True):
        seen: dict[Decimal, tuple[int, str]] = {}
        for line, text in sheet.rows:
            for cell in _digits(sheet, line, text, every):
                shown = mark_shown(cell)
                if shown:
                    seen.setdefault(shown, (line, cell))
        if len(seen) == 2 and not every:
            (line, one), (other, two) = sorted(seen.values())
            why = say(
                "{other} beside {one} on line {n}: no decimal mark fits both; say --decimal point "
                "or --decimal comma",
                other=two,
                one=one,
                n=line,
            )
            raise BadPrices(of(on_line(sheet.name, other), why))
        if len(seen) == 1:
            return next(iter(seen))
    return None


def _digits(sheet: Sheet, line: int, text: bytes, every: bool) -> Iterable[str]:
    """Return the wanted cells of a line, or all of it but the date."""
    if not every:
        return (cell.decode() for cell in sheet.cells(line, text)[1 : 1 + len(sheet.choice.at)])
    cells = sheet.split(line, text)
    return (bare(cell) for at, cell in enumerate(cells) if at != sheet.header.day)
