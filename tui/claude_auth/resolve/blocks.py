"""What keeps a request from going out although there may be credentials [behaviour.md section 2].

Each check is a row: the first that speaks is the answer. A modifier that is set and not modelled makes the
answer *not checked*, never a winner.
"""

from __future__ import annotations

from collections.abc import Callable

from claude_auth.claude_code.clients import PROVIDER_SLOTS
from claude_auth.claude_code.effective import EffectiveConfig, refused_oauth_server
from claude_auth.claude_code.variables import is_unmodelled_switch
from claude_auth.model import BlockCode, Blocked, HeaderValue, SetupProblem, SetupProblemCode
from claude_auth.resolve.policies import (
    gateway_policy,
    gateway_session,
    managed_file_broken,
    managed_policy,
    organization_unchecked,
    policy_helper,
    settings_not_read,
    unmodelled_policy,
)
from claude_auth.resolve.providers import no_cloud_credential, not_observed, precondition, signing_problem
from claude_auth.resolve.slots import (
    Draft,
    account_source,
    approval,
    candidate,
    fill_slots,
    key_is_no_text,
    names_descriptor,
    oauth_comes_first,
    skips,
)
from claude_auth.security.sanitize import shown_path, shown_sentence, shown_value
from claude_auth.security.secret import Secret
from claude_auth.sources import label
from claude_auth.sources.anthropic_api_key import blank_key_refused
from claude_auth.sources.api_key_helper import helper_output
from claude_auth.sources.custom_headers import headers_problem
from claude_auth.sources.federation import exchange_problem
from claude_auth.sources.managed_key import KEY_IS_BLANK, KEY_IS_NO_TEXT
from claude_auth.sources.profile import profile_problem

# ── in every mode of Claude Code ─────────────────────────────────────────────────────────────────


def _state_file_broken(draft: Draft) -> Blocked | None:
    """Whatever the credential, a cloud provider's too: without a terminal it ends, with one it asks."""
    state = draft.view.snapshot.claude_json
    if state.damage is None or not state.damage.is_no_json:
        return None
    what = f"{shown_path(state.path)}: {state.damage.text}"
    return Blocked("no-credential", f"Claude Code does not start while it can't read {what}")


def _custom_headers(draft: Draft) -> Blocked | None:
    """A header that can't be sent stops every request, a cloud provider's too [seen, 2.1.332]."""
    problem = headers_problem(draft.view)
    if problem is None:
        return None
    return _set_up_wrongly("unsendable", "ANTHROPIC_CUSTOM_HEADERS", f"ANTHROPIC_CUSTOM_HEADERS {problem}")


def _set_up_wrongly(code: SetupProblemCode, variable: str, text: str) -> Blocked:
    return Blocked("no-credential", text, problem=SetupProblem(code, variable, text))


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


def _blank_key(draft: Draft) -> Blocked | None:
    if not blank_key_refused(draft.view):
        return None
    return Blocked(
        "blank-credential", "ANTHROPIC_API_KEY holds nothing but blanks, which this version refuses"
    )


def _approval_pending(draft: Draft) -> Blocked | None:
    view = draft.view
    if not view.client.asks_approval or approval(view) != "unseen":
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


def _console_key(draft: Draft) -> Blocked | None:
    """A Console login's key that is none. One of blanks is not sent alone; where it is no text, interactive
    Claude Code waits for ever unless another key goes out, and -p sends what else there is, but for
    federation and a profile [seen, 2.1.332]."""
    view, key = draft.view, draft.x_api_key
    waits = view.client.asks_approval and (key is None or key.source == "custom-headers")
    if key_is_no_text(view) and (waits or not draft.headers):
        why = KEY_IS_NO_TEXT
    elif draft.headers == (HeaderValue("managed-key", None, Secret("")),):
        why = KEY_IS_BLANK
    else:
        return None
    where = shown_path(view.snapshot.claude_json.path)
    return Blocked("no-credential", f"{why} ({where}), and Claude Code takes nothing else", "managed-key")


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


def _page_waits_for_approval(draft: Draft) -> Blocked | None:
    """For the page's order: only what stands above the key is not held up by the question."""
    above = draft.authorization is not None and draft.authorization.source == "anthropic-auth-token"
    if above or approval(draft.view) != "unseen":
        return None
    return Blocked("approval-pending", "ANTHROPIC_API_KEY counts once it has been approved")


# ── for every program ────────────────────────────────────────────────────────────────────────────


def _unsendable_value(draft: Draft) -> Blocked | None:
    """An empty custom header alone, or a value that no header can carry: then nothing is sent. `Bearer`
    alone, or beside another credential an empty one, goes out; what a custom header replaces must be fit to
    be sent all the same [seen, 2.1.332]."""
    if len(draft.headers) == 1 and draft.headers[0].is_empty:
        why = "ANTHROPIC_CUSTOM_HEADERS sets an empty credential header"
        return Blocked(
            "blank-credential", why, problem=SetupProblem("blank", "ANTHROPIC_CUSTOM_HEADERS", why)
        )
    replaced: tuple[HeaderValue, ...] = ()
    if "custom-headers" in {header.source for header in draft.headers}:
        replaced = _headers_without(draft, "ANTHROPIC_CUSTOM_HEADERS")
    for header in (*draft.headers, *replaced):
        sign = (header.value or Secret(header.identity or "")).unsendable
        if sign is not None:
            name = label(header.source)
            return _set_up_wrongly(
                "unsendable", name, f"{name} contains {sign}, which no HTTP header can carry"
            )
    return None


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
    if provider in PROVIDER_SLOTS and skips(view, provider):
        return None
    if not draft.target.uses_ladder and not _provider_gives_one(draft):
        return Blocked("no-cloud-credential", no_cloud_credential(view, provider))
    if draft.headers:
        return None
    stores = {
        "the claude.ai login": view.snapshot.login.damage,
        "Claude Code's state file": view.snapshot.claude_json.damage,
    }
    failed = [words for words, damage in stores.items() if damage is not None and damage.is_unreadable]
    if failed and view.client.is_claude_code:
        return Blocked("not-checked", f"{' and '.join(failed)} could not be looked at")
    if account_source(view) is None and (left_out := _oauth_left_out(view) or _switched_off(draft)):
        return left_out
    return Blocked("no-credential", f"no credential was found for {view.client.label}")


def _provider_gives_one(draft: Draft) -> bool:
    """A header of the person's own replaces its credential, and does not stand for one [seen, 2.1.332]."""
    own = {header.source for header in draft.headers} - {"custom-headers", "base-url-user"}
    return bool(own or _headers_without(draft, "ANTHROPIC_CUSTOM_HEADERS"))


#: What takes credentials away that are there.
_LEAVES_OUT = ("CLAUDE_CODE_SIMPLE", "CLAUDE_CODE_OAUTH_SCOPES", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST")


def _switched_off(draft: Draft) -> Blocked | None:
    """The one variable without which something would be sent."""
    is_ours = draft.view.client.is_claude_code
    for name in _LEAVES_OUT if is_ours else ():
        headers = _headers_without(draft, name)
        if headers:
            why = f"{name} is set, and with it Claude Code leaves {label(headers[0].source)} out"
            return _set_up_wrongly("not-understood", name, why)
    return None


def _headers_without(draft: Draft, name: str) -> tuple[HeaderValue, ...]:
    """What would go out if the variable were not set; nothing where it isn't."""
    snapshot = draft.view.snapshot
    if name not in snapshot.variables:
        return ()
    others = {one: found for one, found in snapshot.variables.items() if one != name}
    return fill_slots(draft.view._replace(snapshot=snapshot._replace(variables=others)), draft.target).headers


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
    """What other programs and old versions make of a user name in the base URL where no other header
    stands."""
    if draft.target.sign_in is None or draft.authorization is not None:
        return None
    return Blocked(
        "not-checked", "the base URL holds a user name; whether that goes out as a header was not observed"
    )


# ── in which order ───────────────────────────────────────────────────────────────────────────────

Check = Callable[[Draft], Blocked | None]

_DESTINATION: tuple[Check, ...] = (_unmodelled_switch, not_observed, _destination_problem)
_LADDER: tuple[Check, ...] = (
    organization_unchecked,
    _blank_key,
    _approval_pending,
    _helper_refused,
    _console_key,
    _oauth_server,
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
            managed_file_broken,
            _state_file_broken,
            settings_not_read,
            policy_helper,
            managed_policy,
            gateway_policy,
            gateway_session,
            unmodelled_policy,
            *_DESTINATION,
            *(_LADDER if uses_ladder and not draft.target.is_pinned else ()),
            *_LAST,
        )
    asks = client.asks_approval and uses_ladder
    return (*_DESTINATION, *((_page_waits_for_approval, _no_exchange) if asks else ()), *_LAST)


def blocked(draft: Draft) -> Blocked | None:
    """Why nothing goes out; None where the request does. What a check quotes is cleaned here."""
    found = next((answer for check in _checks(draft) if (answer := check(draft)) is not None), None)
    return None if found is None else found._replace(reason=shown_sentence(found.reason, 600))
