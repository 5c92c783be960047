"""What is to be done for a choice, each with its exact change: files edited, a key put into the keyring, a
sign-in, a command. What is done already is left out. Reads files, writes none."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from claude_auth.actions.fixes.plans import FileEdit, Kind, ModeChange, Preview, json_diff
from claude_auth.actions.fixes.shells import Shell, quoted
from claude_auth.actions.set_up.choice import KEY_ACCOUNT, SetUpChoice, settings_path
from claude_auth.actions.set_up.paths import BY_HAND
from claude_auth.files import LARGE_LIMIT, FileRead, read_file
from claude_auth.formats import EditError
from claude_auth.formats.json_edit import add_item, remove_item, set_text
from claude_auth.model import Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.preferences import OAUTH_TABLE, PREFERENCES_NAME
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret, without_locals
from claude_auth.sources.anthropic_api_key import suffix_of
from claude_auth.words import format_path

TaskKind = Literal["change", "keep-key", "sign-in", "run"]
_ANSWERS = "customApiKeyResponses"
#: Each with how it is shown.
Lines = Sequence[tuple[str, str]]
_STARTUP = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


class SetUpTask(NamedTuple):
    """`preview`: of a change. `problem`: why it can't be done here."""

    id: str
    kind: TaskKind
    title: str
    preview: Preview | None = None
    problem: str | None = None


@without_locals
def tasks(snapshot: Snapshot, choice: SetUpChoice, shell: Shell, configuration: str) -> tuple[SetUpTask, ...]:
    """In their order. `configuration`: the file of an own OAuth client."""
    return tuple(_tasks(snapshot, choice, shell, configuration))


def _tasks(snapshot: Snapshot, choice: SetUpChoice, shell: Shell, configuration: str) -> Iterator[SetUpTask]:
    path = choice.path
    if path.sign_in == "own":
        yield from _client_task(choice, configuration, snapshot.places.home)
    if choice.place == "keyring":
        title = f"keep the key in the keyring, account {KEY_ACCOUNT}"
        yield SetUpTask("keep-key", "keep-key", title)
    if path.sign_in is not None and not is_signed_in(snapshot, choice):
        yield SetUpTask("sign-in", "sign-in", _SIGN_INS[path.sign_in])
    if choice.place == "shell":
        yield from _shell_tasks(snapshot, choice, shell)
    if choice.place in {"settings", "shell", "keyring"}:
        yield from _settings_tasks(snapshot, choice)
    if choice.place == "shell" and "ANTHROPIC_API_KEY" in choice.variables:
        yield from _approval(snapshot, choice.variables["ANTHROPIC_API_KEY"])
    if path.run is not None and choice.place not in BY_HAND:
        yield SetUpTask("run", "run", "sign in to the cloud now, with the command that the settings name")


def is_signed_in(snapshot: Snapshot, choice: SetUpChoice) -> bool:
    """Whether the login is there already that the way asks for."""
    login = snapshot.login
    if choice.path.sign_in == "subscription":
        usable = login.tokens is not None and login.unusable is None
        live = login.tokens is not None and login.tokens.expiry(snapshot.observed_at, 0.0) != "expired"
        return login.present_unread or (usable and live)
    if choice.path.sign_in == "console":
        return snapshot.claude_json.primary_api_key is not None
    return snapshot.sdk_tokens.tokens is not None or snapshot.keyring_tokens.present_unread


_SIGN_INS = {
    "subscription": "sign in: Claude Code itself does it, and keeps the login",
    "console": "sign in with a Console account: Claude Code does it, and keeps the key",
    "own": "sign in with your own OAuth client, into a store of ours",
}


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


def _settings_tasks(snapshot: Snapshot, choice: SetUpChoice) -> Iterator[SetUpTask]:
    file, home = settings_path(snapshot), snapshot.places.home
    variables = choice.variables if choice.place != "shell" else {}
    wanted: dict[tuple[str, ...], str] = {("env", name): v.reveal() for name, v in variables.items()}
    wanted |= {(name,): text for name, text in choice.settings.items()}
    if not wanted:
        return
    shown = format_path(file, home)
    public = [text for key, text in wanted.items() if key[-1] not in choice.secret_variables()]
    read = read_file(file, LARGE_LIMIT)
    if read.is_unreadable:
        yield SetUpTask("settings", "change", f"write into {shown}", problem=f"{shown} can't be read")
        return
    try:
        after = _with_texts(read.content, wanted)
    except EditError as error:
        yield SetUpTask("settings", "change", f"write into {shown}", problem=f"{shown}: {error}")
        return
    if after == read.content:
        return
    holds = choice.place == "settings" and any(name in choice.secret_variables() for name in variables)
    if holds:
        yield from _tightened(file, home)
    names = ", ".join(key[-1] for key in wanted)
    edit = FileEdit(file, read.content, after)
    title = f"write {names} into {shown}"
    yield _change("settings", "set-up-settings", title, json_diff(shown, read.content, after, public), edit)


def _with_texts(content: bytes | None, wanted: Mapping[tuple[str, ...], str]) -> bytes:
    if content is None or not content.strip():
        made: dict[str, object] = {}
        for path, text in wanted.items():
            parent = made
            for key in path[:-1]:
                parent = parent.setdefault(key, {})  # type: ignore[assignment]
            parent[path[-1]] = text
        return (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode()
    for path, text in wanted.items():
        content = set_text(content, path, text)
    return content


def _approval(snapshot: Snapshot, key: Secret) -> Iterator[SetUpTask]:
    """Claude Code's own question about the key, answered with yes."""
    path, suffix = snapshot.claude_json.path, suffix_of(key)
    shown = format_path(path, snapshot.places.home)
    if suffix in {one.reveal() for one in snapshot.claude_json.approved}:
        return
    title = f"answer Claude Code's question about this key with yes, in {shown}"
    read = read_file(path, LARGE_LIMIT)
    base = read.content if read.content else b"{}\n"
    try:
        if suffix in {one.reveal() for one in snapshot.claude_json.rejected}:
            base = remove_item(base, (_ANSWERS, "rejected"), suffix)
        after = add_item(base, (_ANSWERS, "approved"), suffix)
    except EditError as error:
        yield SetUpTask("approve", "change", title, problem=f"{shown}: {error}")
        return
    diff = json_diff(shown, read.content, after)
    yield _change("approve", "approve-key", title, diff, FileEdit(path, read.content, after))


# ── a start-up file ──────────────────────────────────────────────────────────────────────────────


def startup_file(home: str, shell: Shell) -> str | None:
    """What a new interactive shell reads; None where none is known for that shell."""
    name = _STARTUP.get(shell)
    return None if name is None else os.path.join(home, name)


def assignment_line(name: str, value: str, shell: Shell) -> str:
    if shell == "powershell":
        return f"$env:{name} = {quoted(value, shell)}"
    word = quoted(value, shell)
    return f"set -gx {name} {word}" if shell == "fish" else f"export {name}={word}"


@without_locals
def startup_value(name: str, home: str, shell: Shell) -> Secret | None:
    """What the last line of ours gives it there, written as `assignment_line` writes it."""
    content = read_file(startup_file(home, shell) or "", LARGE_LIMIT).content or b""
    begins = assignment_line(name, "", shell).removesuffix("''")
    lines = [text for text in content.decode("utf-8", "replace").splitlines() if text.startswith(begins)]
    value = lines[-1].removeprefix(begins).strip("'") if lines else ""
    return Secret(value) if value and assignment_line(name, value, shell) == lines[-1] else None


def _shell_tasks(snapshot: Snapshot, choice: SetUpChoice, shell: Shell) -> Iterator[SetUpTask]:
    home = snapshot.places.home
    file = startup_file(home, shell)
    if file is None:
        title = "write into a start-up file"
        yield SetUpTask("startup", "change", title, problem=f"none is known for {shell}")
        return
    shown = format_path(file, home)
    read = read_file(file, LARGE_LIMIT)
    if read.is_unreadable:
        yield SetUpTask("startup", "change", f"write into {shown}", problem=f"{shown} can't be read")
        return
    present = set((read.content or b"").decode("utf-8", "replace").splitlines())
    wanted = [(n, v, assignment_line(n, v.reveal(), shell)) for n, v in choice.variables.items()]
    added = [(name, value, text) for name, value, text in wanted if text not in present]
    if not added:
        return
    secret = choice.secret_variables()
    if any(name in secret for name, _, _ in added):
        yield from _tightened(file, home)
    lines = [
        (text, assignment_line(name, value.masked if name in secret else clean(value.reveal(), 300), shell))
        for name, value, text in added
    ]
    title = f"write {', '.join(name for name, _, _ in added)} at the end of {shown}"
    yield _appended("set-up-startup", title, file, shown, read, lines)


def _appended(
    kind: Kind, title: str, file: str, shown: str, read: FileRead, lines: Lines, blank: bytes = b""
) -> SetUpTask:
    """At the end of a file that Claude Code does not write. `blank`: between the lines and one before."""
    before = read.content or b""
    gap = b"" if not before else blank if before.endswith(b"\n") else b"\n" + blank
    after = before + gap + "".join(f"{text}\n" for text, _ in lines).encode()
    head = "--- /dev/null" if read.content is None else f"--- {shown}"
    diff = "\n".join([head, f"+++ {shown}", "@@ at its end @@", *(f"+{masked}" for _, masked in lines)])
    edit = FileEdit(file, read.content, after, claudes=False)
    return _change(kind.removeprefix("set-up-"), kind, title, diff, edit)


def _tightened(file: str, home: str) -> Iterator[SetUpTask]:
    """A secret goes into no file that others can read."""
    try:
        status = os.stat(file)
    except OSError:
        return
    mode = stat.S_IMODE(status.st_mode)
    if not mode & 0o077:
        return
    shown = format_path(file, home)
    title = f"make {shown} readable for you alone, since a secret is to stand there"
    change = ModeChange(os.path.realpath(file), mode, mode & 0o700)
    diff = f"{mode:04o} → {mode & 0o700:04o}"
    yield _change("mode", "chmod", title, diff, change)


# ── an OAuth client of one's own ─────────────────────────────────────────────────────────────────


def _client_task(choice: SetUpChoice, path: str, home: str) -> Iterator[SetUpTask]:
    """At the end of the file, as a table of its own."""
    shown = format_path(path, home)
    title = f"write your OAuth client into {shown}"
    if is_configured(choice, path):
        return
    read = read_file(path)
    problem = _file_problem(path, shown, read)
    if problem is not None:
        yield SetUpTask("client", "change", title, problem=problem)
        return
    names = {"client_id": "client_id", "issuer": "issuer", "client_secret": "client_secret"}
    names |= {"scopes": "scopes", "base_url": "url"}
    if choice.text("client_secret"):
        yield from _tightened(path, home)
    lines = [(f"[{OAUTH_TABLE}]", f"[{OAUTH_TABLE}]")]
    for name, text in ((name, choice.text(field)) for name, field in names.items() if choice.text(field)):
        masked = Secret(text).masked if name == "client_secret" else clean(text, 300)
        lines.append((f"{name} = {_toml(name, text)}", f"{name} = {_toml(name, masked)}"))
    yield _appended("set-up-client", title, path, shown, read, lines, blank=b"\n")


def _file_problem(path: str, shown: str, read: FileRead) -> str | None:
    """Why a client can't be added to the file."""
    from claude_auth.oauth.configuration import load_configuration

    if read.content is None:
        return f"{shown} can't be read" if read.is_unreadable else None
    if not path.endswith(PREFERENCES_NAME) or not load_configuration({}, path).is_absent:
        return f"a client stands in {shown} already, or it is damaged: change it by hand"
    return None


def is_configured(choice: SetUpChoice, path: str) -> bool:
    """Whether that very client stands in its file already."""
    from claude_auth.oauth.configuration import load_configuration

    client = load_configuration({}, path).client
    if client is None:
        return False
    wanted = (choice.text("client_id"), choice.text("issuer"), choice.text("url") or None)
    secret = choice.values.get("client_secret")
    return (client.client_id, client.issuer, client.base_url) == wanted and secret in {
        None,
        client.client_secret,
    }


def _toml(name: str, text: str) -> str:
    """Basic strings of TOML are written as JSON writes them."""
    return json.dumps(text.split() if name == "scopes" else text)


def _change(id: str, kind: Kind, title: str, diff: str, change: FileEdit | ModeChange) -> SetUpTask:
    preview = Preview(f"set-up/{id}", kind, None, title, "", diff=diff, change=change)
    return SetUpTask(id, "change", title, preview)


# ── lines to copy instead ────────────────────────────────────────────────────────────────────────


def lines_to_copy(choice: SetUpChoice, shell: Shell) -> tuple[str, ...]:
    """The same by hand. A secret is asked for by the shell, or by the program that keeps it, so that it gets
    into no history; last, since what is pasted behind it would be taken for it."""
    variables, secret = choice.variables, choice.secret_variables()
    found = [
        assignment_line(name, clean(value.reveal(), 600), shell)
        for name, value in variables.items()
        if name not in secret
    ]
    found += [f'"{name}": {json.dumps(text)}' for name, text in choice.settings.items()]
    for name in sorted(secret if choice.place in BY_HAND else secret & set(variables)):
        asks = (f"gh secret set {name}",) if choice.place == "build" else _asked_by_shell(name, shell)
        found += asks
    return tuple(found)


def _asked_by_shell(name: str, shell: Shell) -> tuple[str, ...]:
    if shell == "fish":
        return (f"read -s -gx {name}",)
    if shell == "powershell":
        return (f"$env:{name} = Read-Host -MaskInput",)
    if shell == "zsh":
        return (f"read -rs '{name}?{name}: ' && export {name}",)
    return (f"read -rsp '{name}: ' {name} && export {name}",)
