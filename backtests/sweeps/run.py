"""Run a sweep from its request to its folder: compute, save, check, sum up."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from backtests.sweeps import check as checking
from backtests.sweeps.check import AGREE, Check
from backtests.sweeps.custom import Own
from backtests.sweeps.executors import Failure, Job, in_processes
from backtests.sweeps.quantiles import LEVELS, SHOWN, Summary, summarise
from backtests.sweeps.request import Chunk, Layout
from backtests.sweeps.rows import Rows, Twin
from backtests.sweeps.store import DIGITS, Store
from data.errors import DcaError, RunFailed
from data.progress import Told


class Stopped(DcaError):  # noqa: N818 - it is read as a sentence
    """A sweep that was interrupted; what is done is kept."""

    exit_code = 130


@dataclass(frozen=True)
class Where:
    """Where chunks are run: a scheduler's address, else so many processes; 0: in this one."""

    workers: int = 0
    scheduler: str | None = None


@dataclass(frozen=True)
class Outcome:
    """A finished sweep: a summary a variant, the check, and labels by strategy."""

    layout: Layout
    summaries: tuple[Summary, ...]
    worst: tuple[str, ...]
    check: Check
    labels: dict[str, tuple[str, ...]]


def asked_of(layout: Layout, form: str, own: Own | None) -> dict[str, Any]:
    """Return all that decides a sweep's bytes."""
    table = layout.table
    return {
        "version": version("three-drawdowns"),
        "request": layout.request.as_json(),
        "bars": table.bars,
        "source": table.source,
        "prices": {symbol: table.sha256(symbol) for symbol in table.symbols},
        "starts": {str(y): [str(s[0]), str(s[-1])] for y, s in layout.starts.items()},
        "chunks": len(layout.chunks),
        "format": form,
        "own": own.sha256 if own else None,
    }


def compute(
    layout: Layout, store: Store, done: set[int], where: Where, own: Own | None, told: Told
) -> None:
    """Run the chunks that are not there yet and save each as it comes."""
    missing = [chunk for chunk in layout.chunks if chunk.number not in done]
    failures: list[Failure] = []
    saved, rows = len(done), sum(c.stop - c.first for c in layout.chunks)
    come = rows - sum(c.stop - c.first for c in missing)
    try:
        for outcome in _outcomes(layout, missing, where, own):
            if isinstance(outcome, Failure):
                failures.append(outcome)
                continue
            store.save(outcome, layout.variants[outcome.chunk.variant].labels)
            saved += 1
            come += outcome.chunk.stop - outcome.chunk.first
            told("computing rows", come, rows)
    except KeyboardInterrupt:
        raise Stopped(
            f"stopped; {saved} of {len(layout.chunks)} parts are in {store.folder}/parts, "
            "add --resume to go on"
        ) from None
    if failures:
        raise RunFailed(_failed(layout, failures, store))


def _outcomes(
    layout: Layout, chunks: Sequence[Chunk], where: Where, own: Own | None
) -> Iterator[Rows | Failure]:
    if not where.scheduler and not where.workers:
        twin = Twin(layout)
        return (twin.rows(chunk) for chunk in chunks)
    key = json.dumps(asked_of(layout, "", own), sort_keys=True)
    job = Job.of(layout, own, key)
    if where.scheduler:
        from backtests.sweeps.cluster import on_cluster

        return on_cluster(job, chunks, where.scheduler)
    return in_processes(job, chunks, where.workers)


def _failed(layout: Layout, failures: list[Failure], store: Store) -> str:
    first = min(failures, key=lambda failure: failure.chunk.number)
    chunk = first.chunk
    variant = layout.variants[chunk.variant]
    rows = f"paths {chunk.first} to {chunk.stop - 1}"
    if layout.request.bootstrap is None:
        starts = layout.starts[variant.years]
        rows = f"windows begun {starts[chunk.first]} to {starts[chunk.stop - 1]}"
    return (
        f"{len(failures)} of {len(layout.chunks)} parts failed, first {rows} of {variant}: "
        f"{first.reason}; the others are in {store.folder}/parts, --resume tries the failed again"
    )


def finish(layout: Layout, store: Store) -> Outcome:
    """Check, join and sum up a computed sweep."""
    check = _check(layout)
    by_variant = [[c for c in layout.chunks if c.variant == v] for v in range(len(layout.variants))]
    summaries = tuple(_summary(store, chunks) for chunks in by_variant)
    worst = tuple(
        _row(store, chunks, summary.lowest)
        for chunks, summary in zip(by_variant, summaries, strict=True)
    )
    store.join(len(layout.chunks))
    return Outcome(layout, summaries, worst, check, checking.labels(layout))


def _check(layout: Layout) -> Check:
    """Run random rows again by Backtrader; where all were its own there is nothing to compare."""
    if layout.own:
        return Check(0, 0.0)
    twin, largest, chosen = Twin(layout), 0.0, checking.picks(layout)
    for pick in sorted(chosen, key=lambda p: p.variant):
        rows = twin.rows(Chunk(0, pick.variant, pick.row, pick.row + 1))
        figures = {name: float(values[0]) for name, values in rows.figures.items()}
        result = checking.by_backtrader(layout, pick)
        largest = max(largest, checking.difference(result, figures))
    return checking.agreed(len(chosen), largest)


def _summary(store: Store, chunks: Sequence[Chunk]) -> Summary:
    numbers = [chunk.number for chunk in chunks]
    return summarise(lambda: store.columns(numbers, SHOWN))


def _row(store: Store, chunks: Sequence[Chunk], place: int) -> str:
    """Name the window or path at a place among a variant's rows."""
    chunk = next(c for c in chunks if c.first <= place < c.stop)
    row = store.row(chunk.number, place - chunk.first)
    return str(row["start"])[:7] if "start" in row else f"path {row['path']}"


def summary_json(outcome: Outcome) -> bytes:
    """Return summary.json: sorted keys, 12 significant digits, the same for the same sweep."""
    variants = [
        {
            **variant.labels,
            "rows": summary.rows,
            "quantiles": {
                name: dict(zip(map(str, LEVELS), map(_rounded, column), strict=True))
                for name, column in summary.quantiles.items()
            },
            "without_a_figure": {k: v for k, v in summary.blanks.items() if v},
            "below_money_in": _rounded(summary.below),
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
    return (json.dumps(content, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def _rounded(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.{DIGITS}g}") + 0.0
