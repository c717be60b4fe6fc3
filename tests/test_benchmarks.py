"""The benchmark compares like with like: every engine's final value is the one by hand.

Nothing here looks at a clock.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import environments, machine, own, processes, reference, synthetic, twin
from benchmarks.peers.harness import SCHEMES, Prices, read
from benchmarks.single import fitted
from benchmarks.sweep import Sampled
from benchmarks.tables import Bar, Table, bars_table, number, off, ratio, time
from benchmarks.workers import Worker, in_turns

PEERS = Path(environments.__file__).parent / "peers"


@pytest.fixture
def question(tmp_path: Path) -> dict[str, Any]:
    """Ten months of three assets."""
    path = synthetic.write(synthetic.prices(210, 3), tmp_path / "prices.npz")
    return {"task": "saver", "scheme": "monthly", "prices": path, "months": 4}


@pytest.fixture
def naive() -> Iterator[Worker]:
    worker = environments.naive()
    yield worker
    worker.stop()


def test_by_hand() -> None:
    """1,000 at 10 and 1,000 at 20 is 150 shares, 4,500 at 30; all of it at first, 6,000."""
    days = np.array(["2020-01-01", "2020-01-31", "2020-02-03"], dtype="datetime64[D]")
    made = Prices(days, np.array([[10.0], [20.0], [20.0]]))
    assert reference.final_value(made) == pytest.approx(3000.0)
    assert reference.final_value(made, "lump") == pytest.approx(4000.0)
    assert reference.final_value(made, "fee") == pytest.approx(3000.0 / 1.001)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_own_engines_come_to_the_value_by_hand(question: dict[str, Any], scheme: str) -> None:
    asked = question | {"scheme": scheme}
    wanted = reference.final_value(read(question["prices"]), scheme)
    for task in (own.saver, own.fast):
        assert task(asked)() == pytest.approx([wanted], rel=reference.SAME)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_usual_script_comes_to_it_too(question: dict[str, Any], scheme: str, naive: Worker) -> None:
    asked = question | {"scheme": scheme, "first": 5, "last": 180, "assets": [2, 0]}
    wanted = reference.final_value(read(question["prices"]).part(5, 180, [2, 0]), scheme)
    answer = naive.ask(asked)
    assert answer is not None, naive.failed
    assert answer.finals == pytest.approx([wanted], rel=reference.SAME)


def test_sweep_comes_to_the_values_by_hand(question: dict[str, Any]) -> None:
    wanted = reference.sweep(read(question["prices"]), 4)
    assert wanted.shape == (3, 3, 7)
    assert own.sweep(question)() == pytest.approx(wanted.ravel(), rel=reference.SAME)


def test_sweep_by_hand_is_one_value_a_window(question: dict[str, Any]) -> None:
    made = read(question["prices"])
    first, last = made.windows(4)
    cut = made.part(int(first[2]), int(last[2]), [1])
    for place, scheme in enumerate(SCHEMES):
        wanted = reference.final_value(cut, scheme)
        assert reference.sweep(made, 4)[place, 1, 2] == pytest.approx(wanted)


def test_bootstrap_comes_to_the_values_by_hand() -> None:
    laid_out = twin.layout(1000, 48)
    wanted = reference.bootstrap(twin.drawn_returns(laid_out, 5))
    assert twin.bootstrap(laid_out)[:5] == pytest.approx(wanted, rel=reference.SAME)


def test_windows_are_whole_months() -> None:
    made = synthetic.prices(7560, 1)
    first, last = made.windows(120)
    assert len(first) == 229
    assert str(made.dates[first[0]]) == "1995-01-02"
    assert str(made.dates[last[0]]) == "2004-12-31"
    assert last[-1] == 7559


def test_prices_are_the_same_every_time() -> None:
    assert synthetic.prices(5, 2).closes.tolist() == synthetic.prices(5, 2).closes.tolist()


def test_a_worker_that_fails_says_why(question: dict[str, Any]) -> None:
    worker = Worker.start("broken", [sys.executable, "-c", "raise SystemExit('no such engine')"])
    assert worker.failed == "no such engine"
    assert in_turns([("broken", worker)], question, 2) == {"broken": []}
    worker.stop()


def test_a_peer_that_does_not_install_is_reported() -> None:
    worker = Worker.absent("gone", "does not install: no matching version")
    assert worker.ask({"task": "saver"}) is None
    assert worker.failed.startswith("does not install")
    worker.stop()


def test_every_peer_has_a_script_and_pins() -> None:
    for name in environments.PEERS:
        assert (PEERS / f"{name}_.py").exists()
        pins = (PEERS / f"requirements-{name}.txt").read_text().splitlines()
        assert all("==" in pin for pin in pins)


def test_exponents_of_known_growth() -> None:
    assert fitted("line", [1, 2, 4], [3.0, 6.0, 12.0])[-1] == "1.00"
    assert fitted("square", [1, 2, 4], [1.0, 4.0, 16.0])[-1] == "2.00"


def test_extrapolation_by_hand() -> None:
    some = Sampled([1.0, 3.0], 0.0)
    assert some.all_runs(100) == 200.0
    assert some.error(100) == pytest.approx(100.0)


def test_promises_are_judged_in_their_own_direction() -> None:
    fast, small = Bar("speed", 10, 12.0), Bar("memory", 200, 250.0, "MB", at_least=False)
    assert fast.row() == ("speed", "at least 10.0 x", "12.0 x", "met")
    assert small.row() == ("memory", "at most 200 MB", "250 MB", "MISSED")
    assert Bar("speed", 10, None).row()[-1] == "not measured"
    assert "| memory | at most 200 MB |" in bars_table([fast, small]).markdown()


def test_words_of_numbers() -> None:
    assert [number(x) for x in (0.1234, 12.34, 123.4, 12345.6)] == [
        "0.123",
        "12.3",
        "123",
        "12,346",
    ]
    assert [time(x) for x in (2.0, 0.02, 2e-5)] == ["2.00 s", "20.0 ms", "20.0 µs"]
    assert off(1.01, 1.0) == "+1.0000%"
    assert ratio([2.0, 9.0, 4.0], [1.0, 3.0, 4.0]) == 2.0
    assert ratio([], []) is None


def test_markdown_of_a_table() -> None:
    table = Table("Title", ("a", "b"), [("1", "2")], ["a note"])
    assert table.markdown() == "## Title\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\n- a note\n"


def test_file_for_the_command_is_wide() -> None:
    lines = processes.csv(synthetic.prices(2, 4)).splitlines()
    assert lines[0] == "date,AAA,BBB,CCC,DDD"
    assert lines[1].startswith("1995-01-02,")


def test_machine_is_told() -> None:
    assert machine.cores() >= 1
    assert "Python" in machine.sentences()[1]
