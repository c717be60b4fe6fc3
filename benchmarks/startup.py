"""Time whole processes: the main job and `--help` against the bare imports they stand on."""

import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 7
IMPORTS = "import backtrader, pandas, matplotlib.pyplot"
COMMANDS = {
    "imports of backtrader, pandas, pyplot": [sys.executable, "-c", IMPORTS],
    "dca compare, to the finished report": [sys.executable, "-m", "backtests.cli", "compare"],
    "dca --help": [sys.executable, "-m", "backtests.cli", "--help"],
}


def seconds(command: list[str], folder: str) -> float:
    """Run a command in `folder` and return its wall time."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Interleave the commands, so that a noisy moment falls on all of them; print medians."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, command in COMMANDS.items():
                taken[name].append(seconds(command, folder))
    base = taken[next(iter(COMMANDS))]
    print(f"{'whole process, median of ' + str(ROUNDS):42} seconds   ratio")
    for name, times in taken.items():
        ratio = statistics.median(t / b for t, b in zip(times, base, strict=True))
        print(f"{name:42} {statistics.median(times):7.2f} {ratio:7.2f}")


if __name__ == "__main__":
    main()
