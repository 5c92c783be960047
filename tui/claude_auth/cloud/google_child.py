"""Whether Google gives a token for the Application Default Credentials, and to whom. Runs in `child`."""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping
from typing import Any

from claude_auth.cloud.child import told

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email")
_SECRET_FIELDS = ("private_key", "refresh_token", "client_secret")


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """`path` of the credentials file, None for the metadata server. `token_endpoint` stands in for Google's
    own in the tests and the demo."""
    known: list[str] = []
    try:
        credentials = _load(request, known)
        credentials.refresh(_transport(request))
    except Exception as error:
        return {"error": _described(error, known)}
    expiry = credentials.expiry
    return {
        "method": type(credentials).__module__.removeprefix("google."),
        "account": _account(credentials),
        "project": getattr(credentials, "project_id", None) or request.get("project"),
        "quota_project": getattr(credentials, "quota_project_id", None),
        "expires_at": calendar.timegm(expiry.utctimetuple()) if expiry is not None else None,
        "scopes": list(getattr(credentials, "granted_scopes", None) or ()),
    }


def _load(request: Mapping[str, Any], known: list[str]) -> Any:
    path, endpoint = request.get("path"), request.get("token_endpoint")
    if path is None:
        from google.auth import compute_engine

        return compute_engine.Credentials()  # type: ignore[no-untyped-call]
    import google.auth

    from claude_auth.files import read_file

    read = read_file(path)
    if read.content is None:
        raise OSError("nothing is there" if read.damage is None else read.damage.text)
    data = json.loads(read.content)
    _collect(data, known)
    credentials, _ = google.auth.load_credentials_from_dict(  # type: ignore[no-untyped-call]
        data, scopes=_SCOPES if data.get("type") != "authorized_user" else None
    )
    if endpoint is not None and hasattr(credentials, "with_token_uri"):
        credentials = credentials.with_token_uri(endpoint)
    return credentials


def _collect(data: object, known: list[str]) -> None:
    """Every secret of the file, so that no error text repeats it."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name in _SECRET_FIELDS and isinstance(value, str):
                known += [value, *(line for line in value.splitlines() if len(line) > 20)]
            _collect(value, known)


def _transport(request: Mapping[str, Any]) -> Any:
    """A request function with time-outs and few retries; google-auth's own waits two minutes."""
    import urllib.request
    from urllib.parse import urlsplit

    import google.auth.transport.urllib3
    import urllib3
    from urllib3.util import Timeout

    seconds = Timeout(connect=request["connect_timeout"], read=request["read_timeout"])
    proxies = urllib.request.getproxies()

    def bounded(url: str, method: str = "GET", body: Any = None, headers: Any = None, **more: Any) -> Any:
        more.pop("timeout", None)
        parts = urlsplit(url)
        proxy = proxies.get(parts.scheme)
        # The metadata server and whatever NO_PROXY names are asked directly.
        direct = request.get("path") is None or urllib.request.proxy_bypass(parts.hostname or "")
        shared: dict[str, Any] = {"timeout": seconds, "retries": 1}
        through = None if direct else proxy
        pool = urllib3.ProxyManager(through, **shared) if through else urllib3.PoolManager(**shared)
        call = google.auth.transport.urllib3.Request(pool)  # type: ignore[no-untyped-call]
        return call(url, method, body, headers, timeout=seconds, **more)

    return bounded


def _account(credentials: Any) -> str | None:
    token = getattr(credentials, "id_token", None)
    if isinstance(token, str) and token.count(".") == 2:
        from google.auth import jwt

        claims = jwt.decode(token, verify=False)  # type: ignore[no-untyped-call]
        if isinstance(claims.get("email"), str):
            return str(claims["email"])
    for name in ("service_account_email", "account"):
        value = getattr(credentials, name, None)
        if isinstance(value, str) and value:
            return value
    return None


def _text(error: Exception) -> str:
    """google-auth puts its sentence first and the whole answer after it."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, str) else str(error)


def _described(error: Exception, known: list[str]) -> dict[str, Any]:
    """Class and Google's own code; the text is the first line without secrets."""
    details = next((given for given in error.args if isinstance(given, dict)), {})
    if isinstance(details.get("error"), dict):
        details = details["error"]
    return {
        "class": type(error).__name__,
        "code": str(details.get("error") or details.get("status") or ""),
        "subtype": str(details.get("error_subtype") or ""),
        "text": told(_text(error), known),
        "retryable": bool(getattr(error, "retryable", False)),
    }
