"""On a key press: who answers for AWS, and as whom. Blocks, so call it off the UI thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws_plan import AwsPlan, Step
from claude_auth.cloud.aws_trouble import explain_aws
from claude_auth.cloud.child import NoAnswer, ask
from claude_auth.cloud.environment import effective, names_from_settings
from claude_auth.cloud.trouble import CloudError
from claude_auth.formats.sts import ExportedCredentials
from claude_auth.processes.environment import child_environment, variables_named_in
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import without_locals
from claude_auth.sources.bedrock import exported

SECONDS = 30.0
CONNECT_SECONDS = 5
READ_SECONDS = 10
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
_CHOOSING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "BOTO_CONFIG", "AWS_CREDENTIAL_FILE")
_NOT_FOR_STS = ("AWS_BEARER_TOKEN_BEDROCK",)


@dataclass(frozen=True, slots=True)
class AwsIdentity:
    """Identifiers only. `method` is botocore's name of the provider that answered; `clock_offset` how far
    this machine's clock runs ahead of Amazon's, in seconds."""

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

    @property
    def same_as(self) -> tuple[str, str]:
        """What two answers are compared by: a session's name in the ARN changes with every sign-in."""
        parts = self.arn.split("/")
        role = "/".join(parts[:2]) if ":assumed-role/" in self.arn else self.arn
        return self.account, role


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """Either `identity` or `trouble`. `unexpected`: boto3 was answered by another provider than planned."""

    asked_at: float
    seconds: float
    identity: AwsIdentity | None = None
    trouble: CloudError | None = None
    unexpected: str | None = None
    peak_kib: int | None = field(default=None, compare=False)


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
    asked_at, started = time.time(), time.monotonic()

    def no(trouble: CloudError, **more: Any) -> AwsAnswer:
        return AwsAnswer(asked_at, time.monotonic() - started, trouble=trouble, **more)

    chosen = plan.chosen
    if chosen is None or chosen.source == "bedrock-api-key":
        code = "no-credentials" if chosen is None else "bedrock-api-key"
        return no(explain_aws({"class": code}, plan))
    credentials = _exported(view) if chosen.source == "aws-credential-export" else None
    if chosen.source == "aws-credential-export" and credentials is None:
        return no(explain_aws({"class": "export-not-run"}, plan))
    request = {
        "profile": plan.profile if chosen.source in {"aws-profile", "aws-default-profile"} else None,
        "region": plan.region,
        "only": _only(chosen),
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "metadata_timeout": METADATA_SECONDS,
    }
    try:
        answer = ask(
            "aws",
            request,
            _environment(chosen, view, environ, credentials),
            cwd=view.snapshot.places.cwd,
            seconds=seconds,
            stop=stop,
        )
    except NoAnswer as none:
        return no(explain_aws({"class": none.code, "text": str(none)}, plan))
    peak = answer.get("peak_kib")
    if "error" in answer:
        error = {**answer["error"], "method": answer.get("method")}
        return no(explain_aws(error, plan, now=asked_at), peak_kib=peak)
    identity = _identity(answer, chosen, plan, asked_at)
    return AwsAnswer(
        asked_at,
        time.monotonic() - started,
        identity,
        unexpected=_unexpected(chosen, identity.method),
        peak_kib=peak,
    )


def _only(chosen: Step) -> list[str] | None:
    """Beside a profile nothing else answers; without one boto3 would go to [default] by itself."""
    if chosen.source in {"aws-profile", "aws-default-profile"}:
        return None
    return list(METHODS[chosen.kind])


def _exported(view: EffectiveConfig) -> ExportedCredentials | None:
    run = view.run_of("awsCredentialExport")
    found = None if run is None else exported(run)
    return found if isinstance(found, ExportedCredentials) else None


def _environment(
    chosen: Step, view: EffectiveConfig, environ: Mapping[str, str], credentials: ExportedCredentials | None
) -> dict[str, str]:
    """What Claude Code's SDK sees, with boto3's other habits taken away."""
    command = chosen.route.command if chosen.route is not None else None
    keep = {*names_from_settings(view), *variables_named_in(command or "")}
    found = child_environment(effective(view, environ), "aws", keep=keep)
    for name in (*_CHOOSING, *_NOT_FOR_STS):
        found.pop(name, None)
    uses_keys = chosen.source == "aws-environment"
    from_environment = chosen.route is not None and "the environment" in chosen.route.label
    if not uses_keys and not (chosen.kind == "assume-role" and from_environment):
        for name in _KEYS:
            found.pop(name, None)
    for name in [name for name, value in found.items() if name.startswith("AWS_") and not value]:
        del found[name]  # empty counts as unset for Claude Code's SDK
    if credentials is not None:
        found["AWS_ACCESS_KEY_ID"] = credentials.access_key_id
        found["AWS_SECRET_ACCESS_KEY"] = credentials.secret_access_key.reveal()
        if credentials.session_token is not None:
            found["AWS_SESSION_TOKEN"] = credentials.session_token.reveal()
    return found


def _identity(answer: Mapping[str, Any], chosen: Step, plan: AwsPlan, now: float) -> AwsIdentity:
    from claude_auth.cloud.trouble import clock_offset

    def text(name: str, limit: int = 200) -> str:
        return clean(str(answer.get(name) or ""), limit)

    expires_at = answer.get("expires_at")
    return AwsIdentity(
        source=chosen.source,
        method=text("method", 60),
        access_key_id=text("access_key_id", 40),
        account=text("account", 40),
        arn=text("arn"),
        user_id=text("user_id"),
        expires_at=float(expires_at) if isinstance(expires_at, int | float) else None,
        region=plan.region,
        endpoint=text("endpoint"),
        clock_offset=clock_offset(answer.get("date"), now),
    )


def _unexpected(chosen: Step, method: str) -> str | None:
    wanted = METHODS.get(chosen.kind, ())
    if not wanted or method in wanted:
        return None
    return f"boto3 was answered by {method}; Claude Code would ask {chosen.label} ({chosen.kind})"
