"""One question through the installed `claude`, which sends its own login: `claude -p`, its answer read line
by line. It runs where `network.probe` lets such a program run, and is not ended in the middle of a
refresh."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from claude_auth.library.errors import ConfigurationError, MissingCredentialError, RequestError
from claude_auth.library.machine import resolve
from claude_auth.library.message import Message, Question
from claude_auth.library.refusals import diagnosed, told
from claude_auth.model import Snapshot
from claude_auth.model.errors import AuthenticationError
from claude_auth.security.sanitize import safe_text

if TYPE_CHECKING:
    from claude_auth.processes.piped import LineProgram

#: The question stands on standard input: a list of processes shows arguments to everybody. No tool is of use
#: for one request, and nothing of it is kept on the disk.
ARGUMENTS = ("-p", "--output-format", "stream-json", "--verbose", "--tools", "", "--max-turns", "1")
#: After its result it may still save something.
_LEAVES_WITHIN = 5.0
_CLIENT = "claude-print"


@dataclass(frozen=True, slots=True)
class ClaudeLogin:
    """A Claude account's login, which the installed `claude` alone may send."""

    source: str
    program: str
    snapshot: Snapshot


#: What would win over a login, or stand beside it.
_OTHERS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def environment_for_login() -> dict[str, str]:
    """This process's, without what would go out in a Claude login's place."""
    return {name: value for name, value in os.environ.items() if name not in _OTHERS}


def find_claude_login() -> ClaudeLogin:
    """Raises `MissingCredentialError` where `claude -p` would not answer by a Claude account's login."""
    from claude_auth.claude_code.clients import OAUTH_SOURCES
    from claude_auth.network.probe_plan import plan_probe
    from claude_auth.sources import label

    snapshot = _seen_for_login()
    resolution = resolve(snapshot, client="claude-print")
    plan = plan_probe(snapshot, resolution)
    if plan.kind == "claude" and resolution.winner in OAUTH_SOURCES:
        return ClaudeLogin(str(resolution.winner), plan.argv[0], snapshot)
    if resolution.winner is None or resolution.winner in OAUTH_SOURCES:
        code = "no-claude-login" if resolution.winner is None else "claude-not-run"
        why = plan.refused or "Claude Code has no login here"
        raise MissingCredentialError(code, why, plan.next_step or "Sign in: claude auth login")
    raise MissingCredentialError(
        "another-credential-wins",
        f"Claude Code would not send its login but {label(resolution.winner)}",
        "Look at `claude-auth status --client claude-print`",
    )


def _seen_for_login() -> Snapshot:
    from claude_auth.actions.look import ObservationContext
    from claude_auth.actions.look import observe as look
    from claude_auth.observe.context import Environment

    context = ObservationContext.of_process({})
    return look(context._replace(environ=Environment(environment_for_login())))


# ── asking ──────────────────────────────────────────────────────────────────────────────────────


async def ask_claude(question: Question, login: ClaudeLogin) -> AsyncGenerator[Message]:
    """The answer's pieces, as Claude Code gives them."""
    from claude_auth.processes.lifetime import CouldNotStart

    program = _program(question, login)
    collected = _Collected(login.source)
    problem: AuthenticationError | None = None
    try:
        async with program, aclosing(program.lines()) as lines:
            async for line in lines:
                for message in collected.take(line):
                    yield message
                if collected.is_over:
                    break
            await program.wait(_LEAVES_WITHIN)
    except CouldNotStart as error:
        problem = RequestError(
            "claude-not-started", f"Claude Code did not start: {error.sentence}", "Try `claude`"
        )
    problem = problem or await _problem(collected, program)
    if problem is not None:
        raise problem


def _program(question: Question, login: ClaudeLogin) -> LineProgram:
    from claude_auth.network.probe import surroundings_of_claude
    from claude_auth.processes.piped import LineProgram

    if question.base_url is not None:
        raise ConfigurationError(
            "base-url-not-for-claude-login",
            "a Claude account's login goes where Claude Code sends it, so base_url can't be given",
            "Leave out base_url, or ask with an API key",
        )
    more = {"DISABLE_AUTOUPDATER": "1"}  # it may be ended
    if question.max_tokens is not None:
        more["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] = str(question.max_tokens)
    model = () if question.named_model is None else ("--model", question.named_model)
    environment, cwd = surroundings_of_claude(login.snapshot, environment_for_login(), **more)
    return LineProgram(
        (login.program, *ARGUMENTS, *model),
        environment=environment,
        cwd=cwd,
        given=question.prompt.encode(),
        spared=partial(_is_refreshing, login.snapshot),
    )


def _is_refreshing(snapshot: Snapshot) -> bool:
    """Ending it then would lose the login."""
    from claude_auth.actions.claude_program import lock_in_use

    return lock_in_use(snapshot.places.config_dir, snapshot.claude_json.path, time.time()) is not None


class _Collected:
    """What the lines came to. `refused`: the text of an answer that is none."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.is_over = False
        self.refused: str | None = None

    def take(self, line: bytes) -> list[Message]:
        """The messages that a line makes; a line that is no JSON makes none: settings can make Claude Code
        print what they like."""
        from claude_auth.formats.document import object_of, parse

        data = parse(line).data
        if data.get("type") == "result":
            self.is_over = True
            if data.get("is_error"):
                self.refused = str(data.get("result") or data.get("subtype") or "")
                return []
            return [Message("result", "", self._source, data)]
        if data.get("type") != "assistant" or data.get("error") is not None:
            return []
        content = object_of(data.get("message")).get("content")
        blocks = content if isinstance(content, list) else []
        return [Message("text", text, self._source, data) for block in blocks if (text := _text(block))]


def _text(block: Any) -> str:
    text = block.get("text") if isinstance(block, dict) and block.get("type") == "text" else ""
    return text if isinstance(text, str) else ""


async def _problem(collected: _Collected, program: LineProgram) -> RequestError | None:
    """Why there is no answer; None where there is one."""
    if collected.is_over and collected.refused is None:
        return None
    said = collected.refused if collected.refused is not None else program.errors.decode("utf-8", "replace")
    parsed = (await asyncio.to_thread(_parsed, said)) if said else None
    if parsed is not None and parsed.status is not None:
        error = told(str(parsed.type), parsed.message or said, parsed.status)
        error.sentence = error.sentence.replace("The API did not answer", "Claude Code got no answer", 1)
    else:
        code = program.process.returncode
        how = "" if code in {0, None} else f", exit code {code}"
        words = f"Claude Code gave no answer{how}: {safe_text(said, 300) or 'it said nothing'}"
        error = RequestError("claude-failed", words, "Try `claude -p hello` yourself")
    return await diagnosed(error, said, _CLIENT)


def _parsed(text: str) -> Any:
    from claude_auth.actions.explain import explain

    return explain(text)[0]
