"""Read a report's results.json back."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from data.errors import BadFolder, BadInput, printable
from data.files.raw import file_bytes
from data.shape import refusal

SCHEMA = 1
RESULTS = "results.json"


class Run(BaseModel, extra="allow"):
    """One run; its figures are taken as they stand."""

    strategy: str
    era: str
    metrics: dict[str, Any] = {}
    warnings: list[str] = []


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
        found = Results.model_validate_json(file_bytes(path, what="the results of a report"))
    except ValidationError as error:
        why = refusal(error, Results)
        raise BadFolder(f"{printable(str(path), 200)} is no report's results: {why}") from error
    except BadInput as error:
        raise BadFolder(f"{error}; name a report's folder") from error
    if found.form != SCHEMA:
        named = f"{printable(str(path), 200)} is written by schema {found.form}"
        raise BadFolder(
            f"{named}, this version reads schema {SCHEMA}; use the version that wrote it"
        )
    return found
