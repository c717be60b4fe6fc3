"""What every strategy, era and catalogued symbol inherits by being declared."""

import json
from datetime import date
from importlib import import_module

import numpy as np
import pytest

from backtests.digits import rounded
from backtests.eras import ERAS, era_named
from backtests.lookahead import audit, scrambled
from backtests.plan import Plan
from backtests.result import Result
from data import snapshot
from data.catalog import CATALOG
from data.errors import NoPrices, UnknownName
from strategies.dca import discovery
from strategies.dca.base import DcaStrategy
from strategies.dca.terms import Rebalance, check_weights
from tests.helpers import run

NAMES = discovery.names()
# Those whose prices nobody licenses.
EMBEDDED = [n for n in NAMES if "^N225" not in discovery.strategy(n).weights]


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_is_found_by_its_file_and_says_what_it_is(name):
    kind = discovery.strategy(name)
    assert issubclass(kind, DcaStrategy)
    assert kind.__module__ == f"strategies.{name.replace('-', '_')}"
    assert kind.title
    assert kind.__doc__
    assert import_module(kind.__module__).__doc__
    Rebalance.parse(kind.rebalance)
    assert kind.said() or not kind.label
    for setting, (low, high) in kind.settings.items():
        assert low <= getattr(kind, setting) <= high
    if kind.basket:
        assert any(kind.basket in era.baskets for era in ERAS.values())
    if kind.weights or not kind.basket:
        check_weights(kind.weights)
        assert set(kind.weights) <= set(CATALOG)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_runs_through_every_era_it_has_a_basket_for(name, era):
    kind = discovery.strategy(name)
    century = ERAS[era].start.year < 1994
    table = snapshot.century() if century else snapshot.load("daily")
    refusal = ""
    if century and not set(kind.weights) <= {"SP500", "CASH"}:
        refusal = "its monthly prices begin on|has no price before"
    if kind.basket and kind.basket not in ERAS[era].baskets:
        refusal = "no basket"
    if name not in EMBEDDED:
        refusal = "none are embedded"
    if refusal:
        with pytest.raises(NoPrices, match=refusal):
            run(name, table, era)
        return
    check_result(run(name, table, era))


@pytest.mark.parametrize("name", EMBEDDED)
def test_no_strategy_sees_what_comes_after_a_bar(name):
    """Whatever the later prices are, the account is the same up to the bar before them."""
    table, terms = snapshot.load("daily"), Plan().terms
    found = audit(discovery.strategy(name), ERAS["dotcom"], table, terms, cuts=3)
    assert found.first is None
    assert found.reruns >= 5
    # Who pays everything in at once, or glides to the window's end, is told when that is.
    assert (found.told is not None) == (name in ("lump-sum", "lump-sum-diversified", "glide"))
    half = date(2001, 7, 2)
    one, two = run(name, table, "dotcom"), run(name, scrambled(table, half), "dotcom")
    known = one.course.dates <= np.datetime64(half)
    assert one.course.value[known].tolist() == two.course.value[known].tolist()
    assert one.course.value[-1] != two.course.value[-1]


def check_result(result: Result) -> None:
    """Check what is true of every result."""
    figure = result.measures.figures
    assert all(v is not None or k in result.measures.nulls for k, v in figures_of(result))
    assert -1 <= figure["max_drawdown"] <= 0
    assert -1 <= figure["account_max_drawdown"] <= 0
    assert -1 <= figure["worst_shortfall"] <= 0
    assert figure["price_advantage"] is None or figure["price_advantage"] >= 0
    assert figure["multiple"] == pytest.approx(figure["final_value"] / figure["contributed"])
    assert result.course.drawdowns == sorted(result.course.drawdowns, key=lambda d: d.depth)
    aimed_at, kept = sum(result.weights.values()), result.cash[-1] / result.course.value[-1]
    assert aimed_at == pytest.approx(1, abs=1e-12) or (aimed_at < 1 and kept > 1e-6)
    json.dumps(rounded(figure), allow_nan=False)
    for fall in result.course.drawdowns:
        assert fall.peak <= fall.trough
        assert fall.recovery is None or fall.recovery > fall.trough


def figures_of(result: Result):
    return result.measures.figures.items()


@pytest.mark.parametrize("era", ERAS.values(), ids=lambda era: era.name)
def test_an_era_is_whole(era):
    assert ERAS[era.name] is era
    assert era.title
    assert era.end is None or era.start < era.end
    for basket in era.baskets.values():
        assert set(basket.symbols) <= set(CATALOG)
    for before, after in zip(era.phases, era.phases[1:], strict=False):
        assert before.end is not None
        assert (after.start - before.end).days == 1
    if era.phases:
        assert (era.phases[0].start, era.phases[-1].end) == (era.start, era.end)


def test_unknown_names_suggest_a_near_match():
    with pytest.raises(UnknownName, match="did you mean 'ai-run'"):
        era_named("ai-rum")
    with pytest.raises(UnknownName, match="did you mean 'index-fund'"):
        discovery.strategy("index_fund")


@pytest.mark.parametrize("asset", CATALOG.values(), ids=lambda asset: asset.symbol)
def test_a_catalogued_asset_is_in_the_snapshot(asset):
    assert asset.label
    for bars, columns in (("daily", asset.daily), ("monthly", asset.monthly)):
        table = snapshot.load(bars)
        assert (asset.symbol in table.symbols) == (bool(columns) or asset.symbol == "CASH")
        if asset.ended and columns and bars == "monthly":
            assert (asset.ended - table.last(asset.symbol)).days <= 0
