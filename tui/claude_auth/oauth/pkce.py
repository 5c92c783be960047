"""Proof key for code exchange (RFC 7636) and the state parameter. Randomness is a parameter."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from claude_auth.security.secret import Secret

#: So many random bytes.
Randomness = Callable[[int], bytes]

METHOD = "S256"
_BYTES = 32
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Proof:
    """The verifier stays here until the exchange; the challenge goes into the URL."""

    verifier: Secret
    challenge: str


def base64url(raw: bytes) -> str:
    """Base 64 for URLs without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def challenge_of(verifier: Secret) -> str:
    """The S256 challenge; a verifier that RFC 7636 doesn't allow is refused."""
    if not _VERIFIER.fullmatch(verifier.reveal()):
        raise ValueError("a code verifier has 43 to 128 characters out of A-Z a-z 0-9 - . _ ~")
    return base64url(hashlib.sha256(verifier.reveal().encode("ascii")).digest())


def make_proof(randomness: Randomness = secrets.token_bytes) -> Proof:
    verifier = Secret(base64url(randomness(_BYTES)))
    return Proof(verifier, challenge_of(verifier))


def make_state(randomness: Randomness = secrets.token_bytes) -> Secret:
    """256 bits that tie the answer to this attempt."""
    return Secret(base64url(randomness(_BYTES)))
