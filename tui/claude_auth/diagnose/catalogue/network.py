"""What is configured about the network, and the clock."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "certificate-checks-off",
        "error",
        "The check of certificates is switched off",
        "NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody on the way read and change what Claude Code sends, "
        "credentials included. Name the certificate of your organisation in NODE_EXTRA_CA_CERTS instead.",
        (83,),
        removes=("NODE_TLS_REJECT_UNAUTHORIZED",),
    ),
    Entry(
        "certificate-file-unusable",
        "warning",
        "The file of further certificates can't be used",
        "A variable names a file with further certificate authorities, and nothing can be loaded from it. "
        "Where a proxy of your organisation replaces certificates, every connection then fails with "
        "'self-signed certificate'.",
        (83, 84),
    ),
    Entry(
        "host-pinned",
        "warning",
        "The table of hosts leads Claude's addresses elsewhere",
        "A line in the hosts file decides where a host is that Claude Code needs. Requests go there, "
        "whatever the name servers say.",
        (81, 90),
    ),
    Entry(
        "localhost-odd",
        "warning",
        "localhost does not lead to this machine in the usual way",
        "The sign-in's page ends at localhost. Without an entry for 127.0.0.1, or with ::1 on a machine "
        "without IPv6, the listener can't be opened or the browser doesn't reach it.",
        (62, 63),
        "likely",
    ),
    Entry(
        "proxy-unusable",
        "warning",
        "The proxy's address can't be used",
        "Claude Code speaks to proxies by http and https. An address without a scheme, of another kind or "
        "that is no URL makes connections fail or go around the proxy.",
        (81,),
        "likely",
    ),
    Entry(
        "proxy-takes-localhost",
        "info",
        "NO_PROXY does not leave out localhost",
        "Some programs then send requests to this machine through the proxy: a local gateway, or the "
        "sign-in's callback.",
        (65,),
        "likely",
    ),
    Entry(
        "clock-doubtful",
        "warning",
        "The clock is probably wrong",
        "Files of Claude Code are dated ahead of the clock, or the clock is older than this program. "
        "Whether a token has expired is then judged wrongly, and AWS refuses signatures. It happens after a "
        "machine slept, mostly in WSL and virtual machines.",
        (86,),
        "likely",
    ),
)
