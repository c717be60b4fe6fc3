"""Collect what must stand beside a run's numbers, each note of a kind that code can tell."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from backtests.engine import Ledger, calendar_of
from backtests.eras import HINDSIGHT, PICKS, Era
from data.arrays import to_date
from data.language import say, say_each, say_in
from data.notes import Note
from data.prices import BARS_SAID, Part, PriceTable
from data.window import Window
from strategies.dca.base import DcaStrategy
from strategies.dca.terms import SHELTER, Away, Terms


def notes(
    strategy: type[DcaStrategy], era: Era, prices: PriceTable, terms: Terms, ledger: Ledger
) -> tuple[Note, ...]:
    """Return every note of a run, each once, in the order in which they are shown."""
    found = list(standing(strategy, era, prices, terms, ledger.window))
    if ledger.away:
        found.append(Note("quit", "", _left(ledger.away)))
    left = float(ledger.cash[-1])
    if left > 1e-6 * max(float(ledger.value[-1]), 1.0):
        text = say(
            "{usd:,.2f} {currency} of cash is not invested on the last bar",
            usd=left,
            currency=_money(prices),
        )
        found.append(Note("cash", "", text))
    return tuple(found)


def bars_said(bars: str) -> str:
    """Name a resolution beside the word bars; what is none stands as it is."""
    return next((said for known, said in BARS_SAID.items() if known == bars), bars)


def _left(away: Away) -> str:
    if away.back is None:
        return say("all sold on {first}", first=away.first)
    return say(
        "all sold on {first}, back in on the first payment from {back} on",
        first=away.first,
        back=away.back,
    )


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
        return Note("hindsight", say_each(basket.symbols), basket.label)
    known = [symbol for symbol in view.symbols if symbol in PICKS]
    return Note("hindsight", say_each(known), HINDSIGHT if known else "")


def _joined(view: Window, terms: Terms) -> Iterator[Note]:
    """Name the periods without a common session, whose payments fall on the next one."""
    dates, every = view.dates, terms.schedule.every
    periods = calendar_of(view, terms.schedule).periods
    joined = np.flatnonzero(periods > 1)
    if every in ("week", "two-weeks") and view.bars != "daily":
        text = say(
            "on {bars} bars the payments of several weeks fall together", bars=bars_said(view.bars)
        )
        yield from [Note("data", "", text)] if joined.size else []
        return
    for bar in joined:
        count, month = int(periods[bar]) - 1, dates[bar].astype("datetime64[M]")
        months = say_each([str(month - back) for back in range(count, 0, -1)])
        message = _NO_DAY if every == "month" else _NO_DAYS
        yield Note("data", "", say(message, months=months, n=count, day=str(dates[bar])))


_NO_DAY = say("no day in {months} on which all have a price; paid in on {day} instead")
_NO_DAYS = say("no day for {n} payments on which all have a price; paid in on {day} instead")


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
    for message, day, sums in ((_BEFORE, first, early), (_AFTER, last, late)):
        if sums:
            counted = {"n": len(sums), "usd": sum(sums), "currency": _money(prices)}
            yield Note("data", "", say(message, day=day, **counted))


_BEFORE = say("dated sums before {day} are not paid in: {n}, {usd:,.2f} {currency} in all")
_AFTER = say("dated sums after {day} are not paid in: {n}, {usd:,.2f} {currency} in all")


def _ended(prices: PriceTable, view: Window) -> Iterator[Note]:
    for symbol, bar in view.ends.items():
        price = prices.last_prices.get(symbol)
        message = _SOLD if price is None else _AT_DECLARED if price else _LOST
        end, day = prices.ended[symbol], str(view.dates[bar])
        yield Note("data", symbol, say(message, end=end, day=day, price=price))


_SOLD = say("no prices after {end}; sold at its last price on {day}")
_AT_DECLARED = say("no prices after {end}; sold at {price:g}, as declared, on {day}")
_LOST = say("no prices after {end}; a total loss, as declared")


def _how(view: Window, terms: Terms) -> Iterator[Note]:
    if terms.quit:
        message = _IN_SHELTER if SHELTER in view.symbols else _IN_CASH
        yield Note("quit", "", say(message, quits=str(terms.quit), symbol=SHELTER))
    if view.bars != "daily":
        text: str = say(
            "{bars} bars: drawdowns between them are not seen and were deeper",
            bars=bars_said(view.bars),
        )
        yield Note("resolution", "", text)
    if terms.schedule.lost_day > 1:
        text = say(
            "month-end bars know no day {day}: money goes in at month ends",
            day=terms.schedule.lost_day,
        )
        yield Note("data", "", text)
    if terms.parts > 1:
        text = say(
            "of an initial sum in monthly parts, each waits for its month as cash without interest"
        )
        yield Note("cash", "", text)
    if terms.whole_shares:
        text = say("whole shares are counted at adjusted prices, not at those once quoted")
        yield Note("data", "", text)


_IN_SHELTER = say("the saver {quits}; until then the money waits as {symbol}")
_IN_CASH = say("the saver {quits}; until then the money waits as cash without interest")


def _late(view: Window) -> Iterator[Note]:
    """Say which symbols enter after the first bar, and when."""
    entries = (view.closes > 0).argmax(axis=0)
    for symbol, at in zip(view.symbols, entries, strict=True):
        if at:
            day = str(view.dates[at])
            yield Note("data", symbol, say("enters on {day}, when its prices begin", day=day))


def made_of(prices: PriceTable, symbol: str, first: date, last: date) -> Note:
    """Name the series that a symbol is made of between two days, where it is not itself alone."""
    made = [p for p in prices.parts.get(symbol, ()) if not p.assumed]
    parts = [p for p in made if p.first < last and p.last > first]
    text = _made(symbol, parts) if [p.name for p in parts] not in ([], [symbol]) else ""
    return Note("no-costs" if any(p.no_costs for p in parts) else "stand-in", "", text)


def _made(symbol: str, parts: Sequence[Part]) -> str:
    """Say what a symbol is, one part after another."""
    if len(parts) == 1:
        return say("{symbol} is {name}", symbol=symbol, name=parts[0].name)
    said = say_in("last part", "{name}", name=parts[-1].name)
    for part in reversed(parts[:-1]):
        said = say("{name} to {last}, then {then}", name=part.name, last=part.last, then=said)
    return say("{symbol} is {parts}", symbol=symbol, parts=said)
