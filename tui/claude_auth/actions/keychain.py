"""Asking the Keychain of macOS for Claude Code's login, by Apple's own program: whether it is there on the
second look, what it holds on consent. Not run on a Mac: proved against a stand-in (`sandbox.keychain`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.claude_code import keychain
from claude_auth.model import Damage, Snapshot, StoreReading

if TYPE_CHECKING:
    from claude_auth.processes.run_captured import Captured

#: Of other directories; each is a program that is started.
MOST_ITEMS = 10


def look_into_keychain(snapshot: Snapshot, environ: Mapping[str, str]) -> Snapshot:
    """`snapshot` with the Keychain's answer, where that was not looked at yet: for the login, and after a
    second look for those of other directories. Blocks: twice `keychain.SECONDS` for each, but no further one
    is asked for after one that got no answer."""
    login = snapshot.login
    if login.damage == keychain.NOT_LOOKED_AT:
        login = find_login(login, snapshot.places.credentials_path, environ)
    if snapshot.more is None:
        return snapshot._replace(login=login)
    found, answers = [], login.damage != keychain.refusal(None)
    for place, directory in enumerate(snapshot.more.directories):
        reading = login if directory.is_current else directory.login
        if reading.damage == keychain.NOT_LOOKED_AT and answers and place < MOST_ITEMS:
            reading = find_login(reading, os.path.join(directory.path, ".credentials.json"), environ)
            answers = reading.damage != keychain.refusal(None)
        found.append(directory._replace(login=reading))
    return snapshot._replace(login=login, more=snapshot.more._replace(directories=tuple(found)))


def find_login(unlooked: StoreReading, path: str, environ: Mapping[str, str]) -> StoreReading:
    """Whether the item is there; where it surely is not, Claude Code reads its file at `path`."""
    answer = _ask(unlooked, environ)
    damage = _why_not(answer)
    if damage is not None:
        return unlooked._replace(damage=damage)
    if answer.exit_code == keychain.NOT_FOUND:
        from claude_auth.observe.claude_files import read_credentials

        return read_credentials(path)
    return unlooked._replace(damage=None, present_unread=True)


def read_value(reading: StoreReading, environ: Mapping[str, str]) -> StoreReading:
    """The item's value, on consent; `reading` itself where no item was found before."""
    if not reading.present_unread:
        return reading
    answer = _ask(reading, environ, with_value=True)
    unread = reading._replace(present_unread=False)
    damage = _why_not(answer)
    if damage is not None or answer.exit_code == keychain.NOT_FOUND:
        gone = Damage("missing", "the item is in the Keychain no more")
        return unread._replace(damage=damage or gone)
    from claude_auth.observe.claude_files import login_reading

    return login_reading(keychain.value_of(answer.stdout), reading.origin)._replace(account=reading.account)


def _why_not(answer: Captured) -> Damage | None:
    started = answer.exit_code is not None or answer.timed_out
    return keychain.refusal(answer.exit_code) if started else Damage("io-error", answer.problem or "")


def _ask(reading: StoreReading, environ: Mapping[str, str], *, with_value: bool = False) -> Captured:
    """A second time where the first gave no answer."""
    from claude_auth.processes.environment import child_environment
    from claude_auth.processes.run_captured import run_program

    words = keychain.find_command(
        reading.origin.path or "", reading.account or keychain.ACCOUNT, with_value=with_value
    )
    for _ in range(keychain.TRIES):
        answer = run_program(
            (keychain.SECURITY, *words),
            environment=child_environment(environ, "plain"),
            cwd="/",
            seconds=keychain.SECONDS,
        )
        if not answer.timed_out:
            break
    return answer
