"""Every error on the way to a Google token, and what to do about it. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from claude_auth.cloud.google_plan import GooglePlan, login_fixes
from claude_auth.cloud.trouble import CloudError
from claude_auth.diagnose.causes.cloud_errors import GOOGLE, CloudCause
from claude_auth.model import Fix
from claude_auth.security.sanitize import clean, safe_text, shown_path


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
    row = next((row for row in GOOGLE if _fits(row, everything, kind, plan)), None)
    if row is None:
        title = f"Google answered {clean(code or kind or 'no reason', 60)}"
        return CloudError("other", title, "This program doesn't know that error.", said)
    meaning = row.meaning.replace("{path}", shown_path(plan.path) if plan.path else "It")
    return CloudError(row.code, row.title, meaning, said, _fixes(row, plan, sign_in), row.symptoms)


def _fits(row: CloudCause, everything: str, kind: str, plan: GooglePlan) -> bool:
    if row.plan is not None and row.plan != plan.kind:
        return False
    said = any(all(word in everything for word in words.split("+")) for words in row.words)
    return said or kind in row.names


def _fixes(row: CloudCause, plan: GooglePlan, sign_in: tuple[Fix, ...]) -> tuple[Fix, ...]:
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
