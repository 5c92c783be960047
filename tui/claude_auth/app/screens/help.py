"""Help about what has the focus, from the widget's own words and the table of actions; and the palette: every
action that a key reaches here, every program, every source, to search by name."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from claude_auth.app.dialogs.choose import ChooseDialog, Option
from claude_auth.app.dialogs.confirm import TextDialog
from claude_auth.app.key_hints import Key
from claude_auth.app.widgets.hints import keys_of
from claude_auth.app.widgets.line_view import LineView
from claude_auth.claude_code.clients import CLIENTS
from claude_auth.present.lines import Line, Span, fact, line, pad, wrap
from claude_auth.sources import SOURCES
from claude_auth.words import (
    ALSO_SENT,
    HINDRANCE_MEANING,
    HINDRANCES,
    NOT_USED,
    SHADOWED,
    STATE_MEANING,
    UNREADABLE,
    UNUSABLE,
    VERDICT_MEANING,
    WINS,
    StatusText,
)

WORDS: tuple[tuple[StatusText, str], ...] = (
    (WINS, VERDICT_MEANING["winning"]),
    (ALSO_SENT, VERDICT_MEANING["also-sent"]),
    (SHADOWED, VERDICT_MEANING["shadowed"]),
    (NOT_USED, VERDICT_MEANING["unused"]),
    *((word, HINDRANCE_MEANING[name]) for name, word in HINDRANCES.items()),
    (UNUSABLE, STATE_MEANING["unusable"]),
    (UNREADABLE, STATE_MEANING["unreadable"]),
    (StatusText("–", "not set, off", "dim"), STATE_MEANING["absent"]),
)
GLOSSARY = (
    ("credential", "what a program shows to be let in: an API key, or the token of a login"),
    ("login", "a sign-in that is kept here: a short access token, and what renews it"),
    ("API key", "begins with sk-ant-api03-; billed per token, good for any program"),
    ("scope", "one thing that the token of a login allows"),
    ("header", "the part of a request that a credential stands in: x-api-key, or authorization"),
    ("fingerprint", "8 digits to compare two values by, without seeing them"),
    ("apiKeyHelper", "a command of yours that prints the key, set in Claude Code's settings"),
    ("store", "where a login is kept: Claude Code's own file, the SDK's, the system's keyring"),
    ("SDK's store", "a file of claude-auth: logins of an OAuth client of your own, for your programs"),
    ("claw", "another program for Claude; its login is only read here"),
    ("probe", "one live request, to see whether it is answered"),
    ("gateway", "another server that takes the requests, set by ANTHROPIC_BASE_URL"),
)
_NOT_IN_PALETTE = (
    "row.",
    "scroll.",
    "part.",
    "app.palette",
    "app.interrupt",
    "back",
    "panel.next",
    "panel.prev",
)


def help_dialog(screen: Screen[Any]) -> TextDialog:
    """About what has the focus on that screen."""
    focused, keys = screen.focused, keys_of(screen)
    about, subject = (focused.about, focused.title) if isinstance(focused, LineView) else ("", "")

    def lines(width: int) -> list[Line]:
        found: list[Line] = [*wrap(line(about), width), ()] if about else []
        for key in sorted(keys, key=lambda key: not key.in_footer):
            found += key_lines(key, width)
        found += [(), line(Span("Words", "strong"))]
        for name, told in GLOSSARY:
            found += wrap(line(Span(pad(name, 16), "accent"), told), width, 16)
        for word, meaning in WORDS:
            found += wrap(line(Span(pad(str(word), 16), word.role), meaning), width, 16)
        return found

    return TextDialog(f"Help · {subject}" if subject else "Help", lines)


def key_lines(key: Key, width: int) -> tuple[Line, ...]:
    text = key.tooltip or key.label
    end = Span(f" (not now: {key.refusal})", "dim") if key.refusal else Span("")
    if not key.shown:
        return fact("", line(text, end), width, 11)
    return wrap(line(Span(pad(key.shown, 11), "accent"), text, end), width, 11)


# ── the palette ──────────────────────────────────────────────────────────────────────────────────


def palette(screen: Screen[Any], *, over_dashboard: bool) -> ChooseDialog:
    """Answers `key:…` with the key, `client:…` or `source:…` with an id: the programs and the sources stand
    only over the dashboard, which shows them."""
    keys = {key.id: key for key in keys_of(screen) if not key.id.startswith(_NOT_IN_PALETTE)}
    options = [
        Option(f"key:{key.key}", key.label, key.refusal or key.tooltip, key.shown) for key in keys.values()
    ]
    if over_dashboard:
        options += [Option(f"client:{one.id}", f"For {one.label}", one.about) for one in CLIENTS]
        options += [Option(f"source:{one.id}", f"Show {one.label}", one.sets) for one in SOURCES]
    return ChooseDialog("Actions", options, search=True)
