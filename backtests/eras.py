"""The periods that are replayed: one entry each, with its phases and what stood for the picks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from data.errors import UnknownName
from data.language import say, say_in


@dataclass(frozen=True)
class Phase:
    """A named part of an era, both days included; no end: to the newest bar."""

    name: str
    start: date
    end: date | None = None


@dataclass(frozen=True)
class Basket:
    """The symbols that stand for a strategy in an era, and the label that must stand beside it."""

    symbols: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True)
class Era:
    """A window that is replayed, both days included; no end: to the newest bar.

    `strategies` run there where none is named (none: those on by default), and accounts are kept in
    `currency` (empty: dollars) in a plan of that era alone. `short` is the title for
    where there is little room; empty: the title. `opening` begins a sentence on the era; empty: its
    first month does.
    """

    name: str
    title: str
    start: date
    end: date | None
    phases: tuple[Phase, ...] = ()
    baskets: Mapping[str, Basket] = field(default_factory=dict)
    on_by_default: bool = False
    strategies: tuple[str, ...] = ()
    currency: str = ""
    short: str = ""
    opening: str = ""


_LEADERS = Basket(
    ("MSFT", "CSCO", "INTC", "ORCL", "QCOM", "DELL", "YHOO"),
    say("chosen with hindsight; Sun and WorldCom are missing, so the truth was worse"),
)
_SURVIVORS = Basket(("MSFT", "AAPL", "AMZN", "NVDA"), say("hindsight: four survivors"))
_SEVEN = Basket(
    ("NVDA", "MSFT", "AAPL", "GOOGL", "AMZN", "META", "TSLA"),
    say("chosen with hindsight: the seven were named after they had risen"),
)
# Who holds one of these holds what is known today.
PICKS = frozenset(s for basket in (_LEADERS, _SURVIVORS, _SEVEN) for s in basket.symbols)
HINDSIGHT = say("known today for how they rose: picked with hindsight, as nobody could then")
_DOTCOM_BASKETS = {
    "ai-picks": _LEADERS,
    "ai-picks-survivors": _SURVIVORS,
    "nasdaq": Basket(("IXIC",)),
}
_BUST = Phase(say_in("phase", "bust"), date(2000, 4, 1), date(2002, 9, 30))
_RECOVERY = Phase(say_in("phase", "recovery"), date(2002, 10, 1), date(2007, 12, 31))

_ALL = (
    Era(
        "dotcom",
        say("Dot-com: run-up, bust and recovery"),
        date(1996, 6, 1),
        date(2007, 12, 31),
        (Phase(say_in("phase", "run-up"), date(1996, 6, 1), date(2000, 3, 31)), _BUST, _RECOVERY),
        _DOTCOM_BASKETS,
        on_by_default=True,
        short=say("Dot-com"),
    ),
    Era(
        "dotcom-peak",
        say("Dot-com: begun at the top"),
        date(2000, 3, 1),
        date(2007, 12, 31),
        (Phase(say_in("phase", "top"), date(2000, 3, 1), date(2000, 3, 31)), _BUST, _RECOVERY),
        _DOTCOM_BASKETS,
        on_by_default=True,
        short=say("Dot-com"),
        opening=say("Started at the 2000 top,"),
    ),
    Era(
        "ai-run",
        say("AI run: since ChatGPT's release"),
        date(2022, 11, 1),
        None,
        (Phase(say_in("phase", "run-up"), date(2022, 11, 1)),),
        {"ai-picks": _SEVEN, "nasdaq": Basket(("QQQ",))},
        on_by_default=True,
        short=say("AI run"),
    ),
    Era(
        "gfc",
        say("Global financial crisis"),
        date(2007, 10, 1),
        date(2013, 3, 31),
        (
            Phase(say_in("phase", "bust"), date(2007, 10, 1), date(2009, 3, 9)),
            Phase(say_in("phase", "recovery"), date(2009, 3, 10), date(2013, 3, 31)),
        ),
    ),
    Era(
        "great-depression",
        say("The Great Depression"),
        date(1928, 9, 1),
        date(1945, 12, 31),
        (
            Phase(say_in("phase", "run-up"), date(1928, 9, 1), date(1929, 8, 31)),
            Phase(say_in("phase", "bust"), date(1929, 9, 1), date(1932, 6, 30)),
            Phase(say_in("phase", "recovery"), date(1932, 7, 1), date(1945, 12, 31)),
        ),
    ),
    Era(
        "stagflation",
        say("Stagflation"),
        date(1966, 1, 1),
        date(1982, 12, 31),
        (
            Phase(say_in("phase", "sideways"), date(1966, 1, 1), date(1972, 12, 31)),
            Phase(say_in("phase", "bust"), date(1973, 1, 1), date(1974, 9, 30)),
            Phase(say_in("phase", "recovery"), date(1974, 10, 1), date(1982, 12, 31)),
        ),
    ),
    Era(
        "japan",
        say("Japan: the Nikkei 225 since 1985"),
        date(1985, 1, 1),
        None,
        (
            Phase(say_in("phase", "run-up"), date(1985, 1, 1), date(1989, 12, 31)),
            Phase(say_in("phase", "bust"), date(1990, 1, 1), date(2009, 3, 10)),
            Phase(say_in("phase", "recovery"), date(2009, 3, 11)),
        ),
        strategies=("nikkei",),
        currency="JPY",
        short=say("Japan"),
    ),
    Era("lost-decade", say("The lost decade"), date(2000, 1, 1), date(2009, 12, 31)),
    Era("all", say("Everything the figures cover"), date(1996, 6, 1), None),
)

ERAS: Mapping[str, Era] = {era.name: era for era in _ALL}
DEFAULT_ERAS = tuple(era.name for era in _ALL if era.on_by_default)


def era_named(name: str) -> Era:
    """Return the declared era called `name`."""
    if name not in ERAS:
        raise UnknownName(say("era"), name, ERAS)
    return ERAS[name]
