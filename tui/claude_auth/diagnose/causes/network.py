"""What is configured about the network, and the clock. Nothing is asked of anybody."""

from __future__ import annotations

from shlex import quote

from claude_auth.claude_code.values import authority_is_cut
from claude_auth.diagnose.cause import (
    NO_SECOND_LOOK,
    OPEN,
    STATUS_PAGE,
    Answer,
    Cause,
    MachineRule,
    NotChecked,
    RuleMatch,
    act,
)
from claude_auth.diagnose.causes.sent import has_base_url
from claude_auth.diagnose.context import DiagnosisContext, place_of
from claude_auth.model import Fix, Severity

#: What is configured is told here; what answers, only on request.
_ASK = act("network", "see what answers and what does not")

_DEAD_ENDS = ("0.0.0.0", "::", "127.", "::1")  # noqa: S104 - addresses that block lists use


def _certificate_checks_off(s: DiagnosisContext) -> Answer:
    """`NODE_TLS_REJECT_UNAUTHORIZED` is 0."""
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


def _certificate_file_unusable(s: DiagnosisContext) -> Answer:
    """`NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE` or `SSL_CERT_DIR` names nothing that can be loaded: missing,
    unreadable, DER, no certificate, all expired, `~` not expanded; or `SSL_CERT_FILE`, `SSL_CERT_DIR` stand
    in a settings file, where Claude Code does not read them."""
    bad = [file for file in s.more.certificates if file.damage is not None]
    if not bad:
        return None
    words = "; ".join(f"{file.sentence} ({place_of(file.origin)})" for file in bad)
    first, code = bad[0], "" if bad[0].damage is None else bad[0].damage.code
    command = None
    if code == "der":
        command = f"openssl x509 -inform der -in {quote(first.path)} -out root.pem"
    fix = Fix(_CERTIFICATE_FIXES.get(code, "name a readable file with certificates in PEM form"), command)
    return RuleMatch(words, (fix, _ASK))


def _host_pinned(s: DiagnosisContext) -> Answer:
    """`/etc/hosts` has a line for a host that Claude Code needs."""
    if s.more.hosts is None:
        return NO_SECOND_LOOK
    pinned = s.more.hosts.pinned
    if not pinned:
        return None
    words = "; ".join(f"{host} is {address}, {place}" for host, address, place in pinned)
    dead = any(address.startswith(_DEAD_ENDS) for _, address, _ in pinned)
    title = "The table of hosts blocks Claude's addresses" if dead else None
    fix = Fix(f"take the line out if it is not yours: {pinned[0][2]}")
    return RuleMatch(words, (fix, _ASK), title=title)


def _localhost_odd(s: DiagnosisContext) -> Answer:
    """`/etc/hosts` gives `localhost` only `::1` or an address elsewhere; no line at all is a note."""
    hosts = s.more.hosts
    if hosts is None:
        return NO_SECOND_LOOK
    if hosts.damage is not None:
        return NotChecked(f"{hosts.path}: {hosts.damage.text}")
    addresses = hosts.localhost
    odd = [address for address in addresses if not address.startswith("127.") and address != "::1"]
    if odd:
        words = f"localhost has the address {odd[0]}"
    elif "::1" in addresses and not any(address.startswith("127.") for address in addresses):
        dead = s.more.ipv6 is False
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


def _proxy_unusable(s: DiagnosisContext) -> Answer:
    """A proxy variable without a scheme, with another than http and https, or without a host, also where a
    `#`, `/` or `?` of the password ends it."""
    for found in s.filled(*_PROXIES):
        scheme, separator, rest = found.value.reveal().strip().partition("://")
        if not separator:
            why = "the address has no scheme such as http://"
        elif scheme.lower() not in {"http", "https"}:
            why = "the address is of another kind than http or https"
        elif not rest.rpartition("@")[2].strip("/"):
            why = "the address names no host"
        elif authority_is_cut(rest):
            why = "a #, / or ? in the user's name or password ends the host: write it as %23, %2F or %3F"
        else:
            continue
        fix = Fix(f"write it as http://HOST:PORT in {found.name}")
        return RuleMatch(f"{found.name}: {why} ({place_of(found.origin)})", (fix, _ASK))
    return None


def _proxy_takes_localhost(s: DiagnosisContext) -> Answer:
    """A proxy is set, and `NO_PROXY` leaves out neither `localhost` nor `127.0.0.1`."""
    proxy = next(s.filled(*_PROXIES), None)
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


def _clock_doubtful(s: DiagnosisContext) -> Answer:
    """Claude Code's files are dated over five minutes ahead, or the clock is older than this program."""
    now = s.snapshot.observed_at
    fix = Fix("let the clock be set", "sudo timedatectl set-ntp true")
    if s.snapshot.machine.wsl:
        fix = Fix("take the time from Windows", "sudo hwclock -s")
    if now < _WRITTEN:
        return RuleMatch(
            "the clock is older than this program", (fix,), title="The clock is wrong", certainty="seen"
        )
    ahead = [file for file in s.own_files if file.modified > now + _AHEAD]
    if not ahead:
        return None
    newest = max(ahead, key=lambda file: file.modified)
    return RuleMatch(f"{newest.path} is dated {(newest.modified - now) / 60:.0f} min ahead", (fix,))


def _has_certificates(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("NODE_EXTRA_CA_CERTS")
    if found is None or found.value.is_empty:
        return OPEN
    return RuleMatch(f"NODE_EXTRA_CA_CERTS: {place_of(found.origin)}", certainty="likely")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "certificate-checks-off",
        "The check of certificates is switched off",
        "NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody on the way read and change what Claude Code sends, "
        "credentials included. Name the certificate of your organisation in NODE_EXTRA_CA_CERTS instead.",
        (83,),
        rule=MachineRule("error", _certificate_checks_off, removes=("NODE_TLS_REJECT_UNAUTHORIZED",)),
    ),
    Cause(
        "certificate-file-unusable",
        "The file of further certificates can't be used",
        "A variable names a file with further certificate authorities, and nothing can be loaded from it. "
        "Where a proxy of your organisation replaces certificates, every connection then fails with "
        "'self-signed certificate'.",
        (83, 84),
        rule=MachineRule("warning", _certificate_file_unusable, second_look=True),
    ),
    Cause(
        "host-pinned",
        "The table of hosts leads Claude's addresses elsewhere",
        "A line in the hosts file decides where a host is that Claude Code needs. Requests go there, "
        "whatever the name servers say.",
        (81, 90),
        rule=MachineRule("warning", _host_pinned, second_look=True),
    ),
    Cause(
        "localhost-odd",
        "localhost does not lead to this machine in the usual way",
        "The sign-in's page ends at localhost. Without an entry for 127.0.0.1, or with ::1 on a machine "
        "without IPv6, the listener can't be opened or the browser doesn't reach it.",
        (62, 63),
        rule=MachineRule("warning", _localhost_odd, "likely", second_look=True),
    ),
    Cause(
        "proxy-unusable",
        "The proxy's address can't be used",
        "Claude Code speaks to proxies by http and https. An address without a scheme, of another kind or "
        "that is no URL makes connections fail or go around the proxy.",
        (81,),
        rule=MachineRule("warning", _proxy_unusable, "likely"),
    ),
    Cause(
        "proxy-takes-localhost",
        "NO_PROXY does not leave out localhost",
        "Some programs then send requests to this machine through the proxy: a local gateway, or the "
        "sign-in's callback.",
        (65,),
        rule=MachineRule("info", _proxy_takes_localhost, "likely"),
    ),
    Cause(
        "clock-doubtful",
        "The clock is probably wrong",
        "Files of Claude Code are dated ahead of the clock, or the clock is older than this program. "
        "Whether a token has expired is then judged wrongly, and AWS refuses signatures. It happens after "
        "a machine slept, mostly in WSL and virtual machines.",
        (86,),
        rule=MachineRule("warning", _clock_doubtful, "likely", second_look=True),
    ),
    Cause(
        "tls-interception",
        "A proxy replaces the certificates",
        "The connection's certificate is signed by an authority that Claude Code does not know, usually "
        "the company's. Name its root certificate (PEM); switching the check off would give your "
        "credentials to anyone in between.",
        (83,),
        fixes=(
            Fix("name the root certificate", "export NODE_EXTRA_CA_CERTS=/path/to/company-root.pem"),
            Fix("or use the system's store with a recent client", "export NODE_USE_SYSTEM_CA=1"),
            act("network", "see who signs"),
        ),
        also="ca-variable-not-inherited",
        phrases="""
            92: if a proxy intercepts tls its certificate must be trusted, authority claude code doesnt trust
            90: dont lead to a trusted authority, unable to connect to api ssl error, ca certificate whose own
                issuer is missing
            75 ours: certificate verify failed, ssl certificate hostname mismatch, unable to get issuer
                certificate; alone: 40
            85 no-stranger: self-signed certificate detected
            80 no-stranger: self_signed_cert_in_chain, self-signed certificate in certificate chain, unable to
                get local issuer certificate, unable_to_get_issuer_cert_locally
            75 ours: depth_zero_self_signed_cert, unable_to_verify_leaf_signature, unable to verify the first
                certificate; alone: 30
            75 ours: certificate_verify_failed; alone: 10
            85: unable to connect to api ssl certificate, corporate ssl certificates
            75: api error … unable to get issuer certificate; gap: 30
        """,
    ),
    Cause(
        "ca-variable-not-inherited",
        "The certificate variable does not reach Claude Code",
        "Programs started from a desktop do not have the shell's variables, `~` is not expanded in "
        "settings, or the file named there can't be read as PEM.",
        (84,),
        fixes=(
            Fix("check the file", 'openssl x509 -in "$NODE_EXTRA_CA_CERTS" -noout -subject'),
            Fix("set the variable in the env block of ~/.claude/settings.json, with the full path"),
        ),
        here=_has_certificates,
        also="tls-interception",
        phrases="85: ignoring extra certs from",
    ),
    Cause(
        "html-instead-of-json",
        "A gateway answered with a web page",
        "The body is HTML, so it came from a proxy, a load balancer or a content network and not from the "
        "API. A 401 or the advice to sign in says nothing about your credential then.",
        (85,),
        fixes=(
            Fix("try again in some minutes; keep the login"),
            Fix("see which hosts and proxies are in use", "env | grep -i -E 'proxy|ANTHROPIC_BASE_URL'"),
            STATUS_PAGE,
        ),
        certainty="seen",
        phrases=r"""
            92: a caching proxy answered in place of, which usually means a network proxy or web filter
                answered
            90: couldnt be read either because a proxy replaced it, received html instead of, isnt forwarding
                that path
            90 no-stranger: html; hides: region-or-proxy-blocked;
                look: (?<![\d.])[2345]\d\d\b[\s{}\"':,·-]{0,12}<\s*(?:!doctype\s+)?html
            80 no-stranger: html; look: \A\W{0,8}<\s*(?:!doctype\s+)?html\b[\s\S]{0,600}?\b(?:bad
                gateway|service unavailable|gateway time-?out|forbidden|cloudflare|nginx|just a moment)\b
            75 ours: unexpected token; also: base-url-unreachable; alone: 40;
                look: (?:unexpected|unrecogni[sz]ed) token\W{0,4}<
            75 ours: unrecognized token; alone: 40; look: (?:unexpected|unrecogni[sz]ed) token\W{0,4}<
        """,
    ),
    Cause(
        "clock-wrong",
        "The clock is wrong",
        "Signed requests and tokens carry times. WSL after sleep and resumed virtual machines are often "
        "minutes or hours behind.",
        (86,),
        fixes=(
            act("network", "compare with a server"),
            Fix("set it", "sudo timedatectl set-ntp true"),
            Fix("in WSL", "sudo hwclock -s"),
        ),
        phrases="""
            92: ssl certificate is not yet valid, ssl certificate has expired; also: tls-interception
            90: by this computers clock, check the date and time on this computer, signature not yet current
            75: cert_has_expired, cert_not_yet_valid; also: tls-interception; near: unabletoconnecttoapi
                anthropiccom claudecom claudeai
            90: signature expired … is now earlier than; gap: 60
            70 ours: signaturedoesnotmatch; also: aws-token-invalid; alone: 10
            80: request_time_too_skewed; unless: s3
            60 ours: requestexpired; alone: 4
            80: token must be a short-lived token … reasonable timeframe; gap: 30
            70 ours: token used too early; alone: 40
        """,
    ),
    Cause(
        "base-url-unreachable",
        "The host is wrong or not there",
        "The name does not resolve or nothing listens at the address: a gateway that is not running, a "
        "typing error in ANTHROPIC_BASE_URL, or no network.",
        (90,),
        fixes=(
            act("panel.wire", "see which host is asked"),
            Fix("start the gateway, or go back to Anthropic's own host", "unset ANTHROPIC_BASE_URL"),
        ),
        here=has_base_url,
        phrases=r"""
            92 no-stranger: a firewall or proxy may be blocking it, cant reach the api server check your
                internet, couldnt reach fix check your network or proxy, check your network or proxy,
                failedtoopensocket, vpn firewall or security software can cause this, took too long to answer
                fix
            92: couldnt reach bedrock in region, couldnt reach vertex ai in region, couldnt reach aws in
                region
            88: unable to connect to api check your internet connection
            80 no-stranger: api error connection error, api error invalid url
            80 no-stranger: api error the socket connection was closed, api error 403 the socket connection
                was closed, api error request timed out check your internet connection and proxy;
                also: region-or-proxy-blocked proxy-refuses
            60 ours: connection refused, econnreset, etimedout, fetch failed
            60: unable to connect to anthropic services; also: region-or-proxy-blocked
            80: unable to connect to api; near: econnrefused enotfound econnreset timedout
            45 ours: unable to connect to api; unless: certificate selfsigned ssl; alone: 40
            60: api error … econnrefused; gap: 40; look: api error[^\n]{0,60}econnrefused
            60: api error … enotfound; gap: 40; look: api error[^\n]{0,60}enotfound
            60: failed to connect to api.anthropic.com; unless: certificate selfsigned cert statuscode403
            60: failed to connect to … claude.com port; gap: 20
            55 ours: temporary failure in name resolution; alone: 0
            45 ours: econnreset; near: apierror anthropiccom claudecom; alone: 0
            75: getaddrinfo … anthropic.com, getaddrinfo … claude.com, getaddrinfo … claude.ai, could not
                resolve host … anthropic.com; gap: 20
            80: services.ai.azure.com … name could not be resolved; gap: 30
            60 ours: name could not be resolved; alone: 30
            45 ours: econnrefused; near: anthropicbaseurl apierror; alone: 0
            40 ours: econnrefused; alone: 0; look: \A\W*econnrefused\W*\Z
            40 ours: enotfound; alone: 0; look: \A\W*enotfound\W*\Z
        """,
    ),
)
