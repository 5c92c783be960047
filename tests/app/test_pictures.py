"""Pictures of every machine, and beside each what must be readable on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.sandbox.demo_scenes import BY_NAME
from claude_auth.sandbox.scenes import SCENES, SECRETS
from claude_auth.sources import SOURCES
from tests.app.driving import app_on, drive, screen_lines, words_of

SIZES = {"120x40": (120, 40), "80x24": (80, 24)}

#: What a newcomer reads on the large screen, as sentences.
READABLE: dict[str, tuple[str, ...]] = {
    "fresh": (
        "✗ DOESN'T WORK no credential was found for claude",
        "no credential is found on this machine",
        "x-api-key – no request",
        f"+ {len(SOURCES)} places hold nothing space shows them",
    ),
    "healthy": (
        "✓ WORKS claude.ai login from ~/.claude/.credentials.json, billed to your Claude Max subscription",
        "★ USED claude.ai login sk-ant-oat01-…l0g1",
        "user:inference may ask Claude for answers, in Claude Code alone",
        "refused by the API for direct calls",
        "POST https://api.anthropic.com/v1/messages",
        "x-api-key – not sent",
        "authorization Bearer sk-ant-oat01-…l0g1",
        "anthropic-beta oauth-2025-04-20",
        "5 h 12 min left",
        "lasts until 14 Dec (24 days)",
        "ada@example.org",
        "your Claude Max subscription",
    ),
    "key-over-login": (
        "▲ WORKS, BUT NOT AS YOU MAY THINK An API key overrides your subscription; ANTHROPIC_API_KEY from",
        "★ USED ANTHROPIC_API_KEY",
        "x-api-key sk-ant-api03-…k3y9",
        "authorization – not sent",
        "○ IGNORED claude.ai login",
        "An API key overrides your subscription",
        "set at ~/.zshrc:4",
    ),
    "two-sent": (
        "★ USED ANTHROPIC_AUTH_TOKEN",
        "▲ ALSO SENT ANTHROPIC_API_KEY",
        "Two different credentials are sent in one request",
        "authorization Bearer …g4t3",
    ),
    "stale": (
        "↻ refreshes first",
        "ended 1 day 2 h ago, renewed on next use: normal",
        "idle, not signed out",
    ),
    "broken": (
        "✗ UNUSABLE",
        "the file ends too early",
        "The stored login can't be used",
        "no request",
        "f keep a copy of the damaged login file before you sign in",
    ),
    "bedrock": ("★ USED Amazon Bedrock", "AKIAMADEUPEXAMPLE001", "AWS profile [default]", "eu-central-1"),
    "vertex": ("★ USED Google Vertex AI", "only the network could tell", "engines", "europe-west1"),
    "foundry": ("★ USED Microsoft Foundry", "x-api-key …yKey", "engines.services.ai.azure.com"),
    "managed": ("✗ DOESN'T WORK managed settings (forceLoginMethod) demand a sign-in", "✗ BLOCKED"),
    "unapproved": (
        "✗ DOESN'T WORK ANTHROPIC_API_KEY is new to Claude Code",
        "○ WAITS",
        "asks whether to use it and sends nothing until then",
    ),
    "helper": (
        "? NOT KNOWN apiKeyHelper was not run",
        "★ USED apiKeyHelper",
        "unknown until it is run: press e",
        "~/bin/get-key --vault work",
    ),
    "setup-token": ("★ USED CLAUDE_CODE_OAUTH_TOKEN", "Bearer sk-ant-oat01-…s3tu"),
    "signed-out": (
        "✗ DOESN'T WORK Claude Code signed you out after a refused refresh f sign in",
        "✗ UNUSABLE claude.ai login",
        "expires ✗ expired, since when is not noted",
    ),
    "oauth-not-supported": (
        "✗ DOESN'T WORK ANTHROPIC_AUTH_TOKEN holds an OAuth access token",
        "f put an OAuth access token into CLAUDE_CODE_OAUTH_TOKEN instead",
        "✗ FAILS ANTHROPIC_AUTH_TOKEN",
        "set at ~/.zshrc:2",
    ),
    "bedrock-expired": (
        "✗ DOESN'T WORK the AWS sign-in of profile work has expired",
        "f run the sign-in that you configured: awsAuthRefresh",
        "✗ BLOCKED Amazon Bedrock",
    ),
    "lock-orphaned": (
        "A lock of Claude Code was left behind",
        "was last touched 1 h 0 min ago",
        "★ USED claude.ai login",
        "renewed on next use",
    ),
    "eight-clients": ("✓ WORKS claude.ai login", "The login is idle, not signed out"),
    "helper-failing": (
        "? NOT KNOWN apiKeyHelper was not run",
        "e runs it, after asking, and shows what it gives",
    ),
    "gateway": (
        "✓ WORKS ANTHROPIC_AUTH_TOKEN from ~/.claude/settings.json:4, sent to llm.engines.example",
        "nothing to worry about was found",
        "goes to a gateway (ANTHROPIC_BASE_URL)",
    ),
}
assert BY_NAME.keys() <= READABLE.keys()
PICTURED = [name for name in SCENES if name in READABLE]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PICTURED)
def test_picture(name: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    assert snap_compare(app_on(name, tmp_path), terminal_size=SIZES[size])


def test_picture_small(snap_compare: Any, tmp_path: Path) -> None:
    assert snap_compare(app_on("key-over-login", tmp_path), terminal_size=(60, 20))


def test_picture_ascii(snap_compare: Any, tmp_path: Path) -> None:
    assert snap_compare(app_on("stale", tmp_path, ascii_only=True), terminal_size=(80, 24))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("key-over-login", ["question_mark"]),
        ("key-over-login", ["c"]),
        ("project-helper", ["e"]),
        ("key-over-login", ["ctrl+p"]),
        ("healthy", ["enter"]),
    ],
    ids=["help", "client", "confirm", "palette", "zoomed-source"],
)
@pytest.mark.parametrize("size", SIZES)
def test_picture_dialog(size: str, name: str, keys: list[str], snap_compare: Any, tmp_path: Path) -> None:
    assert snap_compare(app_on(name, tmp_path), terminal_size=SIZES[size], press=keys)


@pytest.mark.parametrize("name", PICTURED)
def test_large_screen_says(name: str, tmp_path: Path) -> None:
    app = app_on(name, tmp_path)

    async def read(pilot: Pilot[int]) -> None:
        words = words_of(app)
        missing = [sentence for sentence in READABLE[name] if sentence not in words]
        assert not missing, words

    drive(app, read)


@pytest.mark.parametrize("size", [(120, 40), (100, 24), (90, 20), (80, 24), (60, 20)])
@pytest.mark.parametrize("name", list(SCENES))
def test_answer_is_visible_without_scrolling(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    app = app_on(name, tmp_path)

    async def read(pilot: Pilot[int]) -> None:
        lines = screen_lines(app)
        words = words_of(app)
        resolution = app.first_scene.resolution
        assert len(lines) == size[1]
        answer = app.first_scene.answer
        assert lines[1].strip().startswith(f"{answer.word.glyph} {answer.word.text.upper()}  ")
        assert answer.sentence[:24] in words
        assert "1 Credentials" in words
        if size[0] >= 90:
            assert ("no request" in words) == (resolution.wire is None)
            assert "x-api-key" in words
            assert "authorization" in words
        for finding in app.first_scene.findings[:1]:
            assert finding.title[:24] in words or size[1] <= 20
        assert not [secret for secret in SECRETS if secret in words]

    drive(app, read, size)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
def test_ascii_screen_is_ascii(size: tuple[int, int], tmp_path: Path) -> None:
    app = app_on("two-sent", tmp_path, ascii_only=True)

    async def read(pilot: Pilot[int]) -> None:
        assert "! WORKS, BUT NOT AS YOU MAY THINK Two different credentials" in words_of(app)
        for key in ("", "question_mark", "q", "c", "q", "d"):
            if key:
                await pilot.press(key)
            assert "".join(screen_lines(app)).isascii(), "\n".join(screen_lines(app))

    drive(app, read, size)


@pytest.mark.parametrize("name", list(SCENES))
def test_no_secret_anywhere_in_the_app(name: str, tmp_path: Path) -> None:
    """Every panel in full, every dialog, and what `y` copies."""
    app = app_on(name, tmp_path)

    async def read(pilot: Pilot[int]) -> None:
        seen = []
        for key in ("1", "2", "3", "4", "5"):
            await pilot.press(key, "v")
            seen.append("\n".join(screen_lines(app)))
            await pilot.press("v", "y")
            seen.append(app.clipboard)
        for key in ("d", "c", "e", "question_mark", "ctrl+p"):
            await pilot.press(key)
            seen.append("\n".join(screen_lines(app)))
            await pilot.press("escape")
        seen.append(repr(app.screen))
        seen.append(app.export_screenshot())
        text = "\n".join(seen)
        assert not [secret for secret in SECRETS if secret in text or secret[20:60] in text]

    drive(app, read)
