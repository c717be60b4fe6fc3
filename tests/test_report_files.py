import json
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backtests.comparison import Comparison, compare
from backtests.digits import rounded
from backtests.plan import Plan
from backtests.report import files as output
from data import snapshot
from data.errors import BadFolder, UnknownName
from data.language import ENGLISH, speaking
from tests.conftest import make_table
from tests.helpers import TABLES, play


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(Plan(eras=("gfc",)), TABLES)


@pytest.fixture
def content(comparison):
    return json.loads(output.results_json(comparison))


PROMISED = {
    "contributed", "final_value", "multiple", "xirr", "twr", "cagr", "volatility", "sharpe",
    "sortino", "calmar", "ulcer_index", "max_drawdown", "max_drawdown_peak", "max_drawdown_trough",
    "max_drawdown_recovery", "account_max_drawdown", "worst_shortfall", "worst_shortfall_date",
    "months_below_money_in", "longest_months_below_money_in", "average_cost", "average_price",
    "fees_paid",
}  # fmt: skip
RUN_KEYS = {
    "strategy", "era", "start", "end", "bars", "contributions", "weights", "rebalance", "warnings",
    "metrics", "drawdowns", "final_shares",
}  # fmt: skip


def test_results_hold_every_key_promised(content):
    assert content["schema"] == 1
    assert {"schema", "version", "plan", "data", "runs"} <= content.keys()
    assert content["data"]["source"] == "snapshot"
    assert content["data"]["bars"] == "daily"
    assert set(content["data"]["symbols"]) == {"SP500", "BOND", "GOLD", "REIT"}
    assert {"first", "last", "rows", "sha256"} <= content["data"]["symbols"]["SP500"].keys()
    for run in content["runs"]:
        assert run.keys() >= RUN_KEYS
        assert run["metrics"].keys() >= PROMISED
        assert set(run["drawdowns"][0]) == {"depth", "peak", "trough", "recovery", "bars"}


def test_numbers_have_twelve_digits_keys_are_sorted_and_nothing_is_not_a_number(comparison):
    text = output.results_json(comparison)
    assert "NaN" not in text
    assert "Infinity" not in text
    assert json.dumps(json.loads(text), sort_keys=True, indent=1) + "\n" == text
    assert rounded({"a": [1 / 3, -0.0, 5]}) == {"a": [0.333333333333, 0.0, 5]}


def test_what_cannot_be_computed_is_null_with_a_reason():
    result = play(make_table(["2020-01-02"], {"A": [1.0]}), {"A": 1.0})
    for name in ("xirr", "cagr", "volatility", "sharpe", "calmar", "max_drawdown_peak"):
        assert result.measures[name] is None
        assert result.measures.nulls[name]


def test_a_ledger_line_can_be_traced_to_its_prices(comparison):
    result = next(comparison.results)
    header, *lines = output.ledger_csv(result).splitlines()
    assert header == "date,value,contributed,flow,unit_value,drawdown,cash,SP500"
    assert len(lines) == len(result.course.dates)
    table = snapshot.load("daily")
    for line in (lines[0], lines[100], lines[-1]):
        when, *cells = line.split(",")
        value, _, _, _, _, cash, shares = map(float, cells)
        price = table.column("SP500")[np.searchsorted(table.dates, np.datetime64(when))]
        assert cash + shares * price == pytest.approx(value, rel=1e-11)


def test_a_report_is_written_whole_and_replaces_only_a_report(comparison, tmp_path):
    folder = tmp_path / "deep" / "report"
    page = output.write(comparison, folder)
    assert page.stat().st_size > 10_000
    assert {p.name for p in folder.iterdir()} == {*output.FILES, "figures", "ledgers"}
    assert {p.name for p in (folder / "ledgers").iterdir()} == {
        "index-fund--gfc.csv",
        "diversified--gfc.csv",
    }
    figures = list((folder / "figures").iterdir())
    assert {p.stem for p in figures} <= set(output.FIGURES)
    assert all(p.read_bytes()[:4] == b"\x89PNG" for p in figures)
    first = (folder / "report.html").read_bytes()
    output.write(comparison, folder)
    assert (folder / "report.html").read_bytes() == first
    assert [p.name for p in folder.parent.iterdir()] == ["report"]


def test_pictures_of_other_formats_are_written_and_replaced(comparison, tmp_path):
    folder = tmp_path / "report"
    output.write(comparison, folder, ("svg", "pdf"))
    held = {path.name for path in (folder / "figures").iterdir()}
    assert {"value.svg", "value.pdf"} <= held
    assert {name.split(".")[1] for name in held} == {"svg", "pdf"}
    output.write(comparison, folder)
    assert {path.suffix for path in (folder / "figures").iterdir()} == {".png"}
    with pytest.raises(UnknownName, match="unknown format 'gif'"):
        output.write(comparison, folder, ("gif",))


@pytest.mark.parametrize("mine", ["my notes.txt", "ledgers/mine.csv", "figures/mine.png"])
def test_a_report_with_something_of_the_users_is_not_replaced(comparison, tmp_path, mine):
    folder = tmp_path / "report"
    output.write(comparison, folder)
    (folder / mine).write_text("mine")
    for attempt in (output.refuse_foreign, lambda f: output.write(comparison, f)):
        with pytest.raises(BadFolder, match=f"holds something else \\({mine}\\)"):
            attempt(folder)
    assert (folder / mine).read_text() == "mine"


def test_a_folder_that_is_not_a_report_is_refused_and_left_alone(tmp_path):
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(BadFolder, match="holds something else \\(results.json\\)"):
        output.refuse_foreign(tmp_path)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(BadFolder, match="is not a folder"):
        output.refuse_foreign(file)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(BadFolder, match="is not a folder"):
        output.refuse_foreign(link)


def test_a_folder_that_cannot_be_made_is_named(comparison, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadFolder, match="cannot write"):
        output.write(comparison, tmp_path / "file" / "report")


def test_plain_ledgers_keep_their_names():
    runs = [("index-fund", "gfc"), ("Mix_2.0", "ai-run")]
    assert output.ledger_names(runs) == ["index-fund--gfc.csv", "Mix_2.0--ai-run.csv"]


NAMES = st.text(st.sampled_from("aA-.~/\\ c o n é\N{KELVIN SIGN}kK"), min_size=1, max_size=6)


@given(st.lists(st.tuples(NAMES, NAMES), unique=True, max_size=8))
@example([("a--b", "c"), ("a", "b--c")])
@example([("mix", "gfc"), ("Mix", "gfc")])
@example([("con.x", "gfc"), ("../x", "gfc"), ("COM1.", "a")])
def test_no_two_ledgers_share_a_file_on_any_system(runs):
    names = output.ledger_names(runs)
    assert len({name.casefold() for name in names}) == len(runs)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._~-]*\.csv", name)
        assert name.split(".")[0].casefold() not in {"con", "prn", "aux", "nul", "com1"}


def test_what_is_stored_does_not_depend_on_the_language(tmp_path):
    for name in (ENGLISH, "zh-Hant"):
        with speaking(name):
            told = compare(Plan(eras=("dotcom-peak",), initial=5000, fee_bps=10, real=True), TABLES)
            output.write(told, tmp_path / name)
    one, other = ([*(tmp_path / name).rglob("*")] for name in (ENGLISH, "zh-Hant"))
    assert len(one) == len(other) > 10
    stored = [file for file in one if file.suffix in (".json", ".csv")]
    assert len(stored) == 2 + 4
    for file in stored:
        same = tmp_path / "zh-Hant" / file.relative_to(tmp_path / ENGLISH)
        assert same.read_bytes() == file.read_bytes(), file.name
    assert '<html lang="zh-Hant-TW">' in (tmp_path / "zh-Hant/report.html").read_text("utf-8")
