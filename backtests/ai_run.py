"""Replay the AI run: `python backtests/ai_run.py`."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from backtests import Plan, compare, run, speak
from data.language import meant, tr


def main() -> None:
    """Print the picks' weights at the newest bar, then the era's table, and write its report."""
    speak(meant(os.environ.get("DCA_LANG", "")) or "en")
    picks = run("ai-picks", era="ai-run")
    held = zip(picks.symbols, picks.weights_held()[-1], strict=True)
    weights = ", ".join(f"{symbol} {weight:.0%}" for symbol, weight in held)
    print(tr("The picks now: {weights}", weights=weights), "\n")
    compared = compare(Plan(name="ai-run", eras=("ai-run",)))
    compared.show()
    print("\n" + tr("Report: {file}", file=compared.write()))


if __name__ == "__main__":
    main()
