"""Whom a TLS connection trusts, and by which variable; and the names of those who look inside."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

#: Makers of programs that put themselves into TLS connections, as they name their certificates.
INSPECTORS = (
    "zscaler",
    "netskope",
    "palo alto",
    "fortinet",
    "fortigate",
    "forcepoint",
    "websense",
    "blue coat",
    "bluecoat",
    "symantec web",
    "cisco umbrella",
    "cisco secure",
    "check point",
    "barracuda",
    "sophos",
    "mcafee web",
    "skyhigh",
    "iboss",
    "cato networks",
    "menlo security",
    "cloudflare for teams",
    "gateway ca - cloudflare",
    "kaspersky",
    "avast",
    "avg web",
    "eset ssl",
    "bitdefender",
    "adguard",
    "mitmproxy",
    "charles proxy",
    "fiddler",
    "portswigger",
    "squid",
    "untangle",
    "inspection",
)


def is_inspector(issuer: str) -> bool:
    name = issuer.lower()
    return any(word in name for word in INSPECTORS)


def usual_trust() -> ssl.SSLContext:
    """What the system and certifi trust, without any variable of this person."""
    import ssl

    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    paths = ssl.get_default_verify_paths()
    # The paths as they were built in: SSL_CERT_FILE would replace them otherwise.
    file = paths.openssl_cafile if os.path.isfile(paths.openssl_cafile) else None
    folder = paths.openssl_capath if os.path.isdir(paths.openssl_capath) else None
    if file or folder:
        with contextlib.suppress(OSError):  # ssl.SSLError is one
            context.load_verify_locations(file, folder)
    context.load_verify_locations(certifi.where())
    return context


def own_trust(environ: Mapping[str, str], cwd: str) -> ssl.SSLContext:
    """With the variables: SSL_CERT_FILE and SSL_CERT_DIR instead of the usual, NODE_EXTRA_CA_CERTS on top.
    Files that can't be read count as not set, as for Node."""
    file, folder = _there(environ.get("SSL_CERT_FILE"), cwd), _there(environ.get("SSL_CERT_DIR"), cwd)
    context = usual_trust()
    for cafile, capath in (
        (file, None),
        (None, folder),
        (_there(environ.get("NODE_EXTRA_CA_CERTS"), cwd), None),
    ):
        if cafile or capath:
            with contextlib.suppress(OSError):
                context.load_verify_locations(cafile, capath)
    return context


def no_trust() -> ssl.SSLContext:
    """To look at a certificate only; nothing of ours is sent over it."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _there(path: str | None, cwd: str) -> str | None:
    if not path:
        return None
    full = os.path.join(cwd, path)
    return full if os.path.exists(full) else None
