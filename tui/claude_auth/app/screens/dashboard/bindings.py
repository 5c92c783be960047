"""The dashboard's keys, as one table: footer, help and palette all read it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

PANELS = ("ladder", "source", "wire", "findings", "log")
NAMES = ("the priority list", "the source under the cursor", "the request", "the findings", "the log")

#: By importance: the footer drops from the end what has no room.
BINDINGS: list[BindingType] = [
    Binding(
        "l", "sign_in", "Sign in", id="sign-in", tooltip="Sign in: Claude account, or your own OAuth client"
    ),
    Binding(
        "r",
        "refresh_login",
        "Refresh",
        id="refresh",
        tooltip="Refresh a login: who holds which lock, what happens, what it came to",
    ),
    Binding("d", "diagnose", "Diagnose", id="diagnose", tooltip="What is wrong, why, and what helps"),
    Binding(
        "f", "fix", "Fix", id="fix", tooltip="Show how the finding under the cursor can be fixed, and ask"
    ),
    Binding("p", "explain", "Explain", id="explain", tooltip="Explain an error: paste it, or drop a log"),
    Binding("c", "client", "Client", id="client.choose", tooltip="Ask as another program"),
    Binding(
        "g", "full_log", "Log", id="log.open", tooltip="The full log: our journal, and what Claude Code does"
    ),
    Binding(
        "e",
        "evaluate",
        "Evaluate",
        id="evaluate",
        tooltip="Run helpers, after asking you, to learn what they give",
    ),
    Binding(
        "w", "cloud", "Cloud", id="cloud", tooltip="AWS, Google, Foundry, gateways: who you would be there"
    ),
    Binding(
        "x",
        "run",
        "Run",
        id="run",
        tooltip="Run a configured refresh or helper command, and see what it prints; asks first",
    ),
    Binding("a", "accounts", "Accounts", id="accounts", tooltip="The logins of this machine; switch"),
    Binding("v", "zoom", "Zoom", id="panel.zoom", tooltip="Give the whole screen to this panel, and back"),
    Binding(
        "o", "sign_out", "Sign out", show=False, id="sign-out", tooltip="Sign out of a login; asks first"
    ),
    Binding("b", "probe", "Probe", show=False, id="probe", tooltip="Send one live request; shown first"),
    Binding(
        "n",
        "network",
        "Network",
        show=False,
        id="network",
        tooltip="Look at the way to each host; asks first",
    ),
    Binding("u,f5", "look", "Look again", show=False, id="look", tooltip="Look at the machine again, now"),
    Binding("slash", "filter", "Filter", id="filter.open", tooltip="Keep the rows that contain some letters"),
    Binding("y", "copy", "Copy", id="copy", tooltip="Copy this text to your terminal; it holds no secret"),
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
