"""Consent: what is run, what is read, with which environment, and what never."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.evaluate import evaluate, evaluation_plan
from claude_auth.actions.look import diagnosed
from claude_auth.model import CommandRun, Snapshot
from claude_auth.observe import observe
from claude_auth.present.consent import evaluation_refusal
from claude_auth.present.dashboard import helping_key
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret
from tests.as_text import status_summary
from tests.conformance.layout import NEWEST, LaidOut, lay_out, look_at, situation
from tests.waiting import at_once

USER, PROJECT = ".claude/settings.json", "proj/.claude/settings.json"
STORE = ".claude/.credentials.json"
LOGIN = {"claudeAiOauth": {"accessToken": "sk-ant-oat01-madeUp", "scopes": ["user:inference"]}}
OAUTH = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"
EXPORT = (
    """echo '{"Credentials": {"AccessKeyId": "ASIAMADEUP", "SecretAccessKey": "s", "SessionToken": "t"}}'"""
)
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}


def helper(command: str, **more: Any) -> dict[str, Any]:
    return {"apiKeyHelper": command, **more}


def test_without_consent_nothing_is_run_and_the_value_is_unknown(tmp_path: Path) -> None:
    said = look_at(tmp_path, {USER: helper("touch $HOME/ran; echo key")})
    assert not (tmp_path / "ran").exists()
    assert said.resolution.usable is None
    assert said.document["wire"]["x_api_key"]["fingerprint"] is None
    assert [finding.id for finding in said.findings] == ["helper-not-run"]


def test_with_consent_the_helper_runs_once_and_its_value_is_known(tmp_path: Path) -> None:
    said = look_at(tmp_path, {USER: helper("echo x >> $HOME/ran; echo ' key '")}, evaluated=True)
    assert (tmp_path / "ran").read_text() == "x\n"
    assert said.resolution.usable is True
    wire = said.resolution.wire
    assert wire is not None
    assert wire.x_api_key is not None
    assert wire.x_api_key.value == Secret("key")


@pytest.mark.parametrize(
    ("files", "env", "client"),
    [
        ({STORE: LOGIN}, {}, "claw"),
        ({}, BEDROCK, "claude"),
        ({}, {"CLAUDE_CODE_SIMPLE": "1"}, "claude"),
        ({"proj/.claude/settings.local.json": helper("")}, {}, "claude"),
    ],
)
def test_a_helper_whose_key_goes_nowhere_is_not_run(
    files: dict[str, Any], env: dict[str, str], client: str, tmp_path: Path
) -> None:
    look_at(tmp_path, {USER: helper("touch $HOME/ran"), **files}, env=env, client=client, evaluated=True)
    assert not (tmp_path / "ran").exists()


CLIENTS = ("claude", "claude-print", "documented")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("trusted", "agreed"), [(True, False), (False, False), (False, True)])
def test_a_project_s_helper_needs_trust_or_a_second_consent_whichever_client_asks(
    client: str, trusted: bool, agreed: bool, tmp_path: Path
) -> None:
    files = {PROJECT: helper("touch $HOME/ran; echo key"), "$untrusted": not trusted}
    said = look_at(tmp_path, files, client=client, evaluated=True, agreed=agreed)
    runs = trusted or agreed
    assert (tmp_path / "ran").exists() == runs
    assert said.resolution.usable is (True if runs else None)
    header = said.document["wire"]["x_api_key"]
    assert (header["masked"] is None, header["fingerprint"] is None) == (not runs, not runs)


def view_of(laid: LaidOut) -> Snapshot:
    return observe(laid.context())


@pytest.mark.parametrize("client", CLIENTS)
def test_the_plan_tells_before_anything_runs(client: str, tmp_path: Path) -> None:
    files = {PROJECT: helper("echo key"), "$untrusted": True}
    with lay_out(situation(files), tmp_path) as laid:
        once, twice = (
            evaluation_plan(view_of(laid), client),
            evaluation_plan(view_of(laid), client, agreed=True),
        )
    assert once.is_empty
    assert [setting.origin.of_project for setting in once.refused] == [True]
    assert [setting.name for setting in twice.commands] == ["apiKeyHelper"]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_untrusted_folder_sets_no_variable_for_the_user_s_own_helper(client: str, tmp_path: Path) -> None:
    """PATH, LD_PRELOAD or BASH_ENV from there would be code of the repository in the user's command. Trusted
    or not, Claude Code runs the helper before such variables count; the few that count then it hands over.
    That a second consent gave it all of them was more than the client does [seen, 2.1.332]."""
    files = {
        USER: helper("echo key-$FOO-$AWS_PROFILE"),
        PROJECT: {"env": {"FOO": "project", "AWS_PROFILE": "project"}},
    }
    environ = {"FOO": "shell", "AWS_PROFILE": "shell"}
    for name, untrusted, agreed, expected in (
        ("a", False, False, "key-shell-project"),
        ("b", True, False, "key-shell-shell"),
        ("c", True, True, "key-shell-project"),
    ):
        laid_files = {**files, "$untrusted": untrusted}
        said = look_at(tmp_path / name, laid_files, env=environ, client=client, evaluated=True, agreed=agreed)
        run = said.snapshot.runs["apiKeyHelper"]
        assert run.stdout == Secret(f"{expected}\n")
        assert run.withheld == (("AWS_PROFILE",) if name == "b" else ())


@pytest.mark.parametrize("client", CLIENTS)
def test_variables_that_no_client_hands_over_leave_nothing_to_ask(client: str, tmp_path: Path) -> None:
    """Claude Code runs the helper without them, so what it gives is what is sent [seen, 2.1.332]."""
    files = {USER: helper("echo key"), PROJECT: {"env": {"PATH": "$HOME/proj/bin"}}, "$untrusted": True}
    said = look_at(tmp_path, files, client=client, evaluated=True)
    assert said.resolution.usable is True
    assert said.snapshot.runs["apiKeyHelper"].withheld == ()
    assert "helper-run-without-project" not in [finding.id for finding in said.findings]


@pytest.mark.parametrize("client", CLIENTS)
def test_what_ran_without_a_repository_s_variables_is_not_called_known(client: str, tmp_path: Path) -> None:
    """Of those that Claude Code would hand over: PATH, of which this once spoke, is none [seen, 2.1.332]."""
    files = {USER: helper("echo key"), PROJECT: {"env": {"AWS_PROFILE": "theirs"}}, "$untrusted": True}
    said = look_at(tmp_path, files, client=client, evaluated=True)
    header = said.document["wire"]["x_api_key"]
    assert (header["masked"], header["fingerprint"], said.resolution.usable) == (None, None, None)
    (source,) = (one for one in said.document["sources"] if one["id"] == "api-key-helper")
    assert (source["state"], source["masked"], source["fingerprint"]) == ("present", None, None)
    assert "AWS_PROFILE" in said.resolution.standing("api-key-helper").reading.reason
    assert "helper-run-without-project" in [finding.id for finding in said.findings]
    assert "helper-not-run" not in [finding.id for finding in said.findings]


def test_a_second_consent_runs_it_again_with_them(tmp_path: Path) -> None:
    files = {
        USER: helper("echo key-$AWS_PROFILE"),
        PROJECT: {"env": {"AWS_PROFILE": "project"}},
        "$untrusted": True,
    }
    with lay_out(situation(files), tmp_path) as laid:
        view = laid.context()
        once = evaluate(observe(view), view.environ, "claude-print", NEWEST)
        assert evaluation_plan(once, "claude-print", NEWEST).is_empty
        twice = evaluate(once, view.environ, "claude-print", NEWEST, agreed=True)
    assert twice.runs["apiKeyHelper"].stdout == Secret("key-project\n")
    assert resolve(twice, "claude-print", NEWEST).usable is True


def test_an_untrusted_folder_does_not_vouch_for_itself_through_another_user_s_state(tmp_path: Path) -> None:
    with lay_out(situation({PROJECT: helper("echo key")}), tmp_path) as laid:
        seen = view_of(laid)
    file = seen.claude_json.file
    assert file is not None
    assert seen.trusts_folder
    foreign = file._replace(owned_by_us=False, owner="mallory")
    state = seen.claude_json._replace(file=foreign)
    assert not seen._replace(claude_json=state).trusts_folder


def test_a_helper_sees_shell_and_settings_and_stands_in_the_working_directory(tmp_path: Path) -> None:
    command = 'echo "$A|$B|$ANTHROPIC_API_KEY|$(pwd)|$HOME"'
    files = {USER: helper(command, env={"A": "settings", "ANTHROPIC_API_KEY": ""})}
    env = {"A": "shell", "B": "shell", "ANTHROPIC_API_KEY": "key"}
    run = look_at(tmp_path, files, env=env, evaluated=True).snapshot.runs["apiKeyHelper"]
    assert run.stdout.reveal() == f"settings|shell||{tmp_path}/proj|{tmp_path}\n"


def test_the_export_command_gets_no_anthropic_secret(tmp_path: Path) -> None:
    files = {USER: {"awsCredentialExport": f"env > $HOME/env; {EXPORT}"}}
    env = {**BEDROCK, "ANTHROPIC_API_KEY": "made-up", "CLAUDE_CODE_OAUTH_TOKEN": "made-up", "KEPT": "1"}
    said = look_at(tmp_path, files, env=env, client="claude-print", evaluated=True)
    seen = (tmp_path / "env").read_text()
    assert "made-up" not in seen
    assert "AWS_REGION=us-east-1" in seen
    assert "KEPT" not in seen
    assert said.document["wire"]["authorization"]["identity"] == "ASIAMADEUP"


def test_a_failed_export_leads_to_the_next_credentials(tmp_path: Path) -> None:
    files = {USER: {"awsCredentialExport": "exit 1"}}
    env = {**BEDROCK, "AWS_ACCESS_KEY_ID": "AKIAMADEUP", "AWS_SECRET_ACCESS_KEY": "s"}
    said = look_at(tmp_path, files, env=env, evaluated=True)
    assert said.document["wire"]["authorization"]["source"] == "aws-environment"


def test_a_command_that_gives_no_answer_leaves_the_value_unknown(tmp_path: Path) -> None:
    with lay_out(situation({USER: helper("sleep 60")}), tmp_path) as laid:
        view = laid.context()
        snapshot = evaluate(observe(view), view.environ, "claude", NEWEST, seconds=0.1)
    resolution = resolve(snapshot, "claude", NEWEST)
    assert resolution.usable is None
    assert resolution.standing("api-key-helper").reading.state == "unusable"


def test_what_is_stopped_is_ended_and_no_other_command_is_begun(tmp_path: Path) -> None:
    told = tmp_path / "ran"
    files = {USER: {"awsCredentialExport": "echo $$ > $HOME/ran; exec sleep 600"}}
    with lay_out(situation(files, env=BEDROCK), tmp_path) as laid:
        view, stop = laid.context(), threading.Event()

        def end_it() -> None:
            while not told.exists() or not told.read_text().endswith("\n"):
                time.sleep(0.01)
            stop.set()

        threading.Thread(target=end_it, daemon=True).start()
        ended = at_once(
            lambda: evaluate(observe(view), view.environ, "claude", NEWEST, seconds=600.0, stop=stop)
        )
        with pytest.raises(ProcessLookupError):
            os.kill(int(told.read_text()), 0)
        told.unlink()
        again = evaluate(observe(view), view.environ, "claude", NEWEST, stop=stop)
    assert [(run.exit_code, "cancelled" in (run.problem or "")) for run in ended.runs.values()] == [
        (None, True)
    ]
    assert not again.runs
    assert not told.exists()


@pytest.mark.parametrize("between", ["", "\u200b", "\u2060", "\ufe0f"])
@pytest.mark.parametrize("before", ["", "/", "~", "$", "x"])
@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-madeUpForTestsOnly",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.madeUpForTests",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYMADEUPKEYS",
    ],
)
def test_a_secret_on_stderr_is_not_shown_whatever_hides_it(
    secret: str, before: str, between: str, tmp_path: Path
) -> None:
    """Behind an invisible character, behind a mark of paths or variables, glued to a word."""
    if before == "x" and secret.startswith("wJ"):
        pytest.skip("then nobody can tell where it begins")
    (tmp_path / "m").mkdir()
    (tmp_path / "said").write_text(f"cannot use {before}{secret[:4]}{between}{secret[4:]}", encoding="utf-8")
    said = look_at(tmp_path / "m", {USER: helper(f"cat {tmp_path}/said >&2; exit 1")}, evaluated=True)
    details = dict(said.resolution.standing("api-key-helper").reading.details)
    assert not any(secret[start : start + 8] in details["stderr"] for start in range(13, len(secret) - 8))


def test_what_a_helper_prints_on_stderr_is_shown_without_the_key(tmp_path: Path) -> None:
    said = look_at(tmp_path, {USER: helper("echo opensesame; echo got opensesame >&2")}, evaluated=True)
    details = dict(said.resolution.standing("api-key-helper").reading.details)
    assert details["stderr"] == "got …redacted…"


def test_a_pipe_is_emptied_only_where_its_token_is_sent(tmp_path: Path) -> None:
    with lay_out(situation(fd={OAUTH: "sk-ant-oat01-madeUp"}), tmp_path) as laid:
        view = laid.context()
        seen = observe(view)
        key = seen._replace(
            claude_json=seen.claude_json._replace(primary_api_key=Secret("key")), descriptors=view.descriptors
        )
        evaluate(key, view.environ, "sdk", NEWEST)
        evaluated = evaluate(seen, view.environ, "claude", NEWEST)
        assert evaluated.descriptors[OAUTH].value == Secret("sk-ant-oat01-madeUp")
        assert os.read(laid.descriptors[0], 10) == b""


def test_a_run_of_another_command_is_not_taken(tmp_path: Path) -> None:
    said = look_at(tmp_path, {USER: helper("echo key")}, evaluated=True)
    run = said.snapshot.runs["apiKeyHelper"]
    stale = said.snapshot._replace(runs={"apiKeyHelper": run._replace(command=Secret("echo other"))})
    assert resolve(stale, "claude", NEWEST).usable is None
    assert stale.runs["apiKeyHelper"].stdout == run.stdout


@pytest.mark.parametrize("named", [True, False])
def test_what_an_export_gave_without_them_is_not_called_known(named: bool, tmp_path: Path) -> None:
    """Where a model is named by its id, Bedrock is asked for none early, and the command gets PATH too; else
    it does not, which was asked about all the same [seen, 2.1.332]."""
    files = {
        USER: {"awsCredentialExport": EXPORT},
        PROJECT: {"env": {"PATH": "$HOME/proj/bin"}},
        "$untrusted": True,
    }
    environ = {**BEDROCK, **({"ANTHROPIC_MODEL": "claude-sonnet-4-6"} if named else {})}
    once = look_at(tmp_path / "a", files, env=environ, evaluated=True)
    assert once.document["wire"]["authorization"]["identity"] == (None if named else "ASIAMADEUP")
    assert once.resolution.usable is (None if named else True)
    twice = look_at(tmp_path / "b", files, env=environ, evaluated=True, agreed=True)
    assert twice.document["wire"]["authorization"]["identity"] == "ASIAMADEUP"


def test_a_helper_that_gave_no_answer_was_run(tmp_path: Path) -> None:
    """What is said next is another way to run it, not what was done already."""
    said = look_at(tmp_path, {USER: helper("sleep 60")})
    setting = said.snapshot.settings["apiKeyHelper"][0]
    run = CommandRun(
        "apiKeyHelper", setting.value, None, Secret(""), Secret(""), 20.0, "it gave no answer within 20 s"
    )
    snapshot = said.snapshot._replace(runs={"apiKeyHelper": run})
    resolution, findings = diagnosed(snapshot, "claude")
    (told,) = (one for one in findings if one.id == "helper-not-run")
    assert told.title == "apiKeyHelper gave no answer"
    assert told.evidence.startswith("it gave no answer within 20 s; ")
    assert [(fix.action, fix.about) for fix in told.fixes] == [("run", "api-key-helper")]
    refused = evaluation_refusal(snapshot, resolution, None, lambda: True)
    assert refused == "it was run and gave no answer: x runs it again, and shows what it says"
    key = helping_key(DashboardState.of(snapshot, "claude"))
    assert key is not None
    assert key.key == "x"
    assert "what would tell: claude-auth run api-key-helper" in status_summary(snapshot, resolution, findings)
