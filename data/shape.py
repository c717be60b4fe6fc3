"""Say in plain words what is wrong with the shape of something that was read."""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from data.errors import UnknownName, printable

# What is wanted, by the beginning of pydantic's name for what went wrong.
_WANTED = {
    "bool": "true or false",
    "date": "a date, as 2000-01-31",
    "dict": "a table of names and values",
    "finite_number": "a finite number",
    "float": "a number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "int": "a whole number",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "list": "a list, in brackets",
    "literal_error": "{expected}",
    "mapping": "a table of names and values",
    "model": "a table of names and values",
    "string": "text, in quotes",
    "string_pattern_mismatch": "up to 64 letters, digits, . _ and -",
    "string_too_long": "at most {max_length} characters",
    "too_long": "at most {max_length} of them",
    "too_short": "at least {min_length} of them",
    "tuple": "a list, in brackets",
    "value_error": "something else: {error}",
}
_LONGEST_WHOLE = 10**15


def refusal(error: ValidationError, model: type[BaseModel], key: str = "key") -> str:
    """Return one line on the first thing that is wrong: where, what came and what is wanted.

    `key` is what a name in this model is called.
    """
    # A misspelt name is why another is missing.
    first = min(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    where = printable(".".join(_steps(first["loc"])), 100)
    if first["type"] == "extra_forbidden":
        return str(UnknownName(key, str(first["loc"][-1]), _fields(model, first["loc"][:-1])))
    if first["type"] == "missing":
        return f"{where} is missing; add it"
    if first["type"] == "json_invalid":
        return f"it is not JSON: {printable(first['ctx']['error'], 100)}"
    same = [e for e in error.errors(include_url=False) if _steps(e["loc"]) == _steps(first["loc"])]
    wanted = [_wanted(e["type"]).format(**e.get("ctx", {})) for e in same]
    return f"{where or 'it'} is {said(first['input'])}; give {' or '.join(dict.fromkeys(wanted))}"


def _steps(place: Sequence[int | str]) -> list[str]:
    """Return the way to a value, without the names of the kinds that it may be of."""
    steps = [str(step) for step in place]
    return [step for step in steps if step != "float" and not step.startswith("literal[")]


def said(value: Any) -> str:
    """Write a value as its author did, cut to a few words."""
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case int() if abs(value) > _LONGEST_WHOLE:
            return "a number of many digits"
        case int() | float():
            return repr(value).removesuffix(".0")
        case date():
            return value.isoformat()
        case str():
            return f"'{printable(value)}'"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
    return "something else"


def _wanted(kind: str) -> str:
    """Find the words for an error by its whole name, else by its first word."""
    return _WANTED.get(kind) or _WANTED.get(kind.partition("_")[0], "something else")


def _fields(model: type[BaseModel], steps: Sequence[int | str]) -> list[str]:
    """Name what may stand at a place inside a model."""
    for step in steps:
        field = model.model_fields.get(str(step))
        model = next(iter(models_in(field.annotation)), model) if field else model
    return list(model.model_fields)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Find the models inside an annotation such as dict[str, Model] or tuple[Model, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]
