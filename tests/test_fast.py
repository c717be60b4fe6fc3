"""The twin against Backtrader: every measure of every window, whatever the plan."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtests import engine
from backtests.eras import Era
from backtests.plan import Plan
from backtests.result import Result
from backtests.vectorized import closed_form, full, measured, walk
from backtests.vectorized.measured import Extremes
from backtests.vectorized.walk import Book, Market, Spans
from data.prices import PriceTable, month_firsts, to_date
from data.rates import Cpi
from data.window import window
from strategies.dca.base import allocation
from strategies.dca.terms import Costs, Rebalance, Terms
from tests.conftest import make_table, month_ends, weekdays

SYMBOLS = ("AAA", "CCC", "BBB")


@dataclass(frozen=True)
class Case:
    """A table, an allocation and a plan to put through both engines."""

    table: PriceTable
    weights: dict[str, float]
    rule: str
    terms: Terms


def random_table(seed: int, bars: str, holes: bool) -> PriceTable:
    """Walk prices at random; with holes, one enters late, one ends early, single bars lack."""
    dice = np.random.default_rng(seed)
    dates = month_ends("2018-03", 27) if bars == "monthly" else weekdays("2019-10-11", 101)
    if bars == "daily":
        dates = dates[dice.random(len(dates)) > 0.1]
    steps = dice.normal(0.0, 0.06, (len(dates), 3))
    closes = 50 * np.exp(np.cumsum(steps, axis=0))
    listed, ended = {}, {}
    if holes:
        late, last = dice.integers(0, len(dates) - 1, 2)
        closes[:late, 1] = np.nan
        listed["CCC"] = to_date(dates[late])
        closes[last + 1 :, 2] = np.nan
        ended["BBB"] = to_date(dates[last])
        gaps = np.arange(late + 2, len(dates) - 1, 5)
        closes[gaps, 1] = np.nan
        closes[np.arange(2, last - 1, 7), 2] = np.nan
    return PriceTable(
        dates, SYMBOLS, closes, bars, "file", listed=listed, ended=ended,  # type: ignore[arg-type]
        cpi=Cpi(np.arange("2018-01", "2021-01", dtype="datetime64[M]"), 100 + np.arange(36.0)),
    )  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    raw = draw(st.sampled_from([(1,), (1, 1), (3, 1), (1, 1, 1), (1, 2, 5), (6, 3, 1)]))
    weights = {s: w / sum(raw) for s, w in zip(SYMBOLS, raw, strict=False)}
    money = st.sampled_from([0.0, 100.0, 1000.0])
    monthly = draw(money)
    terms = Terms(
        monthly_usd=monthly,
        initial_usd=draw(st.one_of(st.none(), money)) if monthly else 5000.0,
        costs=Costs(
            draw(st.sampled_from([0.0, 10.0, 250.0])),
            # Without cash a sale that brings less than its fee is refused by the broker.
            draw(st.sampled_from([0.0, 1.5] if monthly else [0.0])),
        ),
        fill=draw(st.sampled_from(["close", "next"])),
        whole_shares=draw(st.booleans()),
    )
    bars = draw(st.sampled_from(["daily", "monthly"]))
    table = random_table(draw(st.integers(0, 10**6)), bars, draw(st.booleans()))
    rule = draw(st.sampled_from(["none", "annual", "contribute", "band:0.02"]))
    return Case(table, weights, rule, terms)


def plan_of(terms: Terms) -> Plan:
    return Plan(
        monthly=terms.monthly_usd,
        initial=terms.initial_usd,
        fill=terms.fill,
        whole_shares=terms.whole_shares,
        fee_bps=terms.costs.bps,
        fee_per_order=terms.costs.per_order_usd,
    )


def market_of(case: Case) -> tuple[Market, PriceTable]:
    table = case.table.select(list(case.weights))
    view = window(
        table, tuple(case.weights), to_date(table.dates[0]), to_date(table.dates[-1]), True
    )
    return Market.of(view), table


def spans_of(bars: int, seed: int) -> Spans:
    """Some windows anywhere, and the whole."""
    ends = np.sort(np.random.default_rng(seed).integers(0, bars, (4, 2)), axis=1)
    return Spans(np.append(ends[:, 0], 0), np.append(ends[:, 1], bars - 1))


@cache
def kind_of(weights: tuple[tuple[str, float], ...], rule: str) -> engine.Kind:
    """Make each strategy once: Backtrader takes longer with every class it has seen."""
    return allocation("mine", dict(weights), rule, late_listings=True)


def by_backtrader(case: Case, dates: np.ndarray, first: int, last: int) -> Result:
    kind = kind_of(tuple(case.weights.items()), case.rule)
    period = Era("window", "", to_date(dates[first]), to_date(dates[last]))
    return engine.run(kind, case.table, period, plan_of(case.terms))


def by_twin(case: Case, spans: Spans) -> tuple[Market, measured.Figures, Book]:
    market, table = market_of(case)
    book = Book(
        market,
        spans.paths,
        np.array(list(case.weights.values()))[:, None],
        Rebalance.parse(case.rule),
        case.terms,
    )
    prices = None if table.cpi is None else table.cpi.at(market.dates)
    rates = full.Rates(table.bars, consumer_prices=prices)
    return market, full.measure(market, spans, book, rates), book


def differences(result: Result, figures: dict[str, float], dates: np.ndarray) -> Iterator[str]:
    """Name every figure in which the two disagree by more than 1e-9."""
    for name, wanted in result.measures.figures.items():
        came = figures[name]
        if name in full.PLACES:
            day = None if came < 0 else to_date(dates[int(came)]).isoformat()
            if day != wanted and not tied(result, name, wanted, day):
                yield f"{name}: {wanted} by Backtrader, {day} by the twin"
        elif wanted is None or math.isnan(came):
            if not (wanted is None and math.isnan(came)):
                yield f"{name}: {wanted} by Backtrader, {came} by the twin"
        elif not math.isclose(float(wanted), came, rel_tol=1e-9, abs_tol=1e-9):
            yield f"{name}: {wanted!r} by Backtrader, {came!r} by the twin"


def tied(result: Result, name: str, *days: str | int | float | None) -> bool:
    """Tell whether a series stands equally high on both days, but for rounding."""
    series = {"m": result.unit_value, "a": result.value, "w": result.shortfall}[name[0]]
    if None in days:
        return False
    levels = [float(series[result.dates == np.datetime64(str(day))][0]) for day in days]
    return math.isclose(*levels, rel_tol=1e-11)


def check(case: Case, spans: Spans) -> None:
    market, figures, book = by_twin(case, spans)
    for path in range(spans.paths):
        first, last = int(spans.first[path]), int(spans.last[path])
        result = by_backtrader(case, market.dates, first, last)
        if not result.contributed[-1]:
            continue  # nothing was put in, so there is nothing to measure
        one = {name: float(values[path]) for name, values in figures.items()}
        assert list(differences(result, one, market.dates)) == [], (first, last)
        assert book.shares[:, path] == pytest.approx(result.shares[-1], rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(), seed=st.integers(0, 999))
def test_equals_backtrader(case: Case, seed: int) -> None:
    market, _ = market_of(case)
    check(case, spans_of(len(market.dates), seed))


@pytest.mark.parametrize("rule", ["none", "annual", "contribute", "band:0.02"])
@pytest.mark.parametrize("fill", ["close", "next"])
@pytest.mark.parametrize("holes", [False, True])
def test_every_rule_equals_backtrader(rule: str, fill: Any, holes: bool) -> None:
    weights = {"AAA": 0.5, "CCC": 0.3, "BBB": 0.2}
    for bars in ("daily", "monthly"):
        case = Case(
            random_table(7, bars, holes), weights, rule, Terms(fill=fill, costs=Costs(20, 0.5))
        )
        market, _ = market_of(case)
        check(case, spans_of(len(market.dates), 3))


def test_round_prices_and_whole_shares_to_the_share() -> None:
    table = make_table(
        [str(d) for d in month_ends("2019-10", 8)],
        {"AAA": [10, 20, 10, 5, 10, 20, 40, 10], "CCC": [25, 25, 50, 50, 25, 10, 5, 50]},
        "monthly",
    )
    for rule in ("none", "annual", "contribute", "band:0.1"):
        case = Case(table, {"AAA": 0.5, "CCC": 0.5}, rule, Terms(100.0, whole_shares=True))
        spans = Spans(np.array([0, 2]), np.array([7, 7]))
        market, _, book = by_twin(case, spans)
        for path, first in enumerate((0, 2)):
            shares = by_backtrader(case, market.dates, first, 7).shares[-1]
            assert book.shares[:, path].tolist() == shares.tolist()


def test_doubling_by_hand(four_months: PriceTable) -> None:
    """100 a month into A at 10, 20, 10, 20: 10 + 5 + 10 + 5 shares, worth 600 at the end."""
    case = Case(four_months, {"A": 1.0}, "none", Terms(100.0))
    market, table = market_of(case)
    spans = Spans(np.array([0, 1]), np.array([3, 2]))
    book = Book(market, 2, np.ones((1, 1)), Rebalance(), case.terms)
    figures = full.measure(market, spans, book, full.Rates(table.bars))
    assert figures["final_value"] == pytest.approx([600.0, 150.0])
    assert figures["contributed"].tolist() == [400.0, 200.0]
    assert figures["max_drawdown"] == pytest.approx([-0.5, -0.5])
    assert figures["worst_shortfall"] == pytest.approx([250 / 300 - 1, 150 / 200 - 1])
    assert figures["months_below_money_in"].tolist() == [1.0, 1.0]
    assert figures["max_drawdown_peak"].tolist() == [1.0, 1.0]
    assert figures["max_drawdown_recovery"].tolist() == [3.0, -1.0]


def long_market(assets: int = 1) -> Market:
    dates = weekdays("2001-01-01", 1305)
    steps = np.random.default_rng(5).normal(0.0003, 0.012, (len(dates), assets))
    closes = 100 * np.exp(np.cumsum(steps, axis=0))
    names = tuple("ABCD"[:assets])
    return Market(dates, names, closes, closes > 0, np.full(assets, -1))


def whole_months(market: Market, months: int) -> Spans:
    firsts = np.flatnonzero(month_firsts(market.dates))
    stops = np.append(firsts[1:], len(market.dates))
    return Spans(firsts[: len(firsts) - months + 1], stops[months - 1 :] - 1)


@pytest.mark.parametrize(
    "terms", [Terms(), Terms(costs=Costs(25)), Terms(0.0, 9000.0), Terms(100.0, 5.0)]
)
def test_short_way_equals_the_walk(terms: Terms) -> None:
    market = long_market()
    spans = whole_months(market, 24)
    assert closed_form.applies(market, spans, Rebalance(), terms)
    short = Book(market, spans.paths, np.ones((1, 1)), Rebalance(), terms)
    walked = Book(market, spans.paths, np.ones((1, 1)), Rebalance(), terms)
    extremes, quick = Extremes(spans.paths), closed_form.play(market, spans, short)
    walk.play(market, spans, walked, [extremes])
    wanted = measured.figures(market.dates, spans, terms, walked, extremes)
    came = measured.complete(quick, market.dates, spans, terms)
    for name in measured.CORE:
        assert came[name] == pytest.approx(wanted[name], rel=2e-12, abs=2e-12), name
    assert short.shares == pytest.approx(walked.shares, rel=2e-12)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (Rebalance("annual"), {}),
        (Rebalance(), {"fill": "next"}),
        (Rebalance(), {"whole_shares": True}),
        (Rebalance(), {"costs": Costs(0.0, 1.0)}),
        (Rebalance(), {"initial_usd": 0.0}),
    ],
)
def test_short_way_declines_what_couples_months(rule: Rebalance, change: dict[str, Any]) -> None:
    market = long_market()
    terms = replace(Terms(), **change)
    assert not closed_form.applies(market, whole_months(market, 24), rule, terms)


def test_short_way_declines_windows_cut_inside_a_month() -> None:
    market = long_market()
    assert not closed_form.applies(
        market, Spans(np.array([3]), np.array([200])), Rebalance(), Terms()
    )
    assert not closed_form.applies(long_market(2), whole_months(market, 24), Rebalance(), Terms())


def test_paths_with_prices_of_their_own_equal_windows() -> None:
    """Two paths that differ in prices alone come out as two runs do."""
    one, other = long_market(2), long_market(2)
    other = replace(other, closes=other.closes[::-1].copy())
    both = replace(one, closes=np.stack([one.closes, other.closes], axis=2))
    terms, rule = Terms(costs=Costs(5, 1)), Rebalance("annual")
    figures = []
    for market, paths in ((both, 2), (one, 1), (other, 1)):
        spans = Spans.whole(len(market.dates), paths)
        book = Book(market, paths, np.full((2, 1), 0.5), rule, terms)
        rates = full.Rates("daily")
        figures.append(full.measure(market, spans, book, rates))
    for name, values in figures[0].items():
        assert values[0] == pytest.approx(figures[1][name][0], rel=1e-12, nan_ok=True), name
        assert values[1] == pytest.approx(figures[2][name][0], rel=1e-12, nan_ok=True), name


def test_nothing_later_changes_what_came_before() -> None:
    """Cutting the market after a window leaves its figures as they are, to the last bit."""
    market = long_market(2)
    spans = Spans(np.array([0, 40]), np.array([400, 500]))
    cut = replace(
        market, dates=market.dates[:501], closes=market.closes[:501], priced=market.priced[:501]
    )
    found = []
    for one in (market, cut):
        book = Book(one, 2, np.full((2, 1), 0.5), Rebalance("band", 0.05), Terms())
        extremes = Extremes(2)
        walk.play(one, spans, book, [extremes])
        found.append(measured.figures(one.dates, spans, Terms(), book, extremes))
    for name in measured.CORE:
        assert found[0][name].tolist() == found[1][name].tolist()


def test_dates_of_a_fall_are_those_of_the_ledger() -> None:
    case = Case(random_table(3, "daily", holes=False), {"AAA": 1.0}, "none", Terms())
    market, figures, _ = by_twin(case, Spans(np.array([5]), np.array([80])))
    result = by_backtrader(case, market.dates, 5, 80)
    trough = to_date(market.dates[int(figures["max_drawdown_trough"][0])])
    assert trough == date.fromisoformat(str(result.measures["max_drawdown_trough"]))
