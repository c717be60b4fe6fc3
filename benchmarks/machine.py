"""Say on what machine and when something was measured."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("backtrader", "numpy", "pandas", "matplotlib")


def sentences() -> list[str]:
    """Return date, machine and versions, a sentence each."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"Measured on {datetime.now(UTC):%Y-%m-%d} (UTC).",
        f"{cores()} CPU cores ({processor()}), {memory()}, {platform.system()}, "
        f"Python {platform.python_version()}.",
        f"{versions}.",
    ]


def load() -> str:
    """Say how busy the machine was beside the benchmark, where the system tells."""
    if not hasattr(os, "getloadavg"):
        return "Load of the machine unknown."
    return f"Load of the machine over the minute before the start: {os.getloadavg()[0]:.1f}."


def cores() -> int:
    """Count the cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else (os.cpu_count() or 1)


def processor() -> str:
    """Return the processor's name where the system tells it."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory() -> str:
    """Return the size of the memory where the system tells it."""
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names:
        return "memory unknown"
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB of memory"
