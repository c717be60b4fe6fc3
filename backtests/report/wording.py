"""Write numbers, dates and labels as a reader expects them."""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import reduce
from typing import Any, Literal
from unicodedata import category

import numpy as np

from backtests.eras import Era
from data.language import ENGLISH, filled, locale, say, shown, spoken, tr, tr_many
from data.prices import Bars
from data.rates import Cpi

DASH = "\N{EM DASH}"
NOT_YET = say("not yet")
_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_ISO = re.compile(r"(?<![\w-])\d{4}-\d\d(-\d\d)?(?![\w-])", re.ASCII)
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_SIGNS = {"USD": "$", "EUR": "\N{EURO SIGN}", "GBP": "\N{POUND SIGN}"}
_NAMES = {"USD": say("dollars"), "EUR": say("euros"), "GBP": say("pounds")}
_MONEY = ContextVar("money", default="USD")
_BARS = {
    "daily": (say("daily"), say("Trading days")),
    "weekly": (say("week-end"), say("Weeks")),
    "monthly": (say("month-end"), say("Months")),
}
_LARGE = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
# Chinese counts by ten thousands.
_LARGE_HAN = (
    (1e12, "\N{CJK UNIFIED IDEOGRAPH-5146}"),
    (1e8, "\N{CJK UNIFIED IDEOGRAPH-5104}"),
    (1e4, "\N{CJK UNIFIED IDEOGRAPH-842C}"),
)


def visible(text: str) -> str:
    """Write characters that cannot be seen, or that turn the line around, as escapes."""
    return "".join(
        c.encode("unicode_escape").decode() if category(c) in _UNSEEN else c for c in text
    )


@contextmanager
def kept_in(currency: str) -> Iterator[None]:
    """Let money be written in this currency, dollars elsewhere."""
    before = _MONEY.set(currency)
    try:
        yield
    finally:
        _MONEY.reset(before)


def sign() -> str:
    """Return the currency's sign, else its code: $, CHF and a space; no bare $ in Chinese."""
    found = _SIGNS.get(_MONEY.get(), f"{_MONEY.get()}{_SPACE}")
    return found if spoken() == ENGLISH else found.replace("$", "US$")


def money_name() -> str:
    """Return the currency's name, else its code: euros, CHF."""
    return shown(_NAMES.get(_MONEY.get(), _MONEY.get()))


def money(usd: float) -> str:
    """Write whole dollars, small sums with their cents: $139,000, $1.39."""
    if abs(usd) < 99.995:
        return cents(usd)
    return _signed(usd, f"{sign()}{_whole(usd)}", False)


def amount(usd: float) -> str:
    """Write whole dollars, small sums with their cents, as a sentence of the language does."""
    if spoken() == ENGLISH:
        return money(usd)
    return (
        f"{_signed(usd, _whole(usd) if abs(usd) >= 99.995 else _cents(usd), False)} {money_name()}"
    )


def exact(usd: float) -> str:
    """Write a sum to the cent where it has any, as a sentence of the language does."""
    return amount(usd) if usd == round(usd) else to_the_cent(usd)


def to_the_cent(usd: float) -> str:
    """Write dollars and cents as a sentence of the language does."""
    if spoken() == ENGLISH:
        return cents(usd)
    return f"{_signed(usd, _cents(usd), abs(usd) < 0.005)} {money_name()}"


def cents(usd: float) -> str:
    """Write dollars and cents: $12.50; nothing at all is $0."""
    return _signed(usd, f"{sign()}{_cents(usd)}", abs(usd) < 0.005)


def _whole(usd: float) -> str:
    # A float has no more than 15 digits to show.
    return f"{abs(usd):{',.0f' if abs(usd) < 1e15 else '.6g'}}"


def _cents(usd: float) -> str:
    return "0" if abs(usd) < 0.005 else f"{abs(usd):,.2f}"


def short_money(usd: float) -> str:
    """Write dollars for an axis: $50k, $1.2M."""
    for size, letter in large():
        # 999,600 rounds to 1000k, so it is written in the next size up.
        if abs(usd) >= size * 0.9995:
            return _signed(usd, f"{sign()}{_three(abs(usd) / size)}{letter}", False)
    return _signed(usd, f"{sign()}{_three(abs(usd))}", usd == 0)


def large() -> tuple[tuple[float, str], ...]:
    """Return the sizes that an axis counts dollars in, the largest first: B, M, k."""
    return _LARGE if spoken() == ENGLISH else _LARGE_HAN


def _three(number: float) -> str:
    """Write three digits, or all before the point where there are more."""
    return f"{number:.3g}" if number < 999.5 else f"{number:,.0f}"


def percent(fraction: float, digits: int = 0) -> str:
    """Write a fraction as percent, with a true minus sign."""
    text = f"{abs(fraction) * 100:,.{digits}f}"
    gap = _SPACE if spoken() == ENGLISH else ""
    return _signed(fraction, f"{text}{gap}%", not text.strip("0."))


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


def n_months(number: int) -> str:
    """Write a number of months: 1 month, 15 months."""
    return tr_many("{n}\N{NO-BREAK SPACE}month", "{n}\N{NO-BREAK SPACE}months", number)


def n_years(number: int) -> str:
    """Write a number of years: 1 year, 10 years."""
    return tr_many("{n}\N{NO-BREAK SPACE}year", "{n}\N{NO-BREAK SPACE}years", number)


def wait_word(number: int | None) -> str:
    """Say when a saver who has quit comes back."""
    return tr("back after {months}", months=n_months(number)) if number else tr("never back")


def listed(things: Iterable[str]) -> str:
    """Join for a sentence: a, b and c."""
    every = [shown(thing) for thing in things]
    *first, last = every
    if not first:
        return last
    if spoken() == ENGLISH:
        return f"{', '.join(first)} and {last}"
    patterns = _locale_data().list_patterns["standard"]
    many = reduce(lambda one, other: filled(patterns["middle"], {"0": one, "1": other}), first)
    return filled(patterns["end"], {"0": many, "1": last})


def sentences(said: Iterable[str]) -> str:
    """Put sentences one after another; nothing stands between them in Chinese."""
    return gap().join(shown(sentence) for sentence in said if sentence)


def gap() -> str:
    """Return what stands between two sentences."""
    return " " if spoken() == ENGLISH else ""


def _locale_data() -> Any:
    from babel import Locale

    return Locale.parse(locale())


def bars_word(bars: Bars) -> str:
    """Name a resolution."""
    return shown(_BARS[bars][0])


def bars_counted(bars: Bars) -> str:
    """Name what is counted when bars are: trading days, weeks or months."""
    return shown(_BARS[bars][1])


def day(on: date) -> str:
    """Write a day in words: 23 July 2002."""
    if spoken() == ENGLISH:
        return f"{on.day} {on:%B %Y}"
    from babel.dates import format_date

    return format_date(on, "long", locale=locale())


def month(on: date) -> str:
    """Write a month and its year in words: July 2002."""
    return f"{on:%B %Y}" if spoken() == ENGLISH else _skeleton("yMMM", on)


def short_month(on: date) -> str:
    """Write a month and its year where there is little room: Jul 2002."""
    return f"{on:%b %Y}" if spoken() == ENGLISH else month(on)


def year(on: date) -> str:
    """Write a year: 2002."""
    return f"{on:%Y}" if spoken() == ENGLISH else _skeleton("y", on)


def _skeleton(parts: str, on: date) -> str:
    from babel.dates import format_skeleton

    return format_skeleton(parts, on, locale=locale())


def month_names(width: Literal["wide", "abbreviated"]) -> list[str]:
    """Return the names of a year's months, in full or where there is little room: Jan, Feb."""
    if spoken() == ENGLISH:
        return list(month_name[1:] if width == "wide" else month_abbr[1:])
    return list(_locale_data().months["format"][width].values())


def date_forms() -> dict[str, str]:
    """Return how days, months and marks of an axis are written, in the letters of locale data."""
    if spoken() == ENGLISH:
        return {"day": "d MMMM y", "month": "MMMM y", "short": "MMM y", "near": "d MMM"}
    known = _locale_data()
    month, near = (known.datetime_skeletons[key].pattern for key in ("yMMM", "Md"))
    day = known.date_formats["long"].pattern
    return {"day": day, "month": month, "short": "y-MM", "near": near}


def in_words(text: str) -> str:
    """Write the ISO dates and months of a sentence in words: 23 July 2002, October 2025."""
    written = shown(text)
    # Finished markup stays what it is.
    return type(written)(_ISO.sub(_spelt, written))


def _spelt(found: re.Match[str]) -> str:
    try:
        on = date.fromisoformat(found[0] if found[1] else f"{found[0]}-01")
    except ValueError:
        return found[0]
    return (day if found[1] else month)(on).replace(" ", _SPACE)


def estimated(cpi: Cpi | None, first: date, last: date) -> str:
    """Say which months' consumer prices between two days are an estimate, empty where none is."""
    if cpi is None:
        return ""
    bridged, said = cpi.bridged(np.array([first, last], dtype="datetime64[D]")), []
    if bridged:
        said.append(
            tr(
                "Consumer prices of {months}, never published, are set between their neighbours.",
                months=listed(bridged),
            )
        )
    if np.datetime64(last, "M") > cpi.newest:
        said.append(tr("Consumer prices after {month} are taken to stand still.", month=cpi.newest))
    return sentences(said)


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
