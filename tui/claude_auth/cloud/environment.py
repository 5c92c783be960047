"""The environment of a configured command and of Claude Code's cloud SDKs: the shell's variables under the
settings' own, by origin, cut down to what the purpose needs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from claude_auth.claude_code.command_variables import danger, reaching
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import ENTRYPOINT, ENTRYPOINTS
from claude_auth.model import Assignment
from claude_auth.observe.context import Environment
from claude_auth.processes.environment import (
    ChildEnvironment,
    Purpose,
    child_environment,
    is_allowed,
    own_program,
    variables_named_in,
)
from claude_auth.security.secret import Secret

_PURPOSES: Mapping[str, Purpose] = {
    "awsAuthRefresh": "aws",
    "awsCredentialExport": "aws",
    "gcpAuthRefresh": "gcp",
    "apiKeyHelper": "api-key-helper",
}
#: What follows our program where it is asked for a token and for nothing else.
_TOKEN = re.compile(r"token(?: [\w.@=-]+)*")


def effective(
    view: EffectiveConfig, environ: Mapping[str, str], *, with_distrusted: bool = False, setting: str = ""
) -> Environment:
    """`environ` is the shell's; `setting`: what its command gets. Settings that are not trusted set nothing:
    an AWS_CONFIG_FILE from there could name a command, a PATH or LD_PRELOAD run its code. `with_distrusted`:
    agreed to twice."""
    counting = _counting(view, with_distrusted, setting)
    set_here = {name: assignment.value.reveal() for name, assignment in counting}
    return Environment({**environ, "HOME": view.snapshot.places.home, **set_here})


def names_from_settings(
    view: EffectiveConfig, *, with_distrusted: bool = False, setting: str = ""
) -> dict[str, str]:
    """Variable → the settings file that sets it, for those that the shell doesn't decide."""
    return {
        name: assignment.origin.path
        for name, assignment in _counting(view, with_distrusted, setting)
        if assignment.layer is not None and assignment.origin.path
    }


def _counting(view: EffectiveConfig, with_distrusted: bool, setting: str) -> Iterator[tuple[str, Assignment]]:
    """Each variable, and the strongest place whose value reaches the command."""
    for name in view.snapshot.variables:
        for found in reaching(view, name, setting):
            if with_distrusted or not view.snapshot.distrusts(found.origin):
                yield name, found
                break


def command_environment(
    setting: str,
    command: Secret,
    view: EffectiveConfig,
    environ: Mapping[str, str],
    *,
    with_distrusted: bool = False,
    our_choice: bool = False,
) -> ChildEnvironment:
    """What the command of `setting` gets, whoever runs it: what Claude Code would give it, by the allow-list.
    `our_choice`: no settings file names the command."""
    keep = {
        *names_from_settings(view, with_distrusted=with_distrusted, setting=setting),
        *variables_named_in(command.reveal()),
    }
    found = effective(view, environ, with_distrusted=with_distrusted, setting=setting)
    purpose = _PURPOSES[setting]
    if _is_our_token(command.reveal(), environ) and not with_distrusted:
        purpose = "claude-auth"
    given = found.get(ENTRYPOINT) or ENTRYPOINTS.get(view.client.id)
    also = {ENTRYPOINT: given} if purpose == "api-key-helper" and given else None
    return child_environment(found, purpose, keep=keep, also=also, our_choice=our_choice)


def _is_our_token(command: str, environ: Mapping[str, str]) -> bool:
    """Whether it is `claude-auth token …` alone, by its name or as the program that runs now."""
    command = " ".join(command.split())
    ours = ("claude-auth ", f"{shlex.quote(own_program(environ))} ")
    return any(command.startswith(one) and _TOKEN.fullmatch(command[len(one) :]) for one in ours)


def distrusted_variables(view: EffectiveConfig, setting: str = "") -> tuple[Assignment, ...]:
    """What settings that are not trusted would set: for the command of `setting`, or for anything. Those that
    can run code come first."""
    strongest = (next(iter(reaching(view, name, setting)), None) for name in view.snapshot.variables)
    purpose = _PURPOSES.get(setting)
    found = [
        one
        for one in strongest
        if one is not None
        and view.snapshot.distrusts(one.origin)
        and (purpose is None or is_allowed(one.name, purpose, (one.name,)))
    ]
    return tuple(sorted(found, key=lambda one: (danger(one.name), one.name)))
