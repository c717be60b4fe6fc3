"""The signs of notes: a letter and a colour a kind, always with its words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backtests.result import Result
from data.language import Said, say, say_in
from data.notes import Note, NoteKind


@dataclass(frozen=True)
class Sign:
    """A kind of note for a reader; `colour` is a variable of the page's style."""

    letter: Said
    name: Said
    colour: str

    @property
    def anchor(self) -> str:
        """The letter in every language, for the place of its notes."""
        return "".join(self.letter)


STAND_IN = Sign(say_in("sign", "S"), say("Stand-in"), "s0")
HINDSIGHT = Sign(say_in("sign", "H"), say("Hindsight"), "s2")
PRICE_ONLY = Sign(say_in("sign", "P"), say("Price only"), "s3")
RESOLUTION = Sign(say_in("sign", "R"), say("Resolution"), "s1")
DATA = Sign(say_in("sign", "D"), say("Data"), "soft")
SCENARIO = Sign(say_in("sign", "A"), say("Assumed"), "ink")
SIGNS = (SCENARIO, HINDSIGHT, STAND_IN, PRICE_ONLY, RESOLUTION, DATA)
_OF: Mapping[NoteKind, Sign] = {
    "stand-in": STAND_IN,
    "no-costs": STAND_IN,
    "hindsight": HINDSIGHT,
    "price-only": PRICE_ONLY,
    "resolution": RESOLUTION,
    "scenario": SCENARIO,
}


def sign_of(kind: NoteKind) -> Sign:
    """Return the sign of a kind of note; what has none of its own is about the data."""
    return _OF.get(kind, DATA)


def signs(result: Result) -> list[Sign]:
    """Return the signs of a result's notes, each once, the gravest first."""
    held = {sign_of(note.kind) for note in result.notes}
    return [sign for sign in SIGNS if sign in held]


def signed(results: Iterable[Result]) -> list[tuple[Sign, list[str]]]:
    """Return the notes of several results by sign, each once, in order of appearance."""
    return by_sign(note for result in results for note in result.notes)


def by_sign(notes: Iterable[Note]) -> list[tuple[Sign, list[str]]]:
    """Return notes by their sign, each once, in order of appearance."""
    distinct = dict.fromkeys(notes)
    grouped = [(s, [str(n) for n in distinct if sign_of(n.kind) is s]) for s in SIGNS]
    return [(sign, list(dict.fromkeys(texts))) for sign, texts in grouped if texts]
