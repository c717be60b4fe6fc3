"""The Nikkei 225: its owner licenses the figures, so there are none without Yahoo."""

import json

import numpy as np
import pytest

from backtests.comparison import strategy_classes
from backtests.eras import ERAS
from backtests.plan import Plan
from data import snapshot
from data.catalog import CATALOG, trades_in_new_york
from data.errors import NoPrices
from data.sessions import Place
from data.yahoo.recipes import menu, recipe
from strategies.dca import discovery
from tests.test_abroad import answers

TOKYO = Place("XTKS", "Asia/Tokyo")
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


@pytest.fixture
def in_yen(fake, monkeypatch, tmp_path):
    """Let the fake Yahoo answer for the index: 40 years of days, up and down."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    early = np.arange("1985-01-04", "2000-01-01", dtype="datetime64[D]")
    later = TOKYO.sessions(np.datetime64("2000-01-01"), np.datetime64("2026-09-17"))
    days = np.concatenate([early[np.is_busday(early)], later])
    return answers(fake, "^N225", "JPY", TOKYO, 10_000.0, days=days)


def test_with_yahoo_the_era_runs_in_yen_and_says_that_dividends_are_missing(in_yen, dca, tmp_path):
    out = tmp_path / "o"
    code, said, complaint = dca("compare", "--era", "japan", "--data", "yahoo", "--out", str(out))
    assert code == 0, complaint
    content = json.loads((out / "results.json").read_text())
    (run,) = content["runs"]
    assert (run["strategy"], run["start"], run["end"]) == ("nikkei", "1985-01-04", "2026-09-17")
    assert content["plan"]["currency"] == "JPY"
    months = np.unique(in_yen.astype("datetime64[M]"))
    assert run["metrics"]["contributed"] == 1000 * len(months)
    firsts = np.searchsorted(in_yen.astype("datetime64[M]"), months)
    level = 1 + 0.01 * (np.arange(len(in_yen)) % 7)
    worth = (1000 * level[-1] / level[firsts]).sum()
    assert run["metrics"]["final_value"] == pytest.approx(worth)
    assert "dividends left out: the true total was higher" in " ".join(said.split())
    assert "JPY 501,000" in said
    assert "dividends left out" in (out / "report.html").read_text()


def test_an_era_with_a_currency_gives_way_to_what_is_said_and_to_other_eras_beside_it():
    assert Plan(eras=("japan",)).currency == "JPY"
    assert Plan(eras=("japan",), currency="EUR").currency == "EUR"
    assert Plan(eras=("japan", "dotcom")).currency == "USD"
    assert Plan(eras=("dotcom",)).currency == "USD"
