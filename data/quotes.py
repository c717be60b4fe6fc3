"""In which currency a price is quoted, and in which hundredths of it."""

import re
from dataclasses import dataclass
from typing import Any

from data.errors import BadPlan, printable
from data.language import say

# Hundredths of a currency, as exchanges and Yahoo write them.
_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ZAC": "ZAR", "ILA": "ILS"}
_CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Quote:
    """What a symbol is quoted in, and the name of the rates that convert it, if one is named."""

    unit: str
    rate: str = ""

    @property
    def currency(self) -> str:
        """The currency whose hundredths the unit may be."""
        return _HUNDREDTHS.get(self.unit, self.unit)

    @property
    def size(self) -> float:
        """The unit in its currency: 0.01 for pence."""
        return 0.01 if self.unit in _HUNDREDTHS else 1.0


def is_unit(text: Any) -> bool:
    """Say whether something is a currency's three letters, or hundredths of one."""
    return isinstance(text, str) and bool(_CODE.fullmatch(text) or text in _HUNDREDTHS)


def check_unit(unit: str) -> None:
    """Raise BadPlan for what is neither a currency's three letters nor hundredths of one."""
    if not is_unit(unit):
        raise BadPlan(
            say("currency is {unit!r}; write three capital letters, as EUR", unit=printable(unit))
        )


def check_currency(code: str) -> None:
    """Raise BadPlan for what is no currency to keep accounts in."""
    check_unit(code)
    if code in _HUNDREDTHS:
        raise BadPlan(
            say(
                "currency {code} is hundredths of one; write {whole}",
                code=code,
                whole=_HUNDREDTHS[code],
            )
        )
