import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from data.errors import BadPrices, NoPrices
from data.prices import Fault, PriceTable
from data.sessions import sessions, sessions_of
from data.snapshot import load
from data.window import window
from tests.conftest import NONE, day, make_table, month_ends, weekdays


def test_a_late_listing_stays_a_gap_of_zeros_and_enters_when_allowed():
    table = make_table(weekdays("2020-01-01", 4), {"A": [1, 2, 3, 4], "B": [NONE, NONE, 5, 6]})
    view = window(table, ["A", "B"], day("2020-01-01"), None, late_listings=True)
    assert view.closes[:, 1].tolist() == [0, 0, 5, 6]
    assert view.priced[:, 1].tolist() == [False, False, True, True]


def test_a_window_without_late_listings_opens_where_all_have_a_price():
    none = [NONE] * 5
    table = make_table(weekdays("2020-01-01", 9), {"A": [1.0] * 9, "B": [*none, 5, 6, NONE, 7]})
    view = window(table, ["A", "B"], day("2020-01-01"), None)
    assert str(view.dates[0]) == "2020-01-08"
    assert view.closes.tolist() == [[1, 5], [1, 6], [1, 6], [1, 7]]
    later = make_table(weekdays("2020-01-01", 9), {"A": [1.0] * 9, "B": [*none, NONE, 5, 6, 7]})
    with pytest.raises(NoPrices, match="B has no price before 2020-01-09; start on 2020-01-09"):
        window(later, ["A", "B"], day("2020-01-01"), None)


def test_a_window_in_which_nothing_trades_together_is_refused():
    closes = {"A": [1.0, NONE] * 10, "B": [NONE, 1.0] * 10}
    table = make_table(weekdays("2020-01-01", 20), closes)
    with pytest.raises(NoPrices, match="A, B: none of the first 6 bars from 2020-01-06 on has a"):
        window(table, ["A", "B"], day("2020-01-04"), None)


def test_what_ended_before_the_window_keeps_it_from_nothing():
    ended = {"B": day("2020-01-02")}
    closes = {"A": [1.0] * 6, "B": [1.0, 1.0, *[NONE] * 4]}
    table = make_table(weekdays("2020-01-01", 6), closes, ended=ended)
    view = window(table, ["A", "B"], day("2020-01-03"), None)
    assert str(view.dates[0]) == "2020-01-03"
    assert view.ends == {"B": 0}


@pytest.mark.parametrize(("price", "after"), [({}, 3.0), ({"B": 0.0}, 0.0), ({"B": 0.5}, 0.5)])
def test_a_declared_price_at_the_end_is_what_is_left(price, after):
    table = make_table(
        weekdays("2020-01-01", 5),
        {"A": [1.0] * 5, "B": [1, 2, 3, NONE, NONE]},
        ended={"B": day("2020-01-03")},
        last_prices=price,
    )
    view = window(table, ["A", "B"], day("2020-01-01"), None)
    assert view.ends == {"B": 3}
    assert view.closes[:, 1].tolist() == [1, 2, 3, after, after]


def test_weekends_are_no_holes_of_what_never_trades_on_them():
    days = np.arange("2020-01-01", "2020-03-01", dtype="M8[D]")
    open_ = np.is_busday(days)
    closes = np.where(open_, 1.0, NONE)
    closes[(days > np.datetime64("2020-01-17")) & (days < np.datetime64("2020-01-25"))] = NONE
    table = make_table(days, {"BTC-USD": [1.0] * len(days), "FUND": closes})
    view = window(table, ["BTC-USD", "FUND"], day("2020-01-01"), None)
    assert len(view.dates) == len(days)
    (note,) = view.notes
    assert str(note).startswith("FUND: no price on 2020-01-20, 2020-01-21, 2020-01-22 and 2 more;")


@pytest.mark.parametrize(("exchange", "year"), [("XTKS", 2019), ("XSHG", 2020), ("XHKG", 2020)])
def test_holidays_of_other_exchanges_refuse_nothing(exchange, year):
    days = sessions(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year}-12-31"))
    elsewhere = sessions_of(exchange, days[0], days[-1])
    all_days = np.union1d(days, elsewhere)
    closes = {
        "SPY": np.where(np.isin(all_days, days), 1.0, NONE),
        "ASIA": np.where(np.isin(all_days, elsewhere), 1.0, NONE),
    }
    table = make_table(all_days, closes)
    assert len(window(table, ["SPY", "ASIA"], day(f"{year}-01-06"), None).dates) > 240
    closes["QQQ"] = closes["SPY"].copy()
    closes["QQQ"][100:107] = NONE
    table = make_table(all_days, closes)
    with pytest.raises(NoPrices, match="QQQ has no daily price after"):
        window(table, ["QQQ", "SPY"], day(f"{year}-01-06"), None)


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
    table = make_table(dates, {"A": [1.0] * 12, "B": closes})
    with pytest.raises(
        NoPrices, match="B has no daily price after 2020-01-06 and then stops"
    ) as no:
        window(table, ["A", "B"], day("2020-01-01"), None)
    assert "[symbol.B] ended = 2020-01-06, and last_price = 0 for a total loss" in str(no.value)
    ended = {"B": day("2020-01-06")}
    table = make_table(dates, {"A": [1.0] * 12, "B": closes}, ended=ended)
    view = window(table, ["A", "B"], day("2020-01-01"), None)
    assert view.ends == {"B": 4}
    assert view.notes == ()


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


@given(hnp.arrays(np.bool_, (12, 3)))
def test_a_window_opens_on_its_first_common_bar_or_not_at_all(priced):
    closes = {s: np.where(priced[:, i], 1.0, NONE) for i, s in enumerate("ABC")}
    table = make_table(weekdays("2020-01-01", 12), closes)
    bars = table.dates[priced.any(axis=1)]
    common = np.isin(bars, table.dates[priced.all(axis=1)])
    start = bars[0].item() if len(bars) else day("2020-01-01")
    try:
        view = window(table, ["A", "B", "C"], start, None)
    except NoPrices:
        # A hole, an end, or nothing in common near the start.
        return
    assert view.dates[0] == bars[common][0]
    assert int(np.argmax(common)) <= 5
    assert view.priced[0].all()
    assert (view.closes > 0).all()


def edged(bars: str) -> PriceTable:
    """Three bars at their usual step, the first on 2020-02-03, and no more."""
    dates = {
        "daily": ["2020-02-03", "2020-02-04", "2020-02-05"],
        "weekly": ["2020-02-03", "2020-02-10", "2020-02-17"],
        "monthly": ["2020-02-03", "2020-03-03", "2020-04-03"],
    }[bars]
    return make_table(dates, {"A": [1.0] * 3}, bars)


# n and n + 1 days before 2020-02-03; after the last bar; the widest gap of two bars, and one wider.
@pytest.mark.parametrize(
    ("bars", "near", "far"),
    [
        ("daily", "2020-01-23", "2020-01-22"),
        ("weekly", "2020-01-21", "2020-01-20"),
        ("monthly", "2020-01-03", "2020-01-02"),
    ],
)
def test_a_window_may_begin_11_13_or_31_days_before_its_first_bar(bars, near, far):
    assert len(window(edged(bars), ["A"], day(near), None).dates) == 3
    with pytest.raises(NoPrices, match=f"no {bars} prices before 2020-02-03, asked from {far}"):
        window(edged(bars), ["A"], day(far), None)


@pytest.mark.parametrize(
    ("bars", "near", "far"),
    [
        ("daily", "2020-02-16", "2020-02-17"),
        ("weekly", "2020-03-01", "2020-03-02"),
        ("monthly", "2020-05-04", "2020-05-05"),
    ],
)
def test_a_window_may_end_11_13_or_31_days_after_its_last_bar(bars, near, far):
    assert len(window(edged(bars), ["A"], day("2020-02-03"), day(near)).dates) == 3
    with pytest.raises(NoPrices, match=f"asked to {far}"):
        window(edged(bars), ["A"], day("2020-02-03"), day(far))


@pytest.mark.parametrize(
    ("bars", "near", "far"),
    [
        ("daily", "2020-01-23", "2020-01-22"),
        ("weekly", "2020-01-21", "2020-01-20"),
        ("monthly", "2020-01-03", "2020-01-02"),
    ],
)
def test_a_window_may_open_as_many_days_inside_a_hole(bars, near, far):
    table = edged(bars)
    dates = np.concatenate([np.array(["2019-01-02"], "M8[D]"), table.dates])
    holed = make_table(dates, {"A": [1.0] * 4}, bars)
    assert len(window(holed, ["A"], day(near), None).dates) == 3
    with pytest.raises(NoPrices, match=f"no {bars} prices from {far} to 2020-02-03; avoid"):
        window(holed, ["A"], day(far), None)


@pytest.mark.parametrize(
    ("bars", "near", "far"),
    [
        ("daily", "2020-01-15", "2020-01-16"),
        ("weekly", "2020-01-22", "2020-01-23"),
        ("monthly", "2020-03-03", "2020-03-04"),
    ],
)
def test_two_bars_may_stand_14_21_or_62_days_apart(bars, near, far):
    table = make_table(["2020-01-01", near], {"A": [1.0, 1.0]}, bars)
    assert len(window(table, ["A"], day("2020-01-01"), None).dates) == 2
    table = make_table(["2020-01-01", far], {"A": [1.0, 1.0]}, bars)
    with pytest.raises(NoPrices, match=f"no {bars} prices between 2020-01-01 and {far}"):
        window(table, ["A"], day("2020-01-01"), None)


def test_prices_may_begin_62_days_after_the_listing():
    """B's first price is on 2020-03-06: 62 days after 2020-01-04, 63 after the day before."""
    dates = weekdays("2020-03-02", 6)
    closes = {"A": [1.0] * 6, "B": [*[NONE] * 4, 1.0, 1.0]}
    table = make_table(dates, closes, listed={"B": day("2020-01-04")})
    assert len(window(table, ["A", "B"], day("2020-03-02"), None, True).dates) == 6
    table = make_table(dates, closes, listed={"B": day("2020-01-03")})
    with pytest.raises(NoPrices, match="B was listed on 2020-01-03, but its daily prices begin"):
        window(table, ["A", "B"], day("2020-03-02"), None, True)


@pytest.mark.parametrize(
    ("first", "last", "inside"),
    [
        ("2020-01-01", "2020-01-03", False),
        ("2020-01-01", "2020-01-06", True),
        ("2020-01-07", "2020-01-10", True),
        ("2020-01-08", "2020-01-10", False),
    ],
)
def test_a_fault_refuses_the_windows_it_reaches_into_and_is_noted_of_others(first, last, inside):
    """From 01-06 to 01-08: the window that opens on the last of them has nothing wrong inside."""
    fault = Fault("A", day("2020-01-06"), day("2020-01-08"), "A falls by half", "mend it")
    table = make_table(weekdays("2020-01-01", 8), {"A": [1.0] * 8}, faults=(fault,))
    if not inside:
        (note,) = window(table, ["A"], day(first), day(last)).notes
        assert str(note) == "A: A falls by half (outside this window)"
        return
    with pytest.raises(BadPrices, match="A falls by half.*; mend it"):
        window(table, ["A"], day(first), day(last))
