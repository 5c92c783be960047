"""What a terminal sends for a key, as bytes."""

from __future__ import annotations

_CURSOR_KEYS = {"up": b"A", "down": b"B", "right": b"C", "left": b"D", "home": b"H", "end": b"F"}
_KEYS = {
    "enter": b"\r",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "escape": b"\x1b",
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "insert": b"\x1b[2~",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "ctrl+@": b"\0",
    "ctrl+backslash": b"\x1c",
    "ctrl+circumflex_accent": b"\x1e",
    "ctrl+underscore": b"\x1f",
    "ctrl+left": b"\x1b[1;5D",
    "ctrl+right": b"\x1b[1;5C",
    **{f"f{number}": b"\x1bO" + bytes([0x4F + number]) for number in range(1, 5)},
}


def bytes_of(key: str, character: str | None, application_keys: bool = False) -> bytes:
    """What a terminal sends for that key; empty for one that it has no bytes for."""
    if key in _CURSOR_KEYS:
        return (b"\x1bO" if application_keys else b"\x1b[") + _CURSOR_KEYS[key]
    if key in _KEYS:
        return _KEYS[key]
    if key.startswith("ctrl+") and len(key) == 6 and key[5].isalpha():
        return bytes([ord(key[5].lower()) & 0x1F])
    if key.startswith("alt+") and len(key) == 5:
        return b"\x1b" + key[4].encode()
    return character.encode() if character and character.isprintable() else b""
