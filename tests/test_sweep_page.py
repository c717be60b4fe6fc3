"""A sweep's page: what it says and carries is what the rows say."""

import csv
import json
import re
from html import unescape
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from backtests.report import spread
from backtests.report.charts import canvas, fan

MINUS, SPACE = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"
FALLS = ("max_drawdown", "account_max_drawdown", "worst_shortfall")


def swept(dca, folder: Path, *words: str) -> tuple[str, list[dict[str, str]]]:
    """Run a sweep; return its page and its rows."""
    code, _, said = dca("sweep", *words, "--out", str(folder))
    assert code == 0, said
    with (folder / "rows.csv").open() as file:
        return (folder / "sweep.html").read_text("utf-8"), list(csv.DictReader(file))


def heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert found
    return unescape(found[1]).replace(SPACE, " ")


def carried(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="windows">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def share(gain: float) -> str:
    return f"{100 * abs(gain):.{int(0.0005 <= abs(gain) < 0.00995)}f} %"


@pytest.mark.parametrize(
    ("words", "who"),
    [
        (("--years", "10"), "ten-year index savers"),
        (("--years", "1", "--strategy", "lump-sum"), "one-year savers in Lump sum, S&P 500"),
        (("--years", "5", "--strategy", "cash"), "five-year savers in Treasury bills"),
        (("--years", "20"), "20-year index savers"),
        (("--years", "3", "--from", "2000-01", "--to", "2003-06"), "three-year index savers"),
    ],
)
def test_the_first_sentence_is_what_the_rows_say(dca, tmp_path, words, who):
    page, rows = swept(dca, tmp_path / "s", *words)
    mine = [row for row in rows if row["strategy"] == rows[0]["strategy"]]
    multiples = [float(row["multiple"]) for row in mine]
    middle, worst = median(multiples), min(multiples)
    month = np.datetime64(mine[multiples.index(worst)]["start"], "D").astype(object)
    said = heading(page)
    assert said.startswith(f"Half of {len(mine)} {who} ended ")
    assert f"; the worst, begun in {month:%B %Y}, " in said
    half, low = said.split("; the worst")
    if middle > 2:
        assert half.endswith(f"with at least {middle:.1f} times their money")
    elif middle >= 1:
        assert half.endswith(f"at least {share(middle - 1)} ahead")
    else:
        assert half.endswith(f"{share(middle - 1)} below own money or worse")
    end = f"{share(worst - 1)} below own money." if worst < 1 else f"{share(worst - 1)} ahead."
    assert low.endswith(end) or (worst > 2 and low.endswith(f"with {worst:.1f} times their money."))
    assert len(said.replace(" %", "%").split()) <= 25
    title = re.search(r"<title>(.*?)</title>", page)
    assert title
    assert "a sweep" not in title[1]


def test_the_page_carries_every_window_of_the_rows(dca, tmp_path):
    page, rows = swept(dca, tmp_path / "s", "--years", "10", "--years", "5", "--from", "2000-01")
    held = carried(page)
    assert [era["years"] for era in held["eras"]] == [10, 5]
    for era in held["eras"]:
        days = np.cumsum(era["days"]).astype("datetime64[D]").astype("datetime64[M]")
        for run, below, name in zip(
            era["runs"], era["below"], ("index-fund", "diversified"), strict=False
        ):
            mine = [
                row for row in rows if (row["strategy"], row["years"]) == (name, str(era["years"]))
            ]
            assert [str(day) for day in days] == [row["start"][:7] for row in mine]
            value = np.cumsum(run["value"]) / run["unit"]
            assert value == pytest.approx([float(row["final_value"]) for row in mine], abs=0.5)
            for parts, key in zip((run["fund"], run["statement"], below), FALLS, strict=True):
                falls = [float(row[key]) for row in mine]
                assert np.cumsum(parts) / 1e5 == pytest.approx(falls, abs=6e-6)
            for view, key in enumerate(("multiple", "final_value", *FALLS)):
                figures = [float(row[key]) for row in mine]
                assert run["worst"][view]["at"] == figures.index(min(figures)), key
    low = held["eras"][0]["runs"][0]["worst"][0]
    least = min(float(r["multiple"]) for r in rows[:100] if r["years"] == "10") - 1
    assert low["text"] == f"{MINUS if least < 0 else '+'}{abs(100 * least):.1f}{SPACE}%"


def test_many_windows_are_thinned_and_the_worst_is_kept(dca, tmp_path, monkeypatch):
    words = ("--years", "10", "--strategy", "index-fund")
    whole = carried(swept(dca, tmp_path / "all", *words)[0])["eras"][0]
    monkeypatch.setattr(spread, "MOST_DOTS", 50)
    page, rows = swept(dca, tmp_path / "few", *words)
    few = carried(page)["eras"][0]
    assert "One start month in 5 is drawn, and the worst." in page
    assert "One start month in" not in (tmp_path / "all" / "sweep.html").read_text("utf-8")
    assert len(rows) / 5 <= len(few["days"]) < len(rows) / 4
    days = np.cumsum(few["days"]), np.cumsum(whole["days"])
    for told, known in zip(few["runs"][0]["worst"], whole["runs"][0]["worst"], strict=True):
        assert days[0][told["at"]] == days[1][known["at"]]
        assert told["text"] == known["text"]


def test_names_and_money_stand_where_slugs_were(dca, tmp_path):
    words = ("--years", "2", "--from", "2005-01", "--to", "2009-12", "--monthly", "250")
    rules = ("--rebalance", "none", "--rebalance", "band:0.05", "--strategy", "diversified")
    page, _ = swept(dca, tmp_path / "s", *words, *rules, "--fee-bps", "10")
    text = unescape(re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL))
    for said in (
        "Diversified mix, never rebalanced",
        f"Diversified mix, rebalanced when off by 5{SPACE}%",
        "<strong>$250 a month</strong> for 2 years, begun in every month from",
        "fee of 0.1 %",
    ):
        assert said in text, said
    assert "band:0.05" not in text
    assert "no fees" not in text


def test_drawn_paths_have_a_fan_and_no_dots(dca, tmp_path):
    words = ("--bootstrap", "600", "--years", "3", "--strategy", "index-fund")
    page, rows = swept(dca, tmp_path / "s", *words)
    multiples = [float(row["multiple"]) for row in rows]
    assert 'id="windows"' not in page
    assert 'id="plot"' not in page
    assert "How outcomes spread" in page
    assert "600 paths drawn from past months. Drawn, assumed prices, no fees or taxes" in page
    half, low = heading(page).split("; one in twenty ")
    assert half == (
        f"Half of 600 drawn three-year index savers ended at least {share(median(multiples) - 1)} "
        "ahead"
    )
    fifth = float(np.quantile(multiples, 0.05))
    assert low == f"{share(fifth - 1)} below own money or worse."
    assert len(page) < 250_000


def test_fans_of_a_horizon_share_a_scale_and_say_it_once():
    levels = np.outer([0.8, 1.0, 1.2, 1.5, 2.0], np.ones(24)) * np.linspace(1, 1.2, 24)
    fans = [fan.Fan("One", 2, 9, "#0063d6", levels), fan.Fan("Other", 2, 9, "#37806f", levels / 2)]
    (svg,) = canvas.files(lambda: fan.sketch(fans, "windows"), ["svg"]).values()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode())
    assert texts.count("own money") == 1
    assert {"One, 2 years", "Other, 2 years", "double", "nothing"} <= set(texts)
