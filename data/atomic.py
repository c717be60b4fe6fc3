"""Write files and folders whole or not at all, whatever kills the process or fills the disk.

A folder is built beside its place, under a name nobody can guess, and exchanged for what is there
in one step. What a killed run left beside it is removed by the next run into the same folder.
"""

import ctypes
import os
import secrets
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

from data.errors import BadFolder, printable, why
from data.language import say

if TYPE_CHECKING:
    from filelock import BaseFileLock

# A lock that is being removed is free a moment later; one that is held stays so.
_LOCK_SECONDS = 0.2
_OLD = ".old"
_AT_CWD = -100
_EXCHANGE = 2


def write(path: Path, content: bytes, new: bool = False) -> None:
    """Replace `path` by `content` in one step; raises OSError and leaves the old file.

    A `new` file takes no other's place.
    """
    temporary = _beside(path, f"-{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        (os.link if new else os.replace)(temporary, path)
    finally:
        # After a success there is nothing to remove; after a failure the litter goes.
        with suppress(OSError):
            temporary.unlink()
    _sync_folder(path.parent)


def clear_litter(place: Path) -> None:
    """Remove what dead runs left beside `place`, or put it back if it is the only copy.

    Only for who keeps all others from writing `place`.
    """
    for litter in place.parent.glob(f"{_beside(place, '-').name}*"):
        if litter.name.endswith(_OLD) and not place.exists():
            litter.rename(place)
        elif litter.is_dir():
            shutil.rmtree(litter, ignore_errors=True)
        else:
            litter.unlink(missing_ok=True)


@contextmanager
def replacing(folder: Path, ours: Sequence[str]) -> Iterator[Path]:
    """Give an empty folder that takes the place of `folder` at the end, or leaves no trace.

    `ours` are patterns of the files that may be replaced, as `figures/*.png`. Raises BadFolder
    where `folder` holds anything else, another run is writing it, or it cannot be written.
    """
    with locked(folder) as place, writing(folder):
        refuse_foreign(place, ours)
        fresh = _beside(place, f"-{secrets.token_hex(8)}")
        try:
            fresh.mkdir()
            if place.exists():
                shutil.copymode(place, fresh)
            yield fresh
            _sync_all(fresh)
            refuse_foreign(place, ours)
            _take_place(fresh, place)
            _sync_folder(place.parent)
        finally:
            # What failed, or the old folder once the new one has its place.
            with _undisturbed():
                shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """Keep other runs out of `folder`, which need not exist, and return where it really lies."""
    from filelock import FileLock

    with writing(folder):
        place = resolved(folder)
        missing = [p for p in place.parents if not p.exists()]
    lock = FileLock(_beside(place, ".lock"), timeout=_LOCK_SECONDS, is_singleton=True)
    try:
        with writing(folder), _undisturbed():
            place.parent.mkdir(parents=True, exist_ok=True)
            _acquire(lock, folder)
            clear_litter(place)
        yield place
    finally:
        with _undisturbed():
            _release(lock)
            for parent in missing:
                with suppress(OSError):
                    parent.rmdir()  # it is ours only while it is empty


def _acquire(lock: "BaseFileLock", folder: Path) -> None:
    from filelock import Timeout

    try:
        lock.acquire()
    except Timeout as error:
        raise BadFolder(
            say(
                "another run is writing {folder}; wait for it, or name another folder",
                folder=_shown(folder),
            )
        ) from error


def _release(lock: "BaseFileLock") -> None:
    if lock.lock_counter == 1:
        # Removed while it is held: whoever waits for it sees that and makes a new one.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
    lock.release()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until what must be done is done."""
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before: dict[int, Any] = {}
    try:
        for each in (signal.SIGINT, signal.SIGTERM):
            before[each] = signal.signal(each, lambda number, _: came.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn an OSError into a BadFolder that names `folder`."""
    try:
        yield
    except OSError as error:
        raise BadFolder(
            say(
                "cannot write {folder}: {why}; name another folder",
                folder=_shown(folder),
                why=why(error),
            )
        ) from error


def resolved(folder: Path) -> Path:
    """Return the place of `folder` itself, links and dots on the way to it followed."""
    named = folder.name not in ("", "..")
    place = Path(os.path.realpath(folder.parent if named else folder))
    place = place / folder.name if named else place
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise BadFolder(say("{folder} is not a folder; name another", folder=_shown(folder)))
    if place == Path.cwd() or place in Path.cwd().parents:
        raise BadFolder(
            say("{folder} is the folder you are in; name one inside it", folder=_shown(folder))
        )
    return place


def refuse_foreign(folder: Path, ours: Sequence[str]) -> None:
    """Raise BadFolder where `folder` holds what none of the patterns `ours` stands for."""
    rooms = {parent.as_posix() for pattern in ours for parent in Path(pattern).parents}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        file = path.is_file() and any(map(name.match, ours))
        known = file or (path.is_dir() and name.as_posix() in rooms)
        if path.is_symlink() or not known:
            raise BadFolder(
                say(
                    "{folder} holds something else ({name}); name another folder",
                    folder=_shown(folder),
                    name=printable(str(name)),
                )
            )


def _take_place(fresh: Path, place: Path) -> None:
    """Put `fresh` where `place` is; afterwards `fresh` is what was there, if anything."""
    if not place.exists():
        fresh.rename(place)
    elif not _exchanged(fresh, place):
        aside = fresh.with_name(f"{fresh.name}{_OLD}")
        try:
            place.rename(aside)
            fresh.rename(place)
        finally:
            if aside.exists():
                aside.rename(fresh if place.exists() else place)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where the system has no such step."""
    if os.name != "posix":
        return False
    libc, names = ctypes.CDLL(None), (os.fsencode(one), os.fsencode(other))
    if hasattr(libc, "renameat2"):  # Linux
        return bool(libc.renameat2(_AT_CWD, names[0], _AT_CWD, names[1], _EXCHANGE) == 0)
    if hasattr(libc, "renamex_np"):  # macOS
        return bool(libc.renamex_np(*names, _EXCHANGE) == 0)
    return False


def _beside(place: Path, ending: str) -> Path:
    """Name a neighbour of `place`; the name's hash keeps it short and apart from all others."""
    return place.with_name(
        f".dca-{sha256(os.fsencode(place.name.casefold())).hexdigest()[:12]}{ending}"
    )


def _sync_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir():
            _sync_folder(path)
        else:
            _sync(path, os.O_RDWR)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` outlive a power cut, where the system can."""
    if os.name == "posix":
        _sync(folder, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _shown(folder: Path) -> str:
    return printable(str(folder), 200)
