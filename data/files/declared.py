"""What a `symbols.toml` beside the files declares of their symbols, in the words of a plan."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import BadPlan, BadPrices, one_line
from data.files.toml import read_toml
from data.language import say
from data.notes import of
from data.shape import refusal
from data.splices import Own, OwnSymbol, SymbolName

NAME = "symbols.toml"


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    symbol: dict[SymbolName, OwnSymbol] = Field(default_factory=dict)


def declared(folder: Path) -> Own:
    """Return the symbols declared in a folder, none without such a file; raises BadPrices."""
    path = folder / NAME
    if not path.exists():
        return {}
    try:
        return _Declared(**read_toml(path, say("TOML that declares symbols"))).symbol
    except ValidationError as error:
        raise BadPrices(of(NAME, refusal(error, _Declared))) from error
    except (TypeError, BadPlan) as error:
        raise BadPrices(of(NAME, one_line(error))) from error
