"""The short way for one asset bought and held: nothing couples the months, so no walk is needed.

Shares are a running sum of contribution/price, and every value is shares times price: a month's
low, high and deepest inner fall are found once on the price and serve every window.
"""

import numpy as np

from backtests.measures.series import ROUNDING
from backtests.vectorized.measured import Figures, Shape, contribution_bars, ratio, snapped
from backtests.vectorized.walk import Book, Flags, Ints, Market, Spans
from data.prices import Floats, month_firsts
from strategies.dca import trading
from strategies.dca.terms import Rebalance, Terms


def applies(market: Market, spans: Spans, rule: Rebalance, terms: Terms) -> bool:
    """Tell whether nothing couples one month to the next and windows are whole months."""
    plain = rule.kind == "none" and terms.fill == "close" and not terms.whole_shares
    if not plain or terms.costs.per_order_usd or not terms.deposit_usd(first=True):
        return False
    if len(market.symbols) != 1 or market.ends[0] >= 0:
        return False
    starts = month_firsts(market.dates)
    stops = np.concatenate([starts[1:], [True]])
    month = np.cumsum(starts)
    count: Ints = month[spans.last] - month[spans.first]
    whole = bool(starts[spans.first].all() and stops[spans.last].all() and np.ptp(count) == 0)
    return whole and market.closes.ndim == 2 and bool(market.priced.all())


def play(market: Market, spans: Spans, book: Book) -> Figures:
    """Fill in the book and measure it; equal to fast.play on what `applies` accepts.

    Every array has shape (months, paths); the figures are those of Extremes, with those of money.
    """
    bars, _ = contribution_bars(market.dates, spans)
    paid = np.full(len(bars), book.terms.deposit_usd(first=False))
    paid[0] = book.terms.deposit_usd(first=True)
    dollars = trading.split(paid, np.ones((1, len(paid))), book.terms.costs)[0]
    shares = np.cumsum(dollars[:, None] / market.closes[bars, 0], axis=0)
    book.shares[0] = shares[-1]
    book.contributed[:] = paid.sum()
    book.fees_paid[:] = trading.fees(dollars, book.terms.costs).sum()
    months, shapes = month_shapes(market)
    first, last, low, high, inner = shapes[:, np.searchsorted(months, bars)]
    month = Shape(shares * first, shares * last, shares * low, shares * high, inner)
    money = {"contributed": book.contributed, "fees_paid": book.fees_paid}
    return _measured(month, paid) | money


def _measured(month: Shape, paid: Floats) -> Figures:
    """Measure whole months as Extremes measures stretches, all at once."""
    flow, contributed = paid[:, None], np.cumsum(paid)[:, None]
    # From a month's first bar to the next's: the growth inside, then what the edge brings.
    step = (month.first - flow) / np.vstack([month.first[:1], month.last[:-1]])
    step[0] = month.first[0] / paid[0]
    step[1:] *= month.last[:-1] / month.first[:-1]
    scale = np.cumprod(step, axis=0) / month.first
    unit_high = _highs_before(scale * month.high, np.ones_like(paid[:1]))
    account_high = _highs_before(month.high, month.first[0])
    below = month.last / contributed - 1.0 <= -ROUNDING
    return {
        "final_value": month.last[-1],
        "twr": snapped((scale * month.last)[-1] - 1.0),
        "max_drawdown": _deepest(np.minimum(scale * month.low / unit_high, month.inner)),
        "account_max_drawdown": _deepest(np.minimum(month.low / account_high, month.inner)),
        "worst_shortfall": _deepest(month.low / contributed),
        "months_below_money_in": below.sum(axis=0).astype(np.float64),
        "longest_months_below_money_in": _longest_run(below).astype(np.float64),
    }


def _highs_before(high: Floats, opening: Floats) -> Floats:
    """Return the highest value before each month; `opening` before the first."""
    start = np.broadcast_to(opening, high[:1].shape)
    return np.asarray(np.maximum.accumulate(np.vstack([start, high[:-1]]), axis=0))


def _deepest(level: Floats) -> Floats:
    return snapped(np.minimum(level.min(axis=0), 1.0) - 1.0)


def _longest_run(flags: Flags) -> Ints:
    """Count the longest run of marked months of each path."""
    month = np.arange(1, len(flags) + 1)[:, None]
    since = np.maximum.accumulate(np.where(flags, 0, month), axis=0)
    return np.asarray((month - since).max(axis=0))


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
