"""For every finding a machine that has it and a neighbour, one step away, that does not; and healthy ones."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from claude_auth.diagnose.causes import FINDINGS
from claude_auth.diagnose.causes.sent import stays_here
from claude_auth.model import Finding
from tests.diagnose.machines import HOUR, SIGNED_IN, STORE, SUFFIX, USER, WITH_KEY, On, ask, ids, login
from tests.diagnose.table import LOCK, MOUNTS, TABLE, installed


def findings(machine: On, home: Path) -> tuple[Finding, ...]:
    return ask(machine, home).findings


def test_every_finding_of_the_catalogue_is_in_the_table() -> None:
    assert set(TABLE) | {"check-failed"} == {entry.id for entry in FINDINGS}


@pytest.mark.parametrize("name", TABLE)
def test_a_machine_that_has_it(name: str, tmp_path: Path) -> None:
    row = TABLE[name]
    assert name in row.ids
    found = findings(row.has, tmp_path)
    assert tuple(finding.id for finding in found) == row.ids
    assert all(finding.evidence and finding.explanation for finding in found)
    assert all(fix.title for finding in found for fix in finding.fixes)


@pytest.mark.parametrize("name", TABLE)
def test_its_neighbour_has_not(name: str, tmp_path: Path) -> None:
    found = ids(TABLE[name].has_not, tmp_path)
    assert name not in found
    assert "check-failed" not in found


@pytest.mark.parametrize("name", TABLE)
def test_evidence_and_fixes_tell_places_and_never_a_value(name: str, tmp_path: Path) -> None:
    for finding in findings(TABLE[name].has, tmp_path):
        words = [finding.title, finding.evidence, *(f"{fix.title} {fix.command}" for fix in finding.fixes)]
        assert not [text for text in words if "madeUpForTests" in text or "made-up" in text]


# ── what each one says ───────────────────────────────────────────────────────────────────────────


def one(name: str, home: Path, machine: On | None = None) -> Finding:
    return next(finding for finding in findings(machine or TABLE[name].has, home) if finding.id == name)


def test_both_credentials_are_named_with_their_headers_and_a_way_to_keep_either(tmp_path: Path) -> None:
    found = one("two-credentials-sent", tmp_path)
    assert found.evidence == "x-api-key: ANTHROPIC_API_KEY and Authorization: ANTHROPIC_AUTH_TOKEN"
    assert [fix.command for fix in found.fixes] == ["unset ANTHROPIC_API_KEY", "unset ANTHROPIC_AUTH_TOKEN"]
    assert [fix.title.split(":")[0] for fix in found.fixes] == [
        "to keep ANTHROPIC_AUTH_TOKEN",
        "to keep ANTHROPIC_API_KEY, billed per token",
    ]


def test_a_value_from_settings_is_removed_where_it_stands(tmp_path: Path) -> None:
    machine = On({**SIGNED_IN, USER: {"env": WITH_KEY}}, approved=(SUFFIX,))
    found = one("key-overrides-login", tmp_path, machine)
    assert [fix.title for fix in found.fixes] == [f"take ANTHROPIC_API_KEY out of {tmp_path / USER}:3"]


def test_a_value_from_the_shell_is_removed_at_the_line_that_probably_sets_it(tmp_path: Path) -> None:
    zshrc = {"$text": "\n\nexport ANTHROPIC_API_KEY=x\n"}
    machine = On({**SIGNED_IN, ".zshrc": zshrc}, WITH_KEY, approved=(SUFFIX,))
    found = one("key-overrides-login", tmp_path, machine)
    assert [(fix.title, fix.command) for fix in found.fixes] == [
        (f"comment out ANTHROPIC_API_KEY in {tmp_path}/.zshrc:3", None),
        ("unset it in this shell, then start claude again", "unset ANTHROPIC_API_KEY"),
    ]


def test_the_errors_come_first(tmp_path: Path) -> None:
    machine = replace(TABLE["store-unusable"].has, env={"ANTHROPIC_API_KEY": ""}, lock=(LOCK, 600))
    severities = [finding.severity for finding in findings(machine, tmp_path)]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert set(severities) == {"error", "warning", "info"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("madeup\n", "a line break around ANTHROPIC_AUTH_TOKEN"),
        ("madeup\r\n", "a carriage return around ANTHROPIC_AUTH_TOKEN"),
        (" madeup", "white space around ANTHROPIC_AUTH_TOKEN"),
        ("made\r\nup", "a carriage return in ANTHROPIC_AUTH_TOKEN"),
        ("made up", "a space in ANTHROPIC_AUTH_TOKEN"),
        ("made\xa0up", "a space that is none of ASCII in ANTHROPIC_AUTH_TOKEN"),
        ("\u200bmadeup", "an invisible character in ANTHROPIC_AUTH_TOKEN"),
        ("“madeup”", "a typographic quotation mark in ANTHROPIC_AUTH_TOKEN"),
        ("madé", "a character outside ASCII in ANTHROPIC_AUTH_TOKEN"),
    ],
)
def test_stray_characters_are_named(value: str, words: str, tmp_path: Path) -> None:
    found = one("stray-characters", tmp_path, On(env={"ANTHROPIC_AUTH_TOKEN": value}))
    assert found.evidence.startswith(f"{words} (")
    assert found.severity == ("info" if " around " in words else "warning")


def test_a_client_that_does_not_trim_sends_what_stands_around(tmp_path: Path) -> None:
    machine = On(env={"ANTHROPIC_AUTH_TOKEN": "madeup\n"}, client="anthropic-sdk")
    assert one("stray-characters", tmp_path, machine).severity == "warning"


def test_a_profile_name_stays_one_word_of_the_command(tmp_path: Path) -> None:
    """The command is copied into a shell, and the name comes from a file."""
    name = "work; touch gotcha $(id)"
    config = f"[profile.{name}]\nsso_start_url=https://example.awsapps.com/start\nsso_account_id=1\n"
    environ = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-west-1", "AWS_PROFILE": name}
    machine = On(env=environ, raw={".aws/config": config}, more=True)
    found = one("aws-sso-expired", tmp_path, machine)
    assert found.fixes[0].command is not None
    assert shlex.split(found.fixes[0].command) == ["aws", "sso", "login", "--profile", name]


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("localhost:4000", True),
        ("127.0.0.1:4000", True),
        ("[::1]:4000", True),
        ("host.docker.internal:4000", True),
        ("localhost.example", False),
        ("127.example", False),
        ("10.0.0.5:4000", False),
        ("[fd00::1]:4000", False),
    ],
)
def test_hosts_of_this_machine(host: str, here: bool) -> None:
    assert stays_here(host) is here


def test_a_tracked_login_is_an_error(tmp_path: Path) -> None:
    row = TABLE["store-in-repository"]
    entry = b"DIRC\0\0\0\2" + b"\0" * 66 + b"login\0"
    machine = replace(row.has, binary={"dotfiles/.git/index": entry})
    found = one("store-in-repository", tmp_path, machine)
    assert found.severity == "error"
    assert found.fixes[0].command == f"git -C {tmp_path}/dotfiles rm --cached login"


def test_a_whole_backup_is_offered(tmp_path: Path) -> None:
    machine = On(SIGNED_IN, raw={".claude.json": "{,", ".claude.json.backup": "{}"}, more=True)
    found = one("state-file-damaged", tmp_path, machine)
    assert found.fixes[0].command == f"cp {tmp_path}/.claude.json.backup {tmp_path}/.claude.json"


def test_a_byte_order_mark_is_no_damage_of_the_state_file(tmp_path: Path) -> None:
    """Claude Code reads it all the same, so no backup is put over a file whose content is whole."""
    machine = On(
        SIGNED_IN,
        raw={".claude.json.backup": "{}"},
        binary={".claude.json": b'\xef\xbb\xbf{"a": 1}'},
        more=True,
    )
    assert not [found for found in findings(machine, tmp_path) if 57 in found.symptoms]


@pytest.mark.parametrize(
    ("text", "severity"),
    [("{,", "error"), ('{"a', "error"), ("", "warning"), ("null", "warning"), ("[]", "warning")],
)
def test_a_damaged_state_file_is_an_error_where_it_stops_claude_code(
    text: str, severity: str, tmp_path: Path
) -> None:
    found = findings(On(SIGNED_IN, raw={".claude.json": text}), tmp_path)
    assert [(one.id, one.severity) for one in found] == [("state-file-damaged", severity)]


def test_what_nobody_needs_now_is_no_error(tmp_path: Path) -> None:
    """A wiped login beside a key that works."""
    machine = replace(TABLE["tokens-wiped"].has, env=WITH_KEY, approved=(SUFFIX,))
    assert one("tokens-wiped", tmp_path, machine).severity == "warning"


@pytest.mark.parametrize(
    ("version", "expired", "advised"),
    [("2.1.250", True, False), ("9.9.9", True, False), ("2.1.250", False, True), ("2.1.332", True, True)],
)
def test_a_command_that_may_cost_an_expired_login_is_not_advised(
    version: str, expired: bool, advised: bool, tmp_path: Path
) -> None:
    """Nowhere: not by the finding that would have it, nor by any other."""
    files = {STORE: login(expiresAt={"$now_ms": -HOUR if expired else HOUR})}
    machine = replace(TABLE["not-checked"].has, files=files, tweak=installed(version))
    found = findings(machine, tmp_path)
    assert "not-checked" in [finding.id for finding in found]
    commands = [fix.command for finding in found for fix in finding.fixes]
    assert ("claude auth status" in commands) is advised


@pytest.mark.parametrize(("version", "update"), [("2.1.250", True), ("2.1.332", False)])
def test_after_a_lost_refresh_an_update_is_named_where_it_helps(
    version: str, update: bool, tmp_path: Path
) -> None:
    machine = replace(TABLE["refresh-not-saved"].has, tweak=installed(version))
    commands = [fix.command for fix in one("refresh-not-saved", tmp_path, machine).fixes]
    assert commands == ["claude-auth login", *(["claude update"] if update else [])]


def test_a_lost_refresh_of_a_login_that_is_live_again_is_no_finding(tmp_path: Path) -> None:
    row = TABLE["refresh-not-saved"]
    live = replace(row.has, files={**row.has.files, STORE: login()})
    assert "refresh-not-saved" not in ids(live, tmp_path)


def test_places_in_commands_are_quoted(tmp_path: Path) -> None:
    home = tmp_path / "my home; rm"
    home.mkdir()
    found = one("store-readable-by-others", home)
    assert found.fixes[0].command == f"chmod 600 '{home}/.claude/.credentials.json'"


def test_unset_is_advised_for_what_the_shell_sets_alone(tmp_path: Path) -> None:
    """A value from a settings file is taken out there; where the shell sets it too, both are told."""
    base = {"ANTHROPIC_BASE_URL": "https://gw.example"}
    machine = On({**SIGNED_IN, USER: {"env": base}})
    place = f"{tmp_path / 'a' / USER}:3"
    (found, _) = one("login-sent-to-gateway", tmp_path / "a", machine).fixes
    assert (found.title.endswith(f"take ANTHROPIC_BASE_URL out of {place}"), found.command) == (True, None)
    twice = replace(machine, env=base)
    commands = [fix.command for fix in one("login-sent-to-gateway", tmp_path / "b", twice).fixes]
    assert commands == [None, "unset ANTHROPIC_BASE_URL", None]


@pytest.mark.parametrize(
    ("path", "told"), [(STORE, True), (".claude", True), (".claude/settings.json", False)]
)
def test_a_file_that_is_mounted_read_only(path: str, told: bool, tmp_path: Path) -> None:
    line = f"30 22 8:1 / $HOME/{path} ro,relatime - ext4 /dev/vda1 rw"
    mounts = f"22 1 0:20 / / rw - overlay overlay rw\n{line}\n"
    machine = On(SIGNED_IN, raw={MOUNTS: mounts}, more=True)
    assert ("not-writable" in ids(machine, tmp_path)) is told


def test_why_a_login_counts_as_idle_is_told_where_its_file_is_odd(tmp_path: Path) -> None:
    written = login()
    written["claudeAiOauth"]["expiresAt"] = 1_800_000_000
    found = next(f for f in ask(On({STORE: written}), tmp_path).findings if f.id == "login-idle")
    assert "looks like seconds" in found.evidence
