"""Claims on what rose: Nvidia's price, and the seven's weight in the index."""

from datetime import date

import numpy as np

from backtests.exposures import IndexWeight, weights
from backtests.verdicts.claim import Found, Ground, Number, priced, told
from data.arrays import to_date
from data.errors import NoPrices
from data.snapshot.weights import READ_HIGH, SEVEN, WITH_BROADCOM, dated

_SIXTEEN, _ABOUT = 16.0, 0.01
_CLAIMED, _CLOSE = 0.37, 0.36
CHATGPT = date(2022, 11, 30)
# Where the search for Nvidia's low begins and ends, and the month end before the AI run.
_LOW = date(2022, 10, 1), date(2022, 11, 29)
_MONTH_END = date(2022, 10, 31)

NVIDIA_RULE = (
    "Holds if the close was ever 1,600 % above that of ChatGPT's release; with a condition if it "
    f"was above its low before it, or within {100 * _ABOUT:g} % of it by month ends."
)
SEVEN_RULE = (
    f"Holds if the seven ever reached {100 * _CLAIMED:g} %, read or estimated; with a condition "
    f"from {100 * _CLOSE:g} % on."
)
_START = (
    "The start date decides. By month ends it was {month ends:,.0%} from {month ends from} to "
    "{month ends to}; from its low on {low} it "
)
_PASSED = "passed 1,600 % on {passed from the low on}"
_MOST = "rose {most from the low:,.0%} at most"
_SINCE = (
    "; from ChatGPT's release on 2022-11-30 it was at most {most since ChatGPT:,.0%}, on "
    "{most since ChatGPT on}."
)
_WEIGHT = (
    "Highest in the table: {highest dated:.2%} on {highest dated on}; by the day "
    "{highest read by the day:.2%} was read on {highest read by the day on}, and the highest "
    "estimate is {highest estimate:.2%} on {highest estimate on}. The newest is {newest:.2%} on "
    "{newest on}. With Broadcom as an eighth: {with Broadcom on 2025-12-31:.2%} on 2025-12-31."
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
        "month ends": by_months,
        "month ends from": str(ends[0]),
        "month ends to": str(ends[-1]),
        "low": low.isoformat(),
        "passed from the low on": reached,
        "most from the low": most,
        "most from the low on": on,
        "most since ChatGPT": most_since,
        "most since ChatGPT on": on_since,
    }
    some = reached is not None or by_months >= _SIXTEEN * (1 - _ABOUT)
    finding = told(_START + (_PASSED if reached else _MOST) + _SINCE, numbers)
    run = "dca run --weights NVDA=1 --from {} --monthly 0 --initial 1000"
    runs = run.format(low), run.format(CHATGPT)
    return Found(most_since >= _SIXTEEN, some, finding, numbers, runs)


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
        "highest dated": float(table.figures[at]),
        "highest dated on": str(table.days[at]),
        "highest estimate": estimate,
        "highest estimate on": when,
        "highest read by the day": READ_HIGH.figure,
        "highest read by the day on": READ_HIGH.date,
        "newest": float(table.figures[-1]),
        "newest on": str(table.days[-1]),
        **{f"with Broadcom on {w.date}": w.figure for w in WITH_BROADCOM},
    }
    most = max(float(table.figures[at]), estimate, READ_HIGH.figure)
    runs = ("dca exposure --strategy index-fund",)
    return Found(most >= _CLAIMED, most >= _CLOSE, told(_WEIGHT, numbers), numbers, runs)


def _highest(index: IndexWeight) -> tuple[float, str]:
    """Return the highest weight that is an estimate, and its day."""
    line = np.where(index.estimate, index.weight, np.nan)
    if np.isnan(line).all():
        raise NoPrices("the prices have no day on which the seven's weight can be estimated")
    at = int(np.nanargmax(line))
    return float(line[at]), str(index.days[at])
