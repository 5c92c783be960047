"""Everything that a screen may ask for: one typed object, built once in the launcher. Tests put a fake in the
place of a part. What a part needs is imported when it is asked for."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from claude_auth.journal import Journal
from claude_auth.model import Event, Lock, Snapshot
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Configuration, OAuthClient, OpenedStore, TokenStore
    from claude_auth.actions.claude_cli import ClaudeTask, Delegated, SignInChoice
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
    from claude_auth.actions.cloud import CloudLook
    from claude_auth.actions.explain import Explained
    from claude_auth.actions.fixes.action import ApplyFix, Sleep, UndoFix
    from claude_auth.actions.fixes.plans import Preview
    from claude_auth.actions.fixes.records import Done, Records
    from claude_auth.actions.look import EffectiveConfig, HostObserver, MachineAnswers
    from claude_auth.actions.network import NetworkLook, Planned, Probe
    from claude_auth.actions.oauth import OwnRefresh, OwnSignIn, OwnSignOut
    from claude_auth.actions.result import SuspendedRun
    from claude_auth.actions.run_command import Answer, CommandKind, CommandPlan, RunningCommand
    from claude_auth.actions.runs import PastRun, RunOffer
    from claude_auth.actions.set_up.session import SetUp
    from claude_auth.actions.sign_in_address import Opened
    from claude_auth.journal.activity import Activity
    from claude_auth.present.consent import EvaluationRequest
    from claude_auth.present.demo import DemoMenu
    from claude_auth.present.diagnosis import Diagnosis


def _start_detached(command: Sequence[str]) -> bool:
    from claude_auth.actions.terminal import start_detached

    return start_detached(command)


def _run_suspended(program: SuspendedRun) -> str | None:
    from claude_auth.actions.terminal import run_suspended

    return run_suspended(program)


@dataclass(eq=False)
class Services:
    """`client` and `version`: for whom an answer is judged; the dashboard keeps `client` true, and hears what
    the actions tell as `on_event`. `run_suspended` runs a program in the real terminal, with the app off, and
    says what went wrong; `start_detached` starts one beside us. `demo`: all this is a pretend world, where
    origins are found as `reach` says."""

    host: HostObserver
    home: str
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    client: str = "claude"
    version: str | None = None
    journal: Journal = field(default_factory=lambda: Journal(program="claude-auth-tui"))
    on_event: Callable[[Event], None] = lambda event: None
    start_detached: Callable[[Sequence[str]], bool] = _start_detached
    run_suspended: Callable[[SuspendedRun], str | None] = _run_suspended
    demo: DemoMenu | None = None
    reach: Mapping[str, str] = field(default_factory=dict)
    logins: Logins = field(init=False)
    addresses: Addresses = field(init=False)
    refreshing: Refreshing = field(init=False)
    fixing: Fixing = field(init=False)
    asking: Asking = field(init=False)
    commands: Commands = field(init=False)

    def __post_init__(self) -> None:
        self.logins, self.addresses, self.refreshing = Logins(self), Addresses(self), Refreshing(self)
        self.fixing, self.asking, self.commands = Fixing(self), Asking(self), Commands(self)

    def record(self, event: Event) -> None:
        """Into the journal, and among what the dashboard tells."""
        self.journal.write(event)
        self.on_event(event)

    def set_up(self) -> SetUp | None:
        """A set-up that is begun or gone on with; None where it isn't known from where is looked. Blocks."""
        from claude_auth.actions.set_up.session import SetUp

        context = self.host.context
        if context is None:
            return None
        return SetUp(context, self.journal.directory, self.client, self.version, self.host.clock)

    @cached_property
    def activity(self) -> Activity:
        """What happens on this machine, look by look."""
        from claude_auth.journal.activity import Activity

        return Activity(self.journal)

    @cached_property
    def cloud(self) -> CloudLook:
        """Keeps what the clouds have answered."""
        from claude_auth.actions.cloud import CloudLook

        return CloudLook(self.environ, self.version)


@dataclass(slots=True)
class Part:
    """Some of the services, which may use the others."""

    services: Services


class Logins(Part):
    """Stores, accounts, signing in and out."""

    def configuration(self) -> Configuration:
        from claude_auth.actions.accounts import oauth_configuration

        return oauth_configuration(self.services.environ)

    def configuration_path(self) -> str:
        from claude_auth.actions.accounts import oauth_configuration_path

        return oauth_configuration_path(self.services.environ)

    def open_for_sign_in(self, id: str, account: str | None) -> OpenedStore:
        """Blocks: a keyring may take its time."""
        from claude_auth.actions.accounts import open_for_sign_in

        return open_for_sign_in(id, self.services.home, account)

    def open_known(self, id: str, account: str | None) -> OpenedStore:
        """One that a login stands in already; nothing is asked yet."""
        from claude_auth.actions.accounts import open_known

        return open_known(id, self.services.home, account)

    def switch(self, name: str, keep_as: str | None) -> Event:
        """Makes an account the active one. Blocks."""
        from claude_auth.actions.accounts import switch_account

        return switch_account(self.services.home, name, keep_as)[0]

    def oauth_sign_in(self, client: OAuthClient, store: TokenStore) -> OwnSignIn:
        from claude_auth.actions.oauth import OwnSignIn

        return OwnSignIn(client, store, environ=self.services.environ)

    def oauth_sign_out(self, store: TokenStore, *, only_here: bool) -> OwnSignOut:
        from claude_auth.actions.oauth import OwnSignOut

        return OwnSignOut(self.configuration().client, store, only_here=only_here)

    def claude_sign_in(
        self, choice: SignInChoice, cells: tuple[int, int], changed: Callable[[], None]
    ) -> Delegated:
        """`cells`: columns and rows of the terminal that it gets."""
        from claude_auth.actions.claude_cli import SignInTask

        return self._delegated(SignInTask(choice), cells, changed)

    def claude_sign_out(self, cells: tuple[int, int], changed: Callable[[], None]) -> Delegated:
        from claude_auth.actions.claude_cli import SignOutTask

        return self._delegated(SignOutTask(), cells, changed)

    def _delegated(self, task: ClaudeTask, cells: tuple[int, int], changed: Callable[[], None]) -> Delegated:
        from claude_auth.actions.claude_cli import Delegated

        services, (columns, rows) = self.services, cells
        return Delegated(
            task,
            look=services.host.look,
            environ=services.environ,
            columns=columns,
            rows=rows,
            client=services.client,
            version=services.version,
            changed=changed,
        )


class Addresses(Part):
    """The address of a sign-in on its way to a browser."""

    def open(self, url: Secret, snapshot: Snapshot, *, asked: bool) -> Opened:
        from claude_auth.actions.sign_in_address import open_browser

        environ, starter = self.services.environ, self.services.start_detached
        return open_browser(url, snapshot.machine, environ, asked=asked, starter=starter)

    def forward(self, port: int | None, snapshot: Snapshot) -> str | None:
        """What to run on the computer with the browser, so that its answer reaches us."""
        from claude_auth.actions.sign_in_address import forward_command

        return forward_command(self.services.environ, port, snapshot.machine)

    def hide(self, address: str) -> None:
        """What belongs to one attempt never gets into the journal, whatever it looks like."""
        from claude_auth.actions.sign_in_address import hide_address

        hide_address(self.services.journal, address)

    def hide_pasted(self, text: str) -> None:
        from claude_auth.actions.sign_in_address import hide_pasted

        hide_pasted(self.services.journal, text)

    def write(self, url: Secret) -> str:
        """Into a file for the person alone; its path. Raises OSError."""
        from claude_auth.actions.sign_in_address import url_directory, write_url_file

        return write_url_file(url, url_directory(self.services.environ))


class Refreshing(Part):
    """Refreshing a login, and Claude Code's locks in its way."""

    def oauth(self, store: TokenStore, *, force: bool) -> OwnRefresh:
        from claude_auth.actions.oauth import OwnRefresh, refresher_of

        store.sweep()
        return OwnRefresh(store, refresher_of(self.services.logins.configuration()), force=force)

    def claude(self, *, force: bool, allow_request: bool) -> DelegatedRefresh:
        from claude_auth.actions.claude_cli_refresh import DelegatedRefresh

        services = self.services
        return DelegatedRefresh(
            look=services.host.look, environ=services.environ, force=force, allow_request=allow_request
        )

    def locks(self, snapshot: Snapshot) -> tuple[Lock, ...]:
        from claude_auth.actions.look import locks_of

        return locks_of(snapshot)

    def running(self, config_dir: str) -> Collection[int] | None:
        """The processes of Claude Code on that configuration; None where that can't be told."""
        from claude_auth.actions.look import running_claude

        return running_claude(config_dir)


@dataclass(slots=True)
class Fixing(Part):
    """Diagnosing, fixing, taking back, and the report for somebody who helps. All but the actions themselves
    block: they are for a worker's thread."""

    sleep: Sleep = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic

    def look(self, old: Snapshot) -> Snapshot:
        """The machine as it is now, with what was evaluated before and still holds."""
        from claude_auth.actions.look import merge_evaluations

        return merge_evaluations(old, self.services.host.look())

    def diagnose(self, snapshot: Snapshot) -> Diagnosis:
        from claude_auth.actions.fixes.shells import own_program, shell_of
        from claude_auth.present.diagnosis import Diagnosis

        services = self.services
        shell, program = shell_of(services.environ), own_program(services.environ)
        return Diagnosis.of(snapshot, services.client, services.version, shell=shell, program=program)

    @property
    def records(self) -> Records:
        from claude_auth.actions.fixes.records import Records

        return Records(self.services.journal.directory)

    def apply(self, preview: Preview, old: Snapshot) -> ApplyFix:
        from claude_auth.actions.fixes.action import ApplyFix

        return ApplyFix(
            preview,
            look=lambda: self.look(old),
            client=self.services.client,
            version=self.services.version,
            records=self.records,
            running=self.services.refreshing.running,
            clock=self.services.host.clock,
            sleep=self.sleep,
            monotonic=self.monotonic,
        )

    def undo(self, number: int, old: Snapshot) -> UndoFix:
        from claude_auth.actions.fixes.action import UndoFix

        return UndoFix(
            number,
            look=lambda: self.look(old),
            records=self.records,
            running=self.services.refreshing.running,
            clock=self.services.host.clock,
        )

    def applied(self) -> tuple[Done, ...]:
        """What was fixed on this machine, the newest first."""
        return self.records.applied()

    def unreadable(self) -> int:
        """How many notes of earlier fixes can't be read: those can't be taken back from here."""
        return len(self.records.unreadable())

    def report(self, diagnosis: Diagnosis) -> str:
        """As `claude-auth report` makes it: Markdown without secrets and without names."""
        from claude_auth.present.support_report import (
            MOST_LINES,
            handout_document,
            handout_text,
            last_lines,
            versions,
        )

        document = handout_document(
            diagnosis.snapshot,
            diagnosis.resolution,
            diagnosis.findings,
            versions=versions(),
            journal=last_lines(MOST_LINES, self.services.journal.directory),
            checks=diagnosis.checks or (),
        )
        return handout_text(document)

    def save_report(self, text: str) -> str:
        """The path of the file, which nobody else can read. Raises OSError."""
        from claude_auth.journal import export

        lines = text.rstrip("\n").split("\n")
        directory = self.services.journal.directory
        return export(lines, self.services.host.clock(), directory, name="report", ending="md")


class Asking(Part):
    """What an error means, how the network stands, what a live request says, what a helper gives."""

    def explain(self, given: Secret, known: Snapshot) -> Explained:
        """Blocks. `known`: the last look, for what was evaluated then."""
        from claude_auth.actions.explain import explain_here

        return explain_here(given, self.machine(known))

    def machine(self, known: Snapshot) -> MachineAnswers:
        """What the machine says about every cause, as it is now. Blocks."""
        from claude_auth.actions.look import machine_answers

        services = self.services
        return machine_answers(services.fixing.look(known), services.client, services.version)

    def network(self, snapshot: Snapshot, changed: Callable[[], None]) -> NetworkLook:
        """Nothing is asked before its events are iterated."""
        from claude_auth.actions.network import NetworkLook

        return NetworkLook.of(snapshot, self.services.client, self.services.version, changed)

    def plan(self, known: Snapshot, client: str) -> Planned:
        """What a probe would send. With a fresh look; blocks for it."""
        return self.planned(self.services.fixing.look(known), client)

    def evaluate(self, planned: Planned, agreed: bool, stop: threading.Event) -> Planned:
        """Runs what the plan needs, until `stop`: ask before, and twice where it is `agreed`. Blocks."""
        client, host, version = planned.resolution.client, self.services.host, self.services.version
        return self.planned(host.evaluate(planned.snapshot, client, version, agreed, stop), client)

    def planned(self, snapshot: Snapshot, client: str) -> Planned:
        from claude_auth.actions.network import plan_for

        services = self.services
        return plan_for(snapshot, client, services.environ, services.version, ours=services.host.ours())

    def probe(self, planned: Planned) -> Probe:
        from claude_auth.actions.network import Probe

        return Probe(planned, self.services.environ, self.services.reach)

    def evaluation(self, snapshot: Snapshot, client: str) -> tuple[EvaluationRequest, ...]:
        """What an evaluation would run or read for that program."""
        from claude_auth.present.consent import evaluation_requests

        return evaluation_requests(snapshot, client, self.services.version)


class Commands(Part):
    """The commands that settings name and that can be run, and those that were."""

    def config(self, snapshot: Snapshot) -> EffectiveConfig:
        from claude_auth.actions.runs import config_for_commands

        return config_for_commands(snapshot, self.services.client, self.services.version)

    def offers(self, snapshot: Snapshot, kinds: Sequence[CommandKind]) -> tuple[RunOffer, ...]:
        """Blocks: it reads files."""
        from claude_auth.actions.runs import run_offers

        return run_offers(kinds, self.config(snapshot), self.services.environ)

    def command(
        self, proposal: CommandPlan, snapshot: Snapshot, before: Answer | None, columns: int
    ) -> RunningCommand:
        from claude_auth.actions.preferences import load_preferences
        from claude_auth.actions.run_command import RunningCommand

        return RunningCommand(
            proposal,
            self.config(snapshot),
            self.services.environ,
            lambda: self.config(self.services.host.look()),
            before=before,
            columns=columns,
            ask_first=True,
            limit=load_preferences(self.services.environ).number("time_limits.command"),
        )

    def history(self) -> tuple[PastRun, ...]:
        """Blocks. OSError where the journal can't be read."""
        from claude_auth.actions.runs import read_runs

        return read_runs(self.services.journal.directory)
