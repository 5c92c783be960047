"""Options that several commands have, worded once; where a command looks; our journal, which it writes."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from claude_auth.claude_code.clients import CLIENTS
from claude_auth.cli.console import say
from claude_auth.model import DescriptorReading, Event, Finding, Fix, Resolution, Snapshot
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.actions.look import ObservationContext
    from claude_auth.journal import Journal

#: What `--account` is refused with, where it names nothing.
ONE_ACCOUNT = "Claude Code's own store has one account; leave out --account"
STORES = ("claude-code", "sdk", "keyring")
PROJECT_ALONE = "--evaluate-project is a second consent: it goes with --evaluate"
_ALL = tuple(client.id for client in CLIENTS)
_LONGEST = 600


# ── options ──────────────────────────────────────────────────────────────────────────────────────


def add_json(parser: argparse.ArgumentParser, words: str = "one JSON document on standard output") -> None:
    parser.add_argument("--json", action="store_true", help=words)


def add_context_options(
    parser: argparse.ArgumentParser, clients: Sequence[str] = _ALL, words: str = ""
) -> None:
    """From where is looked, for whom, and with what Claude Code is started, where that bears on the answer:
    every command that looks has these. `words` says of `--client` what else than the usual holds."""
    parser.add_argument(
        "--client",
        choices=clients,
        default="claude-print" if "claude-print" in words else _preferred_client(clients),
        metavar="ID",
        help=words or f"who asks: {', '.join(clients)} (default: claude, or config.toml's)",
    )
    parser.add_argument(
        "--client-version", metavar="V", help="as which version of Claude Code (default: the installed one)"
    )
    parser.add_argument("--home", metavar="DIR", help="another home directory")
    parser.add_argument("--cwd", metavar="DIR", help="another working directory")
    parser.add_argument(
        "--root", metavar="DIR", help="another root for system-wide files, e.g. a container's"
    )
    parser.add_argument("--no-env", action="store_true", help="leave this environment out")
    parser.add_argument(
        "--settings",
        metavar="FILE|JSON",
        help="a settings file, or a text of JSON, as `claude --settings`; the last one counts",
    )
    parser.add_argument(
        "--setting-sources",
        metavar="LIST",
        type=_setting_sources,
        help="which of user,project,local are read, as `claude --setting-sources`",
    )
    parser.add_argument(
        "--restricted", action="store_true", help="without user, project and local settings, as `claude`"
    )
    parser.add_argument(
        "--bare", action="store_true", help="as `claude --bare`: without any login or OAuth token"
    )


def _setting_sources(text: str) -> frozenset[str]:
    """Names with commas between them; of an empty text none."""
    names = frozenset(name.strip() for name in text.split(",")) if text.strip() else frozenset()
    if wrong := names - {"user", "project", "local"}:
        raise argparse.ArgumentTypeError(f"{clean(min(wrong), 40)!r} is none of user, project, local")
    return names


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Consent to what a look alone must not do, and the second one for what is not trusted."""
    parser.add_argument(
        "--evaluate",
        action="store_true",
        help="consent to run apiKeyHelper or awsCredentialExport and to read a one-shot descriptor",
    )
    parser.add_argument(
        "--evaluate-project",
        action="store_true",
        help="with --evaluate, a second consent: also run what an untrusted folder's settings or another "
        "user's name, and let every command have their variables",
    )


def add_store(parser: argparse.ArgumentParser, words: str = "which login") -> None:
    """With the account in it. What is meant without it says `default_store`."""
    parser.add_argument(
        "--store", choices=STORES, help=f"{words} (default: sdk if an OAuth client is configured)"
    )
    add_account(parser)


def add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", metavar="NAME", help="a further account of the store")


def default_store() -> str:
    from claude_auth.actions import preferences

    return preferences.default_store(os.environ)


def _preferred_client(clients: Sequence[str]) -> str:
    from claude_auth.actions.preferences import load_preferences

    preferred = load_preferences(os.environ).text("client")
    return preferred if preferred in clients else "claude"


def context_problem(arguments: argparse.Namespace) -> str | None:
    """Why what was given with these options can't be meant; they are looked at before the command begins."""
    given = vars(arguments)
    if (version := given.get("client_version")) is not None:
        from claude_auth.actions.look import is_version

        if not is_version(version):
            return f"{version!r} is not a version such as 2.1.328"
    if given.get("evaluate_project") and not given.get("evaluate"):
        return PROJECT_ALONE
    for name in ("home", "cwd", "root"):
        place = given.get(name)
        if place is not None and not os.path.isdir(place):
            return f"--{name} {place!r} is not a directory"
    return _settings_problem(given.get("settings"))


def _settings_problem(given: str | None) -> str | None:
    """A text of JSON may hold a key and is never said again, and neither is any other secret."""
    if not given or os.path.isfile(given):
        return None
    if _settings_text(given) is not None:
        import json

        try:
            json.loads(given.strip(_BLANKS))
        except ValueError:
            return "the --settings JSON is not valid"
        return None
    if given.lstrip().startswith(("{", "[")):
        return "the --settings JSON is no object: it begins with { and ends with }"
    return f"--settings {shown_path(given)!r} is not a file"


#: What JavaScript takes away around a text, a byte order mark too.
_BLANKS = " \t\r\n\ufeff"


def _settings_text(given: str | None) -> Secret | None:
    """As Claude Code tells a text from the name of a file [seen, 2.1.332]."""
    text = (given or "").strip(_BLANKS)
    return Secret(text) if text.startswith("{") and text.endswith("}") else None


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def context_of(
    arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]
) -> ObservationContext:
    """This process's own, with the places that were given."""
    from claude_auth.actions.look import ObservationContext

    given = vars(arguments)
    text = _settings_text(given.get("settings"))
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


def started_with(arguments: argparse.Namespace) -> tuple[str, ...] | None:
    """The same options for `claude` itself; None where the text of one may hold a key, which belongs into no
    command line."""
    if _settings_text(arguments.settings) is not None:
        return None
    sources = "" if arguments.restricted else arguments.setting_sources
    return (
        *(() if not arguments.settings else ("--settings", os.path.abspath(arguments.settings))),
        *(() if sources is None else ("--setting-sources", ",".join(sorted(sources)))),
        *(("--bare",) if arguments.bare else ()),
    )


def looker(
    arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading], *, further: bool = False
) -> Callable[[], Snapshot]:
    """A function that looks anew each time. `further`: with what takes longer, what diagnosing, fixing and
    reporting start from."""
    from claude_auth.actions.look import further_look, look_with_keychain

    look = further_look if further else look_with_keychain
    return lambda: look(context_of(arguments, descriptors))


def diagnosed(arguments: argparse.Namespace, snapshot: Snapshot) -> tuple[Resolution, tuple[Finding, ...]]:
    """For the client and the version that were asked about; commands name the home that was looked at."""
    from claude_auth.actions import look

    resolution, findings = look.diagnosed(snapshot, arguments.client, arguments.client_version)
    store = default_store()
    told = (one._replace(fixes=at_home(arguments.home, one.fixes, store)) for one in findings)
    return resolution, tuple(told)


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


def belongs_to_us(arguments: argparse.Namespace, snapshot: Snapshot) -> bool:
    """Whether what is looked at is the caller's: nothing that somebody else's files say is run or changed.
    What the usual places hold is judged where it is run."""
    if not (arguments.home or arguments.root):
        return True
    files_are_ours = all(not (found.file and found.file.is_foreign) for found in snapshot.settings_files)
    return files_are_ours and context_of(arguments, {}).belongs_to_us()


def evaluated(
    arguments: argparse.Namespace, snapshot: Snapshot, environ: Mapping[str, str]
) -> Snapshot | str:
    """As `--evaluate` consents to, or why it can't be. What was not run, or not as Claude Code would, is said
    on standard error."""
    from claude_auth.actions.look import evaluate, evaluation_plan
    from claude_auth.sources.source import withheld_words
    from claude_auth.words import distrust_words, origin_words

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
