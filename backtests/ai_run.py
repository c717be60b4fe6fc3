"""Replay the AI run: `python backtests/ai_run.py`."""

import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from backtests import Plan, compare, run


def main() -> None:
    """Print the picks' weights at the newest bar, then the era's table, and write its report."""
    picks = run("ai-picks", era="ai-run")
    held = zip(picks.symbols, picks.weights_held()[-1], strict=True)
    print("The picks now:", ", ".join(f"{symbol} {weight:.0%}" for symbol, weight in held), "\n")
    compared = compare(Plan(name="ai-run", eras=("ai-run",)))
    compared.show()
    print(f"\nReport: {compared.write()}")


if __name__ == "__main__":
    main()
