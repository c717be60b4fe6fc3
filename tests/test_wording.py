import re
from dataclasses import replace
from datetime import date

import pytest

from backtests.comparison import Comparison, compare
from backtests.eras import Era
from backtests.plan import OwnEra, Plan
from backtests.report import wording
from backtests.report.charts.ages import age_sentence, overlay
from backtests.report.summary import asked, verdict
from data.language import speaking
from tests.helpers import TABLES, english_left

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
        (1.39e17, "$1.39e+17", "$139,000T"),
        (999_600.0, "$999,600", "$1M"),
        (1_250_000.0, "$1,250,000", "$1.25M"),
        (-2500.0, "\N{MINUS SIGN}$2,500", "\N{MINUS SIGN}$2.5k"),
    ],
)
def test_money_is_written_in_full_and_short(usd: float, full: str, short: str):
    assert (wording.money(usd), wording.short_money(usd)) == (full, short)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.331, "+33 %"),
        (0.0047, "+0.5 %"),
        (0.0, "0 %"),
        (0.0004, "0 %"),
        (-0.0047, "\N{MINUS SIGN}0.5 %"),
        (-0.24, "\N{MINUS SIGN}24 %"),
    ],
)
def test_a_gain_has_its_sign(fraction: float, text: str):
    assert plain(wording.gained(fraction)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("high on 2002-07-23.", "high on 23 July 2002."),
        ("of 2025-10, never", "of October 2025, never"),
        ("2000-03-01 to 2007-12-31", "1 March 2000 to 31 December 2007"),
        ("2002-13, 2002-02-30, 12002-01, a-2002-01, 2002-01-x", None),
    ],
)
def test_dates_of_a_sentence_are_written_in_words(text: str, words: str | None):
    assert plain(wording.in_words(text)) == (words or text)


def test_dates_beside_han_characters_are_written_in_words():
    with speaking("zh-Hant"):
        assert wording.in_words("自2000-03-01至2002-10止") == "自2000年3月1日至2002年10月止"


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
    assert plain(wording.n_months(1)) == "1 month"
    assert plain(wording.n_months(2)) == "2 months"


WINDOW = {
    "short": OwnEra(start=date(2000, 3, 1), end=date(2002, 10, 31)),
    "months": OwnEra(start=date(2008, 1, 2), end=date(2008, 10, 31)),
}
VERDICTS = [
    ((), (), "Started at the 2000 top, the index saver was 35 % below her own money at worst and "
     "33 % ahead at the end."),
    ((), ("ai-run",), "Since November 2022 the index saver was 4 % below her own money at worst "
     "and is 47 % ahead."),
    ((), ("dotcom",), "From June 1996 the index saver was 23 % below her own money at worst and "
     "47 % ahead at the end."),
    ((), ("gfc", "ai-run"), "From October 2007 the index saver was 43 % below her own money at "
     "worst and 41 % ahead at the end."),
    ((), ("lost-decade",), "From January 2000 the index saver was 37 % below her own money at "
     "worst and only 7 % ahead at the end."),
    (("ai-picks",), ("dotcom",), "From June 1996 the Concentrated picks fell 86 %, yet the "
     "saver was 14 % below her own money at worst and ended with 2.4 times it."),
    (("cash",), ("dotcom",), "From June 1996 the saver in the Treasury bills was never below her "
     "own money and 23 % ahead at the end."),
    ((), ("short",), "From March 2000 the index saver was 35 % below her own money at worst and "
     "still 24 % below at the end."),
    ((), ("all",), "Since June 1996 the index saver was 31 % below her own money at worst and has "
     "6.9 times it."),
    ((), ("months",), "In 10 months from January 2008 the index saver was 36 % below her own "
     "money at worst and still 26 % below at the end."),
]  # fmt: skip


@pytest.mark.parametrize(("strategies", "eras", "sentence"), VERDICTS)
def test_the_verdict_is_made_of_the_numbers(strategies, eras, sentence):
    found = verdict(compare(Plan(strategies=strategies, eras=eras, era=WINDOW), TABLES))
    assert plain(found.sentence) == sentence
    assert len(found.sentence.split(" ")) <= 25
    measures = found.saver.measures
    multiple = measures.number("multiple")
    shares = [measures.number(key) for key in ("worst_shortfall", "max_drawdown")]
    known = {"%": [abs(100 * share) for share in (*shares, multiple - 1)], "times": [multiple]}
    for number, unit in re.findall(r"([\d.]+) (%|times)", plain(found.sentence)):
        off = min(abs(value - float(number)) for value in known[unit])
        assert off <= (0.5 if unit == "%" else 0.05), number


SHARES = {"低於累計投入": "worst_shortfall", "下跌": "max_drawdown", "高出": "", "累計投入低": ""}


@pytest.mark.parametrize("at", range(len(VERDICTS)))
def test_the_verdict_says_the_same_numbers_in_chinese(at: int):
    strategies, eras, _ = VERDICTS[at]
    with speaking("zh-Hant"):
        found = verdict(compare(Plan(strategies=strategies, eras=eras, era=WINDOW), TABLES))
    figures = found.saver.measures
    gain = figures.number("multiple") - 1
    said = re.findall(r"(低於累計投入|下跌|高出|累計投入低) ([\d.]+)%", found.sentence)
    for words, number in said:
        figure = figures.number(SHARES[words]) if SHARES[words] else gain
        assert abs(100 * abs(figure) - float(number)) <= 0.5, found.sentence
    times = re.findall(r"累計投入的 ([\d.]+) 倍", found.sentence)
    assert [float(number) for number in times] == [round(gain + 1, 1)] * (gain > 1)
    assert bool(figures.number("worst_shortfall")) is ("從未低於累計投入" not in found.sentence)
    assert len(said) + len(times) == len(re.findall(r"\d(?:%| 倍)", found.sentence)) > 0
    begun = f"{found.chapter.start.year}年{found.chapter.start.month}月"
    assert begun in found.sentence
    assert not english_left(found.sentence + found.title)


def test_the_chinese_verdict_reads_as_the_press_writes(default: Comparison, single: Comparison):
    with speaking("zh-Hant"):
        assert verdict(default).sentence == (
            "自2000年3月的高點起定期定額投入標普 500 指數型基金，最深時低於累計投入 35%，"
            "期末則高出 33%。"
        )
        assert verdict(single).title == (
            "標普 500 指數型基金，2022年11月起：最深低於累計投入 4%，目前則高出 47%"
        )
        assert asked(Plan(monthly=250.5, initial=5000.0, fee_bps=10, fee_per_order=1.5)) == [
            "每月第一個交易日投入 250.50 美元，首期改為投入 5,000 美元，以當日收盤價成交；"
            "可買碎股。",
            "手續費：成交金額的 0.1% 和每筆 1.50 美元；未計稅負。",
        ]


@pytest.mark.parametrize(
    ("at", "title"),
    [
        (0, "index saver from March 2000: 35 % below at worst, 33 % ahead at the end"),
        (1, "index saver from November 2022: 4 % below at worst, 47 % ahead now"),
        (6, "saver in the Treasury bills from June 1996: never below, 23 % ahead at the end"),
        (7, "index saver from March 2000: 35 % below at worst, 24 % below at the end"),
        (8, "index saver from June 1996: 31 % below at worst, 6.9 times her money now"),
    ],
)
def test_the_title_is_the_verdict_in_few_words(at: int, title: str):
    strategies, eras, _ = VERDICTS[at]
    found = verdict(compare(Plan(strategies=strategies, eras=eras, era=WINDOW), TABLES))
    assert plain(found.title) == title


def test_the_verdict_never_advises(default: Comparison, single: Comparison):
    for text in [verdict(default).sentence, verdict(single).sentence, *asked(default.plan)]:
        assert not any(word in text.lower() for word in ADVICE), text


def test_one_strategy_in_one_era_is_not_laid_on_itself(single: Comparison):
    assert overlay(single) is None


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
        "Fees: 0.1 % of all that is traded and $1.50 an order; no taxes.",
    ]


def test_on_month_end_bars_the_money_goes_in_at_month_ends():
    assert asked(Plan(), ("monthly",))[0].startswith("$1,000 on the last day of every month, ")
    both = "on the first trading day (on month-end bars the last) of every month"
    assert both in asked(Plan(), ("daily", "monthly"))[0]


def test_a_tax_is_written_as_it_was_given():
    assert asked(Plan(tax=0.26375))[1] == "No fees; 26.375 % of realised gains goes in tax."


def test_eras_are_laid_on_one_another_from_their_own_starts(default: Comparison):
    laid = overlay(default)
    assert laid is not None
    assert (laid.older, laid.newer, laid.age) == (("Dot-com",), "AI run", 46)
    tops = {group.now.result.strategy: group.others[0].top_month for group in laid.groups}
    assert tops == {"index-fund": 50, "diversified": 50, "ai-picks": 43, "nasdaq": 45}
    assert "in month 50 for the S&P 500 index fund and the Diversified mix" in age_sentence(laid)


def test_the_newest_era_may_be_asked_for_first(default: Comparison):
    turned = replace(default, chapters=default.chapters[::-1])
    laid = overlay(turned)
    assert laid is not None
    (line,) = laid.groups[0].others
    assert (laid.newer, line.result.era.name) == ("AI run", "dotcom-peak")


def test_eras_that_begin_alike_keep_their_whole_titles(default: Comparison):
    first, second, last = (chapter.era for chapter in default.chapters)
    assert wording.short_title(first, last) == "Dot-com"
    assert wording.short_title(first, second) == first.title
    own = Era("x", "Mine: a user's own", first.start, None)
    assert wording.short_title(own, first) == "Mine: a user's own"
