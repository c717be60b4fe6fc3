"""Pay in what is missing to a value that grows by each month's sum (Edleson, 1988)."""

from data.language import say
from strategies.index_fund import IndexFund


class ValueAveraging(IndexFund):
    """Pay in what the index fund lacks to a value that grows evenly; sell nothing above it.

    The value wanted grows by what the schedule has due. What is missing at the bar's close is paid
    in there, up to `most` times the sum due; the rest is caught up with later.
    """

    name = "value-averaging"
    title = say("Value averaging")
    label = say(
        "value averaging pays in each time what is missing to a value that grows by the sum due, "
        "from 0 to {most:g} times that sum; what it may ask for must lie ready elsewhere, and is "
        "not counted here until then"
    )
    on_by_default = False
    settings = {"most": (1.0, 1000.0)}
    most = 3.0
    wanted_usd = 0.0

    def paid_in(self, due_usd: float, worth_usd: float) -> float:
        """Return what is missing, within its bounds."""
        self.wanted_usd += due_usd
        return min(max(self.wanted_usd - worth_usd, 0.0), self.most * due_usd)
