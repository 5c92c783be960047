"""The OAuth client that the user configures: variables first, then a TOML file. Nothing is built in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from claude_auth.formats.toml_document import Problem, parse_toml
from claude_auth.oauth.authorization import (
    DEFAULT_REDIRECT_URI,
    OAuthClient,
    belongs_to_claude,
    split,
    url_problem,
)
from claude_auth.oauth.transport import is_loopback_host
from claude_auth.preferences import OAUTH_TABLE, PREFERENCES_NAME, older_client_path, preferences_path
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret

_LARGEST_FILE = 64 << 10

#: What every authorization request says; a table of extra parameters can't change it.
_RESERVED = (
    "client_id client_secret code_challenge code_challenge_method redirect_uri request request_uri "
    "response_mode response_type scope state"
)
RESERVED_PARAMETERS = frozenset(_RESERVED.split())


@dataclass(frozen=True, slots=True)
class Configuration:
    """`client` is None where none is configured or `problems` say why it can't be used. `origins`: for each
    field the variable, or the file and line, that set it."""

    client: OAuthClient | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_absent(self) -> bool:
        """Nothing is configured at all, which is no problem."""
        return self.client is None and not self.problems


@dataclass(frozen=True, slots=True)
class _Field:
    key: str
    variable: str | None
    kind: Literal["text", "secret", "url", "redirect", "scopes", "choice", "flag", "table"]
    choices: tuple[str, ...] = ()


_FIELDS = (
    _Field("client_id", "CLAUDE_OAUTH_CLIENT_ID", "text"),
    _Field("client_secret", "CLAUDE_OAUTH_CLIENT_SECRET", "secret"),
    _Field("redirect_uri", "CLAUDE_OAUTH_REDIRECT_URI", "redirect"),
    _Field("authorize_url", "CLAUDE_OAUTH_AUTHORIZE_URL", "url"),
    _Field("token_url", "CLAUDE_OAUTH_TOKEN_URL", "url"),
    _Field("revocation_url", "CLAUDE_OAUTH_REVOCATION_URL", "url"),
    _Field("scopes", "CLAUDE_OAUTH_SCOPES", "scopes"),
    _Field("issuer", "CLAUDE_OAUTH_ISSUER", "url"),
    _Field("token_request_format", None, "choice", ("form", "json")),
    _Field("base_url", None, "url"),
    _Field("any_port", None, "flag"),
    _Field("client_authentication", None, "choice", ("basic", "post")),
    _Field("authorize_parameters", None, "table"),
)

#: RFC 6749, appendix A.4: printable ASCII without space, quote and backslash.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def configuration_path(environ: Mapping[str, str]) -> str:
    """Where the client is configured: the file of all settings, or the one of its own that there was before,
    where that one alone says something."""
    main, older = preferences_path(environ), older_client_path(environ)
    return older if _is_there(older) and not _has_client(main) else main


def _is_there(path: str) -> bool:
    from claude_auth.files import read_file

    damage = read_file(path, _LARGEST_FILE).damage
    return damage is None or not damage.is_missing


def _has_client(path: str) -> bool:
    """Whether the file of all settings has the client's table."""
    from claude_auth.files import read_file

    content = read_file(path, _LARGEST_FILE).content
    return content is not None and OAUTH_TABLE in parse_toml(content, path).table


def load_configuration(environ: Mapping[str, str], path: str | None = None) -> Configuration:
    """What the variables and the file say together."""
    from claude_auth.files import read_file

    path = path or configuration_path(environ)
    table = OAUTH_TABLE if path.endswith(PREFERENCES_NAME) else ""
    read = read_file(path, _LARGEST_FILE)
    if read.damage is not None and read.damage.is_missing:
        return read_configuration(environ, path=path, table=table)
    if read.content is None:
        why = "nothing is there" if read.damage is None else read.damage.text
        return Configuration(problems=(Problem(path, f"can't be read: {why}"),))
    found = read_configuration(environ, read.content, path, table)
    if b"client_secret" in read.content and read.file is not None and read.file.mode & 0o077:
        loose = Problem(path, "holds a client secret and others can read it: chmod 600")
        return Configuration(found.client, found.problems, (*found.warnings, loose), found.origins)
    return found


def read_configuration(
    environ: Mapping[str, str], content: bytes = b"", path: str = "", table: str = ""
) -> Configuration:
    """The same without I/O. A variable wins over the file; an empty one counts as unset. `table`: that of
    the client, where the file holds more."""
    document = parse_toml(content, path)
    if document.problem is not None:
        return Configuration(problems=(document.problem,))
    rows = document.table.get(table, {}) if table else document.table
    if not isinstance(rows, dict):
        return Configuration(problems=(Problem(document.place(table), "is not a table"),))
    known = {item.key for item in _FIELDS}
    warnings = tuple(
        Problem(document.place(key, table), f"is not a setting we know: {clean(key, 60)}")
        for key in rows
        if key not in known
    )
    found = _read_fields(environ, rows, lambda key: document.place(key, table))
    return _configured(*found, warnings, path)


def configured_by(given: Mapping[str, object], name: str) -> Configuration:
    """The same from values that a program gives; problems call them `{name}.key`."""
    rows = {key: value for key, value in given.items() if value not in (None, "", [])}
    return _configured(*_read_fields({}, rows, lambda key: f"{name}.{key}"), name=f"{name}.")


def _configured(
    values: dict[str, object],
    origins: dict[str, str],
    refused: dict[str, Problem],
    warnings: tuple[Problem, ...] = (),
    path: str = "",
    name: str = "",
) -> Configuration:
    if not values and not refused:
        return Configuration(warnings=warnings)
    problems = (*refused.values(), *_missing(values, origins, frozenset(refused), path, name))
    if problems:
        return Configuration(problems=problems, warnings=warnings, origins=origins)
    return Configuration(_client(values), (), warnings, origins)


def _read_fields(
    environ: Mapping[str, str], rows: Mapping[str, object], place: Callable[[str], str]
) -> tuple[dict[str, object], dict[str, str], dict[str, Problem]]:
    """By key: the values, what set each, and what is wrong with the others. `place`: where a key of `rows`
    stands."""
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    refused: dict[str, Problem] = {}
    for item in _FIELDS:
        raw: object = environ.get(item.variable, "").strip() if item.variable else ""
        where = item.variable or ""
        if raw == "" and item.key in rows:
            raw, where = rows[item.key], place(item.key)
        if raw == "":
            continue
        value, wrong = _read_value(item, raw)
        if wrong is not None:
            refused[item.key] = Problem(where, wrong)
        else:
            values[item.key], origins[item.key] = value, where
    return values, origins, refused


def _read_value(item: _Field, raw: object) -> tuple[object, str | None]:
    """The value, or what is wrong with it; never the value in the words."""
    if item.kind == "flag":
        return (raw, None) if isinstance(raw, bool) else (None, "is neither true nor false")
    if item.kind == "table":
        return _read_parameters(raw)
    if item.kind == "scopes":
        return _read_scopes(raw)
    if not isinstance(raw, str):
        return None, "is not text"
    if not raw.isprintable():
        return None, "holds a control character"
    if item.kind == "secret":
        return Secret(raw), None
    if item.kind == "choice":
        return (raw, None) if raw in item.choices else (None, f"is neither {' nor '.join(item.choices)}")
    if item.kind == "text":
        return raw, None if raw.isascii() else "holds a character outside ASCII"
    problem = url_problem(raw)
    if problem is not None:
        return None, problem
    parts = split(raw)
    host = parts.hostname if parts else None
    if item.kind == "url" and item.key != "base_url" and belongs_to_claude(host):
        return None, (
            "names a Claude account's own server: sign in there with Claude Code itself (claude auth login)"
        )
    if item.key == "issuer" and parts is not None and parts.query:
        return None, "holds a ? part, which an issuer can't have"
    return raw, None


def _read_scopes(raw: object) -> tuple[object, str | None]:
    words = raw.split() if isinstance(raw, str) else raw
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return None, "is neither text nor a list of texts"
    if not all(_SCOPE.fullmatch(word) for word in words):
        return None, "holds a scope with a character that no scope can hold"
    return tuple(dict.fromkeys(words)), None


def _read_parameters(raw: object) -> tuple[object, str | None]:
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        return None, "is not a table of texts"
    taken = sorted(RESERVED_PARAMETERS & raw.keys())
    if taken:
        return None, f"can't set {', '.join(taken)}: that is part of the flow itself"
    return tuple(raw.items()), None


#: What a client can't do without, and what it is for.
_NEEDED = (
    ("client_id", "CLAUDE_OAUTH_CLIENT_ID", "the server knows the client by it"),
    ("authorize_url", "CLAUDE_OAUTH_AUTHORIZE_URL", "where the browser signs in"),
    ("token_url", "CLAUDE_OAUTH_TOKEN_URL", "where the code becomes a token"),
)


def _missing(
    values: Mapping[str, object], origins: Mapping[str, str], refused: frozenset[str], path: str, name: str
) -> list[Problem]:
    """`refused`: keys whose value was there but wrong, which has been told already. `name`: what a program
    calls them by; without it the variables are told."""
    problems = []
    for key, variable, purpose in _NEEDED:
        if key in values or key in refused:
            continue
        if key == "client_id":
            also = ""
        elif {"issuer"} & (values.keys() | refused):
            continue
        else:
            also = f"; {f'{name}issuer' if name else 'CLAUDE_OAUTH_ISSUER'} alone would do, too"
        file = f" (or {key} in {path})" if path else ""
        where = f"{name}{key}" if name else variable
        problems.append(Problem(where, f"is missing{file}: {purpose}{also}"))
    if "client_authentication" in values and not {"client_secret"} & (values.keys() | refused):
        where = origins["client_authentication"]
        problems.append(Problem(where, "says how the client secret travels, but there is none"))
    return problems


def _client(values: Mapping[str, object]) -> OAuthClient:
    redirect = cast(str, values.get("redirect_uri", DEFAULT_REDIRECT_URI))
    parts = split(redirect)
    host = (parts.hostname if parts else None) or ""
    # RFC 8252, section 7.3, wants servers to allow any port of a loopback address; of `localhost` many don't.
    literal = is_loopback_host(host) and host.lower() != "localhost"
    no_port = is_loopback_host(host) and parts is not None and parts.port in {None, 0}
    any_port = values.get("any_port", literal or no_port)
    known = {key: value for key, value in values.items() if key not in {"redirect_uri", "any_port"}}
    return OAuthClient(redirect_uri=redirect, any_port=bool(any_port), **known)  # type: ignore[arg-type]
