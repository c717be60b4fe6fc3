"""The claim that survivors recovered: how long their savers waited, and what the dead cost."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from backtests.result import Result
from backtests.verdicts.claim import Found, Ground, Number
from data.arrays import MONTH_DAYS, Floats, to_date
from data.language import say, say_all

SURVIVORS = {"AMZN": say("Amazon"), "MSFT": say("Microsoft")}
_TOP = date(2000, 3, 1)
_SOON_YEARS = 5.0
YEARLY = (0.02, 0.05, 0.10)
_FEW = 0.5
DRAWS = 10_000

RULE = say(
    "Holds if savers begun at the top ({top:%Y-%m}) in each were back at the high within {soon:g} "
    "years and fewer than half of the draws at 5 % a year ended below the money put in; with a "
    "condition if each came back at all.",
    top=_TOP,
    soon=_SOON_YEARS,
)


@dataclass(frozen=True)
class Wait:
    """A saver's wait from the top on: days on which the high, and for good the money, was back."""

    high_again: date | None
    above_for_good: date | None
    months: int | None
    fall: float


def survivors(ground: Ground) -> Found:
    """Measure the survivors' savers' waits, and draw what became of all picks."""
    waits = {symbol: wait(ground.saved(symbol, _TOP, bars="monthly")) for symbol in SURVIVORS}
    picks = ground.run("ai-picks", "dotcom-peak")
    plain = float(attrition(picks, 0.0, ground.seed, draws=1)[0])
    numbers: dict[str, Number] = {say("multiple without deaths"): plain}
    for symbol, found in waits.items():
        numbers |= _told(symbol, found)
    for p in YEARLY:
        numbers |= _quantiles(p, attrition(picks, p, ground.seed))
    months = [found.months for found in waits.values()]
    back = all(month is not None for month in months)
    soon = all((month or 0) <= 12 * _SOON_YEARS for month in months)
    below = float(numbers["below money put in at 5 % a year"] or 0)
    few = below < _FEW
    finding = say(
        "{waited}. They were known only afterwards: had each of the era's picks gone to zero with "
        "a chance of 5 % a year, {below:.0f} % of {draws:,} draws would have ended below the money "
        "put in by 2007, with {median:.2f} dollars for one in the middle instead of {plain:.2f}.",
        waited=say_all(_sentence(SURVIVORS[s], found) for s, found in waits.items()),
        below=100 * below, draws=DRAWS, median=numbers["multiple at 5 % a year, median"],
        plain=plain,
    )  # fmt: skip
    runs = [f"dca run --weights {s}=1 --from {_TOP} --bars monthly" for s in SURVIVORS]
    runs.append("dca compare --era dotcom-peak --strategy ai-picks")
    return Found(back and soon and few, back, finding, numbers, tuple(runs))


def wait(run: Result) -> Wait:
    """Measure how long a saver waited for the unit value's high and for the money put in."""
    course = run.course
    deepest = course.drawdowns[0] if course.drawdowns else None
    below = np.flatnonzero(course.shortfall < 0)
    last = int(below[-1]) + 1 if below.size else 0
    for_good = to_date(course.dates[last]) if last < len(course.dates) else None
    if deepest is None:
        return Wait(to_date(course.dates[0]), for_good, 0, 0.0)
    again = deepest.recovery
    months = round((again - deepest.peak).days / MONTH_DAYS) if again else None
    return Wait(again, for_good, months, deepest.depth)


def attrition(run: Result, yearly: float, seed: int, draws: int = DRAWS) -> Floats:
    """Return a saver's final multiple when each holding dies with a chance a year, shape (draws,).

    What is dead is worth nothing; later payments are split over those alive and listed, none alive
    kept as cash. Deaths fall between payments, independent of one another and of the prices.
    """
    paid = np.flatnonzero(run.course.flow > 0)
    rng, count = np.random.default_rng(seed), run.closes.shape[1]
    alive = np.ones((draws, count), np.bool_)
    shares, cash = np.zeros((draws, count)), np.zeros(draws)
    survive = (1.0 - yearly) ** (1 / 12)
    for place, bar in enumerate(paid):
        if place:
            alive &= rng.random((draws, count)) < survive
        closes = run.closes[bar]
        buys = alive & (closes > 0)
        parts = buys.sum(axis=1)
        usd = np.divide(run.course.flow[bar], parts, out=np.zeros(draws), where=parts > 0)
        shares += np.where(buys, usd[:, None], 0.0) / np.where(closes > 0, closes, 1.0)
        cash += np.where(parts > 0, 0.0, run.course.flow[bar])
    worth = (shares * alive * run.closes[-1]).sum(axis=1) + cash
    return np.asarray(worth / run.course.flow.sum())


def _told(symbol: str, found: Wait) -> dict[str, Number]:
    again, for_good = found.high_again, found.above_for_good
    return {
        say("{symbol} fall", symbol=symbol): found.fall,
        say("{symbol} high again on", symbol=symbol): again.isoformat() if again else None,
        say("{symbol} months to its high", symbol=symbol): found.months,
        say("{symbol} above money put in for good from", symbol=symbol): (
            for_good.isoformat() if for_good else None
        ),
    }


def _quantiles(yearly: float, multiples: Floats) -> dict[str, Number]:
    low, middle, high = (float(q) for q in np.quantile(multiples, (0.05, 0.5, 0.95)))
    p = 100 * yearly
    return {
        say("multiple at {p:g} % a year, 5 %", p=p): low,
        say("multiple at {p:g} % a year, median", p=p): middle,
        say("multiple at {p:g} % a year, 95 %", p=p): high,
        say("below money put in at {p:g} % a year", p=p): float((multiples < 1).mean()),
    }


def _sentence(name: str, found: Wait) -> str:
    if found.months is None:
        return say("{name} has not come back to its high", name=name)
    told = {"name": name, "fall": -100 * found.fall, "years": found.months / 12}
    if found.above_for_good is None:
        return say(
            "{name} fell {fall:.1f} % and took {years:.1f} years to be back at its high; its saver "
            "was below the money put in at the end",
            **told,
        )
    return say(
        "{name} fell {fall:.1f} % and took {years:.1f} years to be back at its high; its saver was "
        "above the money put in for good from {day}",
        day=found.above_for_good,
        **told,
    )
