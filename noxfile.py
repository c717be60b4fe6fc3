"""Run the tests on every Python and on the oldest and newest libraries: `nox --list`."""

import configparser
import json
import re
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
