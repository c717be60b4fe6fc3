"""What one cell of a person's file means: dates and numbers, stated or refused, never guessed."""

import re
from collections.abc import Callable
from datetime import date

from data.language import say
from data.options import DateOrder, Decimal, Dialect

_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# What may follow a day: a time, and a zone after it.
_CLOCK = re.compile(
    r"(?:T|,? +)\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AP]\.?M\.?)?"
    r"(?: ?(?:Z|[+-]\d\d:?\d\d|[A-Z]{2,4}))?",
    re.ASCII | re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_BASIC = re.compile(r"(\d{4})()(\d\d)(\d\d)", re.ASCII)
_MONTH_ONLY = re.compile(r"(\d{4})(?:[-/](\d\d?)|\.(\d\d|1))", re.ASCII)
_THREE = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d\d)", re.ASCII)
_DAY_NAMED = re.compile(r"(\d{1,2})[. \-]{1,2}([^\W\d_]{3,9})[. \-,]{1,2}(\d{4}|\d\d)")
_NAMED_DAY = re.compile(r"([^\W\d_]{3,9})[. \-]{1,2}(\d{1,2}),? (\d{4})")
_NAMED = re.compile(r"([^\W\d_]{3,9})[. \-]{1,2}(\d{4})")
# English, German, French, Spanish, Polish: the letters that tell a month.
_MONTHS = (
    ("jan", "ene", "sty"), ("feb", "fév", "fev", "lut"), ("mar", "mär", "mrz"),
    ("apr", "avr", "abr", "kwi"), ("may", "mai", "maj"), ("jun", "juin", "cze"),
    ("jul", "juil", "lip"), ("aug", "aoû", "aou", "ago", "sie"), ("sep", "wrz"),
    ("oct", "okt", "paź"), ("nov", "lis"), ("dec", "dez", "déc", "dic", "gru"),
)  # fmt: skip
_LONGEST_DAY = 60

_PLAIN = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2},\d{3}", re.ASCII)
# Numbers with one reading: the mark before their decimals is a comma, and it is a point.
_COMMA = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+|-?\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
_POINT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)\.\d+|-?\d{1,3}(?:,\d{3}){2,}", re.ASCII)
_THREE_DIGITS = re.compile(rb"-?[1-9]\d{0,2}\.\d{3}")
_POINTS = str.maketrans({",": ".", ".": ","})
# The same for bytes: a decimal comma becomes a point, and the other way round.
SWAPPED = bytes.maketrans(b",.", b".,")
_MONEY = re.compile(r"(?:(?:US|C|A)?\$|[€£¥]|(?:USD|EUR|GBP|CHF|PLN)\b)?\s*(.*?)\s*"
                    r"(?:[$€£¥%]|USD|EUR|GBP|CHF|PLN|zł)?", re.DOTALL)  # fmt: skip
# Thousands parted by blanks or apostrophes, as in 1 234,50 and 1'234.50.
_PARTED = re.compile(
    r"-?\d{1,3}(?:([ \u00a0\u202f'\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII
)
_PARTS = str.maketrans("", "", " \u00a0\u202f'\u2019")
_FOREIGN = re.compile(r"[€£¥]|\b(?:EUR|GBP|GBX|GBp|CHF|PLN|JPY)\b")
_NOTHING = {
    "", "null", "nan", "none", "n/a", "na", "nd", "n.a.", "#n/a", "#na", "#nv", "k.a.", "-", "--",
    "\u2013", "\u2014", ".", "..",
}  # fmt: skip
# What Python says of a day that is none.
_NO_DAY = (say("day is out of range for month"), say("month must be in 1..12"))
_FIRST_YEAR, _LAST_YEAR = 1800, 2199


def day(text: str, dialect: Dialect) -> date:
    """Read one date, leaving out a time and a zone; a month alone is its first day.

    Numbers parted by points are day first, as they are written nowhere else; raises ValueError with
    the reason and what to write.
    """
    if _ISO.fullmatch(text):
        return _calendar_day(text, lambda: date.fromisoformat(text))
    bare = _without_clock(text)
    three = _THREE.fullmatch(bare)
    if not three:
        return _worded(text, bare)
    order = dialect.date_order or ("dmy" if three[2] == "." else None)
    first, second, year = int(three[1]), int(three[3]), _year(three[4])
    if order == "mdy":
        return _calendar_day(text, lambda: date(year, first, second))
    if order == "dmy":
        return _calendar_day(text, lambda: date(year, second, first))
    raise ValueError(
        say(
            "{cell!r} may be read in two ways; write YYYY-MM-DD, or say --date-order mdy or dmy",
            cell=_cut(text),
        )
    )


def order_shown(text: str) -> DateOrder | None:
    """Return the only order in which a date like 13/01/2020 or 1.2.2020 is one, else None."""
    three = _THREE.fullmatch(_without_clock(text))
    if not three:
        return None
    if three[2] == ".":
        return "dmy"
    first, second = int(three[1]), int(three[3])
    if (first > 12) == (second > 12):
        return None
    return "dmy" if first > 12 else "mdy"


def is_iso(text: str) -> bool:
    """Say whether a date begins with its year."""
    return text[:4].isdecimal()


def is_day(text: str) -> bool:
    """Say whether a text is a date in any order."""
    try:
        day(text, Dialect("dmy"))
    except ValueError:
        return order_shown(text) is not None
    return True


def number(text: str, dialect: Dialect) -> float:
    """Read one bare number; raises ValueError with the reason and what to write."""
    if dialect.decimal == "comma":
        text = text.translate(_POINTS)
    elif dialect.decimal is None and _AMBIGUOUS.fullmatch(text):
        raise ValueError(
            say(
                "{cell!r} may be read in two ways; say --decimal point or --decimal comma",
                cell=_cut(text),
            )
        )
    if _PLAIN.fullmatch(text):
        return float(text)
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", ""))
    raise ValueError(_not_a_number(text.translate(_POINTS) if dialect.decimal == "comma" else text))


def bare(text: str) -> str:
    """Return a number without its currency, percent sign and blanks, nothing where it is none."""
    if text.casefold() in _NOTHING:
        return ""
    kept = _MONEY.fullmatch(text[:_LONGEST_DAY]) if len(text) <= _LONGEST_DAY else None
    text = kept[1] if kept else text
    return text.translate(_PARTS) if _PARTED.fullmatch(text) else text


def currency_shown(text: str) -> str:
    """Return the currency that a cell or a name says it is in, dollars apart; nothing for none."""
    found = _FOREIGN.search(text[:_LONGEST_DAY])
    return found[0] if found else ""


def mark_shown(text: str) -> Decimal | None:
    """Return the decimal mark of a number that has one reading only, else None."""
    if _AMBIGUOUS.fullmatch(text) or _AMBIGUOUS.fullmatch(text.translate(_POINTS)):
        return None
    if _COMMA.fullmatch(text):
        return "comma"
    return "point" if _POINT.fullmatch(text) else None


def three_digits(cell: bytes) -> bool:
    """Say whether a cell is without a point, or has one that may part thousands, as in 1.000."""
    return b"." not in cell or _THREE_DIGITS.fullmatch(cell) is not None


def _not_a_number(text: str) -> str:
    cell = _cut(text)
    if text[:1] in {"=", "+", "@"}:
        return say("{cell!r} is a formula; save the values, not the formulas", cell=cell)
    if re.fullmatch(r"-?[\d.]+,\d+", text, re.ASCII):
        return say(
            "{cell!r} is not a number; write a decimal point or say --decimal comma", cell=cell
        )
    return say("{cell!r} is not a number; leave the cell empty where there is none", cell=cell)


def _without_clock(text: str) -> str:
    if len(text) > _LONGEST_DAY:
        return ""
    return next((text[: found.start()] for found in _CLOCK.finditer(text)
                 if found.end() == len(text) and found.start()), text)  # fmt: skip


def _worded(text: str, bare: str) -> date:
    """Read a date that begins with its year, or names its month."""
    found = _year_month_day(bare)
    if found is None:
        raise ValueError(say("{cell!r} is not a date; write YYYY-MM-DD", cell=_cut(text)))
    return _calendar_day(text, lambda: date(*found))


def _year_month_day(bare: str) -> tuple[int, int, int] | None:
    if found := _YEAR_FIRST.fullmatch(bare) or _BASIC.fullmatch(bare):
        return int(found[1]), int(found[3]), int(found[4])
    if found := _MONTH_ONLY.fullmatch(bare):
        # 1871.1 is how Shiller's table writes October.
        return int(found[1]), 10 if found[3] == "1" else int(found[2] or found[3]), 1
    if (found := _DAY_NAMED.fullmatch(bare)) and (month := _month(found[2])):
        return _year(found[3]), month, int(found[1])
    if (found := _NAMED_DAY.fullmatch(bare)) and (month := _month(found[1])):
        return int(found[3]), month, int(found[2])
    if (found := _NAMED.fullmatch(bare)) and (month := _month(found[1])):
        return int(found[2]), month, 1
    return None


def _month(word: str) -> int:
    """Return the month that a word names, 0 for none."""
    word = word.casefold()
    return next((i for i, names in enumerate(_MONTHS, 1) if word.startswith(names)), 0)


def _year(digits: str) -> int:
    """Read a year; of two digits 69 to 99 are of the last century, as POSIX has it."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= 69 else 2000)


def _calendar_day(text: str, build: Callable[[], date]) -> date:
    try:
        found = build()
    except ValueError as error:
        raise ValueError(
            say("{cell!r} is no day of the calendar ({why})", cell=_cut(text), why=say(str(error)))
        ) from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(
            say(
                "{cell!r} lies outside {first} to {last}; check the year",
                cell=_cut(text),
                first=_FIRST_YEAR,
                last=_LAST_YEAR,
            )
        )
    return found


def _cut(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= 30 else clean[:29] + "…"
