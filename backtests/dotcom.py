"""Replay the dot-com period: `python backtests/dotcom.py`."""

import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from backtests.api import report_eras
from backtests.comparison import replay
from backtests.eras import ERAS
from backtests.plan import Plan
from data.snapshot import load
from strategies.index_fund import IndexFund


def main() -> None:
    """Print one figure by hand, then the era's table, and write its report."""
    plan = Plan(name="dotcom", monthly=1000.0, eras=("dotcom", "dotcom-peak"))
    saver = replay(IndexFund, ERAS["dotcom"], load("daily"), plan.terms)
    print(f"The index saver's worst day against money put in: {saver.shortfall.min():.1%}\n")
    report_eras(plan)


if __name__ == "__main__":
    main()
