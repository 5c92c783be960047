"""Claude Code's item in the Keychain of macOS: its names, and what `/usr/bin/security` says about it. Pure.

The item is made by that program, which reads it again without asking anybody, while a library inside our own
interpreter raises a dialog for each new Python; without `-w` nothing is decrypted and nobody is ever asked
[told; behaviour.md 10]. Names and commands as in the program text of 2.1.332; not run on a Mac.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from claude_auth.model import Damage

SECURITY = "/usr/bin/security"
SERVICE = "Claude Code-credentials"
#: Where there is no user name, or one with characters that the client does not put into a command.
ACCOUNT = "claude-code-user"
#: For the answer; a call can hang where no person is there to answer a dialog.
SECONDS = 5.0
TRIES = 2

FOUND, NOT_FOUND = 0, 44
#: The exit code is the last byte of Apple's status: -25308 becomes 36. By code: of `Damage`, and why.
_REFUSALS: Mapping[int, Damage] = {
    36: Damage("permission", "the Keychain is locked in this session"),
    51: Damage("denied", "the Keychain denied access to the item"),
    128: Damage("denied", "somebody cancelled the dialog of the Keychain"),
    37: Damage("io-error", "this session has no default Keychain"),
    50: Damage("io-error", "the Keychain that should be searched does not exist"),
    53: Damage("io-error", "this session has no Keychain"),
}
NOT_LOOKED_AT = Damage("not-looked-at", "the Keychain was not looked at yet")
OF_ANOTHER_HOME = Damage("io-error", "it is in the Keychain of that home, which can't be asked from here")


def service_name(environ: Mapping[str, str]) -> str:
    """With a directory named, even the default one, the first 8 hex digits of the SHA-256 of its NFC form
    follow a dash; CLAUDE_SECURESTORAGE_CONFIG_DIR comes before CLAUDE_CONFIG_DIR, and empty means none."""
    directory = environ.get("CLAUDE_SECURESTORAGE_CONFIG_DIR")
    if directory is None:
        directory = environ.get("CLAUDE_CONFIG_DIR")
    if not directory:
        return SERVICE
    import hashlib
    import unicodedata

    name = unicodedata.normalize("NFC", directory).encode("utf-8", "surrogateescape")
    return f"{SERVICE}-{hashlib.sha256(name).hexdigest()[:8]}"


def account_name(environ: Mapping[str, str], login_name: str) -> str:
    name = environ.get("USER") or login_name
    return name if re.fullmatch(r"[a-zA-Z0-9._-]+", name) else ACCOUNT


def find_command(service: str, account: str, *, with_value: bool = False) -> tuple[str, ...]:
    """Without the program's name. Only `with_value` is anything decrypted."""
    return ("find-generic-password", "-a", account, *(("-w",) if with_value else ()), "-s", service)


def refusal(exit_code: int | None) -> Damage | None:
    """Why the answer says nothing about the login; None for one that does: found, or not found. None as a
    code: there was no answer."""
    if exit_code in {FOUND, NOT_FOUND}:
        return None
    if exit_code is None:
        return Damage("io-error", f"the Keychain gave no answer within {SECONDS:.0f} s, asked {TRIES} times")
    unknown = Damage("io-error", f"the Keychain could not be asked: security ended with {exit_code}")
    return _REFUSALS.get(exit_code, unknown)


def value_of(output: bytes) -> bytes:
    """The value in what `-w` prints: in hex digits where it holds more than printable ASCII."""
    text = output.rstrip(b"\n")
    if text and len(text) % 2 == 0 and re.fullmatch(rb"[0-9a-fA-F]+", text):
        return bytes.fromhex(text.decode("ascii"))
    return text
