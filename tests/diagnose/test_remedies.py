"""What is advised: each remedy that is an action can be begun where it is advised, and none of them makes the
verdict worse."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.accounts import accounts_to_refresh, accounts_to_sign_out
from claude_auth.actions.fixes.offers import foreseen, offers, with_ours
from claude_auth.actions.runs import KINDS, config_for_commands, run_offers
from claude_auth.app.actions import ACTIONS
from claude_auth.app.screens.run_choosing import advised_offer, kinds_of
from claude_auth.cli import build_parser
from claude_auth.diagnose import MachineAnswers, verdict
from claude_auth.diagnose.cause import COMMANDS, Cause
from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts import Recognised, explain
from claude_auth.model import Assignment, Fix, Snapshot, first_action
from claude_auth.model.surroundings import Surroundings
from claude_auth.present.consent import evaluation_requests
from claude_auth.present.dashboard_state import step_words
from claude_auth.resolve import resolve
from tests.diagnose.machines import (
    AWS_KEYS,
    BEDROCK,
    GOOGLE_USER,
    KEY,
    SIGNED_IN,
    STATE,
    SUFFIX,
    USER,
    VERTEX,
    Asked,
    On,
    ask,
    looking,
)
from tests.diagnose.table import GATEWAY, MANAGED_KEY, OWN_LOGIN, TABLE, TOKEN

IN_THE_APP = {row.id for row in ACTIONS["dashboard"]}
VERDICTS = ("does-not-work", "not-known", "works-not-as-expected", "works")


def words_of(cause: Cause) -> Iterator[str]:
    """Texts that its phrases stand in."""
    for phrase in cause.wordings:
        near = phrase.near.split()[:1]
        yield " ".join(("Claude Code API Error:", *near, *phrase.words.replace("…", " ").split()))


#: Machines on which texts are read: what most people have.
MACHINES = {
    "nothing": On(),
    "login": On(SIGNED_IN),
    "key": On({USER: {"env": {"ANTHROPIC_API_KEY": KEY}}}, approved=(SUFFIX,)),
    "login-and-key": On({**SIGNED_IN, STATE: {}}, {"ANTHROPIC_API_KEY": KEY}, approved=(SUFFIX,)),
    "login-and-token": On(SIGNED_IN, {TOKEN: "made-up-token"}),
    "gateway": On({USER: {"env": GATEWAY}}),
    "console": On(MANAGED_KEY),
    "bedrock": On(env={**BEDROCK, **AWS_KEYS}),
    "vertex": On(GOOGLE_USER, VERTEX),
    "helper": On({USER: {"apiKeyHelper": "echo made-up"}}),
}


def all_remedies(machine: On, home: Path) -> Iterator[tuple[str, Fix]]:
    asked = ask(machine, home)
    previews = offers(asked.snapshot, asked.resolution, asked.findings)
    for finding in with_ours(asked.findings, previews):
        yield from ((finding.id, fix) for fix in finding.fixes)


def read_on(machine: On, home: Path, text: str) -> tuple[Recognised, ...]:
    return explain(text, answers(ask(machine, home)))[1]


def answers(asked: Asked) -> MachineAnswers:
    return MachineAnswers.of(asked.snapshot, asked.resolution, asked.findings)


# ── actions ──────────────────────────────────────────────────────────────────────────────────────


def test_each_action_stands_in_the_apps_table_and_has_a_command() -> None:
    told = {fix.action for cause in BY_ID.values() for fix in cause.fixes} - {None}
    assert {"sign-in", "sign-out", "run", "network"} <= told
    assert told | set(COMMANDS) <= IN_THE_APP


def is_understood(command: str) -> bool:
    words = shlex.split(command)
    assert words[0] == "claude-auth"
    try:
        build_parser(words[1:]).parse_args(words[1:])
    except SystemExit:
        return False
    return True


@pytest.mark.parametrize("cause", [c for c in BY_ID.values() if c.fixes], ids=lambda cause: cause.id)
def test_the_commands_of_a_cause_are_ours_or_say_why_not(cause: Cause) -> None:
    for fix in cause.fixes:
        command = fix.command or ""
        if command.startswith("claude-auth "):
            assert fix.action is not None, fix
            assert is_understood(command), fix
        # Signing in to Claude Code is an action; elsewhere than here it is a command for there.
        assert not command.startswith(("claude auth login", "claude auth logout")), fix


@pytest.mark.parametrize("name", TABLE)
def test_an_action_can_be_begun_where_it_is_advised(name: str, tmp_path: Path) -> None:
    machine = TABLE[name].has
    with looking(machine, tmp_path) as look:
        snapshot = look()
    remedies = list(all_remedies(machine, tmp_path / "again"))
    for finding, fix in remedies:
        assert fix.action is None or fix.action in IN_THE_APP
        if (fix.command or "").startswith("claude-auth "):
            assert is_understood(fix.command or ""), (finding, fix)
        assert can_be_begun(fix, snapshot, machine), (finding, fix)


def can_be_begun(fix: Fix, snapshot: Snapshot, machine: On) -> bool:
    if fix.action == "run":
        assert fix.about in KINDS
        view = config_for_commands(snapshot, machine.client, machine.version)
        found = run_offers([kind for kind in KINDS if kind == fix.about], view, {})
        return any(offer.proposal is not None for offer in found)
    if fix.action == "refresh":
        return bool(accounts_to_refresh(snapshot))
    if fix.action == "sign-out":
        resolution = resolve(snapshot, machine.client, machine.version)
        return bool(accounts_to_sign_out(snapshot, resolution))
    if fix.action == "evaluate":
        return bool(evaluation_requests(snapshot, machine.client, machine.version))
    return True


# ── better or worse ──────────────────────────────────────────────────────────────────────────────


def taken_away(fix: Fix, snapshot: Snapshot) -> Snapshot | None:
    """The machine after that remedy, where it takes variables away; None where it does something else."""
    words = (fix.command or "").split()
    names = words[1:] if words[:1] == ["unset"] and ";" not in (fix.command or "") else []
    name, _, path = fix.about.partition(" ") if fix.action is None else ("", "", "")

    def goes(one: Assignment) -> bool:
        if one.name in names:
            return one.layer is None
        places = (one.origin.path, *(place.path for place in one.origin.likely_set_at))
        return one.name == name and path in places

    if not names and not name:
        return None
    kept = {key: tuple(a for a in found if not goes(a)) for key, found in snapshot.variables.items()}
    return snapshot._replace(variables=kept)


def rank_of(machine: On, home: Path, change: Fix | None = None) -> int:
    def changed(snapshot: Snapshot) -> Snapshot:
        before = snapshot if machine.tweak is None else machine.tweak(snapshot)
        after = None if change is None else taken_away(change, before)
        return before if after is None else after

    asked = ask(replace(machine, tweak=changed), home)
    return VERDICTS.index(verdict(asked.resolution, asked.findings).word)


#: What leaves a provider is for whoever does not want it; `taken_away` would be a verdict about another wish.
CONDITIONAL = "only if you do not want"


def worsening(machine: On, home: Path, remedies: Iterable[tuple[str, Fix]]) -> list[tuple[str, Fix]]:
    before = rank_of(machine, home / "before")
    found = []
    for number, (name, fix) in enumerate(remedies):
        takes = fix.about if fix.action is None else ""
        if CONDITIONAL in fix.title or not (takes or (fix.command or "").startswith("unset ")):
            continue
        if rank_of(machine, home / str(number), fix) < before:
            found.append((name, fix))
    return found


@pytest.mark.parametrize("name", TABLE)
def test_nothing_that_is_advised_about_a_finding_makes_the_verdict_worse(name: str, tmp_path: Path) -> None:
    machine = TABLE[name].has
    assert worsening(machine, tmp_path, all_remedies(machine, tmp_path / "told")) == []


def left_by(machine: On, home: Path, change: Callable[[Snapshot], Snapshot]) -> Asked:
    """The machine asked again after that change of what is seen of it."""

    def changed(snapshot: Snapshot) -> Snapshot:
        return change(snapshot if machine.tweak is None else machine.tweak(snapshot))

    return ask(replace(machine, tweak=changed), home)


def takes_a_value(fix: Fix, asked: Asked, after: Snapshot) -> bool:
    """Whether what goes by it holds anything: an empty variable is nobody's credential."""
    before = asked.snapshot
    gone = [
        one for name in before.variables for one in before.variables[name] if one not in after.variables[name]
    ]
    taken = [
        one for name in before.settings for one in before.settings[name] if one not in after.settings[name]
    ]
    return any(not one.value.is_blank for one in gone) or any(not one.value.is_blank for one in taken)


def without_credential(machine: On, home: Path) -> list[tuple[str, Fix]]:
    """What is advised first, by the list or by the key, and leaves nothing that could be sent."""
    asked = ask(machine, home / "asked")
    if no_credential(asked):
        return []
    previews = {one.id: one for one in offers(asked.snapshot, asked.resolution, asked.findings)}
    found = []
    for finding in with_ours(asked.findings, previews.values()):
        for number, fix in enumerate({*finding.fixes[:1], *filter(None, [first_action(finding.fixes)])}):

            def change(snapshot: Snapshot, fix: Fix = fix) -> Snapshot:
                if fix.action == "fix":
                    return foreseen(snapshot, previews[fix.about])
                return taken_away(fix, snapshot) or snapshot

            after = change(asked.snapshot)
            if after is asked.snapshot or CONDITIONAL in fix.title or not takes_a_value(fix, asked, after):
                continue
            if no_credential(left_by(machine, home / f"{finding.id}-{number}", change)):
                found.append((finding.id, fix))
    return found


def no_credential(asked: Asked) -> bool:
    blocked = asked.resolution.blocked
    return blocked is not None and blocked.code == "no-credential"


@pytest.mark.parametrize("name", TABLE)
def test_what_is_advised_first_leaves_a_credential(name: str, tmp_path: Path) -> None:
    assert without_credential(TABLE[name].has, tmp_path) == []


ENV_KEY = {"ANTHROPIC_API_KEY": KEY}
START_UP = {".zshrc": {"$text": f"export ANTHROPIC_API_KEY={KEY}\n"}}


@pytest.mark.parametrize("answer", ["unseen", "rejected", "approved"])
@pytest.mark.parametrize("files", [{}, START_UP], ids=["by the environment alone", "by a file"])
@pytest.mark.parametrize("is_signed_in", [True, False], ids=["beside a login", "alone"])
def test_a_key_beside_a_login_is_taken_away_before_it_is_approved(
    answer: str, files: dict[str, object], is_signed_in: bool, tmp_path: Path
) -> None:
    """Both in the first words, without our fixes, and with them."""
    answers = {"rejected": {"rejected": (SUFFIX,)}, "approved": {"approved": (SUFFIX,)}}.get(answer, {})
    machine = On({**(SIGNED_IN if is_signed_in else {}), **files}, ENV_KEY, more=True, **answers)  # type: ignore[arg-type]
    asked = ask(machine, tmp_path)
    previews = offers(asked.snapshot, asked.resolution, asked.findings)
    ids = {"approval-pending", "key-rejected", "key-overrides-login"}
    before = [one for one in asked.findings if one.id in ids]
    assert len(before) == (answer != "approved" or is_signed_in)
    for plain, told in zip(before, with_ours(before, previews), strict=True):
        opened = first_action(told.fixes) or told.fixes[0]
        if not is_signed_in:
            assert opened.about.endswith("/approve-key")
            assert "unset" not in plain.fixes[0].title
            continue
        taking = "unset" if not files else "comment out"
        assert plain.fixes[0].title.startswith(taking)
        assert told.fixes[0].title.startswith(taking)
        assert opened.title == told.fixes[0].title
        if not files:
            assert told.fixes[0].command == "unset ANTHROPIC_API_KEY"
            assert [fix.command for fix in told.fixes].count("unset ANTHROPIC_API_KEY") == 1
        approving = [n for n, fix in enumerate(told.fixes) if fix.about.endswith("/approve-key")]
        assert (approving > [0]) is (answer != "approved")


FAILING = {USER: {"apiKeyHelper": "exit 1"}}


@pytest.mark.parametrize(
    ("machine", "is_taken_out"),
    [(On(FAILING, evaluated=True), False), (On({**FAILING, **SIGNED_IN}, evaluated=True), True)],
    ids=["alone", "before a login"],
)
def test_a_helper_that_fails_is_mended_before_it_is_taken_out(
    machine: On, is_taken_out: bool, tmp_path: Path
) -> None:
    asked = ask(machine, tmp_path)
    previews = offers(asked.snapshot, asked.resolution, asked.findings)
    (told,) = [one for one in asked.findings if one.id == "empty-credential-sent"]
    assert (told.fixes[0].action, told.fixes[0].about) == ("run", "api-key-helper")
    assert (told.fixes[1].command or "").startswith("${EDITOR:-vi} +")
    assert any("take apiKeyHelper out" in fix.title for fix in told.fixes) is is_taken_out
    assert (
        any(preview.applicable and "apiKeyHelper" in preview.removes for preview in previews) is is_taken_out
    )


def test_what_is_known_to_be_wrong_with_a_helper_comes_first(tmp_path: Path) -> None:
    machine = On(
        {USER: {"apiKeyHelper": "$HOME/get-key"}, "get-key": {"$text": "#!/bin/sh\n"}}, evaluated=True
    )
    machine = replace(machine, more=True)
    (told,) = [one for one in ask(machine, tmp_path).findings if one.id == "empty-credential-sent"]
    assert told.fixes[0].command == f"chmod u+x {tmp_path}/get-key"
    assert told.fixes[1].title == "correct the path in apiKeyHelper"


# ── one key ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", TABLE)
def test_what_stands_beside_the_key_is_what_it_opens(name: str, tmp_path: Path) -> None:
    """Beside the first look too: what it says to do stays the same."""
    asked = ask(TABLE[name].has, tmp_path)
    previews = {one.id: one for one in offers(asked.snapshot, asked.resolution, asked.findings)}
    whole = asked.snapshot._replace(more=asked.snapshot.more or Surroundings())
    first = asked.snapshot._replace(more=None)
    for plain, told in zip(asked.findings, with_ours(asked.findings, previews.values()), strict=True):
        if not told.fixes:
            continue
        opened = first_action(told.fixes) or told.fixes[0]
        assert step_words(told, whole) == opened.title
        early = step_words(plain, first)
        assert early == opened.title, plain.id


#: A token and a helper in one file: two advices for it, of which only the first is under the key.
BOTH = {USER: {"env": {"ANTHROPIC_AUTH_TOKEN": "made-up"}, "apiKeyHelper": "echo made-up"}}
AT_A_GATEWAY = {USER: {"env": GATEWAY, "apiKeyHelper": "echo made-up"}, **SIGNED_IN}


@pytest.mark.parametrize("files", [BOTH, {**BOTH, **SIGNED_IN}, AT_A_GATEWAY])
def test_the_key_is_for_the_same_after_the_second_look(files: dict[str, Any], tmp_path: Path) -> None:
    asked = ask(On(files), tmp_path)
    previews = {one.id: one for one in offers(asked.snapshot, asked.resolution, asked.findings)}
    first = asked.snapshot._replace(more=None)
    told = with_ours(asked.findings, previews.values())
    assert "two-credentials-sent" in {one.id for one in told}
    for plain, whole in zip(asked.findings, told, strict=True):
        opened = first_action(whole.fixes) or whole.fixes[0]
        assert step_words(plain, first) == opened.title
        if whole.id == "two-credentials-sent":
            (taken,) = previews[opened.about].removes
            assert step_words(plain, first) == opened.title
            assert f"take {taken} out" in opened.title


@pytest.mark.parametrize("name", [*TABLE, *MACHINES])
def test_a_command_that_is_advised_is_the_one_that_is_asked_about(name: str, tmp_path: Path) -> None:
    machine = TABLE[name].has if name in TABLE else MACHINES[name]
    asked = ask(machine, tmp_path)
    view = config_for_commands(asked.snapshot, machine.client, machine.version)
    for fix in (first_action(finding.fixes) for finding in asked.findings):
        if fix is None or fix.action != "run":
            continue
        offer = advised_offer(run_offers(kinds_of(fix.about), view, {}), fix)
        assert offer is not None
        assert offer.proposal is not None
        is_configured = (fix.command or "").startswith("claude-auth run")
        assert offer.proposal.suggested is not is_configured
        assert is_configured or offer.proposal.shown == fix.command


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_that_is_advised_about_a_text_makes_the_verdict_worse(name: str, tmp_path: Path) -> None:
    """Each cause that texts can have, by its own phrases."""
    machine = MACHINES[name]
    asked = ask(machine, tmp_path / "asked")
    here = answers(asked)
    told: dict[str, tuple[str, Fix]] = {}
    for cause in BY_ID.values():
        for text in words_of(cause):
            for one in explain(text, here)[1]:
                fixes = () if one.ruled_out else one.fixes
                told |= {f"{fix.command} {fix.about}": (one.id, fix) for fix in fixes}
    assert len(told) > 50
    if name != "nothing":  # there a text comes from another machine
        assert not [fix for _, fix in told.values() if not can_be_begun(fix, asked.snapshot, machine)]
    assert worsening(machine, tmp_path, told.values()) == []


@pytest.mark.parametrize("environ", [{}, {"ANTHROPIC_API_KEY": KEY}])
def test_a_key_is_advised_against_only_where_one_is(environ: dict[str, str], tmp_path: Path) -> None:
    asked = ask(On(OWN_LOGIN, environ), tmp_path)
    (helper,) = [
        one for one in offers(asked.snapshot, asked.resolution, asked.findings) if one.kind == "key-helper"
    ]
    assert (helper.afterwards is not None) is bool(environ)
