"""The Nikkei 225: its owner licenses the figures, so there are none without Yahoo."""

import pytest

from backtests.comparison import strategy_classes
from backtests.eras import ERAS
from backtests.plan import Plan
from data import snapshot
from data.catalog import CATALOG, trades_in_new_york
from data.errors import NoPrices
from data.yahoo.recipes import menu, recipe
from strategies.dca import discovery

REFUSED = "figures, so none are embedded; use --data yahoo"


@pytest.mark.parametrize(
    "words",
    [
        "compare --era japan",
        "compare --era japan --bars monthly",
        "compare --era dotcom --strategy nikkei",
        "run --weights ^N225=1 --from 1990-01-01",
        "sweep --strategy nikkei",
    ],
)
def test_the_embedded_prices_refuse_it_in_a_line_that_says_why(words, dca, tmp_path):
    code, _, complaint = dca(*words.split(), "--out", str(tmp_path / "o"))
    assert code == 2
    assert complaint.startswith("dca: ^N225: its owner licenses the Nikkei's")
    assert complaint.rstrip().endswith(REFUSED)
    assert complaint.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_nothing_of_it_is_embedded():
    for table in (snapshot.load("daily"), snapshot.load("monthly"), snapshot.century()):
        assert "^N225" not in table.symbols
        with pytest.raises(NoPrices, match="none are embedded"):
            table.column("^N225")


def test_the_era_runs_the_index_alone_unless_told_otherwise():
    era = ERAS["japan"]
    assert not era.on_by_default
    assert [c.name for c in strategy_classes(Plan(), era=era)] == ["nikkei"]
    told = Plan(strategies=("index-fund",))
    assert [c.name for c in strategy_classes(told, era=era)] == ["index-fund"]
    assert discovery.strategy("nikkei").weights == {"^N225": 1.0}


def test_it_is_fetched_where_it_is_asked_for_with_its_label():
    assert "^N225" not in menu((), {}).tickers
    assert menu(("^N225",), {}).tickers[0] == "^N225"
    (note,) = recipe("^N225", {}).notes
    assert (note.kind, note.symbol) == ("price-only", "^N225")
    assert not trades_in_new_york("^N225")
    assert CATALOG["^N225"].licensed
