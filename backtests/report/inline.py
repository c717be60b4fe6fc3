"""Join the page's modules into the one script that it carries."""

import re
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files

# What a page does not need: how a module speaks to the next, and what is said for who changes it.
_IMPORT = re.compile(r'^import\s.*?from "\./(\w+)\.js";\n', re.MULTILINE | re.DOTALL)
_SAID = re.compile(r"^\s*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export ", re.MULTILINE)


@cache
def script() -> str:
    """Return the modules of `script/` in one function, each after those it imports."""
    folder = files("backtests.report").joinpath("script")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".js"))
    modules = {n.removesuffix(".js"): folder.joinpath(n).read_text("utf-8") for n in names}
    order = TopologicalSorter({name: _IMPORT.findall(text) for name, text in modules.items()})
    joined = "".join(_bare(modules[name]) for name in order.static_order())
    return f'(() => {{\n"use strict";\n{joined}}})();'


def _bare(module: str) -> str:
    return _EXPORT.sub("", _SAID.sub("", _IMPORT.sub("", module)))
