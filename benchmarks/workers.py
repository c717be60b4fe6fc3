"""Keep engines in processes of their own and let them take turns."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent


@dataclass
class Answer:
    """What one piece of work took and came to."""

    seconds: float
    peak_mb: float
    finals: list[float]


@dataclass
class Worker:
    """One engine's process; `failed` says in its own words why it does not answer any more."""

    name: str
    version: str = ""
    failed: str = ""
    process: subprocess.Popen[str] | None = None
    errors: Any = None
    seen: dict[str, list[Answer]] = field(default_factory=dict)

    @classmethod
    def start(cls, name: str, command: list[str]) -> "Worker":
        """Start an engine and hear its version."""
        errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env=environment(),
        )
        worker = cls(name, process=process, errors=errors)
        worker.version = str(worker._hear().get("version", ""))
        return worker

    @classmethod
    def absent(cls, name: str, why: str) -> "Worker":
        """Stand for an engine that could not be installed."""
        return cls(name, failed=why)

    def ask(self, question: Mapping[str, Any]) -> Answer | None:
        """Have one piece of work done; None where the engine failed, now or before."""
        if self.failed or self.process is None or self.process.stdin is None:
            return None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        heard = self._hear()
        return Answer(**heard) if heard else None

    def stop(self) -> None:
        """Let the process end."""
        if self.process is None:
            return
        # Closes standard input and output, and waits.
        with self.process, self.errors:
            pass

    def _hear(self) -> dict[str, Any]:
        if self.process is None or self.process.stdout is None:
            return {}
        line = self.process.stdout.readline()
        if line:
            heard: dict[str, Any] = json.loads(line)
            return heard
        self.process.wait(timeout=60)
        self.errors.seek(0)
        said = self.errors.read().strip().splitlines()
        self.failed = said[-1][:200] if said else f"ended with {self.process.returncode}"
        return {}


def environment() -> dict[str, str]:
    """Return the environment with bytecode kept, as a user has it, and warnings unprinted."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONWARNINGS": "ignore"}


@contextmanager
def running(workers: Mapping[str, Worker]) -> Iterator[Mapping[str, Worker]]:
    """End all workers in the end."""
    try:
        yield workers
    finally:
        for worker in workers.values():
            worker.stop()


def own() -> Worker:
    """Start the project's own engines."""
    return Worker.start("own", [sys.executable, "-m", "benchmarks.own"])


def in_turns(
    workers: list[tuple[str, Worker]], question: Mapping[str, Any], rounds: int
) -> dict[str, list[Answer]]:
    """Ask all of them the same, round by round, so that a noisy moment falls on all.

    A name is `engine` or `engine/task`, where one process has several tasks.
    """
    heard: dict[str, list[Answer]] = {name: [] for name, _ in workers}
    for _ in range(rounds):
        for name, worker in workers:
            task = name.partition("/")[2] or question["task"]
            answer = worker.ask({**question, "task": task})
            if answer:
                heard[name].append(answer)
    return heard
