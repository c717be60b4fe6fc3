"""Claims on saving by the month: what it costs, the index fund's fall, the mix."""

from datetime import date

from backtests.result import Result
from backtests.verdicts.claim import Found, Ground, Number
from data.language import say

_ADVANTAGE = 0.001
_SOFTER = 0.75
_MOST_KEPT, _SOME_KEPT = 0.20, 0.50
_ERAS = ("dotcom", "dotcom-peak", "ai-run")
_BUSTS = ("dotcom", "dotcom-peak", "gfc")
# The dot-com bust from its top on, ended near the low: nothing had come back yet.
_BUST = date(2000, 3, 1), date(2002, 9, 30)

COST_RULE = say(
    "Holds if in every run the average price is more than {least:g} % above the average cost; with "
    "a condition if a run with that advantage ended below the money put in.",
    least=100 * _ADVANTAGE,
)
SOFTER_RULE = say(
    "Holds if its strategy drawdown is at most {most:g} % of the picks' in both eras, on the same "
    "bars; with a condition if it is less deep in both.",
    most=100 * _SOFTER,
)
MIX_RULE = say(
    "Holds if it never fell more than {most:g} % below the money put in, in no bust; with a "
    "condition if never {some:g} % or more.",
    most=100 * _MOST_KEPT,
    some=100 * _SOME_KEPT,
)


def average_cost(ground: Ground) -> Found:
    """Compare average price and average cost, and what came of it."""
    runs = {f"{s} {e}": ground.run(s, e) for s in ("index-fund", "nasdaq") for e in _ERAS}
    bust = runs["IXIC bust"] = ground.saved("IXIC", *_BUST)
    gains: dict[str, float] = {
        say("advantage {run}", run=name): _number(run, "price_advantage")
        for name, run in runs.items()
    }
    ends: dict[str, float] = {
        say("multiple {run}", run=name): _number(run, "multiple") for name, run in runs.items()
    }
    least, largest = min(gains.values()), max(gains.values())
    numbers: dict[str, Number] = {
        **gains,
        **ends,
        say("least advantage"): least,
        say("largest advantage"): largest,
        say("average_cost"): _number(bust, "average_cost"),
        say("average_price"): _number(bust, "average_price"),
    }
    finding = say(
        "The average price was {least:.1f} % to {largest:.1f} % above what a unit cost the saver. "
        "That alone is no profit: in the Nasdaq from 2000-03 to 2002-09 it was {bust:.1f} % above "
        "it, and each dollar put in ended as {multiple:.2f} dollars.",
        least=100 * least, largest=100 * largest, bust=100 * _number(bust, "price_advantage"),
        multiple=_number(bust, "multiple"),
    )  # fmt: skip
    commands = [f"dca compare --era {e} --strategy index-fund --strategy nasdaq" for e in _ERAS]
    commands.append(f"dca run --weights IXIC=1 --from {_BUST[0]} --to {_BUST[1]}")
    lower, lost = least > _ADVANTAGE, min(ends.values()) < 1
    return Found(lower and not lost, lower, finding, numbers, tuple(commands))


def softened(ground: Ground) -> Found:
    """Compare the index fund's fall with its leaders', then and now."""
    eras, pair = ("dotcom", "ai-run"), ("index-fund", "ai-picks")
    falls = {f"{s} {e}": _number(ground.run(s, e), "max_drawdown") for e in eras for s in pair}
    ratios = {}
    for era in eras:
        fund, picks = (falls[f"{strategy} {era}"] for strategy in pair)
        # Where nothing fell, nothing was softened.
        ratios[era] = fund / picks if picks else 1.0
    most = max(ratios.values())
    finding = say(
        "In the dot-com period its fall was {then:.0f} % of its leaders' ({fund_then:.1f} % "
        "against {picks_then:.1f} %), in the AI run {now:.0f} % ({fund_now:.1f} % against "
        "{picks_now:.1f} %); softened is not spared.",
        then=100 * ratios["dotcom"], now=100 * ratios["ai-run"],
        fund_then=100 * falls["index-fund dotcom"], fund_now=100 * falls["index-fund ai-run"],
        picks_then=100 * falls["ai-picks dotcom"], picks_now=100 * falls["ai-picks ai-run"],
    )  # fmt: skip
    numbers = falls | {say("ratio {era}", era=era): ratio for era, ratio in ratios.items()}
    runs = tuple(f"dca compare --era {e} --strategy index-fund --strategy ai-picks" for e in eras)
    return Found(most <= _SOFTER, most < 1, finding, numbers, runs)


def mix(ground: Ground) -> Found:
    """Find the worst of the mix against the money put in, in every bust."""
    losses = {
        f"{strategy} {era}": _number(ground.run(strategy, era), "worst_shortfall")
        for era in _BUSTS
        for strategy in ("diversified", "index-fund")
    }
    worst = min(losses[f"diversified {era}"] for era in _BUSTS)
    below = say(
        "At worst its saver was {burst:.1f} % below the money put in when the dot-com bubble burst "
        "right after the start (index fund: {index_burst:.1f} %), and {crisis:.1f} % below it in "
        "the financial crisis ({index_crisis:.1f} %).",
        burst=-100 * losses["diversified dotcom-peak"], crisis=-100 * losses["diversified gfc"],
        index_burst=-100 * losses["index-fund dotcom-peak"],
        index_crisis=-100 * losses["index-fund gfc"],
    )  # fmt: skip
    runs = (f"dca compare --era {e} --strategy diversified --strategy index-fund" for e in _BUSTS)
    return Found(worst >= -_MOST_KEPT, worst > -_SOME_KEPT, below, losses, tuple(runs))


def _number(run: Result, key: str) -> float:
    """Return a figure of a run; 0 where there is none, as of an advantage nobody had."""
    figure = run.measures[key]
    return float(figure) if isinstance(figure, int | float) else 0.0
