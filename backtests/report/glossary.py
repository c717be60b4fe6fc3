"""Explain every term the page uses: those of the measures, and a few more."""

from backtests.measures.catalogue import CATALOGUE

_MORE = (
    ("Treasury bills", "Short loans to the US government, used as the return without risk."),
    ("Hindsight", "Shares picked because of what is known today. Nobody could pick them so then."),
    (
        "Stand-in",
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
# (term, meaning)
GLOSSARY = (*((m.term or m.title, m.meaning) for m in CATALOGUE if m.meaning), *_MORE)
