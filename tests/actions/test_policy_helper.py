"""policyHelper, as 2.1.332 was seen to take it: run on consent, its output in the place of the files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.evaluate import evaluate, evaluation_plan
from claude_auth.actions.look import merge_evaluations, resolve
from claude_auth.claude_code.versions import NEWEST
from claude_auth.model import Resolution, Snapshot
from claude_auth.observe import observe
from claude_auth.present.consent import evaluation_requests, waits_for_a_run
from claude_auth.sandbox.machines import MANAGED_SETTINGS
from claude_auth.security.sanitize import printable
from tests.conformance.layout import lay_out, situation

SCRIPT = "root/etc/claude-code/policy.sh"
NAMED = {"path": "/etc/claude-code/policy.sh"}
KEY = {"ANTHROPIC_API_KEY": "made-up-key"}


def machine(
    tmp_path: Path, script: str | None, named: Any = NAMED, mode: int = 0o755, **managed: Any
) -> tuple[Snapshot, Snapshot, Snapshot]:
    """Before and after the consent, and a look after that."""
    files: dict[str, Any] = {MANAGED_SETTINGS: {"policyHelper": named, **managed}}
    if script is not None:
        files[SCRIPT] = {"$text": f"#!/bin/sh\n{script}\n"}
    with lay_out(situation(files, env=KEY), tmp_path) as laid:
        if script is not None:
            os.chmod(tmp_path / SCRIPT, mode)
        view = laid.context()
        before = observe(view)
        after = evaluate(before, view.environ, "claude-print", NEWEST)
        return before, after, merge_evaluations(after, observe(view))


def says(settings: dict[str, Any]) -> str:
    return f"echo '{json.dumps({'managedSettings': settings})}'"


def asked(snapshot: Snapshot) -> Resolution:
    return resolve(snapshot, "claude-print", NEWEST)


def test_what_it_says_counts_once_it_was_run_and_after_the_next_look(tmp_path: Path) -> None:
    script = says({"env": {"ANTHROPIC_AUTH_TOKEN": "made-up-policy"}, "forceLoginMethod": "bogus"})
    before, after, later = machine(tmp_path, script, env={"OTHER": "1"}, forceLoginMethod="claudeai")
    blocked = asked(before).blocked
    assert blocked is not None
    assert (blocked.code, asked(before).usable) == ("not-checked", None)
    (request,) = evaluation_requests(before, "claude-print", None)
    assert (request.command, request.distrusted) == ("/etc/claude-code/policy.sh", False)
    assert waits_for_a_run(asked(before))
    assert [setting.name for setting in evaluation_plan(before, "claude-print").commands] == ["policyHelper"]
    for snapshot in (after, later):
        wire = asked(snapshot).wire  # of the file the sign-in that it forced is gone, its variable is not
        assert wire is not None
        assert wire.x_api_key is not None
        assert wire.authorization is not None
        assert wire.authorization.source == "anthropic-auth-token"
        assert "OTHER" in snapshot.variables
        assert evaluation_plan(snapshot, "claude-print").is_empty


def test_a_helper_that_it_names_is_run_with_the_same_consent(tmp_path: Path) -> None:
    _, after, later = machine(tmp_path, says({"apiKeyHelper": "echo made-up-helper"}))
    for snapshot in (after, later):
        wire = asked(snapshot).wire
        assert wire is not None
        assert wire.authorization is not None
        assert wire.authorization.value is not None
        assert wire.authorization.value.reveal() == "made-up-helper"


@pytest.mark.parametrize(
    ("script", "named", "mode"),
    [
        (None, NAMED, 0),
        ("exit 1", NAMED, 0o755),
        ("echo nope", NAMED, 0o755),
        (":", NAMED, 0o755),
        (says({"model": 5}), NAMED, 0o755),
        ("echo '{\"managedSettings\": 5}'", NAMED, 0o755),
        (says({}), NAMED, 0o644),
        (says({}), {"path": "policy.sh"}, 0o755),
    ],
)
def test_where_it_fails_the_client_does_not_start(
    script: str | None, named: Any, mode: int, tmp_path: Path
) -> None:
    _, after, _ = machine(tmp_path, script, named, mode)
    blocked = asked(after).blocked
    assert blocked is not None
    assert blocked.code == "managed-policy"


HIDDEN = "\x1b]0;owned\x07\u202e"


@pytest.mark.parametrize(
    ("folder", "managed"),
    [
        ("home", {"policyHelper": {"path": f"/etc/claude-code/{HIDDEN}.sh"}}),
        (f"home{HIDDEN}", {"$text": '{"env": '}),
    ],
)
def test_why_it_does_not_start_is_clean(folder: str, managed: Any, tmp_path: Path) -> None:
    home = tmp_path / folder
    home.mkdir()
    files = {MANAGED_SETTINGS: managed, f"root/etc/claude-code/{HIDDEN}.sh": {"$text": "#!/bin/sh\n"}}
    with lay_out(situation(files, env=KEY), home) as laid:
        view = laid.context()
        resolution = asked(evaluate(observe(view), view.environ, "claude-print", NEWEST))
    blocked = resolution.blocked
    assert blocked is not None
    assert blocked.code == "managed-policy"
    for text in (blocked.reason, *(one.reason for one in resolution.standings)):
        assert printable(text) == text


@pytest.mark.parametrize("named", [None, {}, "/etc/claude-code/policy.sh", {"path": None}])
def test_what_names_no_program_is_passed_over(named: Any, tmp_path: Path) -> None:
    before, _, _ = machine(tmp_path, "exit 1", named)
    assert asked(before).winner == "anthropic-api-key"


def test_output_without_settings_changes_nothing(tmp_path: Path) -> None:
    _, after, _ = machine(tmp_path, 'echo \'{"env": {"ANTHROPIC_AUTH_TOKEN": "made-up"}}\'')
    wire = asked(after).wire
    assert wire is not None
    assert wire.authorization is None


def test_somebody_elses_program_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = os.stat

    def of_another(path: Any, **how: Any) -> os.stat_result:
        found = seen(path, **how)
        if not str(path).endswith("policy.sh"):
            return found
        return os.stat_result((*found[:4], 4242, *found[5:]))

    monkeypatch.setattr(os, "stat", of_another)
    before, after, _ = machine(tmp_path, "touch ran")
    assert after.runs == before.runs == {}
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("mode", [0o777, 0o775])
def test_a_program_that_others_can_write_to_is_not_run(mode: int, tmp_path: Path) -> None:
    _, after, _ = machine(tmp_path, f"touch {tmp_path / 'ran'}", mode=mode)
    assert not (tmp_path / "ran").exists()
    assert asked(after).usable is None
