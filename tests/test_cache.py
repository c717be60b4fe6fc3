"""What is kept on disk is whole or is said to be damaged, whatever happens to process and disk."""

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import atomic
from data.errors import BadFolder, FetchFailed
from data.language import say, shown, speaking
from data.yahoo import history_file
from data.yahoo.cache import Cache, default_folder, escaped, unescaped
from data.yahoo.history import COLUMNS, History
from data.yahoo.history_file import DamagedError

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 9, 18, 12, 0, tzinfo=UTC)


def history(ticker: str = "SPY", level: float = 100.0, rows: int = 500) -> History:
    days = np.datetime64("2020-01-01") + np.arange(rows)
    columns = {name: level + np.arange(rows) / 7 for name in COLUMNS}
    return History(ticker, days, **columns, fetched=NOW, warnings=("one thing",))


def same(one: History | None, other: History) -> bool:
    return one is not None and history_file.dump(one) == history_file.dump(other)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def litter(cache: Cache) -> list[str]:
    return [p.name for p in cache.folder.glob(".dca-*")]


class TestKeeping:
    def test_what_is_written_comes_back_to_the_bit(self, cache):
        cache.write(history("^IRX", np.pi))
        kept = cache.read("^IRX")
        assert kept.note == ""
        assert same(kept.history, history("^IRX", np.pi))

    def test_what_the_checks_said_is_kept_in_english_and_shown_in_any_language(self):
        said = say("{n} equal prices in a row from {day}", n=9, day="2020-01-02")
        raw = history_file.dump(replace(history(), warnings=(said,)))
        with speaking("zh-Hant"):
            assert history_file.dump(replace(history(), warnings=(said,))) == raw
            (read,) = history_file.load(raw, "SPY").warnings
            assert shown(read) == shown(said) == "自2020-01-02起連續 9 筆價格相同"

    def test_the_same_history_gives_the_same_bytes(self):
        assert history_file.dump(history()) == history_file.dump(history())

    def test_nothing_was_kept(self, cache):
        assert cache.read("SPY").history is None
        assert cache.entries() == ([], [])
        assert not cache.folder.exists()

    def test_the_folder_lists_what_it_holds(self, cache):
        for ticker in ("SPY", "^IRX", "BRK-B"):
            cache.write(history(ticker))
        entries, notes = cache.entries()
        assert [e.ticker for e in entries] == ["BRK-B", "SPY", "^IRX"]
        assert notes == []

    def test_the_platforms_own_folder_is_the_default(self):
        assert Cache().folder == default_folder()
        assert default_folder().name == "three-drawdowns"

    def test_a_file_under_another_name_is_not_believed(self, cache):
        cache.write(history("SPY"))
        cache.path("SPY").rename(cache.path("QQQ"))
        assert "QQQ: the kept copy is damaged: it holds SPY" in cache.read("QQQ").note


class TestNames:
    @pytest.mark.parametrize(
        ("ticker", "name"),
        [("SPY", "s-SPY"), ("^IRX", "s-_5eIRX"), ("CON", "s-CON"), ("../x", "s-_2e_2e_2f_78")],
    )
    def test_a_ticker_is_a_harmless_file_name(self, ticker, name):
        assert escaped(ticker) == name

    @given(st.text(alphabet=st.characters(max_codepoint=127), min_size=1, max_size=20))
    def test_a_name_leads_back_to_its_ticker_and_nowhere_else(self, ticker):
        assert unescaped(escaped(ticker)) == ticker
        assert Path(escaped(ticker)).name == escaped(ticker)

    def test_a_name_that_is_none_of_ours_is_harmless(self):
        assert unescaped("s-_zz") == "s-_zz"


class TestDamage:
    def damaged(self, cache: Cache, raw: bytes) -> None:
        path = cache.path("SPY")
        path.write_bytes(raw)
        kept = cache.read("SPY")
        assert kept.history is None
        assert f"set aside as {path.with_suffix('.damaged').name}" in kept.note
        assert not path.exists()
        assert cache.read("SPY").note == ""

    def test_cut_at_a_hundred_places_it_is_always_set_aside(self, cache):
        cache.write(history())
        raw = cache.path("SPY").read_bytes()
        for at in np.linspace(0, len(raw) - 1, 100).astype(int):
            self.damaged(cache, raw[:at])

    def test_flipped_in_a_hundred_bits_it_is_always_set_aside(self, cache):
        cache.write(history())
        raw = cache.path("SPY").read_bytes()
        for i, at in enumerate(np.linspace(0, len(raw) - 1, 100).astype(int)):
            self.damaged(cache, raw[:at] + bytes([raw[at] ^ (1 << i % 8)]) + raw[at + 1 :])

    @pytest.mark.parametrize("raw", [b"garbage", b"\n" * 50, b"dca-history 2 x\n{}", b"\0" * 4096])
    def test_garbage_is_set_aside(self, cache, raw):
        cache.write(history())
        self.damaged(cache, raw)

    def test_it_is_named_in_the_list_too(self, cache):
        cache.write(history("SPY"))
        cache.write(history("QQQ"))
        cache.path("SPY").write_bytes(b"x")
        entries, notes = cache.entries()
        assert [e.ticker for e in entries] == ["QQQ"]
        assert notes[0].startswith("SPY: the kept copy is damaged")

    def test_a_copy_that_another_process_has_mended_is_not_set_aside(self, cache, monkeypatch):
        cache.write(history())
        good = cache.path("SPY").read_bytes()
        cache.path("SPY").write_bytes(b"x")
        lock = cache.lock

        @contextmanager
        def mending(ticker):
            with lock(ticker):
                cache.path("SPY").write_bytes(good)
                yield

        monkeypatch.setattr(cache, "lock", mending)
        assert same(cache.read("SPY").history, history())

    def test_where_it_cannot_be_set_aside_it_is_still_not_used(self, cache, monkeypatch):
        cache.write(history())
        cache.path("SPY").write_bytes(b"x")
        monkeypatch.setattr(Path, "replace", failing(errno.EROFS))
        kept = cache.read("SPY")
        assert kept.history is None
        assert "could not be set aside" in kept.note


def failing(number: int):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


DISKS = [
    (errno.ENOSPC, "No space left on device"),
    (errno.EROFS, "Read-only file system"),
    (errno.EACCES, "Permission denied"),
    (errno.EDQUOT, "quota exceeded"),
    (errno.EIO, "Input/output error"),
]


class TestDisks:
    @pytest.mark.parametrize(("number", "reason"), DISKS)
    @pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.open", "os.replace"])
    def test_a_write_that_fails_leaves_the_old_copy_and_no_litter(
        self, cache, monkeypatch, step, number, reason
    ):
        cache.write(history(level=1.0))
        with monkeypatch.context() as broken:
            broken.setattr(step, failing(number))
            with pytest.raises(BadFolder, match=reason) as error:
                cache.write(history(level=2.0))
        assert "--cache" in str(error.value)
        assert same(cache.read("SPY").history, history(level=1.0))
        assert litter(cache) == []

    @pytest.mark.parametrize(("number", "reason"), DISKS)
    def test_a_folder_that_cannot_be_made_is_said(self, cache, monkeypatch, number, reason):
        monkeypatch.setattr(Path, "mkdir", failing(number))
        with pytest.raises(BadFolder, match=reason), cache.lock("SPY"):
            pass

    def test_a_folder_that_is_a_file_is_said(self, tmp_path):
        (tmp_path / "cache").write_text("mine")
        with pytest.raises(BadFolder, match="File exists|Not a directory"):
            Cache(tmp_path / "cache").write(history())
        with pytest.raises(BadFolder, match="Not a directory"):
            Cache(tmp_path / "cache" / "in").read("SPY")
        assert (tmp_path / "cache").read_text() == "mine"

    def test_a_copy_that_cannot_be_read_is_said_and_not_set_aside(self, cache, monkeypatch):
        cache.write(history())
        with monkeypatch.context() as broken:
            broken.setattr(Path, "read_bytes", failing(errno.EIO))
            with pytest.raises(BadFolder, match="cannot read the cache"):
                cache.read("SPY")
        assert same(cache.read("SPY").history, history())

    def test_a_really_full_disk(self, full_disk):
        cache = Cache(full_disk.folder)
        cache.write(history(level=1.0))
        full_disk.fill()
        with pytest.raises(BadFolder, match="No space left on device|File too large"):
            cache.write(history(level=2.0, rows=20_000))
        assert same(cache.read("SPY").history, history(level=1.0))
        assert litter(cache) == []


class _Disk:
    """A small disk, or a limit to the size of files where none may be mounted."""

    def __init__(self, folder: Path, mounted: bool) -> None:
        self.folder, self._mounted = folder, mounted

    def fill(self) -> None:
        if not self._mounted:
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
            return
        ballast = os.open(self.folder / "ballast", os.O_CREAT | os.O_WRONLY)
        with suppress(OSError):
            while os.write(ballast, b"\0" * 4096):
                pass
        os.close(ballast)


@pytest.fixture
def full_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount") or "false", shutil.which("umount") or "false"
    small = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(small, capture_output=True, check=False).returncode == 0:
        yield _Disk(folder, mounted=True)
        subprocess.run([umount, str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield _Disk(folder, mounted=False)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from data.yahoo import history_file
from data.yahoo.cache import Cache
from tests.test_cache import history

cache, rng = Cache(Path(sys.argv[1])), random.Random(5)
texts = {level: history_file.dump(history(level=level, rows=30_000)) for level in (1.0, 2.0)}
cache.write(history(level=1.0, rows=30_000))

def write_without_end():
    while True:
        for level in texts:
            cache.write(history(level=level, rows=30_000))

for _ in range(50):
    child = os.fork()
    if child == 0:
        write_without_end()
    time.sleep(rng.uniform(0.002, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    kept = cache.read("SPY")
    assert not kept.note, kept.note
    assert history_file.dump(kept.history) in texts.values()
print(len(list(cache.folder.glob(".dca-*"))))
"""


def python(code: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_killed_at_fifty_moments_in_mid_write_it_is_always_whole(cache):
    out, err = (killer := python(KILLER, str(cache.folder))).communicate(timeout=60)
    assert killer.returncode == 0, err
    # The kills did hit: some left a temporary file behind.
    assert int(out) > 0
    with cache.lock("SPY"):
        assert litter(cache) == []


def test_litter_goes_with_its_tickers_next_lock(cache):
    for ticker in ("SPY", "QQQ"):
        atomic._beside(cache.path(ticker), "-dead").parent.mkdir(exist_ok=True)
        atomic._beside(cache.path(ticker), "-dead").write_bytes(b"half")
    with cache.lock("SPY"):
        assert litter(cache) == [atomic._beside(cache.path("QQQ"), "-dead").name]


HOLDER = """
import sys, time
from pathlib import Path
from data.yahoo.cache import Cache
with Cache(Path(sys.argv[1])).lock("SPY"):
    print("held", flush=True)
    time.sleep(60)
"""


class TestLocks:
    @pytest.fixture
    def holder(self, cache):
        child = python(HOLDER, str(cache.folder))
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()
        child.communicate()

    def test_waiting_for_a_lock_ends(self, cache, holder):
        begun = time.monotonic()
        held = "SPY: another process has held its lock for 0 sec"
        with pytest.raises(FetchFailed, match=held), cache.lock("SPY", 0.3):
            pass
        assert 0.2 < time.monotonic() - begun < 2

    def test_another_ticker_is_not_locked(self, cache, holder):
        with cache.lock("QQQ", 0.3):
            pass

    def test_reading_needs_no_lock(self, cache, holder):
        cache.write(history())
        assert same(cache.read("SPY").history, history())

    def test_a_killed_holder_frees_its_lock(self, cache, holder):
        holder.kill()
        holder.wait()
        with cache.lock("SPY", 5):
            pass


def test_a_text_of_another_version_is_not_read(cache):
    raw = history_file.dump(history()).replace(b"dca-history 1", b"dca-history 2", 1)
    with pytest.raises(DamagedError):
        history_file.load(raw, "SPY")


def test_writing_waits_until_the_disk_has_it(cache, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    cache.write(history())
    assert len(synced) == 2, "the file and its folder"
