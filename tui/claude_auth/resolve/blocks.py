"""What keeps a request from going out although there may be credentials [behaviour.md section 2].

Each check is a row: the first that speaks is the answer. A modifier that is set and not modelled makes the
answer *not checked*, never a winner.
"""

from __future__ import annotations

from collections.abc import Callable

from claude_auth.claude_code.destination import Destination, vertex_project
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import VERTEX_REGION_PREFIX
from claude_auth.claude_code.versions import at_least, is_oldest
from claude_auth.model import Blocked, HeaderValue
from claude_auth.resolve.candidates import (
    TRIMS_KEYS_SINCE,
    aws_session,
    candidate,
    helper_output,
)
from claude_auth.resolve.guards import approval, key_counts, skips
from claude_auth.security.secret import Secret
from claude_auth.sources import label

_LOGIN_METHODS = frozenset({"claudeai", "console"})


def _managed_file_broken(view: EffectiveConfig, target: Destination) -> Blocked | None:
    """2.1.197 goes on with a warning; the newest does not start [seen]."""
    for file in view.snapshot.settings_files if not is_oldest(view.version) else ():
        if file.layer == "managed" and file.damage is not None and not file.damage.is_missing:
            if file.damage.code == "wrong-type":
                return Blocked(
                    "not-checked",
                    f"{file.path}: {file.damage.text}; what that does in managed settings was not observed",
                )
            return Blocked(
                "managed-policy",
                "Claude Code does not start while managed settings can't be used: "
                f"{file.path}: {file.damage.text}",
            )
    return None


def _managed_policy(view: EffectiveConfig, target: Destination) -> Blocked | None:
    """A forced login blocks keys, ANTHROPIC_AUTH_TOKEN and helpers outright, also beside a cloud provider."""
    method, organization = view.managed_setting("forceLoginMethod"), _forced_organization(view)
    forces_login = method is not None and method.value.reveal() in _LOGIN_METHODS
    if not forces_login and not organization:
        return None
    policy = "forceLoginMethod" if forces_login else "forceLoginOrgUUID"
    active = _active_credential(view)
    if active is not None:
        return Blocked(
            "managed-policy",
            f"managed settings ({policy}) demand a sign-in, and {active} is set, which they do not allow",
        )
    return None


def _forced_organization(view: EffectiveConfig) -> bool:
    """Whether the key stands there at all: an empty one counts too [seen, 2.1.328]."""
    return any(s.origin.layer == "managed" for s in view.snapshot.settings.get("forceLoginOrgUUID", ()))


def _active_credential(view: EffectiveConfig) -> str | None:
    if key_counts(view):
        return "ANTHROPIC_API_KEY"
    if candidate(view, "api-key-file-descriptor", "x_api_key") is not None:
        return "an API key from a file descriptor"
    if candidate(view, "anthropic-auth-token", "authorization") is not None:
        return "ANTHROPIC_AUTH_TOKEN"
    return "apiKeyHelper" if view.setting("apiKeyHelper") is not None else None


def _organization_unchecked(view: EffectiveConfig, target: Destination) -> Blocked | None:
    if target.provider not in {"first-party", "gateway"} or not _forced_organization(view):
        return None
    if candidate(view, "managed-key", "x_api_key") is not None:
        return None
    return Blocked(
        "not-checked",
        "managed settings pin the organisation (forceLoginOrgUUID); Claude Code asks the server whether "
        "the login belongs to it",
    )


def _destination_problem(view: EffectiveConfig, target: Destination) -> Blocked | None:
    if target.problem is None:
        return None
    cloud = target.provider in {"bedrock", "vertex", "foundry"}
    return Blocked("no-cloud-credential" if cloud else "no-credential", target.problem)


def _unmodelled_provider(view: EffectiveConfig, target: Destination) -> Blocked | None:
    names = {"anthropic-aws": "Claude Platform on AWS", "mantle": "Mantle"}
    if target.provider not in names:
        return None
    return Blocked(
        "not-checked", f"{names[target.provider]} is switched on; what it sends has not been observed"
    )


def _blank_key(view: EffectiveConfig, target: Destination) -> Blocked | None:
    """Up to 2.1.210 a key of nothing but blanks stopped the request."""
    key = view.secret("ANTHROPIC_API_KEY")
    if key is None or not key.is_blank or at_least(view.version, TRIMS_KEYS_SINCE):
        return None
    return Blocked(
        "blank-credential", "ANTHROPIC_API_KEY holds nothing but blanks, which this version refuses"
    )


def _approval_pending(view: EffectiveConfig, target: Destination) -> Blocked | None:
    if not view.client.asks_approval or approval(view) != "unseen":
        return None
    return Blocked(
        "approval-pending",
        "ANTHROPIC_API_KEY is new to Claude Code, which asks whether to use it and sends nothing until then",
    )


def _helper_refused(view: EffectiveConfig, target: Destination) -> Blocked | None:
    run = view.run_of("apiKeyHelper")
    if run is None or run.exit_code is None or helper_output(run, view.version) is not None:
        return None
    return Blocked("no-credential", "apiKeyHelper printed two lines, which this version refuses")


def _moved_config(view: EffectiveConfig, target: Destination) -> Blocked | None:
    """A directory named in settings moves the stores after the start [seen]: how far was not observed."""
    if _active_credential(view) is not None or candidate(view, "claude-code-oauth-token", "authorization"):
        return None
    places = view.snapshot.places
    used = {"CLAUDE_CONFIG_DIR": places.config_dir, "CLAUDE_SECURESTORAGE_CONFIG_DIR": places.secure_dir}
    for name, directory in used.items():
        found = view.assignment(name)
        if found is None or not found.of_own_settings or found.value.is_blank:
            continue
        if found.value.reveal().strip() != directory:
            return Blocked(
                "not-checked",
                f"a settings file sets {name}, which moves the login elsewhere while Claude Code runs",
            )
    return None


def _odd_base_url(view: EffectiveConfig, target: Destination) -> Blocked | None:
    if not target.has_query:
        return None
    return Blocked(
        "not-checked", "ANTHROPIC_BASE_URL has a query; where such a request goes was not observed"
    )


Check = Callable[[EffectiveConfig, Destination], Blocked | None]

#: In every mode of Claude Code.
ALWAYS: tuple[Check, ...] = (
    _managed_file_broken,
    _managed_policy,
    _unmodelled_provider,
    _destination_problem,
)

#: Where the ladder counts, not a cloud provider.
LADDER: tuple[Check, ...] = (
    _organization_unchecked,
    _blank_key,
    _approval_pending,
    _helper_refused,
    _moved_config,
    _odd_base_url,
)


def blocked_before(view: EffectiveConfig, target: Destination) -> Blocked | None:
    """What stops the request whatever the headers would be."""
    checks = ALWAYS + (LADDER if target.provider in {"first-party", "gateway"} else ())
    for check in checks:
        answer = check(view, target)
        if answer is not None:
            return answer
    return None


def blocked_by_destination(view: EffectiveConfig, target: Destination) -> Blocked | None:
    """What stops any program: a provider that is not modelled, or no host."""
    return _unmodelled_provider(view, target) or _destination_problem(view, target)


def blocked_by_values(headers: tuple[HeaderValue | None, ...]) -> Blocked | None:
    """An empty custom header, or a value that no header can carry: then nothing is sent [seen, 2.1.328]."""
    for header in headers:
        if header is not None and header.source == "custom-headers" and header.value == Secret(""):
            return Blocked("blank-credential", "ANTHROPIC_CUSTOM_HEADERS sets an empty credential header")
        carried = None if header is None else header.value or Secret(header.identity or "")
        problem = None if carried is None else carried.unsendable
        if header is not None and problem is not None:
            return Blocked(
                "no-credential", f"{label(header.source)} contains {problem}, which no HTTP header can carry"
            )
    return None


def _profile_named(view: EffectiveConfig) -> bool:
    """ANTHROPIC_PROFILE, or both workload identity variables: they outrank a stored login [doc]."""
    if view.secret("ANTHROPIC_PROFILE") is not None and view.text("ANTHROPIC_PROFILE"):
        return True
    return bool(view.text("ANTHROPIC_FEDERATION_RULE_ID") and view.text("ANTHROPIC_ORGANIZATION_ID"))


def blocked_by_profile(
    view: EffectiveConfig, x_api_key: HeaderValue | None, authorization: HeaderValue | None
) -> Blocked | None:
    """What a profile would do to a stored login, or to an empty wire, is not modelled."""
    below = authorization is None if x_api_key is None else False
    if authorization is not None and authorization.source == "stored-login":
        below = True
    if below and _profile_named(view):
        return Blocked(
            "not-checked",
            "an Anthropic profile or workload identity is named, which outranks a stored login; its part "
            "was not checked",
        )
    if x_api_key is None and authorization is None and view.snapshot.profile.present_unread:
        return Blocked(
            "not-checked", "an Anthropic profile is set up, which Claude Code may use; it was not checked"
        )
    return None


def blocked_by_sign_in(view: EffectiveConfig, authorization: HeaderValue | None) -> Blocked | None:
    """A profile whose single sign-on has no usable token: nothing is sent, and no other place of AWS
    credentials is asked [seen, 2.1.332]."""
    source = "" if authorization is None else authorization.source
    session = aws_session(view, source)
    if session is None or session.state in {"live", "refreshable"}:
        return None
    words = f"the AWS sign-in of profile {session.profile} has expired"
    if session.state == "missing":
        words = f"nobody has signed in to AWS for profile {session.profile}"
    elif session.state == "damaged":
        words = f"the AWS sign-in of profile {session.profile} can't be read"
    return Blocked("no-cloud-credential", words, source)


def blocked_by_url_user(target: Destination, authorization: HeaderValue | None) -> Blocked | None:
    """A user name in the base URL becomes a Basic header where no other stands [seen, 2.1.328]."""
    if not target.has_user or authorization is not None:
        return None
    return Blocked(
        "not-checked", "ANTHROPIC_BASE_URL holds a user name, which goes out as a header of its own"
    )


def nothing_there(view: EffectiveConfig, target: Destination) -> Blocked:
    """Both headers stayed empty: which of the reasons it is."""
    if target.provider == "bedrock":
        return Blocked("no-cloud-credential", _no_aws(view))
    if target.provider == "vertex":
        return Blocked("no-cloud-credential", _no_google(view))
    if target.provider == "foundry":
        return Blocked(
            "no-cloud-credential",
            "Foundry is on, but there is no ANTHROPIC_FOUNDRY_API_KEY, no token and no Azure login on this "
            "machine",
        )
    failed = [
        words
        for words, store in (
            ("the claude.ai login", view.snapshot.login),
            ("Claude Code's state file", view.snapshot.claude_json),
        )
        if store.damage is not None and store.damage.is_unreadable
    ]
    if failed and view.client.is_claude_code:
        return Blocked("not-checked", f"{' and '.join(failed)} could not be looked at")
    return Blocked("no-credential", f"no credential that {view.client.label} looks for is there")


def _no_aws(view: EffectiveConfig) -> str:
    profile = view.secret("AWS_PROFILE")
    if profile is not None:
        found = view.snapshot.aws.profiles.get(profile.reveal())
        if found is None:
            return "Bedrock is on, and AWS_PROFILE names a profile that is in neither AWS file"
        if found.provider == "none":
            return "Bedrock is on, and the profile of AWS_PROFILE holds no credentials"
    if view.secret("AWS_ACCESS_KEY_ID") is not None and view.secret("AWS_SECRET_ACCESS_KEY") is None:
        return "Bedrock is on, and AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"
    return (
        "Bedrock is on, but there are no AWS credentials: none in the environment, the AWS files or a "
        "container, and this does not look like an EC2 machine"
    )


def _no_google(view: EffectiveConfig) -> str:
    found = view.snapshot.google
    if found is not None and found.damage is not None:
        return f"Vertex is on, and Google's credentials file can't be used: {found.damage.text}"
    return "Vertex is on, but there are no Application Default Credentials on this machine"


def _moves_vertex(view: EffectiveConfig, name: str) -> bool:
    is_one = name == "ANTHROPIC_VERTEX_BASE_URL" or name.startswith(VERTEX_REGION_PREFIX)
    return is_one and bool(view.text(name))


def provider_preconditions(view: EffectiveConfig, target: Destination) -> Blocked | None:
    """What a cloud provider needs besides a credential, and what moves its requests elsewhere."""
    if target.provider == "vertex":
        moved = next((name for name in sorted(view.snapshot.variables) if _moves_vertex(view, name)), None)
        if moved is not None:
            return Blocked("not-checked", f"{moved} is set; where it sends requests was not observed")
    if target.provider == "vertex" and skips(view, "vertex") and vertex_project(view) is None:
        return Blocked("no-cloud-credential", "Vertex is on, and no variable names a Google Cloud project")
    if target.provider == "foundry":
        key = view.secret("ANTHROPIC_FOUNDRY_API_KEY")
        token = candidate(view, "foundry-token", "authorization")
        if key is not None and key.is_blank and token is None:
            return Blocked("blank-credential", "ANTHROPIC_FOUNDRY_API_KEY holds nothing but blanks")
    return None
