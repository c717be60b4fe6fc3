"""Keep a part of each payment as a reserve, and buy with all of it when the fund has fallen."""

from collections.abc import Mapping

from data.errors import BadPlan
from data.language import say
from strategies.index_fund import IndexFund


class BuyTheDip(IndexFund):
    """Keep a fifth of each payment back; spend all that is kept 10 % below the year's high.

    Whether the fund (of several: that of the largest weight) has fallen so far is judged on each
    payment by the bars before it, never by its own: their newest close against the highest close of
    the `months` months up to it.
    """

    name = "buy-the-dip"
    title = say("Buy the dip")
    label = say(
        "{reserve_percent:.0f} % of each payment waits as cash, which earns nothing here, for a "
        "payment on which the last close before it is {fall_percent:.0f} % below the high of "
        "{months:g} months"
    )
    every_bar = True
    on_by_default = False
    settings = {"reserve": (0.0, 1.0), "fall": (0.0, 1.0), "months": (1.0, 1200.0)}
    reserve = 0.2
    fall = 0.1
    months = 12.0

    def __init__(self) -> None:
        super().__init__()
        if self.rule.rule in ("annual", "band"):
            raise BadPlan(
                say(
                    "{strategy}: a rebalancing would spend or refill the reserve; leave "
                    "--rebalance at none or contribute",
                    strategy=self.name,
                )
            )
        watched = max(self.held(), key=lambda symbol: self.held()[symbol])
        self._fund = self.datas[self.symbols.index(watched)]
        self._past: list[tuple[float, float]] = []
        self._fallen = False

    def next(self) -> None:
        """Decide by the bars before this one, which joins them afterwards."""
        super().next()
        if len(self._fund) and self._fund.close[0] > 0:
            self._past.append((self.datetime[0], float(self._fund.close[0])))

    def paid_in(self, due_usd: float, worth_usd: float) -> float:
        """Judge on the payment, whichever bar it is invested on."""
        self._fallen = self._has_fallen()
        return super().paid_in(due_usd, worth_usd)

    def targets(self) -> Mapping[str, float]:
        """Leave the reserve in cash; spend it where the fund has fallen."""
        if self._fallen:
            self.spend_kept()
            return self.held()
        return {symbol: weight * (1.0 - self.reserve) for symbol, weight in self.held().items()}

    def _has_fallen(self) -> bool:
        if not self._past:
            return False
        newest, last = self._past[-1]
        since = newest - self.months * 365.25 / 12
        high = max(close for day, close in self._past if day > since)
        return last <= (1.0 - self.fall) * high
