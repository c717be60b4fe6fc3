"""Random tables and plans, replayed by Backtrader, by the vectorised path and by tests/soak/naive.

A case is a World, which hypothesis draws and, where it fails, makes smaller.
"""

import unittest
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from backtests.comparison import StrategyClass, fitted, in_era, replay, strategy_called, view_of
from backtests.eras import Era
from backtests.measures.running import Running
from backtests.plan import Plan, make_plan
from backtests.result import Result
from backtests.sweeps.rows import window_figures
from backtests.vectorized import walk
from backtests.vectorized.book import book_of
from backtests.vectorized.market import Market, Spans, alike
from backtests.vectorized.walk import Stretch
from data.errors import BadInput
from data.prices import PriceTable
from data.rates import Cpi, cash_index
from data.splices import OwnSymbol
from data.ter import charged
from strategies.dca.base import DcaStrategy, derived
from strategies.dca.terms import Rebalance, Schedule
from strategies.dca.trading import Saver
from tests.soak import naive

NAMES = ("AAA", "CCC", "BBB", "DDD")
SHARES = (0.5, 0.3, 0.15, 0.05)
SUMS = (0.0, 0.01, 100.0, 1000.0, 1e9)
MONEY = ("contributed", "final_value", "fees_paid", "taxes_paid")
AGREE = 1e-9
BATCH = 50


class Daily:
    """Keep every bar's value, flow and fees, shape (bars, paths); 0 outside a path's window."""

    def __init__(self, bars: int, paths: int) -> None:
        self.value, self.flow, self.fees = np.zeros((3, bars, paths))

    def see(self, stretch: Stretch) -> None:
        stop = stretch.start + len(stretch.value)
        self.value[stretch.start : stop, stretch.who] = stretch.value
        self.flow[stretch.start, stretch.who] = stretch.flows.usd
        self.fees[stretch.start, stretch.who] = stretch.flows.fees


@dataclass(frozen=True)
class Played:
    """What the twin made of some windows: every bar, the figures kept, the shares at the end."""

    dates: np.ndarray
    daily: Daily
    figures: Mapping[str, np.ndarray]
    shares: np.ndarray


def played(market: Market, spans: Spans, saver: Saver) -> Played:
    daily = Daily(len(market.dates), spans.paths)
    shares = np.zeros((len(market.symbols), spans.paths))
    for who, calendar in alike(market, spans, saver.terms.schedule):
        part, running = spans.part(who), Running(len(who))
        book, own = book_of(market, saver, running), Daily(len(market.dates), len(who))
        walk.play(market, part, calendar, book, [walk.Measuring(running), own])
        shares[:, who] = book.shares
        for name in ("value", "flow", "fees"):
            getattr(daily, name)[:, who] = getattr(own, name)
    return Played(market.dates, daily, window_figures(market, spans, saver), shares)


@dataclass(frozen=True)
class Listed:
    """How a symbol trades: on which days, from and to which part of all bars, and at what cost.

    `carried` days after its last price it ends, `left` is what part of that price is left then.
    """

    days: str = "weekdays"
    late: float = 0.0
    ends: float = 1.0
    carried: int = 0
    left: float | None = None
    ter: float = 0.0
    price: float = 50.0


@dataclass(frozen=True)
class World:
    """A table and a plan to put through all engines; `window` are parts of all bars."""

    seed: int
    bars: str
    count: int
    symbols: tuple[Listed, ...]
    rule: str = "none"
    kind: str = "mix"
    settings: Mapping[str, float] = field(default_factory=dict)
    late: bool = False
    cash: bool = False
    window: tuple[float, float] = (0.0, 1.0)
    terms: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return NAMES[: len(self.symbols)]


class Partly(DcaStrategy):
    """Leave a part of all money in cash."""

    share = 0.6

    def targets(self) -> Mapping[str, float]:
        return {symbol: weight * self.share for symbol, weight in self.held().items()}


# The parts of the symbols that are weights; the rest are picks. What may not be rebalanced.
SETTINGS: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "mix": {},
    "lump-sum": {},
    "partly": {"share": (0.6, 0.9)},
    "satellite": {"share": (0.1, 0.5)},
    "glide": {"years": (0.0, 1.0)},
    "value-averaging": {"most": (1.0, 3.0)},
    "buy-the-dip": {"reserve": (0.2, 0.5), "fall": (0.02, 0.1), "months": (3.0, 12.0)},
}
STEP = {"daily": 1, "weekly": 7, "monthly": 30.5}
RULES = ("none", "annual", "contribute", "band:0.05", "band:0.01")


@dataclass
class Tally:
    """What came of the worlds."""

    worlds: Counter[str] = field(default_factory=Counter)
    bars: int = 0
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {came}" for came, n in self.worlds.most_common())
        total = self.worlds.total()
        return f"{total} plans over {self.bars:,} bars ({counts}): {len(self.kept)} disagree"


def soak(seed: int, numbers: Iterable[int]) -> Tally:
    """Hold batches of worlds, each drawn by its number; what fails is made smaller."""
    tally = Tally()
    for number in numbers:
        result = unittest.TestResult()
        unittest.FunctionTestCase(_batch(tally, seed * 1_000_000 + number)).run(result)
        tally.kept += [f"batch {number}: {text}" for _, text in result.errors + result.failures]
    return tally


def _batch(tally: Tally, seed: int) -> Callable[[], None]:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=BATCH, deadline=None, database=None, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @hypothesis.given(worlds())
    def batch(world: World) -> None:
        came = hold(world)
        tally.worlds[came] += 1
        tally.bars += world.count

    return batch


def days_from(first: date, last: date) -> st.SearchStrategy[date]:
    return st.dates(first - timedelta(days=40), last + timedelta(days=40))


@st.composite
def schedules(draw: st.DrawFn, days: st.SearchStrategy[date]) -> dict[str, Any]:
    """Every rhythm, pause, stop, growth and dated sum; half of the time only monthly payments."""
    if draw(st.booleans()):
        return {}
    every = draw(st.sampled_from([*naive.WEEKS, *naive.MONTHS]))
    pauses = draw(st.lists(st.tuples(days, days).map(sorted).map(tuple), max_size=2))
    sums = draw(st.lists(st.tuples(days, st.floats(1, 1e4)), max_size=4))
    return {
        "every": every,
        "day": draw(st.integers(1, 31)) if every in naive.MONTHS else 1,
        "growth": draw(st.sampled_from([0.0, 0.07, -0.1])),
        "pause": tuple(pauses),
        "stop": draw(st.none() | days),
        "payments": tuple(sums),
    }


def as_schedule(said: Mapping[str, Any]) -> Schedule:
    """Return the same in the project's own words."""
    return Schedule(**{{"pause": "pauses"}.get(key, key): value for key, value in said.items()})


@st.composite
def listings(draw: st.DrawFn, bars: str, first: bool, enters: bool) -> Listed:
    """How a symbol trades; the first one never ends, and is there from the start."""
    days = draw(st.sampled_from(["weekdays", "holidays", "weekends"])) if bars == "daily" else ""
    ter = draw(st.sampled_from([0.0, 0.0, 0.01]))
    price = draw(st.sampled_from([50.0, 50.0, 0.01, 1e5]))
    if first:
        return Listed(days, ter=ter, price=price)
    late = draw(st.sampled_from([0.0, 0.0, 0.3, 0.7])) if enters else 0.0
    ends = draw(st.sampled_from([1.0, 1.0, 0.5, 0.8]))
    last = draw(st.sampled_from([None, None, 0.0, 0.25]))
    carried = draw(st.sampled_from([0, 1]))
    return Listed(days, late, ends if ends > late else 1.0, carried, last, ter, price)


@st.composite
def terms(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """How the saver of a world pays in and trades."""
    dates = [day for days in sessions(world) for day in days]
    some = st.sampled_from
    monthly, initial = draw(some(SUMS)), draw(some([None, None, 0.0, 5000.0]))
    found = draw(schedules(days_from(min(dates), max(dates))))
    if not (monthly or initial or found.get("payments")):
        initial = 5000.0
    found |= {"monthly": monthly, "initial": initial}
    if initial or world.kind == "lump-sum":
        found["parts"] = draw(some([1, 1, 3, 12]))
    if draw(st.booleans()):
        found |= {
            "fee_bps": draw(some([0.0, 10.0, 250.0])), "tax": draw(some([0.0, 0.26, 0.9])),
            "fee_per_order": draw(some([0.0, 1.5, 30.0])), "fee_min": draw(some([0.0, 3.0])),
        }  # fmt: skip
    found |= {"fill": draw(some(["close", "next"])), "whole_shares": draw(st.booleans())}
    if draw(some([False, False, True])):
        found |= {"quit_at": draw(some([0.02, 0.1, 0.3]))}
        found |= {"return_after": draw(some(["never", 1, 6]))}
    if draw(some([False] * 5 + [True])):
        found["growth"] = "cpi"
    return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any table and any plan."""
    bars, kind = draw(st.sampled_from([*STEP])), draw(st.sampled_from([*SETTINGS]))
    count = draw(st.integers(2 if kind in ("satellite", "glide") else 1, 4))
    rules = ("none", "contribute") if kind == "buy-the-dip" else RULES
    start = draw(st.sampled_from([0.0, 0.0, 0.1, 0.4]))
    late = kind in ("satellite", "glide") or draw(st.booleans())
    world = World(
        seed=draw(st.integers(0, 10**6)),
        bars=bars,
        count=draw(st.integers(20, {"daily": 320, "weekly": 90, "monthly": 48}[bars])),
        symbols=tuple(draw(listings(bars, not at, late)) for at in range(count)),
        rule=draw(st.sampled_from(rules)),
        kind=kind,
        settings={key: draw(st.sampled_from(some)) for key, some in SETTINGS[kind].items()},
        late=late,
        cash=draw(st.booleans()),
        window=(start, draw(st.sampled_from([1.0, 1.0, 0.9]))),
    )
    return replace(world, terms=draw(terms(world)))


@cache
def calendar(bars: str, count: int) -> list[date]:
    """Return every day on which something may trade."""
    first = date(2015, 10, 7)
    if bars == "monthly":
        ends = (np.datetime64("2015-10") + np.arange(1, count + 1)).astype("datetime64[D]")
        return (ends - 1).tolist()
    step = 7 if bars == "weekly" else 1
    return [first + timedelta(days=step * at) for at in range(count)]


def sessions(world: World) -> list[list[date]]:
    """Return the days on which each symbol has a price."""
    dice = np.random.default_rng(world.seed)
    days = calendar(world.bars, world.count)
    return [_trading(one, days, dice) for one in world.symbols]


def _trading(one: Listed, days: list[date], dice: np.random.Generator) -> list[date]:
    """Leave weekends and holidays out, never two in a row, and what lies outside of its life."""
    first, last = int(one.late * len(days)), int(one.ends * len(days))
    shut, found = dice.random(len(days)) < (0.08 if one.days != "weekdays" else 0.0), []
    for at, day in enumerate(days):
        if one.days in ("weekdays", "holidays") and day.weekday() > 4:
            continue
        if first <= at < last and not (shut[at] and found and found[-1] == days[at - 1]):
            found.append(day)
    return found or days[first : first + 1]


@dataclass(frozen=True)
class Made:
    """What a world comes to: plain series for the naive replay, and the same as a price table."""

    series: Mapping[str, naive.Series]
    cpi: Mapping[int, float]
    table: PriceTable


def made(world: World) -> Made:
    """Draw a world's prices."""
    dice, series = np.random.default_rng(world.seed + 1), {}
    spread = {"daily": 0.02, "weekly": 0.04, "monthly": 0.07}[world.bars]
    for name, one, days in zip(world.names, world.symbols, sessions(world), strict=True):
        walked = one.price * np.exp(np.cumsum(dice.normal(0, spread, len(days))))
        prices = dict(zip(days, walked.tolist(), strict=True))
        ended = days[-1] + timedelta(days=one.carried) if one.ends < 1 else None
        left = None if one.left is None or not ended else one.left * prices[days[-1]]
        series[name] = naive.Series(prices, ended, left)
    days = sorted({day for one in series.values() for day in one.prices})
    known = [day for at, day in enumerate(days) if at % 3 == 0]
    yields = dict(zip(known, dice.uniform(0, 8, len(known)).tolist(), strict=True))
    months = sorted({naive.month_of(day) for day in days})
    levels = dict(zip(months, (200 * 1.003 ** np.arange(len(months))).tolist(), strict=True))
    cpi = {m: v for at, (m, v) in enumerate(levels.items()) if at == 0 or at % 4}
    table = _tabled(world, series, days, yields, cpi)
    series = {
        name: naive.charged(series[name], one.ter) if one.ter else series[name]
        for name, one in zip(world.names, world.symbols, strict=True)
    }
    return Made(series | ({"CASH": naive.bills(days, yields)} if world.cash else {}), cpi, table)


def _tabled(
    world: World,
    series: Mapping[str, naive.Series],
    days: list[date],
    yields: Mapping[date, float],
    cpi: Mapping[int, float],
) -> PriceTable:
    """Return the same as the project has it."""
    dates = np.array(days, dtype="datetime64[D]")
    columns = [[one.prices.get(day, np.nan) for day in days] for one in series.values()]
    if world.cash:
        known = np.array(list(yields), dtype="datetime64[D]")
        columns.append(cash_index(dates, known, np.array(list(yields.values()))).tolist())
    months = np.array([m - 1970 * 12 for m in cpi]).astype("datetime64[M]")
    table = PriceTable(
        dates, (*series, *(["CASH"] if world.cash else [])), np.array(columns).T,
        world.bars, "file",  # type: ignore[arg-type]
        ended={name: one.ended for name, one in series.items() if one.ended},
        last_prices={n: s.last_price for n, s in series.items() if s.last_price is not None},
        cpi=Cpi(months, np.array(list(cpi.values()))),
    )  # fmt: skip
    costs = zip(world.names, world.symbols, strict=True)
    own = {name: OwnSymbol(ter=one.ter) for name, one in costs if one.ter}
    return charged({table.bars: lambda: table}, own)[table.bars]()


@dataclass(frozen=True, eq=False)
class Question:
    """A world as it is asked of each: a strategy, terms and a window."""

    world: World
    made: Made
    way: naive.Way
    start: date
    end: date

    @classmethod
    def of(cls, world: World) -> "Question":
        found = made(world)
        days = found.table.dates.tolist()
        first, last = (int(part * (len(days) - 1)) for part in world.window)
        shares = SHARES[: len(world.symbols)]
        weights = dict(zip(world.names, [s / sum(shares) for s in shares], strict=True))
        picks = world.names[1:] if world.kind in ("satellite", "glide") else ()
        if picks:
            weights = {world.names[0]: 1.0}
        way = naive.Way(weights, world.rule, world.kind, picks, world.settings)
        return cls(world, found, way, days[first], days[max(last, first)])

    @property
    def plan(self) -> Plan:
        return make_plan(**self.world.terms, strategy=self._declared)

    @property
    def _declared(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "weights": dict(self.way.weights), "rebalance": self.world.rule,
            "late_listings": self.world.late,
        }  # fmt: skip
        if self.world.kind in ("mix", "partly"):
            return {"mine": said}
        said |= {"base": self.world.kind, "settings": dict(self.world.settings)}
        return {"mine": said | ({"picks": self.way.picks} if self.way.picks else {})}

    @property
    def era(self) -> Era:
        return Era("window", "", self.start, self.end)

    @property
    def strategy(self) -> StrategyClass:
        """Return the class that Backtrader runs."""
        if self.world.kind != "partly":
            return in_era(strategy_called("mine", self.plan), self.era)
        return derived(
            Partly, name="mine", weights=self.way.weights, rebalance=self.world.rule,
            late_listings=self.world.late, **self.world.settings,
        )  # fmt: skip

    def plain(self) -> naive.Course:
        """Replay it in plain numbers; raises RefusedError."""
        said = {key: value for key, value in self.world.terms.items() if key != "day"}
        if self.world.bars != "monthly":
            said["day"] = self.world.terms.get("day", 1)
        held = {**self.way.weights, **dict.fromkeys(self.way.picks)}
        series = {name: self.made.series[name] for name in held}
        if said.get("quit_at") and "CASH" in self.made.series:
            series["CASH"] = self.made.series["CASH"]
        window = naive.Window(series, self.world.bars, self.start, self.end, self.world.late)
        plan = naive.Plan(**said, cpi=self.made.cpi)
        return naive.Replay(window, plan, self.way, self.start).run()

    def backtrader(self) -> Result:
        return replay(self.strategy, self.era, self.made.table, self.plan.terms)

    @property
    def within(self) -> "Question":
        """Ask of a window inside this one as well, where symbols may enter in its course."""
        days = [day for day in self.made.table.dates.tolist() if self.start <= day <= self.end]
        return replace(self, start=days[len(days) // 3], end=days[-1 - len(days) // 6])

    def twin(self, asked: Mapping["Question", naive.Course]) -> Played | None:
        """Replay windows the vectorised way, all at once; None where code decides."""
        strategy, terms = self.strategy, fitted(self.plan.terms, self.made.table)
        if not strategy.vectorizable(terms.schedule):
            return None
        whole = Era("all", "", self.made.table.dates[0].item(), self.end)
        view = view_of(strategy, self.made.table, whole if self.world.late else self.era, terms)
        market = Market.of(view)
        days = [[course.days[at] for course in asked.values()] for at in (0, -1)]
        first, last = np.searchsorted(market.dates, np.array(days, "datetime64[D]"))
        begun = np.array([question.start for question in asked], "datetime64[D]")
        spans, total = Spans(first, last, begun), sum(asked[self].flow)
        weights = [[strategy.held().get(symbol, 0.0)] for symbol in view.symbols]
        rule = Rebalance.parse(self.world.rule)
        return played(market, spans, Saver(np.array(weights), rule, strategy.funding(terms, total)))


def hold(world: World) -> str:
    """Hold all paths against each other; return how many there were, raise AssertionError."""
    question = Question.of(world)
    why, plain = "", None
    try:
        plain = question.plain()
    except naive.RefusedError as refusal:
        why = str(refusal)
    if plain is None:
        assert _comes_to_nothing(question), f"not refused: {why}"
        return f"refused: {why}"
    result = question.backtrader()
    _same_course(plain, result)
    _same_figures(plain, result.measures.figures)
    asked = {question: plain} | _inside(question)
    twin = question.twin(asked)
    if twin is None:
        return "two paths"
    for path, course in enumerate(asked.values()):
        _same_path(course, twin, path)
    return "three paths"


def _inside(question: Question) -> dict[Question, naive.Course]:
    """Return the course of a window inside, if it has one; a lump sum's would be another sum."""
    if not question.world.late or question.world.kind == "lump-sum":
        return {}
    within = question.within
    try:
        return {within: within.plain()}
    except naive.RefusedError:
        return {}


def _same_path(plain: naive.Course, twin: Played, path: int) -> None:
    """Hold one of the windows of the vectorised path."""
    first = int(np.searchsorted(twin.dates, np.datetime64(plain.days[0])))
    bars = slice(first, first + len(plain.days))
    assert twin.dates[bars].tolist() == plain.days
    value, flow = twin.daily.value[bars, path], twin.daily.flow[bars, path]
    close(value, plain.value, f"value of the vectorised path {path}", np.cumsum(plain.flow))
    close(flow, plain.flow, f"flow of the vectorised path {path}")
    _same_figures(plain, {name: _number(values[path]) for name, values in twin.figures.items()})


def _comes_to_nothing(question: Question) -> bool:
    """Say whether it is refused as well, or pays nothing in by a plain schedule."""
    try:
        result = question.backtrader()
    except BadInput:
        return True
    return question.plan.schedule.plain and not result.course.flow.any()


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def close(came: Any, wanted: Any, what: str, put_in: Any = 0.0) -> None:
    """Hold numbers to AGREE, relative where they exceed 1, or a hundredth of what was put in.

    What is left of a total loss is what rounding kept back from the orders before it.
    """
    came, wanted = np.asarray(came, dtype=float), np.asarray(wanted, dtype=float)
    assert came.shape == wanted.shape, f"{what}: {came.shape} instead of {wanted.shape}"
    apart = np.abs(came - wanted) / np.maximum(np.abs(wanted), np.maximum(put_in / 100, 1.0))
    if not (apart <= AGREE).all():
        at = int(np.argmax(np.where(apart <= AGREE, 0.0, 1.0)))
        raise AssertionError(
            f"{what}: {came.flat[at]!r} instead of {wanted.flat[at]!r}, place {at}"
        )


def _same_course(plain: naive.Course, result: Result) -> None:
    course = result.course
    assert course.dates.tolist() == plain.days
    close(course.flow, plain.flow, "flow")
    close(course.value, plain.value, "value", np.cumsum(plain.flow))
    close(course.unit_value, plain.unit, "unit value")
    close(course.drawdown, plain.fall, "strategy drawdown")


def _same_figures(plain: naive.Course, figures: Mapping[str, Any]) -> None:
    right = plain.figures()
    # What is left of a total loss is the rounding of its orders; no ratio to it means a thing.
    put_in = sum(plain.flow)
    left = plain.value[-1] > put_in / 100
    unsure = set() if left else {"cagr", "cushion"}
    for name in figures.keys() & right.keys() - unsure:
        came, wanted = figures[name], right[name]
        assert (came is None) == (wanted is None), f"{name}: {came} instead of {wanted}"
        close([came or 0.0], [wanted or 0.0], name, put_in if name in MONEY else 0.0)
    if left:
        _same_rate(plain, figures)


def _same_rate(plain: naive.Course, figures: Mapping[str, Any]) -> None:
    """Let the flows grow at the money-weighted rate: they come to the last value."""
    grew, yearly, days = figures["mwr"], figures["xirr"], plain.span
    assert (grew is not None) == plain.has_rate, f"mwr: {grew}"
    assert (yearly is not None) == (plain.has_rate and days >= 365), f"xirr: {yearly}"
    if grew is not None:
        close([plain.balance(grew)], [1.0], "flows at mwr over the last value")
    if yearly is not None:
        grew = (1 + yearly) ** (days / 365) - 1
        close([plain.balance(grew)], [1.0], "flows at xirr over the last value")
