"""Where a command looks and for whom, what it may run there, and our journal, which it writes."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from claude_auth.cli.console import say, talk_about
from claude_auth.cli.options import Arguments, default_store, settings_text
from claude_auth.model import DescriptorReading, Event, Finding, Fix, Resolution, Snapshot
from claude_auth.security.sanitize import clean
from claude_auth.sources.source import withheld_words
from claude_auth.words import distrust_words, origin_words

if TYPE_CHECKING:
    from claude_auth.actions.look import ObservationContext
    from claude_auth.journal import Journal

#: What stood behind the descriptors that this process was started with, by the variable that names each.
Descriptors = Mapping[str, DescriptorReading]
_LONGEST = 600


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def context_of(arguments: Arguments, descriptors: Descriptors) -> ObservationContext:
    """This process's own, with the places that were given."""
    from claude_auth.actions.look import ObservationContext

    given = vars(arguments)
    talk_about(given.get("home"))
    text = settings_text(given.get("settings"))
    return ObservationContext.of_process(
        descriptors,
        home=given.get("home"),
        cwd=given.get("cwd"),
        root=given.get("root"),
        settings_flag=given.get("settings") if text is None else None,
        settings_text=text,
        setting_sources=frozenset() if given.get("restricted") else given.get("setting_sources"),
        bare=bool(given.get("bare")),
        keep_environment=not given.get("no_env"),
    )


def started_with(arguments: Arguments) -> tuple[str, ...] | None:
    """The same options for `claude` itself; None where the text of one may hold a key, which belongs into no
    command line."""
    if settings_text(arguments.settings) is not None:
        return None
    sources = "" if arguments.restricted else arguments.setting_sources
    return (
        *(() if not arguments.settings else ("--settings", os.path.abspath(arguments.settings))),
        *(() if sources is None else ("--setting-sources", ",".join(sorted(sources)))),
        *(("--bare",) if arguments.bare else ()),
    )


def looker(
    arguments: Arguments, descriptors: Descriptors, *, further: bool = False
) -> Callable[[], Snapshot]:
    """A function that looks anew each time. `further`: with what takes longer, what diagnosing, fixing and
    reporting start from."""
    from claude_auth.actions.look import further_look, look_with_keychain

    look = further_look if further else look_with_keychain
    return lambda: look(context_of(arguments, descriptors))


def diagnosed(arguments: Arguments, snapshot: Snapshot) -> tuple[Resolution, tuple[Finding, ...]]:
    """For the client and the version that were asked about; commands name the home that was looked at."""
    from claude_auth.actions import look

    resolution, findings = look.diagnosed(snapshot, arguments.client, arguments.client_version)
    store = default_store()
    told = (one._replace(fixes=at_home(arguments.home, one.fixes, store)) for one in findings)
    return resolution, tuple(told)


def mended(
    arguments: Arguments, snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """With the commands of what this program can change itself."""
    if not findings:
        return findings
    from claude_auth.actions.fixes.offers import client_option, offers, with_ours

    options = f"{home_option(arguments.home)}{client_option(arguments.client)}"
    return with_ours(findings, offers(snapshot, resolution, findings), options)


def at_home(given: str | None, fixes: tuple[Fix, ...], store: str) -> tuple[Fix, ...]:
    """`given`: what `--home` named; the shell that a command is pasted into knows another `~`. Where another
    `store` is meant than Claude Code's, a login of Claude Code is meant by its name."""
    if store != "claude-code":
        fixes = tuple(map(_of_claude_code, fixes))
    if given is None:
        return fixes
    from shlex import quote

    home = f"{quote(os.path.abspath(given))}/"
    commands = [fix.command and re.sub(r"(?<![\w~])~/", lambda _: home, fix.command) for fix in fixes]
    there = [home_option(given) if fix.action in _LOOKS else "" for fix in fixes]
    return tuple(
        fix._replace(command=f"{command}{option}" if command else None)
        for fix, command, option in zip(fixes, commands, there, strict=True)
    )


#: Actions whose commands look at the home that is named.
_LOOKS = frozenset({"panel.wire", "network", "probe", "evaluate", "diagnose"})


def home_option(given: str | None) -> str:
    """`given`: what `--home` named."""
    from shlex import quote

    return "" if given is None else f" --home {quote(os.path.abspath(given))}"


def _of_claude_code(fix: Fix) -> Fix:
    if fix.action in {"sign-in", "sign-out", "refresh"} and not fix.about:
        return fix._replace(command=f"{fix.command} --store claude-code")
    return fix


def belongs_to_us(arguments: Arguments, snapshot: Snapshot) -> bool:
    """Whether what is looked at is the caller's: nothing that somebody else's files say is run or changed.
    What the usual places hold is judged where it is run."""
    if not (arguments.home or arguments.root):
        return True
    files_are_ours = all(not (found.file and found.file.is_foreign) for found in snapshot.settings_files)
    return files_are_ours and context_of(arguments, {}).belongs_to_us()


def evaluated(arguments: Arguments, snapshot: Snapshot, environ: Mapping[str, str]) -> Snapshot | str:
    """As `--evaluate` consents to, or why it can't be. What was not run, or not as Claude Code would, is said
    on standard error."""
    from claude_auth.actions.evaluate import evaluate, evaluation_plan

    if not belongs_to_us(arguments, snapshot):
        return "--evaluate runs what the files name: not with files of another user"
    asked = arguments.client, arguments.client_version
    found = evaluate(snapshot, environ, *asked, agreed=arguments.evaluate_project)
    left_out = [
        f"{setting.name} was not run, {origin_words(setting.origin, snapshot.places.home)}: "
        f"{distrust_words(setting.origin)}."
        for setting in evaluation_plan(found, *asked).refused
    ]
    left_out += [f"{run.setting}: {withheld_words(run)}." for run in found.runs.values() if run.withheld]
    for line in left_out:
        say(line)
    if left_out:
        say("Read it first; --evaluate-project is the consent to that too.")
    return found


def home() -> str:
    from claude_auth.actions.look import ObservationContext

    return ObservationContext.of_process({}).home


# ── our journal ──────────────────────────────────────────────────────────────────────────────────


def our_journal() -> Journal:
    from claude_auth.journal import Journal

    return Journal(on_problem=lambda text: say(f"claude-auth: {clean(text, 300)}"))


def tell(event: Event) -> None:
    """An event in words; the last one of a failure comes with the answer, and is said there."""
    if not event.kind.endswith((".failed", ".unchanged", ".cancelled", ".client-missing")):
        say(clean(event.text, _LONGEST))


async def follow(
    events: AsyncIterator[Event], journal: Journal, seen: Callable[[Event], None] = lambda event: None
) -> None:
    """Every event into the journal, on stderr, and to `seen`."""
    async for event in journal.pass_on(events):
        tell(event)
        seen(event)
