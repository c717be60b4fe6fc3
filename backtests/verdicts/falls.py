"""Claims on falls: the Nasdaq's, and what gold and bonds did meanwhile."""

from datetime import date

from backtests.verdicts.claim import Found, Ground, Number, told
from data.errors import NoPrices

_NEARLY, _FOUR_FIFTHS, _AROUND = 0.75, 0.80, 0.70
_ERA = date(1996, 6, 1), date(2007, 12, 31)
# Between these days lie the stock market's high and low of each bust.
BUSTS = {
    "dotcom": (date(2000, 1, 1), date(2003, 3, 31)),
    "gfc": (date(2007, 1, 1), date(2009, 12, 31)),
    "2022": (date(2021, 12, 1), date(2023, 3, 31)),
}

NASDAQ_RULE = (
    f"Holds if its deepest fall of 1996-06 to 2007-12 is {100 * _NEARLY:g} % to "
    f"{100 * _FOUR_FIFTHS:g} %; with a condition from {100 * _AROUND:g} % on."
)
HAVENS_RULE = (
    "Holds if both rose from the stocks' high to their low in every bust; with a condition if in "
    "some bust both did."
)
_FELL = (
    "The Nasdaq Composite fell by {depth:.2%} from {peak} to {trough}, at closes, dividends left "
    "out."
)
_BUST = "{bust} ({from} to {to}, stocks {SP500:.1%}): gold {GOLD:.1%}, bonds {BOND:.1%}"


def nasdaq(ground: Ground) -> Found:
    """Measure the Nasdaq's deepest fall."""
    fall = ground.fall("IXIC", *_ERA)
    if fall is None:
        raise NoPrices("IXIC never fell from 1996-06 to 2007-12")
    ends = {"peak": fall.peak.isoformat(), "trough": fall.trough.isoformat()}
    numbers: dict[str, Number] = {"fall": fall.depth, **ends}
    nearly = _NEARLY <= -fall.depth <= _FOUR_FIFTHS
    runs = ("dca compare --era dotcom --strategy nasdaq",)
    finding = told(_FELL, {**numbers, "depth": -fall.depth})
    return Found(nearly, -fall.depth >= _AROUND, finding, numbers, runs)


def havens(ground: Ground) -> Found:
    """Measure gold and bonds from the stocks' high to their low in each bust."""
    busts = {bust: found for bust in BUSTS if (found := _bust(ground, bust))}
    if not busts:
        raise NoPrices("SP500 never fell in these busts; gold and bonds cannot be told")
    numbers = {f"{key} {bust}": n for bust, found in busts.items() for key, n in found.items()}
    rose = [all(float(found[s] or 0) > 0 for s in ("GOLD", "BOND")) for found in busts.values()]
    listed = "; ".join(told(_BUST, {"bust": bust, **found}) for bust, found in busts.items())
    runs = tuple(
        f"dca run --weights {symbol}=1 --from {found['from']} --to {found['to']} --monthly 0 "
        "--initial 1000"
        for found in busts.values()
        for symbol in ("SP500", "GOLD", "BOND")
    )
    return Found(
        all(rose), any(rose), f"From the stocks' high to their low: {listed}.", numbers, runs
    )


def _bust(ground: Ground, bust: str) -> dict[str, Number]:
    """Return the changes of stocks, gold and bonds in a bust, none where stocks never fell."""
    fall = ground.fall("SP500", *BUSTS[bust])
    if fall is None:
        return {}
    ends = fall.peak, fall.trough
    rose = {symbol: ground.change(symbol, *ends) for symbol in ("GOLD", "BOND")}
    return {"SP500": fall.depth, **rose, "from": ends[0].isoformat(), "to": ends[1].isoformat()}
