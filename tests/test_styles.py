"""The strategies of one small file each, every rule worked by hand on a few bars."""

import csv
import json
from datetime import date
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd
import pytest

from backtests.api import sweep
from backtests.comparison import strategy_called
from backtests.eras import ERAS
from backtests.plan import Plan, make_plan
from backtests.result import Result
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from data import snapshot
from data.arrays import Floats
from data.errors import BadInput, BadPlan, RunFailed
from data.prices import PriceTable
from strategies.dca import discovery
from strategies.dca.base import DcaStrategy, derived
from strategies.dca.terms import Terms
from tests.conftest import NONE, make_table, month_ends, weekdays
from tests.helpers import TABLES, era, run, whole


def month_end_run(name: str, first: str, **prices: list[float]) -> Result:
    """Replay a strategy that pays in 100 at each month's end from `first` on."""
    count = len(next(iter(prices.values())))
    table = make_table(month_ends(first, count), prices, "monthly")
    return run(discovery.strategy(name), table, whole(table), Plan(monthly=100.0))


def held(result: Result, bar: int) -> dict[str, float]:
    """Return shares by symbol after a bar."""
    return dict(zip(result.symbols, result.shares[bar].tolist(), strict=True))


def test_sixty_forty_is_brought_back_with_the_first_payment_of_a_year():
    result = month_end_run("sixty-forty", "2019-11", SP500=[10.0, 20, 20], BOND=[10.0] * 3)
    # 60 and 40 buy 6 and 4; then at 20 another 3 and 4: worth 180 and 80. In January 360 in all.
    assert held(result, 1) == pytest.approx({"SP500": 9, "BOND": 8})
    assert held(result, 2) == pytest.approx({"SP500": 216 / 20, "BOND": 144 / 10})


@pytest.mark.parametrize(("gold", "sold"), [(16.0, False), (17.0, True)])
def test_permanent_is_brought_back_when_a_quarter_has_grown_beyond_35_percent(gold, sold):
    flat = [10.0, 10]
    result = month_end_run(
        "permanent", "2020-01", SP500=flat, BOND=flat, GOLD=[10, gold], CASH=flat
    )
    # 25 in each; gold at 16 is 40 of 115, 34.8 %; at 17 it is 42.5 of 117.5, 36.2 %.
    quarter = (117.5 + 100) / 4
    wanted = quarter / gold if sold else 2.5 + 25 / gold
    assert held(result, 1)["GOLD"] == pytest.approx(wanted)
    assert held(result, 1)["CASH"] == pytest.approx(quarter / 10 if sold else 5)
    assert any("stands in for" in note for note in result.warnings)


def test_a_lump_sum_of_the_mix_puts_the_whole_total_into_it_at_once():
    flat = [10.0] * 3
    result = month_end_run(
        "lump-sum-diversified", "2019-11", SP500=[10.0, 20, 20], BOND=flat, GOLD=flat, REIT=flat
    )
    assert result.course.flow.tolist() == [300, 0, 0]
    assert held(result, 1) == pytest.approx({"SP500": 12, "BOND": 9, "GOLD": 4.5, "REIT": 4.5})
    # Nothing is paid in any more, and the first due date of the new year still rebalances: 420.
    assert held(result, 2) == pytest.approx({"SP500": 8.4, "BOND": 12.6, "GOLD": 6.3, "REIT": 6.3})


def test_a_satellite_is_a_tenth_in_equal_parts_of_the_picks():
    satellite = derived(discovery.strategy("satellite"), picks=("A", "B"))
    prices = {"SP500": [10.0, 10, 10], "A": [10.0, 40, 40], "B": [10.0, 10, 10]}
    table = make_table(month_ends("2019-11", 3), prices, "monthly")
    result = run(satellite, table, whole(table), Plan(monthly=100.0))
    # 90, 5 and 5 buy 9, 0.5 and 0.5; at 40 another 0.125 of A. In January 315 in all: 31.5 picked.
    assert held(result, 1) == pytest.approx({"SP500": 18, "A": 0.625, "B": 1})
    assert held(result, 2) == pytest.approx({"SP500": 28.35, "A": 15.75 / 40, "B": 1.575})
    assert result.warnings[0] == "10 % of it goes into the picks, the rest into the core"


def test_the_eras_picks_are_the_satellite_and_its_note_names_the_hindsight():
    result = run("satellite", snapshot.load("daily"), "ai-run")
    assert result.weights["SP500"] == pytest.approx(0.9)
    assert result.weights["NVDA"] == pytest.approx(0.1 / 7)
    (note,) = [note for note in result.notes if note.kind == "hindsight"]
    assert note.symbol == "NVDA, MSFT, AAPL, GOOGL, AMZN, META, TSLA"


def varied(name: str, **values: Any) -> type[DcaStrategy]:
    return derived(discovery.strategy(name), **values)


def test_value_averaging_pays_in_what_is_missing_up_to_three_sums_and_sells_nothing():
    result = month_end_run("value-averaging", "2020-01", SP500=[10.0, 5, 20, 2, 2])
    # Wanted 100, 200, 300, 400, 500; there are 0, 50, 800, 80 and 380: 320 are missing once.
    flow, value, put_in = [100, 150, 0, 300, 120], [100, 200, 800, 380, 500], 670
    assert result.course.flow.tolist() == pytest.approx(flow)
    assert result.shares[:, 0].tolist() == pytest.approx([10, 40, 40, 190, 250])
    assert result.course.value.tolist() == pytest.approx(value)
    figure = result.measures.figures
    assert figure["contributed"] == pytest.approx(put_in)
    assert figure["max_drawdown"] == pytest.approx(2 / 20 - 1)
    assert figure["account_max_drawdown"] == pytest.approx(380 / 800 - 1)
    assert figure["worst_shortfall"] == pytest.approx(380 / 550 - 1)
    years = (result.course.dates[-1] - result.course.dates).astype(int) / 365
    grown = (1 + figure["mwr"]) ** (years / years[0])
    assert (np.array(flow) * grown).sum() == pytest.approx(500)


def test_value_averaging_opens_with_the_initial_sum_and_rests_in_a_pause():
    table = make_table(month_ends("2020-01", 4), {"SP500": [10.0, 8, 8, 8]}, "monthly")
    pause = [[date(2020, 2, 1), date(2020, 2, 29)]]
    plan = make_plan(monthly=100.0, initial=500.0, pause=pause)
    result = run("value-averaging", table, whole(table), plan)
    # Nothing is due in February, so nothing is asked for; in March 600 are wanted, 400 there.
    assert result.course.flow.tolist() == pytest.approx([500, 0, 200, 100])


def naive_value_averaging(due: Floats, prices: Floats) -> tuple[list[float], float]:
    paid, shares, wanted = [], 0.0, 0.0
    for sum_due, price in zip(due, prices, strict=True):
        wanted += sum_due
        missing = wanted - shares * price
        paid.append(0.0 if missing < 0 else min(missing, 3 * sum_due))
        shares += paid[-1] / price
    return paid, shares


def naive_dip(table: PriceTable, due: Floats, fall: float, days: float) -> tuple[Floats, Floats]:
    """Return cash and shares after every bar; every high is looked up in the table anew."""
    prices, bars = table.column("SP500"), range(len(due))
    cash, shares, kept, held = np.zeros(len(due)), np.zeros(len(due)), 0.0, 0.0
    for bar in bars:
        near = [
            prices[b]
            for b in range(bar)
            if (table.dates[bar - 1] - table.dates[b]).astype(int) < days
        ]
        if due[bar]:
            dip = bool(near) and near[-1] <= (1 - fall) * max(near)
            kept, spent = (0.0, kept + due[bar]) if dip else (kept + 0.2 * due[bar], 0.8 * due[bar])
            held += spent / prices[bar]
        cash[bar], shares[bar] = kept, held
    return cash, shares


def walk(seed: int, first: str = "2019-01-02", count: int = 500) -> PriceTable:
    moves = np.random.default_rng(seed).normal(0, 0.02, count)
    return make_table(weekdays(first, count), {"SP500": 30 * np.exp(np.cumsum(moves))})


@pytest.mark.parametrize("seed", range(5))
def test_value_averaging_is_what_a_naive_program_makes_of_it(seed):
    table = walk(seed)
    due = run("index-fund", table, whole(table)).course.flow
    paid, shares = naive_value_averaging(due, table.column("SP500"))
    result = run("value-averaging", table, whole(table))
    assert result.course.flow.tolist() == pytest.approx(paid)
    assert result.shares[-1, 0] == pytest.approx(shares)
    assert 0 in np.array(paid)[due > 0]


def test_the_dip_is_bought_from_the_reserve_a_bar_after_it_is_seen():
    result = month_end_run("buy-the-dip", "2020-01", SP500=[10.0, 10, 8, 8, 16, 16])
    # 8 is first seen a bar later, when 60 have been kept back: 160 buy 20. So is 16.
    assert result.cash.tolist() == pytest.approx([20, 40, 60, 0, 0, 20], abs=1e-6)
    bought = np.diff(result.shares[:, 0], prepend=0.0)
    assert bought.tolist() == pytest.approx([8, 8, 10, 20, 6.25, 5])
    assert result.course.flow.tolist() == [100] * 6
    assert any("20 % of each payment waits as cash" in note for note in result.warnings)
    assert [n.kind for n in result.notes if n.kind == "cash"] == ["cash"]


@pytest.mark.parametrize("seed", range(5))
def test_the_dip_is_what_a_naive_program_makes_of_it(seed):
    table = walk(seed)
    mine = varied("buy-the-dip", fall=0.15, months=3.0)
    result = run(mine, table, whole(table))
    cash, shares = naive_dip(table, result.course.flow, 0.15, 3 * 365.25 / 12)
    assert result.cash.tolist() == pytest.approx(cash.tolist(), abs=1e-6)
    assert result.shares[:, 0].tolist() == pytest.approx(shares.tolist())
    assert 0 in cash[30:]


def test_the_dip_of_several_funds_is_that_of_the_largest():
    mine = varied("buy-the-dip", weights={"A": 0.3, "B": 0.7})
    prices = {"A": [10.0, 1, 1], "B": [10.0, 10, 10]}
    table = make_table(month_ends("2020-01", 3), prices, "monthly")
    assert run(mine, table, whole(table), Plan(monthly=100.0)).cash[-1] == pytest.approx(60)


def test_the_dip_is_judged_on_the_payment_though_it_is_bought_on_the_next_bar():
    """8 is seen on the payment of April, which is invested in May: 60 kept back and 100 buy 20.

    The payment of March came before it was seen: of it 80 dollars buy, at 8, in April.
    """
    table = make_table(month_ends("2020-01", 5), {"SP500": [10.0, 10, 8, 8, 8]}, "monthly")
    plan = Plan(monthly=100.0, fill="next")
    result = run("buy-the-dip", table, whole(table), plan)
    bought = np.diff(result.shares[:, 0], prepend=0.0)
    assert bought.tolist() == pytest.approx([0, 8, 10, 10, 20])


def test_a_reserve_is_not_rebalanced_away():
    table = make_table(month_ends("2020-01", 2), {"SP500": [10.0, 10]}, "monthly")
    with pytest.raises(BadPlan, match="leave --rebalance at none or contribute"):
        run(varied("buy-the-dip", rebalance="annual"), table, whole(table))


def glided(first: str, **values: Any) -> Result:
    mine = varied("glide", weights={"M": 1.0}, picks=("A", "B"), **values)
    table = make_table(month_ends(first, 3), dict.fromkeys("MAB", [10.0] * 3), "monthly")
    return run(mine, table, whole(table), Plan(monthly=100.0))


def test_a_glide_goes_evenly_from_the_picks_to_the_mix():
    within, across = glided("2020-01"), glided("2019-11")
    # 100 in the picks, then half, then nothing; the first payment of a year moves all there is.
    assert held(within, 0) == pytest.approx({"M": 0, "A": 5, "B": 5})
    assert held(within, 1) == pytest.approx({"M": 5, "A": 7.5, "B": 7.5})
    assert held(within, 2) == pytest.approx({"M": 15, "A": 7.5, "B": 7.5})
    assert held(across, 2) == pytest.approx({"M": 30, "A": 0, "B": 0})
    assert within.weights == {"M": 1.0}
    assert "over the window, its end known from the start" in within.warnings[0]


def test_a_glide_over_stated_years_does_not_look_at_the_windows_end():
    result = glided("2020-01", years=0.5)
    # A sixth a month: 100, 83.33 and 66.67 into the picks.
    assert held(result, 2) == pytest.approx({"M": 5, "A": 12.5, "B": 12.5})
    assert "over 0.5 years" in result.warnings[0]


def test_a_glide_goes_by_the_payment_though_it_is_bought_on_the_next_bar():
    mine = varied("glide", weights={"M": 1.0}, picks=("A",))
    table = make_table(month_ends("2020-01", 3), dict.fromkeys("MA", [10.0] * 3), "monthly")
    result = run(mine, table, whole(table), Plan(monthly=100.0, fill="next"))
    # January's 100 in the pick, bought in February; February's halved, bought in March.
    assert held(result, 1) == pytest.approx({"M": 0, "A": 10})
    assert held(result, 2) == pytest.approx({"M": 5, "A": 15})


def test_money_waits_for_a_pick_that_is_not_listed_yet():
    """In January all is to go into B, which comes in February: 100 wait, and both buy it half."""
    mine = varied("glide", weights={"M": 1.0}, picks=("B",))
    prices = {"M": [10.0] * 3, "B": [NONE, 10, 10]}
    table = make_table(month_ends("2020-01", 3), prices, "monthly")
    result = run(mine, table, whole(table), Plan(monthly=100.0))
    assert result.cash.tolist() == pytest.approx([100, 0, 0], abs=1e-6)
    assert held(result, 2) == pytest.approx({"M": 20, "B": 10})


def test_a_glide_in_a_cerebro_of_ones_own_needs_its_end():
    frame = pd.DataFrame({"close": [10.0, 10]}, index=pd.DatetimeIndex(month_ends("2020-01", 2)))
    absent = dict.fromkeys(("open", "high", "low", "volume", "openinterest"))
    feed = bt.feeds.PandasData(dataname=frame, **absent)
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(feed, name="A")
    cerebro.addstrategy(varied("glide", weights={"A": 1.0}, picks=("A",)))
    with pytest.raises(BadPlan, match="give years, or until"):
        cerebro.run()


MINE: dict[str, dict[str, Any]] = {
    "bold": {"base": "satellite", "settings": {"share": 0.5}, "picks": ["NVDA", "MSFT"]},
    "core": {"base": "satellite", "weights": {"SP500": 0.6, "BOND": 0.4}, "picks": ["MSFT"]},
    "at-once": {"base": "lump-sum", "weights": {"GOLD": 1.0}},
}


def test_a_plan_takes_a_strategy_with_values_of_its_own():
    plan = make_plan(strategy=MINE)
    bold, core, at_once = (strategy_called(name, plan) for name in MINE)
    assert bold.held() == pytest.approx({"SP500": 0.5, "NVDA": 0.25, "MSFT": 0.25})
    assert bold.rebalance == "annual"
    assert bold.said().startswith("50 % of it goes into the picks")
    assert core.held() == pytest.approx({"SP500": 0.54, "BOND": 0.36, "MSFT": 0.1})
    assert at_once.held() == {"GOLD": 1.0}
    assert at_once.funding(Terms(), 12_000.0).initial_usd == 12_000


def test_only_what_was_said_of_a_base_stands_in_the_results():
    shown = make_plan(strategy=MINE).model_dump(mode="json")["strategy"]
    assert shown == MINE
    plain = make_plan(strategy={"mine": {"weights": {"A": 1.0}}}).model_dump(mode="json")
    assert plain["strategy"] == {
        "mine": {"weights": {"A": 1.0}, "rebalance": "none", "late_listings": False}
    }


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"base": "satelite"}, "unknown strategy 'satelite'; did you mean 'satellite'"),
        ({"base": "satellite", "settings": {"shar": 0.5}}, "unknown setting of satellite 'shar'"),
        ({"base": "satellite", "settings": {"share": 2}}, "share of satellite is 2; give 0 to 1"),
        ({"base": "index-fund", "picks": ["A"]}, "index-fund holds no picks"),
        ({"picks": ["A"]}, "needs weights, or the name of a strategy as its base"),
        ({}, "needs weights, or the name of a strategy as its base"),
        ({"base": "satellite", "weights": {"A": 0.5}}, "weights sum to 0.5"),
    ],
)
def test_a_strategy_that_cannot_be_is_refused_in_a_line(own, said):
    with pytest.raises(BadInput, match=said):
        strategy_called("mine", make_plan(strategy={"mine": own}))


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("2000-03-01", "2003-12-31", "dotcom"),
        ("2023-01-01", None, "ai-run"),
        ("2000-03-01", "2009-12-31", ""),
        ("2000-03-01", None, ""),
    ],
)
def test_a_window_inside_an_era_has_its_picks(start, end, inside):
    span = {"start": date.fromisoformat(start), "end": end and date.fromisoformat(end)}
    baskets = make_plan(era={"mine": span}).era_called("mine").baskets
    assert baskets == (ERAS[inside].baskets if inside else {})


def test_a_satellite_of_named_picks_is_swept_as_the_allocation_it_is(tmp_path):
    request = Request(("core",), declared=make_plan(strategy=MINE).strategy, years=(3,))
    mix = {"SP500": 0.54, "BOND": 0.36, "MSFT": 0.1}
    other = Request(weights=mix, rebalance=("annual",), years=(3,))
    sides = []
    for asked in (request, other):
        layout = lay_out(asked, TABLES)
        assert not layout.variants[0].decides
        sides.append(Twin(layout).rows(layout.chunks[0]).figures["final_value"])
    assert sides[0] == pytest.approx(sides[1], rel=1e-12)
    with pytest.raises(BadPlan, match="or its picks in a plan"):
        lay_out(Request(("satellite",)), TABLES)


WINDOW = ("--from", "2000-03-01", "--to", "2003-12-31", "--bars", "monthly", "--json")


def test_run_takes_strategies_and_runs_them_over_weights(dca):
    words = ("run", *WINDOW, "--strategy", "satellite", "--strategy", "lump-sum")
    code, out, err = dca(*words)
    assert (code, err) == (0, "")
    assert [r["strategy"] for r in json.loads(out)["runs"]] == ["satellite", "lump-sum"]
    code, out, err = dca(*words[:-2], *words[-2:], "--weights", "GOLD=1", "--rebalance", "none")
    satellite, lump = json.loads(out)["runs"]
    assert (lump["strategy"], lump["weights"]) == ("my-lump-sum", {"GOLD": 1.0})
    assert satellite["weights"]["GOLD"] == pytest.approx(0.9)
    assert satellite["rebalance"] == "none"


def test_what_decides_in_code_is_swept_by_backtrader(tmp_path, dca):
    code, _, err = dca(
        "sweep", "--strategy", "value-averaging", "--strategy", "buy-the-dip", "--bars", "monthly",
        "--from", "2001-01", "--to", "2005-12", "--years", "4", "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert (code, err) == (0, "")
    rows = list(csv.DictReader((tmp_path / "out" / "rows.csv").read_text().splitlines()))
    assert [row["strategy"] for row in rows] == ["value-averaging"] * 13 + ["buy-the-dip"] * 13
    first = run("value-averaging", snapshot.load("monthly"), era("2001-01-01", "2004-12-31"))
    assert float(rows[0]["final_value"]) == pytest.approx(first.course.value[-1], rel=1e-9)


def test_what_decides_in_code_is_swept_by_backtrader_from_python_too():
    asked = {"start": "2001-01", "end": "2005-12", "years": (4,), "bars": "monthly"}
    frame = sweep("value-averaging", "index-fund", **asked)
    first = run("value-averaging", snapshot.load("monthly"), era("2001-01-01", "2004-12-31"))
    (one, *_), (other, *_) = (
        frame[frame.strategy == name].contributed for name in ("value-averaging", "index-fund")
    )
    assert (one, other) == (pytest.approx(first.course.contributed[-1]), 48_000)
    layout = lay_out(Request(("value-averaging",), years=(4,)), TABLES)
    with pytest.raises(RunFailed, match="Backtrader must run its rows"):
        Twin(layout).rows(layout.chunks[0])
