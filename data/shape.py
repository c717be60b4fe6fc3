"""Say in plain words what is wrong with the shape of something that was read."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from data.errors import UnknownName, printable
from data.language import say, say_each, say_either

# What is wanted, by the beginning of pydantic's name for what went wrong.
_WANTED = {
    "bool": say("true or false"),
    "date": say("a date, as 2000-01-31"),
    "dict": say("a table of names and values"),
    "finite_number": say("a finite number"),
    "float": say("a number"),
    "greater_than": say("more than {gt:g}"),
    "greater_than_equal": say("{ge:g} or more"),
    "int": say("a whole number"),
    "less_than": say("less than {lt:g}"),
    "less_than_equal": say("{le:g} or less"),
    "list": say("a list, in brackets"),
    "mapping": say("a table of names and values"),
    "model": say("a table of names and values"),
    "string": say("text, in quotes"),
    "string_pattern_mismatch": say("up to 64 letters, digits, . _ and -"),
    "string_too_long": say("at most {max_length} characters"),
    "too_long": say("at most {max_length} of them"),
    "too_short": say("at least {min_length} of them"),
    "tuple": say("a list, in brackets"),
    "value_error": say("something else: {error}"),
}
_LONGEST_WHOLE = 10**15


def refusal(error: ValidationError, model: type[BaseModel], key: str = "") -> str:
    """Return one line on the first thing that is wrong: where, what came and what is wanted.

    `key` is what a name in this model is called, where that is more than a key.
    """
    # A misspelt name is why another is missing.
    first = min(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    where = printable(".".join(_steps(first["loc"])), 100)
    if first["type"] == "extra_forbidden":
        return str(
            UnknownName(key or say("key"), str(first["loc"][-1]), _fields(model, first["loc"][:-1]))
        )
    if first["type"] == "missing":
        return say("{where} is missing; add it", where=where)
    if first["type"] == "json_invalid":
        return say("it is not JSON: {why}", why=printable(first["ctx"]["error"], 100))
    same = [e for e in error.errors(include_url=False) if _steps(e["loc"]) == _steps(first["loc"])]
    wanted = say_either(dict.fromkeys(_wanted(e["type"], e.get("ctx", {})) for e in same))
    came = said(first["input"])
    if not where:
        return say("it is {came}; give {wanted}", came=came, wanted=wanted)
    return say("{where} is {came}; give {wanted}", where=where, came=came, wanted=wanted)


def _steps(place: Sequence[int | str]) -> list[str]:
    """Return the way to a value, without the names of the kinds that it may be of."""
    steps = [str(step) for step in place]
    return [step for step in steps if step != "float" and not step.startswith("literal[")]


def said(value: Any) -> str:
    """Write a value as its author did, cut to a few words."""
    match value:
        case None:
            return say("empty")
        case bool():
            return str(value).lower()
        case int() if abs(value) > _LONGEST_WHOLE:
            return say("a number of many digits")
        case int() | float():
            return repr(value).removesuffix(".0")
        case date():
            return value.isoformat()
        case str():
            return say("'{value}'", value=printable(value))
        case dict():
            return say("a table")
        case list() | tuple():
            return say("a list")
    return say("something else")


def _wanted(kind: str, values: Mapping[str, Any]) -> str:
    """Find the words for an error by its whole name, else by its first word."""
    if kind == "literal_error":
        *some, last = re.split(r", | or ", values["expected"])
        return say_either([say_each(some), last] if some else [last])
    found = _WANTED.get(kind) or _WANTED.get(kind.partition("_")[0], say("something else"))
    return say(found, **{n: str(v) if n == "error" else v for n, v in values.items()})


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
