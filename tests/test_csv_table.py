"""Files as people have them: what is read, and what is refused with file, line and next step."""

import gzip
import os
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import BadPrices
from data.files import csv_table
from data.files import raw as textfile
from data.files.cells import day, number
from data.files.choice import Ask
from data.files.csv_table import read_csv
from data.files.raw import file_lines
from data.options import Dialect

PLAIN = "date,SPY,AGG\n2020-01-02,100,50\n2020-01-03,101.5,\n2020-01-06,99,51\n"


@pytest.fixture
def save(tmp_path):
    def write(text: str | bytes, name: str = "prices.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def read(path: Path, **dialect: str):
    return read_csv(path, Ask(Dialect(**dialect)))


def test_a_wide_file_is_read_with_empty_cells_as_no_price(save):
    got = read(save(PLAIN))
    assert got.names == ("SPY", "AGG")
    assert [str(d) for d in got.dates] == ["2020-01-02", "2020-01-03", "2020-01-06"]
    np.testing.assert_array_equal(got.values, [[100, 50], [101.5, np.nan], [99, 51]])


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("date", "Date"),
        PLAIN.replace("date", '"date"'),
        PLAIN.replace(",", ", "),
        PLAIN + "\n\n",
        "\n" + PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace("100,", '"100",'),
        PLAIN.replace("2020-01-02", "2020-01-02 00:00:00"),
        PLAIN.replace("2020-01-02", "2020-01-02T00:00:00-05:00"),
        "date,SPY,AGG\n2020-01-06,99,51\n2020-01-03,101.5,\n2020-01-02,100,50\n",
    ],
    ids=[
        "bom", "crlf", "cr", "semicolon", "tab", "capital", "quoted-date", "spaces", "blank-end",
        "blank-start", "no-newline", "quoted", "midnight", "midnight-zone", "newest-first",
    ],
)  # fmt: skip
def test_the_standard_dialects_mean_the_same(save, text):
    np.testing.assert_array_equal(read(save(text)).values, read(save(PLAIN, "p.csv")).values)


def test_quoted_thousands_need_no_option(save):
    got = read(save('date,SPX\n2020-01-02,"1,234.5"\n2020-01-03,"12,345,678"\n'))
    assert got.values[:, 0].tolist() == [1234.5, 12345678.0]


def test_a_decimal_comma_is_read_where_it_is_said(save):
    text = "date;SPX\n2020-01-02;1.234,5\n2020-01-03;1,5\n2020-01-06;1234\n"
    assert read(save(text), decimal="comma").values[:, 0].tolist() == [1234.5, 1.5, 1234.0]


@pytest.mark.parametrize(("said", "value"), [("point", 1234.0), ("comma", 1.234)])
def test_what_has_two_readings_is_read_as_said(save, said, value):
    path = save("date;SPX\n2020-01-02;1,234\n2020-01-03;2\n")
    assert read(path, decimal=said).values[0, 0] == value


@pytest.mark.parametrize(("said", "first"), [("mdy", date(2020, 2, 1)), ("dmy", date(2020, 1, 2))])
def test_other_dates_are_read_as_said(save, said, first):
    text = "date,SPY\n02/01/2020,1\n02/03/2020,2\n"
    assert read(save(text), date_order=said).dates[0].item() == first


def test_iso_dates_need_no_option_whatever_is_said(save):
    assert read(save(PLAIN), date_order="mdy").dates[0].item() == date(2020, 1, 2)


REFUSED = [
    ("", "prices.csv is empty"),
    ("  \n\n", "prices.csv is empty"),
    ("2020-01-02,1\n2020-01-03,2\n", "line 1: the header begins with"),
    ("SPY,price\n1,2\n", "line 1: the header begins with 'SPY,pr', not with date"),
    ("date,SPY\n2020-01-02,$5x\n2020-01-03,1\n", "'5x' is not a number"),
    ("date,SPY\n2020-01-02,NaN0\n2020-01-03,1\n", "'NaN0' is not a number; leave the cell empty"),
    ("date,SPY\n2020010,1\n2020-01-03,1\n", "line 2: '2020010' is not a date"),
    ("date,SPY\n2020-01-02 25,1\n2020-01-03,1\n", "'2020-01-02 25' is not a date"),
    ("date\n2020-01-02\n", "line 1"),
    ("date,SPY\n", "has 0 rows of prices; a table needs two or more"),
    ("date,SPY\n2020-01-02,1\n", "has 1 rows"),
    ("date,SPY,spy\n2020-01-02,1,1\n", "line 1: SPY names 2 columns"),
    ("date,SPY,\n2020-01-02,1,\n", "line 1: column 3 is '', not a symbol"),
    ("date,S&P 500\n2020-01-02,1\n", "'S&P 500', not a symbol; call it like SPY"),
    ("date,../../X\n2020-01-02,1\n", "'../../X', not a symbol"),
    ("date,\u202eSPY\n2020-01-02,1\n", r"u202eSPY', not a symbol"),
    ("date,SPY,SPY\n2020-01-02,1,2\n", "line 1: SPY names 2 columns"),
    ("date,SPY\n2020-01-02,1\n2020-01-03\n", "line 3: 1 cells where the header has 2"),
    ("date,SPY\n2020-01-02,1,234.5\n2020-01-03,1\n", "line 2: 3 cells where the header has 2"),
    ("date,SPY\n2020-01-02,abc\n2020-01-03,1\n", "line 2, column SPY: 'abc' is not a number"),
    ("date,SPY\n2020-01-02,1\n2020-01-03,=B2\n", "line 3, column SPY: '=B2' is a formula"),
    ('date,SPY\n2020-01-02,"=HYPERLINK(""http://x"")"\n2020-01-03,1\n', "is a formula"),
    ("date,SPY\n2020-01-02,+cmd\n2020-01-03,1\n", "is a formula"),
    ("date,SPY\n2020-01-02,@SUM(A1)\n2020-01-03,1\n", "is a formula"),
    ("date,SPY\n2020-01-02,0\n2020-01-03,1\n", "line 2, column SPY: 0 is not a price"),
    ("date,SPY\n2020-01-02,-1\n2020-01-03,1\n", "line 2, column SPY: -1 is not a price"),
    ("date,SPY\n2020-01-02,inf\n2020-01-03,1\n", "'inf' is not a number"),
    ("date,SPY\n2020-01-02,1e-320\n2020-01-03,1\n", "1e-320 is not a price"),
    ("date,SPY\n2020-01-02," + "9" * 400 + "\n2020-01-03,1\n", "is not a price"),
    ("date,SPY\n9999-12-31,1\n2020-01-03,1\n", "'9999-12-31' lies outside 1800 to 2199"),
    ("date,SPY,TBILL\n2020-01-02,1,1e9\n2020-01-03,1,1\n", "1e9 is not a yield in percent"),
    ("date,SPY\n2020-01-02,1e999\n2020-01-03,1\n", "1e999 is not a price"),
    ("date,SPY\n2020-01-02,1_000\n2020-01-03,1\n", "'1_000' is not a number"),
    ("date,SPY\n2020-01-02,\u0661\n2020-01-03,1\n", "is not a number"),
    ('date,SPY\n2020-01-02,"1,234"\n2020-01-03,1\n', "'1,234' may be read in two ways; say --dec"),
    ("date,SPY\n01/02/2020,1\n01/03/2020,1\n", "line 2: '01/02/2020' may be read in two ways"),
    ("date,SPY\n2020-02-30,1\n2020-01-03,1\n", "'2020-02-30' is no day of the calendar"),
    ("date,SPY\n0020-01-02,1\n2020-01-03,1\n", "'0020-01-02' lies outside 1800 to 2199"),
    ("date,SPY\n,1\n2020-01-03,1\n", "line 2: '' is not a date"),
    ("date,SPY\n2020-01-02,1\n2020-01-03,2\n2020-01-03,3\n", "line 4: 2020-01-03 stands on line 3"),
    ("date,SPY\n2020-01-02,1\n2020-01-06,2\n2020-01-03,3\n2020-01-07,4\n", "line 4: its date"),
    ('date,SPY\n2020-01-02,"1\n2020-01-03,1\n', "line 2: unexpected end of data; correct"),
    ('date,SPY\n2020-01-02,"1\n"\n2020-01-03,1\n', "line 2: unexpected end of data"),
    (b"date,SPY\n2020-01-02,1\0\n", "line 2: a NUL byte"),
    (b"date,SPY\n2020-01-02,\x81\n", "line 2: not UTF-8 text"),
    (b"date,SPY\n2020-01-02,\xff\x01\n", "line 2: not UTF-8 text"),
    (b"date,SPY\n2020-01-02,\xff\n", "line 2, column SPY: '\u00ff' is not a number"),
    ("date,SPY\n2020-01-02,1\n".encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
    (gzip.compress(PLAIN.encode()), "prices.csv, line 1: "),
    (bytes(range(1, 256)) * 40, "prices.csv, line "),
    ('date,SPY\n2020-01-02,"' + "9" * 140_000 + '"\n', "field larger than field limit"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_table_is_refused_in_one_line(save, text, why):
    with pytest.raises(BadPrices) as refused:
        read(save(text))
    assert why in str(refused.value)
    assert "prices.csv" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 250


def test_a_refusal_names_the_line_of_a_long_file(save):
    lines = ["date,SPY", *(f"{d},1" for d in np.arange("2000-01-01", "2010-01-01", dtype="M8[D]"))]
    lines[3000] = lines[3000].replace(",1", ",x")
    with pytest.raises(BadPrices, match=r"prices\.csv, line 3001, column SPY: 'x'"):
        read(save("\n".join(lines)))


class TestYahooStyle:
    HEADER = "Date,Open,High,Low,Close,Adj Close,Volume\n"

    def one(self, path, price_column=""):
        return read_csv(path, Ask(symbol="SPY", price_column=price_column))

    def test_the_adjusted_close_is_taken(self, save):
        rows = "2020-01-02,1,2,1,2,1.5,1000\n2020-01-03,1,2,1,3,2.5,0\n"
        assert self.one(save(self.HEADER + rows)).values.tolist() == [[1.5], [2.5]]

    def test_null_rows_are_days_without_a_price(self, save):
        rows = "2020-01-02,1,2,1,2,1.5,1000\n2020-01-03,null,null,null,null,null,null\n"
        rows += "2020-01-06,1,2,1,3,2.5,0\n"
        assert self.one(save(self.HEADER + rows)).values.tolist() == [[1.5], [2.5]]

    def test_columns_are_known_by_name_not_by_place(self, save):
        rows = "date,adj close,close\n2020-01-02,1,9\n2020-01-03,2,9\n"
        assert self.one(save(rows)).values.tolist() == [[1], [2]]
        assert self.one(save(rows), "Close").values.tolist() == [[9], [9]]

    def test_a_close_that_stands_for_a_missing_adjusted_one_is_said_to(self, save):
        got = self.one(save("Date,Close\n2020-01-02,1\n2020-01-03,1\n"))
        assert "its column Close as it stands, with dividends only where" in got.notes[0].text

    def test_a_column_that_stands_twice_is_refused(self, save):
        with pytest.raises(BadPrices, match="adj close names 2 columns"):
            self.one(save("Date,Adj Close,adj close\n2020-01-02,1,1\n2020-01-03,1,1\n"))


class TestFiles:
    def test_a_link_is_refused(self, save, tmp_path):
        link = tmp_path / "link.csv"
        link.symlink_to(save(PLAIN))
        with pytest.raises(BadPrices, match="is a symbolic link; name the file it points to"):
            file_lines(link)

    def test_a_pipe_is_refused_and_does_not_hang(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.csv")
        with pytest.raises(BadPrices, match="is not a file of prices"):
            file_lines(tmp_path / "pipe.csv")

    def test_a_folder_and_nothing_are_refused(self, tmp_path):
        with pytest.raises(BadPrices, match="is not a file of prices"):
            file_lines(tmp_path)
        with pytest.raises(BadPrices, match="No such file"):
            file_lines(tmp_path / "none.csv")
        with pytest.raises(BadPrices, match="cannot read"):
            file_lines(tmp_path / "nul\0.csv")

    def test_a_giant_is_refused_unread(self, save, monkeypatch, tmp_path):
        giant = tmp_path / "giant.csv"
        with giant.open("wb") as file:
            file.truncate(textfile.LARGEST_BYTES + 1)
        with pytest.raises(BadPrices, match="more than 500,000,000; split it"):
            file_lines(giant)


@given(st.floats(min_value=1e-9, max_value=1e12))
def test_a_number_written_in_full_is_read_to_the_bit(value):
    assert number(repr(value), Dialect()) == value


@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2199, 12, 31)))
def test_every_iso_day_is_read(when):
    assert day(when.isoformat(), Dialect()) == when


_CELLS = st.text(alphabet='0123456789.,-+eE x"', max_size=8) | st.floats().map(repr)


@given(
    st.lists(st.tuples(_CELLS, _CELLS), min_size=2, max_size=4),
    st.sampled_from(",;\t"),
    st.sampled_from([None, "point", "comma"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_quick_way_through_plain_lines_means_what_the_careful_one_does(
    monkeypatch, tmp_path, cells, separator, decimal
):
    rows = [separator.join([f"2020-01-{at:02}", *row]) for at, row in enumerate(cells, start=1)]
    path = tmp_path / "p.csv"
    path.write_text("\n".join([separator.join(["date", "A", "TBILL"]), *rows]))

    def outcome() -> str:
        try:
            return repr(read_csv(path, Ask(Dialect(decimal=decimal))).values.tolist())
        except BadPrices:
            return "refused"

    quick = outcome()
    with monkeypatch.context() as patch:
        patch.setattr(csv_table, "_plain", lambda *_: None)
        assert outcome() == quick


def test_a_point_that_may_part_thousands_is_refused_where_it_is_not_said():
    path = Path(__file__).parent / "cases" / "thousands_point.csv"
    with pytest.raises(BadPrices, match=r"DAX: 1\.\d{3} beside 9\d\d may be read in two ways"):
        read(path)
    assert read(path, decimal="comma").values.max() > 1000
    assert read(path, decimal="point").values.min() < 2


@pytest.mark.parametrize("cells", [("1.234", "1.301"), ("998", "1.25"), ("0.998", "1"), ("7", "8")])
def test_points_with_one_reading_are_read(save, cells):
    text = "date,A\n2020-01-02,{}\n2020-01-03,{}\n".format(*cells)
    assert read(save(text)).values[:, 0].tolist() == [float(cell) for cell in cells]


def test_of_a_large_file_only_what_is_asked_for_is_read_and_judged(save):
    path = save("date,A,B,TBILL\n2020-01-02,1,x,3\n2020-01-03,2,,4\n")
    got = read_csv(path, Ask(wanted=frozenset({"A"})))
    assert got.names == ("A", "TBILL")
    assert got.unread == ("B",)
    np.testing.assert_array_equal(got.values, [[1, 3], [2, 4]])


def test_a_hundred_thousand_columns_take_no_longer_than_they_must(save):
    names = [f"S{i}" for i in range(100_000)]
    rows = [f"2020-01-0{day}," + ",".join(["1.5"] * len(names)) for day in (2, 3)]
    path = save("\n".join([",".join(["date", *names]), *rows]))
    begun = time.monotonic()
    assert read(path).values.shape == (2, 100_000)
    assert time.monotonic() - begun < 5


def test_reading_a_large_file_is_told(save):
    lines = ["date,A", *(f"{d},1" for d in np.arange("2000-01-01", "2002-01-01", dtype="M8[D]"))]
    heard: list[tuple[str, float, float]] = []
    read_csv(save("\n".join(lines)), Ask(told=lambda *said: heard.append(said)))
    assert heard[1] == ("reading prices.csv", 200, 731)


@given(st.text(max_size=30))
def test_no_text_does_anything_but_mean_or_be_refused(text):
    for meaning in (day, number):
        with suppress(ValueError):
            meaning(text, Dialect())
