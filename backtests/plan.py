"""Every option that shapes a comparison, validated where it is born."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from backtests.eras import ERAS, HINDSIGHT, PICKS, Basket, Era, Phase, era_named
from data.errors import BadPlan, UnknownName, printable
from data.files.sums import read_sums
from data.files.toml import read_toml
from data.language import say
from data.options import DateOrder, Decimal
from data.quotes import check_currency
from data.shape import refusal
from data.sources import PROVIDERS
from data.splices import OwnSymbol, SymbolName
from strategies.dca import discovery
from strategies.dca.terms import (
    MOST_PARTS,
    Costs,
    Every,
    Fill,
    Quit,
    Rebalance,
    Schedule,
    Terms,
    check_weights,
    fractions,
)

# A title is read, in a chart too, not scrolled.
LONGEST_TITLE = 200
NOTHING_PUT_IN = say("nothing is ever put in; give a monthly or an initial amount above 0")
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
BarsChoice = Literal["auto", "daily", "monthly"]
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


def _day(value: Any) -> Any:
    """Read a day in quotes as well: 2000-01-31."""
    text = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)
    return date.fromisoformat(value) if text else value


def _sums(value: Any) -> Any:
    """Read dated sums from the file that a plan names."""
    return read_sums(Path(value)) if isinstance(value, str) else value


def _later(default: Any, **limits: Any) -> Any:
    """Declare a key that leaves no trace in a report where it is not given."""
    return Field(default=default, exclude_if=lambda value: value == default, **limits)


Day = Annotated[date, BeforeValidator(_day)]
Pause = Annotated[tuple[Day, Day], Field(strict=False)]
Payment = Annotated[tuple[Day, float], Field(strict=False)]


class OwnStrategy(BaseModel):
    """An allocation of the user's own, or the strategy `base` with other values than its own.

    What is not given is as the base has it. `picks` take the place of its basket.
    """

    model_config = _STRICT

    weights: dict[str, float] = Field(
        default_factory=dict, description=say("Hold these symbols at these fractions or percents."),
        examples=[{"SP500": 0.6, "BOND": 0.4}],
    )  # fmt: skip
    rebalance: str = "none"
    late_listings: bool = False
    base: str = Field(
        default="",
        description=say("Take this strategy with the values given here."),
        examples=["glide"],
    )
    picks: tuple[SymbolName, ...] = Field(
        default=(),
        strict=False,
        examples=[["MSFT", "AAPL"]],
        description=say("Hold these in place of the base's picks of each era."),
    )
    settings: dict[str, float] = Field(
        default_factory=dict, examples=[{"years": 10.0}],
        description=say(
            "Set what the base lets be set: satellite share; glide years; value-averaging most; "
            "buy-the-dip reserve, fall, months."
        ),
    )  # fmt: skip

    @field_validator("weights")
    @classmethod
    def _fractions(cls, weights: dict[str, float]) -> dict[str, float]:
        return fractions(weights)

    def model_post_init(self, _context: Any) -> None:
        """Refuse weights that do not sum to 1, unknown rules and bases, and picks for nothing."""
        if self.base and self.base not in discovery.names():
            raise UnknownName(say("strategy"), self.base, discovery.names())
        if not self.base and (self.picks or self.settings or not self.weights):
            raise BadPlan(
                say("a strategy of yours needs weights, or the name of a strategy as its base")
            )
        if self.weights or not self.base:
            check_weights(self.weights)
        Rebalance.parse(self.rebalance)

    @model_serializer(mode="wrap")
    def _shown(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what the base decides, and what only a base has."""
        kept = self.model_fields_set if self.base else {"weights", "rebalance", "late_listings"}
        return {key: value for key, value in whole(self).items() if key in kept}


class OwnPhase(BaseModel):
    """A named part of a user's era."""

    model_config = _STRICT

    name: str = Field(max_length=LONGEST_TITLE)
    start: date
    end: date | None = None


# What `dca run` calls its window, which a reader sees in her language.
WINDOW = say("your window")


class OwnEra(BaseModel):
    """A window of the user's own."""

    model_config = _STRICT

    start: date = Field(examples=[date(2000, 1, 1)])
    end: date | None = Field(default=None, examples=[date(2009, 12, 31)])
    title: str = Field(
        default="",
        max_length=LONGEST_TITLE,
        description=say("Call it so in the report."),
        examples=["My years"],
    )
    phases: tuple[OwnPhase, ...] = Field(
        default=(), strict=False, description=say("Name parts of it, which the report sums up."),
        examples=[[{"name": "bust", "start": date(2000, 3, 1), "end": date(2002, 9, 30)}]],
    )  # fmt: skip
    baskets: dict[str, Annotated[tuple[SymbolName, ...], Field(strict=False, min_length=1)]] = (
        _later({}, description=say("Say what stands for ai-picks or nasdaq in it."),
               examples=[{"nasdaq": ["QQQ"]}])
    )  # fmt: skip

    def model_post_init(self, _context: Any) -> None:
        """Refuse baskets that no strategy holds."""
        for name in self.baskets:
            if name not in discovery.names():
                known = {basket for era in ERAS.values() for basket in era.baskets}
                raise UnknownName(say("basket"), name, known)


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Plan(BaseModel):
    """What `dca compare` is asked: strategies through eras, and how the money goes in.

    Of the sources in `data` the first that has a symbol gives it. Money is in `currency`. Empty
    `eras` and `strategies` mean the defaults.
    """

    model_config = _STRICT

    name: str = Field(
        default="compare", pattern=_NAME, examples=["my-plan"],
        description=say("Write the report to reports/ and this name. [default: the plan file's]"),
    )  # fmt: skip
    eras: tuple[str, ...] = Field(default=(), strict=False)
    strategies: tuple[str, ...] = Field(default=(), strict=False)
    monthly: float = Field(default=1000.0, ge=0)
    initial: float | None = Field(default=None, ge=0, examples=[5000.0])
    every: Every = _later("month")
    day: int = _later(1, ge=1, le=31)
    growth: float | Literal["cpi"] = _later(0.0)
    pause: tuple[Pause, ...] = _later(
        (), strict=False, examples=[[[date(2020, 4, 1), date(2020, 9, 30)]]]
    )
    stop: Day | None = _later(None, examples=[date(2030, 12, 31)])
    payments: Annotated[tuple[Payment, ...], BeforeValidator(_sums)] = _later(
        (), strict=False, examples=["sums.csv"]
    )
    parts: int = _later(1, ge=1, le=MOST_PARTS)
    quit_at: float | None = _later(None, gt=0, lt=1, examples=[0.3])
    return_after: int | Literal["never"] = _later("never")
    align: Literal["start", "peak"] | None = _later(None, examples=["peak"])
    data: Annotated[tuple[str, ...], BeforeValidator(_one_or_several)] = Field(
        default=("snapshot",), min_length=1, strict=False
    )
    currency: str = _later("USD", examples=["EUR"])
    bars: BarsChoice = "auto"
    accept_jumps: tuple[date, ...] = Field(default=(), strict=False)
    date_order: DateOrder | None = _later(None, examples=["dmy"])
    decimal: Decimal | None = _later(None, examples=["comma"])
    price_column: str | None = _later(None, examples=["Net asset value"])
    fill: Fill = "close"
    whole_shares: bool = False
    fee_bps: float = Field(default=0.0, ge=0, lt=10_000)
    fee_per_order: float = Field(default=0.0, ge=0)
    fee_min: float = _later(0.0, ge=0)
    tax: float = _later(0.0, ge=0, lt=1)
    real: bool = _later(False)
    strategy: dict[str, OwnStrategy] = Field(
        default_factory=dict,
        description=say("Declare a strategy under a name of yours: by its weights, or by a base."),
    )
    era: dict[str, OwnEra] = Field(
        default_factory=dict, description=say("Declare a window under a name of yours.")
    )
    symbol: dict[SymbolName, OwnSymbol] = Field(
        default_factory=dict,
        description=say(
            "Declare a symbol: what it is made of, or when it ended and at what price."
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _sums_alone(cls, said: Any) -> Any:
        """Take dated sums alone for all that is paid in, unless a regular one is given."""
        alone = isinstance(said, dict) and said.get("payments") and "monthly" not in said
        return {**said, "monthly": 0.0} if alone else said

    @model_validator(mode="before")
    @classmethod
    def _money_of_the_era(cls, said: Any) -> Any:
        """Keep accounts in the currency of the one declared era, unless another is given."""
        eras = said.get("eras") if isinstance(said, dict) else None
        if not isinstance(eras, list | tuple) or len(eras) != 1 or "currency" in said:
            return said
        era = ERAS.get(eras[0]) if isinstance(eras[0], str) else None
        return {**said, "currency": era.currency} if era and era.currency else said

    def model_post_init(self, _context: Any) -> None:
        """Refuse a plan under which no money is ever put in, and names that cannot be files'."""
        if not (self.monthly or self.initial or self.payments):
            raise BadPlan(NOTHING_PUT_IN)
        _ = self.terms
        check_currency(self.currency)
        check_names(say("strategy"), self.strategy, discovery.names())
        check_names(say("era"), self.era, ERAS)

    @property
    def schedule(self) -> Schedule:
        """Return when the sums are paid."""
        return Schedule(self.every, self.day, self.growth, self.pause, self.stop, self.payments)

    @property
    def terms(self) -> Terms:
        """Return how the saver pays in and trades."""
        return Terms(
            monthly_usd=self.monthly,
            initial_usd=self.initial,
            costs=Costs(self.fee_bps, self.fee_per_order, self.fee_min, self.tax),
            fill=self.fill,
            whole_shares=self.whole_shares,
            schedule=self.schedule,
            parts=self.parts,
            quit=quit_of(self.quit_at, self.return_after),
        )

    def era_called(self, name: str) -> Era:
        """Return the plan's own era `name`, else the declared one."""
        own = self.era.get(name)
        if own is None:
            try:
                return era_named(name)
            except UnknownName as error:
                if not self.era:
                    raise
                raise UnknownName(say("era"), name, [*ERAS, *self.era]) from error
        phases = tuple(Phase(p.name, p.start, p.end) for p in own.phases)
        title = WINDOW if own.title == WINDOW else own.title or name
        return Era(name, title, own.start, own.end, phases, baskets_of(own))


def quit_of(at: float | None, after: int | str) -> Quit | None:
    """Return when a saver quits and comes back; raises BadPlan for a return from nowhere."""
    months = after if isinstance(after, int) else None
    if at is None and months is not None:
        raise BadPlan(say("return_after is for a saver who quits; give quit_at as well, as 0.3"))
    return None if at is None else Quit(at, months)


def baskets_of(own: OwnEra) -> Mapping[str, Basket]:
    """Return a window's own baskets, else those of the first declared era that holds it whole."""
    mine = {
        name: Basket(symbols, HINDSIGHT if PICKS.intersection(symbols) else "")
        for name, symbols in own.baskets.items()
    }
    for era in ERAS.values():
        inside = own.end is not None and own.end <= era.end if era.end else True
        if era.baskets and era.start <= own.start and inside:
            return {**era.baskets, **mine}
    return mine


def check_names(kind: str, names: Iterable[str], taken: Iterable[str]) -> None:
    """Refuse a name that is taken, or that could lead a ledger's file out of its folder."""
    for name in names:
        if not re.match(_NAME, name) or name.endswith("\n"):
            raise BadPlan(
                say(
                    "{kind} {name!r} is no name; use up to 64 letters, digits, . _ and -",
                    kind=kind,
                    name=printable(name),
                )
            )
        if name in set(taken):
            raise BadPlan(
                say(
                    "{kind} {name!r} is declared already; give yours another name",
                    kind=kind,
                    name=name,
                )
            )


def make_plan(**options: Any) -> Plan:
    """Build a plan; raises BadPlan in one line naming the option, what came and what is wanted."""
    try:
        return Plan(**options)
    except ValidationError as error:
        raise BadPlan(refusal(error, Plan, say("plan key"))) from error


def read_plan(path: Path, overrides: dict[str, Any]) -> Plan:
    """Read a TOML plan; options given on the command line win over the file's."""
    written = read_toml(path, say("a TOML plan"))
    found = {key: _beside(path, written[key]) for key in ("data", "payments") if key in written}
    options = {"name": _name_of(path)} | written | found | overrides
    try:
        return make_plan(**options)
    except BadPlan as error:
        raise BadPlan(
            say("{file}: {why}", file=printable(str(path), 200), why=str(error))
        ) from error


def _beside(path: Path, value: Any) -> Any:
    """Take what a plan names, and what lies beside the plan, from there."""
    if isinstance(value, list):
        return [_beside(path, each) for each in value]
    known = not isinstance(value, str) or value in PROVIDERS or not value
    return value if known or not _lies(path.parent / value) else str(path.parent / value)


def _lies(path: Path) -> bool:
    """Say whether something lies there; a name that no disk can hold is none."""
    try:
        return path.exists()
    except OSError:
        return False


def _name_of(path: Path) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in path.stem)
    return kept.strip("._-")[:64] or "plan"
