"""The block bootstrap, and the short way through its paths."""

from datetime import date
from hashlib import sha256

import numpy as np
import pytest

from backtests.eras import Era
from backtests.measures.rates import RateCurve, growth_rate
from backtests.measures.running import KEPT
from backtests.plan import Plan
from backtests.vectorized import bootstrap, walk
from backtests.vectorized.bootstrap import CELL, Blocks, Design, History, months_taken
from backtests.vectorized.market import Spans
from backtests.vectorized.monthly import Machine, applies
from data.arrays import to_date
from data.errors import BadPlan, NoPrices
from strategies.dca.base import allocation
from strategies.dca.terms import Costs, Rebalance, Schedule, Terms
from strategies.dca.trading import Saver
from tests.conftest import make_table, month_ends
from tests.helpers import run

LENGTH = 60


def history(assets: int = 2, length: int = LENGTH, seed: int = 0) -> History:
    ratios = np.exp(np.random.default_rng(seed).normal(0.005, 0.05, (length, assets)))
    return History(tuple("ABCD"[:assets]), month_ends("2015-01", length), ratios)


def saver(weights: list[float], rule: str, terms: Terms) -> Saver:
    return Saver(np.array(weights)[:, None], Rebalance.parse(rule), terms)


def breaks(taken: np.ndarray, length: int) -> np.ndarray:
    """Mark the steps that do not take the month after the last one."""
    return (np.diff(taken, axis=0) - 1) % length != 0


def test_block_one_draws_every_month_anew() -> None:
    """Month follows month by chance only: once in LENGTH, and all months equally often."""
    taken = months_taken(Design(41, 1.0), 0, LENGTH)
    assert breaks(taken, LENGTH).mean() == pytest.approx(1 - 1 / LENGTH, abs=0.002)
    often = np.bincount(taken.ravel(), minlength=LENGTH) / taken.size
    assert often == pytest.approx(np.full(LENGTH, 1 / LENGTH), abs=0.0025)


@pytest.mark.parametrize("block", [3.0, 12.0, 48.0])
def test_mean_block_length(block: float) -> None:
    """A block goes on with probability 1 - 1/block; a new one joins on unseen once in LENGTH."""
    taken = months_taken(Design(101, block), 2, LENGTH)
    assert breaks(taken, LENGTH).mean() == pytest.approx((1 - 1 / LENGTH) / block, rel=0.02)


def test_block_lengths_are_geometric() -> None:
    """Half of the blocks of mean 2 are 1 long, a quarter 2, an eighth 3."""
    begins = breaks(months_taken(Design(200, 2.0), 0, 10_000), 10_000)
    starts = begins[:-3]
    for length, share in ((1, 1 / 2), (2, 1 / 4), (3, 1 / 8)):
        later = [begins[step : step + len(starts)] for step in range(1, length + 1)]
        whole = starts & later[-1] & ~np.array([*later[:-1], ~starts]).any(axis=0)
        assert whole.sum() / starts.sum() == pytest.approx(share, rel=0.02)


def test_after_the_last_month_comes_the_first() -> None:
    taken = months_taken(Design(121, 1200.0), 0, 24)
    last = taken[:-1] == 23
    followed = taken[1:][last]
    assert (followed == 0).mean() > 0.99


def test_assets_take_the_same_months() -> None:
    one = history(1)
    both = History(
        ("A", "B"), one.dates, np.column_stack([one.ratios[:, 0], one.ratios[:, 0] ** 2])
    )
    closes = bootstrap.market(both, Design(40), 0, slice(0, 50)).closes / bootstrap.OPENING
    assert closes[:, 1] == pytest.approx(closes[:, 0] ** 2)


def test_same_seed_same_bytes_for_good() -> None:
    """The paths of a seed are part of what is published: this hash must never change."""
    taken = months_taken(Design(25, 12.0, seed=1), 0, LENGTH).astype("<i8")
    assert sha256(taken.tobytes()).hexdigest()[:16] == "0e6193aad206ee25"
    assert (months_taken(Design(25, 12.0, seed=1), 0, LENGTH) == taken).all()
    assert (months_taken(Design(25, 12.0, seed=2), 0, LENGTH) != taken).any()
    assert (months_taken(Design(25, 12.0, seed=1), 1, LENGTH) != taken).any()


def test_steps_equal_the_table_of_months() -> None:
    design, blocks = Design(30, 5.0), Blocks(Design(30, 5.0), 3, LENGTH)
    taken = months_taken(design, 3, LENGTH, slice(10, 20))
    for step in range(29):
        assert ((blocks.turn(step)[10:20] + step) % LENGTH).tolist() == taken[step].tolist()


def test_a_path_is_dated_at_month_ends_from_the_last_of_history() -> None:
    table = bootstrap.path_table(history(), Design(14), 7)
    assert to_date(table.dates[0]) == date(2019, 12, 31)
    assert to_date(table.dates[2]) == date(2020, 2, 29)
    assert len(table.dates) == 14
    assert table.closes[0].tolist() == [100.0, 100.0]


def test_history_is_what_all_symbols_have() -> None:
    ends = [str(day) for day in month_ends("2010-01", 40)]
    nan = float("nan")
    table = make_table(
        ends, {"A": [float(i + 1) for i in range(40)], "B": [nan] * 5 + [2.0] * 35}, "monthly"
    )
    found = History.of(table, ("A", "B"))
    assert len(found.ratios) == 34
    assert found.ratios[0].tolist() == [7 / 6, 1.0]
    with pytest.raises(NoPrices, match="only 4 months in common"):
        History.of(make_table(ends[:5], {"A": [1.0] * 5}, "monthly"), ("A",))


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ({"months": 1}, "a path of 1 months"),
        ({"months": 24, "block": 0.5}, "block is 0.5 months"),
        ({"months": 24, "block": float("nan")}, "block is nan"),
        ({"months": 24, "seed": -1}, "seed is -1"),
    ],
)
def test_bad_designs_are_refused(design: dict[str, float], message: str) -> None:
    with pytest.raises(BadPlan, match=message):
        Design(**design)  # type: ignore[arg-type]


def test_one_steady_rate_by_hand() -> None:
    """1 % a month for 3 months: 100 grows to 103.0301 - no more, and nothing ever falls."""
    steady = History(("A",), month_ends("2015-01", LENGTH), np.full((LENGTH, 1), 1.01))
    found = Machine(steady, Design(4), saver([1.0], "none", Terms(0.0, 100.0))).play(0)
    assert found["final_value"] == pytest.approx(np.full(CELL, 103.0301))
    assert found["twr"] == pytest.approx(np.full(CELL, 0.030301))
    for name in ("max_drawdown", "account_max_drawdown", "worst_shortfall", "fees_paid"):
        assert not found[name].any()
    days = (date(2020, 3, 31) - date(2019, 12, 31)).days
    assert days < 365
    assert np.isnan(found["xirr"]).all()
    assert found["mwr"] == pytest.approx(np.full(CELL, 0.030301))


@pytest.mark.parametrize("rule", ["none", "annual", "contribute", "band:0.05"])
@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        Terms(0.0, 5000.0),
        Terms(costs=Costs(30.0)),
        Terms(500.0, 9000.0),
        Terms(costs=Costs(30.0), schedule=Schedule("quarter", growth=0.2)),
        Terms(100.0, 300.0, schedule=Schedule("year", growth=-0.1)),
    ],
)
def test_short_way_equals_the_walk(rule: str, terms: Terms) -> None:
    past, design = history(3), Design(30, 6.0)
    own = saver([0.5, 0.3, 0.2], rule, terms)
    assert applies(3, own.rule, terms)
    quick, paths = Machine(past, design, own).play(1), slice(0, 300)
    market = bootstrap.market(past, design, 1, paths)
    walked = walk.figures(market, Spans.whole(len(market.dates), 300), own)
    for name in KEPT:
        assert quick[name][paths] == pytest.approx(walked[name], rel=1e-10, abs=1e-10), name


@pytest.mark.parametrize(
    ("rule", "terms"),
    [
        ("none", Terms(whole_shares=True)),
        ("none", Terms(fill="next")),
        ("none", Terms(5.0, costs=Costs(0.0, 3.0))),
        ("annual", Terms(costs=Costs(0.0, 1.0))),
        ("none", Terms(100.0, 0.0)),
        ("none", Terms(costs=Costs(0.0, 1.0), schedule=Schedule("quarter"))),
    ],
)
def test_short_way_declines_what_leaves_cash(rule: str, terms: Terms) -> None:
    assert not applies(2, Rebalance.parse(rule), terms)


def test_paths_equal_backtrader() -> None:
    past, design, weights = history(2), Design(26, 6.0), {"A": 0.7, "B": 0.3}
    mixed = saver([0.7, 0.3], "annual", Terms(costs=Costs(20.0)))
    found = Machine(past, design, mixed).play(2)
    kind = allocation("mine", weights, "annual")
    for place in (0, 17, CELL - 1):
        table = bootstrap.path_table(past, design, 2 * CELL + place)
        whole = Era("path", "", to_date(table.dates[0]), to_date(table.dates[-1]))
        figures = run(kind, table, whole, Plan(fee_bps=20.0)).measures.figures
        for name in KEPT:
            assert found[name][place] == pytest.approx(figures[name], rel=1e-9, abs=1e-9), name


def test_rates_are_those_of_xirr_inside_the_table_and_beyond() -> None:
    dates = month_ends("2020-01", 25)
    paid = np.full(25, 100.0)
    years = (dates[-1] - dates).astype(np.float64) / 365.0
    final = np.array([100.0001, 300.0, 1000.0, 2400.0, 2500.0, 3100.0, 9000.0, 500_000.0, 90.0])
    rates = RateCurve(paid, years).rates(final)
    for value, rate in zip(final, rates, strict=True):
        wanted = growth_rate(paid[:, None], years[:, None], np.array([value]))[0]
        if np.isnan(wanted):
            assert np.isnan(rate)
        else:
            assert rate == pytest.approx(wanted, rel=1e-11, abs=1e-12)


def test_a_block_of_a_year_and_the_first_seed_unless_told_otherwise():
    assert Design(41) == Design(41, 12.0, 1)
