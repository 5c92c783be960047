"""Every error on the way to an AWS identity, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from claude_auth.cloud.aws.plan import AwsPlan
from claude_auth.cloud.aws.routes import profile_option, sign_in_fixes
from claude_auth.cloud.aws_errors import CLASSES, CODES, SAME_AS
from claude_auth.cloud.trouble import CLOCK_FIX, CloudError, clock_offset, clock_words
from claude_auth.formats.outputs import SKEW_BREAKS
from claude_auth.model import Fix
from claude_auth.security.sanitize import clean, safe_text

Error = Mapping[str, Any]

_UNSET_KEYS = Fix(
    "Take the keys out of the environment",
    "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
)
_NETWORK = (
    Fix(
        "Look at the proxy and endpoint variables", "env | grep -i -e proxy -e AWS_ENDPOINT_URL | cut -d= -f1"
    ),
)


def explain_aws(error: Error, plan: AwsPlan, now: float | None = None) -> CloudError:
    """`error` as the child describes it; `now` to judge the clock by."""
    said = safe_text(str(error.get("text") or ""), 300)
    name = str(error.get("class") or "")
    service_code = str(error.get("code") or "")
    known = CODES.get(SAME_AS.get(service_code, service_code)) if service_code else CLASSES.get(name)
    if service_code in {"UnauthorizedException", "InvalidGrantException"}:
        known = CLASSES["UnauthorizedSSOTokenError"]
    if known is None:
        shown = clean(service_code or name or "no reason", 60)
        return CloudError("other", f"AWS answered {shown}", "This program doesn't know that error.", said)
    code, title, meaning, symptoms = known
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
    return CloudError(code, title, meaning, said, _fixes(code, plan), symptoms)


def _blames_the_clock(said: str, skew: float | None) -> bool:
    words = "expired" in said.lower() or "not yet current" in said
    return words or (skew is not None and abs(skew) > SKEW_BREAKS)


def _profile(plan: AwsPlan) -> str | None:
    return plan.profile if plan.chosen is not None and "profile" in plan.chosen.source else None


def _option(plan: AwsPlan) -> str:
    return profile_option(_profile(plan))


def _source_option(plan: AwsPlan) -> str:
    """The profile that holds the keys: the last that a chain of roles builds on."""
    through = plan.chosen.route.through if plan.chosen is not None and plan.chosen.route is not None else ()
    return profile_option(through[-1]) if len(through) > 1 else _option(plan)


def _known_problem_fixes(plan: AwsPlan) -> tuple[Fix, ...]:
    return tuple(dict.fromkeys(fix for problem in plan.problems for fix in problem.fixes))


def _sign_in(plan: AwsPlan) -> tuple[Fix, ...]:
    return _known_problem_fixes(plan) or sign_in_fixes(_profile(plan), over_ssh=plan.over_ssh)


def _keys(plan: AwsPlan) -> tuple[Fix, ...]:
    if plan.chosen is not None and plan.chosen.kind == "environment":
        return (_UNSET_KEYS,)
    return (Fix("Put in the keys again", f"aws configure{_source_option(plan)}"),)


def _expired(plan: AwsPlan) -> tuple[Fix, ...]:
    kind = plan.chosen.kind if plan.chosen is not None else "none"
    first = {"environment": (_UNSET_KEYS,), "sso": _sign_in(plan)}.get(kind, ())
    return (*first, Fix("Start Claude Code again, so that it asks for new ones"))


_FIXES: Mapping[str, Callable[[AwsPlan], tuple[Fix, ...]]] = {
    "no-credentials": lambda plan: (
        _known_problem_fixes(plan)
        or (Fix("Set up a sign-in", "aws configure sso"), Fix("Name a profile", "export AWS_PROFILE=NAME"))
    ),
    "partial-credentials": lambda _: (_UNSET_KEYS,),
    "profile-missing": lambda plan: (
        _known_problem_fixes(plan) or (Fix("List the profiles", "aws configure list-profiles"),)
    ),
    "sso-expired": _sign_in,
    "key-unknown": _keys,
    "secret-wrong": _keys,
    "expired": _expired,
    "access-denied": lambda plan: (Fix("Ask who administers the AWS account"),),
    "assume-role-denied": lambda plan: (
        Fix("See as whom the role is assumed", f"aws sts get-caller-identity{_source_option(plan)}"),
        Fix("Ask for your ARN in the role's trust policy"),
    ),
    "process-failed": lambda plan: (
        Fix("Run it by hand and read what it says", f"aws configure export-credentials{_option(plan)}"),
    ),
    "mfa-needed": _known_problem_fixes,
    "unreachable": lambda _: _NETWORK,
    "time-out": lambda _: _NETWORK,
    "proxy": lambda _: _NETWORK,
    "tls": lambda _: (Fix("Name your organisation's certificates", "export AWS_CA_BUNDLE=FILE"),),
    "sso-forbidden": lambda plan: (Fix("Choose a role that is yours", f"aws configure sso{_option(plan)}"),),
    "region": lambda _: (Fix("Choose a region", "export AWS_REGION=us-east-1"),),
}


def _fixes(code: str, plan: AwsPlan) -> tuple[Fix, ...]:
    make = _FIXES.get(code)
    return () if make is None else make(plan)
