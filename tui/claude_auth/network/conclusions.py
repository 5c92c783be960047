"""What the checks of all hosts mean together. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth.network.results import Check, HostReport
from claude_auth.security.sanitize import clean
from claude_auth.trust import is_inspector
from claude_auth.words import span

ALL_REACHED = "Everything that is needed can be reached."
#: From here on a wrong clock is worth a word; from there on it breaks things (AWS refuses at 5 minutes).
SKEW_TOLD, SKEW_BREAKS = 60.0, 300.0


def conclusions(hosts: Sequence[HostReport], settings: Sequence[Check]) -> tuple[str, ...]:
    """What it means for Claude Code, the worst first."""
    failed = [host for host in hosts if host.state == "fail" and not _only_clock(host)]
    found: list[str] = []
    if hosts and len(failed) == len(hosts):
        stages = {next(c.stage for c in host.checks if c.state == "fail") for host in failed}
        if stages == {"dns"}:
            found.append("No name can be looked up: this machine has no network, or its DNS is down.")
        else:
            found.append("No host that is needed can be reached from here.")
    found += [f"{clean(host.needed.host, 200)} fails: {host.needed.failing}." for host in failed]
    found += [f"{check.words}." for check in settings if check.state == "fail"]
    skews = sorted(host.skew for host in hosts if host.skew is not None)
    skew = skews[len(skews) // 2] if skews else 0.0
    if abs(skew) >= SKEW_TOLD:
        side = "ahead" if skew > 0 else "behind"
        found.append(
            f"This clock is {span(abs(skew))} {side}: tokens look expired or fresh when they are not, and "
            "AWS refuses signatures from five minutes on. Set it: timedatectl set-ntp true; in WSL "
            "sudo hwclock -s."
        )
    inspected = [host for host in hosts if host.issuer is not None and is_inspector(host.issuer)]
    if inspected and not any(host in failed for host in inspected):
        found.append(f"TLS is inspected by {inspected[0].issuer}; it works, since that is trusted here.")
    return tuple(found) or (ALL_REACHED,)


def _only_clock(host: HostReport) -> bool:
    return all(check.stage == "clock" for check in host.checks if check.state == "fail")
