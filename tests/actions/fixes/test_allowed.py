"""What may be changed about a finding, and that nothing that a person had set up works worse for it."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.fixes.action import ApplyFix, FixResult
from claude_auth.actions.fixes.offers import offers
from claude_auth.actions.fixes.plans import Case, FileEdit, Preview, variables_of
from claude_auth.actions.fixes.records import Records
from claude_auth.actions.look import advised
from claude_auth.claude_code.variables import PROVIDER_SWITCHES
from claude_auth.diagnose import diagnose, verdict
from claude_auth.diagnose.causes import FINDINGS
from claude_auth.formats.json_edit import remove_key
from claude_auth.model import Event, Finding, Snapshot
from claude_auth.resolve import resolve
from claude_auth.sources import SOURCES
from tests.actions.fixes.machines import rejected
from tests.diagnose.machines import (
    AWS_KEYS,
    BEDROCK,
    FOUNDRY,
    GOOGLE_USER,
    KEY,
    OAUTH,
    PROJECT,
    SETUP_TOKEN,
    SIGNED_IN,
    STATE,
    STORE,
    SUFFIX,
    USER,
    VERTEX,
    WITH_KEY,
    On,
    login,
    looking,
)
from tests.diagnose.table import LOCK, SSO_CONFIG, TABLE

#: Every finding about which something may be changed: how, and what may go. All others get commands at most.
ALLOWED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "managed-policy": ((), ("source", "helper")),
    "approval-pending": (("approve-key",), ("source",)),
    "key-rejected": (("approve-key", "unreject-key"), ("source",)),
    "own-login-not-connected": (("key-helper",), ()),
    "empty-credential-sent": ((), ("source",)),
    "two-credentials-sent": ((), ("sent", "helper")),
    "key-overrides-login": ((), ("source",)),
    "token-overrides-login": ((), ("source", "helper")),
    "value-set-but-empty": ((), ("source",)),
    "project-settings-override": ((), ("project",)),
    "wrong-kind": ((), ("source",)),
    "foreign-credential": ((), ("source",)),
    "certificate-checks-off": ((), ("NODE_TLS_REJECT_UNAUTHORIZED",)),
    "key-sent-to-aws": ((), ("source",)),
    "bedrock-key-beside-credentials": ((), ("source",)),
    "store-unusable": (("move-aside", "keep-copy"), ()),
    "store-unreadable": (("chown",), ()),
    "store-readable-by-others": (("chmod",), ()),
    "lock-from-the-future": (("remove-lock",), ()),
    "lock-left-behind": (("remove-lock",), ()),
}
#: A provider, or the command that gives the credential, goes for these alone.
MAY_TAKE_COMMANDS = {
    "managed-policy",
    "two-credentials-sent",
    "token-overrides-login",
    "project-settings-override",
}


def test_only_what_a_findings_record_names_may_be_changed() -> None:
    told = {
        cause.id: (cause.rule.changes, cause.rule.removes)
        for cause in FINDINGS
        if cause.rule is not None and (cause.rule.changes or cause.rule.removes)
    }
    assert told == ALLOWED


@pytest.mark.parametrize(
    ("beyond", "is_offered"),
    [
        ({}, True),
        ({"kind": "chmod"}, False),
        ({"kind": "remove-lock"}, False),
        ({"kind": "settings-variable", "removes": ("CLAUDE_CODE_USE_BEDROCK",)}, False),
    ],
)
def test_what_goes_beyond_its_findings_record_is_not_offered(
    beyond: dict[str, Any], is_offered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = rejected(tmp_path)
    proposed = machine.offer("key-rejected/unreject-key")._replace(title="beyond", **beyond)

    def propose(case: Case) -> Iterator[Preview]:
        if case.finding.id == "key-rejected":
            yield proposed

    monkeypatch.setattr("claude_auth.actions.fixes.offers.KINDS", (propose,))
    assert ("beyond" in {preview.title for preview in machine.offers()}) == is_offered


# ── every finding, on machines that have it, set up in every way ─────────────────────────────────

Setup = Callable[[On, Path], On]


def in_the_shell(machine: On, home: Path) -> On:
    return machine


def in_a_start_up_file(machine: On, home: Path) -> On:
    lines = "".join(f"export {name}='{value}'\n" for name, value in machine.env.items() if "\0" not in value)
    return replace(machine, raw={**machine.raw, ".bashrc": lines})


def in_settings(machine: On, home: Path, file: str = USER) -> On:
    if file in machine.raw or file in machine.links:
        return machine
    content = machine.files.get(file, {})
    moved = {name: value for name, value in machine.env.items() if not name.startswith("SSH_")}
    values = {name: value.replace("$HOME", str(home)) for name, value in moved.items()}
    files = {**machine.files, file: {**content, "env": {**content.get("env", {}), **values}}}
    return replace(machine, files=files, env={n: v for n, v in machine.env.items() if n not in moved})


def in_the_projects_settings(machine: On, home: Path) -> On:
    return in_settings(machine, home, PROJECT)


def signed_in_too(machine: On, home: Path) -> On:
    if any(path.startswith(STORE) for path in (*machine.files, *machine.raw, *machine.binary)):
        return machine
    return in_settings(replace(machine, files={**SIGNED_IN, **machine.files}), home)


def with_a_helper_too(machine: On, home: Path) -> On:
    content = machine.files.get(USER, {})
    if USER in machine.raw or USER in machine.links:
        return machine
    helper = {"apiKeyHelper": "echo made-up", **content}
    return in_a_start_up_file(replace(machine, files={**machine.files, USER: helper}), home)


SETUPS: dict[str, Setup] = {
    "shell": in_the_shell,
    "start-up": in_a_start_up_file,
    "settings": in_settings,
    "project": in_the_projects_settings,
    "signed-in": signed_in_too,
    "helper": with_a_helper_too,
}
ORDER = {True: 2, None: 1, False: 0}


def offered(look: Callable[[], Snapshot], machine: On) -> tuple[Preview, ...]:
    snapshot = look()
    resolution = resolve(snapshot, machine.client, machine.version)
    return offers(snapshot, resolution, diagnose(snapshot, resolution))


def applied(
    preview: Preview, look: Callable[[], Snapshot], machine: On, root: Path
) -> tuple[FixResult, list[Event]]:
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    action = ApplyFix(
        preview,
        look=look,
        client=machine.client,
        version=machine.version,
        records=Records(str(root / "state")),
        running=lambda config_dir: (),
        sleep=sleep,
        monotonic=lambda: now[0],
        lock_seconds=0.3,
    )

    async def run() -> list[Event]:
        return [event async for event in action.events()]

    events = asyncio.run(run())
    assert action.result is not None
    return action.result, events


def _own_provider(snapshot: Snapshot, machine: On) -> str:
    """What was set up without what the project's settings choose."""
    own = {
        name: tuple(a for a in found if a.layer != "project") for name, found in snapshot.variables.items()
    }
    return resolve(snapshot._replace(variables=own), machine.client, machine.version).provider


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("name", TABLE)
def test_no_fix_makes_what_was_set_up_work_worse(name: str, setup: str, tmp_path: Path) -> None:
    """Each one that is offered is really applied, on a machine of its own."""
    home = tmp_path / "home"
    home.mkdir()
    machine = SETUPS[setup](TABLE[name].has, home)
    with looking(machine, home) as look:
        found = [preview for preview in offered(look, machine) if preview.applicable and preview.finding]
    shutil.rmtree(home)
    for number, told in enumerate(found):
        finding = told.finding or ""
        changes, removes = ALLOWED[finding]  # KeyError: a finding that is not listed gets no change
        assert told.kind in changes or (removes and told.kind in {"settings-variable", "startup-line"})
        if finding not in MAY_TAKE_COMMANDS:
            assert not {"apiKeyHelper", "awsCredentialExport", *PROVIDER_SWITCHES} & set(told.removes)
        home.mkdir()
        with looking(machine, home) as look:
            preview = next(p for p in offered(look, machine) if p.id == told.id)
            snapshot = look()
            before = resolve(snapshot, machine.client, machine.version)
            result, _ = applied(preview, look, machine, tmp_path / f"state-{number}")
            assert (result.outcome, result.worse) == ("applied", None), (told.id, result)
            after = look()
            if preview.variable is not None:
                variables = {n: v for n, v in after.variables.items() if n != preview.variable}
                after = after._replace(variables=variables)
            now = resolve(after, machine.client, machine.version)
            assert ORDER[now.usable] >= ORDER[before.usable], told.id
            assert now.provider in {before.provider, _own_provider(snapshot, machine)}, told.id
        shutil.rmtree(home)


@pytest.mark.parametrize("finding", [name for name, (_, removes) in ALLOWED.items() if "source" in removes])
def test_no_sources_finding_switches_a_provider_off(finding: str, tmp_path: Path) -> None:
    """Whatever provider the finding names as its source, the switch stays."""
    providers = [row.id for row in SOURCES if row.variable in PROVIDER_SWITCHES]
    assert providers
    machine = On({USER: {"env": FOUNDRY}})
    with looking(machine, tmp_path) as look:
        snapshot = look()
        resolution = resolve(snapshot, machine.client, machine.version)
        for source in providers:
            told = Finding(finding, "warning", "made up", "", "", source=source)
            case = Case(snapshot, resolution, told)
            assert not set(variables_of(case)) & set(PROVIDER_SWITCHES)
            assert not [p.title for p in offers(snapshot, resolution, [told]) if p.applicable and p.finding]


@pytest.mark.parametrize(
    ("value", "second", "most_urgent"),
    [
        (SETUP_TOKEN, "wrong-kind", "wrong-kind"),
        (f"sk-or-v1-{'0' * 64}", "foreign-credential", "token-overrides-login"),
    ],
)
def test_a_change_that_two_findings_ask_for_is_one_fix(
    value: str, second: str, most_urgent: str, tmp_path: Path
) -> None:
    machine = On({**SIGNED_IN, USER: {"env": {"ANTHROPIC_AUTH_TOKEN": value}}}, more=True)
    with looking(machine, tmp_path) as look:
        changes = [one.change for one in offered(look, machine) if one.applicable]
        _, findings = advised(look(), machine.client, machine.version)
    assert len(changes) == len(set(changes)) == 1
    first = {one.id: one.fixes[0].about for one in findings if one.id in {"token-overrides-login", second}}
    assert first == dict.fromkeys(("token-overrides-login", second), f"{most_urgent}/settings-variable")


def test_a_locked_keychain_offers_no_lock_to_be_removed(tmp_path: Path) -> None:
    """Only findings about a lock do, whatever their names have in common."""
    machine = replace(TABLE["keychain-locked"].has, lock=(LOCK, 600))
    with looking(machine, tmp_path) as look:
        found = [p.id for p in offered(look, machine) if p.kind == "remove-lock"]
    assert found == ["lock-left-behind/remove-lock"]


# ── what leads to what was set up ────────────────────────────────────────────────────────────────

SSO = On(
    {USER: {"awsAuthRefresh": "aws sso login --profile work", "env": {**BEDROCK, "AWS_PROFILE": "work"}}},
    raw={".aws/config": SSO_CONFIG},
    more=True,
)
#: The finding, its machine, what may be run for it, the first first.
LEADS: dict[str, tuple[str, On, list[str]]] = {
    "configured": ("aws-sso-expired", SSO, ["claude-auth run aws-refresh", "aws sso login --profile work"]),
    "not-configured": ("aws-sso-expired", TABLE["aws-sso-expired"].has, ["aws sso login --profile work"]),
    "no-google": (
        "no-cloud-credential",
        On({USER: {"gcpAuthRefresh": "gcloud auth login", "env": VERTEX}}),
        ["claude-auth run gcp-refresh", "gcloud auth application-default login"],
    ),
    "login": ("login-expired", TABLE["login-expired"].has, ["claude-auth login"]),
    "helper": (
        "helper-not-run",
        On({USER: {"apiKeyHelper": "echo key"}}),
        ["claude-auth status --evaluate --client claude"],
    ),
    "proxy": ("proxy-unusable", TABLE["proxy-unusable"].has, ["claude-auth diagnose --network"]),
    "region": (
        "aws-region-default",
        On({USER: {"env": {**AWS_KEYS, "CLAUDE_CODE_USE_BEDROCK": "1"}}}),
        ["export AWS_REGION=…"],
    ),
    "vertex-region": (
        "vertex-region-default",
        On({**GOOGLE_USER, USER: {"env": {**VERTEX, "CLOUD_ML_REGION": ""}}}),
        ["export CLOUD_ML_REGION=global"],
    ),
    "program": (
        "command-missing",
        TABLE["command-missing"].has,
        ["${EDITOR:-vi} +2 HOME/.claude/settings.json"],
    ),
}


@pytest.mark.parametrize("case", LEADS)
def test_a_sign_in_a_region_or_a_program_that_is_missing_takes_nothing_out(case: str, tmp_path: Path) -> None:
    name, machine, commands = LEADS[case]
    with looking(machine, tmp_path) as look:
        found = [preview for preview in offered(look, machine) if preview.finding == name]
    assert found
    assert not [preview.title for preview in found if preview.applicable]
    told = [command.replace(str(tmp_path), "HOME") for preview in found for command in preview.commands]
    assert told[: len(commands)] == commands


# ── worse ────────────────────────────────────────────────────────────────────────────────────────


def test_a_fix_that_switches_the_provider_off_is_told_as_worse_and_not_as_gone(tmp_path: Path) -> None:
    """Nothing offers it; should something do it all the same, nobody says that all is well."""
    with looking(SSO, tmp_path / "home") as look:
        path = tmp_path / "home" / USER
        content = path.read_bytes()
        after = remove_key(content, ("env", "CLAUDE_CODE_USE_BEDROCK"))
        preview = Preview(
            id="aws-sso-expired/settings-variable",
            kind="settings-variable",
            finding="aws-sso-expired",
            title="take CLAUDE_CODE_USE_BEDROCK out of it",
            explanation="",
            change=FileEdit(str(path), content, after),
            removes=("CLAUDE_CODE_USE_BEDROCK",),
        )
        result, events = applied(preview, look, SSO, tmp_path)
    assert (result.outcome, result.gone, result.is_done) == ("applied", False, False)
    assert "Amazon Bedrock is no longer used" in (result.worse or "")
    told = next(event for event in events if event.kind == "fix.worse")
    assert told.level == "error"
    assert f"claude-auth fix --undo {result.number}" in told.text
    assert "fix.verified" not in {event.kind for event in events}


def test_the_only_credential_is_not_offered_to_be_taken_away(tmp_path: Path) -> None:
    machine = On({USER: {"env": WITH_KEY}})
    with looking(machine, tmp_path) as look:
        found = [p.id for p in offered(look, machine) if p.applicable and p.finding == "approval-pending"]
    assert found == ["approval-pending/approve-key"]


def test_a_key_of_a_repository_goes_where_ones_own_login_takes_over(tmp_path: Path) -> None:
    machine = On({**SIGNED_IN, PROJECT: {"env": WITH_KEY}}, approved=(SUFFIX,))
    with looking(machine, tmp_path) as look:
        found = {p.id for p in offered(look, machine) if p.applicable}
    assert "project-settings-override/settings-variable" in found


def test_an_empty_entry_that_keeps_a_key_from_being_billed_stays(tmp_path: Path) -> None:
    """It cancels the shell's key: without it the login would no longer be what is used."""
    machine = On({**SIGNED_IN, USER: {"env": {"ANTHROPIC_API_KEY": ""}}}, WITH_KEY, approved=(SUFFIX,))
    with looking(machine, tmp_path) as look:
        snapshot = look()
        resolution = resolve(snapshot, machine.client, machine.version)
        assert "value-set-but-empty" in {finding.id for finding in diagnose(snapshot, resolution)}
        assert resolution.winner == "stored-login"
        found = offered(look, machine)
    assert not [p.id for p in found if p.applicable and p.finding == "value-set-but-empty"]


GATEWAY = {"ANTHROPIC_BASE_URL": "https://gateway.example.com", "ANTHROPIC_AUTH_TOKEN": "made-up-token"}


def test_no_fix_has_the_login_sent_to_a_gateway(tmp_path: Path) -> None:
    """The token stands in its way; the base URL has to go first, which is said."""
    machine = On({**SIGNED_IN, USER: {"env": GATEWAY}}, more=True)
    with looking(machine, tmp_path) as look:
        found = [one for one in offered(look, machine) if one.finding == "token-overrides-login"]
        snapshot = look()
        told = diagnose(snapshot, resolve(snapshot, machine.client, machine.version))
    assert not [one.title for one in found if one.applicable]
    titles = [fix.title for one in told if one.id == "token-overrides-login" for fix in one.fixes]
    assert titles[0].startswith("to use the login: go back to Anthropic's own host first")
    assert titles[1].startswith("then take ANTHROPIC_AUTH_TOKEN out of")


HOST = {"ANTHROPIC_BASE_URL": "https://gateway.example.com"}
FOR_A_YEAR = {"CLAUDE_CODE_OAUTH_TOKEN": OAUTH}


def pending(files: dict[str, Any], env: dict[str, str], *, in_a_file: bool = True) -> On:
    """A key that nobody has answered about."""
    line = {".zshrc": f"export ANTHROPIC_API_KEY={KEY}\n"} if in_a_file else {}
    files = {STATE: {"hasCompletedOnboarding": True}, **files}
    return On(files, {"ANTHROPIC_API_KEY": KEY, **env}, raw=line, more=True)


@pytest.mark.parametrize("in_a_file", [True, False])
def test_a_key_is_not_taken_away_for_a_login_that_would_go_to_a_gateway(
    in_a_file: bool, tmp_path: Path
) -> None:
    machine = pending({**SIGNED_IN, USER: {"env": HOST}}, {}, in_a_file=in_a_file)
    with looking(machine, tmp_path) as look:
        _, findings = advised(look(), machine.client, machine.version)
    fixes = next(one.fixes for one in findings if one.id == "approval-pending")
    unset = [number for number, fix in enumerate(fixes) if fix.command == "unset ANTHROPIC_API_KEY"]
    host = [number for number, fix in enumerate(fixes) if "take ANTHROPIC_BASE_URL out" in fix.title]
    assert host
    assert not unset or host[0] < unset[0]
    assert fixes[0].about == "approval-pending/approve-key"


OWN = {".claude_code/tokens.json": {"access_token": "own-" + "made0up" * 6, "expires_at": 4e9}}


@pytest.mark.parametrize(
    ("files", "env", "harmful"),
    [
        ({}, {"ANTHROPIC_API_KEY": KEY}, "approve-key"),
        (SIGNED_IN, {"ANTHROPIC_API_KEY": KEY}, "approve-key"),
        (OWN, {}, "key-helper"),
    ],
)
def test_no_fix_sends_a_credential_where_a_repository_wants_it(
    files: dict[str, Any], env: dict[str, str], harmful: str, tmp_path: Path
) -> None:
    machine = On({STATE: {"hasCompletedOnboarding": True}, **files, PROJECT: {"env": HOST}}, env, more=True)
    with looking(machine, tmp_path) as look:
        found = [one.kind for one in offered(look, machine) if one.applicable]
        _, findings = advised(look(), machine.client, machine.version)
    assert harmful not in found
    assert findings[0].id == "project-settings-override"
    assert findings[0].fixes[0].about == "project-settings-override/settings-variable"


def test_what_a_repository_sends_to_its_own_host_is_its_affair(tmp_path: Path) -> None:
    """Its own key is no secret of the person's."""
    machine = On({STATE: {"hasCompletedOnboarding": True}, PROJECT: {"env": {**HOST, **WITH_KEY}}}, more=True)
    with looking(machine, tmp_path) as look:
        found = [one.kind for one in offered(look, machine) if one.applicable]
    assert "approve-key" in found


@pytest.mark.parametrize(
    ("files", "env", "first"),
    [(SIGNED_IN, {}, "startup-line"), ({}, FOR_A_YEAR, "startup-line"), ({}, {}, "approve-key")],
)
def test_beside_a_login_a_key_is_not_approved_first(
    files: dict[str, Any], env: dict[str, str], first: str, tmp_path: Path
) -> None:
    machine = pending(files, env)
    with looking(machine, tmp_path) as look:
        found = [one.kind for one in offered(look, machine) if one.finding == "approval-pending"]
    assert found[0] == first
    assert ("approve-key" in found) is True


ENDED = {"$now_ms": -3_600_000}
TO_MEND: dict[str, tuple[dict[str, Any], str]] = {
    "damaged": ({STORE: {"$text": "{"}}, "store-unusable"),
    "a folder": ({f"{STORE}/x": "y"}, "store-unreadable"),
    "over": ({STORE: login(expiresAt=ENDED, refreshTokenExpiresAt=ENDED)}, "login-expired"),
    "wiped": ({STORE: login(accessToken="", refreshToken="", expiresAt=0)}, "tokens-wiped"),
    "for no requests": ({STORE: login(scopes=["user:profile"])}, "login-without-inference"),
}


@pytest.mark.parametrize("in_a_file", [True, False])
@pytest.mark.parametrize("name", TO_MEND)
def test_a_login_is_mended_before_a_key_is_approved(name: str, in_a_file: bool, tmp_path: Path) -> None:
    """With the key every request is billed per token."""
    files, first = TO_MEND[name]
    machine = pending(files, {}, in_a_file=in_a_file)
    with looking(machine, tmp_path) as look:
        snapshot = look()
        resolution, findings = advised(snapshot, machine.client, machine.version)
        said = verdict(resolution, findings).because
        offer = [one.commands for one in offered(look, machine) if one.finding == "approval-pending"]
    assert (findings[0].id, findings[1].id) == (first, "approval-pending")
    assert said is not None
    assert said.id == first
    kept = ["store-unusable/keep-copy"] if name == "damaged" else []
    before = len(kept)
    assert [[fix.about for fix in one.fixes[:before]] for one in findings[:2]] == [kept, kept]
    assert (findings[0].fixes[before].command or "").endswith("claude-auth login")
    fixes = findings[1].fixes
    assert (fixes[before].action, fixes[-1].about) == ("sign-in", "approval-pending/approve-key")
    assert offer[0] == ("claude-auth login",)


def test_at_a_gateway_the_key_is_approved_and_no_login_mended(tmp_path: Path) -> None:
    machine = pending({STORE: {"$text": "{"}, USER: {"env": HOST}}, {})
    with looking(machine, tmp_path) as look:
        _, findings = advised(look(), machine.client, machine.version)
    assert findings[0].fixes[0].about == "approval-pending/approve-key"


@pytest.mark.parametrize("name", [STORE, ".claude_code/tokens.json"])
def test_what_is_moved_aside_takes_no_other_files_place(name: str, tmp_path: Path) -> None:
    files = {f"{name}/x": "y"}
    with looking(On(files, more=True), tmp_path) as look:
        snapshot = look()
        found = diagnose(snapshot, resolve(snapshot, "claude"))
    move = next(fix.command or "" for one in found for fix in one.fixes if "mv " in (fix.command or ""))
    assert move.startswith("mv -n ")
    path, to = shlex.split(move.partition(" && ")[0])[2:]
    Path(path).parent.joinpath(Path(to).name).write_text("kept earlier")
    subprocess.run(["/bin/sh", "-c", move.partition(" && ")[0]], check=False)
    assert Path(to).read_text() == "kept earlier"
    assert Path(path).exists()


def test_a_line_that_another_shells_file_has_too_is_not_the_only_credential(tmp_path: Path) -> None:
    machine = pending(SIGNED_IN, {})
    machine = replace(machine, raw={**machine.raw, ".bashrc": machine.raw[".zshrc"]})
    with looking(machine, tmp_path / "home") as look:
        preview = next(one for one in offered(look, machine) if one.kind == "startup-line")
        result, _ = applied(preview, look, machine, tmp_path)
    assert (result.outcome, result.worse) == ("applied", None)
