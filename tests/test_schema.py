"""Every JSON file and answer is what the published schema says, and has no other key."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from backtests.measures.catalogue import CATALOGUE
from backtests.plan import Plan
from backtests.report import results

SCHEMA = json.loads(Path(results.__file__).with_name("results.schema.json").read_text())
# Most of what a plan can hold; the dates lie in the run's window.
PLAN = """
initial = 100
every = "quarter"
day = 15
growth = "cpi"
pause = [["2001-01-01", "2001-06-30"]]
stop = 2003-12-31
payments = [["2000-05-05", 250]]
quit_at = 0.2
return_after = 12
fee_min = 1
tax = 0.2
strategies = ["index-fund", "mine"]
eras = ["gfc", "tech"]
align = "start"

[strategy.mine]
weights = {SP500 = 0.5, TECH = 0.5}

[era.tech]
start = 2000-01-01
end = 2004-12-31

[symbol.TECH]
parts = ["IXIC"]
"""
OWN = """
from strategies.index_fund import IndexFund
class Mine(IndexFund):
    name = "coded"
class Ahead(IndexFund):
    name = "ahead"
    def paid_in(self, due_usd, worth_usd):
        closes = self.data.p.window.closes
        return due_usd if closes[-1, 0] > closes[0, 0] else 0.0
"""


def strict(part: Any) -> Any:
    """Forbid what a part does not name: readers must take new keys, we must write them down."""
    if isinstance(part, list):
        return [strict(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = {"additionalProperties": False} if "properties" in part else {}
    return closed | {key: strict(value) for key, value in part.items()}


def faults(found: Any, part: str = "") -> list[str]:
    """List what is wrong with `found`, by the whole schema or one of its `$defs`."""
    whole = strict(SCHEMA)
    asked = {"$defs": whole["$defs"], "$ref": f"#/$defs/{part}"} if part else whole
    errors = jsonschema.Draft202012Validator(asked).iter_errors(found)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


@pytest.mark.parametrize(
    "words",
    [
        "compare",
        "compare --plan plan.toml --own own.py:Mine",
        "compare --era gfc --era ai-run --strategy index-fund --align peak",
        "run --weights SP500=1 --from 2020-01-01 --to 2020-01-31 --real --fill next",
        "run --weights KO=1 --from 1999-01-01 --to 2001-12-31 --bars monthly --data mine.csv "
        "--date-order dmy --decimal point --price-column Price --accept-jumps 1999-02-28",
        "scenario --strategy index-fund --like 1929 --stop-after 12",
    ],
)
def test_a_reports_results_are_what_the_schema_says(words, dca, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("plan.toml").write_text(PLAN)
    Path("own.py").write_text(OWN)
    days = [f"{28}.{month:02}.{year},{year - 1990}" for year in range(1999, 2002)
            for month in range(1, 13)]  # fmt: skip
    Path("mine.csv").write_text("\n".join(["Date,Price", *days]))
    code, out, said = dca(*words.split(), "--json")
    assert code == 0, said
    found = json.loads(out)
    assert faults(found) == []
    for run in found["runs"]:
        assert {key for key, value in run["metrics"].items() if value is None} == {*run["nulls"]}


@pytest.mark.parametrize(
    "words",
    [
        "satellite",
        "satellite --in-era dotcom",
        "exposure",
        "claims",
        "audit index-fund --era gfc --cuts 1",
        "audit own.py:Ahead --era gfc --cuts 3",
        "verify",
    ],
)
def test_an_answer_is_what_the_schema_says(words, dca, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(OWN)
    code, out, said = dca(*words.split(), "--json")
    assert code == ("Ahead" in words), said
    assert faults(json.loads(out), words.split()[0]) == []


def test_a_sweeps_summary_is_what_the_schema_says(dca, tmp_path):
    words = "--years 5 --years 10 --from 2005-01 --to 2016-06 --against index-fund"
    words += " --strategy index-fund --strategy lump-sum --quit-at 0.3 --workers 0"
    code, _, said = dca("sweep", *words.split(), "--out", str(tmp_path / "s"))
    assert code == 0, said
    found = json.loads((tmp_path / "s" / "summary.json").read_text())
    assert {"against", "quits"} <= found.keys()
    assert faults(found, "sweep") == []


def test_the_schema_is_one_and_names_every_key_of_a_plan():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema"] == {"const": results.SCHEMA}
    beside = {"scenario", "own"}
    assert SCHEMA["$defs"]["plan"]["properties"].keys() == Plan.model_fields.keys() | beside


def test_a_measure_is_a_day_where_the_schema_says_so():
    day, number = {"2000-01-31", None}, {1.5, None}
    for measure in CATALOGUE:
        figures = day if measure.unit == "date" else number
        other = 1.5 if measure.unit == "date" else "2000-01-31"
        assert not [f for v in figures for f in faults({measure.key: v}, "metrics")], measure.key
        assert faults({measure.key: other}, "metrics"), measure.key


def test_the_schema_refuses_what_is_none(dca):
    code, out, _ = dca("run", "--weights", "SP500=1", "--from", "2020-01-01", "--json")
    assert code == 0
    found = json.loads(out)
    for spoil, where in (
        ({"schema": 2}, "$.schema"),
        ({"new": 1}, "$"),
        ({"runs": [found["runs"][0] | {"start": "1 May 2020"}]}, "$.runs[0].start"),
    ):
        assert faults(found | spoil)[0].startswith(where + ":")
