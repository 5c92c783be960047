"""What is configured about the network, and the clock. Nothing is asked of anybody."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.diagnose.context import DiagnosisContext, place_of
from claude_auth.diagnose.rules.seen import NO_SECOND_LOOK, Answer, NotChecked, Rule, RuleMatch
from claude_auth.diagnose.rules.stores import quoted
from claude_auth.model import Assignment, FileFacts, Fix, Severity

#: What is configured is told here; what answers, only on request.
_ASK = Fix("see what answers and what does not", "claude-auth diagnose --network")

_DEAD_ENDS = ("0.0.0.0", "::", "127.", "::1")  # noqa: S104 - addresses that block lists use


def _checks_off(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("NODE_TLS_REJECT_UNAUTHORIZED")
    if found is None or found.value.reveal().strip() != "0":
        return None
    fixes = (
        Fix("switch the check on again", "unset NODE_TLS_REJECT_UNAUTHORIZED"),
        Fix("and name your organisation's certificate", "export NODE_EXTRA_CA_CERTS=/path/to/root.pem"),
        _ASK,
    )
    return RuleMatch(place_of(found.origin), fixes)


_CERTIFICATE_FIXES = {
    "der": "turn it into PEM",
    "tilde": "write the whole path; ~ is a name here",
    "missing": "name a file that is there",
    "expired": "ask your administrator for the new certificate",
    "not-read": "set it in the shell, or name the file in NODE_EXTRA_CA_CERTS",
}


def _certificates(s: DiagnosisContext) -> Answer:
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    bad = [file for file in s.snapshot.more.certificates if file.damage is not None]
    if not bad:
        return None
    words = "; ".join(f"{file.sentence} ({place_of(file.origin)})" for file in bad)
    first, code = bad[0], "" if bad[0].damage is None else bad[0].damage.code
    command = None
    if code == "der":
        command = f"openssl x509 -inform der -in {quoted(first.path)} -out root.pem"
    fix = Fix(_CERTIFICATE_FIXES.get(code, "name a readable file with certificates in PEM form"), command)
    return RuleMatch(words, (fix, _ASK))


def _pinned(s: DiagnosisContext) -> Answer:
    if s.snapshot.more is None or s.snapshot.more.hosts is None:
        return NO_SECOND_LOOK
    pinned = s.snapshot.more.hosts.pinned
    if not pinned:
        return None
    words = "; ".join(f"{host} is {address}, {place}" for host, address, place in pinned)
    dead = any(address.startswith(_DEAD_ENDS) for _, address, _ in pinned)
    title = "The table of hosts blocks Claude's addresses" if dead else None
    fix = Fix(f"take the line out if it is not yours: {pinned[0][2]}")
    return RuleMatch(words, (fix, _ASK), title=title)


def _localhost(s: DiagnosisContext) -> Answer:
    more = s.snapshot.more
    if more is None or more.hosts is None:
        return NO_SECOND_LOOK
    hosts = more.hosts
    if hosts.damage is not None:
        return NotChecked(f"{hosts.path}: {hosts.damage.text}")
    addresses = hosts.localhost
    odd = [address for address in addresses if not address.startswith("127.") and address != "::1"]
    if odd:
        words = f"localhost has the address {odd[0]}"
    elif "::1" in addresses and not any(address.startswith("127.") for address in addresses):
        dead = more.ipv6 is False
        words = "localhost has the address ::1 alone" + (", and there is no IPv6 here" if dead else "")
    elif not addresses:
        words = "there is no line for localhost"
    else:
        return None
    # Most systems know localhost without the line.
    severity: Severity | None = "info" if not addresses else None
    fix = Fix("add the usual line", "echo '127.0.0.1 localhost' | sudo tee -a /etc/hosts")
    return RuleMatch(f"{hosts.path}: {words}", (fix, _ASK), severity=severity)


# ── proxies ──────────────────────────────────────────────────────────────────────────────────────

_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


def _proxies(s: DiagnosisContext) -> Iterator[Assignment]:
    for name in _PROXIES:
        found = s.view.assignment(name)
        if found is not None and not found.value.is_blank:
            yield found


def _proxy_unusable(s: DiagnosisContext) -> Answer:
    for found in _proxies(s):
        scheme, separator, rest = found.value.reveal().strip().partition("://")
        if not separator:
            why = "the address has no scheme such as http://"
        elif scheme.lower() not in {"http", "https"}:
            why = "the address is of another kind than http or https"
        elif not rest.rpartition("@")[2].strip("/"):
            why = "the address names no host"
        else:
            continue
        fix = Fix(f"write it as http://HOST:PORT in {found.name}")
        return RuleMatch(f"{found.name}: {why} ({place_of(found.origin)})", (fix, _ASK))
    return None


def _proxy_takes_localhost(s: DiagnosisContext) -> Answer:
    proxy = next(_proxies(s), None)
    if proxy is None:
        return None
    exceptions = f"{s.view.text('NO_PROXY')},{s.view.text('no_proxy')}".lower()
    names = {part.strip() for part in exceptions.replace(" ", ",").split(",")}
    if names & {"localhost", "127.0.0.1", "*"}:
        return None
    fix = Fix("leave this machine out", 'export NO_PROXY="localhost,127.0.0.1,::1${NO_PROXY:+,$NO_PROXY}"')
    return RuleMatch(f"{proxy.name}: {place_of(proxy.origin)}", (fix, _ASK))


# ── clock ────────────────────────────────────────────────────────────────────────────────────────

#: This program was written after this moment: 2026-08-01.
_WRITTEN = 1_785_542_400.0
_AHEAD = 300.0


def _clock(s: DiagnosisContext) -> Answer:
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    now = s.snapshot.observed_at
    fix = Fix("let the clock be set", "sudo timedatectl set-ntp true")
    if s.snapshot.machine.wsl:
        fix = Fix("take the time from Windows", "sudo hwclock -s")
    if now < _WRITTEN:
        return RuleMatch(
            "the clock is older than this program", (fix,), title="The clock is wrong", certainty="seen"
        )
    ahead = [file for file in _own_files(s) if file.modified > now + _AHEAD]
    if not ahead:
        return None
    newest = max(ahead, key=lambda file: file.modified)
    return RuleMatch(f"{newest.path} is dated {(newest.modified - now) / 60:.0f} min ahead", (fix,))


def _own_files(s: DiagnosisContext) -> Iterator[FileFacts]:
    for file in (s.snapshot.login.origin.file, s.snapshot.claude_json.file):
        if file is not None:
            yield file


RULES: dict[str, Rule] = {
    "certificate-checks-off": _checks_off,
    "certificate-file-unusable": _certificates,
    "host-pinned": _pinned,
    "localhost-odd": _localhost,
    "proxy-unusable": _proxy_unusable,
    "proxy-takes-localhost": _proxy_takes_localhost,
    "clock-doubtful": _clock,
}
