"""A sweep's `--against`: the same windows, one strategy less the other."""

import csv
import json
from pathlib import Path
from statistics import median

import pytest

from backtests.sweeps.against import pairs
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from data.errors import BadPlan, UnknownName
from data.sources import tables
from tests.conftest import month_ends

SNAPSHOT = tables("snapshot")
FALLS = ("max_drawdown", "account_max_drawdown", "worst_shortfall")


def by_hand(folder: Path, mine: str, other: str) -> dict[tuple[str, str], list[dict[str, float]]]:
    """Pair the rows that were written by their years and starts; return their differences."""
    with (folder / "rows.csv").open() as file:
        rows = {(r["strategy"], r["years"], r["start"]): r for r in csv.DictReader(file)}
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for (name, years, start), row in rows.items():
        if name == mine:
            beside = rows[other, years, start]
            keys = ("final_value", *FALLS)
            apart = {key: float(row[key]) - float(beside[key]) for key in keys}
            found.setdefault((mine, years), []).append(apart | {"start": start})
    return found


def test_every_pair_and_horizon_is_what_the_rows_say(dca, tmp_path):
    words = ("--years", "5", "--years", "10", "--strategy", "lump-sum", "--strategy", "cash")
    code, out, _ = dca("sweep", *words, "--against", "index-fund", "--out", str(tmp_path / "o"))
    assert code == 0
    duels = json.loads((tmp_path / "o" / "summary.json").read_text())["against"]
    assert [(d["variant"]["strategy"], d["variant"]["years"]) for d in duels] == [
        ("lump-sum", "5"), ("lump-sum", "10"), ("cash", "5"), ("cash", "10"),
    ]  # fmt: skip
    for duel in duels:
        name, years = duel["variant"]["strategy"], duel["variant"]["years"]
        assert (duel["against"]["strategy"], duel["against"]["years"]) == ("index-fund", years)
        apart = by_hand(tmp_path / "o", name, "index-fund")[name, years]
        money = [one["final_value"] for one in apart]
        assert duel["rows"] == len(apart)
        assert duel["won"] == pytest.approx(sum(usd > 0 for usd in money) / len(apart))
        assert duel["even"] == 0
        for key in ("final_value", *FALLS):
            found, values = duel["differences"][key], [one[key] for one in apart]
            assert found["worst"] == pytest.approx(min(values), rel=1e-9, abs=1e-9)
            assert found["quantiles"]["0.5"] == pytest.approx(median(values), rel=1e-9, abs=1e-9)
        assert duel["worst"] == apart[money.index(min(money))]["start"][:7]
    assert "lump-sum (rebalance none) against index-fund (rebalance none), 5 years" in out
    page = (tmp_path / "o" / "sweep.html").read_text()
    assert "<h2" in page
    assert "One against the other" in page
    assert f"ended with more in {100 * duels[1]['won']:.1f}\N{NO-BREAK SPACE}%" in page


def test_two_windows_by_hand(dca, tmp_path):
    """A doubles in its twelfth month, and B stands still but for a fall that it makes good."""
    ends = [str(day) for day in month_ends("2015-01", 13)]
    a, b = [10.0] * 11 + [20.0, 20.0], [10.0, 10.0, 5.0] + [10.0] * 10
    lines = [f"{day},{x},{y}" for day, x, y in zip(ends, a, b, strict=True)]
    (tmp_path / "p.csv").write_text("\n".join(["date,A,B", *lines]) + "\n")
    (tmp_path / "p.toml").write_text(
        "strategies = ['up']\nmonthly = 100\n[strategy.up]\nweights = {A = 1.0}\n"
        "[strategy.down]\nweights = {B = 1.0}\n"
    )
    words = ("--plan", str(tmp_path / "p.toml"), "--data", str(tmp_path / "p.csv"))
    code, _, complaint = dca(
        "sweep", *words, "--years", "1", "--against", "down", "--out", str(tmp_path / "o")
    )
    assert code == 0, complaint
    (duel,) = json.loads((tmp_path / "o" / "summary.json").read_text())["against"]
    # Eleven payments double, the twelfth does not; B's payment of the low doubles once.
    first = (11 * 200 + 100) - (11 * 100 + 200)
    second = (10 * 200 + 200) - (11 * 100 + 200)
    assert (duel["rows"], duel["rows_without_overlap"], duel["won"]) == (2, 1, 1.0)
    money = duel["differences"]["final_value"]
    assert money["worst"] == pytest.approx(min(first, second))
    assert money["quantiles"]["0.5"] == pytest.approx((first + second) / 2)
    assert duel["differences"]["max_drawdown"]["worst"] == pytest.approx(0.5)


def test_what_is_the_same_is_even(dca, tmp_path):
    (tmp_path / "p.toml").write_text("[strategy.twin]\nweights = {SP500 = 1.0}\n")
    words = ("--plan", str(tmp_path / "p.toml"), "--from", "2001-01", "--to", "2012-12")
    dca("sweep", *words, "--strategy", "twin", "--against", "index-fund", "--out", f"{tmp_path}/o")
    (duel,) = json.loads((tmp_path / "o" / "summary.json").read_text())["against"]
    assert (duel["won"], duel["even"]) == (0, 1)
    assert duel["differences"]["final_value"]["worst"] == 0


def test_who_puts_in_other_sums_is_told_so(dca, tmp_path):
    words = ("--bars", "monthly", "--from", "2005-01", "--to", "2008-12", "--years", "3")
    words += ("--strategy", "value-averaging", "--strategy", "cash", "--against", "index-fund")
    code, out, complaint = dca("sweep", *words, "--workers", "0", "--out", f"{tmp_path}/o")
    assert code == 0, complaint
    apart, same = json.loads((tmp_path / "o" / "summary.json").read_text())["against"]
    with (tmp_path / "o" / "rows.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["strategy"] == "value-averaging"]
    # The index saver puts in 36 times 1000.
    less = [float(row["contributed"]) - 36_000 for row in rows]
    found = apart["differences"]["contributed"]
    assert found["worst"] == pytest.approx(min(less))
    assert found["quantiles"]["0.5"] == pytest.approx(median(less))
    assert "contributed" not in same["differences"]
    assert " ".join(out.split()).count("the two did not put in the same money") == 1
    assert out.count("Money put in, dollars") == 1


def test_who_quits_is_named_apart_from_herself(dca, tmp_path):
    words = ("--bars", "monthly", "--from", "2000-01", "--to", "2005-12", "--years", "5")
    words += ("--strategy", "index-fund", "--quit-at", "0.25", "--out", f"{tmp_path}/o")
    code, out, complaint = dca("sweep", *words)
    assert code == 0, complaint
    said = " ".join(out.split())
    assert "who quits ended with more in" in said
    assert "sells all 25 % below the high, never back" in said
    assert "CASH is an index accrued from 3-month T-bill yields" in said


def test_rows_of_backtrader_meet_vectorised_ones_and_paths_meet_paths(dca, tmp_path):
    """Their parts have other lengths: 4 rows and 500."""
    (tmp_path / "mine.py").write_text(
        "from strategies.dca.base import DcaStrategy\n"
        "class Mine(DcaStrategy):\n"
        "    name = 'mine'\n    title = 'Mine'\n    weights = {'SP500': 1.0}\n"
        "    def targets(self):\n        return {'SP500': 1.0}\n"
    )
    words = ("--own", f"{tmp_path}/mine.py:Mine", "--against", "index-fund", "--workers", "0")
    windows = ("--from", "2001-01", "--to", "2003-01", "--years", "1")
    for place, rows in ((windows, 14), (("--bootstrap", "6", "--years", "2"), 6)):
        folder = tmp_path / place[0].strip("-")
        assert dca("sweep", *words, *place, "--out", str(folder))[0] == 0
        (duel,) = json.loads((folder / "summary.json").read_text())["against"]
        assert (duel["rows"], duel["even"]) == (rows, 1)


def test_the_other_joins_what_is_swept_and_pairs_keep_their_terms():
    request = Request(("diversified",), years=(5, 10), fee_bps=(0.0, 10.0), against="index-fund")
    layout = lay_out(request, SNAPSHOT)
    found = [(layout.variants[a], layout.variants[b]) for a, b in pairs(layout)]
    assert len(found) == 4
    for mine, other in found:
        assert (mine.name, other.name) == ("diversified", "index-fund")
        assert (mine.years, mine.terms.costs) == (other.years, other.terms.costs)


@pytest.mark.parametrize(
    ("strategies", "against", "error", "message"),
    [
        (("cash",), "index-fnud", UnknownName, "did you mean 'index-fund'"),
        (("cash",), "cash", BadPlan, "nothing is set against cash; name another"),
        (("cash",), "ai-picks", BadPlan, "ai-picks holds what stood for it in one era"),
    ],
)
def test_what_cannot_be_set_against_is_refused(strategies, against, error, message):
    with pytest.raises(error, match=message):
        lay_out(Request(strategies, against=against), SNAPSHOT)


def test_who_asks_for_none_gets_the_same_json():
    assert "against" not in Request().as_json()
