"""The strategies of one small file each, every rule worked by hand on a few bars."""

import json
from datetime import date
from typing import Any

import pytest

from backtests.comparison import strategy_called
from backtests.eras import ERAS
from backtests.plan import Plan, make_plan
from backtests.result import Result
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from data import snapshot
from data.errors import BadInput, BadPlan
from strategies.dca import discovery
from strategies.dca.base import derived
from strategies.dca.terms import Terms
from tests.conftest import make_table, month_ends
from tests.helpers import TABLES, run, whole


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
    assert result.warnings[0] == "10% of it go into the picks, the rest into the core"


def test_the_eras_picks_are_the_satellite_and_its_note_names_the_hindsight():
    result = run("satellite", snapshot.load("daily"), "ai-run")
    assert result.weights["SP500"] == pytest.approx(0.9)
    assert result.weights["NVDA"] == pytest.approx(0.1 / 7)
    (note,) = [note for note in result.notes if note.kind == "hindsight"]
    assert note.symbol == "NVDA, MSFT, AAPL, GOOGL, AMZN, META, TSLA"


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
    assert bold.said().startswith("50% of it go into the picks")
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
    ("start", "end", "era"),
    [
        ("2000-03-01", "2003-12-31", "dotcom"),
        ("2023-01-01", None, "ai-run"),
        ("2000-03-01", "2009-12-31", ""),
        ("2000-03-01", None, ""),
    ],
)
def test_a_window_inside_an_era_has_its_picks(start, end, era):
    span = {"start": date.fromisoformat(start), "end": end and date.fromisoformat(end)}
    baskets = make_plan(era={"mine": span}).era_called("mine").baskets
    assert baskets == (ERAS[era].baskets if era else {})


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
