"""What a child process gets of our environment: by an allow-list, and what its purpose needs. And where a
program lies: the one search of PATH."""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from claude_auth.model import Places


#: `sign-in`: Claude Code's own sign-in, sign-out and refresh, which must look at its stored login alone;
#: `claude`: Claude Code as the person would start it; `browser`: a program that shows an address; `aws`,
#: `gcp`, `api-key-helper`: the user's commands for that, and what asks those clouds; `claude-auth`: our own
#: command line as a helper, which needs the user's own OAuth client; `plain`: anything else.
Purpose = Literal["sign-in", "claude", "browser", "aws", "gcp", "api-key-helper", "claude-auth", "plain"]


class ChildEnvironment(dict[str, str]):
    """What `child_environment` allows. A program is started with one of these and nothing else; its `repr`
    shows no value."""

    def __repr__(self) -> str:
        return f"<ChildEnvironment of {len(self)} variables>"


def as_given(environment: Mapping[str, str], **more: str) -> ChildEnvironment | dict[str, str]:
    """A copy to start a program with, still known as an allowed one where it is."""
    kind = ChildEnvironment if isinstance(environment, ChildEnvironment) else dict
    return kind({**environment, **more})


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BASIC = _names(
    "COLORTERM EDITOR FORCE_COLOR HOME HOSTNAME LANG LANGUAGE LOGNAME MAIL NO_COLOR PAGER PATH PWD "
    "SHELL TEMP TERM TERMINFO TERMINFO_DIRS TMP TMPDIR TZ USER USERNAME VISUAL "
    # the desktop, for a browser and for agents
    "BROWSER DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY XAUTHORITY GPG_TTY GPG_AGENT_INFO "
    "SSH_AGENT_PID SSH_ASKPASS SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY STY TMUX TMUX_PANE "
    # Windows Subsystem for Linux, containers
    "WSLENV WSL_DISTRO_NAME WSL_INTEROP CODESPACES REMOTE_CONTAINERS CONTAINER container "
    # dynamic libraries of unusual installations, and where tools live
    "DYLD_FALLBACK_LIBRARY_PATH LD_LIBRARY_PATH VIRTUAL_ENV CONDA_PREFIX JAVA_HOME GOPATH"
)
_NETWORK = _names(
    "ALL_PROXY HTTPS_PROXY HTTP_PROXY NO_PROXY all_proxy https_proxy http_proxy no_proxy CURL_CA_BUNDLE "
    "REQUESTS_CA_BUNDLE SSL_CERT_DIR SSL_CERT_FILE NODE_EXTRA_CA_CERTS NODE_OPTIONS NODE_PATH "
    "NODE_TLS_REJECT_UNAUTHORIZED NODE_USE_SYSTEM_CA"
)
_BASIC_PREFIXES = tuple(_names("LC_ XDG_ ASDF_ HOMEBREW_ MISE_ NIX_ NVM_ PNPM_ PYENV_ RBENV_ VOLTA_"))

#: What moves or reaches Claude Code's stores, and nothing that decides which credential it uses.
_CLAUDE_STORE = _names(
    "CLAUDE_CONFIG_DIR CLAUDE_SECURESTORAGE_CONFIG_DIR CLAUDE_CODE_CERT_STORE CLAUDE_CODE_CLIENT_CERT "
    "CLAUDE_CODE_CLIENT_KEY CLAUDE_CODE_CLIENT_KEY_PASSPHRASE CLAUDE_CODE_TMPDIR CLAUDE_CODE_SHELL "
    "DISABLE_AUTOUPDATER DISABLE_TELEMETRY DISABLE_ERROR_REPORTING CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"
)
_AWS_PREFIXES = ("AWS_", "AMAZON_", "SAML2AWS_", "OKTA_", "GRANTED_", "LEAPP_")
_GOOGLE_PREFIXES = ("GOOGLE_", "GCLOUD_", "CLOUDSDK_", "CLOUD_ML_", "GCE_", "BOTO_CONFIG")

_CLOUD_PREFIXES = (*_AWS_PREFIXES, *_GOOGLE_PREFIXES)
_PREFIXES: Mapping[Purpose, tuple[str, ...]] = {
    "sign-in": (),
    "browser": (),
    "claude": (
        *_names("ANTHROPIC_ CLAUDE_ VERTEX_REGION_ AZURE_ IDENTITY_ MSI_ DISABLE_ MCP_ OTEL_"),
        *_CLOUD_PREFIXES,
    ),
    "aws": _AWS_PREFIXES,
    "gcp": _GOOGLE_PREFIXES,
    "api-key-helper": (
        *_names("ANTHROPIC_ CLAUDE_ AZURE_ OP_ VAULT_ BW_ DOPPLER_ INFISICAL_ PASSWORD_STORE_"),
        *_CLOUD_PREFIXES,
    ),
    "claude-auth": ("ANTHROPIC_", "CLAUDE_"),
    "plain": (),
}
_WITH_ANTHROPIC_SECRETS: frozenset[Purpose] = frozenset({"claude", "api-key-helper", "claude-auth"})

_ANTHROPIC_SECRETS = _names(
    "ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_CUSTOM_HEADERS ANTHROPIC_FOUNDRY_API_KEY "
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN ANTHROPIC_AWS_API_KEY CLAUDE_CODE_OAUTH_TOKEN "
    "CLAUDE_CODE_OAUTH_REFRESH_TOKEN"
)
#: Of ours, or of the session that started us: passed on to our own command line alone.
_OURS = ("CLAUDE_AUTH_", "CLAUDE_OAUTH_", "TEXTUAL")
_NEVER = _names("CLAUDECODE CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_SSE_PORT PYTHONPATH PYTHONHOME")
#: Programs of our own choice, which start others by their mere names. A command of the user's keeps the PATH
#: that Claude Code would give it.
_OUR_CHOICE: frozenset[Purpose] = frozenset({"sign-in", "claude", "browser"})


def child_environment(
    environ: Mapping[str, str],
    purpose: Purpose,
    *,
    keep: Collection[str] = (),
    also: Mapping[str, str] | None = None,
    our_choice: bool = False,
) -> ChildEnvironment:
    """The part of `environ` that a child with this purpose gets: the one place that decides it. `keep`: more
    names, say those that the command itself names (`variables_named_in`) or that settings files set; never a
    secret of Anthropic's that the purpose has no need of, never a variable of ours. `also`: what is set for
    it. `our_choice`: the program is our suggestion, so PATH loses its relative entries whatever the purpose.
    """
    found = ChildEnvironment(
        (name, value)
        for name, value in environ.items()
        if is_allowed(name, purpose, keep) and "\0" not in value
    )
    found.update(also or {})
    if (our_choice or purpose in _OUR_CHOICE) and "PATH" in found:
        # An empty one would name the working directory.
        found["PATH"] = os.pathsep.join(folders(found["PATH"])) or os.devnull
    return found


def at_the_same_places(found: ChildEnvironment, places: Places) -> ChildEnvironment:
    """For a child that works on the stores that were looked at, wherever it starts: a relative directory is
    told from the root, an empty CLAUDE_CONFIG_DIR too, which names the working directory."""
    for name in ("CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR"):
        named = found.get(name)
        if named is not None and not os.path.isabs(named) and (named or name == "CLAUDE_CONFIG_DIR"):
            found[name] = os.path.normpath(os.path.join(places.cwd, named))
    return found


def is_allowed(name: str, purpose: Purpose, keep: Collection[str] = ()) -> bool:
    if "=" in name or "\0" in name:
        return False
    if not name or name in _NEVER or (name.startswith(_OURS) and purpose != "claude-auth"):
        return False
    if name in _ANTHROPIC_SECRETS or name.endswith("_FILE_DESCRIPTOR"):
        return purpose in _WITH_ANTHROPIC_SECRETS and not name.endswith("_FILE_DESCRIPTOR")
    if purpose in {"sign-in", "claude"} and name in _CLAUDE_STORE:
        return True
    if name == "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE":
        return False
    return (
        name in _BASIC
        or name in _NETWORK
        or name in keep
        or name.startswith(_BASIC_PREFIXES)
        or name.startswith(_PREFIXES[purpose])
    )


def variables_named_in(command: str) -> frozenset[str]:
    """The variables that a shell command mentions: `$NAME`, `${NAME…}`."""
    return frozenset(re.findall(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)", command[:20_000]))


MOST_FOLDERS = 500


def folders(path: str | None) -> tuple[str, ...]:
    """The absolute entries of a PATH in their order; the system's own places where it is None. What relative
    and empty entries name depends on the directory one stands in, and a repository's own `xdg-open` or `aws`
    must not start by its mere name."""
    entries = (os.defpath if path is None else path).split(os.pathsep)[:MOST_FOLDERS]
    return tuple(dict.fromkeys(entry for entry in entries if os.path.isabs(entry)))


def which(program: str, path: str | None) -> str | None:
    """The absolute path of `program`, None where it is not there or may not be executed. `path`: the PATH of
    whoever will start it. A program that is given with a directory has to be absolute."""
    if os.path.dirname(program):
        return program if os.path.isabs(program) and is_executable(program) else None
    found = (os.path.join(folder, program) for folder in folders(path) if program)
    return next((path for path in found if is_executable(path)), None)


def is_executable(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def own_program(environ: Mapping[str, str]) -> str:
    """Our own command line, for a command that others run, whatever PATH they have: beside the program or the
    Python that runs now, else where PATH has it; by its name where it is nowhere."""
    beside = os.pathsep.join(map(os.path.dirname, map(os.path.abspath, (sys.argv[0], sys.executable))))
    return which("claude-auth", beside) or which("claude-auth", environ.get("PATH")) or "claude-auth"


def token_command(program: str, store: str, account: str | None = None) -> str:
    """The line for /bin/sh that hands a token or key of ours over; `program`: how we are started."""
    named = f" --account {shlex.quote(account)}" if account else ""
    return f"{shlex.quote(program)} token --store {store}{named}"
