"""The same plans by other engines and by plain pandas; where a peer is wrong, by how much."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import backtrader as bt
import empyrical
import numpy as np
import pandas as pd
import pytest
import pyxirr
from scipy.optimize import brentq

from backtests.result import Result
from data import snapshot
from strategies.dca.base import DcaStrategy
from strategies.dca.terms import Terms
from tests.conftest import make_table, weekdays
from tests.helpers import era, play

MIX = {"SP500": 0.6, "BOND": 0.4}
DECADE = era("2000-01-03", "2009-12-31")
# Without bills among the prices a Sharpe ratio is over 0, as the peers have it.
TABLE = snapshot.load("daily").select(list(MIX))
HALVED = make_table(weekdays("2020-01-01", 60), {"A": np.linspace(100, 50, 60)})


@pytest.fixture(scope="module")
def saver() -> Result:
    return play(TABLE, MIX, "none", DECADE)


def asked(result: Result, every: str, flow: float, initial: float = 0.0) -> dict[str, Any]:
    weights = dict(zip(result.symbols, map(result.weights.get, result.symbols), strict=True))
    return {
        "dates": result.course.dates.astype(str).tolist(), "closes": result.closes.tolist(),
        "symbols": result.symbols, "weights": weights, "every": every, "flow": flow,
        "initial": initial,
    }  # fmt: skip


LUMP = play(TABLE, MIX, "annual", DECADE, monthly=0.0, initial=10_000.0)
WEEKLY = play(HALVED, {"A": 1.0}, monthly=100.0, every="week")


@pytest.fixture(scope="module")
def peers(saver: Result) -> dict[str, Any]:
    """What bt, ffn and quantstats make of the same prices and of our unit value."""
    dates = saver.course.dates.astype(str).tolist()
    question = {
        "bt": {
            "lump": asked(LUMP, "year", 0.0, 10_000.0),
            "saver": asked(saver, "month", 1_000.0),
            "weekly": asked(WEEKLY, "week", 100.0),
        },
        "unit": {"dates": dates, "values": saver.course.unit_value.tolist()},
        "account": {
            "dates": WEEKLY.course.dates.astype(str).tolist(),
            "values": WEEKLY.course.value.tolist(),
        },
    }
    script = Path(__file__).parent / "tools" / "peers.py"
    done = subprocess.run(
        [sys.executable, str(script)], input=json.dumps(question), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_bt_rebalances_a_lump_sum_alike(peers):
    """On each year's first bar, fractional shares, every bar's value."""
    assert peers["bt"]["lump"]["values"] == pytest.approx(LUMP.course.value, rel=1e-12)
    assert peers["bt"]["lump"]["fall"] == pytest.approx(LUMP.measures["max_drawdown"], rel=1e-12)


def test_bt_has_the_same_account_for_a_monthly_saver(peers, saver: Result):
    assert peers["bt"]["saver"]["values"] == pytest.approx(saver.course.value, rel=1e-8)


def test_bt_dilutes_the_day_of_a_flow(peers, saver: Result):
    """It counts a flow as there since the day before; so a fall by half is not quite one."""
    assert WEEKLY.measures["max_drawdown"] == pytest.approx(-0.5, abs=1e-12)
    assert peers["bt"]["weekly"]["values"] == pytest.approx(WEEKLY.course.value, rel=1e-7)
    diluted = peers["bt"]["weekly"]["fall"]
    value, flow = WEEKLY.course.value, WEEKLY.course.flow
    # The second bar on: the day's return as bt has it, the flow put under the value before.
    by_hand = np.cumprod([1.0, *(value[1:] / (value[:-1] + flow[1:]))])
    assert diluted == pytest.approx(by_hand.min() - 1, abs=1e-6)
    assert round(diluted, 4) == -0.4867
    # Years of monthly flows hide less: half of a tenth of a percent.
    assert saver.measures["max_drawdown"] == pytest.approx(-0.3242, abs=5e-5)
    assert peers["bt"]["saver"]["fall"] == pytest.approx(-0.3242, abs=2e-3)


def test_ffn_agrees_on_the_unit_value(peers, saver: Result):
    same = ("max_drawdown", "cagr", "calmar", "sharpe")
    assert {k: peers["ffn"][k] for k in same} == pytest.approx(
        {k: saver.measures[k] for k in same}, rel=1e-9
    )


@pytest.mark.parametrize("peer", ["ffn", "quantstats"])
def test_sortino_agrees_but_for_one_degree_of_freedom(peer, peers, saver: Result):
    """Ours divides by one bar less, as every deviation here does."""
    bars = len(saver.course.returns)
    theirs = peers[peer]["sortino"] * np.sqrt((bars - 1) / bars)
    assert saver.measures["sortino"] == pytest.approx(theirs, rel=1e-9)


def test_falls_agree_with_ffn_but_for_one_that_is_open(peers, saver: Result):
    """It dates a fall from the day after the high, and ends one that is open on the last bar."""
    deepest, second, third = saver.course.drawdowns[:3]
    theirs = peers["ffn"]["falls"]
    assert [fall[2] for fall in theirs] == pytest.approx(
        [f.depth for f in (deepest, second, third)]
    )
    assert [fall[1] for fall in theirs[1:]] == [str(f.recovery) for f in (second, third)]
    assert (deepest.recovery, theirs[0][1]) == (None, "2009-12-31")
    assert (deepest.peak, theirs[0][0]) == (date(2007, 10, 9), "2007-10-10")


def test_quantstats_agrees_on_what_needs_no_calendar(peers, saver: Result):
    same = ("max_drawdown", "volatility", "sharpe")
    assert {k: peers["quantstats"][k] for k in same} == pytest.approx(
        {k: saver.measures[k] for k in same}, rel=1e-9
    )
    assert peers["traps"]["first"] == pytest.approx(-0.5)


def test_quantstats_counts_years_in_bars_and_one_bar_less(peers, saver: Result):
    """2,514 bars are 9.98 years of 252, not the 9.99 of the calendar; its ulcer index divides by
    one less, and leaves the first bar out."""
    unit, fallen = saver.course.unit_value, saver.course.drawdown
    bars = len(unit) - 1
    assert peers["quantstats"]["cagr"] == pytest.approx(unit[-1] ** (252 / bars) - 1, rel=1e-9)
    days = (saver.course.dates[-1] - saver.course.dates[0]).astype(int)
    assert saver.measures["cagr"] == pytest.approx(unit[-1] ** (365.25 / days) - 1, rel=1e-9)
    shown = peers["quantstats"]["ulcer_index"]
    assert shown == pytest.approx(np.sqrt((fallen[1:] ** 2).sum() / (bars - 1)), rel=1e-9)
    assert saver.measures["ulcer_index"] == pytest.approx(np.sqrt((fallen**2).mean()), rel=1e-12)


def test_quantstats_ends_an_open_fall(peers):
    assert peers["quantstats"]["deepest"] == ["2007-10-10", "2009-12-31"]


def test_quantstats_takes_a_balance_for_a_price(peers):
    """Prices halve while payments come in: it finds the account's 6 %, not the strategy's half."""
    assert peers["traps"]["balance"] == pytest.approx(WEEKLY.measures["account_max_drawdown"])
    assert round(peers["traps"]["balance"], 4) == -0.0615
    assert WEEKLY.measures["max_drawdown"] == pytest.approx(-0.5, abs=1e-12)


def test_quantstats_takes_months_for_days_unless_told(peers):
    """One percent a month is 12.68 % a year."""
    wrong, right = peers["traps"]["monthly"]
    assert right == pytest.approx(1.01**12 - 1)
    assert wrong == pytest.approx(1.01**252 - 1)
    assert round(wrong, 2) == 11.27


@pytest.mark.parametrize(
    ("measure", "theirs"),
    [
        ("twr", empyrical.cum_returns_final),
        ("max_drawdown", empyrical.max_drawdown),
        ("volatility", empyrical.annual_volatility),
        ("sharpe", empyrical.sharpe_ratio),
    ],
)
def test_empyrical_agrees(measure, theirs, saver: Result):
    assert theirs(saver.returns) == pytest.approx(saver.measures[measure], rel=1e-9)


def test_empyricals_years_multiply_to_the_whole(saver: Result):
    yearly = empyrical.aggregate_returns(saver.returns, "yearly")
    assert list(yearly.index) == list(range(2000, 2010))
    assert (1 + yearly).prod() - 1 == pytest.approx(saver.measures["twr"], rel=1e-9)


def test_empyrical_counts_years_in_bars(saver: Result):
    returns, unit = saver.returns, saver.course.unit_value
    grown = unit[-1] ** (252 / len(returns)) - 1
    assert empyrical.cagr(returns) == pytest.approx(grown, rel=1e-9)


class Fund(bt.Analyzer):
    """Keep Backtrader's own unit value of each bar."""

    def start(self) -> None:
        self.kept: list[float] = []

    def next(self) -> None:
        self.kept.append(self.strategy.broker.get_fundvalue())


@pytest.mark.parametrize(("weights", "rule"), [({"SP500": 1.0}, "none"), (MIX, "annual")])
def test_backtraders_own_fund_mode_has_our_unit_value(weights, rule):
    ours = play(TABLE, weights, rule, era("2000-01-03", "2001-12-31"))

    class Saver(DcaStrategy):
        pass

    Saver.weights, Saver.rebalance = weights, rule
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.set_fundmode(True)
    cerebro.broker.set_cash(1e-6)
    for symbol, closes in zip(ours.symbols, ours.closes.T, strict=True):
        bars = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": 0}
        frame = pd.DataFrame(bars, pd.DatetimeIndex(ours.course.dates))
        cerebro.adddata(bt.feeds.PandasData(dataname=frame), name=symbol)
    cerebro.addstrategy(Saver, terms=Terms(monthly_usd=1000))
    cerebro.addanalyzer(Fund, _name="fund")
    cerebro.addanalyzer(bt.analyzers.DrawDown, _name="fall", fund=True)
    found = cerebro.run()[0].analyzers
    assert np.array(found.fund.kept) / 100 == pytest.approx(ours.course.unit_value, rel=1e-9)
    fall = -found.fall.get_analysis().max.drawdown / 100
    assert fall == pytest.approx(ours.measures["max_drawdown"], rel=1e-9)


def by_pandas(
    frame: pd.DataFrame,
    weights: dict[str, float],
    rebalance: str,
    pays: pd.DatetimeIndex,
    usd: list[float],
    fee: float = 0.0,
    late: int = 0,
) -> pd.DataFrame:
    """Keep a saver's book plainly: value, flow and unit value a bar; trades `late` bars after."""
    shares = dict.fromkeys(weights, 0.0)
    cash, unit, year, rows, before = 0.0, 1.0, pays[0].year, [], 0.0
    due = dict(zip(pays, usd, strict=True))
    trades = {frame.index[frame.index.get_loc(day) + late]: day for day in pays}
    for day, price in frame.iterrows():
        was = cash + sum(shares[s] * price[s] for s in weights)
        flow = due.get(day, 0.0)
        cash += flow
        if day in trades:
            year_before, year = year, trades[day].year
            if rebalance == "annual" and year != year_before:
                total = cash + sum(shares[s] * price[s] for s in weights)
                # Fees on every dollar traded, out of the total: found by going round.
                kept = total
                for _ in range(60):
                    moved = sum(abs(kept * w - shares[s] * price[s]) for s, w in weights.items())
                    kept = total - fee * moved
                shares, cash = {s: kept * w / price[s] for s, w in weights.items()}, 0.0
            else:
                for s, w in weights.items():
                    shares[s] += cash * w / (1 + fee) / price[s]
                cash = 0.0
        value = cash + sum(shares[s] * price[s] for s in weights)
        unit *= (was / before if before else 1.0) * (value / (was + flow))
        before = value
        rows.append((value, flow, unit))
    return pd.DataFrame(rows, frame.index, ["value", "flow", "unit"])


def firsts(frame: pd.DataFrame, freq: str) -> pd.DatetimeIndex:
    """Return the first bar of each of pandas' periods."""
    days = frame.index.to_series()
    return pd.DatetimeIndex(days.groupby(frame.index.to_period(freq)).first())


def grown(pays: pd.DatetimeIndex, usd: float, rate: float) -> list[float]:
    """Raise a sum by the year counted in months since the first."""
    months = [(day.year - pays[0].year) * 12 + day.month - pays[0].month for day in pays]
    return [usd * (1 + rate) ** (m // 12) for m in months]


PLANS: dict[str, tuple[str, str, float, float, dict[str, Any]]] = {
    "monthly": ("none", "M", 0.0, 0.0, {}),
    "rebalanced": ("annual", "M", 0.0, 0.0, {}),
    "quarterly, growing": ("none", "Q", 0.05, 0.0, {"every": "quarter", "growth": 0.05}),
    "yearly, with fees": ("annual", "Y", 0.0, 0.0025, {"every": "year", "fee_bps": 25.0}),
    "monthly, with fees": ("annual", "M", 0.03, 0.001, {"growth": 0.03, "fee_bps": 10.0}),
    "the next close": ("annual", "M", 0.0, 0.0, {"fill": "next"}),
    "weekly": ("none", "W", 0.0, 0.0, {"every": "week"}),
}


@pytest.mark.parametrize("name", PLANS)
def test_plain_pandas_keeps_the_same_book(name):
    rebalance, freq, growth, fee, plan = PLANS[name]
    ours = play(TABLE, MIX, rebalance, DECADE, **plan)
    frame = pd.DataFrame(ours.closes, pd.DatetimeIndex(ours.course.dates), list(ours.symbols))
    pays = firsts(frame, freq)
    late = int(plan.get("fill") == "next")
    book = by_pandas(frame, MIX, rebalance, pays, grown(pays, 1000.0, growth), fee, late)
    assert ours.course.flow == pytest.approx(book["flow"], rel=1e-12)
    assert ours.course.value == pytest.approx(book["value"], rel=1e-9)
    assert ours.course.unit_value == pytest.approx(book["unit"], rel=1e-9)
    value, put_in = book["value"], book["flow"].cumsum()
    falls = {
        "max_drawdown": book["unit"] / book["unit"].cummax().clip(lower=1) - 1,
        "account_max_drawdown": value / value.cummax() - 1,
        "worst_shortfall": value / put_in - 1,
    }
    for key, fallen in falls.items():
        assert ours.measures[key] == pytest.approx(fallen.min(), rel=1e-9)
    assert ours.measures["worst_shortfall_date"] == str(falls["worst_shortfall"].idxmin())[:10]
    assert ours.measures["xirr"] == pytest.approx(rate_of(book), abs=1e-9)
    out = [*(-book["flow"][book["flow"] > 0]), value.iloc[-1]]
    days = [*frame.index[book["flow"] > 0].date, frame.index[-1].date()]
    assert ours.measures["xirr"] == pytest.approx(pyxirr.xirr(days, out), abs=1e-6)


def rate_of(book: pd.DataFrame) -> float:
    """Find the money-weighted yearly rate with scipy."""
    years = np.asarray((book.index[-1] - book.index).days) / 365
    final = book["value"].iloc[-1]
    return brentq(
        lambda rate: (book["flow"] * (1 + rate) ** years).sum() - final, -0.9, 1.0, xtol=1e-13
    )
