"""A change to a JSON text that leaves every other byte as it is: indentation, line endings, the order of
keys, numbers as they were written, and a byte order mark where there was one (none is added).

Of a key that stands there twice the last one counts, as for every reader; removing it removes them all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from claude_auth.formats import EditError
from claude_auth.formats.document import parse
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import without_locals

_BOM = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder()

Path = tuple[str, ...]


class _Part(NamedTuple):
    """A member of an object (`key`, and `start` at its quotation mark) or an item of a list."""

    key: str
    start: int
    value: int
    end: int


class _Container(NamedTuple):
    """An object or a list: where its brackets stand, and what is in it."""

    start: int
    parts: list[_Part]
    close: int


# ── what can be done ─────────────────────────────────────────────────────────────────────────────


@without_locals
def remove_key(content: bytes, path: Path) -> bytes:
    """Without the key at `path`."""

    def edit(text: str) -> str:
        parent = _walk(text, path[:-1])
        return _without(text, parent, [part.key == path[-1] for part in parent.parts])

    return _edited(content, edit, lambda data: _parent(data, path).pop(path[-1]))


@without_locals
def remove_item(content: bytes, path: Path, item: str) -> bytes:
    """Without `item` in the list at `path`, wherever it stands there."""

    def edit(text: str) -> str:
        found = _list_at(text, path)
        unwanted = [_DECODER.raw_decode(text, part.value)[0] == item for part in found.parts]
        return _without(text, found, unwanted)

    def expected(data: Any) -> None:
        items = _parent(data, path)[path[-1]]
        items[:] = [other for other in items if other != item]

    return _edited(content, edit, expected)


@without_locals
def add_item(content: bytes, path: Path, item: str) -> bytes:
    """With `item` as the last of the list at `path`, which is made where it is missing."""

    def edit(text: str) -> str:
        return _inserted(text, _list_at(text, path), json.dumps(item, ensure_ascii=False))

    return _put(content, path, [item], edit, lambda parent: parent.setdefault(path[-1], []).append(item))


@without_locals
def set_text(content: bytes, path: Path, value: str) -> bytes:
    """With the text `value` at `path`; objects on the way are made where they are missing."""

    def edit(text: str) -> str:
        part = _last(_walk(text, path[:-1]), path[-1])
        return f"{text[: part.value]}{json.dumps(value, ensure_ascii=False)}{text[part.end :]}"

    return _put(content, path, value, edit, lambda parent: parent.__setitem__(path[-1], value))


def _put(
    content: bytes, path: Path, value: object, edit: Callable[[str], str], expected: Callable[[Any], object]
) -> bytes:
    """`value` where nothing is at `path`, else what `edit` does; `expected` does it to the object there."""

    def put(text: str) -> str:
        missing = _first_missing(text, path)
        if missing is None:
            return edit(text)
        nested = value
        for key in reversed(path[missing + 1 :]):
            nested = {key: nested}
        return _with_member(text, path[: missing + 1], nested)

    return _edited(content, put, lambda data: expected(_parent(data, path)))


def _edited(content: bytes, edit: Callable[[str], str], expected: Callable[[Any], object]) -> bytes:
    """The changed bytes; read again, they mean exactly what was wanted."""
    mark = _BOM if content.startswith(_BOM) else b""
    before = parse(content[len(mark) :])
    if before.damage is not None:
        raise EditError("damaged", before.damage.text)
    try:
        changed = edit(before.text).encode("utf-8")
        after = parse(changed)
        expected(before.data)
        is_right = after.damage is None and after.data == before.data
    except UnicodeEncodeError:  # how Python keeps such bytes of a variable; another program reads others
        raise EditError("not-text", "what should stand there holds bytes that are no text") from None
    except RecursionError:
        raise EditError("damaged", "it is nested too deeply to be changed") from None
    if not is_right:
        raise EditError("damaged", "the change would not give what it should")
    return mark + changed


def _parent(data: Any, path: Path) -> Any:
    """The object that holds the last key of `path`, made where it is missing."""
    for key in path[:-1]:
        data = data.setdefault(key, {})
    return data


# ── finding places, in a text that has been parsed ───────────────────────────────────────────────


def _blank(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


def _container(text: str, start: int) -> _Container:
    """The object or list whose bracket stands at `start`."""
    closer, parts = "}" if text[start] == "{" else "]", []
    at = _blank(text, start + 1)
    while text[at] != closer:
        if text[at] == ",":
            at = _blank(text, at + 1)
        key, value = "", at
        if closer == "}":
            key, after = json.decoder.scanstring(text, at + 1)  # type: ignore[attr-defined]
            value = _blank(text, _blank(text, after) + 1)
        end = _DECODER.raw_decode(text, value)[1]
        parts.append(_Part(key, at, value, end))
        at = _blank(text, end)
    return _Container(start, parts, at)


def _last(container: _Container, key: str) -> _Part:
    found = [part for part in container.parts if part.key == key]
    if not found:
        raise EditError("not-there", f"{key} is not there")
    return found[-1]


def _walk(text: str, path: Path) -> _Container:
    """The object at `path`."""
    found = _container(text, _blank(text, 0))
    for key in path:
        part = _last(found, key)
        if text[part.value] != "{":
            raise EditError("wrong-type", f"{key} is not an object")
        found = _container(text, part.value)
    return found


def _list_at(text: str, path: Path) -> _Container:
    part = _last(_walk(text, path[:-1]), path[-1])
    if text[part.value] != "[":
        raise EditError("wrong-type", f"{path[-1]} is not a list")
    return _container(text, part.value)


def _first_missing(text: str, path: Path) -> int | None:
    """The place in `path` from which on nothing is there."""
    for depth in range(len(path)):
        if not any(part.key == path[depth] for part in _walk(text, path[:depth]).parts):
            return depth
    return None


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def _without(text: str, container: _Container, unwanted: list[bool]) -> str:
    """Without those parts, and the commas that belonged to them."""
    parts = container.parts
    if not any(unwanted):
        raise EditError("not-there", "it is not there")
    if all(unwanted):
        return f"{text[: container.start + 1]}{text[container.close :]}"
    last = max(at for at, gone in enumerate(unwanted) if not gone)
    cuts = [(parts[at].start, parts[at + 1].start) for at in range(last) if unwanted[at]]
    if last + 1 < len(parts):
        cuts.append((parts[last].end, parts[-1].end))
    for start, end in reversed(cuts):
        text = text[:start] + text[end:]
    return text


def _with_member(text: str, path: Path, value: object) -> str:
    container = _walk(text, path[:-1])
    margin = _margin(text, container)
    unit = _unit(text)
    if margin is None or unit is None:
        written = json.dumps(value, ensure_ascii=False)
    else:
        line_end, indent = margin
        written = json.dumps(value, ensure_ascii=False, indent=unit).replace("\n", f"{line_end}{indent}")
    return _inserted(text, container, f"{json.dumps(path[-1], ensure_ascii=False)}: {written}")


def _inserted(text: str, container: _Container, written: str) -> str:
    """With one more part at the end, set apart as the others are."""
    parts = container.parts
    if parts:
        start = parts[-1].start
        before = parts[-2].end if len(parts) > 1 else container.start + 1
        gap = text[before:start]
        gap = gap if len(parts) > 1 else f",{gap or _usual_gap(text)}"
        return f"{text[: parts[-1].end]}{gap}{written}{text[parts[-1].end :]}"
    margin = _margin(text, container)
    at = container.start + 1
    if margin is None:
        return f"{text[:at]}{written}{text[at:]}"
    line_end, indent = margin
    outer = indent[: max(0, len(indent) - len(_unit(text) or ""))]
    after = "" if "\n" in text[at : container.close] else f"{line_end}{outer}"
    return f"{text[:at]}{line_end}{indent}{written}{after}{text[at:]}"


def _usual_gap(text: str) -> str:
    """After a comma, where a text stands on one line."""
    return " " if ", " in text else ""


def _margin(text: str, container: _Container) -> tuple[str, str] | None:
    """The line ending and the indentation of the parts of `container`; None where they stand on one line."""
    if container.parts:
        return _lead(text, container.parts[0].start)
    unit = _unit(text)
    if unit is None:
        return None
    outer = _indent_of_line(text, container.start)
    return ("\r\n" if "\r\n" in text else "\n"), outer + unit


def _lead(text: str, start: int) -> tuple[str, str] | None:
    line_start = text.rfind("\n", 0, start) + 1
    indent = text[line_start:start]
    if line_start == 0 or indent.strip(" \t"):
        return None
    return ("\r\n" if text[:line_start].endswith("\r\n") else "\n"), indent


def _indent_of_line(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(text: str) -> str | None:
    """One step of indentation: that of the first key; None in a text on one line."""
    start = _blank(text, 0)
    parts = _container(text, start).parts
    if not parts:
        return "  " if "\n" in text[start:].rstrip() else None
    lead = _lead(text, parts[0].start)
    if lead is None:
        return None
    outer = _indent_of_line(text, start)
    return lead[1].removeprefix(outer) or None
