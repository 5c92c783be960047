"""One verdict a resolution: in the model, in JSON, in words, on top of the screen and as an exit status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from claude_auth.actions.program import ExitCode
from claude_auth.cli.signals import of_verdict
from claude_auth.diagnose import diagnose, verdict
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.present.dashboard import sentence_lines
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.ladder import ladder_rows
from claude_auth.present.lines import plain
from claude_auth.present.panels import wire_lines
from claude_auth.resolve import resolve
from claude_auth.sources import owner
from claude_auth.words import VERDICTS, first_line, standing_word
from tests.as_text import status_text
from tests.conformance.cases import CASES, OBSERVED, title
from tests.conformance.layout import NEWEST, Answer, Case, answer, lay_out, look_at
from tests.diagnose.machines import (
    AWS_KEYS,
    BEDROCK,
    HOUR,
    KEY,
    MANAGED,
    SIGNED_IN,
    STATE,
    STORE,
    SUFFIX,
    USER,
    VERTEX,
    WITH_KEY,
    login,
)
from tests.diagnose.table import SSO_CONFIG, SSO_TOKEN
from tests.resolve.snapshots import CLIENT_IDS, VERSIONS, snapshots

SSO = {".aws/config": {"$text": SSO_CONFIG}}
ENDED = login(expiresAt={"$now_ms": -HOUR}, refreshTokenExpiresAt={"$now_ms": -HOUR})
IDLE = login(expiresAt={"$now_ms": -HOUR}, refreshTokenExpiresAt={"$now_ms": 240 * HOUR})
OAUTH_TOKEN = f"sk-ant-oat01-{'madeUpForTests0' * 6}"
GATEWAY = {"ANTHROPIC_BASE_URL": "https://gw.example"}


def sso_token(expires: str) -> dict[str, Any]:
    return {SSO_TOKEN: {"accessToken": "x", "expiresAt": expires}}


def scene_of(said: Answer) -> DashboardState:
    return DashboardState(
        said.snapshot, said.resolution, said.findings, said.snapshot.observed_at, "stored-login"
    )


def line_of(said: Answer) -> str:
    found = verdict(said.resolution, said.findings)
    return str(first_line(said.snapshot, said.resolution, found, said.snapshot.observed_at))


def row_word(said: Answer, source: str) -> str:
    return str(standing_word(said.resolution.standing(source)))


def wire_pane(said: Answer, width: int = 90) -> str:
    return "\n".join(plain(line) for line in wire_lines(scene_of(said), width))


# ── every face agrees ────────────────────────────────────────────────────────────────────────────


def by_the_contract(resolution: Resolution, findings: tuple[Finding, ...]) -> str:
    """The rule once more, as the contract words it."""
    if resolution.usable is not True:
        return {False: "does-not-work", None: "not-known"}[resolution.usable]
    takes_part = {
        s.reading.source
        for s in resolution.standings
        if s.verdict in {"winning", "also-sent"} or (s.verdict == "shadowed" and s.reading.state == "present")
    }
    about = {owner(f.source) for f in findings if f.severity != "info" and f.source}
    return "works-not-as-expected" if about & takes_part else "works"


def check_that_all_agree(said: Answer) -> None:
    found = verdict(said.resolution, said.findings)
    assert found.word == by_the_contract(said.resolution, said.findings) == said.document["verdict"]

    line = line_of(said)
    assert line.startswith(str(VERDICTS[found.word]))
    assert found.word == "works" or line.count(":") > 0, "less than works, and not a word of why"
    assert status_text(said.snapshot, said.resolution, said.findings).splitlines()[0] == line
    assert str(scene_of(said).first_line) == line
    for width, rows in ((120, 40), (80, 24), (60, 20)):
        shown = sentence_lines(scene_of(said), width, rows)
        assert len(shown) <= rows // 5
        told = " ".join(plain(line).strip() for line in shown)
        word = VERDICTS[found.word]
        assert told.startswith(f"{word.glyph} {word.text.upper()}")
        sentence = told[len(str(word)) :].strip().removesuffix("…").rstrip()
        whole = line[len(str(word)) :].removeprefix(": ")
        # A name that is longer than the screen is broken where no blank is.
        assert "".join(whole.split()).startswith("".join(sentence.split())), (told, line)

    expected = {"works": 0, "works-not-as-expected": 0, "does-not-work": 1, "not-known": 3}[found.word]
    assert of_verdict(found.word) == expected
    assert of_verdict(found.word, strict=True) == (4 if found.word == "works-not-as-expected" else expected)


def check_that_nothing_contradicts_it(said: Answer) -> None:
    resolution = said.resolution
    for standing in resolution.standings:
        word = standing_word(standing).text
        if resolution.auth_method is not None:  # `claude auth status` names one, and sends nothing
            assert (standing.verdict == "winning") == (standing.reading.source == resolution.winner)
        elif resolution.wire is None:
            assert standing.verdict == "unused", "nothing goes out, so nothing was beaten"
            assert word not in {"used", "ignored", "also sent"}
        assert standing.hindrance is None or standing.reading.state in {"present", "unusable"}
    if resolution.usable is False and resolution.wire is not None:
        assert any(standing.hindrance == "fails" for standing in resolution.standings)
    if resolution.usable is True:
        assert all(s.hindrance is None for s in resolution.standings if s.verdict in {"winning", "also-sent"})
    if verdict(resolution, said.findings).word == "does-not-work" and resolution.winner is not None:
        pane = "\n".join(plain(line) for row in ladder_rows(scene_of(said), 100) for line in row.lines)
        assert "USED" not in pane or "FAILS" in pane


@pytest.mark.parametrize("case", CASES + OBSERVED, ids=title)
def test_verdict_line_json_exit_status_and_screen_agree_on_every_observed_machine(
    case: Case, tmp_path: Path
) -> None:
    with lay_out(case, tmp_path) as laid:
        said = answer(laid, case["client"], case.get("client_version", NEWEST))
    check_that_all_agree(said)
    check_that_nothing_contradicts_it(said)


@settings(max_examples=150, deadline=None)
@given(snapshots(), CLIENT_IDS, VERSIONS)
def test_they_agree_on_any_machine(snapshot: Snapshot, client: str, version: str | None) -> None:
    resolution = resolve(snapshot, client, version)
    findings = diagnose(snapshot, resolution)
    from claude_auth.present.documents import status_document

    said = Answer(snapshot, resolution, findings, status_document(snapshot, resolution, findings))
    check_that_all_agree(said)
    check_that_nothing_contradicts_it(said)


# ── the rule ─────────────────────────────────────────────────────────────────────────────────────


def judged(resolution: Resolution, *findings: Finding) -> tuple[str, Finding | None]:
    return verdict(resolution, findings)


def test_what_makes_works_less_than_expected(tmp_path: Path) -> None:
    said = look_at(tmp_path, SIGNED_IN, env=WITH_KEY, approved=[SUFFIX])
    resolution = said.resolution  # the key wins, the login is shadowed
    about = {
        (source, severity): Finding("made-up", severity, "t", "x", "e", source=source)
        for source in ("anthropic-api-key", "stored-login", "bedrock", None)
        for severity in ("error", "warning", "info")
    }
    for (source, severity), finding in about.items():
        counts = severity != "info" and source in {"anthropic-api-key", "stored-login"}
        expected = ("works-not-as-expected", finding) if counts else ("works", None)
        assert judged(resolution, finding) == expected, (source, severity)
    first, second = about["anthropic-api-key", "warning"], about["stored-login", "error"]
    assert judged(resolution, first, second)[1] is first
    assert judged(replace_usable(resolution, None), second) == ("not-known", None)
    assert judged(replace_usable(resolution, False), second)[0] == "does-not-work"


@pytest.mark.parametrize(
    ("switch", "provider"),
    [
        ("CLAUDE_CODE_USE_BEDROCK", "bedrock"),
        ("CLAUDE_CODE_USE_MANTLE", "mantle"),
        ("CLAUDE_CODE_USE_ANTHROPIC_AWS", "anthropic-aws"),
    ],
)
def test_what_signs_for_several_providers_belongs_to_the_one_in_use(
    switch: str, provider: str, tmp_path: Path
) -> None:
    on = {switch: "1", "AWS_REGION": "eu-central-1", "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_madeUp"}
    signed = look_at(tmp_path / "keys", {}, env={**on, **AWS_KEYS}).resolution
    finding = Finding("made-up", "warning", "t", "x", "e", source="aws-environment")
    assert judged(signed, finding) == ("works-not-as-expected", finding)
    export = look_at(tmp_path / "export", {USER: {"awsCredentialExport": "print-keys"}}, env=on)
    assert ("helper-not-run", provider) in {(found.id, found.source) for found in export.findings}


def replace_usable(resolution: Resolution, usable: bool | None) -> Resolution:
    return resolution._replace(usable=usable)


def test_a_finding_of_the_second_look_alone_does_not_change_the_verdict(tmp_path: Path) -> None:
    """`status` does not take that look, and says the same as the screen."""
    resolution = look_at(tmp_path, SIGNED_IN).resolution
    finding = Finding("made-up", "warning", "t", "x", "e", source="stored-login")
    assert judged(resolution, finding)[0] == "works-not-as-expected"
    assert judged(resolution, finding._replace(from_second_look=True))[0] == "works"


# ── contradictions that must not come back ───────────────────────────────────────────────────────


def test_an_ended_sign_in_is_not_called_normal(tmp_path: Path) -> None:
    said = look_at(tmp_path, {STORE: ENDED})
    assert line_of(said).startswith("✗ doesn't work: The sign-in has expired; claude.ai login from ")
    assert row_word(said, "stored-login") == "✗ fails"
    assert said.document["sources"][4]["verdict"] == "winning"
    for shown in (wire_pane(said), status_text(said.snapshot, said.resolution, said.findings)):
        assert "will be refused: the sign-in has ended" in shown
        assert "normal" not in shown
        assert "★ used" not in shown


def test_an_idle_sign_in_is_called_normal(tmp_path: Path) -> None:
    said = look_at(tmp_path, {STORE: IDLE})
    assert line_of(said).startswith("✓ works: claude.ai login from ")
    assert ", idle, renewed on next use; goes to api.anthropic.com" in line_of(said)
    assert "↻ refreshes first: normal for an idle login" in wire_pane(said)


@pytest.mark.parametrize("keys", [{}, AWS_KEYS], ids=["alone", "with-keys-in-the-environment"])
@pytest.mark.parametrize("expires", ["2001-01-01T00:00:00Z", None], ids=["expired", "never-signed-in"])
def test_an_ended_aws_sign_in_does_not_win(expires: str | None, keys: dict[str, str], tmp_path: Path) -> None:
    """Nothing is sent, and no other place of AWS credentials is asked [seen]; the first look tells."""
    files = {**SSO, **({} if expires is None else sso_token(expires))}
    said = look_at(tmp_path, files, env={**BEDROCK, **keys, "AWS_PROFILE": "work"})
    assert (said.document["usable"], said.document["wire"], said.document["winner"]) == (False, None, None)
    assert said.document["blocked"]["code"] == "no-cloud-credential"
    why = "nobody has signed in to AWS for profile work"
    if expires is not None:
        why = "the AWS sign-in of profile work has expired"
    assert line_of(said) == f"✗ doesn't work: {why}"
    assert row_word(said, "bedrock") == "✗ blocked"
    assert said.findings[0].id == "aws-sso-expired"
    assert "no-cloud-credential" not in {finding.id for finding in said.findings}


def test_a_live_aws_sign_in_is_not_known_to_fail(tmp_path: Path) -> None:
    files = {**SSO, **sso_token("2099-01-01T00:00:00Z")}
    said = look_at(tmp_path, files, env={**BEDROCK, "AWS_PROFILE": "work"})
    assert (said.document["usable"], said.document["winner"]) == (None, "bedrock")
    assert line_of(said).startswith("? not known: only the network could tell")


@pytest.mark.parametrize("more", [{"AWS_ACCESS_KEY_ID": "ASIAMADEUP"}, {"AWS_SESSION_TOKEN": "t"}])
def test_aws_keys_that_do_not_belong_together_do_not_work(more: dict[str, str], tmp_path: Path) -> None:
    said = look_at(tmp_path, env={**BEDROCK, **AWS_KEYS, **more})
    assert (said.document["usable"], said.document["winner"]) == (False, "bedrock")
    assert line_of(said).startswith("✗ doesn't work: The AWS keys in the environment do not belong together")
    assert row_word(said, "bedrock") == "✗ fails"


def test_a_login_whose_scopes_are_text_does_not_work(tmp_path: Path) -> None:
    said = look_at(tmp_path, {STORE: login(scopes="user:inference user:profile")})
    assert said.document["usable"] is False
    assert line_of(said).startswith("✗ doesn't work: The login's scopes are text")
    assert row_word(said, "stored-login") == "✗ fails"


@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_an_oauth_token_that_goes_out_plain_does_not_work(client: str, tmp_path: Path) -> None:
    env = {"ANTHROPIC_AUTH_TOKEN": OAUTH_TOKEN}
    said = look_at(tmp_path / "plain", env=env, client=client)
    assert (said.document["usable"], said.document["winner"]) == (False, "anthropic-auth-token")
    assert line_of(said).startswith("✗ doesn't work: ANTHROPIC_AUTH_TOKEN holds an OAuth access token")
    assert row_word(said, "anthropic-auth-token") == "✗ fails"
    (finding,) = (one for one in said.findings if one.id == "wrong-kind")
    assert finding.severity == "error"
    assert [fix.command for fix in finding.fixes] == [
        'export CLAUDE_CODE_OAUTH_TOKEN="$ANTHROPIC_AUTH_TOKEN"; unset ANTHROPIC_AUTH_TOKEN'
    ]

    # Anthropic alone refuses it, and only without the header; of two credentials nobody knows which counts.
    asked = {"ANTHROPIC_BETAS": "interleaved-thinking-2025-05-14,oauth-2025-04-20"}
    for name, more in {"asked": asked, "gateway": GATEWAY, "two": WITH_KEY}.items():
        said = look_at(tmp_path / name, env={**env, **more}, client=client, approved=[SUFFIX])
        assert said.document["usable"] is True, name
        assert said.document["verdict"] == "works-not-as-expected"


def test_a_token_in_the_wrong_variable_of_a_file_is_renamed_there(tmp_path: Path) -> None:
    said = look_at(tmp_path, {USER: {"env": {"ANTHROPIC_AUTH_TOKEN": OAUTH_TOKEN}}})
    (finding,) = (one for one in said.findings if one.id == "wrong-kind")
    (fix,) = finding.fixes
    assert (fix.command, fix.title.partition(": ")[0]) == (
        None,
        "put an OAuth access token into CLAUDE_CODE_OAUTH_TOKEN instead",
    )
    assert fix.title.endswith("change its name from ANTHROPIC_AUTH_TOKEN to CLAUDE_CODE_OAUTH_TOKEN")


@pytest.mark.parametrize("key", [{}, " "])
def test_a_console_key_that_is_none_is_what_is_to_blame(key: Any, tmp_path: Path) -> None:
    said = look_at(tmp_path, {STATE: {"primaryApiKey": key}})
    first = said.findings[0]
    assert said.document["blocked"]["code"] == "no-credential"
    assert (first.id, first.source, first.fixes[0].command) == (
        "no-credential",
        "managed-key",
        "claude auth logout",
    )
    assert line_of(said) == f"✗ doesn't work: {first.title}"
    assert row_word(said, "managed-key") == "✗ unusable"


def test_a_provider_is_not_shadowed_by_itself(tmp_path: Path) -> None:
    said = look_at(tmp_path / "none", SIGNED_IN, env=VERTEX)
    standing = said.resolution.standing("vertex")
    assert (standing.verdict, row_word(said, "vertex")) == ("unused", "✗ blocked")
    assert "Application Default Credentials" in standing.reason
    assert said.resolution.standing("stored-login").verdict == "unused"
    assert "provider-replaces-ladder" in {finding.id for finding in said.findings}

    said = look_at(tmp_path / "key", SIGNED_IN, env={**BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": "made-up"})
    standing = said.resolution.standing("bedrock")
    assert standing.verdict == "shadowed"
    assert standing.reason == "on, but what goes out is Bedrock API key"


def test_where_nothing_goes_out_nothing_is_shadowed(tmp_path: Path) -> None:
    managed = {**SIGNED_IN, MANAGED: {"forceLoginMethod": "claudeai"}}
    said = look_at(tmp_path / "managed", managed, env=WITH_KEY, approved=[SUFFIX])
    assert said.document["blocked"]["code"] == "managed-policy"
    for source in ("stored-login", "anthropic-api-key"):
        assert said.resolution.standing(source).verdict == "unused"
        assert row_word(said, source) == "✗ blocked"

    said = look_at(tmp_path / "unapproved", SIGNED_IN, env=WITH_KEY)
    assert said.document["blocked"]["code"] == "approval-pending"
    for source in ("stored-login", "anthropic-api-key"):
        assert said.resolution.standing(source).verdict == "unused"
        assert row_word(said, source) == "○ waits"


def test_what_was_not_checked_is_not_known(tmp_path: Path) -> None:
    said = look_at(tmp_path, SIGNED_IN, env={"CLAUDE_CODE_USE_MANTLE": "1"}, version="2.1.225")
    assert line_of(said).startswith("? not known: ")
    assert row_word(said, "mantle") == "? not known"


@pytest.mark.parametrize("sent", ["login", "key"])
def test_nobody_says_who_pays_behind_a_gateway(sent: str, tmp_path: Path) -> None:
    more = {"env": GATEWAY} if sent == "login" else {"env": {**GATEWAY, **WITH_KEY}, "client": "claude-print"}
    said = look_at(tmp_path, {STORE: login(subscriptionType="max")}, **more)
    from claude_auth.present.ladder import source_lines

    scene = scene_of(said)._replace(chosen=said.resolution.winner or "")
    pane = "\n".join(plain(line) for line in source_lines(scene, 90))
    assert "sent to gw.example, who pays is not known here" in line_of(said)
    for shown in (line_of(said), wire_pane(said), pane):
        assert "billed to" not in shown
        assert "billed per token" not in shown
    assert "billed         not known here: gw.example gets it and decides" in wire_pane(said)
    assert "not known here: gw.example gets it" in pane


def test_who_pays_is_said_or_that_it_is_not_known(tmp_path: Path) -> None:
    said = look_at(tmp_path / "login", {STORE: login(subscriptionType="max")})
    assert ", billed to your Claude Max subscription, " in line_of(said)
    token = look_at(tmp_path / "token", {USER: {"env": {"ANTHROPIC_AUTH_TOKEN": "made-up"}}})
    assert ", who pays is not known here; goes to " in line_of(token)
    helper = {USER: {"apiKeyHelper": f"echo {KEY}"}}
    unknown, known = look_at(tmp_path / "a", helper), look_at(tmp_path / "b", helper, evaluated=True)
    assert line_of(unknown).startswith("? not known: apiKeyHelper was not run; it comes from ")
    assert "billed" not in line_of(unknown)
    assert "who pays is not known here" in line_of(unknown)
    assert "billed per token" in line_of(known)
    assert "who pays" not in line_of(said) + line_of(known)


@pytest.mark.parametrize("value", ["Bearer short", f"bearer {KEY}"])
def test_the_word_bearer_in_a_value_is_seen_on_the_wire(value: str, tmp_path: Path) -> None:
    said = look_at(tmp_path, env={"ANTHROPIC_AUTH_TOKEN": value})
    for shown in (wire_pane(said), status_text(said.snapshot, said.resolution, said.findings)):
        assert f"Bearer {value[:6]} " in shown
        assert value[7:] not in shown


def test_every_exit_status_is_one_of_the_table() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4]
