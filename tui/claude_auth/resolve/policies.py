"""What managed settings demand, and how that keeps a request from going out [behaviour.md sections 2 and 8].

What they say about the sign-in, the provider or a gateway and is not modelled makes the answer *not checked*.
"""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig, has_own_sign_in
from claude_auth.claude_code.variables import SETTINGS_KEYS
from claude_auth.claude_code.versions import at_least, is_oldest, parse_version
from claude_auth.formats.settings import read_policy
from claude_auth.model import Blocked, Setting
from claude_auth.resolve.slots import Draft, account_source, candidate, key_counts, names_descriptor
from claude_auth.security.sanitize import shown_value

_LOGIN_METHODS = frozenset({"claudeai", "console"})
_GATEWAY_SESSION = "a sign-in to a Cloud gateway is stored, which outranks all else; it was not checked"


def managed_file_broken(draft: Draft) -> Blocked | None:
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
                "managed-policy", f"Claude Code does not start while managed settings can't be used: {what}"
            )
        if file.damage.code in {"too-large", "io-error"}:
            return Blocked("not-checked", f"{what}; what that does in managed settings was not observed")
    return None


def settings_not_read(draft: Draft) -> Blocked | None:
    """A settings file that is too large for us alone: Claude Code goes by what it says."""
    for file in draft.view.snapshot.settings_files:
        if file.damage is not None and file.damage.code == "too-large":
            return Blocked("not-checked", f"{file.path}: {file.damage.text} here, and Claude Code reads it")
    return None


def managed_policy(draft: Draft) -> Blocked | None:
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
    active = _active_credential(view) or _key_beside_others(draft)
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


def policy_helper(draft: Draft) -> Blocked | None:
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


def gateway_policy(draft: Draft) -> Blocked | None:
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


def gateway_session(draft: Draft) -> Blocked | None:
    """What such a session does is told by the documentation alone."""
    if draft.target.is_pinned or candidate(draft.view, "gateway-session", "authorization") is None:
        return None
    return Blocked("not-checked", _GATEWAY_SESSION)


def unmodelled_policy(draft: Draft) -> Blocked | None:
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


def organization_unchecked(draft: Draft) -> Blocked | None:
    if not _forces_organization(draft.view) or account_source(draft.view) in {None, "managed-key"}:
        return None
    return Blocked(
        "not-checked",
        "managed settings pin the organisation (forceLoginOrgUUID); Claude Code asks the server whether "
        "the login belongs to it",
    )


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


def _key_beside_others(draft: Draft) -> str | None:
    """A Console login's key counts as a credential that is set where it is not needed: beside a cloud
    provider, and where it stands in the place of a profile or of federation [seen, 2.1.332]."""
    view = draft.view
    if not draft.target.uses_ladder:
        return _console_key(view)
    others = (candidate(view, source, "authorization") for source in ("profile", "federation"))
    replaces = account_source(view) == "managed-key" and any(found is not None for found in others)
    return _console_key(view) if replaces else None
