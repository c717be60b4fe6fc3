"""A report run again by its own results.json: every byte, or what is missing by its name."""

import json
from pathlib import Path

import pytest

CASES = {
    "defaults": "compare --era gfc",
    "no basket": "compare --era gfc --strategy ai-picks --strategy index-fund",
    "terms": "compare --era dotcom --era all --quit-at 0.2 --return-after 12 --stop 2025-01-31 "
    "--pause 2008-10-01:2009-03-31 --growth 0.02 --fee-bps 3 --fee-min 1 --tax 0.2",
    "order": "run --weights SP500=0.6,BOND=0.4 --from 2000-01-03 --rebalance annual",
    "based": "run --weights GOLD=0.2,SP500=0.5,BOND=0.3 --strategy lump-sum --strategy index-fund "
    "--from 2000-01-03 --to 2007-12-31",
    "scenario": "scenario --like gfc --depth 0.5 --stop-after 6 --counterpart NVDA=CSCO",
    "aligned": "compare --era dotcom --era gfc --align peak",
    "months": "scenario --like 1929 --bars monthly",
}
WEIGHTS = ("run", "--weights", "FUND=1", "--from", "2000-01-03", "--data", "mine.csv")
OWN = (
    'from strategies.dca.base import DcaStrategy\n\n\nclass Mine(DcaStrategy):\n    name = "mine"\n'
)


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def change(change) -> None:
    path = Path("r/results.json")
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found, sort_keys=True, indent=1) + "\n")


def prices(*closes: float) -> None:
    rows = [f"2000-{month:02}-{day:02}" for month in (1, 2) for day in (3, 4, 7, 8, 9, 10)]
    lines = [f"{day},{closes[at % len(closes)]}" for at, day in enumerate(rows)]
    Path("mine.csv").write_text("\n".join(["date,FUND", *lines, ""]))


@pytest.mark.parametrize("words", CASES.values(), ids=CASES)
def test_every_byte_comes_out(words, dca):
    assert dca(*words.split(), "--out", "r")[0] == 0
    files = 2 + len(list(Path("r/ledgers").iterdir()))
    code, out, err = dca("reproduce", "r")
    assert (code, out, err) == (0, f"{files} of {files} files came out, every byte.\n", "")


def test_a_ledger_with_another_digit_or_none_at_all_is_named(dca):
    dca("compare", "--era", "gfc", "--strategy", "index-fund", "--strategy", "cash", "--out", "r")
    ledger = Path("r/ledgers/cash--gfc.csv")
    ledger.write_text(ledger.read_text().replace("1000,1000", "1000,1001", 1))
    Path("r/ledgers/index-fund--gfc.csv").unlink()
    code, out, _ = dca("reproduce", "r")
    assert code == 1
    assert out.startswith("2 of 4 files came out, every byte.\n")
    assert out.endswith("- ledgers/cash--gfc.csv did not.\n")
    assert "- ledgers/index-fund--gfc.csv did not.\n" in out


def test_a_plan_that_is_not_the_figures_own_does_not_bring_them(dca):
    dca("compare", "--era", "gfc", "--strategy", "index-fund", "--out", "r")
    change(lambda found: found["plan"].update(monthly=500.0))
    code, out, _ = dca("reproduce", "r")
    assert code == 1
    assert "Worth at the end: \N{MINUS SIGN}50.00 % in every run." in out


def test_another_version_alone_is_said(dca):
    dca("compare", "--era", "gfc", "--strategy", "index-fund", "--out", "r")
    change(lambda found: found.update(version="0.0.1"))
    code, out, _ = dca("reproduce", "r")
    assert code == 1
    assert "- Version: 0.0.1 in the report, " in out
    assert out.endswith("But for the version every byte comes out.\n")


def test_files_are_asked_for_and_other_prices_named(dca):
    prices(10, 11, 12)
    assert dca(*WEIGHTS, "--out", "r")[0] == 0
    code, _, err = dca("reproduce", "r")
    assert (code, "give them with --data PATH" in err) == (2, True)
    assert dca("reproduce", "r", "--data", "mine.csv")[0] == 0
    prices(10, 11, 13)
    code, out, _ = dca("reproduce", "r", "--data", "mine.csv")
    assert code == 1
    assert "- Other prices of FUND: " in out


def test_code_is_asked_for_never_opened_by_what_the_report_says(dca):
    text = f"{OWN}    weights = {{'SP500': 1.0}}\n"
    Path("mine.py").write_text(text)
    words = ("--own", "mine.py:Mine")
    assert dca("compare", "--era", "gfc", "--strategy", "cash", *words, "--out", "r")[0] == 0
    assert "mine is code of its author" in dca("reproduce", "r")[2]
    assert dca("reproduce", "r", *words)[0] == 0
    Path("mine.py").write_text(f"{text}\n# more\n")
    assert "mine is another file" in dca("reproduce", "r", *words)[2]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("payments", "/etc/passwd", "payments is a file's name"),
        ("data", ["/etc/passwd"], ""),
        ("monthly", "x", "monthly is 'x'"),
        ("eras", ["../x"], "unknown era"),
        ("era", {"../x": {"start": "2000-01-01"}}, "is no name"),
        ("strategy", 5, ""),
        ("strategies", 5, "strategies is 5"),
        ("scenario", {"like": "x"}, "unknown bust"),
        ("scenario", {"like": "gfc", "depth": "deep"}, "scenario cannot be run: depth"),
        ("own", {"x": "os"}, "x is code of its author"),
    ],
)
def test_a_hostile_plan_is_refused_in_a_line(key, value, said, dca):
    dca("compare", "--era", "gfc", "--strategy", "index-fund", "--out", "r")
    change(lambda found: found["plan"].update({key: value}))
    code, _, err = dca("reproduce", "r")
    assert code == (2 if said else 1)
    assert said in err
    assert err.count("\n") == int(bool(said))
