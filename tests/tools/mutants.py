"""Plant faults one at a time and list those that no test sees: mutation testing by cosmic-ray.

mutants.py [COUNT] [--seed N] [--jobs N] [--only PATH]

COUNT places of the arithmetic are drawn, and one fault at each; a room's tests run in a copy of the
checkout until one fails. Whatever still passes is shown with its difference.
"""

import argparse
import ast
import difflib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[2]
# What is planted where, and the tests that are to see it: the nearest and fastest first.
ROOMS = {
    "data/window.py": "window engine vectorized calendars",
    "strategies/dca/": "trading schedule base engine paying_in plan mixes vectorized costs styles "
    "contracts parts quits",
    "backtests/measures/": "measures engine vectorized bootstrap empyrical periods costs real "
    "scenario",
    "backtests/engine.py": "engine base calendars costs paying_in invariants quits",
    "backtests/vectorized/": "vectorized bootstrap costs paying_in parts quits",
}
BITS = ("BitAnd", "BitOr", "BitXor", "Invert")
# A test that takes this many times as long as without a fault never ends.
PATIENCE = 5
SHORTEST_SECONDS = 60.0


@dataclass(frozen=True)
class Mutant:
    """One fault: the file it is in, the line, the operator, and the text without and with it."""

    path: str
    line: int
    operator: str
    sound: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.operator}"

    @property
    def difference(self) -> str:
        """Show the fault as a diff."""
        sound, text = self.sound.splitlines(), self.text.splitlines()
        changed = difflib.unified_diff(sound, text, lineterm="", n=1)
        return "\n".join(list(changed)[2:])


def places(path: str) -> Iterator[list[tuple[str, str, int, int]]]:
    """Return the faults that can be planted in a file, those at one place together."""
    source = (ROOT / path).read_text(encoding="utf-8")
    tree, spared, found = get_ast(source), annotations(source), {}
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments() or not telling(name):
            continue
        spots = (spot for node in ast_nodes(tree) for spot in kind().mutation_positions(node))
        for occurrence, (start, _) in enumerate(spots):
            if not any(first <= start < last for first, last in spared):
                found.setdefault(start, []).append((path, name, occurrence, start[0]))
    yield from found.values()


def telling(operator: str) -> bool:
    """Leave out what no number can be put through, as 1.5 ^ 2.0: any test at all sees it."""
    was, becomes = ("", *operator.split("_"))[-2:]
    return not becomes.endswith("Shift") and (was == "Delete" or (was in BITS) == (becomes in BITS))


def annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where types stand, in which a fault says nothing."""
    types = []
    for node in ast.walk(ast.parse(source)):
        types += [getattr(node, "annotation", None), getattr(node, "returns", None)]
    return [
        ((t.lineno, t.col_offset), (t.end_lineno, t.end_col_offset))
        for t in types
        if isinstance(t, ast.expr)
    ]


def planted(path: str, name: str, occurrence: int, line: int) -> Mutant:
    """Plant one fault."""
    source = (ROOT / path).read_text(encoding="utf-8")
    text = mutate_code(source, get_operator(name)(), occurrence)
    return Mutant(path, line, name.rpartition("/")[2], source, text)


def room_of(path: str) -> str:
    return next(room for room in ROOMS if path.startswith(room))


def tracked(only: str = "") -> list[str]:
    """Return the checkout's files, or those of the rooms whose path begins so."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    files = [name for name in names.stdout.splitlines() if (ROOT / name).is_file()]
    if not only:
        return files
    inside = [name for name in files if name.endswith(".py") and name.startswith(tuple(ROOMS))]
    return [name for name in inside if name.startswith(only)]


def copied(folder: Path) -> Path:
    """Copy the checkout, so that no fault is ever planted in it."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def outcome(copy: Path, room: str, seconds: float | None = None) -> str:
    """Run a room's tests in a copy until one fails; say "killed", "timeout" or "survived"."""
    files = [f"tests/test_{name}.py" for name in ROOMS[room].split()]
    command = [sys.executable, "-B", "-m", "pytest", "-qx", "-p", "no:cacheprovider", *files]
    quiet = subprocess.DEVNULL
    run = subprocess.Popen(command, cwd=copy, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        return "killed" if run.wait(seconds) else "survived"
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        return "timeout"


def patience(copy: Path, rooms: set[str]) -> dict[str, float]:
    """Run each room's tests without a fault, which must pass; return how long to wait with one."""
    allowed = {}
    for room in sorted(rooms):
        began = time.monotonic()
        if outcome(copy, room) != "survived":
            sys.exit(f"the tests of {room} fail without any fault; mend them first")
        allowed[room] = max(SHORTEST_SECONDS, PATIENCE * (time.monotonic() - began))
    return allowed


def drawn(count: int, seed: int, only: str) -> list[Mutant]:
    """Draw places, and a fault at each."""
    paths = tracked(only) if only else [p for room in ROOMS for p in tracked(room)]
    every = [place for path in paths for place in places(path)]
    dice = random.Random(seed)
    chosen = dice.sample(every, min(count, len(every)))
    print(f"{len(chosen)} of {len(every)} places, seed {seed}", flush=True)
    return [planted(*dice.choice(place)) for place in chosen]


def main() -> None:
    """Plant, count, and list what survived."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("count", nargs="?", type=int, default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("--only", default="", metavar="PATH")
    options = asked.parse_args()
    mutants = drawn(options.count, options.seed, options.only)
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for job in range(options.jobs):
            copies.put(copied(Path(folder, str(job))))
        allowed = patience(Path(folder, "0"), {room_of(mutant.path) for mutant in mutants})

        def tried(mutant: Mutant) -> str:
            copy, room = copies.get(), room_of(mutant.path)
            (copy / mutant.path).write_text(mutant.text, encoding="utf-8")
            found = outcome(copy, room, allowed[room])
            (copy / mutant.path).write_text(mutant.sound, encoding="utf-8")
            copies.put(copy)
            print(f"{found:8} {mutant}", flush=True)
            if found == "survived":
                print(mutant.difference, flush=True)
            return found

        with ThreadPoolExecutor(options.jobs) as pool:
            counts = Counter(pool.map(tried, mutants))
    killed = len(mutants) - counts["survived"]
    print(
        f"{killed} of {len(mutants)} killed ({killed / max(len(mutants), 1):.1%}): {dict(counts)}"
    )


if __name__ == "__main__":
    main()
