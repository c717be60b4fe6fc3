"""What others printed, as data: every group, case and figure that is held against a run of ours."""

from dataclasses import dataclass, replace
from functools import partial

from backtests.validation import ours
from backtests.validation.ours import CENTURY, DAILY, MONTHLY, NASDAQ, SP500, Load
from backtests.validation.row import Case, Printed
from data.language import say, say_all


@dataclass(frozen=True)
class Group:
    """Cases of one kind, and what is to be known of all of them."""

    title: str
    said: str
    cases: tuple[Case, ...]


_TWO = say("two independent programs")
_SECOND = say("a second program")
_PV = "Portfolio Visualizer"
_DIGITS = say("same prices, same rules")
_VFINX = say("SPY is VFINX here up to 2012, a fund that costs some 0.08 % a year more")
_GOLD = say(
    "gold is a spot index here up to 2012, some 0.9 % a year too poor from 2003 on; theirs is GLD"
)


def _index(
    load: Load,
    name: str,
    span: tuple[str, str],
    sums: tuple[str, ...],
    falls: tuple[str, ...],
    prices: tuple[str, str],
) -> Case:
    """Declare 100 a month into a public index."""
    keys = ("payments", "final_value", "xirr", "The same total at once")
    worst = ("max_drawdown", "account_max_drawdown", "worst_shortfall", "worst_shortfall_date")
    named = zip((*keys, *worst, "average_cost", "average_price"), (*sums, *falls, *prices),
                strict=True)  # fmt: skip
    return Case(
        say("{index}, 100 a month, {first} to {last}",
            index=name, first=span[0][:7], last=span[1][:7]), _TWO,
        partial(ours.index_saved, load, *span), {key: Printed(text) for key, text in named},
        _DIGITS, public=True,
    )  # fmt: skip


def _fell(what: str, load: Load, symbol: str, span: tuple[str, str], *texts: str) -> Case:
    """Declare a fall of a public index: depth, high, low and recovery."""
    named = zip(("fall", "from", "to", "back at the high"), texts, strict=False)
    printed = {key: Printed(text) for key, text in named}
    return Case(what, _TWO, partial(ours.fell, load, symbol, *span), printed, _DIGITS, public=True)


def _by_month(what: str, load: Load, symbol: str, span: tuple[str, str], *texts: str) -> Case:
    """Declare the same by month ends."""
    case = _fell(say("{what}, month ends", what=what), ours.by_month(load), symbol, span, *texts)
    days = {key: replace(p, within="2") if key != "fall" else p for key, p in case.printed.items()}
    why = say("same prices; ours is the month's last trading day, theirs the calendar's")
    return replace(case, printed=days, why=why)


_DECADE, _LONG = ("2000-01-01", "2009-12-31"), ("2000-03-01", "2018-12-31")
_BUST, _ALL = ("2000-04-01", "2002-10-31"), ("1999-01-04", "2018-12-31")
_DOTCOM, _GFC = ("1999-01-04", "2003-12-31"), ("2003-01-02", "2018-12-31")

_ARCH = Group(
    say("Saving 100 a month into public indices"),
    say("Daily closes of the package arch, without dividends or costs, paid in on each month's "
        "first trading day."),
    (
        _index(NASDAQ, say("Nasdaq Composite"), _DECADE,
               ("120", "13,326.96", "2.0663 %", "6,591.34"),
               ("-77.93 %", "-48.36 %", "-49.60 %", "2001-09-21"), ("2043.21", "2203.87")),
        _index(SP500, say("S&P 500"), _DECADE,
               ("120", "11,577.95", "-0.7117 %", "9,195.31"),
               ("-56.78 %", "-48.72 %", "-42.41 %", "2009-03-09"), ("1155.75", "1191.73")),
        _index(NASDAQ, say("Nasdaq Composite"), _LONG,
               ("226", "57,462.58", "9.0932 %", "31,345.07"),
               ("-77.93 %", "-48.30 %", "-47.95 %", "2001-09-21"), ("2609.65", "3224.25")),
        _index(SP500, say("S&P 500"), _LONG,
               ("226", "41,568.92", "6.0789 %", "41,078.32"),
               ("-56.78 %", "-48.57 %", "-42.23 %", "2009-03-09"), ("1362.91", "1504.93")),
        _index(NASDAQ, say("Nasdaq Composite"), _BUST,
               ("31", "1,991.61", "-30.1764 %", "975.98"),
               ("-74.94 %", "-25.58 %", "-46.71 %", "2001-09-21"), ("2069.80", "2376.10")),
        _index(SP500, say("S&P 500"), _BUST,
               ("31", "2,316.86", "-20.5294 %", "1,823.31"),
               ("-48.92 %", "-20.98 %", "-35.31 %", "2002-07-23"), ("1185.16", "1215.96")),
    ),
)  # fmt: skip

_FALLS = Group(
    say("How far public indices fell"),
    say("The same closes; by the day unless month ends are said."),
    (
        _fell(say("Nasdaq Composite"), NASDAQ, "nasdaq", _ALL,
              "-77.9324 %", "2000-03-10", "2002-10-09", "2015-04-23"),
        _by_month(say("Nasdaq Composite"), NASDAQ, "nasdaq", _ALL,
              "-75.0450 %", "2000-02-29", "2002-09-30", "2014-11-30"),
        _fell(say("S&P 500, dot-com"), SP500, "sp500", _DOTCOM,
              "-49.1469 %", "2000-03-24", "2002-10-09"),
        _fell(say("S&P 500, financial crisis"), SP500, "sp500", _GFC,
              "-56.7754 %", "2007-10-09", "2009-03-09", "2013-03-28"),
        _by_month(say("S&P 500, dot-com"), SP500, "sp500", _DOTCOM,
              "-46.2812 %", "2000-08-31", "2002-09-30"),
        _by_month(say("S&P 500, financial crisis"), SP500, "sp500", _GFC,
              "-52.5559 %", "2007-10-31", "2009-02-28"),
        Case(say("S&P 500, the first of two bear markets in 2000 to 2002"), "Ned Davis Research",
             partial(ours.fell, SP500, "sp500", "2000-01-03", "2001-12-31"),
             {"fall": Printed("-36.77 %")}, say("the same closes"), public=True),
        Case(say("S&P 500, the second of them"), "Ned Davis Research",
             partial(ours.fell, SP500, "sp500", "2001-09-24", "2002-12-31"),
             {"fall": Printed("-33.75 %")}, say("the same closes"), public=True),
        Case(say("The end of the dot-com bust in the Nasdaq"),
             say("crisis tables of pyfolio and Lean"),
             partial(ours.fell, NASDAQ, "nasdaq", *_ALL),
             {"to": Printed("2000-09-10", apart="759")},
             say("their window ends two years before the low"), public=True),
    ),
)  # fmt: skip


def _visualizer(what: str, find: partial[ours.Found], why: str, **printed: Printed) -> Case:
    return Case(what, _PV, find, printed, why)


def _lump(symbol: str, start: str, end: str) -> partial[ours.Found]:
    return partial(ours.saved, MONTHLY, {symbol: 1.0}, start, end, monthly=0.0, initial=10_000.0)


_TEN = ("2004-12-31", "2017-12-31")
_SPY = partial(ours.saved, MONTHLY, {"SP500": 1.0}, *_TEN, monthly=100.0, initial=1_000.0)
_AMZN = {"SP500": 0.9, "AMZN": 0.1}

_VISUALIZER = Group(
    say("Portfolio Visualizer"),
    say("Month ends with dividends; payments at each month's or year's end, the first sum at the "
        "end before. Not held, as the embedded prices lack them: TLT, stocks outside the US, the "
        "total US market, GOOG before 2012, and what begins before 1994-12."),
    (
        _visualizer(
            say("SPY, 2005-01 to 2017-12, 1,000 and 100 a month"), _SPY, _VFINX,
            final_value=Printed("36,657", "75"), cagr=Printed("8.45 %", "0.05"),
            xirr=Printed("10.92 %", "0.05"), max_drawdown=Printed("-50.80 %", "0.2"),
            account_max_drawdown=Printed("-34.54 %", "0.1"),
        ),
        Case(
            say("The same, its CAGR"), _PV, _SPY,
            {"cagr": Printed("31.92 %", "0.05", "-23.50")},
            say("theirs takes the final by the first balance, payments counted as growth; ours is "
                "the unit value's"),
        ),
        _visualizer(
            say("SPY 90 / AMZN 10, rebalanced at each year's end, the same payments"),
            partial(ours.saved, ours.year_ends, _AMZN, "2005-01-01", "2018-01-01", "annual",
                    monthly=100.0, initial=1_000.0), _VFINX,
            final_value=Printed("45,510", "150"), cagr=Printed("11.31 %", "0.05"),
            xirr=Printed("13.75 %", "0.06"), max_drawdown=Printed("-47.89 %", "0.3"),
            account_max_drawdown=Printed("-32.26 %", "0.2"),
        ),
        Case(
            say("The same, rebalanced on each year's first payment, as our rule is"), _PV,
            partial(ours.saved, MONTHLY, _AMZN, *_TEN, "annual", monthly=100.0, initial=1_000.0),
            {"final_value": Printed("45,510", "10", "-1,615")},
            say("a month later each year, and Amazon lost 0.5 % in the average January, in the "
                "average other month it gained 3.0 %"),
        ),
        _visualizer(
            say("GLD, 2005 to 2019, 10,000 and 10,000 a year that follow consumer prices"),
            partial(ours.saved, MONTHLY, {"GOLD": 1.0}, "2004-12-31", "2019-12-31",
                    monthly=10_000.0, initial=10_000.0, every="year", growth="cpi"), _GOLD,
            final_value=Printed("280,064", "5,000"), cagr=Printed("8.20 %", "0.4"),
            xirr=Printed("5.26 %", "0.3"), max_drawdown=Printed("-42.91 %", "0.5"),
            account_max_drawdown=Printed("-26.48 %", "0.7"),
        ),
        _visualizer(
            say("US large cap, 1995 to 2019, 10,000 at once"),
            _lump("SP500", "1994-12-31", "2019-12-31"),
            say("VFINX is SPY here from 2013 on, which costs some 0.05 % a year less"),
            final_value=Printed("111,062", "150"), cagr=Printed("10.11 %", "0.01"),
            max_drawdown=Printed("-50.97 %"),
        ),
        _visualizer(
            say("VFINX, 2000-01 to 2020-10, 10,000 at once"),
            _lump("SP500", "1999-12-31", "2020-10-31"),
            say("VFINX is SPY here from 2013 on, which costs some 0.05 % a year less"),
            final_value=Printed("32,548", "150"), cagr=Printed("5.83 %", "0.03"),
            max_drawdown=Printed("-50.97 %"),
        ),
        _visualizer(
            say("QQQ, the same"), _lump("QQQ", "1999-12-31", "2020-10-31"),
            say("prices of another download, rounded otherwise"),
            final_value=Printed("33,815", "15"), cagr=Printed("6.02 %", "0.01"),
            max_drawdown=Printed("-81.08 %"),
        ),
        _visualizer(
            say("Real estate, 1994-01 to 2020-08"), _lump("REIT", "1996-05-31", "2020-08-31"),
            say("the fund's market price here from 2004-12 on, theirs its value"),
            max_drawdown=Printed("-68.28 %", "0.05"),
        ),
        _visualizer(
            say("Gold, 1994-01 to 2020-08"), _lump("GOLD", "1994-12-31", "2020-08-31"),
            say("a spot index here up to 2012, theirs GLD"),
            max_drawdown=Printed("-42.91 %", "0.5"),
        ),
        Case(
            say("VFINX without dividends, 1985 to 2018"), _PV,
            partial(ours.fell, ours.by_month(SP500), "sp500", *_GFC),
            {"fall": Printed("-52.40 %", "0.2")},
            say("theirs is the fund's price, ours the index"), public=True,
        ),
    ),
)  # fmt: skip


def _stock(symbol: str, depth: Printed, *ends: str) -> Case:
    named = zip(("from", "to", "back at the high"), ends, strict=False)
    return Case(
        symbol, say("skfolio's and Backtrader's sample prices"),
        partial(ours.fell, DAILY, symbol, "1999-01-01", "2007-12-31"),
        {"fall": depth, **{key: Printed(text) for key, text in named}},
        say("adjusted closes of another download, three decimals"),
    )  # fmt: skip


_HEADLINES = Group(
    say("Headline figures"),
    say("Falls by the day with dividends, the lost decade, and the seven's weight in the S&P 500. "
        "Not held: QQQ and Microsoft by the day from 2000 to 2009, as their embedded closes have a "
        "hole."),
    (
        Case(say("S&P 500 with dividends, dot-com"), say("usually quoted"),
             partial(ours.fell, DAILY, "SP500", "2000-01-01", "2003-12-31"),
             {"fall": Printed("-47.4 %", "0.2"), "from": Printed("2000-09-01"),
              "to": Printed("2002-10-09")}, say("theirs is the index, ours a fund with its costs")),
        Case(say("S&P 500 with dividends, financial crisis"), say("usually quoted"),
             partial(ours.fell, DAILY, "SP500", "2007-01-01", "2009-12-31"),
             {"fall": Printed("-55.25 %", "0.25"), "from": Printed("2007-10-09"),
              "to": Printed("2009-03-09")},
             say("theirs is the index, ours SPY at its market price")),
        Case(say("US stocks, 1929-08 to 1932-06, month ends"),
             say("usually quoted as -83 to -84 %"),
             partial(ours.fell, CENTURY, "SP500", "1929-01-31", "1945-12-31"),
             {"fall": Printed("-83.5 %", "0.5")}, say("two ends of a range are printed")),
        _stock("AAPL", Printed("-81.81 %", "0.02"), "2000-03-22", "2003-04-17"),
        _stock("ORCL", Printed("-84.19 %")),
        _stock("YHOO", Printed("-96.59 %")),
        Case("NVDA", say("skfolio's sample prices; Mauboussin"),
             partial(ours.fell, DAILY, "NVDA", "2001-09-04", "2007-12-31"),
             {"fall": Printed("-89.72 %"), "from": Printed("2002-01-03"),
              "to": Printed("2002-10-09"), "back at the high": Printed("2006-11-13")},
             say("adjusted closes of another download")),
        Case("AMZN", "Bespoke", partial(ours.fell, DAILY, "AMZN", "1999-01-01", "2007-12-31"),
             {"fall": Printed("-95 %", "1.5")},
             say("theirs is rounded, and may be of prices within a day; ours is of closes")),
        Case(say("500 a month into the S&P 500, 2000 to 2009"), "awealthofcommonsense.com",
             partial(ours.saved, DAILY, {"SP500": 1.0}, *_DECADE, monthly=500.0),
             {"contributed": Printed("60,000"), "final_value": Printed("64,000", "1,000")},
             say('theirs is "$64k and change", of the index; ours is a fund with its costs')),
        Case(say("The same in Treasury bills"), "awealthofcommonsense.com",
             partial(ours.saved, DAILY, {"CASH": 1.0}, *_DECADE, monthly=500.0),
             {"final_value": Printed("67,000", "1,000")}, say('theirs is "over $67k"')),
        Case(say("The S&P 500 over that decade"), "awealthofcommonsense.com",
             partial(ours.changed, MONTHLY, "SP500", "1999-12-31", "2009-12-31"),
             {"change": Printed("-9 %", "1.0")}, say('theirs is "more than 9 %"')),
        Case(say("The saver, staying to 2018-09"), "awealthofcommonsense.com",
             partial(ours.saved, DAILY, {"SP500": 1.0}, "2000-01-01", "2018-09-30", monthly=500.0),
             {"final_value": Printed("300,000", "1,000")},
             say('theirs is "over $300k", of the index; ours is a fund with its costs')),
        Case(say("The seven in the S&P 500, 2015"), "fool.com",
             partial(ours.estimated, "2015-12-31"), {"weight": Printed("12.3 %", "0.05", "-1.17")},
             say("theirs is said of no day; ours is read on 2015-12-31, five years before Tesla "
                 "joined")),
        Case(say("The seven in the S&P 500, end of 2022"), "gurufocus.com",
             partial(ours.estimated, "2022-12-30"), {"weight": Printed("20 %")},
             say("theirs is rounded")),
        Case(say("The seven in the S&P 500, 2025-08"), "fool.com",
             partial(ours.estimated, "2025-08-29"), {"weight": Printed("34 %", "1.0")},
             say("theirs is said of no day; ours is an estimate of the month's last")),
        Case(say("The seven in the S&P 500, end of 2025"), "fool.com",
             partial(ours.estimated, "2025-12-31"), {"weight": Printed("34.3 %", "0.6")},
             say("theirs is said of no day; ours is read from a fund's holdings")),
    ),
)  # fmt: skip

_UNDER = partial(ours.windfall, ours.of_public(SP500), {"sp500": 1.0}, ("1999-01", "2018-11"), 1)
_OVER = partial(ours.windfall, ours.of_public(NASDAQ), {"nasdaq": 1.0}, ("1999-01", "2018-11"), 1)
_ERA_2012 = ("1926-07", "2011-12")
_BILLS = partial(ours.waiting_in_bills, 0.6, _ERA_2012, 10)
_RULE = partial(ours.windfall, ours.century(), {"SP500": 0.6, "CASH": 0.4}, _ERA_2012, 10)
_WINDOWS = say('not reproduced: theirs is "about 90 %", its windows are not told')
_IDLE = say("the money that waits earns nothing here; theirs waits in bills, as in the rows before")


def _parts(index: str, find: partial[ours.Found], *won: str) -> tuple[Case, ...]:
    return tuple(
        Case(
            say("{index}, 1999 to 2018, in {n} parts, after a year", index=index, n=parts), _SECOND,
            partial(find, parts),
            {"windows": Printed("228"), "won by all at once": Printed(text)}, _DIGITS, public=True,
        )
        for parts, text in zip((3, 6, 12), won, strict=True)
    )  # fmt: skip


_WINDFALLS = Group(
    say("A windfall at once against monthly parts"),
    say("The share of all windows in which the whole sum at once ended with more. It is about "
        "money that is there already, not about wages saved as they come. Not held: that a perfect "
        "buyer of dips loses in over 70 % of 40-year windows, as no strategy here knows the dips."),
    (
        *_parts(say("S&P 500"), _UNDER, "61.0 %", "65.8 %", "68.9 %"),
        *_parts(say("Nasdaq Composite"), _OVER, "63.2 %", "65.8 %", "67.1 %"),
        Case(say("US 60/40, 1926 to 2011, in 12 parts, after ten years, waiting in bills"),
             "Vanguard, 2012", partial(_BILLS, 12),
             {"won by all at once": Printed("66.7 %", "2"),
              "more by all at once": Printed("2.3 %", "0.5"),
              "windows": Printed("1,021", apart="-114", why=say(
                  "1,021 is the number of windows of 12 months; of ten years there are 913, from "
                  "1926-07 on 907"))},
             say('theirs is "two thirds", with bonds; ours has bills, as no bonds reach back '
                 "so far")),
        Case(say("The same by our rule"), "Vanguard, 2012",
             partial(_RULE, 12),
             {"won by all at once": Printed("66.7 %", "0.2", "8.6"),
              "more by all at once": Printed("2.3 %", "0.1", "1.6")}, _IDLE),
        Case(say("The same in 36 parts, waiting in bills"), "Vanguard, 2012", partial(_BILLS, 36),
             {"won by all at once": Printed("90 %", "0.2", "-14.5")}, _WINDOWS),
        Case(say("The same by our rule"), "Vanguard, 2012", partial(_RULE, 36),
             {"won by all at once": Printed("90 %", "0.2", "-4.9")}, say_all([_IDLE, _WINDOWS])),
        Case(say("Stocks, 1976 to 2022, in 3 parts, after a year"), "Vanguard, 2023",
             partial(ours.windfall, ours.century(), {"SP500": 1.0}, ("1976-01", "2022-12"), 1, 3),
             {"won by all at once": Printed("68 %", "2.0"),
              "parts that gained": Printed("69 %", "0.2", "10.7", why=say(
                  "theirs is MSCI World against cash; ours US stocks above the money put in"))},
             say("theirs is MSCI World, ours US stocks; what waits earns nothing in both")),
    ),
)  # fmt: skip


def _ended(what: str, strategy: str, depth: float, **printed: str) -> Case:
    keys = {name.replace("_", " ") if name not in _KEYS else name: Printed(text)
            for name, text in printed.items()}  # fmt: skip
    return Case(what, _SECOND, partial(ours.scenario, strategy, depth), keys, _DIGITS)


_KEYS = ("final_value", "contributed", "max_drawdown")
_WORST = "worst_of_the_scenario_against_money_put_in"
_GOOD = "above_money_put_in_for_good"


def _beside(core: str, **worst: str) -> Case:
    named = {f"worst with {share.removeprefix('at')}% picks": Printed(text)
             for share, text in worst.items()}  # fmt: skip
    return Case(
        say("Picks beside {core}", core=core),
        _SECOND,
        partial(ours.satellite, core),
        named,
        _DIGITS,
    )


_SCENARIO = Group(
    say("The scenario: the AI run, then 2000"),
    say("1,000 a month; history to 2026-09-17, then the path from 2000-03-10 to 2007-12-31. It is "
        "no forecast."),
    (
        _ended(say("Index fund"), "index-fund", 1.0, worth_where_history_ends="68,918.11",
               final_value="207,539.17", contributed="141,000", max_drawdown="-47.519 %",
               **{_WORST: "-22.5795 %", _GOOD: "2030-02-18"}),
        _ended(say("Index fund, half as deep"), "index-fund", 0.5, final_value="198,464.56",
               **{_WORST: "-0.7215 %"}),
        _ended(say("Nasdaq"), "nasdaq", 1.0, final_value="162,600.08",
               **{_WORST: "-57.2093 %", _GOOD: "2033-04-13"}),
        _beside("index-fund", at10="-25.09 %", at50="-35.13 %"),
        _beside("diversified", at30="-8.22 %", at50="-20.60 %"),
    ),
)  # fmt: skip


def _era(strategy: str, era: str, **printed: str) -> Case:
    named = {key: Printed(text) for key, text in printed.items()}
    return Case(f"{strategy}, {era}", _SECOND, partial(ours.run, strategy, era), named, _DIGITS)


_ERAS = Group(
    say("Our own eras, computed a second time"),
    say("1,000 a month on the embedded prices, by the day."),
    (
        _era("index-fund", "dotcom", contributed="139,000", final_value="204,051.13",
             xirr="6.4089 %", max_drawdown="-47.519 %", max_drawdown_peak="2000-09-01",
             max_drawdown_trough="2002-10-09", max_drawdown_recovery="2006-10-26",
             account_max_drawdown="-27.701 %", worst_shortfall="-22.843 %",
             worst_shortfall_date="2002-10-09"),
        _era("ai-picks", "ai-run", contributed="47,000", final_value="91,620.44",
             xirr="36.2721 %", max_drawdown="-29.911 %", max_drawdown_peak="2024-12-24",
             max_drawdown_trough="2025-04-08", max_drawdown_recovery="2025-07-10",
             account_max_drawdown="-25.067 %", worst_shortfall="-12.514 %",
             worst_shortfall_date="2022-12-28"),
        _era("index-fund", "all", contributed="364,000", final_value="2,514,405.89",
             xirr="10.8029 %", max_drawdown="-55.045 %", max_drawdown_recovery="2012-04-02",
             account_max_drawdown="-50.276 %", worst_shortfall="-30.761 %"),
    ),
)  # fmt: skip

_SAYINGS = Group(
    say("Sayings"),
    say("Figures that savers hear. `dca claims` has the verdicts and what is behind them."),
    (
        Case(say("The Nasdaq fell by nearly four fifths"), say("a saying"),
             partial(ours.fell, DAILY, "IXIC", "1996-06-03", "2007-12-31"),
             {"fall": Printed("-80 %", "2.5")}, say('"nearly"')),
        Case(say("NVIDIA rose by 1,600 %"), say("a saying"), ours.nvidia_rose,
             {"month ends": Printed("1,600 %", "3", why=say("by month ends, from 2022-10-31")),
              "most since ChatGPT": Printed("1,600 %", "0.1", "-305.5",
                                            why=say("from ChatGPT's release on 2022-11-30 it was "
                                                "never that much"))}, ""),
        Case(say("The seven are 37 % of the S&P 500"), say("a saying"), ours.highest_weight,
             {"with Broadcom on 2025-12-31": Printed("37 %", "1.0", why=say("so it is of eight, "
                                                         "with Broadcom")),
              "highest read by the day": Printed("37 %", "0.05", "-1.08", why=say("the seven alone "
                                                     "never were")),
              "newest": Printed("37 %", "0.05", "-2.31", why=say("read on 2026-10-08"))}, ""),
    ),
)  # fmt: skip

GROUPS = (_ARCH, _FALLS, _VISUALIZER, _HEADLINES, _WINDFALLS, _ERAS, _SCENARIO, _SAYINGS)
