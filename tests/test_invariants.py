"""What must hold whatever the prices, the plan and the rule."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtests.lookahead import scrambled
from tests.conftest import NONE, make_table, month_ends, weekdays
from tests.helpers import play, whole

RULES = ("none", "annual", "contribute", "band:0.05")
ROOT = Path(__file__).resolve().parent.parent


@st.composite
def worlds(draw, bars: str = "daily"):
    """Draw a table of random walks with a late listing and holes, weights, a rule and a plan."""
    seed, count = draw(st.integers(0, 2**31)), draw(st.integers(1, 4))
    rng = np.random.default_rng(seed)
    length = draw(st.integers(30, 330))
    dates = weekdays("2018-11-01", length) if bars == "daily" else month_ends("2010-01", length)
    closes = 30 * np.exp(np.cumsum(rng.normal(0, 0.03, (length, count)), axis=0))
    if count > 1:
        closes[: draw(st.integers(0, length // 2)), 1] = NONE
        closes[rng.integers(3, length - 1), -1] = NONE
    names = [f"S{i}" for i in range(count)]
    raw = rng.uniform(0.1, 1, count)
    plan = {
        "monthly": draw(st.sampled_from([100.0, 1000.0])),
        "initial": draw(st.sampled_from([None, 5000.0])),
        "fee_bps": draw(st.sampled_from([0.0, 25.0])),
        "fill": draw(st.sampled_from(["close", "next"])),
    }
    table = make_table(dates, dict(zip(names, closes.T, strict=True)), bars)
    return table, dict(zip(names, raw / raw.sum(), strict=True)), draw(st.sampled_from(RULES)), plan


@settings(max_examples=40, deadline=None)
@given(worlds(), st.sampled_from([0.0, 1.0]), st.booleans())
def test_money_is_conserved_at_every_bar(world, per_order, whole_shares):
    table, weights, rule, plan = world
    result = play(table, weights, rule, **plan, fee_per_order=per_order, whole_shares=whole_shares)
    # The gain of a bar is what was held before it times the change of its price; fees are the rest.
    change = np.diff(result.closes, axis=0) * (result.shares[:-1] > 0)
    gains = np.concatenate([[0.0], np.cumsum((result.shares[:-1] * change).sum(axis=1))])
    fees = result.course.contributed + gains - result.course.value
    slack = 1e-9 * result.course.value
    assert (np.diff(fees, prepend=0.0) > -slack).all()
    assert fees[-1] == pytest.approx(result.course.fees_paid, abs=slack[-1])
    assert (result.cash > -slack).all()
    assert result.course.value == pytest.approx(
        result.cash + (result.shares * result.closes).sum(axis=1), rel=1e-12
    )


@settings(max_examples=25, deadline=None)
@given(worlds(), st.sampled_from([0.5, 2.0, 1000.0]))
def test_scaling_all_contributions_changes_no_percentage(world, factor):
    table, weights, rule, plan = world
    one = play(table, weights, rule, **plan)
    scaled = {k: v * factor if v and k in ("monthly", "initial") else v for k, v in plan.items()}
    other = play(table, weights, rule, **scaled)
    assert other.course.unit_value == pytest.approx(one.course.unit_value, rel=1e-9)
    assert other.course.value == pytest.approx(one.course.value * factor, rel=1e-9)
    assert other.measures["xirr"] == pytest.approx(one.measures["xirr"], abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(worlds(), st.lists(st.floats(0.01, 100), min_size=4, max_size=4))
def test_rebasing_any_price_series_changes_nothing(world, factors):
    table, weights, rule, plan = world
    rebased = replace(table, closes=table.closes * np.array(factors[: len(table.symbols)]))
    one, other = play(table, weights, rule, **plan), play(rebased, weights, rule, **plan)
    assert other.course.value == pytest.approx(one.course.value, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(worlds(), st.permutations(range(4)))
def test_the_order_of_symbols_does_not_matter(world, order):
    table, weights, rule, plan = world
    one = play(table, weights, rule, **plan)
    names = [n for i in order if (n := f"S{i}") in weights]
    other = play(table.select(names), {n: weights[n] for n in names}, rule, **plan)
    assert other.course.value == pytest.approx(one.course.value, rel=1e-9)
    assert other.shares[-1] == pytest.approx([one.shares[-1, one.symbols.index(n)] for n in names])


@settings(max_examples=40, deadline=None)
@given(worlds(), st.floats(0.1, 0.9), st.booleans(), st.booleans())
def test_cutting_or_scrambling_the_future_changes_nothing_before_it(world, share, cut, shares):
    table, weights, rule, plan = world
    at = max(int(len(table.dates) * share), int(np.isfinite(table.closes).argmax(axis=0).max()), 3)
    full = play(table, weights, rule, **plan, whole_shares=shares)
    last = table.dates[at].item()
    early = table.until(last) if cut else scrambled(table, last, at)
    other = play(early, weights, rule, whole(early), **plan, whole_shares=shares)
    known = slice(0, at + 1)
    assert other.course.value[known].tolist() == full.course.value[known].tolist()
    assert other.shares[known].tolist() == full.shares[known].tolist()
    assert other.course.unit_value[known].tolist() == full.course.unit_value[known].tolist()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("fill", ["close", "next"])
def test_constant_prices_give_zero_everywhere(rule, fill):
    table = make_table(weekdays("2018-01-01", 800), {"A": [7.0] * 800, "B": [13.0] * 800})
    result = play(table, {"A": 1 / 3, "B": 2 / 3}, rule, fill=fill, monthly=1000 / 3)
    zero = ("xirr", "twr", "cagr", "volatility", "ulcer_index", "max_drawdown")
    also = ("account_max_drawdown", "worst_shortfall", "months_below_money_in", "price_advantage")
    assert {name: result.measures[name] for name in zero + also} == dict.fromkeys(zero + also, 0)
    assert result.measures["sharpe"] is None
    assert result.course.drawdowns == []


def test_prices_that_halve_while_money_comes_in_are_a_fall_by_half():
    closes = np.concatenate([np.full(30, 100.0), np.linspace(100, 50, 200)])
    result = play(make_table(weekdays("2020-01-01", 230), {"A": closes}), {"A": 1.0})
    assert result.measures["max_drawdown"] == pytest.approx(-0.5, abs=1e-12)
    assert result.measures.number("account_max_drawdown") > -0.1


def test_a_higher_fee_leaves_less():
    rng = np.random.default_rng(0)
    closes = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, 300)))
    table = make_table(weekdays("2020-01-01", 300), {"A": closes})
    worth = [
        play(table, {"A": 1.0}, fee_bps=bps).course.value[-1] for bps in (0.0, 10.0, 50.0, 200.0)
    ]
    assert worth == sorted(worth, reverse=True)


def test_results_are_the_same_bytes_in_every_process(tmp_path):
    """Two working folders and hash seeds, one text."""
    outputs = []
    for seed in ("0", "12345"):
        folder = tmp_path / seed
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "backtests.cli", "compare", "--json"],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo"},
            capture_output=True,
            check=True,
        )
        assert list(folder.iterdir()) == []
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert len(json.loads(outputs[0])["runs"]) == 12


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    monthly=st.sampled_from([0.01, 1.0, 50.0, 1000.0, 1e12]),
    initial=st.sampled_from([None, 0.0, 1e-3, 1e6]),
    fee=st.sampled_from([0.0, 0.5, 9.95, 30.0, 5000.0]),
    bps=st.sampled_from([0.0, 25.0, 5000.0]),
    fall=st.sampled_from([1.0, 1e-7, 1e-12, 1e12]),
    rule=st.sampled_from(["none", "annual", "contribute", "band:0.05"]),
    whole=st.booleans(),
)
def test_every_drawdown_lies_between_a_total_loss_and_none(
    seed, monthly, initial, fee, bps, fall, rule, whole
):
    """Whatever is paid in, taken in fees, or lost: no fall deeper than 100 %, no unit below 0."""
    dice = np.random.default_rng(seed)
    months = 30
    prices = 100 * np.exp(np.cumsum(dice.normal(0, 0.1, (months, 2)), axis=0))
    prices[:, 1] *= fall ** (np.arange(months) / (months - 1))
    table = make_table(
        month_ends("2019-06", months), {"A": prices[:, 0], "B": prices[:, 1]}, "monthly"
    )
    result = play(
        table, {"A": 0.7, "B": 0.3}, rule, monthly=monthly, initial=initial, whole_shares=whole,
        fee_bps=bps, fee_per_order=fee,
    )  # fmt: skip
    course = result.course
    for fallen in (course.drawdown, course.account_drawdown, course.shortfall):
        assert fallen.min() >= -1
        assert fallen.max() <= 0
    assert (course.unit_value >= 0).all()
    assert (result.cash >= -1e-9 * np.maximum(course.contributed, 1e-9)).all()
    held = result.cash + (result.shares * result.closes).sum(axis=1)
    assert held == pytest.approx(course.value, rel=1e-9, abs=1e-9)
    assert all(
        f is None or isinstance(f, str) or np.isfinite(f) for f in result.measures.figures.values()
    )
