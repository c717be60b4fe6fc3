"""Explain every term the page uses: those of the measures, and a few more."""

import re
from dataclasses import dataclass

from backtests.measures import catalogue
from backtests.measures.catalogue import Measure
from backtests.report.wording import MINUS
from data.language import say, shown

_SIGNS = str.maketrans({"*": "\N{MULTIPLICATION SIGN}", "-": MINUS, "/": "\N{DIVISION SIGN}"})


@dataclass(frozen=True)
class Entry:
    """A term, what it means to a saver, and how it is computed where it is."""

    term: str
    meaning: str
    formula: str = ""

    @property
    def slug(self) -> str:
        """The term's place on the page."""
        return slug(self.term)


_MORE = (
    Entry(
        say("Treasury bills"),
        say("Short loans to the US government, taken as the return without risk."),
    ),
    Entry(
        say("Hindsight"),
        say("Picked because of what is known today. Nobody could pick them so then."),
    ),
    Entry(
        say("Stand-in"),
        say(
            "A series that stands in for a fund before that fund existed; the notes name each one."
        ),
    ),
    Entry(
        say("Price only"),
        say("Dividends are left out, so what the saver really had was more."),
    ),
    Entry(
        say("Daily and month-end prices"),
        say(
            "Daily prices are every close. Month-end prices are one close a month, so falls in "
            "between are not seen and were deeper."
        ),
    ),
    Entry(
        "SHA-256",
        say(
            "A fingerprint of the prices: the same letters mean the same prices to the last digit."
        ),
    ),
)


def slug(term: str) -> str:
    """Write a term as the name of its place on the page."""
    return f"word-{re.sub(r'[^a-z0-9]+', '-', term.lower()).strip('-')}"


def glossary() -> tuple[Entry, ...]:
    """Return every entry: the measures' in their order, then the others."""
    explained = (m for m in catalogue.CATALOGUE if m.meaning)
    return (
        *(Entry(m.term or m.title, m.meaning, _formula(m)) for m in explained),
        *_MORE,
    )


def _formula(measure: Measure) -> str:
    return shown(measure.formula).translate(_SIGNS)


def place_of(measure: Measure) -> str:
    """Return the place of the entry that explains a measure, empty where none does."""
    by_key = {m.key: m for m in catalogue.CATALOGUE}
    found: Measure | None = measure
    while found and not (found.term or found.meaning):
        found = by_key.get(found.part_of)
    return slug(found.term or found.title) if found else ""
