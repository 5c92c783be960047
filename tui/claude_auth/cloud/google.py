"""On a key press: a token from Google for the Application Default Credentials. Blocks: call it off the UI
thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.child import NoAnswer, ask
from claude_auth.cloud.environment import effective, names_from_settings
from claude_auth.cloud.google_plan import GooglePlan
from claude_auth.cloud.google_trouble import explain_google
from claude_auth.cloud.trouble import CloudError
from claude_auth.processes.environment import child_environment
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import without_locals

SECONDS = 30.0
CONNECT_SECONDS = 5
READ_SECONDS = 10
METADATA_SECONDS = 2


@dataclass(frozen=True, slots=True)
class GoogleIdentity:
    """Identifiers only; the token itself stayed where it was fetched."""

    kind: str
    account: str | None
    project: str | None
    quota_project: str | None
    expires_at: float | None
    scopes: tuple[str, ...] = ()

    @property
    def same_as(self) -> tuple[str, str | None, str | None]:
        return self.kind, self.account, self.quota_project


@dataclass(frozen=True, slots=True)
class GoogleAnswer:
    """Either `identity` or `trouble`."""

    asked_at: float
    seconds: float
    identity: GoogleIdentity | None = None
    trouble: CloudError | None = None
    peak_kib: int | None = field(default=None, compare=False)


@without_locals
def ask_google(
    plan: GooglePlan,
    view: EffectiveConfig,
    environ: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    token_endpoint: str | None = None,
    stop: threading.Event | None = None,
) -> GoogleAnswer:
    """Refreshes a token with the credentials of `plan`; `plan.commands` are run thereby. `environ` is the
    shell's. `token_endpoint`: a stand-in for Google's own, in tests and the demo; no variable can set it."""
    asked_at, started = time.time(), time.monotonic()

    def no(trouble: CloudError, peak: int | None = None) -> GoogleAnswer:
        return GoogleAnswer(asked_at, time.monotonic() - started, trouble=trouble, peak_kib=peak)

    if plan.kind is None:
        return no(explain_google({"class": "no-credentials"}, plan))
    request = {
        "path": os.path.join(view.snapshot.places.cwd, plan.path) if plan.path else None,
        "project": plan.project,
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "token_endpoint": token_endpoint,
    }
    try:
        answer = ask(
            "google",
            request,
            _environment(view, environ),
            cwd=view.snapshot.places.cwd,
            seconds=seconds,
            stop=stop,
        )
    except NoAnswer as none:
        return no(explain_google({"class": none.code, "text": str(none)}, plan))
    peak = answer.get("peak_kib")
    if "error" in answer:
        return no(explain_google(answer["error"], plan), peak)
    identity = _identity(answer, plan)
    return GoogleAnswer(asked_at, time.monotonic() - started, identity, peak_kib=peak)


def _environment(view: EffectiveConfig, environ: Mapping[str, str]) -> dict[str, str]:
    found = child_environment(effective(view, environ), "gcp", keep=names_from_settings(view))
    found.setdefault("GCE_METADATA_TIMEOUT", str(METADATA_SECONDS))
    return found


def _identity(answer: Mapping[str, Any], plan: GooglePlan) -> GoogleIdentity:
    def text(name: str) -> str | None:
        value = answer.get(name)
        return shown_value("field", value) if isinstance(value, str) and value else None

    expires_at, scopes = answer.get("expires_at"), answer.get("scopes")
    return GoogleIdentity(
        kind=plan.kind or "",
        account=text("account") or plan.account,
        project=text("project") or plan.project,
        quota_project=text("quota_project") or plan.quota_project,
        expires_at=float(expires_at) if isinstance(expires_at, int | float) else None,
        scopes=tuple(shown_value("scope", str(scope), 120) for scope in scopes)
        if isinstance(scopes, list)
        else (),
    )
