"""What this program itself can do about a cause, and the same on the command line."""

from __future__ import annotations

from claude_auth.model import Fix, RemedyAction

#: By the action that the app has for it.
COMMANDS: dict[RemedyAction, str] = {
    "sign-in": "claude-auth login",
    "sign-out": "claude-auth logout",
    "refresh": "claude-auth refresh",
    "run": "claude-auth run",
    "evaluate": "claude-auth status --evaluate",
    "network": "claude-auth diagnose --network",
    "fix": "claude-auth fix",
    "accounts": "claude-auth accounts",
    "probe": "claude-auth probe",
    "diagnose": "claude-auth diagnose",
    "log.open": "claude-auth log",
    "panel.wire": "claude-auth status",
    "set-up": "claude-auth setup",
}


def act(action: RemedyAction, title: str, about: str = "", command: str | None = None) -> Fix:
    """A remedy that is an action. `about`: which command is run, or which fix is applied. `command`: what
    does it without this program, where our command line has no twin of the action on every machine."""
    return Fix(title, command or f"{COMMANDS[action]} {about}".rstrip(), action, about)


def google_sign_in(title: str, option: str = "") -> Fix:
    return act("run", title, "gcp-refresh", f"gcloud auth application-default login{option}")


# ── what several causes advise ───────────────────────────────────────────────────────────────────

SIGN_IN = act("sign-in", "sign in")
SIGN_IN_AGAIN = act("sign-in", "sign in again")
SIGN_IN_WITH_PLAN = act("sign-in", "then sign in with the subscription option")
SIGN_OUT_OF_KEY = act("sign-out", "sign out: that takes the key away")
SEE_WHAT_IS_SET = act("panel.wire", "see what is set, and where")
SEE_HELPER_PRINT = act("evaluate", "run it and see what it prints, masked")
UPDATE = Fix("update Claude Code", "claude update")
RESTART = Fix("start claude anew: a running one keeps what it has read")
USE_CLAUDE = Fix("for the subscription, call Claude Code itself", 'claude -p "your prompt"')
USE_CONSOLE_KEY = Fix(
    "for direct API calls, use an API key of the Console", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'
)
OWN_TOKEN = Fix("or give this place a token of its own", "claude setup-token")
UNSET_KEY = Fix("take the key away in this shell", "unset ANTHROPIC_API_KEY")
UNSET_TOKEN = Fix("take the variable away in this shell", "unset CLAUDE_CODE_OAUTH_TOKEN")
TRY_WITHOUT_TOKEN = Fix("try once without it", "env -u CLAUDE_CODE_OAUTH_TOKEN claude -p ok")
LOOK_FOR_BACKUP = Fix("look for a backup", "ls -t ~/.claude.json.backup* ~/.claude/backups/ 2>/dev/null")
STATUS_PAGE = Fix("look for an incident: https://status.claude.com")
SUPPORT = Fix("ask Anthropic's support, with the request id of the error: https://support.claude.com")
