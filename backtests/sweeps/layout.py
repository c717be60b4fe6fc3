"""Lay a sweep out: which strategies, which prices, and which windows fit into them."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from backtests.comparison import (
    LeftOut,
    StrategyClass,
    fitted,
    no_bars,
    own_strategy,
    shelters,
)
from backtests.labels import bars_said
from backtests.plan import NOTHING_PUT_IN, quit_of
from backtests.sweeps.custom import holds_nothing
from backtests.sweeps.request import Layout, Request, Variant
from backtests.vectorized.market import Market, Spans, alike
from data.arrays import Days, to_date
from data.errors import BadPlan, NoPrices, UnknownName
from data.language import say, say_each
from data.options import Tables
from data.prices import Bars, PriceTable
from data.window import Window, window
from strategies.dca.base import allocation
from strategies.dca.discovery import names, strategy
from strategies.dca.terms import SHELTER, Costs, Quit, Rebalance, Terms, check_parts

RESOLUTIONS: tuple[Bars, ...] = ("daily", "weekly", "monthly")
# The first bar of a month may be this many days into it, and the last as many before its end.
MONTH_EDGE_DAYS = 7
MOST_VARIANTS = 1_000
ALL = slice(None)
DAY, MONTH = np.timedelta64(1, "D"), np.timedelta64(1, "M")
_DEFAULTS = ("index-fund", "diversified")
# What stands beside the index fund where the mix has no prices.
_EARLIER = ("lump-sum", "cash")


def lay_out(request: Request, tables: Tables, own: StrategyClass | None = None) -> Layout:
    """Find the prices and the windows of a sweep; raises BadInput where there are none.

    Where no strategy is named, those of the defaults without prices are left out.
    """
    try:
        return _covering(request, tables, own)
    except NoPrices:
        if own or request.strategies or request.weights:
            raise
        kept, left_out = _priced(request, tables)
        if not kept:
            raise
    layout = _covering(replace(request, strategies=kept), tables)
    return replace(layout, left_out=left_out)


def _priced(request: Request, tables: Tables) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the defaults that have prices, and say why the others are left out."""
    kept, left_out = [], []
    for name in _defaults(request):
        try:
            _covering(replace(request, strategies=(name,)), tables)
            kept.append(name)
        except (NoPrices, UnknownName) as error:
            left_out.append(str(LeftOut(name, str(error))))
    return tuple(kept), tuple(left_out)


def _defaults(request: Request) -> tuple[str, ...]:
    """Name what a sweep may run where none is named."""
    return (*_DEFAULTS, *request.declared, *(_EARLIER if request.start else ()))


def _covering(request: Request, tables: Tables, own: StrategyClass | None = None) -> Layout:
    """Lay a sweep out on the finest table that has the prices of every strategy."""
    variants = tuple(_variants(request, own))
    if len(variants) > MOST_VARIANTS:
        raise BadPlan(
            say(
                "{n:,} combinations; ask for at most {most:,} at once",
                n=len(variants),
                most=MOST_VARIANTS,
            )
        )
    held = tuple(dict.fromkeys(s for v in variants for s in v.symbols))
    late = all(v.strategy_class.late_listings for v in variants)
    choices = _resolutions(request, tables)
    problems: list[tuple[np.datetime64, NoPrices | UnknownName]] = []
    for bars in choices:
        whole = tables[bars]()
        more = shelters(variants[-1].terms)
        symbols = tuple(dict.fromkeys([*held, *(s for s in more if s in whole.symbols)]))
        try:
            table = whole.select(symbols)
            fit = _fitted(variants, table)
            months = _asked(request, table, _common_months(table, symbols, late))
            if request.bootstrap is not None:
                layout = Layout(request, fit, _drawn_from(request, table, months), {})
            else:
                layout = Layout(request, fit, table, _starts(request, table, months))
            _check(layout)
            return layout
        except (NoPrices, UnknownName) as error:
            problems.append((whole.dates[0], error))
    if not problems:
        raise NoPrices(no_bars(request.bars))
    # The table that reaches back furthest knows best; of equals the finest, the first.
    raise min(problems, key=lambda problem: problem[0])[1]


def again(
    request: Request, own: StrategyClass | None, table: PriceTable, starts: Mapping[int, Days]
) -> Layout:
    """Lay a sweep out once more where it was sent to, from what could be sent."""
    return Layout(request, _fitted(_variants(request, own), table), table, starts)


def windows(dates: Days, starts: Days, months: int) -> Spans:
    """Return the bars from the first of each starting month to the last of its last month."""
    opening = starts.astype("datetime64[M]")
    first = np.searchsorted(dates, opening.astype("datetime64[D]"))
    after = np.searchsorted(dates, (opening + months * MONTH).astype("datetime64[D]"))
    since = opening.astype("datetime64[D]")
    return Spans(first.astype(np.int64), after.astype(np.int64) - 1, since)


def view_of(layout: Layout, variant: Variant) -> Window:
    """Cut out the prices from the first window's first day to the last window's last."""
    starts = layout.starts[variant.years]
    end = (starts[-1] + variant.months * MONTH).astype("datetime64[D]") - DAY
    late = variant.strategy_class.late_listings
    return window(layout.table, variant.symbols, to_date(starts[0]), to_date(end), late)


def spans_of(layout: Layout, variant: Variant, market: Market, rows: slice = ALL) -> Spans:
    """Return the bars of some of a variant's windows, which open as data.window opens them."""
    found = windows(market.dates, layout.starts[variant.years][rows], variant.months)
    if variant.strategy_class.late_listings:
        return found
    common = np.flatnonzero(market.calendar.sessions)
    return replace(found, first=common[np.searchsorted(common, found.first)])


def _check(layout: Layout) -> None:
    """Raise NoPrices where a window or a path has not its prices, BadPlan where it has no money."""
    if layout.request.bootstrap is not None:
        layout.history(layout.variants[0])
        return
    for variant in {(v.symbols, v.years): v for v in layout.variants}.values():
        view = view_of(layout, variant)
        if not variant.terms.schedule.plain:
            market = Market.of(view)
            _check_money(market, spans_of(layout, variant, market), variant.terms)


def _check_money(market: Market, spans: Spans, terms: Terms) -> None:
    for who, calendar in alike(market, spans, terms.schedule):
        part = spans.part(who)
        idle = calendar.payments(part.first, part.last, terms, part.since)[1].sum(axis=0) == 0
        if idle.any():
            day = market.dates[part.first[idle.argmax()]]
            raise BadPlan(
                say(
                    "nothing is put in by this schedule in the window from {day} on; leave such "
                    "windows out with --from and --to",
                    day=str(day),
                )
            )


def _fitted(variants: Iterable[Variant], table: PriceTable) -> tuple[Variant, ...]:
    return tuple(_fit(variant, table) for variant in variants)


def _fit(variant: Variant, table: PriceTable) -> Variant:
    shelter = tuple(s for s in shelters(variant.terms) if s in table.symbols)
    return replace(variant, terms=fitted(variant.terms, table), shelter=shelter)


def _variants(request: Request, own: StrategyClass | None) -> Iterator[Variant]:
    for strategy_class in _classes(request, own):
        rules = request.rebalance or (strategy_class.rebalance,)
        parts = (1, *request.parts) if request.parts else (1,)
        grid = itertools.product(
            request.years, request.monthly, rules, request.fee_bps, parts, _quits(request)
        )
        for years, monthly, rule, fee, count, quit_ in grid:
            if not (monthly or request.initial or request.payments):
                raise BadPlan(NOTHING_PUT_IN)
            chosen = Rebalance.parse(rule)
            terms = Terms(
                monthly,
                request.initial,
                rebalance=chosen,
                costs=Costs(fee, request.fee_per_order, request.fee_min, request.tax),
                fill=request.fill,
                whole_shares=request.whole_shares,
                schedule=request.schedule,
                parts=count,
                quit=quit_,
            )
            apart = bool(request.parts), bool(request.quit_at)
            variant = Variant(strategy_class.name, strategy_class, years, terms, chosen, *apart)
            _check_parts(variant)
            yield variant


def _quits(request: Request) -> Iterator[Quit | None]:
    """Yield who stays, then who quits at each fall and is back after each wait."""
    yield None
    falls = request.quit_at or (None,) * bool(request.return_after)
    for at, after in itertools.product(falls, request.return_after or ("never",)):
        yield quit_of(at, after)


def _check_parts(variant: Variant) -> None:
    """Refuse parts of no initial sum, and more of them than a window has months."""
    parts, months = variant.terms.parts, variant.months
    if parts > months:
        raise BadPlan(
            say(
                "{parts} monthly parts do not fit into {months} months; take more --years",
                parts=parts,
                months=months,
            )
        )
    check_parts(variant.name, variant.funded)


def symbols_needed(request: Request, own: StrategyClass | None = None) -> tuple[str, ...]:
    """Return every symbol that a sweep's strategies may hold, each once."""
    named = own or request.strategies or request.weights
    asked = request if named else replace(request, strategies=_defaults(request))
    more = (SHELTER,) if request.quit_at else ()
    return tuple(dict.fromkeys([*(s for c in _classes(asked, own) for s in c.held()), *more]))


def _classes(request: Request, own: StrategyClass | None) -> list[StrategyClass]:
    found = [own] if own else [_class(name, request) for name in request.strategies]
    if request.weights:
        found.append(allocation("allocation", request.weights))
    found = found or [_class(name, request) for name in (*_DEFAULTS, *request.declared)]
    if request.against and request.against not in {c.name for c in found}:
        found.append(_class(request.against, request))
    if request.against and len(found) == 1:
        raise BadPlan(
            say(
                "nothing is set against {strategy}; name another with --strategy",
                strategy=request.against,
            )
        )
    for strategy_class in found:
        if not strategy_class.held():
            raise BadPlan(holds_nothing(strategy_class.name))
    return found


def _class(name: str, request: Request) -> StrategyClass:
    if name in request.declared:
        found = own_strategy(name, request.declared[name])
    elif name not in names():
        raise UnknownName(say("strategy"), name, [*names(), *request.declared])
    else:
        found = strategy(name)
    if found.basket and not found.picks:
        raise BadPlan(
            say(
                "{name} holds what stood for it in one era, and a sweep crosses eras; name what to "
                "hold with --weights, or its picks in a plan",
                name=name,
            )
        )
    return found


def _resolutions(request: Request, tables: Tables) -> Sequence[Bars]:
    # Paths are drawn from months, so daily bars would only be thrown away.
    wanted = ("monthly",) if request.bootstrap is not None else RESOLUTIONS
    if request.bars != "auto" and request.bootstrap is None:
        wanted = (request.bars,)
    elif request.bars == "daily":
        raise BadPlan(say("a bootstrap draws months; leave --bars daily out"))
    return [bars for bars in RESOLUTIONS if bars in wanted and bars in tables]


def _common_months(table: PriceTable, symbols: Sequence[str], late: bool) -> Days:
    """Return the months that every symbol (with late listings: any) has from end to end."""
    firsts, lasts = [table.first(s) for s in symbols], [table.last(s) for s in symbols]
    first = min(firsts) if late else max(firsts)
    going_on = [day for day, s in zip(lasts, symbols, strict=True) if s not in table.ended]
    last = min(going_on, default=max(lasts))
    if first >= last:
        raise NoPrices(
            say(
                "{symbols} have no {bars} prices in common",
                symbols=say_each(symbols),
                bars=bars_said(table.bars),
            )
        )
    opening, closing = np.datetime64(first, "M"), np.datetime64(last, "M")
    edge = 31 if table.bars == "monthly" else MONTH_EDGE_DAYS
    into = np.datetime64(first) - opening.astype("datetime64[D]")
    left = (closing + MONTH).astype("datetime64[D]") - np.datetime64(last)
    skipped = MONTH * int(into >= edge * DAY), MONTH * int(left > edge * DAY)
    return np.arange(opening + skipped[0], closing - skipped[1] + MONTH)


def _asked(request: Request, table: PriceTable, common: Days) -> Days:
    """Return the months that are asked for; raises NoPrices where some have no prices."""
    low = np.datetime64(request.start, "M") if request.start else common[0]
    high = np.datetime64(request.end, "M") if request.end else common[-1]
    if low < common[0] or high > common[-1]:
        raise NoPrices(
            say(
                "{symbols}: whole months of {bars} prices run from {first} to {last}, asked from "
                "{low} to {high}",
                symbols=say_each(table.symbols),
                bars=bars_said(table.bars),
                first=str(common[0]),
                last=str(common[-1]),
                low=str(low),
                high=str(high),
            )
        )
    return np.arange(low, high + MONTH)


_TOO_LONG = say(
    "{symbols}: no window of {years} years fits into {first} to {last} of {bars} prices; give "
    "fewer --years"
)
_TOO_LONG_HERE = say(
    "{symbols}: no window of {years} years fits into {first} to {last} of {bars} prices; give "
    "fewer --years, or --from 1926-06 for SP500 and CASH alone"
)


def _starts(request: Request, table: PriceTable, months: Days) -> dict[int, Days]:
    """Return the first months of the windows that fit, by horizon."""
    found = {years: months[: len(months) + 1 - 12 * years] for years in request.years}
    for years in request.years:
        if len(months) < 12 * years:
            older = table.source == "snapshot"
            raise NoPrices(
                say(
                    _TOO_LONG_HERE if older else _TOO_LONG,
                    symbols=say_each(table.symbols),
                    years=years,
                    first=str(months[0]),
                    last=str(months[-1]),
                    bars=bars_said(table.bars),
                )
            )
    return found


def _drawn_from(request: Request, table: PriceTable, months: Days) -> PriceTable:
    """Keep the months that paths are drawn from, and the one before, from which the first steps."""
    if not (request.start or request.end):
        return table
    of_bars = table.dates.astype("datetime64[M]")
    keep = (of_bars >= months[0] - MONTH) & (of_bars <= months[-1])
    return replace(table, dates=table.dates[keep], closes=table.closes[keep])
