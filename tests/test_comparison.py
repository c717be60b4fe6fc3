from datetime import date

import numpy as np
import pytest

from backtests.comparison import compare, default_strategies
from backtests.plan import Plan, make_plan
from data.errors import BadPlan, NoPrices, UnknownName
from tests.conftest import make_table, weekdays
from tests.helpers import TABLES


def test_the_default_is_four_strategies_through_three_eras_by_the_day():
    comparison = compare(Plan(), TABLES)
    names = ("index-fund", "diversified", "ai-picks", "nasdaq")
    assert default_strategies() == names
    assert [c.era.name for c in comparison.chapters] == ["dotcom", "dotcom-peak", "ai-run"]
    assert {c.bars for c in comparison.chapters} == {"daily"}
    assert all(tuple(r.strategy for r in c.results) == names for c in comparison.chapters)
    assert comparison.coarsest == "daily"


def test_an_era_without_a_basket_leaves_the_picks_out_and_says_so():
    (chapter,) = compare(Plan(eras=("gfc",)), TABLES).chapters
    assert [r.strategy for r in chapter.results] == ["index-fund", "diversified"]
    assert chapter.left_out == (
        "ai-picks left out: no basket is declared for this era",
        "nasdaq left out: no basket is declared for this era",
    )


def test_auto_takes_month_ends_for_an_era_whose_days_are_missing():
    own = {"picks": {"weights": {"MSFT": 1.0}}}
    plan = make_plan(eras=("gfc", "ai-run"), strategies=("index-fund", "picks"), strategy=own)
    comparison = compare(plan, TABLES)
    assert [c.bars for c in comparison.chapters] == ["monthly", "daily"]
    assert comparison.coarsest == "monthly"
    # One resolution for every strategy of an era, also for those that have daily figures.
    assert {r.bars for r in comparison.chapters[0].results} == {"monthly"}


def test_what_is_named_must_be_there_and_what_is_default_may_be_missing():
    dates = weekdays("2022-10-03", 1100)
    table = make_table(dates, {"SP500": np.linspace(10, 20, 1100)})
    with pytest.raises(UnknownName, match="unknown symbol 'BOND'"):
        compare(Plan(eras=("ai-run",), strategies=("diversified",)), {"daily": lambda: table})
    comparison = compare(Plan(), {"daily": lambda: table})
    assert [r.strategy for r in comparison.results] == ["index-fund"]
    assert [text[:22] for text in comparison.left_out] == [
        "era dotcom left out: S",
        "era dotcom-peak left o",
    ]
    with pytest.raises(NoPrices, match="SP500"):
        compare(Plan(eras=("dotcom",)), {"daily": lambda: table})


def test_nothing_left_to_replay_is_an_error():
    table = make_table(weekdays("1990-01-01", 30), {"SP500": [1.0] * 30})
    with pytest.raises(BadPlan, match="nothing could be replayed"):
        compare(Plan(), {"daily": lambda: table})


def test_bars_the_data_does_not_have_are_refused():
    with pytest.raises(BadPlan, match="has no daily bars, only monthly"):
        compare(Plan(bars="daily"), {"monthly": TABLES["monthly"]})


def test_an_own_strategy_runs_beside_the_declared_ones():
    own = {"sixty": {"weights": {"SP500": 0.6, "BOND": 0.4}, "rebalance": "annual"}}
    comparison = compare(make_plan(eras=("gfc",), strategy=own), TABLES)
    assert [r.strategy for r in comparison.results] == ["index-fund", "diversified", "sixty"]


def test_progress_hears_of_every_run():
    heard: list[tuple[str, float, float]] = []
    compare(Plan(eras=("gfc",)), TABLES, lambda *words: heard.append(words))
    assert heard == [("gfc: index-fund", 0, 2), ("gfc: diversified", 1, 2)]


def test_an_own_era_may_end_on_the_newest_bar():
    plan = make_plan(eras=("late",), era={"late": {"start": date(2026, 1, 1)}}, bars="daily")
    (chapter,) = compare(plan, TABLES).chapters
    assert chapter.end == date(2026, 9, 17)
