"""Every error on the way to a Google token, and what to do about it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from claude_auth.cloud.google_plan import LOGIN, GooglePlan, login_fixes
from claude_auth.cloud.trouble import CLOCK_FIX, Trouble
from claude_auth.model import Fix
from claude_auth.sanitise import clean, redact

_SET_QUOTA = Fix(
    "Name the project that is billed", "gcloud auth application-default set-quota-project PROJECT"
)


def explain_google(error: Mapping[str, Any], plan: GooglePlan) -> Trouble:
    """`error` as the child describes it."""
    said = clean(redact(str(error.get("text") or "")), 300)
    kind, code = str(error.get("class") or ""), str(error.get("code") or "")
    everything = f"{code} {error.get('subtype') or ''} {said}".lower()
    login = login_fixes(plan.over_ssh)

    def trouble(name: str, title: str, meaning: str, *fixes: Fix, symptoms: tuple[int, ...] = ()) -> Trouble:
        return Trouble(name, title, meaning, said, fixes, symptoms)

    if kind == "no-credentials":
        known = tuple(fix for problem in plan.problems for fix in problem.fixes)
        meaning = plan.problems[0].text if plan.problems else "Nothing on this machine gives any."
        return trouble("no-credentials", "No Google credentials", meaning, *(known or login), symptoms=(105,))
    if (
        "rapt" in everything
        or "reauthentication" in everything
        or kind in {"ReauthFailError", "ReauthSamlChallengeFailError"}
    ):
        return trouble(
            "reauth",
            "Your organisation wants you to sign in again",
            "A policy ends every login after some hours; `gcloud auth list` goes on looking fine.",
            *login,
            Fix("Start Claude Code again afterwards"),
            symptoms=(106, 107),
        )
    if "jwt" in everything and ("timeframe" in everything or "time" in everything):
        return trouble(
            "clock-skew", "The clock is wrong", "Google refuses a signature whose time is off.", CLOCK_FIX
        )
    if "invalid_grant" in everything and plan.kind == "service_account":
        account = shlex.quote(plan.account or "ACCOUNT")
        return trouble(
            "key-refused",
            "Google doesn't take this service account's key",
            "The account or its key was deleted or disabled.",
            Fix(
                "See which keys it has",
                f"gcloud iam service-accounts keys list --iam-account {account}",
            ),
            symptoms=(108,),
        )
    if "invalid_grant" in everything:
        return trouble(
            "login-ended",
            "The login has ended",
            "It was revoked, the password has changed, or it was not used for months.",
            *login,
            symptoms=(106,),
        )
    if "invalid_client" in everything or "unauthorized_client" in everything:
        return trouble(
            "client-refused",
            "Google doesn't know the program that signed in",
            "The credentials file is of an OAuth client that is gone.",
            *login,
        )
    if "quota" in everything or "service_disabled" in everything:
        return trouble(
            "quota-project",
            "The quota project is missing or can't be used",
            "Calls of a user are billed to it.",
            _SET_QUOTA,
            symptoms=(109,),
        )
    if plan.kind == "metadata" and kind in {"RefreshError", "TransportError"}:
        return trouble(
            "metadata-failed",
            "The metadata server gave no token",
            "It could not be reached, or this machine has no service account.",
            Fix("Use a login of your own", LOGIN),
            symptoms=(105,),
        )
    if kind == "time-out" or "timed out" in everything:
        return trouble(
            "time-out", "Google did not answer in time", "Everything that was started has been ended.", _LOOK
        )
    if "certificate" in everything or "ssl" in everything:
        return trouble(
            "tls",
            "The certificate is not trusted",
            "Something on the way shows another certificate.",
            symptoms=(83,),
        )
    if kind == "TransportError":
        return trouble(
            "unreachable", "Google can't be reached", "No connection to its token endpoint came about.", _LOOK
        )
    if kind in {"MalformedError", "DefaultCredentialsError", "ValueError", "JSONDecodeError", "KeyError"}:
        return trouble(
            "file-damaged",
            "The credentials file can't be used",
            f"{clean(plan.path) if plan.path else 'It'} is not what its type says.",
            *login,
            symptoms=(108,),
        )
    if kind in {"FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError", "OSError"}:
        return trouble(
            "file-unreadable",
            "A file that is needed can't be read",
            "The credentials file, or a token file that it names.",
            symptoms=(108,),
        )
    if "permission" in everything or "denied" in everything:
        return trouble(
            "denied",
            "Google refuses this",
            "A permission is missing, say to act as the impersonated account.",
            symptoms=(111,),
        )
    return trouble(
        "other",
        f"Google answered {clean(code or kind or 'no reason', 60)}",
        "This program doesn't know that error.",
    )


_LOOK = Fix("Look at the proxy variables", "env | grep -i proxy | cut -d= -f1")
