"""Replay the dot-com period: `python backtests/dotcom.py`."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from backtests import Plan, compare, run, speak
from data.language import meant, tr


def main() -> None:
    """Print one figure by hand, then the era's table, and write its report."""
    speak(meant(os.environ.get("DCA_LANG", "")) or "en")
    plan = Plan(name="dotcom", monthly=1000.0, eras=("dotcom", "dotcom-peak"))
    saver = run("index-fund", era="dotcom")
    worst = f"{saver.shortfall.min():.1%}"
    print(tr("The index saver's worst day against money put in: {loss}", loss=worst) + "\n")
    compared = compare(plan)
    compared.show()
    print("\n" + tr("Report: {file}", file=compared.write()))


if __name__ == "__main__":
    main()
