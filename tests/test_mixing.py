"""Several sources side by side: the first that has a symbol gives it, and the report says which."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtests import Plan, compare, run
from backtests.cli import main as cli
from backtests.eras import Era
from backtests.plan import make_plan
from backtests.report import files
from data import snapshot
from data.errors import BadPrices, NoPrices, UnknownName
from data.options import Options
from data.prices import PriceTable
from data.sources import tables
from data.splices import OwnSymbol

Table = Callable[..., PriceTable]
DAYS = ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01", "2024-03-28"]


def wide(path: Path, dates: Any, **columns: Any) -> str:
    frame = pd.DataFrame(columns, index=pd.Index(dates, name="date"))
    frame.to_csv(path)
    return str(path)


@pytest.fixture
def fund() -> pd.Series:
    """A fund on the snapshot's days from 2015 to 2020-06, growing by a fixed pattern."""
    days = snapshot.load("daily").dates
    days = days[(days >= np.datetime64("2015-01-02")) & (days <= np.datetime64("2020-06-30"))]
    steps = np.where(np.arange(len(days)) % 3 == 0, -0.004, 0.0025)
    return pd.Series(50 * np.cumprod(1 + steps), index=pd.DatetimeIndex(days), name="FUND")


def mix(*sources: Any, symbols: tuple[str, ...] = (), **options: Any) -> Any:
    return tables(list(sources), Options(symbols=symbols, **options))


class TestWhoGivesWhat:
    def test_the_first_source_that_has_a_symbol_gives_it(self, table: Table):
        first = table(DAYS, {"A": [1, 2, 3, 4, 5, 6]})
        second = table(DAYS, {"A": [9] * 6, "B": [2] * 6})
        made = mix(first, second)["daily"]()
        assert made.column("A").tolist() == [1, 2, 3, 4, 5, 6]
        assert made.column("B").tolist() == [2] * 6
        assert (made.sources["A"], made.sources["B"]) == ("file", "file (2)")
        assert "A from file; B from file (2)" in [note.text for note in made.warnings]

    def test_the_order_is_the_precedence(self, table: Table):
        first = table(DAYS, {"A": [1] * 6})
        second = table(DAYS, {"A": [9, 8, 9, 8, 9, 8], "B": [2] * 6})
        assert mix(second, first)["daily"]().column("A").tolist() == [9, 8, 9, 8, 9, 8]

    def test_days_of_one_source_alone_are_gaps_of_the_other(self, table: Table):
        first = table(DAYS[:3], {"A": [1, 2, 3]})
        second = table([DAYS[0], DAYS[2]], {"B": [7, 8]})
        made = mix(first, second)["daily"]()
        assert [str(day) for day in made.dates] == DAYS[:3]
        np.testing.assert_array_equal(made.column("B"), [7, np.nan, 8])

    def test_nobody_has_it(self, table: Table):
        made = mix(table(DAYS, {"AAA": [1] * 6}), table(DAYS, {"BBB": [2] * 6}), symbols=("AAA",))
        with pytest.raises(UnknownName, match="unknown symbol 'BBBB'; did you mean 'BBB'"):
            made["daily"]().column("BBBB")

    def test_no_source_has_any(self, table: Table):
        with pytest.raises(UnknownName, match="unknown symbol 'X'; the sources have A, B"):
            mix(table(DAYS, {"A": [1] * 6}), table(DAYS, {"B": [2] * 6}), symbols=("X",))

    def test_the_snapshot_gives_the_rates_that_a_file_does_not_have(self, table: Table):
        days = [str(d) for d in snapshot.load("daily").dates[-6:]]
        made = mix(table(days, {"A": [1, 2, 1, 2, 1, 2]}), "snapshot", symbols=("A", "SP500"))
        merged = made["daily"]()
        assert (merged.sources["CASH"], merged.sources["CPI"]) == ("snapshot", "snapshot")
        assert merged.cpi is not None

    def test_a_files_own_rates_come_first(self, tmp_path: Path):
        days = [str(d) for d in snapshot.load("daily").dates[-8:]]
        path = wide(tmp_path / "mine.csv", days, A=range(1, 9), TBILL=[3.65] * 8, CPI=[100] * 8)
        merged = mix(path, "snapshot", symbols=("A", "SP500"))["daily"]()
        assert (merged.sources["CASH"], merged.sources["CPI"]) == ("mine.csv", "mine.csv")
        first, second = merged.column("CASH")[-8:-6]
        assert second / first == pytest.approx(1.0001)

    def test_a_folder_that_is_called_like_a_provider_does_not_pass_for_it(self, tmp_path: Path):
        days = [str(d) for d in snapshot.load("daily").dates[-6:]]
        folder = tmp_path / "snapshot"
        folder.mkdir()
        wide(folder / "A.csv", days, **{"Adj Close": [1, 2, 1, 2, 1, 2]})
        merged = mix(str(folder), "snapshot", symbols=("A", "SP500"))["daily"]()
        assert (merged.sources["A"], merged.sources["SP500"]) == ("./snapshot", "snapshot")

    def test_files_that_nobody_asks_for_are_left_alone(self, tmp_path: Path):
        (tmp_path / "transactions.csv").write_text("date,note\n2024-01-02,bought\n")
        made = mix(str(tmp_path), "snapshot", symbols=("SP500",))["daily"]()
        assert made.sources["SP500"] == "snapshot"

    def test_a_fault_of_one_source_keeps_from_no_window_of_the_others(self, table: Table):
        days = [str(d) for d in snapshot.load("daily").dates[-6:]]
        frame = pd.DataFrame({"A": [1, 1, 100, 1, 1, 1.0]}, index=pd.DatetimeIndex(days))
        window = Era("w", "", date.fromisoformat(days[0]), date.fromisoformat(days[-1]))
        prices = [frame, "snapshot"]
        assert run({"SP500": 1.0}, prices, window).measures["contributed"]
        with pytest.raises(BadPrices, match="A: 100 times the price before"):
            run({"A": 1.0}, prices, window)


class TestResolutions:
    def test_a_monthly_file_beside_daily_prices_makes_month_ends(self, table: Table):
        ends = ["2024-01-31", "2024-02-29", "2024-03-28"]
        made = mix(table(ends, {"M": [1, 2, 3]}, "monthly"), table(DAYS, {"D": [1, 2, 3, 4, 5, 6]}))
        monthly = made["monthly"]()
        assert [str(d) for d in monthly.dates] == ends
        assert monthly.column("M").tolist() == [1, 2, 3]
        assert monthly.column("D").tolist() == [2, 4, 6]
        with pytest.raises(NoPrices, match="M has no daily prices in file, only monthly"):
            made["daily"]().column("M")

    def test_month_ends_on_different_days_meet_in_one_row(self, table: Table):
        calendar = table(["2024-01-31", "2024-02-29", "2024-03-31"], {"M": [1, 2, 3]}, "monthly")
        made = mix(calendar, table(DAYS, {"D": [1, 2, 3, 4, 5, 6]}))["monthly"]()
        assert [str(d) for d in made.dates] == ["2024-01-31", "2024-02-29", "2024-03-31"]
        assert made.column("D").tolist() == [2, 4, 6]

    def test_a_weekly_file_stands_beside_daily_prices_by_its_months_last_weeks(self, table: Table):
        fridays = ["2024-01-19", "2024-01-26", "2024-02-02", "2024-02-23", "2024-03-01"]
        weekly = table(fridays, {"W": [1, 2, 3, 4, 5]}, "weekly")
        found = mix(weekly, table(DAYS, {"D": [1, 2, 3, 4, 5, 6]}))
        monthly = found["monthly"]()
        assert [str(d) for d in monthly.dates] == ["2024-01-31", "2024-02-29"]
        assert monthly.column("W").tolist() == [2, 4]
        assert monthly.column("D").tolist() == [2, 4]
        said = "all prices are cut on 2024-02-29, where those of file end"
        assert said in [note.text for note in monthly.warnings]

    def test_bars_of_mid_month_cannot_stand_beside_month_ends(self, table: Table):
        mid = table(["2024-01-15", "2024-02-15", "2024-03-15"], {"M": [1, 2, 3]}, "monthly")
        with pytest.raises(BadPrices, match="stand more than 5 weekdays before the month ends"):
            mix(mid, table(DAYS, {"D": [1] * 6}))["monthly"]()

    def test_all_end_where_the_first_source_ends(self, table: Table):
        made = mix(table(DAYS[:4], {"A": [1] * 4}), table(DAYS, {"B": [2] * 6}))["daily"]()
        assert str(made.dates[-1]) == "2024-02-29"
        said = "all prices are cut on 2024-02-29, where those of file end"
        assert said in [note.text for note in made.warnings]

    def test_bills_that_nobody_holds_cut_nothing(self, table: Table):
        bills = table(DAYS[:4], {"CASH": [1, 1.1, 1.2, 1.3]})
        prices = [table(DAYS, {"A": [1] * 6}), bills]
        assert str(mix(*prices, symbols=("A",))["daily"]().dates[-1]) == DAYS[-1]
        assert str(mix(*prices, symbols=("A", "CASH"))["daily"]().dates[-1]) == DAYS[3]

    def test_a_source_whose_symbols_have_all_ended_cuts_nothing(self, table: Table):
        gone = table(DAYS[:4], {"A": [1] * 4}, ended={"A": date(2024, 2, 29)})
        assert str(mix(gone, table(DAYS, {"B": [2] * 6}))["daily"]().dates[-1]) == DAYS[-1]

    def test_compare_takes_month_ends_where_one_fund_has_only_these(self, tmp_path, fund):
        monthly = fund.resample("ME").last()
        path = wide(tmp_path / "mine.csv", monthly.index.strftime("%Y-%m-%d"), FUND=monthly)
        plan = Plan(
            data=(path, "snapshot"),
            strategies=("mine", "index-fund"),
            eras=("w",),
            era={"w": {"start": date(2016, 1, 1), "end": date(2020, 5, 31)}},
            strategy={"mine": {"weights": {"FUND": 1.0}}},
        )
        found = compare(plan).replayed
        assert found.coarsest == "monthly"
        mine, index = found.results
        assert mine.course.value[-1] == pytest.approx(saved(monthly["2016":"2020-05"]))
        known = snapshot.load("monthly")
        sp500 = pd.Series(known.column("SP500"), index=pd.DatetimeIndex(known.dates))
        ends = sp500["2016":"2020-05"]
        assert index.course.value[-1] == pytest.approx(saved(ends))


def saved(monthly: pd.Series, usd: float = 1000.0) -> float:
    """Buy at every price; return what the shares are worth at the last one."""
    return float((usd / monthly).sum() * monthly.iloc[-1])


class TestARun:
    """Own funds beside the index fund, against pandas."""

    WINDOW = Era("w", "", date(2016, 1, 1), date(2020, 6, 30))

    def test_a_dataframe_beside_the_snapshot(self, fund: pd.Series):
        own = run({"FUND": 0.25, "SP500": 0.75}, [fund.to_frame(), "snapshot"], self.WINDOW)
        known = snapshot.load("daily")
        sp500 = pd.Series(known.column("SP500"), index=pd.DatetimeIndex(known.dates))
        both = pd.DataFrame({"FUND": fund, "SP500": sp500}).loc["2016-01-01":"2020-06-30"]
        firsts = both.groupby(both.index.to_period("M")).head(1)
        shares = (1000 * pd.Series({"FUND": 0.25, "SP500": 0.75}) / firsts).cumsum()
        worth = (shares.reindex(both.index).ffill() * both).sum(axis=1)
        np.testing.assert_allclose(own.value.to_numpy(), worth.to_numpy(), rtol=1e-12)

    def test_parts_of_two_sources_are_chained(self, fund: pd.Series):
        long = {"LONG": {"parts": ("SP500", "FUND")}}
        plan = make_plan(
            data=("snapshot",),
            strategies=("mine",),
            strategy={"mine": {"weights": {"LONG": 1.0}}},
            symbol=long,
            eras=("w",),
            era={"w": {"start": date(2014, 1, 1), "end": date(2016, 12, 30)}},
        )
        found = compare(plan, prices=["snapshot", fund.to_frame()]).replayed
        known = snapshot.load("daily")
        at = int(np.searchsorted(known.dates, np.datetime64("2015-01-02")))
        sp500 = known.column("SP500")
        table = found.tables["daily"]
        assert table.sources["LONG"] == "snapshot + DataFrame"
        end = float(fund["2016-12-30"]) * sp500[at] / float(fund.iloc[0])
        made = table.column("LONG")[np.searchsorted(table.dates, np.datetime64("2016-12-30"))]
        assert made == pytest.approx(end)

    def test_the_plans_own_declarations_hold_for_whoever_gives_the_symbol(self, table: Table):
        own = {"A": OwnSymbol(ended=date(2024, 2, 29), last_price=0.0)}
        first, second = (
            table(DAYS, {"B": [2] * 6}),
            pd.DataFrame({"A": [5, 4, 5, 4, 5, 4.0]}, index=pd.DatetimeIndex(DAYS)),
        )
        made = mix(first, second, symbols=("A", "B"), own=own)["daily"]()
        assert np.isnan(made.column("A")[-2:]).all()
        assert made.last_prices == {"A": 0.0}

    def test_they_hold_for_a_price_table_too(self, table: Table):
        own = {"A": OwnSymbol(ended=date(2024, 2, 29), last_price=0.0)}
        prices = [table(DAYS, {"A": [5] * 6}), table(DAYS, {"B": [2] * 6})]
        made = mix(*prices, symbols=("A", "B"), own=own)["daily"]()
        assert np.isnan(made.column("A")[-2:]).all()

    def test_a_declaration_that_no_source_answers_to_is_refused(self, table: Table):
        frame = pd.DataFrame({"A": [5, 4, 5, 4, 5, 4.0]}, index=pd.DatetimeIndex(DAYS))
        own = {"SPP": OwnSymbol(note="mine")}
        with pytest.raises(UnknownName, match="unknown symbol 'SPP'"):
            mix(table(DAYS, {"B": [2] * 6}), frame, symbols=("A",), own=own)


class TestTheCommand:
    PLAN = """
    strategies = ["mine", "index-fund"]
    eras = ["w"]
    monthly = 300
    [era.w]
    start = 2016-01-01
    end = 2020-06-30
    [strategy.mine]
    weights = {FUND = 1.0}
    """

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fund: pd.Series) -> Path:
        monkeypatch.chdir(tmp_path)
        Path("mine").mkdir()
        days = fund.index.strftime("%Y-%m-%d")
        wide(Path("mine/FUND.csv"), days, **{"Adj Close": fund.round(6)})
        Path("plan.toml").write_text(self.PLAN)
        return tmp_path

    def json(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
        assert run_cli(*arguments) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    def test_results_say_which_source_gave_which(self, folder, capsys):
        asked = ("compare", "--plan", "plan.toml", "--json", "--data", "mine")
        found = self.json(capsys, *asked, "--data", "snapshot")
        assert found["plan"]["data"] == found["data"]["source"] == "mine + snapshot"
        given = {symbol: said["source"] for symbol, said in found["data"]["symbols"].items()}
        assert given == {"FUND": "mine", "SP500": "snapshot"}
        assert found["data"]["rates"] == {"CASH": "snapshot", "CPI": "snapshot"}
        told = "FUND from mine; SP500, CASH from snapshot"
        assert told in found["runs"][0]["warnings"]

    def test_a_plan_lists_its_sources(self, folder, capsys):
        Path("plan.toml").write_text('data = ["mine", "snapshot"]\n' + self.PLAN)
        found = self.json(capsys, "compare", "--plan", "plan.toml", "--json")
        assert found["data"]["source"] == "mine + snapshot"
        assert run_cli("compare", "--plan", "plan.toml", "--out", "report") == 0
        page = Path("report/report.html").read_text()
        assert "mine and the real prices that come with the program (snapshot)" in page
        assert "FUND, from mine" in page
        assert "SPY, from snapshot" in page

    def test_a_freeze_of_a_mix_gives_the_same_runs(self, folder, capsys):
        sources = ("--data", "mine", "--data", "snapshot")
        assert run_cli("data", "freeze", "ice", "--plan", "plan.toml", *sources) == 0
        capsys.readouterr()
        live = self.json(capsys, "compare", "--plan", "plan.toml", "--json", *sources)
        frozen = self.json(capsys, "compare", "--plan", "plan.toml", "--json", "--data", "ice")
        assert frozen == live

    def test_a_sweep_takes_a_mix(self, folder, capsys):
        sources = ("--data", "mine", "--data", "snapshot")
        asked = ("--weights", "FUND=0.5,SP500=0.5", "--years", "2")
        assert run_cli("sweep", *asked, *sources, "--out", "s") == 0
        summary = json.loads(Path("s/summary.json").read_text())
        assert "FUND from mine; SP500, CASH from snapshot" in json.dumps(summary)

    def test_one_source_alone_is_described_as_ever(self, folder):
        plan = make_plan(data="snapshot", eras=("dotcom",), strategies=("index-fund",))
        found = json.loads(files.results_json(compare(plan).replayed))
        assert found["plan"]["data"] == "snapshot"
        assert found["data"].keys() == {"source", "bars", "symbols"}
        assert "source" not in found["data"]["symbols"]["SP500"]

    def test_what_a_source_says_of_what_it_lacks_is_said(self, table: Table):
        why = {"X": "X: its owner licenses it"}
        first, second = table(DAYS, {"A": [1] * 6}), table(DAYS, {"B": [2] * 6}, lacking=why)
        made = mix(first, second, symbols=("A", "X"))["daily"]()
        with pytest.raises(NoPrices, match="X: its owner licenses it"):
            made.column("X")

    def test_a_source_that_is_none_is_refused(self, folder, capsys):
        assert run_cli("compare", "--data", "snapshot", "--data", "nowhere") == 2
        assert "no file or folder nowhere" in capsys.readouterr().err


def run_cli(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["dca", *arguments])
        return cli.run()
