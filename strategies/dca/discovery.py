"""Find the strategies: a file `ai_picks.py` of this folder that declares a class `ai-picks`."""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from data.errors import BadInput, UnknownName
from data.language import say

if TYPE_CHECKING:
    from strategies.dca.base import DcaStrategy


def names() -> list[str]:
    """List the strategies' names without loading any of them; other files are passed over."""
    import strategies

    files = [Path(where) / f"{m.name}.py" for where in strategies.__path__
             for m in iter_modules([where]) if not m.ispkg]  # fmt: skip
    return sorted(_slug(file) for file in files if _declares(file, file.stat().st_mtime_ns))


def strategy(name: str) -> "type[DcaStrategy]":
    """Load the strategy called `name`; raises UnknownName."""
    known = names()
    if name not in known:
        raise UnknownName(say("strategy"), name, known)
    from strategies.dca.base import DcaStrategy

    module = import_module(f"strategies.{name.replace('-', '_')}")
    classes = (thing for thing in vars(module).values() if isinstance(thing, type))
    return next(c for c in classes if issubclass(c, DcaStrategy) and c.name == name)


def misspelt(file: str, line: int | None, why: str) -> str:
    """Say where a file of Python is wrong."""
    return say("{file}, line {line}: {why}; correct it", file=file, line=line, why=why)


def _slug(file: Path) -> str:
    return file.stem.replace("_", "-")


@cache
def _declares(file: Path, _written: int) -> bool:
    """Say whether a file has a class that states the file's own name as its `name`."""
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except SyntaxError as error:
        raise BadInput(misspelt(file.name, error.lineno, error.msg)) from error
    wanted = _slug(file)
    stated = (
        line.value
        for body in tree.body
        if isinstance(body, ast.ClassDef)
        for line in body.body
        if isinstance(line, ast.Assign | ast.AnnAssign) and _target(line) == "name"
    )
    return any(isinstance(v, ast.Constant) and v.value == wanted for v in stated)


def _target(line: ast.Assign | ast.AnnAssign) -> str:
    targets = line.targets if isinstance(line, ast.Assign) else [line.target]
    return targets[0].id if isinstance(targets[0], ast.Name) else ""
