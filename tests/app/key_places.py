"""The places that every key is pressed at: together they have every key of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claude_auth.sandbox.demo_scenes import BY_NAME
from tests.app.every_key import Place


def _is_over(screen: Any) -> bool:
    return bool(screen.started) and not screen.running


def _is_looked(screen: Any) -> bool:
    return screen.diagnosis.checks is not None


def _has_address(screen: Any) -> bool:
    return "address" in screen.states()


def _has_two_addresses(screen: Any) -> bool:
    return "addresses" in screen.states()


#: The question about the first way stands there at once; a no leaves the screen with all of them.
_ASKED = ("f", "on:ConfirmDialog")
_APPLY = (*_ASKED, "Y")
_WAYS = (*_ASKED, "n")
_RUN = ("x", "enter", "Y")
_OWN = ("l", "end", "up", "enter")
_ERROR = BY_NAME["key-over-login"].error

PLACES: Mapping[str, Place] = {
    "dashboard": Place("key-over-login", ("2",)),
    "help": Place("healthy", ("question_mark",), "TextDialog"),
    "palette": Place("healthy", ("ctrl+p", "s", "e", "down"), "ChooseDialog"),
    "client": Place("healthy", ("c",), "ChooseDialog"),
    "scenes": Place("healthy", ("f2",), "ChooseDialog"),
    "diagnosis": Place("key-over-login", ("d",), "DiagnoseScreen", _is_looked),
    "diagnosis, filter": Place("key-over-login", ("d", "slash", "a"), "DiagnoseScreen", _is_looked),
    "fix": Place("key-over-login", _WAYS, "FixScreen"),
    "fix, question": Place("key-over-login", _ASKED, "ConfirmDialog", spoils=True),
    "fix, applied": Place("key-over-login", _APPLY, "FixScreen", _is_over, spoils=True),
    "undo": Place(
        "key-over-login", (*_APPLY, "escape", "d", "z"), "FixScreen", lambda s: not s.looking, spoils=True
    ),
    "explain": Place("key-over-login", ("p",), "ExplainScreen"),
    "explain, typed": Place(
        "key-over-login", ("p", "i", "a"), "ExplainScreen", lambda s: "typed" in s.query_one("#typed").text()
    ),
    "explained": Place(
        "key-over-login", ("p", f"paste:{_ERROR}"), "ExplainScreen", lambda s: s.found is not None
    ),
    "log": Place(
        "key-over-login", (*_APPLY, "escape", "g"), "LogScreen", lambda s: len(s.view.ring) > 1, spoils=True
    ),
    "log, search": Place("key-over-login", (*_APPLY, "escape", "g", "slash", "f"), "LogScreen", spoils=True),
    "log, found": Place(
        "key-over-login", (*_APPLY, "escape", "g", "slash", "f", "enter"), "LogScreen", spoils=True
    ),
    "accounts": Place("healthy", ("a",), "AccountsScreen"),
    "cloud": Place("bedrock-expired", ("w",), "CloudScreen"),
    "cloud, detail": Place("bedrock-expired", ("w", "tab"), "CloudScreen"),
    "run, choice": Place("bedrock-expired", ("x",), "ChooseDialog"),
    "run, question": Place("bedrock-expired", ("x", "enter"), "ConfirmDialog"),
    "run, question that is longer than the screen": Place(
        "bedrock-expired", ("x", "enter"), "ConfirmDialog", size=(50, 12)
    ),
    "run, question at its end": Place(
        "bedrock-expired", ("x", "enter", "pagedown"), "ConfirmDialog", size=(50, 12)
    ),
    "run": Place("bedrock-expired", _RUN, "RunScreen", _is_over, live=True),
    "run at work": Place("bedrock-expired", _RUN, "RunScreen", _has_two_addresses, live=True, waits=True),
    "run, typed": Place(
        "bedrock-expired", (*_RUN, "at:at-work", "i", "a", "b"), "RunScreen", live=True, waits=True
    ),
    "refresh": Place("stale", ("r",), "RefreshScreen", spoils=True),
    "refresh, lock": Place("lock-orphaned", ("r",), "RefreshScreen", spoils=True),
    "probe": Place("key-over-login", ("s",), "ProbeScreen"),
    "probe, answered": Place("key-over-login", ("s", "enter", "Y"), "ProbeScreen", _is_over),
    "network": Place("gateway", ("h",), "NetworkScreen"),
    "network, over": Place("gateway", ("h", "enter", "Y"), "NetworkScreen", _is_over),
    "set up": Place("fresh", ("S",), "SetUpScreen"),
    "sign in": Place("fresh", ("l",), "SignInScreen"),
    "sign in, name": Place("fresh", ("l", "c", "a"), "InputDialog"),
    "sign in, pane": Place("fresh", ("l", "enter"), "ClaudeScreen", _has_address, live=True, spoils=True),
    "sign in, beside the pane": Place(
        "fresh", ("l", "enter", "f6"), "ClaudeScreen", _has_address, live=True, spoils=True
    ),
    "sign in, own": Place("fresh", _OWN, "SignInOwnScreen", _has_address, live=True, spoils=True),
    "sign in, own, over": Place("fresh", (*_OWN, "ctrl+x"), "SignInOwnScreen", _is_over, spoils=True),
    "sign out, question": Place("healthy", ("o",), "ConfirmDialog", spoils=True),
    "sign in, own, typed": Place(
        "fresh", (*_OWN, "at:address", "i", "a", "b"), "SignInOwnScreen", live=True, spoils=True
    ),
    "sign out, own": Place(
        "fresh",
        (*_OWN, "at:over", "q", "q", "o", "Y"),
        "SignOutOwnScreen",
        _is_over,
        spoils=True,
        browses=True,
    ),
    "fix, command": Place("key-over-login", (*_WAYS, "end"), "FixScreen", lambda s: "command" in s.states()),
    "fix, another action": Place(
        "fresh",
        (*_OWN, "at:over", "q", "q", *_WAYS, "down"),
        "FixScreen",
        lambda s: "action" in s.states(),
        spoils=True,
        browses=True,
    ),
    "explain, reading": Place(
        "key-over-login",
        ("p", f"paste:{_ERROR}"),
        "ExplainScreen",
        lambda s: "busy" in s.states(),
        live=True,
        spoils=True,
        holds="asking.explain",
    ),
    "dashboard, a helper runs": Place(
        "helper",
        ("e", "Y"),
        ready=lambda s: "busy" in s.states(),
        live=True,
        spoils=True,
        holds="host.evaluate",
    ),
    "cloud, asking": Place(
        "bedrock-expired", ("w", "s"), "CloudScreen", lambda s: "busy" in s.states(), live=True, spoils=True
    ),
    "causes": Place(
        "key-over-login", ("p", f"paste:{_ERROR}", "tab"), "ExplainScreen", lambda s: s.found is not None
    ),
    "helper, question": Place("helper-failing", ("e",), "ConfirmDialog", spoils=True),
}
