import json
from datetime import date
from pathlib import Path

import pytest

from backtests.plan import Plan, make_plan, read_plan
from data.errors import BadInput, BadPlan, UnknownName

GOOD = """
name = "mine"
monthly = 500
eras = ["dotcom", "mine"]
strategies = ["balanced"]
fee_bps = 5

[strategy.balanced]
weights = {SP500 = 0.6, BOND = 0.4}
rebalance = "band:0.05"

[era.mine]
start = 2000-01-01
end = 2009-12-31
phases = [{name = "all of it", start = 2000-01-01}]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_file_is_read_whole_and_the_command_line_wins(tmp_path):
    plan = read_plan(written(tmp_path, GOOD), {"monthly": 250.0})
    assert (plan.name, plan.monthly, plan.fee_bps) == ("mine", 250.0, 5.0)
    assert plan.strategy["balanced"].weights == {"SP500": 0.6, "BOND": 0.4}
    era = plan.era_called("mine")
    assert (era.start, era.end, era.phases[0].name) == (
        date(2000, 1, 1),
        date(2009, 12, 31),
        "all of it",
    )
    assert plan.era_called("dotcom").title.startswith("Dot-com")


def test_a_plan_without_a_name_takes_its_files(tmp_path):
    assert read_plan(written(tmp_path, "monthly = 10.0"), {}).name == "plan"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("montly = 5", "unknown plan key 'montly'; did you mean 'monthly'"),
        ("[strategy.a]\nweights={A=1.0}\nrebalnce='none'", "did you mean 'rebalance'"),
        ("[era.a]\nstart=2000-01-01\nstop=2001-01-01", "unknown plan key 'stop'"),
        (f"[era.a]\nstart=2000-01-01\ntitle='{'x' * 201}'", "give at most 200 characters"),
        ("monthly = nan", "monthly is nan"),
        ("monthly = -1", "monthly is -1; give 0 or more"),
        ("monthly = true", "monthly is true; give a number"),
        ("monthly = '100'", "monthly is '100'"),
        ("monthly = 1e400", "monthly is inf"),
        ("monthly = 0", "nothing is ever put in"),
        ("fee_bps = 10000", "fee_bps is 10000; give less than 10000"),
        ("bars = 'hourly'", "bars is 'hourly'"),
        ("name = '../escape'", "name is '../escape'"),
        ("[strategy.a]\nweights={A=0.5, B=0.4999}", "weights sum to 0.9999"),
        ("[strategy.a]\nweights={A=0.999999}", "weights sum to 0.999999"),
        ("[strategy.a]\nweights={A=1.0}\nrebalance='weekly'", "rebalance 'weekly' is not known"),
        ("[era.a]\nstart='soon'", "era.a.start is 'soon'"),
        ("[era.a]\nstart=2001-02-29", "not a TOML plan"),
        ("[strategy.'../../x']\nweights={A=1.0}", "strategy '../../x' is no name"),
        ("[era.'a/b']\nstart=2000-01-01", "era 'a/b' is no name"),
        ("[strategy.index-fund]\nweights={A=1.0}", "'index-fund' is declared already"),
        ("[era.dotcom]\nstart=2000-01-01", "'dotcom' is declared already"),
        ("monthly = ", "not a TOML plan"),
        ("a = [[[", "not a TOML plan"),
        ("\x00", "not a TOML plan"),
    ],
)
def test_a_bad_plan_is_one_line_that_names_file_and_key(tmp_path, text, said):
    path = written(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read_plan(path, {})
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_plan_that_is_not_there_or_too_large_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot read"):
        read_plan(tmp_path / "none.toml", {})
    with pytest.raises(BadInput, match="bytes, more than 1,000,000"):
        read_plan(written(tmp_path, "#" * 1_000_001), {})


def test_weights_that_are_not_fractions_are_refused():
    own = {"mine": {"weights": {"A": float("nan"), "B": 1.0}}}
    with pytest.raises(BadPlan, match=r"mine\.weights\.A is nan"):
        make_plan(strategy=own)


def test_an_unknown_era_lists_the_plans_own_too():
    plan = make_plan(era={"mine": {"start": date(2000, 1, 1)}})
    with pytest.raises(UnknownName, match="did you mean 'mine'"):
        plan.era_called("mina")
    with pytest.raises(UnknownName, match="did you mean 'dotcom'"):
        Plan().era_called("dotcon")


OWN_FILE = """
eras = ["e"]
strategies = ["mine"]
date_order = "dmy"
decimal = "comma"
data = "prices.csv"
payments = "sums.csv"
[strategy.mine]
weights = {A = 1.0}
[era.e]
start = 2020-01-31
"""
GERMAN = 'date,A\n31/01/2020,"10,5"\n29/02/2020,"21,0"\n31/03/2020,"21,0"\n30/04/2020,"21,0"\n'


def test_what_a_plan_names_lies_beside_it_and_is_read_as_it_says(tmp_path, dca, monkeypatch):
    folder, elsewhere = tmp_path / "plans", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (folder / "prices.csv").write_text(GERMAN)
    (folder / "sums.csv").write_text("2020-01-31,105\n2020-03-01,21\n")
    path = written(folder, OWN_FILE)
    code, out, err = dca("compare", "--plan", str(path), "--json")
    assert (code, err) == (0, "")
    # 105 buy 10 at 10.5, 21 buy 1 at 21.
    figures = json.loads(out)["runs"][0]["metrics"]
    assert (figures["contributed"], figures["final_value"]) == pytest.approx((126, 231))
    (elsewhere / "prices.csv").write_text(GERMAN.replace("21,0", "42,0"))
    assert dca("compare", "--plan", str(path), "--json")[1] == out
    told = dca("compare", "--plan", str(path), "--json", "--data", "prices.csv")[1]
    assert json.loads(told)["runs"][0]["metrics"]["final_value"] == pytest.approx(441)
    assert dca("compare", "--plan", str(path), "--decimal", "point", "--json")[0] == 2


def test_a_name_that_no_disk_holds_lies_nowhere(tmp_path, dca):
    path = written(tmp_path, f'data = "{"x" * 5000}"\n')
    code, _, err = dca("compare", "--plan", str(path))
    assert code == 2
    assert "not foreseen" not in err
    assert err.endswith("File name too long; check the path\n")


def test_a_plan_names_the_column_of_its_prices(tmp_path, dca):
    folder = tmp_path / "mine"
    folder.mkdir()
    rows = "Date,Bid,Ask\n2020-01-31,10,11\n2020-02-28,20,22\n2020-03-31,20,22\n"
    (folder / "A.csv").write_text(rows)
    text = """
        eras = ["e"]
        strategies = ["mine"]
        data = "mine"
        price_column = "Ask"
        monthly = 110
        strategy.mine.weights = {A = 1.0}
        era.e.start = 2020-01-31
    """
    code, out, err = dca("compare", "--plan", str(written(tmp_path, text)), "--json")
    assert (code, err) == (0, "")
    # 10 shares at 11, then twice 5 at 22.
    assert json.loads(out)["runs"][0]["metrics"]["final_value"] == pytest.approx(440)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('data = "snapshto"', "unknown source 'snapshto'; did you mean 'snapshot'?"),
        ("[strategy.x]\nweights = {SP50 = 1.0}", "'SP50'; did you mean 'SP500'?"),
        ('[strategy.x]\nbase = "satellite"\npicks = ["NVD"]', "'NVD'; did you mean 'NVDA'?"),
        ("[era.x]\nstart = 2010-01-01\nbaskets = {nasdq = ['QQQ']}", "did you mean 'nasdaq'?"),
        ('growth = "cpj"', "growth is 'cpj'; give a number or 'cpi'"),
        ('date_order = "mdx"', "date_order is 'mdx'; give 'ymd', 'mdy' or 'dmy'"),
    ],
)
def test_a_mistaken_value_is_refused_with_what_was_meant(tmp_path, text, said, dca):
    code, _, err = dca("compare", "--plan", str(written(tmp_path, text)), "--json")
    assert (code, err.count("\n")) == (2, 1)
    assert said in err


def test_an_era_of_ones_own_may_say_what_stands_in_it(tmp_path):
    plan = read_plan(written(tmp_path, GOOD + 'baskets = {nasdaq = ["^N225"]}\n'), {})
    era = plan.era_called("mine")
    assert era.baskets["nasdaq"].symbols == ("^N225",)
    assert era.baskets["nasdaq"].label == ""
    # Baskets that are not named stay those of the declared era that holds the window.
    inside = 'baskets = {ai-picks = ["NVDA", "IBM"]}\n'
    mine = read_plan(written(tmp_path, GOOD.replace("2009-12-31", "2007-12-31") + inside), {})
    baskets = mine.era_called("mine").baskets
    assert baskets["nasdaq"].symbols == ("IXIC",)
    assert baskets["ai-picks"].symbols == ("NVDA", "IBM")
    assert "hindsight" in baskets["ai-picks"].label
    assert "baskets" not in read_plan(written(tmp_path, GOOD), {}).model_dump()["era"]["mine"]
    with pytest.raises(BadPlan, match="baskets"):
        read_plan(written(tmp_path, GOOD + "baskets = {nasdaq = []}\n"), {})
