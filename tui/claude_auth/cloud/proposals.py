"""What would be run, told before it is: the exact command, whose file it stands in, what is missing.

Nothing here runs anything; `actions.run_command` does, once somebody has said yes.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws_plan import AwsPlan
from claude_auth.cloud.aws_profiles import LONGEST_COMMAND
from claude_auth.cloud.environment import command_environment, distrusted_variables
from claude_auth.cloud.google_plan import GooglePlan, login_fixes
from claude_auth.model import NOWHERE, Assignment, Origin
from claude_auth.processes.environment import is_executable, which
from claude_auth.security.sanitize import REDACTED_SHELL, clean, shown_command
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText, beware_word, variables_word

if TYPE_CHECKING:
    from claude_auth.cloud.before_asking import PlannedCommand

Kind = Literal["aws-refresh", "aws-export", "gcp-refresh", "api-key-helper"]

SETTINGS: Mapping[Kind, str] = {
    "aws-refresh": "awsAuthRefresh",
    "aws-export": "awsCredentialExport",
    "gcp-refresh": "gcpAuthRefresh",
    "api-key-helper": "apiKeyHelper",
}
#: What these print is the credential itself.
PRINTS_A_SECRET: frozenset[Kind] = frozenset({"aws-export", "api-key-helper"})


@dataclass(frozen=True, slots=True)
class CommandPlan:
    """`shown` is the whole command on one line, a line break as ⏎, secrets out. `trusted` False: a folder
    that is not trusted says so, or another user's file. `missing`: programs that it names and PATH lacks.
    `suggested`: ours, not configured anywhere. `variables`: what settings that are not trusted set for it."""

    kind: Kind
    command: Secret
    shown: str
    origin: Origin
    from_repository: bool
    trusted: bool
    missing: tuple[str, ...] = ()
    suggested: bool = False
    #: What asking who answers, before and after, runs beside it; told with the command and agreed to with it.
    asks_by: tuple[PlannedCommand, ...] = ()
    variables: tuple[Assignment, ...] = ()

    @property
    def setting(self) -> str:
        return SETTINGS[self.kind]

    @property
    def prints_a_secret(self) -> bool:
        return self.kind in PRINTS_A_SECRET

    @property
    def hides_shell(self) -> bool:
        """Whether what is left out of `shown` is more than a word to the shell that runs it."""
        return REDACTED_SHELL in self.shown

    @property
    def confirmations(self) -> int:
        """How often a person is asked: a repository's or another user's command twice, and no is the default.
        With the second yes it gets `variables` too."""
        return 2 if self.from_repository or not self.trusted else 1

    def beware(self, home: str, *, agreed: bool = False) -> list[StatusText]:
        """What to know of its origin before it is run. `agreed`: twice, so it gets `variables`."""
        agreed = agreed or not self.trusted
        words = (
            beware_word(self.origin, trusted=self.trusted),
            variables_word(self.variables, home, given=agreed),
        )
        return [word for word in words if word is not None]


def propose(kind: Kind, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan | None:
    """The command that Claude Code would run, None where none is configured. A project's settings are
    looked at also where the folder isn't trusted: then it is told, and asked twice, whichever client."""
    setting = view.setting(SETTINGS[kind])
    if setting is None or setting.value.is_blank:
        return None
    return _proposal(
        kind,
        setting.value,
        view,
        environ,
        origin=setting.origin,
        from_repository=setting.origin.of_project,
    )


def _proposal(
    kind: Kind,
    command: Secret,
    view: EffectiveConfig,
    environ: Mapping[str, str],
    *,
    origin: Origin = NOWHERE,
    from_repository: bool = False,
    suggested: bool = False,
) -> CommandPlan:
    text = command.reveal()
    trusted = not view.snapshot.distrusts(origin)
    environment = command_environment(
        SETTINGS[kind], command, view, environ, with_distrusted=not trusted, our_choice=suggested
    )
    return CommandPlan(
        kind,
        command,
        shown=shown_command(text, LONGEST_COMMAND),
        origin=origin,
        from_repository=from_repository,
        trusted=trusted,
        missing=missing_programs(text, environment, view.snapshot.places.cwd),
        suggested=suggested,
        variables=distrusted_variables(view, SETTINGS[kind]),
    )


def suggested_aws(plan: AwsPlan, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan | None:
    """`aws sso login` where the chosen profile signs in that way."""
    route = plan.chosen.route if plan.chosen is not None else None
    if route is None or route.sso is None:
        return None
    name = route.through[-1] if route.through else plan.profile
    from claude_auth.cloud.aws_profiles import sign_in_fixes

    command = sign_in_fixes(name, plan.over_ssh)[0].command or ""
    return _proposal("aws-refresh", Secret(command), view, environ, suggested=True)


def suggested_google(
    plan: GooglePlan, view: EffectiveConfig, environ: Mapping[str, str]
) -> CommandPlan | None:
    """`gcloud auth application-default login` unless a service account or a machine answers."""
    if plan.kind not in {None, "authorized_user", "external_account_authorized_user"}:
        return None
    command = login_fixes(plan.over_ssh)[0].command or ""
    return _proposal("gcp-refresh", Secret(command), view, environ, suggested=True)


# ── which programs a command needs ───────────────────────────────────────────────────────────────

_LINE_END = "⏎"
_SEPARATORS = frozenset(
    {_LINE_END, "|", "||", "&&", ";", "&", "(", "|&", "{", "!", "then", "do", "else", "if", "while"}
)
#: Words of the shell itself; `exec`, `env` and the like are followed by the program.
_SHELL = frozenset(
    [
        "alias",
        "bg",
        "break",
        "case",
        "cd",
        "command",
        "continue",
        "echo",
        "eval",
        "exit",
        "export",
        "false",
        "fg",
        "for",
        "function",
        "getopts",
        "hash",
        "jobs",
        "kill",
        "local",
        "printf",
        "pwd",
        "read",
        "readonly",
        "return",
        "set",
        "shift",
        "source",
        "test",
        "time",
        "times",
        "trap",
        "true",
        "type",
        "ulimit",
        "umask",
        "unalias",
        "unset",
        "until",
        "wait",
        "[",
        "[[",
        ".",
        ":",
        "fi",
        "done",
        "esac",
        "}",
    ]
)
_PREFIXES = frozenset({"exec", "env", "nohup", "nice", "sudo", "time", "command", "builtin"})


def missing_programs(command: str, environment: Mapping[str, str], cwd: str) -> tuple[str, ...]:
    """The programs at the start of each simple command that can't be found; words that the shell would
    have to expand first are left out, so nothing is called missing that is there."""
    text = command[:20_000].replace("\n", f" {_LINE_END} ")
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:  # an open quote: the shell will say so
        return ()
    found: list[str] = []
    at_start, in_comment = True, False
    for word in words:
        in_comment = (in_comment or word.startswith("#")) and word != _LINE_END
        if in_comment:
            continue
        if word in _SEPARATORS or set(word) <= set("|&;()"):
            at_start = True
        elif at_start and not _is_assignment(word) and word not in _PREFIXES:
            at_start = False
            if not _is_there(word, environment, cwd):
                found.append(clean(word, 120))
    return tuple(dict.fromkeys(found))


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _is_there(word: str, environment: Mapping[str, str], cwd: str) -> bool:
    if word in _SHELL or word.startswith("-") or any(character in word for character in "$`*?<>\"'"):
        return True
    if "/" not in word:
        return which(word, environment.get("PATH")) is not None
    if word.startswith("~/"):
        word = environment.get("HOME", "~") + word[1:]
    return is_executable(os.path.join(cwd, word))
