"""Open the page templates: everything escaped, nothing undefined let pass."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates() -> Environment:
    """Return the environment of backtests/report/*.j2."""
    return Environment(
        loader=PackageLoader("backtests.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
