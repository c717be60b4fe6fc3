"""Decide how much of what to trade: pure arithmetic shared by Backtrader and the vectorised twin.

Every array of dollars has shape (assets, paths) and every amount of cash (paths,); one run has one
path. Targets are fractions of at most 1 in all over the assets that can be traded, 0 elsewhere;
what they leave of 1 is kept in cash.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import Flags, Floats, Ints
from strategies.dca.terms import SHELTER, WEIGHT_SLACK, Costs, Rebalance, Terms

# An order of no more than this fraction of the money at hand is rounding, not an order.
DUST = 1e-9
# A quotient this near to a whole number of shares is that number.
WHOLE = 1e-9
# Fractional orders are cut by this much, so that rounding never asks for more than there is.
SHAVE = 1.0 - 1e-12


def sheltered(symbols: Sequence[str]) -> Floats:
    """Return the targets of who has left, shape (symbols, 1): all in SHELTER, or all in cash."""
    return np.array([[float(symbol == SHELTER)] for symbol in symbols])


@dataclass(frozen=True)
class Gains:
    """What was paid for holdings, (assets, paths), and losses not set off yet, (paths,); dollars.

    The cost of what is sold is the average of all that is held of it; fees are no part of it.
    """

    cost: Floats
    losses: Floats

    @classmethod
    def none(cls, shape: tuple[int, int]) -> "Gains":
        """Begin with nothing held."""
        return cls(np.zeros(shape), np.zeros(shape[1]))

    def of(self, who: Flags | Ints | slice) -> "Gains":
        """Take some of the paths."""
        return Gains(self.cost[:, who], self.losses[who])

    def share(self, holdings: Floats) -> Floats:
        """Return what of each dollar of holdings is gain; negative for a loss."""
        held = holdings > 0
        return np.where(held, 1.0 - self.cost / np.where(held, holdings, 1.0), 0.0)

    def realise(self, traded: Floats, holdings: Floats, rate: float) -> tuple[Floats, "Gains"]:
        """Return the tax on trades of some dollars out of holdings, (paths,), and what is left.

        A bar's gains and losses are set off against each other and against losses carried from
        earlier bars; what is lost beyond that is carried on. Nothing paid comes back.
        """
        held = np.where(holdings > 0, holdings, 1.0)
        gone = self.cost * np.minimum(np.maximum(-traded, 0.0) / held, 1.0)
        gain = (np.maximum(-traded, 0.0) - gone).sum(axis=0) - self.losses
        left = Gains(self.cost - gone + np.maximum(traded, 0.0), np.maximum(-gain, 0.0))
        return rate * np.maximum(gain, 0.0), left


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
    if costs.least_usd:
        net = _after_costs(np.zeros_like(targets * cash), cash, targets, costs)
    else:
        orders = (targets > 0).sum(axis=0)
        net = (cash - orders * costs.per_order_usd) / (1.0 + costs.rate)
    return without_dust(np.asarray(targets * np.maximum(net, 0.0)), cash)


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
    if costs.least_usd:
        net = _net_of(order, holdings, cash, targets, costs)
    level = (net + np.cumsum(held, axis=0)) / np.where(weights > 0, weights, 1.0)
    bought = (level > sorted_ratio) & (net > DUST * cash)
    last = np.where(bought, count, 0).max(axis=0)
    chosen = np.take_along_axis(level, np.maximum(last - 1, 0)[None], axis=0)[0]
    rank = np.argsort(order, axis=0, kind="stable")
    dollars = np.where(wanted & (rank < last), chosen * targets - holdings, 0.0)
    # Beside holdings a million million times the cash, the difference is no longer exact.
    spent, paid = dollars.sum(axis=0), np.take_along_axis(net, np.maximum(last - 1, 0)[None], 0)[0]
    if costs.least_usd:
        paid = np.maximum(cash - fees(dollars, costs).sum(axis=0), 0.0)
    scale = np.where(spent > paid * (1.0 + 1e-13), paid / np.where(spent > 0, spent, 1.0), 1.0)
    return without_dust(np.maximum(dollars * scale, 0.0), cash)


def _net_of(order: Ints, holdings: Floats, cash: Floats, targets: Floats, costs: Costs) -> Floats:
    """Return what is left of `cash` after the fees of buying the first k of an order, by k."""
    rank, found = np.argsort(order, axis=0, kind="stable"), []
    for last in range(len(targets)):
        among = (rank <= last) & (targets > 0)
        wanted, held = np.where(among, targets, 0.0), np.where(among, holdings, 0.0)
        share, there = wanted.sum(axis=0), held.sum(axis=0)
        parts = wanted / np.where(share > 0, share, 1.0)
        found.append(_after_costs(held, there + cash, parts, costs) - there)
    return np.asarray(np.maximum(found, 0.0))


def to_targets(
    holdings: Floats, cash: Floats, targets: Floats, costs: Costs, gains: Gains | None = None
) -> Floats:
    """Sell and buy so that the targets hold for what is left after all fees and taxes.

    Nothing is traded where all is at its target already, or where they would take everything.
    """
    total = holdings.sum(axis=0) + cash
    wanted = without_dust(targets * total - holdings, total).any(axis=0)
    value = _after_costs(holdings, total, targets, costs, gains)
    trades = targets * value - holdings
    return np.where(wanted & (value > DUST * total), without_dust(trades, total), 0.0)


def _after_costs(
    holdings: Floats, total: Floats, targets: Floats, costs: Costs, gains: Gains | None = None
) -> Floats:
    """Solve V + what trading to `targets` of V costs = `total`, all money there is, for V.

    The left side rises with V and is made of straight pieces: an order's fee changes where it is
    no longer above the least, or its trade's sign, the tax where what is sold is no longer a gain.
    Without a tax it is convex, so Newton's steps from `total` fall on the root and stay; with one a
    step that leaves what encloses the root is replaced by its middle.
    """
    # Every order counts, also one that fees may shrink to nothing: cash never goes negative.
    left = total - ((targets > 0) | (holdings > 0)).sum(axis=0) * costs.per_order_usd
    # Where fees do not depend on what is traded, there is nothing to solve.
    if not (costs.rate or costs.least_usd or gains):
        return np.asarray(left)
    value, low, high = total, np.zeros_like(total), total
    for _ in range(200 if gains else (3 if costs.least_usd else 1) * len(targets) + 1):
        step = _on_piece(value, holdings, left, targets, costs, gains)
        if gains is None:
            value = step
            continue
        low, high = np.where(step > value, value, low), np.where(step < value, value, high)
        near = np.abs(step - value) <= 1e-15 * total
        value = np.where(near | ((step > low) & (step < high)), step, (low + high) / 2.0)
        if near.all():
            break
    return value


def _on_piece(
    value: Floats,
    holdings: Floats,
    left: Floats,
    targets: Floats,
    costs: Costs,
    gains: Gains | None,
) -> Floats:
    """Return the root of `_after_costs` if the straight piece that holds at `value` went on."""
    trades = targets * value - holdings
    sign = np.sign(trades)
    if costs.least_usd:
        least = np.abs(trades) * costs.rate + costs.per_order_usd < costs.least_usd
        sign, least = np.where(least, 0.0, sign), least & ((targets > 0) | (holdings > 0))
        left = left - least.sum(axis=0) * (costs.least_usd - costs.per_order_usd)
    taken = costs.rate * (sign * holdings).sum(axis=0)
    slope = 1.0 + costs.rate * (sign * targets).sum(axis=0)
    if gains:
        share = np.where(trades < 0, gains.share(holdings), 0.0)
        due = costs.tax * ((share * -trades).sum(axis=0) > gains.losses)
        taken = taken - due * ((share * holdings).sum(axis=0) - gains.losses)
        slope = slope - due * (share * targets).sum(axis=0)
    return np.asarray((left + taken) / slope)


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

    `live` (assets,) marks what can be traded; `new_year`: the year's first contribution bar;
    `turned` (paths,) marks who leaves or comes back, with all that is there.
    """

    prices: Floats
    live: Flags
    new_year: bool = False
    turned: Flags | None = None


def rebalances(saver: Saver, bar: Bar, holdings: Floats, targets: Floats, kept: Floats) -> Flags:
    """Mark the paths in which all money, not the new alone, is brought to the targets."""
    rule = saver.rule
    due = np.full(holdings.shape[1], rule.rule == "annual" and bar.new_year)
    if rule.rule == "band":
        due = off_band(holdings, targets, rule.band, kept)
    return due if bar.turned is None else due | bar.turned


def trades(
    saver: Saver,
    bar: Bar,
    holdings: Floats,
    targets: Floats,
    cash: Floats,
    kept: Floats,
    gains: Gains | None = None,
) -> tuple[Floats, Flags]:
    """Return the dollars to buy (+) or sell (-) of each asset, and who is rebalanced as a whole.

    New money is split by the targets, a rebalancing takes all there is. `kept` is that part of
    `cash` which targets of less than 1 left in cash before.
    """
    share, costs = invested(targets), saver.terms.costs
    new, spread = share * (cash - kept), targets / np.where(share > 0, share, 1.0)
    whole = rebalances(saver, bar, holdings, targets, kept)
    steers = saver.rule.rule == "contribute"
    dollars = fill_up(holdings, new, spread, costs) if steers else split(new, spread, costs)
    if whole.any():
        own = targets if targets.shape[1] == 1 else targets[:, whole]
        some = gains.of(whole) if gains else None
        dollars[:, whole] = to_targets(holdings[:, whole], cash[whole], own, costs, some)
    return dollars, whole


def invest(
    saver: Saver, bar: Bar, shares: Floats, cash: Floats, kept: Floats, gains: Gains | None = None
) -> tuple[Floats, Floats]:
    """Return the shares to buy (+) or sell (-), shape (assets, paths), and the cash kept then."""
    live = bar.live[:, None]
    if not live.any():
        return np.zeros_like(shares), kept
    targets, held = renormalise(saver.weights, live), shares * np.where(live, bar.prices, 0.0)
    # Money whose targets cannot be bought yet waits; it is not kept in cash on purpose.
    waits = (saver.weights > 0).any(axis=0) & ~(targets > 0).any(axis=0)
    dollars, whole = trades(saver, bar, held, targets, cash, kept, gains)
    dollars, share = np.where(waits, 0.0, dollars), np.where(waits, 1.0, invested(targets))
    if (share < 1.0).any():
        left = cash - (dollars + fees(dollars, saver.terms.costs)).sum(axis=0)
        left -= gains.realise(dollars, held, saver.terms.costs.tax)[0] if gains else 0.0
        kept = np.where(whole, left, kept + (1.0 - share) * (cash - kept))
    elif kept.any():
        kept = np.where(whole & ~waits, 0.0, kept)
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
    """Turn dollars to trade into shares to order; no more is sold than is held.

    What rounding would leave of a holding that is sold is sold as well: it would be an order, and
    have its fee, on the next rebalancing.
    """
    if whole:
        return np.maximum(whole_shares(dollars, prices), -shares)
    wanted = np.divide(dollars, prices, out=np.zeros_like(dollars), where=prices > 0)
    wanted = np.where(wanted > 0, wanted * SHAVE, wanted)
    return np.where(wanted < -shares * SHAVE, -shares, wanted)


def ended_sale(
    shares: Floats, prices: Floats, ended: Flags, costs: Costs, gains: Gains | None = None
) -> Floats:
    """Sell what has ended, unless its proceeds do not pay its own fee and tax; return shares."""
    worth = np.asarray(shares * prices)
    tax = costs.tax * np.maximum(worth - gains.cost, 0.0) if gains else 0.0
    pays = worth - np.maximum(worth * costs.rate + costs.per_order_usd, costs.least_usd) >= tax
    return np.where(ended[:, None] & pays, -shares, 0.0)


def fees(traded_usd: Floats, costs: Costs) -> Floats:
    """Return the fee of each order that trades these dollars, 0 where nothing is traded."""
    charged = np.abs(traded_usd) * costs.rate + costs.per_order_usd
    if costs.least_usd:
        charged = np.maximum(charged, costs.least_usd)
    return np.where(traded_usd != 0, charged, 0.0)
