"""ANTHROPIC_CUSTOM_HEADERS: headers for every request, among them perhaps a credential."""

from __future__ import annotations

import re

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import HeaderValue, SourceReading
from claude_auth.security.secret import Secret
from claude_auth.sources.source import Source, bearer, read_variable, strongest

_ID = "custom-headers"
_VARIABLE = "ANTHROPIC_CUSTOM_HEADERS"
_BEARER = "Bearer "


def _headers(value: Secret) -> dict[str, Secret]:
    from claude_auth.formats.outputs import read_custom_headers  # few have any

    return read_custom_headers(value.reveal())


def _header(view: EffectiveConfig, name: str) -> Secret | None:
    value = view.secret(_VARIABLE)
    if value is None or not view.client.is_claude_code:
        return None
    return _headers(value).get(name)


def _x_api_key(view: EffectiveConfig) -> HeaderValue | None:
    value = _header(view, "x-api-key")
    return None if value is None else HeaderValue(_ID, None, value)


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    value = _header(view, "authorization")
    if value is None:
        return None
    return bearer(_ID, _without_scheme(value)) if _has_scheme(value) else HeaderValue(_ID, None, value)


def _has_scheme(value: Secret) -> bool:
    """The word alone is sent as it is: a Bearer that is empty [seen, 2.1.332]."""
    return f"{value.reveal()} ".startswith(_BEARER)


def _without_scheme(value: Secret) -> Secret:
    return Secret(value.reveal()[len(_BEARER) :].strip(" \t")) if _has_scheme(value) else value


#: The signs of a header's name: an HTTP token.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def headers_problem(view: EffectiveConfig) -> str | None:
    """Why no request with these headers goes out [seen, 2.1.332]: a name that is no token (also none), a
    value that no header can carry. The credential headers' values count only where they are sent."""
    value = view.secret(_VARIABLE)
    if value is None or not view.client.is_claude_code:
        return None
    headers = _headers(value)
    if not all(map(_TOKEN.fullmatch, headers)):
        return "holds a line whose name can't be that of a header"
    others = (text for name, text in headers.items() if name not in {"x-api-key", "authorization"})
    problem = next((problem for text in others if (problem := text.unsendable) is not None), None)
    return problem and f"holds {problem}, which no HTTP header can carry"


def _read(view: EffectiveConfig) -> SourceReading:
    base, found = read_variable(view, _ID, _VARIABLE), strongest(view, _VARIABLE)
    if base.value is None or found is None:
        return base
    headers = _headers(found.value)
    mine = [name for name in ("x-api-key", "authorization") if name in headers]
    if not mine:
        return SourceReading(_ID, "absent", "sets other headers only", base.origin)
    value = _without_scheme(headers[mine[0]])
    if value.is_empty:
        return SourceReading(_ID, "unusable", f"sets an empty {mine[0]} header", base.origin)
    return SourceReading(_ID, "present", f"sets {' and '.join(mine)}", base.origin, value)


SOURCE = Source(
    id=_ID,
    label=_VARIABLE,
    family="wire",
    sets="an environment variable that can set either header itself",
    unset="unset the variable, or take the x-api-key or Authorization line out of it",
    bills="whatever the credential in that header bills",
    variable=_VARIABLE,
    read=_read,
    x_api_key=_x_api_key,
    authorization=_authorization,
    value_decides=True,
    in_simple_mode=True,
)
