"""A fund's yearly cost: by hand, day by day, and what it took in money."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from backtests import compare, run
from backtests.cli.main import dca
from data.errors import BadPlan
from tests.conftest import make_table, month_ends, weekdays


def test_the_cost_is_taken_day_by_day_from_the_first_price_on():
    """A flat price of 10 with 1 % a year is 9.90 after 365 days, 10 x 0.99^(1/365) after one."""
    dates = weekdays("2021-01-04", 262)
    assert (dates[-1] - dates[0]).astype(int) == 365
    table = make_table(dates, {"A": np.full(262, 10.0)})
    result = run({"A": 1.0}, table, monthly=0.0, initial=1000.0, symbol={"A": {"ter": 0.01}})
    assert result.closes[[0, 1, -1], 0] == pytest.approx([10, 10 * 0.99 ** (1 / 365), 9.9])
    assert result.measures["final_value"] == pytest.approx(990)
    assert result.measures["xirr"] == pytest.approx(-0.01)
    assert result.measures["ter_cost"] == pytest.approx(10)
    assert "A: 1 % a year is taken from its prices" in result.warnings


def test_what_it_took_is_the_worth_without_it_less_the_worth_with_it():
    """Only B has the cost; with fees and a tax the same run is done again without it."""
    dice = np.random.default_rng(3)
    frame = pd.DataFrame(
        50 * np.exp(np.cumsum(dice.normal(0.005, 0.05, (30, 2)), axis=0)),
        index=pd.DatetimeIndex(month_ends("2019-03", 30)), columns=["A", "B"],
    )  # fmt: skip
    plan = {
        "rebalance": "annual",
        "monthly": 100.0,
        "fee_bps": 10.0,
        "tax": 0.25,
        "bars": "monthly",
    }
    free = run({"A": 0.5, "B": 0.5}, frame, **plan)
    charged = run({"A": 0.5, "B": 0.5}, frame, symbol={"B": {"ter": 0.02}}, **plan)
    lost = free.measures.number("final_value") - charged.measures.number("final_value")
    assert lost > 1
    assert charged.measures["ter_cost"] == pytest.approx(lost, rel=1e-9)
    assert free.measures["ter_cost"] == 0
    assert charged.measures.number("contributed") == free.measures.number("contributed")


def test_a_declared_last_price_is_charged_too():
    dates = month_ends("2020-01", 4)
    prices = {"A": [10.0] * 4, "B": [10.0, 10, np.nan, np.nan]}
    table = make_table(
        dates, prices, "monthly", ended={"B": date(2020, 2, 29)}, last_prices={"B": 5.0}
    )
    plan = {"monthly": 0.0, "initial": 200.0, "bars": "monthly"}
    result = run({"A": 0.5, "B": 0.5}, table, symbol={"B": {"ter": 0.1}}, **plan)
    assert result.measures["final_value"] == pytest.approx(100 + 50 * 0.9 ** (29 / 365))


def test_a_plan_and_a_sweep_take_the_same_cost(tmp_path, capsys):
    plan = tmp_path / "costly.toml"
    plan.write_text('strategies = ["index-fund"]\neras = ["gfc"]\n[symbol.SP500]\nter = 0.01\n')
    words = ["--plan", str(plan), "--bars", "monthly", "--out"]
    dca.main(["compare", *words, str(tmp_path / "c")], standalone_mode=False)
    assert "Taken by yearly costs (TER)" in capsys.readouterr().out
    span = ["--from", "2008-01", "--to", "2012-12", "--years", "5"]
    dca.main(["sweep", *words, str(tmp_path / "s"), *span], standalone_mode=False)
    row = pd.read_csv(tmp_path / "s" / "rows.csv").iloc[0]
    alone = {"strategies": ("index-fund",), "eras": ("mine",), "bars": "monthly"}
    window = {"mine": {"start": date(2008, 1, 1), "end": date(2012, 12, 31)}}
    costly = compare(era=window, symbol={"SP500": {"ter": 0.01}}, **alone).results[0]
    cheap = compare(era=window, **alone).results[0]
    assert row["final_value"] == pytest.approx(costly.measures["final_value"], rel=1e-9)
    lost = cheap.measures.number("cagr") - costly.measures.number("cagr")
    assert lost == pytest.approx(0.01, abs=0.001)


def test_a_cost_that_is_no_fraction_is_refused():
    for ter, said in ((1.5, "ter is 1.5; give less than 1"), (-0.1, "ter is -0.1")):
        with pytest.raises(BadPlan, match=said):
            compare(symbol={"SP500": {"ter": ter}})
