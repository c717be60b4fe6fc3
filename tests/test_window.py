import numpy as np
import pytest

from data.errors import NoPrices
from data.snapshot import load
from data.window import window
from tests.conftest import NONE, day, make_table, month_ends, weekdays


def test_a_late_listing_stays_a_gap_of_zeros_and_enters_when_allowed():
    table = make_table(weekdays("2020-01-01", 4), {"A": [1, 2, 3, 4], "B": [NONE, NONE, 5, 6]})
    view = window(table, ["A", "B"], day("2020-01-01"), None, late_listings=True)
    assert view.closes[:, 1].tolist() == [0, 0, 5, 6]
    assert view.priced[:, 1].tolist() == [False, False, True, True]
    with pytest.raises(NoPrices, match="B has no price before 2020-01-03; start on 2020-01-03"):
        window(table, ["A", "B"], day("2020-01-01"), None)


def test_a_hole_is_carried_and_said():
    table = make_table(weekdays("2020-01-01", 4), {"A": [1, 2, 3, 4], "B": [5, NONE, NONE, 6]})
    view = window(table, ["A", "B"], day("2020-01-01"), None)
    assert view.closes[:, 1].tolist() == [5, 5, 5, 6]
    assert "B: no price on 2020-01-02, 2020-01-03" in str(view.carried[0])


@pytest.mark.parametrize(("bars", "longest"), [("daily", 5), ("monthly", 1)])
def test_a_hole_longer_than_allowed_names_symbol_and_dates(bars, longest):
    def cut(hole: int) -> None:
        count = hole + 4
        dates = weekdays("2020-01-01", count) if bars == "daily" else month_ends("2020-01", count)
        holed = [1.0, 1.0, *[NONE] * hole, 1.0, 1.0]
        table = make_table(dates, {"A": [1.0] * count, "B": holed}, bars)
        window(table, ["A", "B"], day("2020-01-01"), None)

    cut(longest)
    with pytest.raises(NoPrices, match="B has no .* price after 2020-.* until 20"):
        cut(longest + 1)


def test_a_window_that_opens_inside_a_hole_is_refused_not_taken_for_a_late_listing():
    closes = [1.0, *[NONE] * 10, 1.0, 1.0]
    table = make_table(weekdays("2020-01-01", 13), {"A": [1.0] * 13, "B": closes})
    with pytest.raises(NoPrices, match="B has no daily price after 2020-01-01"):
        window(table, ["A", "B"], day("2020-01-07"), None, late_listings=True)


def test_figures_that_begin_long_after_the_listing_are_missing_not_late():
    closes = [NONE] * 3 + [1.0] * 3
    listed = {"B": day("1999-01-04")}
    table = make_table(weekdays("2020-01-01", 6), {"A": [1.0] * 6, "B": closes}, listed=listed)
    with pytest.raises(NoPrices, match="B was listed on 1999-01-04, but its daily prices begin"):
        window(table, ["A", "B"], day("2020-01-01"), None, late_listings=True)


def test_a_series_that_stops_undeclared_is_an_error_and_declared_is_an_end():
    closes = [1.0] * 4 + [NONE] * 8
    dates = weekdays("2020-01-01", 12)
    with pytest.raises(NoPrices, match="B has no daily price after 2020-01-06 and then stops"):
        window(
            make_table(dates, {"A": [1.0] * 12, "B": closes}), ["A", "B"], day("2020-01-01"), None
        )
    ended = {"B": day("2020-01-06")}
    table = make_table(dates, {"A": [1.0] * 12, "B": closes}, ended=ended)
    view = window(table, ["A", "B"], day("2020-01-01"), None)
    assert view.ends == {"B": 4}
    assert view.carried == ()


def test_a_month_end_bar_belongs_to_the_month_of_the_delisting():
    table = make_table(
        month_ends("2013-09", 4),
        {"A": [1.0] * 4, "B": [1.0, 2.0, NONE, NONE]},
        "monthly",
        ended={"B": day("2013-10-29")},
    )
    assert window(table, ["A", "B"], day("2013-09-01"), None).ends == {"B": 2}


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("1990-01-01", None, "no daily prices before 2020-01-01"),
        ("2025-01-01", None, "end on 2020-01-06"),
        ("2020-01-01", "2030-01-01", "end on 2020-01-06"),
        ("2020-01-06", "2020-01-01", "swap the two"),
        ("2020-01-04", "2020-01-05", "no daily bar between"),
    ],
)
def test_a_window_without_figures_says_where_they_are(start, end, said):
    table = make_table(weekdays("2020-01-01", 4), {"A": [1.0] * 4})
    with pytest.raises(NoPrices, match=said):
        window(table, ["A"], day(start), day(end) if end else None)


def test_a_hole_of_the_only_symbol_is_seen_by_the_calendar():
    dates = [*weekdays("2020-01-01", 5), *weekdays("2020-03-02", 5)]
    table = make_table(dates, {"A": [1.0] * 10})
    with pytest.raises(NoPrices, match="A: no daily prices between 2020-01-07 and 2020-03-02"):
        window(table, ["A"], day("2020-01-01"), None)
    with pytest.raises(NoPrices, match="A: no daily prices from 2020-01-20 to 2020-03-02"):
        window(table, ["A"], day("2020-01-20"), None)


def test_the_picks_gap_between_the_daily_eras_is_refused():
    with pytest.raises(NoPrices, match="MSFT: no daily prices between 2007-12-31 and 2022-10-03"):
        window(load("daily"), ["MSFT"], day("2000-01-01"), None)


def test_an_open_window_ends_on_the_newest_bar_of_all_or_not_at_all():
    with pytest.raises(NoPrices, match="IXIC: daily prices end on 2007-12-31"):
        window(load("daily"), ["IXIC"], day("2000-01-01"), None)


def test_bars_are_the_union_of_the_symbols_dates_inside_the_window():
    dates = weekdays("2020-01-01", 4)
    table = make_table(dates, {"A": [1, NONE, 1, 1], "B": [1, 1, NONE, 1], "C": [1, 1, 1, 1]})
    assert window(table, ["A", "B"], day("2020-01-01"), day("2020-01-03")).dates.tolist() == (
        dates[:3].tolist()
    )
    assert np.array_equal(window(table, ["A"], day("2020-01-01"), None).dates, dates[[0, 2, 3]])
