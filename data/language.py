"""Say things in English, and show them in the reader's language.

`say` makes a sentence that is English wherever it is kept, compared or stored, and remembers what
it was made of; `shown` writes it in the language that is spoken now. `tr` does both at once, for
text that is on its way to a reader. A message is a whole sentence with named places for what
changes; none is cut, glued or given an s. The catalogues lie in `locale/`; docs/languages.md says
how they are kept.
"""

import gettext
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, reduce
from pathlib import Path
from string import Formatter
from typing import Self

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "dca"
ENGLISH = "en"
# What a reader may ask for, and the catalogue that answers.
LANGUAGES = {ENGLISH: "", "zh-Hant": "zh_Hant"}
_ALSO = {"zh-tw": "zh-Hant", "zh-hant-tw": "zh-Hant"}
_SPOKEN = ContextVar("language", default=ENGLISH)
# The characters of Chinese text, for a regular expression.
HAN = "\u3400-\u9fff"
# A space parts Latin letters and digits from Han characters; none stands beside a date.
_APART = re.compile(rf"[A-Za-z0-9%][{HAN}]|[{HAN}][A-Za-z0-9+\u2212-]")
_DATED_AFTER = re.compile(r"\d{4}(-\d\d|年)")
_DATED_BEFORE = re.compile(r"(\d{4}-\d\d(-\d\d)?|\d{4}年[\d月日]*)$")


class Said(str):
    """An English sentence that knows its message and what fills its places."""

    message: str
    many: str
    number: int
    context: str
    values: Mapping[str, object]

    def __new__(
        cls, message: str, many: str, count: int, context: str, values: Mapping[str, object]
    ) -> Self:
        """Write the English sentence."""
        text = message if not many or count == 1 else many
        said = super().__new__(cls, text.format(**values) if values else text)
        said.message, said.many, said.number = message, many, count
        said.context, said.values = context, values
        return said

    def __str__(self) -> str:
        """Return itself, so that an error made of it can still be shown."""
        return self

    def __reduce__(self) -> tuple[Callable[..., "Said"], tuple[object, ...]]:
        """Go to another process whole."""
        return Said, (self.message, self.many, self.number, self.context, self.values)


def say(message: str, /, **values: object) -> Said:
    """Return an English sentence that can be shown in another language.

    A place takes what `format` makes of its value; what was said itself is translated with it.
    """
    return Said(message, "", 1, "", values)


def say_in(context: str, message: str, /, **values: object) -> Said:
    """Say a message that means something else in another place."""
    return Said(message, "", 1, context, values)


def say_many(one: str, many: str, count: int, /, **values: object) -> Said:
    """Say a message that counts: {n} is the count."""
    return Said(one, many, count, "", {"n": count, **values})


def say_all(parts: Iterable[str]) -> str:
    """Say one after another in a line what is said; nothing where nothing is."""
    said = [part for part in parts if part]
    return reduce(lambda one, other: say("{one}; {other}", one=one, other=other), said or [""])


def say_each(parts: Sequence[str]) -> str:
    """Say one after another, parted by commas; nothing where nothing is."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    # Halved, as a long list would nest too deep to be shown.
    one, other = (say_each(half) for half in (parts[: len(parts) // 2], parts[len(parts) // 2 :]))
    return say("{one}, {other}", one=one, other=other)


def say_both(parts: Iterable[str]) -> str:
    """Say that all of several are meant: a and b."""
    return reduce(lambda one, other: say("{one} and {other}", one=one, other=other), parts)


def say_either(parts: Iterable[str]) -> str:
    """Say that one of several is meant: a or b."""
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), parts)


def tr(message: str, /, **values: object) -> str:
    """Return a sentence in the language that is spoken now."""
    return shown(say(message, **values))


def tr_in(context: str, message: str, /, **values: object) -> str:
    """Return a message that means something else in another place."""
    return shown(say_in(context, message, **values))


def tr_many(one: str, many: str, count: int, /, **values: object) -> str:
    """Return a message that counts, in the language that is spoken now."""
    return shown(say_many(one, many, count, **values))


def shown(text: str) -> str:
    """Return what was said in the language that is spoken now; any other text as it stands."""
    if not isinstance(text, Said):
        return text
    if spoken() == ENGLISH:
        return "".join(text)
    values = {n: shown(v) if isinstance(v, str) else v for n, v in text.values.items()}
    return filled(translated(text), values)


def translated(said: Said) -> str:
    """Return the message in the language that is spoken now, its places open."""
    if spoken() == ENGLISH or not said.message:
        return said.message if not said.many or said.number == 1 else said.many
    known = _catalogue(LANGUAGES[spoken()])
    if said.many:
        return known.ngettext(said.message, said.many, said.number)
    if said.context:
        return known.pgettext(said.context, said.message)
    return known.gettext(said.message)


def filled(message: str, values: Mapping[str, object]) -> str:
    """Fill a message's places; a space parts Latin from Han characters where they meet there."""
    if not values:
        return message
    text = ""
    for literal, name, spec, _ in Formatter().parse(message):
        text = _beside(text, literal)
        if name is not None:
            text = _beside(text, format(values[name], spec or ""))
    return text


def _beside(left: str, right: str) -> str:
    apart = _APART.fullmatch(left[-1:] + right[:1])
    dated = _DATED_BEFORE.search(left[-16:]) or _DATED_AFTER.match(right)
    return f"{left}{' ' if apart and not dated else ''}{right}"


@cache
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [name])


def spoken() -> str:
    """Return the language that is spoken now: en or zh-Hant."""
    return _SPOKEN.get()


def tag() -> str:
    """Return the language that is spoken now as a page names it: en or zh-Hant-TW."""
    return {ENGLISH: ENGLISH}.get(spoken(), f"{spoken()}-TW")


def locale() -> str:
    """Return the language that is spoken now as locale data names it."""
    return LANGUAGES[spoken()] or ENGLISH


def meant(language: str) -> str:
    """Return en or zh-Hant for what a person calls so (zh_TW, ZH-hant), else nothing."""
    asked = language.strip().replace("_", "-").casefold()
    names = {name.casefold(): name for name in LANGUAGES} | _ALSO
    return names.get(asked, "")


def speak(language: str) -> None:
    """Speak this language from now on; raises ValueError for one that is not among LANGUAGES."""
    if language not in LANGUAGES:
        raise ValueError(f"the languages are {', '.join(LANGUAGES)}, not {language!r}")
    _SPOKEN.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language inside, then the one from before; raises ValueError as `speak` does."""
    before = spoken()
    speak(language)
    try:
        yield
    finally:
        speak(before)
