"""`dca diff`: compare two reports figure by figure."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from data.errors import BadFolder, printable

# Anything else that decides a run and could differ.
_HEADS = ("schema", "version", "plan", "data")


@click.command()
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
def diff(one: Path, other: Path) -> None:
    """Show every figure in which two reports differ; the exit code is 1 if any does."""
    found = list(differences(read_results(one), read_results(other)))
    for where, left, right in found:
        click.echo(f"{where}: {left} -> {right}")
    click.echo(f"{len(found)} differences" if found else "the two reports agree in every figure")
    if found:
        raise click.exceptions.Exit(1)


COMMANDS = (diff,)


def read_results(folder: Path) -> dict[str, Any]:
    """Read a report folder's results.json."""
    path = folder / "results.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFolder(f"cannot read {path}: {error.strerror}; name a report's folder") from error
    except (ValueError, RecursionError) as error:
        raise BadFolder(f"{path} is not a report's results: {printable(str(error))}") from error
    if not isinstance(content, dict) or not isinstance(content.get("runs"), list):
        raise BadFolder(f"{path} is not a report's results: it lists no runs")
    return content


def differences(one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield (where, one, other) for every leaf that is not equal; absent leaves are None."""
    flat_one, flat_other = dict(_leaves(_keyed(one))), dict(_leaves(_keyed(other)))
    for where in sorted(flat_one.keys() | flat_other.keys()):
        pair = flat_one.get(where), flat_other.get(where)
        if pair[0] != pair[1]:
            yield where, *pair


def _keyed(results: dict[str, Any]) -> dict[str, Any]:
    """Key the runs by strategy and era, so that their order does not matter."""
    runs = {f"{run['strategy']}/{run['era']}": run for run in results["runs"]}
    return {head: results.get(head) for head in _HEADS} | runs


def _leaves(thing: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(thing, dict) and thing:
        for key, value in thing.items():
            yield from _leaves(value, f"{where}.{key}" if where else str(key))
    elif isinstance(thing, list) and thing:
        for position, value in enumerate(thing):
            yield from _leaves(value, f"{where}[{position}]")
    else:
        yield where, thing
