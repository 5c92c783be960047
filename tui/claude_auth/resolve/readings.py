"""What every source holds, whoever asks: state, one sentence, origin [conformance README]."""

from __future__ import annotations

from collections.abc import Callable

from claude_auth.claude_code.destination import aws_region, vertex_project
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.claude_code.variables import switched_on
from claude_auth.formats.outputs import read_custom_headers
from claude_auth.model import Assignment, CommandRun, Origin, Snapshot, SourceReading, State, StoreReading
from claude_auth.resolve.candidates import (
    ambient_aws,
    ambient_azure,
    ambient_google,
    stored_login_tokens,
)
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import clean, safe_text, shown_command, shown_path, shown_value
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID


def _layer_words(origin: Origin) -> str:
    return "the environment" if origin.layer is None else f"{origin.layer} settings"


def headline(view: EffectiveConfig, name: str) -> Assignment | None:
    """The assignment that stands for a variable: what the client reads, else the strongest anywhere."""
    found = view.assignment(name)
    if found is not None:
        return found
    everywhere = view.snapshot.variables.get(name, ())
    return everywhere[0] if everywhere else None


def _strongest(snapshot: Snapshot, name: str) -> Assignment | None:
    """Independent of the client. Project and local tokens come last: hardly any client reads them."""
    found = snapshot.variables.get(name, ())
    if name == "CLAUDE_CODE_OAUTH_TOKEN":
        found = tuple(sorted(found, key=lambda a: a.origin.of_project))
    return found[0] if found else None


def _variable(view: EffectiveConfig, source: str, name: str) -> SourceReading:
    strongest = _strongest(view.snapshot, name)
    if strongest is None:
        return SourceReading(source, "absent", "not set")
    shown = headline(view, name) or strongest
    where = _layer_words(shown.origin)
    if strongest.value.is_empty:
        others = len(view.snapshot.variables[name]) > 1
        extra = ", which cancels the value below it" if others and strongest.layer else ""
        return SourceReading(source, "unusable", f"set but empty in {where}{extra}", strongest.origin)
    if strongest.value.is_blank:
        return SourceReading(source, "unusable", f"set to nothing but blanks in {where}", strongest.origin)
    if shown.value.is_empty:
        shown = strongest
    return SourceReading(source, "present", f"set in {where}", shown.origin, shown.value.stripped())


def _descriptor(view: EffectiveConfig, source: str, variable: str) -> SourceReading:
    found = view.snapshot.descriptors.get(variable)
    if found is None:
        assignment = next((a for a in view.snapshot.variables.get(variable, ())), None)
        if assignment is None:
            return SourceReading(source, "absent", "not set")
        if assignment.value.is_empty:
            return SourceReading(source, "unusable", "set but empty", assignment.origin)
        return SourceReading(
            source,
            "unusable",
            "set in a settings file, where Claude Code does not look for it",
            assignment.origin,
        )
    origin = Origin("descriptor", variable=variable)
    if found.damage is not None:
        return SourceReading(source, "unusable", found.damage, origin)
    if found.value is None:
        return SourceReading(
            source, "present", f"descriptor {found.number} is a pipe, which reading would empty", origin
        )
    return SourceReading(source, "present", f"descriptor {found.number} holds a value", origin, found.value)


def _helper(view: EffectiveConfig) -> SourceReading:
    name = "apiKeyHelper"
    configured = view.snapshot.settings.get(name, ())
    strongest = configured[0] if configured else None
    if strongest is None or (strongest.value.is_empty and len(configured) == 1):
        return SourceReading("api-key-helper", "absent", "not configured")
    if strongest.value.is_empty:
        return SourceReading(
            "api-key-helper",
            "absent",
            f"switched off by an empty apiKeyHelper in {strongest.origin.layer} settings",
            strongest.origin,
        )
    details = [("command", shown_command(strongest.value.reveal()))]
    run = view.snapshot.runs.get(name)
    if run is None or run.command != strongest.value:
        why = "configured, not run"
        if view.snapshot.distrusts(strongest.origin):
            why = f"configured, not run: {_DISTRUSTED}"
        return SourceReading("api-key-helper", "present", why, strongest.origin, details=tuple(details))
    details.append(("took", f"{run.seconds:.1f} s"))
    if run.withheld:
        output = run.stdout.stripped()
        details.append(("without them", output.masked if run.exit_code == 0 else "it failed"))
        return SourceReading(
            "api-key-helper", "present", withheld_words(run), strongest.origin, details=tuple(details)
        )
    if not run.stderr.is_blank:
        details.append(("stderr", safe_text(run.stderr.reveal(), 200, KnownValues([run.stdout]))))
    problem = run.problem
    if run.exit_code is not None and run.exit_code != 0:
        problem = f"the command ended with exit code {run.exit_code}"
    elif run.exit_code == 0:
        from claude_auth.resolve.candidates import helper_output_problem

        output = run.stdout.stripped()
        words = helper_output_problem(output)
        problem = (
            "the command printed nothing" if output.is_empty else words and f"the command printed {words}"
        )
        if problem is None:
            return SourceReading(
                "api-key-helper",
                "present",
                "the command printed a value",
                strongest.origin,
                output,
                details=tuple(details),
            )
    return SourceReading(
        "api-key-helper",
        "unusable",
        problem or "the command failed",
        strongest.origin,
        details=tuple(details),
    )


_DISTRUSTED = "it stands in settings that are not trusted"


def withheld_words(run: CommandRun) -> str:
    """That a run went without variables, and what follows."""
    names = ", ".join(clean(name, 60) for name in run.withheld[:8])
    more = f" and {len(run.withheld) - 8} more" if len(run.withheld) > 8 else ""
    return (
        f"run without {names}{more}, which settings that are not trusted set: what Claude Code would get "
        "with them is not known"
    )


def _store(source: str, store: StoreReading, now: float, absent: str) -> SourceReading:
    details = (("further accounts", ", ".join(store.others)),) if store.others else ()
    if store.present_unread:
        why = "present; its value was not read"
        return SourceReading(source, "present", why, store.origin, account=store.account, details=details)
    if store.damage is not None:
        state: State = "unreadable" if store.damage.is_unreadable else "unusable"
        if store.damage.is_missing:
            return SourceReading(source, "absent", absent, details=details)
        return SourceReading(source, state, store.damage.text, store.origin, details=details)
    tokens = store.tokens
    if tokens is None:
        if store.unusable is None:
            return SourceReading(source, "absent", absent)
        return SourceReading(source, "unusable", store.unusable, store.origin, details=details)
    value = None if tokens.access_token.is_empty else tokens.access_token.stripped()
    state = "present" if store.unusable is None else "unusable"
    why = store.unusable or "holds an access token"
    expiry = tokens.expiry(now, RENEWAL_MARGIN)
    return SourceReading(source, state, why, store.origin, value, tokens, expiry, store.account, details)


def _stored_login(view: EffectiveConfig) -> SourceReading:
    snapshot = view.snapshot
    reading = _store("stored-login", snapshot.login, snapshot.observed_at, "not signed in")
    state, why = reading.state, reading.reason
    tokens = snapshot.login.tokens
    if reading.state == "unusable" and stored_login_tokens(snapshot) is not None:
        state, why = "present", "stale; Claude Code refreshes it first and then looks at its scopes again"
    elif tokens is None and snapshot.login.unusable == "the file holds no claude.ai login":
        state = "absent"
    elif reading.state == "present" and reading.expiry == "stale-refreshable":
        why = "signed in; the access token is stale and Claude Code refreshes it with the next request"
    elif reading.state == "present" and reading.expiry == "expired":
        why = (
            "the sign-in has lapsed: its deadline is past"
            if tokens is not None and tokens.is_refreshable
            else "the access token has expired and there is no refresh token"
        )
    elif reading.state == "present" and tokens is not None:
        why = "signed in"
    account = snapshot.claude_json.email if tokens is not None or snapshot.login.present_unread else None
    details = list(reading.details)
    if tokens is not None:
        if tokens.subscription:
            details.append(("plan", tokens.subscription))
        if tokens.rate_limit_tier:
            details.append(("rate limit tier", tokens.rate_limit_tier))
        if tokens.other_grants:
            details.append(("MCP grants", str(len(tokens.other_grants))))
        details += [("note", note) for note in tokens.notes]
    return SourceReading(
        "stored-login",
        state,
        why,
        reading.origin,
        reading.value,
        tokens,
        reading.expiry,
        account,
        tuple(details),
    )


def _managed_key(view: EffectiveConfig) -> SourceReading:
    state = view.snapshot.claude_json
    origin = Origin("file", path=state.path, file=state.file)
    if state.damage is not None and not state.damage.is_missing:
        word: State = "unreadable" if state.damage.is_unreadable else "unusable"
        return SourceReading("managed-key", word, f"{shown_path(state.path)}: {state.damage.text}", origin)
    if state.primary_api_key is None:
        return SourceReading("managed-key", "absent", "no Console login")
    if state.primary_api_key.is_blank:
        return SourceReading("managed-key", "unusable", "primaryApiKey holds nothing but blanks", origin)
    details = (("organisation", state.organization),) if state.organization else ()
    value = state.primary_api_key.stripped()
    return SourceReading(
        "managed-key", "present", "stored by a Console login", origin, value, None, None, state.email, details
    )


def _custom_headers(view: EffectiveConfig) -> SourceReading:
    base = _variable(view, "custom-headers", "ANTHROPIC_CUSTOM_HEADERS")
    strongest = _strongest(view.snapshot, "ANTHROPIC_CUSTOM_HEADERS")
    if base.value is None or strongest is None:
        return base
    headers = read_custom_headers(strongest.value.reveal())
    mine = [name for name in ("x-api-key", "authorization") if name in headers]
    if not mine:
        return SourceReading("custom-headers", "absent", "sets other headers only", base.origin)
    value = headers[mine[0]]
    if value.reveal().startswith("Bearer "):
        value = Secret(value.reveal().removeprefix("Bearer ").strip())
    if value.is_empty:
        return SourceReading("custom-headers", "unusable", f"sets an empty {mine[0]} header", base.origin)
    return SourceReading("custom-headers", "present", f"sets {' and '.join(mine)}", base.origin, value)


def _switch(view: EffectiveConfig, source: str, variable: str) -> tuple[SourceReading, bool]:
    found = _strongest(view.snapshot, variable)
    if found is None:
        return SourceReading(source, "absent", "off"), False
    if switched_on(found.value.reveal()):
        return SourceReading(
            source, "present", f"switched on in {_layer_words(found.origin)}", found.origin
        ), True
    return SourceReading(source, "absent", "off: the value does not switch it on", found.origin), False


def _with_details(reading: SourceReading, details: list[tuple[str, str]]) -> SourceReading:

    return reading._replace(details=tuple((name, clean(text)) for name, text in details))


def _bedrock(view: EffectiveConfig) -> SourceReading:
    reading, on = _switch(view, "bedrock", "CLAUDE_CODE_USE_BEDROCK")
    aws = view.snapshot.aws
    details: list[tuple[str, str]] = []
    if on or aws.profiles or view.secret("AWS_ACCESS_KEY_ID"):
        region, origin = aws_region(view)
        details.append(("region", f"{region} ({origin})"))
        details += [("AWS credentials", words) for words in aws_credentials_in_words(view)]
    details += [("problem", f"{path}: {damage.text}") for path, damage in aws.damage]
    return _with_details(reading, details)


def aws_credentials_in_words(view: EffectiveConfig) -> list[str]:
    """Everything that could sign for Bedrock, in the order in which Claude Code looks."""
    found = []
    export = view.setting("awsCredentialExport")
    if export is not None:
        found.append(f"awsCredentialExport: {shown_command(export.value.reveal(), 80)}")
    name = view.secret("AWS_PROFILE")
    if name is not None:
        profile = view.snapshot.aws.profiles.get(name.reveal())
        kind = (
            "not in the AWS files"
            if profile is None
            else _profile_words(profile.provider, profile.access_key_id)
        )
        found.append(f"AWS_PROFILE={shown_value('AWS_PROFILE', name.reveal(), 60)}: {kind}")
    key = view.secret("AWS_ACCESS_KEY_ID")
    if key is not None:
        complete = view.secret("AWS_SECRET_ACCESS_KEY") is not None
        found.append(
            f"environment: {shown_value('AWS_ACCESS_KEY_ID', key.reveal(), 40)}"
            + ("" if complete else ", without its secret")
        )
    default = view.snapshot.aws.profiles.get("default")
    if default is not None:
        found.append(f"[default]: {_profile_words(default.provider, default.access_key_id)}")
    ambient = ambient_aws(view)
    if ambient is not None:
        found.append(ambient)
    return found


_PROFILE_KINDS = {
    "sso": "single sign-on",
    "assume-role": "assumes a role",
    "web-identity": "web identity",
    "process": "runs a credential_process",
    "login": "console login",
    "none": "no credentials",
}


def _profile_words(provider: str, access_key_id: str | None) -> str:
    return access_key_id or "keys" if provider == "static" else _PROFILE_KINDS[provider]


def _vertex(view: EffectiveConfig) -> SourceReading:
    reading, on = _switch(view, "vertex", "CLAUDE_CODE_USE_VERTEX")
    credentials = view.snapshot.google
    details: list[tuple[str, str]] = []
    if on or credentials is not None:
        project = vertex_project(view)
        details.append(("project", f"{project[0]} ({project[1]})" if project else "not named by a variable"))
        details.append(("region", view.text("CLOUD_ML_REGION") or "us-east5 (the default)"))
        if credentials is None:
            details.append(("credentials", ambient_google(view) or "none found"))
        else:
            words = credentials.damage.text if credentials.damage else credentials.kind or "?"
            whose = f" of {credentials.account}" if credentials.account else ""
            details.append(("credentials", f"{words}{whose}, {credentials.path}"))
            if credentials.quota_project:
                details.append(("quota project", credentials.quota_project))
    return _with_details(reading, details)


def _foundry(view: EffectiveConfig) -> SourceReading:
    reading, on = _switch(view, "foundry", "CLAUDE_CODE_USE_FOUNDRY")
    if not on:
        return reading
    token, key = view.secret("ANTHROPIC_FOUNDRY_AUTH_TOKEN"), view.secret("ANTHROPIC_FOUNDRY_API_KEY")
    chosen = token if token is not None and not token.is_blank else key
    place = view.text("ANTHROPIC_FOUNDRY_BASE_URL") or view.text("ANTHROPIC_FOUNDRY_RESOURCE")
    words = "ANTHROPIC_FOUNDRY_AUTH_TOKEN" if chosen is token and token else "ANTHROPIC_FOUNDRY_API_KEY"
    credential = words if chosen is not None and not chosen.is_blank else ambient_azure(view) or "none found"
    resource = safe_text(place) if place else "not set"
    found = _with_details(reading, [("resource", resource), ("credential", credential)])

    return found if chosen is None or chosen.is_blank else found._replace(value=chosen.stripped())


def _profile(view: EffectiveConfig) -> SourceReading:
    named = _strongest(view.snapshot, "ANTHROPIC_PROFILE")
    rule, organization = (
        found is not None and not found.value.is_blank
        for found in (
            _strongest(view.snapshot, "ANTHROPIC_FEDERATION_RULE_ID"),
            _strongest(view.snapshot, "ANTHROPIC_ORGANIZATION_ID"),
        )
    )
    store = _store("profile", view.snapshot.profile, view.snapshot.observed_at, "no profile")
    if named is not None and not named.value.is_blank:
        name = shown_value("ANTHROPIC_PROFILE", named.value.reveal(), 60)
        return SourceReading(
            "profile", "present", f"ANTHROPIC_PROFILE names {name}; not checked", named.origin
        )
    if rule and organization:
        return SourceReading(
            "profile", "present", "workload identity variables are set; not checked", store.origin
        )
    if named is not None and named.value.is_empty and store.state == "absent":
        return SourceReading("profile", "unusable", "ANTHROPIC_PROFILE is set but empty", named.origin)
    return store


def _switched(source: str) -> Callable[[EffectiveConfig], SourceReading]:
    variable = BY_ID[source].variable or ""
    return lambda view: _switch(view, source, variable)[0]


def _plain(source: str) -> Callable[[EffectiveConfig], SourceReading]:
    variable = BY_ID[source].variable or ""
    return lambda view: _variable(view, source, variable)


_READERS: dict[str, Callable[[EffectiveConfig], SourceReading]] = {
    "anthropic-auth-token": _plain("anthropic-auth-token"),
    "claude-code-oauth-token": _plain("claude-code-oauth-token"),
    "oauth-token-file-descriptor": lambda view: _descriptor(
        view, "oauth-token-file-descriptor", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"
    ),
    "api-key-helper": _helper,
    "stored-login": _stored_login,
    "anthropic-api-key": _plain("anthropic-api-key"),
    "api-key-file-descriptor": lambda view: _descriptor(
        view, "api-key-file-descriptor", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"
    ),
    "managed-key": _managed_key,
    "custom-headers": _custom_headers,
    "bedrock": _bedrock,
    "bedrock-api-key": _plain("bedrock-api-key"),
    "vertex": _vertex,
    "foundry": _foundry,
    "anthropic-aws": _switched("anthropic-aws"),
    "mantle": _switched("mantle"),
    "sdk-tokens": lambda view: _store(
        "sdk-tokens", view.snapshot.sdk_tokens, view.snapshot.observed_at, "not signed in"
    ),
    "keyring-tokens": lambda view: _store(
        "keyring-tokens",
        view.snapshot.keyring_tokens,
        view.snapshot.observed_at,
        "none put there by claude-auth",
    ),
    "claw-tokens": lambda view: _store(
        "claw-tokens", view.snapshot.claw_tokens, view.snapshot.observed_at, "not signed in"
    ),
    "profile": _profile,
}


def read_source(view: EffectiveConfig, source: str) -> SourceReading:
    return _READERS[source](view)
