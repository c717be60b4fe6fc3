"""Put the numbers into one plain sentence, and say what was asked; never advice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backtests.comparison import Chapter, Comparison
from backtests.plan import Plan
from backtests.report.names import named
from backtests.report.wording import (
    amount,
    exact,
    listed,
    month,
    n_months,
    percent,
    to_the_cent,
)
from backtests.result import Result
from data.language import filled, say, shown, tr, tr_in, translated

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
    first = tr("{sum} on the first day", sum=amount(plan.initial)) if plan.initial else ""
    if first and not (plan.monthly or plan.payments):
        return first
    rest = shown(plan.terms.regular(amount))
    return tr("{first}, then {rest}", first=first, rest=rest) if first else rest


def asked(plan: Plan, bars: Iterable[str] = ("daily",)) -> list[str]:
    """Say how the money went in, on bars of these resolutions."""
    paid = shown(plan.terms.regular(exact))
    if plan.terms.schedule.plain:
        paid = _day(exact(plan.monthly), set(bars))
    if plan.initial is not None:
        paid = tr("{paid}, {sum} on the first day instead", paid=paid, sum=exact(plan.initial))
    if plan.parts > 1:
        paid = tr(
            "{paid} (what is there on the first day is invested in {parts} monthly parts)",
            paid=paid,
            parts=plan.parts,
        )
    quits = [tr("The saver {does}.", does=str(plan.terms.quit))] if plan.terms.quit else []
    return [_invested(plan, paid), *quits, _fees(plan)]


def _day(sum_: str, bars: set[str]) -> str:
    if "monthly" not in bars:
        return tr("{sum} on the first trading day of every month", sum=sum_)
    if bars == {"monthly"}:
        return tr("{sum} on the last day of every month", sum=sum_)
    return tr(
        "{sum} on the first trading day (on month-end bars the last) of every month", sum=sum_
    )


def _invested(plan: Plan, paid: str) -> str:
    if plan.fill == "close" and plan.whole_shares:
        return tr("{paid}, invested at that day's close; whole shares only.", paid=paid)
    if plan.fill == "close":
        return tr("{paid}, invested at that day's close; fractions of a share allowed.", paid=paid)
    if plan.whole_shares:
        return tr("{paid}, invested at the close after it; whole shares only.", paid=paid)
    return tr("{paid}, invested at the close after it; fractions of a share allowed.", paid=paid)


def verdict(comparison: Comparison) -> Verdict:
    """Tell how far the index saver, else the first, fell below her own money and how it ended.

    The era is the one where she was furthest below; where never, the one with the deepest fall.
    """
    names = [result.strategy for result in comparison.results]
    subject = SUBJECT if SUBJECT in names else names[0]
    told = [(c, r) for c in comparison.chapters for r in c.results if r.strategy == subject]
    chapter, saver = _furthest(told)
    title = _title(chapter, saver)
    if comparison.assumed:
        title = tr("Scenario: {title}", title=title)
    return Verdict(_sentence(chapter, saver), title, chapter, saver)


def in_brief(plan: Plan, told: Verdict) -> str:
    """Say in a line when money went in, how much in all, and how."""
    return tr(
        "{first} to {last}, {sum} put in: {paid}",
        first=month(told.chapter.start),
        last=month(told.chapter.end),
        sum=amount(_number(told.saver, "contributed")),
        paid=paid_in(plan),
    )


def _furthest(told: Sequence[tuple[Chapter, Result]]) -> tuple[Chapter, Result]:
    worst = min(_number(saver, "worst_shortfall") for _, saver in told)
    if worst == 0:
        return min(told, key=lambda each: _number(each[1], "max_drawdown"))
    near = [each for each in told if _number(each[1], "worst_shortfall") < worst + _ALIKE]
    return max(near, key=lambda each: _number(each[1], "months_below_money_in"))


def _sentence(chapter: Chapter, saver: Result) -> str:
    low, fell = (-_number(saver, key) for key in ("worst_shortfall", "max_drawdown"))
    said = {"opening": _opening(chapter, saver), "end": _end(chapter, saver), "low": _share(low)}
    if fell > 0.4 and 3 * low <= fell and 0 < low < 0.15:
        return tr(
            "{opening} {fund} fell {fall}, yet the saver was {low} below her own money at worst "
            "and {end}.",
            fund=named(saver),
            fall=_share(fell),
            **said,
        )
    if saver.strategy == SUBJECT:
        who = tr("the index saver")
    else:
        who = tr("the saver in {strategy}", strategy=named(saver))
    if low:
        return tr(
            "{opening} {who} was {low} below her own money at worst and {end}.", who=who, **said
        )
    return tr("{opening} {who} was never below her own money and {end}.", who=who, **said)


def _end(chapter: Chapter, saver: Result) -> str:
    gain, now = _number(saver, "multiple") - 1.0, chapter.era.end is None
    share, times = _share(gain), f"{gain + 1:,.1f}"
    if gain < 0:
        said = say("is still {share} below"), say("still {share} below at the end")
    elif gain > 1:
        said = say("has {times} times it"), say("ended with {times} times it")
    elif gain < 0.1 and saver.course.days > 8 * 365:
        said = say("is only {share} ahead"), say("only {share} ahead at the end")
    else:
        said = say("is {share} ahead"), say("{share} ahead at the end")
    return filled(translated(said[not now]), {"share": share, "times": times})


def _title(chapter: Chapter, saver: Result) -> str:
    low, gain = (_number(saver, key) for key in ("worst_shortfall", "multiple"))
    name = tr("index saver")
    if saver.strategy != SUBJECT:
        name = tr_in("title", "saver in {strategy}", strategy=named(saver))
    if gain > 2:
        said = say("{times} times her money now"), say("{times} times her money at the end")
    elif gain >= 1:
        said = say("{share} ahead now"), say("{share} ahead at the end")
    else:
        said = say("{share} below now"), say("{share} below at the end")
    end = {"share": _share(gain - 1), "times": f"{gain:,.1f}"}
    worst = tr("{share} below at worst", share=_share(low))
    return tr(
        "{who} from {month}: {worst}, {end}",
        who=name,
        month=month(chapter.start),
        worst=worst if low else tr_in("title", "never below"),
        end=filled(translated(said[chapter.era.end is not None]), end),
    )


def _opening(chapter: Chapter, saver: Result) -> str:
    begun = month(chapter.start)
    if saver.course.days < 365:
        months = n_months(max(1, round(saver.course.days / 30.4)))
        return tr("In {months} from {month}", months=months, month=begun)
    if chapter.era.opening:
        return shown(chapter.era.opening)
    if chapter.era.end is None:
        return tr("Since {month}", month=begun)
    return tr("From {month}", month=begun)


def _share(fraction: float) -> str:
    return percent(abs(fraction), 0 if abs(fraction) >= 0.00995 or not fraction else 1)


def _number(saver: Result, key: str) -> float:
    return saver.measures.number(key)


def _fees(plan: Plan) -> str:
    rate = f"{100 * plan.tax:g}"
    if plan.terms.costs.free:
        if plan.tax:
            return tr("No fees; {rate} % of realised gains goes in tax.", rate=rate)
        return tr("No fees and no taxes.")
    per_order = tr("{sum} an order", sum=to_the_cent(plan.fee_per_order or plan.fee_min))
    bps = f"{plan.fee_bps / 100:g}"
    parts = [tr("{rate} % of all that is traded", rate=bps)] if plan.fee_bps else []
    parts += [per_order] if plan.fee_per_order or not parts else []
    fees = listed(parts)
    if plan.fee_min and (plan.fee_bps or plan.fee_per_order):
        fees = tr("{fees}, at least {sum} an order", fees=fees, sum=to_the_cent(plan.fee_min))
    if plan.tax:
        return tr("Fees: {fees}; {rate} % of realised gains goes in tax.", fees=fees, rate=rate)
    return tr("Fees: {fees}; no taxes.", fees=fees)
