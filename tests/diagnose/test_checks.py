"""What was checked and is fine, what was not checked and why, and rules that break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given, settings

from bench.diagnose_bench import measure
from claude_auth.diagnose import checks, diagnose
from claude_auth.diagnose.cause import RuleMatch
from claude_auth.diagnose.causes import FINDINGS, ON_REQUEST, RULES
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Snapshot
from claude_auth.model.surroundings import Surroundings
from claude_auth.present.documents import status_document
from claude_auth.resolve import resolve
from tests.canary_machine import CANARIES, leaks
from tests.diagnose.machines import SIGNED_IN, On, ask
from tests.resolve.snapshots import CLIENT_IDS, VERSIONS, snapshots


def test_every_question_has_one_answer(tmp_path: Path) -> None:
    asked = ask(On(SIGNED_IN, more=True), tmp_path)
    told = checks(asked.snapshot, asked.resolution)
    expected = [entry.id for entry in FINDINGS if entry.id in RULES] + [name for name, _, _ in ON_REQUEST]
    assert [check.id for check in told] == expected
    assert all(check.title and (check.why or check.state == "fine") for check in told)
    assert {check.id for check in told if check.state == "found"} == {f.id for f in asked.findings}


def test_what_needs_the_second_look_says_so(tmp_path: Path) -> None:
    asked = ask(On(SIGNED_IN), tmp_path)
    told = {check.id: check for check in checks(asked.snapshot, asked.resolution)}
    assert told["certificate-file-unusable"].state == "not-checked"
    assert told["certificate-file-unusable"].why == "the slower look at this machine was not taken"
    assert told["user-variable-missing"].why == "it concerns macOS alone"
    assert told["gateway-listens"].why == "a connection is made only on request"
    assert told["quotes-in-value"].state == "fine"


def test_of_another_machine_the_running_programs_are_not_asked(tmp_path: Path) -> None:
    asked = ask(On(SIGNED_IN, more=True), tmp_path)
    told = {check.id: check for check in checks(asked.snapshot, asked.resolution)}
    assert told["many-running-clients"].state == "not-checked"
    assert "not those of the machine" in told["many-running-clients"].why


# ── a broken rule ────────────────────────────────────────────────────────────────────────────────


class Breakage(Exception):  # noqa: N818
    pass


def breaking(situation: DiagnosisContext) -> NoReturn:
    secret = situation.snapshot.login.tokens
    assert secret is not None
    raise Breakage(secret.access_token.reveal())


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_breaks_hides_no_other(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = On(SIGNED_IN, {"NODE_TLS_REJECT_UNAUTHORIZED": "0", "ANTHROPIC_API_KEY": ""}, more=True)
    asked = ask(machine, tmp_path)
    monkeypatch.setitem(RULES, name, breaking)
    found = diagnose(asked.snapshot, asked.resolution)
    failed = [finding for finding in found if finding.id == "check-failed"]
    assert [finding.evidence for finding in failed] == [f"{name}: it stopped with Breakage"]
    others = [finding for finding in asked.findings if finding.id != name]
    assert [finding for finding in found if finding.id != "check-failed"] == others
    told = {check.id: check for check in checks(asked.snapshot, asked.resolution)}
    assert (told[name].state, told[name].why) == ("not-checked", "it stopped with Breakage")


def test_every_broken_rule_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ask(On(SIGNED_IN), tmp_path)
    for name in RULES:
        monkeypatch.setitem(RULES, name, breaking)
    found = diagnose(asked.snapshot, asked.resolution)
    assert {finding.evidence.split(":")[0] for finding in found} == set(RULES)
    document = status_document(asked.snapshot, asked.resolution, found)
    assert "madeUpForTests" not in json.dumps(document) + repr(found)


@settings(max_examples=150, deadline=None)
@given(snapshots(), CLIENT_IDS, VERSIONS)
def test_no_machine_breaks_a_rule(snapshot: Snapshot, client: str, version: str | None) -> None:
    for seen in (snapshot, snapshot._replace(more=Surroundings())):
        found = diagnose(seen, resolve(seen, client, version))
        assert [finding.evidence for finding in found if finding.id == "check-failed"] == []


def test_certainty_is_the_catalogue_s_unless_the_rule_knows_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(On(SIGNED_IN), tmp_path)
    monkeypatch.setitem(RULES, "proxy-unusable", lambda situation: RuleMatch("here"))
    monkeypatch.setitem(RULES, "clock-doubtful", lambda situation: RuleMatch("here", certainty="seen"))
    found = {f.id: f.certainty for f in diagnose(asked.snapshot, asked.resolution)}
    assert found == {"proxy-unusable": "likely", "clock-doubtful": "seen"}


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────

#: Values in every place that a rule may mention.
FULL = {
    "ANTHROPIC_API_KEY": f'"{CANARIES["api key"]}\u200b"',
    "ANTHROPIC_AUTH_TOKEN": f"Bearer {CANARIES['auth token']}",
    "CLAUDE_CODE_OAUTH_TOKEN": CANARIES["env oauth"][:60],
    "ANTHROPIC_BASE_URL": f"http://user:{CANARIES['base url password']}@gw.example/v1",
    "HTTPS_PROXY": f"socks5://user:{CANARIES['proxy password']}@proxy.example:1080",
    "AWS_BEARER_TOKEN_BEDROCK": CANARIES["bedrock token"],
    "AWS_SESSION_TOKEN": CANARIES["aws session"],
    "ANTHROPIC_FEDERATION_RULE_ID": CANARIES["auth token"],
    "CLAUDE_CODE_API_KEY_HELPER_TTL_MS": CANARIES["auth token"],
}


@pytest.mark.parametrize("provider", ["", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"])
@pytest.mark.parametrize("client", ["claude", "claude-print", "anthropic-sdk"])
def test_no_finding_and_no_check_shows_a_secret(provider: str, client: str, tmp_path: Path) -> None:
    switch = {provider: "1"} if provider else {}
    asked = ask(On(SIGNED_IN, {**FULL, **switch}, client=client, more=True), tmp_path)
    told = repr(asked.findings) + repr(checks(asked.snapshot, asked.resolution))
    assert leaks(told) == []
    assert len(asked.findings) > 2


def test_it_takes_milliseconds() -> None:
    figures = measure(30)
    assert figures.holds, figures
    assert figures.findings > 5
