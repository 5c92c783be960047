"""A made-up machine and a set-up on it: what a person would type for each way, and the steps to its proof."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claude_auth.actions.fixes.action import ApplyFix, UndoFix
from claude_auth.actions.set_up.obstacles import Obstacle
from claude_auth.actions.set_up.paths import PATH_BY_ID
from claude_auth.actions.set_up.session import SetUp
from claude_auth.actions.set_up.survey import SetUpProof
from claude_auth.formats.cloud_files import cache_name
from claude_auth.model import TokenSet
from claude_auth.sandbox import machines
from claude_auth.sandbox.machines import PretendMachine, lay_out, login
from claude_auth.security.secret import Secret
from claude_auth.store.files import FileStore

KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"
YEAR = "sk-ant-oat01-" + "madeUpForTests0Year0" * 4 + "madeUpYear0" + "y34r"
BEDROCK = "ABSK" + "TWFkZVVwRm9yVGVzdHM6" * 4
FOUNDRY = "madeUpFoundryKey" * 4
GATEWAY = "gw-madeUpForTests0Gate0" + "g4t3"
CLIENT_SECRET = "madeUpClientSecret0c113nt"
SECRETS = (KEY, YEAR, BEDROCK, FOUNDRY, GATEWAY, CLIENT_SECRET)

AWS_CONFIG = """[profile dev]
region = us-east-1
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Developer
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = us-east-1
[profile keys]
region = us-east-1
"""
AWS_KEYS = """[keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = madeUpAws0madeUpAws0madeUpAws0madeUpA
"""
ACCOUNT_KEY = {"type": "service_account", "project_id": "my-project-1", "client_email": "a@example.org",
               "private_key": "made up"}  # fmt: skip
FILES: Mapping[str, Any] = {
    ".aws/config": AWS_CONFIG,
    ".aws/credentials": AWS_KEYS,
    "account.json": ACCOUNT_KEY,
}

#: What a person would type, by way and field. `$HOME` is filled in.
TYPED: Mapping[str, Mapping[str, str]] = {
    "subscription": {},
    "console": {},
    "api-key": {"key": KEY},
    "year-token": {"token": YEAR},
    "bedrock-key": {"key": BEDROCK, "region": "us-east-1"},
    "bedrock-profile": {"profile": "keys", "region": "us-east-1"},
    "bedrock-sso": {"profile": "dev", "region": "us-east-1"},
    "vertex-adc": {"project": "my-project-1", "region": "us-east5"},
    "vertex-service-account": {"file": "$HOME/account.json", "project": "my-project-1", "region": "global"},
    "foundry": {"resource": "my-resource", "key": FOUNDRY},
    "gateway": {"url": "https://gateway.example.org", "token": GATEWAY},
    "own-client": {
        "client_id": "my-client",
        "issuer": "https://id.example.org",
        "client_secret": CLIENT_SECRET,
        "scopes": "read write",
        "url": "https://gateway.example.org",
    },
}


class Stage:
    """`environ`: the shell's, beside what every shell has."""

    def __init__(
        self, root: Path, files: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self.home, self.state = root / "home", root / "state"
        self.home.mkdir(parents=True, exist_ok=True)
        own = {"SHELL": "/bin/bash", "XDG_CONFIG_HOME": "$HOME/.config"}
        made = PretendMachine({**FILES, **(files or {})}, environ={**own, **(environ or {})})
        self.laid = lay_out(made, self.home)
        self.begin()

    def begin(self) -> None:
        """As a new process does, which knows what was kept."""
        self.set_up = SetUp(self.laid.context(), str(self.state))

    def choose(self, way: str, place: str | None = None) -> Stage:
        self.set_up.choose(way)
        if place is not None:
            self.set_up.put(next(one for one in PATH_BY_ID[way].places if one == place))
        return self

    def type(self, **values: str) -> dict[str, str]:
        """What was wrong with each."""
        choice = self.set_up.choice
        assert choice is not None
        told = {
            name: self.set_up.give(choice.field(name), Secret(text.replace("$HOME", str(self.home))))
            for name, text in values.items()
        }
        return {name: problem for name, problem in told.items() if problem is not None}

    def clear(self) -> tuple[Obstacle, ...]:
        """Every change that can be made here; what is left."""
        while fixes := [f for one in self.set_up.obstacles() for f in one.fixes if f.applicable]:
            obstacle = next(one for one in self.set_up.obstacles() if fixes[0] in one.fixes)
            action = self.set_up.apply(fixes[0])
            run_through(action)
            assert action.result is not None
            assert action.result.outcome == "applied", action.result
            self.set_up.cleared(obstacle)
            self.set_up.look_again()
        return self.set_up.obstacles()

    def do(self, most: int = 99) -> list[str]:
        """Everything, with a yes to each, or so many of them; the tasks' ids in their order."""
        done: list[str] = []
        while len(done) < most and (tasks := [task for task in self.set_up.tasks() if task.id not in done]):
            task = tasks[0]
            done.append(task.id)
            assert task.problem is None, task
            if task.preview is not None:
                action = self.set_up.apply(task.preview)
                run_through(action)
                assert action.result is not None
                assert action.result.outcome == "applied", action.result
            elif task.kind == "keep-key":
                kinds = [event.kind for event in asyncio.run(_all(self.set_up.keep_key()))]
                assert kinds == ["set-up.key-kept"]
                self.set_up.finished(task)
            else:
                self.by_others(task.kind)
            self.set_up.look_again()
        return done

    def by_others(self, kind: str) -> None:
        """What another program, or the person with a browser, does."""
        way = self.set_up.progress.path
        if kind == "run":
            self._cloud_login(way == "bedrock-sso")
            self.set_up.finished(next(task for task in self.set_up.tasks() if task.kind == "run"))
        elif way == "own-client":
            FileStore.of_sdk(str(self.home)).save(TokenSet(Secret("made-up-access-0123456789abcdef")))
        elif way == "console":
            self.write(".claude.json", {"primaryApiKey": KEY})
        else:
            self.write(".claude/.credentials.json", login(YEAR, YEAR.replace("oat", "ort"), 3600.0))

    def _cloud_login(self, aws: bool) -> None:
        if aws:
            session = {
                "startUrl": "https://corp.awsapps.com/start",
                "accessToken": "made-up",
                "expiresAt": "2099-01-01T00:00:00Z",
                "region": "us-east-1",
            }
            self.write(f".aws/sso/cache/{cache_name('corp')}", session)
            return
        credentials = {
            "type": "authorized_user",
            "client_id": "a",
            "client_secret": "b",
            "refresh_token": "c",
        }
        self.write(".config/gcloud/application_default_credentials.json", credentials)

    def write(self, name: str, content: Any) -> None:
        machines.write(self.home / name, content, home=self.home, now=4e9)

    def prove(self) -> SetUpProof:
        self.set_up.go_to("prove")
        return self.set_up.proof()

    def go(self, way: str, place: str | None = None) -> SetUpProof:
        """From the beginning to the proof."""
        self.choose(way, place)
        assert self.type(**TYPED[way]) == {}
        assert self.set_up.missing() == ()
        self.clear()
        self.do()
        return self.prove()


def run_through(action: ApplyFix | UndoFix) -> None:
    asyncio.run(_all(action.events()))


async def _all(events: Any) -> list[Any]:
    return [event async for event in events]
