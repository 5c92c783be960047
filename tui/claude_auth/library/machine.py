"""What the dashboard knows of this machine, for programs: the same typed objects (`claude_auth.model`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claude_auth.actions.explain import Explained
    from claude_auth.model import Finding, Resolution, Snapshot

#: The client that this library is, in the table of clients.
LIBRARY_CLIENT = "sdk"


def observe(
    *,
    home: str | os.PathLike[str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> Snapshot:
    """Everything that is to be seen of credentials at this moment; nothing is run, written or connected to.
    `home`, `cwd`, `root`: other places than this process's own. Reads files, for some 50 ms.

    >>> from claude_auth import observe
    >>> snapshot = observe()
    >>> snapshot.variables["ANTHROPIC_API_KEY"][0].value.kind
    'api-key'
    """
    from claude_auth.actions.look import ObservationContext
    from claude_auth.actions.look import observe as look

    home, cwd, root = (None if place is None else os.fspath(place) for place in (home, cwd, root))
    return look(ObservationContext.of_process({}, home=home, cwd=cwd, root=root))


def resolve(
    snapshot: Snapshot | None = None, *, client: str = "claude", version: str | None = None
) -> Resolution:
    """What `client` would send, by the rules of `version` (of the installed one), and why. `client`: an id of
    `claude-auth status --client`; `sdk` is this library. Without a `snapshot` the machine is looked at now.
    Raises `ConfigurationError` for a client that nobody knows.

    >>> from claude_auth import resolve
    >>> resolution = resolve(client="sdk")
    >>> resolution.winner
    'anthropic-api-key'
    >>> resolution.wire.x_api_key.value.masked
    'sk-ant-api03-…Key0'
    """
    from claude_auth.actions.look import resolve as decide

    client, version = _checked(client, version)
    return decide(observe() if snapshot is None else snapshot, client, version)


def diagnose(
    snapshot: Snapshot | None = None, *, client: str = "claude", version: str | None = None
) -> tuple[Finding, ...]:
    """What is worth telling about that, the most urgent first: each finding with what was seen and what to
    do.

    >>> from claude_auth import diagnose
    >>> [finding.id for finding in diagnose(client="sdk") if finding.severity == "error"]
    []
    """
    from claude_auth.actions.look import diagnosed

    client, version = _checked(client, version)
    return diagnosed(observe() if snapshot is None else snapshot, client, version)[1]


def explain(
    text: str, snapshot: Snapshot | None = None, *, client: str = "claude", version: str | None = None
) -> Explained:
    """What an error text is known to mean, joined with this machine: `causes`, likeliest first, each with its
    fixes. The text is kept nowhere.

    >>> from claude_auth import explain
    >>> explained = explain('API Error: 401 {"type":"error","error":{"type":"authentication_error",'
    ...                     '"message":"invalid x-api-key"}}')
    >>> explained.causes[0].id
    'external-key-invalid'
    """
    from claude_auth.actions.explain import explain_text
    from claude_auth.actions.look import machine_answers
    from claude_auth.security.secret import Secret

    client, version = _checked(client, version)
    snapshot = observe() if snapshot is None else snapshot
    return explain_text(Secret(str(text)), machine_answers(snapshot, client, version))


def _checked(client: str, version: str | None) -> tuple[str, str | None]:
    from claude_auth.actions.look import is_version
    from claude_auth.claude_code.clients import BY_ID
    from claude_auth.library.errors import ConfigurationError

    if client not in BY_ID:
        raise ConfigurationError(
            "unknown-client", "there is no client of that name", f"Choose one of {', '.join(BY_ID)}"
        )
    if version is not None and not is_version(version):
        raise ConfigurationError(
            "bad-version", "the version is none of Claude Code's", "Give one such as 2.1.328, or none"
        )
    return client, version
