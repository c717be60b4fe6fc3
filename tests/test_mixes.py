"""A core and a satellite: the sums by hand."""

import pytest

from data.errors import BadPlan
from strategies.dca.mixes import with_satellite


def test_the_rest_is_the_core_and_the_picks_have_equal_parts():
    core = {"SP500": 0.6, "BOND": 0.4}
    assert with_satellite(core, ["NVDA", "TSLA"], 0.5) == {
        "SP500": 0.3, "BOND": 0.2, "NVDA": 0.25, "TSLA": 0.25,
    }  # fmt: skip
    assert with_satellite(core, ["NVDA"], 0.0) == core
    assert with_satellite(core, ["NVDA", "TSLA"], 1.0) == {"NVDA": 0.5, "TSLA": 0.5}
    assert with_satellite({"A": 1.0}, ["A", "B"], 0.5) == {"A": 0.75, "B": 0.25}


def test_a_share_of_nothing_is_refused():
    assert with_satellite({"A": 1.0}, [], 0.0) == {"A": 1.0}
    with pytest.raises(BadPlan, match="no picks are named"):
        with_satellite({"A": 1.0}, [], 0.1)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_a_fraction(share):
    with pytest.raises(BadPlan, match="give a fraction from 0 to 1"):
        with_satellite({"A": 1.0}, ["B"], share)
