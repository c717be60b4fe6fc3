"""Another library takes a result's returns as they are, and finds what we find."""

import empyrical
import pytest

from backtests.result import Result
from data import snapshot
from tests.helpers import era, play


@pytest.fixture(scope="module")
def saver() -> Result:
    weights = {"SP500": 0.6, "BOND": 0.4}
    return play(snapshot.load("daily"), weights, "annual", era("2000-01-03", "2009-12-31"))


@pytest.mark.parametrize(
    ("measure", "theirs"),
    [
        ("twr", empyrical.cum_returns_final),
        ("max_drawdown", empyrical.max_drawdown),
        ("volatility", empyrical.annual_volatility),
    ],
)
def test_measures_agree(measure, theirs, saver):
    assert theirs(saver.returns) == pytest.approx(saver.measures[measure], rel=1e-9)


def test_years_multiply_to_the_whole(saver):
    yearly = empyrical.aggregate_returns(saver.returns, "yearly")
    assert list(yearly.index) == list(range(2000, 2010))
    assert (1 + yearly).prod() - 1 == pytest.approx(saver.measures["twr"], rel=1e-9)
