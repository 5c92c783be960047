"""What each source would put into a header for one client: a value, an unknown value, or nothing.

`NOT_THERE` is None; a HeaderValue whose value is None is there but unknown. Guards decide afterwards
whether the client would use it.
"""

from __future__ import annotations

from collections.abc import Callable

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.claude_code.versions import at_least, is_oldest
from claude_auth.formats.outputs import ExportedCredentials, read_custom_headers, read_exported_credentials
from claude_auth.model import AwsSession, CommandRun, HeaderValue, Snapshot, StoreReading, TokenSet
from claude_auth.security.secret import Secret

SIGNATURE = "AWS4-HMAC-SHA256"

#: Rows that may sign by a single sign-on.
SINGLE_SIGN_ON = frozenset({"aws-profile", "aws-default-profile"})

#: From this version on a key of nothing but blanks counts as unset, and keys are trimmed first [seen].
TRIMS_KEYS_SINCE = "2.1.212"

#: Up to this version two lines from a helper stop the request; afterwards empty credentials go out [seen].
REFUSES_TWO_LINES_UNTIL = "2.1.225"


def _bearer(source: str, value: Secret | None, *, will_refresh: bool = False) -> HeaderValue:
    return HeaderValue(source, "Bearer", value, will_refresh=will_refresh)


def _variable(view: EffectiveConfig, name: str) -> Secret | None:
    """The value as this client would send it."""
    assignment = view.assignment(name)
    if assignment is None:
        return None
    value = assignment.value.stripped() if view.client.trims else assignment.value
    if value.is_empty and not view.client.empty_counts:
        return None
    return value


def _token(view: EffectiveConfig, name: str) -> Secret | None:
    """A Bearer of the environment. 2.1.197 sends a blank one as an empty Bearer, later it counts as unset."""
    value = _variable(view, name)
    blank = view.secret(name) if view.client.is_claude_code and is_oldest(view.version) else None
    return Secret("") if value is None and blank is not None else value


def _auth_token(view: EffectiveConfig) -> HeaderValue | None:
    value = _token(view, "ANTHROPIC_AUTH_TOKEN")
    return None if value is None else _bearer("anthropic-auth-token", value)


def _api_key(view: EffectiveConfig) -> HeaderValue | None:
    value = _variable(view, "ANTHROPIC_API_KEY")
    return None if value is None else HeaderValue("anthropic-api-key", None, value)


def _oauth_token(view: EffectiveConfig) -> HeaderValue | None:
    value = None if view.is_simple else _token(view, "CLAUDE_CODE_OAUTH_TOKEN")
    return None if value is None else _bearer("claude-code-oauth-token", value)


def _descriptor(view: EffectiveConfig, variable: str) -> tuple[bool, Secret | None]:
    """Whether the descriptor gives something, and what, where that is known."""
    reading = view.snapshot.descriptors.get(variable)
    if view.is_simple or reading is None or reading.damage is not None:
        return False, None
    return True, reading.value


def _oauth_descriptor(view: EffectiveConfig) -> HeaderValue | None:
    there, value = _descriptor(view, "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR")
    return _bearer("oauth-token-file-descriptor", value) if there else None


def _key_descriptor(view: EffectiveConfig) -> HeaderValue | None:
    there, value = _descriptor(view, "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR")
    return HeaderValue("api-key-file-descriptor", None, value) if there else None


def helper_output(run: CommandRun, version: str) -> Secret | None:
    """What Claude Code makes of a helper's output: an empty credential where it failed; None where this
    version would refuse and send nothing."""
    output = run.stdout.stripped()
    if run.exit_code != 0 or output.is_empty:
        return Secret("")
    problem = helper_output_problem(output)
    if problem is None or (is_oldest(version) and problem in _ONCE_SENT_RAW):
        return output
    return Secret("") if not at_least(REFUSES_TWO_LINES_UNTIL, version) else None


_SPACE_INSIDE, _CONTROL = "white space inside the key", "a control character"

#: What 2.1.197 sent as it came.
_ONCE_SENT_RAW = frozenset({_SPACE_INSIDE, _CONTROL})


def helper_output_problem(output: Secret) -> str | None:
    """Why trimmed output can't be a key: white space, control or non-ASCII characters [seen, 2.1.328]."""
    text = output.reveal()
    if "\n" in text or "\r" in text:
        return "more than one line"
    if any(character.isspace() for character in text):
        return _SPACE_INSIDE
    if not text.isascii():
        return "a character that is not ASCII"
    return None if text.isprintable() else _CONTROL


def _helper(view: EffectiveConfig) -> HeaderValue | None:
    if view.setting("apiKeyHelper") is None:
        return None
    run = view.run_of("apiKeyHelper")
    # Not run, no answer in time, or run with fewer variables than Claude Code would give it.
    if run is None or run.exit_code is None or run.withheld:
        return HeaderValue("api-key-helper", None, None)
    return HeaderValue("api-key-helper", None, helper_output(run, view.version))


def stored_login_tokens(snapshot: Snapshot) -> TokenSet | None:
    """The login's tokens where Claude Code would use them: a stale login is refreshed first, whatever its
    scopes were [seen]."""
    login = snapshot.login
    if login.tokens is None or login.tokens.access_token.is_empty:
        return None
    if login.unusable is None or login.tokens.refreshes_first(snapshot.observed_at, RENEWAL_MARGIN):
        return login.tokens
    return None


def _stored_login(view: EffectiveConfig) -> HeaderValue | None:
    if view.is_simple:
        return None
    if view.snapshot.login.present_unread:
        return _bearer("stored-login", None)
    tokens = stored_login_tokens(view.snapshot)
    if tokens is None:
        return None
    stale = tokens.refreshes_first(view.snapshot.observed_at, RENEWAL_MARGIN)
    return _bearer("stored-login", tokens.access_token.stripped(), will_refresh=stale)


def _managed_key(view: EffectiveConfig) -> HeaderValue | None:
    key = view.snapshot.claude_json.primary_api_key
    if view.is_simple or key is None or key.is_blank:
        return None
    return HeaderValue("managed-key", None, key.stripped())


def custom_header(view: EffectiveConfig, name: str) -> Secret | None:
    value = view.secret("ANTHROPIC_CUSTOM_HEADERS")
    if value is None or not view.client.is_claude_code:
        return None
    return read_custom_headers(value.reveal()).get(name)


def _custom_key(view: EffectiveConfig) -> HeaderValue | None:
    value = custom_header(view, "x-api-key")
    return None if value is None else HeaderValue("custom-headers", None, value)


def _custom_authorization(view: EffectiveConfig) -> HeaderValue | None:
    value = custom_header(view, "authorization")
    if value is None:
        return None
    text = value.reveal()
    if text.startswith("Bearer "):
        return _bearer("custom-headers", Secret(text.removeprefix("Bearer ").strip()))
    return HeaderValue("custom-headers", None, value)


def _store(source: str, reading: StoreReading, view: EffectiveConfig) -> HeaderValue | None:
    if reading.present_unread:
        return _bearer(source, None)
    if reading.tokens is None:
        return None
    stale = reading.tokens.expiry(view.snapshot.observed_at, RENEWAL_MARGIN) == "stale-refreshable"
    return _bearer(source, reading.tokens.access_token, will_refresh=stale)


# ── cloud providers ──────────────────────────────────────────────────────────────────────────────


def _bedrock_key(view: EffectiveConfig) -> HeaderValue | None:
    value = _variable(view, "AWS_BEARER_TOKEN_BEDROCK")
    return None if value is None else _bearer("bedrock-api-key", value)


def _signature(source: str, identity: str | None) -> HeaderValue:
    return HeaderValue(source, SIGNATURE, None, identity)


def exported(run: CommandRun) -> ExportedCredentials | str:
    """The credentials that awsCredentialExport printed, or why they are not taken."""
    if run.exit_code is None:
        return run.problem or "it gave no answer"
    if run.exit_code != 0:
        return f"it ended with exit code {run.exit_code}"
    return read_exported_credentials(run.stdout.reveal())


def _aws_export(view: EffectiveConfig) -> HeaderValue | None:
    if view.setting("awsCredentialExport") is None:
        return None
    run = view.run_of("awsCredentialExport")
    if run is None or run.withheld:
        return _signature("aws-credential-export", None)
    answer = exported(run)
    return None if isinstance(answer, str) else _signature("aws-credential-export", answer.access_key_id)


def _aws_profile(view: EffectiveConfig, name: str, source: str) -> HeaderValue | None:
    """`name` as it is: AWS does not trim it."""
    profile = view.snapshot.aws.profiles.get(name)
    if profile is None or profile.provider == "none":
        return None
    return _signature(source, profile.access_key_id if profile.provider == "static" else None)


def _aws_named_profile(view: EffectiveConfig) -> HeaderValue | None:
    name = view.secret("AWS_PROFILE")
    return None if name is None else _aws_profile(view, name.reveal(), "aws-profile")


def _aws_environment(view: EffectiveConfig) -> HeaderValue | None:
    key, secret = view.secret("AWS_ACCESS_KEY_ID"), view.secret("AWS_SECRET_ACCESS_KEY")
    if key is None or secret is None or view.secret("AWS_PROFILE") is not None:
        return None
    return _signature("aws-environment", key.reveal())  # sent with its white space [seen, 2.1.328]


def aws_keys_mismatch(view: EffectiveConfig) -> str | None:
    """Why AWS refuses the keys of the environment, whatever they are: a temporary one needs its session
    token, a permanent one has none."""
    key, token = view.text("AWS_ACCESS_KEY_ID"), view.secret("AWS_SESSION_TOKEN")
    if key.startswith("ASIA") and token is None:
        return "AWS_ACCESS_KEY_ID is temporary, AWS_SESSION_TOKEN is not set"
    if key.startswith("AKIA") and token is not None:
        return "AWS_ACCESS_KEY_ID is permanent, AWS_SESSION_TOKEN is set"
    return None


def aws_session(view: EffectiveConfig, source: str) -> AwsSession | None:
    """The single sign-on that a row of the slot signs by; None where it signs otherwise, or where the
    profile's sign-in is described in more than one place."""
    if source not in SINGLE_SIGN_ON:
        return None
    named = view.secret("AWS_PROFILE") if source == "aws-profile" else None
    profile = view.snapshot.aws.profiles.get("default" if named is None else named.reveal())
    if profile is None or profile.provider != "sso":
        return None
    return next((s for s in view.snapshot.aws.sessions if s.profile == profile.name), None)


def _aws_default_profile(view: EffectiveConfig) -> HeaderValue | None:
    if view.secret("AWS_PROFILE") is not None:
        return None
    return _aws_profile(view, "default", "aws-default-profile")


def ambient_aws(view: EffectiveConfig) -> str | None:
    """What of this machine would give AWS credentials without any file or key; None where nothing would."""
    for name, words in (
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "the container's task role"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "the container's credentials endpoint"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "a web identity token"),
    ):
        if view.secret(name) is not None:
            return words
    on_amazon = "amazon" in (view.snapshot.machine.vendor or "").lower()
    if view.is_on("AWS_EC2_METADATA_DISABLED"):
        return None
    if on_amazon or view.text("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        return "the role of this EC2 instance"
    return None


def _aws_ambient(view: EffectiveConfig) -> HeaderValue | None:
    return None if ambient_aws(view) is None else _signature("aws-ambient", None)


def ambient_google(view: EffectiveConfig) -> str | None:
    """Where Google's metadata server would answer; None where this is no Google machine."""
    for name in ("GCE_METADATA_HOST", "K_SERVICE", "CLOUD_RUN_JOB", "FUNCTION_TARGET", "GAE_SERVICE"):
        if view.secret(name) is not None:
            return "the metadata server of this Google service"
    if "google" in (view.snapshot.machine.vendor or "").lower():
        return "the service account of this Google machine"
    return None


def _vertex(view: EffectiveConfig) -> HeaderValue | None:
    credentials = view.snapshot.google
    if credentials is not None:
        return None if credentials.damage is not None else _bearer("vertex", None)
    return None if ambient_google(view) is None else _bearer("vertex", None)


def _foundry_token(view: EffectiveConfig) -> HeaderValue | None:
    value = _variable(view, "ANTHROPIC_FOUNDRY_AUTH_TOKEN")
    return None if value is None else _bearer("foundry", value)


def _foundry_key(view: EffectiveConfig) -> HeaderValue | None:
    value = _variable(view, "ANTHROPIC_FOUNDRY_API_KEY")
    return None if value is None else HeaderValue("foundry", None, value)


def _foundry_placeholder(view: EffectiveConfig) -> HeaderValue | None:
    """What the client writes where it was told to skip: a constant, no credential [seen, 2.1.328]."""
    return _bearer("foundry", Secret("skip-foundry-auth"))


def ambient_azure(view: EffectiveConfig) -> str | None:
    if view.secret("AZURE_FEDERATED_TOKEN_FILE") is not None:
        return "a workload identity token"
    if view.secret("AZURE_CLIENT_ID") is not None and view.secret("AZURE_TENANT_ID") is not None:
        return "the AZURE_ variables of a service principal"
    if view.secret("IDENTITY_ENDPOINT") is not None or view.secret("MSI_ENDPOINT") is not None:
        return "the managed identity of this service"
    if view.snapshot.azure_signed_in:
        return "the login of the az command"
    if "microsoft" in (view.snapshot.machine.vendor or "").lower() and not view.snapshot.machine.wsl:
        return "the managed identity of this machine"
    return None


def _azure(view: EffectiveConfig) -> HeaderValue | None:
    return None if ambient_azure(view) is None else _bearer("foundry", None)


_X_API_KEY: dict[str, Callable[[EffectiveConfig], HeaderValue | None]] = {
    "custom-headers": _custom_key,
    "anthropic-api-key": _api_key,
    "api-key-file-descriptor": _key_descriptor,
    "api-key-helper": _helper,
    "managed-key": _managed_key,
    "foundry-key": _foundry_key,
}


def _helper_bearer(view: EffectiveConfig) -> HeaderValue | None:
    found = _helper(view)
    return None if found is None else _bearer("api-key-helper", found.value)


_AUTHORIZATION: dict[str, Callable[[EffectiveConfig], HeaderValue | None]] = {
    "anthropic-auth-token": _auth_token,
    "api-key-helper": _helper_bearer,
    "custom-headers": _custom_authorization,
    "claude-code-oauth-token": _oauth_token,
    "oauth-token-file-descriptor": _oauth_descriptor,
    "stored-login": _stored_login,
    "sdk-tokens": lambda view: _store("sdk-tokens", view.snapshot.sdk_tokens, view),
    "keyring-tokens": lambda view: _store("keyring-tokens", view.snapshot.keyring_tokens, view),
    "claw-tokens": lambda view: _store("claw-tokens", view.snapshot.claw_tokens, view),
    "bedrock-api-key": _bedrock_key,
    "aws-credential-export": _aws_export,
    "aws-profile": _aws_named_profile,
    "aws-environment": _aws_environment,
    "aws-default-profile": _aws_default_profile,
    "aws-ambient": _aws_ambient,
    "vertex": _vertex,
    "foundry-token": _foundry_token,
    "foundry-placeholder": _foundry_placeholder,
    "azure": _azure,
}


def candidate(view: EffectiveConfig, source: str, slot: str) -> HeaderValue | None:
    """What `source` would put into `slot` (`x_api_key` or `authorization`), None where it has nothing."""
    table = _X_API_KEY if slot == "x_api_key" else _AUTHORIZATION
    found = table.get(source)
    return None if found is None else found(view)
