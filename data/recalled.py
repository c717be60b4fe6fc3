"""Know a sentence again that was kept in English, so that it can be shown in another language."""

import re
from functools import cache, lru_cache
from string import Formatter

from data.language import DOMAIN, ENGLISH, LOCALE, Said, locale, say_each, spoken

# So many letters of ours make a sentence; what has fewer is a user's own.
_LEAST_LETTERS = 6
# What has none glues two sentences into one: no text of ours is longer or glued more often.
_GLUE = ("{one}; {other}", "{symbol}: {text}", "{wrong}, {cause}")
_LONGEST, _MOST_GLUED = 400, 40
_LIST = re.compile(r"[^\s,]+(?:, [^\s,]+)+")
# What fills these places; any other takes all.
_PLACES = {"day": r"[\d-]+", "days": r"\d{4}-\d\d.*?", "names": r"[^:;]+?"}
_WRITTEN = r"[-+]?[\d.,]+(?:e[-+]?\d+)?%?"

# A message's forms, one or two, and its context.
Message = tuple[tuple[str, ...], str]


class _Written(str):
    """What fills a place and was written already as the place wants it."""

    __slots__ = ()

    def __format__(self, _spec: str) -> str:
        return "".join(self)


def recalled(text: str) -> str:
    """Return a kept sentence as it was said; in English, or where no message makes it, the text."""
    if spoken() == ENGLISH or isinstance(text, Said):
        return text
    strange = len(text) > _LONGEST or sum(map(text.count, ";:")) > _MOST_GLUED
    return text if strange else _recalled(text, locale())


@lru_cache(10_000)
def _recalled(text: str, language: str) -> str:
    found = (_as_made_of(message, text) for message in _messages(language))
    best = max(filter(None, found), key=_ours, default=None)
    return best if best is not None and _ours(best)[0] >= _LEAST_LETTERS else text


def _ours(said: Said) -> tuple[int, int, bool]:
    """Count the letters of a sentence that are its messages', all in all and the outermost's."""
    parts = sum(_ours(v)[0] for v in said.values.values() if isinstance(v, Said))
    own = _letters(said.message)
    # Days and how many more there are look like names and how many more.
    return own + parts, own, "{days}" in said.message


def _as_made_of(message: Message, text: str) -> Said | None:
    forms, context = message
    for count, form in enumerate(forms, start=1):
        if _longest(form) in text and (found := _pattern(form).fullmatch(text)):
            plain = {name for _, name, spec, _ in Formatter().parse(form) if not spec}
            values = {
                n: _part(v) if n in plain else _Written(v) for n, v in found.groupdict().items()
            }
            said = Said(forms[0], "".join(forms[1:]), count, context, values)
            return said if said == text else None
    return None


def _part(text: str) -> str:
    """Return what fills a place as it was said; so may a list be."""
    return say_each(text.split(", ")) if _LIST.fullmatch(text) else recalled(text)


@cache
def _messages(name: str) -> list[Message]:
    """Return a language's messages."""
    from babel.messages.mofile import read_mo

    with (LOCALE / name / f"LC_MESSAGES/{DOMAIN}.mo").open("rb") as file:
        known = [m for m in read_mo(file) if m.id]
    forms = [((m.id,) if isinstance(m.id, str) else tuple(m.id), _text(m.context)) for m in known]
    return [each for each in forms if _letters(each[0][0]) or each[0][0] in _GLUE]


def _text(context: str | bytes | None) -> str:
    """Return a context, which comes as bytes out of a compiled catalogue."""
    return context.decode() if isinstance(context, bytes) else context or ""


def _literals(form: str) -> list[str]:
    return [literal for literal, *_ in Formatter().parse(form)]


@cache
def _letters(form: str) -> int:
    return sum(map(str.isalpha, "".join(_literals(form))))


@cache
def _longest(form: str) -> str:
    return max(_literals(form), key=len)


@cache
def _pattern(form: str) -> re.Pattern[str]:
    text, seen = "", set[str]()
    for literal, name, spec, conversion in Formatter().parse(form):
        text += re.escape(literal)
        if name in seen:
            text += f"(?P={name})"
        elif name is not None:
            filled = _WRITTEN if spec else _PLACES.get(name, ".+?")
            value = f"(?P<{name}>{filled})"
            text += f"'{value}'" if conversion else value
            seen.add(name)
    return re.compile(text, re.DOTALL)
