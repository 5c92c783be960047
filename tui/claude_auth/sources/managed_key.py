"""The API key that signing in with a Console account stores in .claude.json."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import HeaderValue, Origin, SourceReading
from claude_auth.security.sanitize import shown_path
from claude_auth.sources.source import MANAGED_BY_HOST, PER_TOKEN, Source

_ID = "managed-key"
KEY_IS_NO_TEXT = "primaryApiKey is no text"
KEY_IS_BLANK = "primaryApiKey holds nothing but blanks"


def _x_api_key(view: EffectiveConfig) -> HeaderValue | None:
    """One of blanks goes out empty [seen, 2.1.332]."""
    key = view.snapshot.claude_json.primary_api_key
    return None if key is None or not is_read(view) else HeaderValue(_ID, None, key.stripped())


def is_read(view: EffectiveConfig) -> bool:
    return not view.is_simple and not view.is_managed_by_host


def _read(view: EffectiveConfig) -> SourceReading:
    state = view.snapshot.claude_json
    origin = Origin("file", path=state.path, file=state.file)
    if state.damage is not None and not state.damage.is_missing:
        why = f"{shown_path(state.path)}: {state.damage.text}"
        return SourceReading(_ID, "unreadable" if state.damage.is_unreadable else "unusable", why, origin)
    if state.key_is_no_text:
        return SourceReading(_ID, "unusable", KEY_IS_NO_TEXT, origin)
    if state.primary_api_key is None:
        return SourceReading(_ID, "absent", "no Console login")
    if state.primary_api_key.is_blank:
        return SourceReading(_ID, "unusable", KEY_IS_BLANK, origin)
    return SourceReading(
        _ID,
        "present",
        "stored by a Console login",
        origin,
        state.primary_api_key.stripped(),
        account=state.email,
        details=(("organisation", state.organization),) if state.organization else (),
    )


SOURCE = Source(
    id=_ID,
    label="Console login key",
    family="wire",
    sets="signing in with a Console account, which stores a key as primaryApiKey in .claude.json",
    unset="sign out: `claude auth logout`",
    sign_out="claude auth logout",
    bills=PER_TOKEN,
    read=_read,
    x_api_key=_x_api_key,
    absent="none",
    ignored=lambda view: MANAGED_BY_HOST if view.is_managed_by_host else None,
)
