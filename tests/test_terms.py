"""The terms of a run: what they default to, what they refuse, and what they say of themselves."""

import pytest

from data.errors import BadPlan
from strategies.dca.base import derived
from strategies.dca.terms import Quit, Rebalance, Schedule, Terms, fractions
from strategies.satellite import Satellite


def test_a_thousand_a_month_is_paid_in_unless_told_otherwise():
    assert (Terms().monthly_usd, Terms().first_usd, Terms().parts) == (1000, 1000, 1)


def test_a_sum_is_put_to_work_in_1200_parts_at_most():
    assert Terms(parts=1200).parts == 1200
    with pytest.raises(BadPlan, match="parts is 1201; give a whole number from 1 to 1,200"):
        Terms(parts=1201)


@pytest.mark.parametrize("width", ["0", "1", "-0.5", "1.5", "wide"])
def test_a_band_lies_between_0_and_1(width):
    with pytest.raises(BadPlan, match=f"rebalance 'band:{width}' is not known"):
        Rebalance.parse(f"band:{width}")


@pytest.mark.parametrize("depth", [-0.5, 0.0, 1.0])
def test_a_saver_quits_between_nothing_and_everything(depth):
    with pytest.raises(BadPlan, match=f"quit_at is {depth:g}; give a fraction between 0 and 1"):
        Quit(depth)


def test_weights_that_sum_to_100_are_percents():
    assert fractions({"a": 60.0, "b": 40.0}) == {"A": 0.6, "B": 0.4}
    assert fractions({"a": 60.0, "b": 39.0}) == {"A": 60.0, "B": 39.0}


def test_the_day_of_a_payment_is_said_where_it_is_not_the_first():
    said = {day: Schedule(day=day).paying("100") for day in (1, 2, 15)}
    assert said[1] == "100 a month"
    assert said[2] == "100 a month from day 2 on"
    assert said[15] == "100 a month from day 15 on"


def test_a_label_says_its_settings_in_percent():
    assert Satellite.said() == "10 % of it goes into the picks, the rest into the core"
    assert derived(Satellite, share=0.9).said().startswith("90 % of it")
