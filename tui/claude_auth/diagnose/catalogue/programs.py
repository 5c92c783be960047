"""Installed and running programs, and their locks."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

LOCKS: tuple[Entry, ...] = (
    Entry(
        "lock-from-the-future",
        "error",
        "A lock of Claude Code lies in the future",
        "Claude Code takes over an old lock but never one whose time lies ahead of the clock: every call "
        "that needs it fails. This happens after the clock was set back.",
        (10,),
        changes=("remove-lock",),
    ),
    Entry(
        "lock-left-behind",
        "warning",
        "A lock of Claude Code was left behind",
        "The lock has not been touched for over a minute (the one of .claude.json: ten seconds), although a "
        "running client touches it every few seconds. Claude Code waits for it before it goes on with the "
        "old token.",
        (10,),
        changes=("remove-lock",),
    ),
)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "running-environment-differs",
        "info",
        "A running claude has another environment than this shell",
        "A process keeps the variables that it was started with. What is set or unset here later has no "
        "effect on it until it is started again.",
        (4, 22, 84),
    ),
    Entry(
        "many-running-clients",
        "warning",
        "Many running sessions share one login",
        "Each of them renews the same login, and a refresh token works once. Claude Code takes a lock, but "
        "with many sessions of different age one now and then uses an old token, and the server ends the "
        "login for all. Give jobs that run by themselves a token of their own.",
        (10,),
        "likely",
    ),
    Entry(
        "parked-sign-ins",
        "warning",
        "A sign-in waits in the background",
        "A program started the sign-in and nobody sees its page. Each one waits for minutes, and its code "
        "can't be used by another.",
        (75,),
    ),
    Entry(
        "client-outdated",
        "warning",
        "An old Claude Code",
        "Releases as old as this one no longer fit the sign-in server: they ask for scopes that it does not "
        "know or leave out what it demands, and earlier ones sent subscription tokens in a way that the "
        "server refuses.",
        (1, 73, 76),
        "likely",
    ),
    Entry(
        "several-installs",
        "warning",
        "Several claude programs of different versions",
        "Which one starts depends on PATH, so a terminal, an editor and a job may run different ones. An "
        "update reaches one of them.",
        (1, 74),
    ),
    Entry(
        "running-versions-differ",
        "info",
        "Running sessions of different versions share one login",
        "The command line and the extension of an editor that renew one login by different rules can sign "
        "each other out. Bring them to the same version and start them again.",
        (11,),
        "likely",
    ),
    Entry(
        "older-than-cloud-credentials",
        "info",
        "A running claude is older than the cloud credentials",
        "Claude Code keeps the credentials of a cloud provider that it has loaded. It was started before "
        "they were renewed: if it says that they have expired, start it again.",
        (95, 107),
        "likely",
    ),
)
