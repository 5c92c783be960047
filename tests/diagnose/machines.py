"""Machines for the rules: laid out on disk, looked at twice, asked about."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from claude_auth.actions.evaluate import evaluate
from claude_auth.claude_code.versions import NEWEST
from claude_auth.diagnose import diagnose
from claude_auth.model import FileFacts, Finding, Resolution, Snapshot
from claude_auth.model.surroundings import Surroundings
from claude_auth.observe import observe, observe_more
from claude_auth.resolve import resolve
from claude_auth.sandbox import machines
from tests.conformance.layout import machine_of, situation

STORE, STATE, ADC = machines.CREDENTIALS, machines.STATE, machines.ADC
USER, PROJECT, MANAGED = machines.USER_SETTINGS, machines.PROJECT_SETTINGS, machines.MANAGED_SETTINGS
KEY = "sk-ant-api03-madeUpForTests"
SUFFIX = KEY[-20:]
OAUTH = "sk-ant-oat01-madeUpForTests"
#: As long as a real one.
SETUP_TOKEN = OAUTH + "0" * (108 - len(OAUTH))
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}
AWS_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAMADEUP", "AWS_SECRET_ACCESS_KEY": "s"}
AWS_FILE = "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=s\n"
VERTEX = {"CLAUDE_CODE_USE_VERTEX": "1", "ANTHROPIC_VERTEX_PROJECT_ID": "p", "CLOUD_ML_REGION": "global"}
GOOGLE_USER = {ADC: {"type": "authorized_user", "quota_project_id": "p"}}
FOUNDRY = {
    "CLAUDE_CODE_USE_FOUNDRY": "1",
    "ANTHROPIC_FOUNDRY_RESOURCE": "res",
    "ANTHROPIC_FOUNDRY_API_KEY": "made-up",
}
HOUR = 3_600_000


def login(**fields: Any) -> dict[str, Any]:
    entry = {
        "accessToken": OAUTH,
        "refreshToken": "sk-ant-ort01-madeUpForTests",
        "expiresAt": {"$now_ms": HOUR},
        "scopes": ["user:inference", "user:profile"],
        **fields,
    }
    return {"claudeAiOauth": entry}


SIGNED_IN = {STORE: login()}
WITH_KEY = {"ANTHROPIC_API_KEY": KEY}

Tweak = Callable[[Snapshot], Snapshot]


@dataclass(frozen=True)
class On:
    """A machine, and who asks on it."""

    files: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    fd: dict[str, str] = field(default_factory=dict)
    approved: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    client: str = "claude"
    version: str = NEWEST
    evaluated: bool = False
    #: A lock directory, and how old it is.
    lock: tuple[str, float] | None = None
    #: Path → where the link leads; the file or directory that is there moves to the target.
    links: dict[str, str] = field(default_factory=dict)
    #: Path → seconds from now.
    times: dict[str, float] = field(default_factory=dict)
    binary: dict[str, bytes] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    #: Whether the second look is taken.
    more: bool = False
    #: What no test can lay out: other platforms, users, full disks, running programs.
    tweak: Tweak | None = None


def on_machine(**changes: Any) -> Tweak:
    return lambda snapshot: snapshot._replace(machine=snapshot.machine._replace(**changes))


def surrounded(**changes: Any) -> Tweak:
    """After the second look, with these differences."""

    def tweak(snapshot: Snapshot) -> Snapshot:
        return snapshot._replace(more=(snapshot.more or Surroundings())._replace(**changes))

    return tweak


def settings_of(owner: str) -> Tweak:
    """Every setting of the settings files, as if they belonged to this user."""

    def tweak(snapshot: Snapshot) -> Snapshot:
        settings = {}
        for name, found in snapshot.settings.items():
            files = [(s, s.origin.file) for s in found]
            settings[name] = tuple(
                s if file is None else s._replace(origin=s.origin._replace(file=foreign(file, owner)))
                for s, file in files
            )
        return snapshot._replace(settings=settings)

    return tweak


def foreign(file: FileFacts, owner: str) -> FileFacts:
    return file._replace(owned_by_us=False, owner=owner)


def both(*tweaks: Tweak) -> Tweak:
    def tweak(snapshot: Snapshot) -> Snapshot:
        for one in tweaks:
            snapshot = one(snapshot)
        return snapshot

    return tweak


@dataclass(frozen=True)
class Asked:
    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]


def arranged(machine: On) -> machines.PretendMachine:
    case = situation(
        machine.files,
        env=machine.env,
        raw=machine.raw,
        fd=machine.fd,
        approved=list(machine.approved),
        rejected=list(machine.rejected),
    )
    made = machine_of(case)
    return replace(
        made,
        files={**made.files, **machine.binary},
        links=machine.links,
        times=machine.times,
        gone=machine.gone,
    )


def of_nobody_here(snapshot: Snapshot) -> Snapshot:
    """The machine that the tests run on says nothing about the one that is laid out."""
    told = snapshot.machine._replace(user_id=1000, user="ada", free_bytes=10**11)
    return snapshot._replace(machine=told)


@contextmanager
def looking(machine: On, home: Path) -> Iterator[Callable[[], Snapshot]]:
    """The machine laid out; each call looks at it anew."""
    with machines.laid_out(arranged(machine), home) as laid:
        if machine.lock is not None:
            name, age = machine.lock
            (home / name).mkdir()
            os.utime(home / name, (time.time() - age,) * 2)
        view = laid.context()

        def look() -> Snapshot:
            snapshot = of_nobody_here(observe(view))
            if machine.evaluated:
                snapshot = evaluate(snapshot, view.environ, machine.client, machine.version)
            if machine.more:
                snapshot = observe_more(snapshot, view)
            return snapshot if machine.tweak is None else machine.tweak(snapshot)

        yield look


def ask(machine: On, home: Path) -> Asked:
    with looking(machine, home) as look:
        snapshot = look()
        resolution = resolve(snapshot, machine.client, machine.version)
        return Asked(snapshot, resolution, diagnose(snapshot, resolution))


def ids(machine: On, home: Path) -> list[str]:
    return [finding.id for finding in ask(machine, home).findings]
