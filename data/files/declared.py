"""What a `symbols.toml` beside the files declares of their symbols, in the words of a plan."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import BadPlan, BadPrices, printable
from data.files.raw import file_bytes
from data.splices import Own, OwnSymbol

NAME = "symbols.toml"
_LARGEST_BYTES = 1_000_000


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    symbol: dict[str, OwnSymbol] = Field(default_factory=dict)


def declared(folder: Path) -> Own:
    """Return the symbols declared in a folder, none without such a file; raises BadPrices."""
    path = folder / NAME
    if not path.exists():
        return {}
    try:
        return _Declared(**tomllib.loads(file_bytes(path, _LARGEST_BYTES).decode())).symbol
    except ValidationError as error:
        first = error.errors()[0]
        where = printable(".".join(map(str, first["loc"])))
        raise BadPrices(f"{NAME}: {where}: {printable(first['msg'])}") from error
    except (ValueError, RecursionError, TypeError, BadPlan) as error:
        raise BadPrices(f"{NAME}: {printable(str(error), 120)}") from error
