"""Something else than expected goes out, or it goes elsewhere."""

from __future__ import annotations

from claude_auth.claude_code.clients import OAUTH_SOURCES
from claude_auth.claude_code.destination import base_variable
from claude_auth.diagnose.cause import (
    OPEN,
    SEE_WHAT_IS_SET,
    SIGN_IN_AGAIN,
    TRY_WITHOUT_TOKEN,
    UNSET_KEY,
    UNSET_TOKEN,
    Answer,
    Cause,
    MachineRule,
    RuleMatch,
    act,
    is_set,
)
from claude_auth.diagnose.context import DiagnosisContext, joined, leaving, out_of_the_way, place_of, removal
from claude_auth.model import Assignment, Fix, Standing, Wire
from claude_auth.resolve.standings import reads
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID, label


def _two_credentials_sent(s: DiagnosisContext) -> RuleMatch | None:
    """Two sources fill the two headers of one request to Anthropic or a gateway, neither with nothing."""
    sent = s.sent()
    if len(sent) < 2 or not s.on_ladder or any(header.value == Secret("") for header in s.headers):
        return None
    words = [
        f"{name}: {label(source)}" for name, source in zip(("x-api-key", "Authorization"), sent, strict=False)
    ]
    fixes = tuple(
        fix._replace(
            title=f"to keep {_priced(other)}: {fix.title.replace('unset it', 'take the other away')}"
        )
        for source, other in (sent, sent[::-1])
        for fix in removal(s.reading(source))[:1]
    )
    return RuleMatch(joined(words), fixes, sent[0])


def _priced(source: str) -> str:
    """With what it costs, where that is known of every such value."""
    return f"{label(source)}, billed per token" if source == "anthropic-api-key" else label(source)


def _key_overrides_login(s: DiagnosisContext) -> RuleMatch | None:
    """Signed in to Claude, and an API key is sent instead."""
    if not s.has_login or "stored-login" in s.sent():
        return None
    keys = [source for source in s.sent() if source in {"anthropic-api-key", "api-key-file-descriptor"}]
    if not keys:
        return None
    reading = s.reading(keys[0])
    return RuleMatch(f"billed per token; {place_of(reading.origin)}", out_of_the_way(s, reading), keys[0])


def _token_overrides_login(s: DiagnosisContext) -> RuleMatch | None:
    """Signed in to Claude, and another token, a helper or a custom header is sent instead."""
    sent = s.sent()
    if not s.has_login or not sent or "stored-login" in sent or _key_overrides_login(s) is not None:
        return None
    reading = s.reading(s.resolution.winner or sent[0])
    name = label(reading.source)
    return RuleMatch(
        place_of(reading.origin), out_of_the_way(s, reading), reading.source, f"{name} overrides your login"
    )


def _login_sent_to_gateway(s: DiagnosisContext) -> RuleMatch | None:
    """`ANTHROPIC_BASE_URL` points elsewhere, and the token of a Claude account is sent there."""
    wire = s.resolution.wire
    if wire is None or s.resolution.provider != "gateway" or wire.authorization is None:
        return None
    source = wire.authorization.source
    if source not in OAUTH_SOURCES:
        return None
    base = s.view.assignment("ANTHROPIC_BASE_URL")
    where = place_of(base.origin) if base is not None else ""
    fixes = (
        Fix("go back to Anthropic's own host", "unset ANTHROPIC_BASE_URL"),
        Fix("or give the gateway a credential of its own in ANTHROPIC_AUTH_TOKEN"),
    )
    return RuleMatch(f"{label(source)} goes to {wire.host}; {where}", fixes, source)


def _replaced(s: DiagnosisContext, standing: Standing) -> bool:
    """Also where the provider itself sends nothing: what it replaces is not sent in its place."""
    idle = s.resolution.wire is None and standing.reading.state == "present"
    return standing.verdict == "shadowed" or (idle and reads(s.view.client, standing.reading.source))


def _provider_replaces_ladder(s: DiagnosisContext) -> RuleMatch | None:
    """A cloud provider is on, and credentials for Anthropic are set beside it."""
    if s.on_ladder:
        return None
    idle = [
        standing.reading.source
        for standing in s.resolution.standings
        if _replaced(s, standing) and BY_ID[standing.reading.source].family != "provider"
    ]
    if not idle:
        return None
    provider = s.resolution.provider
    switch = s.reading(provider)
    return RuleMatch(
        f"{label(provider)}, {place_of(switch.origin)}; not used: {joined(label(i) for i in idle)}",
        leaving(switch),
        provider,
    )


def _gateway_mode(s: DiagnosisContext) -> Answer:
    """`CLAUDE_CODE_USE_GATEWAY` is on; a warning where it has no effect, since the address or the token is
    missing."""
    switch = s.view.assignment(_GATEWAY_SWITCH)
    if switch is None or not s.view.is_on(_GATEWAY_SWITCH) or not s.is_claude_code:
        return None
    where = f"{_GATEWAY_SWITCH}: {place_of(switch.origin)}"
    if not s.view.in_gateway_mode:
        needed = ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN")
        missing = [name for name in needed if not s.view.text(name)] or list(needed)
        title = f"{_GATEWAY_SWITCH} is on and has no effect"
        fix = Fix(f"set {joined(missing)} in your own settings or this shell")
        return RuleMatch(f"{where}; it needs {joined(missing)}", (fix,), title=title, severity="warning")
    others = [one.reading.source for one in s.resolution.standings if one.verdict == "shadowed"]
    beside = f"; not used: {joined(map(label, others))}" if others else ""
    return RuleMatch(f"{where}{beside}", (), "anthropic-auth-token")


_GATEWAY_SWITCH = "CLAUDE_CODE_USE_GATEWAY"

#: Names of this machine, as its containers see it too.
_THIS_MACHINE = frozenset({"localhost", "[::1]", "host.docker.internal", "host.containers.internal"})


def _base(s: DiagnosisContext) -> tuple[Wire, Assignment] | None:
    found = s.view.assignment(base_variable(s.resolution.provider))
    if s.resolution.wire is None or found is None or found.value.is_blank:
        return None
    return s.resolution.wire, found


def stays_here(host: str) -> bool:
    """Whether a host, with or without a port, is this machine."""
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    numeric = name.startswith("127.") and name.replace(".", "").isdecimal()
    return numeric or name in _THIS_MACHINE or name.endswith(".localhost")


def _credential_in_clear_text(s: DiagnosisContext) -> Answer:
    """A base URL with `http`, or without a scheme, that leads to another machine, and a credential goes
    there."""
    base = _base(s)
    if base is None:
        return None
    wire, found = base
    carries = [header for header in s.headers if not header.is_signature]
    if not wire.url.startswith("http://") or stays_here(wire.host) or not carries:
        return None
    scheme = "" if "://" in found.value.reveal() else ", because the address names no scheme"
    what = joined(dict.fromkeys(label(header.source) for header in carries))
    words = f"{what} to {wire.host}{scheme}; {found.name}: {place_of(found.origin)}"
    return RuleMatch(words, (Fix(f"write https:// in {found.name}"),), carries[0].source)


_OWN_PATHS = ("/v1", "/v1/messages", "/messages")


def _base_url_doubles_version(s: DiagnosisContext) -> Answer:
    """A base URL that ends with `/v1` or `/messages`."""
    base = _base(s)
    if base is None or s.resolution.provider in {"bedrock", "vertex"}:
        return None
    _, found = base
    path = found.value.reveal().strip().partition("?")[0].rstrip("/")
    if not path.endswith(_OWN_PATHS):
        return None
    return RuleMatch(f"{found.name}: {place_of(found.origin)}", (Fix(f"end {found.name} before /v1"),))


# ── what an error text makes worth asking ────────────────────────────────────────────────────────


def key_is_sent(s: DiagnosisContext) -> Answer:
    keys = ("anthropic-api-key", "api-key-file-descriptor", "managed-key", "api-key-helper")
    sent = [source for source in s.sent() if source in keys]
    if not sent:
        return None
    reading = s.reading(sent[0])
    return RuleMatch(f"{label(sent[0])} is sent; {place_of(reading.origin)}", removal(reading))


def has_base_url(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("ANTHROPIC_BASE_URL")
    return OPEN if found is None or found.value.is_empty else RuleMatch(place_of(found.origin))


def _base_url_alone(s: DiagnosisContext) -> Answer:
    base = has_base_url(s)
    return None if base is OPEN or s.reading("anthropic-auth-token").state == "present" else base


def _gateway_between(s: DiagnosisContext) -> Answer:
    return OPEN if s.resolution.provider == "gateway" and s.resolution.wire is not None else None


def _gateway(s: DiagnosisContext) -> Answer:
    return has_base_url(s) if s.resolution.provider == "gateway" else None


def _token_beside_address(s: DiagnosisContext) -> Answer:
    reading, base = s.reading("anthropic-auth-token"), has_base_url(s)
    if reading.state != "present" or not isinstance(base, RuleMatch):
        return None
    words = f"ANTHROPIC_AUTH_TOKEN and ANTHROPIC_BASE_URL are both set; {base.evidence}"
    return RuleMatch(words, removal(reading), certainty="likely")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "gateway-mode",
        "Only ANTHROPIC_AUTH_TOKEN is sent, to a gateway",
        "CLAUDE_CODE_USE_GATEWAY makes Claude Code send this one token to ANTHROPIC_BASE_URL and nothing "
        "else: neither a login nor a key, and no cloud provider. Where one of the three is missing, the "
        "switch has no effect.",
        rule=MachineRule("info", _gateway_mode),
    ),
    Cause(
        "two-credentials-sent",
        "Two different credentials are sent in one request",
        "Claude Code fills the headers x-api-key and Authorization apart from each other, so two sources "
        "can leave the machine together. Which one the server honours, and bills, is not checked. Keep "
        "one.",
        (28,),
        rule=MachineRule("warning", _two_credentials_sent, removes=("sent", "helper")),
        title_beside_text="Two sources of credentials are set at once",
        beside_text="Claude Code decides the header x-api-key and the header Authorization apart from each "
        "other. Keep the one that you mean and take the other away.",
        fixes=(
            Fix("to keep the login: take the key away", "unset ANTHROPIC_API_KEY"),
            act("sign-out", "to keep the key: sign out"),
        ),
        certainty="seen",
        seen_by="key-overrides-login token-overrides-login",
        also="managed-key-lingers managed-helper",
        who="client",
        phrases="""
            93: auth may not work as expected, both anthropic_auth_token and
            90: auth conflict … both a token; gap: 12
            70 ours: auth conflict; alone: 40
            88: both a token … and an api key … are set; gap: 60
            85: auth conflict using … instead of … key; gap: 60
            80: apikeyhelper are set; also: managed-helper; near: bothatoken
        """,
    ),
    Cause(
        "key-overrides-login",
        "An API key overrides your subscription",
        "You are signed in to Claude, but an API key is used instead of the login. It is billed per token "
        "to the key's organisation, and features that need the login do not work.",
        (20, 23, 25),
        rule=MachineRule("warning", _key_overrides_login, removes=("source",)),
        title_beside_text="An API key is billed instead of the subscription",
        beside_text="ANTHROPIC_API_KEY fills the header x-api-key and switches the login off. With "
        "`claude -p` it is used without a question; interactively once it was approved. Nothing warns about "
        "it, but the header of Claude Code says API Usage Billing.",
        symptoms_beside_text=(23, 25),
        fixes=(UNSET_KEY, SEE_WHAT_IS_SET),
        here=key_is_sent,
        also="subscription-not-recognised key-from-dotenv managed-key-lingers",
        who="client",
        phrases="60: api usage billing",
    ),
    Cause(
        "token-overrides-login",
        "Another token or helper overrides your login",
        "You are signed in to Claude, but a source that comes first is used instead. Signing in again "
        "changes nothing while it is set.",
        (8, 19, 20, 22, 27),
        rule=MachineRule("warning", _token_overrides_login, removes=("source", "helper")),
        title_beside_text="A leftover token is sent instead of the login",
        beside_text="ANTHROPIC_AUTH_TOKEN, often a placeholder for some gateway such as `ollama` or `test`, "
        "comes before the stored login. Signing in succeeds and changes nothing while it is set.",
        symptoms_beside_text=(8, 22),
        fixes=(
            Fix("take the variable away in this shell", "unset ANTHROPIC_AUTH_TOKEN"),
            Fix(
                "find the line that sets it",
                "grep -n ANTHROPIC_AUTH_TOKEN ~/.*rc ~/.profile ~/.claude/settings.json",
            ),
        ),
        here=is_set("anthropic-auth-token"),
        finding_is_wider=True,
        also="setup-token-rejected token-of-another-provider oauth-variable-stale "
        "settings-override-shell oauth-token-in-auth-token refused-right-after-login "
        "stored-login-rejected",
        phrases="""
            80: invalid bearer token; near: authenticationerror apierror runlogin
            75 ours: invalid bearer token; alone: 10
            80: fix external auth token; also: token-of-another-provider key-with-stray-characters
        """,
    ),
    Cause(
        "login-sent-to-gateway",
        "Your Claude login is sent to another host",
        "ANTHROPIC_BASE_URL changes where requests go and nothing else: the login's token goes to that "
        "host, whoever runs it. A gateway should get a credential of its own.",
        (88,),
        rule=MachineRule("warning", _login_sent_to_gateway),
    ),
    Cause(
        "credential-in-clear-text",
        "The credential is sent over the network in clear text",
        "The base URL begins with http and names another machine, so that everybody on the way can read "
        "the credential. Use https, or a tunnel to this machine.",
        (88, 90),
        rule=MachineRule("error", _credential_in_clear_text),
    ),
    Cause(
        "base-url-doubles-version",
        "The base URL ends with a path that Claude Code adds itself",
        "Claude Code adds /v1/messages to the base URL. With the same path in the URL requests go to an "
        "address that most gateways do not have, and the answer is a 404.",
        (90,),
        rule=MachineRule("warning", _base_url_doubles_version, "likely"),
    ),
    Cause(
        "provider-replaces-ladder",
        "A cloud provider replaces your Anthropic credentials",
        "While the provider is on, your login, tokens and keys for Anthropic are not used.",
        rule=MachineRule("info", _provider_replaces_ladder),
    ),
    Cause(
        "gateway-drops-beta-header",
        "The gateway does not pass the beta header on",
        "Requests go to another host than Anthropic's. If that gateway forwards the Bearer but drops "
        "`anthropic-beta`, the API no longer recognises a request of Claude Code. The gateway also sees "
        "your login; one of its own credentials would be better.",
        (1, 88),
        fixes=(
            Fix("at the gateway, forward the header anthropic-beta unchanged"),
            Fix("or try Anthropic's own host", "env -u ANTHROPIC_BASE_URL claude -p ok"),
        ),
        seen_by="login-sent-to-gateway",
        here=_gateway_between,
        who="gateway",
    ),
    Cause(
        "token-of-another-provider",
        "A token of another provider is still set",
        "ANTHROPIC_AUTH_TOKEN was set for a local model or a gateway, often together with "
        "ANTHROPIC_BASE_URL. Once only one of the two is left, or the gateway is gone, every request "
        "fails.",
        (27, 8),
        fixes=(Fix("take both away in this shell", "unset ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL"),),
        seen_by="token-overrides-login",
        here=_token_beside_address,
    ),
    Cause(
        "oauth-variable-stale",
        "An old CLAUDE_CODE_OAUTH_TOKEN comes before the login",
        "The variable is sent instead of the stored login. Its origin may be a start-up file, a service, a "
        "CI secret or a settings file; programs that run for long keep the value they were started with.",
        (22,),
        fixes=(UNSET_TOKEN, TRY_WITHOUT_TOKEN, Fix("restart the programs that inherited it")),
        seen_by="token-overrides-login",
        here=is_set("claude-code-oauth-token"),
        phrases="""
            97: token was supplied via claude_code_oauth_token, keeping the user-supplied
                claude_code_oauth_token, claude_code_oauth_token has expired, claude_code_oauth_token is
                expired, claude_code_oauth_token is invalid, claude_code_oauth_token was rejected
        """,
    ),
    Cause(
        "needs-full-login",
        "The feature needs a full claude.ai login",
        "Remote control, web sessions and connectors work with the stored claude.ai login alone. An API "
        "key, a helper or a setup token that comes first switches them off.",
        (20,),
        fixes=(act("panel.wire", "see what comes first, and unset it"), SIGN_IN_AGAIN),
        certainty="seen",
        seen_by="key-overrides-login token-overrides-login",
        who="client",
        phrases="""
            92: so this session is using api-key auth, available with this console sign-in, background agents
                and teammates are not supported for this credential, its off for your account
            90: needs your saved login, login token does not include the mcp-connectors permission, limited to
                inference-only, requires a full-scope login token, require authentication with a claude.ai
                account, requires authentication with a claude.ai account
            80: full-scope login token, api key authentication is not sufficient
            90: claude.ai connectors are disabled because; also: key-overrides-login
            70 no-stranger: connectors are disabled because
            85: takes precedence over your claude.ai login; also: key-overrides-login
        """,
    ),
    Cause(
        "base-url-without-token",
        "A base URL is set, but no token for it",
        "ANTHROPIC_BASE_URL changes the host and nothing else. A gateway needs its own credential beside "
        "it; without one Claude Code asks for a sign-in and the gateway sees no request.",
        (87,),
        fixes=(
            Fix("give the gateway's token", 'export ANTHROPIC_AUTH_TOKEN="…"'),
            Fix("or go back to Anthropic", "unset ANTHROPIC_BASE_URL"),
        ),
        here=_base_url_alone,
        who="client",
    ),
    Cause(
        "gateway-wrong-header",
        "The gateway looks at the other header",
        "ANTHROPIC_AUTH_TOKEN becomes `Authorization: Bearer`, ANTHROPIC_API_KEY becomes `x-api-key`. A "
        "gateway that wants the one refuses the other, and some take the Bearer where both arrive.",
        (88,),
        fixes=(
            act("panel.wire", "see which header each source fills"),
            Fix("put the gateway's key into the variable for the header it reads"),
        ),
        seen_by="login-sent-to-gateway two-credentials-sent",
        here=_gateway,
        who="gateway",
        phrases=r"""
            92 no-stranger: api key appears to be invalid or may have expired, carry the api secret key in
                the, no auth credentials found, no api key found in request, new_api_error, one_api_error,
                authentication fails your api key, malformed api key passed in, authentication error no api
                key passed, token expired or incorrect, cf-aig-authorization, no api key passed in, missing
                subscription key, invalid api-key provided, api key or ak/sk in the request, authentication
                fails no such user, authentication failed invalid or missing api key, no cookie auth
                credentials found, missing api key in request, missing authentication header;
                also: gateway-key-form gateway-key-unknown
            70 no-stranger: apikey is missing; unless: anthropicapikey
            85: incorrect api key provided; near: claude apierror; unless: openai
            60 ours: invalid authentication; near: moonshot kimi; alone: 40
            85: api error 401 invalid token, litellm virtual key expected
            85 ours: invalid or missing api key; also: base-url-without-token external-key-invalid; alone: 10
            70 ours: invalid access token, invalid token, missing authentication token
            75 no-stranger: detail invalid api key; look: detail\W{1,8}invalid api key
        """,
    ),
)
