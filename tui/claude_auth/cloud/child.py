"""One question to boto3 or google-auth, answered in a process of its own that ends with the answer.

Both libraries read `os.environ`, HOME and proxies wherever they look, partly while they are imported; the
environment that counts is not ours. A process of its own sees exactly that one, can be ended with everything
that it started, and takes its memory and every secret with it: only identifiers come back, as JSON.
"""

from __future__ import annotations

import calendar
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

#: Files of boto2's time, which Claude Code doesn't know.
_ONLY_BOTO = ("ec2-credentials-file", "boto-config")
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK")
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email")
_SECRET_FIELDS = ("private_key", "refresh_token", "client_secret")
_LONGEST_TEXT = 400


def main(given: dict[str, Any]) -> None:
    """Answers on standard output; whatever else is printed, by us or by what is started, goes nowhere."""
    answer_to = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    answer = answered(given["question"], given["request"])
    answer["peak_kib"] = _peak()
    with open(answer_to, "w", encoding="utf-8") as out:
        json.dump(answer, out)
    sys.stdout = None  # nothing is flushed at the end


def answered(question: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to `aws` or `google` in plain values, or `{"error": …}`; never raises. Reads this process's
    environment."""
    import logging
    import warnings

    logging.disable(logging.CRITICAL)  # botocore's debug log has keys and tokens in it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _ask_aws(request) if question == "aws" else _ask_google(request)
        except Exception as error:
            return {"error": {"class": type(error).__name__, "text": ""}}


def _peak() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def _without_secrets(text: str, secrets: list[str]) -> str:
    """The first line of a library's error text, without the secrets that this process knows of."""
    from claude_auth.security.redact import KnownValues
    from claude_auth.security.sanitize import safe_text
    from claude_auth.security.secret import Secret

    # The lines below the first repeat the request that was signed, session token and all.
    first = next((line for line in text.splitlines() if line.strip()), "")
    return safe_text(first, _LONGEST_TEXT, KnownValues(map(Secret, secrets)))


# ── AWS: boto3's provider, and STS's word on whose credentials they are ──────────────────────────


def _ask_aws(request: Mapping[str, Any]) -> dict[str, Any]:
    """`profile` and `region` of the plan; `only`: who may answer. Keys stand in the environment."""
    known: list[str] = []
    found: dict[str, Any] = {}
    try:
        session = _aws_session(request)
        credentials = session.get_credentials()
        if credentials is None:
            return {"error": {"class": "NoCredentialsError", "text": ""}}
        found["method"] = credentials.method
        frozen = credentials.get_frozen_credentials()
        known += [text for text in (frozen.secret_key, frozen.token) if text]
        found["access_key_id"] = frozen.access_key
        expiry = getattr(credentials, "_expiry_time", None)  # botocore tells it nowhere else
        found["expires_at"] = expiry.timestamp() if expiry is not None else None
        client = session.create_client("sts", region_name=request["region"])
        found["endpoint"] = client.meta.endpoint_url
        reply = client.get_caller_identity()
    except Exception as error:
        known += [value for name, value in os.environ.items() if name in _SECRET_VARIABLES]
        return {**found, "error": _aws_error(error, known)}
    return {
        **found,
        "account": reply.get("Account"),
        "arn": reply.get("Arn"),
        "user_id": reply.get("UserId"),
        "date": reply["ResponseMetadata"]["HTTPHeaders"].get("date"),
    }


def _aws_session(request: Mapping[str, Any]) -> Any:
    import botocore.configloader
    from botocore.config import Config
    from botocore.session import Session

    botocore.configloader.raw_config_parse = _sections_as_claude_code_reads_them
    session = Session(profile=request.get("profile"))
    times = {"connect_timeout": request["connect_timeout"], "read_timeout": request["read_timeout"]}
    session.set_default_client_config(Config(retries={"total_max_attempts": 2}, **times))
    session.set_config_variable("metadata_service_timeout", request["metadata_timeout"])
    session.set_config_variable("metadata_service_num_attempts", 1)
    session.set_config_variable("region", request["region"])
    resolver = session.get_component("credential_provider")
    only = request.get("only")
    for name in [provider.METHOD for provider in resolver.providers]:
        if name in _ONLY_BOTO or (only is not None and name not in only):
            resolver.remove(name)
    return session


def _sections_as_claude_code_reads_them(path: str | None, parse_subsections: bool = True) -> dict[str, Any]:
    """In the place of botocore's parser, which reads other lines as profiles, keys and commands."""
    from botocore.exceptions import ConfigNotFound

    from claude_auth.files import read_file
    from claude_auth.formats.aws_files import botocore_sections

    if path is None:
        return {}
    read = read_file(os.path.expanduser(path))
    if read.content is None:
        raise ConfigNotFound(path=path)
    return dict(botocore_sections(read.content))


def _aws_error(error: Exception, known: list[str]) -> dict[str, Any]:
    """Class, code and operation, and one line of text."""
    from botocore.exceptions import ClientError

    if not isinstance(error, ClientError):
        return {"class": type(error).__name__, "text": _without_secrets(str(error), known)}
    said, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    return {
        "class": "ClientError",
        "code": str(said.get("Code", "")),
        "operation": error.operation_name,
        "text": _without_secrets(str(said.get("Message", "")), known),
        "status": metadata.get("HTTPStatusCode"),
        "date": metadata.get("HTTPHeaders", {}).get("date"),
    }


# ── Google: whether it gives a token for the Application Default Credentials, and to whom ────────


def _ask_google(request: Mapping[str, Any]) -> dict[str, Any]:
    """`path` of the credentials file, None for the metadata server. `token_endpoint` stands in for Google's
    own in the tests and the demo."""
    known: list[str] = []
    try:
        credentials = _google_credentials(request, known)
        credentials.refresh(_google_transport(request))
    except Exception as error:
        return {"error": _google_error(error, known)}
    expiry = credentials.expiry
    return {
        "method": type(credentials).__module__.removeprefix("google."),
        "account": _google_account(credentials),
        "project": getattr(credentials, "project_id", None) or request.get("project"),
        "quota_project": getattr(credentials, "quota_project_id", None),
        "expires_at": calendar.timegm(expiry.utctimetuple()) if expiry is not None else None,
        "scopes": list(getattr(credentials, "granted_scopes", None) or ()),
    }


def _google_credentials(request: Mapping[str, Any], known: list[str]) -> Any:
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
    _collect_secrets(data, known)
    credentials, _ = google.auth.load_credentials_from_dict(  # type: ignore[no-untyped-call]
        data, scopes=_SCOPES if data.get("type") != "authorized_user" else None
    )
    if endpoint is not None and hasattr(credentials, "with_token_uri"):
        credentials = credentials.with_token_uri(endpoint)
    return credentials


def _collect_secrets(data: object, known: list[str]) -> None:
    """Every secret of the file, so that no error text repeats it."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name in _SECRET_FIELDS and isinstance(value, str):
                known += [value, *(line for line in value.splitlines() if len(line) > 20)]
            _collect_secrets(value, known)


def _google_transport(request: Mapping[str, Any]) -> Any:
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


def _google_account(credentials: Any) -> str | None:
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


def _google_error(error: Exception, known: list[str]) -> dict[str, Any]:
    """Class and Google's own code; google-auth puts its sentence first and the whole answer after it."""
    first = error.args[0] if error.args else ""
    details = next((given for given in error.args if isinstance(given, dict)), {})
    if isinstance(details.get("error"), dict):
        details = details["error"]
    return {
        "class": type(error).__name__,
        "code": str(details.get("error") or details.get("status") or ""),
        "subtype": str(details.get("error_subtype") or ""),
        "text": _without_secrets(first if isinstance(first, str) else str(error), known),
        "retryable": bool(getattr(error, "retryable", False)),
    }
