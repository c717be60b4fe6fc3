"""Replay the AI run: `python backtests/ai_run.py`."""

import sys
from pathlib import Path

if __name__ == "__main__":  # lets the script run from a checkout without installing it
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from backtests.api import report_eras
from backtests.comparison import replay
from backtests.eras import ERAS
from backtests.plan import Plan
from data.snapshot import load
from strategies.ai_picks import AiPicks


def main() -> None:
    """Print the picks' weights at the newest bar, then the era's table, and write its report."""
    plan = Plan(name="ai-run", monthly=1000.0, eras=("ai-run",))
    picks = replay(AiPicks, ERAS["ai-run"], load("daily"), plan.terms)
    held = zip(picks.symbols, picks.weights_held()[-1], strict=True)
    print("The picks now:", ", ".join(f"{symbol} {weight:.0%}" for symbol, weight in held), "\n")
    report_eras(plan)


if __name__ == "__main__":
    main()
