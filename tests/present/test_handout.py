"""The report for a colleague: complete, and without secrets or the person."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from claude_auth.diagnose import diagnose
from claude_auth.formats.journal_line import JournalEntry
from claude_auth.model import Check, Event
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.support_report import handout_document, handout_text
from claude_auth.resolve import resolve
from claude_auth.words import VERDICTS
from tests.canary_machine import MODES, context_of, lay_out, leaks

VERSIONS = {"claude-auth": "1.2.3", "Python": "3.11.7"}


def document(home: Path, mode: str = "everything", client: str = "claude", **more: Any) -> dict[str, Any]:
    environ = lay_out(home, mode)
    view = context_of(home, environ)
    snapshot = observe(view)
    resolution = resolve(snapshot, client)
    return handout_document(snapshot, resolution, diagnose(snapshot, resolution), versions=VERSIONS, **more)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("client", ["claude", "claude-print", "sdk"])
def test_no_secret(mode: str, client: str, tmp_path: Path) -> None:
    found = document(tmp_path / "ada-lovelace", mode, client)
    for text in (json.dumps(found), handout_text(found)):
        assert leaks(text) == []


def test_no_person(tmp_path: Path) -> None:
    home = tmp_path / "ada-lovelace"
    event = Event(1.0, "x", f"saved {home}/x for ada@example.org (ada-lovelace)", data={"path": str(home)})
    found = document(home, journal=[JournalEntry(event)])
    for text in (json.dumps(found), handout_text(found)):
        assert "ada@" not in text
        assert "example.org" not in text
        assert "ada-lovelace" not in text
        assert str(tmp_path) not in text
    assert found["account"] == "a…@…"
    assert found["journal"][0]["text"] == "saved ~/x for a…@… (USER)"


def test_what_a_helper_needs_is_there(tmp_path: Path) -> None:
    text = handout_text(document(tmp_path / "ada-lovelace"))
    for part in (
        "claude-auth 1.2.3",
        "Python 3.11.7",
        "## Findings",
        "ANTHROPIC\\_API\\_KEY",
        "~/.zshrc",
        "winner",
    ):
        assert part in text, part


def test_the_verdict_comes_first(tmp_path: Path) -> None:
    found = document(tmp_path / "ada-lovelace", "helper")
    assert found["first_line"].startswith(f"{VERDICTS[found['status']['verdict']]}: ")
    assert "~/" in found["first_line"]
    section = handout_text(found).partition("## Which credential is used\n\n")[2]
    assert section.replace("\\", "").startswith(found["first_line"])


def test_sections_are_there_where_they_were_asked_for(tmp_path: Path) -> None:
    checks = [Check("a", "A", "fine"), Check("b", "B", "not-checked", "needs the network")]
    network = {
        "conclusions": ["platform.claude.com fails: …"],
        "hosts": [{"host": "h", "state": "fail", "checks": [{"state": "fail", "text": "no | way"}]}],
    }
    found = document(tmp_path, checks=checks, network=network)
    text = handout_text(found)
    assert "1 of 2 found nothing" in text
    assert "not checked: B, needs the network" in text
    assert "no \\| way" in text
    assert "## Network" not in handout_text(document(tmp_path))


def test_hostile_text_is_no_markup(tmp_path: Path) -> None:
    event = Event(1.0, "k", "``` </details> <img src=x> `code` @somebody")
    text = handout_text(document(tmp_path, journal=[JournalEntry(event)]))
    inside = text[text.index("```text") + 7 :]
    assert inside.count("```") == 1


def test_only_the_last_lines_of_the_journal(tmp_path: Path) -> None:
    entries = [JournalEntry(Event(float(number), "k", f"line {number}")) for number in range(100)]
    found = document(tmp_path, journal=entries)
    assert [line["text"] for line in found["journal"]] == [f"line {number}" for number in range(80, 100)]


def test_nothing_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    view = ObservationContext(str(tmp_path / "empty"), "/", str(tmp_path / "root"), Environment({}))
    snapshot = observe(view)
    resolution = resolve(snapshot, "claude")
    text = handout_text(handout_document(snapshot, resolution, (), versions={}))
    assert "no request goes out" in text
    assert "no claude on PATH" in text


# ── each protection by itself ────────────────────────────────────────────────────────────────────

#: No shape of a secret: only that it is known takes it out.
PLAIN_SECRETS = {"ANTHROPIC_AUTH_TOKEN": "correct-horse", "AWS_SECRET_ACCESS_KEY": "battery-staple"}
OF_FILES = {
    ".aws/credentials": "[default]\naws_access_key_id = AKIAMADEUP\naws_secret_access_key = tea-and-biscuit\n"
    "aws_session_token = rain-in-march\n",
    ".config/gcloud/application_default_credentials.json": json.dumps(
        {
            "type": "authorized_user",
            "client_id": "1234.example",
            "client_secret": "moon-over-water",
            "refresh_token": "salt-and-pepper",
        }
    ),
}


def masked(home: Path, text: str) -> str:
    for path, content in OF_FILES.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(content)
    (home / "proj").mkdir()
    environ = {"HOME": str(home), **PLAIN_SECRETS}
    view = ObservationContext(
        str(home), str(home / "proj"), str(home / "root"), Environment(environ), user_id=os.geteuid()
    )
    snapshot = observe(view)
    resolution = resolve(snapshot, "claude")
    event = Event(1.0, "k", text, data={"detail": text})
    found = handout_document(snapshot, resolution, (), versions={}, journal=[JournalEntry(event)])
    return json.dumps(found["journal"])


@pytest.mark.parametrize(
    "secret",
    [*PLAIN_SECRETS.values(), "tea-and-biscuit", "rain-in-march", "moon-over-water", "salt-and-pepper"],
)
def test_a_secret_of_this_machine_that_has_no_shape_is_not_handed_out(secret: str, tmp_path: Path) -> None:
    told = masked(tmp_path / "ada-lovelace", f"the server said {secret} to us")
    assert "the server said … to us" in json.loads(told)[0]["text"]


def test_nobody_s_e_mail_is_handed_out(tmp_path: Path) -> None:
    """The account's own is masked as a word; this is somebody else's, which no file tells."""
    told = json.loads(masked(tmp_path / "ada-lovelace", "ask grace.hopper+x@navy.example.mil about it"))
    assert told[0]["text"] == "ask g…@… about it"
