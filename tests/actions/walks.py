"""A person at a pretend machine who does what is advised first, and what must not come of it."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from claude_auth.actions.evaluate import evaluate
from claude_auth.actions.fixes.action import ApplyFix
from claude_auth.actions.fixes.offers import offers
from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.fixes.records import Records
from claude_auth.actions.look import advised, diagnosed
from claude_auth.claude_code.clients import OAUTH_SOURCES
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import PROVIDER_SWITCHES
from claude_auth.diagnose import verdict
from claude_auth.model import Finding, Fix, Resolution, Snapshot, VerdictWord, first_action
from claude_auth.observe import observe, observe_more
from claude_auth.sandbox import machines
from claude_auth.sandbox.machines import LaidOut
from claude_auth.sources import BY_ID
from claude_auth.words.verdict import payer
from tests.diagnose.machines import KEY, On, arranged, login, of_nobody_here

#: Of which shell a new one reads what.
START_UP = {"bash": (".bashrc", ".profile", ".bash_profile"), "zsh": (".zshenv", ".zprofile", ".zshrc")}
MADE_UP = {"ANTHROPIC_API_KEY": KEY, "AWS_REGION": "us-east-1", "CLOUD_ML_REGION": "global"}
ORDER: tuple[VerdictWord, ...] = ("does-not-work", "not-known", "works-not-as-expected", "works")
#: Said where what pays changes.
_PAYING = re.compile(r"billed|per token|pays|subscription|\blogin\b|sign in|signed in", re.IGNORECASE)
_SENT_ON = re.compile(r"gateway|host|ANTHROPIC_BASE_URL|sent", re.IGNORECASE)
_BY_HAND = re.compile(r"take it out if it is not yours: (\S+) at (\S+?):\d+$")


@dataclass
class Person:
    """At one machine; everything is made up, and nothing leaves it."""

    machine: On
    laid: LaidOut
    state: Path
    #: Whether its commands were run for an answer.
    evaluated: bool = False

    def look(self, *, further: bool = True) -> Snapshot:
        view = self.laid.context()
        snapshot = of_nobody_here(observe(view))
        if self.evaluated:
            snapshot = evaluate(
                snapshot, view.environ, self.machine.client, self.machine.version, agreed=True
            )
        if further:
            snapshot = observe_more(snapshot, view)
        return snapshot if self.machine.tweak is None else self.machine.tweak(snapshot)

    def without(self, *names: str) -> None:
        kept = {name: value for name, value in self.laid.environ.items() if name not in names}
        self.laid = replace(self.laid, environ=kept)

    def follow(self, fix: Fix, previews: dict[str, Preview]) -> str | None:
        """Does it; what it was called, None where only the person knows how."""
        named = fix.about if fix.action == "fix" else (fix.command or "").removeprefix("claude-auth fix ")
        preview = previews.get(named)
        if preview is not None and preview.applicable:
            self._apply(preview)
            return f"{preview.title} {preview.explanation}"
        told = fix.title
        if fix.action == "evaluate":
            self.evaluated = True
            return told
        if fix.action == "sign-in":
            return told if self._sign_in(fix.command or "") else None
        command = preview.commands[0] if preview is not None else fix.command
        if command is not None:
            return told if self._run(command) else None
        return told if self._take_out(fix) else None

    # ── what can be done ─────────────────────────────────────────────────────────────────────────

    def _apply(self, preview: Preview) -> None:
        now = [0.0]

        async def sleep(seconds: float) -> None:
            now[0] += seconds

        action = ApplyFix(
            preview,
            look=self.look,
            client=self.machine.client,
            version=self.machine.version,
            records=Records(str(self.state)),
            running=lambda config_dir: (),
            sleep=sleep,
            monotonic=lambda: now[0],
            lock_seconds=0.3,
        )

        async def run() -> None:
            async for _ in action.events():
                pass

        asyncio.run(run())
        assert action.result is not None
        assert (action.result.outcome, action.result.worse) == ("applied", None), (preview.id, action.result)
        if preview.variable is not None:
            self._new_shell(preview.variable)

    def _new_shell(self, name: str) -> None:
        """It has the variable as long as one of its own files sets it."""
        shell = self.laid.environ.get("SHELL", "/bin/zsh").rpartition("/")[2]
        sets = re.compile(rf"^\s*(export\s+)?{re.escape(name)}=", re.MULTILINE)
        texts = (self.laid.home / file for file in START_UP.get(shell, ()))
        if not any(sets.search(path.read_text(encoding="utf-8")) for path in texts if path.is_file()):
            self.without(name)

    def _sign_in(self, command: str) -> bool:
        if "--store" in command:
            return False
        snapshot = self.look(further=False)
        view = EffectiveConfig.of(snapshot, diagnosed(snapshot, "claude")[0])
        forced = {name: view.managed_setting(name) for name in ("forceLoginMethod", "forceLoginOrgUUID")}
        state = Path(snapshot.claude_json.path)
        content = json.loads(state.read_text(encoding="utf-8")) if state.is_file() else {}
        if (organisation := forced["forceLoginOrgUUID"]) is not None:
            content["oauthAccount"] = {"organizationUuid": organisation.value.reveal()}
        if (method := forced["forceLoginMethod"]) is not None and method.value.reveal() == "console":
            content["primaryApiKey"] = KEY.replace("madeUp", "Signed")
        else:
            path = Path(snapshot.places.credentials_path)
            assert not path.is_dir(), "nothing can be saved there: the advice comes too early"
            path.parent.mkdir(parents=True, exist_ok=True)
            machines.write(path, login(), home=self.laid.home, now=snapshot.observed_at)
        state.write_text(json.dumps(content), encoding="utf-8")
        return True

    def _run(self, command: str) -> bool:
        first, *rest = command.split()
        if "&&" in command:
            return all(self._run(one.strip()) for one in command.split("&&"))
        if first == "unset":
            self.without(*rest)
            return True
        if first == "export":
            name = rest[0].partition("=")[0]
            given = " ".join(shlex.split(command.partition("=")[2]))
            home = str(self.laid.home)
            known = given.replace("$HOME", home) if given and "…" not in given else None
            value = known or MADE_UP.get(name, "made-up-by-the-person")
            self.laid = replace(self.laid, environ={**self.laid.environ, name: value})
            return True
        if first == "claude-auth" and rest[:1] == ["login"]:
            return self._sign_in(command)
        if first in {"mv", "chmod"}:
            subprocess.run(["/bin/sh", "-c", command], check=True, cwd=self.laid.cwd)
            return True
        return False

    def _take_out(self, fix: Fix) -> bool:
        name, _, path = fix.about.partition(" ")
        if not name and (found := _BY_HAND.search(fix.title)) is not None:
            name, path = found.groups()
        file = Path(path.replace("~", str(self.laid.home), 1) if path.startswith("~") else path)
        if not name or not path or not file.is_file():
            return False
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".json":
            content = json.loads(text)
            assert content.pop(name, None) or content["env"].pop(name, None) is not None, fix
            file.write_text(json.dumps(content), encoding="utf-8")
            return True
        file.write_text(re.sub(rf"(?m)^(?=.*{re.escape(name)}=)", "# ", text), encoding="utf-8")
        self._new_shell(name)
        return True


@contextmanager
def at_machine(machine: On, root: Path) -> Iterator[Person]:
    home = root / "home"
    home.mkdir(parents=True)
    with machines.laid_out(arranged(machine), home) as laid:
        yield Person(machine, laid, root / "state", machine.evaluated)


# ── one look ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Seen:
    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]
    previews: dict[str, Preview]

    @property
    def word(self) -> VerdictWord:
        return verdict(self.resolution, self.findings).word

    @property
    def first(self) -> Finding | None:
        return next((one for one in self.findings if one.severity != "info"), None)

    @property
    def credentials(self) -> frozenset[str]:
        """Sources that hold one which is not over."""
        return frozenset(
            one.reading.source
            for one in self.resolution.standings
            if one.reading.state == "present"
            and one.reading.expiry != "expired"
            and BY_ID[one.reading.source].variable not in PROVIDER_SWITCHES
            and one.reading.origin.layer != "project"
        )

    @property
    def sent(self) -> frozenset[tuple[str, str]]:
        wire = self.resolution.wire
        headers = () if wire is None else (wire.x_api_key, wire.authorization)
        host = "" if wire is None else wire.host
        return frozenset((one.source, host) for one in headers if one is not None)

    @property
    def host_is_a_projects(self) -> bool:
        found = self.snapshot.variables.get("ANTHROPIC_BASE_URL", ())
        return bool(found) and self.resolution.provider == "gateway" and found[0].layer == "project"

    @property
    def pays(self) -> str | None:
        winner = self.resolution.winner
        if winner is None or self.resolution.usable is False:
            return None
        return payer(self.resolution, winner)

    @property
    def has_plan(self) -> bool:
        """A login is there, be it damaged or over."""
        found = (self.resolution.standing(source).reading for source in OAUTH_SOURCES)
        return any(one.state != "absent" for one in found)


def see(person: Person, face: str) -> Seen:
    """As the dashboard has it, or `claude-auth status`, which takes one look only."""
    machine = person.machine
    if face == "status":
        snapshot = person.look(further=False)
        resolution, plain = diagnosed(snapshot, machine.client, machine.version)
        findings = plain
    else:
        snapshot = person.look()
        resolution, findings = advised(snapshot, machine.client, machine.version)
        plain = diagnosed(snapshot, machine.client, machine.version)[1]
    return Seen(snapshot, resolution, findings, {one.id: one for one in offers(snapshot, resolution, plain)})


def advice(seen: Seen, face: str) -> Fix | None:
    """What the key does, or what stands behind `next`."""
    fixes = () if seen.first is None else seen.first.fixes
    if not fixes:
        return None
    return (first_action(fixes) or fixes[0]) if face == "dashboard" else fixes[0]


# ── what must not be ─────────────────────────────────────────────────────────────────────────────


def faults(before: Seen, after: Seen, words: str) -> Iterator[str]:
    """What a step did that it may not; `words`: all that was said of it."""
    if before.credentials and not after.credentials:
        yield f"the only credential is lost: {sorted(before.credentials)}"
    new = {
        (source, host) for source, host in after.sent - before.sent if after.resolution.provider == "gateway"
    }
    for source, host in sorted(new):
        if source in OAUTH_SOURCES:
            yield f"the login ({source}) is sent to {host}"
        elif after.host_is_a_projects and source in after.credentials:
            yield f"{source} is sent to {host}, which the project names"
        elif not _SENT_ON.search(words):
            yield f"{source} is sent to {host}, which nothing said"
    by_token = (after.pays or "").startswith("per token") and before.pays != after.pays
    if before.has_plan and by_token and "per token" not in words:
        yield "from now on billed per token, which nothing said"
    if before.pays and after.pays and before.pays != after.pays and not _PAYING.search(words):
        yield f"paid by {after.pays} instead of {before.pays}, which nothing said"
    if ORDER.index(after.word) < ORDER.index(before.word):
        yield f"the verdict is {after.word}, and was {before.word}"


def contradicts(seen: Seen) -> str | None:
    """What is advised first is about what the verdict says."""
    because, first = verdict(seen.resolution, seen.findings).because, seen.first
    if seen.resolution.usable is False and (first is None or first.severity != "error"):
        return f"nothing works, and first is told {first and first.id}"
    ids = {because.id if because is not None else None, "project-settings-override"}
    if because is not None and first is not None and first.id not in ids:
        return f"the verdict says {because.id}, first is told {first.id}"
    return None
