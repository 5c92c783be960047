"""Every error on the way to an AWS identity or a Google token, explained: what was said, what it means, what
to do here. What the errors mean stands in `diagnose.causes.cloud_errors`. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claude_auth.cloud.aws.plan import AwsPlan
from claude_auth.cloud.aws.routes import profile_option, sign_in_fixes
from claude_auth.cloud.google import GooglePlan, login_fixes
from claude_auth.diagnose.causes.cloud_errors import AWS, CLOCK_FIX, GOOGLE, CloudCause
from claude_auth.formats.outputs import SKEW_BREAKS, clock_offset
from claude_auth.model import Fix
from claude_auth.security.sanitize import clean, safe_text, shown_path
from claude_auth.words import span

#: As the child describes it: `class`, `code`, `text` and more.
Error = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CloudError:
    """`code` is stable; `said` is the service's own text, one line, redacted; `symptoms` are numbers of the
    catalogue of causes."""

    code: str
    title: str
    meaning: str
    said: str = ""
    fixes: tuple[Fix, ...] = ()
    symptoms: tuple[int, ...] = ()


def _read(error: Error) -> tuple[str, str, str]:
    """Its class, the service's own code, and what was said."""
    said = safe_text(str(error.get("text") or ""), 300)
    return str(error.get("class") or ""), str(error.get("code") or ""), said


def _unknown(who: str, name: str, said: str) -> CloudError:
    title = f"{who} answered {clean(name or 'no reason', 60)}"
    return CloudError("other", title, "This program doesn't know that error.", said)


def _known_fixes(plan: AwsPlan | GooglePlan) -> tuple[Fix, ...]:
    return tuple(dict.fromkeys(fix for problem in plan.problems for fix in problem.fixes))


# ── AWS ──────────────────────────────────────────────────────────────────────────────────────────


def explain_aws(error: Error, plan: AwsPlan, now: float | None = None) -> CloudError:
    """`now`: to judge the clock by."""
    name, service_code, said = _read(error)
    known = AWS.get(service_code or name)
    if known is None:
        return _unknown("AWS", service_code or name, said)
    code, title, meaning = known.code, known.title, known.meaning
    if code == "secret-wrong":
        skew = clock_offset(error.get("date"), now) if now is not None else None
        if _blames_the_clock(said, skew):
            words = clock_words(skew) if skew is not None else "this machine's clock is wrong"
            meaning = f"Every request is signed with the time, and {words}."
            return CloudError("clock-skew", "The clock is wrong", meaning, said, (CLOCK_FIX,), (86,))
    if code == "access-denied" and str(error.get("operation") or "").startswith("AssumeRole"):
        code, title = "assume-role-denied", "The role can't be assumed"
        meaning = "Its trust policy doesn't name you, or your own policy lacks sts:AssumeRole on it."
    if code == "process-failed" and error.get("method") is None and plan.chosen is not None:
        meaning = f"{plan.chosen.label}: {meaning}"
    return CloudError(code, title, meaning, said, _aws_fixes(code, plan), known.symptoms)


def _blames_the_clock(said: str, skew: float | None) -> bool:
    words = "expired" in said.lower() or "not yet current" in said
    return words or (skew is not None and abs(skew) > SKEW_BREAKS)


def clock_words(offset: float) -> str:
    return f"this machine's clock is {span(abs(offset))} {'ahead' if offset > 0 else 'behind'}"


_UNSET_KEYS = Fix(
    "Take the keys out of the environment", "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
)
_NETWORK = Fix(
    "Look at the proxy and endpoint variables", "env | grep -i -e proxy -e AWS_ENDPOINT_URL | cut -d= -f1"
)
#: What helps whatever the plan is.
_ALWAYS: Mapping[str, tuple[Fix, ...]] = {
    "partial-credentials": (_UNSET_KEYS,),
    "access-denied": (Fix("Ask who administers the AWS account"),),
    "unreachable": (_NETWORK,),
    "time-out": (_NETWORK,),
    "proxy": (_NETWORK,),
    "tls": (Fix("Name your organisation's certificates", "export AWS_CA_BUNDLE=FILE"),),
    "region": (Fix("Choose a region", "export AWS_REGION=us-east-1"),),
}
#: What helps where the plan itself knows of nothing.
_OTHERWISE: Mapping[str, tuple[Fix, ...]] = {
    "no-credentials": (
        Fix("Set up a sign-in", "aws configure sso"),
        Fix("Name a profile", "export AWS_PROFILE=NAME"),
    ),
    "profile-missing": (Fix("List the profiles", "aws configure list-profiles"),),
    "mfa-needed": (),
}


def _aws_fixes(code: str, plan: AwsPlan) -> tuple[Fix, ...]:
    if code in _OTHERWISE:
        return _known_fixes(plan) or _OTHERWISE[code]
    chosen = plan.chosen
    kind = chosen.kind if chosen is not None else "none"
    profile = plan.profile if chosen is not None and "profile" in chosen.source else None
    # The profile that holds the keys: the last that a chain of roles builds on.
    through = chosen.route.through if chosen is not None and chosen.route is not None else ()
    option, source = profile_option(profile), profile_option(through[-1] if len(through) > 1 else profile)
    sign_in = _known_fixes(plan) or sign_in_fixes(profile, over_ssh=plan.over_ssh)
    match code:
        case "sso-expired":
            return sign_in
        case "key-unknown" | "secret-wrong" if kind == "environment":
            return (_UNSET_KEYS,)
        case "key-unknown" | "secret-wrong":
            return (Fix("Put in the keys again", f"aws configure{source}"),)
        case "expired":
            first = {"environment": (_UNSET_KEYS,), "sso": sign_in}.get(kind, ())
            return (*first, Fix("Start Claude Code again, so that it asks for new ones"))
        case "assume-role-denied":
            return (
                Fix("See as whom the role is assumed", f"aws sts get-caller-identity{source}"),
                Fix("Ask for your ARN in the role's trust policy"),
            )
        case "process-failed":
            command = f"aws configure export-credentials{option}"
            return (Fix("Run it by hand and read what it says", command),)
        case "sso-forbidden":
            return (Fix("Choose a role that is yours", f"aws configure sso{option}"),)
    return _ALWAYS.get(code, ())


# ── Google ───────────────────────────────────────────────────────────────────────────────────────


def explain_google(error: Error, plan: GooglePlan) -> CloudError:
    name, code, said = _read(error)
    if name == "no-credentials":
        meaning = plan.problems[0].text if plan.problems else "Nothing on this machine gives any."
        fixes = _known_fixes(plan) or login_fixes(plan.over_ssh)
        return CloudError("no-credentials", "No Google credentials", meaning, said, fixes, (105,))
    everything = f"{code} {error.get('subtype') or ''} {said}".lower()
    cause = next((cause for cause in GOOGLE if _fits(cause, everything, name, plan)), None)
    if cause is None:
        return _unknown("Google", code or name, said)
    meaning = cause.meaning.replace("{path}", shown_path(plan.path) if plan.path else "It")
    return CloudError(cause.code, cause.title, meaning, said, _google_fixes(cause, plan), cause.symptoms)


def _fits(cause: CloudCause, everything: str, name: str, plan: GooglePlan) -> bool:
    if cause.plan is not None and cause.plan != plan.kind:
        return False
    said = any(all(word in everything for word in words.split("+")) for words in cause.words)
    return said or name in cause.names


def _google_fixes(cause: CloudCause, plan: GooglePlan) -> tuple[Fix, ...]:
    found: list[Fix] = []
    account = shlex.quote(plan.account or "ACCOUNT")
    for fix in cause.fixes:
        if not isinstance(fix, Fix):
            found += login_fixes(plan.over_ssh)
        else:
            command = None if fix.command is None else fix.command.replace("{account}", account)
            found.append(fix._replace(command=command))
    return tuple(found)
