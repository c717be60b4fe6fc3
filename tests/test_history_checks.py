"""What is kept of a fetched history, with which warning, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.errors import BadHistory
from data.sessions import sessions
from data.yahoo.history import History
from data.yahoo.history_checks import accepted, check_history, clean, rewritten, total_return
from tests.test_checks import only, walk

NOW = datetime(2026, 9, 18, 12, 0, tzinfo=UTC)
NONE = float("nan")

YEAR = sessions(np.datetime64("2025-09-02"), np.datetime64("2026-09-17"))


def history(ticker: str = "MINE", days: np.ndarray = YEAR, **columns: np.ndarray) -> History:
    """Make a year of closes with two dividends, adjusted as Yahoo does it."""
    close = walk(len(days))
    paid = np.zeros(len(days))
    paid[[60, 123]] = 1.0
    own = {
        "close": close, "adj_close": adjusted(close, paid), "dividends": paid,
        "splits": np.zeros(len(days)), "capital_gains": np.zeros(len(days)),
    } | columns  # fmt: skip
    return History(ticker, days, fetched=NOW, **own)


def adjusted(close: np.ndarray, paid: np.ndarray) -> np.ndarray:
    factor = np.append(1 - paid[1:] / close[:-1], 1.0)
    return close * np.cumprod(factor[::-1])[::-1]


class TestHistories:
    def test_a_sound_history_is_accepted_as_it_is(self):
        sound = history()
        assert accepted(sound, NOW, None).warnings == ()
        assert accepted(sound, NOW, sound).warnings == ()

    @pytest.mark.parametrize("value", [0.0, -5.0, np.inf, -np.inf])
    @pytest.mark.parametrize("column", ["close", "adj_close"])
    def test_an_impossible_value_is_an_error(self, column, value):
        spoilt = walk(len(YEAR))
        spoilt[7] = value
        with pytest.raises(BadHistory, match=f"is {value:g} on {YEAR[7]}, which is no price"):
            accepted(history(**{column: spoilt}), NOW, None)

    def test_a_day_without_a_close_is_dropped_and_missed_by_the_calendar(self):
        close = history().close.copy()
        close[7] = NONE
        warned = accepted(history(close=close), NOW, None)
        assert len(warned.dates) == len(YEAR) - 1
        assert f"1 sessions of New York are missing: {YEAR[7]}" in warned.warnings[0]

    @pytest.mark.parametrize(("gone", "severity"), [(5, "warning"), (6, "error")])
    def test_a_gap_inside(self, gone, severity):
        gap = history().keep(~np.isin(np.arange(len(YEAR)), range(20, 20 + gone)))
        finding = next(f for f in check_history(gap, NOW, None) if f.rule == "calendar")
        assert finding.severity == severity
        assert f"{gone} sessions of New York are missing, {gone} in a row" in finding.text

    def test_no_close_at_all_is_an_error(self):
        with pytest.raises(BadHistory, match="no close in what came"):
            clean(history(close=np.full(len(YEAR), NONE)))

    @pytest.mark.parametrize(("gone", "severity"), [(5, "warning"), (6, "error")])
    def test_a_tail_that_is_stale(self, gone, severity):
        stale = history().keep(np.arange(len(YEAR)) < len(YEAR) - gone)
        finding = next(f for f in check_history(stale, NOW, None) if f.rule == "tail")
        assert finding.severity == severity
        assert f"{gone} sessions before the newest, 2026-09-17" in finding.text

    def test_a_bar_of_a_closed_day_is_left_out_with_a_warning(self):
        days = np.sort(np.append(YEAR, np.datetime64("2026-07-04")))
        close = walk(len(days))
        spoilt = history(days=days, close=close, adj_close=close, dividends=np.zeros(len(days)))
        warned = accepted(spoilt, NOW, None)
        assert np.datetime64("2026-07-04") not in warned.dates
        assert "closed were left out: 2026-07-04" in warned.warnings[0]

    def test_a_ticker_of_another_calendar_keeps_its_bars(self):
        days = np.arange("2026-01-01", "2026-09-18", dtype="datetime64[D]")
        close = walk(len(days))
        flat = np.zeros(len(days))
        coin = history("BTC-USD", days, close=close, adj_close=close, dividends=flat)
        warned = accepted(replace(coin, splits=flat, capital_gains=flat), NOW, None)
        assert len(warned.dates) == len(days)
        assert "follows another calendar" in warned.warnings[0]

    def test_a_rate_may_be_zero_or_below(self):
        rate = history("^IRX", close=np.linspace(-0.1, 5, len(YEAR)))
        assert accepted(rate, NOW, rate).warnings == ()


class TestTotalReturn:
    def test_yahoos_own_rounding_is_none(self):
        sound = history()
        assert total_return(replace(sound, adj_close=np.round(sound.adj_close, 4))) == []

    @pytest.mark.parametrize(("dividend", "severity"), [(1.0, "warning"), (4.0, "error")])
    def test_a_dividend_that_was_not_adjusted_for(self, dividend, severity):
        sound = history()
        paid = sound.dividends.copy()
        paid[100] = dividend
        finding = only(total_return(replace(sound, dividends=paid)))
        assert finding.severity == severity
        assert str(YEAR[100]) in finding.text

    def test_a_gain_that_is_not_among_the_dividends_is_allowed_for(self):
        sound = history()
        gains, paid = np.zeros(len(YEAR)), sound.dividends.copy()
        gains[60], paid[60] = 0.4, 0.6
        assert total_return(replace(sound, dividends=paid, capital_gains=gains)) == []

    def test_a_gain_counted_twice_is_found(self):
        sound = history()
        gains, paid = np.zeros(len(YEAR)), sound.dividends.copy()
        gains[60], paid[60] = 1.0, 2.0
        assert (
            only(total_return(replace(sound, dividends=paid, capital_gains=gains))).rule == "total"
        )

    def test_a_dividend_above_the_price_is_an_error(self):
        sound = history()
        paid = sound.dividends.copy()
        paid[100] = 1000.0
        assert only(total_return(replace(sound, dividends=paid))).severity == "error"


class TestRewritten:
    def test_a_new_dividend_lowers_all_before_it_and_rewrites_nothing(self):
        before = history()
        assert rewritten(replace(before, adj_close=before.adj_close * 0.98), before) == []

    def test_the_seventh_digit_is_none_and_the_fourth_is_named(self):
        before = history()
        close = before.adj_close.copy()
        close[50] *= 1 + 4e-6
        assert rewritten(replace(before, adj_close=close), before) == []
        close[50] *= 1.0005
        finding = only(rewritten(replace(before, adj_close=close), before))
        assert finding.severity == "warning"
        assert f"rewritten 2 returns since the copy kept before, most on {YEAR[50]}" in finding.text

    @pytest.mark.parametrize(("gone", "severity"), [(1, "warning"), (5, "warning"), (6, "error")])
    def test_days_that_are_gone(self, gone, severity):
        before = history()
        kept = ~np.isin(np.arange(len(YEAR)), range(20, 20 + gone))
        finding = rewritten(before.keep(kept), before)[0]
        assert finding.severity == severity
        assert f"{gone} days of the copy kept before are gone" in finding.text

    def test_a_history_that_begins_later_is_an_error(self):
        before = history()
        short = before.keep(np.arange(len(YEAR)) > 100)
        with pytest.raises(BadHistory, match="101 days of the copy kept before are gone"):
            accepted(short, NOW + timedelta(hours=1), before)
