"""zipline-reloaded: whole shares, fills at the next bar's close, prices from an ingested bundle."""

import os
import tempfile
from datetime import time
from importlib.metadata import version

# Bundles are kept in a folder of this process; zipline reads the variable when it is imported.
os.environ["ZIPLINE_ROOT"] = tempfile.mkdtemp(prefix="zipline-")

import pandas as pd
from exchange_calendars.weekday_calendar import WeekdayCalendar
from harness import MONTHLY_USD, Prices, Question, Timed, asked, np, serve
from zipline import run_algorithm
from zipline.api import order, set_commission, set_slippage, symbol
from zipline.data.bundles import ingest, register
from zipline.finance import commission, slippage
from zipline.utils.calendar_utils import get_calendar, global_calendar_dispatcher

BUNDLE = "made-up"
VOLUME = 1_000_000_000


class Weekdays(WeekdayCalendar):
    """Open on every weekday, as the made-up prices are, and closed before the day is over."""

    name = "WEEKDAYS"
    close_times = ((None, time(23, 59)),)
    close_offset = 0

    @classmethod
    def default_start(cls) -> pd.Timestamp:
        """Begin before the first price; the calendar at hand begins twenty years ago."""
        return pd.Timestamp("1990-01-01")


global_calendar_dispatcher.register_calendar_type(Weekdays.name, Weekdays)


class Bundle:
    """Prices as zipline's ingestion wants them."""

    def __init__(self, prices: Prices) -> None:
        self.prices = prices
        self.days = pd.DatetimeIndex(prices.dates)
        self.names = [f"A{column}" for column in range(prices.closes.shape[1])]

    def write(self) -> None:
        """Put the prices into zipline's own store; this is not timed."""
        span = {"start_session": self.days[0], "end_session": self.days[-1]}
        register(BUNDLE, self._load, Weekdays.name, **span)
        ingest(BUNDLE, show_progress=False)

    def _load(self, _environ, assets, _minutes, daily, adjustments, *_rest) -> None:
        daily.write(enumerate(self._frames()), show_progress=False)
        span = {"start_date": self.days[0], "end_date": self.days[-1], "exchange": "NYSE"}
        names = {"symbol": self.names, "asset_name": self.names}
        assets.write(equities=pd.DataFrame(names | span))
        adjustments.write()

    def _frames(self) -> list[pd.DataFrame]:
        return [
            pd.DataFrame({"open": c, "high": c, "low": c, "close": c, "volume": VOLUME}, self.days)
            for c in self.prices.closes.T
        ]


class Saver:
    """Pay in and buy when the month changes."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        starts = bundle.days[bundle.prices.firsts]
        # Keys without a time zone would be passed over in silence.
        deposit = {"type": "delta", "value": MONTHLY_USD}
        self.deposits = {day.tz_localize("UTC"): deposit for day in starts[1:]}

    def initialize(self, context) -> None:
        """Start before the first month."""
        context.capital_changes = self.deposits
        context.month = 0
        context.assets = [symbol(name) for name in self.bundle.names]
        set_commission(commission.NoCommission())
        set_slippage(slippage.NoSlippage())

    def handle_data(self, context, data) -> None:
        """Look at the date on every bar."""
        if data.current_dt.month == context.month:
            return
        context.month = data.current_dt.month
        part = MONTHLY_USD / len(context.assets)
        for asset in context.assets:
            order(asset, int(part / data.current(asset, "close")))

    def run(self) -> pd.DataFrame:
        """Replay from the first bar to the last."""
        days = self.bundle.days
        return run_algorithm(
            days[0],
            days[-1],
            self.initialize,
            MONTHLY_USD,
            handle_data=self.handle_data,
            bundle=BUNDLE,
            trading_calendar=get_calendar(Weekdays.name),
            benchmark_returns=pd.Series(0.0, days),
        )


def prepared(question: Question) -> Saver:
    """Ingest what is asked about."""
    bundle = Bundle(asked(question))
    bundle.write()
    return Saver(bundle)


def saver(question: Question) -> Timed:
    """Return the final value of one saver."""
    one = prepared(question)
    return lambda: np.array([one.run().portfolio_value.iloc[-1]])


def fall(question: Question) -> Timed:
    """Return the largest fall as zipline tells it."""
    one = prepared(question)
    return lambda: np.array([one.run().max_drawdown.iloc[-1]])


if __name__ == "__main__":
    serve(version("zipline-reloaded"), {"saver": saver, "fall": fall})
