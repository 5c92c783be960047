"""What a child process gets of our environment: by an allow-list, and what its purpose needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

#: `sign-in`: Claude Code's own sign-in, sign-out and refresh, which must look at its stored login alone;
#: `claude`: Claude Code as the person would start it; the others: the user's commands of that name.
Purpose = Literal["sign-in", "claude", "aws", "gcp", "api-key-helper", "plain"]


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
_BASIC_PREFIXES = (
    "LC_",
    "XDG_",
    "ASDF_",
    "HOMEBREW_",
    "MISE_",
    "NIX_",
    "NVM_",
    "PNPM_",
    "PYENV_",
    "RBENV_",
    "VOLTA_",
)

#: What moves or reaches Claude Code's stores, and nothing that decides which credential it uses.
_CLAUDE_STORE = _names(
    "CLAUDE_CONFIG_DIR CLAUDE_SECURESTORAGE_CONFIG_DIR CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY "
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE CLAUDE_CODE_TMPDIR CLAUDE_CODE_SHELL DISABLE_AUTOUPDATER "
    "DISABLE_TELEMETRY DISABLE_ERROR_REPORTING CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"
)
_AWS_PREFIXES = ("AWS_", "AMAZON_", "SAML2AWS_", "OKTA_", "GRANTED_", "LEAPP_")
_GOOGLE_PREFIXES = ("GOOGLE_", "GCLOUD_", "CLOUDSDK_", "CLOUD_ML_", "GCE_", "BOTO_CONFIG")

_PREFIXES: Mapping[Purpose, tuple[str, ...]] = {
    "sign-in": (),
    "claude": (
        "ANTHROPIC_",
        "CLAUDE_",
        "VERTEX_REGION_",
        "AZURE_",
        "IDENTITY_",
        "MSI_",
        "DISABLE_",
        "MCP_",
        "OTEL_",
        *_AWS_PREFIXES,
        *_GOOGLE_PREFIXES,
    ),
    "aws": (*_AWS_PREFIXES,),
    "gcp": (*_GOOGLE_PREFIXES,),
    "api-key-helper": (
        "ANTHROPIC_",
        "CLAUDE_",
        "AZURE_",
        "OP_",
        "VAULT_",
        "BW_",
        "DOPPLER_",
        "INFISICAL_",
        "PASSWORD_STORE_",
        *_AWS_PREFIXES,
        *_GOOGLE_PREFIXES,
    ),
    "plain": (),
}
_WITH_ANTHROPIC_SECRETS: frozenset[Purpose] = frozenset({"claude", "api-key-helper"})

_ANTHROPIC_SECRETS = _names(
    "ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_CUSTOM_HEADERS ANTHROPIC_FOUNDRY_API_KEY "
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN ANTHROPIC_AWS_API_KEY CLAUDE_CODE_OAUTH_TOKEN "
    "CLAUDE_CODE_OAUTH_REFRESH_TOKEN"
)
#: Of ours, or of the session that started us: never passed on, whatever the purpose.
_OURS = ("CLAUDE_AUTH_", "CLAUDE_OAUTH_", "TEXTUAL")
_NEVER = _names("CLAUDECODE CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_SSE_PORT PYTHONPATH PYTHONHOME")


def child_environment(
    environ: Mapping[str, str], purpose: Purpose, *, keep: Collection[str] = ()
) -> dict[str, str]:
    """The part of `environ` that a child with this purpose gets. `keep`: more names, say those that the
    command itself names (`variables_named_in`) or that settings files set; never a secret of Anthropic's
    that the purpose has no need of, never a variable of ours."""
    return {
        name: value
        for name, value in environ.items()
        if _is_allowed(name, purpose, keep) and "=" not in name and "\0" not in name + value
    }


def _is_allowed(name: str, purpose: Purpose, keep: Collection[str]) -> bool:
    if not name or name in _NEVER or name.startswith(_OURS):
        return False
    if name in _ANTHROPIC_SECRETS or name.endswith("_FILE_DESCRIPTOR"):
        return purpose in _WITH_ANTHROPIC_SECRETS and not name.endswith("_FILE_DESCRIPTOR")
    if purpose in {"sign-in", "claude"} and name in _CLAUDE_STORE:
        return True
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
