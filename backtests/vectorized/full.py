"""Every measure of CONTRACT section 3 for many paths at once, from their daily values.

Each function is the (bars, paths) form of the one of the same name in metrics.py; bars outside a
path's window are marked by `inside`. Dates come as bar numbers, -1 for none.
"""

from dataclasses import dataclass

import numpy as np

from backtests.measures.series import ROUNDING
from backtests.vectorized.measured import Extremes, Figures, figures, ratio, snapped
from backtests.vectorized.walk import Book, Flags, Ints, Market, Spans, Stretch, play
from data.prices import BARS_A_YEAR, Bars, Floats

# Dates of measures, as bar numbers of the market.
PLACES = (
    "max_drawdown_peak",
    "max_drawdown_trough",
    "max_drawdown_recovery",
    "account_max_drawdown_peak",
    "account_max_drawdown_trough",
    "account_max_drawdown_recovery",
    "worst_shortfall_date",
)


class Daily:
    """Keep every bar's value and flow, shape (bars, paths); 0 outside a path's window."""

    def __init__(self, bars: int, paths: int) -> None:
        self.value = np.zeros((bars, paths))
        self.flow = np.zeros((bars, paths))

    def see(self, stretch: Stretch) -> None:
        """Write a stretch down."""
        stop = stretch.start + len(stretch.value)
        self.value[stretch.start : stop, stretch.who] = stretch.value
        self.flow[stretch.start, stretch.who] = stretch.flow


@dataclass(frozen=True)
class Rates:
    """What returns are set against: a T-bill index and consumer prices a bar, where known."""

    bars: Bars
    bill: Floats | None = None
    consumer_prices: Floats | None = None


def measure(market: Market, spans: Spans, book: Book, rates: Rates) -> Figures:
    """Play the book and return every measure, each of shape (paths,), NaN where there is none."""
    extremes, daily = Extremes(spans.paths), Daily(len(market.dates), spans.paths)
    play(market, spans, book, [extremes, daily])
    found = figures(market.dates, spans, book.terms, book, extremes)
    bar = np.arange(len(market.dates))[:, None]
    inside = (bar >= spans.first) & (bar <= spans.last)
    unit = unit_value(daily, spans, inside)
    return (
        found
        | _risk(found, unit, inside, spans, rates)
        | _cost(daily.flow, unit)
        | _real(daily, found["final_value"], spans, rates)
        | _places(daily, unit, inside, spans)
    )


def unit_value(daily: Daily, spans: Spans, inside: Flags) -> Floats:
    """Return U on every bar: 1 before a window, its last value after it."""
    before = np.vstack([np.zeros(spans.paths), daily.value[:-1]])
    gain = np.where(
        before > 0, ratio(daily.value - daily.flow, before), ratio(daily.value, daily.flow)
    )
    return np.asarray(np.cumprod(np.where(inside, gain, 1.0), axis=0))


def _risk(found: Figures, unit: Floats, inside: Flags, spans: Spans, rates: Rates) -> Figures:
    a_year = BARS_A_YEAR[rates.bars]
    counted = inside[1:] & (np.arange(1, len(unit))[:, None] > spans.first)
    per_bar = np.where(counted, unit[1:] / unit[:-1] - 1.0, 0.0)
    excess = per_bar
    if rates.bill is not None:
        bill = (rates.bill[1:] / rates.bill[:-1] - 1.0)[:, None]
        excess = np.where(counted, per_bar - bill, 0.0)
    count = counted.sum(axis=0)
    spread = _deviation(per_bar, counted, count)
    excess_spread = _deviation(excess, counted, count)
    downside = (np.minimum(excess, 0.0) ** 2).sum(axis=0)
    downside = np.sqrt(_over(downside, (count - 1).astype(np.float64)))
    mean = _over(excess.sum(axis=0), count.astype(np.float64)) * a_year**0.5
    fall = np.where(inside, drawdown(unit), 0.0)
    return {
        "volatility": snapped(spread * a_year**0.5),
        "sharpe": _over(mean, np.where(excess_spread < ROUNDING, 0.0, excess_spread)),
        "sortino": _over(mean, np.where(downside < ROUNDING, 0.0, downside)),
        "calmar": _over(found["cagr"], -found["max_drawdown"]),
        "ulcer_index": np.sqrt((fall**2).sum(axis=0) / inside.sum(axis=0)),
    }


def drawdown(unit: Floats) -> Floats:
    """Return the fall of the unit value from its high, which is at least 1."""
    return snapped(unit / np.maximum(np.maximum.accumulate(unit, axis=0), 1.0) - 1.0)


def _deviation(values: Floats, counted: Flags, count: Ints) -> Floats:
    """Return the standard deviation, ddof=1, of the counted values; NaN for fewer than two."""
    mean = values.sum(axis=0) / np.maximum(count, 1)
    squares = (np.where(counted, values - mean, 0.0) ** 2).sum(axis=0)
    return np.sqrt(_over(squares, np.where(count >= 2, count - 1.0, 0.0)))


def _over(above: Floats, below: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _cost(flow: Floats, unit: Floats) -> Figures:
    paid = flow > 0
    count = paid.sum(axis=0).astype(np.float64)
    cost = _over(flow.sum(axis=0), (flow / unit).sum(axis=0))
    price = _over(np.where(paid, unit, 0.0).sum(axis=0), count)
    most, least = flow.max(axis=0), np.where(paid, flow, np.inf).min(axis=0)
    advantage = np.where(most == least, snapped(price / cost - 1.0), np.nan)
    return {"average_cost": cost, "average_price": price, "price_advantage": advantage}


def _real(daily: Daily, final: Floats, spans: Spans, rates: Rates) -> Figures:
    if rates.consumer_prices is None:
        return {"real_multiple": np.full(spans.paths, np.nan)}
    levels = rates.consumer_prices
    today = levels[spans.last]
    put_in = np.where(daily.flow > 0, daily.flow * today / levels[:, None], 0.0).sum(axis=0)
    unknown = np.concatenate([[0], np.cumsum(~np.isfinite(levels))])
    missing = unknown[spans.last + 1] > unknown[spans.first]
    return {"real_multiple": np.where(missing, np.nan, _over(final, put_in))}


def _places(daily: Daily, unit: Floats, inside: Flags, spans: Spans) -> Figures:
    account = np.where(inside, daily.value, 0.0)
    high = np.maximum.accumulate(account, axis=0)
    fall = np.where(inside, drawdown(unit), 0.0)
    account_fall = np.where(inside, snapped(ratio(account, high) - 1.0), 0.0)
    short = np.where(inside, ratio(account, np.cumsum(daily.flow, axis=0)) - 1.0, 0.0)
    short = np.minimum(snapped(short), 0.0)
    worst = np.where(short.min(axis=0) < 0, short.argmin(axis=0), -1)
    return {
        **_fall("max_drawdown", fall, np.where(inside, unit, 0.0), spans),
        **_fall("account_max_drawdown", account_fall, account, spans),
        "worst_shortfall_date": worst.astype(np.float64),
    }


def _fall(name: str, fall: Floats, level: Floats, spans: Spans) -> Figures:
    """Find peak, trough and recovery of the deepest fall, as metrics.drawdowns dates them."""
    fell = fall.min(axis=0) < 0
    trough = fall.argmin(axis=0)
    bar = np.arange(len(fall))[:, None]
    up = fall >= 0
    # The last bar at the high before the trough; a window that opens below 1 has none.
    base = np.where(up & (bar < trough) & (bar >= spans.first), bar, -1).max(axis=0)
    high = np.maximum.accumulate(level, axis=0)
    reached = np.take_along_axis(high, np.maximum(base, 0)[None], axis=0)[0]
    peak = np.where(base < 0, spans.first, (high < reached * (1 - ROUNDING)).sum(axis=0))
    back = up & (bar > trough) & (bar <= spans.last)
    recovery = np.where(back.any(axis=0), back.argmax(axis=0), -1)
    places = {"peak": peak, "trough": trough, "recovery": recovery}
    return {f"{name}_{k}": np.where(fell, v, -1).astype(np.float64) for k, v in places.items()}
