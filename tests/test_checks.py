"""Every rule of the checks: what it finds, what it leaves alone, and which it is."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import snapshot
from data.arrays import Series
from data.checks import series as series_checks
from data.checks.series import Finding
from data.checks.table import check, noted, passed
from data.errors import BadPrices
from data.notes import Note
from data.prices import PriceTable
from data.sessions import newest_complete, sessions
from data.window import window
from tests.conftest import make_table, month_ends, weekdays

NOW = datetime(2026, 9, 18, 12, 0, tzinfo=UTC)
DAYS = sessions(np.datetime64("2020-01-02"), np.datetime64("2020-12-31"))
NONE = float("nan")


def walk(count: int, seed: int = 1) -> np.ndarray:
    return 50 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, count)))


def table(closes: np.ndarray, days: np.ndarray = DAYS, symbol: str = "PLTR") -> PriceTable:
    return make_table([str(d) for d in days], {symbol: closes.tolist()})


def found(thing: PriceTable) -> list[tuple[str, str]]:
    return [(f.severity, f.rule) for f in check(thing, NOW)]


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def test_sound_prices_give_no_finding():
    assert check(table(walk(len(DAYS))), NOW) == []


class TestJumps:
    def jumped(self, *factors: float, own: bool = True, split: float = 0.0) -> list[Finding]:
        closes = np.full(20, 10.0)
        for step, factor in enumerate(factors):
            closes[10 + step :] *= factor
        splits = np.zeros(20)
        splits[10] = split
        return series_checks.jumps(Series("MINE", DAYS[:20], closes, splits), own)

    @pytest.mark.parametrize("factor", [1.79, 1 / 1.79, 1.0])
    def test_up_to_1_8_is_no_jump(self, factor):
        assert self.jumped(factor) == []

    @pytest.mark.parametrize("factor", [8, 10, 0.125, 100, 1 / 97, 1000, 5e5])
    def test_a_factor_of_eight_is_an_error_of_the_users_own_prices_too(self, factor):
        finding = only(self.jumped(factor))
        assert (finding.severity, finding.days) == ("error", (DAYS[10].item(), DAYS[10].item()))
        assert finding.advice == f"correct it, or accept it with --accept-jumps {DAYS[10]}"

    def test_one_that_is_accepted_is_a_warning(self):
        series = Series("MINE", DAYS[:4], np.array([1.0, 1, 20, 20]))
        finding = only(series_checks.jumps(series, own=True, accepted=[DAYS[2].item()]))
        assert finding.severity == "warning"
        assert finding.text.endswith("accepted as it is")

    @pytest.mark.parametrize("factor", [1.85, 2.4, 0.45, 7.9])
    def test_a_jump_that_stays_is_a_warning(self, factor):
        finding = only(self.jumped(factor))
        assert finding.severity == "warning"
        assert str(DAYS[10]) in finding.text

    @pytest.mark.parametrize("factor", [0.5, 0.48, 2.04])
    def test_one_like_a_split_says_so(self, factor):
        assert "a split of 2 that was not applied" in only(self.jumped(factor)).text

    @pytest.mark.parametrize("factors", [(10, 0.1), (0.01, 100), (2, 0.5), (2, 1, 0.5)])
    def test_a_jump_that_comes_back_is_an_error_at_the_first_bar(self, factors):
        first = self.jumped(*factors)[0]
        assert first.severity == "error"
        assert "back within two bars" in first.text

    @pytest.mark.parametrize(("own", "severity"), [(True, "warning"), (False, "error")])
    def test_a_factor_of_three_is_believed_of_the_users_own_figures_alone(self, own, severity):
        assert only(self.jumped(3.2, own=own)).severity == severity

    @pytest.mark.parametrize(("factor", "split"), [(0.5, 2), (0.1, 10), (2, 0.5), (0.49, 2)])
    def test_a_recorded_split_that_was_not_applied_is_an_error(self, factor, split):
        finding = only(self.jumped(factor, split=split))
        assert finding.severity == "error"
        assert f"a split of {split:g} is recorded" in finding.text

    def test_what_truly_happened_is_no_finding(self):
        apple = snapshot.load("daily").column("AAPL")
        days = snapshot.load("daily").dates
        inside = np.isfinite(apple) & (days < np.datetime64("2008-01-01"))
        assert series_checks.jumps(Series("AAPL", days[inside], apple[inside]), own=False) == []
        other = series_checks.jumps(Series("OTHER", days[inside], apple[inside]), own=False)
        assert only(other).text.startswith("0.481 times the price before on 2000-09-29")

    def test_a_hole_of_years_is_no_jump(self):
        days = np.array(["2007-12-31", "2022-10-03"], dtype="datetime64[D]")
        assert series_checks.jumps(Series("MINE", days, np.array([1.0, 9.0])), own=True) == []


class TestSpikes:
    def test_a_tenth_away_and_back_is_a_warning(self):
        closes = walk(60)
        closes[30] *= 1.15
        finding = only(series_checks.spikes(Series("MINE", DAYS[:60], closes)))
        assert finding.rule == "spike"
        assert str(DAYS[30]) in finding.text

    def test_a_fall_that_stays_is_none(self):
        closes = walk(60)
        closes[30:] *= 0.85
        assert series_checks.spikes(Series("MINE", DAYS[:60], closes)) == []

    def test_wild_times_are_none(self):
        closes = 50 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.06, 200)))
        assert series_checks.spikes(Series("MINE", DAYS[:200], closes)) == []

    def test_two_prices_are_too_few(self):
        assert series_checks.spikes(Series("MINE", DAYS[:2], np.array([1.0, 2.0]))) == []


@pytest.mark.parametrize(("count", "findings"), [(7, 0), (8, 1), (30, 1)])
def test_eight_equal_prices_in_a_row_are_a_warning(count, findings):
    closes = walk(60)
    closes[10 : 10 + count] = closes[10]
    flats = series_checks.flats(Series("MINE", DAYS[:60], closes))
    assert len(flats) == findings
    assert all(f"{count} equal prices in a row from {DAYS[10]}" in f.text for f in flats)


class TestTables:
    @pytest.mark.parametrize(
        ("gone", "expected"),
        [
            ([5], [("warning", "calendar")]),
            (range(5, 10), [("warning", "calendar")]),
            (range(5, 11), [("error", "calendar")]),
        ],
    )
    def test_sessions_without_a_bar(self, gone, expected):
        days = np.delete(DAYS, list(gone))
        assert found(table(walk(len(days)), days)) == expected

    def test_bars_of_closed_days(self):
        days = np.sort(np.append(DAYS, np.datetime64("2020-07-04")))
        finding = only(check(table(walk(len(days)), days), NOW))
        assert "1 bars of days New York was closed: 2020-07-04" in finding.text

    def test_days_before_1990_have_no_calendar(self):
        days = np.arange("1980-01-01", "1981-01-01", dtype="datetime64[D]")
        assert check(table(walk(len(days)), days), NOW) == []

    def test_a_symbol_with_a_hole_others_do_not_have(self):
        closes = {"AAA": walk(len(DAYS)), "BBB": walk(len(DAYS), 2)}
        closes["BBB"][100:120] = NONE
        finding = only(check(make_table([str(d) for d in DAYS], closes), NOW))
        assert (finding.severity, finding.symbol) == ("warning", "BBB")
        assert "no price on 20 bars, up to 20 in a row" in finding.text

    @pytest.mark.parametrize(("tail", "findings"), [(5, 0), (6, 1)])
    def test_a_symbol_that_stops_before_the_others(self, tail, findings):
        closes = {"AAA": walk(len(DAYS)), "BBB": walk(len(DAYS), 2)}
        closes["BBB"][-tail:] = NONE
        stopped = make_table([str(d) for d in DAYS], closes)
        assert [f.rule for f in check(stopped, NOW)] == ["tail"] * findings
        ended = replace(stopped, ended={"BBB": stopped.last("BBB")})
        assert check(ended, NOW) == []

    def test_a_bar_of_tomorrow_is_an_error(self):
        assert ("error", "future") in found(
            table(walk(3), np.arange("2026-09-17", "2026-09-20", dtype="M8[D]"))
        )

    def test_todays_bar_is_none(self):
        days = sessions(np.datetime64("2026-09-01"), np.datetime64("2026-09-18"))
        assert found(table(walk(len(days)), days)) == []

    @pytest.mark.parametrize(
        ("gone", "expected"),
        [([], []), ([5], [("warning", "calendar")]), ([5, 6], [("error", "calendar")])],
    )
    def test_months_without_a_bar(self, gone, expected):
        ends = np.delete(month_ends("2010-01", 36), gone)
        assert (
            found(make_table([str(d) for d in ends], {"A": walk(len(ends)).tolist()}, "monthly"))
            == expected
        )

    @pytest.mark.parametrize(
        ("gone", "expected"),
        [([], []), ([5], [("warning", "calendar")]), ([5, 6], [("error", "calendar")])],
    )
    def test_weeks_without_a_bar(self, gone, expected):
        weeks = np.delete(np.arange("2010-01-01", "2011-01-01", 7, dtype="datetime64[D]"), gone)
        assert (
            found(make_table([str(d) for d in weeks], {"A": walk(len(weeks)).tolist()}, "weekly"))
            == expected
        )

    @pytest.mark.parametrize("day", ["01", "04"])
    def test_months_dated_on_their_first_days_are_a_warning(self, day):
        firsts = [f"2020-{m:02}-{day}" for m in range(1, 13)]
        closes = {"A": walk(12).tolist()}
        finding = only(check(make_table(firsts, closes, "monthly"), NOW))
        assert "dated a month early" in finding.text

    def test_a_constant_column_is_an_error(self):
        finding = only([f for f in check(table(np.full(9, 7.0), DAYS[:9]), NOW) if f.days])
        assert (finding.severity, finding.rule) == ("error", "constant")
        assert finding.text.startswith("7 on all of its 9 bars, which no price is")
        assert not [f for f in check(table(np.full(7, 7.0), DAYS[:7]), NOW) if f.days]

    def test_what_is_not_known_to_trade_in_new_york_has_its_own_rhythm(self):
        days = np.arange("2020-01-01", "2020-12-31", dtype="datetime64[D]")
        closes = {"BTC-USD": walk(len(days)), "FUND": walk(len(days), 2), "SPY": walk(len(days), 3)}
        closes["FUND"][~np.is_busday(days)] = NONE
        closes["SPY"][~np.isin(days, DAYS)] = NONE
        mixed = make_table([str(d) for d in days], closes)
        assert [f for f in check(mixed, NOW) if f.rule == "calendar"] == []
        closes["SPY"][np.isin(days, DAYS[20:30])] = NONE
        missed = check(make_table([str(d) for d in days], closes), NOW)
        assert {f.symbol for f in missed if f.rule == "calendar"} == {"SPY"}

    def test_computed_series_are_not_held_to_the_rules_of_traded_ones(self):
        assert check(table(np.ones(len(DAYS)), symbol="CASH"), NOW) == []


class TestEmbedded:
    @pytest.fixture
    def oracle(self):
        known = snapshot.load("daily")
        inside = known.dates < np.datetime64("2008-01-01")
        return known.dates[inside], known.column("ORCL")[inside].copy()

    def test_the_same_figures_at_another_level_are_none(self, oracle):
        days, closes = oracle
        assert check(table(closes * 0.37, days, "ORCL"), NOW) == []

    def test_a_dozen_days_off_by_one_or_two_percent_are_named(self, oracle):
        days, closes = oracle
        wrong = closes.copy()
        wrong[np.searchsorted(days, np.array(["2000-04-17", "2002-05-23"], "M8[D]"))] *= 1.02
        finding = only(check(table(wrong, days, "ORCL"), NOW))
        assert finding.rule == "embedded"
        assert finding.text.startswith(
            "4 one-bar returns differ from the embedded prices, most on "
        )
        assert "2000-04-17, 2000-04-18, 2002-05-23" in finding.text

    def test_another_series_of_that_name_is_named_as_such(self, oracle):
        days, _ = oracle
        findings = check(table(walk(len(days)), days, "ORCL"), NOW)
        assert "not the series embedded under that name" in only(findings).text

    @pytest.mark.parametrize("bars", ["daily", "monthly"])
    def test_small_differences_of_one_sign_are_added_up(self, bars):
        known = snapshot.load(bars)
        inside = np.isfinite(known.column("CSCO")) & (known.dates < np.datetime64("2008-01-01"))
        days, closes = known.dates[inside], known.column("CSCO")[inside].copy()
        assert check(make_table(days, {"CSCO": closes}, bars), NOW) == []
        quarters = np.unique(days.astype("datetime64[M]").astype(int) // 3, return_index=True)[1]
        for at in quarters[1:]:
            closes[at:] *= 1 - 0.003
        found = [f.text for f in check(make_table(days, {"CSCO": closes}, bars), NOW)]
        assert any("nearly all of one sign, add up to -" in text for text in found)

    def test_a_stand_in_is_compared_only_while_it_stands_in(self):
        known = snapshot.load("daily")
        early = known.dates <= np.datetime64("2007-12-31")
        closes = known.column("SP500")
        assert check(table(closes[early], known.dates[early], "VFINX"), NOW) == []
        late = known.dates > np.datetime64("2007-12-31")
        assert check(table(walk(late.sum()), known.dates[late], "VFINX"), NOW) == []


class TestPassed:
    def test_errors_forbid_the_windows_that_hold_their_days(self):
        days = np.delete(DAYS, range(5, 15))
        closes = walk(len(days))
        closes[50] *= 10
        faults = passed(table(closes, days), NOW).faults
        assert [(f.symbol, f.first, f.last) for f in faults] == [
            ("", DAYS[5].item(), DAYS[14].item()),
            ("PLTR", days[50].item(), days[50].item()),
            ("PLTR", days[51].item(), days[51].item()),
        ]

    def test_days_to_come_are_refused_at_once(self):
        days = np.arange("2026-09-17", "2026-09-20", dtype="M8[D]")
        with pytest.raises(BadPrices, match="bars of days to come: 2026-09-19; correct the dates"):
            passed(table(walk(3), days), NOW)

    def test_warnings_of_a_symbol_stand_in_its_note_and_others_in_the_tables(self):
        first, said = Note("data", "MINE", "first"), Note("data", "", "said")
        before = replace(table(walk(len(DAYS))), notes={"MINE": (first,)}, warnings=(said,))
        after = noted(
            before,
            [Finding("warning", "MINE", "jump", "second"), Finding("warning", "", "x", "all")],
        )
        assert after.notes == {"MINE": (first, Note("jump", "MINE", "second"))}
        assert after.warnings == (said, Note("data", "", "all"))


def test_the_snapshot_has_no_error_and_only_known_warnings():
    for bars in ("daily", "monthly"):
        findings = check(snapshot.load(bars), datetime(2026, 12, 1, tzinfo=UTC))
        assert {(f.severity, f.rule) for f in findings} <= {
            ("warning", "tail"),
            ("warning", "calendar"),
            ("warning", "jump"),
        }
        assert not [f for f in findings if not f.symbol]


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2026-11-23T03:59:00+00:00", "2026-11-20"),
        ("2026-11-24T03:59:00+00:00", "2026-11-20"),
        ("2026-11-24T05:01:00+00:00", "2026-11-23"),
        ("2026-11-27T12:00:00+00:00", "2026-11-25"),
        ("2001-09-17T12:00:00+00:00", "2001-09-10"),
    ],
)
def test_the_newest_complete_session_is_the_last_whose_day_is_over_in_new_york(moment, session):
    assert str(newest_complete(datetime.fromisoformat(moment))) == session


@pytest.mark.parametrize(
    ("day", "is_session"),
    [
        ("1994-04-27", False), ("2001-09-11", False), ("2001-09-17", True), ("2012-10-29", False),
        ("2012-10-31", True), ("2018-12-05", False), ("2021-06-18", True), ("2022-06-20", False),
        ("2025-01-09", False), ("2004-02-29", False), ("2024-02-29", True),
    ],
)  # fmt: skip
def test_hard_dates_of_the_calendar(day, is_session):
    when = np.datetime64(day)
    assert bool(len(sessions(when, when))) is is_session


@given(
    bars=st.sampled_from(["daily", "weekly", "monthly"]),
    size=st.floats(8.0, 1e9),
    down=st.booleans(),
    at=st.integers(1, 38),
    stays=st.integers(1, 40),
)
def test_a_jump_of_eight_forbids_exactly_the_windows_that_span_it(bars, size, down, at, stays):
    days = {
        "daily": weekdays("2019-01-01", 40),
        "weekly": np.arange("2018-01-05", "2019-01-01", 7, dtype="M8[D]")[:40],
        "monthly": month_ends("2015-01", 40),
    }[bars]
    closes = walk(40)
    # A walk of one per cent a bar takes nothing off a factor that is a little larger.
    closes[at : at + stays] *= (1 / size if down else size) ** 1.02
    checked = passed(make_table(days, {"MINE": closes}, bars), NOW)
    steps = {day.item() for day in (days[at], *days[at + stays : at + stays + 1])}
    assert {fault.first for fault in checked.faults} == steps
    for first, last in ((0, at), (at - 1, at), (at, at + 1)):
        spanned = any(days[first] < np.datetime64(day) <= days[last] for day in steps)
        refused = pytest.raises(BadPrices, match="MINE: ") if spanned else nullcontext()
        with refused:
            window(checked, ["MINE"], days[first].item(), days[last].item())
    accepted = passed(make_table(days, {"MINE": closes}, bars), NOW, steps)
    assert accepted.faults == ()
    assert {n.kind for n in accepted.notes["MINE"] if "accepted" in n.text} == {"jump"}
