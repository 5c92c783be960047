"""Our quick named tuples are those of `typing` in everything that is done with them."""

from __future__ import annotations

import copy
import pickle
import typing
from pathlib import Path

import pytest

from claude_auth import named_tuples
from claude_auth.model import Origin

ROOT = Path(__file__).parent.parent


class Ours(named_tuples.NamedTuple):
    """Words about it."""

    name: str
    places: tuple[int, ...] = ()
    parent: Ours | None = None

    @property
    def first(self) -> int:
        return self.places[0]

    @classmethod
    def of(cls, name: str) -> Ours:
        return cls(name, (1,))


class Theirs(typing.NamedTuple):
    """Words about it."""

    name: str
    places: tuple[int, ...] = ()
    parent: Theirs | None = None


@pytest.mark.parametrize("given", [("a",), ("a", (1, 2)), ("a", (), None)])
def test_one_is_a_tuple_with_names(given: tuple[typing.Any, ...]) -> None:
    ours, theirs = Ours(*given), Theirs(*given)
    assert tuple(ours) == tuple(theirs)
    assert (hash(ours), ours._asdict()) == (hash(theirs), theirs._asdict())
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert tuple(theirs) == (ours.name, ours.places, ours.parent)
    assert tuple(ours._replace(name="b")) == tuple(theirs._replace(name="b"))
    assert type(ours._replace(name="b")) is type(Ours._make(theirs)) is Ours
    assert pickle.loads(pickle.dumps(ours)) == copy.copy(ours) == copy.deepcopy(ours) == ours


def test_its_class_is_like_the_other() -> None:
    for name in ("_fields", "_field_defaults", "__match_args__", "__doc__"):
        assert str(getattr(Ours, name)) == str(getattr(Theirs, name)).replace("Theirs", "Ours")
    assert typing.get_type_hints(Ours)["parent"] == Ours | None
    assert (Ours.of("a").first, Ours.__module__) == (1, __name__)
    match Ours.of("a"):
        case Ours(name, places=places):
            assert (name, places) == ("a", (1,))


_WRONG_ORDER = """
class Odd(NamedTuple):
    a: int = 1
    b: int
"""


def test_wrong_use_is_refused() -> None:
    with pytest.raises(TypeError):
        Ours()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Ours("a", colour=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="colour"):
        Ours("a")._replace(colour=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Ours("a").name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Ours("a").colour = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="without a default"):
        exec(_WRONG_ORDER, {"NamedTuple": named_tuples.NamedTuple})


def test_no_other_is_used_below_the_front_ends() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tui").rglob("*.py")
        if not {"app", "cli"} & set(path.parts)
        and any(
            line.startswith("from typing import") and "NamedTuple" in line
            for line in path.read_text(encoding="utf-8").splitlines()
        )
    ]
    assert found == []
    assert isinstance(Origin("file"), tuple)
