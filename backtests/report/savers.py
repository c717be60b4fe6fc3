"""Say in words who saves in a sweep, and what became of most and of the worst of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from backtests.report.summary import SUBJECT
from backtests.report.wording import gained, listed, money, n_years, percent, wait_word
from backtests.sweeps.request import Variant
from backtests.sweeps.run import Outcome
from strategies.dca.terms import Quit, Rebalance

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_RULES = {
    "none": "never rebalanced",
    "annual": "rebalanced every year",
    "contribute": "rebalanced by what is paid in",
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
        terms = filter(None, [n_years(variant.years), *mine])
        found.append(Saver(", ".join([name_of(variant), *filter(None, apart)]), ", ".join(terms)))
    return found


def name_of(variant: Variant) -> str:
    """Return the strategy's title, else its name."""
    return variant.strategy_class.title or variant.name


def _terms(variant: Variant) -> tuple[str, ...]:
    costs, terms = variant.terms.costs, variant.terms
    fees = [f"{costs.bps / 100:g} %"] if costs.bps else []
    fees += [f"{money(costs.per_order_usd)} an order"] if costs.per_order_usd else []
    fee = f"fee of {listed(fees)}" if fees else "no fee"
    least = f", at least {money(costs.least_usd)} an order" if costs.least_usd else ""
    tax = f", {percent(costs.tax)} of gains taxed" if costs.tax else ""
    parts = f"in {terms.parts} parts" if terms.parts > 1 else "all at once"
    return (
        variant.pays(money),
        _rule(variant.rule, len(variant.strategy_class.held())),
        "" if costs.free and not tax else f"{fee}{least}{tax}",
        parts if variant.parted else "",
        _quits(terms.quit) if variant.quits else "",
    )


def _rule(rule: Rebalance, held: int) -> str:
    if rule.rule == "band":
        return f"rebalanced when off by {percent(rule.band)}"
    return _RULES[rule.rule] if held > 1 or rule.rule != "none" else ""


def _quits(quits: Quit | None) -> str:
    return f"out {percent(quits.depth)} down, {wait_word(quits.months)}" if quits else "stays"


def told(outcome: Outcome) -> Told:
    """Tell how the index saver, else the first, came out in the middle and at worst."""
    layout = outcome.layout
    names = [variant.name for variant in layout.variants]
    place = names.index(SUBJECT) if SUBJECT in names else 0
    variant, summary = layout.variants[place], outcome.summaries[place]
    middle, low = (summary.quantiles["multiple"][at] for at in (2, 0))
    index, years = variant.name == SUBJECT, _years(variant.years)
    who = f"{years} index savers" if index else f"{years} savers in {name_of(variant)}"
    title = f"{'Index savers' if index else name_of(variant)}, {n_years(variant.years)}"
    if middle is None or low is None:
        return Told(f"How {who} came out, from the worst to the best", title, place)
    many = f"{summary.rows:,}"
    if summary.rows == 1:
        sentence = f"The only one of {who}, begun in {outcome.worst[place]}, ended {_at(middle)}."
        return Told(sentence, f"{title}: {_at(middle)}", place)
    half = f"ended {_at(middle, 'at least ')}" if middle >= 1 else f"ended {_at(middle)} or worse"
    if layout.request.bootstrap is not None:
        end = f"one in twenty {_at(low, 'at most ')}" + " or worse" * (low < 1)
        return Told(
            f"Half of {many} drawn {who} {half}; {end}.", f"{title}, drawn: half {half}", place
        )
    end = f"the worst, begun in {outcome.worst[place]}, {_at(summary.least)}"
    short = f"{title}: half {half}, the worst {_at(summary.least)}"
    return Told(f"Half of {many} {who} {half}; {end}.", short, place)


def _at(multiple: float, bound: str = "") -> str:
    """Say where a saver stands against the money put in; a bound stands before what is a gain."""
    if multiple > 2:
        return f"with {bound}{multiple:,.1f} times their money"
    share = gained(abs(multiple - 1)).removeprefix("+")
    return f"{bound}{share} ahead" if multiple >= 1 else f"{share} below own money"


def _years(years: int) -> str:
    words = _NUMBERS.split()
    return f"{words[years - 1] if years <= len(words) else years}-year"
