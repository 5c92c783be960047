"""The house as it is built: its size, its classes, who imports whom. What is counted here is what
docs/architecture.md promises; a finding names the module, so that it can be mended there."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "tui"
PACKAGE = "claude_auth"

#: What there is, and no room beside it: lowered with every step. Features alone raised them: all that decides
#: a credential is read, flags, profiles, federation, providers, gateways, what a command gets of a project's
#: settings; the demo, set-up, library; what other programs print; a refresh that two programs tell as one.
#: The house is to have at most 42,000 lines in 260 files.
MOST_LINES, MOST_FILES, MOST_FUNCTION_LINES = 72_481, 383, 40
MEAN_LINES = range(130, 251)
#: What the two front ends may import of the package besides themselves.
FACES = {
    "version",
    "security",
    "model",
    "sources",
    "words",
    "journal",
    "actions",
    "present",
    "claude_code.clients",
}
#: A package that somebody else makes, and the one room that imports it.
ROOM_OF = {
    "textual": "app",
    "h11": "oauth",
    "httpx": "oauth",
    "httpx_sse": "oauth",
    "anthropic": "nowhere",
    "keyring": "store",
    "filelock": "store",
    "boto3": "cloud",
    "botocore": "cloud",
    "google": "cloud",
}


@cache
def modules() -> Mapping[str, ast.Module]:
    """Every module of the package by its name without `claude_auth.`."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def room_of(module: str) -> str:
    return module.partition(".")[0]


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """What each module imports of the package, also inside functions and for types alone."""
    return {name: frozenset(_own_imports(tree)) for name, tree in modules().items()}


def _own_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            source = node.module.partition(".")[2]
            for alias in node.names:
                inner = f"{source}.{alias.name}".lstrip(".")
                yield inner if inner in modules() else source


def foreign_imports(tree: ast.Module) -> Iterator[str]:
    """The packages of others, by their first name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


@cache
def app_bases() -> Mapping[str, tuple[str, ...]]:
    """The classes of the app, also those inside others, and the names of their bases."""
    found = {}
    for name, tree in modules().items():
        if room_of(name) == "app":
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    found[node.name] = tuple(base for base in map(_base_name, node.bases) if base)
    return found


def _base_name(base: ast.expr) -> str:
    while isinstance(base, ast.Subscript):
        base = base.value
    return base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""


def ancestors(name: str) -> set[str]:
    """The app's own classes that a class is built on, near and far."""
    found: set[str] = set()
    for base in app_bases().get(name, ()):
        if base in app_bases() and base != name:
            found |= {base} | ancestors(base)
    return found


def circles() -> list[set[str]]:
    """Groups of modules that reach each other (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for other in imports()[module] - {module}:
            if other not in order:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], order[other])
        if lowest[module] == order[module]:
            group = set(stack[stack.index(module) :])
            del stack[stack.index(module) :]
            if len(group) > 1:
                found.append(group)

    for module in modules():
        if module not in order:
            visit(module)
    return found


def imported_tests(tree: ast.Module) -> Iterator[str]:
    """The imports that name a `test_…`, also those in the text of a program that a test runs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            text = ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        yield from re.findall(r"^\s*((?:from|import) .*\btest_\w+)", text, re.MULTILINE)


# ── size ─────────────────────────────────────────────────────────────────────────────────────────


def test_every_room_is_told_of() -> None:
    page = (ROOT.parent / "docs/architecture.md").read_text(encoding="utf-8")
    table = page.partition("## The rooms")[2].partition("## Where a change goes")[0]
    told = " ".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
    rooms = {f"{room_of(name)}/" if "." in name else name for name in modules()} - {"", "__main__", "version"}
    packages = {room.rstrip("/") for room in rooms if room.endswith("/")}
    names = {f"{room}.py" if room[-1] != "/" else room for room in rooms - packages}
    assert {name for name in names if f"`{name}`" not in told} == set()


def test_size_of_the_package() -> None:
    sizes = [len(path.read_bytes().splitlines()) for path in ROOT.rglob("*.py")]
    assert sum(sizes) <= MOST_LINES
    assert len(sizes) <= MOST_FILES
    assert round(sum(sizes) / len(sizes)) in MEAN_LINES


def test_functions_are_short() -> None:
    long = {
        f"{module}.{node.name}"
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert long == set()


# ── classes ──────────────────────────────────────────────────────────────────────────────────────


def test_no_class_of_the_app_has_exactly_one_subclass() -> None:
    """Such a class is half of another one: a part that is composed can be named, tested and replaced."""
    heirs = Counter(base for bases in app_bases().values() for base in set(bases))
    assert {name for name in app_bases() if heirs[name] == 1} == set()


def test_no_class_of_the_app_has_more_than_two_ancestors_of_ours() -> None:
    assert {name: ancestors(name) for name in app_bases() if len(ancestors(name)) > 2} == {}


def test_a_public_class_name_means_one_thing() -> None:
    places = defaultdict(list)
    for module, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(module)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


# ── imports ──────────────────────────────────────────────────────────────────────────────────────


def test_no_circle_of_imports() -> None:
    assert circles() == []


@pytest.mark.parametrize("front", ["app", "cli"])
def test_a_front_end_imports_only_the_faces(front: str) -> None:
    """The launcher may build the pretend world of `--demo` besides."""
    deeper = {
        (module, other)
        for module, found in imports().items()
        if room_of(module) == front
        for other in found
        if other and room_of(other) not in FACES | {front} and other not in FACES
        if (module, room_of(other)) != ("app.launch", "sandbox")
    }
    assert deeper == set()


@pytest.mark.parametrize("package", ROOM_OF)
def test_a_package_of_others_is_imported_in_its_one_room(package: str) -> None:
    rooms = {room_of(name) for name, tree in modules().items() if package in foreign_imports(tree)}
    assert rooms <= {ROOM_OF[package]}


def test_no_test_module_is_imported() -> None:
    """What several of them need is in a module beside them whose name has no `test_`."""
    found = [
        f"{path.relative_to(ROOT.parent)}: {line}"
        for path in sorted((ROOT.parent / "tests").rglob("*.py"))
        for line in imported_tests(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
