"""The busts that a scenario may follow, and what each symbol follows in them: one entry each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backtests.eras import ERAS
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
    Bust("dotcom", "the dot-com bust", date(2000, 3, 10), date(2007, 12, 31)),
    Bust("gfc", "the financial crisis of 2008", date(2007, 10, 9), date(2013, 3, 31)),
    Bust("1929", "the crash of 1929", date(1929, 8, 31), date(1945, 12, 31), ("monthly",)),
    Bust("1973", "the bust of 1973 and 1974", date(1972, 12, 31), date(1982, 12, 31), ("monthly",)),
)
BUSTS: Mapping[str, Bust] = {bust.name: bust for bust in _ALL}

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
