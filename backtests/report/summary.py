"""Put the numbers into a few plain sentences; never advice."""

from collections.abc import Sequence

from backtests.comparison import Chapter, Comparison
from backtests.plan import Plan
from backtests.report.charts.ages import age_sentence, overlay
from backtests.report.names import the
from backtests.report.wording import bars_word, cents, counted, fall, listed, money
from backtests.result import Result

# Eras after the first that get a sentence of their own: the last ones asked for.
MOST_OTHERS = 2
# Of more strategies the deepest falls and the least are named.
MOST_NAMED = 4


def asked(plan: Plan) -> list[str]:
    """Say how the money went in."""
    monthly = f"{_dollars(plan.monthly)} on the first trading day of every month"
    if plan.initial is not None:
        monthly += f", {_dollars(plan.initial)} on the first day instead"
    when = "that day's close" if plan.fill == "close" else "the close after it"
    shares = "whole shares only" if plan.whole_shares else "fractions of a share allowed"
    return [f"{monthly}, invested at {when}; {shares}.", _fees(plan)]


def in_short(comparison: Comparison) -> list[str]:
    """Tell the comparison in three to six sentences: one or two an era, then the eras' ages."""
    first, *others = comparison.chapters
    told = [_paid_in(first), _at_worst(first), *_furthest(first)]
    told += [_briefly(chapter) for chapter in others[-MOST_OTHERS:]]
    laid = overlay(comparison)
    return [*told, age_sentence(laid)] if laid else told


def _dollars(usd: float) -> str:
    return money(usd) if usd == round(usd) else cents(usd)


def _fees(plan: Plan) -> str:
    if not plan.fee_bps and not plan.fee_per_order:
        return "No fees and no taxes."
    parts = [f"{plan.fee_bps / 100:g} % of every dollar traded"] if plan.fee_bps else []
    parts += [f"{cents(plan.fee_per_order)} an order"] if plan.fee_per_order else []
    return f"Fees: {listed(parts)}; no taxes."


def _paid_in(chapter: Chapter) -> str:
    saver = chapter.results[0]
    return (
        f"{_window(chapter)}: the saver in {the(saver)} put in "
        f"{money(saver.measures.number('contributed'))} and had "
        f"{money(saver.measures.number('final_value'))} at the end."
    )


def _at_worst(chapter: Chapter) -> str:
    """Give the first strategy's three drawdowns in one sentence."""
    saver = chapter.results[0]
    return (
        f"{_short_of_money_in(saver)} On the account's statement the deepest fall was "
        f"{fall(saver.measures.number('account_max_drawdown'))}; a fund doing the same would have "
        f"published {_deepest(saver)}."
    )


def _short_of_money_in(saver: Result) -> str:
    short = saver.measures.number("worst_shortfall")
    if short == 0:
        return "The account was never below the money put in."
    months = int(saver.measures.number("months_below_money_in"))
    ended = f"{counted(months, 'month')} ended below it" if months else "no month ended below it"
    return (
        f"At worst, on {saver.measures['worst_shortfall_date']}, the account stood {fall(short)} "
        f"below the money put in, and {ended}."
    )


def _deepest(result: Result) -> str:
    """Name a strategy drawdown with its dates."""
    measures = result.measures
    if measures.number("max_drawdown") == 0:
        return "no fall at all"
    back = measures["max_drawdown_recovery"]
    end = f"back at the old high on {back}" if back else "not back at the old high by the end"
    return (
        f"{fall(measures.number('max_drawdown'))} from {measures['max_drawdown_peak']} "
        f"to {measures['max_drawdown_trough']}, {end}"
    )


def _furthest(chapter: Chapter) -> list[str]:
    """Name the strategies that fell most and least."""
    if len(chapter.results) < 2:
        return []
    ordered = _by_depth(chapter.results)
    most, least = ordered[0], ordered[-1]
    return [
        f"Furthest fell {the(most)}: {_deepest(most)}. "
        f"Least fell {the(least)}: {fall(least.measures.number('max_drawdown'))}."
    ]


def _briefly(chapter: Chapter) -> str:
    """Tell an era in one sentence: the falls, deepest first, and the first one's money put in."""
    ordered = _by_depth(chapter.results)
    told = ordered if len(ordered) <= MOST_NAMED else [*ordered[: MOST_NAMED - 1], ordered[-1]]
    falls = listed(f"{fall(r.measures.number('max_drawdown'))} for {the(r)}" for r in told)
    saver = chapter.results[0]
    short = saver.measures.number("worst_shortfall")
    below = f"was {fall(short)} below money put in at worst" if short else "was never below it"
    return f"{_window(chapter)}: the deepest falls were {falls}; the saver in {the(saver)} {below}."


def _by_depth(results: Sequence[Result]) -> list[Result]:
    return sorted(results, key=lambda r: r.measures.number("max_drawdown"))


def _window(chapter: Chapter) -> str:
    bars = "" if chapter.bars == "daily" else f", {bars_word(chapter.bars)} prices"
    return f"{chapter.era.title} ({chapter.start} to {chapter.end}{bars})"
