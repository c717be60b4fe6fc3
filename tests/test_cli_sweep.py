"""`dca sweep` takes a plan and every source as `dca compare` does."""

import json
import sys
from typing import Any

import pytest

from backtests.cli import main as cli
from backtests.plan import OwnStrategy
from backtests.sweeps.layout import lay_out, symbols_needed
from backtests.sweeps.request import Request
from data.errors import UnknownName
from data.sources import tables
from tests import fake_yahoo
from tests.fake_yahoo import NOW

SNAPSHOT = tables("snapshot")
MIX = OwnStrategy(weights={"SP500": 0.6, "BOND": 0.4}, rebalance="annual")
PLAN = """
monthly = 250
initial = 1000
fee_bps = 10
fee_per_order = 1.5
whole_shares = false
fill = "next"
strategies = ["balanced", "index-fund"]

[strategy.balanced]
weights = {SP500 = 0.6, BOND = 0.4}
rebalance = "annual"
"""


def sweep(folder: Any, *words: str) -> dict[str, Any]:
    """Run the command in this process; return its summary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["dca", "sweep", "--out", str(folder), *words])
        assert cli.run() == 0
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return found


def test_a_plans_money_and_strategies_are_swept(tmp_path):
    (tmp_path / "p.toml").write_text(PLAN)
    words = ("--plan", str(tmp_path / "p.toml"), "--from", "2001-01", "--to", "2012-12")
    found = sweep(tmp_path / "out", *words)
    first, second = found["variants"]
    assert (first["strategy"], first["rebalance"]) == ("balanced", "annual")
    assert (second["strategy"], second["rebalance"]) == ("index-fund", "none")
    asked = found["request"]
    assert (asked["monthly"], asked["initial"], asked["fee_bps"]) == ([250.0], 1000.0, [10.0])
    assert (asked["fee_per_order"], asked["fill"]) == (1.5, "next")
    assert asked["declared"]["balanced"]["weights"] == {"BOND": 0.4, "SP500": 0.6}


def test_what_is_said_wins_over_the_plan(tmp_path):
    (tmp_path / "p.toml").write_text(PLAN)
    found = sweep(
        tmp_path / "out", "--plan", str(tmp_path / "p.toml"), "--from", "2001-01", "--to",
        "2012-12", "--monthly", "100", "--monthly", "200", "--strategy", "cash",
    )  # fmt: skip
    assert [(v["strategy"], v["monthly"]) for v in found["variants"]] == [
        ("cash", "100"), ("cash", "200"),
    ]  # fmt: skip


def test_a_plans_own_strategies_stand_beside_the_defaults_as_in_compare():
    layout = lay_out(Request(declared={"mix": MIX}), SNAPSHOT)
    assert [v.name for v in layout.variants] == ["index-fund", "diversified", "mix"]
    with pytest.raises(UnknownName, match="did you mean 'mix'"):
        lay_out(Request(("mixx",), declared={"mix": MIX}), SNAPSHOT)


def test_a_declared_allocation_equals_the_same_weights_given(tmp_path):
    """`--weights` and a plan say the same thing in two ways, so the rows are the same."""
    (tmp_path / "p.toml").write_text(
        'strategies = ["allocation"]\n'
        "[strategy.allocation]\nweights = {SP500 = 0.6, BOND = 0.4}\nrebalance = 'annual'\n"
    )
    window = ("--from", "2001-01", "--to", "2012-12")
    sweep(tmp_path / "one", "--plan", str(tmp_path / "p.toml"), *window)
    words = ("--weights", "SP500=0.6,BOND=0.4", "--rebalance", "annual")
    sweep(tmp_path / "other", *words, *window)
    rows = [(tmp_path / name / "rows.csv").read_bytes() for name in ("one", "other")]
    assert rows[0] == rows[1]


def test_a_requests_json_names_no_declared_strategies_where_there_are_none():
    assert "declared" not in Request().as_json()


def test_only_what_is_held_is_needed():
    assert symbols_needed(Request(("index-fund",))) == ("SP500",)
    assert symbols_needed(Request(weights={"GOLD": 0.5, "SP500": 0.5})) == ("GOLD", "SP500")


@pytest.fixture
def fake(monkeypatch, tmp_path):
    with fake_yahoo.running() as server:
        monkeypatch.setenv("DCA_YAHOO_URL", server.url)
        monkeypatch.setenv("DCA_YAHOO_NOW", NOW.isoformat())
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
        yield server


def asked(server: Any) -> set[str]:
    return {path.split("/chart/")[1].split("?")[0] for path in server.hits if "/chart/" in path}


def test_only_the_tickers_of_the_strategies_named_are_fetched(fake, tmp_path):
    found = sweep(tmp_path / "out", "--strategy", "index-fund", "--data", "yahoo")
    assert found["variants"][0]["strategy"] == "index-fund"
    assert asked(fake) == {"VFINX", "SPY", "^IRX"}


def test_a_plans_own_symbol_is_fetched_from_the_cache_named(fake, tmp_path):
    (tmp_path / "p.toml").write_text(
        'strategies = ["mine"]\n[strategy.mine]\nweights = {PAIR = 1.0}\n'
        '[symbol.PAIR]\nparts = ["PLTR"]\n'
    )
    sweep(
        tmp_path / "out", "--plan", str(tmp_path / "p.toml"), "--data", "yahoo",
        "--cache", str(tmp_path / "kept"), "--years", "2",
    )  # fmt: skip
    assert asked(fake) == {"PLTR", "^IRX"}
    assert len(list((tmp_path / "kept").glob("*.dca"))) == 2
    again = sweep(
        tmp_path / "again", "--plan", str(tmp_path / "p.toml"), "--data", "yahoo", "--offline",
        "--cache", str(tmp_path / "kept"), "--years", "2",
    )  # fmt: skip
    assert again["variants"][0]["strategy"] == "mine"


def test_a_files_dialect_is_read_as_told(tmp_path):
    days = [f"{m:02d}/28/{y}" for y in (2020, 2021) for m in range(1, 13)]
    rows = [f"{day};{100 + i},5" for i, day in enumerate(days)]
    (tmp_path / "p.csv").write_text("\n".join(["date;AAA", *rows]) + "\n")
    found = sweep(
        tmp_path / "out", "--data", str(tmp_path / "p.csv"), "--weights", "AAA=1",
        "--date-order", "mdy", "--decimal", "comma", "--years", "1",
    )  # fmt: skip
    assert found["variants"][0]["rows"] == 13
