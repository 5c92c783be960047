"""What callers give, checked before anything is sent: a value that can't be used is told by its name, never
shown."""

from __future__ import annotations

import os
from collections.abc import Mapping

from claude_auth.library.errors import ConfigurationError, MissingCredentialError
from claude_auth.library.message import Question
from claude_auth.security.secret import Secret, holds_token

API_BASE_URL, MESSAGES_PATH = "https://api.anthropic.com", "/v1/messages"
#: Where neither the caller nor ANTHROPIC_MODEL names one.
DEFAULT_MODEL = "claude-sonnet-5-5"
DEFAULT_MAX_TOKENS = 4096
#: What the API takes as one request.
LARGEST_PROMPT = 32 << 20


def check_question(question: Question) -> None:
    """Raises `ConfigurationError`."""
    named = None if question.model else question.named_model
    problems = {
        "prompt": _prompt_problem(question.prompt),
        "model": None if question.model is None else _model_problem(question.model),
        "ANTHROPIC_MODEL": None if named is None else _model_problem(named),
        "max_tokens": None if question.max_tokens is None else _number_problem(question.max_tokens),
    }
    for name, problem in problems.items():
        if problem is not None:
            raise _wrong(name, problem)
    if question.base_url is not None:
        checked_base_url(question.base_url)


def _prompt_problem(given: object) -> str | None:
    if not isinstance(given, str) or not given.strip():
        return "is no text, or an empty one"
    try:
        size = len(given.encode())
    except UnicodeEncodeError:
        return "holds half a character (a lone surrogate)"
    return "is longer than the API takes (32 MB)" if size > LARGEST_PROMPT else None


def _model_problem(given: object) -> str | None:
    fits = isinstance(given, str) and given.isascii() and given.isprintable() and not given.startswith("-")
    return None if fits else "is no model's id"


def _number_problem(given: object) -> str | None:
    fits = isinstance(given, int) and not isinstance(given, bool) and given >= 1
    return None if fits else "is no whole number from 1 on"


def _wrong(name: str, why: str) -> ConfigurationError:
    return ConfigurationError("wrong-argument", f"{name} {why}", f"Correct {name}; nothing was sent")


def checked_base_url(wished: str | None) -> str:
    """Where requests go: what was wished for, else ANTHROPIC_BASE_URL, else the API; without a last slash."""
    from claude_auth.oauth.authorization import url_problem

    name = "ANTHROPIC_BASE_URL" if wished is None else "base_url"
    found: object = os.environ.get("ANTHROPIC_BASE_URL", "").strip() if wished is None else wished
    if not isinstance(found, str):
        raise _wrong(name, "is no text")
    found = found or API_BASE_URL
    problem = url_problem(found) or ("holds a ? part" if "?" in found else None)
    if problem is not None:
        raise ConfigurationError("bad-base-url", f"{name} {problem}", f"Correct {name}; nothing was sent")
    return found.rstrip("/")


def checked_type(name: str, value: object, kind: type) -> None:
    """Raises `ConfigurationError` where a caller gave something else."""
    if not isinstance(value, kind):
        raise _wrong(name, f"is no {kind.__name__}")


def checked_secret(name: str, value: object) -> Secret:
    """A secret that a caller gave as text."""
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise _wrong(name, "is no text")
    return Secret(value)


def checked_headers(headers: Mapping[str, Secret]) -> dict[str, str]:
    """As they go out. A token of a Claude account never does."""
    for name, value in headers.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise _wrong("a header's name", "holds what no header can")
        what = value.unsendable or ("nothing but blanks" if value.is_blank else None)
        if what is not None:
            raise ConfigurationError(
                "unsendable-credential",
                f"the value for {name} holds {what}",
                "Take it anew from where it was made",
            )
        if holds_token(value.reveal()):
            raise MissingCredentialError(
                "claude-login-not-for-direct-use",
                f"the value for {name} is a token of a Claude account, which Claude Code alone may send",
                "Ask with query_with_oauth(), which runs claude, or take an API key",
            )
    return {name: value.reveal() for name, value in headers.items()}
