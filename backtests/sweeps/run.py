"""Run a sweep from its request to its folder: compute, save, check, sum up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from typing import Any

from backtests.digits import json_text
from backtests.measures.catalogue import Figure
from backtests.measures.running import KEPT
from backtests.sweeps import check as checking
from backtests.sweeps import executors
from backtests.sweeps.against import Duel, duels
from backtests.sweeps.check import AGREE, UNCHECKED, Check
from backtests.sweeps.custom import Own
from backtests.sweeps.dots import Dots, dots
from backtests.sweeps.executors import Failure, Where
from backtests.sweeps.quantiles import LEVELS, SHOWN, Summary, summarise
from backtests.sweeps.quits import Grid, grids
from backtests.sweeps.replayed import Pick
from backtests.sweeps.request import Chunk, Layout, Variant
from backtests.sweeps.store import Store
from data.errors import DcaError, RunFailed
from data.language import say, say_in
from data.progress import Told


class Stopped(DcaError):
    """A sweep that was interrupted; what is done is kept."""

    exit_code = 130


@dataclass(frozen=True)
class Outcome:
    """A finished sweep: a summary a variant, the check, labels, duels, what quitting cost, windows.

    `lost_most` names the row in which each duel's variant came out worst.
    """

    layout: Layout
    summaries: tuple[Summary, ...]
    worst: tuple[str, ...]
    check: Check
    labels: dict[str, tuple[str, ...]]
    duels: tuple[Duel, ...] = ()
    lost_most: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    dots: tuple[Dots, ...] = ()


@dataclass(frozen=True)
class Sweep:
    """A layout with all that it takes to run it: where to, on what, and the user's own strategy."""

    layout: Layout
    store: Store
    where: Where = field(default_factory=Where)
    own: Own | None = None

    def run(
        self, resume: bool, told: Told, report: Callable[[Outcome], dict[str, bytes]]
    ) -> Outcome | None:
        """Compute what is missing and finish the folder; None where it was finished already.

        `report` makes the files that are to stand beside the rows, by name.
        """
        with self.store.opened(self.layout, self.asked, resume) as done:
            if self.store.complete:
                return None
            layout, picks = self.layout, checking.picks(self.layout)
            with executors.check_of(layout, self.own, picks, self.where) as run_again:
                self._compute(done, told)
                summed = self._sum_up()
                with self.store.finishing() as files:  # the check goes on beside the writing
                    check = _check(layout, self.store, picks, run_again())
                    outcome = replace(summed, check=check)
                    files |= report(outcome) | {"summary.json": summary_json(outcome).encode()}
            return outcome

    @property
    def asked(self) -> dict[str, Any]:
        """Return all that decides a sweep's bytes."""
        layout, table = self.layout, self.layout.table
        return {
            "version": version("three-drawdowns"),
            "request": layout.request.as_json(),
            "bars": table.bars,
            "source": table.source,
            "prices": {symbol: table.sha256(symbol) for symbol in table.symbols},
            "starts": {str(y): [str(s[0]), str(s[-1])] for y, s in layout.starts.items()},
            "chunks": len(layout.chunks),
            "columns": list(KEPT),
            "format": self.store.form,
            "own": self.own.sha256 if self.own else None,
        }

    def _compute(self, done: set[int], told: Told) -> None:
        """Run the chunks that are not there yet and save each as it comes."""
        chunks = self.layout.chunks
        failures: list[Failure] = []
        rows, come = _rows(chunks), _rows([c for c in chunks if c.number in done])
        try:
            missing = [chunk for chunk in chunks if chunk.number not in done]
            for outcome in executors.run(self.layout, self.own, missing, self.where):
                if isinstance(outcome, Failure):
                    failures.append(outcome)
                    continue
                self.store.save(outcome)
                come += _rows([outcome.chunk])
                told(say("computing rows"), come, rows)
        except KeyboardInterrupt:
            raise Stopped(
                say(
                    "stopped; {done} of {n} parts are in {folder}/parts, add --resume to go on",
                    done=self.store.parts,
                    n=len(chunks),
                    folder=str(self.store.folder),
                )
            ) from None
        if failures:
            raise RunFailed(self._failed(failures))

    def _failed(self, failures: Sequence[Failure]) -> str:
        first = min(failures, key=lambda failure: failure.chunk.number)
        chunk, layout = first.chunk, self.layout
        variant = layout.variants[chunk.variant]
        ends = [str(row) for row in (chunk.first, chunk.stop - 1)]
        message = _PATHS_FAILED
        if layout.request.bootstrap is None:
            starts, message = layout.starts[variant.years], _WINDOWS_FAILED
            ends = [str(starts[row]) for row in (chunk.first, chunk.stop - 1)]
        return say(
            message,
            failed=len(failures),
            n=len(layout.chunks),
            first=ends[0],
            last=ends[1],
            variant=str(variant),
            why=first.reason,
            folder=str(self.store.folder),
        )

    def _sum_up(self) -> Outcome:
        """Sum a computed sweep up by variant; its check is still to come."""
        layout, store = self.layout, self.store
        summaries, worst = [], []
        for place in range(len(layout.variants)):
            chunks = layout.chunks_of(place)
            summaries.append(summarise(partial(store.blocks, chunks, SHOWN)))
            worst.append(_named(store, chunks, summaries[-1].lowest))
        labels, found = checking.labels(layout), duels(layout, store)
        lost = (_named(store, layout.chunks_of(duel.variant), duel.row) for duel in found)
        return Outcome(
            layout, tuple(summaries), tuple(worst), UNCHECKED, labels, tuple(found), tuple(lost),
            grids(layout, store), dots(layout, store),
        )  # fmt: skip


_PATHS_FAILED = say(
    "{failed} of {n} parts failed, first paths {first} to {last} of {variant}: {why}; the others "
    "are in {folder}/parts, --resume tries the failed again"
)
_WINDOWS_FAILED = say(
    "{failed} of {n} parts failed, first windows begun {first} to {last} of {variant}: {why}; the "
    "others are in {folder}/parts, --resume tries the failed again"
)


def _rows(chunks: Sequence[Chunk]) -> int:
    return sum(chunk.stop - chunk.first for chunk in chunks)


def _check(
    layout: Layout, store: Store, picks: Sequence[Pick], again: Sequence[Mapping[str, Figure]]
) -> Check:
    """Hold random rows of the twin against Backtrader's."""
    largest = 0.0
    for pick, wanted in zip(picks, again, strict=True):
        chunk = layout.chunk_of(pick.variant, pick.row)
        figures = dict(zip(KEPT, store.figures(chunk)[pick.row - chunk.first], strict=True))
        largest = max(largest, checking.difference(wanted, figures))
    return checking.agreed(len(picks), largest)


def _named(store: Store, chunks: Sequence[Chunk], row: int) -> str:
    """Name a variant's window or path."""
    chunk = next(c for c in chunks if c.first <= row < c.stop)
    place = store.places(chunk)[row - chunk.first]
    return place[:7] if "," in place else say_in("drawn", "path {n}", n=place)


def summary_json(outcome: Outcome) -> str:
    """Return summary.json: sorted keys, 12 significant digits, the same for the same sweep."""
    variants = [
        {
            **variant.labels,
            "rows": summary.rows,
            **_apart(outcome.layout, variant),
            "quantiles": {
                name: dict(zip(map(str, LEVELS), column, strict=True))
                for name, column in summary.quantiles.items()
            },
            "without_a_figure": {k: v for k, v in summary.blanks.items() if v},
            "below_money_in": summary.below,
            "worst": worst,
            "warnings": outcome.labels[variant.name],
        }
        for variant, summary, worst in zip(
            outcome.layout.variants, outcome.summaries, outcome.worst, strict=True
        )
    ]
    content = {
        "schema": 1,
        "version": version("three-drawdowns"),
        "request": outcome.layout.request.as_json(),
        "bars": outcome.layout.table.bars,
        "check": {"rows_run_again_by_backtrader": outcome.check.runs, "agree_to": AGREE},
        "variants": variants,
    }
    if outcome.duels:
        content["against"] = [_duel(outcome, place) for place in range(len(outcome.duels))]
    if outcome.grids:
        content["quits"] = [
            {"variant": grid.stays.labels, "cells": [cell.as_json() for cell in grid.cells]}
            for grid in outcome.grids
        ]
    if outcome.layout.left_out:
        content["left_out"] = list(outcome.layout.left_out)
    return json_text(content)


def _duel(outcome: Outcome, place: int) -> dict[str, Any]:
    duel, variants = outcome.duels[place], outcome.layout.variants
    differences = {
        name: {
            "worst": duel.worst[name],
            "quantiles": dict(zip(map(str, LEVELS), duel.quantiles[name], strict=True)),
        }
        for name in duel.quantiles
    }
    return {
        "variant": variants[duel.variant].labels,
        "against": variants[duel.other].labels,
        "rows": duel.rows,
        **_apart(outcome.layout, variants[duel.variant]),
        "won": duel.won,
        "even": duel.even,
        "differences": differences,
        "worst": outcome.lost_most[place],
    }


def _apart(layout: Layout, variant: Variant) -> dict[str, int]:
    apart = layout.apart(variant)
    return {} if apart is None else {"rows_without_overlap": apart}
