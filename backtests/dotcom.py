"""Replay the dot-com period: `python backtests/dotcom.py`."""

import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from backtests import Plan, compare, run


def main() -> None:
    """Print one figure by hand, then the era's table, and write its report."""
    plan = Plan(name="dotcom", monthly=1000.0, eras=("dotcom", "dotcom-peak"))
    saver = run("index-fund", era="dotcom")
    print(f"The index saver's worst day against money put in: {saver.shortfall.min():.1%}\n")
    compared = compare(plan)
    compared.show()
    print(f"\nReport: {compared.write()}")


if __name__ == "__main__":
    main()
