"""`dca init`: write a commented plan, made of the plan's own keys, to begin with."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.options import sentence
from backtests.cli.speaking import Argument, Command
from data.errors import BadInput, printable, why
from data.language import say, shown, tr

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_HEAD = say(
    "# A plan: dca compare --plan FILE, or dca sweep --plan FILE.\n"
    "# Every key stands here, with what holds where it is not given. A line that begins with # "
    "and no\n# space is not in force: its value is an example.\n"
)
_OPTION = re.compile(r"--([a-z-]+)")


@click.command(cls=Command)
@click.argument("file", default="plan.toml", type=click.Path(path_type=Path), cls=Argument)
def init(file: Path) -> None:
    """Write a commented plan with every key to FILE, plan.toml unless named; never over a file."""
    from data.atomic import write

    try:
        write(file, plan_text().encode(), new=True)
    except OSError as error:
        raise BadInput(
            say(
                "cannot write {file}: {reason}; name another file",
                file=printable(str(file), 200),
                reason=why(error),
            )
        ) from error
    click.echo(tr("Wrote {file}; run it with dca compare --plan {file}", file=file))


def plan_text() -> str:
    """Return a plan with a sentence for every key."""
    from backtests.plan import Plan
    from data.shape import models_in

    tables = {key: models_in(field.annotation) for key, field in Plan.model_fields.items()}
    lines = [shown(_HEAD)]
    for key in sorted(tables, key=lambda name: bool(tables[name])):
        field = Plan.model_fields[key]
        lines += _said(key, field) if tables[key] else _line(key, field, field.examples is None)
        if tables[key]:
            lines.append(f"#[{key}.{'MINE' if key == 'symbol' else 'mine'}]")
            lines += _keys(tables[key][0])
        lines.append("")
    return "\n".join(lines)


def _keys(model: "type[BaseModel]") -> Iterator[str]:
    for key, field in model.model_fields.items():
        yield from _line(key, field, in_force=False)


def _line(key: str, field: "FieldInfo", in_force: bool) -> Iterator[str]:
    yield from _said(key, field)
    value = field.examples[0] if field.examples else field.get_default(call_default_factory=True)
    yield f"{'' if in_force else '#'}{key} = {_toml(value)}"


def _said(key: str, field: "FieldInfo") -> Iterator[str]:
    """Say in the words of an option what a key without words of its own means."""
    text, stated = (shown(field.description), "") if field.description else sentence(key)
    if stated and field.get_default(call_default_factory=True) in ((), None):
        text = tr("{sentence} [default: {value}]", sentence=text, value=stated)
    yield f"# {_OPTION.sub(lambda found: found[1].replace('-', '_'), text)}"


def _toml(value: Any) -> str:
    match value:
        case dict():
            return f"{{{', '.join(f'{_bare(k)} = {_toml(v)}' for k, v in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case float():
            return f"{value:.12g}"
        case date():
            return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _bare(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


COMMANDS = (init,)
