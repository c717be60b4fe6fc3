"""The claim that survivors recovered: how long their savers waited, and what the dead cost."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from backtests.result import Result
from backtests.verdicts.claim import Found, Ground, Number, told
from data.arrays import MONTH_DAYS, Floats, to_date

SURVIVORS = {"AMZN": "Amazon", "MSFT": "Microsoft"}
_TOP = date(2000, 3, 1)
_SOON_YEARS = 5.0
YEARLY = (0.02, 0.05, 0.10)
_FEW = 0.5
DRAWS = 10_000

RULE = (
    f"Holds if savers begun at the top ({_TOP:%Y-%m}) in each were back at the high within "
    f"{_SOON_YEARS:g} years and fewer than half of the draws at 5 % a year ended below the money "
    "put in; with a condition if each came back at all."
)
_DEAD = (
    "They were known only afterwards: had each of the era's picks gone to zero with a chance of "
    "5 % a year, {below money put in at 5 % a year:.0%} of "
    f"{DRAWS:,}"
    " draws would have ended below the money put in by 2007, with "
    "{multiple at 5 % a year, median:.2f} dollars for one in the middle instead of "
    "{multiple without deaths:.2f}."
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
    numbers: dict[str, Number] = {"multiple without deaths": plain}
    for symbol, found in waits.items():
        numbers |= _told(symbol, found)
    for p in YEARLY:
        numbers |= _quantiles(p, attrition(picks, p, ground.seed))
    months = [found.months for found in waits.values()]
    back = all(month is not None for month in months)
    soon = all((month or 0) <= 12 * _SOON_YEARS for month in months)
    below = numbers["below money put in at 5 % a year"]
    few = isinstance(below, float) and below < _FEW
    waited = "; ".join(_sentence(SURVIVORS[s], found) for s, found in waits.items())
    runs = [f"dca run --weights {s}=1 --from {_TOP} --bars monthly" for s in SURVIVORS]
    runs.append("dca compare --era dotcom-peak --strategy ai-picks")
    finding = f"{waited}. {told(_DEAD, numbers)}"
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
    return {
        f"{symbol} fall": found.fall,
        f"{symbol} high again on": found.high_again.isoformat() if found.high_again else None,
        f"{symbol} months to its high": found.months,
        f"{symbol} above money put in for good from": (
            found.above_for_good.isoformat() if found.above_for_good else None
        ),
    }


def _quantiles(yearly: float, multiples: Floats) -> dict[str, Number]:
    low, middle, high = (float(q) for q in np.quantile(multiples, (0.05, 0.5, 0.95)))
    name = f"at {100 * yearly:g} % a year"
    return {
        f"multiple {name}, 5 %": low,
        f"multiple {name}, median": middle,
        f"multiple {name}, 95 %": high,
        f"below money put in {name}": float((multiples < 1).mean()),
    }


def _sentence(name: str, found: Wait) -> str:
    if found.months is None:
        return f"{name} has not come back to its high"
    return (
        f"{name} fell {-100 * found.fall:.1f} % and took {found.months / 12:.1f} years to be back "
        f"at its high; its saver was above the money put in for good from {found.above_for_good}"
    )
