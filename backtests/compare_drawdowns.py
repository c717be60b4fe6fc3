"""Set the drawdowns of both eras side by side: `python backtests/compare_drawdowns.py`."""

import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from backtests import Plan, compare


def main() -> None:
    """Print each strategy's deepest falls by era, then the tables, and write the report."""
    compared = compare(Plan(name="compare-drawdowns", eras=("dotcom", "ai-run")))
    for result in compared.results:
        deepest = result.course.drawdowns[:3]
        falls = ", ".join(f"{fall.depth:.1%} from {fall.peak}" for fall in deepest)
        print(f"{result.era.name:8} {result.strategy:12} {falls}")
    compared.show()
    print(f"\nReport: {compared.write()}")


if __name__ == "__main__":
    main()
