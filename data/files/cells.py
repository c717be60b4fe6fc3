"""What one cell of a person's CSV means: dates and numbers, stated or refused, never guessed."""

import re
from collections.abc import Callable
from datetime import date

from data.options import Dialect

# A day, or the same day's midnight as spreadsheets and pandas write it.
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_THREE = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4})", re.ASCII)
_PLAIN = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"-?\d{1,3},\d{3}", re.ASCII)
_THREE_DIGITS = re.compile(rb"-?[1-9]\d{0,2}\.\d{3}")
_POINTS = str.maketrans({",": ".", ".": ","})
# The same for bytes: a decimal comma becomes a point, and the other way round.
SWAPPED = bytes.maketrans(b",.", b".,")
_FIRST_YEAR, _LAST_YEAR = 1800, 2199


def day(text: str, dialect: Dialect) -> date:
    """Read one date; raises ValueError with the reason and what to write."""
    iso = _ISO.fullmatch(text)
    if iso:
        return _calendar_day(text, lambda: date.fromisoformat(iso[1]))
    three = _THREE.fullmatch(text)
    if not three:
        raise ValueError(f"{_cut(text)} is not a date; write YYYY-MM-DD")
    first, second, year = int(three[1]), int(three[3]), int(three[4])
    if dialect.date_order == "mdy":
        return _calendar_day(text, lambda: date(year, first, second))
    if dialect.date_order == "dmy":
        return _calendar_day(text, lambda: date(year, second, first))
    raise ValueError(
        f"{_cut(text)} may be read in two ways; write YYYY-MM-DD, or say --date-order mdy or dmy"
    )


def number(text: str, dialect: Dialect) -> float:
    """Read one number; raises ValueError with the reason and what to write."""
    if dialect.decimal == "comma":
        text = text.translate(_POINTS)
    elif dialect.decimal is None and _AMBIGUOUS.fullmatch(text):
        raise ValueError(
            f"{_cut(text)} may be read in two ways; say --decimal point or --decimal comma"
        )
    if _PLAIN.fullmatch(text):
        return float(text)
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    raise ValueError(_not_a_number(text.translate(_POINTS) if dialect.decimal == "comma" else text))


def three_digits(cell: bytes) -> bool:
    """Say whether a cell is without a point, or has one that may part thousands, as in 1.000."""
    return b"." not in cell or _THREE_DIGITS.fullmatch(cell) is not None


def _not_a_number(text: str) -> str:
    if text[:1] in {"=", "+", "@"}:
        return f"{_cut(text)} is a formula; save the values, not the formulas"
    if re.fullmatch(r"-?[\d.]+,\d+", text, re.ASCII):
        return f"{_cut(text)} is not a number; write a decimal point or say --decimal comma"
    return f"{_cut(text)} is not a number; leave the cell empty where there is none"


def _calendar_day(text: str, build: Callable[[], date]) -> date:
    try:
        found = build()
    except ValueError as error:
        raise ValueError(f"{_cut(text)} is no day of the calendar ({error})") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(f"{_cut(text)} lies outside {_FIRST_YEAR} to {_LAST_YEAR}; check the year")
    return found


def _cut(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return repr(clean if len(clean) <= 30 else clean[:29] + "…")
