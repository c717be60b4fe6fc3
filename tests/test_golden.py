"""Figures that independent programs give for the same prices; test_validation.py has the others."""

import numpy as np
import pytest

from backtests.plan import Plan
from data import snapshot
from tests.helpers import run


def test_index_fund_through_the_dotcom_era_by_the_day():
    figure = run("index-fund", snapshot.load("daily"), "dotcom").measures
    assert figure["contributed"] == 139_000
    assert round(figure.number("final_value"), 2) == 204_051.13
    assert round(figure.number("xirr"), 6) == 0.064089
    assert round(figure.number("max_drawdown"), 5) == -0.47519
    assert figure["max_drawdown_peak"] == "2000-09-01"
    assert figure["max_drawdown_trough"] == "2002-10-09"
    assert figure["max_drawdown_recovery"] == "2006-10-26"
    assert round(figure.number("account_max_drawdown"), 5) == -0.27701
    assert round(figure.number("worst_shortfall"), 5) == -0.22843
    assert figure["worst_shortfall_date"] == "2002-10-09"


def test_picks_through_the_ai_run_by_the_day():
    figure = run("ai-picks", snapshot.load("daily"), "ai-run").measures
    assert figure["contributed"] == 47_000
    assert round(figure.number("final_value"), 2) == 91_620.44
    assert round(figure.number("xirr"), 6) == 0.362721
    assert round(figure.number("max_drawdown"), 5) == -0.29911
    assert figure["max_drawdown_peak"] == "2024-12-24"
    assert figure["max_drawdown_trough"] == "2025-04-08"
    assert figure["max_drawdown_recovery"] == "2025-07-10"
    assert round(figure.number("account_max_drawdown"), 5) == -0.25067
    assert round(figure.number("worst_shortfall"), 5) == -0.12514
    assert figure["worst_shortfall_date"] == "2022-12-28"


def test_index_fund_over_everything():
    figure = run("index-fund", snapshot.load("daily"), "all").measures
    assert figure["contributed"] == 364_000
    assert round(figure.number("final_value"), 2) == 2_514_405.89
    assert round(figure.number("xirr"), 6) == 0.108029
    assert round(figure.number("max_drawdown"), 5) == -0.55045
    assert figure["max_drawdown_peak"] == "2007-10-09"
    assert figure["max_drawdown_trough"] == "2009-03-09"
    assert figure["max_drawdown_recovery"] == "2012-04-02"
    assert round(figure.number("account_max_drawdown"), 5) == -0.50276
    assert round(figure.number("worst_shortfall"), 5) == -0.30761


def test_the_lost_decade_as_published():
    """Published: $500 a month is 60,000 in, "$64k and change" out."""
    figure = run("index-fund", snapshot.load("daily"), "lost-decade").measures
    assert figure["contributed"] == 120_000
    assert round(figure.number("final_value"), 2) == 127_884.39
    half = run("index-fund", snapshot.load("daily"), "lost-decade", Plan(monthly=500.0)).measures
    assert round(half.number("final_value")) == 63_942


def test_the_same_by_month_ends():
    index = run("index-fund", snapshot.load("monthly"), "dotcom").measures
    assert round(index.number("final_value"), 2) == 203_137.80
    assert round(index.number("xirr"), 6) == 0.064158
    assert round(index.number("max_drawdown"), 5) == -0.44838
    assert index["max_drawdown_peak"] == "2000-08-31"
    assert index["max_drawdown_trough"] == "2002-09-30"
    assert index["max_drawdown_recovery"] == "2006-11-30"
    assert round(index.number("account_max_drawdown"), 4) == -0.2177
    assert round(index.number("worst_shortfall"), 5) == -0.19516
    picks = run("ai-picks", snapshot.load("monthly"), "ai-run").measures
    assert round(picks.number("final_value"), 2) == 89_024.38
    assert round(picks.number("xirr"), 4) == 0.3537
    assert round(picks.number("max_drawdown"), 5) == -0.17523
    assert round(picks.number("account_max_drawdown"), 5) == -0.13613
    assert round(picks.number("worst_shortfall"), 5) == -0.06596


def test_the_diversified_mix_against_a_second_program():
    """The same rules written a second time, plainly, with its own ledger."""
    table = snapshot.load("daily")
    inside = (table.dates >= np.datetime64("1996-06-01")) & (
        table.dates <= np.datetime64("2007-12-31")
    )
    names, weights = ["SP500", "BOND", "GOLD", "REIT"], [0.4, 0.3, 0.15, 0.15]
    prices = np.column_stack([table.column(n)[inside] for n in names])
    shares, month, worth = [0.0] * 4, None, []
    for when, row in zip(table.dates[inside].tolist(), prices.tolist(), strict=True):
        if month is None or (when.year, when.month) != (month.year, month.month):
            if month is not None and when.year != month.year:
                total = 1000 + sum(s * p for s, p in zip(shares, row, strict=True))
                shares = [total * w / p for w, p in zip(weights, row, strict=True)]
            else:
                shares = [s + 1000 * w / p for s, w, p in zip(shares, weights, row, strict=True)]
        month = when
        worth.append(sum(s * p for s, p in zip(shares, row, strict=True)))
    result = run("diversified", table, "dotcom")
    assert result.course.value == pytest.approx(worth, rel=1e-10)
