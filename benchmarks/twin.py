"""Call the vectorised twin as a sweep does; the one place here that knows its interface."""

from backtests.measures.running import Figures
from backtests.sweeps.request import Layout, Request, Variant
from backtests.sweeps.rows import Twin, saver_of, window_figures
from backtests.vectorized.bootstrap import months_taken
from backtests.vectorized.market import Market, Spans
from benchmarks import synthetic
from benchmarks.peers.harness import FEE, MONTHLY_USD, SCHEMES, Floats, Prices, np
from data.prices import PriceTable
from strategies.dca.base import allocation
from strategies.dca.terms import Costs, Rebalance, Terms

# Final values of a bootstrap that are handed back, for the check.
KEPT = 100
# What paths are drawn from.
HISTORY_MONTHS, HISTORY_ASSETS = 360, 4


def variant_of(assets: int, terms: Terms, years: int = 10, rule: str = "none") -> Variant:
    """Return equal parts of so many assets."""
    kind = allocation("equal", {f"A{column}": 1.0 / assets for column in range(assets)}, rule)
    return Variant("equal", kind, years, terms, Rebalance.parse(rule))


def market_of(made: Prices) -> Market:
    """Hand the twin prices without holes."""
    count = made.closes.shape[1]
    names = tuple(f"A{column}" for column in range(count))
    return Market(made.dates, names, made.closes, made.closes > 0, np.full(count, -1))


def terms_of(scheme: str, months: int) -> Terms:
    """Say a scheme in the project's own words."""
    if scheme == "lump":
        return Terms(monthly_usd=0.0, initial_usd=MONTHLY_USD * months)
    return Terms(MONTHLY_USD, costs=Costs(bps=1e4 * FEE if scheme == "fee" else 0.0))


def one(made: Prices, scheme: str) -> Figures:
    """Replay one saver from the first bar to the last, every core measure."""
    variant = variant_of(made.closes.shape[1], terms_of(scheme, len(made.firsts)))
    return window_figures(market_of(made), Spans.whole(len(made.dates), 1), saver_of(variant))


def sweep(made: Prices, months: int) -> list[Figures]:
    """Replay all windows of every scheme and asset; one entry each of (windows,) figures."""
    spans = Spans(*made.windows(months))
    markets = [market_of(Prices(made.dates, column[:, None])) for column in made.closes.T]
    variants = [variant_of(1, terms_of(scheme, months)) for scheme in SCHEMES]
    return [window_figures(market, spans, saver_of(v)) for v in variants for market in markets]


def layout(paths: int, months: int) -> Layout:
    """Lay a bootstrap out: equal parts of four assets, rebalanced yearly."""
    terms, years = Terms(MONTHLY_USD), months // 12
    variant = variant_of(HISTORY_ASSETS, terms, years, "annual")
    return Layout(Request(years=(years,), bootstrap=paths), (variant,), history(), {})


def history() -> PriceTable:
    """Return synthetic month ends up to a January, in which every path then begins."""
    growth = 1.0 + synthetic.monthly_returns(HISTORY_MONTHS, HISTORY_ASSETS)
    closes = 100.0 * np.cumprod(np.vstack([np.ones(HISTORY_ASSETS), growth]), axis=0)
    months = np.arange(-HISTORY_MONTHS, 1).astype("timedelta64[M]")
    ends = (np.datetime64("2024-02", "M") + months).astype("datetime64[D]") - np.timedelta64(1, "D")
    names = tuple(f"A{column}" for column in range(HISTORY_ASSETS))
    return PriceTable(ends, names, closes, "monthly", "file")


def bootstrap(laid_out: Layout) -> Floats:
    """Compute all paths chunk by chunk, every core measure; return the first final values."""
    twin, kept = Twin(laid_out), np.empty(0)
    for chunk in laid_out.chunks:
        found = twin.rows(chunk).figures["final_value"]
        # Only figures of the chunk at work are held: a sweep has saved the others.
        kept = found[:KEPT] if chunk.first == 0 else kept
    return kept


def drawn_returns(laid_out: Layout, paths: int) -> Floats:
    """Return what the first paths live through, shape (paths, months - 1, assets)."""
    (variant,) = laid_out.variants
    drawn = laid_out.history(variant)
    taken = months_taken(laid_out.design(variant), 0, len(drawn.ratios))[:, :paths]
    return drawn.ratios[taken.T] - 1.0
