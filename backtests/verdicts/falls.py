"""Claims on what fell and what rose: the Nasdaq, Nvidia, the seven's weight, gold and bonds."""

from datetime import date

import numpy as np

from backtests.exposures import IndexWeight, weights
from backtests.verdicts.claim import Claim, Ground, Number, judged, percent, priced
from data.arrays import to_date
from data.errors import NoPrices
from data.snapshot.weights import READ_HIGH, SEVEN, WITH_BROADCOM, dated

_NEARLY, _FOUR_FIFTHS, _AROUND = 0.75, 0.80, 0.70
_SIXTEEN, _ABOUT = 16.0, 0.01
_CLAIMED, _CLOSE = 0.37, 0.36
CHATGPT = date(2022, 11, 30)
# Where the search for Nvidia's low begins and ends, and the month end before the AI run.
_LOW = date(2022, 10, 1), date(2022, 11, 29)
_MONTH_END = date(2022, 10, 31)
# Between these days lie the stock market's high and low of each bust.
BUSTS = {
    "dotcom": (date(2000, 1, 1), date(2003, 3, 31)),
    "gfc": (date(2007, 1, 1), date(2009, 12, 31)),
    "2022": (date(2021, 12, 1), date(2023, 3, 31)),
}


def nasdaq(ground: Ground) -> Claim:
    """(iv) The Nasdaq fell by nearly four fifths."""
    fall = ground.fall("IXIC", date(1996, 6, 1), date(2007, 12, 31))
    depth = -fall.depth if fall else 0.0
    when = f" from {fall.peak} to {fall.trough}" if fall else ""
    return Claim(
        "iv",
        "The Nasdaq fell by nearly four fifths when the dot-com bubble burst.",
        judged(_NEARLY <= depth <= _FOUR_FIFTHS, depth >= _AROUND),
        f"The Nasdaq Composite fell by {percent(depth, 2)}{when}, at closes, dividends left out.",
        f"Holds if its deepest fall of 1996-06 to 2007-12 is {percent(_NEARLY, 0)} to "
        f"{percent(_FOUR_FIFTHS, 0)}; with a condition from {percent(_AROUND, 0)} on.",
        {
            "fall": -depth,
            "peak": fall.peak.isoformat() if fall else None,
            "trough": fall.trough.isoformat() if fall else None,
        },
        ("dca compare --era dotcom --strategy nasdaq",),
    )


def nvidia(ground: Ground) -> Claim:
    """(v) NVIDIA rose by 1,600 %: between which days."""
    low_days, low_closes = priced(ground.daily, "NVDA", *_LOW)
    low = to_date(low_days[int(low_closes.argmin())])
    reached, most, on = _risen(ground, low)
    _, most_since, on_since = _risen(ground, CHATGPT)
    ends, closes = priced(ground.monthly, "NVDA", _MONTH_END, None)
    months = float(closes[-1] / closes[0] - 1.0)
    some = reached is not None or months >= _SIXTEEN * (1 - _ABOUT)
    return Claim(
        "v",
        "NVIDIA rose by 1,600 % in the AI run.",
        judged(most_since >= _SIXTEEN, some),
        f"The start date decides. By month ends it was {percent(months, 0)} from {ends[0]} to "
        f"{ends[-1]}; from its low on {low} it "
        + (f"passed 1,600 % on {reached}" if reached else f"rose {percent(most, 0)} at most")
        + f"; from ChatGPT's release on {CHATGPT} it was at most {percent(most_since, 0)}, on "
        f"{on_since}.",
        "Holds if the close was ever 1,600 % above that of ChatGPT's release; with a condition if "
        f"it was above its low before it, or within {percent(_ABOUT, 0)} of it by month ends.",
        {
            "month ends": months,
            "month ends from": str(ends[0]),
            "month ends to": str(ends[-1]),
            "low": low.isoformat(),
            "passed from the low on": reached,
            "most from the low": most,
            "most from the low on": on,
            "most since ChatGPT": most_since,
            "most since ChatGPT on": on_since,
        },
        tuple(
            f"dca run --weights NVDA=1 --from {start} --monthly 0 --initial 1000"
            for start in (low, CHATGPT)
        ),
    )


def _risen(ground: Ground, start: date) -> tuple[str | None, float, str]:
    """Return when the rise from a day's close passed 1,600 %, its most, and when that was."""
    days, closes = priced(ground.daily, "NVDA", start, None)
    rise = closes / closes[0] - 1.0
    passed = np.flatnonzero(rise >= _SIXTEEN)
    top = int(rise.argmax())
    return str(days[passed[0]]) if passed.size else None, float(rise[top]), str(days[top])


def seven(ground: Ground) -> Claim:
    """(vi) The seven are 37 % of the S&P 500."""
    table = dated()[SEVEN]
    at = int(table.figures.argmax())
    estimate, when = _highest(weights(ground.daily))
    most = max(float(table.figures[at]), estimate, READ_HIGH.figure)
    eight = WITH_BROADCOM[0]
    return Claim(
        "vi",
        "The seven are 37 % of the S&P 500.",
        judged(most >= _CLAIMED, most >= _CLOSE),
        f"Highest in the table: {percent(float(table.figures[at]), 2)} on {table.days[at]}; by the "
        f"day {percent(READ_HIGH.figure, 2)} was read on {READ_HIGH.date}, and the highest "
        f"estimate is {percent(estimate, 2)} on {when}. The newest is "
        f"{percent(float(table.figures[-1]), 2)} on {table.days[-1]}. With Broadcom as an eighth: "
        f"{percent(eight.figure, 2)} on {eight.date}.",
        f"Holds if the seven ever reached {percent(_CLAIMED, 0)}, read or estimated; with a "
        f"condition from {percent(_CLOSE, 0)} on.",
        {
            "highest dated": float(table.figures[at]),
            "highest dated on": str(table.days[at]),
            "highest estimate": estimate,
            "highest estimate on": when,
            "highest read by the day": READ_HIGH.figure,
            "highest read by the day on": READ_HIGH.date,
            "newest": float(table.figures[-1]),
            "newest on": str(table.days[-1]),
            **{f"with Broadcom on {w.date}": w.figure for w in WITH_BROADCOM},
        },
        ("dca exposure --strategy index-fund",),
    )


def _highest(index: IndexWeight) -> tuple[float, str]:
    """Return the highest weight that is an estimate, and its day."""
    line = np.where(index.estimate, index.weight, np.nan)
    if np.isnan(line).all():
        raise NoPrices("the prices have no day on which the seven's weight can be estimated")
    at = int(np.nanargmax(line))
    return float(line[at]), str(index.days[at])


def havens(ground: Ground) -> Claim:
    """(ix) Gold and bonds rose while stocks fell."""
    numbers: dict[str, Number] = {}
    rose: dict[str, list[bool]] = {}
    told = []
    for bust, span in BUSTS.items():
        fall = ground.fall("SP500", *span)
        if fall is None:
            continue
        ends = fall.peak, fall.trough
        gold, bonds = (ground.change(symbol, *ends) for symbol in ("GOLD", "BOND"))
        numbers |= {f"SP500 {bust}": fall.depth, f"GOLD {bust}": gold, f"BOND {bust}": bonds}
        numbers |= {f"from {bust}": ends[0].isoformat(), f"to {bust}": ends[1].isoformat()}
        rose[bust] = [gold > 0, bonds > 0]
        told.append(
            f"{bust} ({ends[0]} to {ends[1]}, stocks {percent(fall.depth)}): gold "
            f"{percent(gold)}, bonds {percent(bonds)}"
        )
    if not rose:
        raise NoPrices("SP500 never fell in these busts; gold and bonds cannot be told")
    return Claim(
        "ix",
        "Gold and bonds rose while stocks fell.",
        judged(all(map(all, rose.values())), any(map(all, rose.values()))),
        f"From the stocks' high to their low: {'; '.join(told)}.",
        "Holds if both rose from the stocks' high to their low in every bust; with a condition if "
        "in some bust both did.",
        numbers,
        tuple(
            f"dca run --weights {symbol}=1 --from {numbers[f'from {bust}']} "
            f"--to {numbers[f'to {bust}']} --monthly 0 --initial 1000"
            for bust in rose
            for symbol in ("SP500", "GOLD", "BOND")
        ),
    )
