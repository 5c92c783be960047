"""Nothing usable goes out, or it waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.claude_code.destination import AWS_PROVIDERS, GOOGLE_PROVIDERS
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN, status_may_lose_login
from claude_auth.claude_code.values import is_no_value
from claude_auth.diagnose.cause import (
    COMMANDS,
    OPEN,
    SEE_HELPER_PRINT,
    SEE_WHAT_IS_SET,
    SIGN_IN,
    SIGN_IN_AGAIN,
    UNSET_KEY,
    Answer,
    Cause,
    MachineRule,
    NotChecked,
    RuleMatch,
    act,
    google_sign_in,
)
from claude_auth.diagnose.causes.profiles import PROFILE_FIXES
from claude_auth.diagnose.causes.settings import repair
from claude_auth.diagnose.context import (
    DiagnosisContext,
    leaving,
    out_of_the_way,
    place_of,
    removal,
    removal_beside_others,
)
from claude_auth.model import Blocked, Fix, Location, Provider, SetupProblemCode, SourceReading
from claude_auth.resolve.slots import approval, key_counts
from claude_auth.sources import label

_EXPORT = 'export ANTHROPIC_API_KEY="…"'


def _managed_policy(s: DiagnosisContext) -> RuleMatch | None:
    """Managed settings let no request go out: a forced sign-in beside a key, token or helper, or a managed
    file that can't be parsed."""
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "managed-policy":
        return None
    for file in s.snapshot.settings_files:  # no sign-in mends that
        if file.layer == "managed" and file.damage is not None and file.damage.text in blocked.reason:
            at = Location(file.path, file.damage.line)
            return RuleMatch(blocked.reason, (Fix(f"mend {at}, or ask the administrator to"),))
    sources = ("anthropic-api-key", "anthropic-auth-token", "api-key-helper", "api-key-file-descriptor")
    present = [s.reading(source) for source in sources if s.reading(source).state == "present"]
    away = (fix for reading in present for fix in removal(reading)[:1])
    method = s.view.managed_setting("forceLoginMethod")
    of_plan = method is None or method.value.reveal() == "claudeai"
    of_console = method is not None and method.value.reveal() == "console"
    login = s.reading("stored-login")  # it takes no part beside a cloud, and is there all the same
    has_login = login.state == "present" and login.expiry != "expired"
    is_signed_in = (of_plan and has_login) or (of_console and s.reading("managed-key").state == "present")
    then = ": the Console's key, billed per token, takes its place" if of_console else ""
    fixes = tuple(fix._replace(title=f"{fix.title}{then}") for fix in away)
    if not (present and is_signed_in):
        fixes = (_sign_in(s), *fixes)  # else what is taken away would be the last
    return RuleMatch(blocked.reason, fixes, present[0].source if present else None)


def _sign_in(s: DiagnosisContext) -> Fix:
    """`claude auth login` refuses a sign-in to a Cloud gateway [seen, 2.1.332]."""
    method = s.view.managed_setting("forceLoginMethod")
    to_gateway = method is not None and method.value.reveal() == "gateway"
    if to_gateway or s.view.managed_setting("forceLoginGatewayUrl") is not None:
        return Fix("sign in to the Cloud gateway: type /login in Claude Code", "claude")
    if s.view.is_simple:
        return Fix("sign in, and start Claude Code without the simple mode (CLAUDE_CODE_SIMPLE, --bare)")
    return SIGN_IN


def _organisation_mismatch(s: DiagnosisContext) -> RuleMatch | NotChecked | None:
    """Managed settings pin an organisation, and the last sign-in belongs to another one.

    The key may be one id or a list of them; both are kept as text."""
    forced, ours = s.view.managed_setting("forceLoginOrgUUID"), s.snapshot.claude_json.organization_id
    if forced is None or not s.is_claude_code:
        return None
    if ours is None:
        return NotChecked("no organisation is known for the last sign-in")
    if ours in forced.value.reveal():
        return None
    words = f"forceLoginOrgUUID: {place_of(forced.origin)}; the last sign-in: {s.snapshot.claude_json.path}"
    return RuleMatch(words, (SIGN_IN,), "stored-login")


def _approval_pending(s: DiagnosisContext) -> RuleMatch | None:
    """Interactive client, and `ANTHROPIC_API_KEY` was neither approved nor rejected yet."""
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "approval-pending":
        return None
    reading = s.reading("anthropic-api-key")
    use = _approving(s, "claude") or Fix(
        "start claude and answer Yes to its question about the key", "claude"
    )
    return RuleMatch(place_of(reading.origin), _use_or_remove(s, use), "anthropic-api-key")


def _approving(s: DiagnosisContext, command: str | None = None) -> Fix | None:
    """None for a value that is no key: with a yes it would be sent."""
    key, path = s.view.secret("ANTHROPIC_API_KEY"), s.snapshot.claude_json.path
    if key is None or is_no_value("ANTHROPIC_API_KEY", key):
        return None
    title = "approve the key: the answer Yes to Claude Code's question about it"
    return Fix(title, command, about=f"approve-key {path}")


def _use_or_remove(s: DiagnosisContext, *use: Fix) -> tuple[Fix, ...]:
    """About ANTHROPIC_API_KEY. Beside a login it is taken away before it is advised to use it: with the key
    requests would be billed per token. At a gateway the login would be sent there instead. A login that was
    there is mended first."""
    key = s.reading("anthropic-api-key")
    at_gateway = s.resolution.provider == "gateway"
    if not s.has_subscription:
        # What is taken away before the sign-in would be the last.
        again = (SIGN_IN_AGAIN,) if s.has_login_to_mend and not at_gateway else ()
        return (*again, *_by_key(removal(key)), *use) if again else (*use, *removal(key))
    away = out_of_the_way(s, key)
    return (*use, *away) if at_gateway else (*_by_key(away), *use)


def _by_key(away: tuple[Fix, ...]) -> Iterator[Fix]:
    """The key `f` shows how, though it is done by hand: it must not be for the approval."""
    return (fix if fix.about else fix._replace(about="unset ANTHROPIC_API_KEY") for fix in away)


def _key_rejected(s: DiagnosisContext) -> RuleMatch | None:
    """Interactive client, and the key's last 20 characters stand among the rejected ones in
    `.claude.json`."""
    if s.resolution.client != "claude" or not s.on_ladder or approval(s.view) != "rejected":
        return None
    if key_counts(s.view):
        return None
    path = s.snapshot.claude_json.path
    approving = _approving(s)
    forget = Fix(
        "with claude closed, take the key's last 20 characters out of "
        f"customApiKeyResponses.rejected in {path}",
        about="" if approving is None else f"unreject-key {path}",
    )
    use = (forget,) if approving is None else (approving, forget)
    evidence = f"{place_of(s.reading('anthropic-api-key').origin)}; rejected in {path}"
    return RuleMatch(evidence, _use_or_remove(s, *use), "anthropic-api-key")


_KEY = Fix("or set an API key in this shell", _EXPORT)
_GUIDED = act("set-up", "or set up a gateway, a cloud or a helper, step by step")
_OTHER_SIGN_INS = {"sdk": act("sign-in", "sign in", "--store sdk"), "claw": Fix("sign in", "claw login")}


def _no_credential(s: DiagnosisContext) -> RuleMatch | None:
    """Nothing that the client looks for holds a usable value, the value that comes first can't be sent, a
    gateway has no credential, or the base URL is none."""
    blocked = s.resolution.blocked
    if blocked is None or blocked.code not in {"no-credential", "blank-credential"}:
        return None
    state = s.snapshot.claude_json
    if s.is_claude_code and state.damage is not None and state.damage.is_no_json:
        return None  # it stops Claude Code whatever the credential, which another finding tells
    if blocked.code == "blank-credential":
        blank = s.reading("custom-headers" if blocked.problem is not None else _blank_source(s))
        title = "A blank credential: Claude Code sends nothing"
        return RuleMatch(
            blocked.reason,
            (*removal(blank), Fix("or update Claude Code", "claude update")),
            blank.source,
            title,
        )
    if not s.is_claude_code:
        name = s.view.client.label
        other = (_OTHER_SIGN_INS.get(s.resolution.client, SIGN_IN), _KEY)
        return RuleMatch(blocked.reason, other, None, f"No credential that {name} looks for")
    if blocked.source == "managed-key":
        title = "The Console login's key can't be used: Claude Code sends nothing"
        return RuleMatch(blocked.reason, (*removal(s.reading("managed-key")), SIGN_IN), "managed-key", title)
    mend = _of_that_source(s, blocked)
    if mend:
        return RuleMatch(blocked.reason, mend, blocked.source or "stored-login")
    if s.resolution.provider == "gateway":
        return _nothing_for_gateway(s, blocked)
    if not s.snapshot.installed:
        install = Fix("install Claude Code: it is not on PATH", "npm install -g @anthropic-ai/claude-code")
        return RuleMatch(blocked.reason, (install, SIGN_IN, _KEY, _GUIDED), "stored-login")
    return RuleMatch(blocked.reason, (SIGN_IN, _KEY, _GUIDED), "stored-login")


def _of_that_source(s: DiagnosisContext, blocked: Blocked) -> tuple[Fix, ...]:
    """What helps where something is there and can't be used: a sign-in would leave it as it is."""
    if blocked.source == "profile":
        return PROFILE_FIXES
    if blocked.source == "federation":
        token = Fix("let ANTHROPIC_IDENTITY_TOKEN_FILE name a file with the identity token that can be read")
        return (token, *removal(s.reading("federation")))
    if blocked.problem is None:
        return ()
    name = blocked.problem.variable
    return {
        "several-lines": (
            Fix("let apiKeyHelper print the key alone, on one line"),
            act("evaluate", "see what it prints, masked"),
        ),
        "not-run": (SEE_HELPER_PRINT,),
        "not-understood": (Fix("take it away", f"unset {name}"),),
        "unsendable": (Fix(f"set {name} again, without what can't be sent"),),
    }.get(blocked.problem.code, ())


def _own_login_not_connected(s: DiagnosisContext) -> RuleMatch | None:
    """A sign-in with the person's own OAuth client is kept here, Claude Code finds no credential, and no
    `apiKeyHelper` hands that one over."""
    blocked = s.resolution.blocked
    if not s.is_claude_code or blocked is None or blocked.code != "no-credential":
        return None
    for source in ("keyring-tokens", "sdk-tokens"):
        reading = s.reading(source)
        value = None if reading.tokens is None else reading.tokens.access_token
        if reading.state == "present" and (value is None or value.kind != "oauth-access-token"):
            words = f"{label(source)}: {place_of(reading.origin)}; no apiKeyHelper is set"
            connect = act(
                "set-up",
                "let Claude Code read it: one apiKeyHelper line in its settings, shown first",
                f"key-helper {s.snapshot.places.config_dir}/settings.json",
                COMMANDS["set-up"],
            )
            return RuleMatch(words, (connect,), source)
    return None


def _nothing_for_gateway(s: DiagnosisContext, blocked: Blocked) -> RuleMatch:
    reason = blocked.reason
    base = s.view.assignment("ANTHROPIC_BASE_URL")
    where = "" if base is None else f"; {place_of(base.origin)}"
    away = Fix("or go back to Anthropic's own host", "unset ANTHROPIC_BASE_URL")
    if blocked.problem is not None and blocked.problem.code in {"not-a-url", "plain-http"}:
        scheme = Fix("write the whole address, such as https://gateway.example")
        return RuleMatch(
            reason + where, (scheme, away), None, "ANTHROPIC_BASE_URL is no address", symptoms=(90,)
        )
    title = "A gateway is set, but no credential for it"
    fix = Fix("give it the token that it expects", 'export ANTHROPIC_AUTH_TOKEN="…"')
    return RuleMatch(reason + where, (fix, away), None, title, symptoms=(34, 87))


def _blank_source(s: DiagnosisContext) -> str:
    return "foundry" if s.resolution.provider == "foundry" else "anthropic-api-key"


def _not_checked(s: DiagnosisContext) -> RuleMatch | None:
    """Something is set whose effect was not observed (another provider, a pinned organisation), or
    a look failed."""
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "not-checked" or s.resolution.auth_method is not None:
        return None
    return RuleMatch(blocked.reason, (_ask_claude(s),))


def _ask_claude(s: DiagnosisContext) -> Fix:
    """`claude auth status` may cost a login that is due for a refresh; a session saves it."""
    tokens = s.snapshot.login.tokens
    version = s.snapshot.installed[0].version if s.snapshot.installed else None
    due = tokens is not None and tokens.refreshes_first(s.snapshot.observed_at, RENEWAL_MARGIN)
    if due and status_may_lose_login(version):
        return Fix("ask Claude Code itself: start it and type /status", "claude")
    return Fix("ask Claude Code itself", "claude auth status")


def _no_cloud_credential(s: DiagnosisContext) -> RuleMatch | None:
    """A cloud provider is switched on, and its credentials or its address are missing."""
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "no-cloud-credential" or blocked.source is not None:
        return None  # an expired sign-in has a finding of its own
    provider = s.resolution.provider
    title, symptoms, first = _cloud_words(s, blocked)
    todo = (*configured_sign_in(s), _cloud_sign_in(s)) if first is None else (first,)
    switch = s.reading(provider)
    if switch.origin.layer == "project":  # whoever wrote the repository wants it, the person may not
        return RuleMatch(blocked.reason, (*leaving(switch), *todo), provider, title, symptoms=symptoms)
    return RuleMatch(blocked.reason, (*todo, *leaving(switch)), provider, title, symptoms=symptoms)


_SIGN_INS = {
    "AWS": act("run", "sign in to AWS", "aws-refresh", "aws sso login"),
    "Google": google_sign_in("create Application Default Credentials"),
    "Azure": Fix("sign in to Azure, or set ANTHROPIC_FOUNDRY_API_KEY", "az login"),
}


def _cloud_sign_in(s: DiagnosisContext) -> Fix:
    """Without a profile of single sign-on there is nothing that `aws sso login` could sign in to."""
    cloud = _cloud(s.resolution.provider)
    if cloud == "AWS" and not any(one.provider == "sso" for one in s.snapshot.aws.profiles.values()):
        return Fix("set up a sign-in to AWS, or give it keys", "aws configure sso")
    return _SIGN_INS[cloud]


_SYMPTOMS = {"AWS": (97,), "Google": (105,), "Azure": (104,)}


def _cloud(provider: Provider) -> str:
    """Whose credentials a provider takes."""
    return "AWS" if provider in AWS_PROVIDERS else "Google" if provider in GOOGLE_PROVIDERS else "Azure"


def configured_sign_in(s: DiagnosisContext) -> tuple[Fix, ...]:
    """The command that the person's own settings name for it, where they do: it comes before any other."""
    setting, kind = {
        "AWS": ("awsAuthRefresh", "aws-refresh"),
        "Google": ("gcpAuthRefresh", "gcp-refresh"),
    }.get(_cloud(s.resolution.provider), ("", ""))
    if s.view.setting(setting) is None:
        return ()
    return (act("run", f"run the sign-in that you configured: {setting}", kind),)


#: What exactly is set up wrongly, by its code: the title, symptoms and what to do.
_SET_UP: dict[SetupProblemCode, tuple[str, tuple[int, ...], Fix]] = {
    "two-addresses": (
        "Foundry: two addresses are set",
        (104,),
        Fix("keep one of them", "unset ANTHROPIC_FOUNDRY_BASE_URL"),
    ),
    "no-address": (
        "Foundry is on, but no address is set",
        (104,),
        Fix("name the resource", "export ANTHROPIC_FOUNDRY_RESOURCE=…"),
    ),
    "resource-name": (
        "Foundry: ANTHROPIC_FOUNDRY_RESOURCE is not a resource's name",
        (104,),
        Fix("write the name alone", "export ANTHROPIC_FOUNDRY_RESOURCE=my-resource"),
    ),
    "no-project": (
        "Vertex is on, but no project is named",
        (110,),
        Fix("name the project", "export ANTHROPIC_VERTEX_PROJECT_ID=…"),
    ),
}


def _cloud_words(s: DiagnosisContext, blocked: Blocked) -> tuple[str | None, tuple[int, ...], Fix | None]:
    """What exactly is missing, where it is no credential."""
    provider, problem = s.resolution.provider, blocked.problem
    if problem is not None and problem.code in _SET_UP:
        return _SET_UP[problem.code]
    if problem is not None and problem.code == "not-a-url":
        whole = Fix(f"write the whole address into {problem.variable}, such as https://host.example")
        return f"{problem.variable} is not a URL", (), whole
    if problem is not None:
        title = f"{label(provider)} is on, and something is missing"
        return title, (), Fix("set it", f"export {problem.variable}=…")
    google = s.snapshot.google
    if provider in GOOGLE_PROVIDERS and google is not None and google.damage is not None:
        return "Google's credentials file can't be used", (105, 108), None
    return None, _SYMPTOMS[_cloud(provider)], None


def _empty_credential_sent(s: DiagnosisContext) -> RuleMatch | None:
    """The source that comes first gives an empty value, such as a helper that fails, and it is sent."""
    empty = [h for h in s.headers if h.value is not None and h.value.is_blank]
    if not empty:
        return None
    source = empty[0].source
    reading = s.standing(source).reading
    if source == "api-key-helper":  # taken out it would be missed, where nothing stands behind it
        fixes = (*repair(s, reading), *removal_beside_others(s, reading))
    else:
        fixes = removal_beside_others(s, reading) or (_filled(reading), *removal(reading))
    return RuleMatch(f"{label(source)}: {reading.reason}; {place_of(reading.origin)}", fixes, source)


def _filled(reading: SourceReading) -> Fix:
    return Fix(f"put the value that belongs there into {reading.origin.variable or label(reading.source)}")


def _has_key(s: DiagnosisContext) -> Answer:
    return OPEN if s.reading("anthropic-api-key").state == "present" else None


CAUSES: tuple[Cause, ...] = (
    Cause(
        "managed-policy",
        "Your organisation's settings stop Claude Code",
        "Managed settings belong to the machine's administrator and outrank everything else. What they say "
        "here lets no request go out with the credentials that are set. Remove what they do not allow, or "
        "ask the administrator.",
        (42, 43),
        rule=MachineRule("error", _managed_policy, removes=("source", "helper")),
    ),
    Cause(
        "organisation-mismatch",
        "Your organisation's settings demand another organisation",
        "Managed settings name the organisation whose members may use Claude Code on this machine, and the "
        "account of the last sign-in belongs to another one. Sign in with the account of that "
        "organisation, or ask the administrator.",
        (43,),
        rule=MachineRule("error", _organisation_mismatch),
    ),
    Cause(
        "approval-pending",
        "Claude Code waits for you to approve the API key",
        "Interactive Claude Code asks once for each new ANTHROPIC_API_KEY whether it may use it, and sends "
        "nothing until you have answered. The question's preset answer is No. With claude -p the key is "
        "used without asking.",
        (32,),
        rule=MachineRule("error", _approval_pending, changes=("approve-key",), removes=("source",)),
        title_beside_text="Claude Code waits for an answer about the key",
        beside_text="The question whether to use a new key from the environment stops programs that start "
        "Claude Code by themselves. ANTHROPIC_AUTH_TOKEN, a helper and `claude -p` are not asked about.",
        fixes=(
            Fix("answer the question once", "claude"),
            Fix("or add the key's last 20 characters to customApiKeyResponses.approved in ~/.claude.json"),
        ),
        here=_has_key,
        also="key-rejected",
        phrases="""
            85: detected a custom api key in your environment
            80: do you want to use this api key
        """,
    ),
    Cause(
        "key-rejected",
        "ANTHROPIC_API_KEY was rejected earlier",
        "Somebody answered No (the preset answer) when Claude Code asked whether to use this key. The "
        "answer is kept in .claude.json and nothing mentions it afterwards: interactive Claude Code "
        "ignores the key. claude -p uses it all the same.",
        (31,),
        rule=MachineRule(
            "warning", _key_rejected, changes=("approve-key", "unreject-key"), removes=("source",)
        ),
        title_beside_text="The key was rejected earlier, perhaps by accident",
        beside_text="On its first start with a key Claude Code asks whether to use it, and the preset answer "
        "is No. The answer is kept in .claude.json, by the key's last 20 characters; from then on "
        "interactive sessions ignore the key.",
        fixes=(
            Fix(
                "with claude closed, take those characters out of customApiKeyResponses.rejected",
                "${EDITOR:-vi} ~/.claude.json",
            ),
            Fix("claude -p uses the key all the same", "claude -p ok"),
        ),
        here=_has_key,
        also="base-url-without-token embedded-without-key foundry-settings no-credential",
        phrases="80: invalid api key … please run login; gap: 12",
    ),
    Cause(
        "no-credential",
        "No credential: Claude Code can't send anything",
        "Nothing that Claude Code looks for holds a usable value. Sign in, or set an API key.",
        (34,),
        rule=MachineRule("error", _no_credential),
        title_beside_text="No credential was found",
        beside_text="None of the places held a usable value: the sign-in was never stored, another "
        "configuration directory or home is looked at, or a Keychain could not be read.",
        fixes=(SIGN_IN, Fix("or set a key", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'), SEE_WHAT_IS_SET),
        seen_by="store-unusable store-unreadable",
        also="key-rejected onboarding-unfinished login-not-saved keychain-locked "
        "user-variable-missing background-session config-dir-mismatch home-mismatch "
        "container-lost-login files-of-another-owner settings-read-only another-user",
        phrases="""
            95: or claude_code_oauth_token is required, requires anthropic_api_key or claude_code_oauth_token,
                neither anthropic_api_key nor; also: embedded-without-key
            45 ours: run claude auth login, run claude login
            70: if you are signed out run claude login, to log in run claude auth login, bare mode doesnt use
                the sign-in, login required run login, session isnt signed in, auth-missing run login
            90: not signed in to claude run login, no oauth token in keychain, claude code is not logged in,
                no stored claude.ai login, auth token unavailable, oauth token unavailable, not logged in run
                claude, this session isnt signed in, this session has no login that it can use
            85: authentication required; also: onboarding-unfinished; near: claudecodeacp acpthread claudeacp
            80: not logged in to anthropic
            60 ours: no api key provided; alone: 40
            80: not logged in … please run login; gap: 12
            50 ours: not logged in; unless: notloggedinto; alone: 10
            70: loggedin false; near: authmethod apiprovider authstatus
            55 ours: loggedin false; alone: 10
            85: missing api key … run login; also: keychain-locked login-not-saved; gap: 12
            50 ours: missing api key; also: none; unless: missinganthropicapikey; alone: 10
            75: did not find anthropic_api_key; also: none
            80: anthropic api key is missing; also: none
            85: could not resolve authentication method; also: foundry-settings embedded-without-key
                profile-not-picked-up
            80: expected either apikey or authtoken to be set, expected either api_key or auth_token to be
                set; also: embedded-without-key
            85: failed to get auth headers … no api key available; also: none; gap: 12
            80: x-api-key header is required; also: gateway-wrong-header profile-not-picked-up
        """,
    ),
    Cause(
        "own-login-not-connected",
        "Your login isn't connected to Claude Code yet",
        "You signed in with an OAuth client of your own, and this program keeps that login. Claude Code does "
        "not look there by itself: an `apiKeyHelper` line in its settings makes it ask `claude-auth token` "
        "for the access token at its start, every five minutes and after a 401.",
        rule=MachineRule("error", _own_login_not_connected, changes=("key-helper",)),
    ),
    Cause(
        "not-checked",
        "The answer could not be checked",
        "Something is set that changes which credential is used, and what Claude Code makes of it has not "
        "been observed. A guess could be wrong, so none is given.",
        rule=MachineRule("warning", _not_checked),
    ),
    Cause(
        "no-cloud-credential",
        "The cloud provider is on, but has no credentials",
        "A cloud provider replaces everything else: your login and keys for Anthropic are not used, and "
        "the provider's own credentials are missing or incomplete.",
        (97, 104, 105, 108, 110),
        rule=MachineRule("error", _no_cloud_credential),
    ),
    Cause(
        "empty-credential-sent",
        "An empty credential goes out",
        "The source that comes first gives an empty value, and Claude Code sends it instead of looking "
        "further. The answer will be a 401.",
        (35, 39),
        rule=MachineRule("error", _empty_credential_sent, removes=("source",)),
    ),
    Cause(
        "empty-credential",
        "A variable is set, but empty",
        "The header went out as `Bearer` with nothing after it. For an SDK an empty variable is a value; "
        "Claude Code takes it for unset.",
        (35,),
        fixes=(UNSET_KEY, Fix("and the token variable", "unset ANTHROPIC_AUTH_TOKEN")),
        seen_by="value-set-but-empty empty-credential-sent",
        phrases=r"""
            88: illegal header value; hides: key-with-stray-characters; look: illegal header
                value\s+b?[\"'](?:bearer)?\s*[\"']
        """,
    ),
    Cause(
        "embedded-without-key",
        "A program starts Claude Code without its credentials",
        "The Agent SDK and wrappers expect ANTHROPIC_API_KEY, and pass on only a part of the environment. "
        "Without HOME and USER the child finds no login either.",
        (91,),
        fixes=(
            Fix("set a key for the program", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
            Fix("let it pass HOME, USER and PATH to the child"),
        ),
        phrases="65: claude code process exited with code; unless: codezero",
    ),
)
