"""What a query asks, and what it gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as it was given; `checks.check_question` judges it. `model` None: ANTHROPIC_MODEL, else
    the library's own."""

    prompt: str
    model: str | None = None
    max_tokens: int | None = None
    base_url: str | None = None

    @property
    def named_model(self) -> str | None:
        """By the caller, or by the environment."""
        return self.model or os.environ.get("ANTHROPIC_MODEL", "").strip() or None


@dataclass(frozen=True, slots=True)
class Message:
    """A part of an answer, as it arrives. `type`: `text` for each piece of the text, then one `result`, which
    has none. `text` is as the model wrote it: clean it before you show it on a terminal that you care about.
    `credential`: which one was used, by the id that `claude-auth status` shows. `raw`: what it was made of,
    as it came: an event of the API, or a line of `claude`. `str()` is the text.

    >>> from claude_auth import Message
    >>> message = Message("text", "Hello!", "anthropic-api-key")
    >>> print(message)
    Hello!
    >>> message.credential
    'anthropic-api-key'
    """

    type: str
    text: str
    credential: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return self.text
