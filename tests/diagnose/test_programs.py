"""What is told of running programs and of locks, and what isn't anybody's business."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth.claude_code.locks import STATE_FILE, lock_paths
from claude_auth.diagnose import checks
from claude_auth.model import Finding
from claude_auth.model.surroundings import Difference, RunningClient
from claude_auth.present.documents import finding_document
from tests.as_text import diagnose_text
from tests.diagnose.machines import SIGNED_IN, On, ask
from tests.diagnose.table import LOCK, running, session

DIFFERS = "running-environment-differs"


def told(home: Path, *clients: RunningClient) -> dict[str, Finding]:
    found = ask(On(SIGNED_IN, more=True, tweak=running(*clients)), home).findings
    return {finding.id: finding for finding in found}


def differing(pid: int, *names: str) -> RunningClient:
    return session(pid, differences=tuple(Difference(name, None, "x") for name in names))


@pytest.mark.parametrize(
    ("names", "severity"),
    [
        (("AWS_REGION",), "info"),
        (("CLAUDE_CONFIG_DIR", "HTTPS_PROXY", "ANTHROPIC_BASE_URL"), "info"),
        (("ANTHROPIC_API_KEY",), "warning"),
        (("AWS_REGION", "CLAUDE_CODE_OAUTH_TOKEN"), "warning"),
        (("CLAUDE_CODE_USE_BEDROCK",), "warning"),
        (("AWS_ACCESS_KEY_ID",), "warning"),
    ],
)
def test_another_environment_is_a_note_unless_the_credential_differs(
    names: tuple[str, ...], severity: str, tmp_path: Path
) -> None:
    assert told(tmp_path, differing(4711, *names))[DIFFERS].severity == severity


def test_each_process_is_told_on_a_line_of_its_own_the_credential_first(tmp_path: Path) -> None:
    clients = [
        session(
            4710 + n,
            differences=(
                Difference("AWS_REGION", "eu-west-1", "us-east-1"),
                Difference("ANTHROPIC_API_KEY", None, "a1b2c3d4"),
            ),
        )
        for n in range(6)
    ]
    finding = told(tmp_path, *clients)[DIFFERS]
    lines = finding.evidence.split("\n")
    assert lines[0] == (
        "process 4710: ANTHROPIC_API_KEY is set there only (a1b2c3d4), "
        "AWS_REGION is us-east-1 there, eu-west-1 here"
    )
    assert [line.split(":")[0] for line in lines[:4]] == [f"process {pid}" for pid in range(4710, 4714)]
    assert lines[4:] == ["and 2 more"]
    assert [line.strip() for line in diagnose_text((), (finding,)).splitlines()[2:7]] == lines
    assert "\n" not in finding_document(finding)["evidence"]


@pytest.mark.parametrize("changes", [{"kind": "sign-in", "started_at": 1.0}, {"started_at": 1.0}])
def test_of_a_process_whose_configuration_is_not_known_nothing_is_told(
    changes: dict[str, object], tmp_path: Path
) -> None:
    """Nobody is told to end what may be another's."""
    clients = [session(4711 + n, None, version=f"2.1.30{n}", **changes) for n in range(9)]
    assert not set(told(tmp_path, *clients)) & {
        DIFFERS,
        "many-running-clients",
        "running-versions-differ",
        "parked-sign-ins",
        "older-than-cloud-credentials",
    }
    asked = ask(On(SIGNED_IN, more=True, tweak=running(*clients)), tmp_path / "again")
    states = {check.id: check.state for check in checks(asked.snapshot, asked.resolution)}
    if changes.get("kind") != "sign-in":
        assert states[DIFFERS] == "not-checked"


@pytest.mark.parametrize(
    ("age", "expected"),
    [(-3, "lock-from-the-future"), (-1, None), (45, None), (59, None), (62, "lock-left-behind")],
)
def test_a_lock_is_told_once_nobody_can_hold_it(age: float, expected: str | None, tmp_path: Path) -> None:
    found = {finding.id for finding in ask(On(SIGNED_IN, lock=(LOCK, age)), tmp_path).findings}
    assert found & {"lock-from-the-future", "lock-left-behind"} == ({expected} if expected else set())


@pytest.mark.parametrize(("age", "severity"), [(8, None), (12, "info"), (-60, "error")])
def test_the_lock_of_the_state_file_that_is_left_behind_is_a_note(
    age: float, severity: str | None, tmp_path: Path
) -> None:
    assert dict(lock_paths("/h/.claude", "/h/.claude.json"))["/h/.claude.json.lock"] == STATE_FILE
    found = ask(On(SIGNED_IN, lock=(".claude.json.lock", age)), tmp_path).findings
    assert [finding.severity for finding in found if "lock" in finding.id] == ([severity] if severity else [])
