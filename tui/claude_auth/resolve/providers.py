"""What keeps a request from a cloud provider: what it needs besides a credential, and which one is missing
[behaviour.md sections 2 and 8]."""

from __future__ import annotations

from claude_auth.claude_code.destination import (
    AWS_PROVIDERS,
    GOOGLE_PROVIDERS,
    base_variable,
    model_on_vertex,
)
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import VERTEX_REGION_PREFIX
from claude_auth.claude_code.versions import at_least
from claude_auth.model import Blocked, Provider, SetupProblem, SetupProblemCode
from claude_auth.resolve.slots import Draft, candidate, skips
from claude_auth.security.secret import Secret
from claude_auth.sources import label
from claude_auth.sources.aws_credentials import aws_session, profile_in_use, role_problem, sign_in_problem

#: First seen with this version, so what an older one sends isn't known.
_OBSERVED_SINCE: dict[Provider, str] = {
    "anthropic-aws": "2.1.328",
    "anthropic-google-cloud": "2.1.328",
    "mantle": "2.1.328",
}


def not_observed(draft: Draft) -> Blocked | None:
    provider, version = draft.target.provider, draft.view.version
    since = _OBSERVED_SINCE.get(provider)
    if since is None or not draft.view.client.is_claude_code or at_least(version, since):
        return None
    return Blocked(
        "not-checked",
        f"{label(provider)} is switched on; what version {version} sends there has not been observed",
    )


def precondition(draft: Draft) -> Blocked | None:
    """What a provider needs besides a credential."""
    provider = draft.target.provider
    check = {
        "vertex": _vertex,
        "foundry": _foundry,
        "anthropic-aws": _anthropic_aws,
        "anthropic-google-cloud": _anthropic_google_cloud,
    }.get(provider)
    return None if check is None else check(draft)


def _not_set_up(code: SetupProblemCode, variable: str, text: str) -> Blocked:
    return Blocked("no-cloud-credential", text, problem=SetupProblem(code, variable, text))


def _vertex(draft: Draft) -> Blocked | None:
    view = draft.view
    if skips(view, "vertex") and not view.text("ANTHROPIC_VERTEX_PROJECT_ID"):
        # Google's own variables are looked into only with credentials of its own [seen, 2.1.332].
        name = "ANTHROPIC_VERTEX_PROJECT_ID"
        return _not_set_up("no-project", name, f"Vertex is on, and {name} names no Google Cloud project")
    regions = [name for name in view.snapshot.variables if name.startswith(VERTEX_REGION_PREFIX)]
    moved = next((name for name in sorted(regions) if view.text(name)), None)
    if moved is None or view.text(base_variable("vertex")) or model_on_vertex(view) is not None:
        return None
    return Blocked("not-checked", f"{moved} is set; whether this version uses that model was not observed")


def _foundry(draft: Draft) -> Blocked | None:
    key = draft.view.secret("ANTHROPIC_FOUNDRY_API_KEY")
    token = candidate(draft.view, "foundry-token", "authorization")
    if key is None or not key.is_blank or token is not None:
        return None
    return Blocked("blank-credential", "ANTHROPIC_FOUNDRY_API_KEY holds nothing but blanks")


def _anthropic_aws(draft: Draft) -> Blocked | None:
    """Only a request that is to go out without any credential needs no workspace, be there a user name in
    its URL [seen, 2.1.332]."""
    sent = any(header.source != "base-url-user" for header in draft.headers)
    name = "ANTHROPIC_AWS_WORKSPACE_ID"
    workspace, on = draft.view.text(name), f"{label('anthropic-aws')} is on, and {name}"
    if not workspace and (sent or not skips(draft.view, "anthropic-aws")):
        return _not_set_up("not-set", name, f"{on} names no workspace")
    problem = Secret(workspace).unsendable
    if problem is None:
        return None
    return _not_set_up("not-set", name, f"{on} contains {problem}, which no header can carry")


def _fits_into_a_path(text: str) -> bool:
    return text.isascii() and all(character.isalnum() or character in "-_" for character in text)


def _anthropic_google_cloud(draft: Draft) -> Blocked | None:
    """Project, place and workspace stand in the path, but for a base URL [seen, 2.1.332]."""
    view, prefix = draft.view, "ANTHROPIC_GOOGLE_CLOUD_"
    on = f"{label('anthropic-google-cloud')} is on, and"
    for name in (f"{prefix}PROJECT", f"{prefix}LOCATION", f"{prefix}WORKSPACE_ID"):
        if not _fits_into_a_path(view.text(name)):
            return _not_set_up("not-set", name, f"{on} {name} holds more than letters, digits, - and _")
    if view.text(base_variable("anthropic-google-cloud")):
        return None
    if not view.text(f"{prefix}PROJECT") and not view.text("GOOGLE_CLOUD_PROJECT"):
        return _not_set_up("not-set", f"{prefix}PROJECT", f"{on} {prefix}PROJECT names no project")
    if not view.text(f"{prefix}WORKSPACE_ID"):
        name = f"{prefix}WORKSPACE_ID"
        return _not_set_up("not-set", name, f"{on} {name} names no workspace")
    return None


def signing_problem(draft: Draft) -> Blocked | None:
    """A profile or a web identity that is to sign and can't: nothing is sent, and no other place of AWS
    credentials is asked [seen, 2.1.332]."""
    source = "" if draft.authorization is None else draft.authorization.source
    problem = sign_in_problem(draft.view, source)
    if problem is None:
        return None
    alone = source == "aws-ambient" or aws_session(draft.view, source) is not None
    return Blocked("no-cloud-credential", problem, source if alone else None)


# ── no credential ────────────────────────────────────────────────────────────────────────────────

#: As a sentence names them.
_SHORT: dict[Provider, str] = {"bedrock": "Bedrock", "mantle": "Mantle", "vertex": "Vertex"}


def no_cloud_credential(view: EffectiveConfig, provider: Provider) -> str:
    """Why both headers stayed empty."""
    on = f"{_SHORT.get(provider) or label(provider)} is on,"
    if provider in AWS_PROVIDERS:
        return _no_aws(view, on)
    if provider in GOOGLE_PROVIDERS:
        return _no_google(view, on)
    return (
        "Foundry is on, but there is no ANTHROPIC_FOUNDRY_API_KEY, no token and no Azure login on this "
        "machine"
    )


def _no_aws(view: EffectiveConfig, on: str) -> str:
    if view.secret("AWS_PROFILE") is not None:
        found = profile_in_use(view)
        if found is None:
            return f"{on} and AWS_PROFILE names a profile that is in neither AWS file"
        if found.provider == "none":
            return f"{on} and the profile of AWS_PROFILE holds no credentials"
        problem = role_problem(view, found)
        if problem is not None:
            return f"{on} and {problem}"
    if view.secret("AWS_ACCESS_KEY_ID") is not None and view.secret("AWS_SECRET_ACCESS_KEY") is None:
        return f"{on} and AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"
    return (
        f"{on} but there are no AWS credentials: none in the environment, the AWS files or a container, and "
        "this does not look like an EC2 machine"
    )


def _no_google(view: EffectiveConfig, on: str) -> str:
    found = view.snapshot.google
    if found is not None and found.damage is not None:
        return f"{on} and Google's credentials file can't be used: {found.damage.text}"
    return f"{on} but there are no Application Default Credentials on this machine"
