"""Hold a list of runs to the bytes they gave before: a net under every change of structure.

kept_bytes.py             compare with tests/golden/kept_bytes.json; exit 1 at a difference
kept_bytes.py --record    write that file anew, after a change that is meant
kept_bytes.py --keep DIR  also leave the runs' files in DIR, to see which digit moved
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "kept_bytes.json"
_MIX = "--weights SP500=0.4,BOND=0.3,GOLD=0.15,REIT=0.15 --from 1996-06-03 --to 2007-12-31"
RUNS = {
    "compare": "compare",
    "compare-monthly-fees": "compare --bars monthly --fee-bps 10",
    "compare-whole-next": "compare --whole-shares --fill next",
    "run-annual": f"run {_MIX} --rebalance annual --fee-bps 20 --fee-per-order 2",
    "run-contribute": f"run {_MIX} --rebalance contribute",
    "run-band": f"run {_MIX} --rebalance band:0.03 --fee-bps 5",
    "run-late": "run --weights MSFT=0.4,AMZN=0.3,NVDA=0.3 --from 1996-06-03 --to 2007-12-31 "
    "--late-listings --initial 5000",
    "scenario-quits": "scenario --depth 0.7 --quit-at 0.2 --return-after 12",
    "sweep-windows": "sweep --years 10 --years 15 --strategy index-fund --strategy diversified "
    "--strategy lump-sum --fee-bps 0 --fee-bps 20",
    "sweep-rules": "sweep --bars monthly --from 1996-06 --to 2012-12 --weights SP500=0.6,BOND=0.4 "
    "--rebalance annual --rebalance band:0.05 --rebalance contribute",
    "sweep-bootstrap": "sweep --bootstrap 7000 --years 12 --strategy index-fund "
    "--strategy diversified",
}
# The pages and pictures may change; what they stand on may not.
KEPT = ("results.json", "calendar.csv", "summary.json", "rows.csv", "ledgers/*.csv")


def hashes(name: str, where: Path) -> dict[str, str]:
    """Run one command of the list in `where`; return the hash of every file that is kept."""
    folder = where / name
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "backtests.cli", *RUNS[name].split(), "--out", str(folder)]
    subprocess.run(command, cwd=where, env=environment, check=True, stdout=subprocess.DEVNULL)
    found = sorted(path for pattern in KEPT for path in folder.glob(pattern))
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in found}


def differences(name: str, where: Path) -> list[str]:
    """Name the files of a run that are not what they were."""
    wanted: dict[str, str] = json.loads(GOLDEN.read_text())[name]
    came = hashes(name, where)
    return sorted(f for f in {*wanted, *came} if wanted.get(f) != came.get(f))


def main() -> int:
    """Compare or record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("runs", nargs="*", choices=[[], *RUNS])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        where = given.keep.resolve() if given.keep else Path(scratch)
        where.mkdir(parents=True, exist_ok=True)
        names = given.runs or list(RUNS)
        if given.record:
            kept = {name: hashes(name, where) for name in names}
            GOLDEN.parent.mkdir(exist_ok=True)
            GOLDEN.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
            return 0
        apart = [f"{name}: {file}" for name in names for file in differences(name, where)]
    print("\n".join(apart) if apart else f"{len(names)} runs, every byte as it was")
    return bool(apart)


if __name__ == "__main__":
    sys.exit(main())
