"""Plant faults one at a time and list those that no test sees: mutation testing by cosmic-ray.

mutants.py [COUNT] [--seed N] [--jobs N] [--only PATH]

COUNT places of the arithmetic are drawn, and one fault at each; the tests run in a copy of the
checkout until one fails. Whatever still passes is shown with its difference. No fault is planted in
types and in what an error says. What equivalent.toml lists changes no figure and is counted apart;
the exit code is 1 if a test does see it, or if the line is there no more.

A place's chance hangs on its own line alone, so that a change elsewhere draws the same ones.
"""

import argparse
import ast
import difflib
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib.util import cache_from_source
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from witnesses import FORK, Witnesses, watched

ROOT = Path(__file__).resolve().parents[2]
LISTED = Path(__file__).with_name("equivalent.toml")
PLANTED = (
    "data/window.py",
    "strategies/dca/",
    "backtests/measures/",
    "backtests/engine.py",
    "backtests/vectorized/",
)
TESTS = (
    "window engine vectorized calendars trading schedule base paying_in plan mixes costs styles "
    "contracts parts quits measures bootstrap periods real scenario invariants terms discovery"
)
BITS = ("BitAnd", "BitOr", "BitXor", "Invert")


@dataclass(frozen=True)
class Place:
    """Where a fault can be planted, and the operators and occurrences that plant one there."""

    path: str
    line: int
    column: int
    text: str
    faults: tuple[tuple[str, int], ...]

    def dice(self, seed: str) -> random.Random:
        return random.Random(f"{seed} {self.path} {self.column} {self.text}")

    def mutant(self, seed: int) -> "Mutant":
        """Plant one of the faults."""
        name, occurrence = self.dice(f"fault {seed}").choice(self.faults)
        sound = (ROOT / self.path).read_text(encoding="utf-8")
        text = mutate_code(sound, get_operator(name)(), occurrence)
        return Mutant(self.path, self.line, name.rpartition("/")[2], sound, text)


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

    @cached_property
    def changed(self) -> list[str]:
        """The lines of the fault's diff."""
        sound, text = self.sound.splitlines(), self.text.splitlines()
        return list(difflib.unified_diff(sound, text, lineterm="", n=1))[2:]

    @property
    def key(self) -> tuple[str, str, str]:
        """What equivalent.toml knows it by: the file, what is there, and what comes instead."""
        was, becomes = (
            "\n".join(line[1:].strip() for line in self.changed if line[0] == sign and line[1:])
            for sign in "-+"
        )
        return self.path, was, becomes

    @property
    def lines(self) -> range:
        """From where the statement begins to the fault's line."""
        statements = (
            node for node in ast.walk(ast.parse(self.sound)) if isinstance(node, ast.stmt)
        )
        around = (s.lineno for s in statements if s.lineno <= self.line <= (s.end_lineno or 0))
        return range(max(around, default=self.line), self.line + 1)


def places(path: str) -> list[Place]:
    """Return where faults can be planted in a file."""
    source = (ROOT / path).read_text(encoding="utf-8")
    tree, spared, found = get_ast(source), silent(source), {}
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments() or not telling(name):
            continue
        spots = (spot for node in ast_nodes(tree) for spot in kind().mutation_positions(node))
        for occurrence, (start, _) in enumerate(spots):
            if not any(first <= start < last for first, last in spared):
                found.setdefault(start, []).append((name, occurrence))
    lines = source.splitlines()
    return [
        Place(path, line, column, lines[line - 1].strip(), tuple(faults))
        for (line, column), faults in found.items()
    ]


def telling(operator: str) -> bool:
    """Leave out what no number can be put through, as 1.5 ^ 2.0: any test at all sees it."""
    was, becomes = ("", *operator.split("_"))[-2:]
    return not becomes.endswith("Shift") and (was == "Delete" or (was in BITS) == (becomes in BITS))


def silent(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where types stand, or what an error says."""
    spared: list[ast.AST | None] = []
    for node in ast.walk(ast.parse(source)):
        spared += [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            spared += node.exc.args
    return [
        ((t.lineno, t.col_offset), (t.end_lineno, t.end_col_offset))
        for t in spared
        if isinstance(t, ast.expr)
    ]


def tracked(only: str = "") -> list[str]:
    """Return the checkout's files, or those of the rooms whose path begins so."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    files = [name for name in names.stdout.splitlines() if (ROOT / name).is_file()]
    if not only:
        return files
    inside = [name for name in files if name.endswith(".py") and name.startswith(PLANTED)]
    return [name for name in inside if name.startswith(only)]


def copied(folder: Path) -> Path:
    """Copy the checkout, so that no fault is ever planted in it."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def drawn(count: int, seed: int, only: str) -> list[Mutant]:
    """Draw places, and a fault at each, in the order of their files."""
    paths = tracked(only) if only else [path for name in PLANTED for path in tracked(name)]
    every = [place for path in paths for place in places(path)]
    ranked = sorted(every, key=lambda place: place.dice(f"place {seed}").random())
    chosen = ranked[:count]
    print(f"{len(chosen)} of {len(every)} places, seed {seed}", flush=True)
    return [place.mutant(seed) for place in sorted(chosen, key=every.index)]


def equivalent() -> dict[tuple[str, str, str], str]:
    """Return the listed faults that change no figure, each with its reason."""
    listed = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    return {
        (path, fault["was"], fault.get("becomes", "")): fault["why"]
        for path, faults in listed.items()
        for fault in faults
    }


def gone(listed: dict[tuple[str, str, str], str]) -> list[str]:
    """Return the listed lines that are no longer in their file."""
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path, _, _ in listed}
    return [f"{path}: {was}" for path, was, _ in listed if was not in texts[path]]


def tried(copy: Path, witnesses: Witnesses, mutants: list[Mutant]) -> list[str]:
    """Plant each fault in a copy; return the test that saw it, "" where none did."""
    listed = equivalent()
    return [seen_by(copy, witnesses, mutant, mutant.key not in listed) for mutant in mutants]


def seen_by(copy: Path, witnesses: Witnesses, mutant: Mutant, far: bool) -> str:
    file = copy / mutant.path
    Path(cache_from_source(file)).unlink(missing_ok=True)
    file.write_text(mutant.text, encoding="utf-8")
    killer = witnesses.killer(copy, mutant.path, mutant.lines, far)
    file.write_text(mutant.sound, encoding="utf-8")
    shown = f"killed by {killer}" if killer else "\n".join(["survived", *mutant.changed])
    print(f"{mutant} {shown}", flush=True)
    return killer


def outcomes(mutants: list[Mutant], jobs: int) -> Iterator[tuple[Mutant, str]]:
    """Try all faults, some in each of `jobs` copies; return how each went."""
    listed, kinds = equivalent(), {True: "property test", False: "plain test"}
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(jobs, FORK) as pool:
        first = copied(Path(folder, "0"))
        files = [f"tests/test_{name}.py" for name in TESTS.split()]
        witnesses = watched(first, sorted({mutant.path for mutant in mutants}), files)
        draws = {test.name: test.draws for test in witnesses.tests}
        copies = [first, *(shutil.copytree(first, Path(folder, str(n))) for n in range(1, jobs))]
        shares = [mutants[job::jobs] for job in range(jobs)]
        for share, killers in zip(
            shares, pool.map(tried, copies, [witnesses] * jobs, shares), strict=True
        ):
            for mutant, killer in zip(share, killers, strict=True):
                if killer:
                    yield mutant, kinds[draws.get(killer, False)]
                else:
                    yield mutant, "listed" if mutant.key in listed else "survived"


def main() -> None:
    """Plant, count, and list what survived."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("count", nargs="?", type=int, default=500)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("--only", default="", metavar="PATH")
    options = asked.parse_args()
    mutants = drawn(options.count, options.seed, options.only)
    listed = equivalent()
    wrong = [f"not there: {fault}" for fault in gone(listed)]
    counts: Counter[str] = Counter()
    for mutant, outcome in outcomes(mutants, options.jobs):
        counts[outcome] += 1
        if outcome.endswith("test") and mutant.key in listed:
            wrong.append(f"listed as equivalent, but a test sees it: {mutant}")
    killed = counts["plain test"] + counts["property test"]
    of = killed + counts["survived"]
    print(
        f"{killed} of {of} killed ({killed / max(of, 1):.1%}), "
        f"{counts['property test']} of them by property tests alone; "
        f"{counts['survived']} survived; {counts['listed']} more change no figure"
    )
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
