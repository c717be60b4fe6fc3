"""Write numbers, dates and labels as a reader expects them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from unicodedata import category

import numpy as np

from backtests.eras import Era
from data.prices import Bars
from data.rates import Cpi

DASH = "\N{EM DASH}"
NOT_YET = "not yet"
_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_ISO = re.compile(r"(?<![\w-])\d{4}-\d\d(-\d\d)?(?![\w-])")
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_SIGNS = {"USD": "$", "EUR": "\N{EURO SIGN}", "GBP": "\N{POUND SIGN}"}
_NAMES = {"USD": "dollars", "EUR": "euros", "GBP": "pounds"}
_MONEY = ContextVar("money", default="USD")
_BARS = {
    "daily": ("daily", "Trading days"),
    "weekly": ("week-end", "Weeks"),
    "monthly": ("month-end", "Months"),
}


def visible(text: str) -> str:
    """Write characters that cannot be seen, or that turn the line around, as escapes."""
    return "".join(
        c.encode("unicode_escape").decode() if category(c) in _UNSEEN else c for c in text
    )


@contextmanager
def spoken(currency: str) -> Iterator[None]:
    """Let money be written in this currency, dollars elsewhere."""
    before = _MONEY.set(currency)
    try:
        yield
    finally:
        _MONEY.reset(before)


def sign() -> str:
    """Return the currency's sign, else its code: $, CHF and a space."""
    return _SIGNS.get(_MONEY.get(), f"{_MONEY.get()}{_SPACE}")


def money_name() -> str:
    """Return the currency's name, else its code: euros, CHF."""
    return _NAMES.get(_MONEY.get(), _MONEY.get())


def money(usd: float) -> str:
    """Write whole dollars, small sums with their cents: $139,000, $1.39."""
    if abs(usd) < 99.995:
        return cents(usd)
    # A float has no more than 15 digits to show.
    return _signed(usd, f"{sign()}{abs(usd):{',.0f' if abs(usd) < 1e15 else '.6g'}}", False)


def cents(usd: float) -> str:
    """Write dollars and cents: $12.50; nothing at all is $0."""
    nothing = abs(usd) < 0.005
    return _signed(usd, f"{sign()}0" if nothing else f"{sign()}{abs(usd):,.2f}", nothing)


def short_money(usd: float) -> str:
    """Write dollars for an axis: $50k, $1.2M."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        # 999,600 rounds to 1000k, so it is written in the next size up.
        if abs(usd) >= size * 0.9995:
            return _signed(usd, f"{sign()}{abs(usd) / size:.3g}{letter}", False)
    return _signed(usd, f"{sign()}{abs(usd):.3g}", usd == 0)


def percent(fraction: float, digits: int = 0) -> str:
    """Write a fraction as percent, with a true minus sign."""
    text = f"{abs(fraction) * 100:,.{digits}f}"
    return _signed(fraction, f"{text}{_SPACE}%", not text.strip("0."))


def gained(fraction: float) -> str:
    """Write a gain with its sign, under one per cent with a decimal: +33 %, +0.5 %."""
    digits = 1 if 0.0005 <= abs(fraction) < 0.00995 else 0
    return f"{'+' if fraction >= 0.0005 else ''}{percent(fraction, digits)}"


def fall(fraction: float, digits: int = 0) -> str:
    """Write a fall without its sign, for a sentence that says it fell: 23 %."""
    return percent(abs(fraction), digits)


def months_between(first: date, last: date) -> int:
    """Count the whole months from `first` to `last`."""
    whole = (last.year - first.year) * 12 + last.month - first.month
    return whole - (last.day < first.day)


def counted(number: int, thing: str) -> str:
    """Write a count with its noun: 1 month, 2 months."""
    return f"{number}{_SPACE}{thing}{'' if number == 1 else 's'}"


def wait_word(months: int | None) -> str:
    """Say when a saver who has quit comes back."""
    return f"back after {counted(months, 'month')}" if months else "never back"


def listed(things: Iterable[str]) -> str:
    """Join for a sentence: a, b and c."""
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last


def bars_word(bars: Bars) -> str:
    """Name a resolution."""
    return _BARS[bars][0]


def bars_counted(bars: Bars) -> str:
    """Name what is counted when bars are: trading days, weeks or months."""
    return _BARS[bars][1]


def in_words(text: str) -> str:
    """Write the ISO dates and months of a sentence in words: 23 July 2002, October 2025."""
    # Finished markup stays what it is.
    return type(text)(_ISO.sub(_spelt, text))


def _spelt(found: re.Match[str]) -> str:
    try:
        day = date.fromisoformat(found[0] if found[1] else f"{found[0]}-01")
    except ValueError:
        return found[0]
    words = f"{day.day} {day:%B %Y}" if found[1] else f"{day:%B %Y}"
    return words.replace(" ", _SPACE)


def estimated(cpi: Cpi | None, first: date, last: date) -> str:
    """Say which months' consumer prices between two days are an estimate, empty where none is."""
    if cpi is None:
        return ""
    bridged, said = cpi.bridged(np.array([first, last], dtype="datetime64[D]")), []
    if bridged:
        said.append(f"of {listed(bridged)}, never published, are set between their neighbours.")
    if np.datetime64(last, "M") > cpi.newest:
        said.append(f"after {cpi.newest} are taken to stand still.")
    return " ".join(f"Consumer prices {each}" for each in said)


def short_title(era: Era, other: Era) -> str:
    """Return the era's short title, or its whole one where it has none or the other's is alike."""
    return era.short if era.short and era.short != other.short else era.title


def numbered(notes: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return numbers from 1 for the notes of a table's rows, in order of appearance."""
    distinct = dict.fromkeys(text for row in notes for text in row)
    return {text: number for number, text in enumerate(distinct, start=1)}


def numbers(notes: Iterable[str], among: Mapping[str, int]) -> list[int]:
    """Return the numbers of one row's notes, in order."""
    return sorted({among[text] for text in notes})


def _signed(number: float, text: str, nothing: bool) -> str:
    return f"{MINUS}{text}" if number < 0 and not nothing else text
