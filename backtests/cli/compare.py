"""`dca compare`, every strategy through every era, and `dca run`, one allocation in one window."""

import webbrowser
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.options import SOURCE, TERMS, given, reading, takes
from backtests.cli.progress import progress
from backtests.cli.speaking import Command
from data.errors import BadPlan
from data.language import say, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from backtests.comparison import Comparison
    from backtests.comparison import StrategyClass as Kind
    from backtests.plan import Plan
    from backtests.report.results import Results
    from data.progress import Told


# Where a report goes: the options, and their parameters.
WHERE = ("--out", "--formats", "--json", "--open")
_PLACE = ("out", "formats", "as_json", "opened")


@click.command(cls=Command)
@takes("--era", "--align", "--strategy", "--own", "--plan", repeated=["--own"])
@takes(*TERMS, "--real", *SOURCE)
@takes(*WHERE, out=say("reports/ and the plan's name, else reports/compare"))
def compare(plan_file: Path | None, own: tuple[str, ...], **options: Any) -> None:
    """Put every strategy through every era: the table, and a report with figures and ledgers."""
    from backtests.asking import folder_of, replay

    where, read = place(options), reading(options)
    plan, mine = asked(plan_file, own, options)
    to = To(folder_of(plan), *where)
    produce(lambda told: replay(plan, told, mine, **read), to)


def asked(
    plan_file: Path | None, own: tuple[str, ...], options: dict[str, Any], **held: Any
) -> tuple["Plan", list["Kind"]]:
    """Return what was asked and the classes of the user's own; options win over the plan's file."""
    from backtests.plan import make_plan, read_plan

    said, mine = given(options) | held, [_loaded(spec) for spec in own]
    if "strategies" in said:
        said["strategies"] += tuple(kind.name for kind in mine)
    return read_plan(plan_file, said) if plan_file else make_plan(**said), mine


_RUN = {"strategies": "", "rebalance": say("none, or the strategy's own")}


@click.command(cls=Command)
@takes("--weights", "--strategy", "--own", "--from", "--to", "--rebalance", **_RUN)
@takes("--late-listings", *TERMS, "--real", *SOURCE)
@takes(*WHERE, out="reports/run")
def run(own: str | None, start: date, end: date | None, **options: Any) -> None:
    """Put an allocation, strategies by name, or one of your own, through one window.

    With --weights, each --strategy is run over these symbols instead of its own.
    """
    from backtests.asking import folder_of, replay
    from backtests.plan import WINDOW, make_plan

    where, read, said = place(options), reading(options), given(options)
    mine, words = held(own, said)
    window = {"start": start, "end": end, "title": WINDOW}
    plan = make_plan(name="run", eras=("window",), era={"window": window}, **words, **said)
    to = To(folder_of(plan), *where)
    produce(lambda told: replay(plan, told, mine, **read), to)


def held(own: str | None, said: dict[str, Any]) -> tuple[list["Kind"], dict[str, Any]]:
    """Take what is held out of what was said; return a user's own class and the plan's words."""
    names = said.pop("strategies", ())
    late = {"late_listings": True} if said.pop("late_listings") else {}
    values = {key: said.pop(key) for key in ("weights", "rebalance") if key in said} | late
    if own is None and (names or "weights" in values):
        mixes = {f"my-{name}": {"base": name, **values} for name in names if values}
        mixes = mixes or ({} if names else {"allocation": values})
        return [], {"strategies": (*mixes,) or names, "strategy": mixes}
    if own is None or names or "weights" in values:
        raise BadPlan(say("name what to hold with --weights or --strategy, or else with --own"))
    if values:
        raise BadPlan(say("a class states its own rule; leave --rebalance and --late-listings out"))
    mine = _loaded(own)
    return [mine], {"strategies": (mine.name,)}


def _loaded(spec: str) -> "Kind":
    """Load a strategy of the user's own."""
    from backtests.sweeps.custom import read_own

    return read_own(spec).load()


@dataclass(frozen=True)
class To:
    """Where a report goes: the folder that is said, else the usual one, in what form, and on."""

    usual: Path
    out: Path | None
    formats: tuple[str, ...]
    as_json: bool
    opened: bool

    @property
    def folder(self) -> Path | None:
        """The report's folder, none where its results alone are printed."""
        return self.out or (None if self.as_json else self.usual)


def place(options: dict[str, Any]) -> tuple[Any, ...]:
    """Take where a report goes, but for the usual folder, out of `options`."""
    out, _, as_json, opened = found = tuple(options.pop(name) for name in _PLACE)
    if opened and as_json and not out:
        raise click.UsageError(tr("--json writes no page to open; give --out as well"))
    return found


def produce(make: "Callable[[Told], Comparison]", to: To) -> None:
    """Run what `make` makes and write its report; print its table, or its results alone."""
    from backtests.report import files
    from backtests.report.terminal import console, show

    folder = to.folder
    if folder:
        files.refuse_foreign(folder)
    before = _results(folder)
    with progress(say("reading prices")) as told:
        comparison = make(told)
        if folder:
            told(say("drawing the report"))
            files.write(comparison, folder, to.formats)
    _say_what_was_replaced(folder, before)
    if to.as_json:
        click.echo(files.results_json(comparison), nl=False)
    else:
        show(comparison, console())
        click.echo("\n" + tr("Report: {file}", file=f"{folder}/report.html"))
    if folder and to.opened:
        webbrowser.open((folder / "report.html").resolve().as_uri())


def _results(folder: Path | None) -> "Results | None":
    from backtests.report.results import read_results

    return read_results(folder) if folder and (folder / "results.json").exists() else None


def _say_what_was_replaced(folder: Path | None, before: "Results | None") -> None:
    """Say in what the report that was in the folder differed from the one that is there now."""
    after = _results(folder)
    if before and after:
        apart = [name for name, term in after.plan.items() if before.plan.get(name) != term]
        apart += ["prices"] if before.data != after.data else []
        if apart:
            words = tr(
                "{folder} held a report with another {terms}, which is now replaced; "
                "--out keeps both",
                folder=folder, terms=", ".join(apart),
            )  # fmt: skip
            click.echo(f"dca: {words}", err=True)


COMMANDS = (compare, run)
