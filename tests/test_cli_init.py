"""The plan that `dca init` writes: whole, readable, and the defaults."""

import re
import tomllib
from pathlib import Path

import pytest

from backtests.cli.init import plan_text
from backtests.cli.options import SOURCE, TERMS
from backtests.plan import OwnEra, OwnStrategy, Plan, read_plan
from data.splices import OwnSymbol
from strategies.dca import discovery


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def in_force(text: str) -> str:
    """Take the # off every line that is a key or a table."""
    return re.sub(r"^#(?! )", "", text, flags=re.MULTILINE)


def test_a_fresh_plan_is_the_defaults(dca):
    code, out, err = dca("init", "mine.toml")
    assert (code, err) == (0, "")
    assert out == "Wrote mine.toml; run it with dca compare --plan mine.toml\n"
    assert read_plan(Path("mine.toml"), {}) == Plan(name="mine")


def test_every_key_of_a_plan_and_of_its_tables_stands_in_it():
    found = tomllib.loads(in_force(plan_text()))
    assert set(found) == set(Plan.model_fields)
    assert set(found["strategy"]["mine"]) == set(OwnStrategy.model_fields)
    assert set(found["era"]["mine"]) == set(OwnEra.model_fields)
    assert set(found["symbol"]["MINE"]) == set(OwnSymbol.model_fields)


def test_every_key_has_a_sentence_above_it():
    lines = plan_text().splitlines()
    keys = [at for at, line in enumerate(lines) if re.match(r"#?(\w+) =", line)]
    assert len(keys) > 30
    for at in keys:
        assert re.match(r"# [A-Z].*[.)\]]$", lines[at - 1]), lines[at]


def test_the_examples_can_be_put_in_force():
    Path("sums.csv").write_text("2020-01-31,100\n")
    # A symbol is made of others or read from a file, not both.
    Path("mine.toml").write_text(re.sub(r"\n(file|column) = .*", "", in_force(plan_text())))
    plan = read_plan(Path("mine.toml"), {})
    assert plan.strategy["mine"].settings == {"years": 10.0}
    assert plan.era_called("mine").phases[0].name == "bust"


def test_it_never_writes_over_a_file(dca):
    Path("plan.toml").write_text("monthly = 5\n")
    code, _, err = dca("init")
    assert code == 2
    assert err == "dca: cannot write plan.toml: File exists; name another file\n"
    assert Path("plan.toml").read_text() == "monthly = 5\n"
    assert [path.name for path in Path().iterdir()] == ["plan.toml"]
    assert dca("init", "no/such.toml")[0] == 2


def test_a_plan_holds_whatever_shapes_figures():
    machine = {"--cache", "--deadline", "--offline"}
    for option in {*TERMS, *SOURCE} - machine:
        assert option.strip("-").replace("-", "_") in Plan.model_fields


def test_choices_are_named():
    text = plan_text()
    assert "(week|two-weeks|month|quarter|year)" in text
    assert "(none|annual|contribute|band:X)" in text
    assert "--" not in text.split("\n\n", 1)[1]


def test_every_setting_of_a_strategy_is_named():
    (line,) = [line for line in plan_text().splitlines() if "lets be set" in line]
    for name in discovery.names():
        for setting in discovery.strategy(name).settings:
            assert name in line
            assert setting in line
