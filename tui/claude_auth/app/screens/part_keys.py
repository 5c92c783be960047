"""The keys that go from part to part of a screen."""

from __future__ import annotations

from textual.binding import Binding


def part_keys(screen: str) -> tuple[Binding, Binding]:
    """`screen`: whose they are, in their ids."""
    return (
        Binding("tab", "app.focus_next", "Next", show=False, tooltip="The next part", id=f"{screen}.next"),
        Binding(
            "shift+tab",
            "app.focus_previous",
            "Previous",
            show=False,
            tooltip="The part before",
            id=f"{screen}.previous",
        ),
    )
