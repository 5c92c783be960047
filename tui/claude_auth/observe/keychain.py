"""macOS: whether Claude Code's item is in the Keychain. Presence alone, since reading may open a dialog.

Written against a stand-in and not run on macOS (the README says so). The service name is Claude Code's:
with CLAUDE_CONFIG_DIR set, the first 8 hex digits of the SHA-256 of its NFC form follow a dash [told].
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

from claude_auth.model import Damage, Origin, StoreReading

Presence = Literal["present", "absent", "locked", "failed"]
SERVICE = "Claude Code-credentials"
_SECONDS = 2.0

_NOT_FOUND = -25300
_LOCKED = frozenset({-25308, -25293})


def service_name(config_dir_variable: str | None) -> str:
    if not config_dir_variable:
        return SERVICE
    import hashlib
    import unicodedata

    digest = hashlib.sha256(unicodedata.normalize("NFC", config_dir_variable).encode()).hexdigest()
    return f"{SERVICE}-{digest[:8]}"


def look(
    environ: Mapping[str, str],
    config_dir_variable: str | None,
    presence: Callable[[str, str], Presence] | None = None,
) -> StoreReading | None:
    """The Keychain's answer, None where it has no item (then the file counts)."""
    account = environ.get("USER", "")
    service = service_name(config_dir_variable)
    origin = Origin("keychain", path=service)
    answer: list[Presence] = []

    def ask() -> None:
        try:
            answer.append((presence or _presence)(service, account))
        except Exception:  # any failure of a foreign library is one answer: the look failed
            answer.append("failed")

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    if not answer:
        return StoreReading(origin, damage=Damage("io-error", "the Keychain did not answer in 2 seconds"))
    if answer[0] == "absent":
        return None
    if answer[0] == "locked":
        return StoreReading(origin, damage=Damage("permission", "the Keychain is locked in this session"))
    if answer[0] == "failed":
        return StoreReading(origin, damage=Damage("io-error", "the Keychain could not be asked"))
    return StoreReading(origin, present_unread=True)


def _presence(service: str, account: str) -> Presence:
    from ctypes import byref, c_void_p

    from keyring.backends.macOS import api as untyped

    api: Any = untyped

    query = api.create_query(
        kSecClass=api.k_("kSecClassGenericPassword"),
        kSecMatchLimit=api.k_("kSecMatchLimitOne"),
        kSecAttrService=service,
        kSecAttrAccount=account,
    )
    found = c_void_p()
    status = int(api.SecItemCopyMatching(query, byref(found)))
    if status == 0:
        return "present"
    if status == _NOT_FOUND:
        return "absent"
    return "locked" if status in _LOCKED else "failed"
