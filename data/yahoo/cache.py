"""Keep one file a ticker, whole or not at all, and one fetch at a time across processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from data import atomic
from data.errors import BadFolder, FetchFailed, printable, why
from data.language import say
from data.yahoo import history_file
from data.yahoo.history import History
from data.yahoo.history_file import DamagedError

_SUFFIX = f".v{history_file.FORMAT}.dca"
_LOCK_SECONDS = 10.0
_NO_WRITING = say(
    "cannot write to the cache {folder}: {why}; free space, or name another folder with --cache"
)
_NO_READING = say("cannot read the cache {folder}: {why}; name another folder with --cache")


@dataclass(frozen=True)
class Kept:
    """What the cache has of a ticker: its history or none, and a sentence if it was damaged."""

    history: History | None
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One file of the cache, for a list of them."""

    ticker: str
    path: Path
    sha256: str
    history: History


class Cache:
    """A folder of histories, made when it is first written to."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()

    def read(self, ticker: str) -> Kept:
        """Return a ticker's history; a damaged file is set aside and named."""
        try:
            return Kept(self._load(ticker))
        except DamagedError:
            return self._set_aside(ticker)

    def write(self, history: History) -> None:
        """Replace a ticker's file; raises BadFolder and leaves the old one."""
        raw = history_file.dump(history)
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            atomic.write(self.path(history.ticker), raw)

    @contextmanager
    def lock(self, ticker: str, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
        """Hold a ticker's lock; raises FetchFailed after `seconds` of waiting for it."""
        from filelock import FileLock, Timeout

        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path(ticker).with_suffix(".lock"), timeout=seconds)
            try:
                lock.acquire()
            except Timeout as error:
                raise FetchFailed(
                    say(
                        "{ticker}: another process has held its lock for {seconds:.0f} seconds; "
                        "wait for it to end",
                        ticker=ticker,
                        seconds=seconds,
                    )
                ) from error
        try:
            with self._writing():
                atomic.clear_litter(self.path(ticker))
            yield
        finally:
            lock.release()

    def entries(self) -> tuple[list[Entry], list[str]]:
        """List every history of the folder, and a sentence on each damaged one."""
        found, notes = [], []
        with self._reading():
            paths = sorted(self.folder.glob(f"s-*{_SUFFIX}")) if self.folder.exists() else []
        for path in paths:
            ticker = unescaped(path.name.removesuffix(_SUFFIX))
            kept = self.read(ticker)
            if kept.history is None:
                notes.append(kept.note)
            else:
                raw = path.read_bytes()
                found.append(Entry(ticker, path, sha256(raw).hexdigest(), kept.history))
        return found, notes

    def path(self, ticker: str) -> Path:
        """Return a ticker's file."""
        return self.folder / f"{escaped(ticker)}{_SUFFIX}"

    def _load(self, ticker: str) -> History | None:
        with self._reading():
            try:
                raw = self.path(ticker).read_bytes()
            except FileNotFoundError:
                return None
        return history_file.load(raw, ticker)

    def _set_aside(self, ticker: str) -> Kept:
        """Rename a damaged file, unless another process has replaced it meanwhile."""
        path = self.path(ticker)
        aside = path.with_suffix(".damaged")
        try:
            with self.lock(ticker):
                try:
                    return Kept(self._load(ticker))
                except DamagedError as error:
                    path.replace(aside)
                    cause = say("{why}; set aside as {file}", why=str(error), file=aside.name)
        except (BadFolder, FetchFailed, OSError):
            cause = say("its content does not match its hash; it could not be set aside")
        return Kept(
            None, say("{ticker}: the kept copy is damaged: {why}", ticker=ticker, why=cause)
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._failing(_NO_WRITING):
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._failing(_NO_READING):
            yield

    @contextmanager
    def _failing(self, message: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            folder = printable(str(self.folder), 200)
            raise BadFolder(say(message, folder=folder, why=why(error))) from error


def default_folder() -> Path:
    """Return the platform's folder for what can be fetched again."""
    from platformdirs import user_cache_path

    return user_cache_path("three-drawdowns", appauthor=False)


def escaped(ticker: str) -> str:
    """Write a ticker as a file name: every byte outside A-Z and 0-9 as _ and two hex digits."""
    safe = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "s-" + "".join(chr(b) if b in safe else f"_{b:02x}" for b in ticker.encode())


def unescaped(name: str) -> str:
    """Read what `escaped` wrote; other text comes back as something no ticker is called."""
    head, *tail = name.removeprefix("s-").split("_")
    try:
        return head + "".join(chr(int(t[:2], 16)) + t[2:] for t in tail)
    except ValueError:
        return name
