"""List report folders: of which plan, eras and prices they are, and what they say first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backtests.report.differences import Report
from backtests.report.results import RESULTS, Run, number_of, read_results
from backtests.report.sending import data_hash
from backtests.report.summary import SUBJECT
from backtests.report.terminal import BARS
from backtests.report.wording import amount, fall, kept_in, listed, percent
from data.errors import BadFolder, BadInput, printable, why
from data.language import ENGLISH, say, say_all, shown, spoken, tr


def found(folder: Path) -> list[Path]:
    """Return the report folders in `folder`, itself among them; raises BadInput for no folder."""
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        raise BadInput(
            say(
                "cannot read {folder}: {reason}; name a folder that holds reports",
                folder=printable(str(folder), 200),
                reason=why(error),
            )
        ) from error
    return [path for path in (folder, *inside) if (path / RESULTS).is_file()]


def entry(place: Path) -> list[str]:
    """Return a report's lines: its folder, what it is of, its headline."""
    try:
        report = Report(printable(str(place), 200), place, read_results(place))
    except BadFolder as error:
        return [printable(str(place), 200), tr("cannot be read: {reason}", reason=str(error))]
    return [report.name, *_lines(report)]


def _lines(report: Report) -> Iterator[str]:
    plan, runs, data = report.results.plan, report.results.runs, report.results.data
    name = str(plan.get("name") or say("without a name"))
    if runs:
        eras = listed(dict.fromkeys(run.era for run in runs))
        strategies = listed(dict.fromkeys(run.strategy for run in runs))
        held = tr(
            "plan {name}: {strategies} in {eras}", name=name, strategies=strategies, eras=eras
        )
    else:
        held = tr("plan {name}: no run", name=name)
    yield printable(held, 200)
    source = str(data.get("source") or say("unknown"))
    resolution = str(data.get("bars"))
    bars = BARS.get(resolution, say("{bars} bars", bars=resolution))
    made = tr("{source} prices, {bars}, data {hash}", source=source, bars=bars, hash=_hash(data))
    yield printable(made, 200)
    told = _told(runs)
    if told:
        with kept_in(report.currency):
            yield _headline(told)


def _hash(data: dict[str, Any]) -> str:
    try:
        return data_hash(data)[:12]
    except ValueError:  # a number that is none
        return tr("without a hash")


def _told(runs: list[Run]) -> Run | None:
    """Return the run that says most: the index fund's, else the first's, where it was worst."""
    names = [run.strategy for run in runs]
    subject = SUBJECT if SUBJECT in names else names[0] if names else ""
    mine = [run for run in runs if run.strategy == subject]
    return min(mine, key=lambda run: _number(run, "worst_shortfall"), default=None)


def _headline(run: Run) -> str:
    worst, worth = _number(run, "worst_shortfall"), _number(run, "final_value")
    paid = _number(run, "contributed")
    notes = [printable(shown(note), 100) for note in run.warnings if "hindsight" in note]
    headline = say(
        "{strategy} in {era}: {worst} at worst against {paid} put in, {worth} at the end",
        strategy=printable(run.strategy, 50), era=printable(run.era, 50),
        worst=percent(worst, 1) if spoken() == ENGLISH else fall(worst, 1),
        paid=amount(paid), worth=amount(worth),
    )  # fmt: skip
    return shown(say_all([headline, *notes]))


def _number(run: Run, key: str) -> float:
    return number_of(run.metrics.get(key)) or 0.0
