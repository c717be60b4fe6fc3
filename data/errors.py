"""Tell a person what was wanted, what came instead and what to do.

DcaError                 exit code 1: a run that failed
├── RunFailed            the engine refused a result it cannot stand behind
├── FetchFailed          prices that could not be fetched
│   └── BadHistory       prices that were fetched and cannot be trusted
└── BadInput             exit code 2: something a person typed or handed over
    ├── UnknownName      no such strategy, era or option; near matches suggested
    │   └── UnknownSymbol  no such symbol in a source
    ├── BadPlan          a plan or an option out of its range
    ├── BadPrices        a table that is not a price table
    ├── NoPrices         a window in which a symbol has no prices
    └── BadFolder        a folder that cannot be read, written or replaced
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from data.language import Said, say, say_each

# A source may have thousands of symbols; a line shows as many.
_MOST_NAMES = 8


# What a system says most often; other words stand as it says them.
_OF_SYSTEMS = (
    say("Permission denied"),
    say("No such file or directory"),
    say("No space left on device"),
    say("Read-only file system"),
    say("Is a directory"),
    say("Not a directory"),
    say("File exists"),
    say("File name too long"),
    say("Input/output error"),
)


class DcaError(Exception):
    """Base of every error this project raises on purpose."""

    exit_code = 1


class RunFailed(DcaError):
    """A run whose result would not be true."""


class FetchFailed(DcaError):
    """Prices that could not be fetched: the network, the source, or the time allowed."""


class BadHistory(FetchFailed):
    """Prices that came and fail the checks; they are neither used nor kept."""


class BadInput(DcaError):
    """Something a person can put right: one line with culprit, cause and next step."""

    exit_code = 2


class UnknownName(BadInput):
    """A name nothing answers to."""

    def __init__(self, thing: str, name: str, known: Iterable[str]) -> None:
        names, shown = sorted(known), printable(name)
        near = get_close_matches(name.casefold(), [n.casefold() for n in names], n=1, cutoff=0.5)
        match = next((n for n in names if near and n.casefold() == near[0]), "")
        super().__init__(
            say(
                "unknown {thing} {name!r}; did you mean {match!r}?",
                thing=thing,
                name=shown,
                match=match,
            )
            if near
            else say(
                "unknown {thing} {name!r}; known: {names}",
                thing=thing,
                name=shown,
                names=say_each(names),
            )
        )


class UnknownSymbol(UnknownName):
    """A symbol that a source does not have: what it has, and where others are to be had.

    `source` is a message with a place for {symbols}.
    """

    def __init__(self, name: str, known: Iterable[str], source: str, elsewhere: str) -> None:
        names = sorted(known)
        near = [n for n in names if len(n) > 2 and _one_slip(name.upper(), n.upper())]
        values = {
            "name": printable(name),
            "has": say(source, symbols=_first(names)),
            "elsewhere": elsewhere,
        }
        text = (
            say(
                "unknown symbol {name!r}; did you mean {match!r}? {has}; {elsewhere}",
                match=near[0],
                **values,
            )
            if near
            else say("unknown symbol {name!r}; {has}; {elsewhere}", **values)
        )
        BadInput.__init__(self, text)


class BadPlan(BadInput):
    """A plan or an option out of its range."""


class BadPrices(BadInput):
    """A table that cannot be used as prices."""


class NoPrices(BadInput):
    """A window in which a symbol has no prices."""


class BadFolder(BadInput):
    """A folder that cannot be read, written or replaced."""


def _first(names: Sequence[str]) -> str:
    """List names, as many as a line shows."""
    listed, more = say_each(names[:_MOST_NAMES]), len(names) - _MOST_NAMES
    return say("{names} and {n:,} more", names=listed, n=more) if more > 0 else listed


def _one_slip(one: str, other: str) -> bool:
    """Say whether two words differ by one letter more, less or other, or by two that changed."""
    if len(one) > len(other):
        one, other = other, one
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return len(other) == len(one) + 1 and one[at:] == other[at + 1 :]
    swapped = other[at : at + 2][::-1]
    return one[at + 1 :] == other[at + 1 :] or one[at:] == swapped + other[at + 2 :]


def why(error: OSError) -> str:
    """Return the system's reason for an error."""
    return say(error.strerror or type(error).__name__)


def one_line(error: BaseException) -> str:
    """Write an error as one short line: its kind, unless it is ours, and what it says."""
    text = str(error)
    if isinstance(text, Said):
        return text
    lines = text.strip().splitlines() or [say("no message")]
    if isinstance(error, DcaError):
        return printable(lines[0], 200)
    return say("{kind}: {text}", kind=type(error).__name__, text=printable(lines[0], 200))


def printable(text: str, limit: int = 60) -> str:
    """Cut `text` to one short line fit for an error message; control characters are shown."""
    shown = text[: limit + 1]
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    if clean == text:
        return text
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
