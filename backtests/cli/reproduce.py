"""`dca reproduce`: run a report again and say whether every byte comes out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.options import READING, reading, takes
from backtests.cli.progress import progress
from backtests.cli.speaking import Argument, Command
from data.errors import BadInput
from data.language import say, tr

if TYPE_CHECKING:
    from backtests.comparison import Comparison
    from backtests.comparison import StrategyClass as Kind
    from backtests.plan import Plan
    from backtests.report.reproduction import Checked
    from backtests.report.results import Results
    from data.progress import Told


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), cls=Argument)
@takes("--data", "--own", *READING, repeated=["--own"], data=say("the report's own source"))
def reproduce(folder: Path, data: tuple[str, ...], own: tuple[str, ...], **options: Any) -> None:
    """Run a report again by its own results.json and say whether every byte comes out.

    That is how to check what a stranger sent: results.json, calendar.csv and the ledgers are held
    against the run. Where it was made of files or of code, they must be given; nothing that the
    report names is opened. The exit code is 1 where a byte differs.
    """
    from backtests.report import reproduction
    from backtests.report.results import read_results
    from backtests.sweeps.custom import read_own

    results, read = read_results(folder), reading(options)
    mine = [read_own(spec).load() for spec in own]
    reproduction.check_own(results, mine)
    plans = reproduction.asked(folder, results, data)
    with progress(say("reading prices")) as told:
        checked = _first_that_holds(folder, results, plans, mine, told, read)
    _tell(checked)
    if checked.other:
        raise click.exceptions.Exit(1)


def _first_that_holds(
    folder: Path,
    results: "Results",
    plans: "Sequence[Plan]",
    own: "Sequence[Kind]",
    told: "Told",
    read: dict[str, Any],
) -> "Checked":
    """Run the plans until one brings every byte; the last one's word stands otherwise."""
    from backtests.report.reproduction import checked

    for plan in plans[:-1]:
        try:
            found = checked(folder, results, _run(results, plan, own, told, read))
        except BadInput:
            continue
        if not found.other:
            return found
    return checked(folder, results, _run(results, plans[-1], own, told, read))


def _run(
    results: "Results", plan: "Plan", own: "Sequence[Kind]", told: "Told", read: dict[str, Any]
) -> "Comparison":
    from backtests.asking import replay, replay_scenario
    from backtests.report.reproduction import scenario

    assumed = scenario(results)
    if assumed is None:
        return replay(plan, told, own, **read)
    return replay_scenario(plan, *assumed, told, own, **read)


def _tell(checked: "Checked") -> None:
    from backtests.report.terminal import console, put, words

    same, other = len(checked.same), len(checked.other)
    lines = [tr("{n} of {all} files came out, every byte.", n=same, all=same + other)]
    lines += [tr("- {name} did not.", name=name) for name in checked.other]
    lines += [tr("- {difference}.", difference=text) for text in checked.inputs]
    if checked.aside:
        lines.append(tr("But for the version every byte comes out."))
    elif checked.sentence:
        lines.append(tr("{sentence}.", sentence=checked.sentence))
    put(console(), map(words, lines))


COMMANDS = (reproduce,)
