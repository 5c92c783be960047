"""The two pages that are written from the records of `claude_auth.diagnose.causes`.

    python -m tests.docs.generated

writes their tables anew; the words around a table stay as they are. A test compares.
"""

from __future__ import annotations

import inspect
from pathlib import Path

from claude_auth.diagnose.cause import Cause
from claude_auth.diagnose.causes import BY_ID, FINDINGS

DOCS = Path(__file__).parents[2] / "docs"

#: Why a machine does not show the cause of a text without the text.
UNSEEN: dict[str, str] = {
    **dict.fromkeys(
        [
            "credential-only-for-claude-code",
            "third-party-extra-usage",
            "login-command-fails-too",
            "token-revoked",
            "stored-login-rejected",
            "token-endpoint-rate-limited",
            "usage-endpoint-rate-limited",
            "session-invalid",
            "code-reused-or-expired",
            "code-of-earlier-attempt",
            "code-mistyped",
            "service-incident",
            "token-exchange-timeout",
            "subscription-access-disabled",
            "html-instead-of-json",
            "aws-not-authorised",
            "adc-reauth",
            "vertex-not-authorised",
            "gateway-refused",
            "gateway-upstream-refused",
            "anthropic-beta",
            "account-on-hold",
            "payment-past-due",
            "api-keys-disabled",
            "federation-refused",
            "session-too-old",
            "device-not-enrolled",
            "login-ended-in-job",
            "proxy-refuses",
        ],
        "a server's answer",
    ),
    "refused-right-after-login": "shows only after a sign-in",
    "refresh-storm": "shows only over time; versions that differ are shown",
    "refused-before-expiry": "the token was replaced on another machine; a copied or linked store is shown",
    "setup-token-rejected": "only a request proves it; length and characters are checked",
    "key-of-another-organisation": "the Console knows the key's organisation, this machine does not",
    **dict.fromkeys(["keychain-locked", "user-variable-missing"], "on macOS alone"),
    "login-not-saved": "shows only before and after a sign-in; whether it could be saved is checked",
    "keychain-not-writable": "macOS only",
    "keychain-item-of-old-binary": "macOS only, and the keychain does not tell who made an item",
    "keychain-duplicates": "macOS only; one item is looked for, by its name",
    "background-session": "macOS only: a matter of the session that launchd starts",
    "sandbox-blocks-write": "a sandbox is not seen from outside; a directory that refuses is",
    "mcp-grants-lost": "what was lost is gone from the store",
    **dict.fromkeys(
        ["callback-on-ipv6-only", "callback-server-cannot-start"],
        "the listener lives only while a sign-in waits; the table of hosts is checked",
    ),
    "callback-port-taken": "the listener lives only while a sign-in waits",
    "callback-refused": "the listener lives only while a sign-in waits; the proxy is checked",
    "login-url-broken": "happens between the terminal and the browser; told beforehand where the browser "
    "is elsewhere",
    "code-without-state": "happens in the paste",
    "paste-not-accepted": "happens in the terminal",
    "client-and-server-disagree": "a server's answer; the installed version is shown",
    "wrong-organisation-offered": "shown by the browser; the installed programs are shown",
    "organisation-disabled": "a server's answer; a key that is set is shown",
    "plan-required": "shown by the browser",
    "region-or-proxy-blocked": "a server's answer; what is configured is shown",
    "model-not-in-plan": "a server's answer; the model that is asked for is shown",
    "tls-interception": "the interception itself needs a connection, made only on request",
    "clock-wrong": "the times of files are a hint; another clock is asked only on request",
    "base-url-unreachable": "whether anything listens there needs a connection, made only on request",
    "embedded-without-key": "happens in another program",
    "gateway-sign-in": "a forced sign-in is shown, a session that has ended is not",
    "gateway-excludes-key": "what managed settings demand is shown",
    "gateway-not-private": "whether it is reached needs a connection, made only on request",
    "profile-login-ended": "whether a profile's token is still good is the profile's row",
    "aws-chain-timeout": "no command is run and no address asked without a request",
    "mcp-sign-in": "the sign-ins of MCP servers are not looked at",
    "mcp-sign-in-fails": "a server's answer",
    "mcp-headers-helper": "the command is not run",
    "github-app-token": "happens on the CI machine",
    "login-save-failed": "shows only before and after a sign-in; whether it could be saved is checked",
    "sign-in-restricted": "what managed settings demand is shown",
    "feature-disabled-by-organisation": "a server's answer",
    "feature-needs-claude-login": "what comes before the login is shown",
    "account-changed": "shows only over time",
    "header-cannot-be-sent": "what a header is made of is checked",
    "action-hides-error": "happens on the CI machine",
    "long-lived-token-expired": "a token of a year tells no end; the deadline of a login is shown",
    "aws-token-expired": "a server's answer; temporary keys and older processes are shown",
    "aws-model-access": "a server's answer; the model's name is shown",
    "bedrock-key-refused": "a server's answer; what the key overrides and looks like is shown",
    "adc-kept-until-restart": "what a process has loaded is not seen; its age is",
}

#: Findings that are told for a further number where the machine says so.
FURTHER = {87: ("no-credential",), 90: ("no-credential",)}


def findings_table() -> list[str]:
    rows = []
    for severity in ("error", "warning", "info"):
        for cause in FINDINGS:
            rule = cause.rule
            if rule is None or rule.severity != severity:
                continue
            when = " ".join((inspect.getdoc(rule.look) or "").partition("\n\n")[0].split())
            second = " *Second look.*" if rule.second_look else ""
            likely = " *Likely.*" if rule.certainty == "likely" else ""
            rows.append(f"| `{cause.id}` | {severity} | {cause.title} | {when}{second}{likely} |")
    return rows


def symptoms_table() -> list[str]:
    of_texts = [cause for cause in BY_ID.values() if cause.fixes and cause.symptoms]
    ordered = sorted(of_texts, key=lambda cause: cause.symptoms_beside_text[0])
    return [
        f"| {cause.symptoms_beside_text[0]} | `{cause.id}` | {cause.title_beside_text} | {_by_text(cause)} "
        f"| {_by_machine(cause)} | {UNSEEN.get(cause.id, '')} |"
        for cause in ordered
    ]


def _by_text(cause: Cause) -> str:
    if cause.phrases:
        return "own"
    named = (
        (other.also if phrase.also is None else phrase.also).split()
        for other in BY_ID.values()
        for phrase in other.wordings
    )
    return "further" if any(cause.id in names for names in named) else "–"


def _by_machine(cause: Cause) -> str:
    number = cause.symptoms_beside_text[0]
    names = [finding.id for finding in FINDINGS if number in finding.symptoms]
    names += [name for name in FURTHER.get(number, ()) if name not in names]
    if names:
        return ", ".join(f"`{name}`" for name in names)
    return "confirms" if cause.here is not None else "–"


def page(name: str) -> str:
    """The page as it stands, with the table of the records in place of its own."""
    first, rows = {"findings.md": ("| `", findings_table), "symptoms.md": ("| ", symptoms_table)}[name]
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    rule = next(place for place, line in enumerate(lines) if line.startswith(("|---", "|--:")))
    end = rule + 1
    while end < len(lines) and lines[end].startswith(first):
        end += 1
    return "\n".join((*lines[: rule + 1], *rows(), *lines[end:])) + "\n"


if __name__ == "__main__":
    for each in ("findings.md", "symptoms.md"):
        (DOCS / each).write_text(page(each), encoding="utf-8")
