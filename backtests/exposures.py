"""How much of each strategy is in a basket of the index's members, bar by bar.

The embedded table has members' weights in the S&P 500 on some days. Between two of them a member's
weight moves by its own return over the index's, times a factor that grows geometrically with time
so that it meets the second; before the first and after the last it moves by returns alone. That is
an estimate; the table's days are not. What cannot be known is NaN here and null in files, never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backtests.comparison import Chapter, Comparison
from backtests.eras import ERAS, Era
from backtests.plan import Plan
from backtests.result import Result
from data.arrays import Days, Flags, Floats, runs
from data.catalog import CATALOG
from data.errors import BadPlan, UnknownName
from data.holes import LONGEST_HOLE, carry
from data.language import say
from data.prices import PriceTable
from data.snapshot.weights import EFFECTIVE_NUMBER, SEVEN, TOP10, Dated, Weight, dated, technology

if TYPE_CHECKING:
    import pandas as pd

INDEX = "SP500"
DEFAULT_ERA = "ai-run"
THE_SEVEN = ERAS[DEFAULT_ERA].baskets["ai-picks"].symbols
DEFAULT_FALL = 0.8
# A month-end bar may be dated this many days after the month's last session.
_MONTH_EDGE = np.timedelta64(4, "D")
# The table may be newer than the prices: its days up to a month after the last bar are shown.
_NEWEST = np.timedelta64(31, "D")


@dataclass(frozen=True)
class IndexWeight:
    """A basket's weight in the index, one entry a day: NaN where not known; estimate or dated."""

    days: Days
    weight: Floats
    estimate: Flags

    def at(self, days: Days) -> Floats:
        """Return the weights on days that are among these."""
        return self.weight[np.searchsorted(self.days, days)]


@dataclass(frozen=True)
class Held:
    """What a strategy has in the basket on its own bars: a fraction, and the saver's dollars."""

    result: Result
    weight: Floats
    usd: Floats


@dataclass(frozen=True)
class Question:
    """What is asked: a plan of one era, a basket, and how far the basket is to fall."""

    plan: Plan
    basket: tuple[str, ...]
    fall: float


@dataclass(frozen=True)
class Exposure:
    """A basket inside each strategy of an era, and what stands beside it.

    `index` covers the era's bars and the table's days after them; `fall` is what the basket is
    asked to lose, a fraction; `largest` and `effective` are the share of the ten largest and the
    effective number of holdings (1 over the sum of squared weights) on the table's days.
    """

    chapter: Chapter
    basket: tuple[str, ...]
    fall: float
    index: IndexWeight
    held: tuple[Held, ...]
    left_out: tuple[str, ...]
    largest: Dated
    effective: Dated
    technology: tuple[Weight, Weight]

    @property
    def last(self) -> float:
        """The basket's weight in the index on the era's last bar, NaN where not known."""
        return float(self.index.at(self.held[0].result.course.dates[-1:])[0])

    @property
    def index_loss(self) -> Floats:
        """What the index loses by the basket alone if it falls by `fall`, one entry a day."""
        return -self.fall * self.index.weight

    def frame(self) -> "pd.DataFrame":
        """Return the weights by day: the index's, whether it is an estimate, each strategy's."""
        import pandas as pd

        days = pd.DatetimeIndex(self.index.days, name="date")
        columns = {"index": self.index.weight, "estimate": self.index.estimate}
        made = pd.DataFrame(columns, index=days)
        for held in self.held:
            own = pd.DatetimeIndex(held.result.course.dates)
            made[held.result.strategy] = pd.Series(held.weight, index=own)
            made[f"{held.result.strategy} usd"] = pd.Series(held.usd, index=own)
        return made

    def as_json(self) -> dict[str, Any]:
        """Return what `dca exposure --json` prints."""
        days = self.index.days.astype(str).tolist()
        last = _nulls(self.index_loss)[-1]
        return {
            "basket": list(self.basket),
            "era": self.chapter.era.name,
            "fall": self.fall,
            "index_loss": last,
            "index": [
                {"date": day, "weight": weight, "estimate": estimate}
                for day, weight, estimate in zip(
                    days, _nulls(self.index.weight), self.index.estimate.tolist(), strict=True
                )
            ],
            "strategies": {held.result.strategy: _entries(held) for held in self.held},
            "top10": _figures(self.largest),
            "effective_number": _figures(self.effective),
            "technology": [{"date": w.date, "weight": w.figure} for w in self.technology],
        }


def exposure(comparison: Comparison, question: Question) -> Exposure:
    """Look for a basket inside every strategy of a comparison's one era."""
    (chapter,) = comparison.chapters
    found = inside(chapter, comparison.tables[chapter.bars], question.basket, question.fall)
    return replace(found, left_out=(*comparison.left_out, *found.left_out))


def inside(
    chapter: Chapter,
    prices: PriceTable,
    basket: tuple[str, ...] = THE_SEVEN,
    fall: float = DEFAULT_FALL,
) -> Exposure:
    """Look for a basket inside every strategy of an era."""
    index = _within(weights(prices, basket), chapter.start, chapter.era)
    table = dated()
    return Exposure(
        chapter,
        basket,
        fall,
        index,
        tuple(_held(result, basket, index) for result in chapter.results),
        chapter.left_out,
        table[TOP10],
        table[EFFECTIVE_NUMBER],
        technology(),
    )


def asked(plan: Plan, basket: Sequence[str] = (), fall: float | None = None) -> Question:
    """Fill in what was not said: the seven, a fall of four fifths, the AI run.

    Raises:
        BadPlan: more than one era, a symbol twice, or a fall outside 0 to 1.
        UnknownName: a symbol whose weights are not in the table.

    """
    wanted, loss = tuple(basket) or THE_SEVEN, DEFAULT_FALL if fall is None else fall
    for symbol in wanted:
        if symbol not in THE_SEVEN:
            raise UnknownName(say("member of the index"), symbol, THE_SEVEN)
    if len(set(wanted)) != len(wanted):
        raise BadPlan(
            say(
                "the basket {symbols} names a symbol twice; name each once",
                symbols=",".join(wanted),
            )
        )
    if not 0 < loss <= 1:
        raise BadPlan(
            say("fall is {fall:g}; write a fraction above 0 and up to 1, as 0.8", fall=loss)
        )
    if len(set(plan.eras)) > 1:
        raise BadPlan(say("exposure looks at one era at a time; name one with --era"))
    eras = plan.eras or (DEFAULT_ERA,)
    return Question(plan.model_copy(update={"eras": eras}), wanted, loss)


def weights(table: PriceTable, basket: Sequence[str] = THE_SEVEN) -> IndexWeight:
    """Estimate a basket's weight on every bar of a table, and take the table's days after it."""
    found = [_member(table, symbol) for symbol in basket]
    weight = np.sum([w for w, _ in found], axis=0)
    told = np.array([sure for _, sure in found])
    # A member that has not entered yet is no estimate, but no figure of the table's either.
    absent = np.array([w == 0 for w, _ in found])
    estimate = ~((told | absent).all(axis=0) & told.any(axis=0))
    later, figures = _later(table.dates[-1], basket)
    return IndexWeight(
        np.concatenate([table.dates, later]),
        np.concatenate([weight, figures]),
        np.concatenate([estimate, np.zeros(len(later), np.bool_)]),
    )


def _member(table: PriceTable, symbol: str) -> tuple[Floats, Flags]:
    """Return a member's weight on every bar, and where it is the table's own."""
    known, count = dated()[symbol], len(table.dates)
    places = np.array([_place(table, day) for day in known.days])
    bars, figures = places[places >= 0], known.figures[places >= 0]
    weight, relative = np.full(count, np.nan), _relative(table, symbol)
    days = table.dates.astype("datetime64[D]").astype(np.float64)
    for start, stop in runs(np.isfinite(relative)):
        inside = (bars >= start) & (bars < stop)
        if inside.any():
            drift = np.log(figures[inside]) - relative[bars[inside]]
            factor = np.interp(days[start:stop], days[bars[inside]], drift)
            weight[start:stop] = np.exp(relative[start:stop] + factor)
    weight[bars] = figures
    weight[table.dates < _entry(symbol, known)] = 0.0
    told = np.zeros(count, np.bool_)
    told[bars] = True
    return weight, told


def _entry(symbol: str, known: Dated) -> np.datetime64:
    """Return the day a member entered: in the table, or its listing where it was there at once."""
    listed = CATALOG[symbol].listed
    late = known.days[0] > dated()[SEVEN].days[0]
    return np.datetime64(known.days[0] if late else listed or "1900-01-01")


def _relative(table: PriceTable, symbol: str) -> Floats:
    """Return the logarithm of a price over the index's; a short hole keeps the last one."""
    if symbol not in table.symbols or INDEX not in table.symbols:
        return np.full(len(table.dates), np.nan)
    pair = np.column_stack([table.column(symbol), table.column(INDEX)])
    carried, _ = carry(pair)
    missing = np.asarray(np.isnan(pair).any(axis=1))
    relative = np.log(carried[:, 0] / carried[:, 1])
    for start, stop in runs(missing):
        if stop - start > LONGEST_HOLE[table.bars] or start == 0 or stop == len(missing):
            relative[start:stop] = np.nan
    return relative


def _place(table: PriceTable, day: np.datetime64) -> int:
    """Return the bar whose close a day's weight goes with, -1 where the table has none."""
    bar = int(np.searchsorted(table.dates, day, side="right")) - 1
    if bar >= 0 and table.dates[bar] == day:
        return bar
    if table.bars == "monthly" and bar + 1 < len(table.dates):
        after = table.dates[bar + 1]
        same = after.astype("datetime64[M]") == day.astype("datetime64[M]")
        return bar + 1 if same and after - day <= _MONTH_EDGE else -1
    weekend = not np.is_busday(day) and table.bars == "daily"
    return bar if weekend and bar >= 0 and day - table.dates[bar] <= _MONTH_EDGE else -1


def _later(last: np.datetime64, basket: Sequence[str]) -> tuple[Days, Floats]:
    """Return the table's days soon after a last bar, and the basket's weight on them."""
    known = dated()
    days = known[SEVEN].days
    days = days[(days > last) & (days <= last + _NEWEST)]
    figures = [known[s].figures[np.searchsorted(known[s].days, days)] for s in basket]
    return days, np.sum(figures, axis=0)


def _within(index: IndexWeight, start: Any, era: Era) -> IndexWeight:
    keep = index.days >= np.datetime64(start)
    if era.end is not None:
        keep &= index.days <= np.datetime64(era.end)
    return IndexWeight(index.days[keep], index.weight[keep], index.estimate[keep])


def _held(result: Result, basket: Sequence[str], index: IndexWeight) -> Held:
    """Add up what a strategy has in the basket, by itself and inside the index."""
    worth = result.shares * result.closes
    usd = np.zeros(len(worth))
    for at, symbol in enumerate(result.symbols):
        inside = worth[:, at]
        if symbol == INDEX:
            usd = usd + np.where(inside > 0, inside * index.at(result.course.dates), 0.0)
        elif symbol in basket:
            usd = usd + inside
        elif symbol not in CATALOG or CATALOG[symbol].opaque:
            usd = usd + np.where(inside > 0, np.nan, 0.0)
    value = result.course.value
    share = np.divide(usd, value, out=np.full(len(usd), np.nan), where=value > 0)
    return Held(result, share, usd)


def _entries(held: Held) -> list[dict[str, Any]]:
    days = held.result.course.dates.astype(str).tolist()
    columns = zip(days, _nulls(held.weight), _nulls(held.usd), strict=True)
    return [{"date": day, "weight": weight, "usd": usd} for day, weight, usd in columns]


def _figures(figures: Dated) -> list[dict[str, Any]]:
    pairs = zip(figures.days.astype(str).tolist(), figures.figures.tolist(), strict=True)
    return [{"date": day, "figure": figure} for day, figure in pairs]


def _nulls(figures: Floats) -> list[float | None]:
    return [None if np.isnan(figure) else float(figure) for figure in figures]
