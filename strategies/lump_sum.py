"""The same total as the monthly saver's, all on day one: a yardstick."""

from dataclasses import replace

from data.language import say
from strategies.dca.terms import Terms
from strategies.index_fund import IndexFund


class LumpSum(IndexFund):
    """Put everything into the S&P 500 fund on the first bar."""

    name = "lump-sum"
    title = say("Lump sum, S&P 500")
    label = say("lump-sum has the whole total on the first day, as no wage earner has")
    on_by_default = False

    @classmethod
    def funding(cls, terms: Terms, total_usd: float) -> Terms:
        """Bring the whole window's contributions forward to its first bar."""
        undated = replace(terms.schedule, payments=())
        return replace(terms, initial_usd=total_usd, monthly_usd=0.0, schedule=undated)
