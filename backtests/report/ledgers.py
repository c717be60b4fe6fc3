"""Read a report's ledgers back, whoever wrote them."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from backtests.measures.course import Course
from backtests.report.files import ledger_names
from backtests.report.results import Results
from data.arrays import Days, Floats
from data.errors import BadFolder, BadInput, printable
from data.files.raw import file_lines
from data.language import say
from data.prices import Bars

_LARGEST_BYTES = 50_000_000
_LARGEST_USD = 1e15
_COLUMNS = ("value", "flow", "unit_value")


@dataclass(frozen=True)
class Ledger(Course):
    """A course as a ledger has it, where `before` is the unit value itself."""

    @cached_property
    def unit_value(self) -> Floats:
        """Time-weighted unit value, U."""
        return self.before


def read_ledger(folder: Path, results: Results, run: tuple[str, str]) -> Ledger:
    """Read the ledger of a run (strategy, era) of the report in `folder`; raises BadFolder."""
    path = _path(folder, results, run)
    try:
        head, *rows = [line.decode().split(",") for line in file_lines(path, _LARGEST_BYTES)]
        dates = np.array([date.fromisoformat(row[0]) for row in rows], dtype="datetime64[D]")
        table = {
            name: np.array([float(row[head.index(name)]) for row in rows]) for name in _COLUMNS
        }
    except (BadInput, ValueError, IndexError) as error:
        why = str(error)
        if not isinstance(error, BadInput):
            why = say("not a ledger: {reason}", reason=printable(why, 200))
        raise BadFolder(
            say(
                "{file}: {reason}; name a whole report's folder, or leave --html out",
                file=printable(str(path), 200),
                reason=why,
            )
        ) from error
    _check(path, dates, table)
    nothing = np.zeros(len(dates))
    bars = _bars(results, run)
    return Ledger(dates, table["value"], table["flow"], nothing, table["unit_value"], bars)


def ledger_columns(folder: Path, results: Results, run: tuple[str, str]) -> list[str]:
    """Return the names of a ledger's columns; none where it cannot be read."""
    try:
        head, *_ = file_lines(_path(folder, results, run), _LARGEST_BYTES)
        return head.decode().split(",")
    except (BadInput, ValueError):
        return []


def _path(folder: Path, results: Results, run: tuple[str, str]) -> Path:
    runs = [(each.strategy, each.era) for each in results.runs]
    return folder / "ledgers" / ledger_names(runs)[runs.index(run)]


def _check(path: Path, dates: Days, table: dict[str, Floats]) -> None:
    ordered = len(dates) > 0 and (np.diff(dates).astype(int) > 0).all()
    plain = all((np.abs(v) <= _LARGEST_USD).all() for v in table.values())
    if not (ordered and plain and (table["unit_value"] >= 0).all() and table["flow"].sum() > 0):
        named = printable(str(path), 200)
        raise BadFolder(say("{file} is no ledger: its days or sums cannot be", file=named))


def _bars(results: Results, run: tuple[str, str]) -> Bars:
    (found, *_) = [each for each in results.runs if (each.strategy, each.era) == run]
    said = (found.model_extra or {}).get("resolution")
    return said if said in ("daily", "weekly", "monthly") else "daily"
