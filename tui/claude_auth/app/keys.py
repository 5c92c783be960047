"""The keys that work now, read from the bindings: the footer, the help and the palette all show these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from textual.screen import Screen

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
}


class Key(NamedTuple):
    """`refusal` is why the action can't be done now, None where it can."""

    id: str
    key: str
    shown: str
    label: str
    tooltip: str
    in_footer: bool
    refusal: str | None = None


def keys_of(screen: Screen[Any]) -> list[Key]:
    """Every action that a key reaches from here, the focused widget's first, each once."""
    found: dict[str, Key] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        name = binding.id or binding.action
        if name in found or not binding.description:
            continue
        refuse = getattr(active.node, "refusal", None)
        found[name] = Key(
            name,
            binding.key,
            shown(binding.key),
            binding.description,
            binding.tooltip,
            binding.show,
            refuse(binding.action) if refuse is not None else None,
        )
    return list(found.values())


def shown(key: str) -> str:
    """A key as people write it."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    return _NAMES.get(key, key.upper() if key[0] == "f" and key[1:].isdigit() else key)
