"""The claim that patience pays, over every start month and horizon."""

import numpy as np

from backtests.measures.running import Figures
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from backtests.verdicts.claim import Found, Ground, Number
from data.errors import NoPrices
from data.language import say, say_all, say_in

HORIZONS = (5, 10, 15, 20, 30)
_DEEP = -0.20
_NEARLY_SURE = 0.95

RULE = say(
    "Of the windows once {deep:g} % or more below the money put in: holds if all ended above it at "
    "every horizon; with a condition if {nearly_sure:g} % did at the longest.",
    deep=-100 * _DEEP,
    nearly_sure=100 * _NEARLY_SURE,
)


def patience(ground: Ground) -> Found:
    """Count, by horizon, who ended above the money put in after having been deep below it."""
    ground.note(ground.monthly, "SP500")
    numbers: dict[str, Number] = {}
    stayed: dict[int, float] = {}
    horizons = []
    for years in HORIZONS:
        try:
            found = _windows(ground, years)
        except NoPrices:
            continue
        horizons.append(years)
        numbers |= {
            say("{name}, {years} years", name=name, years=years): value
            for name, value in _counted(found).items()
        }
        share = numbers[f"stayed and ended above, {years} years"]
        stayed |= {years: share} if isinstance(share, float) else {}
    if not horizons:
        raise NoPrices(say("SP500 has no window of five years; patience cannot be told"))
    finding = say(
        "Of all start months, those index savers who were at some time a fifth or more below their "
        "money, stayed and ended above it: {told}. They are neighbours' windows that overlap, not "
        "independent lives, and month ends.",
        told=_listed(stayed, numbers),
    )
    longest = stayed[max(stayed)] if stayed else 1.0
    always = min(stayed.values(), default=1.0) == 1.0
    return Found(always, longest >= _NEARLY_SURE, finding, numbers, (_command(ground, horizons),))


def _counted(figures: Figures) -> dict[str, Number]:
    above, deep = figures["multiple"] >= 1, figures["worst_shortfall"] <= _DEEP
    return {
        say_in("windows of a sweep", "windows"): len(above),
        say("ended above"): float(above.mean()),
        say("were deep below"): int(deep.sum()),
        say("stayed and ended above"): float(above[deep].mean()) if deep.any() else None,
    }


def _windows(ground: Ground, years: int) -> Figures:
    """Save into the index fund from every month of the month ends on."""
    start = ground.first_month("SP500")
    request = Request(("index-fund",), start=start, years=(years,), bars="monthly")
    twin = Twin(lay_out(request, ground.tables))
    parts = [twin.rows(chunk).figures for chunk in twin.layout.chunks]
    return {k: np.concatenate([p[k] for p in parts]) for k in ("multiple", "worst_shortfall")}


def _listed(stayed: dict[int, float], numbers: dict[str, Number]) -> str:
    deep = [
        say(
            "{years} years {share:.1f} % of {many}",
            years=years, share=100 * share, many=numbers[f"were deep below, {years} years"],
        )
        for years, share in stayed.items()
    ]  # fmt: skip
    return say_all(deep) or say("none was that deep")


def _command(ground: Ground, horizons: list[int]) -> str:
    begin = f"dca sweep --strategy index-fund --bars monthly --from {ground.first_month('SP500')}"
    return " ".join([begin, *(f"--years {years}" for years in horizons)])
