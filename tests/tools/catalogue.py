"""Keep the catalogues of the languages: gather every message of the code into each, compile them.

catalogue.py [--check]

Messages that are new stand there with an empty translation, those that are gone are taken out.
With --check nothing is written, and what is not as it should be is named.
"""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "data/locale"
ROOMS = ("data", "strategies", "backtests")
METHODS = [
    ("**.py", "tests.tools.catalogue:messages"),
    ("**/templates/**.j2", "jinja2.ext:babel_extract"),
]
KEYWORDS = {
    **dict.fromkeys(("say", "tr", "html", "_option")),
    **dict.fromkeys(("say_in", "tr_in"), ((1, "c"), 2)),
    **dict.fromkeys(("say_many", "tr_many"), (1, 2)),
}
_TAG = re.compile(r"</?[a-z][^>]*>")
_HEADER = "# Catalogue {name} of three-drawdowns: docs/languages.md says how it is kept."


def messages(file, keywords, comment_tags, options):
    """Yield what a module says, wherever the call stands, and the docstrings that are shown."""
    for node in ast.walk(ast.parse(file.read())):
        yield from ((node.lineno, "say", text, []) for text in _shown(node))
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in keywords and node.args:
                yield node.lineno, name, [_literal(each) for each in node.args], []


def _literal(node: ast.expr) -> str | None:
    """Return what stands there in quotes, nothing for what is worked out."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _shown(node: ast.AST) -> list[str]:
    """Return a command's help, and what a strategy does: a class with a title, its first line."""
    if isinstance(node, ast.FunctionDef) and any(
        "command" in c or "group" in c for c in map(ast.unparse, node.decorator_list)
    ):
        return paragraphs(ast.get_docstring(node))
    if isinstance(node, ast.ClassDef) and any(
        isinstance(a, ast.Assign) and ast.unparse(a.targets[0]) == "title" for a in node.body
    ):
        return (ast.get_docstring(node) or "").split("\n")[:1]
    return []


def paragraphs(text: str | None) -> list[str]:
    """Return the paragraphs of a docstring, each in one line."""
    return [" ".join(part.split()) for part in (text or "").split("\n\n") if part.strip()]


def gathered() -> Catalog:
    """Return every message of the code, with the files it stands in."""
    found = Catalog()
    for room in ROOMS:
        for file, _, message, _, context in extract_from_dir(
            ROOT / room, METHODS, keywords=KEYWORDS
        ):
            if message:
                place = [(f"{room}/{file}", 0)]
                found.add(message, context=context, locations=place, flags=_flags(message))
    return found


def _flags(message: str | tuple[str, ...]) -> list[str]:
    first = message if isinstance(message, str) else message[0]
    return ["python-brace-format"] if "{" in first else []


def kept(name: str) -> Catalog:
    """Read a language's catalogue."""
    with file_of(name).open("rb") as file:
        return read_po(file, locale=name, domain="dca")


def file_of(name: str, ending: str = "po") -> Path:
    """Return where a language's catalogue lies."""
    return LOCALE / name / f"LC_MESSAGES/dca.{ending}"


def names() -> list[str]:
    """Return the languages that have a catalogue."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def brought_up(name: str) -> Catalog:
    """Return a language's catalogue with exactly the messages of the code, in their order."""
    old, new = kept(name), Catalog(locale=name, domain="dca", fuzzy=False)
    new.header_comment, new.mime_headers = _HEADER.format(name=name), _mime(old)
    new.creation_date = old.creation_date
    for message in sorted(gathered(), key=_place):
        if message.id:
            known = old.get(message.id, message.context)
            new[message.id] = Message(
                message.id, known.string if known else "", [(p, None) for p, _ in _places(message)],
                message.flags, context=message.context,
                user_comments=known.user_comments if known else (),
            )  # fmt: skip
    return new


def _mime(old: Catalog) -> list[tuple[str, str]]:
    dated = ("POT-Creation-Date", "PO-Revision-Date", "Generated-By")
    return [(key, value) for key, value in old.mime_headers if key not in dated]


def _places(message: Message) -> list[tuple[str, int]]:
    return sorted(set(message.locations))


def _place(message: Message) -> tuple[object, ...]:
    return (_places(message), str(message.context or ""), str(message.id))


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """Return a catalogue as it is read and as it is compiled."""
    po, mo = BytesIO(), BytesIO()
    write_po(po, catalogue, width=100, include_lineno=False)
    write_mo(mo, catalogue)
    return po.getvalue(), mo.getvalue()


def faults(name: str) -> Iterator[str]:
    """Name what is missing, fuzzy, wrongly filled or wrongly worded in a language's catalogue."""
    rules = tomllib.loads((LOCALE / name / "terms.toml").read_text(encoding="utf-8"))
    for message in kept(name):
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        said = message.id if isinstance(message.id, str) else message.id[-1]
        if message.fuzzy:
            yield f"fuzzy: {said}"
        if not all(strings):
            yield f"not translated: {said}"
            continue
        for string in strings:
            yield from (f"{why}: {said} -> {string}" for why in _wrong(said, string, rules))


def _wrong(said: str, string: str, rules: dict[str, object]) -> Iterator[str]:
    if _marks(said) != _marks(string):
        yield "other places or tags"
    bare = string
    for allowed in rules["allowed"]:
        bare = bare.replace(allowed, "")
    for word in rules["refused"]:
        if word in bare:
            yield f"{word} is refused"
    if re.search(r"(?<![A-Z])\$", bare):
        yield "a bare $"
    if re.search(r"[\u3400-\u9fff][,;:?!()]|[,;:?!()][\u3400-\u9fff]", bare):
        yield "a half-width mark beside a Han character"
    if re.search(r"\} [\u3400-\u9fff]|[\u3400-\u9fff] \{", bare):
        yield "a space typed at a place, where it is set by itself"
    # A place's name is no word of the message.
    english = re.sub(r"\{[^}]*\}", "", said).casefold()
    for term, words in rules["terms"].items():
        if re.search(rf"\b{term}\b", english) and not any(w in string for w in words):
            yield f"{term} is {' or '.join(words)}"


def _marks(text: str) -> Counter[str]:
    """Return what a translation must keep: named places, tags and words in backticks."""
    places = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    return Counter(places) + Counter(_TAG.findall(text)) + Counter(re.findall(r"`[^`]*`", text))


def main() -> None:
    """Bring every catalogue up to the code, or check that each is."""
    wrong = []
    for name in names():
        catalogue = brought_up(name)
        files = zip((file_of(name), file_of(name, "mo")), written(catalogue), strict=True)
        if "--check" in sys.argv[1:]:
            wrong += [f"{f.relative_to(ROOT)} is not what the code says: make catalogue"
                      for f, data in files if not f.exists() or f.read_bytes() != data]  # fmt: skip
        else:
            for file, data in files:
                file.write_bytes(data)
        wrong += faults(name)
    print("\n".join(wrong) or "every message is translated")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
