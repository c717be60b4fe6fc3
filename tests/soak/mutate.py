"""Spoil bytes, trees and words the way disks, editors and ill will do."""

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

TOKENS = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\n\n", b",", b";", b"\t", b'"', b"'",
    b"=", b"[", b"]", b"{", b"}", b"#", b"-", b"--", b"nan", b"NaN", b"inf", b"-inf", b"null",
    b"true", b"None", b"1e309", b"1e-320", b"1e999999", b"-0", b"0", b"00", b"0x10", b"9" * 400,
    b"9" * 5000, b"1_000", b"1.000,00", b"1,234.5", b"0.1.2", b"9999-12-31", b"0000-00-00",
    b"2000-02-30", b"10000-01-01", b"-0001-01-01", b"99/99/9999", b"\xe2\x80\xae", b"\x1b[2J",
    b"\xed\xa0\x80", b"\xf0\x9f\x92\xa9", b"\xef\xbc\x91", b"../../x", b"/dev/zero", b"A" * 70_000,
    b"[" * 3000, b"(" * 3000, b'{"a":' * 1500, b"%s%n{0}", b"=cmd|' /C calc'!A0", b"CASH", b"TBILL",
    b"CPI", b"date", b"Adj Close",
]  # fmt: skip
LEAVES: list[Any] = [
    None, True, False, 0, -1, 1, 2**63, -(2**63), 10**400, 1e308, -1e308, 1e-320, 0.5, "", "x",
    "x" * 70_000, "a\x1b[2J\u202e\n", "9999-12-31", "0001-01-01", "2000-02-30", "nan", "../../x",
    "\0", [], {}, [[]], [None], {"": None}, [1] * 1000, {"a": {"a": {"a": 1}}},
]  # fmt: skip


def spoiled(draw: Random, raw: bytes) -> bytes:
    """Return bytes with a few faults in them."""
    for _ in range(draw.choice((1, 1, 1, 2, 3, 8))):
        raw = draw.choice(_WAYS)(draw, raw)
    return raw


def grown(draw: Random, tree: Any) -> Any:
    """Return a tree of JSON with a few nodes replaced, lost, doubled or renamed."""
    tree = deepcopy(tree)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        _graft(draw, tree)
    return deepcopy(draw.choice(LEAVES)) if draw.random() < 0.02 else tree


def words(draw: Random, text: str) -> str:
    """Return text as a person could type it: no NUL, which no command line can carry."""
    return spoiled(draw, text.encode()).decode(errors="surrogateescape").replace("\0", "")[:5_000]


def _graft(draw: Random, tree: Any) -> None:
    places = [(node, key) for node in _nodes(tree) for key in _keys(node)]
    if not places:
        return
    node, key = draw.choice(places)
    way = draw.randrange(4)
    if way == 0:
        node[key] = deepcopy(draw.choice(LEAVES))
    elif way == 1:
        del node[key]
    elif way == 2:
        other, place = draw.choice(places)
        node[key] = deepcopy(other[place])
    elif isinstance(node, dict):
        node[draw.choice(("", "x", "a\x1bb", "A" * 300, str(key) + "é"))] = node.pop(key)
    else:
        node.append(deepcopy(node[key]))


def _nodes(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [tree, *(n for value in tree.values() for n in _nodes(value))]
    if isinstance(tree, list):
        return [tree, *(n for value in tree[:50] for n in _nodes(value))]
    return []


def _keys(node: Any) -> list[Any]:
    return list(node) if isinstance(node, dict) else list(range(len(node)))


def _span(draw: Random, raw: bytes) -> tuple[int, int]:
    start = draw.randrange(len(raw) + 1)
    return start, min(len(raw), start + draw.choice((0, 1, 1, 2, 5, 20, 200)))


def _put(draw: Random, raw: bytes) -> bytes:
    start, stop = _span(draw, raw)
    return raw[:start] + draw.choice(TOKENS) + raw[stop:]


def _cell(draw: Random, raw: bytes) -> bytes:
    """Replace one cell, which is what most files get wrong."""
    lines = raw.split(b"\n")
    at = draw.randrange(len(lines))
    cells = lines[at].split(b",")
    cells[draw.randrange(len(cells))] = draw.choice(TOKENS)
    return b"\n".join([*lines[:at], b",".join(cells), *lines[at + 1 :]])


def _flip(draw: Random, raw: bytes) -> bytes:
    if not raw:
        return raw
    at = draw.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << draw.randrange(8))]) + raw[at + 1 :]


def _lines(draw: Random, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(3):
        case 0:
            lines[at], lines[other] = lines[other], lines[at]
        case 1:
            del lines[at]
        case _:
            lines.insert(at, lines[other])
    return b"\n".join(lines)


def _move(draw: Random, raw: bytes) -> bytes:
    (start, stop), at = _span(draw, raw), draw.randrange(len(raw) + 1)
    return raw[:at] + raw[start:stop] + raw[at:]


_WAYS: list[Callable[[Random, bytes], bytes]] = [
    _put, _put, _cell, _cell, _flip, _flip, _lines, _move,
    lambda draw, raw: raw[: draw.randrange(len(raw) + 1)],
    lambda draw, raw: raw.replace(b",", draw.choice((b";", b"\t", b"")), draw.choice((1, 9))),
    lambda draw, raw: draw.choice(TOKENS) * draw.choice((1, 2, 100)),
]  # fmt: skip
