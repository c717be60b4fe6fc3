"""Run the tests on every Python and on the oldest and newest libraries: `nox --list`."""

import configparser
import gzip
import io
import json
import re
import shutil
import tarfile
from pathlib import Path
from typing import Any

import nox

ROOT = Path(__file__).parent
nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "venv"


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Test with the pinned versions."""
    session.install("--constraint", "constraints.txt", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Test with the lowest versions that setup.cfg allows its users."""
    pins = Path(session.create_tmp()) / "lowest.txt"
    pins.write_text("\n".join(lowest_pins()), encoding="utf-8")
    session.install("--constraint", str(pins), ".[test]")
    # Old libraries warn of what newer ones changed; which is not ours to fix.
    session.run("pytest", "-W", "default", *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """Test with the newest versions there are, whatever is pinned."""
    session.install("--upgrade", ".[test]")
    session.run("pytest", "-W", "default", *session.posargs)


# What may be used together with GPL-3.0-or-later; words that stand in a license's name.
LICENSES = (
    "Apache",
    "BSD",
    "GPL-3.0-or-later",
    "GPLv3+",
    "ISC",
    "MIT",
    "MPL",
    "PSF",
    "Python Soft",
)
# Its metadata name none; its LICENSE file is the MIT's.
SILENT = ("peewee",)


@nox.session
def audit(session: nox.Session) -> None:
    """List the licenses of what a user installs, and ask for known faults of all that is pinned."""
    extras = ".[cluster,excel,parquet]"
    session.install("--constraint", "constraints.txt", extras, "pip-licenses", "pip-audit")
    listed = ("pip-licenses", "--from=mixed", "--order=license")
    session.run(*listed)
    allowed = f"--allow-only={';'.join(LICENSES)}"
    session.run(*listed, "--partial-match", allowed, "--ignore-packages", *SILENT, silent=True)
    found = Path(session.create_tmp()) / "faults.json"
    found.unlink(missing_ok=True)
    pinned = ("--requirement", "constraints.txt", "--no-deps", "--disable-pip")
    report = ("--format", "json", "--output", str(found), "--progress-spinner", "off")
    session.run("pip-audit", *pinned, *report, success_codes=[0, 1], silent=True)
    asked = json.loads(found.read_text("utf-8"))["dependencies"] if found.exists() else []
    faults, answered = known_faults(asked)
    session.log(f"{answered} of {len(asked)} pinned versions were looked up")
    if not answered:
        session.warn("no list of known faults answered, so nothing is known of any")
    if faults:
        session.error("\n".join(faults))


@nox.session
def release(session: nox.Session) -> None:
    """Build sdist and wheel into dist/, from two checkouts of HEAD, and hold them to each other."""
    session.install("--constraint", "constraints.txt", "build", "twine")
    when = session.run("git", "log", "-1", "--format=%ct", external=True, silent=True).strip()
    built = [_built(session, Path(session.create_tmp()), name, when) for name in ("one", "other")]
    for one, other in zip(*built, strict=True):
        if one.read_bytes() != other.read_bytes():
            session.error(f"{one.name} is not the same bytes when it is built again")
        (ROOT / "dist").mkdir(exist_ok=True)
        (ROOT / "dist" / one.name).write_bytes(one.read_bytes())
    session.run("twine", "check", "--strict", *map(str, built[0]))


def _built(session: nox.Session, into: Path, name: str, when: str) -> list[Path]:
    """Build a fresh checkout as of `when`; return the sdist and the wheel."""
    shutil.rmtree(into / name, ignore_errors=True)
    session.run("git", "clone", "--quiet", "--local", str(ROOT), str(into / name), external=True)
    with session.chdir(into / name):
        session.run("python", "-m", "build", env={"SOURCE_DATE_EPOCH": when}, silent=True)
    files = sorted((into / name / "dist").iterdir())
    _settle(next(file for file in files if file.name.endswith(".tar.gz")), int(when))
    return files


def _settle(sdist: Path, when: int) -> None:
    """Write an sdist again without what differs from one machine and minute to another."""
    settled = io.BytesIO()
    with tarfile.open(sdist) as old, tarfile.open(fileobj=settled, mode="w") as new:
        for member in sorted(old.getmembers(), key=lambda each: each.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = when, 0, 0, "", ""
            member.mode, member.pax_headers = 0o755 if member.isdir() else 0o644, {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    sdist.write_bytes(gzip.compress(settled.getvalue(), mtime=0))


@nox.session(python=["3.11", "3.12", "3.13"])
def installed(session: nox.Session) -> None:
    """Install the wheel and the sdist of dist/ into an empty environment, and run the main job."""
    for file in sorted((ROOT / "dist").iterdir()):
        session.install("--constraint", "constraints.txt", "--force-reinstall", str(file))
        with session.chdir(session.create_tmp()):
            table = session.run("dca", "compare", silent=True)
        if not isinstance(table, str) or "204,051" not in table:
            session.error(f"dca compare out of {file.name} does not say what it should")


def known_faults(asked: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Return a line for each known fault, and how many packages the list had an answer for."""
    answered = [package for package in asked if "vulns" in package]
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}, "
        f"mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for package in answered
        for fault in package["vulns"]
    ]
    return faults, len(answered)


def lowest_pins() -> list[str]:
    """Turn each `name >= version` that a user installs into `name == version`."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = config["options.extras_require"]
    texts = (config["options"]["install_requires"], extras["cluster"], extras["parquet"])
    return re.sub(">=", "==", "".join(texts)).split("\n")
