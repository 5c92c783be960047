"""Authentication of requests that somebody else sends through httpx, or its successor httpx2: the credential
is put in, and once, after a 401, a new one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import httpx

#: The headers of a credential for a request to this address; the second argument is what it was refused with.
#: Blocks. The same again: there is no newer one.
Provide = Callable[[str, Mapping[str, str] | None], Mapping[str, str]]

#: Whatever an SDK put there in its place.
_CREDENTIALS = ("authorization", "x-api-key")


class HttpRequest(Protocol):
    """What a request of httpx and one of httpx2 have in common."""

    @property
    def url(self) -> Any: ...

    @property
    def headers(self) -> Any: ...


class CredentialAuth(httpx.Auth):
    """For `auth=` of a client. The body is kept, so that it can go out once more."""

    requires_request_body = True

    def __init__(self, provide: Provide) -> None:
        self._provide = provide

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        given = self._provide(str(request.url), None)
        answer = yield _with(request, given)
        if answer.status_code == 401:
            newer = self._provide(str(request.url), given)
            if newer != given:
                yield _with(request, newer)

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        given = await asyncio.to_thread(self._provide, str(request.url), None)
        answer = yield _with(request, given)
        if answer.status_code == 401:
            newer = await asyncio.to_thread(self._provide, str(request.url), given)
            if newer != given:
                yield _with(request, newer)

    def __repr__(self) -> str:
        return "<CredentialAuth>"


def _with(request: HttpRequest, given: Mapping[str, str]) -> HttpRequest:
    for name in _CREDENTIALS:
        if name in request.headers:
            del request.headers[name]
    for name in given:
        request.headers[name] = given[name]
    return request


def credential_auth(provide: Provide) -> CredentialAuth:
    """Where httpx2 is installed, which newer SDKs use, its clients take it too: each wants its own base."""
    if find_spec("httpx2") is None:
        return CredentialAuth(provide)
    both = type("CredentialAuth", (CredentialAuth, import_module("httpx2").Auth), {})
    made: CredentialAuth = both(provide)
    return made
