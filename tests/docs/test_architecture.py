"""The architecture page names files, rooms and tables that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tui/claude_auth"
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
CODE = re.findall(r"`([^`\n]+)`", PAGE)

#: What a newcomer would make, by the worked example.
NEW = {"sources/example_token.py", "tests/sources/test_example_token.py"}
FILES = sorted({word for word in CODE if re.fullmatch(r"[\w/]+/[\w.]+\.(?:py|json)", word)} - NEW)
ROOMS = sorted({word for word in CODE if re.fullmatch(r"(?:[a-z_]+/)+", word)})
CHANGES = PAGE[PAGE.index("| change |") : PAGE.index("### A source")].splitlines()[2:]


@pytest.mark.parametrize("name", FILES)
def test_a_named_file_is_there(name: str) -> None:
    assert (PACKAGE / name).is_file() or (ROOT / name).is_file()


@pytest.mark.parametrize("name", ROOMS)
def test_a_named_room_is_there(name: str) -> None:
    assert (ROOT / name).is_dir() or any(path.is_dir() for path in PACKAGE.rglob(name.rstrip("/")))


def test_every_room_of_the_package_is_named() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms <= {name.rstrip("/") for name in ROOMS}


def test_twelve_changes_are_told() -> None:
    assert len([row for row in CHANGES if row.startswith("|")]) == 12


@pytest.mark.parametrize(
    ("name", "file"), re.findall(r"`(\w+)` (?:of|in) `([\w/]+\.py)`", "\n".join(CHANGES))
)
def test_a_named_table_stands_in_its_file(name: str, file: str) -> None:
    assert re.search(rf"\b{name}\b", (PACKAGE / file).read_text(encoding="utf-8"))
