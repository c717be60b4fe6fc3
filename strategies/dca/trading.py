"""Decide how much of what to trade: pure arithmetic shared by Backtrader and the vectorised twin.

Every array of dollars has shape (assets, paths) and every amount of cash (paths,); one run has one
path. Targets are fractions of at most 1 in all over the assets that can be traded, 0 elsewhere;
what they leave of 1 is kept in cash.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import Flags, Floats
from strategies.dca.terms import WEIGHT_SLACK, Costs, Rebalance, Terms

# An order of no more than this fraction of the money at hand is rounding, not an order.
DUST = 1e-9
# A quotient this near to a whole number of shares is that number.
WHOLE = 1e-9
# Fractional orders are cut by this much, so that rounding never asks for more than there is.
SHAVE = 1.0 - 1e-12


def renormalise(weights: Floats, live: Flags) -> Floats:
    """Spread the targets over the live assets, whose sum they keep; all 0 where none is."""
    chosen, share = np.where(live, weights, 0.0), invested(weights)
    total = chosen.sum(axis=0)
    some = (total > 0) & (share > 0)
    return np.asarray(chosen / np.divide(total, share, out=np.ones_like(total), where=some))


def invested(weights: Floats) -> Floats:
    """Return the fraction of all money that targets invest: exactly 1 where they sum to 1."""
    share = weights.sum(axis=0)
    return np.where(np.abs(share - 1.0) <= WEIGHT_SLACK, 1.0, share)


def without_dust(dollars: Floats, money: Floats) -> Floats:
    """Leave out orders of next to nothing, whose money waits for the next contribution."""
    return np.where(np.abs(dollars) > DUST * money, dollars, 0.0)


def split(cash: Floats, targets: Floats, costs: Costs) -> Floats:
    """Buy by the targets; return dollars of each asset, fees on top of them paid from `cash`.

    Cash that does not cover the orders' fixed fees buys nothing.
    """
    orders = (targets > 0).sum(axis=0)
    net = np.maximum(cash - orders * costs.per_order_usd, 0.0) / (1.0 + costs.rate)
    return without_dust(targets * net, cash)


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
    dollars = np.where(wanted & (rank < last), chosen * targets - holdings, 0.0)
    # Beside holdings a million million times the cash, the difference is no longer exact.
    spent, paid = dollars.sum(axis=0), np.take_along_axis(net, np.maximum(last - 1, 0)[None], 0)[0]
    scale = np.where(spent > paid * (1.0 + 1e-13), paid / np.where(spent > 0, spent, 1.0), 1.0)
    return without_dust(np.maximum(dollars * scale, 0.0), cash)


def to_targets(holdings: Floats, cash: Floats, targets: Floats, costs: Costs) -> Floats:
    """Sell and buy so that the targets hold for what is left after all fees.

    With T all money, the value V after fees solves V + rate sum|w V - h| + fixed fees = T.
    The left side is convex and rises with V, so Newton's steps from T fall on the root and stay:
    one step for each change of sign among the trades. Nothing is traded where all is at its target
    already, or where the fees would take everything.
    """
    total = holdings.sum(axis=0) + cash
    # Every order counts, also one that fees may shrink to nothing: cash never goes negative.
    orders = ((targets > 0) | (holdings > 0)).sum(axis=0)
    trades = targets * total - holdings
    wanted = without_dust(trades, total).any(axis=0)
    left = total - orders * costs.per_order_usd
    value, trades = left, targets * left - holdings if not costs.rate else trades
    # Where fees do not depend on what is traded, there is nothing to solve.
    for _ in range(len(targets) + 1 if costs.rate else 0):
        sign = np.sign(trades)
        taken = costs.rate * (sign * holdings).sum(axis=0)
        value = (left + taken) / (1.0 + costs.rate * (sign * targets).sum(axis=0))
        trades = targets * value - holdings
    return np.where(wanted & (value > DUST * total), without_dust(trades, total), 0.0)


def off_band(holdings: Floats, targets: Floats, band: float, kept: Floats) -> Flags:
    """Mark the paths in which a holding's weight is more than `band` away from its target.

    Weights are of holdings and `kept` cash before the contribution; where nothing is held yet, no
    weight is off.
    """
    total = holdings.sum(axis=0) + kept
    weights = holdings / np.where(total > 0, total, 1.0)
    far = np.abs(weights - targets).max(axis=0) > band + DUST
    return np.asarray(far & (total > 0))


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


def rebalances(saver: Saver, bar: Bar, holdings: Floats, targets: Floats, kept: Floats) -> Flags:
    """Mark the paths in which all money, not the new alone, is brought to the targets."""
    rule = saver.rule
    if rule.rule == "band":
        return off_band(holdings, targets, rule.band, kept)
    return np.full(holdings.shape[1], rule.rule == "annual" and bar.new_year)


def trades(
    saver: Saver, bar: Bar, holdings: Floats, targets: Floats, cash: Floats, kept: Floats
) -> tuple[Floats, Flags]:
    """Return the dollars to buy (+) or sell (-) of each asset, and who is rebalanced as a whole.

    New money is split by the targets, a rebalancing takes all there is. `kept` is that part of
    `cash` which targets of less than 1 left in cash before.
    """
    share, costs = invested(targets), saver.terms.costs
    new, spread = share * (cash - kept), targets / np.where(share > 0, share, 1.0)
    whole = rebalances(saver, bar, holdings, targets, kept)
    if saver.rule.rule == "contribute":
        return fill_up(holdings, new, spread, costs), whole
    dollars = split(new, spread, costs)
    if whole.any():
        own = targets if targets.shape[1] == 1 else targets[:, whole]
        dollars[:, whole] = to_targets(holdings[:, whole], cash[whole], own, costs)
    return dollars, whole


def invest(
    saver: Saver, bar: Bar, shares: Floats, cash: Floats, kept: Floats
) -> tuple[Floats, Floats]:
    """Return the shares to buy (+) or sell (-), shape (assets, paths), and the cash kept then."""
    live = bar.live[:, None]
    if not live.any():
        return np.zeros_like(shares), kept
    targets, held = renormalise(saver.weights, live), shares * np.where(live, bar.prices, 0.0)
    dollars, whole = trades(saver, bar, held, targets, cash, kept)
    share = invested(targets)
    if (share < 1.0).any():
        left = cash - (dollars + fees(dollars, saver.terms.costs)).sum(axis=0)
        kept = np.where(whole, left, kept + (1.0 - share) * (cash - kept))
    elif kept.any():
        kept = np.where(whole, 0.0, kept)
    return sizes(dollars, shares, bar.prices, saver.terms.whole_shares), kept


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


def whole_shares(dollars: Floats, prices: Floats) -> Floats:
    """Turn dollars to trade into whole shares, never more bought nor less sold than asked."""
    wanted = np.divide(dollars, prices, out=np.zeros_like(dollars), where=prices > 0)
    nearest = np.round(wanted)
    return np.where(np.abs(wanted - nearest) <= WHOLE, nearest, np.floor(wanted))


def sizes(dollars: Floats, shares: Floats, prices: Floats, whole: bool) -> Floats:
    """Turn dollars to trade into shares to order; no more is sold than is held."""
    if whole:
        return np.maximum(whole_shares(dollars, prices), -shares)
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
