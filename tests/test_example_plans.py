"""Every plan in examples/plans runs as its first lines say, offline, and gives what it asks for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from backtests.plan import read_plan
from data import snapshot

PLANS = Path(__file__).parents[1] / "examples" / "plans"
FILES = sorted(PLANS.glob("*.toml"))


@pytest.fixture(autouse=True)
def offline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DCA_YAHOO_URL", "http://127.0.0.1:9")


def results(dca, name: str) -> dict[str, Any]:
    code, out, err = dca("compare", "--plan", str(PLANS / name), "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def runs(dca, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(run["era"], run["strategy"]): run for run in results(dca, name)["runs"]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_plan_runs_all_that_it_names(path, dca):
    plan = read_plan(path, {})
    assert plan.name == path.stem
    found = results(dca, path.name)
    assert [(r["era"], r["strategy"]) for r in found["runs"]] == [
        (era, name) for era in plan.eras for name in plan.strategies
    ]
    assert found["left_out"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_plan_says_its_command_and_stands_in_the_list(path):
    text = path.read_text(encoding="utf-8")
    assert re.search(rf"^#   dca compare --plan examples/plans/{path.name}$", text, re.MULTILINE)
    assert f"]({path.name})" in (PLANS / "README.md").read_text(encoding="utf-8")


def test_the_rest_of_a_satellite_is_the_index(dca):
    found = runs(dca, "core_and_picks.toml")
    shares = {"a-little": 0.05, "satellite": 0.1, "a-lot": 0.3}
    for name, share in shares.items():
        assert found["ai-run", name]["weights"]["SP500"] == pytest.approx(1 - share)
    assert found["dotcom", "glide"]["weights"] == {
        "SP500": 0.4, "BOND": 0.3, "GOLD": 0.15, "REIT": 0.15,
    }  # fmt: skip


def test_nothing_is_sold_where_the_plan_says_so(dca):
    found = runs(dca, "careful_saver.toml")
    one, other = found["lost-decade", "sixty-forty"], found["lost-decade", "nearest"]
    assert (one["rebalance"], other["rebalance"]) == ("annual", "contribute")
    assert all(count == int(count) for count in other["final_shares"].values())
    # 261 Mondays begin two weeks from 2000-01-03 to 2009-12-31, 26 of them in the pause.
    assert one["contributions"] == other["contributions"] == 261 - 26


def test_the_sum_keeps_up_with_prices(dca):
    found = runs(dca, "hard_times.toml")
    for era, months in (("great-depression", 208), ("stagflation", 204)):
        run = found[era, "index-fund"]
        assert run["contributions"] == months
        assert run["metrics"]["contributed"] != 100 * months


def export(name: str, separator: str, column: str) -> dict[str, float]:
    """Read an export by hand: the price of each month."""
    lines = (PLANS / "broker" / name).read_text(encoding="utf-8").splitlines()
    assert any("made-up" in line.casefold() for line in lines[:2])
    rows = [line.split(separator) for line in lines]
    head = next(row for row in rows if column in row)
    found = {}
    for row in rows[rows.index(head) + 1 :]:
        day = "-".join(reversed(row[0].split("."))) if "." in row[0] else row[0]
        found[day[:7]] = float(row[head.index(column)].replace(",", "."))
    return found


def test_the_savers_euros_are_what_the_exports_make_of_them(dca):
    funds = (
        (150, export("XX0000000017.csv", ";", "Schlusskurs")),
        (90, export("XX0000000025.csv", ";", "Rücknahmepreis")),
        (60, export("XX0000000033.csv", ",", "Close")),
    )
    rate, table = export("EURUSD=X.csv", ",", "Close"), snapshot.load("monthly")
    index = dict(
        zip(map(str, table.dates.astype("datetime64[M]")), table.column("SP500"), strict=True)
    )
    months = [month for month in sorted(rate) if month >= "2015-01"]
    assert (months[0], months[-1], len(months)) == ("2015-01", "2025-12", 132)
    mine = sum(usd * prices[months[-1]] / prices[m] for usd, prices in funds for m in months)
    euros = {month: index[month] / rate[month] for month in months}
    theirs = sum(300 * euros[months[-1]] / euros[month] for month in months)
    found = runs(dca, "saver.toml")
    for name, worth in (("my-three-funds", mine), ("index-fund", theirs)):
        run = found["since-2015", name]
        assert run["metrics"]["contributed"] == 300 * 132
        assert run["metrics"]["final_value"] == pytest.approx(worth, rel=1e-9)
        assert any("made-up" in warning for warning in run["warnings"])
