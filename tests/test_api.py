"""The public names: what they take, what they give back, and that they are light to import."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtests import Comparison, Era, Plan, Result, compare, run, sweep
from data.errors import BadPlan, BadPrices, NoPrices, UnknownName
from data.language import speaking
from strategies.index_fund import IndexFund
from tests.conftest import day, make_table, month_ends

ROOT = Path(__file__).parents[1]
SERIES = ("value", "unit_value", "returns", "drawdown", "account_drawdown", "shortfall")


def closes() -> pd.DataFrame:
    """Return A, which doubles, halves and doubles, and B, which stands still, at month ends."""
    ends = pd.DatetimeIndex(month_ends("2020-01", 4), name="Date")
    return pd.DataFrame({"A": [10.0, 20, 10, 20], "B": [50.0, 50, 50, 50]}, index=ends)


def test_importing_the_names_loads_nothing_heavy():
    code = (
        "import sys; from backtests import run, compare, sweep, Plan, Era, Result, Comparison; "
        "Plan(monthly=500.0); "
        "print([m for m in ('pandas', 'matplotlib', 'backtrader') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_no_attribute():
    import backtests

    with pytest.raises(AttributeError, match="no attribute 'runs'"):
        _ = backtests.runs


def test_weights_a_class_and_a_name_give_the_same_run():
    by_name = run("index-fund", era="lost-decade", monthly=500.0)
    by_class = run(IndexFund, era="lost-decade", monthly=500.0)
    by_weights = run({"SP500": 1.0}, era="lost-decade", monthly=500.0)
    assert isinstance(by_name, Result)
    assert by_name.measures["final_value"] == pytest.approx(63_942.196, abs=0.001)
    assert by_name.value.tolist() == by_class.value.tolist() == by_weights.value.tolist()


def test_a_frame_of_closes_is_replayed_by_hand():
    """100 a month into A at 10, 20, 10, 20: 10 + 5 + 10 + 5 shares, worth 600 at the end."""
    result = run({"A": 1.0}, closes(), monthly=100.0)
    assert result.value.tolist() == pytest.approx([100, 300, 250, 600])
    assert result.value.index.tolist() == list(closes().index)
    assert result.returns.tolist() == pytest.approx([1.0, -0.5, 1.0])
    assert result.returns.index[0] == pd.Timestamp("2020-02-29")
    assert result.shortfall.min() == pytest.approx(250 / 300 - 1)
    assert result.drawdown.min() == pytest.approx(-0.5)
    assert result.account_drawdown.min() == pytest.approx(250 / 300 - 1)
    table = make_table(
        [str(d) for d in month_ends("2020-01", 4)], {"A": [10, 20, 10, 20]}, "monthly"
    )
    assert run({"A": 1.0}, table, monthly=100.0).value.tolist() == result.value.tolist()


def test_a_time_zone_keeps_each_rows_own_date():
    frame = closes().tz_localize("Asia/Tokyo")
    assert run({"A": 1.0}, frame).value.index[0] == pd.Timestamp("2020-01-31")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.reset_index(drop=True), "index holds no dates"),
        (lambda f: f.rename(columns={"A": "a b"}), "'a b', not a symbol"),
        (lambda f: f.astype(str).replace("20.0", "x"), "more than numbers"),
        (lambda f: f.iloc[:1], "has 1 rows"),
        (lambda f: f.assign(A=-1.0), "A is -1"),
        (lambda f: f.iloc[::-1], "dates do not increase"),
    ],
)
def test_a_frame_that_is_no_prices_is_refused(change, said):
    with pytest.raises(BadPrices, match=said):
        run({"B": 1.0}, change(closes()))


def test_a_window_of_ones_own_and_what_is_missing_in_it():
    era = Era("mine", "", day("2020-02-01"), day("2020-03-31"))
    assert len(run({"A": 1.0}, closes(), era).value) == 2
    with pytest.raises(NoPrices, match="prices end on 2020-04-30"):
        run({"A": 1.0}, closes(), Era("mine", "", day("2020-02-01"), day("2021-03-31")))
    with pytest.raises(NoPrices, match="no daily bars, only monthly"):
        run({"A": 1.0}, closes(), bars="daily")
    with pytest.raises(BadPlan, match="weights sum to 0.5"):
        run({"A": 0.5}, closes())
    with pytest.raises(UnknownName, match="did you mean 'index-fund'"):
        run("index_fund", closes())


def test_the_frame_has_the_ledger_and_every_series():
    result = run({"A": 0.5, "B": 0.5}, closes(), monthly=100.0)
    frame = result.frame()
    assert {"contributed", "flow", "cash", "A", "B", *SERIES} <= set(frame.columns)
    for name in SERIES:
        pd.testing.assert_series_equal(
            frame[name].dropna(), getattr(result, name), check_freq=False
        )


def test_a_result_says_what_it_is_and_draws_itself():
    result = run({"A": 1.0}, closes(), monthly=100.0)
    assert "400.00 in, 600.00 at the end, strategy drawdown -50.0%" in repr(result)
    assert "$600" in result._repr_html_()
    axes = result.plot("drawdown")
    assert axes.lines[0].get_ydata().tolist() == result.drawdown.tolist()
    assert result.plot("value", axes) is axes
    with pytest.raises(UnknownName, match="did you mean 'drawdown'"):
        result.plot("drawdowns")


def test_a_comparison_has_a_row_a_run():
    compared = compare(Plan(eras=("lost-decade",), strategies=("index-fund", "cash")))
    assert isinstance(compared, Comparison)
    frame = compared.frame()
    assert list(frame.index) == [("lost-decade", "index-fund"), ("lost-decade", "cash")]
    assert frame.loc[("lost-decade", "index-fund"), "final_value"] == pytest.approx(127_884.39)
    assert [r.strategy for r in compared.results] == ["index-fund", "cash"]
    assert "2 runs: lost-decade" in repr(compared)
    shown = compared._repr_html_()
    assert shown.count("<tr>") == 3
    assert "lang=" not in shown
    with speaking("zh-Hant"):
        shown = compared._repr_html_()
    assert shown.startswith('<div lang="zh-Hant-TW">')
    assert "<th>標普 500 指數型基金，失落的十年</th><td>US$120,000</td>" in shown


def test_a_comparison_takes_prices_and_classes_of_ones_own(tmp_path):
    class Mine(IndexFund):
        name = "mine"
        weights = {"A": 1.0}

    plan = Plan(eras=("w",), strategies=("mine",), era={"w": {"start": day("2020-01-31")}})
    compared = compare(plan, closes(), own=[Mine])
    assert compared.results[0].course.value[-1] == pytest.approx(6000)
    assert compared.write(tmp_path / "out").exists()


def test_a_sweep_gives_the_rows_of_the_command():
    rows = sweep("index-fund", years=(20,), start="1996-06", end="2016-08")
    assert list(rows["start"]) == ["1996-06-03", "1996-07-01", "1996-08-01", "1996-09-03"]
    assert set(rows["strategy"]) == {"index-fund"}
    assert np.isfinite(rows["xirr"]).all()
    paths = sweep({"SP500": 0.6, "BOND": 0.4}, bootstrap=10, years=(2,), seed=3)
    assert list(paths["path"]) == [str(n) for n in range(10)]


def test_a_jump_of_a_frame_is_refused_and_may_be_accepted():
    frame = closes() * np.array([[1.0], [1.0], [100.0], [100.0]])
    with pytest.raises(BadPrices, match="B: 100 times the price before on 2020-03-31"):
        run({"B": 1.0}, prices=frame)
    accepted = run({"B": 1.0}, prices=frame, accept_jumps=(day("2020-03-31"),))
    assert "jump" in {note.kind for note in accepted.notes}
