"""A freeze gives back its tables bit for bit, or says that it was changed."""

import errno
import json
import os
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from data import snapshot
from data.errors import BadFolder, BadPrices
from data.files import freeze
from data.notes import Fault, Note
from data.options import Options
from data.prices import Part, PriceTable
from data.rates import Cpi
from data.sources import tables, unchecked
from tests.conftest import day, make_table

DATES = ["2020-01-02", "2020-01-03", "2020-01-06"]
WARNINGS = (Note("resolution", "", "one"), Note("stand-in", "", "two"))


def rich() -> PriceTable:
    """Make a table that says all a table can say."""
    return make_table(
        DATES,
        {"AAA": [1 / 3, np.pi, 1e-100], "^B-C": [float("nan"), 0.1 + 0.2, 1e100]},
        listed={"AAA": day("2020-01-01")},
        ended={"^B-C": day("2020-02-01")},
        last_prices={"^B-C": 0.0},
        notes={"AAA": (Note("price-only", "AAA", "naïve „note“, with <tags> & a comma"),)},
        parts={"AAA": (Part("OLD", day("2020-01-02"), day("2020-01-03"), no_costs=True),)},
        cpi=Cpi(np.array(["2020-01", "2020-02"], "M8[M]"), np.array([100.1, np.nan])),
        warnings=WARNINGS,
        faults=(Fault("AAA", day("2020-01-02"), day("2020-01-03"), "odd", "leave it out"),),
    )


def same(one: PriceTable, other: PriceTable) -> None:
    for field in fields(PriceTable):
        mine, its = getattr(one, field.name), getattr(other, field.name)
        if field.name == "cpi":
            assert (mine is None) == (its is None)
            if mine is not None:
                np.testing.assert_array_equal(mine.months, its.months)
                np.testing.assert_array_equal(mine.levels, its.levels)
        elif isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, its)
        else:
            assert mine == its, field.name


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def frozen(tmp_path):
    freeze.write({"daily": rich()}, tmp_path / "ice")
    return tmp_path / "ice"


def test_everything_comes_back_to_the_bit(frozen):
    back = freeze.read(frozen)
    assert list(back) == ["daily"]
    same(back["daily"], rich())
    assert back["daily"].sha256("AAA") == rich().sha256("AAA")


def test_the_snapshot_too_on_both_resolutions(tmp_path):
    both = {"daily": snapshot.load("daily"), "monthly": snapshot.load("monthly")}
    freeze.write(both, tmp_path / "ice")
    for bars, loader in tables(str(tmp_path / "ice")).items():
        same(loader(), both[bars])


def test_the_same_tables_give_the_same_bytes(frozen, tmp_path):
    freeze.write({"daily": rich()}, tmp_path / "again")
    for name in names(frozen):
        assert (frozen / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_its_csv_is_a_file_like_any_other(frozen):
    assert tables(str(frozen / "daily.csv"))["daily"]().source == "file"


def test_it_takes_no_part_in_the_checks_of_files(frozen):
    assert tables(str(frozen))["daily"]().warnings == WARNINGS
    assert len(unchecked(str(frozen), Options())) == 1


@pytest.mark.parametrize("name", ["daily.csv", freeze.MANIFEST])
def test_every_change_is_noticed(frozen, name):
    path = frozen / name
    raw = path.read_bytes()
    for at in range(len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        try:
            same(freeze.read(frozen)["daily"], rich())
        except BadPrices:
            continue
    path.write_bytes(raw)
    same(freeze.read(frozen)["daily"], rich())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda m: m.update(format=1), "a freeze of another version"),
        (lambda m: m.update(tables={}), "was changed after the freeze"),
        (lambda m: m["tables"]["daily"].update(warnings=[]), "was changed after the freeze"),
        (lambda m: m.pop("sha256"), "is damaged"),
    ],
)
def test_a_manifest_that_was_edited_is_refused(frozen, change, why):
    manifest = json.loads((frozen / freeze.MANIFEST).read_text())
    change(manifest)
    (frozen / freeze.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BadPrices, match=why):
        freeze.read(frozen)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"format": 2}'])
def test_a_manifest_that_is_none_is_refused_in_one_line(frozen, text):
    (frozen / freeze.MANIFEST).write_text(text)
    with pytest.raises(BadPrices, match="is damaged") as refused:
        freeze.read(frozen)
    assert len(str(refused.value).splitlines()) == 1


def test_prices_that_were_edited_are_refused_with_the_mend(frozen):
    with (frozen / "daily.csv").open("a") as file:
        file.write("2020-01-07,1,1\n")
    with pytest.raises(
        BadPrices, match=r"daily\.csv was changed after the freeze; freeze it again"
    ):
        freeze.read(frozen)


def test_a_missing_table_is_refused(frozen):
    (frozen / "daily.csv").unlink()
    with pytest.raises(BadPrices, match=r"cannot read .*daily\.csv"):
        freeze.read(frozen)


class TestWriting:
    def test_an_older_freeze_is_replaced(self, frozen):
        freeze.write({"monthly": make_table(DATES, {"A": [1, 2, 3]}, "monthly")}, frozen)
        assert list(freeze.read(frozen)) == ["monthly"]
        assert names(frozen) == [freeze.MANIFEST, "monthly.csv"]

    def test_anything_else_is_not(self, tmp_path):
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "thesis.txt").write_text("words")
        (tmp_path / "file").write_text("words")
        for name in ("mine", "file"):
            with pytest.raises(BadFolder, match="name another"):
                freeze.write({"daily": rich()}, tmp_path / name)
        assert (tmp_path / "mine" / "thesis.txt").read_text() == "words"

    @pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.mkdir", "pathlib.Path.rename"])
    def test_a_disk_that_fails_leaves_nothing_half_written(self, frozen, monkeypatch, step):
        def fail(*_args: object, **_more: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as broken:
            broken.setattr(step, fail)
            with pytest.raises(BadFolder, match="No space left"):
                freeze.write({"daily": rich()}, frozen.with_name("new"))
        assert names(frozen.parent) == ["ice"]
        same(freeze.read(frozen)["daily"], rich())

    def test_folders_above_it_are_made(self, tmp_path):
        freeze.write({"daily": rich()}, tmp_path / "a" / "b" / "ice")
        assert freeze.is_freeze(tmp_path / "a" / "b" / "ice")


def test_a_plain_folder_is_no_freeze(tmp_path):
    assert not freeze.is_freeze(tmp_path)
    assert not freeze.is_freeze(Path("nowhere"))
