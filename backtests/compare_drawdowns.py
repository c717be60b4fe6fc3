"""Set the drawdowns of both eras side by side: `python backtests/compare_drawdowns.py`."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from backtests import Plan, compare, speak
from data.language import meant, tr


def main() -> None:
    """Print each strategy's deepest falls by era, then the tables, and write the report."""
    speak(meant(os.environ.get("DCA_LANG", "")) or "en")
    compared = compare(Plan(name="compare-drawdowns", eras=("dotcom", "ai-run")))
    for result in compared.results:
        deepest = result.course.drawdowns[:3]
        said = (tr("{depth} from {day}", depth=f"{f.depth:.1%}", day=f.peak) for f in deepest)
        falls = ", ".join(said)
        print(f"{result.era.name:8} {result.strategy:12} {falls}")
    compared.show()
    print("\n" + tr("Report: {file}", file=compared.write()))


if __name__ == "__main__":
    main()
