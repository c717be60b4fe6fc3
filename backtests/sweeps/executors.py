"""Run a sweep's chunks in processes of this machine.

A chunk may be run twice (a worker dies with its results), so it is the same each time: its rows
depend on the request and its number alone. What cannot be run comes back as a Failure; every other
chunk is kept.
"""

import random
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np

from backtests.measures.running import KEPT
from backtests.result import Result
from backtests.sweeps.check import Pick, by_backtrader
from backtests.sweeps.custom import Own, blaming
from backtests.sweeps.layout import again
from backtests.sweeps.request import Chunk, Layout, Request
from backtests.sweeps.rows import Rows, Twin
from data.errors import DcaError, printable
from data.prices import Days, PriceTable, to_date

# Chunks handed out ahead of time, so that no process waits for the next.
AHEAD = 2


@dataclass(frozen=True)
class Job:
    """All that a process needs to run any chunk; it travels, so it holds no class of the user's."""

    key: str
    request: Request
    own: Own | None
    table: PriceTable
    starts: dict[int, Days]

    @classmethod
    def of(cls, layout: Layout, own: Own | None, key: str) -> "Job":
        """Pack a layout for the way; `key` tells jobs apart."""
        return cls(key, layout.request, own, layout.table, dict(layout.starts))


@dataclass(frozen=True)
class Failure:
    """A chunk that could not be run, and why in one line."""

    chunk: Chunk
    reason: str


class _Bench:
    """The job at hand, unpacked once a process."""

    job: Job
    unpacked: tuple[str, Layout, Twin] | None = None

    @classmethod
    def take(cls, job: Job) -> None:
        """Remember the job; it is unpacked when the first chunk comes."""
        # Ctrl-C is the parent's to answer: it lets the chunks at hand finish.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cls.job = job

    @classmethod
    def unpack(cls, job: Job) -> tuple[Layout, Twin]:
        """Return the job's layout."""
        if cls.unpacked is None or cls.unpacked[0] != job.key:
            kind = job.own.load() if job.own else None
            layout = again(job.request, kind, job.table, job.starts)
            cls.unpacked = job.key, layout, Twin(layout)
        return cls.unpacked[1:]


def run_chunk(chunk: Chunk, job: Job) -> Rows:
    """Compute a chunk in whatever process this is."""
    layout, twin = _Bench.unpack(job)
    if job.own is None:
        return twin.rows(chunk)
    results = [_run(layout, chunk.variant, row) for row in range(chunk.first, chunk.stop)]
    figures = {
        name: np.array([_number(r.measures.figures[name]) for r in results]) for name in KEPT
    }
    if job.request.bootstrap is not None:
        paths = [str(row) for row in range(chunk.first, chunk.stop)]
        return Rows(chunk, paths, [""] * len(paths), figures)
    days = [[to_date(r.course.dates[at]).isoformat() for r in results] for at in (0, -1)]
    return Rows(chunk, days[0], days[1], figures)


def _run(layout: Layout, variant: int, row: int) -> Result:
    """Run one row; a strategy that throws dice throws the same ones whenever it is run."""
    seed = layout.request.seed
    random.seed(f"{seed}/{variant}/{row}")
    np.random.seed([seed % 2**32, seed >> 32, variant, row])
    with blaming():
        return by_backtrader(layout, Pick(variant, row))


def _number(figure: float | int | str | None) -> float:
    return float("nan") if figure is None else float(figure)


def in_processes(job: Job, chunks: Sequence[Chunk], workers: int) -> Iterator[Rows | Failure]:
    """Run chunks in processes of this machine, in any order.

    When a process dies no more is known than that the pool is broken: the few chunks that were
    handed out are then run again one by one, so that the one to blame stands out.
    """
    waiting = deque(chunks)
    while waiting:
        running: dict[Future[Rows], Chunk] = {}
        executor = _executor(job, min(workers, len(waiting)))
        try:
            yield from _until_broken(executor, waiting, running, AHEAD * workers)
        finally:
            executor.shutdown(wait=True)
        yield from [_alone(chunk, job) for chunk in running.values()]


def _until_broken(
    executor: Executor, waiting: deque[Chunk], running: dict["Future[Rows]", Chunk], most: int
) -> Iterator[Rows | Failure]:
    """Run chunks until none is left or the pool is broken; `running` holds what was lost."""
    while waiting or running:
        while waiting and len(running) < most:
            try:
                future = executor.submit(_run_here, waiting[0])
            except BrokenExecutor:
                return
            running[future] = waiting.popleft()
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        broken = [f for f in done if isinstance(f.exception(), BrokenExecutor)]
        for future in done - set(broken):
            yield _outcome(future, running.pop(future))
        if broken:
            return


def _alone(chunk: Chunk, job: Job) -> Rows | Failure:
    """Run one chunk in a process of its own."""
    executor = _executor(job, 1)
    try:
        future = executor.submit(_run_here, chunk)
        wait([future])
        return _outcome(future, chunk)
    finally:
        executor.shutdown(wait=True)


def _run_here(chunk: Chunk) -> Rows:
    return run_chunk(chunk, _Bench.job)


def _outcome(future: "Future[Rows]", chunk: Chunk) -> Rows | Failure:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenExecutor):
        return Failure(chunk, "it ends the process that runs it")
    return Failure(chunk, said(error))


def _executor(job: Job, workers: int) -> Executor:
    """Return a pool of fresh processes: loky's where joblib is there, else the standard one."""
    if find_spec("joblib") is not None:
        from joblib.externals.loky import ProcessPoolExecutor as Loky

        pool: Executor = Loky(workers, initializer=_Bench.take, initargs=(job,))
        return pool
    spawn = get_context("spawn")
    return ProcessPoolExecutor(workers, spawn, initializer=_Bench.take, initargs=(job,))


def said(error: BaseException) -> str:
    """Write an error as one line."""
    if isinstance(error, DcaError):
        return str(error)
    lines = str(error).strip().splitlines() or ["no message"]
    return printable(f"{type(error).__name__}: {lines[0]}", 200)
