import io
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from backtests.comparison import Chapter, Comparison, LeftOut, compare
from backtests.plan import Plan
from backtests.report import cells, text_table
from backtests.report.records import Records
from backtests.report.terminal import show
from data.notes import Note
from data.prices import PriceTable
from tests.conftest import make_table, weekdays
from tests.helpers import TABLES, play, whole

WIDTHS = (40, 60, 80, 120, 200)
WORDS = st.text("ab \u65e5", min_size=1, max_size=60).map(lambda text: f"x{text}")
DIGITS = st.text("0123456789,.-", max_size=24).map(lambda text: f"1{text}")
NUMBER = re.compile(r"-?\$?\d[\d,.:-]*%?")


def printed(comparison: Comparison, width: int = 100) -> str:
    out = Console(file=io.StringIO(), width=width, no_color=True)
    show(comparison, out)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def numbers(text: str) -> Counter[str]:
    """Read every number back, those of notes and sentences left out."""
    lines = [line for line in text.splitlines() if re.search(r"\S  +\S|^ {9,}|^\S*$", line)]
    return Counter(NUMBER.findall("\n".join(lines).replace(" %", "%")))


def of(table: PriceTable, **terms: float) -> Comparison:
    """Compare one strategy over a table by hand."""
    result = play(table, {"A": 1.0}, **terms)
    chapter = Chapter(whole(table), table.bars, (result,), ())
    return Comparison(Plan(), (chapter,), {table.bars: table}, ())


@pytest.fixture(scope="module")
def peak() -> Comparison:
    return compare(Plan(eras=("dotcom-peak",)), TABLES)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_digit_is_lost_at_any_width(peak: Comparison, width: int):
    text = printed(peak, width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert numbers(text) == numbers(printed(peak, 1000))
    assert numbers(text).total() >= 4 * len(cells.BRIEF)
    for wanted in ("$125,187", "$138,095", "$122,486", "$121,772", "-77.93 %", "41", "39", "46"):
        assert re.search(rf"(?<![\d,.]){re.escape(wanted)}(?![\d,.])", text), wanted


def test_the_verdict_stands_above_the_tables_with_what_belongs_beside_it(peak: Comparison):
    first, second, *_ = printed(peak, 200).splitlines()
    assert first.rstrip() == (
        "Started at the 2000 top, the index saver was 35 % below her own money at worst and 33 % "
        "ahead at the end."
    )
    assert not second.strip()
    picks = compare(Plan(eras=("dotcom-peak",), strategies=("ai-picks",)), TABLES)
    assert " Concentrated picks: chosen with hindsight." in printed(picks, 200).splitlines()[0]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("monthly", "put_in"), [(0.01, "$0.03"), (33.0, "$99.00"), (1e12, "$3,000,000,000,000")]
)
def test_small_and_large_sums_read_well(width: int, monthly: float, put_in: str):
    ends = ["2020-01-31", "2020-02-29", "2020-03-31"]
    comparison = of(make_table(ends, {"A": [1, 2, 4]}, "monthly"), monthly=monthly)
    text = printed(comparison, width)
    assert re.search(rf"Money put in\s+{re.escape(put_in)}\n", text)
    assert numbers(text) == numbers(printed(comparison, 1000))


@given(
    st.lists(st.text("0123456789,.$\u65e5", min_size=1, max_size=30), min_size=1, max_size=8),
    st.sampled_from(WIDTHS),
)
def test_whatever_stands_in_the_cells_comes_out_whole_and_in_order(texts: list[str], width: int):
    columns = [text_table.Column(f"c{n}", [text, text]) for n, text in enumerate(texts)]
    lines = list(text_table.lines(["first", "second"], columns, width))
    shown = [line.split() for line in lines]
    for row in ("first", "second"):
        found = [c for at, line in enumerate(shown) if line[:1] == [row] for c in line[1:]]
        below = [shown[at + 1][0] for at, line in enumerate(shown) if line == [row]]
        assert Counter(found + below) == Counter(texts)
    assert max(map(cell_len, lines)) <= max(width, 60)


def test_a_row_stands_only_beside_columns_of_which_it_says_something():
    columns = [text_table.Column("a", ["100", ""]), text_table.Column("b", ["200", "5"])]
    shown = [line.split() for line in text_table.lines(["worth", "note"], columns, 12)]
    assert shown == [["a"], ["worth", "100"], [], ["b"], ["worth", "200"], ["note", "5"]]


def test_letters_of_east_asia_take_two_places():
    columns = [text_table.Column("\u6307\u6578", ["1"]), text_table.Column("b", ["2"])]
    head, row = text_table.lines(["money"], columns, 40)
    assert head == "       \u6307\u6578  b"
    assert row == "money     1  2"


def test_every_label_stands_under_the_table_and_is_marked_beside_the_strategy():
    text = printed(compare(Plan(eras=("dotcom",)), TABLES))
    marked = text.partition("daily bars")[2].splitlines()[2].strip()
    assert re.sub(r" +", " ", marked) == "(1) (1 2 3 4) (5 6) (7)"
    flat = " ".join(text.split())
    for label in (
        "price index, dividends left out",
        "hindsight",
        "SP500 is VFINX",
        "gold spot index",
    ):
        assert label in flat
    assert "daily bars" in text


def test_notes_are_numbered_as_they_first_appear(peak: Comparison):
    (chapter,) = peak.chapters
    turned = replace(peak, chapters=(replace(chapter, results=chapter.results[::-1]),))
    marks = re.findall(r"\(([\d ]+)\)", printed(turned, 200).splitlines()[4])
    assert marks == ["1", "2 3", "4 5 6 7", "4"]


def test_a_result_that_never_fell_says_so():
    table = make_table(weekdays("2020-01-01", 30), {"A": [1.0] * 30})
    result = play(table, {"A": 1.0})
    chapter = Chapter(whole(table), "daily", (result,), (LeftOut("nasdaq", "no basket"),))
    text = printed(Comparison(Plan(), (chapter,), {"daily": table}, ("era x left out: why",)))
    assert re.search(r"Strategy drawdown +0.00 %\n  from its high on +-\n", text)
    assert "nasdaq left out: no basket" in text
    assert "era x left out: why" in text


def test_a_fall_that_has_not_recovered_says_so():
    table = make_table(weekdays("2020-01-01", 3), {"A": [10.0, 12.0, 9.0]})
    text = printed(of(table, monthly=1_000_000.0))
    assert re.search(r"Strategy drawdown +-25.00 %\n", text)
    assert re.search(r"from its high on +2020-01-02\n +to its low on +2020-01-03\n", text)
    assert re.search(r"back at the high on +not yet\n", text)


def test_a_jump_and_hindsight_stand_beside_the_dollars():
    jump = Note("jump", "A", "3 times the price before on 2020-01-02")
    said = Note("data", "A", "we call it hindsight")
    table = make_table(weekdays("2020-01-01", 3), {"A": [10, 30, 31]}, notes={"A": (said, jump)})
    text = printed(of(table))
    assert re.search(r"Worth at the end.*\n  prices jump, see note +2\nXIRR", text)
    assert "  2 A: 3 times the price before on 2020-01-02" in text
    assert "hindsight, see note" not in text, "a user's note is never taken for ours"


def test_the_headline_is_shown_with_what_belongs_under_it():
    assert [m.key for m in cells.BRIEF if not m.part_of] == [m.key for m in cells.HEADLINE]
    assert "longest_months_below_money_in" in [m.key for m in cells.BRIEF]


@given(st.lists(st.tuples(WORDS, DIGITS, DIGITS), min_size=1, max_size=5), st.sampled_from(WIDTHS))
def test_records_break_prose_alone(rows: list[tuple[str, str, str]], width: int):
    records = Records("what it is", "from", "rows", prose=("what it is",))
    for row in rows:
        records.add_row(*row)
    out = Console(file=io.StringIO(), width=width, no_color=True)
    out.print(records)
    assert isinstance(out.file, io.StringIO)
    text = out.file.getvalue()
    assert max(map(cell_len, text.splitlines())) <= width
    shown = Counter(word for word in text.split() if word[0].isdigit())
    assert shown == Counter(number for _, *numbers in rows for number in numbers)
