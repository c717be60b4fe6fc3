"""One way to write: old or new whole, no litter, nothing of others touched."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from data import atomic
from data.errors import BadFolder
from tests.helpers import holding

ROOT = Path(__file__).parents[1]
OURS = ("a", "b", "room/*.csv")


def build(folder: Path, text: str) -> None:
    with atomic.replacing(folder, OURS) as fresh:
        (fresh / "room").mkdir()
        for name in ("a", "b", "room/c.csv"):
            (fresh / name).write_text(text)


def held(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def whole(text: str) -> dict[str, str]:
    return dict.fromkeys(("a", "b", "room/c.csv"), text)


def test_a_folder_is_made_replaced_and_leaves_nothing_beside(tmp_path: Path) -> None:
    for text in ("old", "new"):
        build(tmp_path / "deep" / "out", text)
        assert held(tmp_path / "deep" / "out") == whole(text)
        assert [p.name for p in (tmp_path / "deep").iterdir()] == ["out"]


def fail(folder: Path, error: BaseException) -> None:
    with atomic.replacing(folder, OURS) as fresh:
        (fresh / "a").write_text("half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_error_leaves_the_old_folder_or_none(tmp_path: Path, error: BaseException) -> None:
    for before in ({}, whole("old")):
        with pytest.raises((KeyboardInterrupt, BadFolder)):
            fail(tmp_path / "out", error)
        assert held(tmp_path / "out") == before
        assert [p.name for p in tmp_path.iterdir()] == (["out"] if before else [])
        build(tmp_path / "out", "old")


@pytest.mark.parametrize(
    "spell",
    [
        lambda out: out / ".." / "out",
        lambda out: out / "room" / "..",
        lambda out: Path(os.path.relpath(out)),
        lambda out: out / ".",
    ],
)
def test_a_folder_is_found_however_it_is_spelt(
    tmp_path: Path, spell: Callable[[Path], Path]
) -> None:
    build(tmp_path / "out", "old")
    build(spell(tmp_path / "out"), "new")
    assert held(tmp_path / "out") == whole("new")


def test_links_are_not_followed(tmp_path: Path) -> None:
    build(tmp_path / "out", "old")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(BadFolder, match="is not a folder"):
        build(tmp_path / "link", "new")
    (tmp_path / "out" / "room" / "d.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadFolder, match=r"holds something else \(room/d.csv\)"):
        build(tmp_path / "out", "new")
    assert held(tmp_path / "out") == whole("old")
    build(tmp_path / "way" / "out", "old")
    (tmp_path / "short").symlink_to(tmp_path / "way")
    build(tmp_path / "short" / "out", "new")
    assert held(tmp_path / "way" / "out") == whole("new")


def test_the_folder_one_stands_in_is_not_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "out", "old")
    monkeypatch.chdir(tmp_path / "out" / "room")
    for folder in (Path(), Path(".."), tmp_path / "out"):
        with pytest.raises(BadFolder, match="is the folder you are in"):
            build(folder, "new")
    assert held(tmp_path / "out") == whole("old")


@pytest.mark.parametrize("name", ["note", "room/note", "notes/a", "room/deep/c.csv", "b.csv"])
def test_what_others_put_there_is_never_deleted(tmp_path: Path, name: str) -> None:
    build(tmp_path / "out", "old")
    path = tmp_path / "out" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(BadFolder, match="holds something else"):
        build(tmp_path / "out", "new")
    assert held(tmp_path / "out") == whole("old") | {name: "mine"}


def test_what_others_put_there_while_it_is_written_is_not_deleted_either(tmp_path: Path) -> None:
    build(tmp_path / "out", "old")
    refused = pytest.raises(BadFolder, match="holds something else")
    with refused, atomic.replacing(tmp_path / "out", OURS):
        (tmp_path / "out" / "note").write_text("mine")
    assert held(tmp_path / "out") == whole("old") | {"note": "mine"}


@pytest.mark.skipif(os.name != "posix", reason="pipes with a name are those of POSIX")
def test_what_is_no_plain_file_is_not_ours(tmp_path: Path) -> None:
    build(tmp_path / "out", "old")
    (tmp_path / "out" / "a").unlink()
    os.mkfifo(tmp_path / "out" / "a")
    with pytest.raises(BadFolder, match=r"holds something else \(a\)"):
        build(tmp_path / "out", "new")


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_modes_follow_the_umask_and_the_folder_that_was_there(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        build(tmp_path / "out", "old")
        atomic.write(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "out", tmp_path / "file")}
    assert modes == {"out": 0o750, "file": 0o640}
    (tmp_path / "out").chmod(0o700)
    build(tmp_path / "out", "new")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_a_second_run_is_refused_and_a_nested_one_is_the_same_run(tmp_path: Path) -> None:
    with holding(tmp_path / "out") as holder:
        with pytest.raises(BadFolder, match="another run is writing .*out; wait for it"):
            build(tmp_path / "out", "new")
        build(tmp_path / "other", "new")
        holder.kill()
    with atomic.locked(tmp_path / "out"):
        build(tmp_path / "out", "new")
    assert held(tmp_path / "out") == whole("new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other", "out"]


def test_of_many_at_once_each_is_whole_or_refused(tmp_path: Path) -> None:
    came: list[str] = []

    def attempt(text: str) -> None:
        try:
            build(tmp_path / "out", text)
            came.append(text)
        except BadFolder as error:
            assert "another run" in str(error)  # noqa: PT017 - in a thread, where raises cannot be

    threads = [threading.Thread(target=attempt, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held(tmp_path / "out") in [whole(text) for text in came]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


# Every step of a replacement, and the process is gone: one of many children, forked one a step.
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from data import atomic
from tests.test_atomic import build
if {plain}:
    atomic._exchanged = lambda *_: False
import filelock  # loaded, so that its own steps are not counted
left = 0
def step(event, args):
    global left
    if left and event.split(".")[0] in ("os", "open", "shutil"):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(step)
for line in sys.stdin:
    child = os.fork()
    if not child:
        left = int(line)
        build(Path({out!r}), "new")
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.parametrize("plain", [False, True])
def test_killed_at_any_step_old_or_new_is_whole(tmp_path: Path, plain: bool) -> None:
    """Without an exchange in one step the next run puts the old folder back."""
    out, step, status = tmp_path / "out", 0, -9
    code = KILLED.format(root=str(ROOT), out=str(out), plain=plain)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as parent:
        while status == -9:
            step += 1
            build(out, "old")
            print(step, file=parent.stdin, flush=True)
            status = int(parent.stdout.readline())
            assert status in (-9, 0)
            if plain:
                with atomic.locked(out):
                    pass
            assert held(out) in (whole("old"), whole("new"))
            build(out, "next")
            assert [p.name for p in tmp_path.iterdir()] == ["out"]
        parent.stdin.close()
    assert step > 30
