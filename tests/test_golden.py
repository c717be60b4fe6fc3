"""Figures that independent programs and publications give for the same prices."""

from datetime import date

import numpy as np
import pytest
from arch.data import nasdaq, sp500

from backtests.eras import Era
from backtests.plan import Plan
from backtests.result import Result
from data import snapshot
from data.prices import PriceTable
from strategies.dca.base import allocation
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


def test_portfolio_visualizers_row_and_ours():
    """Published for SPY; the snapshot has VFINX first, a tenth of a percent less."""
    era = Era("pv", "", date(2004, 12, 1), date(2017, 12, 31))
    result = run("index-fund", snapshot.load("monthly"), era, Plan(monthly=100.0, initial=1000.0))
    figure = result.measures
    yearly = (1 + figure.number("twr")) ** (1 / 13) - 1
    assert round(figure.number("final_value"), 2) == 36_607.78
    assert round(yearly, 4) == 0.0842
    assert round(figure.number("xirr"), 4) == 0.1089
    assert round(figure.number("max_drawdown"), 4) == -0.5097
    assert round(figure.number("account_max_drawdown"), 4) == -0.3462
    assert figure.number("final_value") == pytest.approx(36_657, rel=2e-3)
    assert yearly == pytest.approx(0.0845, abs=5e-4)
    assert figure.number("xirr") == pytest.approx(0.1092, abs=5e-4)
    assert figure.number("max_drawdown") == pytest.approx(-0.5080, abs=2e-3)
    assert figure.number("account_max_drawdown") == pytest.approx(-0.3454, abs=1e-3)


PUBLIC = {"nasdaq": nasdaq, "sp500": sp500}
# index, window, payments, worth, XIRR %, three drawdowns %, worst date, average cost and price
ARCH = [
    ("nasdaq", "2000-01-01", "2009-12-31", 120, 13_326.96, 2.0663,
     -77.93, -48.36, -49.60, "2001-09-21", 2043.21, 2203.87),
    ("sp500", "2000-01-01", "2009-12-31", 120, 11_577.95, -0.7117,
     -56.78, -48.72, -42.41, "2009-03-09", 1155.75, 1191.73),
    ("nasdaq", "2000-03-01", "2018-12-31", 226, 57_462.58, 9.0932,
     -77.93, -48.30, -47.95, "2001-09-21", 2609.65, 3224.25),
    ("sp500", "2000-03-01", "2018-12-31", 226, 41_568.92, 6.0789,
     -56.78, -48.57, -42.23, "2009-03-09", 1362.91, 1504.93),
    ("nasdaq", "2000-04-01", "2002-10-31", 31, 1_991.61, -30.1764,
     -74.94, -25.58, -46.71, "2001-09-21", 2069.80, 2376.10),
    ("sp500", "2000-04-01", "2002-10-31", 31, 2_316.86, -20.5294,
     -48.92, -20.98, -35.31, "2002-07-23", 1185.16, 1215.96),
]  # fmt: skip


def public_table(name: str) -> PriceTable:
    frame = PUBLIC[name].load()
    closes = frame["Adj Close"].to_numpy(float)
    return PriceTable(
        frame.index.to_numpy().astype("datetime64[D]"), ("X",), closes[:, None], "daily", "file"
    )


def play(name: str, start: str, end: str, **plan: float) -> Result:
    era = Era("era", "", date.fromisoformat(start), date.fromisoformat(end))
    return run(allocation("index", {"X": 1.0}), public_table(name), era, Plan(**plan))


@pytest.mark.parametrize("row", ARCH, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_two_independent_programs_on_public_prices(row):
    name, start, end, payments, worth, rate, strategy, account, against, when, cost, price = row
    result = play(name, start, end, monthly=100.0)
    figure = result.measures
    assert int((result.course.flow > 0).sum()) == payments
    assert round(figure.number("final_value"), 2) == worth
    assert round(100 * figure.number("xirr"), 4) == rate
    assert round(100 * figure.number("max_drawdown"), 2) == strategy
    assert round(100 * figure.number("account_max_drawdown"), 2) == account
    assert round(100 * figure.number("worst_shortfall"), 2) == against
    assert figure["worst_shortfall_date"] == when
    # The unit value starts at 1, the published averages at the index's level on the first bar.
    level = float(result.closes[0, 0])
    assert round(level * figure.number("average_cost"), 2) == cost
    assert round(level * figure.number("average_price"), 2) == price


def test_published_falls_of_the_public_indices():
    for name, start, end, depth, peak, trough, recovery in (
        ("nasdaq", "1999-01-04", "2018-12-31", -77.9324, "2000-03-10", "2002-10-09", "2015-04-23"),
        ("sp500", "1999-01-04", "2007-05-01", -49.1469, "2000-03-24", "2002-10-09", None),
        ("sp500", "2003-01-02", "2018-12-31", -56.7754, "2007-10-09", "2009-03-09", "2013-03-28"),
    ):
        fall = play(name, start, end).course.drawdowns[0]
        assert round(100 * fall.depth, 4) == depth
        assert [str(d) if d else None for d in (fall.peak, fall.trough, fall.recovery)] == [
            peak,
            trough,
            recovery,
        ]


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
