"""Claims on what rose: Nvidia's price, and the seven's weight in the index."""

from datetime import date

import numpy as np

from backtests.exposures import IndexWeight, weights
from backtests.verdicts.claim import Found, Ground, Number, priced
from data.arrays import to_date
from data.errors import NoPrices
from data.language import say, say_in
from data.snapshot.weights import READ_HIGH, SEVEN, WITH_BROADCOM, dated

_SIXTEEN, _ABOUT = 16.0, 0.01
_CLAIMED, _CLOSE = 0.37, 0.36
CHATGPT = date(2022, 11, 30)
# Where the search for Nvidia's low begins and ends, and the month end before the AI run.
_LOW = date(2022, 10, 1), date(2022, 11, 29)
_MONTH_END = date(2022, 10, 31)

NVIDIA_RULE = say(
    "Holds if the close was ever 1,600 % above that of ChatGPT's release; with a condition if it "
    "was above its low before it, or within {about:g} % of it by month ends.",
    about=100 * _ABOUT,
)
SEVEN_RULE = say(
    "Holds if the seven ever reached {claimed:g} %, read or estimated; with a condition from "
    "{close:g} % on.",
    claimed=100 * _CLAIMED,
    close=100 * _CLOSE,
)


def nvidia(ground: Ground) -> Found:
    """Measure Nvidia's rise from its low, from ChatGPT's release and by month ends."""
    days, closes = priced(ground.daily, "NVDA", *_LOW)
    low = to_date(days[int(closes.argmin())])
    reached, most, on = _risen(ground, low)
    _, most_since, on_since = _risen(ground, CHATGPT)
    ends, closes = priced(ground.monthly, "NVDA", _MONTH_END, None)
    by_months = float(closes[-1] / closes[0] - 1.0)
    numbers: dict[str, Number] = {
        say("month ends"): by_months,
        say("month ends from"): str(ends[0]),
        say("month ends to"): str(ends[-1]),
        say_in("day of the low", "low"): low.isoformat(),
        say("passed from the low on"): reached,
        say("most from the low"): most,
        say("most from the low on"): on,
        say("most since ChatGPT"): most_since,
        say("most since ChatGPT on"): on_since,
    }
    some = reached is not None or by_months >= _SIXTEEN * (1 - _ABOUT)
    finding = _rise(
        reached,
        rise=100 * by_months, first=str(ends[0]), last=str(ends[-1]), low=low, passed=reached,
        most=100 * most, most_since=100 * most_since, day=on_since,
    )  # fmt: skip
    run = "dca run --weights NVDA=1 --from {} --monthly 0 --initial 1000"
    runs = run.format(low), run.format(CHATGPT)
    return Found(most_since >= _SIXTEEN, some, finding, numbers, runs)


def _rise(reached: str | None, **numbers: object) -> str:
    if reached:
        return say(
            "The start date decides. By month ends it was {rise:,.0f} % from {first} to {last}; "
            "from its low on {low} it passed 1,600 % on {passed}; from ChatGPT's release on "
            "2022-11-30 it was at most {most_since:,.0f} %, on {day}.",
            **numbers,
        )
    return say(
        "The start date decides. By month ends it was {rise:,.0f} % from {first} to {last}; from "
        "its low on {low} it rose {most:,.0f} % at most; from ChatGPT's release on 2022-11-30 it "
        "was at most {most_since:,.0f} %, on {day}.",
        **numbers,
    )


def _risen(ground: Ground, start: date) -> tuple[str | None, float, str]:
    """Return when the rise from a day's close passed 1,600 %, its most, and when that was."""
    days, closes = priced(ground.daily, "NVDA", start, None)
    rise = closes / closes[0] - 1.0
    passed = np.flatnonzero(rise >= _SIXTEEN)
    top = int(rise.argmax())
    return str(days[passed[0]]) if passed.size else None, float(rise[top]), str(days[top])


def seven(ground: Ground) -> Found:
    """Find the highest weight of the seven, read or estimated."""
    table = dated()[SEVEN]
    at = int(table.figures.argmax())
    estimate, when = _highest(weights(ground.daily))
    numbers: dict[str, Number] = {
        say("highest dated"): float(table.figures[at]),
        say("highest dated on"): str(table.days[at]),
        say("highest estimate"): estimate,
        say("highest estimate on"): when,
        say("highest read by the day"): READ_HIGH.figure,
        say("highest read by the day on"): READ_HIGH.date,
        say("newest"): float(table.figures[-1]),
        say("newest on"): str(table.days[-1]),
        **{say("with Broadcom on {day}", day=w.date): w.figure for w in WITH_BROADCOM},
    }
    most = max(float(table.figures[at]), estimate, READ_HIGH.figure)
    runs = ("dca exposure --strategy index-fund",)
    finding = say(
        "Highest in the table: {dated:.2f} % on {dated_on}; by the day {read:.2f} % was read on "
        "{read_on}, and the highest estimate is {estimate:.2f} % on {estimate_on}. The newest is "
        "{newest:.2f} % on {newest_on}. With Broadcom as an eighth: {eight:.2f} % on {eight_on}.",
        dated=100 * float(table.figures[at]), dated_on=table.days[at],
        read=100 * READ_HIGH.figure, read_on=READ_HIGH.date,
        estimate=100 * estimate, estimate_on=when,
        newest=100 * float(table.figures[-1]), newest_on=table.days[-1],
        eight=100 * WITH_BROADCOM[0].figure, eight_on=WITH_BROADCOM[0].date,
    )  # fmt: skip
    return Found(most >= _CLAIMED, most >= _CLOSE, finding, numbers, runs)


def _highest(index: IndexWeight) -> tuple[float, str]:
    """Return the highest weight that is an estimate, and its day."""
    line = np.where(index.estimate, index.weight, np.nan)
    if np.isnan(line).all():
        raise NoPrices(say("the prices have no day on which the seven's weight can be estimated"))
    at = int(np.nanargmax(line))
    return float(line[at]), str(index.days[at])
