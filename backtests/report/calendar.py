"""Lay calendar years and months out for the page: a table of years, a shaded one of months."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backtests.measures.periods import Period
from backtests.report.wording import DASH, money, percent
from backtests.result import Result
from data.language import tr

ASSUMED = "\N{DAGGER}"
# A return beyond each of these is shaded one step darker.
_MONTH_STEPS, _YEAR_STEPS = (0.02, 0.05, 0.1), (0.05, 0.15, 0.3)


@dataclass(frozen=True)
class Shaded:
    """A return in a table; `shade` is a class of the page's style, empty for none."""

    text: str = ""
    shade: str = ""
    under: str = ""


def years(results: Sequence[Result]) -> Iterator[tuple[str, list[Shaded]]]:
    """Yield each year with every strategy's return and, under it, what the account made of it."""
    found = [{period.period: period for period in result.years} for result in results]
    for year in sorted({year for periods in found for year in periods}):
        yield year, [_year(periods.get(year)) for periods in found]


def months(result: Result) -> Iterator[tuple[str, list[Shaded]]]:
    """Yield each year with the strategy's return in its twelve months and in all of it."""
    found = {period.period: period for period in result.months}
    for year in result.years:
        cells = [_shaded(found.get(f"{year.period}-{month:02d}")) for month in range(1, 13)]
        yield year.period, [*cells, _shaded(year, _YEAR_STEPS)]


def _year(period: Period | None) -> Shaded:
    if period is None:
        return Shaded(DASH)
    shaded = _shaded(period, _YEAR_STEPS)
    account = DASH if period.account_return is None else percent(period.account_return, 1)
    gain = DASH if period.gain is None else f"{'+' * (period.gain > 0)}{money(period.gain)}"
    return Shaded(
        shaded.text, shaded.shade, tr("account {change}, {gain}", change=account, gain=gain)
    )


def _shaded(period: Period | None, steps: Sequence[float] = _MONTH_STEPS) -> Shaded:
    if period is None or period.strategy_return is None:
        return Shaded()
    change = period.strategy_return
    step = sum(abs(change) > bound for bound in steps)
    shade = f"{'up' if change > 0 else 'down'}{step}" if step else ""
    marks = f"{'' if period.whole else '*'}{ASSUMED if period.assumed else ''}"
    return Shaded(f"{percent(change, 1)}{marks}", shade)
