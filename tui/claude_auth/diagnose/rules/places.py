"""Homes, configuration directories, containers: whether everybody looks in the same place."""

from __future__ import annotations

from claude_auth.diagnose.context import DiagnosisContext, joined, place_of
from claude_auth.diagnose.rules.seen import MACOS_ONLY, NO_SECOND_LOOK, Answer, NotChecked, Rule, RuleMatch
from claude_auth.diagnose.rules.stores import quoted
from claude_auth.model import Fix, Severity


def _user_missing(s: DiagnosisContext) -> Answer:
    if s.snapshot.machine.platform != "darwin":
        return MACOS_ONLY
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    told, real = s.snapshot.more.user_variable, s.snapshot.machine.user
    if not s.is_claude_code or told == real or (told and not real):
        return None
    words = "USER is not set" if not told else "USER names another user"
    fix = Fix("set it, in the job's own environment too", 'export USER="$(id -un)"')
    return RuleMatch(f"{words} in the environment of this process", (fix,), "stored-login")


def _login_elsewhere(s: DiagnosisContext) -> Answer:
    """Told where no login is found here; a login beside another one is nothing to worry about."""
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    others, here = s.snapshot.more.other_logins, s.reading("stored-login")
    if not others or here.state == "present" or not s.is_claude_code:
        return None
    folder = others[0].rpartition("/")[0]
    config = s.view.assignment("CLAUDE_CONFIG_DIR")
    fixes: tuple[Fix, ...] = ()
    if config is not None and folder == f"{s.snapshot.places.home}/.claude":
        fixes = (Fix("use the default directory", "unset CLAUDE_CONFIG_DIR"),)
    elif s.snapshot.machine.home_in_passwd and folder == f"{s.snapshot.machine.home_in_passwd}/.claude":
        fixes = (
            Fix("use the home of this user", f"export HOME={quoted(s.snapshot.machine.home_in_passwd)}"),
        )
    where = s.snapshot.places.credentials_path
    words = f"{joined(others)}; Claude Code looks at {where}"
    sign_in = Fix("or sign in here too", "claude auth login")
    severity: Severity | None = "info" if s.resolution.usable else None
    return RuleMatch(words, (*fixes, sign_in), "stored-login", severity=severity)


def _not_absolute(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("CLAUDE_CONFIG_DIR")
    if found is None or found.value.is_empty or found.value.reveal().startswith("/"):
        return None
    words = f"{place_of(found.origin)}; it leads to {s.snapshot.places.config_dir}"
    fix = Fix("write the whole path", 'export CLAUDE_CONFIG_DIR="$HOME/.claude"')
    return RuleMatch(words, (fix,), "stored-login")


def _names_default(s: DiagnosisContext) -> Answer:
    if s.snapshot.machine.platform != "darwin":
        return MACOS_ONLY
    found = s.view.assignment("CLAUDE_CONFIG_DIR")
    if found is None or found.value.is_empty:
        return None
    if s.snapshot.places.config_dir != f"{s.snapshot.places.home}/.claude":
        return None
    fix = Fix("leave it out, here, in the editor and in jobs alike", "unset CLAUDE_CONFIG_DIR")
    return RuleMatch(place_of(found.origin), (fix,), "stored-login")


def _home_differs(s: DiagnosisContext) -> Answer:
    """In a container, where volumes are mounted for one of the two; elsewhere people do it on purpose."""
    entry, home = s.snapshot.machine.home_in_passwd, s.snapshot.places.home
    if s.snapshot.machine.container is None:
        return None
    if entry is None:
        return NotChecked("the user data base names no home")
    if entry.rstrip("/") == home.rstrip("/"):
        return None
    return RuleMatch(f"HOME is {home}, the user's home is {entry}")


def _sudo(s: DiagnosisContext) -> Answer:
    more, machine = s.snapshot.more, s.snapshot.machine
    if more is None:
        return NO_SECOND_LOOK
    if machine.user_id != 0 or more.sudo_user in {None, "root"} or more.home_owner in {None, "root"}:
        return None
    words = f"{s.snapshot.places.home} belongs to {more.home_owner}"
    return RuleMatch(
        words, (Fix("leave the root shell, and start claude as yourself", "exit"),), "stored-login"
    )


# ── containers ───────────────────────────────────────────────────────────────────────────────────


def _lies_on_volume(s: DiagnosisContext) -> tuple[bool, bool] | NotChecked | None:
    """Whether the configuration and the state file outlive the container; None outside of containers."""
    if s.snapshot.machine.container is None:
        return None
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    mounts = s.snapshot.more.mounts
    if mounts is None:
        return NotChecked("the table of mounts could not be read")
    points = [mounts.get(path) for path in (s.snapshot.places.config_dir, s.snapshot.claude_json.path)]
    config, state = (mount is not None and mount.point != "/" and mount.kind != "tmpfs" for mount in points)
    return config, state


def _loses_state(s: DiagnosisContext) -> Answer:
    kept = _lies_on_volume(s)
    if kept is None or isinstance(kept, NotChecked):
        return kept
    config, state = kept
    if not config or state or not s.is_claude_code:
        return None
    places = s.snapshot.places
    words = f"{places.config_dir} is on a volume, {s.snapshot.claude_json.path} is not"
    fix = Fix("keep both together", f"export CLAUDE_CONFIG_DIR={quoted(places.config_dir)}")
    return RuleMatch(words, (fix,), "stored-login")


def _keeps_nothing(s: DiagnosisContext) -> Answer:
    kept = _lies_on_volume(s)
    if kept is None or isinstance(kept, NotChecked):
        return kept
    if any(kept) or "stored-login" not in s.sent():
        return None
    fix = Fix("mount a volume there, or pass a token in", "claude setup-token")
    words = f"{s.snapshot.places.config_dir} and {s.snapshot.claude_json.path}"
    return RuleMatch(f"{words} lie on the container's own disk", (fix,), "stored-login")


def _browser_elsewhere(s: DiagnosisContext) -> Answer:
    """Told where a sign-in is what comes next."""
    machine, reading = s.snapshot.machine, s.reading("stored-login")
    where = [
        words
        for words, is_so in (
            ("over SSH", machine.over_ssh),
            (f"in a container ({machine.container})", machine.container is not None),
            ("in WSL", machine.wsl and not machine.display),
        )
        if is_so
    ]
    waits = s.resolution.blocked is not None and s.resolution.blocked.code == "no-credential"
    expired = "stored-login" in s.sent() and reading.expiry == "expired"
    if not where or not (waits or expired) or not s.is_claude_code or s.resolution.provider != "first-party":
        return None
    fixes = (
        Fix("sign in, and paste the code that the page shows", "claude auth login"),
        Fix("or make a token where the browser is, and bring it here", "claude setup-token"),
    )
    return RuleMatch(f"this session runs {joined(where)}", fixes, "stored-login")


RULES: dict[str, Rule] = {
    "user-variable-missing": _user_missing,
    "login-elsewhere": _login_elsewhere,
    "config-dir-not-absolute": _not_absolute,
    "config-dir-names-default": _names_default,
    "home-differs": _home_differs,
    "sudo-with-own-home": _sudo,
    "container-loses-state": _loses_state,
    "container-keeps-nothing": _keeps_nothing,
    "browser-elsewhere": _browser_elsewhere,
}
