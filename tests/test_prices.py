import numpy as np
import pytest

from data.arrays import chain, month_firsts
from data.errors import BadPrices, NoPrices, UnknownName
from tests.conftest import NONE, day, make_table


def test_a_table_tells_each_symbols_span_and_rows():
    table = make_table(
        ["2020-01-02", "2020-01-03", "2020-01-06"], {"A": [1, 2, 3], "B": [NONE, 5, NONE]}
    )
    assert (table.first("B"), table.last("B"), table.rows("B")) == (
        day("2020-01-03"),
        day("2020-01-03"),
        1,
    )


def test_select_keeps_the_order_asked_and_drops_bars_without_any_price():
    table = make_table(["2020-01-02", "2020-01-03"], {"A": [1, 2], "B": [NONE, 5], "C": [7, 8]})
    chosen = table.select(["B"])
    assert chosen.symbols == ("B",)
    assert chosen.dates.astype(str).tolist() == ["2020-01-03"]


@pytest.mark.parametrize(
    ("dates", "closes", "culprit"),
    [
        (["2020-01-03", "2020-01-02"], [1, 2], "2020-01-02"),
        (["2020-01-02", "2020-01-02"], [1, 2], "2020-01-02"),
        (["2020-01-02", "2020-01-03"], [1, 0], "A is 0 on 2020-01-03"),
        (["2020-01-02", "2020-01-03"], [1, -4], "A is -4 on 2020-01-03"),
        (["2020-01-02", "2020-01-03"], [1, np.inf], "A is inf on 2020-01-03"),
    ],
)
def test_a_bad_table_is_refused_naming_the_culprit(dates, closes, culprit):
    with pytest.raises(BadPrices, match=culprit):
        make_table(dates, {"A": closes})


def test_an_unknown_symbol_suggests_a_near_match():
    with pytest.raises(UnknownName, match="did you mean 'SP500'"):
        make_table(["2020-01-02"], {"SP500": [1]}).column("SP50")


def test_chaining_keeps_both_series_returns():
    old = np.array([10.0, 11.0, 12.0, NONE])
    new = np.array([NONE, 50.0, 60.0, 90.0])
    assert chain(old, new, 2).tolist() == [10, 11, 12, 18]


def test_series_that_never_meet_keep_their_gap():
    old, new = np.array([10.0, NONE, NONE, NONE]), np.array([NONE, NONE, NONE, 90.0])
    joined = chain(old, new, 1)
    assert joined[[0, 3]].tolist() == [10, 90]
    assert np.isnan(joined[1:3]).all()


def test_the_hash_follows_dates_and_prices_and_nothing_else():
    first = make_table(["2020-01-02", "2020-01-03"], {"A": [1, 2], "B": [3, 4]})
    same = make_table(
        ["2020-01-01", "2020-01-02", "2020-01-03"], {"A": [NONE, 1, 2], "B": [9, 9, 9]}
    )
    other = make_table(["2020-01-02", "2020-01-03"], {"A": [1, 2.0000001]})
    assert first.sha256("A") == same.sha256("A") != other.sha256("A")


def test_month_firsts_count_the_first_bar_of_all():
    dates = np.array(
        ["2020-01-30", "2020-01-31", "2020-02-03", "2020-04-01"], dtype="datetime64[D]"
    )
    assert month_firsts(dates).tolist() == [True, False, True, True]


def test_a_symbol_without_any_price_is_named():
    table = make_table(["2020-01-02", "2020-01-03"], {"A": [1, 2], "B": [NONE, NONE]})
    with pytest.raises(NoPrices, match="B has no price on daily bars"):
        table.first("B")
