"""macOS: whether Claude Code's item is in the Keychain. Presence alone, since reading may open a dialog.

Written against a stand-in and not run on macOS (the README says so). The service name is Claude Code's:
with CLAUDE_CONFIG_DIR set, the first 8 hex digits of the SHA-256 of its NFC form follow a dash [told].
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from claude_auth.formats.credentials import read_login
from claude_auth.formats.document import parse
from claude_auth.model import Damage, Origin, StoreReading

Presence = Literal["present", "absent", "locked", "failed"]
SERVICE = "Claude Code-credentials"
_SECONDS = 2.0
_SECONDS_FOR_A_PERSON = 60.0

_NOT_FOUND = -25300
_LOCKED = frozenset({-25308, -25293})


def service_name(config_dir_variable: str | None) -> str:
    if not config_dir_variable:
        return SERVICE
    import hashlib
    import unicodedata

    name = unicodedata.normalize("NFC", config_dir_variable).encode("utf-8", "surrogateescape")
    return f"{SERVICE}-{hashlib.sha256(name).hexdigest()[:8]}"


def find_login(
    environ: Mapping[str, str],
    config_dir_variable: str | None,
    presence: Callable[[str, str], Presence] | None = None,
) -> StoreReading | None:
    """The Keychain's answer, None where it has no item (then the file counts)."""
    account = environ.get("USER", "")
    service = service_name(config_dir_variable)
    origin = Origin("keychain", path=service, variable="USER")
    answer = _within(_SECONDS, lambda: (presence or _presence)(service, account))
    if answer == "absent":
        return None
    if answer == "present":
        return StoreReading(origin, present_unread=True, account=account)
    if answer == "locked":
        return StoreReading(origin, damage=Damage("permission", "the Keychain is locked in this session"))
    return StoreReading(origin, damage=Damage("io-error", "the Keychain could not be asked"))


def read_value(
    reading: StoreReading, password: Callable[[str, str], str | None] | None = None
) -> StoreReading:
    """The item's value, on consent: macOS may ask the person in a dialog, for which there is a minute."""
    service, account = reading.origin.path or "", reading.account or ""
    text = _within(_SECONDS_FOR_A_PERSON, lambda: (password or _password)(service, account))
    if text is None:
        return StoreReading(reading.origin, damage=Damage("io-error", "the Keychain gave no value"))
    document = parse(text.encode("utf-8", "replace"))
    if document.damage is not None:
        return StoreReading(reading.origin, damage=document.damage)
    login = read_login(document)
    return StoreReading(reading.origin, login.tokens, unusable=login.unusable)


_Answer = TypeVar("_Answer")


def _within(seconds: float, ask: Callable[[], _Answer]) -> _Answer | None:
    """The answer of a foreign library, None where it fails or does not come in time."""
    answers: list[_Answer] = []

    def run() -> None:
        with contextlib.suppress(Exception):  # whatever went wrong there: the look failed
            answers.append(ask())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None


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


def _password(service: str, account: str) -> str | None:
    from keyring.backends.macOS import Keyring  # this class and no other: keyring might choose a plain file

    value: str | None = Keyring().get_password(service, account)
    return value
