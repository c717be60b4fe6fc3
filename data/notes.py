"""What must stand beside a number, of a kind that code can tell without reading the words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from data.language import say, say_all

NoteKind = Literal[
    "stand-in",
    "hindsight",
    "price-only",
    "no-costs",
    "jump",
    "resolution",
    "data",
    "cash",
    "scenario",
    "quit",
]


@dataclass(frozen=True)
class Note:
    """One sentence beside the numbers of `symbol`, or of the whole table where that is empty.

    stand-in: something else stands in for what was asked; hindsight: picks made by people who knew;
    price-only: dividends are left out; no-costs: partly an index that nobody could buy; jump: a
    step in the prices that may be an error; resolution: which bars these are; cash: what is left
    uninvested at the end; scenario: what is assumed and no history; quit: the
    saver sells all at a fall; data: all else, among it
    whatever a user wrote.
    """

    kind: NoteKind
    symbol: str
    text: str

    def __str__(self) -> str:
        return of(self.symbol, self.text)


@dataclass(frozen=True)
class Fault:
    """What forbids prices to a window that holds its days, and what to do about it."""

    symbol: str
    first: date
    last: date
    text: str
    advice: str

    def __str__(self) -> str:
        return of(self.symbol, self.text)


def of(what: str, text: str) -> str:
    """Say what a text speaks of, where that has a name."""
    return say("{symbol}: {text}", symbol=what, text=text) if what else text


def taken(source: str, symbols: Sequence[str], said: Sequence[str]) -> tuple[Note, ...]:
    """Return what was taken for what in a source as a note, none where nothing is to be said."""
    symbol = symbols[0] if len(symbols) == 1 else ""
    return (Note("data", symbol, of(source, say_all(said))),) if said else ()


def joined(notes: Iterable[Note]) -> str:
    """Write the notes of one symbol in one line."""
    return say_all(note.text for note in notes)
