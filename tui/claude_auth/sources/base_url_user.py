"""A user name in a base URL: without another Authorization it goes out as a Basic one [seen, 2.1.332]."""

from __future__ import annotations

from claude_auth.claude_code.base_url import UrlError, read_base_url
from claude_auth.claude_code.destination import BASE_VARIABLES, find_destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import HeaderValue, SourceReading
from claude_auth.security.secret import Secret
from claude_auth.sources.source import Source, strongest

_ID = "base-url-user"


def basic(sign_in: Secret) -> Secret:
    return Secret(f"Basic {sign_in.reveal()}")


def _read(view: EffectiveConfig) -> SourceReading:
    for variable in BASE_VARIABLES:
        found = strongest(view, variable)
        if found is None or "@" not in found.value.reveal():
            continue
        try:
            sign_in = read_base_url(found.value.reveal(), "").sign_in
        except UrlError:
            continue
        if sign_in is not None:
            why = f"{variable} holds a user name, or a password"
            return SourceReading(_ID, "present", why, found.origin, basic(sign_in))
    return SourceReading(_ID, "absent", "no base URL holds one")


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    sign_in = find_destination(view).sign_in
    return None if sign_in is None else HeaderValue(_ID, None, basic(sign_in))


SOURCE = Source(
    id=_ID,
    label="the user name in the base URL",
    family="wire",
    sets="what stands before the `@` in ANTHROPIC_BASE_URL, or in the base URL of a cloud provider",
    unset="take the user name and the password out of the URL",
    bills="whatever the owner of that address bills",
    read=_read,
    authorization=_authorization,
    value_decides=True,
    in_simple_mode=True,
)
