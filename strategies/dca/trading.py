"""Decide how much of what to trade: pure arithmetic shared by Backtrader and the vectorised twin.

Every array of dollars has shape (assets, paths) and every amount of cash (paths,); one run has one
path. Targets are fractions that sum to 1 over the assets that can be traded, 0 elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strategies.dca.terms import Costs, Rebalance, Terms

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# A difference below this fraction of the portfolio is rounding, not an order.
DUST = 1e-10
# Fractional orders are cut by this much, so that rounding never asks for more than there is.
SHAVE = 1.0 - 1e-12


def renormalise(weights: Floats, live: Flags) -> Floats:
    """Return the targets over the live assets; all 0 where none is."""
    kept = np.where(live, weights, 0.0)
    total = kept.sum(axis=0)
    return np.asarray(kept / np.where(total > 0, total, 1.0))


def split(cash: Floats, targets: Floats, costs: Costs) -> Floats:
    """Buy by the targets; return dollars of each asset, fees on top of them paid from `cash`.

    Cash that does not cover the orders' fixed fees buys nothing.
    """
    orders = (targets > 0).sum(axis=0)
    net = np.maximum(cash - orders * costs.per_order_usd, 0.0) / (1.0 + costs.rate)
    return np.asarray(targets * net)


def fill_up(holdings: Floats, cash: Floats, targets: Floats, costs: Costs) -> Floats:
    """Buy what brings the weights nearest to the targets without selling.

    The lowest holding-to-target ratios are filled up first, level by level: with the k lowest
    ratios bought, their common level is (net cash + their holdings) / (their targets), and k is
    the largest for which every one of them is still below that level.
    """
    wanted = targets > 0
    ratio = np.where(wanted, holdings / np.where(wanted, targets, 1.0), np.inf)
    order = np.argsort(ratio, axis=0, kind="stable")
    sorted_ratio = np.take_along_axis(ratio, order, axis=0)
    weights = np.cumsum(np.take_along_axis(targets, order, axis=0), axis=0)
    held = np.take_along_axis(np.where(wanted, holdings, 0.0), order, axis=0)
    count = np.arange(1, len(targets) + 1).reshape((-1,) + (1,) * (targets.ndim - 1))
    net = np.maximum(cash - count * costs.per_order_usd, 0.0) / (1.0 + costs.rate)
    level = (net + np.cumsum(held, axis=0)) / np.where(weights > 0, weights, 1.0)
    bought = (level > sorted_ratio) & (net > 0)
    last = np.where(bought, count, 0).max(axis=0)
    chosen = np.take_along_axis(level, np.maximum(last - 1, 0)[None], axis=0)[0]
    rank = np.argsort(order, axis=0, kind="stable")
    return np.where(wanted & (rank < last), chosen * targets - holdings, 0.0)


def to_targets(holdings: Floats, cash: Floats, targets: Floats, costs: Costs) -> Floats:
    """Sell and buy so that the targets hold for what is left after all fees.

    With T all money, the value V after fees solves V + rate sum|w V - h| + fixed fees = T.
    The left side is convex and rises with V, so Newton's steps from T fall on the root and stay:
    one step for each change of sign among the trades. Nothing is traded where all is at its target
    already, or where the fixed fees would take everything.
    """
    total = holdings.sum(axis=0) + cash
    dust = DUST * total
    # Every order counts, also one that fees may shrink to nothing: cash never goes negative.
    orders = ((targets > 0) | (holdings > 0)).sum(axis=0)
    trades = targets * total - holdings
    wanted = (np.abs(trades) > dust).any(axis=0)
    left = total - orders * costs.per_order_usd
    value, trades = left, targets * left - holdings if not costs.rate else trades
    # Where fees do not depend on what is traded, there is nothing to solve.
    for _ in range(len(targets) + 1 if costs.rate else 0):
        sign = np.sign(trades)
        taken = costs.rate * (sign * holdings).sum(axis=0)
        value = (left + taken) / (1.0 + costs.rate * (sign * targets).sum(axis=0))
        trades = targets * value - holdings
    return np.where((np.abs(trades) > dust) & wanted & (value > 0), trades, 0.0)


def off_band(holdings: Floats, targets: Floats, band: float) -> Flags:
    """Mark the paths in which a holding's weight is more than `band` away from its target.

    Weights are of the holdings before the contribution. Nothing held is off no band.
    """
    total = holdings.sum(axis=0)
    weights = holdings / np.where(total > 0, total, 1.0)
    far = np.abs(weights - targets).max(axis=0) > band + DUST
    return np.asarray(far & (total > 0))


def trades(saver: "Saver", bar: "Bar", holdings: Floats, cash: Floats, targets: Floats) -> Floats:
    """Return the dollars to buy (+) or sell (-) of each asset on a contribution bar."""
    rule, costs = saver.rule.rule, saver.terms.costs
    if rule == "contribute":
        return fill_up(holdings, cash, targets, costs)
    if rule == "none" or (rule == "annual" and not bar.new_year):
        return split(cash, targets, costs)
    if rule == "annual":
        return to_targets(holdings, cash, targets, costs)
    dollars = split(cash, targets, costs)
    far = off_band(holdings, targets, saver.rule.band)
    if far.any():
        own = targets if targets.shape[1] == 1 else targets[:, far]
        dollars[:, far] = to_targets(holdings[:, far], cash[far], own, costs)
    return dollars


@dataclass(frozen=True)
class Saver:
    """How money is put to work: target weights of shape (assets, 1), rule and terms."""

    weights: Floats
    rule: Rebalance
    terms: Terms


@dataclass(frozen=True)
class Bar:
    """What a decision may look at: prices (assets, 1) or (assets, paths), and who has one.

    `live` (assets,) marks what can be traded; `new_year`: the year's first contribution bar.
    """

    prices: Floats
    live: Flags
    new_year: bool = False


def invest(saver: Saver, bar: Bar, shares: Floats, cash: Floats) -> Floats:
    """Return the shares to buy (+) or sell (-) of each asset, shape (assets, paths)."""
    live = bar.live[:, None]
    targets = renormalise(saver.weights, live)
    if not targets.any():
        return np.zeros_like(shares)
    dollars = trades(saver, bar, shares * np.where(live, bar.prices, 0.0), cash, targets)
    return sizes(dollars, shares, bar.prices, saver.terms.whole_shares)


def settle(
    traded_shares: Floats, prices: Floats, costs: Costs, order: Sequence[int], cash: Floats
) -> tuple[Floats, Floats]:
    """Pay for trades out of `cash`: sales first, each in `order`; return cash and fees left.

    The order is that in which a broker gets them, which matters to the last bit.
    """
    dollars = traded_shares * prices
    paid = fees(dollars, costs)
    spent, selling = dollars + paid, dollars < 0
    for asset in order if selling.any() else ():
        cash = cash - np.where(selling[asset], spent[asset], 0.0)
    for asset in order:
        cash = cash - np.where(selling[asset], 0.0, spent[asset])
    return cash, paid


def whole_shares(dollars: Floats, shares: Floats, prices: Floats) -> Floats:
    """Turn dollars to trade into whole shares, never more bought nor less sold than asked."""
    safe = np.where(prices > 0, prices, 1.0)
    after = np.floor((shares * safe + dollars) / safe)
    return np.where((prices > 0) & (dollars != 0), after - shares, 0.0)


def sizes(dollars: Floats, shares: Floats, prices: Floats, whole: bool) -> Floats:
    """Turn dollars to trade into shares to order; no more is sold than is held."""
    if whole:
        return whole_shares(dollars, shares, prices)
    wanted = np.divide(dollars, prices, out=np.zeros_like(dollars), where=prices > 0)
    return np.where(wanted > 0, wanted * SHAVE, np.maximum(wanted, -shares))


def ended_sale(shares: Floats, prices: Floats, ended: Flags, costs: Costs) -> Floats:
    """Sell what has ended, unless its proceeds do not pay the order's own fee; return shares."""
    pays = shares * prices * (1.0 - costs.rate) >= costs.per_order_usd
    return np.where(ended[:, None] & pays, -shares, 0.0)


def fees(traded_usd: Floats, costs: Costs) -> Floats:
    """Return the fee of each order that trades these dollars, 0 where nothing is traded."""
    charged = np.abs(traded_usd) * costs.rate + costs.per_order_usd
    return np.where(traded_usd != 0, charged, 0.0)
