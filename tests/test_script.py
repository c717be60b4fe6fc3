"""The page's script: its pure parts under node, and how its modules become one."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from backtests.comparison import Comparison, compare
from backtests.plan import OwnStrategy, Plan
from backtests.report import explorer, inline
from backtests.report.charts.palette import looks
from backtests.report.summary import verdict
from tests.helpers import TABLES

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "backtests" / "report" / "script").glob("*.js"))


def node(*words: str, given: str = "") -> str:
    found = shutil.which("node")
    assert found, "node is missing: install Node.js 20 or newer, as CONTRIBUTING.md says"
    done = subprocess.run(
        [found, *words], cwd=ROOT, input=given, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def unpacked(comparison: Comparison) -> dict:
    worn = looks(r.strategy for r in comparison.results)
    told = verdict(comparison)
    text = explorer.packed(comparison.chapters, (told.chapter, told.saver.strategy), worn)
    assert "<" not in text
    return json.loads(text)


def test_the_pure_parts_hold_under_node():
    files = map(str, sorted((ROOT / "tests" / "script").glob("*.test.js")))
    assert re.search(r"(?m)^. fail 0$", node("--test", *files))


def test_the_modules_become_one_script_without_a_name_twice():
    joined = inline.script()
    node("--check", "-", given=joined)
    assert not re.search(r"^(import|export)\b|</script|https?://(?!www\.w3\.org)", joined, re.M)
    names = re.findall(r"^(?:function|const|let|class) (\w+)", joined, re.M)
    assert len(names) == len(set(names))
    for module in MODULES:
        for name in re.findall(r"^export (?:function|const|class) (\w+)", module.read_text(), re.M):
            assert name in names


@pytest.fixture(scope="module")
def carried(default: Comparison) -> dict:
    return unpacked(default)


def test_what_the_page_carries_is_every_day_of_every_run(default: Comparison, carried: dict):
    for chapter, era in zip(default.chapters, carried["eras"], strict=True):
        days = np.cumsum(era["days"])
        for result, run in zip(chapter.results, era["runs"], strict=True):
            course, first = result.course, run["first"]
            assert (days[first:] == course.dates.astype("datetime64[D]").astype(int)).all()
            value = np.cumsum(run["value"]) / run["unit"]
            assert np.abs(value - course.value).max() <= 0.005
            assert np.abs(np.cumsum(run["fund"]) / 1e5 - course.drawdown).max() <= 5.1e-6
            assert "statement" not in run
            bars, sums = (np.cumsum(part) for part in era["paid"][run["paid"]])
            assert (course.contributed[bars - first] == sums / run["unit"]).all()


def test_the_figures_of_worst_and_last_days_are_the_reports(default: Comparison, carried: dict):
    era = carried["eras"][carried["era"]]
    run = next(r for r in era["runs"] if r["strategy"] == carried["strategy"])
    days = np.cumsum(era["days"]).astype("datetime64[D]")
    own, dollars, fund, statement = run["worst"]
    assert (str(days[own["at"]]), own["text"], own["short"]) == (
        "2002-07-23",
        "\N{MINUS SIGN}34.6\N{NO-BREAK SPACE}%",
        "\N{MINUS SIGN}35\N{NO-BREAK SPACE}%",
    )
    assert dollars == own
    assert str(days[fund["at"]]) == "2002-10-09"
    assert str(days[statement["at"]]) == "2002-07-23"
    assert run["end"] == ["+33\N{NO-BREAK SPACE}%", "$125,187"]


def test_many_days_are_thinned_to_week_ends_and_no_trough_is_lost(
    default: Comparison, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(explorer, "MOST_POINTS", 1000)
    thinned = unpacked(default)
    for chapter, era in zip(default.chapters, thinned["eras"], strict=True):
        days = np.cumsum(era["days"]).astype("datetime64[D]")
        assert era["thinned"]
        assert len(days) < 0.35 * len(chapter.results[0].course.dates)
        for result, run in zip(chapter.results, era["runs"], strict=True):
            for fall in result.course.drawdowns:
                assert {np.datetime64(fall.peak), np.datetime64(fall.trough)} <= set(days)
            lowest = np.cumsum(run["fund"]).min() / 1e5
            balance = np.cumsum(run["statement"]).min() / 1e5
            assert balance == pytest.approx(result.course.account_drawdown.min(), abs=1e-5)
            assert lowest == pytest.approx(result.measures.number("max_drawdown"), abs=1e-5)
            for view in (0, 2, 3):
                key, day = explorer._WORST[view]
                assert str(days[run["worst"][view]["at"]]) == result.measures[day], key


def test_the_longest_eras_are_thinned_first(default: Comparison, monkeypatch: pytest.MonkeyPatch):
    assert not any(era["thinned"] for era in unpacked(default)["eras"])
    monkeypatch.setattr(explorer, "MOST_POINTS", 12_000)
    assert [era["thinned"] for era in unpacked(default)["eras"]] == [True, False, False]


def test_a_saver_who_is_never_below_and_small_sums_are_told():
    strategies = {"bills": OwnStrategy(weights={"CASH": 1.0})}
    plan = Plan(eras=("dotcom",), strategies=("bills",), strategy=strategies, monthly=0.01)
    era = unpacked(compare(plan, TABLES))["eras"][0]
    (run,) = era["runs"]
    assert run["worst"][2] == {"at": -1, "text": "0\N{NO-BREAK SPACE}%"}
    assert run["unit"] == 1e7
    assert np.cumsum(run["value"])[0] == 1e5


def test_a_lump_sum_and_a_monthly_saver_have_payments_of_their_own():
    plan = Plan(eras=("ai-run",), strategies=("index-fund", "lump-sum", "diversified"))
    era = unpacked(compare(plan, TABLES))["eras"][0]
    assert [run["paid"] for run in era["runs"]] == [0, 1, 0]
    assert len(era["paid"][1][0]) == 1


def test_eras_are_named_by_their_start(default: Comparison):
    assert explorer.periods(default.chapters) == ["1996", "2000", "2022"]
    assert explorer.periods([default.chapters[1]] * 2) == ["Mar 2000"] * 2
