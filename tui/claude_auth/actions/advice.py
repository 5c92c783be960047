"""What is worth telling about a snapshot, with what can be changed here before all else that helps."""

from __future__ import annotations

from claude_auth.diagnose import MachineAnswers, diagnose
from claude_auth.diagnose.causes import BY_ID as CAUSES
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret, without_locals


@without_locals
def diagnosed(
    snapshot: Snapshot, client: str, version: str | None = None
) -> tuple[Resolution, tuple[Finding, ...]]:
    """What the core says about a snapshot: what `client` would send, and what is worth telling about that."""
    resolution = resolve(snapshot, client, version)
    return resolution, diagnose(snapshot, resolution)


@without_locals
def advised(
    snapshot: Snapshot, client: str, version: str | None = None
) -> tuple[Resolution, tuple[Finding, ...]]:
    """The same with what can be changed here before all else that helps; a first look alone does without."""
    resolution, findings = diagnosed(snapshot, client, version)
    if snapshot.more is not None:
        findings = with_changes(snapshot, resolution, findings, client)
    return resolution, findings


@without_locals
def machine_answers(snapshot: Snapshot, client: str, version: str | None = None) -> MachineAnswers:
    """What the machine says about every cause, for the texts that are explained on it."""
    resolution, findings = diagnosed(snapshot, client, version)
    findings = with_changes(snapshot, resolution, findings, client)
    return MachineAnswers.of(snapshot, resolution, findings)


@without_locals
def with_changes(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], client: str
) -> tuple[Finding, ...]:
    """Reads the files that a fix would change, where there may be one."""
    if not any(map(_may_be_changed, findings)):
        return findings
    from claude_auth.actions.fixes.offers import client_option, offers, with_ours

    return with_ours(findings, offers(snapshot, resolution, findings), client_option(client))


def _may_be_changed(finding: Finding) -> bool:
    """Whether a fix of ours can be possible, which only a look at the files decides."""
    rule = CAUSES[finding.id].rule
    return rule is not None and bool(rule.changes or rule.removes)


# ── look by look ─────────────────────────────────────────────────────────────────────────────────


class AdviceMemory:
    """Mostly it is a token that changes, and no fix of ours is about its value: reading the files and trying
    each fix on the snapshot again is a sixth of what a change costs. A whole look tries them all."""

    def __init__(self) -> None:
        self._kept: tuple[object, tuple[Finding, ...]] | None = None

    @without_locals
    def advised(
        self, snapshot: Snapshot, client: str, version: str | None, *, after_change: bool
    ) -> tuple[Resolution, tuple[Finding, ...]]:
        """As `advised`; `after_change`: what hasn't changed since the last time need not be tried again."""
        resolution, findings = diagnosed(snapshot, client, version)
        if snapshot.more is None:
            return resolution, findings
        basis = (client, version, findings, _outcome(resolution), _without_values(snapshot))
        kept = self._kept
        if not after_change or kept is None or kept[0] != basis:
            kept = self._kept = (basis, with_changes(snapshot, resolution, findings, client))
        return resolution, kept[1]


def _outcome(resolution: Resolution) -> tuple[object, ...]:
    """All of it that a fix is judged by."""
    states = tuple((one.reading.source, one.reading.state) for one in resolution.standings)
    return resolution.provider, resolution.usable, resolution.winner, resolution.blocked, states


def _without_values(snapshot: Snapshot) -> tuple[object, ...]:
    """All that was seen, of the login's tokens only what decides whether one could go out in place of another
    credential. The second look counts by what is found in it."""
    login, now = snapshot.login, snapshot.observed_at
    tokens = login.tokens
    kinds = None if tokens is None else (_kind(tokens.access_token), _kind(tokens.refresh_token))
    rest = (
        None
        if tokens is None
        else tokens._replace(
            access_token=_SOME, refresh_token=None, expires_at=None, login_deadline=None, issued_at=None
        )
    )
    origin = login.origin._replace(file=None)
    return (
        snapshot._replace(
            observed_at=0.0,
            more=None,
            machine=snapshot.machine._replace(free_bytes=None),
            login=login._replace(origin=origin, tokens=rest),
        ),
        kinds,
        tokens is not None and tokens.is_spent(now),
    )


_SOME = Secret("")


def _kind(token: Secret | None) -> tuple[str, bool] | None:
    return None if token is None else (token.kind, token.is_blank)
