"""What a demo shows: some of the named scenes, each with the programs and servers that go with it, and an
error text that a person there would have before them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_auth.sandbox.messages_api import OAUTH_NOT_SUPPORTED, Refusal


def _api_error(refusal: Refusal) -> str:
    """As Claude Code prints it [told]."""
    return f"API Error: {refusal.status} {json.dumps(refusal.body, separators=(',', ':'))}"


@dataclass(frozen=True)
class DemoScene:
    """`scene`: its name among `scenes.SCENES`. `claude`: how the stand-in for Claude Code behaves there
    (`sandbox.stand_in`). `clients`: so many of them run beside the dashboard. `token_seconds`: how late the
    token endpoint answers; `polls`: how often it is asked for before a single sign-on is confirmed."""

    scene: str
    about: str
    error: str
    claude: Mapping[str, Any] = field(default_factory=dict)
    clients: int = 0
    token_seconds: float = 1.5
    polls: int = 40

    @property
    def label(self) -> str:
        return self.scene.replace("-", " ")


_KEY_REFUSED = _api_error(Refusal(401, "invalid x-api-key"))
_EXPIRED = _api_error(
    Refusal(401, "OAuth token has expired. Please obtain a new token or refresh your existing token.")
)
_OAUTH_REFUSED = _api_error(OAUTH_NOT_SUPPORTED)
_FAILS: Mapping[str, Any] = {"code": 1, "refresh": False}
#: A login of the racing clients is stale a few seconds after it was saved.
_RACE = {"lifetime": 312, "work": {"refresh": True, "every": 0.5}}

DEMO: tuple[DemoScene, ...] = (
    DemoScene("healthy", "a Max plan, signed in and used", _api_error(Refusal(529, "Overloaded"))),
    DemoScene("key-over-login", "a key in the shell beats the plan that is paid for", _KEY_REFUSED),
    DemoScene("two-sent", "two credentials go out in one request", _KEY_REFUSED),
    DemoScene("stale", "a day idle: the login is renewed before the next request", _EXPIRED),
    DemoScene(
        "signed-out",
        "the server refused the refresh, and the login was emptied",
        "Please run /login · API Error: 401 Invalid authentication credentials",
        {"print": {**_FAILS, "say": ["Invalid API key · Please run /login"]}},
    ),
    DemoScene(
        "oauth-not-supported",
        "a Claude account's token in the wrong variable",
        _OAUTH_REFUSED,
        {"print": {**_FAILS, "say": [_OAUTH_REFUSED]}},
    ),
    DemoScene(
        "bedrock-expired",
        "Amazon Bedrock, and the single sign-on has expired",
        "API Error (us.anthropic.claude-sonnet-4-5): The SSO session associated with this profile has "
        "expired or is otherwise invalid. To refresh this SSO session run aws sso login with the "
        "corresponding profile.",
    ),
    DemoScene("lock-orphaned", "a client was killed while it renewed, and left a lock", _EXPIRED),
    DemoScene("eight-clients", "eight sessions of Claude Code renew one login", _EXPIRED, _RACE, clients=8),
    DemoScene(
        "helper-failing",
        "the command that gives the key ends with an error",
        "apiKeyHelper failed: exited 2: vault: permission denied for work",
        {"print": {**_FAILS, "say": ["apiKeyHelper failed: exited 2: vault: permission denied for work"]}},
    ),
    DemoScene(
        "gateway", "a company's gateway, with a token of its own", _api_error(Refusal(403, "Forbidden"))
    ),
    DemoScene("managed", "the company's policy asks for a login, but a key is set", _KEY_REFUSED),
    DemoScene("fresh", "nothing is set up yet", "Not logged in · Please run /login"),
)
BY_NAME: Mapping[str, DemoScene] = {scene.scene: scene for scene in DEMO}
