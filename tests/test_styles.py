"""The strategies of one small file each, every rule worked by hand on a few bars."""

import pytest

from backtests.plan import Plan
from backtests.result import Result
from strategies.dca import discovery
from tests.conftest import make_table, month_ends
from tests.helpers import run, whole


def month_end_run(name: str, first: str, **prices: list[float]) -> Result:
    """Replay a strategy that pays in 100 at each month's end from `first` on."""
    count = len(next(iter(prices.values())))
    table = make_table(month_ends(first, count), prices, "monthly")
    return run(discovery.strategy(name), table, whole(table), Plan(monthly=100.0))


def held(result: Result, bar: int) -> dict[str, float]:
    """Return shares by symbol after a bar."""
    return dict(zip(result.symbols, result.shares[bar].tolist(), strict=True))


def test_sixty_forty_is_brought_back_with_the_first_payment_of_a_year():
    result = month_end_run("sixty-forty", "2019-11", SP500=[10.0, 20, 20], BOND=[10.0] * 3)
    # 60 and 40 buy 6 and 4; then at 20 another 3 and 4: worth 180 and 80. In January 360 in all.
    assert held(result, 1) == pytest.approx({"SP500": 9, "BOND": 8})
    assert held(result, 2) == pytest.approx({"SP500": 216 / 20, "BOND": 144 / 10})


@pytest.mark.parametrize(("gold", "sold"), [(16.0, False), (17.0, True)])
def test_permanent_is_brought_back_when_a_quarter_has_grown_beyond_35_percent(gold, sold):
    flat = [10.0, 10]
    result = month_end_run(
        "permanent", "2020-01", SP500=flat, BOND=flat, GOLD=[10, gold], CASH=flat
    )
    # 25 in each; gold at 16 is 40 of 115, 34.8 %; at 17 it is 42.5 of 117.5, 36.2 %.
    quarter = (117.5 + 100) / 4
    wanted = quarter / gold if sold else 2.5 + 25 / gold
    assert held(result, 1)["GOLD"] == pytest.approx(wanted)
    assert held(result, 1)["CASH"] == pytest.approx(quarter / 10 if sold else 5)
    assert any("stands in for" in note for note in result.warnings)


def test_a_lump_sum_of_the_mix_puts_the_whole_total_into_it_at_once():
    flat = [10.0] * 3
    result = month_end_run(
        "lump-sum-diversified", "2019-11", SP500=[10.0, 20, 20], BOND=flat, GOLD=flat, REIT=flat
    )
    assert result.course.flow.tolist() == [300, 0, 0]
    assert held(result, 1) == pytest.approx({"SP500": 12, "BOND": 9, "GOLD": 4.5, "REIT": 4.5})
    # Nothing is paid in any more, and the first due date of the new year still rebalances: 420.
    assert held(result, 2) == pytest.approx({"SP500": 8.4, "BOND": 12.6, "GOLD": 6.3, "REIT": 6.3})
