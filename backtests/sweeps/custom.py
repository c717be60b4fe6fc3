"""Load a strategy of the user's own: a class in a file, or in a module that can be imported."""

import inspect
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from importlib.abc import ExecutionLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import FrameType, ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from backtests.comparison import StrategyClass
from data.errors import BadPlan, DcaError, RunFailed, UnknownName, one_line, printable
from data.files.raw import file_bytes
from data.language import say
from data.notes import of
from data.shape import refusal
from strategies.dca.base import DcaStrategy
from strategies.dca.discovery import misspelt

_LARGEST_FILE = 1_000_000
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class _Stated(BaseModel, strict=True):
    """What a strategy class states of itself."""

    name: str
    title: str
    label: str
    weights: Mapping[str, float]
    rebalance: str
    late_listings: bool
    every_bar: bool


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

    def load(self) -> StrategyClass:
        """Run the file and return its class; raises BadPlan, or RunFailed for what it raises."""
        with blaming(), _loading(self.module):
            module = _module(self) if self.text else import_module(self.module)
        found = {n: c for n, c in vars(module).items() if inspect.isclass(c)}
        if self.name not in found:
            raise UnknownName(say("class in {module}", module=self.module), self.name, found)
        kind = found[self.name]
        if not issubclass(kind, DcaStrategy):
            raise BadPlan(
                say(
                    "{name} is no DcaStrategy; derive it from strategies.dca.base.DcaStrategy",
                    name=self.name,
                )
            )
        try:
            _Stated.model_validate({name: getattr(kind, name) for name in _Stated.model_fields})
        except ValidationError as error:
            raise BadPlan(of(self.name, refusal(error, _Stated))) from error
        _check_calls(self.name, kind)
        if not kind.weights:
            raise BadPlan(holds_nothing(self.name))
        if not kind.name:
            kind.name = self.name
        if not kind.name.isprintable():
            raise BadPlan(
                say("{name} has a name that is not one line; give it a plain one", name=self.name)
            )
        return kind


def holds_nothing(name: str) -> str:
    """Say of a strategy that it names no symbols."""
    return say("{name} names no symbols; give it weights = {{'SP500': 1.0}}", name=name)


def _check_calls(name: str, kind: StrategyClass) -> None:
    """Refuse what decides in code and does not take what the base hands it."""
    for method, given in (("targets", ()), ("paid_in", (0.0, 0.0))):
        found = inspect.getattr_static(kind, method)
        if not inspect.isfunction(found):
            continue
        try:
            inspect.signature(found).bind(kind, *given)
        except TypeError as error:
            wanted = inspect.signature(getattr(DcaStrategy, method))
            raise BadPlan(
                say(
                    "{name}: {why}; write def {method}",
                    name=name,
                    why=str(error),
                    method=f"{method}{wanted}",
                )
            ) from error


def read_own(spec: str) -> Own:
    """Read `path/to/file.py:Class` or `module:Class`."""
    where, colon, name = spec.rpartition(":")
    if (
        not colon
        or not _DOTTED.fullmatch(name)
        or not (where.endswith(".py") or _DOTTED.fullmatch(where))
    ):
        raise BadPlan(
            say(
                "own is {spec!r}; write path/to/file.py:Class or module:Class",
                spec=printable(spec),
            )
        )
    if not where.endswith(".py"):
        return Own(where, name)
    path = Path(where)
    try:
        text = file_bytes(path, _LARGEST_FILE, say("a Python file")).decode()
    except UnicodeDecodeError as error:
        raise BadPlan(
            say("{file} is not UTF-8 text; save it as UTF-8", file=printable(where, 200))
        ) from error
    return Own(path.name, name, text)


@contextmanager
def blaming() -> Iterator[None]:
    """Turn an error inside a strategy of the user's own into one line with its file and line."""
    try:
        yield
    except DcaError:
        raise
    except (Exception, SystemExit) as error:
        steps = [step for step in walk_tb(error.__traceback__) if _is_own(step[0])]
        if not steps:
            raise
        frame, line = steps[-1]
        file = Path(frame.f_code.co_filename).name
        raise RunFailed(misspelt(file, line, one_line(error))) from error


@contextmanager
def watching(module: str = "") -> Iterator[list[str]]:
    """List what strategies of the user's own, or of a module, open to read themselves meanwhile.

    What they import is not listed, nor what another module of theirs opens while it is imported.
    """
    if not _LISTENING:
        # A hook stays for good; without a watch it hears of nothing.
        sys.addaudithook(_hear)
        _LISTENING.append(True)
    watch: tuple[str, list[str]] = (module, [])
    _WATCHES.append(watch)
    try:
        yield watch[1]
    finally:
        _WATCHES.remove(watch)


_LISTENING: list[bool] = []
_WATCHES: list[tuple[str, list[str]]] = []
# Where an event says what is opened.
_OPENED = {"open": 0, "socket.connect": 1, "subprocess.Popen": 0}
# Below these nothing is a strategy's own doing: imports, and what the engine does for itself.
_NOT_THEIRS = ("importlib._bootstrap", "_frozen_importlib", "backtests.engine")
# Where libraries ask how many processors there are.
_SYSTEM = ("/proc/", "/sys/", "/dev/")


def _hear(event: str, details: tuple[Any, ...]) -> None:
    """Note what is opened below a frame of a strategy, unless Python opens it to import it."""
    what = _opened(event, details) if _WATCHES and event in _OPENED else ""
    if not what:
        return
    for frame, _ in walk_stack(inspect.currentframe()):
        name = str(frame.f_globals.get("__name__"))
        heard = [opened for module, opened in _WATCHES if name == module or _is_own(frame)]
        for opened in heard:
            opened.append(what)
        if heard or name.startswith(_NOT_THEIRS):
            return


def _opened(event: str, details: tuple[Any, ...]) -> str:
    """Name what is opened to be read; nothing for what is written, or open already."""
    what = details[_OPENED[event]]
    if event != "open":
        return printable(str(what), 80)
    if isinstance(what, int) or str(details[1] or "r")[0] != "r":
        return ""
    path = os.fsdecode(what)
    return "" if path.startswith(_SYSTEM) else printable(Path(path).name, 80)


# The modules that strategies of the user's own come from.
_MODULES: set[str] = set()


def _is_own(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__") in _MODULES


@contextmanager
def _loading(module: str) -> Iterator[None]:
    """Refuse in one line a module that is not there or cannot be read as Python."""
    _MODULES.add(module)
    try:
        yield
    except SyntaxError as error:
        file = Path(error.filename or module).name
        raise BadPlan(misspelt(file, error.lineno, error.msg)) from error
    except (MemoryError, RecursionError, ValueError) as error:
        if any(_is_own(frame) for frame, _ in walk_tb(error.__traceback__)):
            raise
        # What is nested too deeply, or holds a NUL byte, is no SyntaxError.
        raise BadPlan(
            say("{module} cannot be read as Python; correct it", module=printable(module))
        ) from error
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise BadPlan(
            say(
                "there is no module {module}; install it, or write path/to/file.py:Class",
                module=printable(module),
            )
        ) from error


class _Text(ExecutionLoader):
    """Import a module from its text."""

    def __init__(self, own: Own) -> None:
        self._own = own

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002 - the loader's own signature
        return self._own.module

    def get_source(self, fullname: str) -> str:  # noqa: ARG002 - likewise
        return self._own.text


def _module(own: Own) -> ModuleType:
    """Return the file as a module under a name that nothing else has; it runs once."""
    name = f"dca_own_{own.sha256[:16]}"
    if name not in sys.modules:
        loader = _Text(own)
        module = module_from_spec(ModuleSpec(name, loader, origin=own.module))
        _MODULES.add(name)
        # Backtrader looks a strategy's module up by name while its class is being made.
        sys.modules[name] = module
        try:
            loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
