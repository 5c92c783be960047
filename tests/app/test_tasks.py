"""What a new user comes for, with keys alone from the dashboard of a pretend world: at most three to the
answer, five to the mended state."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.events import Paste

from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.sandbox import scenes
from claude_auth.sandbox.demo_scenes import BY_NAME
from claude_auth.sandbox.world import CODE
from tests.app.driving import app_on, drive, words_of
from tests.app.every_key import KeyStage, Place, opened

ANSWER, MENDED = 3, 5


class Task(NamedTuple):
    """`keys` lead to the `answer`, words that stand there then, and `more` to what is `mended`. `first`: what
    was done before, for a person who comes later. `read:WORDS` is no key: the person waits for them. A paste
    counts as one."""

    scene: str
    keys: tuple[str, ...]
    answer: str
    more: tuple[str, ...] = ()
    mended: Callable[[KeyStage], bool] | None = None
    first: tuple[str, ...] = ()

    def count(self, keys: tuple[str, ...]) -> int:
        return sum(not key.startswith("read:") for key in keys)


# ── what is mended ───────────────────────────────────────────────────────────────────────────────


def zshrc(stage: KeyStage) -> str:
    return Path(stage.home, ".zshrc").read_text()


def has_other_login(stage: KeyStage) -> bool:
    """Saved whole by Claude Code itself, and it is what is found there."""
    kept = Path(stage.home, ".claude/.credentials.json")
    token = json.loads(kept.read_text())["claudeAiOauth"]["accessToken"] if kept.exists() else scenes.OAT
    return token not in {"", scenes.OAT} and "no-credential" not in findings(stage)


def findings(stage: KeyStage) -> list[str]:
    """What a new look at that machine finds."""
    return [one.id for one in DashboardState.of(stage.app.services.host.look(), "claude").findings]


def is_report_copied(stage: KeyStage) -> bool:
    """With what was found, and without any secret."""
    text = stage.app.clipboard
    return (
        text.startswith("# claude-auth report")
        and "key-overrides-login" in text
        and not [secret for secret in scenes.SECRETS if secret in text]
    )


_SIGNED_IN = ("enter", "read:Paste code here", f"paste:{CODE}", "enter")
_FIXED = ("f", "Y")

TASKS = {
    "who-pays": Task("key-over-login", (), "billed per token"),
    "a-key-over-a-login-mended": Task(
        "key-over-login",
        (),
        "An API key overrides your subscription",
        _FIXED,
        lambda stage: "\nexport ANTHROPIC_API_KEY" not in zshrc(stage),
    ),
    "sign-in": Task(
        "fresh",
        ("l",),
        "Claude Code signs you in",
        _SIGNED_IN,
        has_other_login,
        first=("read:How do you get at Claude?", "escape"),
    ),
    "an-error-explained": Task(
        "stale", ("p", f"paste:{BY_NAME['stale'].error}"), "★ seen", ("f", "r"), has_other_login
    ),
    "refresh": Task("stale", ("r",), "renewed on next use: normal", ("r",), has_other_login),
    "an-aws-sign-in-renewed": Task(
        "bedrock-expired",
        (),
        "The AWS sign-in has expired",
        ("f", "Y"),
        lambda stage: "aws-sso-expired" not in findings(stage),
    ),
    # What mends that stands behind the command, and no key of ours reaches it.
    "a-failing-helper-understood": Task(
        "helper-failing", ("e", "Y", "enter"), "vault: permission denied for work"
    ),
    "another-account": Task("healthy", ("a",), "ada@example.org", ("l", *_SIGNED_IN), has_other_login),
    "a-report-copied": Task("key-over-login", ("d", "m", "enter"), "the report was", (), is_report_copied),
    "a-fix-undone": Task(
        "key-over-login",
        ("z",),
        "comment out ANTHROPIC_API_KEY in ~/.zshrc:4",
        ("enter", "Y"),
        lambda stage: zshrc(stage) == scenes.ZSHRC,
        first=(*_FIXED, "read:the finding is gone in a new shell", "q"),
    ),
}


def test_ten_tasks_within_their_keys() -> None:
    counts = {name: (one.count(one.keys), one.count((*one.keys, *one.more))) for name, one in TASKS.items()}
    assert counts == {
        "who-pays": (0, 0),
        "a-key-over-a-login-mended": (0, 2),
        "sign-in": (1, 4),
        "an-error-explained": (2, 4),
        "refresh": (1, 2),
        "an-aws-sign-in-renewed": (0, 2),
        "a-failing-helper-understood": (3, 3),
        "another-account": (1, 5),
        "a-report-copied": (3, 3),
        "a-fix-undone": (1, 3),
    }
    assert max(to_answer for to_answer, _ in counts.values()) <= ANSWER
    assert max(to_end for _, to_end in counts.values()) <= MENDED


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_done_with_keys_alone(name: str, tmp_path: Path) -> None:
    asyncio.run(do(TASKS[name], tmp_path))


async def do(task: Task, directory: Path) -> None:
    async with opened(task.scene, directory / "world", Place(task.scene)) as stage:
        await press(stage, task.first)
        await stage.until(lambda: stage.app.screen is stage.app.screen_stack[0])
        await press(stage, (*task.keys, f"read:{task.answer}"))
        if task.more:
            assert task.mended is not None
            assert not task.mended(stage), "it is so from the beginning"
        await press(stage, task.more)
        if task.mended is not None:
            await stage.until(lambda: task.mended is not None and task.mended(stage))


async def press(stage: KeyStage, keys: tuple[str, ...]) -> None:
    """One after the other, each once the screen stands there that the person has in mind."""
    for key in keys:
        kind, _, what = key.partition(":")
        if kind == "read" and what:
            await stage.until(lambda what=what: what in words_of(stage.app))  # type: ignore[misc]
        elif kind == "paste" and what:
            stage.app.post_message(Paste(what))
            await stage.pilot.pause()
        else:
            if key == "Y":  # a question hears nothing that was typed before it was there
                await stage.until(lambda: is_asked(stage))
            await stage.pilot.press(key)


def is_asked(stage: KeyStage) -> bool:
    screen = stage.app.screen
    return isinstance(screen, ConfirmDialog) and screen.shown_at is not None


def test_a_key_without_a_meaning_says_so(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press_one(pilot: object) -> None:
        stage = KeyStage(app, pilot)  # type: ignore[arg-type]
        await press(stage, ("colon", "read:: does nothing here; ? shows the keys"))

    drive(app, press_one)
