"""The cloud screen over a real home: asked of moto with its IAM checks on, and of the stand-ins."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.run_command import RunResult
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.cloud.command_output import Understood
from claude_auth.cloud.identity import AwsAnswer, AwsIdentity
from claude_auth.model import CommandRun
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText
from tests.cloud.aws_accounts import BEDROCK, CORP, signed_in
from tests.cloud.conftest import Moto
from tests.cloud.google_accounts import ADC, PROJECT, RAPT, REVOKED, USER
from tests.cloud.live import Live, gone, processes_with
from tests.cloud.machines import SECRET, SESSION, CloudMachine, iso, keys, machine


def with_keys(moto: Moto, home: Path, pair: tuple[str, str]) -> CloudMachine:
    environ = {**BEDROCK, "AWS_ENDPOINT_URL_STS": moto.url}
    return machine(home, environ, credentials=keys("default", *pair))


# ── AWS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_keys_are_asked_and_answer(moto: Moto, tmp_path: Path, size: tuple[int, int]) -> None:
    async def press(live: Live, pilot: Pilot[int]) -> None:
        for words in (
            "AWS · Amazon Bedrock ★ in use",
            "identity not asked yet",
            f"s asks {moto.url}; it runs no command of yours",
            "region eu-central-1 (AWS_REGION)",
            "sent to https://bedrock-runtime.eu-central-1.amazonaws.com",
        ):
            assert words in live.words, live.words
        await pilot.press("s")
        await live.says(pilot, "✓ arn:aws:iam::123456789012:user/allowed")
        for words in (
            "✓ in use, and it answers",
            "account 123456789012",
            f"key {moto.allowed[0]} (shared-credentials-file)",
            moto.url,
        ):
            assert words in live.words, live.words
        assert "cloud.asked" in live.journal()
        await pilot.press("q")
        await live.until(pilot, lambda: isinstance(live.app.screen, Dashboard))
        await live.open(pilot)
        assert "user/allowed" in live.words  # an answer is kept while the dashboard runs
        assert moto.allowed[1] not in live.everything()

    Live(with_keys(moto, tmp_path, moto.allowed)).play(press, size)


def test_an_unknown_key_is_explained_and_its_fix_copied(moto: Moto, tmp_path: Path) -> None:
    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await live.says(pilot, "✗ in use, with a problem")
        assert "it said The security token included in the request is invalid" in live.words
        await live.go_to_line(pilot, "use")
        assert live.screen.refusal("screen.copy_command") == "there is no command on this line"
        await live.go_to_line(pilot, "▸")
        await pilot.press("enter")
        assert live.app.clipboard.startswith("aws ")
        assert "\n" not in live.app.clipboard
        await pilot.press("y")
        assert "identity" in live.app.clipboard
        assert "▸" in live.app.clipboard

    Live(with_keys(moto, tmp_path, ("AKIANOTTHERE00000000", SECRET))).play(press)


def test_an_answer_from_before_a_change_says_so(moto: Moto, tmp_path: Path) -> None:
    made = with_keys(moto, tmp_path, moto.allowed)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await live.says(pilot, "user/allowed")
        assert "asked before the last change" not in live.words
        await pilot.press("u")
        await live.until(pilot, lambda: live.screen.state.snapshot.more is not None)
        assert "asked before the last change" not in live.words
        made.write(".aws/credentials", keys("default", *moto.other))
        await live.says(pilot, "▲ asked before the last change: s asks again")
        assert "and it answers" not in live.words
        await pilot.press("s")
        await live.says(pilot, "✓ arn:aws:iam::123456789012:user/other")
        assert "asked before the last change" not in live.words
        assert "another identity" in live.journal()

    Live(made).play(press)


def test_an_expired_sign_in_turns_green_once_the_cache_is_renewed(
    cloud: CloudEndpoints, tmp_path: Path
) -> None:
    """As `aws sso login` in another terminal would do it; the screen is not touched meanwhile."""
    made = machine(tmp_path, {**BEDROCK, **cloud.environment(), "AWS_PROFILE": "sso"}, config=CORP)
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-3662))

    async def press(live: Live, pilot: Pilot[int]) -> None:
        assert "✗ in use, with a problem" in live.words
        assert "▲ the sign-in has expired" in live.words
        assert "sign-in ✗ expired 1 h 1 min ago" in live.words
        await pilot.press("s")
        await live.until(pilot, lambda: live.screen.waiting is None)
        assert "aws sso login --profile sso" in live.words
        cloud.world.sso_tokens.add(f"new-{SESSION}")
        signed_in(made, f"new-{SESSION}")
        await live.says(pilot, "sign-in ✓ signed in")
        await live.says(pilot, "asked before the last change")
        assert "the sign-in has expired" not in live.words
        await pilot.press("s")
        await live.says(pilot, "✓ arn:aws:sts::123456789012:assumed-role/Developer/person")
        await live.says(pilot, "✓ in use, and it answers")
        assert "lasts ✓" in live.words

    Live(made).play(press)


def test_what_asking_itself_renews_does_not_make_its_answer_old(
    cloud: CloudEndpoints, tmp_path: Path
) -> None:
    made = machine(tmp_path, {**BEDROCK, **cloud.environment(), "AWS_PROFILE": "sso"}, config=CORP)
    cloud.world.sso_refresh_tokens.add(SESSION)
    cache = signed_in(made, f"old-{SESSION}", expiresAt=iso(-60), refreshToken=SESSION)
    before = cache.read_bytes()

    async def press(live: Live, pilot: Pilot[int]) -> None:
        assert "stale, renewed with its refresh token on next use" in live.words
        await pilot.press("s")
        await live.says(pilot, "assumed-role/Developer/person")
        assert cache.read_bytes() != before
        await live.says(pilot, "sign-in ✓ signed in")
        assert "asked before the last change" not in live.words

    Live(made).play(press)


def test_what_changes_while_it_is_asked_makes_the_answer_old(cloud: CloudEndpoints, tmp_path: Path) -> None:
    written = threading.Event()

    class Waiting(list[tuple[str, str]]):
        def append(self, request: tuple[str, str]) -> None:
            super().append(request)
            assert written.wait(60)

    cloud.world.requests = Waiting()
    environ = {**BEDROCK, **cloud.environment()}
    made = machine(tmp_path, environ, credentials=keys("default", "ASIAEXPORTED00000001", token=SESSION))

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await live.until(pilot, lambda: bool(cloud.world.requests))
        made.write(".aws/credentials", keys("default", "ASIACONTAINER0000001", token=SESSION))
        written.set()
        await live.says(pilot, "assumed-role/exported/x")
        await live.says(pilot, "asked before the last change")
        assert "keys in ~/.aws/credentials, ASIACONTAINER0000001" in live.words

    Live(made).play(press)


def test_nothing_is_asked_without_the_key(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, {**BEDROCK, **cloud.environment(), "AWS_PROFILE": "sso"}, config=CORP)
    signed_in(made, f"live-{SESSION}")

    async def press(live: Live, pilot: Pilot[int]) -> None:
        for key in ("down", "down", "up", "up", "tab", "end", "home", "u", "y", "question_mark", "q"):
            await pilot.press(key)
        await live.until(pilot, lambda: live.screen.state.snapshot.more is not None)
        assert cloud.world.requests == []

    Live(made).play(press)


# ── consent ──────────────────────────────────────────────────────────────────────────────────────


def with_process(home: Path, command: str, **environ: str) -> CloudMachine:
    config = f"[profile p]\ncredential_process = {command}\n"
    return machine(home, {**BEDROCK, "AWS_PROFILE": "p", **environ}, config=config)


@pytest.mark.parametrize("answer", ["enter", "n", "q", "Y"])
def test_a_command_is_run_on_consent_only(moto: Moto, tmp_path: Path, answer: str) -> None:
    document = {"Version": 1, "AccessKeyId": moto.allowed[0], "SecretAccessKey": moto.allowed[1]}
    script = tmp_path / "vend"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\necho '{json.dumps(document)}'\n")
    script.chmod(0o700)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        assert "and runs ▲ ~/vend" in live.words, live.words
        assert "credential_process in ~/.aws/config; you are asked first" in live.words
        await pilot.press("s")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        assert str(script) in live.words.replace(" ", "")
        assert "credential_process in ~/.aws/config" in live.words
        await pilot.press(answer)
        if answer == "Y":
            await live.says(pilot, "user/allowed")
        else:
            await live.until(pilot, lambda: "nothing was run, nobody was asked" in live.hint)
        assert (tmp_path / "was-run").exists() is (answer == "Y")
        assert moto.allowed[1] not in live.everything()

    Live(with_process(tmp_path, str(script), AWS_ENDPOINT_URL_STS=moto.url)).play(press)


def test_the_whole_command_stands_in_the_question(tmp_path: Path) -> None:
    made = with_process(tmp_path, f"true {'harmless ' * 400}&& touch the-end")

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        for _ in range(20):
            await pilot.press("pagedown")
        await pilot.pause()
        assert "&& touch the-end" in live.words
        assert "Yes, run it and ask" in live.words

    Live(made).play(press, (80, 24))


@pytest.mark.parametrize(
    ("first", "second"),
    [("true", "touch {}/was-run"), (f"true --token {SECRET}", f"touch {{}}/was-run --token {SECRET}")],
)
def test_a_command_that_was_exchanged_after_the_consent_is_not_run(
    tmp_path: Path, first: str, second: str
) -> None:
    made = with_process(tmp_path, first)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        made.write(".aws/config", f"[profile p]\ncredential_process = {second.format(tmp_path)}\n")
        await pilot.press("Y")
        await live.until(pilot, lambda: "it would run another command than you agreed to" in live.hint)
        assert not (tmp_path / "was-run").exists()

    Live(made).play(press)


@pytest.mark.parametrize(
    ("key", "marker"), [("escape", "3117"), ("ctrl+x", "3127"), ("ctrl+c", "3137"), ("q", "3147")]
)
def test_asking_can_be_given_up_and_what_runs_is_ended(tmp_path: Path, key: str, marker: str) -> None:
    made = with_process(tmp_path, f"sleep {marker}")

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await live.agree(pilot, "s")
        await live.until(pilot, lambda: any(processes_with(f"sleep\0{marker}")))
        assert "asking…" in live.words
        await pilot.press("s")
        await live.until(pilot, lambda: "is being asked already" in live.hint)
        await pilot.resize_terminal(80, 24)
        await pilot.press(key)
        if key in ("q", "escape"):
            await live.until(pilot, lambda: isinstance(live.app.screen, Dashboard))
        else:
            await live.until(pilot, lambda: "nothing was learned" in live.hint)
            assert "identity not asked yet" in live.words
            assert "asking…" not in live.words
        await gone(pilot, f"sleep\0{marker}")
        assert live.cloud.asked == {}

    Live(made).play(press)


def exporting(home: Path, *, project: bool, trusted: bool, cloud: CloudEndpoints) -> CloudMachine:
    document = {"AccessKeyId": "ASIAEXPORTED00000001", "SecretAccessKey": SECRET, "SessionToken": SESSION}
    made = machine(home, {**BEDROCK, **cloud.environment()})
    made.write("printed.json", json.dumps({"Credentials": document}))
    where = "project/.claude/settings.json" if project else ".claude/settings.json"
    made.write(where, {"awsCredentialExport": f"cat {home}/printed.json"})
    projects = {str(made.cwd): {"hasTrustDialogAccepted": trusted}}
    made.write(".claude.json", {"projects": projects})
    return made


def test_exported_credentials_are_asked_for_after_one_question(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = exporting(tmp_path, project=False, trusted=False, cloud=cloud)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        assert "your settings: ~/.claude/settings.json:2; you are asked first" in live.words
        await pilot.press("s")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        await pilot.press("Y")
        await live.says(pilot, "assumed-role/exported/x")
        assert f"cat {tmp_path}/printed.json" in live.journal()
        assert "and runs" not in live.words  # it has been run, so asking again runs nothing
        assert "ASIAEXPORTED00000001" in live.words

    Live(made).play(press)


def test_a_repository_is_asked_about_twice(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = exporting(tmp_path, project=True, trusted=True, cloud=cloud)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        assert "a repository's own files" in live.words
        await pilot.press("Y")
        await live.says(pilot, "It comes from a repository. Really run it?")
        await pilot.press("enter")
        await live.until(pilot, lambda: "nothing was run" in live.hint)
        await live.agree(pilot, "s")
        await live.says(pilot, "Really run it?")
        await pilot.press("Y")
        await live.says(pilot, "assumed-role/exported/x")

    Live(made, client="claude").play(press)


@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_a_repository_that_is_not_trusted_runs_nothing_on_one_yes(
    client: str, cloud: CloudEndpoints, tmp_path: Path
) -> None:
    made = exporting(tmp_path, project=True, trusted=False, cloud=cloud)
    settings = made.home / "project/.claude/settings.json"
    settings.write_text(
        json.dumps(
            {
                "awsCredentialExport": f"touch {tmp_path}/ran",
                "env": {"ANTHROPIC_MODEL": "claude-sonnet-4-6", "LD_PRELOAD": "/x"},
            }
        )
    )

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        assert "this folder is not trusted" in live.words
        assert "it runs without LD_PRELOAD" in live.words
        await pilot.press("Y")
        await live.says(pilot, "It comes from a repository. Really run it?")
        await pilot.press("enter")
        await live.until(pilot, lambda: "nothing was run" in live.hint)
        assert cloud.world.requests == []

    Live(made, client=client).play(press)
    assert not (tmp_path / "ran").exists()


def test_nothing_is_asked_with_the_files_of_somebody_else(moto: Moto, tmp_path: Path) -> None:
    live = Live(with_keys(moto, tmp_path, moto.allowed))
    live.services.host = live.eyes._replace(ours=lambda: False)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        for key in ("s", "x"):
            await pilot.press(key)
            assert "the files that are looked at belong to somebody else" in live.hint
        assert live.screen.waiting is None

    live.play(press)


# ── Google ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "title", "command"),
    [
        (None, "✓ person@example.org", ""),
        (REVOKED, "Token has been expired or revoked", "gcloud auth application-default login"),
        (RAPT, "Your organisation wants you to sign in again", "gcloud auth application-default login"),
    ],
)
def test_google_answers_or_says_why_not(
    cloud: CloudEndpoints, tmp_path: Path, error: dict[str, str] | None, title: str, command: str
) -> None:
    cloud.world.google_error = error
    made = machine(tmp_path, {**PROJECT, "CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "europe-west1"})
    made.write(ADC, USER)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        for words in (
            "Google · Vertex AI ★ in use",
            "project mine (ANTHROPIC_VERTEX_PROJECT_ID)",
            "region europe-west1 (CLOUD_ML_REGION)",
            "kind ★ user person@example.org",
            "quota project billed",
            "s asks oauth2.googleapis.com; it runs no command of yours",
        ):
            assert words in live.words, live.words
        await pilot.press("s")
        await live.says(pilot, title)
        assert ("✓ in use, and it answers" in live.words) is (error is None)
        assert command in live.words
        assert "ya29" not in live.everything()

    Live(made, token_endpoint=f"{cloud.url}/google/token").play(press, provider="google")


# ── running the refresh command ──────────────────────────────────────────────────────────────────


def test_the_answer_after_a_run_stands_there_at_once(
    cloud: CloudEndpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = machine(
        tmp_path,
        {**BEDROCK, **cloud.environment(), "AWS_PROFILE": "sso"},
        config=CORP,
        settings={"awsAuthRefresh": "corp-login"},
    )
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-3662))
    opened: list[tuple[tuple[str, ...], Any]] = []
    ended: list[RunResult | None] = []

    async def choose(screen: Any, services: Any, snapshot: Any, kinds: Any = (), before: Any = None) -> Any:
        opened.append((tuple(kinds), before))
        return ended.pop(0)

    monkeypatch.setattr("claude_auth.app.screens.run_choosing.choose_and_run", choose)
    identity = AwsIdentity(
        "aws-profile", "sso", "ASIA1", "123456789012", "arn:aws:sts::123456789012:assumed-role/D/p",
        "x", None, "eu-central-1", cloud.url,
    )  # fmt: skip
    run = CommandRun("awsAuthRefresh", Secret("corp-login"), 0, Secret(""), Secret(""), 1.0)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        assert "x runs corp-login" in live.words
        assert "awsAuthRefresh, your settings: ~/.claude/settings.json:2" in live.words, live.words
        assert "corp-login is not on PATH" in live.words
        await pilot.press("s")
        await live.until(pilot, lambda: bool(live.cloud.asked))
        ended.append(None)
        await pilot.press("x")
        await live.until(pilot, lambda: "nothing was run" in live.hint)
        ((kinds, before),) = opened
        assert kinds == ("aws-refresh",)
        assert before.trouble.code == "sso-expired"
        cloud.world.sso_tokens.add(f"new-{SESSION}")
        signed_in(made, f"new-{SESSION}")
        after = AwsAnswer(live.services.host.clock(), 0.2, identity)
        change = StatusText("✓", "now arn:aws:sts::123456789012:assumed-role/D/p", "ok")
        well = Understood(True, "well")
        ended.append(RunResult("aws-refresh", True, None, well, run, before, after, change))
        await pilot.press("x")
        await live.says(pilot, "identity ✓ arn:aws:sts::123456789012:assumed-role/D/p")
        assert "change ✓ now arn:aws:sts" in live.words
        await live.says(pilot, "sign-in ✓ signed in")
        await live.says(pilot, "✓ in use, and it answers")
        assert "asked before the last change" not in live.words

    Live(made).play(press)


def test_a_gateway_has_nothing_to_run_or_to_ask(tmp_path: Path) -> None:
    made = machine(
        tmp_path, {"ANTHROPIC_BASE_URL": "https://gw.example.org", "ANTHROPIC_AUTH_TOKEN": "made-up"}
    )

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("x")
        assert "no command is known that renews Gateway" in live.hint
        await pilot.press("s")
        assert "only AWS and Google can be asked" in live.hint

    Live(made).play(press, provider="gateway")


# ── hostile files ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_hostile_names(tmp_path: Path, size: tuple[int, int]) -> None:
    name = "a\x1b]52;c;x\x07\u202e[red]x[/red]$(touch x)" + "y" * 3000
    config = f"[profile.{name}]\ncredential_process = sh -c 'token={SECRET} [bold]\x9b31m' {'z ' * 2000}\n"
    made = machine(tmp_path, {**BEDROCK, "AWS_PROFILE": name, "AWS_REGION": "[red]"}, config=config)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("tab", "end", "y")
        shown = live.everything() + live.words
        assert "[red]" in shown  # as text
        for character in ("\x1b", "\x07", "\u202e", "\x9b"):
            assert character not in shown
        assert "z z z" in live.words  # the beginning of the command
        await pilot.press("s")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        await pilot.press("n", "question_mark", "q", "q")
        await live.until(pilot, lambda: isinstance(live.app.screen, Dashboard))

    Live(made).play(press, size)
