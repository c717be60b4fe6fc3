"""One saver, every engine: the same money into the same prices, and the same value at the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import reference, synthetic
from benchmarks.tables import NONE, Bar, Section, Table, median, number, off, ratio, time, times
from benchmarks.workers import Answer, Worker, in_turns

BARS, ASSETS = (2500, 7500), (1, 4, 7)
# The size the promise is about.
LARGE = (7500, 4)
NAIVE, OWN, TWIN = "Backtrader, usual script", "this project, Backtrader", "this project, twin"
# Slow: one round each of the sizes it is asked.
ZIPLINE_SIZES = ((2500, 1), (2500, 4))

CANNOT = {
    "bt": "its stock Rebalance sells too and its RunMonthly skips a last date that opens a month; "
    "no XIRR, no drawdown of the account or against money put in",
    "vectorbt": "no deposits: all money lies ready from the first day, so its own return and "
    "drawdown are not a saver's; one fixed order list, no rule that looks at the holdings",
    "backtesting": "one asset, no deposits; the first bar a strategy sees is the second, so the "
    "first contribution comes a day late",
    "zipline": "whole shares, fills at the next close, prices must be ingested into a bundle first "
    "(not timed); deposits only by capital_changes",
}


@dataclass(frozen=True)
class Size:
    """One size and the answers to it, by engine."""

    bars: int
    assets: int
    wanted: float
    heard: Mapping[str, list[Answer]]

    def seconds(self, name: str) -> list[float]:
        """Return what an engine took, round by round."""
        return [answer.seconds for answer in self.heard.get(name, [])]


def engines(own: Worker, naive: Worker, peers: Mapping[str, Worker]) -> list[tuple[str, Worker]]:
    """List who is asked; the project's worker stands for two."""
    return [(NAIVE, naive), (OWN, own), (f"{TWIN}/fast", own), *peers.items()]


def measure(
    own: Worker, naive: Worker, peers: Mapping[str, Worker], folder: Path, rounds: int
) -> Section:
    """Ask everyone about every size."""
    asked = engines(own, naive, peers)
    _warm_up(asked, folder)
    sizes = [
        _size(asked, bars, assets, folder, rounds + 2 * ((bars, assets) == LARGE))
        for bars in BARS
        for assets in ASSETS
    ]
    names = [name for name, _ in asked]
    large = next(s for s in sizes if (s.bars, s.assets) == LARGE)
    found = ratio(large.seconds(NAIVE), large.seconds(OWN))
    bar = Bar("one replay of 7,500 days x 4 assets against the usual Backtrader script", 10, found)
    return Section([_times(sizes, names), _large(large, asked), _values(sizes, names)], [bar])


def _warm_up(asked: list[tuple[str, Worker]], folder: Path) -> None:
    made = synthetic.prices(250, 1)
    question = _question(synthetic.write(made, folder / "warm.npz"))
    in_turns([(n, w) for n, w in asked if n != "zipline"], question, 1)


def _size(
    asked: list[tuple[str, Worker]], bars: int, assets: int, folder: Path, rounds: int
) -> Size:
    made = synthetic.prices(bars, assets)
    question = _question(synthetic.write(made, folder / f"{bars}x{assets}.npz"))
    fits = [
        (name, worker)
        for name, worker in asked
        if not (name == "backtesting" and assets > 1) and name != "zipline"
    ]
    slow = [(n, w) for n, w in asked if n == "zipline" and (bars, assets) in ZIPLINE_SIZES]
    heard = in_turns(fits, question, rounds) | in_turns(slow, question, 1)
    return Size(bars, assets, reference.final_value(made), heard)


def _question(path: str) -> dict[str, str]:
    return {"task": "saver", "scheme": "monthly", "prices": path}


def _times(sizes: list[Size], names: list[str]) -> Table:
    columns = ("seconds, median", *(f"{s.bars:,} x {s.assets}" for s in sizes))
    table = Table("One saver, days x assets", columns)
    for name in names:
        cells = [time(median(size.seconds(name))) for size in sizes]
        table.rows.append((name.partition("/")[0], *cells))
    table.notes.append(
        "Monthly 1,000 USD in equal parts, fractional shares, no fees; synthetic prices. Without "
        "imports, first compilation and the making of each engine's own price frames."
    )
    return table


def _large(large: Size, asked: list[tuple[str, Worker]]) -> Table:
    bars, assets = LARGE
    columns = ("engine", "version", "seconds", "least", "usual script / it")
    table = Table(f"The same, {bars:,} days x {assets} assets, side by side", columns)
    for name, worker in asked:
        plain, taken = name.partition("/")[0], large.seconds(name)
        if not taken:
            table.rows.append((plain, worker.version or NONE, NONE, NONE, NONE))
            continue
        faster = times(ratio(large.seconds(NAIVE), taken))
        row = (plain, worker.version, time(median(taken)), time(min(taken)), faster)
        table.rows.append(row)
    for name, worker in asked:
        if worker.failed:
            table.notes.append(f"{name}: {worker.failed}")
        if name in CANNOT:
            table.notes.append(f"{name} {worker.version} cannot: {CANNOT[name]}.")
    return table


def _values(sizes: list[Size], names: list[str]) -> Table:
    columns = ("final value, off by", *(f"{s.bars:,} x {s.assets}" for s in sizes))
    table = Table("Final values against arithmetic by hand", columns)
    table.rows.append(("by hand, USD", *(f"{s.wanted:,.2f}" for s in sizes)))
    for name in names:
        cells = [_off(size.heard.get(name, []), size.wanted) for size in sizes]
        table.rows.append((name.partition("/")[0], *cells))
    table.notes.append(
        "backtesting buys first on the second bar; zipline buys whole shares a day later: their "
        "values differ as their rules do. All others follow the same rules."
    )
    return table


def _off(heard: list[Answer], wanted: float) -> str:
    return off(heard[-1].finals[0], wanted) if heard else NONE


def growth(own: Worker, folder: Path, rounds: int) -> Section:
    """Fit how the cost of one replay grows with its bars and its assets."""
    table = Table("Cost against size", ("what grows", "sizes", "seconds", "exponent"))
    for task, name in (("saver", OWN), ("fast", TWIN)):
        by_bars = [(bars, 4) for bars in (1250, 2500, 5000, 10000)]
        by_assets = [(5000, assets) for assets in (2, 4, 8, 16)]
        for what, sizes in (("bars, 4 assets", by_bars), ("assets, 5,000 bars", by_assets)):
            taken = _taken(own, task, sizes, folder, rounds)
            axis = [a if what.startswith("assets") else b for b, a in sizes]
            table.rows.append(fitted(f"{name}: {what}", axis, taken))
    return Section([table])


def _taken(
    own: Worker, task: str, sizes: list[tuple[int, int]], folder: Path, rounds: int
) -> list[float]:
    found = []
    for bars, assets in sizes:
        made = synthetic.prices(bars, assets)
        path = synthetic.write(made, folder / f"grow{bars}x{assets}.npz")
        answers = in_turns([("own", own)], {**_question(path), "task": task}, rounds)["own"]
        found.append(min((answer.seconds for answer in answers), default=float("nan")))
    return found


def fitted(what: str, sizes: list[int], seconds: list[float]) -> tuple[str, str, str, str]:
    """Return a row with the exponent of seconds = constant x size^exponent, least squares."""
    power = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
    steps = " ".join(time(s) for s in seconds)
    return what, " ".join(f"{s:,}" for s in sizes), steps, number(power)
