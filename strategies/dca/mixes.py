"""Put two holdings together: a core and a satellite of picks beside it."""

from collections.abc import Mapping, Sequence

from data.errors import BadPlan
from data.language import say


def with_satellite(
    core: Mapping[str, float], picks: Sequence[str], share: float
) -> dict[str, float]:
    """Return the weights of `share` in equal parts of `picks` and the rest in `core`.

    Nothing of weight 0 is listed; a symbol of both has the sum. Raises BadPlan unless `share` is
    a fraction from 0 to 1, and where there are no picks for it.
    """
    if share and not picks:
        raise BadPlan(say("no picks are named; name an era that has some, or the picks themselves"))
    if not 0.0 <= share <= 1.0:
        raise BadPlan(
            say("the share of the picks is {share:g}; give a fraction from 0 to 1", share=share)
        )
    weights = {symbol: weight * (1.0 - share) for symbol, weight in core.items()}
    for symbol in picks:
        weights[symbol] = weights.get(symbol, 0.0) + share / len(picks)
    return {symbol: weight for symbol, weight in weights.items() if weight}
