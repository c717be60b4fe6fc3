"""What people download: every kind rebuilt in small, read as it comes, worth what it must be."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from backtests import run
from data.errors import BadInput, BadPrices, UnknownSymbol
from data.notes import joined
from data.options import Options
from data.prices import PriceTable
from data.sources import tables
from data.splices import OwnSymbol
from tests.conftest import weekdays

DAYS: list[date] = [d.astype(object) for d in weekdays("2022-01-03", 60)]
PRICES = [round(475.79 + 9.37 * float(np.sin(at / 5)) + 0.11 * at, 2) for at in range(60)]
ROWS = list(zip(DAYS, PRICES, strict=True))
MONTHS = [date(2020 + at // 12, 1 + at % 12, 1) for at in range(24)]
MONTHLY = list(zip(MONTHS, [1100.5 + 3 * at for at in range(24)], strict=True))
NEWEST = ROWS[::-1]
Written = tuple[str, str | bytes]


def table(header: str, row: Callable[[date, float], str], rows: Sequence = ROWS) -> str:
    return "\n".join([header, *(row(day, price) for day, price in rows), ""])


def us(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def german(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def comma(price: float, thousands: float = 1) -> str:
    text = f"{price * thousands:,.2f}"
    return text.translate(str.maketrans(",.", ".,"))


def ohlc(price: float) -> str:
    return f"{price},{price + 1},{price - 1},{price}"


# What stands in each kind of file beside the closes is wrong on purpose: only these may be read.
KINDS: dict[str, Written] = {
    "yfinance history": ("FUND.csv", table(
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
        lambda d, p: f"{d} 00:00:00-05:00,{ohlc(p)},1000,0.0,0.0")),
    "yfinance history with a time in UTC": ("FUND.csv", table(
        "Datetime,Open,High,Low,Close,Volume", lambda d, p: f"{d}T16:00:00.000Z,{ohlc(p)},1")),
    "yfinance, three headers": ("any.csv", table(
        "Price,Adj Close,Close,High,Volume\nTicker,FUND,FUND,FUND,FUND\nDate,,,,",
        lambda d, p: f"{d},{p},1,2,1000")),
    "yfinance, by ticker": ("any.csv", table(
        "Ticker,FUND,FUND,BND,BND\nPrice,Close,Volume,Close,Volume\nDate,,,,",
        lambda d, p: f"{d},{p},1000,7.5,10")),
    "yfinance, two tickers by field": ("any.csv", table(
        "Price,Close,Close,Volume,Volume\nTicker,BND,FUND,BND,FUND\nDate,,,,",
        lambda d, p: f"{d},7.5,{p},1000,1000")),
    "yfinance of old, a nameless corner": ("any.csv", table(
        ",Adj Close,Adj Close,Close,Close\n,BND,fund,BND,fund\nDate,,,,",
        lambda d, p: f"{d},7.5,{p},1,1")),
    "yfinance without the dates' name": ("any.csv", table(
        "Price,Close,Close\nTicker,BND,FUND", lambda d, p: f"{d},7.5,{p}")),
    "yahoo, downloaded": ("FUND (1).csv", table(
        "Date,Open,High,Low,Close,Adj Close,Volume",
        lambda d, p: f"{d},1,2,1,9,{p},1000" if d.day != 17 else f"{d}{',null' * 6}",
        [*ROWS[:4], (date(2022, 1, 17), 0.0), *[r for r in ROWS if r[0] > date(2022, 1, 6)
                                               and r[0].day != 17]])),
    "yahoo, pasted": ("FUND.tsv", table(
        "Date\tOpen\tHigh\tLow\tClose*\tAdj Close**\tVolume",
        lambda d, p: f"{d:%b} {d.day}, {d.year}\t1.00\t2.00\t1.00\t9.00\t{p}\t122,234,100"
        + (f"\n{d:%b} {d.day}, {d.year}\t1.906 Dividend" if d.day == 14 else "")
        + (f"\n{d:%b} {d.day}, {d.year}\t10:1 Stock Splits" if d.day == 8 else ""), NEWEST)
        + "*Close price adjusted for splits. **Adjusted close price adjusted for more\n"),
    "yahoo, pasted of late": ("FUND.tsv", table(
        "Date\tOpen\tClose \nClose price adjusted for splits.\n\tAdj Close \nAdjusted close price "
        "adjusted for splits and dividend and/or capital gain distributions.\n\tVolume",
        lambda d, p: f"{d:%b} {d.day}, {d.year}\t1.00\t9.00\t{p}\t122,234,100", NEWEST)),
    "comdirect in Windows-1252": ("any.csv", (
        '"Historische Kurse"\r\n\r\n' + table(
            '"Datum";"Eröffnung";"Schluss";"Währung";"WKN"',
            lambda d, p: f'"{german(d)}";"1,00";"{comma(p)}";"€";"FUND"', NEWEST)
        ).encode("cp1252")),
    "a row's ISIN beside its ticker": ("any.csv", table(
        "Datum;Ticker;ISIN;Kurs", lambda d, p: f"{german(d)};ABC;FUND;{comma(p)}")),
    "a numbered index that pandas named": ("p.csv", table(
        "Unnamed: 0,Date,FUND", lambda d, p: f"{d.day},{d},{p}")),
    "a numbered index": ("p.csv", table(",Date,FUND", lambda d, p: f"{d.day},{d},{p}")),
    "stooq": ("fund_us_d.csv", table(
        "Date,Open,High,Low,Close,Volume", lambda d, p: f"{d},{ohlc(p)},1000")),
    "stooq in Polish": ("fund_d.csv", table(
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen",
        lambda d, p: f"{d},{ohlc(p)},1000")),
    "stooq in bulk": ("fund.us.txt", table(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
        lambda d, p: f"FUND.US,D,{d:%Y%m%d},000000,{ohlc(p)},1000,0")),
    "alpha vantage": ("daily_adjusted_FUND.csv", table(
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient",
        lambda d, p: f"{d},1,2,1,9,{p},1000,0.0000,1.0", NEWEST)),
    "alpha vantage, unadjusted": ("daily_FUND.csv", table(
        "timestamp,open,high,low,close,volume", lambda d, p: f"{d},{ohlc(p)},1000", NEWEST)),
    "tiingo": ("FUND.csv", table(
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor",
        lambda d, p: f"{d}T00:00:00.000Z,9,2,1,1,10,{p},2,1,1,10,0.0,1.0")),
    "nasdaq.com": ("HistoricalData_1704.csv", table(
        "Date,Close/Last,Volume,Open,High,Low",
        lambda d, p: f"{d:%m/%d/%Y},${p},1000,$1.00,$2.00,$1.00", NEWEST)),
    "nasdaq.com, a week of two readings": ("HistoricalData_1704.csv", table(
        "Date,Close/Last,Volume,Open,High,Low",
        lambda d, p: f"{d:%m/%d/%Y},${p},1000,$1.00,$2.00,$1.00", ROWS[:5][::-1])),
    "fred": ("fredgraph.csv", table(
        "observation_date,FUND", lambda d, p: f"{d}," if d.day == 17 else f"{d},{p}",
        [*ROWS[:10], (date(2022, 1, 17), 0.0), *ROWS[11:]])),
    "fred of old": ("FUND.csv", table(
        "DATE,VALUE", lambda d, p: f"{d}," + ("." if d.day == 17 else f"{p}"),
        [*ROWS[:10], (date(2022, 1, 17), 0.0), *ROWS[11:]])),
    "googlefinance": ("googlefinance.csv", table(
        "Date,Close", lambda d, p: f"{us(d)} 16:00:00,{p}")),
    "investing.com": ("FUND ETF Stock Price History.csv", "\ufeff" + table(
        '"Date","Price","Open","High","Low","Vol.","Change %"',
        lambda d, p: f'"{d:%m/%d/%Y}","{p:,.2f}","1.00","2.00","1.00","77.12M","+0.12%"', NEWEST)),
    "investing.com of old": ("FUND Historical Data.csv", table(
        '"Date","Price","Open","High","Low","Vol.","Change %"',
        lambda d, p: f'"{d:%b %d, %Y}","{p:,.2f}","1.00","2.00","1.00","77.12K","-0.12%"', NEWEST)),
    "investing.com in German": ("FUND Historical Data.csv", table(
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"',
        lambda d, p: f'"{german(d)}","{comma(p)}","1,00","2,00","1,00","1,2M","0,12%"', NEWEST)),
    "macrotrends": ("MacroTrends_Data_Download_FUND.csv", 'Macrotrends Data Download\n\nPrices'
        '\nDisclaimer: Historical data, is provided "as is" and solely for information, not for'
        " trading.\n\n\n" + table("date,open,high,low,close,volume",
                                  lambda d, p: f"{d},{ohlc(p)},1000")),
    "barchart": ("fund_daily_historical-data-01-02-2024.csv", table(
        "Time,Open,High,Low,Last,Change,%Chg,Volume",
        lambda d, p: f"{d:%m/%d/%Y},1,2,1,{p},1,+0.1%,1000", NEWEST)
        + '"Downloaded from Barchart.com as of 01-02-2024 09:00am CST"\n'),
    "a footer in several cells": ("p.csv", table("Date,FUND", lambda d, p: f"{d},{p}")
        + "\nSource: the exchange, as it says\nAll rights reserved.\n"),
    "german broker": ("p.csv", "\ufeff" + table(
        "Datum;FUND", lambda d, p: f"{german(d)};{comma(p)}")),
    "german bank, a field": ("FUND.csv", table(
        "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen",
        lambda d, p: f"{german(d)};1,00;2,00;1,00;{comma(p)} EUR;1.000;2.000.000", NEWEST)),
    "german bank, an ISIN a row": ("any.csv", table(
        "ISIN;Datum;Kurs in EUR", lambda d, p: f"FUND;{german(d)};{comma(p)} €")),
    "excel's own separator": ("p.csv", table(
        "sep=;\nDate;FUND", lambda d, p: f"{german(d)};{comma(p)}").replace("\n", "\r\n")),
    "an unnamed index": ("p.csv", table(",FUND", lambda d, p: f"{d},{p}")),
    "an index of another name": ("p.csv", table("index,FUND", lambda d, p: f"{d},{p}")),
    "dates last": ("p.csv", table("FUND,Date", lambda d, p: f"{p},{d}")),
    "month names": ("p.csv", table("Date,FUND", lambda d, p: f"{d:%d-%b-%Y},{p}")),
    "nothing in many ways": ("p.csv", table(
        "Date,FUND", lambda d, p: f"{d},{p}", ROWS[:30]) + "2022-02-12,#N/A\n2022-02-13,NaN\n"
        + table("2022-02-13,N/A", lambda d, p: f"{d},{p}", ROWS[30:])),
    "a last row that is there twice": ("p.csv", table(
        "Date,FUND", lambda d, p: f"{d},{p}", [*ROWS, ROWS[-1]])),
    "a live row on top": ("p.csv", table(
        "Date,FUND", lambda d, p: f"{d} 16:00:01,{p}", [NEWEST[0], *NEWEST])),
    "swiss thousands": ("p.csv", table("Datum;FUND", lambda d, p: f"{german(d)};{p:,.2f}".replace(
        ",", "'"))),
    "separators at the ends": ("p.csv", table("Date;FUND", lambda d, p: f"{d};{p};;") + ";;;\n"),
}  # fmt: skip


@pytest.fixture
def put(tmp_path):
    def write(written: Written) -> Path:
        name, text = written
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def naive(rows: Sequence[tuple[date, float]]) -> float:
    """Put 1,000 in on each month's first row, and count what it is worth on the last."""
    shares, months = 0.0, set()
    for day, price in rows:
        if (day.year, day.month) not in months:
            months.add((day.year, day.month))
            shares += 1000 / price
    return shares * rows[-1][1]


def daily(path: Path, *symbols: str, **options: object) -> PriceTable:
    return tables(str(path), Options(symbols=symbols, **options))["daily"]()  # type: ignore[arg-type]


def dated(table: PriceTable, symbol: str) -> list[tuple[date, float]]:
    days, closes = table.dates.astype("datetime64[D]").tolist(), table.column(symbol).tolist()
    return [(day, close) for day, close in zip(days, closes, strict=True) if close == close]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_to_the_digit(kind, put):
    got = dated(daily(put(KINDS[kind]), "FUND"), "FUND")
    assert set(got) <= set(ROWS)
    assert len(got) >= (5 if "week" in kind else 55)


@pytest.mark.parametrize("kind", [k for k in KINDS if "week" not in k])
def test_every_kind_is_worth_what_a_naive_count_says(kind, put, dca):
    path = put(KINDS[kind])
    rows = dated(daily(path, "FUND"), "FUND")
    words = ("--weights", "fund", "--from", "2022-01-03", "--to", "2022-03-25", "--json")
    code, out, err = dca("run", "--data", str(path), *words)
    assert (code, err) == (0, "")
    (found,) = json.loads(out)["runs"]
    assert found["metrics"]["final_value"] == pytest.approx(naive(rows), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "text", "symbol"),
    [
        ("monthly_adjusted_FUND.csv", table(
            "timestamp,open,high,low,close,adjusted close,volume,dividend amount",
            lambda d, p: f"{d},1,2,1,9,{p},1000,0.0", MONTHLY[::-1]), "FUND"),
        ("data.csv", table(
            "Date,SP500,Dividend,Earnings,Consumer Price Index,Long Interest Rate,Real Price,PE10",
            lambda d, p: f"{d},{p},16.2,38.1,{d.year - 1900},4.7,2254,40", MONTHLY), "SP500"),
        ("ie_data.csv", table(
            "Date,P,D,E,CPI,Fraction",
            lambda d, p: f"{d:%Y}.{'1' if d.month == 10 else f'{d:%m}'},{p},16,38,{d:%y},1999.5",
            MONTHLY), "SP500"),
        ("FUND.csv", table(
            "Date,Adj Close", lambda d, p: f"{d},{p}\n{d.replace(day=7)},", MONTHLY), "FUND"),
        ("FUND.csv", table("Monat;Kurs", lambda d, p: f"{d:%Y-%m};{comma(p)}", MONTHLY), "FUND"),
        ("FUND.csv", table("Date,Close", lambda d, p: f"{d:%b %Y},{p}", MONTHLY), "FUND"),
        ("FUND.csv", table("Date,Close", lambda d, p: f"{d:%m/%d/%Y},{p}", MONTHLY[::-1]), "FUND"),
        ("FUND.csv", table("Date,Close", lambda d, p: f"{d:%d/%m/%Y},{p}", MONTHLY), "FUND"),
    ],
)  # fmt: skip
def test_monthly_kinds_are_worth_what_a_naive_count_says(name, text, symbol, put, dca, tmp_path):
    words = ("--weights", symbol, "--from", "2020-01-31", "--to", "2021-12-31", "--json")
    code, out, err = dca("run", "--data", str(put((name, text))), *words)
    assert (code, err) == (0, "")
    (found,) = json.loads(out)["runs"]
    assert found["bars"] == 24
    assert found["metrics"]["final_value"] == pytest.approx(naive(MONTHLY), rel=1e-9)
    if name in ("data.csv", "ie_data.csv"):
        assert tables(str(tmp_path / name))["monthly"]().cpi is not None
        assert any("averages of each month's days" in text for text in found["warnings"])


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


class TestWorkbooks:
    ROWS = (("Date", "Close"), *((datetime(d.year, d.month, d.day, 16), p) for d, p in ROWS))

    def test_a_sheet_of_dates_is_read_and_a_sheet_of_prose_is_not(self, tmp_path):
        path = workbook(tmp_path / "FUND.xlsx", README=[["About"], ["FRED", 1]], Daily=self.ROWS)
        assert dated(daily(path, "FUND"), "FUND") == ROWS

    def test_names_that_span_several_columns_are_read(self, tmp_path):
        head = (("Price", "Close", None, "Volume"), ("Ticker", "BND", "FUND", "FUND"), ("Date",))
        path = workbook(tmp_path / "p.xlsx", Sheet1=[*head, *((d, 7.5, p, 1) for d, p in ROWS)])
        assert dated(daily(path, "FUND"), "FUND") == ROWS

    def test_numbers_have_one_reading(self, tmp_path):
        prices = [998.0, 1.234, 998.5, 1001]
        rows = [("Date", "A"), *zip((d for d, _ in ROWS), prices, strict=False)]
        table = tables(str(workbook(tmp_path / "p.xlsx", a=rows)), Options())["daily"]()
        assert table.column("A").tolist() == prices

    @pytest.mark.parametrize(
        ("sheets", "why"),
        [
            ({"a": ROWS, "b": ROWS}, "several sheets of dates: a, b; keep one"),
            ({"a": [["x"]]}, "line 1: the header begins with 'x'"),
            ({"a": []}, r"p\.xlsx is empty"),
        ],
    )
    def test_other_workbooks_are_refused(self, tmp_path, sheets, why):
        with pytest.raises(BadPrices, match=why):
            tables(str(workbook(tmp_path / "p.xlsx", **sheets)))

    def test_what_is_no_workbook_is_refused_in_a_line(self, tmp_path):
        path = workbook(tmp_path / "p.xlsx", a=self.ROWS)
        raw = path.read_bytes()
        for spoiled in (b"PK", raw[:900], raw[:300] + b"\xff" * 50 + raw[350:], b""):
            path.write_bytes(spoiled)
            with pytest.raises(BadPrices, match=r"p\.xlsx") as refused:
                tables(str(path))
            assert len(str(refused.value).splitlines()) == 1

    def test_what_unpacks_to_more_is_refused(self, tmp_path, monkeypatch):
        path = workbook(tmp_path / "p.xlsx", a=self.ROWS)
        monkeypatch.setattr("data.files.workbook._MOST_BYTES", 1000)
        with pytest.raises(BadPrices, match="unpacks to .* bytes, over 1,000; split it"):
            tables(str(path))

    def test_without_openpyxl_the_mend_is_said(self, tmp_path, monkeypatch):
        path = workbook(tmp_path / "p.xlsx", a=self.ROWS)
        monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
        with pytest.raises(BadInput, match="need the package openpyxl; install the extra"):
            tables(str(path))


class TestFramesAndParquet:
    def frame(self, columns):
        import pandas as pd

        values = np.column_stack([np.full(60, 7.5), PRICES, np.full(60, 1000.0)])
        return pd.DataFrame(values, columns=columns, index=pd.DatetimeIndex(DAYS, name="Date"))

    @pytest.mark.parametrize(
        "columns",
        [
            ["Open", "Close", "Volume"],
            ["Close", "Adj Close", "Volume"],
            [("Close", "BND"), ("Close", "FUND"), ("Volume", "FUND")],
            [("BND", "Close"), ("FUND", "Close"), ("FUND", "Volume")],
            ["BND", "fund", "Volume"],
        ],
    )
    def test_a_frame_of_yfinance_is_read_like_its_file(self, columns):
        import pandas as pd

        double = isinstance(columns[0], tuple)
        frame = self.frame(pd.MultiIndex.from_tuples(columns) if double else columns)
        got = run({"FUND": 1}, prices=frame, monthly=1000)
        assert got.measures["final_value"] == pytest.approx(naive(ROWS), rel=1e-9)

    def test_two_rows_of_names_without_a_price_are_refused(self):
        import pandas as pd

        columns = pd.MultiIndex.from_tuples([("A", "B"), ("C", "D"), ("E", "F")])
        with pytest.raises(BadPrices, match="the DataFrame: two rows name its columns, and none"):
            run({"FUND": 1}, prices=self.frame(columns))

    def test_parquet_has_the_same_rules(self, tmp_path):
        self.frame(["Open", "Close", "Volume"]).to_parquet(tmp_path / "FUND.parquet")
        assert dated(daily(tmp_path / "FUND.parquet", "FUND"), "FUND") == ROWS
        self.frame(["Symbol", "Close", "Volume"]).to_parquet(tmp_path / "rows.parquet")
        with pytest.raises(BadPrices, match="names its symbols row by row; give each a column"):
            daily(tmp_path / "rows.parquet", "FUND")


class TestFolders:
    def test_a_folder_of_mixed_exports_is_one_table(self, tmp_path, put):
        kinds = {
            "^spx_d.csv": "stooq", "SPY (1).csv": "yahoo, downloaded", "agg_us_d.csv": "stooq",
            "vod_uk_d.csv": "stooq in Polish", "%5EGSPC.csv": "yfinance history",
            "gld.us.txt": "stooq in bulk", "IE00B4L5Y983.csv": "german bank, a field",
            "two.csv": "yfinance, two tickers by field", "qqq.csv": "tiingo",
            "MacroTrends_Data_Download_T.csv": "macrotrends",
        }  # fmt: skip
        for name, kind in kinds.items():
            text = KINDS[kind][1]
            assert isinstance(text, str)
            put((name, text.replace("FUND.US", "GLD.US") if name == "gld.us.txt" else text))
        put(("README.txt", "not prices"))
        table = tables(str(tmp_path), Options())["daily"]()
        wanted = "^SPX SPY AGG VOD.UK ^GSPC GLD IE00B4L5Y983 FUND BND QQQ T"
        assert set(table.symbols) == set(wanted.split())
        for symbol in set(table.symbols) - {"BND"}:
            assert set(dated(table, symbol)) <= set(ROWS)
        assert daily(tmp_path, "FUND").symbols == ("FUND",)
        assert daily(tmp_path, "SPY").symbols == ("SPY",)

    def test_a_declared_file_and_column_have_their_symbol(self, tmp_path, put):
        put(("HistoricalData_17.csv", KINDS["nasdaq.com"][1]))
        put(("two.csv", table("Datum;Kurs A;Anteil B", lambda d, p: f"{d};1.5;{p}")))
        put(("symbols.toml", '[symbol.WORLD]\nfile = "HistoricalData_17.csv"\ntitle = "My fund"\n'
             '[symbol.B]\nfile = "two.csv"\ncolumn = "Anteil B"\n'))  # fmt: skip
        read = tables(str(tmp_path), Options())["daily"]()
        assert set(read.symbols) == {"WORLD", "B"}
        assert dated(read, "WORLD") == dated(read, "B") == ROWS
        assert "My fund" in joined(read.notes["WORLD"])

    def test_a_declared_column_stands_beside_others_of_its_file(self, tmp_path, put):
        put(("p.csv", table("Date;iShares Core;SPY;Notes on it", lambda d, p: f"{d};{p};2.5;x")))
        own = {"WORLD": OwnSymbol(column="iShares Core")}
        read = tables(str(tmp_path / "p.csv"), Options(own=own))["daily"]()
        assert read.symbols == ("WORLD", "SPY")
        assert dated(read, "WORLD") == ROWS
        put(("two.csv", KINDS["yfinance, two tickers by field"][1]))
        own = {"WORLD": OwnSymbol(column="fund", title="The world")}
        read = daily(tmp_path / "two.csv", "WORLD", own=own)
        assert dated(read, "WORLD") == ROWS

    def test_two_files_of_one_symbol_are_refused(self, tmp_path, put):
        put(("SPY.csv", KINDS["stooq"][1]))
        put(("SPY (1).csv", KINDS["stooq"][1]))
        with pytest.raises(BadPrices, match=r"SPY \(1\)\.csv and SPY\.csv both hold SPY; keep one"):
            tables(str(tmp_path))

    def test_a_file_without_a_symbol_is_refused_with_the_mend(self, tmp_path, put):
        put(("S&P 500 Historical Data.csv", KINDS["investing.com"][1]))
        with pytest.raises(BadPrices, match=r"not a symbol; .* or declare it: \[symbol\.NAME\] fi"):
            tables(str(tmp_path))

    def test_what_no_file_has_is_an_unknown_symbol(self, tmp_path, put):
        put(("SPY.csv", KINDS["stooq"][1]))
        with pytest.raises(UnknownSymbol, match="unknown symbol 'AGG'; .* SPY"):
            daily(tmp_path, "AGG").column("AGG")

    @pytest.mark.parametrize("name", ["../p.csv", "/etc/passwd", "sub/p.csv"])
    def test_a_declared_file_leads_nowhere_else(self, tmp_path, put, name):
        put(("SPY.csv", KINDS["stooq"][1]))
        own = {"X": OwnSymbol(file=name)}
        with pytest.raises(BadInput, match="unknown symbol 'X'"):
            tables(str(tmp_path), Options(symbols=("X",), own=own))


class TestTakenForWhat:
    """What is said, in `dca data verify` and beside the figures."""

    def test_it_stands_in_the_report_and_in_verify(self, put, dca):
        path = put(("HistoricalData_17.csv", KINDS["nasdaq.com"][1]))
        words = ("--weights", "FUND", "--from", "2022-01-03", "--to", "2022-03-25", "--json")
        warnings = json.loads(dca("run", "--data", str(path), *words)[1])["runs"][0]["warnings"]
        text = "HistoricalData_17.csv: prices are its column Close/Last as it stands, with"
        assert any(text in w and "dates are read month first" in w for w in warnings)
        assert any("the one series of HistoricalData_17.csv is taken for it" in w for w in warnings)
        code, out, _ = dca("data", "verify", "--data", str(path))
        assert code == 0
        assert text in out

    def test_the_adjusted_column_needs_no_warning_about_dividends(self, put):
        said = joined(daily(put(KINDS["alpha vantage"]), "FUND").notes["FUND"])
        assert said == "daily_adjusted_FUND.csv: prices are its column adjusted_close"

    @pytest.mark.parametrize("kind", ["german bank, a field", "german bank, an ISIN a row"])
    def test_a_currency_that_is_written_is_said(self, kind, put):
        said = joined(daily(put(KINDS[kind]), "FUND").notes["FUND"])
        assert "prices are written in EUR" in said

    def test_a_name_inside_is_said(self, put):
        path = put(("p.csv", table("Datum;EUNL.DE", lambda d, p: f"{d};{p}")))
        (note,) = daily(path, "FUND").notes["FUND"]
        assert note.text == "the one series of p.csv, called EUNL.DE there, is taken for it"
        assert note.kind == "stand-in"

    @pytest.mark.parametrize(("inside", "asked"), [("NVDA", "MSFT"), ("BOND", "MY-FUND")])
    def test_a_name_of_the_catalogue_is_taken_for_nothing_else(self, put, inside, asked):
        path = put(("p.csv", table(f"date,{inside}", lambda d, p: f"{d},{p}")))
        with pytest.raises(UnknownSymbol, match=f"unknown symbol '{asked}'; .*{inside}"):
            daily(path, asked).column(asked)

    def test_of_two_symbols_none_is_taken_for_another(self, put):
        path = put(("p.csv", table("date,AAA", lambda d, p: f"{d},{p}")))
        with pytest.raises(UnknownSymbol, match="unknown symbol 'BBB'"):
            daily(path, "AAA", "BBB").column("BBB")

    def test_a_plain_table_says_nothing(self, put):
        read = daily(put(("p.csv", table("date,FUND", lambda d, p: f"{d},{p}"))), "FUND")
        assert "FUND" not in read.notes
        assert len(read.warnings) == 1


class TestWhatHasTwoReadings:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (table("Date,Close,Last", lambda d, p: f"{d},{p},{p}"),
             "Close and Last may each be the prices; say --price-column 'Close' or --price-column"),
            (table("Date,Adj Close,Adjusted Close", lambda d, p: f"{d},{p},{p}"), "say --price"),
            (table("Date,Open,High,Low", lambda d, p: f"{d},{p},{p},{p}"),
             "no price column among Open, High, Low; name one with --price-column"),
            (table("Date,Close", lambda d, p: f"{d.month}/{d.day}/2022,{p}", ROWS[:5]),
             "'1/3/2022' may be read in two ways; .* --date-order mdy or dmy"),
            (table("Date,Close", lambda d, p: f"{d:%m/%d/%Y},{p}", MONTHLY[:12]),
             "'01/01/2020' may be read in two ways"),
            (table("Date,Close", lambda d, p: f"{us(d)},{p}") + "31/3/2022,5\n",
             "31/3/2022 beside 1/13/2022 on line 10: no order of day and month fits both"),
            (table("Date;Close", lambda d, p: f"{d};{comma(p)}") + "2022-12-01;1.5\n",
             "1.5 beside .* on line 2: no decimal mark fits both; say --decimal"),
            (table("Date;Close", lambda d, p: f"{d};{int(p)},125"),
             "'475,125' may be read in two ways; say --decimal point or --decimal comma"),
            (table("Date,Close", lambda d, p: f"{d},{p}") + "foo,5\n", "line 62: 'foo' is not"),
            (table("Date,Close", lambda d, p: f"{d},{p}") + "2022-03-25,5\n",
             "line 62: 2022-03-25 stands on line 61 already"),
            (table("Ticker,Date,Close", lambda d, p: f"A B,{d},{p}"), "'A B' is not a symbol"),
        ],
    )  # fmt: skip
    def test_it_is_an_error_that_names_what_settles_it(self, put, text, why):
        with pytest.raises(BadInput, match=why) as refused:
            daily(put(("FUND.csv", text)), "FUND")
        assert len(str(refused.value)) < 250

    def test_the_column_asked_for_settles_it(self, put, dca):
        path = put(("FUND.csv", table("Date,Adj Close,Last", lambda d, p: f"{d},7,{p}")))
        words = ("--weights", "FUND", "--from", "2022-01-03", "--to", "2022-03-25", "--json")
        out = dca("run", "--data", str(path), "--price-column", "last", *words)[1]
        (found,) = json.loads(out)["runs"]
        assert found["metrics"]["final_value"] == pytest.approx(naive(ROWS), rel=1e-9)
        assert any("prices are its column Last, as asked" in text for text in found["warnings"])
        code, _, err = dca("run", "--data", str(path), "--price-column", "NAV", *words)
        assert code == 2
        assert "no column 'NAV' among Adj Close, Last" in err

    @pytest.mark.parametrize(
        ("cells", "prices"),
        [
            (("1,234", "1,234.5", "999"), [1234, 1234.5, 999]),
            (("1.234", "1.234,5", "999"), [1234, 1234.5, 999]),
            (("0,512", "1,25", "1,5"), [0.512, 1.25, 1.5]),
            (("1.234.567", "1.300.000,5", "1.400.000"), [1234567, 1300000.5, 1.4e6]),
            (("1 234,5", "1 300,25", "999,5"), [1234.5, 1300.25, 999.5]),
            (("$1,234.50", "USD 1,300.25", "€999.50"), [1234.5, 1300.25, 999.5]),
            (("98,5 %", "99,25%", "100"), [98.5, 99.25, 100]),
        ],
    )
    def test_cells_of_one_reading_settle_the_others(self, put, cells, prices):
        text = "date;FUND\n" + "".join(
            f"{day};{cell}\n" for (day, _), cell in zip(ROWS, cells, strict=False)
        )
        assert daily(put(("p.csv", text)), "FUND").column("FUND").tolist() == prices

    def test_what_stands_beside_the_prices_settles_them_where_they_do_not(self, put):
        text = table('"Date","Price","Open"', lambda d, p: f'"{d}","4,{int(p)}","4,000.25"')
        got = daily(put(("FUND.csv", text)), "FUND").column("FUND").tolist()
        assert got == [4000 + int(price) for price in PRICES]


def test_a_table_of_several_symbols_row_by_row_is_parted(put):
    rows = [(d, p, s) for s in ("AAA", "BBB.US") for d, p in ROWS]
    text = "\n".join(["date,symbol,adjClose,close", *(f"{d},{s},{p},9" for d, p, s in rows), ""])
    read = tables(str(put(("p.csv", text))), Options())["daily"]()
    assert read.symbols == ("AAA", "BBB")
    assert dated(read, "AAA") == dated(read, "BBB") == ROWS
    assert daily(put(("p.csv", text)), "BBB").unread == ("AAA",)


def test_words_beside_prices_are_left_aside_and_tickers_in_capitals_are_not(put):
    text = table("Date,FUND,Volume,LOW", lambda d, p: f"{d},{p},1000,{p}")
    read = tables(str(put(("p.csv", text))), Options())["daily"]()
    assert read.symbols == ("FUND", "LOW")
    assert "its columns Volume are no prices" in read.warnings[-1].text


@pytest.mark.parametrize(
    "line", [b";" * 300_000 + b"date", b"x," * 300_000 + b"date", b'"a";' * 99_999]
)
def test_no_header_is_sought_for_long(line, put):
    path, begun = put(("p.csv", (line + b"\n") * 60)), time.monotonic()
    with pytest.raises(BadPrices) as refused:
        tables(str(path))
    assert time.monotonic() - begun < 5
    assert len(str(refused.value)) < 250
