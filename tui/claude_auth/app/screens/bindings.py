"""The dashboard's keys, as one table: footer, help and palette all read it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

PANELS = ("ladder", "source", "wire", "findings", "log")
NAMES = ("the priority list", "the source under the cursor", "the request", "the findings", "the log")

BINDINGS: list[BindingType] = [
    Binding("d", "diagnose", "Diagnose", id="diagnose", tooltip="What is wrong, why, and what helps"),
    Binding(
        "e",
        "evaluate",
        "Evaluate",
        id="evaluate",
        tooltip="Run helpers, after asking you, to learn what they give",
    ),
    Binding("c", "client", "Client", id="client.choose", tooltip="Ask as another program"),
    Binding("slash", "filter", "Filter", id="filter.open", tooltip="Keep the rows that contain some letters"),
    Binding("v", "zoom", "Zoom", id="panel.zoom", tooltip="Give the whole screen to this panel, and back"),
    Binding("y", "copy", "Copy", id="copy", tooltip="Copy this text to your terminal; it holds no secret"),
    Binding("g", "log", "Log", id="log.open", tooltip="Show what changed since the start, and back"),
    Binding("r", "look", "Look again", id="look", tooltip="Look at the machine again, now"),
    *(
        Binding(
            str(number),
            f"panel('{panel}')",
            f"Panel {number}",
            show=False,
            id=f"panel.{panel}",
            tooltip=f"Go to {name}",
        )
        for number, (panel, name) in enumerate(zip(PANELS, NAMES, strict=True), 1)
    ),
    Binding(
        "tab", "next_panel(1)", "Next panel", show=False, id="panel.next", tooltip="Go to the next panel"
    ),
    Binding(
        "shift+tab",
        "next_panel(-1)",
        "Previous",
        show=False,
        id="panel.previous",
        tooltip="Go to the previous panel",
    ),
    Binding("escape", "back", "Back", show=False, id="back", tooltip="Leave zoom, drop the filter"),
]
