"""A pretend secret in every secret field of every source appears in no output, however the core fails."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from claude_auth.actions.evaluate import evaluate
from claude_auth.claude_code.clients import CLIENTS
from claude_auth.diagnose import diagnose
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import ObservationContext
from claude_auth.present.documents import status_document
from claude_auth.resolve import resolve
from tests.as_text import status_text
from tests.canary_machine import CANARIES, MODES, context_of, lay_out, leaks

CLIENT_IDS = [client.id for client in CLIENTS]
OAUTH_FD, KEY_FD = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"


def test_the_search_finds_what_is_there() -> None:
    assert leaks(" ".join(CANARIES.values())) == sorted(CANARIES)
    assert leaks(CANARIES["api key"][20:32].encode()) == ["api key"]
    assert leaks(f"{CANARIES['api key'][:13]}…{CANARIES['api key'][-4:]}") == []


@pytest.fixture
def descriptors() -> Iterator[dict[str, str]]:
    """Two pipes with a token in each."""
    numbers: dict[str, str] = {}
    for variable, canary in ((OAUTH_FD, "fd oauth"), (KEY_FD, "fd key")):
        reading, writing = os.pipe()
        os.write(writing, CANARIES[canary].encode())
        os.close(writing)
        numbers[variable] = str(reading)
    yield numbers
    for number in numbers.values():
        os.close(int(number))


def view_of(home: Path, mode: str, extra: dict[str, str] | None = None) -> ObservationContext:
    environ = {**lay_out(home, mode), **(extra or {})}
    return context_of(home, environ)


def everything_said(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...]
) -> Iterator[tuple[str, str]]:
    yield "repr of the snapshot", repr(snapshot)
    yield "repr of the resolution", repr(resolution)
    yield "repr of the findings", repr(findings)
    yield "str", f"{snapshot}{resolution}{findings}"
    yield "JSON", json.dumps(status_document(snapshot, resolution, findings))
    yield "text", status_text(snapshot, resolution, findings)
    yield "colours", status_text(snapshot, resolution, findings, colour=True)
    yield "details", repr([standing.reading.details for standing in resolution.standings])


@pytest.mark.parametrize("evaluated", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_that_is_said_shows_one(
    mode: str, evaluated: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    view = view_of(tmp_path, mode)
    seen = observe(view)
    for client in CLIENT_IDS:
        snapshot = evaluate(seen, view.environ, client) if evaluated else seen
        resolution = resolve(snapshot, client)
        for where, text in everything_said(snapshot, resolution, diagnose(snapshot, resolution)):
            assert leaks(text) == [], (client, where)
    assert leaks(repr(view)) == []
    assert leaks(caplog.text + "".join(repr(record.__dict__) for record in caplog.records)) == []


def test_the_modes_together_send_every_source_of_claude_code(
    tmp_path: Path, descriptors: dict[str, str]
) -> None:
    """Else the test above would look at masks that never show anything."""
    sent: set[str] = set()
    for number, mode in enumerate(MODES):
        view = view_of(tmp_path / str(number), mode)
        for client in ("claude", "claude-print", "claw", "sdk"):
            wire = resolve(observe(view), client).wire
            headers = [] if wire is None else [wire.x_api_key, wire.authorization]
            sent |= {header.source for header in headers if header is not None}
    assert sent >= {
        *(
            "anthropic-auth-token",
            "anthropic-api-key",
            "claude-code-oauth-token",
            "stored-login",
            "managed-key",
        ),
        *(
            "custom-headers",
            "api-key-helper",
            "bedrock-api-key",
            "aws-credential-export",
            "vertex",
            "foundry",
        ),
        *("sdk-tokens",),
    }


def test_a_token_from_a_descriptor_does_not_show(tmp_path: Path, descriptors: dict[str, str]) -> None:
    view = view_of(tmp_path, "managed key", {**descriptors, "ANTHROPIC_BASE_URL": ""})
    snapshot = evaluate(observe(view), view.environ, "claude")
    resolution = resolve(snapshot, "claude")
    assert resolution.winner == "api-key-file-descriptor"
    for where, text in everything_said(snapshot, resolution, diagnose(snapshot, resolution)):
        assert leaks(text) == [], where


@pytest.mark.parametrize(
    "mode", ["everything", "helper", "failing helper", "damaged", "foundry", "wrong kinds"]
)
@pytest.mark.parametrize(
    "arguments", [["--json"], [], ["--evaluate"], ["--client", "claude-print", "--evaluate"]]
)
def test_the_command_writes_none_to_its_output(mode: str, arguments: list[str], tmp_path: Path) -> None:
    environ = lay_out(tmp_path, mode)
    completed = subprocess.run(
        [
            str(Path(sys.executable).with_name("claude-auth")),
            *("status", "--root", str(tmp_path / "root"), *arguments),
        ],
        env=environ,
        cwd=tmp_path / "proj",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert completed.returncode in {0, 1, 3}
    assert completed.stderr == b""
    assert leaks(completed.stdout) == []


@pytest.mark.parametrize("mode", ["everything", "login", "managed key", "helper"])
def test_what_was_seen_refuses_to_be_pickled(mode: str, tmp_path: Path) -> None:
    snapshot = observe(view_of(tmp_path, mode))
    with pytest.raises(TypeError):
        pickle.dumps(snapshot)
    resolution = resolve(snapshot, "claude")
    with pytest.raises(TypeError):
        pickle.dumps(resolution)


# ── crashes ──────────────────────────────────────────────────────────────────────────────────────


def observing(view: ObservationContext) -> None:
    observe(view)


def resolving(view: ObservationContext) -> None:
    resolve(observe(view), "claude-print", "2.1.328")


def asking_for_approval(view: ObservationContext) -> None:
    resolve(observe(view), "claude", "2.1.328")


def diagnosing(view: ObservationContext) -> None:
    snapshot = observe(view)
    diagnose(snapshot, resolve(snapshot, "claude-print"))


def reporting(view: ObservationContext) -> None:
    snapshot = observe(view)
    resolution = resolve(snapshot, "claude-print")
    status_document(snapshot, resolution, diagnose(snapshot, resolution))


def writing(view: ObservationContext) -> None:
    snapshot = observe(view)
    status_text(snapshot, resolve(snapshot, "claude-print"), ())


def evaluating(view: ObservationContext) -> None:
    evaluate(observe(view), view.environ, "claude")


#: Deep inside, where plain text is around.
CRASHES: list[tuple[str, Callable[[ObservationContext], None], str]] = [
    ("claude_auth.formats.credentials.text_of", observing, "everything"),
    ("claude_auth.formats.credentials.moment", observing, "everything"),
    ("claude_auth.formats.credentials.read_scopes", observing, "everything"),
    ("claude_auth.formats.settings.javascript_text", observing, "everything"),
    ("claude_auth.formats.settings._suffixes", observing, "everything"),
    ("claude_auth.formats.credentials.javascript_number", observing, "everything"),
    ("claude_auth.formats.aws_files._heading", observing, "everything"),
    ("claude_auth.formats.aws_files._provider", observing, "everything"),
    ("claude_auth.formats.aws_files.shown_value", observing, "everything"),
    ("claude_auth.observe.shell_startup._assigned_by", observing, "everything"),
    ("claude_auth.observe.claude_files.read_claude_json", observing, "everything"),
    ("claude_auth.sources.anthropic_api_key.at_least", asking_for_approval, "key alone"),
    ("claude_auth.formats.outputs.read_custom_headers", resolving, "everything"),
    ("claude_auth.formats.outputs.Secret", resolving, "custom headers"),
    ("claude_auth.claude_code.base_url._host_name", resolving, "everything"),
    ("claude_auth.claude_code.destination._path", resolving, "everything"),
    ("claude_auth.sources.api_key_helper.shown_command", resolving, "helper"),
    ("claude_auth.diagnose._finding", diagnosing, "wrong kinds"),
    ("claude_auth.present.documents.iso", reporting, "everything"),
    ("claude_auth.present.documents._value", reporting, "everything"),
    ("claude_auth.present.status_text.words.origin_words", writing, "everything"),
    ("claude_auth.processes.run_captured.Captured", evaluating, "helper"),
    ("claude_auth.processes.run_captured._read", evaluating, "helper"),
    ("claude_auth.actions.evaluate.CommandRun", evaluating, "helper"),
]


class Crash(Exception):  # noqa: N818
    pass


def crash(*_arguments: Any, **_keywords: Any) -> NoReturn:
    raise Crash("deep inside")


def reports(action: Callable[[ObservationContext], None], view: ObservationContext) -> Iterator[str]:
    """What a crash handler would print that prints every local variable; nothing plain may stand here."""
    try:
        action(view)
    except Exception as error:
        yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        yield "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("place", "action", "mode"), CRASHES, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_crash_deep_inside_shows_none_even_with_every_local(
    place: str,
    action: Callable[[ObservationContext], None],
    mode: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = view_of(tmp_path, mode)
    monkeypatch.setattr(place, crash)
    told = list(reports(action, view))
    assert told, "nothing crashed"
    assert "deep inside" in told[0]
    for report in told:
        assert leaks(report) == []


def test_without_the_guard_a_parser_s_locals_would_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(tmp_path, "everything")
    monkeypatch.setattr("claude_auth.formats.credentials.moment", crash)
    unguarded: Callable[[ObservationContext], None] = observe.__wrapped__  # type: ignore[attr-defined]
    assert "stored refresh" in leaks("".join(reports(unguarded, view)))
