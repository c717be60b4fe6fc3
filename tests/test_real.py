"""Figures after inflation: flows and values in money of the last bar, by hand and by a loop."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtests import compare
from backtests.cli.main import dca
from data.prices import PriceTable
from data.rates import Cpi
from tests.conftest import make_table, month_ends
from tests.helpers import play

MONTHS = 14


def with_cpi(prices: list[float], levels: list[float]) -> PriceTable:
    dates = month_ends("2020-01", len(prices))
    cpi = Cpi(dates.astype("datetime64[M]"), np.array(levels))
    return replace(make_table(dates, {"A": prices}, "monthly"), cpi=cpi)


def test_the_real_rate_multiple_and_drawdown_by_hand():
    """100 become 132 while prices rise by a tenth: 20 % more, over 366 days of 2020."""
    table = with_cpi([10.0, *[11.0] * 11, 13.2], [100.0, *[105.0] * 11, 110.0])
    found = play(table, {"A": 1.0}, monthly=0.0, initial=100.0).measures
    assert found["multiple"] == pytest.approx(1.32)
    assert found["real_multiple"] == pytest.approx(1.2)
    assert found["real_xirr"] == pytest.approx(1.2 ** (365 / 366) - 1)
    assert found["real_max_drawdown"] == 0.0


def test_standing_still_while_prices_double_is_a_fall_of_a_half():
    """Paid in from the second month on, when 25 % of the inflation was over already."""
    table = with_cpi([10.0] * MONTHS, [80.0, 100.0, *[200.0] * (MONTHS - 2)])
    plan = {"monthly": 0.0, "payments": (("2020-02-29", 100.0),)}
    found = play(table, {"A": 1.0}, **plan).measures
    assert found["real_max_drawdown"] == pytest.approx(-0.5)
    assert found["real_multiple"] == pytest.approx(0.5)
    assert found["max_drawdown"] == 0.0


def test_without_consumer_prices_there_is_a_reason():
    table = make_table(month_ends("2020-01", MONTHS), {"A": [10.0] * MONTHS}, "monthly")
    late = replace(table, cpi=Cpi(np.array(["2020-03"], "datetime64[M]"), np.array([100.0])))
    for prices in (table, late):
        found = play(prices, {"A": 1.0}).measures
        for name in ("real_xirr", "real_multiple", "real_max_drawdown"):
            assert found[name] is None
            assert "no consumer prices for the first bars" in found.nulls[name]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_real_figures_equal_a_plain_loop(seed):
    dice = np.random.default_rng(seed)
    prices = (10 * np.exp(np.cumsum(dice.normal(0, 0.1, 30)))).tolist()
    levels = (100 * np.exp(np.cumsum(dice.normal(0.003, 0.01, 30)))).tolist()
    result = play(with_cpi(prices, levels), {"A": 1.0}, monthly=100.0)
    dates, last = month_ends("2020-01", 30), levels[-1]
    paid = [100 * last / level for level in levels]
    worth = sum(100 / price for price in prices) * prices[-1]
    high = deepest = 0.0
    for price, level in zip(prices, levels, strict=True):
        high = max(high, price / level)
        deepest = min(deepest, price / level / high - 1)
    found = result.measures
    assert found["real_multiple"] == pytest.approx(worth / sum(paid), rel=1e-9)
    assert found["real_max_drawdown"] == pytest.approx(deepest, abs=1e-11)
    rate, days = found.number("real_xirr"), (dates[-1] - dates).astype(int)
    grown = sum(usd * (1 + rate) ** (span / 365) for usd, span in zip(paid, days, strict=True))
    assert grown == pytest.approx(worth, rel=1e-9)


def test_what_it_takes_is_a_line_each_where_it_takes_something(capsys, tmp_path):
    words = ["run", "--weights", "SP500=0.6,BOND=0.4", "--from", "2001-01-02", "--to", "2003-12-31"]
    words += ["--rebalance", "annual", "--bars", "monthly", "--out", str(tmp_path / "report")]
    lines = ("Fees paid", "Taxes on gains paid", "XIRR after inflation",
        "Multiple after inflation", "Strategy drawdown after inflation")  # fmt: skip
    for said, there in (([], 0), (["--fee-bps", "10"], 1), (["--tax", "0.25", "--real"], 4)):
        dca.main(words + said, standalone_mode=False)
        text = capsys.readouterr().out
        assert sum(line in text for line in lines) == there
        page = (tmp_path / "report" / "report.html").read_text()
        shown = page[: page.index("<details")]
        assert sum(f"{line}" in shown for line in lines) == there


def test_estimated_consumer_prices_are_said_under_real_figures(capsys, tmp_path):
    words = ["run", "--weights", "SP500", "--from", "2025-01-02", "--out", str(tmp_path / "r")]
    dca.main([*words, "--real"], standalone_mode=False)
    text = " ".join(capsys.readouterr().out.split())
    assert "Consumer prices of 2025-10, never published, are set between their neighbours." in text
    assert "Consumer prices after 2026-08 are taken to stand still." in text
    dca.main(words, standalone_mode=False)
    assert "Consumer prices" not in capsys.readouterr().out


def test_a_plan_shows_real_figures_where_it_says_so():
    found = compare(eras=("gfc",), strategies=("index-fund",), real=True, bars="monthly")
    assert found.replayed.plan.real
    real = found.results[0].measures.number("real_xirr")
    assert real == pytest.approx(found.results[0].measures.number("xirr"), abs=0.05)
