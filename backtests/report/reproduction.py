"""Take out of a report's results what it was asked, and hold a second run against its bytes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from backtests.comparison import Comparison, StrategyClass
from backtests.plan import Plan, make_plan
from backtests.report import differences
from backtests.report.differences import Report
from backtests.report.files import calendar_csv, ledger_csv, ledger_names, results_json
from backtests.report.ledgers import ledger_columns
from backtests.report.results import RESULTS, Results
from backtests.scenarios.sources import Scenario
from data.errors import BadFolder, BadInput, BadPlan, printable
from data.files.raw import file_bytes
from data.language import say, shown, tr
from data.shape import said as said_as
from data.sources import PROVIDERS

AGAIN = say("this run")
# Written by us into the plan beside what it declares.
_BESIDE = ("data", "scenario", "own")
_DAYS = ("start", "end", "ended", "accept_jumps")
_OTHER = say(
    "{name} is another file, of which the report holds a hash alone; read it, and give it with "
    "--own FILE.py:Class"
)
_THEIRS = say(
    "{name} is code of its author, of which the report holds a hash alone; read it, and give it "
    "with --own FILE.py:Class"
)
_LEFT_OUT = re.compile(r"(?:.*: )?(\S+) left out: ")


def asked(folder: Path, results: Results, data: Sequence[str]) -> list[Plan]:
    """Return the plans that may have been asked, likeliest first; raises BadFolder, BadPlan.

    A report names what ran, not whether that was named or is on by default, which decides whether
    missing prices are an error or a note. `data` are sources; without any the report's own.
    """
    said = {key: value for key, value in results.plan.items() if key not in _BESIDE}
    said |= {"strategy": dict(_in_order(folder, results))}
    if isinstance(said.get("payments"), str):
        raise BadPlan(say("payments is a file's name; a report has dated sums, in a list"))
    # An era's own currency is taken only where none is said.
    said = {"currency": "USD"} | said | {"data": list(data) or [_source(results)]}
    eras, named = _names(results, "eras"), _names(results, "strategies")
    if _history(results):
        said["eras"] = []
    notes = _left_out(results)
    late = [found[1] for note in notes if (found := _LEFT_OUT.match(note))]
    several = len({tuple(r.strategy for r in results.runs if r.era == e) for e in eras}) > 1
    choices = [said | {"strategies": [*dict.fromkeys([*named, *late])]}]
    defaults = said | {"strategies": []}
    defaults |= {"eras": []} if any(note.startswith("era ") for note in notes) else {}
    return [_plan(each) for each in ([defaults, *choices] if notes or several else choices)]


def _in_order(folder: Path, results: Results) -> Iterator[tuple[str, Any]]:
    """Yield a plan's own strategies as they stood in it, their weights too: JSON has them sorted.

    The order of the runs says the one, that of a ledger's columns the other.
    """
    told = results.plan.get("strategy")
    own = told if isinstance(told, dict) else {}
    for name in dict.fromkeys(
        [*(run.strategy for run in results.runs if run.strategy in own), *own]
    ):
        weights = own[name].get("weights") if isinstance(own[name], dict) else None
        run = next((run for run in results.runs if run.strategy == name), None)
        if isinstance(weights, dict) and run:
            columns = ledger_columns(folder, results, (run.strategy, run.era))
            weights = {s: weights[s] for s in (*(c for c in columns if c in weights), *weights)}
            yield name, own[name] | {"weights": weights}
        else:
            yield name, own[name]


def _names(results: Results, key: str) -> list[str]:
    names = results.plan.get(key, [])
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return names
    raise BadFolder(
        say("the report's plan cannot be run: {key} is {value}; give a list",
            key=key, value=said_as(names))
    )  # fmt: skip


def _left_out(results: Results) -> list[str]:
    notes = (results.model_extra or {}).get("left_out")
    return [note for note in notes if isinstance(note, str)] if isinstance(notes, list) else []


def _plan(said: Mapping[str, Any]) -> Plan:
    try:
        return make_plan(**_dated(said))
    except BadPlan as error:
        why = say("the report's plan cannot be run: {reason}", reason=str(error))
        raise BadFolder(why) from error


def _dated(thing: Any, key: str = "") -> Any:
    """Read the days in what a plan says, which JSON has as text."""
    if isinstance(thing, dict):
        return {str(name): _dated(value, str(name)) for name, value in thing.items()}
    if isinstance(thing, list):
        return [_dated(value, key) for value in thing]
    day = isinstance(thing, str) and key in _DAYS and re.fullmatch(r"\d{4}-\d\d-\d\d", thing)
    try:
        return date.fromisoformat(thing) if day else thing
    except ValueError:
        return thing


def _source(results: Results) -> str:
    source = results.data.get("source")
    if source in PROVIDERS:
        return str(source)
    raise BadInput(
        say(
            "the report was made of other prices ({source}), which it does not hold; give them "
            "with --data PATH",
            source=printable(str(source)),
        )
    )


def _history(results: Results) -> str:
    """Return the era that went before a scenario, empty where there is none."""
    terms, eras = results.plan.get("scenario"), results.plan.get("eras")
    if not isinstance(terms, dict) or not isinstance(eras, list) or len(eras) != 1:
        return ""
    return str(eras[0]).removesuffix(f"-then-{terms.get('like')}")


def scenario(results: Results) -> tuple[Scenario, str] | None:
    """Return what was assumed and the era before it; None where all was history."""
    history = _history(results)
    if not history:
        return None
    terms = results.plan["scenario"]
    kept = {key: value for key, value in terms.items() if key in Scenario.__dataclass_fields__}
    try:
        return TypeAdapter(Scenario).validate_python(kept), history
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        why = say("the report's scenario cannot be run: {place}", place=printable(place))
        raise BadFolder(why) from error


def check_own(results: Results, own: Sequence[StrategyClass]) -> None:
    """Raise BadInput unless `own` are the classes that the report was made with, by their files."""
    told = results.plan.get("own")
    wanted = told if isinstance(told, dict) else {}
    given = {kind.name: kind.__module__ for kind in own}
    for name, module in wanted.items():
        if given.get(name) != module:
            raise BadInput(say(_OTHER if name in given else _THEIRS, name=printable(name)))


@dataclass(frozen=True)
class Checked:
    """Which files came out as they are, byte for byte, and which did not; what differs in words.

    `aside` tells that the version alone differs.
    """

    same: tuple[str, ...]
    other: tuple[str, ...]
    inputs: tuple[str, ...]
    sentence: str

    aside: bool = False


def checked(folder: Path, results: Results, comparison: Comparison) -> Checked:
    """Hold a second run of a report against its files; raises BadFolder."""
    again = results_json(comparison)
    same = {name: _is(folder / name, text) for name, text in _texts(comparison, again)}
    other = tuple(name for name, holds in same.items() if not holds)
    reports = [
        Report(tr("the report"), folder, results),
        Report(shown(AGAIN), folder, Results.model_validate_json(again)),
    ]
    versions = f'"version": "{reports[1].results.version}"', f'"version": "{results.version}"'
    aside = other == (RESULTS,) and _is(folder / RESULTS, again.replace(*versions))
    sentence = "" if RESULTS not in other or aside else differences.sentence(reports)
    return Checked(
        tuple(name for name, holds in same.items() if holds),
        other,
        tuple(differences.inputs(reports)),
        sentence,
        aside,
    )


def _texts(comparison: Comparison, results: str) -> Iterator[tuple[str, str]]:
    yield RESULTS, results
    yield "calendar.csv", calendar_csv(comparison)
    runs = list(comparison.results)
    names = ledger_names([(run.strategy, run.era.name) for run in runs])
    for run, name in zip(runs, names, strict=True):
        yield f"ledgers/{name}", ledger_csv(run)


def _is(file: Path, text: str) -> bool:
    """Tell whether a file holds this text; one that is not there, or no plain file, does not."""
    try:
        return file_bytes(file) == text.encode()
    except BadInput:
        return False
