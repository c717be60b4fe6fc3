"""`dca diff`: compare two reports figure by figure."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from backtests.report.results import Results


@click.command()
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
def diff(one: Path, other: Path) -> None:
    """Show every figure in which two reports differ; the exit code is 1 if any does."""
    from backtests.report.results import read_results
    from data.errors import printable
    from data.shape import said

    found = list(differences(read_results(one), read_results(other)))
    for where, left, right in found:
        click.echo(f"{printable(where, 200)}: {said(left)} -> {said(right)}")
    click.echo(f"{len(found)} differences" if found else "the two reports agree in every figure")
    if found:
        raise click.exceptions.Exit(1)


COMMANDS = (diff,)


def differences(one: "Results", other: "Results") -> Iterator[tuple[str, Any, Any]]:
    """Yield (where, one, other) for every leaf that is not equal; absent leaves are None."""
    flat_one, flat_other = dict(_leaves(_keyed(one))), dict(_leaves(_keyed(other)))
    for where in sorted(flat_one.keys() | flat_other.keys()):
        pair = flat_one.get(where), flat_other.get(where)
        if pair[0] != pair[1]:
            yield where, *pair


def _keyed(results: "Results") -> dict[str, Any]:
    """Key the runs by strategy and era, so that their order does not matter."""
    runs = {f"{run.strategy}/{run.era}": run.model_dump() for run in results.runs}
    heads = {"schema": results.form, "version": results.version}
    return {**heads, "plan": results.plan, "data": results.data, **runs}


def _leaves(thing: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(thing, dict) and thing:
        for key, value in thing.items():
            yield from _leaves(value, f"{where}.{key}" if where else str(key))
    elif isinstance(thing, list) and thing:
        for position, value in enumerate(thing):
            yield from _leaves(value, f"{where}[{position}]")
    else:
        yield where, thing
