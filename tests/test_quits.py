"""A saver who loses heart: all is sold at a fall, and goes back after a wait, or never."""

import json
import random

import numpy as np
import pytest

from backtests import run, scenario, sweep
from backtests.plan import make_plan
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from data import snapshot
from data.errors import BadPlan
from strategies.dca.base import DcaStrategy, allocation, derived
from strategies.dca.terms import Quit, Terms
from strategies.index_fund import IndexFund
from strategies.lump_sum import LumpSum
from tests.conftest import make_table, month_ends
from tests.helpers import TABLES


def naive(symbol: str, start: str, end: str, depth: float, months: int | None) -> dict[str, float]:
    """Replay one fund day by day in plain Python; the unit value is kept by hand."""
    table = snapshot.load("daily")
    inside = (table.dates >= np.datetime64(start)) & (table.dates <= np.datetime64(end))
    days = [d.item() for d in table.dates[inside]]
    fund, cash = table.column(symbol)[inside], table.column("CASH")[inside]
    held = bills = paid = unit = high = 0.0
    month, out, left, fell, last = None, False, None, 0.0, 0.0
    for day, price, bill in zip(days, fund, cash, strict=True):
        worth = held * price + bills * bill
        now = day.year * 12 + day.month
        flow = 1000.0 if now != month else 0.0
        unit = unit * worth / last if last else 1.0
        if flow:
            if left is None and fell <= -depth:
                out, left = True, now
            elif out and months is not None and now >= left + months:
                out = False
            total = worth + flow
            # Nothing costs anything here, so all may be sold and bought again.
            held, bills = (0.0, total / bill) if out else (total / price, 0.0)
            paid, month = paid + flow, now
        last = worth + flow
        high = max(high, unit)
        fell = unit / high - 1
    return {"final_value": last, "contributed": paid, "twr": unit - 1}


@pytest.mark.parametrize("months", [6, 12, None])
@pytest.mark.parametrize("depth", [0.1, 0.3])
def test_the_engine_does_what_plain_python_does(depth, months):
    found = run(
        "index-fund",
        era="dotcom",
        quit_at=depth,
        return_after="never" if months is None else months,
    )
    wanted = naive("SP500", "1996-06-01", "2007-12-31", depth, months)
    assert {key: found.measures[key] for key in wanted} == pytest.approx(wanted, rel=1e-9)
    assert any(note.kind == "quit" and "all sold on" in note.text for note in found.notes)


def table(cash: bool):
    """The fund halves in March; who holds it is 50 % below her high when April pays."""
    prices = {"FUND": [100, 100, 50, 40, 80, 160]}
    if cash:
        prices["CASH"] = [1.0, 1.0, 1.0, 1.0, 1.25, 1.25]
    dates = [str(d) for d in month_ends("2020-01", 6)]
    return make_table(dates, prices, "monthly")


def value(months: int | str, cash: bool = True, **options):
    kind = allocation("mine", {"FUND": 1.0})
    return run(
        kind,
        table(cash),
        monthly=100.0,
        bars="monthly",
        quit_at=0.5,
        return_after=months,
        **options,
    )


def test_by_hand():
    """2 units, then 2 more in March: 4 units are 160 in April, with 100 more 260 in CASH.

    In May CASH is up a quarter: 325 + 100. Back then: 425 / 80 units, doubled to 850 in June + 100.
    """
    assert value(1).course.value.tolist() == pytest.approx([100, 200, 200, 260, 425, 950])
    assert value("never").course.value.tolist() == pytest.approx([100, 200, 200, 260, 425, 525])
    assert value(2).course.value.tolist() == pytest.approx([100, 200, 200, 260, 425, 525])
    assert value(2).final_shares == pytest.approx({"FUND": 525 / 160, "CASH": 0.0})


def test_a_lump_sum_has_brought_dated_sums_forward_and_is_not_sold_on_their_days():
    """Its 200 are there in January; April, half below the high, pays nothing in any more."""
    found = run(
        derived(LumpSum, weights={"FUND": 1.0}), table(cash=False), monthly=0.0, bars="monthly",
        every="year", payments=[["2020-01-31", 100.0], ["2020-04-15", 100.0]], quit_at=0.5,
    )  # fmt: skip
    assert found.course.value.tolist() == pytest.approx([200, 200, 100, 80, 160, 320])
    assert not any("all sold on" in text for text in found.warnings)


def test_without_bills_the_money_waits_as_cash():
    left = value("never", cash=False)
    assert left.course.value.tolist() == pytest.approx([100, 200, 200, 260, 360, 460])
    assert left.cash.tolist() == pytest.approx([0, 0, 0, 260, 360, 460], abs=1e-9)
    assert left.final_shares == {"FUND": 0.0}
    assert value(1, cash=False).course.value.tolist() == pytest.approx(
        [100, 200, 200, 260, 360, 820]
    )


def test_fees_are_paid_on_every_dollar_that_moves():
    """1 % of each payment and of the units sold, then CASH takes what its own fee leaves."""
    left = value("never", fee_bps=100.0)
    units = (1 + 1 + 2) / 1.01
    assert left.course.value[3] == pytest.approx((units * 40 * 0.99 + 100) / 1.01)


def test_whoever_decides_in_code_may_lose_heart_too():
    (dip,) = scenario(strategies=("buy-the-dip",), quit_at=0.2).results
    assert any("all sold on" in str(note) for note in dip.notes)
    after = dip.course.value[-1] / dip.course.value[-200]
    assert 0.95 < after < 1.35  # bills and payments alone


class Dice(DcaStrategy):
    """Hold a random part of the fund."""

    name = "dice"
    weights = {"SP500": 1.0}

    def targets(self):
        return {"SP500": random.random()}


def test_who_throws_dice_throws_the_same_until_she_leaves():
    random.seed(7)
    stayed = run(Dice, era="dotcom").course
    random.seed(7)
    quitter = run(Dice, era="dotcom", quit_at=0.15)
    (said,) = [note.text for note in quitter.notes if note.text.startswith("all sold on")]
    before = quitter.course.dates < np.datetime64(said.split()[-1])
    assert 300 < before.sum() < len(before) - 300
    same = quitter.course.unit_value[before]
    assert same == pytest.approx(stayed.unit_value[before], rel=1e-9)
    assert stayed.drawdown[before][-1] <= -0.15


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"quit_at": 1.5}, "quit_at is 1.5; give less than 1"),
        ({"return_after": 3}, "return_after is for a saver who quits; give quit_at as well"),
        ({"quit_at": 0.3, "return_after": 0}, "return_after is 0; give 1 to 1200 months, or never"),
    ],
)
def test_bad_questions_are_refused(asked, wanted):
    with pytest.raises(BadPlan, match=wanted):
        _ = make_plan(**asked).terms


def test_a_saver_who_quits_is_told_in_per_cent():
    assert str(Quit(0.3, 12)) == "sells all 30 % below the high, back after 12 months"
    assert str(Quit(0.125)) == "sells all 12.5 % below the high, never back"


def test_a_cerebro_of_ones_own_cannot_know_when():
    with pytest.raises(BadPlan, match="only a replay can tell when to quit"):
        _own(IndexFund)


def _own(kind):
    import backtrader as bt
    import pandas as pd

    cerebro = bt.Cerebro(stdstats=False)
    frame = pd.DataFrame({"close": [1.0, 2.0]}, index=pd.date_range("2020-01-01", periods=2))
    absent = dict.fromkeys(("open", "high", "low", "volume", "openinterest"))
    cerebro.adddata(bt.feeds.PandasData(dataname=frame, **absent), name="SP500")
    cerebro.addstrategy(kind, terms=Terms(quit=Quit(0.3)))
    cerebro.run()


OPTIONS = {"years": (10,), "quit_at": (0.2, 0.35), "return_after": (12, "never")}


@pytest.mark.parametrize(
    ("strategy", "options"),
    [
        ("index-fund", {}),
        ("diversified", {"fee_bps": (10.0,), "fee_per_order": 1.0, "fill": "next"}),
        ("diversified", {"rebalance": ("band:0.05", "contribute"), "whole_shares": True}),
        ("index-fund", {"tax": 0.25, "fee_min": 2.0}),
        ("cash", {"bars": "monthly"}),
    ],
)
def test_every_row_of_a_sweep_is_the_engines(strategy, options):
    """Some rows of each variant by Backtrader, to 1e-9; the last quits in no window."""
    from backtests.sweeps import check, replayed
    from backtests.sweeps.rows import Twin

    layout = lay_out(Request((strategy,), **OPTIONS | options), TABLES)
    twin = Twin(layout)
    for chunk in layout.chunks:
        figures = twin.rows(chunk).figures
        for row in range(chunk.first, chunk.stop, 97):
            again = replayed.row(layout, replayed.Pick(chunk.variant, row)).measures.figures
            mine = {name: column[row - chunk.first] for name, column in figures.items()}
            assert check.difference(again, mine) < 1e-9, (str(layout.variants[chunk.variant]), row)


def test_drawn_paths_may_be_quit_too():
    rows = sweep("index-fund", years=(10,), bootstrap=500, quit_at=(0.3,), return_after=(12,))
    stayed, left = (rows[rows["quit_at"] == at]["final_value"].to_numpy() for at in ("", "0.3"))
    assert 0.05 < (np.abs(left / stayed - 1) > 1e-9).mean() < 0.95


def test_the_grid_says_what_quitting_cost(dca, tmp_path):
    words = [w for at in ("0.2", "0.35") for w in ("--quit-at", at)]
    words += ["--return-after", "12", "--return-after", "never", "--strategy", "index-fund"]
    code, out, said = dca("sweep", *words, "--out", str(tmp_path / "s"))
    assert (code, said) == (0, "")
    summary = json.loads((tmp_path / "s" / "summary.json").read_text())
    (grid,) = summary["quits"]
    rows = sweep("index-fund", **OPTIONS)
    final = {
        key: part["final_value"].to_numpy()
        for key, part in rows.groupby(["quit_at", "return_after"])
    }
    assert len(grid["cells"]) == 4
    for cell in grid["cells"]:
        apart = final[f"{cell['quit_at']:g}", str(cell["return_after"])] / final["", ""] - 1
        left = apart[np.abs(apart) > 1e-11]
        assert (cell["rows"], cell["left"]) == (len(apart), len(left))
        assert cell["median"] == pytest.approx(np.median(left))
        assert cell["gained"] == pytest.approx((left > 0).mean())
    assert "What quitting cost or spared: index-fund" in out
    page = (tmp_path / "s" / "sweep.html").read_text()
    assert page.count("What quitting cost or spared") >= 2
    assert (tmp_path / "s" / "quits.png").stat().st_size > 5_000
