"""Give each peer an environment of its own under .bench/, so that the project's stays small."""

import subprocess
import sys
from pathlib import Path

from benchmarks.workers import HERE, ROOT, Worker, environment

FOLDER = ROOT / ".bench"
PEERS = ("bt", "vectorbt", "backtesting", "zipline")
STAMP = "installed.txt"


def naive() -> Worker:
    """Start the usual Backtrader script, on the project's own Backtrader and pandas."""
    return Worker.start("Backtrader, usual script", [sys.executable, _script("naive_backtrader")])


def peer(name: str) -> Worker:
    """Start a peer, installing it first where needed; absent with the reason if it does not."""
    why = installed(name)
    if why:
        return Worker.absent(name, f"does not install: {why}")
    return Worker.start(name, [str(_python(name)), _script(f"{name}_")])


def installed(name: str) -> str:
    """Install what a peer's file pins unless that is done; return what went wrong, or nothing."""
    pins = HERE / "peers" / f"requirements-{name}.txt"
    stamp = FOLDER / name / STAMP
    if stamp.exists() and stamp.read_text() == pins.read_text():
        return ""
    _own_ignore()
    made = _run([sys.executable, "-m", "venv", "--clear", str(FOLDER / name)])
    pip = [str(_python(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    made = made or _run([*pip, "--requirement", str(pins)])
    if not made:
        stamp.write_text(pins.read_text())
    return made


def _own_ignore() -> None:
    """Keep the folder out of version control, whatever the project's own list says."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / ".gitignore").write_text("*\n")


def _run(command: list[str]) -> str:
    """Run a command; return the last thing it complained of if it failed."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    complaints = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return "" if done.returncode == 0 else (complaints or [done.stderr.strip() or "failed"])[-1]


def _script(name: str) -> str:
    return str(HERE / "peers" / f"{name}.py")


def _python(name: str) -> Path:
    folder = FOLDER / name
    return folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
