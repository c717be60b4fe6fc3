"""Load a strategy of the user's own: a class in a file, or in a module that can be imported."""

import inspect
import sys
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from importlib.abc import InspectLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

from backtests.engine import Kind
from data.errors import BadPlan, UnknownName
from strategies.dca.base import DcaStrategy

_LARGEST_FILE = 1_000_000


@dataclass(frozen=True)
class Own:
    """A class by name, with the text of its file: what is sent to other processes and machines.

    No text: the class is in a module that must be installed wherever it runs.
    """

    module: str
    name: str
    text: str = ""

    @property
    def sha256(self) -> str:
        """Hash what runs."""
        return sha256(f"{self.module}:{self.name}\n{self.text}".encode()).hexdigest()

    def load(self) -> Kind:
        """Run the file and return its class; what the file raises is raised."""
        module = _module(self) if self.text else import_module(self.module)
        found = {n: c for n, c in vars(module).items() if inspect.isclass(c)}
        if self.name not in found:
            raise UnknownName(f"class in {self.module}", self.name, found)
        kind = found[self.name]
        if not issubclass(kind, DcaStrategy):
            raise BadPlan(
                f"{self.name} is no DcaStrategy; derive it from strategies.dca.base.DcaStrategy"
            )
        if not kind.weights:
            raise BadPlan(f"{self.name} names no symbols; give it weights = {{'SP500': 1.0}}")
        if not kind.name:
            kind.name = self.name
        if not kind.name.isprintable():
            raise BadPlan(f"{self.name} has a name that is not one line; give it a plain one")
        return kind


def read_own(spec: str) -> Own:
    """Read `path/to/file.py:Class` or `module:Class`."""
    where, colon, name = spec.rpartition(":")
    if not colon or not where or not name.isidentifier():
        raise BadPlan(f"own is {spec!r}; write path/to/file.py:Class or module:Class")
    if not where.endswith(".py"):
        return Own(where, name)
    path = Path(where)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise BadPlan(f"{path} is larger than a strategy can be ({_LARGEST_FILE:,} bytes)")
        return Own(path.name, name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadPlan(f"cannot read {path}: {error}") from error


class _Text(InspectLoader):
    """Import a module from its text."""

    def __init__(self, own: Own) -> None:
        self._own = own

    def get_source(self, fullname: str) -> str:  # noqa: ARG002 - the loader's own signature
        return self._own.text

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002 - likewise
        return False


def _module(own: Own) -> ModuleType:
    """Return the file as a module under a name that nothing else has; it runs once."""
    name = f"dca_own_{own.sha256[:16]}"
    if name not in sys.modules:
        spec = spec_from_loader(name, _Text(own), origin=own.module)
        if spec is None or spec.loader is None:
            raise BadPlan(f"{own.module} cannot be loaded")
        module = module_from_spec(spec)
        # Backtrader looks a strategy's module up by name while its class is being made.
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
