"""Read a report's results.json back."""

from pathlib import Path
from sys import float_info
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from data.errors import BadFolder, BadInput, printable
from data.files.raw import file_bytes
from data.language import say
from data.recalled import recalled
from data.shape import refusal

SCHEMA = 1
RESULTS = "results.json"


class Run(BaseModel, extra="allow"):
    """One run; its figures are taken as they stand."""

    strategy: str
    era: str
    metrics: dict[str, Any] = {}
    warnings: list[Annotated[str, AfterValidator(recalled)]] = []


class Results(BaseModel, extra="allow"):
    """A report's results; what decided the runs, and the runs."""

    form: int = Field(alias="schema")
    version: str = ""
    plan: dict[str, Any] = {}
    data: dict[str, Any] = {}
    runs: list[Run]


def read_results(folder: Path) -> Results:
    """Read a report folder's results.json; raises BadFolder."""
    path = folder / RESULTS
    try:
        found = Results.model_validate_json(file_bytes(path, what=say("the results of a report")))
    except ValidationError as error:
        why = say("{file} is no report's results: {reason}",
                  file=printable(str(path), 200), reason=refusal(error, Results))  # fmt: skip
        raise BadFolder(why) from error
    except BadInput as error:
        raise BadFolder(say("{reason}; name a report's folder", reason=str(error))) from error
    if found.form != SCHEMA:
        raise BadFolder(
            say(
                "{file} is written by schema {theirs}, this version reads schema {ours}; use the "
                "version that wrote it",
                file=printable(str(path), 200),
                theirs=found.form,
                ours=SCHEMA,
            )
        )
    return found


def number_of(figure: object) -> float | None:
    """Return a figure that anyone may have written; None where it is none that a float holds."""
    if isinstance(figure, bool) or not isinstance(figure, int | float):
        return None
    return float(figure) if abs(figure) <= float_info.max else None
