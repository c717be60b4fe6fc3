"""Claims on falls: the Nasdaq's, and what gold and bonds did meanwhile."""

from datetime import date

from backtests.verdicts.claim import Found, Ground, Number
from data.errors import NoPrices
from data.language import say, say_all, say_in

_NEARLY, _FOUR_FIFTHS, _AROUND = 0.75, 0.80, 0.70
_ERA = date(1996, 6, 1), date(2007, 12, 31)
# Between these days lie the stock market's high and low of each bust.
BUSTS = {
    "dotcom": (date(2000, 1, 1), date(2003, 3, 31)),
    "gfc": (date(2007, 1, 1), date(2009, 12, 31)),
    "2022": (date(2021, 12, 1), date(2023, 3, 31)),
}
_NAMES = {
    "from": say_in("high of the stocks", "from"),
    "to": say_in("low of the stocks", "to"),
}
_CALLED = {
    "dotcom": say_in("bust", "dotcom"),
    "gfc": say_in("bust", "gfc"),
    "2022": say_in("bust", "2022"),
}

NASDAQ_RULE = say(
    "Holds if its deepest fall of 1996-06 to 2007-12 is {nearly:g} % to {four_fifths:g} %; with a "
    "condition from {around:g} % on.",
    nearly=100 * _NEARLY,
    four_fifths=100 * _FOUR_FIFTHS,
    around=100 * _AROUND,
)
HAVENS_RULE = say(
    "Holds if both rose from the stocks' high to their low in every bust; with a condition if in "
    "some bust both did."
)


def nasdaq(ground: Ground) -> Found:
    """Measure the Nasdaq's deepest fall."""
    fall = ground.fall("IXIC", *_ERA)
    if fall is None:
        raise NoPrices(say("IXIC never fell from 1996-06 to 2007-12"))
    numbers: dict[str, Number] = {
        say("fall"): fall.depth,
        say_in("high of a fall", "peak"): fall.peak.isoformat(),
        say_in("low of a fall", "trough"): fall.trough.isoformat(),
    }
    nearly = _NEARLY <= -fall.depth <= _FOUR_FIFTHS
    runs = ("dca compare --era dotcom --strategy nasdaq",)
    finding = say(
        "The Nasdaq Composite fell by {fall:.2f} % from {peak} to {trough}, at closes, dividends "
        "left out.",
        fall=-100 * fall.depth, peak=fall.peak, trough=fall.trough,
    )  # fmt: skip
    return Found(nearly, -fall.depth >= _AROUND, finding, numbers, runs)


def havens(ground: Ground) -> Found:
    """Measure gold and bonds from the stocks' high to their low in each bust."""
    busts = {bust: found for bust in BUSTS if (found := _bust(ground, bust))}
    if not busts:
        raise NoPrices(say("SP500 never fell in these busts; gold and bonds cannot be told"))
    numbers: dict[str, Number] = {
        say("{name} {bust}", name=_NAMES.get(key, key), bust=_CALLED[bust]): figure
        for bust, found in busts.items()
        for key, figure in found.items()
    }
    rose = [all(float(found[s] or 0) > 0 for s in ("GOLD", "BOND")) for found in busts.values()]
    every = say_all(_changes(bust, found) for bust, found in busts.items())
    runs = tuple(
        f"dca run --weights {symbol}=1 --from {found['from']} --to {found['to']} --monthly 0 "
        "--initial 1000"
        for found in busts.values()
        for symbol in ("SP500", "GOLD", "BOND")
    )
    finding = say("From the stocks' high to their low: {busts}.", busts=every)
    return Found(all(rose), any(rose), finding, numbers, runs)


def _changes(bust: str, found: dict[str, Number]) -> str:
    stocks, gold, bonds = (100 * float(found[s] or 0) for s in ("SP500", "GOLD", "BOND"))
    return say(
        "{bust} ({start} to {end}, stocks {stocks:.1f} %): gold {gold:.1f} %, bonds {bonds:.1f} %",
        bust=_CALLED[bust], start=found["from"], end=found["to"], stocks=stocks, gold=gold,
        bonds=bonds,
    )  # fmt: skip


def _bust(ground: Ground, bust: str) -> dict[str, Number]:
    """Return the changes of stocks, gold and bonds in a bust, none where stocks never fell."""
    fall = ground.fall("SP500", *BUSTS[bust])
    if fall is None:
        return {}
    ends = fall.peak, fall.trough
    rose = {symbol: ground.change(symbol, *ends) for symbol in ("GOLD", "BOND")}
    return {"SP500": fall.depth, **rose, "from": ends[0].isoformat(), "to": ends[1].isoformat()}
