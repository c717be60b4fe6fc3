"""Find the strategies of this folder by file name: `ai_picks.py` holds `ai-picks`."""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from data.errors import UnknownName

if TYPE_CHECKING:
    from strategies.base import DcaStrategy

_NOT_STRATEGIES = {"base", "finding", "rules"}


def names() -> list[str]:
    """List the strategies' names without loading any of them."""
    import strategies

    found = (module.name for module in iter_modules(strategies.__path__))
    return sorted(name.replace("_", "-") for name in found if name not in _NOT_STRATEGIES)


def strategy(name: str) -> "type[DcaStrategy]":
    """Load the strategy called `name`."""
    if name not in names():
        raise UnknownName("strategy", name, names())
    module = import_module(f"strategies.{name.replace('-', '_')}")
    found: type[DcaStrategy] = next(
        thing for thing in vars(module).values() if getattr(thing, "name", None) == name
    )
    return found
