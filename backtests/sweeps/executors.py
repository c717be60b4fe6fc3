"""Run a sweep's chunks in processes of this machine or on a dask cluster, both by joblib.

A chunk may be run twice (a worker dies with its results), so it is the same each time: its rows
depend on the request and its number alone. What cannot be run comes back as a Failure; every other
chunk is kept.
"""

import os
import platform
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from threading import Thread, current_thread, main_thread
from time import sleep
from typing import Any
from uuid import uuid4

from backtests.measures.catalogue import Figure
from backtests.sweeps import replayed
from backtests.sweeps.custom import Own, blaming
from backtests.sweeps.layout import again
from backtests.sweeps.replayed import Pick
from backtests.sweeps.request import Chunk, Layout, Request
from backtests.sweeps.rows import Rows, Twin
from data.arrays import Days
from data.errors import BadInput, RunFailed, one_line, printable
from data.language import say, say_each
from data.prices import PriceTable

# What must be the same on every machine for the same bytes to come back.
SAME = ("three-drawdowns", "backtrader", "numpy", "pandas")
WAIT_SECONDS = 30.0
# So many chunks are on their way at once: a worker that joins late finds some to do.
ON_THE_WAY = 64
# Computing fewer paths than this takes no longer than a process takes to start.
PATHS_WORTH_A_PROCESS = 20_000
# How often a process looks whether the one that started it is still there.
PARENT_SECONDS = 1.0
_INSTALL = "pip install 'three-drawdowns[cluster]'"
_KILLS = say("it ends every process that runs it")


@dataclass(frozen=True)
class Where:
    """Where chunks are run: a scheduler's address, else so many processes; 0: in this one.

    None: Backtrader's in a process a processor, the vectorised ones in this one.
    """

    workers: int | None = None
    scheduler: str | None = None


@dataclass(frozen=True)
class Job:
    """All that a process needs to run any chunk; it travels, so it holds no class of the user's."""

    request: Request = field(compare=False)
    own: Own | None = field(compare=False)
    table: PriceTable = field(compare=False)
    starts: Mapping[int, Days] = field(compare=False)
    key: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Failure:
    """A chunk that could not be run, and why in one line."""

    chunk: Chunk
    reason: str


def run(
    layout: Layout, own: Own | None, chunks: Sequence[Chunk], where: Where
) -> Iterator[Rows | Failure]:
    """Run chunks where they are wanted, and yield what comes of each in any order."""
    job, far = Job(layout.request, own, layout.table, layout.starts), list(chunks)
    if not where.workers and where.scheduler is None:
        fast = [chunk for chunk in chunks if not layout.variants[chunk.variant].decides]
        far = [chunk for chunk in chunks if layout.variants[chunk.variant].decides]
        if layout.request.bootstrap is not None:
            fast.sort(key=lambda chunk: chunk.first)  # drawn once for all variants
        yield from map(Twin(layout).rows, fast)
    if where.workers == 0 and where.scheduler is None:
        yield from (run_chunk(chunk, job) for chunk in far)
    elif far:
        with _processes(where) as settings:
            yield from _all(job, far, settings)


def run_chunk(chunk: Chunk, job: Job) -> Rows | Failure:
    """Compute a chunk in whatever process this is."""
    try:
        with blaming():
            layout, twin = _unpacked(job)
            code = layout.variants[chunk.variant].decides
            return replayed.rows(layout, chunk) if code else twin.rows(chunk)
    except Exception as error:  # noqa: BLE001 - whatever one chunk raises, the others are kept
        return Failure(chunk, one_line(error))


@contextmanager
def check_of(
    layout: Layout, own: Own | None, picks: Sequence[Pick], where: Where
) -> Iterator[Callable[[], list[Mapping[str, Figure]]]]:
    """Give what returns Backtrader's figures of `picks`.

    Beside so many paths that it pays, another process computes them meanwhile.
    """
    alone = where != Where() or any(variant.decides for variant in layout.variants)
    if alone or (layout.request.bootstrap or 0) < PATHS_WORTH_A_PROCESS:
        yield lambda: replayed.figures(layout, picks)
        return
    from joblib import Parallel, delayed

    job = Job(layout.request, own, layout.table, layout.starts)
    with _processes(Where(workers=1)) as settings:
        parallel = Parallel(batch_size=1, return_as="generator", **settings)
        with _unheard():
            outcomes = parallel([delayed(_run_again)(picks, job)])
        try:
            yield lambda: next(outcomes)
        finally:
            _close(outcomes)


def _run_again(picks: Sequence[Pick], job: Job) -> list[Mapping[str, Figure]]:
    return replayed.figures(_unpacked(job)[0], picks)


@lru_cache(maxsize=1)
def _unpacked(job: Job) -> tuple[Layout, Twin]:
    """Lay the job out, once a process."""
    layout = again(job.request, job.own.load() if job.own else None, job.table, job.starts)
    return layout, Twin(layout)


def _all(job: Job, chunks: Sequence[Chunk], settings: dict[str, Any]) -> Iterator[Rows | Failure]:
    """Run chunks together; those that were out when a process died are then run one by one."""
    waiting = deque(chunks)
    while waiting:
        out: dict[int, Chunk] = {}
        outcomes = _together(job, waiting, out, settings)
        yield from (o for o in outcomes if isinstance(o, Rows | Failure))
        # A dying process takes along what only waited on it: each suspect is tried by itself.
        for chunk in out.values():
            came: Any = next(_together(job, deque([chunk]), {}, settings), BrokenExecutor())
            killed = isinstance(came, BrokenExecutor) or type(came).__name__ == "KilledWorker"
            if isinstance(came, BaseException):
                came = Failure(chunk, _KILLS if killed else one_line(came))
            yield came


def _together(
    job: Job, waiting: deque[Chunk], out: dict[int, Chunk], settings: dict[str, Any]
) -> Iterator[Any]:
    """Run chunks until none is left or a process died; `out` holds those of no outcome."""
    from joblib import Parallel, delayed

    def handed() -> Iterator[Any]:
        while waiting:
            chunk = waiting.popleft()
            out[chunk.number] = chunk
            yield delayed(run_chunk)(chunk, job)

    parallel = Parallel(batch_size=1, return_as="generator_unordered", **settings)
    with _unheard():
        outcomes = parallel(handed())
    try:
        with suppress(BrokenExecutor):
            for outcome in outcomes:
                if isinstance(outcome, Rows | Failure):
                    del out[outcome.chunk.number]
                yield outcome
    finally:
        _close(outcomes)


def _close(outcomes: Any) -> None:
    """Stop what is still running, without a word that it was not over."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcomes.close()


@contextmanager
def _unheard() -> Iterator[None]:
    """Start processes that hear no Ctrl-C, not even while they import; it is for this one."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _processes(where: Where) -> Iterator[dict[str, Any]]:
    """Give joblib's settings for processes of this machine, or of a cluster."""
    if where.scheduler is not None:
        with _cluster(where.scheduler) as backend:
            yield {"backend": backend, "pre_dispatch": ON_THE_WAY}
        return
    workers = where.workers or os.cpu_count() or 1
    # A process must not import what happens to lie in the current folder.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    # One worker would be this process, which a chunk must not be able to end.
    yield {
        "backend": "loky",
        "n_jobs": max(workers, 2),
        "pre_dispatch": 2 * workers if workers > 1 else 1,
        "initializer": _leave_with,
        "initargs": (os.getpid(),),
    }


def _leave_with(parent: int) -> None:
    """End this process soon after its parent, which may be killed and whose streams it holds."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(PARENT_SECONDS)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    """Give joblib's backend for the workers of a dask scheduler."""
    if find_spec("distributed") is None:
        raise BadInput(say("--scheduler needs dask.distributed: {install}", install=_INSTALL))
    from joblib import parallel_config

    client = _client(address)
    try:
        _check_workers(client)
        with parallel_config(backend="dask", client=client) as settings:
            backend = settings["backend"]
        yield _told(backend)
    finally:
        client.close()


def _told(backend: Any) -> Any:
    """Keep joblib's dask backend from waiting for ever, and from running a lone task here.

    Of a task that has killed its workers, or that they cannot read, it says nothing: the error is
    handed on as the outcome. Where one worker is left it would run the tasks in this process.
    """
    submit, configure = backend.submit, backend.configure

    def heard(task: Any, callback: Any) -> Any:
        future = submit(task, lambda came: callback(came if isinstance(came, list) else [came]))
        future.add_done_callback(lambda f: f.exception() and callback([f.exception()]))
        return future

    backend.submit = heard
    backend.configure = lambda **how: max(2, configure(**how))
    return backend


def _client(address: str) -> Any:
    distributed: Any = import_module("distributed")
    try:
        client = distributed.Client(address, timeout=WAIT_SECONDS)
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except (OSError, ValueError) as error:
        raise BadInput(
            say(
                "no scheduler with a worker answers at {address}; start `dask scheduler` and `dask "
                "worker`, and write --scheduler tcp://HOST:PORT",
                address=printable(address),
            )
        ) from error
    return client


def about() -> dict[str, str]:
    """Return the versions that matter where this runs."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python} | {name: version(name) for name in SAME}


def _check_workers(client: Any) -> None:
    """Refuse workers that cannot run a chunk, or would run it otherwise than this machine."""
    here = about()
    for address, there in client.run(about, on_error="return").items():
        if isinstance(there, BaseException):
            raise RunFailed(
                say(
                    "worker {address} cannot run a sweep ({why}); {install} there",
                    address=address,
                    why=one_line(there),
                    install=_INSTALL,
                )
            )
        apart = [
            say("{package} {there} (here {here})", package=k, there=there.get(k), here=v)
            for k, v in here.items()
            if there.get(k) != v
        ]
        if apart:
            raise RunFailed(
                say(
                    "worker {address} has {versions}; install the same versions",
                    address=address,
                    versions=say_each(apart),
                )
            )
