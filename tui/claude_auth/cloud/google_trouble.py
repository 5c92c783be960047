"""Every error on the way to a Google token, and what to do about it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from claude_auth.cloud.google import LOGIN, GooglePlan, login_fixes
from claude_auth.cloud.trouble import CLOCK_FIX, CloudError
from claude_auth.model import Fix
from claude_auth.security.sanitize import clean, safe_text, shown_path

_SET_QUOTA = Fix(
    "Name the project that is billed", "gcloud auth application-default set-quota-project PROJECT"
)
_LOOK = Fix("Look at the proxy variables", "env | grep -i proxy | cut -d= -f1")

#: Sign in again, as this machine can.
_SIGN_IN: Final = "sign-in"


class _Row(NamedTuple):
    """One error: one of `words` stands in what was said (of `a+b` both), or its class is one of `classes`;
    with `plan`, for that kind of credentials alone."""

    code: str
    title: str
    meaning: str
    fixes: tuple[Fix | Literal["sign-in"], ...] = ()
    words: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    plan: str | None = None
    symptoms: tuple[int, ...] = ()


#: The first that fits. `{account}` and `{path}` are those of the plan.
_ROWS: tuple[_Row, ...] = (
    _Row(
        "reauth",
        "Your organisation wants you to sign in again",
        "A policy ends every login after some hours; `gcloud auth list` goes on looking fine.",
        (_SIGN_IN, Fix("Start Claude Code again afterwards")),
        words=("rapt", "reauthentication"),
        classes=("ReauthFailError", "ReauthSamlChallengeFailError"),
        symptoms=(106, 107),
    ),
    _Row(
        "clock-skew",
        "The clock is wrong",
        "Google refuses a signature whose time is off.",
        (CLOCK_FIX,),
        words=("jwt+time",),
    ),
    _Row(
        "key-refused",
        "Google doesn't take this service account's key",
        "The account or its key was deleted or disabled.",
        (Fix("See which keys it has", "gcloud iam service-accounts keys list --iam-account {account}"),),
        words=("invalid_grant",),
        plan="service_account",
        symptoms=(108,),
    ),
    _Row(
        "login-ended",
        "The login has ended",
        "It was revoked, the password has changed, or it was not used for months.",
        (_SIGN_IN,),
        words=("invalid_grant",),
        symptoms=(106,),
    ),
    _Row(
        "client-refused",
        "Google doesn't know the program that signed in",
        "The credentials file is of an OAuth client that is gone.",
        (_SIGN_IN,),
        words=("invalid_client", "unauthorized_client"),
    ),
    _Row(
        "quota-project",
        "The quota project is missing or can't be used",
        "Calls of a user are billed to it.",
        (_SET_QUOTA,),
        words=("quota", "service_disabled"),
        symptoms=(109,),
    ),
    _Row(
        "metadata-failed",
        "The metadata server gave no token",
        "It could not be reached, or this machine has no service account.",
        (Fix("Use a login of your own", LOGIN),),
        classes=("RefreshError", "TransportError"),
        plan="metadata",
        symptoms=(105,),
    ),
    _Row(
        "time-out",
        "Google did not answer in time",
        "Everything that was started has been ended.",
        (_LOOK,),
        words=("timed out",),
        classes=("time-out",),
    ),
    _Row(
        "tls",
        "The certificate is not trusted",
        "Something on the way shows another certificate.",
        words=("certificate", "ssl"),
        symptoms=(83,),
    ),
    _Row(
        "unreachable",
        "Google can't be reached",
        "No connection to its token endpoint came about.",
        (_LOOK,),
        classes=("TransportError",),
    ),
    _Row(
        "file-damaged",
        "The credentials file can't be used",
        "{path} is not what its type says.",
        (_SIGN_IN,),
        classes=("MalformedError", "DefaultCredentialsError", "ValueError", "JSONDecodeError", "KeyError"),
        symptoms=(108,),
    ),
    _Row(
        "file-unreadable",
        "A file that is needed can't be read",
        "The credentials file, or a token file that it names.",
        classes=(
            "FileNotFoundError",
            "PermissionError",
            "IsADirectoryError",
            "NotADirectoryError",
            "OSError",
        ),
        symptoms=(108,),
    ),
    _Row(
        "denied",
        "Google refuses this",
        "A permission is missing, say to act as the impersonated account.",
        words=("permission", "denied"),
        symptoms=(111,),
    ),
)


def explain_google(error: Mapping[str, Any], plan: GooglePlan) -> CloudError:
    """`error` as the child describes it."""
    said = safe_text(str(error.get("text") or ""), 300)
    kind, code = str(error.get("class") or ""), str(error.get("code") or "")
    sign_in = login_fixes(plan.over_ssh)
    if kind == "no-credentials":
        known = tuple(fix for problem in plan.problems for fix in problem.fixes)
        meaning = plan.problems[0].text if plan.problems else "Nothing on this machine gives any."
        return CloudError("no-credentials", "No Google credentials", meaning, said, known or sign_in, (105,))
    everything = f"{code} {error.get('subtype') or ''} {said}".lower()
    row = next((row for row in _ROWS if _fits(row, everything, kind, plan)), None)
    if row is None:
        title = f"Google answered {clean(code or kind or 'no reason', 60)}"
        return CloudError("other", title, "This program doesn't know that error.", said)
    meaning = row.meaning.replace("{path}", shown_path(plan.path) if plan.path else "It")
    return CloudError(row.code, row.title, meaning, said, _fixes(row, plan, sign_in), row.symptoms)


def _fits(row: _Row, everything: str, kind: str, plan: GooglePlan) -> bool:
    if row.plan is not None and row.plan != plan.kind:
        return False
    said = any(all(word in everything for word in words.split("+")) for words in row.words)
    return said or kind in row.classes


def _fixes(row: _Row, plan: GooglePlan, sign_in: tuple[Fix, ...]) -> tuple[Fix, ...]:
    found: list[Fix] = []
    for fix in row.fixes:
        if not isinstance(fix, Fix):
            found += sign_in
        elif fix.command is not None:
            account = shlex.quote(plan.account or "ACCOUNT")
            found.append(fix._replace(command=fix.command.replace("{account}", account)))
        else:
            found.append(fix)
    return tuple(found)
