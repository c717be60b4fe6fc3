"""The short way for one asset bought and held: nothing couples the months, so no walk is needed.

Shares are a running sum of contribution/price, and every value is shares times price: a month's
low, high and deepest inner fall are found once on the price and serve every window.
"""

import numpy as np

from backtests.measures.running import Figures, Running, Shape
from backtests.measures.series import Flows, ratio
from backtests.vectorized.market import Market, Spans
from backtests.vectorized.walk import payments
from data.arrays import Floats, Ints, month_firsts
from strategies.dca.trading import Saver, fees, split


def applies(market: Market, spans: Spans, saver: Saver) -> bool:
    """Tell whether nothing couples one month to the next and windows are whole months."""
    terms = saver.terms
    plain = saver.rule.rule == "none" and terms.fill == "close" and not terms.whole_shares
    plain &= terms.schedule.plain and terms.parts == 1 and terms.quit is None
    fixed = terms.costs.per_order_usd or terms.costs.least_usd
    if not plain or fixed or not terms.first_usd:
        return False
    if len(market.symbols) != 1 or market.ends[0] >= 0:
        return False
    starts = month_firsts(market.dates)
    stops = np.concatenate([starts[1:], [True]])
    month = np.cumsum(starts)
    count: Ints = month[spans.last] - month[spans.first]
    whole = bool(starts[spans.first].all() and stops[spans.last].all() and np.ptp(count) == 0)
    return whole and market.closes.ndim == 2 and bool(market.priced.all())


def play(market: Market, spans: Spans, saver: Saver) -> tuple[Figures, Floats]:
    """Return KEPT and the shares held at the end; equal to the walk on what `applies` accepts."""
    paid, days = payments(market, spans, market.calendar, saver)
    dollars = split(paid[:, 0], np.ones((1, len(paid))), saver.terms.costs)[0]
    charged = fees(dollars, saver.terms.costs)[:, None]
    months, shapes = month_shapes(market)
    # Of every month and window the price's first, last, low and high, and its inner fall.
    place = np.searchsorted(months, spans.first) + np.arange(len(paid))[:, None]
    found = shapes.take(place, axis=1, mode="clip")
    shares = np.cumsum(dollars[:, None] / found[0], axis=0)
    before = np.zeros_like(paid)
    np.multiply(found[0, 1:], shares[:-1], out=before[1:])
    found[:4] *= shares
    running, ends = Running(spans.paths), np.ones(paid.shape, dtype=np.bool_)
    flows = Flows(before, paid, np.broadcast_to(charged, paid.shape))
    running.take(slice(None), Shape(*found), flows, ends)
    return running.figures(paid, days), shares[-1]


def month_shapes(market: Market) -> tuple[Ints, Floats]:
    """Return the months' first bars and first, last, low, high, inner of the price in each."""
    price = market.closes[:, 0]
    starts = np.flatnonzero(month_firsts(market.dates))
    lasts = np.concatenate([starts[1:], [len(price)]]) - 1
    longest = int((lasts - starts).max()) + 1
    bars = np.minimum(starts[:, None] + np.arange(longest), lasts[:, None])
    inside = price[bars]
    high = np.maximum.accumulate(inside, axis=1)
    inner = ratio(inside, high).min(axis=1)
    return starts, np.array([price[starts], price[lasts], inside.min(axis=1), high[:, -1], inner])
