"""Load matplotlib as it comes, whatever the folder, shell or user it is run in has set.

A matplotlibrc that is not UTF-8 or an unknown MPLBACKEND makes the import itself fail.
"""

import os
import sys
from contextlib import chdir, suppress
from importlib.metadata import distribution


def _load() -> None:
    backend = os.environ.pop("MPLBACKEND", None)
    # A matplotlibrc is looked for in the current folder first, and this one has the library's.
    with chdir(str(distribution("matplotlib").locate_file("matplotlib/mpl-data"))):
        import matplotlib as mpl
    if backend:
        os.environ["MPLBACKEND"] = backend
        # A notebook names its own for what the user draws later.
        with suppress(ValueError):
            mpl.rcParams["backend"] = backend


if "matplotlib" not in sys.modules:
    _load()
