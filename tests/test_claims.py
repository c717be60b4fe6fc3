"""Claims: the facts of the sources come out as numbers, and other prices give other verdicts."""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from backtests import claims as from_python
from backtests.asking import CENTURY
from backtests.report import claims_page
from backtests.report.claims_page import typeset
from backtests.report.terminal import put
from backtests.verdicts import all as verdicts
from backtests.verdicts import survivors
from backtests.verdicts.all import SAYINGS, Verdicts, judge
from backtests.verdicts.claim import CONDITION, HOLDS, NOT, Claim, Ground
from backtests.verdicts.survivors import attrition
from data import sources
from data.errors import BadPlan
from data.language import speaking
from data.options import Options
from data.prices import PriceTable
from tests.conftest import make_table, month_ends
from tests.helpers import english_left, play

TABLES = sources.tables("snapshot", Options(since=CENTURY))
Change = Callable[[np.ndarray, np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def judged() -> Verdicts:
    return judge(TABLES)


def called(found: Verdicts, name: str) -> Claim:
    return next(claim for claim in found.claims if claim.id == name)


def test_every_claim_of_the_list_is_judged(judged: Verdicts):
    names = [claim.id for claim in judged.claims]
    assert names == ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"]
    assert judged.left_out == ()
    assert [claim.verdict for claim in judged.claims] == [
        CONDITION, HOLDS, CONDITION, HOLDS, CONDITION, NOT, CONDITION, CONDITION, CONDITION,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "number", "wanted", "digits"),
    [
        # Published, or told in the sources of the figures.
        ("iv", "fall", -0.7793, 4),
        ("iv", "peak", "2000-03-10", 0),
        ("iv", "trough", "2002-10-09", 0),
        ("v", "month ends", 15.98, 2),
        ("v", "month ends from", "2022-10-31", 0),
        ("v", "month ends to", "2026-09-30", 0),
        ("v", "low", "2022-10-14", 0),
        ("v", "passed from the low on", "2025-10-09", 0),
        ("v", "most since ChatGPT", 12.94, 2),
        ("vi", "highest dated", 0.3479, 4),
        ("vi", "highest dated on", "2025-12-31", 0),
        ("vi", "highest read by the day", 0.3592, 4),
        ("vi", "highest estimate on", "2025-11-03", 0),
        ("vi", "with Broadcom on 2025-12-31", 0.3758, 4),
        ("vi", "with Broadcom on 2026-09-30", 0.3718, 4),
        # The README's table.
        ("ii", "index-fund dotcom", -0.4752, 4),
        ("ii", "ai-picks dotcom", -0.8581, 4),
        ("ii", "index-fund ai-run", -0.1876, 4),
        ("ii", "ai-picks ai-run", -0.2991, 4),
        ("iii", "diversified dotcom-peak", -0.0951, 4),
        ("iii", "index-fund dotcom-peak", -0.3456, 4),
        ("ix", "SP500 dotcom", -0.4752, 4),
        ("ix", "SP500 gfc", -0.55, 2),
    ],
)
def test_known_facts_come_out_as_numbers(judged: Verdicts, name, number, wanted, digits):
    figure = called(judged, name).numbers[number]
    assert (round(figure, digits) if digits else figure) == wanted


def test_who_stayed_is_what_a_naive_loop_counts(judged: Verdicts):
    prices = TABLES["monthly"]().column("SP500")
    prices = prices[np.isfinite(prices)][1:].tolist()
    stayed = above = 0
    months = 12 * 10
    for start in range(len(prices) - months + 1):
        shares, worst = 0.0, 0.0
        for month in range(months):
            price = prices[start + month]
            shares += 1 / price
            worst = min(worst, shares * price / (month + 1) - 1)
        if worst <= -0.2:
            stayed += 1
            above += shares * prices[start + months - 1] >= months
    numbers = called(judged, "viii").numbers
    assert numbers["windows, 10 years"] == len(prices) - months + 1
    assert numbers["were deep below, 10 years"] == stayed
    assert numbers["stayed and ended above, 10 years"] == pytest.approx(above / stayed)


def test_gold_and_bonds_are_told_by_their_closes(judged: Verdicts):
    table, numbers = TABLES["daily"](), called(judged, "ix").numbers
    at = [np.flatnonzero(table.dates == np.datetime64(d))[0] for d in ("2022-01-03", "2022-10-12")]
    for symbol in ("GOLD", "BOND", "SP500"):
        one, other = table.column(symbol)[at]
        assert numbers[f"{symbol} 2022"] == pytest.approx(other / one - 1)
    assert (numbers["from 2022"], numbers["to 2022"]) == ("2022-01-03", "2022-10-12")


def test_the_wait_for_amazon_and_microsoft_by_their_month_ends(judged: Verdicts):
    table, numbers = TABLES["monthly"](), called(judged, "vii").numbers
    for symbol in ("AMZN", "MSFT"):
        since = table.dates >= np.datetime64("2000-03-01")
        days, prices = table.dates[since], table.column(symbol)[since]
        again = str(days[1:][prices[1:] >= prices[0]][0])
        assert numbers[f"{symbol} high again on"] == again
        value = np.cumsum(1 / prices) * prices
        last = np.flatnonzero(value < np.arange(1, len(prices) + 1) - 1e-9)[-1]
        assert numbers[f"{symbol} above money put in for good from"] == str(days[last + 1])


FLAT = [10.0] * 25


def saver(prices: dict[str, list[float]]):
    months = len(next(iter(prices.values())))
    table = make_table([str(d) for d in month_ends("2000-01", months)], prices, "monthly")
    return play(table, dict.fromkeys(prices, 1 / len(prices)), monthly=100.0)


def test_without_deaths_attrition_is_the_run_itself(judged: Verdicts):
    run = Ground(TABLES).run("ai-picks", "dotcom-peak")
    found = attrition(run, 0.0, seed=1, draws=3)
    assert found.tolist() == pytest.approx([run.measures["multiple"]] * 3)
    assert called(judged, "vii").numbers["multiple without deaths"] == pytest.approx(found[0])


def test_certain_death_leaves_what_was_paid_in_afterwards():
    # The first of 25 payments is lost, the others stay cash.
    found = attrition(saver({"A": FLAT}), 1.0, seed=1, draws=5)
    assert found.tolist() == pytest.approx([24 / 25] * 5)


def test_a_death_costs_what_was_held_and_later_money_goes_to_the_living():
    """At still prices what is lost is what the dead held: the mean by hand, month by month."""
    yearly, months = 0.3, len(FLAT)
    survive = (1 - yearly) ** (1 / 12)
    # One holding: dead after payment k of 25 (chance s^(k-1) (1-s)), k payments are lost.
    lost = sum(k * survive ** (k - 1) * (1 - survive) for k in range(1, months))
    found = attrition(saver({"A": FLAT}), yearly, seed=5, draws=40_000)
    assert found.mean() == pytest.approx(1 - lost / months, abs=0.005)
    one = attrition(saver({"A": FLAT, "B": FLAT}), yearly, seed=5, draws=40_000)
    assert one.std() < found.std()
    assert attrition(saver({"A": FLAT}), yearly, 5, 40).tolist() != found[:40].tolist()
    assert attrition(saver({"A": FLAT}), yearly, 5).tolist() == (
        attrition(saver({"A": FLAT}), yearly, 5).tolist()
    )


def test_more_deaths_never_make_the_middle_richer(judged: Verdicts):
    numbers = called(judged, "vii").numbers
    middles = [numbers[f"multiple at {p} % a year, median"] for p in (2, 5, 10)]
    assert middles == sorted(middles, reverse=True)
    assert middles[0] < numbers["multiple without deaths"]


def flat(days: np.ndarray, closes: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(closes), 10.0, np.nan)


def rising(days: np.ndarray, closes: np.ndarray) -> np.ndarray:
    steps = (days - days[0]).astype("timedelta64[D]").astype(float)
    return np.where(np.isfinite(closes), np.exp(steps / 3650), np.nan)


def sinking(days: np.ndarray, closes: np.ndarray) -> np.ndarray:
    return 1 / rising(days, closes)


def to_the(power: float) -> Change:
    return lambda days, closes: closes**power


def times(factor: float, start: str, end: str = "2100-01-01") -> Change:
    def change(days: np.ndarray, closes: np.ndarray) -> np.ndarray:
        inside = (days >= np.datetime64(start)) & (days <= np.datetime64(end))
        return np.where(inside, factor * closes, closes)

    return change


def altered(table: PriceTable, changes: dict[str, Change]) -> PriceTable:
    closes = table.closes.copy()
    for symbol, change in changes.items():
        at = table.symbols.index(symbol)
        closes[:, at] = change(table.dates, closes[:, at])
    return replace(table, closes=closes)


@pytest.mark.parametrize(
    ("name", "changes", "verdict"),
    [
        ("i", dict.fromkeys(("SP500", "IXIC", "QQQ"), flat), NOT),
        ("i", dict.fromkeys(("SP500", "IXIC", "QQQ"), rising), HOLDS),
        ("ii", {"SP500": to_the(4)}, NOT),
        ("ii", {"SP500": to_the(1.4)}, CONDITION),
        ("iii", {s: to_the(4) for s in ("SP500", "REIT")}, NOT),
        ("iii", dict.fromkeys(("SP500", "REIT", "GOLD", "BOND"), flat), HOLDS),
        ("iv", {"IXIC": to_the(0.3)}, NOT),
        ("iv", {"IXIC": to_the(1.5)}, CONDITION),
        ("v", {"NVDA": to_the(1.2)}, HOLDS),
        ("v", {"NVDA": to_the(0.5)}, NOT),
        ("vi", {"NVDA": times(2, "2025-10-15", "2025-11-15")}, HOLDS),
        ("vi", {"NVDA": times(1.05, "2025-10-15", "2025-11-15")}, CONDITION),
        ("vii", {"AMZN": times(0.001, "2001-01-01")}, NOT),
        ("vii", {"AMZN": rising, "MSFT": rising}, HOLDS),
        ("viii", {"SP500": rising}, HOLDS),
        ("viii", {"SP500": sinking}, NOT),
        ("ix", {"GOLD": rising, "BOND": rising}, HOLDS),
        ("ix", {"GOLD": sinking}, NOT),
    ],
)
def test_other_prices_other_verdict(name: str, changes: dict[str, Change], verdict: str):
    tables = {
        bars: lambda load=load: altered(load(), changes)
        for bars, load in TABLES.items()
        if bars in ("daily", "monthly")
    }
    (saying,) = (saying for saying in SAYINGS if saying.id == name)
    assert saying.judge(Ground(tables)).verdict == verdict


def test_what_must_stand_beside_the_numbers_does(judged: Verdicts):
    assert any("dividends left out" in note for note in called(judged, "iv").notes)
    assert any("hindsight" in note for note in called(judged, "ii").notes)
    assert any("monthly bars" in note for note in called(judged, "vii").notes)
    assert any("CRSP" in note for note in called(judged, "viii").notes)
    assert any("gold spot index" in note for note in called(judged, "ix").notes)


def test_every_run_behind_a_claim_runs(judged: Verdicts, dca, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = {run for claim in judged.claims for run in claim.runs}
    assert len(commands) > 15
    for command in commands:
        words = shlex.split(command)[1:]
        where = ("--out", "swept", "--workers", "0") if words[0] == "sweep" else ("--json",)
        code, _, complaint = dca(*words, *where)
        assert (code, complaint) == (0, ""), command


def test_the_json_has_the_contracts_shape(dca):
    code, out, err = dca("claims", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)["claims"]
    assert len(found) == 9
    for claim in found:
        assert {"id", "claim", "verdict", "numbers"} <= claim.keys()
        assert claim["verdict"] in (HOLDS, CONDITION, NOT)
        assert claim["runs"]
    assert dca("claims", "--json")[1] == out
    assert dca("claims", "--json", "--seed", "2")[1] != out


def test_the_terminal_and_the_page(dca, tmp_path):
    code, out, _ = dca("claims", "--out", str(tmp_path / "x"))
    assert code == 0
    assert "Of 9 sayings 2 hold, 6 hold with a condition and 1 does not." in out
    page = (tmp_path / "x" / "claims.html").read_text()
    assert "<script" not in page
    assert "\N{MINUS SIGN}47.5\N{NO-BREAK SPACE}%" in page
    assert "dca run --weights NVDA=1 --from 2022-10-14" in page
    assert "Nasdaq from March\N{NO-BREAK SPACE}2000 to September\N{NO-BREAK SPACE}2002" in page
    assert sorted(p.name for p in (tmp_path / "x").iterdir()) == ["claims.html", "claims.json"]


def test_a_claim_without_its_prices_is_left_out_and_says_why(dca, tmp_path):
    table = TABLES["daily"]()
    lines = [f"{d},{p!r}" for d, p in zip(table.dates, table.column("SP500").tolist(), strict=True)]
    (tmp_path / "p.csv").write_text("\n".join(["date,SP500", *lines, ""]))
    code, out, err = dca("claims", "--data", str(tmp_path / "p.csv"), "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [claim["id"] for claim in found["claims"]] == ["viii"]
    assert found["claims"][0]["runs"][0].endswith("p.csv")
    assert len(found["left_out"]) == 8
    assert found["left_out"][3].startswith("(iv) The Nasdaq fell by nearly four fifths when")


def test_where_nothing_can_be_told_that_is_an_error_and_a_frame_is_empty(dca, tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("date,WORLD\n2020-01-31,100\n2020-02-28,101\n2020-03-31,90\n")
    code, out, err = dca("claims", "--data", str(own), "--out", str(tmp_path / "x"))
    assert (code, out) == (2, "")
    assert "none of the 9 sayings can be held against these prices: (i) Equal payments" in err
    assert not (tmp_path / "x").exists()
    assert list(from_python(str(own)).columns)[:2] == ["claim", "verdict"]
    with pytest.raises(BadPlan, match="seed is -1; give a whole number"):
        from_python(str(own), seed=-1)


def test_a_saver_who_ended_below_her_money_is_said_to_have(judged: Verdicts):
    found = survivors.Wait(date(2005, 1, 1), None, 58, -0.5)
    said = survivors._sentence("Amazon", found)
    assert said.endswith("its saver was below the money put in at the end")


def test_claims_are_shown_in_chinese_and_stored_in_english(judged: Verdicts, tmp_path):
    with speaking("zh-Hant"):
        page = claims_page.write(judged, tmp_path / "zh").read_text()
        out = Console(width=200, file=StringIO())
        put(out, claims_page.pieces(judged))
    stored = (tmp_path / "zh/claims.json").read_bytes()
    claims_page.write(judged, tmp_path / "en")
    assert stored == (tmp_path / "en/claims.json").read_bytes()
    shown = re.sub(r"<(style|code).*?</\1>|<ul class=.notes.*?</ul>|<[^>]*>", "", page, flags=re.S)
    terminal = out.file.getvalue().rpartition("\n\n")[0]
    assert english_left(shown) == []
    assert english_left(re.sub("dca .*", "", terminal)) == []
    assert "2000年3月10" in shown
    assert "9 則" in terminal


def test_signs_and_units_are_set_and_dates_left():
    set_ = typeset("from 2000-03-10 (-47.5 % against -85.8 %)")
    assert set_ == (
        "from 2000-03-10 (\N{MINUS SIGN}47.5\N{NO-BREAK SPACE}% against "
        "\N{MINUS SIGN}85.8\N{NO-BREAK SPACE}%)"
    )


def test_from_python_it_is_a_frame():
    frame = from_python(TABLES["daily"]())
    assert frame.loc["iv", "verdict"] == HOLDS
    assert frame.loc["iv", "numbers"]["trough"] == "2002-10-09"
    assert date.fromisoformat(frame.loc["v", "numbers"]["low"]) == date(2022, 10, 14)
    assert set(verdicts.symbols_needed()) >= {"SP500", "NVDA", "DELL"}
