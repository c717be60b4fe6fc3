"""What a claim, its verdict and its grounds are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from typing import Any, Literal

import numpy as np

from backtests.comparison import compare
from backtests.measures.series import Drawdown, drawdown, drawdowns
from backtests.plan import OwnEra, OwnStrategy, Plan
from backtests.result import Result
from backtests.vectorized.bootstrap import check_seed
from data.arrays import Days, Floats
from data.errors import NoPrices
from data.language import say
from data.options import Tables
from data.prices import BARS_SAID, Bars, PriceTable

Verdict = Literal["holds", "holds with a condition", "does not hold"]
HOLDS: Verdict = "holds"
CONDITION: Verdict = "holds with a condition"
NOT: Verdict = "does not hold"
Number = float | int | str | None


@dataclass(frozen=True)
class Claim:
    """A saying, what the numbers say of it, and by which rule.

    `rule` states the thresholds, `finding` tells the numbers in a sentence; rates are fractions,
    money is USD, dates are ISO. `runs` are commands that show what the numbers stand on, `notes`
    what must stand beside them.
    """

    id: str
    claim: str
    verdict: Verdict
    finding: str
    rule: str
    numbers: Mapping[str, Number]
    runs: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what `dca claims --json` prints of it."""
        return {
            "id": self.id,
            "claim": self.claim,
            "verdict": self.verdict,
            "finding": self.finding,
            "rule": self.rule,
            "numbers": dict(self.numbers),
            "runs": list(self.runs),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Found:
    """What the numbers say of a saying: whether it holds, else whether under its condition."""

    holds: bool
    condition: bool
    finding: str
    numbers: Mapping[str, Number]
    runs: tuple[str, ...]


class Ground:
    """The prices that claims are held against, and the runs over them, each made once."""

    def __init__(self, tables: Tables, seed: int = 1) -> None:
        check_seed(seed)
        self.tables, self.seed = tables, seed
        self._runs: dict[tuple[object, ...], Result] = {}
        self._noted: list[str] = []

    @cached_property
    def daily(self) -> PriceTable:
        """The daily prices, or the finest there are."""
        return self.tables["daily" if "daily" in self.tables else "monthly"]()

    @cached_property
    def monthly(self) -> PriceTable:
        """The month ends."""
        return self.tables["monthly"]()

    def first_month(self, symbol: str) -> str:
        """Return the first whole month of month ends a symbol has, as YYYY-MM."""
        first = np.datetime64(self.monthly.first(symbol), "M") + 1
        return str(first)

    def run(self, strategy: str, era: str) -> Result:
        """Replay a strategy through an era of ours, both by name; raises NoPrices."""
        return self._once((strategy, era), Plan(eras=(era,), strategies=(strategy,)))

    def saved(
        self, symbol: str, start: date, end: date | None = None, bars: Bars = "daily"
    ) -> Result:
        """Save into one symbol by the month; raises NoPrices, UnknownName."""
        own = {"mine": OwnStrategy(weights={symbol: 1.0})}
        window = {"window": OwnEra(start=start, end=end)}
        asked = Plan(
            eras=("window",), strategies=("mine",), strategy=own, era=window,
            bars="monthly" if bars == "monthly" else "auto",
        )  # fmt: skip
        return self._once((symbol, start, end, bars), asked)

    def _once(self, key: tuple[object, ...], plan: Plan) -> Result:
        if key not in self._runs:
            self._runs[key] = next(compare(plan, self.tables).results)
        self._noted += self._runs[key].warnings
        return self._runs[key]

    def notes(self) -> tuple[str, ...]:
        """Return what must stand beside all that was looked at since this was last asked."""
        noted, self._noted = tuple(dict.fromkeys(self._noted)), []
        return noted

    def note(self, table: PriceTable, symbol: str) -> None:
        """Take note of what a symbol's prices are."""
        parts = [part.name for part in table.parts.get(symbol, ())]
        if parts and parts != [symbol]:
            then = reduce(lambda one, more: say("{one}, then {more}", one=one, more=more), parts)
            self._noted.append(say("{symbol} is {parts}", symbol=symbol, parts=then))
        self._noted += map(str, table.notes.get(symbol, ()))

    def fall(self, symbol: str, start: date, end: date) -> Drawdown | None:
        """Return a symbol's deepest fall between two days, None where it never fell."""
        self.note(self.daily, symbol)
        days, closes = priced(self.daily, symbol, start, end)
        level = closes / closes[0]
        found = drawdowns(level, drawdown(level), days, 1)
        return found[0] if found else None

    def change(self, symbol: str, start: date, end: date) -> float:
        """Return a symbol's change between two days on which it has prices."""
        self.note(self.daily, symbol)
        _, closes = priced(self.daily, symbol, start, end)
        return float(closes[-1] / closes[0] - 1.0)


def priced(table: PriceTable, symbol: str, start: date, end: date | None) -> tuple[Days, Floats]:
    """Return the days between two days on which a symbol has a price, and its closes."""
    column = table.column(symbol)
    inside = np.isfinite(column) & (table.dates >= np.datetime64(start))
    if end is not None:
        inside &= table.dates <= np.datetime64(end)
    if not inside.any():
        raise NoPrices(
            say(
                "{symbol} has no {bars} prices from {start} on",
                symbol=symbol, bars=BARS_SAID[table.bars], start=start,
            )
        )  # fmt: skip
    return table.dates[inside], column[inside]


@dataclass(frozen=True)
class Saying:
    """A claim before it is judged: what is said, without its stop, the rule, and the look-up."""

    id: str
    claim: str
    rule: str
    find: Callable[[Ground], Found]

    def judge(self, ground: Ground) -> Claim:
        """Hold it against the numbers; raises NoPrices and UnknownName where they are missing."""
        found = self.find(ground)
        verdict = HOLDS if found.holds else CONDITION if found.condition else NOT
        claim = say("{claim}.", claim=self.claim)
        said = (self.id, claim, verdict, found.finding, self.rule)
        return Claim(*said, found.numbers, found.runs, ground.notes())
