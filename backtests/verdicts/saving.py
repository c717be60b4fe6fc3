"""Claims on saving by the month: its cost, the index fund's fall, the mix, patience."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from backtests.result import Result
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from backtests.verdicts.claim import Claim, Ground, Number, judged, percent
from data.arrays import Floats
from data.errors import NoPrices

_ADVANTAGE = 0.001
_SOFTER = 0.75
_MOST_KEPT, _SOME_KEPT = 0.20, 0.50
_DEEP = -0.20
_SURE, _NEARLY_SURE = 1.0, 0.95
HORIZONS = (5, 10, 15, 20, 30)
# The dot-com bust from its top on, ended near the low: nothing had come back yet.
_BUST = date(2000, 3, 1), date(2002, 9, 30)


def average_cost(ground: Ground) -> Claim:
    """(i) Equal payments lower the average cost."""
    runs = {f"{s} {e}": ground.run(s, e) for s in ("index-fund", "nasdaq") for e in _ERAS}
    runs["IXIC bust"] = ground.saved("IXIC", *_BUST)
    gains = {name: _number(run, "price_advantage") for name, run in runs.items()}
    multiples = {name: _number(run, "multiple") for name, run in runs.items()}
    lower = all(gain > _ADVANTAGE for gain in gains.values())
    lost = [name for name, multiple in multiples.items() if multiple < 1 and gains[name] > 0]
    bust = runs["IXIC bust"]
    numbers: dict[str, Number] = {f"advantage {name}": gain for name, gain in gains.items()}
    numbers |= {f"multiple {name}": multiple for name, multiple in multiples.items()}
    numbers |= {k: _number(bust, k) for k in ("average_cost", "average_price")}
    return Claim(
        "i",
        "Equal payments lower the average cost.",
        judged(lower and not lost, lower),
        f"The average price was {percent(min(gains.values()))} to {percent(max(gains.values()))} "
        "above what a unit cost the saver. That alone is no profit: in the Nasdaq from 2000-03 to "
        f"2002-09 it was {percent(gains['IXIC bust'])} above it, and each dollar put in ended as "
        f"{multiples['IXIC bust']:.2f} dollars.",
        f"Holds if in every run the average price is more than {percent(_ADVANTAGE)} above the "
        "average cost; with a condition if a run with that advantage ended below the money put in.",
        numbers,
        (
            *(f"dca compare --era {e} --strategy index-fund --strategy nasdaq" for e in _ERAS),
            "dca run --weights IXIC=1 --from 2000-03-01 --to 2002-09-30",
        ),
    )


def softened(ground: Ground) -> Claim:
    """(ii) The index fund softens the fall of its leaders: then and now."""
    falls = {
        f"{strategy} {era}": _number(ground.run(strategy, era), "max_drawdown")
        for era in ("dotcom", "ai-run")
        for strategy in ("index-fund", "ai-picks")
    }
    then, now = (
        _part(falls[f"index-fund {era}"], falls[f"ai-picks {era}"]) for era in ("dotcom", "ai-run")
    )
    return Claim(
        "ii",
        "The index fund softens the fall of its leaders.",
        judged(max(then, now) <= _SOFTER, max(then, now) < 1),
        f"In the dot-com period its fall was {percent(then, 0)} of its leaders' "
        f"({_pair(falls, 'dotcom')}), in the AI run {percent(now, 0)} "
        f"({_pair(falls, 'ai-run')}); softened is not spared.",
        f"Holds if its strategy drawdown is at most {percent(_SOFTER, 0)} of the picks' in both "
        "eras, on the same bars; with a condition if it is less deep in both.",
        falls | {"ratio dotcom": then, "ratio ai-run": now},
        tuple(
            f"dca compare --era {era} --strategy index-fund --strategy ai-picks"
            for era in ("dotcom", "ai-run")
        ),
    )


def diversified(ground: Ground) -> Claim:
    """(iii) A mix of stocks, bonds, gold and real estate keeps most of the principal."""
    eras = ("dotcom", "dotcom-peak", "gfc")
    mix = {era: _number(ground.run("diversified", era), "worst_shortfall") for era in eras}
    fund = {era: _number(ground.run("index-fund", era), "worst_shortfall") for era in eras}
    worst = min(mix, key=lambda era: mix[era])
    numbers: dict[str, Number] = {f"diversified {era}": loss for era, loss in mix.items()}
    numbers |= {f"index-fund {era}": loss for era, loss in fund.items()}
    return Claim(
        "iii",
        "A mix of stocks, bonds, gold and real estate keeps most of the principal when a bubble "
        "bursts.",
        judged(mix[worst] >= -_MOST_KEPT, mix[worst] > -_SOME_KEPT),
        f"At worst its saver was {percent(-mix['dotcom-peak'])} below the money put in when the "
        f"dot-com bubble burst right after the start (index fund: {percent(-fund['dotcom-peak'])})"
        f", and {percent(-mix['gfc'])} below it in the financial crisis ({percent(-fund['gfc'])}).",
        f"Holds if it never fell more than {percent(_MOST_KEPT, 0)} below the money put in, in no "
        f"bust; with a condition if never {percent(_SOME_KEPT, 0)} or more.",
        numbers,
        tuple(f"dca compare --era {e} --strategy diversified --strategy index-fund" for e in eras),
    )


def patience(ground: Ground) -> Claim:
    """(viii) Patience pays: who stayed through the worst ended above the money put in."""
    ground.note(ground.monthly, "SP500")
    found = dict(_ended_above(ground))
    if not found:
        raise NoPrices("SP500 has no window of five years; patience cannot be told")
    shares = {years: stayed for years, (_, _, stayed, _) in found.items() if stayed is not None}
    longest = max(shares) if shares else max(found)
    low = min(shares.values(), default=1.0)
    numbers: dict[str, Number] = {}
    for years, (windows, above, stayed, deep) in found.items():
        names = ("windows", "ended above", "stayed and ended above", "were deep below")
        values: tuple[Number, ...] = (windows, above, stayed, deep)
        numbers |= {f"{name}, {years} years": v for name, v in zip(names, values, strict=True)}
    told = "; ".join(
        f"{years} years {percent(share)} of {found[years][3]}" for years, share in shares.items()
    )
    first, begin = min(found), ground.first_month("SP500")
    return Claim(
        "viii",
        "Patience pays: who stays through the worst ends above the money put in.",
        judged(low >= _SURE, shares.get(longest, 1.0) >= _NEARLY_SURE),
        "Of all start months, those index savers who were at some time a fifth or more below "
        f"their money, stayed and ended above it: {told or 'none was that deep'}. They are "
        "neighbours' windows that overlap, not independent lives, and month ends.",
        f"Of the windows once {percent(-_DEEP, 0)} or more below the money put in: holds if all "
        "ended above it at every horizon; with a condition if "
        f"{percent(_NEARLY_SURE, 0)} did at the longest.",
        numbers,
        (
            f"dca sweep --strategy index-fund --bars monthly --from {begin} --years {first} "
            + " ".join(f"--years {years}" for years in sorted(found)[1:]),
        ),
    )


def _ended_above(ground: Ground) -> Iterator[tuple[int, tuple[int, float, float | None, int]]]:
    """Yield, by horizon: windows, share above, share above of those once deep, how many those."""
    for years in HORIZONS:
        try:
            figures = _windows(ground, years)
        except NoPrices:
            continue
        above = figures["multiple"] >= 1
        deep = figures["worst_shortfall"] <= _DEEP
        stayed = float(above[deep].mean()) if deep.any() else None
        yield years, (len(above), float(above.mean()), stayed, int(deep.sum()))


def _windows(ground: Ground, years: int) -> dict[str, Floats]:
    """Save into the index fund from every month of the month ends on."""
    request = Request(
        ("index-fund",), start=ground.first_month("SP500"), years=(years,), bars="monthly"
    )
    twin = Twin(lay_out(request, ground.tables))
    parts = [twin.rows(chunk).figures for chunk in twin.layout.chunks]
    return {k: np.concatenate([p[k] for p in parts]) for k in ("multiple", "worst_shortfall")}


_ERAS = ("dotcom", "dotcom-peak", "ai-run")


def _number(run: Result, key: str) -> float:
    """Return a figure of a run; 0 where there is none, as of an advantage nobody had."""
    figure = run.measures[key]
    return float(figure) if isinstance(figure, int | float) else 0.0


def _part(part: float, whole: float) -> float:
    """Return a fall as a fraction of another; where nothing fell, nothing was softened."""
    return part / whole if whole else 1.0


def _pair(falls: dict[str, float], era: str) -> str:
    return f"{percent(falls[f'index-fund {era}'])} against {percent(falls[f'ai-picks {era}'])}"
