"""Read a TOML file that someone else wrote, whatever is in it."""

import tomllib
from pathlib import Path
from typing import Any

from data.errors import BadInput, printable
from data.files.raw import file_bytes
from data.language import say

_LARGEST_BYTES = 1_000_000


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Return what stands in a file that is `what`; raises BadInput in one line."""
    try:
        return tomllib.loads(file_bytes(path, _LARGEST_BYTES, what).decode())
    except (ValueError, RecursionError) as error:
        raise BadInput(
            say(
                "{file} is not {what}: {why}",
                file=printable(str(path), 200),
                what=what,
                why=_fault(error),
            )
        ) from error


def _fault(error: Exception) -> str:
    """Say why a text is no TOML; of the errors that are not TOML's own in our words."""
    if isinstance(error, tomllib.TOMLDecodeError):
        return printable(str(error), 120)
    if isinstance(error, UnicodeDecodeError):
        return say("it is not UTF-8 text; save it as UTF-8")
    if isinstance(error, RecursionError):
        return say("it is nested too deeply")
    return say("a number in it has too many digits")
