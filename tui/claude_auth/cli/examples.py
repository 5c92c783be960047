"""What each command is used for, as lines to type: for `--help` and the manual page; a test runs them."""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    line: str
    what: str


_EXAMPLES: dict[str, tuple[Example, ...]] = {
    "claude-auth": (
        Example("claude-auth status", "which credential Claude Code sends, and why"),
        Example("claude-auth diagnose", "what is wrong here, and what mends it"),
        Example("claude-auth help login", "how a command is used"),
    ),
    "claude-auth status": (
        Example("claude-auth status", "for a session in the terminal"),
        Example("claude-auth status --client claude-print --json", "for claude -p, for a script"),
        Example("claude-auth status --all --evaluate", "every place; the apiKeyHelper is run and judged"),
    ),
    "claude-auth diagnose": (
        Example("claude-auth diagnose", "look at this machine"),
        Example("claude -p hello 2>&1 | claude-auth diagnose -", "explain what Claude Code said"),
        Example("claude-auth diagnose --error claude.log", "find the errors of a log"),
    ),
    "claude-auth fix": (
        Example("claude-auth fix", "what can be fixed here, and what was"),
        Example("claude-auth fix key-overrides-login", "show the change, ask, make it"),
        Example("claude-auth fix --undo 1", "take the first fix back"),
    ),
    "claude-auth setup": (
        Example("claude-auth setup", "step by step, each change shown before it is made"),
        Example("claude-auth setup --answers answers.json --json", "the same from a file, for a script"),
    ),
    "claude-auth probe": (
        Example("claude-auth probe", "show one live request, ask, send it, explain the answer"),
        Example("claude-auth probe --network", "whether each host is reached; no credential is sent"),
    ),
    "claude-auth report": (
        Example("claude-auth report", "what a colleague needs to see, without secrets"),
        Example("claude-auth report --client claude-print --json", "the same for a program, about claude -p"),
    ),
    "claude-auth login": (
        Example("claude-auth login", "sign in to your Claude account, by Claude Code itself"),
        Example("claude-auth login --store sdk --paste", "with your own OAuth client, over SSH"),
    ),
    "claude-auth logout": (
        Example("claude-auth logout", "sign out of Claude Code, after a question"),
        Example("claude-auth logout --store keyring --yes", "of the login in the keyring, without one"),
    ),
    "claude-auth accounts": (
        Example("claude-auth accounts", "every login of this machine, and who uses it"),
        Example("claude-auth accounts --switch work", "make another account the active one"),
    ),
    "claude-auth refresh": (
        Example("claude-auth refresh", "renew a login that is stale"),
        Example("claude-auth refresh --store sdk --force --json", "renew it now, and tell a script"),
    ),
    "claude-auth token": (
        Example("claude-auth token --store sdk | head -c 12", "the beginning of a live access token"),
    ),
    "claude-auth run": (
        Example("claude-auth run aws-refresh", "show awsAuthRefresh, ask, run it"),
        Example("claude-auth run api-key-helper --yes --seconds 30", "run the helper for at most 30 seconds"),
    ),
    "claude-auth log": (
        Example("claude-auth log --since 2h", "what was done in the last two hours"),
        Example("claude-auth log --level warning --json", "what went wrong, for a program"),
    ),
    "claude-auth config": (
        Example("claude-auth config init", "write the file, with every setting as a comment"),
        Example("claude-auth config check", "what is set, by what, and what is wrong"),
    ),
    "claude-auth help": (Example("claude-auth help diagnose", "how claude-auth diagnose is used"),),
    "claude-auth version": (Example("claude-auth version", "which version this is"),),
    "claude-auth completion": (
        Example(
            "claude-auth completion bash > ~/.local/share/bash-completion/completions/claude-auth", "bash"
        ),
        Example("claude-auth completion zsh > ~/.zfunc/_claude-auth", "zsh, with ~/.zfunc in fpath"),
        Example("claude-auth completion fish > ~/.config/fish/completions/claude-auth.fish", "fish"),
    ),
}


def examples_of(program: str) -> tuple[Example, ...]:
    """`program`: the program's name, with the command's where there is one."""
    return _EXAMPLES.get(program, ())


def examples_text(program: str) -> str:
    """As `--help` shows them; empty where there are none."""
    lines = [f"  {one.line}\n      {one.what}" for one in examples_of(program)]
    return "\n".join(["", "examples:", *lines, ""]) if lines else ""
