from dataclasses import replace
from datetime import date

import pytest

from backtests.comparison import Comparison, compare
from backtests.eras import Era
from backtests.plan import Plan
from backtests.report import wording
from backtests.report.charts.ages import age_sentence, overlay
from backtests.report.summary import asked, in_short
from data.prices import PriceTable
from tests.conftest import make_table
from tests.helpers import TABLES, play

ADVICE = ("should", "recommend", "you ", "buy now", "better to", "!")


def plain(text: str) -> str:
    """Spaces that must not break count as spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def single() -> Comparison:
    return compare(Plan(eras=("ai-run",), strategies=("index-fund",)), TABLES)


@pytest.mark.parametrize(
    ("usd", "full", "short"),
    [
        (139000.0, "$139,000", "$139k"),
        (0.0, "$0", "$0"),
        (-0.4, "\N{MINUS SIGN}$0.40", "\N{MINUS SIGN}$0.4"),
        (0.004, "$0", "$0.004"),
        (1.39, "$1.39", "$1.39"),
        (99.999, "$100", "$100"),
        (1.39e14, "$139,000,000,000,000", "$139T"),
        (1.39e17, "$1.39e+17", "$1.39e+05T"),
        (999_600.0, "$999,600", "$1M"),
        (1_250_000.0, "$1,250,000", "$1.25M"),
        (-2500.0, "\N{MINUS SIGN}$2,500", "\N{MINUS SIGN}$2.5k"),
    ],
)
def test_money_is_written_in_full_and_short(usd: float, full: str, short: str):
    assert (wording.money(usd), wording.short_money(usd)) == (full, short)


@pytest.mark.parametrize(
    ("fraction", "digits", "text"),
    [
        (-0.2281, 0, "\N{MINUS SIGN}23 %"),
        (-0.2281, 1, "\N{MINUS SIGN}22.8 %"),
        (-0.0004, 0, "0 %"),
        (-0.0004, 1, "0.0 %"),
        (0.1, 0, "10 %"),
        (29.264, 1, "2,926.4 %"),
    ],
)
def test_percent_has_a_true_minus_and_no_negative_nothing(fraction: float, digits: int, text: str):
    assert plain(wording.percent(fraction, digits)) == text


def test_whole_months_are_counted_as_people_count_them():
    assert wording.months_between(date(1996, 6, 3), date(2000, 3, 10)) == 45
    assert wording.months_between(date(1996, 6, 3), date(2000, 9, 1)) == 50
    assert wording.months_between(date(2022, 11, 1), date(2026, 9, 17)) == 46
    assert wording.months_between(date(2020, 1, 31), date(2020, 2, 29)) == 0


def test_lists_and_counts_read_as_sentences():
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert plain(wording.counted(1, "month")) == "1 month"
    assert plain(wording.counted(2, "month")) == "2 months"


def test_the_reading_is_made_of_the_numbers(default: Comparison):
    told = [plain(sentence) for sentence in in_short(default)]
    assert 3 <= len(told) <= 6
    first = default.chapters[0].results[0].measures
    assert f"put in ${first.number('contributed'):,.0f}" in told[0]
    assert f"had ${first.number('final_value'):,.0f} at the end" in told[0]
    assert "At worst, on 2002-10-09, the account stood 23 % below the money put in" in told[1]
    assert "15 months ended below it" in told[1]
    assert "86 % from 2000-01-03 to 2002-09-30, not back at the old high by the end" in told[2]
    assert "Least fell the Diversified mix" in told[2]
    assert "Concentrated picks (chosen with hindsight)" in told[2]
    assert "Nasdaq index (dividends left out)" in told[3]
    assert "30 % for the Concentrated picks" in told[4]
    assert "AI run is 46 months old on 2026-09-17" in told[5]
    assert "in month 45 for the Nasdaq index" in told[5]


def test_the_reading_never_advises(default: Comparison, single: Comparison):
    for text in [*in_short(default), *in_short(single), *asked(default.plan)]:
        assert not any(word in text.lower() for word in ADVICE), text


def test_one_strategy_in_one_era_is_not_compared_with_itself(single: Comparison):
    told = " ".join(in_short(single))
    assert "Furthest" not in told
    assert "months old" not in told
    assert overlay(single) is None


def test_a_saver_who_never_fell_is_said_to_have_never_fallen():
    table = make_table(["2020-01-31", "2020-02-29"], {"A": [1, 2]}, "monthly")
    told = plain(" ".join(in_short(_comparison(table))))
    assert "The account was never below the money put in." in told
    assert "would have published no fall at all" in told
    assert "month-end prices" in told


def _comparison(table: PriceTable) -> Comparison:
    from backtests.comparison import Chapter

    result = play(table, {"A": 1.0})
    chapter = Chapter(result.era, table.bars, (result,), ())
    return Comparison(Plan(), (chapter,), {table.bars: table}, ())


def test_of_many_strategies_the_deepest_and_the_least_are_named(default: Comparison):
    chapter = default.chapters[0]
    many = tuple(
        replace(r, strategy=f"{r.strategy}-{n}", title=f"{r.title} {n}")
        for n in range(2)
        for r in chapter.results
    )
    wide = replace(default, chapters=(chapter, replace(default.chapters[1], results=many)))
    told = in_short(wide)[3]
    assert told.count("% for the") == 4
    assert "Diversified mix" in told


def test_what_was_asked_names_every_term():
    assert asked(Plan()) == [
        "$1,000 on the first trading day of every month, invested at that day's close; "
        "fractions of a share allowed.",
        "No fees and no taxes.",
    ]
    terms = Plan(
        monthly=250.5, initial=5000.0, fill="next", whole_shares=True, fee_bps=10, fee_per_order=1.5
    )
    assert asked(terms) == [
        "$250.50 on the first trading day of every month, $5,000 on the first day instead, "
        "invested at the close after it; whole shares only.",
        "Fees: 0.1 % of every dollar traded and $1.50 an order; no taxes.",
    ]


def test_eras_are_laid_on_one_another_from_their_own_starts(default: Comparison):
    laid = overlay(default)
    assert laid is not None
    assert (laid.older, laid.newer, laid.age) == ("Dot-com", "AI run", 46)
    tops = {pair.now.strategy: pair.top_month for pair in laid.pairs}
    assert tops == {"index-fund": 50, "diversified": 50, "ai-picks": 43, "nasdaq": 45}
    assert "in month 50 for the S&P 500 index fund and the Diversified mix" in age_sentence(laid)


def test_the_newest_era_may_be_asked_for_first(default: Comparison):
    turned = replace(default, chapters=default.chapters[::-1])
    laid = overlay(turned)
    assert laid is not None
    assert (laid.newer, laid.pairs[0].then.era.name) == ("AI run", "dotcom-peak")


def test_eras_that_begin_alike_keep_their_whole_titles(default: Comparison):
    first, second, last = (chapter.era for chapter in default.chapters)
    assert wording.short_title(first, last) == "Dot-com"
    assert wording.short_title(first, second) == first.title
    own = Era("x", "Mine: a user's own", first.start, None)
    assert wording.short_title(own, first) == "Mine: a user's own"
