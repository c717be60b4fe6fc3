"""Explain every term the page uses: (term, meaning)."""

GLOSSARY = (
    ("Money put in", "Everything the saver paid in up to that day."),
    (
        "Unit value",
        "What one dollar put in on the first day became, later payments left out. A fund publishes "
        "its price that way. Its growth is the time-weighted return.",
    ),
    (
        "XIRR",
        "The money-weighted yearly return: the one interest rate at which the payments, each from "
        "its own date, would have grown to the final value.",
    ),
    ("CAGR", "Compound annual growth rate: the unit value's growth a year."),
    (
        "Strategy drawdown",
        "The fall of the unit value from its earlier high: what a fund would publish.",
    ),
    (
        "Account drawdown",
        "The fall of the account's value from its earlier high: what the statement shows. New "
        "payments fill part of the hole, so it looks milder.",
    ),
    (
        "Against money put in",
        "How far the account stood below everything paid in so far. Gains made earlier are a "
        "cushion, so it can be small where the other two are large.",
    ),
    ("Ulcer index", "The root mean square of the strategy drawdown: depth and length in one."),
    ("Volatility", "How much the unit value's returns scatter, scaled to a year."),
    (
        "Sharpe ratio",
        "Return above that of Treasury bills, over the scatter of returns; "
        "where the data has no Treasury bills, above zero.",
    ),
    (
        "Sortino ratio",
        "The same, but only falls below the Treasury bills' return count as scatter.",
    ),
    ("Calmar ratio", "Yearly growth of the unit value over its deepest drawdown."),
    ("Treasury bills", "Short loans to the US government, used as the return without risk."),
    (
        "Average cost and average price",
        "Cost is what a unit cost the saver on average; price is the plain mean of the unit value "
        "on the payment days, in units that begin at $1. Equal payments buy more units when they "
        "are cheap, so the cost is never above the price; the difference is the advantage of "
        "equal payments.",
    ),
    ("After inflation", "Each payment counted in dollars of the last day, by US consumer prices."),
    ("Hindsight", "Shares picked because of what is known today. Nobody could pick them so then."),
    (
        "Proxy",
        "A series that stands in for a fund before that fund existed; the notes name each one.",
    ),
    (
        "Daily and month-end prices",
        "Daily prices are every close. Month-end prices are one close a month, so falls in "
        "between are not seen and were deeper.",
    ),
    (
        "SHA-256",
        "A fingerprint of the prices: the same letters mean the same prices to the last digit.",
    ),
)
