"""What Claude Code expects behind the keys of a settings file. Where one value is of another kind, a file of
the user's, the project's, local or of `--settings` is dropped whole; of managed settings the key alone.

Every key was put to the client with a value of a wrong kind, in a file of the user's [seen, 2.1.332]. Not
in these tables: keys that it does not know, and those whose wrong value it skips (`hooks` of most events,
`enabledMcpjsonServers` that is a text, `forceLoginMethod`, `effortLevel`, `theme`, items of
`permissions.allow` and others). At the end: the keys of managed settings that bear on who signs in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from claude_auth.claude_code.variables import SETTINGS_KEYS
from claude_auth.named_tuples import NamedTuple


class Misfit(NamedTuple):
    """A value of the wrong kind: the keys that lead to it, and what belongs there, in words."""

    path: tuple[str, ...]
    expected: str


Kind = Callable[[Any], Misfit | None]


def _plain(accepts: Callable[[Any], bool], words: str) -> Kind:
    misfit = Misfit((), words)
    return lambda value: None if accepts(value) else misfit


def _number(low: float, high: float = float("inf"), *, whole: bool = False, words: str) -> Kind:
    return _plain(
        lambda value: (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and low <= value <= high
            and (not whole or value % 1 == 0)
        ),
        words,
    )


_TEXT = _plain(lambda value: isinstance(value, str), "text")
_FLAG = _plain(lambda value: isinstance(value, bool), "true or false")
_LIST = _plain(lambda value: isinstance(value, list), "a list")
_OBJECT = _plain(lambda value: isinstance(value, dict), "an object")
_NUMBER = _number(float("-inf"), words="a number")
_POSITIVE = _number(1, whole=True, words="a whole number above 0")
_SHARE = _number(0, 1, words="a number from 0 to 1")


def _choice(words: str) -> Kind:
    allowed = frozenset(words.split())
    return _plain(lambda value: isinstance(value, str) and value in allowed, f"one of {words}")


def _below(name: str | int, misfit: Misfit | None) -> Misfit | None:
    return None if misfit is None else Misfit((str(name), *misfit.path), misfit.expected)


def _first(misfits: Any) -> Misfit | None:
    return next((misfit for misfit in misfits if misfit is not None), None)


def _list_of(kind: Kind) -> Kind:
    return lambda value: _LIST(value) or _first(_below(at, kind(item)) for at, item in enumerate(value))


def _map_of(kind: Kind) -> Kind:
    return lambda value: _OBJECT(value) or _first(_below(key, kind(item)) for key, item in value.items())


def _either(one: Kind, other: Kind, words: str) -> Kind:
    return _plain(lambda value: one(value) is None or other(value) is None, words)


def _fields(kinds: Mapping[str, Kind], needed: str = "") -> Kind:
    """An object whose known keys are of these kinds; others may stand beside them."""

    def check(value: Any) -> Misfit | None:
        return (
            _OBJECT(value)
            or _first(Misfit((key,), "there") for key in needed.split() if key not in value)
            or misfit_in(value, kinds)
        )

    return check


def misfit_in(data: Mapping[str, Any], kinds: Mapping[str, Kind] | None = None) -> Misfit | None:
    """The first key of `data` whose value is of the wrong kind; without `kinds`: of a settings file."""
    known = KINDS if kinds is None else kinds
    return _first(_below(key, known[key](value)) for key, value in data.items() if key in known)


def _rows(kind: Kind, names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), kind)


_TEXTS = _list_of(_TEXT)
_COMMAND = {"type": _choice("command"), "command": _TEXT}

_PERMISSIONS = {
    **_rows(_LIST, "allow deny ask"),
    "defaultMode": _choice("acceptEdits auto bypassPermissions default dontAsk manual plan"),
    **_rows(_choice("disable"), "disableBypassPermissionsMode disableAutoMode"),
    **_rows(
        _FLAG,
        "blockReadsOutsideWorkingDirectories blockFileToolReadsOutsideWorkingDirectories "
        "blockWritesOutsideWorkingDirectories denyInsteadOfPrompting",
    ),
    "additionalDirectories": _TEXTS,
}


def _hook(value: Any) -> Misfit | None:
    of_command = isinstance(value, dict) and value.get("type") == "command"
    return _fields({"type": _TEXT, "command": _TEXT, "timeout": _NUMBER}, f"type {'command' * of_command}")(
        value
    )


_HOOKS = _list_of(_fields({"matcher": _TEXT, "hooks": _list_of(_hook)}, "hooks"))
_NO_HOOKS = _plain(lambda value: value is None, "a list")


#: Of two events a wrong entry counts, since they may forbid something; all else is skipped.
_STRICT_EVENTS = _rows(_either(_NO_HOOKS, _HOOKS, "a list of hooks"), "PreToolUse PermissionRequest")


def _hooks(value: Any) -> Misfit | None:
    return misfit_in(value, _STRICT_EVENTS) if isinstance(value, dict) else None


def _some_texts(value: Any) -> Misfit | None:
    """A list of texts; a text alone is skipped."""
    return None if isinstance(value, str) else _TEXTS(value)


_SANDBOX = {
    **_rows(
        _FLAG,
        "enabled failIfUnavailable autoAllowBashIfSandboxed allowUnsandboxedCommands allowAppleEvents "
        "enableWeakerNestedSandbox enableWeakerNetworkIsolation allowNestedUserNamespaces",
    ),
    "network": _fields(
        {
            **_rows(_TEXTS, "allowedDomains deniedDomains allowUnixSockets allowMachLookup"),
            **_rows(_FLAG, "allowLocalBinding allowAllUnixSockets allowManagedDomainsOnly"),
            **_rows(_NUMBER, "httpProxyPort socksProxyPort"),
        }
    ),
    "filesystem": _fields(
        {**_rows(_TEXTS, "allowWrite denyWrite denyRead allowRead"), "allowManagedReadPathsOnly": _FLAG}
    ),
    "credentials": _fields(_rows(_LIST, "files envVars awsPairs")),
    "excludedCommands": _TEXTS,
    "ignoreViolations": _map_of(_TEXTS),
    "ripgrep": _fields({"command": _TEXT, "args": _TEXTS}, "command"),
    "windows": _fields({"backend": _choice("sandboxuser mxc")}),
}

_ATTRIBUTION = _fields({"commit": _TEXT, "pr": _TEXT, "sessionUrl": _FLAG})
_HOST = _fields({"id": _TEXT, "name": _TEXT, "sshHost": _TEXT}, "id name sshHost")

#: Key of a settings file → the kind of its value.
KINDS: Mapping[str, Kind] = {
    **_rows(
        _TEXT,
        """
        $schema apiKeyHelper proxyAuthHelper awsCredentialExport awsAuthRefresh gcpAuthRefresh
        otelHeadersHelper processWrapper attributionProject model modelCatalogUrl modelCatalogPublicKey
        prUrlTemplate outputStyle language advisorModel agent minimumVersion requiredMinimumVersion
        requiredMaximumVersion downloadsMirrorUrl plansDirectory timeFormat timeZone autoMemoryDirectory
        claudeMd pluginTrustMessage
        """,
    ),
    **_rows(
        _FLAG,
        """
        respectGitignore syncClaudeAiSkills syncClaudeAiPlugins wslInheritsWindowsSettings includeCoAuthoredBy
        includeGitInstructions enforceAvailableModels enableAllProjectMcpServers disableClaudeAiConnectors
        disableBundledSkills disableAllHooks disableReplyCheck disableAgentView disableRemoteControl
        disableWorkflows disableArtifact enableArtifact enableWorkflows workflowKeywordTriggerEnabled
        disableSkillShellExecution disableWindowsBashCommandSplit bashEditDiffEnabled respondToBashCommands
        allowManagedHooksOnly allowManagedPermissionRulesOnly allowManagedMcpServersOnly allowAllClaudeAiMcps
        allowClaudeInChromeWithManagedMcp disableCommandPluginSources disableSideloadFlags
        allowNestedModelAccessUnderForceLogin forceRemoteSettingsRefresh skipWebFetchPreflight
        spinnerTipsEnabled clawdFileProgressEnabled syntaxHighlightingDisabled terminalTitleFromRename
        alwaysThinkingEnabled fastMode fastModePerSessionOptIn promptSuggestionEnabled emojiCompletionEnabled
        awaySummaryEnabled responseComparisonEnabled showClearContextOnPlanAccept channelsEnabled
        prefersReducedMotion doneMeansMerged totalTokensReminderAfterUserTurn autoMemoryEnabled
        autoDreamEnabled showThinkingSummaries skipDangerousModePermissionPrompt skipWorkflowUsageWarning
        verbose autoCompactEnabled precomputeCompactionEnabled idleCompaction switchModelsOnFlag
        autoContinueAtUsageLimit autoScrollEnabled wheelScrollAccelerationEnabled fileCheckpointingEnabled
        showTurnDuration showMessageTimestamps terminalProgressBarEnabled todoFeatureEnabled
        remoteControlAtStartup isolatePeerMachines autoUploadSessions inputNeededNotifEnabled
        agentPushNotifEnabled skipAutoPermissionPrompt useAutoModeDuringPlan voiceEnabled axScreenReader
        disableDirectMcpSkills
        """,
    ),
    **_rows(_POSITIVE, "cleanupPeriodDays skillListingMaxDescChars totalTokensReminderBudget"),
    "desktopSessionCleanupPeriodDays": _number(0, whole=True, words="a whole number from 0 on"),
    **_rows(_SHARE, "skillListingBudgetFraction feedbackSurveyRate"),
    **_rows(
        _TEXTS,
        "fallbackModel availableModels allowedHttpHookUrls httpHookAllowedEnvVars claudeMdExcludes "
        "pluginSuggestionMarketplaces companyAnnouncements",
    ),
    **_rows(_some_texts, "enabledMcpjsonServers disabledMcpjsonServers"),
    "allowedChannelPlugins": _list_of(_OBJECT),
    **_rows(
        _list_of(_fields({"source": _TEXT}, "source")),
        "strictKnownMarketplaces allowedMarketplaces blockedMarketplaces",
    ),
    "sshConfigs": _list_of(_HOST),
    **_rows(_choice("first-wins merge"), "parentSettingsBehavior managedSourcesBehavior"),
    **_rows(_choice("disable"), "disableAutoMode disableDeepLinkRegistration"),
    "workflowSizeGuideline": _choice("unrestricted small medium large"),
    "defaultShell": _choice("bash powershell"),
    "feedbackDrafts": _choice("notify quiet off"),
    "autoUpdatesChannel": _choice("latest stable rc"),
    "tui": _choice("default fullscreen"),
    "totalTokensReminder": _choice("off infinite fixed countdown padded-countdown"),
    "daemonColdStart": _choice("transient ask"),
    "defaultView": _choice("chat transcript"),
    "modelOverrides": _map_of(_TEXT),
    "skillOverrides": _map_of(_choice("on name-only user-invocable-only off")),
    "enabledPlugins": _map_of(_either(_FLAG, _TEXTS, "true, false or a list of versions")),
    "pluginConfigs": _map_of(_fields(_rows(_OBJECT, "mcpServers options"))),
    "forceLoginOrgUUID": _either(_TEXT, _TEXTS, "text or a list of texts"),
    "attribution": lambda value: None if isinstance(value, bool) else _ATTRIBUTION(value),
    "env": _OBJECT,
    "permissions": _fields(_PERMISSIONS),
    "hooks": _hooks,
    "sandbox": _fields(_SANDBOX),
    "statusLine": _fields({**_COMMAND, "padding": _NUMBER, "hideVimModeIndicator": _FLAG}, "type command"),
    "fileSuggestion": _fields(_COMMAND, "type command"),
    "breakReminder": _fields(
        {"enabled": _FLAG, **_rows(_POSITIVE, "intervalMinutes breakThresholdMinutes"), "message": _TEXT}
    ),
    "quietHours": _fields({"enabled": _FLAG, **_rows(_TEXT, "start end")}),
    "worktree": _fields(
        {**_rows(_TEXTS, "symlinkDirectories sparsePaths"), "baseRef": _choice("fresh head")}
    ),
    "spinnerVerbs": _fields({"mode": _choice("append replace"), "verbs": _TEXTS}, "mode verbs"),
    "remote": _fields({"defaultEnvironmentId": _TEXT}),
    "remoteTools": _fields({"allowUnattendedServing": _FLAG}),
    "voice": _fields({**_rows(_FLAG, "enabled autoSubmit"), "mode": _choice("hold tap")}),
    "autoMode": _fields(
        {**_rows(_TEXTS, "allow soft_deny hard_deny environment"), "classifyAllShell": _FLAG}
    ),
}


def _names(rows: str) -> frozenset[str]:
    return frozenset(rows.split())


#: Keys of 2.1.332 that bear on it: who may sign in, which provider is allowed, whose settings count, with
#: which version Claude Code starts at all [told by the client's own schema of settings].
BEARING = _names(
    """
    enforceAnthropicSignIn allowedProviders policyHelpers
    forceRemoteSettingsRefresh managedSourcesBehavior requiredMinimumVersion requiredMaximumVersion
    """
)

#: Keys of 2.1.332 that only sound like it: a proxy's and telemetry's own headers, budgets of tokens, the
#: signature of a list of models, networks of a gateway, who is named in commits.
UNRELATED = _names(
    """
    proxyAuthHelper otelHeadersHelper totalTokensReminder totalTokensReminderBudget
    totalTokensReminderAfterUserTurn precomputeArmTokens modelCatalogPublicKey gatewayInternalNetworks
    attributionProjectPolicy allowNestedModelAccessUnderForceLogin
    """
)

_WORDS = _names(
    """
    login logins signin sign auth authentication oauth sso idp credential credentials key keys token tokens
    provider providers gateway policy policies org orgs organization organizations account accounts identity
    """
)


def is_unmodelled(name: str) -> bool:
    """Whether a key of managed settings bears on the answer and nothing here knows how. A key that no version
    seen knows is judged by its words."""
    if name in SETTINGS_KEYS or name in UNRELATED:
        return False
    return name in BEARING or not _WORDS.isdisjoint(_words(name))


def unmodelled(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if is_unmodelled(name))


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _pattern().findall(name[:80])]
