import io

from rich.console import Console

from backtests.comparison import Chapter, Comparison, compare
from backtests.plan import Plan
from backtests.report.terminal import money, notes_of, percent, show
from tests.conftest import make_table, weekdays
from tests.helpers import TABLES, play, whole


def printed(comparison: Comparison, width: int = 100) -> str:
    out = Console(file=io.StringIO(), width=width, no_color=True)
    show(comparison, out)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_numbers_are_written_as_a_person_reads_them():
    assert money(1234567.6) == "1,234,568"
    assert percent(-0.123456) == "-12.35 %"
    assert percent(None) == "-"


def test_every_label_stands_under_the_table_and_is_marked_beside_the_strategy():
    comparison = compare(Plan(eras=("dotcom",)), TABLES)
    (chapter,) = comparison.chapters
    text = printed(comparison)
    for result in chapter.results:
        marks = " ".join(str(notes_of(chapter)[note]) for note in result.warnings)
        assert f"({marks})" in text
    flat = " ".join(text.split())
    for label in (
        "price index, dividends left out",
        "hindsight",
        "SP500 is VFINX",
        "gold spot index",
    ):
        assert label in flat
    assert "daily bars" in text


def test_a_result_that_never_fell_says_so():
    table = make_table(weekdays("2020-01-01", 30), {"A": [1.0] * 30})
    result = play(table, {"A": 1.0})
    chapter = Chapter(whole(table), "daily", (result,), ("nasdaq left out: no basket",))
    text = printed(Comparison(Plan(), (chapter,), {"daily": table}, ("era x left out: why",)))
    assert "never fell" in text
    assert "nasdaq left out: no basket" in text
    assert "era x left out: why" in text


def test_a_fall_that_has_not_recovered_says_so():
    table = make_table(weekdays("2020-01-01", 3), {"A": [10.0, 12.0, 9.0]})
    result = play(table, {"A": 1.0}, monthly=1_000_000.0)
    text = printed(Comparison(Plan(), (Chapter(whole(table), "daily", (result,), ()),), {}, ()))
    assert "-25.00 %    not back yet" in text
    assert "2020-01-02 to 2020-01-03" in text
    assert max(map(len, text.splitlines())) <= 100
