"""Collect what must stand beside a run's numbers, each note of a kind that code can tell."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from backtests.engine import Ledger, calendar_of
from backtests.eras import HINDSIGHT, PICKS, Era
from data.arrays import to_date
from data.notes import Note
from data.prices import PriceTable
from data.window import Window
from strategies.dca.base import DcaStrategy
from strategies.dca.terms import SHELTER, Terms


def notes(
    strategy: type[DcaStrategy], era: Era, prices: PriceTable, terms: Terms, ledger: Ledger
) -> tuple[Note, ...]:
    """Return every note of a run, each once, in the order in which they are shown."""
    found = list(standing(strategy, era, prices, terms, ledger.window))
    if ledger.away:
        back = (
            f", back in on the first payment from {ledger.away.back} on" if ledger.away.back else ""
        )
        found.append(Note("quit", "", f"all sold on {ledger.away.first}{back}"))
    left = float(ledger.cash[-1])
    if left > 1e-6 * max(float(ledger.value[-1]), 1.0):
        found.append(
            Note(
                "cash", "", f"{left:,.2f} {_money(prices)} of cash is not invested on the last bar"
            )
        )
    return tuple(found)


def standing(
    strategy: type[DcaStrategy], era: Era, prices: PriceTable, terms: Terms, view: Window
) -> tuple[Note, ...]:
    """Return the notes that a strategy's prices and terms bring, whatever it does with them."""
    found = [*prices.warnings, Note("data", "", strategy.said())]
    found.append(_hindsight(strategy, era, view))
    first, last = to_date(view.dates[0]), to_date(view.dates[-1])
    found += [made_of(prices, symbol, first, last) for symbol in view.symbols]
    found += [note for symbol in view.symbols for note in prices.notes.get(symbol, ())]
    found += [*_late(view), *_ended(prices, view), *view.notes, *_joined(view, terms)]
    found += [*_outside(prices, view, terms), *_how(view, terms)]
    return tuple(note for note in dict.fromkeys(found) if note.text)


def _hindsight(strategy: type[DcaStrategy], era: Era, view: Window) -> Note:
    """Say who knew, of a basket of ours as of an allocation that holds the same picks."""
    basket = era.baskets.get(strategy.basket)
    if basket and strategy.picks == basket.symbols:
        return Note("hindsight", ", ".join(basket.symbols), basket.label)
    known = [symbol for symbol in view.symbols if symbol in PICKS]
    return Note("hindsight", ", ".join(known), HINDSIGHT if known else "")


def _joined(view: Window, terms: Terms) -> Iterator[Note]:
    """Name the periods without a common session, whose payments fall on the next one."""
    dates, every = view.dates, terms.schedule.every
    periods = calendar_of(view, terms.schedule).periods
    joined = np.flatnonzero(periods > 1)
    if every in ("week", "two-weeks") and view.bars != "daily":
        text = f"on {view.bars} bars the payments of several weeks fall together"
        yield from [Note("data", "", text)] if joined.size else []
        return
    for bar in joined:
        count, missed = int(periods[bar]) - 1, f"no day for {int(periods[bar]) - 1} payments"
        if every == "month":
            month = dates[bar].astype("datetime64[M]")
            missed = "no day in " + ", ".join(str(month - back) for back in range(count, 0, -1))
        text = f"{missed} on which all have a price; paid in on {dates[bar]} instead"
        yield Note("data", "", text)


def _money(prices: PriceTable) -> str:
    return prices.currency or "USD"


def _outside(prices: PriceTable, view: Window, terms: Terms) -> Iterator[Note]:
    """Name the dated sums that are not paid in, as no session of the window is theirs."""
    if not terms.schedule.payments:
        return
    sessions = view.dates[calendar_of(view).sessions]
    first, last = view.since or to_date(sessions[0]), to_date(sessions[-1])
    early = [usd for day, usd in terms.schedule.payments if day < first]
    late = [usd for day, usd in terms.schedule.payments if day > last]
    for left, words in ((early, f"before {first}"), (late, f"after {last}")):
        if left:
            in_all = f"{len(left)}, {sum(left):,.2f} {_money(prices)} in all"
            text = f"dated sums {words} are not paid in: {in_all}"
            yield Note("data", "", text)


def _ended(prices: PriceTable, view: Window) -> Iterator[Note]:
    for symbol, bar in view.ends.items():
        price = prices.last_prices.get(symbol)
        at = "its last price" if price is None else f"{price:g}, as declared,"
        sold = f"sold at {at} on {view.dates[bar]}" if price != 0 else "a total loss, as declared"
        yield Note("data", symbol, f"no prices after {prices.ended[symbol]}; {sold}")


def _how(view: Window, terms: Terms) -> Iterator[Note]:
    if terms.quit:
        where = f"as {SHELTER}" if SHELTER in view.symbols else "as cash without interest"
        yield Note("quit", "", f"the saver {terms.quit}; until then the money waits {where}")
    if view.bars != "daily":
        text = f"{view.bars} bars: drawdowns between them are not seen and were deeper"
        yield Note("resolution", "", text)
    if terms.schedule.lost_day > 1:
        text = f"month-end bars know no day {terms.schedule.lost_day}: money goes in at month ends"
        yield Note("data", "", text)
    if terms.parts > 1:
        text = (
            "of an initial sum in monthly parts, each waits for its month as cash without interest"
        )
        yield Note("cash", "", text)
    if terms.whole_shares:
        text = "whole shares are counted at adjusted prices, not at those once quoted"
        yield Note("data", "", text)


def _late(view: Window) -> Iterator[Note]:
    """Say which symbols enter after the first bar, and when."""
    entries = (view.closes > 0).argmax(axis=0)
    for symbol, at in zip(view.symbols, entries, strict=True):
        if at:
            yield Note("data", symbol, f"enters on {view.dates[at]}, when its prices begin")


def made_of(prices: PriceTable, symbol: str, first: date, last: date) -> Note:
    """Name the series that a symbol is made of between two days, where it is not itself alone."""
    made = [p for p in prices.parts.get(symbol, ()) if not p.assumed]
    parts = [p for p in made if p.first < last and p.last > first]
    steps = [f"{p.name} to {p.last}" for p in parts[:-1]] + [p.name for p in parts[-1:]]
    text = f"{symbol} is {', then '.join(steps)}" if steps and steps != [symbol] else ""
    return Note("no-costs" if any(p.no_costs for p in parts) else "stand-in", "", text)
