import re
import struct
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest

from backtests.comparison import Comparison, compare
from backtests.plan import OwnEra, OwnStrategy, Plan
from backtests.report.charts import bars, canvas, underwater, value
from backtests.report.charts.axes import (
    date_ticks,
    folded,
    log_ticks,
    month_ticks,
    spread,
    ticks,
    width_of,
)
from backtests.report.charts.canvas import Picture
from backtests.report.charts.draw import draw
from backtests.report.charts.palette import follow, looks, variables
from backtests.report.charts.sampled import series, thin
from backtests.report.charts.sheet import NARROW, WIDE
from backtests.report.charts.value import money_labels
from backtests.report.formats import FORMATS
from tests.helpers import TABLES

HOSTILE = '"><img src=x onerror=alert(1)></script><script>alert("$x^2$")</script> \u65e5\u672c'


@pytest.fixture(scope="module")
def figures(default: Comparison) -> list[Picture]:
    return draw(default)


@pytest.fixture(scope="module")
def mixed(default: Comparison) -> Comparison:
    """The dot-com run by month ends beside the AI run by the day."""
    coarse = compare(Plan(eras=("dotcom",), bars="monthly"), TABLES)
    chapters = (*coarse.chapters, default.chapters[2])
    return replace(default, chapters=chapters, tables={**coarse.tables, **default.tables})


def test_every_figure_of_the_default_comparison_is_drawn(figures: list[Picture]):
    names = [figure.name for figure in figures]
    assert names == ["value", "underwater", "overlay", "drawdowns", "weights"]


def test_a_png_is_light_wide_and_without_traces_of_its_making(figures: list[Picture]):
    for figure in figures:
        (png,) = figure.files.values()
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        width, _ = struct.unpack(">II", png[16:24])
        assert width == 1200
        assert b"tEXt" not in png
        assert b"tIME" not in png


def test_a_picture_is_written_in_every_format_without_traces_of_its_making(default: Comparison):
    chapters = default.chapters[:1]
    worn = looks(r.strategy for r in chapters[0].results)
    found = canvas.files(lambda: value.sketch(chapters, worn), FORMATS)
    assert list(found) == ["value.png", "value.svg", "value.pdf"]
    assert found == canvas.files(lambda: value.sketch(chapters, worn), FORMATS)
    svg, pdf = found["value.svg"].decode(), found["value.pdf"]
    texts = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    assert "<title>Value against money put in</title>" in svg
    for words in ("Value against money put in", "$204,051", "What the account was worth"):
        assert words in texts, words
    assert pdf.startswith(b"%PDF")
    for trace in ("var(--", "Matplotlib", "<dc:date>"):
        assert trace not in svg
    for trace in (b"CreationDate", b"Producer", b"Matplotlib"):
        assert trace not in pdf


def test_the_same_comparison_gives_the_same_bytes():
    plan = Plan(eras=("ai-run",), strategies=("diversified",))
    assert draw(compare(plan, TABLES)) == draw(compare(plan, TABLES))


def test_an_svg_is_a_part_of_a_page(figures: list[Picture]):
    for figure in figures:
        for svg in (figure.wide_svg, figure.narrow_svg):
            assert svg.startswith("<svg ")
            assert svg.endswith("</svg>")
            for foreign in ("<?xml", "<!DOCTYPE", "<metadata", "<style", "matplotlib", "DejaVu"):
                assert foreign not in svg
            assert set(re.findall(r"https?://[^\"' ]*", svg)) <= {"http://www.w3.org/1999/xlink"}


def test_every_drawn_colour_follows_the_page(figures: list[Picture]):
    for figure in figures:
        assert not re.findall(r"#[0-9a-f]{6}\b", figure.wide_svg + figure.narrow_svg)
        assert "var(--ink)" in figure.wide_svg


def test_no_two_figures_share_an_id(figures: list[Picture]):
    found = [i for f in figures for svg in (f.wide_svg, f.narrow_svg) for i in ids(svg)]
    assert len(found) == len(set(found))


def ids(svg: str) -> list[str]:
    return re.findall(r'\bid="([^"]*)"', svg)


def test_alt_text_is_sentences_with_the_numbers(figures: list[Picture]):
    value, falls, laid, three, held = (f.alt.replace("\N{NO-BREAK SPACE}", " ") for f in figures)
    assert "$139,000 put in; at the end S&P 500 index fund at $204,051" in value
    assert "Concentrated picks (chosen with hindsight) 86 % on 2002-09-30" in falls
    assert "Nasdaq index: $1 became $2.67 in AI run by month 46" in laid
    assert "Nasdaq index (dividends left out) 78 %, 65 % and 40 %" in three
    assert "SP500 between 30 % and 46 %" in held
    for figure in figures:
        assert figure.alt.endswith(".")
        assert 'aria-label="' in figure.wide_svg


def test_labels_stand_in_the_captions(figures: list[Picture]):
    for figure in figures[:4]:
        assert "Concentrated picks: chosen with hindsight." in figure.caption
        assert "Nasdaq index: dividends left out in some eras." in figure.caption
        assert "Diversified mix: partly an index without costs in some eras." in figure.caption
    assert "Nasdaq" not in figures[4].caption


def test_one_era_and_one_strategy_have_no_overlay_and_no_weights():
    comparison = compare(Plan(eras=("ai-run",), strategies=("index-fund",)), TABLES)
    assert [f.name for f in draw(comparison)] == ["value", "underwater", "drawdowns"]


def test_a_mix_that_is_never_rebalanced_has_no_weights_figure():
    own = {"held": OwnStrategy(weights={"SP500": 0.5, "GOLD": 0.5})}
    plan = Plan(eras=("ai-run",), strategies=("held",), strategy=own)
    assert "weights" not in [f.name for f in draw(compare(plan, TABLES))]


def test_a_hostile_title_and_a_window_of_one_day_are_drawn_as_text():
    own = {
        "e1": OwnEra.model_validate(
            {"start": _day("2008-01-01"), "end": _day("2008-03-15"), "title": HOSTILE}
        ),
        "e2": OwnEra.model_validate({"start": _day("2010-01-01"), "end": _day("2010-01-04")}),
    }
    plan = Plan(eras=("e1", "e2"), strategies=("index-fund", "cash"), era=own)
    for figure in draw(compare(plan, TABLES)):
        for svg in (figure.wide_svg, figure.narrow_svg):
            assert "<img" not in svg
            assert "<script" not in svg
            assert "&lt;script&gt;alert(&quot;$x^2$&quot;)" in svg or figure.name == "weights"


def _day(text: str) -> object:
    return np.datetime64(text).item()


def test_eras_side_by_side_are_brought_to_the_coarsest_resolution(mixed: Comparison):
    assert mixed.coarsest == "monthly"
    by_day = mixed.chapters[1].results[2]
    assert by_day.course.drawdown.min() == pytest.approx(-0.299, abs=5e-4)
    sampled = series(by_day, "monthly")
    assert len(sampled.dates) == 47
    assert sampled.drawdown.min() == pytest.approx(-0.174, abs=5e-4)
    for sketch in (
        underwater.sketch(mixed, looks(_names(mixed))),
        bars.sketch(mixed, looks(_names(mixed))),
    ):
        assert "month-end prices" in sketch.caption
        assert "falls by the day were deeper" in sketch.caption


def _names(comparison: Comparison) -> list[str]:
    return [r.strategy for r in comparison.results]


def test_weeks_end_on_their_last_bar(default: Comparison):
    sampled = series(default.chapters[2].results[0], "weekly")
    weekdays = (sampled.dates.astype("datetime64[D]").astype(int) + 3) % 7
    assert set(weekdays[:-1]) <= {3, 4}, "Fridays, and Thursdays before a holiday"


def test_thinning_keeps_the_ends_and_both_extremes():
    line = np.sin(np.arange(5000) / 50.0)
    line[1234], line[4321] = -9.0, 9.0
    kept = thin(line, 3.0)
    assert len(kept) <= 2 * 90 + 2
    assert {0, 1234, 4321, 4999} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()
    assert thin(line[:50], 3.0).tolist() == list(range(50))


def test_ticks_are_round_and_few():
    assert ticks(0, 95, 5) == [0, 20, 40, 60, 80]
    assert ticks(-0.91, 0, 5) == [-0.8, -0.6, -0.4, -0.2, 0]
    assert ticks(1, 1, 5) == [1]
    assert month_ticks(138.9, 7) == [0, 24, 48, 72, 96, 120]
    assert log_ticks(0.9, 4.2) == [1, 1.5, 2, 3, 4]
    assert log_ticks(0.9, 40) == [1, 2, 3, 5, 10, 20, 30]
    assert all(log_ticks(low, 1e6)[0] >= low for low in (1e-6, 0.5, 3.0))


def test_dates_on_an_axis_are_januaries_or_months():
    assert date_ticks(1996.4, 2007.99, 7)[1] == ["1998", "2000", "2002", "2004", "2006"]
    assert date_ticks(2007.999, 2008.2, 9)[1] == ["2008-01", "2008-02", "2008-03"]
    assert date_ticks(2010.1, 2010.11, 9)[1] == []


def test_labels_move_apart_as_little_as_it_takes():
    assert spread([1.0, 5.0], 1.0, 0.0, 10.0) == [1.0, 5.0]
    assert spread([5.0, 5.0], 1.0, 0.0, 10.0) == pytest.approx([4.5, 5.5])
    assert spread([10.0, 10.0], 1.0, 0.0, 10.0) == pytest.approx([9.0, 10.0])
    crowded = spread([3.0] * 9, 2.0, 0.0, 10.0)
    assert [b - a for a, b in pairwise(sorted(crowded))] == pytest.approx([1.25] * 8)


@pytest.mark.parametrize(
    "text", ["", "word", "a" * 500, "several words " * 40, "m" * 30, "日本" * 40]
)
def test_folded_labels_fit(text: str):
    for lines in (1, 2):
        label = folded(text, 1.5, 9.0, lines)
        assert width_of(label, 9.0) <= 1.5
        assert label.count("\n") < lines


def test_a_number_and_its_unit_stay_on_one_line_and_read_as_they_are():
    words = "to stay above -10 % from March\N{NO-BREAK SPACE}2000 on"
    lines = folded(words, 1.0, 10.0, lines=6)
    assert " ".join(lines.split("\n")) == words.replace(" %", "\N{NO-BREAK SPACE}%")
    assert "March\N{NO-BREAK SPACE}2000" in lines


def test_money_on_an_axis_never_reads_alike():
    assert money_labels([0, 50000, 100000]) == ["$0", "$50k", "$100k"]
    assert money_labels([100000, 100100]) == ["$100,000", "$100,100"]


def test_each_strategy_has_one_look_and_no_two_the_same():
    many = looks([f"s{n}" for n in range(12)])
    assert len(set(many.values())) == 12
    assert len({(look.marker, look.dashes) for look in many.values()}) >= 8
    assert looks(["a", "b", "a"]) == looks(["a", "b"])


@pytest.mark.parametrize("dark", [False, True])
def test_series_and_words_stand_out_from_the_paper(dark: bool):
    """WCAG contrast: 4.5 for text, 3 for the grey of axes; lines' names are written in colour."""
    colours = dict(re.findall(r"--(\w+):(#\w+);", variables(dark)))
    paper = luminance(colours["paper"])
    for name, colour in colours.items():
        if name in ("ink", "soft") or re.fullmatch(r"s\d", name):
            light, low = sorted((luminance(colour), paper), reverse=True)
            assert (light + 0.05) / (low + 0.05) >= 4.5, name


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB under D65: a distance of 2 is just seen."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# How linear sRGB is seen without one kind of cone: Machado, Oliveira & Fernandes 2009.
SEEN = {
    "all": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("seen", SEEN)
def test_colours_differ_for_colour_blind_readers(seen: str, dark: bool):
    colours = dict(re.findall(r"--(s\d):(#\w+);", variables(dark)))
    points = [lab(np.array(SEEN[seen]) @ linear(colour)) for colour in colours.values()]
    for count, apart in ((4, 25.0), (8, 8.0)):
        for one, other in combinations(points[:count], 2):
            assert np.linalg.norm(one - other) > apart


def test_colours_are_replaced_wherever_they_stand():
    assert follow('style="fill: #1c2530; stroke: #fefefe"') == (
        'style="fill: var(--ink); stroke: var(--paper)"'
    )


def test_the_phone_layout_stacks_its_panels(figures: list[Picture]):
    def shape(svg: str) -> tuple[float, float]:
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
        assert found
        return float(found[1]), float(found[2])

    falls = figures[1]
    assert shape(falls.wide_svg)[0] == WIDE.width_in * 72
    assert shape(falls.narrow_svg)[0] == pytest.approx(NARROW.width_in * 72, abs=0.1)
    assert shape(falls.narrow_svg)[1] > shape(falls.wide_svg)[1]
