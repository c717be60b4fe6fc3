"""Claims on saving by the month: what it costs, the index fund's fall, the mix."""

from datetime import date

from backtests.result import Result
from backtests.verdicts.claim import Found, Ground, told

_ADVANTAGE = 0.001
_SOFTER = 0.75
_MOST_KEPT, _SOME_KEPT = 0.20, 0.50
_ERAS = ("dotcom", "dotcom-peak", "ai-run")
_BUSTS = ("dotcom", "dotcom-peak", "gfc")
# The dot-com bust from its top on, ended near the low: nothing had come back yet.
_BUST = date(2000, 3, 1), date(2002, 9, 30)

COST_RULE = (
    f"Holds if in every run the average price is more than {100 * _ADVANTAGE:g} % above the "
    "average cost; with a condition if a run with that advantage ended below the money put in."
)
SOFTER_RULE = (
    f"Holds if its strategy drawdown is at most {100 * _SOFTER:g} % of the picks' in both eras, on "
    "the same bars; with a condition if it is less deep in both."
)
MIX_RULE = (
    f"Holds if it never fell more than {100 * _MOST_KEPT:g} % below the money put in, in no bust; "
    f"with a condition if never {100 * _SOME_KEPT:g} % or more."
)
_COST = (
    "The average price was {least advantage:.1%} to {largest advantage:.1%} above what a unit cost "
    "the saver. That alone is no profit: in the Nasdaq from 2000-03 to 2002-09 it was "
    "{advantage IXIC bust:.1%} above it, and each dollar put in ended as {multiple IXIC bust:.2f} "
    "dollars."
)
_SOFT = (
    "In the dot-com period its fall was {ratio dotcom:.0%} of its leaders' "
    "({index-fund dotcom:.1%} against {ai-picks dotcom:.1%}), in the AI run {ratio ai-run:.0%} "
    "({index-fund ai-run:.1%} against {ai-picks ai-run:.1%}); softened is not spared."
)
_MIX = (
    "At worst its saver was {diversified dotcom-peak:.1%} below the money put in when the dot-com "
    "bubble burst right after the start (index fund: {index-fund dotcom-peak:.1%}), and "
    "{diversified gfc:.1%} below it in the financial crisis ({index-fund gfc:.1%})."
)


def average_cost(ground: Ground) -> Found:
    """Compare average price and average cost, and what came of it."""
    runs = {f"{s} {e}": ground.run(s, e) for s in ("index-fund", "nasdaq") for e in _ERAS}
    runs["IXIC bust"] = ground.saved("IXIC", *_BUST)
    gains = {f"advantage {name}": _number(run, "price_advantage") for name, run in runs.items()}
    ends = {f"multiple {name}": _number(run, "multiple") for name, run in runs.items()}
    least, largest = min(gains.values()), max(gains.values())
    numbers = gains | ends | {"least advantage": least, "largest advantage": largest}
    numbers |= {key: _number(runs["IXIC bust"], key) for key in ("average_cost", "average_price")}
    commands = [f"dca compare --era {e} --strategy index-fund --strategy nasdaq" for e in _ERAS]
    commands.append(f"dca run --weights IXIC=1 --from {_BUST[0]} --to {_BUST[1]}")
    lower, lost = least > _ADVANTAGE, min(ends.values()) < 1
    return Found(lower and not lost, lower, told(_COST, numbers), numbers, tuple(commands))


def softened(ground: Ground) -> Found:
    """Compare the index fund's fall with its leaders', then and now."""
    eras, pair = ("dotcom", "ai-run"), ("index-fund", "ai-picks")
    numbers = {f"{s} {e}": _number(ground.run(s, e), "max_drawdown") for e in eras for s in pair}
    for era in eras:
        fund, picks = (numbers[f"{strategy} {era}"] for strategy in pair)
        # Where nothing fell, nothing was softened.
        numbers[f"ratio {era}"] = fund / picks if picks else 1.0
    most = max(numbers[f"ratio {era}"] for era in eras)
    runs = tuple(f"dca compare --era {e} --strategy index-fund --strategy ai-picks" for e in eras)
    return Found(most <= _SOFTER, most < 1, told(_SOFT, numbers), numbers, runs)


def mix(ground: Ground) -> Found:
    """Find the worst of the mix against the money put in, in every bust."""
    losses = {
        f"{strategy} {era}": _number(ground.run(strategy, era), "worst_shortfall")
        for era in _BUSTS
        for strategy in ("diversified", "index-fund")
    }
    worst = min(losses[f"diversified {era}"] for era in _BUSTS)
    below = told(_MIX, {name: -loss for name, loss in losses.items()})
    runs = (f"dca compare --era {e} --strategy diversified --strategy index-fund" for e in _BUSTS)
    return Found(worst >= -_MOST_KEPT, worst > -_SOME_KEPT, below, losses, tuple(runs))


def _number(run: Result, key: str) -> float:
    """Return a figure of a run; 0 where there is none, as of an advantage nobody had."""
    figure = run.measures[key]
    return float(figure) if isinstance(figure, int | float) else 0.0
