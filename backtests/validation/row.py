"""A published figure, ours beside it, and how far apart the two may be."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from backtests.measures.catalogue import CATALOGUE, Figure
from data.language import say, say_in

Verdict = Literal["agrees", "differs as explained", "out of tolerance"]
AGREES: Verdict = "agrees"
EXPLAINED: Verdict = "differs as explained"
OFF: Verdict = "out of tolerance"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EXACT = say("as printed")
# What a float cannot hold of a number's last digit.
_ROUNDED = 1e-9


@dataclass(frozen=True)
class Printed:
    """A figure as it was printed: a number, a percentage, or a day.

    Ours may be `within` of it, in its own unit (days for a day); empty: half of its last digit.
    `apart` is how far from it we know ours to be, with a sign; then the row differs, and its case
    or `why` says why.
    """

    text: str
    within: str = ""
    apart: str = ""
    why: str = ""


@dataclass(frozen=True, eq=False)
class Case:
    """A published result: what was done, who says so, and the figures printed, by our names.

    `find` computes ours: rates are fractions, days ISO. `public` marks what needs the prices that
    come with the package arch.
    """

    what: str
    source: str
    find: Callable[[], Mapping[str, Figure]]
    printed: Mapping[str, Printed]
    why: str
    public: bool = False

    def rows(self) -> Iterator["Row"]:
        """Compute ours and yield a row a figure."""
        found = self.find()
        for name, printed in self.printed.items():
            yield Row(self, name, printed, found[name])


@dataclass(frozen=True)
class Row:
    """One figure: theirs as `printed`, and ours."""

    case: Case
    name: str
    printed: Printed
    found: Figure

    @property
    def figure(self) -> str:
        """Say in words what is compared."""
        return _TITLES.get(self.name, self.name)

    @property
    def why(self) -> str:
        """Say what the tolerance, or the difference, is made of."""
        return self.printed.why or self.case.why

    @property
    def verdict(self) -> Verdict:
        """Tell whether ours lies where it is known to lie."""
        if self._apart is None:
            return OFF
        if abs(self._apart - _number(self.printed.apart)) > self._within + _ROUNDED:
            return OFF
        return EXPLAINED if self.printed.apart else AGREES

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """Write theirs, ours, the difference and the tolerance."""
        if self._apart is None:
            return self._theirs, str(self.found), say("none"), self._tolerance
        apart = f"{self._apart:+,.{self._decimals}f}" if round(self._apart, 9) else "0"
        return self._theirs, self._ours, self._said(apart), self._tolerance

    def as_json(self) -> dict[str, Any]:
        """Return the row in plain values; rates are fractions, differences of days are days."""
        share, day = 0.01 if self._unit == " %" else 1.0, _DAY.fullmatch(self.printed.text)
        return {
            "what": self.case.what,
            "source": self.case.source,
            "figure": self.name,
            "theirs": self.printed.text if day else share * _number(self.printed.text),
            "ours": self.found,
            "difference": None if self._apart is None else share * self._apart,
            "known_difference": share * _number(self.printed.apart),
            "tolerance": share * self._within,
            "verdict": self.verdict,
            "why": self.why,
        }

    @property
    def _unit(self) -> str:
        if _DAY.fullmatch(self.printed.text):
            return " days"
        return " %" if self.printed.text.endswith("%") else ""

    def _said(self, number: str) -> str:
        """Write a number in the unit printed."""
        if self._unit == " days":
            return say("{n} days", n=number)
        return say("{n} %", n=number) if self._unit else number

    @property
    def _theirs(self) -> str:
        text = self.printed.text
        return self._said(text.removesuffix(" %")) if self._unit == " %" else text

    @property
    def _apart(self) -> float | None:
        """Ours less theirs in the unit printed; None where there is none of ours."""
        if self.found is None:
            return None
        ours = _number(self.found) if isinstance(self.found, str) else float(self.found)
        return ours * (100.0 if self._unit == " %" else 1.0) - _number(self.printed.text)

    @property
    def _within(self) -> float:
        if self.printed.within:
            return _number(self.printed.within)
        return 0.0 if self._unit == " days" else 0.5 * 10.0 ** -_decimals(self.printed.text)

    @property
    def _tolerance(self) -> str:
        within = self._said(self.printed.within) if self.printed.within else ""
        if not self.printed.apart:
            return within or _EXACT
        apart = self._said(f"{_number(self.printed.apart):+,g}")
        return say("{difference} ± {within}", difference=apart, within=within) if within else apart

    @property
    def _decimals(self) -> int:
        if self._unit == " days" or isinstance(self.found, int):
            return 0
        more = 0 if self.printed.within else 2
        return more + max(map(_decimals, (self.printed.text, self.printed.within)))

    @property
    def _ours(self) -> str:
        if isinstance(self.found, str):
            return self.found
        ours = _number(self.printed.text) + (self._apart or 0.0)
        return self._said(f"{ours:,.{self._decimals}f}")


_TITLES = {m.key: m.title for m in CATALOGUE} | {
    "max_drawdown_peak": say("Strategy drawdown, its high"),
    "max_drawdown_trough": say("Strategy drawdown, its low"),
    "max_drawdown_recovery": say("Strategy drawdown, back at the high"),
    "worst_shortfall_date": say("Worst against money put in, its day"),
    "payments": say("payments"),
    "The same total at once": say("The same total at once"),
    "fall": say_in("a price's", "fall"),
    "from": say_in("a fall's first day", "from"),
    "to": say_in("a fall's last day", "to"),
    "back at the high": say("back at the high"),
    "change": say("change"),
    "weight": say("weight"),
    "windows": say("windows"),
    "won by all at once": say("won by all at once"),
    "more by all at once": say("more by all at once"),
    "parts that gained": say("parts that gained"),
    "worth where history ends": say("worth where history ends"),
    "worst of the scenario against money put in": say("worst of the scenario against money put in"),
    "above money put in for good": say("above money put in for good"),
    "month ends": say("month ends"),
    "most since ChatGPT": say("most since ChatGPT"),
    "with Broadcom on 2025-12-31": say("with Broadcom on 2025-12-31"),
    "highest read by the day": say("highest read by the day"),
    "newest": say("newest"),
    **{f"worst with {n}% picks": say("worst with {n}% picks", n=n) for n in (10, 30, 50)},
}


def _number(text: str) -> float:
    """Read a number, a percentage (in per cent) or a day (counted in days); empty is 0."""
    if _DAY.fullmatch(text):
        return float(date.fromisoformat(text).toordinal())
    return float(text.replace(",", "").removesuffix("%").strip() or 0.0)


def _decimals(text: str) -> int:
    return len(text.removesuffix("%").strip().partition(".")[2])
