"""Put the numbers into one plain sentence, and say what was asked; never advice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backtests.comparison import Chapter, Comparison
from backtests.plan import Plan
from backtests.report.names import named
from backtests.report.wording import cents, listed, money, n_months, percent
from backtests.result import Result

SUBJECT = "index-fund"
# Shortfalls nearer to each other than this are told apart by the months they lasted.
_ALIKE = 0.005


@dataclass(frozen=True)
class Verdict:
    """The sentence, and whose numbers it tells: one strategy's in the era that says most.

    `title` says the same in few words, for the name of the page.
    """

    sentence: str
    title: str
    chapter: Chapter
    saver: Result


def paid_in(plan: Plan) -> str:
    """Say in a few words what is paid in."""
    first = f"{money(plan.initial)} on the first day" if plan.initial else ""
    if first and not (plan.monthly or plan.payments):
        return first
    rest = plan.terms.regular(money)
    return f"{first}, then {rest}" if first else rest


def asked(plan: Plan, bars: Iterable[str] = ("daily",)) -> list[str]:
    """Say how the money went in, on bars of these resolutions."""
    monthly = f"{_dollars(plan.monthly)} on the {_day(set(bars))} of every month"
    if not plan.terms.schedule.plain:
        monthly = plan.terms.regular(_dollars)
    if plan.initial is not None:
        monthly += f", {_dollars(plan.initial)} on the first day instead"
    if plan.parts > 1:
        monthly += f" (what is there on the first day is invested in {plan.parts} monthly parts)"
    when = "that day's close" if plan.fill == "close" else "the close after it"
    shares = "whole shares only" if plan.whole_shares else "fractions of a share allowed"
    quits = [f"The saver {plan.terms.quit}."] if plan.terms.quit else []
    return [f"{monthly}, invested at {when}; {shares}.", *quits, _fees(plan)]


def _day(bars: set[str]) -> str:
    if "monthly" not in bars:
        return "first trading day"
    return "last day" if bars == {"monthly"} else "first trading day (on month-end bars the last)"


def verdict(comparison: Comparison) -> Verdict:
    """Tell how far the index saver, else the first, fell below her own money and how it ended.

    The era is the one where she was furthest below; where never, the one with the deepest fall.
    """
    names = [result.strategy for result in comparison.results]
    subject = SUBJECT if SUBJECT in names else names[0]
    told = [(c, r) for c in comparison.chapters for r in c.results if r.strategy == subject]
    chapter, saver = _furthest(told)
    sentence = f"{_worst(chapter, saver)} and {_end(chapter, saver)}."
    title = _title(chapter, saver)
    return Verdict(sentence, f"Scenario: {title}" if comparison.assumed else title, chapter, saver)


def in_brief(plan: Plan, told: Verdict) -> str:
    """Say in a line when money went in, how much in all, and how."""
    span = f"{told.chapter.start:%B %Y} to {told.chapter.end:%B %Y}"
    put_in = money(_number(told.saver, "contributed"))
    return f"{span}, {put_in} put in: {paid_in(plan)}"


def _furthest(told: Sequence[tuple[Chapter, Result]]) -> tuple[Chapter, Result]:
    worst = min(_number(saver, "worst_shortfall") for _, saver in told)
    if worst == 0:
        return min(told, key=lambda each: _number(each[1], "max_drawdown"))
    near = [each for each in told if _number(each[1], "worst_shortfall") < worst + _ALIKE]
    return max(near, key=lambda each: _number(each[1], "months_below_money_in"))


def _worst(chapter: Chapter, saver: Result) -> str:
    low, fell = (-_number(saver, key) for key in ("worst_shortfall", "max_drawdown"))
    subject = "the index saver" if saver.strategy == SUBJECT else f"the saver in {named(saver)}"
    if fell > 0.4 and 3 * low <= fell and 0 < low < 0.15:
        subject = f"{named(saver)} fell {_share(fell)}, yet the saver"
    below = f"{_share(low)} below her own money at worst" if low else "never below her own money"
    return f"{_opening(chapter, saver)} {subject} was {below}"


def _end(chapter: Chapter, saver: Result) -> str:
    gain, now = _number(saver, "multiple") - 1.0, chapter.era.end is None
    verb, when = ("is ", "") if now else ("", " at the end")
    if gain < 0:
        return f"{verb}still {_share(gain)} below{when}"
    if gain > 1:
        return f"{'has' if now else 'ended with'} {gain + 1:,.1f} times it"
    only = "only " if gain < 0.1 and saver.course.days > 8 * 365 else ""
    return f"{verb}{only}{_share(gain)} ahead{when}"


def _title(chapter: Chapter, saver: Result) -> str:
    low, gain = (_number(saver, key) for key in ("worst_shortfall", "multiple"))
    name = "index saver" if saver.strategy == SUBJECT else f"saver in {named(saver)}"
    below = f"{_share(low)} below at worst" if low else "never below"
    where = "now" if chapter.era.end is None else "at the end"
    end = f"{_share(gain - 1)} {'ahead' if gain >= 1 else 'below'} {where}"
    if gain > 2:
        end = f"{gain:,.1f} times her money {where}"
    return f"{name} from {chapter.start:%B %Y}: {below}, {end}"


def _opening(chapter: Chapter, saver: Result) -> str:
    if saver.course.days < 365:
        months = n_months(max(1, round(saver.course.days / 30.4)))
        return f"In {months} from {chapter.start:%B %Y}"
    since = "Since" if chapter.era.end is None else "From"
    return chapter.era.opening or f"{since} {chapter.start:%B %Y}"


def _share(fraction: float) -> str:
    return percent(abs(fraction), 0 if abs(fraction) >= 0.00995 or not fraction else 1)


def _number(saver: Result, key: str) -> float:
    return saver.measures.number(key)


def _dollars(usd: float) -> str:
    return money(usd) if usd == round(usd) else cents(usd)


def _fees(plan: Plan) -> str:
    taxes = f"{100 * plan.tax:g} % of realised gains goes in tax" if plan.tax else "no taxes"
    if plan.terms.costs.free:
        return f"No fees; {taxes}." if plan.tax else "No fees and no taxes."
    parts = [f"{plan.fee_bps / 100:g} % of all that is traded"] if plan.fee_bps else []
    parts += [f"{cents(plan.fee_per_order)} an order"] if plan.fee_per_order else []
    least = f", at least {cents(plan.fee_min)} an order" if plan.fee_min and parts else ""
    return f"Fees: {listed(parts or [f'{cents(plan.fee_min)} an order'])}{least}; {taxes}."
