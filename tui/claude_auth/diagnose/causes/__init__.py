"""Everything that is known to go wrong: a file an area, a record a cause (`diagnose.cause`).

docs/findings.md and docs/symptoms.md are written from the records; a test compares.
"""

from __future__ import annotations

from claude_auth.diagnose.cause import Answer, Cause, MachineQuestion, MachineRule, Who
from claude_auth.diagnose.causes import (
    account,
    aws,
    bedrock,
    blocked,
    environment,
    gateways,
    google_azure,
    links,
    login,
    misplaced,
    network,
    places,
    policies,
    profiles,
    programs,
    renewal,
    sent,
    services,
    settings,
    sign_in,
    state,
    stores,
    tokens,
    value_faults,
    values,
)
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Finding, Severity


def _raised(_: DiagnosisContext) -> Answer:
    """A rule of this program raised; the evidence names it."""
    return None


#: A rule of ours that raised: told by the engine, not by a rule.
CHECK_FAILED = Cause(
    "check-failed",
    "One of the checks failed",
    "A check of this program stopped on something that it did not expect, so nothing is known about what it "
    "looks for. The other checks are not affected. It is a fault of claude-auth: please report it.",
    rule=MachineRule("warning", _raised),
)

#: Where two phrases of equal weight begin at one place of a text, the cause that comes first here is told
#: first.
_AREAS = (
    *(renewal, tokens, values, value_faults, login, sent, blocked, environment, settings, misplaced),
    *(stores, state, places, links, sign_in, account, network, programs, aws, bedrock, google_azure),
    *(gateways, policies, profiles, services),
)

#: Whose answer an area's causes are where a record does not say it; else the client's own.
_WHO: dict[str, Who] = {
    **dict.fromkeys(
        (area.__name__ for area in (renewal, tokens, sent, sign_in, account, policies)), "anthropic"
    ),
    stores.__name__: "keyring",
    network.__name__: "network",
    gateways.__name__: "gateway",
    aws.__name__: "aws",
    bedrock.__name__: "aws",
    google_azure.__name__: "google",
    services.__name__: "mcp-server",
}


def _whole(cause: Cause, area: str) -> Cause:
    """With what a record need not say."""
    return cause._replace(
        who=cause.who or _WHO.get(area, "client"),
        title_beside_text=cause.title_beside_text or cause.title,
        beside_text=cause.beside_text or cause.explanation,
        symptoms_beside_text=cause.symptoms_beside_text or cause.symptoms,
    )


BY_ID: dict[str, Cause] = {
    cause.id: _whole(cause, area.__name__) for area in _AREAS for cause in area.CAUSES
} | {CHECK_FAILED.id: CHECK_FAILED}

#: What a machine shows by itself, ranked within a severity: a cause before what follows from it, what stops
#: all work before what stops a part.
_RANKING = """
    managed-policy organisation-mismatch approval-pending key-rejected user-variable-missing login-elsewhere
    config-dir-not-absolute config-dir-names-default sudo-with-own-home container-loses-state
    container-keeps-nothing home-differs browser-elsewhere disk-full keychain-locked tokens-wiped
    login-without-inference store-unusable store-unreadable state-file-damaged scopes-as-text
    refresh-not-saved not-writable foreign-owner store-readable-by-others store-in-repository
    store-in-synced-folder store-on-windows-drive onboarding-unfinished subscription-not-recognised
    managed-key-lingers store-is-a-link settings-link-read-only state-file-corrupted-before
    login-without-profile-scope stale-login-beside-token lock-from-the-future lock-left-behind
    identity-token-missing own-login-not-connected no-credential not-checked no-cloud-credential
    empty-credential-sent login-expired
    login-deadline two-credentials-sent key-overrides-login token-overrides-login aws-sso-expired
    aws-keys-incomplete key-sent-to-aws aws-profile-before-keys aws-tool-other-profile
    bedrock-key-beside-credentials aws-region-malformed aws-export-is-a-sign-in provider-switch-ignored
    vertex-project-overridden google-file-not-found bedrock-key-shape aws-session-token-fixed
    aws-region-default bedrock-model-without-profile aws-sign-in-over-ssh provider-not-switched-on
    vertex-project-default vertex-region-default quota-project-missing wrong-kind bearer-twice quotes-in-value
    value-not-expanded placeholder-value value-of-another-kind custom-headers-joined stray-characters
    foreign-credential token-cut-off settings-file-ignored setting-not-read variable-not-set
    project-settings-override settings-foreign settings-override-shell login-sent-to-gateway
    credential-in-clear-text
    base-url-doubles-version command-missing helper-slow helper-lifetime-ignored managed-helper
    key-from-dotenv set-but-not-loaded profile-not-used federation-rule-malformed certificate-checks-off
    certificate-file-unusable host-pinned localhost-odd proxy-unusable proxy-takes-localhost clock-doubtful
    running-environment-differs refresh-token-twice accounts-differ background-service-signed-out
    many-running-clients parked-sign-ins client-outdated several-installs running-versions-differ
    older-than-cloud-credentials value-set-but-empty helper-not-run helper-run-without-project
    folder-not-trusted provider-replaces-ladder gateway-mode model-outside-plan login-idle
    version-not-observed check-failed
"""

#: Every cause that is told as a finding, in that order.
FINDINGS: tuple[Cause, ...] = tuple(BY_ID[name] for name in _RANKING.split())

RULES: dict[str, MachineQuestion] = {
    cause.id: cause.rule.ask for cause in FINDINGS if cause.rule is not None and cause is not CHECK_FAILED
}

#: What tells that a login is there, and why it can't be used.
LOGIN_TO_MEND = frozenset(
    (
        *("keychain-locked", "tokens-wiped", "login-without-inference"),
        *("store-unusable", "store-unreadable", "login-expired"),
    )
)

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_PLACES: dict[str, int] = {cause.id: place for place, cause in enumerate(FINDINGS)}


def rank(finding: Finding) -> tuple[int, int, int]:
    """Findings are ranked by severity, and within it by their place in the table. A project's settings that
    stand in the way come first: what stops a request is mended once it would go where the person wants. A
    login that is there and can't be used is mended before a key is approved, which bills per token."""
    leads = finding.severity == "error" and finding.id == "project-settings-override"
    mends = finding.source == "stored-login" and finding.id in LOGIN_TO_MEND
    place = _PLACES[finding.id]
    before = min(place, _PLACES["approval-pending"]) if mends else place
    return (
        _SEVERITIES.index(finding.severity),
        -1 if leads else before,
        place - len(_PLACES) if mends else place,
    )


_CONNECTS = "a connection is made only on request"

#: What no look at files and processes can tell: id, title, why it was not checked.
ON_REQUEST: tuple[tuple[str, str, str], ...] = (
    ("hosts-reachable", "The hosts that are needed answer", _CONNECTS),
    ("certificates-replaced", "Nobody replaces certificates on the way", _CONNECTS),
    ("gateway-listens", "Something listens at the gateway's address", _CONNECTS),
    ("clock-compared", "The clock agrees with a server's", _CONNECTS),
    ("credential-accepted", "The server accepts the credential", "only a request tells"),
)
