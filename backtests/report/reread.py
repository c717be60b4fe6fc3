"""Say again what a file holds in English: its message is found among those of the catalogue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from string import Formatter

from data.language import DOMAIN, ENGLISH, LOCALE, Said, locale, say, say_each, spoken

# What is taken for a message has at least so much of the sentence's small letters in its own words.
_OWN, _A_LETTER = 0.5, 100
# A stranger's file may hold anything: no longer sentence is looked at, none deeper, none in more
# ways.
_LONGEST, _DEEPEST, _WAYS = 500, 4, 4


class _Written(str):
    """A value that is written already, whatever its place asks for."""

    def __format__(self, spec: str) -> str:
        return "".join(self)


@dataclass(frozen=True)
class _Message:
    """A message: its English between the places, their names, and its own small letters.

    What is in `written` is a number or a day, no message.
    """

    one: str
    many: str
    context: str
    literals: tuple[str, ...]
    names: tuple[str, ...]
    written: frozenset[str]
    letters: int


def said_again(text: str) -> str:
    """Return a stored sentence as it was said; one that fits no message stands in quotes."""
    if spoken() == ENGLISH:
        return text
    weight, found = _found(text, locale(), 0) if len(text) <= _LONGEST else (0, text)
    if weight > 0 and weight >= _OWN * _A_LETTER * _small(text):
        return found
    return say("\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}", text=text)


@lru_cache(maxsize=4096)
def _found(text: str, language: str, depth: int) -> tuple[int, str]:
    """Return the message with most of the sentence in its own words and its values', and how much.

    Of two with as much, the one that is fewer messages.
    """
    every = _small(text)
    if not every:
        return 0, say_each([_Written(part) for part in text.split(", ")])
    best: tuple[int, str] = 0, _Written(text)
    for message in _messages(language) if depth < _DEEPEST else ():
        for parts in islice(_splits(text, message.literals), _WAYS):
            inside = [
                (0, _Written(part))
                if name in message.written
                else _found(part, language, depth + 1)
                for name, part in zip(message.names, parts, strict=True)
            ]
            weight = _A_LETTER * message.letters - 1 + sum(each for each, _ in inside)
            if weight > best[0]:
                said = _said(message, parts, [value for _, value in inside])
                best = (weight, said) if said == text else best
        if best[0] == _A_LETTER * every - 1:
            break
    return best


def _said(message: _Message, parts: Sequence[str], values: Sequence[str]) -> Said:
    filled = dict(zip(message.names, values, strict=True))
    count = dict(zip(message.names, parts, strict=True)).get("n", "").replace(",", "")
    number = int(count) if message.many and count.isdecimal() else 1
    return Said(message.one, message.many, number, message.context, filled)


@cache
def _messages(language: str) -> list[_Message]:
    """Return every message, those with most words of their own first."""
    from babel.messages.mofile import read_mo

    with (LOCALE / language / f"LC_MESSAGES/{DOMAIN}.mo").open("rb") as file:
        known = [message for message in read_mo(file) if message.id]
    found = []
    for message in known:
        one, many = (message.id, "") if isinstance(message.id, str) else message.id
        told = message.context or ""
        context = told.decode() if isinstance(told, bytes) else told
        for english in filter(None, (one, many)):
            pieces = list(Formatter().parse(english))
            literals, names, specs, _ = zip(*pieces, strict=True)
            if None not in names[:-1]:
                literals += ("",) * (names[-1] is not None)
                own = _small("".join(literals))
                written = frozenset(n for n, spec in zip(names, specs, strict=True) if spec)
                places = tuple(filter(None, names))
                found.append(_Message(one, many, context, literals, places, written, own))
    # What is all places would fit everything.
    kept = (m for m in found if max(map(len, m.literals)) > 1)
    return sorted(kept, key=lambda message: -message.letters)


def _small(text: str) -> int:
    return sum(map(str.islower, text))


def _splits(text: str, literals: Sequence[str]) -> Iterator[list[str]]:
    """Yield what may stand in a message's places, between its own words."""
    first, *rest = literals
    if not rest:
        yield from [[]] * (text == first)
    elif text.startswith(first) and text.endswith(rest[-1]):
        yield from _between(text[len(first) :], rest)


def _between(text: str, literals: Sequence[str]) -> Iterator[list[str]]:
    literal, *rest = literals
    if not rest:
        value = text[: len(text) - len(literal)]
        yield from [[value]] * bool(value and text.endswith(literal))
        return
    at = text.find(literal, 1)
    while at > 0:
        yield from ([text[:at], *more] for more in _between(text[at + len(literal) :], rest))
        at = text.find(literal, at + 1)
