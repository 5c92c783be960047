"""Homes, configuration directories, containers: whether everybody looks in the same place."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "user-variable-missing",
        "error",
        "The variable USER is missing",
        "On macOS Claude Code looks for its Keychain item under the name in USER. Without it, as under "
        "launchd or cron, it finds nothing and says that nobody is signed in.",
        (49,),
    ),
    Entry(
        "login-elsewhere",
        "error",
        "A login lies in another directory",
        "Claude Code looks for its login in one directory only, and there is none. Another directory holds "
        "one: of the default place beside CLAUDE_CONFIG_DIR, of the home directory that the user data base "
        "names, or of the person who typed sudo.",
        (34, 51, 52, 115),
    ),
    Entry(
        "config-dir-not-absolute",
        "warning",
        "CLAUDE_CONFIG_DIR is not a full path",
        "Claude Code takes the value as it is: neither ~ nor a relative path is made into a full one, so "
        "the configuration lands in another place for every directory that claude is started in, and the "
        "login with it.",
        (51,),
    ),
    Entry(
        "config-dir-names-default",
        "warning",
        "CLAUDE_CONFIG_DIR names the default directory, which is not the same as leaving it out",
        "On macOS the name of the Keychain item depends on whether CLAUDE_CONFIG_DIR is set, and on how it "
        "is spelled. Set to the default directory it leads to another item, and the login that was made "
        "without it is not found.",
        (51,),
    ),
    Entry(
        "sudo-with-own-home",
        "warning",
        "claude would run as root in another user's home",
        "This shell runs as root, but HOME is the home of somebody else. Whatever claude writes there then "
        "belongs to root, and the owner can no longer refresh or save it.",
        (54, 115),
    ),
    Entry(
        "container-loses-state",
        "warning",
        "The next rebuild of this container loses a part of the login",
        "The configuration directory lies on a volume of its own, but .claude.json lies beside it on the "
        "container's own disk. After a rebuild the login is there and the state is not: Claude Code starts "
        "its wizard and asks for a sign-in.",
        (53,),
    ),
    Entry(
        "container-keeps-nothing",
        "info",
        "The login ends with this container",
        "Neither the configuration directory nor .claude.json lies on a volume. A new container starts "
        "without a login.",
        (52, 53),
    ),
    Entry(
        "home-differs",
        "info",
        "HOME is not the home directory of this user",
        "Claude Code follows HOME. Programs that ask the user data base, and volumes mounted for the other "
        "path, use another directory.",
        (52,),
    ),
    Entry(
        "browser-elsewhere",
        "info",
        "The browser for the sign-in runs on another machine",
        "The sign-in's page ends at an address of this machine that a browser elsewhere can't reach. Use "
        "the code that the page shows instead: copy it and paste it where claude waits. The page's address "
        "is long; copy it whole.",
        (61, 66, 67),
    ),
)
