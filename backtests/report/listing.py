"""List report folders: of which plan, eras and prices they are, and what they say first."""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from backtests.report.differences import Report
from backtests.report.results import RESULTS, Run, read_results
from backtests.report.sending import data_hash
from backtests.report.summary import SUBJECT
from backtests.report.wording import kept_in, listed, money, percent
from data.errors import BadFolder, BadInput, printable


def found(folder: Path) -> list[Path]:
    """Return the report folders in `folder`, itself among them; raises BadInput for no folder."""
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        why = f"cannot read {printable(str(folder), 200)}: {error.strerror}"
        raise BadInput(f"{why}; name a folder that holds reports") from error
    return [path for path in (folder, *inside) if (path / RESULTS).is_file()]


def entry(place: Path) -> list[str]:
    """Return a report's lines: its folder, what it is of, its headline."""
    try:
        report = Report(printable(str(place), 200), place, read_results(place))
    except BadFolder as error:
        return [printable(str(place), 200), f"cannot be read: {error}"]
    return [report.name, *_lines(report)]


def _lines(report: Report) -> Iterator[str]:
    plan, runs, data = report.results.plan, report.results.runs, report.results.data
    eras = listed(dict.fromkeys(run.era for run in runs)) if runs else "no run"
    strategies = listed(dict.fromkeys(run.strategy for run in runs)) if runs else ""
    yield printable(f"plan {plan.get('name', 'without a name')}: {strategies} in {eras}", 200)
    source = data.get("source", "unknown")
    yield printable(f"{source} prices, {data.get('bars')} bars, data {_hash(data)}", 200)
    told = _told(runs)
    if told:
        with kept_in(report.currency):
            yield _headline(told)


def _hash(data: dict[str, Any]) -> str:
    try:
        return data_hash(data)[:12]
    except ValueError:  # a number that is none
        return "without a hash"


def _told(runs: list[Run]) -> Run | None:
    """Return the run that says most: the index fund's, else the first's, where it was worst."""
    names = [run.strategy for run in runs]
    subject = SUBJECT if SUBJECT in names else names[0] if names else ""
    mine = [run for run in runs if run.strategy == subject]
    return min(mine, key=lambda run: _number(run, "worst_shortfall"), default=None)


def _headline(run: Run) -> str:
    worst, worth = _number(run, "worst_shortfall"), _number(run, "final_value")
    paid = _number(run, "contributed")
    where = printable(f"{run.strategy} in {run.era}", 100)
    notes = "".join(f"; {printable(note, 100)}" for note in run.warnings if "hindsight" in note)
    return (
        f"{where}: {percent(worst, 1)} at worst against {money(paid)} put in, {money(worth)} at "
        f"the end{notes}"
    )


def _number(run: Run, key: str) -> float:
    figure: Any = run.metrics.get(key)
    number = isinstance(figure, int | float) and isfinite(figure)
    return float(figure) if number else 0.0
