"""Where prices come from: paths, folders, Parquet, bars, rates and the user's own splices."""

import subprocess
import sys
import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from data import snapshot
from data.errors import BadFolder, BadInput, BadPlan, BadPrices, NoPrices, UnknownName
from data.notes import Note, joined
from data.options import Options
from data.prices import PriceTable
from data.resolution import at_period_ends, month_ends, recognise
from data.sessions import sessions
from data.sources import tables, unchecked
from data.splices import OwnSymbol, with_own
from data.window import window
from tests.conftest import make_table, weekdays
from tests.conftest import month_ends as ends

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases"
SESSIONS = ["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"]


def wide(path: Path, columns: dict[str, list[object]], dates: list[str] = SESSIONS) -> Path:
    rows = [",".join(["date", *columns])]
    rows += [",".join(map(str, row)) for row in zip(dates, *columns.values(), strict=True)]
    path.write_text("\n".join(rows) + "\n")
    return path


def one(path: Path, symbol: str, closes: list[float], dates: list[str] = SESSIONS) -> None:
    rows = [f"{d},1,1,1,1,{c},0" for d, c in zip(dates, closes, strict=True)]
    text = "\n".join(["Date,Open,High,Low,Close,Adj Close,Volume", *rows])
    (path / f"{symbol}.csv").write_text(text + "\n")


def daily(where: Path, **options: object) -> PriceTable:
    return tables(str(where), Options(**options))["daily"]()  # type: ignore[arg-type]


class TestWideFiles:
    def test_columns_become_symbols_and_the_bars_are_said(self, tmp_path):
        table = daily(wide(tmp_path / "p.csv", {"AAA": [1, 2, 3, 4, 5, 6]}))
        assert table.symbols == ("AAA",)
        assert table.source == "file"
        assert table.warnings == (
            Note("resolution", "", "p.csv: daily bars, recognised from its dates"),
        )
        assert table.closes[:, 0].tolist() == [1, 2, 3, 4, 5, 6]

    def test_treasury_bills_become_cash_and_consumer_prices_an_index(self, tmp_path):
        columns = {"AAA": [1] * 6, "TBILL": [3.65, "", "", "", "", 0], "CPI": [100, 101, *[""] * 4]}
        table = daily(wide(tmp_path / "p.csv", columns))
        assert table.symbols == ("AAA", "CASH")
        np.testing.assert_allclose(table.column("CASH")[:3], [1, 1.0001, 1.0001 * 1.0003])
        assert table.cpi is not None
        np.testing.assert_allclose(table.cpi.at(table.dates), 101)

    def test_a_yield_may_be_below_zero_and_a_price_may_not(self, tmp_path):
        path = wide(tmp_path / "p.csv", {"AAA": [1] * 6, "TBILL": [-0.1] * 6})
        assert daily(path).column("CASH")[-1] < 1

    @pytest.mark.parametrize(
        ("columns", "why"),
        [
            ({"CPI": [1] * 6}, "holds no symbol beside CPI"),
            ({"AAA": [1] * 6, "TBILL": [1] * 6, "CASH": [1] * 6}, "both CASH and TBILL"),
            ({"AAA": [1] * 6, "BBB": [""] * 6}, "the column BBB has no price"),
        ],
    )
    def test_columns_that_contradict_are_refused(self, tmp_path, columns, why):
        with pytest.raises(BadPrices, match=why):
            daily(wide(tmp_path / "p.csv", columns))

    def test_dialects_are_passed_on(self, tmp_path):
        text = "date;AAA\n02.01.2020;1,5\n03.01.2020;2,5\n06.01.2020;3,5\n"
        (tmp_path / "p.csv").write_text(text)
        table = daily(tmp_path / "p.csv", date_order="dmy", decimal="comma")
        assert table.closes[:, 0].tolist() == [1.5, 2.5, 3.5]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("none.csv", "no file or folder"),
            ("prices.doc", r"neither .csv, .txt, .tsv, .xlsx nor .parquet"),
            ("bad.parquet", "is not a sound Parquet file"),
        ],
    )
    def test_other_paths_are_refused(self, tmp_path, name, why):
        (tmp_path / "prices.doc").write_text("PK")
        (tmp_path / "bad.parquet").write_bytes(b"PAR1" + b"\0" * 50)
        with pytest.raises(BadInput, match=why):
            tables(str(tmp_path / name))

    def test_an_empty_word_is_refused(self):
        with pytest.raises(BadInput, match="--data is empty"):
            tables("")

    def test_a_link_is_refused(self, tmp_path):
        (tmp_path / "l.csv").symlink_to(wide(tmp_path / "p.csv", {"AAA": [1] * 6}))
        (tmp_path / "d").symlink_to(tmp_path)
        for name in ("l.csv", "d"):
            with pytest.raises(BadPrices, match="is a symbolic link"):
                tables(str(tmp_path / name))


class TestFolders:
    def test_one_file_a_symbol_side_by_side(self, tmp_path):
        one(tmp_path, "^IXIC", [1, 2, 3, 4, 5, 6])
        one(tmp_path, "BRK-B", [7, 8, 9, 10], SESSIONS[2:])
        (tmp_path / "README.txt").write_text("not prices")
        (tmp_path / ".hidden.csv").write_text("not prices")
        table = daily(tmp_path)
        assert table.symbols == ("BRK-B", "^IXIC")
        np.testing.assert_array_equal(table.column("BRK-B")[:3], [np.nan, np.nan, 7])

    @pytest.mark.parametrize("name", ["..csv", "A B.csv", "S&.csv", "-rf.csv"])
    def test_a_name_that_is_no_symbol_is_refused(self, tmp_path, name):
        one(tmp_path, "SPY", [1] * 6)
        (tmp_path / "SPY.csv").rename(tmp_path / name)
        with pytest.raises(BadInput, match=r"is not a symbol|holds no \.csv file"):
            tables(str(tmp_path))

    def test_a_link_inside_leads_nowhere(self, tmp_path):
        (tmp_path / "in").mkdir()
        one(tmp_path, "SPY", [1] * 6)
        (tmp_path / "in" / "SPY.csv").symlink_to(tmp_path / "SPY.csv")
        with pytest.raises(BadPrices, match=r"SPY\.csv is a symbolic link"):
            tables(str(tmp_path / "in"))

    def test_a_folder_inside_that_is_called_like_a_file_is_refused(self, tmp_path):
        (tmp_path / "SPY.csv").mkdir()
        with pytest.raises(BadPrices, match=r"SPY\.csv is not a file"):
            tables(str(tmp_path))

    def test_an_empty_folder_is_refused(self, tmp_path):
        with pytest.raises(BadFolder, match=r"holds no \.csv file"):
            tables(str(tmp_path))

    def test_a_folder_of_endless_files_is_refused(self, tmp_path):
        for i in range(1001):
            (tmp_path / f"A{i}.csv").touch()
        with pytest.raises(BadFolder, match=r"holds 1001 \.csv files"):
            tables(str(tmp_path))

    def test_folder_and_wide_file_give_the_same_table(self, tmp_path):
        (tmp_path / "in").mkdir()
        for symbol in ("AAA", "BBB"):
            one(tmp_path / "in", symbol, [1.1, 2.2, 3.3, 4.4, 5.5, 6.6])
        closes: list[object] = [1.1, 2.2, 3.3, 4.4, 5.5, 6.6]
        path = wide(tmp_path / "p.csv", {"AAA": closes, "BBB": closes})
        from_folder, from_file = daily(tmp_path / "in"), daily(path)
        assert from_folder.sha256("AAA") == from_file.sha256("AAA")
        np.testing.assert_array_equal(from_folder.closes, from_file.closes)


class TestParquet:
    @pytest.fixture
    def save(self, tmp_path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        def write(columns: dict[str, object]) -> Path:
            pq.write_table(pa.table(columns), tmp_path / "p.parquet")
            return tmp_path / "p.parquet"

        return write

    @pytest.mark.parametrize("kind", ["text", "date", "stamp"])
    def test_a_wide_table_is_read_whatever_its_dates_are(self, save, kind):
        days = np.array(SESSIONS, dtype="datetime64[D]")
        dates = {"text": SESSIONS, "date": days, "stamp": days.astype("datetime64[ns]")}[kind]
        table = daily(save({"date": dates, "AAA": [1.5, None, 3, 4, 5, 6], "BBB": [1] * 6}))
        np.testing.assert_array_equal(table.column("AAA")[:3], [1.5, np.nan, 3])
        assert table.column("BBB").tolist() == [1] * 6

    @pytest.mark.parametrize(
        ("columns", "why"),
        [
            ({"AAA": [1.0, 2.0]}, "needs a column called date"),
            ({"date": ["2020-01-02", "2020-01-03"]}, "no column beside date"),
            (
                {"date": ["2020-01-02", "2020-01-03"], "a b": [1, 2], "AAA": [1, 2]},
                "column 2 is 'a b', not a symbol",
            ),
            (
                {"date": ["2020-01-02", "2020-01-03"], "AAA": ["1", "2"]},
                "holds string, not numbers",
            ),
            ({"date": ["2020-01-02", "2020-01-03"], "AAA": [1.0, 0.0]}, "row 2, column AAA: 0 is"),
            ({"date": ["2020-01-02", "2020-01-03"], "AAA": [1.0, float("inf")]}, "row 2, column"),
            ({"date": ["2020-01-02", "2020-01-02"], "AAA": [1, 2]}, "row 2: 2020-01-02 stands on"),
            ({"date": ["2020-01-02", "1/3/2020"], "AAA": [1, 2]}, "row 2: '1/3/2020' may be read"),
            ({"date": [2020010, 20200103], "AAA": [1, 2]}, "row 1: '2020010' is not a date"),
        ],
    )
    def test_what_is_no_table_is_refused(self, save, columns, why):
        with pytest.raises(BadPrices, match=why):
            daily(save(columns))

    def test_only_what_is_asked_for_is_read_and_judged(self, save):
        path = save({"date": SESSIONS, "AAA": [1.0] * 6, "BBB": ["x"] * 6, "CASH": [2.0] * 6})
        table = daily(path, symbols=("AAA",))
        assert table.symbols == ("AAA", "CASH")
        with pytest.raises(UnknownName, match="did you mean 'BBB'"):
            table.column("BBC")

    @pytest.mark.parametrize(
        ("columns", "why"),
        [
            ({"date": ["2020-01-02"] * 200_001, "AAA": [1] * 200_001}, "200,001 rows"),
            ({"date": ["x" * 1_000_000] * 2000, "AAA": [1] * 2000}, "a date of over 40 letters"),
            ({"date": [[1], [2]], "AAA": [1, 2]}, "date holds list<.*>, not days"),
            ({"date": SESSIONS[:2], "AAA": [{"a": 1}, {"a": 2}]}, "AAA holds struct<.*>, not numb"),
        ],
    )
    def test_what_unpacks_to_more_or_other_than_prices_is_refused_unread(self, save, columns, why):
        path = save(columns)
        tracemalloc.start()
        with pytest.raises(BadPrices, match=why):
            daily(path)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
        tracemalloc.stop()

    def test_without_pyarrow_the_mend_is_said(self, save, monkeypatch):
        path = save({"date": SESSIONS, "AAA": [1] * 6})
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(BadInput, match="need the package pyarrow; install the extra"):
            daily(path)

    def test_a_damaged_name_is_refused_in_one_line(self, save):
        path = save({"date": [date(2020, 1, 31), date(2020, 2, 29)], "Aå": [1.0, 2.0]})
        path.write_bytes(path.read_bytes().replace("Aå".encode(), b"A\xe5\xe5"))
        with pytest.raises(BadPrices, match="is not a sound Parquet file"):
            tables(str(path))


class TestBars:
    @pytest.mark.parametrize(
        ("dates", "bars"),
        [
            (weekdays("2020-01-02", 40), "daily"),
            (np.arange("2020-01-03", "2021-01-01", 7, dtype="datetime64[D]"), "weekly"),
            (ends("2020-01", 24), "monthly"),
            (np.arange("2020-01", "2022-01", dtype="datetime64[M]").astype("M8[D]"), "monthly"),
            (np.append(ends("2020-01", 24), np.datetime64("2022-01-14")), "monthly"),
        ],
    )
    def test_bars_are_recognised_by_the_usual_step(self, dates, bars):
        assert recognise("p.csv", dates) == bars

    @pytest.mark.parametrize("step", [4, 12, 91, 365])
    def test_other_steps_are_refused(self, step):
        dates = np.datetime64("2000-01-03") + np.arange(10) * step
        with pytest.raises(BadPrices, match=f"dates stand {step} days apart"):
            recognise("p.csv", dates)

    def test_a_month_end_is_the_last_bar_of_the_month_at_its_own_date(self):
        dates = ["2020-01-30", "2020-01-31", "2020-02-27", "2020-02-28", "2020-03-02"]
        thin = month_ends(make_table(dates, {"AAA": [1, 2, 3, 4, 5]}))
        assert [str(d) for d in thin.dates] == ["2020-01-31", "2020-02-28", "2020-03-02"]
        assert thin.column("AAA").tolist() == [2, 4, 5]
        assert thin.bars == "monthly"
        assert "last daily bar of each month" in thin.warnings[-1].text

    def test_a_missing_last_day_takes_a_price_at_most_five_bars_old(self):
        dates = [str(d) for d in weekdays("2020-01-20", 10)]
        none = float("nan")
        thin = month_ends(
            make_table(
                dates,
                {
                    "AAA": [*[1.0] * 4, 7, *[none] * 5],
                    "BBB": [*[1.0] * 3, 7, *[none] * 6],
                    "CCC": [1.0] * 10,
                },
            )
        )
        np.testing.assert_array_equal(thin.closes[-1], [7, none, 1])

    def test_a_daily_file_is_offered_by_the_month_and_a_weekly_one_is_not(self, tmp_path):
        assert list(tables(str(wide(tmp_path / "p.csv", {"A": [1] * 6})))) == ["daily", "monthly"]
        weeks = [str(d) for d in np.arange("2020-01-03", "2020-03-01", 7, dtype="datetime64[D]")]
        path = wide(tmp_path / "w.csv", {"A": [1] * len(weeks)}, weeks)
        assert list(tables(str(path))) == ["weekly"]


class TestOwnSymbols:
    def test_parts_are_chained_at_the_first_common_bar(self):
        none = float("nan")
        table = make_table(SESSIONS[:4], {"OLD": [10, 20, 40, none], "NEW": [none, none, 1, 1.5]})
        own = with_own(table, {"MINE": OwnSymbol(parts=("OLD", "NEW"), label="mine", note="so")})
        assert own.column("MINE").tolist() == [10, 20, 40, 60]
        assert [(p.name, str(p.last)) for p in own.parts["MINE"]] == [
            ("OLD", "2020-01-06"),
            ("NEW", "2020-01-07"),
        ]
        assert joined(own.notes["MINE"]) == "mine; so"
        assert {note.kind for note in own.notes["MINE"]} == {"data"}

    def test_three_parts_chain_one_after_another(self):
        none = float("nan")
        table = make_table(
            SESSIONS[:4],
            {"A": [1, 2, none, none], "B": [none, 10, 20, none], "C": [none, none, 5, 10]},
        )
        own = with_own(table, {"MINE": OwnSymbol(parts=("A", "B", "C"))})
        assert own.column("MINE").tolist() == [1, 2, 4, 8]

    def test_an_own_symbol_takes_the_place_of_the_catalogues_and_of_what_was_said_of_it(self):
        notes = {"A": (Note("data", "A", "old"),)}
        table = make_table(SESSIONS[:2], {"A": [1, 2], "B": [3, 4]}, notes=notes)
        own = with_own(table, {"A": OwnSymbol(parts=("B",))})
        assert own.column("A").tolist() == [3, 4]
        assert own.symbols == ("B", "A")
        assert own.notes["A"] == ()

    @pytest.mark.parametrize(
        ("own", "error", "why"),
        [
            ({"MINE": OwnSymbol(parts=("NONE",))}, UnknownName, "part of the symbol MINE 'NONE'"),
            ({"m/x": OwnSymbol(parts=("A",))}, BadPlan, "symbol.m/x: not a symbol"),
            ({"MINE": OwnSymbol(parts=("A", "LATE"))}, BadPrices, "LATE has no bar in common"),
        ],
    )
    def test_parts_that_cannot_be_had_or_joined_are_refused(self, own, error, why):
        none = float("nan")
        table = make_table(SESSIONS[:3], {"A": [1, 2, none], "LATE": [none, none, 3]})
        with pytest.raises(error, match=why):
            with_own(table, own)

    @pytest.mark.parametrize(
        "parts", [(), ("../x",), ("A", "A"), tuple(f"A{i}" for i in range(11))]
    )
    def test_a_declaration_is_validated_where_it_is_born(self, parts):
        with pytest.raises((ValueError, BadPlan)):
            OwnSymbol(parts=parts)

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"last_price": 0.0}, "it needs the day"),
            ({}, "without parts and without an end"),
            ({"ended": date(2020, 1, 1), "last_price": -1.0}, "greater than or equal to 0"),
            ({"ended": date(2020, 1, 1), "last_price": float("nan")}, "finite"),
        ],
    )
    def test_a_declared_end_is_validated_where_it_is_born(self, facts, why):
        with pytest.raises((ValueError, BadPlan), match=why):
            OwnSymbol(**facts)

    def test_an_end_is_declared_for_a_symbol_the_table_has(self):
        table = make_table(SESSIONS[:4], {"A": [1, 2, 3, 4], "B": [5, 6, 7, 8]})
        own = {"A": OwnSymbol(ended=date(2020, 1, 3), last_price=0.5, note="bankrupt")}
        ended = with_own(table, own)
        np.testing.assert_array_equal(ended.column("A"), [1, 2, np.nan, np.nan])
        assert ended.ended == {"A": date(2020, 1, 3)}
        assert ended.last_prices == {"A": 0.5}
        assert joined(ended.notes["A"]) == "bankrupt"
        with pytest.raises(UnknownName, match="unknown symbol 'C'"):
            with_own(table, {"C": own["A"]})

    def test_a_total_loss_is_declared_beside_the_file_or_in_the_plan(self, tmp_path):
        text = (CASES / "delisted.csv").read_text()
        (tmp_path / "p.csv").write_text(text)
        ended = {"SIVB": OwnSymbol(ended=date(2023, 3, 10), last_price=0.0)}
        in_plan = daily(tmp_path / "p.csv", own=ended)
        with pytest.raises(NoPrices, match=r"and then stops; .*\[symbol\.SIVB\] ended = 2023-03-"):
            window(daily(tmp_path / "p.csv"), ["SIVB", "SPY"], date(2022, 1, 3), None)
        (tmp_path / "symbols.toml").write_text(
            "[symbol.SIVB]\nended = 2023-03-10\nlast_price = 0\n"
            "[symbol.OTHER]\nended = 2023-03-10\n"
        )
        beside = daily(tmp_path / "p.csv", symbols=("SIVB", "SPY"))
        assert beside.last_prices == in_plan.last_prices == {"SIVB": 0.0}
        assert not any("stops on" in note.text for note in beside.notes.get("SIVB", ()))
        view = window(beside, ["SIVB", "SPY"], date(2022, 1, 3), None)
        assert view.closes[view.ends["SIVB"] :, 0].tolist() == [0.0] * (
            len(view.dates) - view.ends["SIVB"]
        )

    @pytest.mark.parametrize(
        "text",
        [
            "[symbol.A]",
            "[symbol]\nA = 1",
            "x",
            "[symbol.A]\nended = 2020-13-01",
            "a = " + "[" * 9999,
            "[symbol.A]\nlast_price = " + "9" * 5000,
            "[symbol.A]\nended = 2020-01-01T00:00:00",
            "[other]\nx = 1",
            "\xff",
        ],
    )
    def test_a_declaration_that_is_none_is_refused_in_one_line(self, tmp_path, text):
        wide(tmp_path / "p.csv", {"A": [1] * 6})
        (tmp_path / "symbols.toml").write_bytes(text.encode("latin-1"))
        with pytest.raises(BadInput, match=r"symbols\.toml") as refused:
            daily(tmp_path / "p.csv")
        assert "\n" not in str(refused.value)
        assert len(str(refused.value).replace(str(tmp_path), "")) < 200

    def test_they_work_on_the_snapshot_and_on_files(self, tmp_path):
        own = {"TECH": OwnSymbol(parts=("IXIC", "QQQ"))}
        table = tables("snapshot", Options(own=own))["daily"]()
        assert str(table.first("TECH")) == "1996-05-31"
        assert table.last("TECH") == table.last("QQQ")
        path = wide(tmp_path / "p.csv", {"IXIC": [1] * 6, "QQQ": [2] * 6})
        assert daily(path, own=own).column("TECH").tolist() == [1] * 6


def test_the_snapshot_is_offered_on_both_resolutions():
    offered = tables("snapshot")
    assert offered["daily"]().symbols == snapshot.load("daily").symbols
    assert offered["monthly"]().bars == "monthly"


def test_a_file_with_an_error_is_refused_and_verified_all_the_same(tmp_path):
    path = wide(tmp_path / "p.csv", {"AAA": [10, 10, 100, 10, 10, 10]})
    with pytest.raises(BadPrices, match="AAA: 10 times the price before on 2020-01-06 and back"):
        window(daily(path), ["AAA"], date(2020, 1, 2), None)
    assert len(unchecked(str(path), Options())) == 1


@pytest.mark.parametrize(
    ("name", "symbol", "why"),
    [
        (
            "pence_then_pounds_monthly",
            "EZJ.L",
            r"0\.00991 times .* on 2023-03-31",
        ),
        ("split_monthly", "WIDG", r"0\.099 times the price before on 2023-06-30: .*a split of 10"),
        (
            "ten_times_in_a_day",
            "MEME",
            "10 times the price before on 2021-01-05: a lost deci",
        ),
    ],
)
def test_a_factor_of_eight_in_a_bar_is_refused_and_may_be_accepted(name, symbol, why):
    path = CASES / f"{name}.csv"
    table = next(iter(tables(str(path)).values()))()
    fault = table.faults[0]
    with pytest.raises(BadPrices, match=rf"{symbol}: {why}.*--accept-jumps {fault.first}"):
        window(table, [symbol], table.first(symbol), None)
    accepted = Options(accept_jumps=tuple(f.first for f in table.faults))
    table = next(iter(tables(str(path), accepted).values()))()
    assert table.faults == ()
    assert "accepted as it is" in joined(n for n in table.notes[symbol] if n.kind == "jump")
    assert window(table, [symbol], table.first(symbol), None).symbols == (symbol,)


def test_what_is_wrong_outside_the_window_or_in_another_symbol_is_a_note(tmp_path):
    days = [str(d) for d in weekdays("2020-01-02", 40)]
    closes = [100.0 + at % 3 for at in range(40)]
    wrong = [*closes[:10], *(10 * close for close in closes[10:])]
    table = daily(wide(tmp_path / "p.csv", {"GOOD": closes, "BAD": wrong}, days))
    assert window(table, ["GOOD"], date(2020, 1, 2), None).notes == ()
    (note,) = window(table, ["GOOD", "BAD"], date(2020, 1, 20), None).notes
    assert str(note).startswith("BAD: 10.1 times the price before on 2020-01-16")
    assert str(note).endswith("(outside this window)")
    with pytest.raises(BadPrices, match="^BAD: 10.1 times the price before on 2020-01-16"):
        window(table, ["GOOD", "BAD"], date(2020, 1, 15), None)


class TestPeriodStarts:
    """Bars that a source dates at the start of their month or week."""

    @pytest.mark.parametrize(
        ("name", "bars", "first", "last", "rows"),
        [
            ("monthly_dated_first_with_live_row", "monthly", "2022-01-31", "2023-12-29", 24),
            ("weekly_dated_monday", "weekly", "2022-01-07", "2023-12-29", 104),
        ],
    )
    def test_yahoos_downloads_are_dated_to_their_last_session(self, name, bars, first, last, rows):
        table = tables(str(CASES / f"{name}.csv"))[bars]()
        assert (str(table.dates[0]), str(table.dates[-1]), len(table.dates)) == (first, last, rows)
        assert "dated at the start of their" in table.warnings[-1].text
        days = table.dates.astype("datetime64[D]")
        assert np.isin(days, sessions(days[0], days[-1])).all()

    def test_two_rows_of_a_running_month_become_its_newest(self, tmp_path, monkeypatch):
        moment = datetime(2026, 9, 18, 12, tzinfo=UTC)
        monkeypatch.setattr("data.sessions.now", lambda: moment)
        rows = {"SPY": [1, 2, 3, ""], "VTI": [1, 2, 3, 4]}
        days = ["2026-07-01", "2026-08-01", "2026-09-01", "2026-09-17"]
        table = tables(str(wide(tmp_path / "p.csv", rows, days)))["monthly"]()
        assert [str(d) for d in table.dates] == ["2026-07-31", "2026-08-31", "2026-09-17"]
        assert table.closes[-1].tolist() == [3, 4]

    def test_an_unfinished_month_is_dated_no_later_than_today(self):
        firsts = np.array(["2026-07-01", "2026-08-01", "2026-09-01"], dtype="datetime64[D]")
        dated = at_period_ends(firsts, "monthly", np.datetime64("2026-09-18"), new_york=True)
        assert [str(d) for d in dated] == ["2026-07-31", "2026-08-31", "2026-09-18"]

    def test_other_exchanges_end_their_weeks_on_fridays(self):
        sundays = np.arange("2022-04-03", "2022-05-01", 7, dtype="datetime64[D]")
        today = np.datetime64("2026-09-18")
        dated = at_period_ends(sundays, "weekly", today, new_york=False)
        assert [str(d) for d in dated] == ["2022-04-08", "2022-04-15", "2022-04-22", "2022-04-29"]
        good_friday = at_period_ends(sundays, "weekly", today, new_york=True)
        assert str(good_friday[1]) == "2022-04-14"

    @pytest.mark.parametrize("bars", ["daily", "weekly", "monthly"])
    def test_dates_at_the_end_of_their_periods_are_left_alone(self, bars):
        dates = {
            "daily": weekdays("2020-01-06", 5),
            "weekly": np.arange("2020-01-03", "2020-05-01", 7, dtype="datetime64[D]"),
            "monthly": ends("2020-01", 24),
        }[bars]
        assert at_period_ends(dates, bars, np.datetime64("2026-09-18"), new_york=True) is None


@pytest.mark.parametrize("library", ["yfinance", "curl_cffi", "exchange_calendars", "pandas"])
def test_the_snapshot_loads_nothing_of_the_network(library):
    code = (
        "import sys; from data.sources import tables; "
        "[load() for load in tables('snapshot').values()]; "
        f"sys.exit({library!r} in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
