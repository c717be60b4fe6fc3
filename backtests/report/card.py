"""Show results in a notebook: the headline measures and a picture, needing nothing but itself."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from backtests.comparison import Chapter
from backtests.report import cells
from backtests.report.names import labels, tagged
from backtests.report.templating import render
from backtests.report.wording import kept_in
from backtests.result import Result
from data.language import shown, tr


def card(results: Sequence[Result], sentence: str = "") -> str:
    """Return HTML: a sentence, a labelled row of measures a result, and the value of each era.

    All is escaped, and nothing runs or is loaded.
    """
    from backtests.report.charts import canvas, value
    from backtests.report.charts.palette import looks

    named = [(_named(result), result.measures) for result in results]
    with kept_in(results[0].currency):

        def sketched() -> canvas.Sketch:
            worn = looks(result.strategy for result in results)
            sketch = value.sketch(_chapters(results), worn)
            return replace(sketch, caption=f"{shown(sketch.caption)}{labels(results)}")

        (picture,) = canvas.files(sketched).values()
        return render(
            "card",
            sentence=sentence,
            results=named,
            headline=cells.HEADLINE,
            cell=cells.cell,
            picture=b64encode(picture).decode(),
            alt=sketched().alt,
        )


def _named(result: Result) -> str:
    return tr("{strategy}, {era}", strategy=tagged(result), era=result.era.title)


def _chapters(results: Sequence[Result]) -> list[Chapter]:
    eras = (tuple(several) for _, several in groupby(results, key=lambda result: result.era))
    return [Chapter(several[0].era, several[0].bars, several, ()) for several in eras]
