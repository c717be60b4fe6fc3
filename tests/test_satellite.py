"""How much of the picks: every share at once, equal to the engine's run of that share."""

import json

import numpy as np
import pytest

from backtests import satellite
from backtests.scenarios.sources import Scenario
from data.errors import BadPlan, NoPrices, UnknownName
from strategies.dca.mixes import with_satellite
from tests.test_scenario import HOLDS, SEVEN


def at(found, percent: int) -> tuple[float, float]:
    return round(float(found.worst[percent]), 4), round(float(found.final[percent]), 2)


def test_the_figures_that_another_program_gives():
    index = satellite("index-fund")
    assert round(float(index.worst[10]), 4) == -0.2509
    assert round(float(index.worst[50]), 4) == -0.3513
    assert at(index, 0) == (-0.2258, 207_539.17)
    assert at(index, 100)[1] == 159_563.85
    assert index.largest is None
    mix = satellite("diversified")
    assert round(float(mix.worst[30]), 4) == -0.0822
    assert round(float(mix.worst[50]), 4) == -0.2060
    assert mix.largest == 0.32
    assert mix.worst[32] >= -0.1 > mix.worst[33]
    assert (
        satellite("diversified", max_loss=0.0).largest == np.flatnonzero(mix.worst == 0)[-1] / 100
    )
    assert satellite("diversified", max_loss=1.0).largest == 1.0


@pytest.mark.parametrize(
    ("core", "rebalance", "share", "options"),
    [
        ("index-fund", "none", 0.37, {}),
        ("diversified", "band:0.05", 0.11, {"fee_bps": 10.0, "fee_per_order": 1.0}),
        ("diversified", "contribute", 0.8, {"every": "two-weeks", "initial": 5000.0}),
        ("index-fund", "none", 0.6, {"quit_at": 0.2, "return_after": 12, "tax": 0.2}),
        ("index-fund", "annual", 1.0, {"whole_shares": True, "fill": "next", "monthly": 5000.0}),
    ],
)
def test_a_share_is_what_the_engine_makes_of_it(core, rebalance, share, options):
    """The vectorised path against Backtrader, through the same scenario."""
    from backtests import scenario

    found = satellite(core, rebalance=rebalance, **options)
    weights = with_satellite(HOLDS[core], SEVEN, share)
    # All that is held anywhere counts for the days of payment; every share holds the same then.
    mine = {"mine": {"weights": weights, "rebalance": rebalance, "late_listings": True}}
    (run,) = scenario(strategies=("mine",), strategy=mine, **options).results
    row = round(share * 100)
    assert found.final[row] == pytest.approx(run.measures["final_value"], rel=1e-9)
    assert found.worst[row] == pytest.approx(run.scenario.worst_shortfall, abs=1e-10)
    assert found.months[row] == run.measures["months_below_money_in"]
    assert found.contributed == run.measures["contributed"]


def test_an_era_as_it_was():
    """The core alone and the picks alone are the runs of tests/test_golden.py."""
    found = satellite(in_era="dotcom")
    assert round(float(found.worst[0]), 5) == -0.22843
    assert round(float(found.final[0]), 2) == 204_051.13
    assert found.history_end is None
    assert found.as_json()["scenario"] is None


@pytest.mark.parametrize(
    ("core", "asked", "wanted"),
    [
        ("index-funt", {}, "did you mean 'index-fund'"),
        ("ai-picks", {}, "ai-picks cannot be the core"),
        ("index-fund", {"max_loss": 1.5}, "max_loss is 1.5; give a fraction"),
        ("index-fund", {"in_era": "gfc"}, "the era gfc has no picks"),
        ("index-fund", {"rebalance": "often"}, "rebalance 'often' is not known"),
        ("index-fund", {"assumed": Scenario("1929")}, "another --counterpart for NVDA"),
        ("index-fund", {"in_era": "dotcom", "assumed": Scenario(depth=0.5)}, "as it was; leave"),
        ("index-fund", {"in_era": "dotcom", "history": "dotcom"}, "as it was; leave history"),
        (
            "index-fund",
            {"assumed": Scenario(counterparts={"NVDIA": "CSCO"})},
            "did you mean 'NVDA'",
        ),
    ],
)
def test_bad_questions_are_refused(core, asked, wanted):
    with pytest.raises((BadPlan, NoPrices, UnknownName)) as refused:
        satellite(core, **asked)
    assert wanted in str(refused.value)


def test_the_command_prints_json_alone_or_a_table_and_a_page(dca, tmp_path):
    code, out, said = dca("satellite", "--json", "--core", "diversified")
    assert (code, said) == (0, "")
    content = json.loads(out)
    assert (content["core"], content["max_loss"], content["largest_share"]) == (
        "diversified",
        0.1,
        0.32,
    )
    assert [row["share"] for row in content["shares"]] == [n / 100 for n in range(101)]
    assert set(content["shares"][0]) == {
        "share", "worst_shortfall", "final_value", "months_below_money_in",
    }  # fmt: skip
    code, out, said = dca("satellite", "--core", "diversified", "--out", str(tmp_path / "s"))
    assert (code, said) == (0, "")
    assert "In the scenario up to 32 % of picks" in out.replace("\n", " ")
    assert "32 % picks" in out
    page = (tmp_path / "s" / "satellite.html").read_text()
    assert "what follows is a scenario and never happened" in page
    for letter in ("A", "H", "S"):
        assert f'<li id="note-1-{letter}">' in page
    plain = page.replace("\N{NO-BREAK SPACE}", " ")
    assert 'History ends on <span class="day">17 September 2026</span>; all after it' in plain
    assert (tmp_path / "s" / "satellite.png").stat().st_size > 10_000
