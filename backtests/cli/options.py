"""Every option of `dca`, said once; a command takes those that it names."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from backtests.cli.speaking import Option
from backtests.report.formats import FORMATS
from data.catalog import as_symbol
from data.deadline import DEADLINE_SECONDS
from data.errors import BadPlan, printable
from data.language import Said, say, shown, tr

Command = Callable[..., None]
_A_DAY = 86_400


def parse_weights(text: str) -> dict[str, float]:
    """Read SP500=0.6,BOND=0.4, percents, or symbols alone for equal parts; raises BadPlan."""
    from strategies.dca.terms import fractions

    held = [_weight(item.strip()) for item in text.split(",")]
    if all(weight is None for _, weight in held):
        held = [(symbol, 1 / len(held)) for symbol, _ in held]
    weights: dict[str, float] = {}
    for symbol, weight in held:
        if weight is None:
            raise BadPlan(
                say("weights has no fraction for {symbol}; give one to each symbol, or to none",
                    symbol=printable(symbol))
            )  # fmt: skip
        if symbol in weights:
            raise BadPlan(
                say("weights names {symbol} twice; name it once", symbol=printable(symbol))
            )
        weights[symbol] = weight
    return fractions(weights)


def _weight(item: str) -> tuple[str, float | None]:
    """Read SYMBOL=FRACTION, where a symbol may hold an = itself, or a symbol alone."""
    symbol, equals, number = (part.strip() for part in item.rpartition("="))
    percent = number.endswith("%")
    try:
        weight = float(number.removesuffix("%")) / (100 if percent else 1)
    except ValueError:
        weight = float("nan")
    if equals and as_symbol(symbol) and weight == weight:
        return as_symbol(symbol), weight
    if as_symbol(item):
        return as_symbol(item), None
    raise BadPlan(
        say("weights has '{item}'; write SYMBOL=FRACTION, as SP500=0.6,BOND=0.4",
            item=printable(item))
    )  # fmt: skip


def parse_pair(text: str) -> tuple[str, str]:
    """Read NVDA=CSCO; raises ValueError."""
    one, _, other = text.partition("=")
    pair = as_symbol(one.strip()), as_symbol(other.strip())
    if not all(pair):
        raise ValueError
    return pair


def _reader(read: Callable[[str], Any], refusal: Said) -> Callable[[str], Any]:
    """Return `read`, which refuses what it cannot read in a sentence that says what is wanted."""

    def convert(text: str) -> Any:
        try:
            return read(text)
        except (ValueError, OverflowError) as error:
            raise click.BadParameter(tr(refusal.message, value=printable(text))) from error

    return convert


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError
    return date.fromisoformat(text)


def _pause(text: str) -> tuple[date, date]:
    first, _, last = text.partition(":")
    return _day(first), _day(last)


def _growth(text: str) -> float | str:
    return text if text == "cpi" else float(text)


def _back(text: str) -> int | str:
    return text if text == "never" else int(text)


def _symbol(text: str) -> str:
    if not as_symbol(text):
        raise ValueError
    return as_symbol(text)


def _month(text: str) -> str:
    return _day(text if len(text) > len("2000-01") else f"{text}-01").isoformat()[:7]


def _formats(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if not set(found) <= set(FORMATS):
        raise ValueError
    return found


def _seconds(text: str) -> float:
    """Read a span of time; NaN lies within no bounds."""
    if not 1 <= float(text) <= _A_DAY:
        raise ValueError
    return float(text)


def _processes(text: str) -> int:
    if not 0 <= int(text) <= 1024:
        raise ValueError
    return int(text)


def _option(text: str, stated: str = "", name: str = "", **settings: Any) -> dict[str, Any]:
    """Declare an option: its sentence, the default that stands behind it, its parameter's name.

    The catalogue of messages takes the sentence from here as from `say`.
    """
    return {"help": say(text), "stated": stated, "name": name, **settings}


_DAY = _reader(_day, say("'{value}' is not a day; write YYYY-MM-DD, as 2000-01-31"))
_PAUSE = _reader(_pause, say("'{value}' is not two days; write FROM:TO, as 2008-10-01:2009-03-31"))
SYMBOL = _reader(_symbol, say("'{value}' is not a symbol; write it like SPY, BRK-B or ^IXIC"))
_MONTH = _reader(_month, say("'{value}' is not a month; write YYYY-MM, as 2000-01"))
_FORMATS = _reader(
    _formats, say("'{value}' is not a list of formats; write svg, pdf or png, as svg,pdf")
)
_SECONDS = _reader(_seconds, say("'{value}' is not a number of seconds between 1 and 86400"))
_PROCESSES = _reader(_processes, say("'{value}' is not a whole number from 0 to 1024"))
_GROWTH = _reader(_growth, say("'{value}' is not a fraction or cpi; write it like 0.03"))
_NUMBER = _reader(float, say("'{value}' is not a number; write it like 1000 or 0.5"))
_BACK = _reader(_back, say("'{value}' is not a number of months, or never"))
_SYMBOLS = say("'{value}' is not symbols")
_PAIR = _reader(parse_pair, say("'{value}' is not a pair; write NVDA=CSCO"))
_ON_DAY: dict[str, Any] = {"metavar": "YYYY-MM-DD", "type": _DAY}
_IN_MONTH: dict[str, Any] = {"metavar": "YYYY-MM", "type": _MONTH}
_SUM: dict[str, Any] = {"metavar": "AMOUNT", "type": _NUMBER}
_N: dict[str, Any] = {"metavar": "N", "type": _reader(int, say("'{value}' is not a whole number"))}
_DIR: dict[str, Any] = {"metavar": "DIR", "type": click.Path(path_type=Path)}
_FILE: dict[str, Any] = {"metavar": "FILE", "type": _DIR["type"]}
_FLAG: dict[str, Any] = {"is_flag": True}


def _one_of(*words: str) -> dict[str, Any]:
    return {"type": click.Choice(words)}


def _names(name: str) -> dict[str, Any]:
    return {"name": name, "metavar": "NAME", "multiple": True}


_OPTIONS: dict[str, dict[str, Any]] = {
    "--era": _option("Replay this era.", say("those that are on in dca list eras"),
        **_names("eras")),
    "--strategy": _option("Take this strategy.", say("those that are on in dca list strategies"),
        **_names("strategies")),
    "--own": _option("Take a strategy of your own, a class in a Python file that is then run.",
        metavar="FILE.py:Class"),
    "--plan": _option("Read this TOML plan; options given here win over it.",
        name="plan_file", metavar="FILE", type=_DIR["type"]),
    "--weights": _option("Hold these symbols at these fractions or percents, alone in equal parts.",
        metavar="SP500=0.6,BOND=0.4", type=parse_weights),
    "--rebalance": _option("Bring the holdings back to the weights by this rule.",
        metavar="none|annual|contribute|band:X"),
    "--late-listings": _option("Let a symbol enter when it is listed.", **_FLAG),
    "--from": _option("Begin the window on this day.", name="start", required=True, **_ON_DAY),
    "--to": _option("End the window on this day.", say("the newest bar"), name="end", **_ON_DAY),
    "--from-month": _option("Begin the first window in this month.",
        say("the first that the prices cover"), name="start", **_IN_MONTH),
    "--to-month": _option("End the last window in this month.",
        say("the last that the prices cover"), name="end", **_IN_MONTH),
    "--years": _option("Let a window or path last so many years.", "10", **_N),
    "--monthly": _option("Pay in so much each month, or each period of --every.", "1000", **_SUM),
    "--initial": _option("Pay in so much first, instead of the monthly sum.", **_SUM),
    "--parts": _option("Put the initial sum to work in N equal monthly parts.", "1", **_N),
    "--every": _option("Pay in once in each such period.", "month",
        **_one_of("week", "two-weeks", "month", "quarter", "year")),
    "--day": _option("Pay in from this day of the month on.", "1", metavar="DAY", type=_N["type"]),
    "--growth": _option("Raise the sum by this fraction a year, or with consumer prices.", "0",
        metavar="0.03|cpi", type=_GROWTH),
    "--pause": _option("Pay nothing in from one day to another.",
        metavar="FROM:TO", multiple=True, type=_PAUSE),
    "--stop": _option("Pay nothing in after this day.", **_ON_DAY),
    "--payments": _option("Pay in the dated sums of this CSV file; without --monthly nothing else.",
        metavar="FILE"),
    "--quit-at": _option("Sell all on the first payment after the strategy has fallen this far.",
        metavar="X", type=_NUMBER),
    "--return-after": _option("Put all back so many months after quitting.", "never",
        metavar="N|never", type=_BACK),
    "--fill": _option("Trade at the contribution day's close or at the next one's.", "close",
        **_one_of("close", "next")),
    "--whole-shares": _option("Buy whole shares only.", default=None, **_FLAG),
    "--fee-bps": _option("Charge so many basis points of all that is traded.", "0",
        metavar="BPS", type=_NUMBER),
    "--fee-per-order": _option("Charge so much for every order.", "0", **_SUM),
    "--align": _option("Lay all eras on the newest, from their start or from their high.",
        **_one_of("start", "peak")),
    "--fee-min": _option("Charge at least so much for an order: the larger of both.", "0", **_SUM),
    "--real": _option("Show also what is left after inflation, by consumer prices.",
        default=None, **_FLAG),
    "--tax": _option("Tax realised gains over the average cost at this rate.", "0",
        metavar="0.25", type=_NUMBER),
    "--basket": _option("Look for these members of the index.", say("the seven"),
        metavar="NVDA,MSFT", type=_reader(lambda text: tuple(text.split(",")), _SYMBOLS)),
    "--fall": _option("Let the basket fall by this fraction.", "0.8", metavar="X", type=_NUMBER),
    "--history": _option("Let this era go before the scenario.", "ai-run", metavar="ERA"),
    "--core": _option("Hold this strategy beside the picks.", "index-fund", metavar="NAME"),
    "--max-loss": _option("Stay within this fraction of the money put in.", "0.1", metavar="X",
        type=_NUMBER),
    "--in-era": _option("Replay this era as it was, and no scenario.", metavar="ERA"),
    "--like": _option("Let prices go on as in this bust.", "dotcom",
        **_one_of("dotcom", "gfc", "1929", "1973")),
    "--peak": _option("Lay this day of the bust on the last bar of history.",
        say("the bust's peak"), **_ON_DAY),
    "--depth": _option("Take what fell in the bust to this power: 0.5 is about half as deep.", "1",
        metavar="X", type=_NUMBER),
    "--counterpart": _option("Let the first symbol go on as the second did.",
        name="counterparts", metavar="NVDA=CSCO", multiple=True, type=_PAIR),
    "--stop-after": _option("Pay nothing in after so many months of the scenario.", **_N),
    "--bootstrap": _option("Draw N paths out of past months.", **_N),
    "--block": _option("Draw blocks of so many months on average.", "12",
        metavar="MONTHS", type=_NUMBER),
    "--seed": _option("Draw by this number: the same seed gives the same paths.", "1", **_N),
    "--against": _option("Set every other strategy against this one, window by window.",
        metavar="NAME"),
    "--data": _option("Read the prices from here; the first that has a symbol gives it.",
        "snapshot", metavar="snapshot|yahoo|PATH", multiple=True),
    "--currency": _option("Keep accounts in this currency; what is quoted in another is converted.",
        "USD", metavar="EUR"),
    "--bars": _option("Replay these bars; auto takes the finest that cover every strategy.", "auto",
        **_one_of("auto", "daily", "monthly")),
    "--cache": _option("Keep fetched prices in this folder.", say("the platform's cache folder"),
        name="cache_dir", **_DIR),
    "--offline": _option("Open no connection; use what is kept.", **_FLAG),
    "--deadline": _option("Give up fetching after so many seconds.", f"{DEADLINE_SECONDS:g}",
        default=DEADLINE_SECONDS, metavar="SECONDS", type=_SECONDS),
    "--date-order": _option("Read a file's dates in this order.", "ymd",
        **_one_of("ymd", "mdy", "dmy")),
    "--decimal": _option("Read a file's decimals behind this mark.", "point",
        **_one_of("point", "comma")),
    "--price-column": _option("Take a file's prices from the column of this name.",
        say("the adjusted one, else the only one"), metavar="NAME"),
    "--accept-jumps": _option("Take a jump of the prices on this day as right.",
        multiple=True, **_ON_DAY),
    "--again": _option("Fetch also what was fetched within the hour.", **_FLAG),
    "--out": _option("Write the report into this folder.", **_DIR),
    "--json": _option("Print the answer alone, as JSON; no report is written unasked.",
        name="as_json", **_FLAG),
    "--all": _option("Name every figure that differs, and take every measure.",
        name="everything", **_FLAG),
    "--html": _option("Write a page with the lines of all reports in one chart.", **_FILE),
    "--csv": _option("Write the measures and their changes into this CSV file.", **_FILE),
    "--cuts": _option("Take so many bars as the last known one.", "12", **_N),
    "--markdown": _option("Print the page docs/validation.md.", **_FLAG),
    "--open": _option("Open the report's page in the browser.", name="opened", **_FLAG),
    "--resume": _option("Go on with the sweep that --out holds.", **_FLAG),
    "--format": _option("Write the rows in this format.", "csv",
        name="form", default="csv", **_one_of("csv", "parquet")),
    "--formats": _option("Write the pictures in these formats.", "png",
        default="png", metavar="svg,pdf,png", type=_FORMATS),
    "--workers": _option("Run in so many processes; 0 stays in this one.",
        say("0, with --own one for each processor"), metavar="N", type=_PROCESSES),
    "--scheduler": _option("Run on this dask scheduler.", metavar="tcp://HOST:PORT"),
}  # fmt: skip
# How prices are read, as data.sources takes it.
FETCHING = ("--cache", "--deadline")
READING = (*FETCHING, "--offline", "--date-order", "--decimal", "--price-column")
SOURCE = ("--data", "--currency", "--bars", *READING, "--accept-jumps")
# What is assumed after history.
BUST = ("--history", "--like", "--peak", "--depth", "--counterpart", "--stop-after")
_READ = ("cache_dir", "deadline", "offline", "date_order", "decimal", "price_column")
SCHEDULE = ("--every", "--day", "--growth", "--pause", "--stop", "--payments")
TERMS = (
    "--monthly",
    "--initial",
    "--parts",
    *SCHEDULE,
    "--fill",
    "--whole-shares",
    "--fee-bps",
    "--fee-per-order",
    "--fee-min",
    "--tax",
    "--quit-at",
    "--return-after",
)


def takes(
    *names: str, repeated: Collection[str] = (), **defaults: str
) -> Callable[[Command], Command]:
    """Give a command the options named, in this order; `repeated` may be given more than once.

    `defaults` are those by parameter that this command states otherwise.
    """

    def give(command: Command) -> Command:
        for name in reversed(names):
            command = _declared(name, name in repeated, defaults)(command)
        return command

    return give


def _declared(
    name: str, repeated: bool, defaults: Mapping[str, str]
) -> Callable[[Command], Command]:
    settings = dict(_OPTIONS[name])
    parameter, stated, text = (settings.pop(key) for key in ("name", "stated", "help"))
    if repeated or "multiple" in settings:
        settings["multiple"] = True
        text = say("{sentence} It may be given more than once.", sentence=text)
    word = name.removesuffix("-month")
    stated = defaults.get(parameter or word.strip("-").replace("-", "_"), stated)
    if stated:
        text = say("{sentence}  [default: {value}]", sentence=text, value=stated)
    declared = [parameter] if parameter else []
    return click.option(word, *declared, cls=Option, help=text, **settings)


def sentence(parameter: str) -> tuple[str, str]:
    """Return what the option of this parameter says and takes, and the default it states, shown."""
    found = next(
        settings for word, settings in _OPTIONS.items()
        if (settings["name"] or word.strip("-").replace("-", "_")) == parameter
    )  # fmt: skip
    words = "|".join(getattr(found.get("type"), "choices", ())) or found.get("metavar", "")
    text = tr("{sentence} ({words})", sentence=found["help"], words=words)
    return text if "|" in words else shown(found["help"]), shown(found["stated"])


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Keep what was said; the rest is the plan's to decide."""
    return {key: value for key, value in options.items() if value not in (None, ())}


def reading(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options that say how prices are read out of `options`."""
    return {name: options.pop(name) for name in _READ if name in options}
