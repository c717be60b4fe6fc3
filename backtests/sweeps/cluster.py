"""Run a sweep's chunks on many machines through dask.distributed (extra `cluster`).

Results come back as they are completed and are saved at once, so that a worker's death costs its
chunks at hand only. joblib's dask backend is not used: it waits for ever where a task kills its
workers or a worker lacks a module.
"""

import platform
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from backtests.sweeps.executors import Failure, Job, run_chunk, said
from backtests.sweeps.request import Chunk
from backtests.sweeps.rows import Rows
from data.errors import BadInput, RunFailed, printable

# What must be the same on every machine for the same bytes to come back.
SAME = ("three-drawdowns", "backtrader", "numpy", "pandas")
WAIT_SECONDS = 30.0
_KILLS = "it ends every worker that runs it"
_INSTALL = "pip install 'three-drawdowns[cluster]'"


def on_cluster(job: Job, chunks: Sequence[Chunk], address: str) -> Iterator[Rows | Failure]:
    """Run chunks on the workers of the scheduler at `address`, in any order."""
    if find_spec("distributed") is None:
        raise BadInput(f"--scheduler needs dask.distributed: {_INSTALL}")
    client = _client(address)
    killers: list[Chunk] = []
    try:
        _check_workers(client)
        # The job is a task of its own: should the worker that holds it die, it is made again.
        packed = client.submit(_same, job, pure=False)
        for outcome in _completed(client, packed, chunks):
            if isinstance(outcome, Failure) and outcome.reason == _KILLS:
                killers.append(outcome.chunk)
            else:
                yield outcome
        # A dying worker takes along what only waited on it: each suspect is tried by itself.
        for chunk in killers:
            yield from _completed(client, packed, [chunk])
    finally:
        client.close()


def _completed(client: Any, packed: Any, chunks: Sequence[Chunk]) -> Iterator[Rows | Failure]:
    """Send chunks out and hand each back as it is completed."""
    distributed: Any = import_module("distributed")
    futures = client.map(run_chunk, chunks, job=packed, pure=False)
    places = {future.key: chunk for future, chunk in zip(futures, chunks, strict=True)}
    done = distributed.as_completed(futures, with_results=True, raise_errors=False)
    for future, result in done:
        yield _outcome(future.status, result, places[future.key])
        future.release()


def about() -> dict[str, str]:
    """Return the versions that matter where this runs."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python} | {name: version(name) for name in SAME}


def _same(job: Job) -> Job:
    return job


def _client(address: str) -> Any:
    distributed: Any = import_module("distributed")
    try:
        client = distributed.Client(address, timeout=WAIT_SECONDS)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"no scheduler answers at {printable(address)}; start one with `dask scheduler` "
            "and write --scheduler tcp://HOST:PORT"
        ) from error
    try:
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except OSError as error:
        client.close()
        raise RunFailed(
            f"no worker has joined {address}; start some with `dask worker {address}`"
        ) from error
    return client


def _check_workers(client: Any) -> None:
    """Refuse workers that cannot run a chunk, or would run it otherwise than this machine."""
    here = about()
    for address, there in client.run(about, on_error="return").items():
        if isinstance(there, BaseException):
            raise RunFailed(
                f"worker {address} cannot run a sweep ({said(there)}); {_INSTALL} there"
            )
        apart = [f"{k} {there.get(k)} (here {v})" for k, v in here.items() if there.get(k) != v]
        if apart:
            raise RunFailed(f"worker {address} has {', '.join(apart)}; install the same versions")


def _outcome(status: str, result: Any, chunk: Chunk) -> Rows | Failure:
    if status == "finished" and isinstance(result, Rows):
        return result
    error = result[1] if isinstance(result, tuple) else result
    if type(error).__name__ == "KilledWorker":
        return Failure(chunk, _KILLS)
    return Failure(chunk, said(error) if isinstance(error, BaseException) else f"it was {status}")
