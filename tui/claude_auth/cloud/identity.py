"""On a key press: who answers for AWS or Google, and as whom. Blocks, so call it off the UI thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws.plan import AwsPlan, Step
from claude_auth.cloud.environment import effective, names_from_settings
from claude_auth.cloud.google import GooglePlan
from claude_auth.cloud.question import NoAnswer, Question, ask
from claude_auth.cloud.trouble import CloudError, explain_aws, explain_google
from claude_auth.formats.outputs import ExportedCredentials, clock_offset
from claude_auth.processes.environment import child_environment, variables_named_in
from claude_auth.security.sanitize import clean, shown_value
from claude_auth.security.secret import without_locals
from claude_auth.sources.aws_credentials import exported
from claude_auth.words import StatusText, span

SECONDS = 30.0
_TIMES = {"connect_timeout": 5, "read_timeout": 10}
METADATA_SECONDS = 2

#: What botocore calls the provider that answers for each kind.
METHODS: Mapping[str, tuple[str, ...]] = {
    "export": ("env",),
    "environment": ("env",),
    "static": ("shared-credentials-file", "config-file"),
    "assume-role": ("assume-role",),
    "web-identity": ("assume-role-with-web-identity",),
    "process": ("custom-process",),
    "sso": ("sso",),
    "login": ("login",),
    "container": ("container-role",),
    "instance": ("iam-role",),
}
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
#: The plan has chosen already, and STS knows no Bedrock API key.
_LEFT_OUT = "AWS_PROFILE AWS_DEFAULT_PROFILE BOTO_CONFIG AWS_CREDENTIAL_FILE AWS_BEARER_TOKEN_BEDROCK".split()
_OF_A_PROFILE = frozenset({"aws-profile", "aws-default-profile"})


@dataclass(frozen=True, slots=True)
class AwsIdentity:
    """Identifiers only. `method` is botocore's name of the provider that answered; `clock_offset` how far
    this machine's clock runs ahead of Amazon's, in seconds. `unexpected`: boto3 was answered by another
    provider than planned."""

    source: str
    method: str
    access_key_id: str
    account: str
    arn: str
    user_id: str
    expires_at: float | None
    region: str
    endpoint: str
    clock_offset: float | None = None
    unexpected: str | None = None

    @property
    def same_as(self) -> tuple[str, str]:
        """What two answers are compared by: a session's name in the ARN changes with every sign-in."""
        parts = self.arn.split("/")
        role = "/".join(parts[:2]) if ":assumed-role/" in self.arn else self.arn
        return self.account, role


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


Identity = TypeVar("Identity")


@dataclass(frozen=True)  # with slots a generic alias of it can't be called
class CloudAnswer(Generic[Identity]):
    """Either `identity` or `trouble`; `seconds`: how long it took."""

    asked_at: float
    seconds: float
    identity: Identity | None = None
    trouble: CloudError | None = None
    peak_kib: int | None = field(default=None, compare=False)


AwsAnswer = CloudAnswer[AwsIdentity]
GoogleAnswer = CloudAnswer[GoogleIdentity]
Answer = AwsAnswer | GoogleAnswer


@without_locals
def _ask(
    question: Question,
    request: Mapping[str, object],
    environment: Mapping[str, str],
    view: EffectiveConfig,
    seconds: float,
    stop: threading.Event | None,
    *,
    explain: Callable[[Mapping[str, Any], float], CloudError],
    identify: Callable[[Mapping[str, Any], float], Identity],
) -> CloudAnswer[Identity]:
    """`explain` and `identify` take an error or an answer, and the moment at which it was asked for."""
    at, started, cwd = time.time(), time.monotonic(), view.snapshot.places.cwd
    try:
        answer = ask(question, {**request, **_TIMES}, environment, cwd=cwd, seconds=seconds, stop=stop)
    except NoAnswer as none:
        answer = {"error": {"class": none.code, "text": none.sentence}}
    told: CloudAnswer[Identity] = CloudAnswer(at, time.monotonic() - started, peak_kib=answer.get("peak_kib"))
    if "error" in answer:
        return replace(told, trouble=explain({**answer["error"], "method": answer.get("method")}, at))
    return replace(told, identity=identify(answer, at))


# ── AWS ──────────────────────────────────────────────────────────────────────────────────────────


@without_locals
def ask_aws(
    plan: AwsPlan,
    view: EffectiveConfig,
    environ: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    stop: threading.Event | None = None,
) -> AwsAnswer:
    """Asks the provider that `plan` chose for credentials and STS whose they are; `plan.commands` are run
    thereby. `environ` is the shell's. boto3 renews a stale sign-in and its cache, as Claude Code does."""
    chosen, refused, credentials = plan.chosen, None, None
    if chosen is None:
        refused = "no-credentials"
    elif chosen.source == "bedrock-api-key":
        refused = "bedrock-api-key"
    elif chosen.source == "aws-credential-export":
        run = view.run_of("awsCredentialExport")
        told = None if run is None else exported(run)
        credentials = told if isinstance(told, ExportedCredentials) else None
        refused = "export-not-run" if credentials is None else None
    if chosen is None or refused is not None:
        return AwsAnswer(time.time(), 0.0, trouble=explain_aws({"class": refused}, plan))
    request = {
        "profile": plan.profile if chosen.source in _OF_A_PROFILE else None,
        "region": plan.region,
        # Beside a profile nothing else answers; without one boto3 would go to [default] by itself.
        "only": None if chosen.source in _OF_A_PROFILE else list(METHODS[chosen.kind]),
        "metadata_timeout": METADATA_SECONDS,
    }
    return _ask(
        "aws",
        request,
        _aws_environment(chosen, view, environ, credentials),
        view,
        seconds,
        stop,
        explain=lambda error, at: explain_aws(error, plan, now=at),
        identify=lambda answer, at: _aws_identity(answer, chosen, plan, at),
    )


def _aws_environment(
    chosen: Step, view: EffectiveConfig, environ: Mapping[str, str], credentials: ExportedCredentials | None
) -> dict[str, str]:
    """What Claude Code's SDK sees, with boto3's other habits taken away."""
    command = chosen.route.command if chosen.route is not None else None
    keep = {*names_from_settings(view), *variables_named_in(command or "")}
    found = child_environment(effective(view, environ), "aws", keep=keep)
    uses_keys = chosen.source == "aws-environment"
    from_environment = chosen.route is not None and "the environment" in chosen.route.label
    leaves_keys = uses_keys or (chosen.kind == "assume-role" and from_environment)
    # Empty counts as unset for Claude Code's SDK.
    empty = [name for name, value in found.items() if name.startswith("AWS_") and not value]
    for name in (*_LEFT_OUT, *(() if leaves_keys else _KEYS), *empty):
        found.pop(name, None)
    if credentials is not None:
        found["AWS_ACCESS_KEY_ID"] = credentials.access_key_id
        found["AWS_SECRET_ACCESS_KEY"] = credentials.secret_access_key.reveal()
        if credentials.session_token is not None:
            found["AWS_SESSION_TOKEN"] = credentials.session_token.reveal()
    return found


def _aws_identity(answer: Mapping[str, Any], chosen: Step, plan: AwsPlan, now: float) -> AwsIdentity:
    def text(name: str, limit: int = 200) -> str:
        return clean(str(answer.get(name) or ""), limit)

    method, wanted = text("method", 60), METHODS.get(chosen.kind, ())
    unexpected = None
    if wanted and method not in wanted:
        planned = f"{chosen.label} ({chosen.kind})"
        unexpected = f"boto3 was answered by {method}; Claude Code would ask {planned}"
    return AwsIdentity(
        source=chosen.source,
        method=method,
        access_key_id=text("access_key_id", 40),
        account=text("account", 40),
        arn=text("arn"),
        user_id=text("user_id"),
        expires_at=_moment(answer.get("expires_at")),
        region=plan.region,
        endpoint=text("endpoint"),
        clock_offset=clock_offset(answer.get("date"), now),
        unexpected=unexpected,
    )


def _moment(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


# ── Google ───────────────────────────────────────────────────────────────────────────────────────


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
    if plan.kind is None:
        return GoogleAnswer(time.time(), 0.0, trouble=explain_google({"class": "no-credentials"}, plan))
    request = {
        "path": os.path.join(view.snapshot.places.cwd, plan.path) if plan.path else None,
        "project": plan.project,
        "token_endpoint": token_endpoint,
    }
    environment = child_environment(effective(view, environ), "gcp", keep=names_from_settings(view))
    environment.setdefault("GCE_METADATA_TIMEOUT", str(METADATA_SECONDS))
    return _ask(
        "google",
        request,
        environment,
        view,
        seconds,
        stop,
        explain=lambda error, _: explain_google(error, plan),
        identify=lambda answer, _: _google_identity(answer, plan),
    )


def _google_identity(answer: Mapping[str, Any], plan: GooglePlan) -> GoogleIdentity:
    def text(name: str) -> str | None:
        value = answer.get(name)
        return shown_value("field", value) if isinstance(value, str) and value else None

    scopes = answer.get("scopes")
    scopes = scopes if isinstance(scopes, list) else []
    return GoogleIdentity(
        kind=plan.kind or "",
        account=text("account") or plan.account,
        project=text("project") or plan.project,
        quota_project=text("quota_project") or plan.quota_project,
        expires_at=_moment(answer.get("expires_at")),
        scopes=tuple(shown_value("scope", str(scope), 120) for scope in scopes),
    )


# ── before and after ─────────────────────────────────────────────────────────────────────────────


def compared(before: Answer | None, after: Answer) -> StatusText:
    """What a command has changed about who answers."""
    was = before.identity if before is not None else None
    now = after.identity
    if now is None:
        assert after.trouble is not None
        return StatusText("✗", f"still no identity: {after.trouble.title}", "fail")
    name = _name(now)
    if was is None:
        return StatusText("✓", name if before is None else f"now {name}", "ok")
    if type(was) is type(now) and was.same_as == now.same_as:
        longer = (now.expires_at or 0) - (was.expires_at or 0)
        more = f", {span(longer)} longer" if longer >= 1 else ""
        return StatusText("✓", f"unchanged: {name}{more}", "ok")
    return StatusText("▲", f"another identity: {_name(was)} → {name}", "warn")


def _name(identity: AwsIdentity | GoogleIdentity) -> str:
    return identity.arn if isinstance(identity, AwsIdentity) else identity.account or identity.kind
