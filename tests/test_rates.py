import numpy as np
import pytest

from data.rates import Cpi, bond_equivalent, cash_index
from tests.conftest import NONE


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def test_cash_earns_the_yield_known_at_the_earlier_bar_on_actual_days():
    dates = days("2020-01-31", "2020-02-29", "2020-03-31")
    known, yields = days("2020-01-31", "2020-02-29"), np.array([3.65, 7.30])
    assert cash_index(dates, known, yields) == pytest.approx([1, 1.0029, 1.0029 * 1.0062])


def test_cash_is_unknown_before_the_first_yield():
    index = cash_index(days("2019-12-31", "2020-01-31"), days("2020-01-31"), np.array([5.0]))
    assert np.isnan(index[0])
    assert index[1] == 1.0


def test_a_later_yield_changes_nothing_before_it():
    dates = days("2020-01-31", "2020-02-28", "2020-03-31")
    known = days("2020-01-31", "2020-03-31")
    one, other = (cash_index(dates, known, np.array([3.0, last])) for last in (1.0, 9.0))
    assert one.tolist() == other.tolist()


def test_bond_equivalent_of_a_five_percent_discount():
    # 365 * 0.05 / (360 - 91 * 0.05) by hand
    assert bond_equivalent(np.array([5.0]))[0] == pytest.approx(100 * 18.25 / 355.45)


def test_consumer_prices_bridge_a_month_never_published_and_say_so():
    months = np.array(["2025-09", "2025-10", "2025-11"], dtype="datetime64[M]")
    cpi = Cpi(months, np.array([100.0, NONE, 121.0]))
    asked = days("2025-09-30", "2025-10-31", "2025-11-28", "2026-03-31", "2025-01-31")
    assert cpi.at(asked)[:4] == pytest.approx([100, 110, 121, 121])
    assert np.isnan(cpi.at(asked)[4])
    assert cpi.bridged(asked) == ("2025-10",)
    assert cpi.bridged(days("2025-11-28")) == ()
