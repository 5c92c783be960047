"""What is configured about the network: certificates, names, IPv6. No connection is made."""

from __future__ import annotations

import os

from claude_auth.files import read_file
from claude_auth.model import Damage, Location, Snapshot
from claude_auth.model.surroundings import CertificateFile, HostsFile
from claude_auth.observe.context import ObservationContext
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.trust import VARIABLES, read_named

#: Block lists fill tables of hosts with a hundred thousand lines.
HOSTS_LIMIT = 8 << 20

#: Requests, sign-in and refresh, and the page that a person signs in on [behaviour.md section 4].
NEEDED_HOSTS = frozenset({"api.anthropic.com", "platform.claude.com", "claude.ai", "claude.com"})

#: [seen 2.1.332]: the runtime reads it before Claude Code has put the settings' variables in place.
NOT_READ_FROM_SETTINGS = "Claude Code takes this variable from the shell alone, not from a settings file"


def certificate_files(snapshot: Snapshot, view: ObservationContext) -> tuple[CertificateFile, ...]:
    """What the variables name, and why it would not be loaded."""
    found = []
    for variable in VARIABLES:
        assignments = snapshot.variables.get(variable.name, ())
        # What Claude Code reads, and what this program's own connections do: the shell's alone.
        ours = next((one for one in assignments if one.layer is None), None)
        for one in dict.fromkeys((*assignments[:1], *((ours,) if ours is not None else ()))):
            value = one.value.reveal()
            if not value:
                continue
            if one.layer is not None and not variable.from_settings:
                damage = Damage("not-read", NOT_READ_FROM_SETTINGS)
                found.append(CertificateFile(variable.name, shown_path(value), one.origin, damage))
                continue
            named = read_named(variable.name, value, view.cwd, snapshot.observed_at)
            found.append(CertificateFile(variable.name, named.path, one.origin, named.damage))
    return tuple(found)


def hosts_file(view: ObservationContext) -> HostsFile:
    """The addresses of localhost, and the lines that decide where a host of Claude's is."""
    path = view.system("/etc/hosts")
    read = read_file(path, HOSTS_LIMIT)
    if read.content is None:
        return HostsFile(path, read.damage)
    localhost: list[str] = []
    pinned: list[tuple[str, str, Location]] = []
    for number, line in enumerate(read.content.decode("utf-8", "replace").splitlines(), 1):
        address, *names = line.partition("#")[0].split() or [""]
        for name in (name.lower().rstrip(".") for name in names):
            if name == "localhost" and address not in localhost:
                localhost.append(clean(address, 60))
            elif name in NEEDED_HOSTS:
                pinned.append((name, clean(address, 60), Location(path, number)))
    return HostsFile(path, None, tuple(localhost[:20]), tuple(pinned[:20]))


def has_ipv6(view: ObservationContext) -> bool | None:
    """Whether the kernel has any IPv6 address; None where there is no such table to look at."""
    if not os.path.isdir(view.system("/proc/net")):
        return None
    return bool((read_file(view.system("/proc/net/if_inet6")).content or b"").strip())
