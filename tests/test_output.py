import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from backtests.comparison import Comparison, compare
from backtests.plan import Plan
from backtests.report import files as output
from data import snapshot
from data.errors import BadFolder
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
    assert output.rounded({"a": [1 / 3, -0.0, 5]}) == {"a": [0.333333333333, 0.0, 5]}


def test_what_cannot_be_computed_is_null_with_a_reason():
    result = play(make_table(["2020-01-02"], {"A": [1.0]}), {"A": 1.0})
    for name in ("xirr", "cagr", "volatility", "sharpe", "calmar", "max_drawdown_peak"):
        assert result.measures[name] is None
        assert result.measures.nulls[name]


def test_a_ledger_line_can_be_traced_to_its_prices(comparison):
    result = next(comparison.results)
    header, *lines = output.ledger_csv(result).splitlines()
    assert header == "date,value,contributed,flow,unit_value,drawdown,cash,SP500"
    assert len(lines) == len(result.dates)
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
    assert {p.name for p in folder.iterdir()} == output.OURS
    assert {p.name for p in (folder / "ledgers").iterdir()} == {
        "index-fund--gfc.csv",
        "diversified--gfc.csv",
    }
    assert all(p.read_bytes()[:4] == b"\x89PNG" for p in (folder / "figures").iterdir())
    first = (folder / "report.html").read_bytes()
    output.write(comparison, folder)
    assert (folder / "report.html").read_bytes() == first
    assert [p.name for p in folder.parent.iterdir()] == ["report"]
    (folder / "my notes.txt").write_text("mine")
    with pytest.raises(BadFolder, match="holds more than a report"):
        output.refuse_foreign(folder)


def test_a_folder_that_is_not_a_report_is_refused_and_left_alone(tmp_path):
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(BadFolder, match="more than a report"):
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
    with pytest.raises(BadFolder, match="cannot"):
        output.write(comparison, tmp_path / "file" / "report")


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_the_old_report_and_nothing_else(
    comparison, tmp_path, monkeypatch, error
):
    folder = tmp_path / "report"
    output.write(comparison, folder)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    def stop(self: Path, *args: object, **kwargs: object) -> int:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", stop)
        with pytest.raises((KeyboardInterrupt, BadFolder)):
            output.write(comparison, folder)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["report"]


def test_a_swap_that_fails_puts_the_old_report_back(comparison, tmp_path, monkeypatch):
    folder = tmp_path / "report"
    output.write(comparison, folder)
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name.startswith(".report.") and target == folder:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(BadFolder, match="Input/output error"):
        output.write(comparison, folder)
    assert (folder / "report.html").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["report"]
    shutil.rmtree(folder)
