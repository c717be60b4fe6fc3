"""Three-month Treasury bills, rolled: the floor to beat."""

from data.language import say
from strategies.dca.base import DcaStrategy


class Cash(DcaStrategy):
    """Keep the savings in T-bills."""

    name = "cash"
    title = say("Treasury bills")
    weights = {"CASH": 1.0}
    on_by_default = False
