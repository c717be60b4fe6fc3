"""What a scenario may assume: the busts, one entry each, and what each symbol follows in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backtests.eras import ERAS
from data.catalog import is_symbol
from data.errors import BadPlan, UnknownName, printable
from data.language import say
from data.prices import Bars


@dataclass(frozen=True)
class Bust:
    """An earlier bust from its peak to where its path ends; `bars` are those it is known on."""

    name: str
    title: str
    peak: date
    end: date
    bars: tuple[Bars, ...] = ("daily", "weekly", "monthly")


_ALL = (
    Bust("dotcom", say("the dot-com bust"), date(2000, 3, 10), date(2007, 12, 31)),
    Bust("gfc", say("the financial crisis of 2008"), date(2007, 10, 9), date(2013, 3, 31)),
    Bust("1929", say("the crash of 1929"), date(1929, 8, 31), date(1945, 12, 31), ("monthly",)),
    Bust(
        "1973",
        say("the bust of 1973 and 1974"),
        date(1972, 12, 31),
        date(1982, 12, 31),
        ("monthly",),
    ),
)
BUSTS: Mapping[str, Bust] = {bust.name: bust for bust in _ALL}

DEEPEST = 2.0
# The name of a counterpart that is several symbols, in equal parts at the peak.
LEADERS = "LEADERS"
BASKETS: Mapping[str, tuple[str, ...]] = {LEADERS: ERAS["dotcom"].baskets["ai-picks"].symbols}
LEADERS_LABEL = ERAS["dotcom"].baskets["ai-picks"].label
_SEVEN = ERAS["ai-run"].baskets["ai-picks"].symbols
_THEMSELVES = ("SP500", "BOND", "GOLD", "REIT", "CASH")
COUNTERPARTS: Mapping[str, str] = {
    **{symbol: symbol for symbol in _THEMSELVES},
    "QQQ": "IXIC",
    **dict.fromkeys(_SEVEN, LEADERS),
}


def members(counterpart: str) -> tuple[str, ...]:
    """Return the symbols that a counterpart is made of."""
    return BASKETS.get(counterpart, (counterpart,))


# What a scenario takes from Python, where nothing has read its words before.
_KINDS: Mapping[str, tuple[Any, str]] = {
    "like": (str, say("a name in quotes, as 'dotcom' or '1929'")),
    "peak": (date, say("a date, as date(2000, 3, 10)")),
    "depth": (int | float, say("a number, as 0.5")),
    "counterparts": (Mapping, say("a mapping, as {'NVDA': 'CSCO'}")),
    "stop_after": (int, say("a whole number of months")),
}


@dataclass(frozen=True)
class Scenario:
    """What is assumed after history: which bust, from which day, how deep, who follows whom.

    `depth` is the power of all that fell below its price at the peak: 1 as it was, 0.5 about half.
    `counterparts` go before those that are declared. `stop_after` is the months of the scenario
    after which nothing is paid in any more.
    """

    like: str = "dotcom"
    peak: date | None = None
    depth: float = 1.0
    counterparts: Mapping[str, str] = field(default_factory=dict)
    stop_after: int | None = None

    def __post_init__(self) -> None:
        for name, (kind, wanted) in _KINDS.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise BadPlan(
                    say(
                        "{name} is {came}; give {wanted}",
                        name=name,
                        came=printable(repr(value), 60),
                        wanted=wanted,
                    )
                )
        if self.like not in BUSTS:
            raise UnknownName(say("bust"), self.like, BUSTS)
        for name in (*self.counterparts, *self.counterparts.values()):
            if not is_symbol(name):
                raise BadPlan(
                    say(
                        "counterpart {name!r} is no symbol; write it like SP500",
                        name=printable(name, 30),
                    )
                )
        if not 0 < self.depth <= DEEPEST:
            raise BadPlan(
                say(
                    "depth is {depth:g}; give more than 0 and at most {most:g}",
                    depth=self.depth,
                    most=DEEPEST,
                )
            )
        if self.stop_after is not None and not 0 <= self.stop_after <= 1200:
            raise BadPlan(
                say("stop_after is {months} months; give 0 to 1200", months=self.stop_after)
            )
        if self.peak and self.peak >= self.bust.end:
            raise BadPlan(
                say(
                    "the peak {peak} is not before {end}, where the path ends",
                    peak=self.peak,
                    end=self.bust.end,
                )
            )

    @property
    def bust(self) -> Bust:
        """The bust that is followed."""
        return BUSTS[self.like]

    @property
    def top(self) -> date:
        """The day that is laid on history's last bar."""
        return self.peak or self.bust.peak

    def counterpart(self, symbol: str) -> str:
        """Return what a symbol follows; raises BadPlan where nothing is declared."""
        found = self.counterparts.get(symbol) or COUNTERPARTS.get(symbol)
        if not found:
            raise BadPlan(
                say(
                    "{symbol} has no counterpart in {bust}; name one with --counterpart "
                    '{symbol}=SP500, or in a plan\'s [symbol] table: counterpart = "SP500"',
                    symbol=printable(symbol),
                    bust=self.bust.title,
                )
            )
        return found

    def symbols(self, held: Sequence[str], declared: Collection[str] = ()) -> tuple[str, ...]:
        """Return all whose prices it takes to lay a path for what is held.

        Raises UnknownName where what is neither held nor `declared` is to follow something.
        """
        for name in self.counterparts:
            if name not in held and name not in declared and name not in COUNTERPARTS:
                raise UnknownName(say("holding"), name, held)
        wanted, known = [*held, "CASH"], {**COUNTERPARTS, **self.counterparts}
        followed = (m for s in wanted if s in known for m in members(known[s]))
        return tuple(dict.fromkeys([*wanted, *followed]))
