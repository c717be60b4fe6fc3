"""The twin against Backtrader: every measure of every window, whatever the plan."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtests import engine
from backtests.comparison import replay
from backtests.eras import Era
from backtests.measures.running import KEPT, Running, Shape
from backtests.measures.series import Flows, drawdown, unit_value
from backtests.result import Result
from backtests.vectorized import closed_form, walk
from backtests.vectorized.market import Market, Spans
from backtests.vectorized.walk import Book, Measuring, Stretch
from data.arrays import month_firsts, to_date
from data.errors import BadPlan
from data.prices import PriceTable
from data.window import window
from strategies.dca.base import DcaStrategy, allocation
from strategies.dca.terms import Costs, Rebalance, Terms
from strategies.dca.trading import Saver
from tests.conftest import make_table, month_ends, weekdays
from tests.soak.plans import Daily, as_schedule, played, schedules

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
    )  # fmt: skip


_DAYS = st.dates(date(2019, 9, 1), date(2020, 6, 1))


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
            draw(st.sampled_from([0.0, 0.0, 3.0] if monthly else [0.0])),
            draw(st.sampled_from([0.0, 0.0, 0.26])),
        ),
        fill=draw(st.sampled_from(["close", "next"])),
        whole_shares=draw(st.booleans()),
    )
    terms = replace(terms, schedule=as_schedule(draw(schedules(_DAYS))))
    bars = draw(st.sampled_from(["daily", "monthly"]))
    table = random_table(draw(st.integers(0, 10**6)), bars, draw(st.booleans()))
    rule = draw(st.sampled_from(["none", "annual", "contribute", "band:0.02"]))
    return Case(table, weights, rule, terms)


def market_of(case: Case) -> Market:
    table = case.table.select(list(case.weights))
    ends = to_date(table.dates[0]), to_date(table.dates[-1])
    return Market.of(window(table, tuple(case.weights), *ends, True))


def spans_of(bars: int, seed: int) -> Spans:
    """Some windows anywhere, and the whole."""
    ends = np.sort(np.random.default_rng(seed).integers(0, bars, (4, 2)), axis=1)
    return Spans(np.append(ends[:, 0], 0), np.append(ends[:, 1], bars - 1))


@cache
def strategy_of(weights: tuple[tuple[str, float], ...], rule: str) -> type[DcaStrategy]:
    """Make each strategy once: Backtrader takes longer with every class it has seen."""
    return allocation("mine", dict(weights), rule, late_listings=True)


def by_backtrader(case: Case, dates: np.ndarray, first: int, last: int) -> Result:
    strategy = strategy_of(tuple(case.weights.items()), case.rule)
    period = Era("window", "", to_date(dates[first]), to_date(dates[last]))
    return replay(strategy, period, case.table, case.terms)


def saver_of(weights: Sequence[float], rule: str, terms: Terms) -> Saver:
    return Saver(np.array(list(weights))[:, None], Rebalance.parse(rule), terms)


def check(case: Case, spans: Spans) -> None:
    """Hold every bar's value, flow and fees, the shares and the figures kept to Backtrader's."""
    market = market_of(case)
    ours = played(market, spans, saver_of(list(case.weights.values()), case.rule, case.terms))
    for path in range(spans.paths):
        first, last = int(spans.first[path]), int(spans.last[path])
        if not ours.daily.flow[:, path].any() and not case.terms.schedule.plain:
            with pytest.raises(BadPlan, match="nothing is put in"):
                by_backtrader(case, market.dates, first, last)
            continue
        result = by_backtrader(case, market.dates, first, last)
        at = np.searchsorted(market.dates, result.course.dates)
        for name in ("value", "flow", "fees"):
            wanted = getattr(result.course, name)
            came = getattr(ours.daily, name)[at, path]
            assert came == pytest.approx(wanted, rel=1e-9, abs=1e-9), (name, first, last)
        assert ours.shares[:, path] == pytest.approx(result.shares[-1], rel=1e-9, abs=1e-9)
        if not result.course.contributed[-1]:
            continue  # nothing was put in, so there is nothing to measure
        for name in KEPT:
            figure = result.measures.figures[name]
            wanted = float("nan") if figure is None else float(figure)
            came = float(ours.figures[name][path])
            close = pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True)
            assert came == close, (name, first, last)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(), seed=st.integers(0, 999))
def test_equals_backtrader(case: Case, seed: int) -> None:
    check(case, spans_of(len(market_of(case).dates), seed))


@pytest.mark.parametrize("rule", ["none", "annual", "contribute", "band:0.02"])
@pytest.mark.parametrize("fill", ["close", "next"])
@pytest.mark.parametrize("holes", [False, True])
def test_every_rule_equals_backtrader(rule: str, fill: Any, holes: bool) -> None:
    weights = {"AAA": 0.5, "CCC": 0.3, "BBB": 0.2}
    for bars in ("daily", "monthly"):
        case = Case(
            random_table(7, bars, holes), weights, rule, Terms(fill=fill, costs=Costs(20, 0.5))
        )
        check(case, spans_of(len(market_of(case).dates), 3))


def test_round_prices_and_whole_shares_to_the_share() -> None:
    table = make_table(
        [str(d) for d in month_ends("2019-10", 8)],
        {"AAA": [10, 20, 10, 5, 10, 20, 40, 10], "CCC": [25, 25, 50, 50, 25, 10, 5, 50]},
        "monthly",
    )
    for rule in ("none", "annual", "contribute", "band:0.1"):
        case = Case(table, {"AAA": 0.5, "CCC": 0.5}, rule, Terms(100.0, whole_shares=True))
        market, spans = market_of(case), Spans(np.array([0, 2]), np.array([7, 7]))
        shares = played(market, spans, saver_of([0.5, 0.5], rule, case.terms)).shares
        for path, first in enumerate((0, 2)):
            wanted = by_backtrader(case, market.dates, first, 7).shares[-1]
            assert shares[:, path].tolist() == wanted.tolist()


def test_doubling_by_hand(four_months: PriceTable) -> None:
    """100 a month into A at 10, 20, 10, 20: 10 + 5 + 10 + 5 shares, worth 600 at the end."""
    market = market_of(Case(four_months, {"A": 1.0}, "none", Terms(100.0)))
    spans = Spans(np.array([0, 1]), np.array([3, 2]))
    figures = walk.figures(market, spans, saver_of([1.0], "none", Terms(100.0)))
    assert figures["final_value"] == pytest.approx([600.0, 150.0])
    assert figures["contributed"].tolist() == [400.0, 200.0]
    assert figures["max_drawdown"] == pytest.approx([-0.5, -0.5])
    assert figures["worst_shortfall"] == pytest.approx([250 / 300 - 1, 150 / 200 - 1])
    assert figures["months_below_money_in"].tolist() == [1.0, 1.0]


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
    saver = saver_of([1.0], "none", terms)
    assert closed_form.applies(market, spans, saver)
    came, shares = closed_form.play(market, spans, saver)
    walked = played(market, spans, saver)
    for name in KEPT:
        assert came[name] == pytest.approx(walked.figures[name], rel=2e-12, abs=2e-12), name
    assert shares == pytest.approx(walked.shares[0], rel=2e-12)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("annual", {}),
        ("none", {"fill": "next"}),
        ("none", {"whole_shares": True}),
        ("none", {"costs": Costs(0.0, 1.0)}),
        ("none", {"initial_usd": 0.0}),
    ],
)
def test_short_way_declines_what_couples_months(rule: str, change: dict[str, Any]) -> None:
    market = long_market()
    saver = saver_of([1.0], rule, replace(Terms(), **change))
    assert not closed_form.applies(market, whole_months(market, 24), saver)


def test_short_way_declines_windows_cut_inside_a_month() -> None:
    market, saver = long_market(), saver_of([1.0], "none", Terms())
    assert not closed_form.applies(market, Spans(np.array([3]), np.array([200])), saver)
    assert not closed_form.applies(long_market(2), whole_months(market, 24), saver)


def test_paths_with_prices_of_their_own_equal_windows() -> None:
    """Two paths that differ in prices alone come out as two runs do."""
    one, other = long_market(2), long_market(2)
    other = replace(other, closes=other.closes[::-1].copy())
    both = replace(one, closes=np.stack([one.closes, other.closes], axis=2))
    saver, figures = saver_of([0.5, 0.5], "annual", Terms(costs=Costs(5, 1))), []
    for market, paths in ((both, 2), (one, 1), (other, 1)):
        figures.append(walk.figures(market, Spans.whole(len(market.dates), paths), saver))
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
    saver = saver_of([0.5, 0.5], "band:0.05", Terms())
    found = [walk.figures(one, spans, saver) for one in (market, cut)]
    for name in KEPT:
        assert found[0][name].tolist() == found[1][name].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_the_reducer_equals_the_series_bar_by_bar(seed: int) -> None:
    """Cut an account into stretches anywhere: the deepest falls are those of the whole series."""
    dice = np.random.default_rng(seed)
    value = 100 * np.exp(np.cumsum(dice.normal(0, 0.05, 90)))
    flow, fees = np.zeros(90), np.zeros(90)
    cuts = np.concatenate([[0], np.sort(dice.choice(np.arange(1, 90), 12, replace=False)), [90]])
    flow[cuts[:-1]] = 5.0
    flow[0], fees[cuts[:-1]] = value[0] + 1.0, 0.7
    before = np.concatenate([[0.0], value[1:] + fees[1:] - flow[1:]])
    running = Running(1)
    for first, stop in pairwise(cuts.tolist()):
        part = value[first:stop, None]
        ends = np.array([False])
        at = slice(first, first + 1)
        flows = Flows(before[at], flow[at], fees[at])
        Measuring(running).see(Stretch(slice(None), int(first), part, flows, ends))
    unit = unit_value(value, Flows(before, flow, fees))
    deepest = [
        drawdown(unit).min(),
        (value / np.maximum.accumulate(value) - 1).min(),
        (value / np.cumsum(flow) - 1).min(),
    ]
    assert running.drawdowns[:, 0] == pytest.approx(deepest, rel=1e-12)
    assert running.unit[0] == pytest.approx(unit[-1], rel=1e-12)


def test_a_planted_fault_in_a_high_is_seen() -> None:
    """A reducer that forgets the high of a stretch would pass on rising prices: it must not."""
    market, saver = long_market(), saver_of([1.0], "none", Terms())
    spans = Spans(np.array([0]), np.array([600]))
    right, faulty = walk.figures(market, spans, saver), Running(1)
    book = Book(market, saver, 1)

    class Forgets(Measuring):
        def see(self, stretch: Stretch) -> None:
            super().see(stretch)
            self.running._account_high[:] = stretch.value[-1]

    walk.play(market, spans, market.calendar, book, [Forgets(faulty)])
    assert faulty.drawdowns[1, 0] > right["account_max_drawdown"][0] + 0.001


def test_decision_bars_are_the_walkers_cuts() -> None:
    """Both walkers stop on the same bars, whatever the fill."""
    case = Case(random_table(4, "daily", holes=True), {"AAA": 0.5, "CCC": 0.5}, "none", Terms())
    table = case.table.select(list(case.weights))
    ends = to_date(table.dates[0]), to_date(table.dates[-1])
    view = window(table, tuple(case.weights), *ends, True)
    for fill in ("close", "next"):
        terms = replace(case.terms, fill=fill)
        bars = engine.decision_bars(view, terms, engine.calendar_of(view))
        market, spans = Market.of(view), Spans.whole(len(view.dates), 1)
        daily = Daily(len(view.dates), 1)
        book = Book(market, saver_of([0.5, 0.5], "none", terms), 1)
        walk.play(market, spans, market.calendar, book, [daily])
        assert set(np.flatnonzero(daily.flow[:, 0])) <= set(bars.tolist())


def test_two_ends_on_different_days_by_hand() -> None:
    """A stands at 10; B, bought at 20, ends at 25 on 01-13; C, at 10, ends at 5 on 02-12."""
    prices = {
        "A": [10.0] * 60,
        "B": [20.0] * 8 + [25.0] + [np.nan] * 51,
        "C": [10.0] * 30 + [5.0] + [np.nan] * 29,
    }
    ended = {"B": date(2020, 1, 13), "C": date(2020, 2, 12)}
    table = make_table(weekdays("2020-01-01", 60), prices, ended=ended)
    weights = {"A": 0.5, "B": 0.25, "C": 0.25}
    case = Case(table, weights, "none", Terms(100.0))
    market = market_of(case)
    assert market.ends.tolist() == [-1, 9, 31]
    saver = saver_of([0.5, 0.25, 0.25], "none", case.terms)
    found = played(market, Spans(np.array([0, 0, 0]), np.array([9, 31, 59])), saver)
    # 31.25 of B and 100 go 2 to 1 to A and C, then 34.375 of C and 100 to A.
    wanted = [[5, 13.75, 27.1875], [0, 0, 0], [2.5, 0, 0]]
    assert found.shares == pytest.approx(np.array(wanted), abs=1e-9)
    assert found.figures["final_value"] == pytest.approx([106.25, 171.875, 271.875])


def test_accounts_without_money_or_without_a_rate_beside_one_that_lost_all_but_a_trace() -> None:
    """A year: nothing put in; 100 that came to 1e-8; 100 put in on the last day."""
    running = Running(3)
    before, paid = np.array([[0, 0, 0], [0, 1e-8, 0]]), np.array([[0.0, 100, 0], [0, 0, 100]])
    value, fees = np.array([[0, 100, 0], [0, 1e-8, 100]]), np.zeros((2, 3))
    for bar in range(2):
        flows = Flows(before[bar : bar + 1], paid[bar : bar + 1], fees[bar : bar + 1])
        ends = np.ones((1, 3), dtype=np.bool_)
        running.take(slice(None), Shape.of(value[bar : bar + 1]), flows, ends)
    none, lost = float("nan"), -1 + 1e-10
    wanted = {
        "contributed": [0, 100, 100],
        "final_value": [0, 1e-8, 100],
        "multiple": [none, 1e-10, 1],
        "xirr": [none, lost, none],
        "mwr": [none, lost, none],
        "twr": [0, lost, 0],
        "cagr": [none, 1e-10 ** (365.25 / 365) - 1, none],
        "max_drawdown": [0, lost, 0],
        "account_max_drawdown": [0, lost, 0],
        "worst_shortfall": [0, lost, 0],
        "months_below_money_in": [0, 1, 0],
        "longest_months_below_money_in": [0, 1, 0],
        "fees_paid": [0, 0, 0],
        "cushion": [none, 1 - 1e10, 0],
    }
    found = running.figures(paid, np.array([[365.0] * 3, [0.0] * 3]))
    assert list(found) == list(wanted)
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, rel=1e-12, abs=1e-14, nan_ok=True), name


def months_market() -> Market:
    """Two bars a month from January to April: the price is 10, 20, 10, 20 all month."""
    dates = ["01-02", "01-31", "02-03", "02-28", "03-02", "03-31", "04-01", "04-30"]
    days = np.array([f"2020-{d}" for d in dates], dtype="datetime64[D]")
    closes = np.repeat([10.0, 20, 10, 20], 2)[:, None]
    return Market(days, ("A",), closes, closes > 0, np.array([-1]))


def test_short_way_of_windows_that_open_in_different_months_by_hand() -> None:
    """10 + 5 shares at 20, 5 + 10 at 10, 10 + 5 at 20; 1 % fees leave 100/1.01 of each 100."""
    market, saver = months_market(), saver_of([1.0], "none", Terms(100.0, costs=Costs(100)))
    spans = Spans(np.array([4, 0, 2]), np.array([7, 3, 5]))
    assert closed_form.applies(market, spans, saver)
    figures, shares = closed_form.play(market, spans, saver)
    assert shares == pytest.approx(np.array([15, 15, 15]) / 1.01)
    assert figures["final_value"] == pytest.approx(np.array([300, 300, 150]) / 1.01)
    assert figures["contributed"].tolist() == [200, 200, 200]
    assert figures["fees_paid"] == pytest.approx([2 / 1.01] * 3)
    # The first fee is a fall as well; prices then rise, rise, and halve.
    assert figures["months_below_money_in"].tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ([0, 3], [3, 5]),  # one opens on a month's second bar
        ([0, 2], [3, 4]),  # one ends on a month's first bar
        ([0, 2], [3, 7]),  # two months and three
    ],
)
def test_short_way_declines_a_batch_of_which_one_window_is_not_as_the_others(
    first: list[int], last: list[int]
) -> None:
    market, saver = months_market(), saver_of([1.0], "none", Terms(100.0))
    assert closed_form.applies(market, Spans(np.array([0, 2]), np.array([3, 5])), saver)
    assert not closed_form.applies(market, Spans(np.array(first), np.array(last)), saver)
    gone = replace(market, ends=np.array([7]))
    assert not closed_form.applies(gone, Spans(np.array([0, 2]), np.array([3, 5])), saver)
    holed = replace(market, priced=market.priced & (np.arange(8) != 6)[:, None])
    assert not closed_form.applies(holed, Spans(np.array([0, 2]), np.array([3, 5])), saver)


def test_stretches_of_several_bars_carry_on_from_their_last() -> None:
    """100 grows to 120, falls to 60, and to 54: -55 % below the high, whoever cuts it where."""
    running, rise, fall = (
        Running(1),
        Shape.of(np.array([[100.0], [120]])),
        np.array([[120.0], [60]]),
    )
    both = Shape(
        *(np.vstack([getattr(s, f.name) for s in (rise, Shape.of(fall))]) for f in fields(Shape))
    )
    none = np.zeros((2, 1))
    flows = Flows(np.array([[0.0], [120]]), np.array([[100.0], [0]]), none)
    running.take(slice(None), both, flows, none > 0)
    end = np.array([[54.0]])
    running.take(slice(None), Shape.of(end), Flows(end, none[:1], none[:1]), none[:1] > 0)
    found = running.figures(np.array([[100.0]]), np.array([[365.0]]))
    assert found["max_drawdown"] == pytest.approx([-0.55])
    assert found["account_max_drawdown"] == pytest.approx([-0.55])
    assert found["worst_shortfall"] == pytest.approx([-0.46])
    assert found["twr"] == pytest.approx([-0.46])
    assert (both.low.ravel().tolist(), both.inner.ravel().tolist()) == ([100, 60], [1, 0.5])


def test_the_longest_run_of_months_below_is_not_the_last() -> None:
    """100 put in; month ends at 90, 80, 110, 95: three below, two of them in a row."""
    running, paid = Running(1), 100.0
    for worth in (90.0, 80.0, 110.0, 95.0):
        flows = Flows(np.array([[worth]]), np.array([[paid]]), np.zeros((1, 1)))
        running.take(slice(None), Shape.of(np.array([[worth]])), flows, np.array([[True]]))
        paid = 0.0
    found = running.figures(np.array([[100.0]]), np.array([[120.0]]))
    assert found["months_below_money_in"].tolist() == [3]
    assert found["longest_months_below_money_in"].tolist() == [2]


def test_a_month_in_brief_has_its_high_wherever_it_falls() -> None:
    table = make_table(weekdays("2020-01-28", 8), {"A": [10.0, 11, 14, 12, 20, 10, 15, 15]})
    market = market_of(Case(table, {"A": 1.0}, "none", Terms(100.0)))
    starts, shapes = closed_form.month_shapes(market)
    assert starts.tolist() == [0, 4]
    assert shapes.T.tolist() == [[10, 12, 10, 14, 12 / 14], [20, 15, 10, 20, 0.5]]


@pytest.mark.parametrize("fill", ["close", "next"])
def test_windows_that_open_and_close_inside_a_month(fill: Any) -> None:
    """A falls from 10 to 5 on 8 January: January and the begun February end below, once each."""
    table = make_table(weekdays("2020-01-01", 30), {"A": [10.0] * 5 + [5.0] * 25})
    case = Case(table, {"A": 1.0}, "none", Terms(100.0, fill=fill))
    market, spans = market_of(case), Spans(np.array([0, 2]), np.array([29, 27]))
    found = played(market, spans, saver_of([1.0], "none", case.terms))
    # 100 at 10 and 100 at 5, whether at that day's close or the next.
    assert found.shares.tolist() == [pytest.approx([30, 30])]
    assert found.figures["months_below_money_in"].tolist() == [2, 2]
    check(case, spans)
