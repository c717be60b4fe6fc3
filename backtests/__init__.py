"""Replay monthly saving: `from backtests import run, compare, sweep, exposure, claims, Plan`.

The names are loaded when they are asked for, and nothing heavy with them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backtests.api import (
        Comparison,
        Result,
        audit,
        claims,
        compare,
        exposure,
        run,
        satellite,
        scenario,
        sweep,
    )
    from backtests.eras import Era
    from backtests.plan import Plan
    from data.language import speak

__all__ = [
    "Comparison", "Era", "Plan", "Result", "audit", "claims", "compare", "exposure", "run",
    "satellite", "scenario", "speak", "sweep",
]  # fmt: skip

_HOMES = {"Era": "backtests.eras", "Plan": "backtests.plan", "speak": "data.language"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "backtests.api")), name)
