"""Say in words who saves in a sweep, and what became of most and of the worst of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from backtests.report.summary import SUBJECT
from backtests.report.wording import amount, gained, listed, n_years, percent, wait_word
from backtests.sweeps.request import Variant
from backtests.sweeps.run import Outcome
from data.language import ENGLISH, say, say_each, shown, spoken, tr
from strategies.dca.terms import Quit, Rebalance

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_RULES = {
    "none": say("never rebalanced"),
    "annual": say("rebalanced every year"),
    "contribute": say("rebalanced by what is paid in"),
    "band": say("rebalanced when off by {band}"),
}


@dataclass(frozen=True)
class Saver:
    """A variant in words: `name` tells it from others over as many years, `terms` are all."""

    name: str
    terms: str


@dataclass(frozen=True)
class Told:
    """The page's sentence, its name in few words, and the variant whose numbers they are."""

    sentence: str
    title: str
    variant: int


def savers(variants: Sequence[Variant]) -> list[Saver]:
    """Name each variant by its strategy, and by those terms that set it apart from its like."""
    found = []
    for variant in variants:
        like = [_terms(other) for other in variants if other.name == variant.name]
        mine = _terms(variant)
        apart = [term for at, term in enumerate(mine) if len({terms[at] for terms in like}) > 1]
        found.append(Saver(_with(variant, apart), terms_of(variant)))
    return found


def _with(variant: Variant, terms: Sequence[str]) -> str:
    told = say_each([*filter(None, terms)])
    name = name_of(variant)
    return tr("{strategy}, {terms}", strategy=name, terms=told) if told else name


def terms_of(variant: Variant) -> str:
    """Say how long a saver saves, and on which terms."""
    return shown(say_each([n_years(variant.years), *filter(None, _terms(variant))]))


def name_of(variant: Variant) -> str:
    """Return the strategy's title, else its name."""
    return shown(variant.strategy_class.title) or variant.name


def _terms(variant: Variant) -> tuple[str, ...]:
    parts = variant.terms.parts
    return (
        shown(variant.pays(amount)),
        _rule(variant.rule, len(variant.strategy_class.held())),
        _costs(variant),
        (tr("in {n} parts", n=parts) if parts > 1 else tr("all at once")) if variant.parted else "",
        _quits(variant.terms.quit) if variant.quits else "",
    )


def _rule(rule: Rebalance, held: int) -> str:
    if held == 1 and rule.rule == "none":
        return ""
    return tr(_RULES[rule.rule], band=percent(rule.band))


def _costs(variant: Variant) -> str:
    costs = variant.terms.costs
    if costs.free and not costs.tax:
        return ""
    fees = [tr("{rate:g} %", rate=costs.bps / 100)] if costs.bps else []
    each = amount(costs.per_order_usd)
    fees += [tr("{sum} an order", sum=each)] if costs.per_order_usd else []
    parts = [tr("fee of {fees}", fees=listed(fees)) if fees else tr("no fee")]
    if costs.least_usd:
        parts.append(tr("at least {sum} an order", sum=amount(costs.least_usd)))
    if costs.tax:
        parts.append(tr("{share} of gains taxed", share=percent(costs.tax)))
    return shown(say_each(parts))


def _quits(quits: Quit | None) -> str:
    if quits is None:
        return tr("stays")
    wait = wait_word(quits.months)
    return tr("out {fall} down, {wait}", fall=percent(quits.depth), wait=wait)


def told(outcome: Outcome) -> Told:
    """Tell how the index saver, else the first, came out in the middle and at worst."""
    layout = outcome.layout
    names = [variant.name for variant in layout.variants]
    place = names.index(SUBJECT) if SUBJECT in names else 0
    variant, summary = layout.variants[place], outcome.summaries[place]
    middle, low = (summary.quantiles["multiple"][at] for at in (2, 0))
    who, title = _who(variant), _title(variant)
    if middle is None or low is None:
        return Told(tr("How {who} came out, from the worst to the best", who=who), title, place)
    many, month, half = f"{summary.rows:,}", outcome.worst[place], _half(middle)
    if summary.rows == 1:
        end = _ended(middle)
        sentence = tr("The only one of {who}, begun in {month}, ended {end}.",
                      who=who, month=month, end=end)  # fmt: skip
        return Told(sentence, tr("{title}: {end}", title=title, end=end), place)
    if layout.request.bootstrap is not None:
        sentence = tr("Half of {many} drawn {who} ended {half}; one in twenty {end}.",
                      many=many, who=who, half=half, end=_fifth(low))  # fmt: skip
        short = tr("{title}, drawn: half ended {half}", title=title, half=half)
        return Told(sentence, short, place)
    worst = _ended(summary.least)
    sentence = tr("Half of {many} {who} ended {half}; the worst, begun in {month}, {worst}.",
                  many=many, who=who, half=half, month=month, worst=worst)  # fmt: skip
    short = tr("{title}: half ended {half}, the worst {worst}",
               title=title, half=half, worst=worst)  # fmt: skip
    return Told(sentence, short, place)


def _who(variant: Variant) -> str:
    years = _years(variant.years)
    if variant.name == SUBJECT:
        return tr("{years} index savers", years=years)
    return tr("{years} savers in {strategy}", years=years, strategy=name_of(variant))


def _title(variant: Variant) -> str:
    years = n_years(variant.years)
    if variant.name == SUBJECT:
        return tr("Index savers, {years}", years=years)
    return tr("{strategy}, {terms}", strategy=name_of(variant), terms=years)


def _ended(multiple: float) -> str:
    """Say where a saver stood at the end against the money put in."""
    if multiple > 2:
        return tr("with {n:,.1f} times their money", n=multiple)
    share = _share(multiple)
    if multiple >= 1:
        return tr("{share} ahead", share=share)
    return tr("{share} below own money", share=share)


def _half(multiple: float) -> str:
    """Say what half had, or more where that is a gain."""
    if multiple > 2:
        return tr("with at least {n:,.1f} times their money", n=multiple)
    if multiple >= 1:
        return tr("at least {share} ahead", share=_share(multiple))
    return _or_worse(multiple)


def _fifth(multiple: float) -> str:
    """Say what one in twenty had at most."""
    if multiple > 2:
        return tr("with at most {n:,.1f} times their money", n=multiple)
    if multiple >= 1:
        return tr("at most {share} ahead", share=_share(multiple))
    return _or_worse(multiple)


def _or_worse(multiple: float) -> str:
    return tr("{share} below own money or worse", share=_share(multiple))


def _share(multiple: float) -> str:
    return gained(abs(multiple - 1)).removeprefix("+")


def _years(years: int) -> str:
    if spoken() != ENGLISH:
        return n_years(years)
    words = _NUMBERS.split()
    return f"{words[years - 1] if years <= len(words) else years}-year"
