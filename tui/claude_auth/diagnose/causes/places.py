"""Homes, configuration directories, containers: whether everybody looks in the same place."""

from __future__ import annotations

from shlex import quote

from claude_auth.diagnose.cause import (
    NO_SECOND_LOOK,
    OPEN,
    OWN_TOKEN,
    Answer,
    Cause,
    MachineRule,
    NotChecked,
    RuleMatch,
    act,
)
from claude_auth.diagnose.context import DiagnosisContext, joined, place_of
from claude_auth.model import Fix, Severity


def _user_variable_missing(s: DiagnosisContext) -> Answer:
    """macOS: `USER` is not set, or names somebody else."""
    told, real = s.more.user_variable, s.snapshot.machine.user
    if not s.is_claude_code or told == real or (told and not real):
        return None
    words = "USER is not set" if not told else "USER names another user"
    fix = Fix("set it, in the job's own environment too", 'export USER="$(id -un)"')
    return RuleMatch(f"{words} in the environment of this process", (fix,), "stored-login")


def _login_elsewhere(s: DiagnosisContext) -> Answer:
    """No login where Claude Code looks, and one in another configuration directory, in the home of the user
    data base or of the person behind `sudo`. A note where something else is used.

    Told where no login is found here; a login beside another one is nothing to worry about."""
    here = s.reading("stored-login")
    named = (one.login for one in s.more.directories if not one.is_current)
    usable = (login.origin.path for login in named if login.tokens is not None and login.unusable is None)
    others = tuple(dict.fromkeys((*s.more.other_logins, *(path for path in usable if path))))
    if not others or here.state == "present" or not s.is_claude_code:
        return None
    folder = others[0].rpartition("/")[0]
    config = s.view.assignment("CLAUDE_CONFIG_DIR")
    fixes: tuple[Fix, ...] = ()
    if config is not None and folder == f"{s.snapshot.places.home}/.claude":
        fixes = (Fix("use the default directory", "unset CLAUDE_CONFIG_DIR"),)
    elif folder in {one.path for one in s.more.directories}:
        fixes = (Fix("use that directory", f"export CLAUDE_CONFIG_DIR={quote(folder)}"),)
    elif s.snapshot.machine.home_in_passwd and folder == f"{s.snapshot.machine.home_in_passwd}/.claude":
        fixes = (Fix("use the home of this user", f"export HOME={quote(s.snapshot.machine.home_in_passwd)}"),)
    where = s.snapshot.places.credentials_path
    words = f"{joined(others)}; Claude Code looks at {where}"
    sign_in = act("sign-in", "or sign in here too")
    severity: Severity | None = "info" if s.resolution.usable else None
    return RuleMatch(words, (*fixes, sign_in), "stored-login", severity=severity)


def _config_dir_not_absolute(s: DiagnosisContext) -> Answer:
    """`CLAUDE_CONFIG_DIR` does not begin with a slash, `~` included."""
    found = s.view.assignment("CLAUDE_CONFIG_DIR")
    if found is None or found.value.is_empty or found.value.reveal().startswith("/"):
        return None
    words = f"{place_of(found.origin)}; it leads to {s.snapshot.places.config_dir}"
    home, _, below = found.value.reveal().partition("/")
    meant = f"{s.snapshot.places.home}/{below}" if home == "~" else s.snapshot.places.config_dir
    fix = Fix("write the whole path", f"export CLAUDE_CONFIG_DIR={quote(meant)}")
    return RuleMatch(words, (fix,), "stored-login")


def _config_dir_names_default(s: DiagnosisContext) -> Answer:
    """macOS: `CLAUDE_CONFIG_DIR` is set to `~/.claude`."""
    found = s.view.assignment("CLAUDE_CONFIG_DIR")
    if found is None or found.value.is_empty:
        return None
    if s.snapshot.places.config_dir != f"{s.snapshot.places.home}/.claude":
        return None
    fix = Fix("leave it out, here, in the editor and in jobs alike", "unset CLAUDE_CONFIG_DIR")
    return RuleMatch(place_of(found.origin), (fix,), "stored-login")


def _home_differs(s: DiagnosisContext) -> Answer:
    """In a container `HOME` is not the home of the user data base.

    In a container, where volumes are mounted for one of the two; elsewhere people do it on purpose."""
    entry = s.snapshot.machine.home_in_passwd
    if s.snapshot.machine.container is None:
        return None
    if entry is None:
        return NotChecked("the user data base names no home")
    differ = _homes_differ(s)
    return None if differ is None else differ._replace(certainty=None)


def _homes_differ(s: DiagnosisContext) -> RuleMatch | None:
    entry, home = s.snapshot.machine.home_in_passwd, s.snapshot.places.home
    if entry is None or entry.rstrip("/") == home.rstrip("/"):
        return None
    return RuleMatch(f"HOME is {home}, the user's home is {entry}", certainty="likely")


def _sudo_with_own_home(s: DiagnosisContext) -> Answer:
    """A root shell by way of `sudo` with the home of somebody else."""
    more, machine = s.more, s.snapshot.machine
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
    mounts = s.more.mounts
    if mounts is None:
        return NotChecked("the table of mounts could not be read")
    points = [mounts.get(path) for path in (s.snapshot.places.config_dir, s.snapshot.claude_json.path)]
    config, state = (mount is not None and mount.point != "/" and mount.kind != "tmpfs" for mount in points)
    return config, state


def _container_loses_state(s: DiagnosisContext) -> Answer:
    """In a container the configuration directory is on a volume and `.claude.json` is not. *Second look.*"""
    kept = _lies_on_volume(s)
    if kept is None or isinstance(kept, NotChecked):
        return kept
    config, state = kept
    if not config or state or not s.is_claude_code:
        return None
    places = s.snapshot.places
    words = f"{places.config_dir} is on a volume, {s.snapshot.claude_json.path} is not"
    fix = Fix("keep both together", f"export CLAUDE_CONFIG_DIR={quote(places.config_dir)}")
    return RuleMatch(words, (fix,), "stored-login")


def _container_keeps_nothing(s: DiagnosisContext) -> Answer:
    """In a container neither of the two is on a volume, and the stored login is used. *Second look.*"""
    kept = _lies_on_volume(s)
    if kept is None or isinstance(kept, NotChecked):
        return kept
    if any(kept) or "stored-login" not in s.sent():
        return None
    fix = Fix("mount a volume there, or pass a token in", "claude setup-token")
    words = f"{s.snapshot.places.config_dir} and {s.snapshot.claude_json.path}"
    return RuleMatch(f"{words} lie on the container's own disk", (fix,), "stored-login")


def _browser_elsewhere(s: DiagnosisContext) -> Answer:
    """Over SSH, in a container or in WSL without a display, and a sign-in is what comes next."""
    where, reading = browser_is_elsewhere(s), s.reading("stored-login")
    waits = s.resolution.blocked is not None and s.resolution.blocked.code == "no-credential"
    expired = "stored-login" in s.sent() and reading.expiry == "expired"
    if not isinstance(where, RuleMatch) or not (waits or expired) or not s.is_claude_code:
        return None
    if s.resolution.provider != "first-party":
        return None
    fixes = (
        act("sign-in", "sign in, and paste the code that the page shows"),
        Fix("or make a token where the browser is, and bring it here", "claude setup-token"),
    )
    return RuleMatch(where.evidence, fixes, "stored-login")


def browser_is_elsewhere(s: DiagnosisContext) -> Answer:
    machine = s.snapshot.machine
    where = [
        words
        for words, is_so in (
            ("over SSH", machine.over_ssh),
            (f"in a container ({machine.container})", machine.container is not None),
            ("in WSL", machine.wsl and not machine.display),
        )
        if is_so
    ]
    return RuleMatch(f"this session runs {joined(where)}") if where else OPEN


def _in_container(s: DiagnosisContext) -> Answer:
    kind = s.snapshot.machine.container
    return None if kind is None else RuleMatch(f"this is a container ({kind})", certainty="likely")


def _has_config_dir(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("CLAUDE_CONFIG_DIR")
    if found is None or found.value.is_empty:
        return OPEN if s.snapshot.machine.platform == "darwin" else None
    return RuleMatch(f"CLAUDE_CONFIG_DIR: {place_of(found.origin)}", certainty="likely")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "user-variable-missing",
        "The variable USER is missing",
        "On macOS Claude Code looks for its Keychain item under the name in USER. Without it, as under "
        "launchd or cron, it finds nothing and says that nobody is signed in.",
        (49,),
        rule=MachineRule("error", _user_variable_missing, second_look=True, macos=True),
        beside_text="On macOS the keychain item is looked up by $USER. Under launchd, cron or CI it may be "
        "unset; LOGNAME does not stand in for it.",
        fixes=(Fix("set it in the job's environment", 'export USER="$(id -un)"'),),
        platform="darwin",
    ),
    Cause(
        "login-elsewhere",
        "A login lies in another directory",
        "Claude Code looks for its login in one directory only, and there is none. Another directory holds "
        "one: the default place beside CLAUDE_CONFIG_DIR, one that an alias or a start-up file names, one of "
        "the home directory that the user data base names, or of the person who typed sudo.",
        (34, 51, 52, 115),
        rule=MachineRule("error", _login_elsewhere, second_look=True),
    ),
    Cause(
        "config-dir-not-absolute",
        "CLAUDE_CONFIG_DIR is not a full path",
        "Claude Code takes the value as it is: neither ~ nor a relative path is made into a full one, so "
        "the configuration lands in another place for every directory that claude is started in, and the "
        "login with it.",
        (51,),
        rule=MachineRule("warning", _config_dir_not_absolute),
    ),
    Cause(
        "config-dir-names-default",
        "CLAUDE_CONFIG_DIR names the default directory, which is not the same as leaving it out",
        "On macOS the name of the Keychain item depends on whether CLAUDE_CONFIG_DIR is set, and on how it "
        "is spelled. Set to the default directory it leads to another item, and the login that was made "
        "without it is not found.",
        (51,),
        rule=MachineRule("warning", _config_dir_names_default, macos=True),
    ),
    Cause(
        "sudo-with-own-home",
        "claude would run as root in another user's home",
        "This shell runs as root, but HOME is the home of somebody else. Whatever claude writes there then "
        "belongs to root, and the owner can no longer refresh or save it.",
        (54, 115),
        rule=MachineRule("warning", _sudo_with_own_home, second_look=True),
    ),
    Cause(
        "container-loses-state",
        "The next rebuild of this container loses a part of the login",
        "The configuration directory lies on a volume of its own, but .claude.json lies beside it on the "
        "container's own disk. After a rebuild the login is there and the state is not: Claude Code starts "
        "its wizard and asks for a sign-in.",
        (53,),
        rule=MachineRule("warning", _container_loses_state),
    ),
    Cause(
        "container-keeps-nothing",
        "The login ends with this container",
        "Neither the configuration directory nor .claude.json lies on a volume. A new container starts "
        "without a login.",
        (52, 53),
        rule=MachineRule("info", _container_keeps_nothing),
    ),
    Cause(
        "home-differs",
        "HOME is not the home directory of this user",
        "Claude Code follows HOME. Programs that ask the user data base, and volumes mounted for the other "
        "path, use another directory.",
        (52,),
        rule=MachineRule("info", _home_differs),
    ),
    Cause(
        "browser-elsewhere",
        "The browser for the sign-in runs on another machine",
        "The sign-in's page ends at an address of this machine that a browser elsewhere can't reach. Use "
        "the code that the page shows instead: copy it and paste it where claude waits. The page's address "
        "is long; copy it whole.",
        (61, 66, 67),
        rule=MachineRule("info", _browser_elsewhere),
    ),
    Cause(
        "config-dir-mismatch",
        "Another configuration directory is looked at",
        "CLAUDE_CONFIG_DIR decides where the login lies, and on macOS also the name of the keychain item: "
        "the same directory written otherwise, even the default one, gives another name.",
        (51,),
        fixes=(
            act("panel.wire", "see which one is used here"),
            Fix("use one spelling in the shell, the editor and services, or leave it unset"),
        ),
        here=_has_config_dir,
        also="keychain-duplicates keychain-item-of-old-binary",
        phrases="""
            80: seckeychainsearchcopynext
            80: specified item could not be found in the keychain; also: no-credential user-variable-missing
            85: session expired run claude to log in again; also: expired-claimed-by-tool
        """,
    ),
    Cause(
        "home-mismatch",
        "HOME differs between the host and the container",
        "A volume at the host's home path is not where the container's user looks, so each session starts "
        "without a login.",
        (52,),
        fixes=(Fix("mount the directory at the home of the user inside"), OWN_TOKEN),
        here=_homes_differ,
    ),
    Cause(
        "container-lost-login",
        "A rebuilt container lost a part of the state",
        "~/.claude may lie on a volume while ~/.claude.json beside it does not. Without the second file "
        "Claude Code begins as if for the first time.",
        (53,),
        fixes=(Fix("keep both in the volume", "export CLAUDE_CONFIG_DIR=/path/of/the/volume"), OWN_TOKEN),
        here=_in_container,
    ),
    Cause(
        "another-user",
        "The program runs as another user than the one who signed in",
        "A service, cron job or container has its own user and home, and looks for a login there.",
        (115,),
        fixes=(Fix("sign in as that user", "sudo -iu USER claude auth login"), OWN_TOKEN),
        seen_by="store-unreadable",
    ),
)
