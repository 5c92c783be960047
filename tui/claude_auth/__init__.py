"""Which credential Claude Code uses, and why; and authentication for programs.

    from claude_auth import query

    async for message in query(prompt="Hello"):
        print(message)

Every name is loaded where it is first used: importing the package costs nothing. Each error is an
`AuthenticationError` with a code, a sentence and a next step.

    >>> from claude_auth import __version__
    >>> __version__.count(".")
    2
"""

import sys

# `typing` would cost more than all of this; checkers of types know the name alone.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from claude_auth.library.auth import ClaudeAuth, get_auth_headers, login, logout
    from claude_auth.library.configuration import OAuthConfig
    from claude_auth.library.errors import (
        ConfigurationError,
        LoginError,
        MissingCredentialError,
        RequestError,
    )
    from claude_auth.library.machine import diagnose, explain, observe, resolve
    from claude_auth.library.message import Message
    from claude_auth.library.middleware import AuthenticationMiddleware, query_with_middleware
    from claude_auth.library.queries import authenticated_query, query, query_with_api_key, query_with_oauth
    from claude_auth.library.sign_in import OAuthFlow
    from claude_auth.library.tokens import AuthToken, TokenStorage
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.version import __version__

else:
    ModuleType = type(sys)

__all__ = [
    "AuthToken",
    "AuthenticationError",
    "AuthenticationMiddleware",
    "ClaudeAuth",
    "ConfigurationError",
    "LoginError",
    "Message",
    "MissingCredentialError",
    "OAuthConfig",
    "OAuthFlow",
    "RequestError",
    "TokenStorage",
    "__version__",
    "authenticated_query",
    "diagnose",
    "explain",
    "get_auth_headers",
    "login",
    "logout",
    "observe",
    "query",
    "query_with_api_key",
    "query_with_middleware",
    "query_with_oauth",
    "resolve",
]

_PLACES = {
    "library.auth": ("ClaudeAuth", "get_auth_headers", "login", "logout"),
    "library.configuration": ("OAuthConfig",),
    "library.errors": ("ConfigurationError", "LoginError", "MissingCredentialError", "RequestError"),
    "library.sign_in": ("OAuthFlow",),
    "library.machine": ("explain",),
    "library.message": ("Message",),
    "library.middleware": ("AuthenticationMiddleware", "query_with_middleware"),
    "library.queries": ("authenticated_query", "query", "query_with_api_key", "query_with_oauth"),
    "library.tokens": ("AuthToken", "TokenStorage"),
    "model.errors": ("AuthenticationError",),
    "version": ("__version__",),
}
#: Rooms with the name of a function for programs: Python puts a room into the package under its name whenever
#: it is loaded, so the room itself can be called.
_CALLED = ("diagnose", "observe", "resolve")


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _CALLED:
        return import_module(f"{__name__}.{name}")
    for place, names in _PLACES.items():
        if name in names:
            found: object = getattr(import_module(f"{__name__}.{place}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__


class _Room(ModuleType):
    def __call__(self, *given: object, **named: object) -> object:
        from importlib import import_module

        function = getattr(import_module("claude_auth.library.machine"), self.__name__.rpartition(".")[2])
        return function(*given, **named)


class _Package(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        if name in _CALLED and isinstance(value, ModuleType):
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
