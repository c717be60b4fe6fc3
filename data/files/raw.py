"""Read what someone else wrote: a regular file of bounded size, no link followed."""

import errno
import os
import stat
from pathlib import Path

from data.errors import BadInput, BadPrices, printable, why
from data.language import say

LARGEST_BYTES = 500_000_000
# What stands in no text but at its lines' ends.
_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\r"})


def file_bytes(path: Path, largest: int = LARGEST_BYTES, what: str = "") -> bytes:
    """Return a regular file's bytes; raises BadPrices for links, folders, pipes and giants.

    A file that is `what` and not prices may be linked to, and is refused by BadInput.
    """
    name, refused = printable(path.name), BadInput if what else BadPrices
    follow = 0 if what else _flag("O_NOFOLLOW")
    try:
        # O_NONBLOCK: opening a pipe nobody writes to must not hang before we see what it is.
        handle = os.open(path, os.O_RDONLY | follow | _flag("O_NONBLOCK"))
    except (OSError, ValueError) as error:
        raise refused(_why(path, error)) from error
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        raise refused(
            say("{file} is not {what}", file=name, what=what)
            if what
            else say("{file} is not a file of prices; name a .csv or .parquet file", file=name)
        )
    with os.fdopen(handle, "rb") as file:
        if about.st_size > largest:
            raise refused(
                say(
                    "{file} has {n:,} bytes, more than {most:,}; split it",
                    file=name,
                    n=about.st_size,
                    most=largest,
                )
            )
        try:
            return file.read(about.st_size)
        except OSError as error:
            raise refused(_why(path, error)) from error


def file_lines(path: Path, largest: int = LARGEST_BYTES) -> list[bytes]:
    """Return the lines as UTF-8, without a byte order mark; raises BadPrices naming one.

    Text that is not UTF-8 is read as Windows-1252, if it is that throughout.
    """
    raw, name = file_bytes(path, largest), printable(path.name)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadPrices(say("{file} is UTF-16 text; save it as UTF-8", file=name))
    if b"\0" in raw:
        line = _line_of(raw, raw.index(b"\0"))
        raise BadPrices(
            say(
                "{file}, line {n}: a NUL byte, so it is not a text file; save it as CSV",
                file=name,
                n=line,
            )
        )
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            line = _line_of(raw, error.start)
            text = say("{file}, line {n}: not UTF-8 text; save it as UTF-8", file=name, n=line)
            refused = BadPrices(text)
            raw = _western(raw, refused)
    return raw.removeprefix(b"\xef\xbb\xbf").splitlines()


def _western(raw: bytes, refused: BadPrices) -> bytes:
    """Return Windows-1252 text as UTF-8; raises `refused` where it is none."""
    if raw.translate(None, _CONTROLS) != raw:
        raise refused
    try:
        return raw.decode("cp1252").encode()
    except UnicodeDecodeError as error:
        raise refused from error


def _line_of(raw: bytes, at: int) -> int:
    return raw.count(b"\n", 0, at) + 1


def _flag(name: str) -> int:
    return int(getattr(os, name, 0))


def _why(path: Path, error: OSError | ValueError) -> str:
    name = printable(str(path), 200)
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return say("{path} is a symbolic link; name the file it points to", path=name)
    reason = why(error) if isinstance(error, OSError) else str(error)
    return say("cannot read {path}: {why}", path=name, why=reason)


def unpacks(name: str, size: int, most: int) -> str:
    """Say that a file unpacks to too much."""
    return say(
        "{file} unpacks to {n:,} bytes, over {most:,}; split it", file=name, n=size, most=most
    )
