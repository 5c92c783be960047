"""What keeps a request from going out although there may be credentials [behaviour.md section 2].

Each check is a row: the first that speaks is the answer. A modifier that is set and not modelled makes the
answer *not checked*, never a winner.
"""

from __future__ import annotations

from collections.abc import Callable

from claude_auth.claude_code.clients import PROVIDER_SLOTS
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.start_context import has_own_sign_in, refused_oauth_server
from claude_auth.claude_code.variables import SETTINGS_KEYS, is_unmodelled_switch
from claude_auth.claude_code.versions import at_least, is_oldest, parse_version
from claude_auth.formats.settings import read_policy
from claude_auth.model import BlockCode, Blocked, HeaderValue, Setting, SetupProblem, SetupProblemCode
from claude_auth.resolve.providers import no_cloud_credential, not_observed, precondition, signing_problem
from claude_auth.resolve.slots import (
    Draft,
    account_source,
    approval,
    fill_slots,
    key_counts,
    names_descriptor,
    oauth_comes_first,
    skips,
)
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret
from claude_auth.sources import candidate, label
from claude_auth.sources.anthropic_api_key import blank_key_refused
from claude_auth.sources.api_key_helper import helper_output
from claude_auth.sources.custom_headers import headers_problem
from claude_auth.sources.federation import exchange_problem
from claude_auth.sources.profile import is_named, profile_problem

_LOGIN_METHODS = frozenset({"claudeai", "console"})

# ── in every mode of Claude Code ─────────────────────────────────────────────────────────────────


def _managed_file_broken(draft: Draft) -> Blocked | None:
    """2.1.197 goes on with a warning; the newest does not start. An empty managed file, a dangling link
    and a file that may not be read are passed over [seen]."""
    view = draft.view
    for file in view.snapshot.settings_files if not is_oldest(view.version) else ():
        if file.layer != "managed" or file.damage is None:
            continue
        what = f"{file.path}: {file.damage.text}"
        is_main = file.path.endswith(
            "managed-settings.json"
        )  # a directory beside the drop-ins is passed over
        no_object = file.damage.is_no_json or file.damage.code == "wrong-type"
        if no_object or (file.damage.code == "not-a-file" and is_main):
            return Blocked(
                "managed-policy",
                f"Claude Code does not start while managed settings can't be used: {what}",
            )
        if file.damage.code in {"too-large", "io-error"}:
            return Blocked("not-checked", f"{what}; what that does in managed settings was not observed")
    return None


def _state_file_broken(draft: Draft) -> Blocked | None:
    """Whatever the credential, a cloud provider's too: without a terminal it ends, with one it asks."""
    state = draft.view.snapshot.claude_json
    if state.damage is None or not state.damage.is_no_json:
        return None
    return Blocked(
        "no-credential", f"Claude Code does not start while it can't read {state.path}: {state.damage.text}"
    )


def _managed_policy(draft: Draft) -> Blocked | None:
    """A forced login blocks keys, ANTHROPIC_AUTH_TOKEN and helpers outright, also beside a cloud provider,
    and the simple mode, which reads no login; never where another program signs in [seen, 2.1.332]."""
    view = draft.view
    method = view.managed_setting("forceLoginMethod")
    forces_login = method is not None and method.value.reveal() in _LOGIN_METHODS
    if not forces_login and not _forces_organization(view):
        return None
    if _answers_for_sign_in(draft):
        return None
    policy = "forceLoginMethod" if forces_login else "forceLoginOrgUUID"
    active = _active_credential(view) or _key_beside_provider(draft)
    if active is None and forces_login and view.is_simple and draft.target.uses_ladder:
        active = "CLAUDE_CODE_SIMPLE"
    if active is None:
        return None
    return Blocked(
        "managed-policy",
        f"managed settings ({policy}) demand a sign-in, and {active} is set, which they do not allow",
    )


def _answers_for_sign_in(draft: Draft) -> bool:
    """Whether what started Claude Code does, in the place of the demands of managed settings: one that signs
    in itself neither beside a cloud provider nor in the simple mode [seen, 2.1.332]."""
    view = draft.view
    signs_in = has_own_sign_in(view) and draft.target.uses_ladder and not view.is_simple
    return view.is_managed_by_host or signs_in


def _policy_helper(draft: Draft) -> Blocked | None:
    """A program's output counts as managed settings: unknown until it was run; where it fails, Claude Code
    does not start, with a cloud provider neither [seen, 2.1.332]."""
    named, run = draft.view.managed_setting("policyHelper"), draft.view.snapshot.runs.get("policyHelper")
    if named is None:
        return None
    if run is None or run.command != named.value:
        why = "managed settings name a program (policyHelper) whose output counts as managed settings; it was"
        return Blocked("not-checked", f"{why} not run: e (--evaluate) runs one that is root's or yours")
    problem = run.problem if run.exit_code is None else f"it ended with exit code {run.exit_code}"
    if run.exit_code == 0:
        damage = read_policy(run.stdout).damage
        problem = None if damage is None else f"its output can't be used: {damage.text}"
    if problem is None:
        return None
    return Blocked("managed-policy", f"Claude Code does not start while policyHelper fails: {problem}")


def _gateway_policy(draft: Draft) -> Blocked | None:
    """Managed settings lead to a Cloud gateway: by `forceLoginMethod`, any other credential is refused, also
    beside a cloud provider; by the address alone it is left unused. Then who is not signed in there sends
    nothing, but for a cloud provider and gateway mode [seen, 2.1.332]."""
    view, uses_ladder = draft.view, draft.target.uses_ladder
    method = view.managed_setting("forceLoginMethod")
    forces = method is not None and method.value.reveal() == "gateway"
    if view.is_managed_by_host or (not forces and view.managed_setting("forceLoginGatewayUrl") is None):
        return None
    policy = "forceLoginMethod" if forces else "forceLoginGatewayUrl"
    active = (_active_credential(view) or _console_key(view)) if forces else None
    if active is not None:
        return Blocked(
            "managed-policy",
            f"managed settings ({policy}) demand a sign-in to the Cloud gateway, and {active} is set, which "
            "they do not allow",
        )
    if not uses_ladder or draft.target.is_pinned:
        return None
    if candidate(view, "gateway-session", "authorization") is not None:
        return Blocked("not-checked", _GATEWAY_SESSION)
    why = "demand a sign-in to the Cloud gateway, and there is none: only /login in Claude Code gives one"
    return Blocked("managed-policy", f"managed settings ({policy}) {why}")


_GATEWAY_SESSION = "a sign-in to a Cloud gateway is stored, which outranks all else; it was not checked"


def _gateway_session(draft: Draft) -> Blocked | None:
    """What such a session does is told by the documentation alone."""
    if draft.target.is_pinned or candidate(draft.view, "gateway-session", "authorization") is None:
        return None
    return Blocked("not-checked", _GATEWAY_SESSION)


def _custom_headers(draft: Draft) -> Blocked | None:
    """A header that can't be sent stops every request, a cloud provider's too [seen, 2.1.332]."""
    problem = headers_problem(draft.view)
    if problem is None:
        return None
    return _set_up_wrongly("unsendable", "ANTHROPIC_CUSTOM_HEADERS", f"ANTHROPIC_CUSTOM_HEADERS {problem}")


def _set_up_wrongly(code: SetupProblemCode, variable: str, text: str) -> Blocked:
    return Blocked("no-credential", text, problem=SetupProblem(code, variable, text))


def _forces_organization(view: EffectiveConfig) -> bool:
    """Whether the key stands there at all: an empty one counts too [seen, 2.1.328]."""
    name = "forceLoginOrgUUID"
    of_files = any(s.origin.layer == "managed" for s in view.snapshot.settings.get(name, ()))
    return of_files or view.server_setting(name) is not None


def _active_credential(view: EffectiveConfig) -> str | None:
    if key_counts(view):
        return "ANTHROPIC_API_KEY"
    if candidate(view, "api-key-file-descriptor", "x_api_key") is not None:
        return "an API key from a file descriptor"
    if names_descriptor(view):
        return "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"
    if candidate(view, "remote-api-key", "x_api_key") is not None:
        return "the API key of the remote session"
    if candidate(view, "anthropic-auth-token", "authorization") is not None:
        return "ANTHROPIC_AUTH_TOKEN"
    return "apiKeyHelper" if view.setting("apiKeyHelper") is not None else None


def _console_key(view: EffectiveConfig) -> str | None:
    return None if candidate(view, "managed-key", "x_api_key") is None else "a Console login's key"


def _key_beside_provider(draft: Draft) -> str | None:
    """A cloud provider needs none, and yet it counts as one that is set [seen, 2.1.332]."""
    return None if draft.target.uses_ladder else _console_key(draft.view)


def _unmodelled_policy(draft: Draft) -> Blocked | None:
    """Managed settings say something about the sign-in, the provider or a gateway that was not observed."""
    found = [
        setting
        for settings in draft.view.snapshot.settings.values()
        for setting in settings[:1]
        if setting.name not in SETTINGS_KEYS and not _is_met(draft.view, setting)
    ]
    if not found:
        return None
    names = ", ".join(dict.fromkeys(setting.name for setting in found))
    return Blocked(
        "not-checked",
        f"managed settings contain {shown_value('setting', names)} ({found[0].origin.path}); what that "
        "changes about the credential was not observed",
    )


def _is_met(view: EffectiveConfig, setting: Setting) -> bool:
    """A demand for a version that this one meets."""
    demanded = setting.value.reveal()
    if parse_version(demanded) is None:
        return False
    if setting.name == "requiredMinimumVersion":
        return at_least(view.version, demanded)
    return setting.name == "requiredMaximumVersion" and at_least(demanded, view.version)


def _unmodelled_switch(draft: Draft) -> Blocked | None:
    view = draft.view
    for name in view.snapshot.variables if view.client.providers else ():
        if is_unmodelled_switch(name) and view.is_on(name):
            shown = shown_value("variable", name, 80)
            return Blocked("not-checked", f"{shown} is on, a switch that was not observed")
    return None


def _destination_problem(draft: Draft) -> Blocked | None:
    problem = draft.target.problem
    if problem is None:
        return None
    code: BlockCode = "no-credential" if draft.target.uses_ladder else "no-cloud-credential"
    return Blocked(code, problem.text, problem=problem)


# ── where the ladder counts, not a cloud provider ────────────────────────────────────────────────


def _organization_unchecked(draft: Draft) -> Blocked | None:
    if not _forces_organization(draft.view) or account_source(draft.view) in {None, "managed-key"}:
        return None
    return Blocked(
        "not-checked",
        "managed settings pin the organisation (forceLoginOrgUUID); Claude Code asks the server whether "
        "the login belongs to it",
    )


def _blank_key(draft: Draft) -> Blocked | None:
    if not blank_key_refused(draft.view):
        return None
    return Blocked(
        "blank-credential", "ANTHROPIC_API_KEY holds nothing but blanks, which this version refuses"
    )


def _approval_pending(draft: Draft) -> Blocked | None:
    view = draft.view
    if not view.client.asks_approval or oauth_comes_first(view) or approval(view) != "unseen":
        return None
    if [header.source for header in draft.headers] == ["managed-key"]:
        return None  # nothing is asked where a Console login's key would go out alone [seen, 2.1.332]
    return Blocked(
        "approval-pending",
        "ANTHROPIC_API_KEY is new to Claude Code, which asks whether to use it and sends nothing until then",
    )


def _helper_refused(draft: Draft) -> Blocked | None:
    run = None if oauth_comes_first(draft.view) else draft.view.run_of("apiKeyHelper")
    if run is None or run.exit_code is None or helper_output(run, draft.view.version) is not None:
        return None
    why = "apiKeyHelper printed two lines, which this version refuses"
    return _set_up_wrongly("several-lines", "apiKeyHelper", why)


def _oauth_server(draft: Draft) -> Blocked | None:
    if draft.target.provider != "first-party" or not refused_oauth_server(draft.view):
        return None
    name = "CLAUDE_CODE_CUSTOM_OAUTH_URL"
    why = f"{name} names a server that Claude Code does not know, so it sends nothing"
    return _set_up_wrongly("not-understood", name, why)


def _no_exchange(draft: Draft) -> Blocked | None:
    """A profile or federation is used and can't give a token: Claude Code stops there."""
    header = draft.authorization
    problems = {"profile": profile_problem, "federation": exchange_problem}
    if header is None or header.source not in problems:
        return None
    problem = problems[header.source](draft.view, draft.target.url)
    return None if problem is None else Blocked("no-credential", problem, header.source)


def _named_profile_beside_both_logins(draft: Draft) -> Blocked | None:
    """Each of the three outranks another one [seen in pairs]."""
    view, header = draft.view, draft.x_api_key
    both = header is not None and header.source == "managed-key" and draft.authorization is None
    if not both or not is_named(view):
        return None
    others = (("profile", "authorization"), ("stored-login", "authorization"))
    if any(candidate(view, source, slot) is None for source, slot in others):
        return None
    return Blocked(
        "not-checked",
        "a named Anthropic profile, a claude.ai login and a Console login are there together; which of them "
        "Claude Code uses was not observed",
    )


def _page_waits_for_approval(draft: Draft) -> Blocked | None:
    """For the page's order: only what stands above the key is not held up by the question."""
    above = draft.authorization is not None and draft.authorization.source == "anthropic-auth-token"
    if above or approval(draft.view) != "unseen":
        return None
    return Blocked("approval-pending", "ANTHROPIC_API_KEY counts once it has been approved")


# ── for every program ────────────────────────────────────────────────────────────────────────────


def _unsendable_value(draft: Draft) -> Blocked | None:
    """An empty custom header alone, or a value that no header can carry: then nothing is sent."""
    for header in draft.headers:
        if len(draft.headers) == 1 and _is_blank(header):
            why = "ANTHROPIC_CUSTOM_HEADERS sets an empty credential header"
            return Blocked(
                "blank-credential", why, problem=SetupProblem("blank", "ANTHROPIC_CUSTOM_HEADERS", why)
            )
        sign = (header.value or Secret(header.identity or "")).unsendable
        if sign is not None:
            name = label(header.source)
            return _set_up_wrongly(
                "unsendable", name, f"{name} contains {sign}, which no HTTP header can carry"
            )
    return None


def _is_blank(header: HeaderValue) -> bool:
    """An empty header of one's own. `Bearer` alone, or beside another credential an empty one, goes out
    [seen, 2.1.332]."""
    return header.source == "custom-headers" and header.scheme is None and header.value == Secret("")


def _keychain_unknown(draft: Draft) -> Blocked | None:
    """The Keychain has not said whether it holds the login, and a login there would change what is sent."""
    login = draft.view.snapshot.login
    if login.origin.kind != "keychain" or login.damage is None or not login.damage.is_unreadable:
        return None
    found = draft.view.snapshot._replace(login=login._replace(damage=None, present_unread=True))
    if fill_slots(draft.view._replace(snapshot=found), draft.target).headers == draft.headers:
        return None
    return Blocked("not-checked", f"whether there is a claude.ai login is not known: {login.damage.text}")


def _nothing_there(draft: Draft) -> Blocked | None:
    """Both headers stayed empty: why. A provider may have been told to send none of its own."""
    view, provider = draft.view, draft.target.provider
    if draft.headers or (provider in PROVIDER_SLOTS and skips(view, provider)):
        return None
    if not draft.target.uses_ladder:
        return Blocked("no-cloud-credential", no_cloud_credential(view, provider))
    stores = {
        "the claude.ai login": view.snapshot.login.damage,
        "Claude Code's state file": view.snapshot.claude_json.damage,
    }
    failed = [words for words, damage in stores.items() if damage is not None and damage.is_unreadable]
    if failed and view.client.is_claude_code:
        return Blocked("not-checked", f"{' and '.join(failed)} could not be looked at")
    if account_source(view) is None and (left_out := _oauth_left_out(view)):
        return left_out
    return Blocked("no-credential", f"no credential that {view.client.label} looks for is there")


def _oauth_left_out(view: EffectiveConfig) -> Blocked | None:
    """What takes the OAuth tokens away that are there, and gives nothing itself."""
    sources = ("claude-code-oauth-token", "oauth-token-file-descriptor", "remote-oauth-token", "stored-login")
    if not view.client.is_claude_code or not any(candidate(view, s, "authorization") for s in sources):
        return None
    if names_descriptor(view):
        name = "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"
        why = f"{name} names a descriptor that gives no key, and with it Claude Code uses no OAuth token"
        return _set_up_wrongly("not-understood", name, why)
    if view.is_managed_by_host and view.has_helper:
        why = "an apiKeyHelper is configured and not run here, and with it Claude Code uses no OAuth token"
        return _set_up_wrongly("not-run", "apiKeyHelper", why)
    return None


def _user_in_url(draft: Draft) -> Blocked | None:
    """A user name in the base URL becomes a Basic header where no other stands [seen, 2.1.328]."""
    if not draft.target.has_user or draft.authorization is not None:
        return None
    return Blocked(
        "not-checked", "ANTHROPIC_BASE_URL holds a user name, which goes out as a header of its own"
    )


# ── in which order ───────────────────────────────────────────────────────────────────────────────

Check = Callable[[Draft], Blocked | None]

_DESTINATION: tuple[Check, ...] = (_unmodelled_switch, not_observed, _destination_problem)
_LADDER: tuple[Check, ...] = (
    _organization_unchecked,
    _blank_key,
    _approval_pending,
    _helper_refused,
    _oauth_server,
    _named_profile_beside_both_logins,
    _no_exchange,
)
_LAST: tuple[Check, ...] = (
    precondition,
    _custom_headers,
    _unsendable_value,
    signing_problem,
    _keychain_unknown,
    _nothing_there,
    _user_in_url,
)


def _checks(draft: Draft) -> tuple[Check, ...]:
    client, uses_ladder = draft.view.client, draft.target.uses_ladder
    if client.is_claude_code:
        return (
            _managed_file_broken,
            _state_file_broken,
            _policy_helper,
            _managed_policy,
            _gateway_policy,
            _gateway_session,
            _unmodelled_policy,
            *_DESTINATION,
            *(_LADDER if uses_ladder and not draft.target.is_pinned else ()),
            *_LAST,
        )
    asks = client.asks_approval and uses_ladder
    return (*_DESTINATION, *((_page_waits_for_approval, _no_exchange) if asks else ()), *_LAST)


def blocked(draft: Draft) -> Blocked | None:
    """Why nothing goes out; None where the request does."""
    return next((answer for check in _checks(draft) if (answer := check(draft)) is not None), None)
