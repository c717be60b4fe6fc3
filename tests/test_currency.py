"""Money in the plan's currency: by rates of their own dates, or not at all."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtests import Plan, compare, run, sweep
from backtests.eras import Era
from backtests.plan import make_plan
from backtests.report import files, wording
from data import snapshot
from data.errors import BadPlan, BadPrices, NoPrices
from data.options import Options
from data.prices import PriceTable
from data.sources import tables
from data.splices import OwnSymbol

Table = Callable[..., PriceTable]
DAYS = ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"]
USD = OwnSymbol(currency="USD")


def converted(*sources: Any, currency: str = "EUR", bars: Any = "daily", **options: Any) -> Any:
    """Read sources in a plan's currency; `symbols` are those needed."""
    return tables(list(sources), Options(currency=currency, **options))[bars]()


def said(table: PriceTable, symbol: str) -> list[str]:
    return [note.text for note in table.notes.get(symbol, ())]


def warned(table: PriceTable) -> list[str]:
    return [note.text for note in table.warnings]


class TestConversion:
    def test_a_price_is_divided_by_what_one_euro_costs(self, table: Table):
        prices = table(DAYS, {"A": [11, 22, 33, 44, 55, 66]})
        rates = table(DAYS, {"EURUSD=X": [1.1, 1.1, 1.1, 1.1, 1.25, 1.2]})
        made = converted(prices, rates, symbols=("A",), own={"A": USD})
        np.testing.assert_allclose(made.column("A"), [10, 20, 30, 40, 44, 55], rtol=1e-15)
        assert made.currency == "EUR"
        assert said(made, "A") == ["quoted in USD, converted to EUR by EURUSD=X of file (2)"]

    @pytest.mark.parametrize(
        ("name", "rate"),
        [("EURUSD", 1.25), ("EURUSD=X", 1.25), ("USDEUR", 0.8), ("USDEUR=X", 0.8)],
    )
    def test_the_name_of_a_rate_says_its_direction(self, table: Table, name: str, rate: float):
        prices = table(DAYS, {"A": [10] * 6, name: [rate] * 6})
        made = converted(prices, symbols=("A",), own={"A": USD})
        np.testing.assert_allclose(made.column("A"), 8)

    def test_yahoos_short_name_prices_a_dollar(self, table: Table):
        own = {"A": OwnSymbol(currency="USD", rate="EUR=X")}
        prices = table(DAYS, {"A": [10] * 6, "EUR=X": [0.8] * 6})
        np.testing.assert_allclose(converted(prices, symbols=("A",), own=own).column("A"), 8)

    @pytest.mark.parametrize(
        ("quoted", "plan", "usual"),
        [
            ("USD", "EUR", "EURUSD"),
            ("EUR", "USD", "EURUSD"),
            ("GBp", "USD", "GBPUSD"),
            ("EUR", "GBP", "EURGBP"),
            ("USD", "CHF", "USDCHF"),
            ("JPY", "USD", "USDJPY"),
        ],
    )
    def test_a_pair_is_asked_for_as_markets_call_it(
        self, table: Table, quoted: str, plan: str, usual: str
    ):
        own = {"A": OwnSymbol(currency=quoted)}
        with pytest.raises(BadPlan, match=f"file or column {usual}=X or {usual} in a source"):
            converted(table(DAYS, {"A": [10] * 6}), currency=plan, symbols=("A",), own=own)

    def test_a_rate_named_for_a_symbol_wins(self, table: Table):
        own = {"A": OwnSymbol(currency="USD", rate="USDEUR")}
        prices = table(DAYS, {"A": [10] * 6, "EURUSD": [2.0] * 6, "USDEUR": [0.8] * 6})
        np.testing.assert_allclose(converted(prices, symbols=("A",), own=own).column("A"), 8)

    def test_a_rate_of_other_currencies_is_refused(self, table: Table):
        own = {"A": OwnSymbol(currency="USD", rate="GBPUSD")}
        prices = table(DAYS, {"A": [10] * 6, "GBPUSD": [1.3] * 6})
        with pytest.raises(BadPlan, match="GBPUSD is not called after USD and EUR; call it EURUSD"):
            converted(prices, symbols=("A",), own=own)

    def test_a_column_of_another_name_is_called_by_an_own_symbol(self, table: Table):
        own = {"A": USD, "EURUSD": OwnSymbol(parts=("DEXUSEU",))}
        frame = pd.DataFrame(
            {"A": [10.0] * 5 + [20.0], "DEXUSEU": [1.25] * 6}, index=pd.DatetimeIndex(DAYS)
        )
        made = converted(frame, symbols=("A",), own=own)
        np.testing.assert_allclose(made.column("A"), [8] * 5 + [16])

    def test_pence_are_hundredths_of_pounds(self, table: Table):
        prices = table(DAYS, {"A": [500] * 6, "EURGBP": [0.8] * 6})
        own = {"A": OwnSymbol(currency="GBp")}
        pounds = converted(prices, currency="GBP", symbols=("A",), own=own)
        np.testing.assert_allclose(pounds.column("A"), 5)
        assert said(pounds, "A") == ["quoted in GBp (hundredths of GBP)"]
        euros = converted(prices, symbols=("A",), own={"A": OwnSymbol(currency="GBX")})
        np.testing.assert_allclose(euros.column("A"), 6.25)
        text = "quoted in GBX (hundredths of GBP), converted to EUR by EURGBP of file"
        assert said(euros, "A") == [text]

    def test_pence_that_turn_into_pounds_are_refused_as_ever(self, tmp_path: Path):
        pence = [*[500.0, 501.0, 502.0] * 4, *[5.03, 5.04, 5.05] * 4]
        days = np.busday_offset("2024-01-02", np.arange(24), roll="forward")
        frame = pd.DataFrame({"A": pence}, index=pd.DatetimeIndex(days))
        plan = {"currency": "GBP", "symbol": {"A": {"currency": "GBp"}}}
        window = Era("w", "", date(2024, 1, 2), date(2024, 2, 2))
        with pytest.raises(BadPrices, match="prices in pence beside prices in pounds"):
            run({"A": 1.0}, frame, window, **plan)

    def test_what_is_left_at_the_end_is_converted_too(self, table: Table):
        own = {"A": OwnSymbol(currency="USD", ended=date(2024, 1, 5), last_price=2.5)}
        frame = pd.DataFrame(
            {"A": [10, 11, 10, 11, 10, 11.0], "EURUSD": [1.25] * 6}, index=pd.DatetimeIndex(DAYS)
        )
        assert converted(frame, symbols=("A",), own=own).last_prices == {"A": 2.0}


class TestDates:
    def test_the_rate_before_is_carried_over_five_weekdays(self, table: Table):
        days = [str(d) for d in np.busday_offset("2024-01-02", np.arange(9), roll="forward")]
        rates = table([days[0], days[6], days[7], days[8]], {"EURUSD": [2.0, 4.0, 4.0, 4.0]})
        made = converted(table(days, {"A": [8.0] * 9}), rates, symbols=("A",), own={"A": USD})
        assert made.column("A").tolist() == [4, 4, 4, 4, 4, 4, 2, 2, 2]
        assert not made.faults

    def test_a_longer_hole_of_the_rates_forbids_the_windows_that_hold_it(self, table: Table):
        days = [str(d) for d in np.busday_offset("2024-01-02", np.arange(10), roll="forward")]
        rates = table([days[0], days[7], days[8], days[9]], {"EURUSD": [2.0] * 4})
        sources = [table(days, {"A": [8.0] * 10}), rates]
        made = converted(*sources, symbols=("A",), own={"A": USD})
        (fault,) = made.faults
        assert str(fault) == f"A: no rate EURUSD from {days[6]} to {days[6]}"
        window = Era("w", "", date(2024, 1, 2), date(2024, 1, 15))
        with pytest.raises(BadPrices, match="no rate EURUSD"):
            run({"A": 1.0}, sources, window, currency="EUR", symbol={"A": {"currency": "USD"}})

    def test_prices_begin_and_end_with_their_rates(self, table: Table):
        days = [str(d) for d in np.busday_offset("2024-01-02", np.arange(20), roll="forward")]
        rates = table(days[2:10], {"EURUSD": [2.0] * 8})
        made = converted(table(days, {"A": [8.0] * 20}), rates, symbols=("A",), own={"A": USD})
        assert (str(made.first("A")), str(made.dates[-1])) == (days[2], days[14])
        assert f"begins on {days[2]}, as the rates EURUSD do" in said(made, "A")
        assert f"all prices are cut on {days[14]}, where the rates EURUSD end" in warned(made)

    def test_monthly_rates_serve_month_ends_alone(self, table: Table):
        days = ["2024-01-30", "2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01", "2024-03-28"]
        rates = table(["2024-01-31", "2024-02-29", "2024-03-31"], {"EURUSD": [1, 2, 4]}, "monthly")
        found = tables(
            [table(days, {"A": [8] * 6}), rates],
            Options(currency="EUR", symbols=("A",), own={"A": USD}),
        )
        monthly = found["monthly"]()
        assert monthly.column("A").tolist() == [8, 4, 2]
        assert "daily" not in found

    def test_monthly_rates_leave_the_daily_table_of_one_source_alone(self, tmp_path: Path):
        (tmp_path / "EURUSD.csv").write_text(
            "Date,Adj Close\n2024-01-31,1\n2024-02-29,2\n2024-03-29,4\n"
        )
        days = np.busday_offset("2024-01-02", np.arange(64), roll="forward")
        rows = "".join(f"{day},{8 + i % 2}\n" for i, day in enumerate(days))
        (tmp_path / "A.csv").write_text(f"Date,Adj Close\n{rows}")
        found = tables(str(tmp_path), Options(currency="EUR", symbols=("A",), own={"A": USD}))
        with pytest.raises(NoPrices, match="no daily prices in EUR: the rates EURUSD are coarser"):
            found["daily"]().column("A")
        assert found["monthly"]().column("A")[0] == pytest.approx(
            8 + (len(days[days <= np.datetime64("2024-01-31")]) - 1) % 2
        )


class TestNeverASilentMix:
    def test_the_embedded_prices_are_dollars(self):
        wanted = "SP500 is in USD and the plan in EUR; give a rate series: .* EURUSD=X or EURUSD"
        with pytest.raises(BadPlan, match=wanted):
            compare(Plan(currency="EUR", strategies=("index-fund",)))

    def test_what_nobody_holds_needs_no_rate(self, table: Table):
        days = [str(d) for d in snapshot.load("daily").dates[-6:]]
        made = converted(table(days, {"A": [1] * 6}), "snapshot", symbols=("A",))
        assert set(made.symbols) == {"A"}

    def test_undeclared_prices_are_the_plans_and_a_note_says_so(self, table: Table):
        made = converted(table(DAYS, {"A": [1] * 6, "B": [2] * 6}), symbols=("A", "B"))
        assert made.column("A").tolist() == [1] * 6
        assert "A, B: taken to be quoted in EUR, as nothing else is declared" in warned(made)

    def test_in_dollars_nothing_is_said(self, table: Table):
        assert not warned(converted(table(DAYS, {"A": [1] * 6}), currency="USD", symbols=("A",)))

    def test_a_euro_fund_in_a_plan_of_dollars_needs_a_rate(self, table: Table):
        own = {"A": OwnSymbol(currency="EUR")}
        with pytest.raises(BadPlan, match="A is in EUR and the plan in USD"):
            converted(table(DAYS, {"A": [1] * 6}), currency="USD", symbols=("A",), own=own)

    def test_a_declaration_against_the_source_is_refused(self):
        own = {"SP500": OwnSymbol(currency="EUR")}
        with pytest.raises(BadPlan, match=r"symbol\.SP500: its prices are in USD, not in EUR"):
            converted("snapshot", symbols=("SP500",), own=own)

    def test_dollar_bills_and_prices_say_nothing_of_euros(self, table: Table):
        days = [str(d) for d in snapshot.load("daily").dates[-60:]]
        made = converted(
            "snapshot", table(days, {"EURUSD": [1.25] * 60}), symbols=("SP500", "CASH")
        )
        assert (made.cpi, made.risk_free) == (None, False)
        assert any("bills and consumer prices of USD say nothing of EUR" in w for w in warned(made))
        window = Era("w", "", date.fromisoformat(days[0]), date.fromisoformat(days[-1]))
        rates = table(days, {"EURUSD": [1.25] * 60})
        found = run({"CASH": 1.0}, ["snapshot", rates], window, currency="EUR")
        assert found.course.bill is None
        assert found.currency == "EUR"

    def test_bills_of_ones_own_hold(self, tmp_path: Path):
        days = [str(d) for d in snapshot.load("daily").dates[-8:]]
        path = tmp_path / "mine.csv"
        rows = "".join(f"{day},{i + 1},3.65,100\n" for i, day in enumerate(days))
        path.write_text(f"date,A,TBILL,CPI\n{rows}")
        made = converted(str(path), "snapshot", symbols=("A",))
        assert made.risk_free
        assert (made.sources["CASH"], made.sources["CPI"]) == ("mine.csv", "mine.csv")

    @pytest.mark.parametrize(
        ("code", "wanted"),
        [
            ("eur", "currency is 'eur'; write three capital letters, as EUR"),
            ("GBX", "currency GBX is hundredths of one; write GBP"),
            ("GBp", "currency GBp is hundredths of one; write GBP"),
            ("EU€", "write three capital letters"),
            ("", "write three capital letters"),
        ],
    )
    def test_a_currency_is_three_letters(self, code: str, wanted: str):
        with pytest.raises(BadPlan, match=wanted):
            make_plan(currency=code)

    def test_a_symbols_currency_too(self):
        with pytest.raises(BadPlan, match="currency is 'dollars'"):
            make_plan(symbol={"A": {"currency": "dollars"}})


class TestParts:
    def test_each_part_is_converted_by_itself(self, table: Table):
        """OLD in dollars at 2 to the euro, NEW in euros: 5 euros, then the returns of NEW."""
        old = table(DAYS[:3], {"OLD": [10, 10, 10]})
        new = table(DAYS[2:], {"NEW": [100, 110, 121, 121]})
        rates = table(DAYS, {"EURUSD": [2.0] * 6})
        own = {"MINE": OwnSymbol(parts=("OLD", "NEW")), "OLD": USD}
        made = converted(old, new, rates, symbols=("MINE",), own=own)
        np.testing.assert_allclose(made.column("MINE"), [5, 5, 5, 5.5, 6.05, 6.05])

    def test_what_is_declared_of_the_whole_is_of_its_parts(self, table: Table):
        both = table(DAYS, {"OLD": [10] * 6, "NEW": [20] * 6, "EURUSD": [2.0] * 6})
        own = {"MINE": OwnSymbol(parts=("OLD", "NEW"), currency="USD")}
        made = converted(both, symbols=("MINE",), own=own)
        np.testing.assert_allclose(made.column("MINE"), 5)


class TestAgainstPandas:
    """300 euros a month since 2015, own funds beside the index fund: an independent program."""

    @pytest.fixture
    def mine(self) -> pd.DataFrame:
        known = snapshot.load("daily")
        days = pd.DatetimeIndex(known.dates)
        days = days[(days >= "2015-01-02") & (days <= "2020-06-30")]
        wave = np.arange(len(days))
        return pd.DataFrame(
            {
                "FUND": 80 * np.cumprod(1 + np.where(wave % 5 == 0, -0.006, 0.002)),
                "EURUSD": 1.1 + 0.1 * np.sin(wave / 90),
            },
            index=days,
        )

    def test_daily(self, mine: pd.DataFrame):
        # Every tenth rate is missing: the one before holds.
        mine = mine.copy()
        mine.loc[mine.index[9::10], "EURUSD"] = np.nan
        window = {"start": date(2015, 1, 2), "end": date(2020, 6, 30)}
        plan = Plan(
            currency="EUR", monthly=300, strategies=("mine", "index-fund"), eras=("w",),
            era={"w": window}, strategy={"mine": {"weights": {"FUND": 0.4, "SP500": 0.6}}},
        )  # fmt: skip
        own, index = compare(plan, prices=[mine, "snapshot"]).replayed.results
        known = snapshot.load("daily")
        sp500 = pd.Series(known.column("SP500"), index=pd.DatetimeIndex(known.dates))
        euros = pd.DataFrame({"FUND": mine["FUND"], "SP500": sp500 / mine["EURUSD"].ffill()})
        euros = euros.loc["2015-01-02":"2020-06-30"]
        for result, weights in ((own, {"FUND": 0.4, "SP500": 0.6}), (index, {"SP500": 1.0})):
            held = euros[list(weights)]
            firsts = held.groupby(held.index.to_period("M")).head(1)
            shares = (300 * pd.Series(weights) / firsts).cumsum().reindex(held.index).ffill()
            worth = (shares * held).sum(axis=1)
            np.testing.assert_allclose(result.course.value, worth.to_numpy(), rtol=1e-12)

    def test_month_ends(self, mine: pd.DataFrame):
        window = {"start": date(2015, 1, 2), "end": date(2020, 6, 30)}
        plan = Plan(
            currency="EUR", monthly=300, strategies=("index-fund",), eras=("w",),
            era={"w": window}, bars="monthly",
        )  # fmt: skip
        (index,) = compare(plan, prices=["snapshot", mine]).replayed.results
        known = snapshot.load("monthly")
        sp500 = pd.Series(known.column("SP500"), index=pd.DatetimeIndex(known.dates))
        sp500 = sp500.loc["2015-01-02":"2020-06-30"]
        euros = sp500 / mine["EURUSD"].reindex(sp500.index, method="ffill")
        worth = float((300 / euros).sum() * euros.iloc[-1])
        assert index.course.value[-1] == pytest.approx(worth, rel=1e-12)

    def test_a_sweep(self, mine: pd.DataFrame):
        rows = sweep(
            "index-fund", prices=["snapshot", mine], years=(2,), monthly=(300.0,), currency="EUR",
            start="2016-01", end="2017-12",
        )  # fmt: skip
        known = snapshot.load("daily")
        sp500 = pd.Series(known.column("SP500"), index=pd.DatetimeIndex(known.dates))
        euros = (sp500 / mine["EURUSD"].reindex(sp500.index)).loc["2016":"2017"]
        firsts = euros.groupby(euros.index.to_period("M")).head(1)
        worth = float((300 / firsts).sum() * euros.iloc[-1])
        assert rows["final_value"].tolist() == [pytest.approx(worth, rel=1e-12)]


class TestTheCommand:
    PLAN = """
    data = ["mine", "snapshot"]
    currency = "EUR"
    monthly = 300
    strategies = ["mine", "index-fund"]
    eras = ["since-2015"]
    [era.since-2015]
    start = 2015-01-02
    end = 2016-06-30
    [strategy.mine]
    weights = {FUND = 1.0}
    """

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        days = snapshot.load("daily").dates
        days = days[(days >= np.datetime64("2015-01-02")) & (days <= np.datetime64("2016-06-30"))]
        Path("mine").mkdir()
        for name, values in (
            ("FUND", 50 + np.arange(len(days)) % 7),
            ("EURUSD=X", 1.1 + np.arange(len(days)) % 3 / 100),
        ):
            rows = "".join(f"{d},{v:.6f}\n" for d, v in zip(days, values, strict=True))
            Path(f"mine/{name}.csv").write_text(f"Date,Adj Close\n{rows}")
        Path("plan.toml").write_text(self.PLAN)
        return tmp_path

    def test_euros_stand_everywhere_and_no_dollar(self, folder, dca):
        code, shown, err = dca("compare", "--plan", "plan.toml", "--out", "r")
        assert (code, err) == (0, "")
        assert "€5,400" in shown
        assert "$" not in shown
        page = Path("r/report.html").read_text()
        assert "€300" in page
        assert "Closing prices in euros" in page
        assert '"sign":"€"' in page
        for line in page.splitlines():
            assert "<script" in line or "${" in line or "$" not in line, line[:200]
        results = json.loads(Path("r/results.json").read_text())
        assert results["plan"]["currency"] == "EUR"
        text = "SP500: quoted in USD, converted to EUR by EURUSD=X of mine"
        assert text in results["runs"][1]["warnings"]

    def test_an_option_says_it_too(self, folder, dca):
        code, _, err = dca("compare", "--plan", "plan.toml", "--currency", "CHF", "--json")
        assert code == 2
        assert "SP500 is in USD and the plan in CHF; give a rate series" in err

    def test_another_currency_has_its_code(self, folder, dca):
        asked = ("compare", "--plan", "plan.toml", "--currency", "SEK", "--strategy", "mine")
        code, shown, _ = dca(*asked, "--out", "r")
        assert code == 0
        assert "SEK 5,400" in shown
        assert "Closing prices in SEK" in Path("r/report.html").read_text()

    def test_a_freeze_holds_what_was_converted(self, folder, dca):
        assert dca("data", "freeze", "ice", "--plan", "plan.toml")[0] == 0
        live = json.loads(dca("compare", "--plan", "plan.toml", "--json")[1])
        frozen = json.loads(dca("compare", "--plan", "plan.toml", "--data", "ice", "--json")[1])
        assert frozen == live
        code, _, err = dca("compare", "--plan", "plan.toml", "--data", "ice", "--currency", "USD")
        assert code == 2
        assert "is in EUR and the plan in USD" in err

    def test_a_sweep_writes_euros(self, folder, dca):
        asked = ("sweep", "--plan", "plan.toml", "--strategy", "index-fund", "--years", "1")
        code, _, err = dca(*asked, "--out", "s")
        assert (code, err) == (0, "")
        assert json.loads(Path("s/summary.json").read_text())["request"]["currency"] == "EUR"

    def test_symbols_toml_declares_it_beside_the_files(self, folder, dca):
        Path("mine/symbols.toml").write_text('[symbol.FUND]\ncurrency = "USD"\n')
        found = json.loads(dca("compare", "--plan", "plan.toml", "--json")[1])
        text = "FUND: quoted in USD, converted to EUR by EURUSD=X of mine"
        assert text in found["runs"][0]["warnings"]

    def test_dollars_leave_no_trace(self):
        plan = make_plan(eras=("dotcom",), strategies=("index-fund",))
        found = json.loads(files.results_json(compare(plan).replayed))
        assert "currency" not in found["plan"]


class TestWords:
    @pytest.mark.parametrize(
        ("currency", "whole", "small", "short", "name"),
        [
            ("USD", "$1,234", "\N{MINUS SIGN}$1.50", "$50k", "dollars"),
            ("EUR", "€1,234", "\N{MINUS SIGN}€1.50", "€50k", "euros"),
            ("GBP", "£1,234", "\N{MINUS SIGN}£1.50", "£50k", "pounds"),
            ("CHF", "CHF\xa01,234", "\N{MINUS SIGN}CHF\xa01.50", "CHF\xa050k", "CHF"),
        ],
    )
    def test_signs(self, currency: str, whole: str, small: str, short: str, name: str):
        with wording.kept_in(currency):
            assert wording.money(1234.4) == whole
            assert wording.money(-1.5) == small
            assert wording.short_money(50_000) == short
            assert wording.money_name() == name
        assert wording.money(1234.4) == "$1,234"

    def test_a_picture_of_a_result_in_euros(self, table: Table):
        from matplotlib.figure import Figure

        prices = table(DAYS, {"A": [1, 2, 3, 4, 5, 6]})
        window = Era("w", "", date(2024, 1, 2), date(2024, 1, 9))
        found = run({"A": 1.0}, prices, window, currency="EUR")
        axes = found.plot(ax=Figure().subplots())
        assert axes.get_ylabel() == "Value in euros"
        assert axes.yaxis.get_major_formatter()(4000) == "€4,000"
        assert "€" in found._repr_html_()
        assert "$" not in found._repr_html_()
