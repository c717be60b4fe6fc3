"""Measure everything side by side in one run; print tables and write docs/benchmarks.md."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The script's own folder is where Python looks first; the packages lie beside it.
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402 - after the path is set

from benchmarks import bootstrap, environments, falls, machine, processes, saved, single, sweep  # noqa: E402
from benchmarks.tables import Bar, Section, Table, bars_table  # noqa: E402
from benchmarks.workers import own, running  # noqa: E402

PAGE = ROOT / "docs" / "benchmarks.md"
PARTS = ("single", "falls", "sweep", "bootstrap", "growth", "processes", "saved")
INTRODUCTION = """\
# Benchmarks

`make bench` writes this page: every engine in a process of its own, taking turns, so that a noisy
moment falls on all of them; medians, and ratios round by round. Prices are synthetic (seeded random
walks on weekdays); `benchmarks/` has the code, `benchmarks/peers/` one script an engine.
"""


def main() -> int:
    """Run what is asked; exit 1 where a promise that was measured is missed."""
    options = _options()
    console = Console(width=150)
    load = machine.load()
    found: list[Section] = []
    for section in measured(options.parts, options.quick, console):
        found.append(section)
        for table in section.tables:
            table.show(console)
    promises = [bar for section in found for bar in section.bars]
    summary = bars_table(promises)
    summary.show(console)
    if set(options.parts) == set(PARTS) and not options.quick:
        PAGE.write_text(page([summary, *_tables(found)], load), encoding="utf-8")
        console.print(f"written: {PAGE.relative_to(ROOT)}")
    return int(any(_missed(bar) for bar in promises))


def measured(parts: list[str], quick: bool, console: Console) -> Iterator[Section]:
    """Measure part by part."""
    rounds = 1 if quick else 3
    names = ("vectorbt",) if quick else environments.PEERS
    asked = {name: environments.peer(name) for name in names if _needs_peers(parts)}
    workers = {"own": own(), "naive": environments.naive()}
    with running(workers | asked), tempfile.TemporaryDirectory() as name:
        mine, naive, folder = workers["own"], workers["naive"], Path(name)
        with console.status("measuring"):
            if "single" in parts:
                yield single.measure(mine, naive, asked, folder, rounds)
            if "falls" in parts:
                everyone = {single.NAIVE: naive, single.OWN: mine, **asked}
                yield falls.measure(everyone, folder)
            if "sweep" in parts:
                yield sweep.measure(mine, naive, asked, folder, 12 * rounds)
            if "bootstrap" in parts:
                yield bootstrap.measure(mine, 2 * rounds + 1, 100_000 if quick else 1_000_000)
            if "growth" in parts:
                section = single.growth(mine, folder, rounds)
                section.tables[0].rows.append(bootstrap.growth(mine, rounds))
                yield section
            if "processes" in parts:
                yield processes.measure(folder, 2 * rounds - 1)
            if "saved" in parts:
                yield saved.measure(folder, 100_000 if quick else 1_000_000)


def page(tables: list[Table], load: str) -> str:
    """Return docs/benchmarks.md."""
    about = "\n".join(f"- {sentence}" for sentence in [*machine.sentences(), load])
    return "\n".join([INTRODUCTION, about, "", *(table.markdown() for table in tables)])


def _needs_peers(parts: list[str]) -> bool:
    return bool({"single", "falls", "sweep"} & set(parts))


def _tables(sections: list[Section]) -> Iterator[Table]:
    return (table for section in sections for table in section.tables)


def _missed(bar: Bar) -> bool:
    return bar.found is not None and not bar.met


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, one peer, no page")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; choose of {', '.join(PARTS)}")
    options.parts = options.parts or list(PARTS)
    return options


if __name__ == "__main__":
    sys.exit(main())
