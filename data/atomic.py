"""Write a file whole or not at all, whatever kills the process or fills the disk."""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

_TEMPORARY = ".tmp-"
_ORPHAN_SECONDS = 3600.0


def write(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step; raises OSError and leaves the old file."""
    temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        # After a success there is nothing to remove; after a failure the litter goes.
        with suppress(OSError):
            temporary.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` outlive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path, now: float | None = None) -> int:
    """Remove temporary files that a killed process left an hour ago or more; return how many."""
    limit = (time.time() if now is None else now) - _ORPHAN_SECONDS
    swept = 0
    for orphan in folder.glob(f"{_TEMPORARY}*"):
        # Another process may sweep at the same time; whoever comes second finds nothing.
        with suppress(OSError):
            if orphan.stat().st_mtime < limit:
                orphan.unlink()
                swept += 1
    return swept
