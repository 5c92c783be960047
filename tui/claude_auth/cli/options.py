"""Options that several commands have, worded once, and what is wrong with what was given with them."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence

from claude_auth.claude_code.clients import CLIENTS
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.security.secret import Secret

Arguments = argparse.Namespace
STORES = ("claude-code", "sdk", "keyring")
_ALL = tuple(client.id for client in CLIENTS)


def add_flag(parser: argparse.ArgumentParser, name: str, words: str) -> None:
    parser.add_argument(name, action="store_true", help=words)


def add_json(parser: argparse.ArgumentParser, words: str = "one JSON document on standard output") -> None:
    add_flag(parser, "--json", words)


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
    add_flag(parser, "--no-env", "leave this environment out")
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
    add_flag(parser, "--restricted", "without user, project and local settings, as `claude`")
    add_flag(parser, "--bare", "as `claude --bare`: without any login or OAuth token")


def _setting_sources(text: str) -> frozenset[str]:
    """Names with commas between them; of an empty text none."""
    names = frozenset(name.strip() for name in text.split(",")) if text.strip() else frozenset()
    if wrong := names - {"user", "project", "local"}:
        raise argparse.ArgumentTypeError(f"{clean(min(wrong), 40)!r} is none of user, project, local")
    return names


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Consent to what a look alone must not do, and the second one for what is not trusted."""
    add_flag(
        parser,
        "--evaluate",
        "consent to run apiKeyHelper or awsCredentialExport and to read a one-shot descriptor",
    )
    add_flag(
        parser,
        "--evaluate-project",
        "with --evaluate, a second consent: also run what an untrusted folder's settings or another "
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


def context_problem(arguments: Arguments) -> str | None:
    """Why what was given with these options can't be meant; they are looked at before the command begins."""
    given = vars(arguments)
    if (version := given.get("client_version")) is not None:
        from claude_auth.actions.look import is_version

        if not is_version(version):
            return f"{version!r} is not a version such as 2.1.328"
    if given.get("evaluate_project") and not given.get("evaluate"):
        return "--evaluate-project is a second consent: it goes with --evaluate"
    if given.get("account") is not None and (given["store"] or default_store()) == "claude-code":
        return "Claude Code's own store has one account; leave out --account"
    for name in ("home", "cwd", "root"):
        place = given.get(name)
        if place is not None and not os.path.isdir(place):
            below = os.path.join(given.get("root") or os.curdir, place.lstrip("/"))
            found = given.get("root") and name != "root" and os.path.isdir(below)
            return f"--{name} {place!r} is not a directory" + (
                f"; --{name} {below!r} is one" if found else ""
            )
    return _settings_problem(given.get("settings"))


def _settings_problem(given: str | None) -> str | None:
    """A text of JSON may hold a key and is never said again, and neither is any other secret."""
    if not given or os.path.isfile(given):
        return None
    if settings_text(given) is not None:
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


def settings_text(given: str | None) -> Secret | None:
    """As Claude Code tells a text from the name of a file [seen, 2.1.332]."""
    text = (given or "").strip(_BLANKS)
    return Secret(text) if text.startswith("{") and text.endswith("}") else None
