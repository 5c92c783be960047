"""Settings files, helper commands, start-up files, gateways."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "settings-file-ignored",
        "warning",
        "A settings file is ignored because it is damaged",
        "Claude Code drops a settings file as a whole where it can't be parsed or one value has the wrong "
        "type: nothing in it is in effect.",
        (112, 113),
    ),
    Entry(
        "project-settings-override",
        "warning",
        "This project's settings change the credential",
        "A settings file in the working directory sets a credential, a helper command, a provider or the "
        "host. It outranks your own settings and your shell, and whoever writes to the repository decides.",
        (22, 24, 29),
        removes=("project",),
    ),
    Entry(
        "settings-foreign",
        "warning",
        "A settings file that names commands or variables belongs to another user",
        "Whoever owns the file decides what Claude Code runs as you. Nothing of it is run or handed to a "
        "command from here before you have agreed to it twice; claude itself asks nobody.",
    ),
    Entry(
        "settings-override-shell",
        "warning",
        "A settings file overrides this shell",
        "Settings files outrank the shell, without a word about it. What was exported here has no effect on "
        "claude.",
        (29,),
    ),
    Entry(
        "login-sent-to-gateway",
        "warning",
        "Your Claude login is sent to another host",
        "ANTHROPIC_BASE_URL changes where requests go and nothing else: the login's token goes to that host, "
        "whoever runs it. A gateway should get a credential of its own.",
        (88,),
    ),
    Entry(
        "credential-in-clear-text",
        "error",
        "The credential is sent over the network in clear text",
        "The base URL begins with http and names another machine, so that everybody on the way can read the "
        "credential. Use https, or a tunnel to this machine.",
        (88, 90),
    ),
    Entry(
        "base-url-doubles-version",
        "warning",
        "The base URL ends with a path that Claude Code adds itself",
        "Claude Code adds /v1/messages to the base URL. With the same path in the URL requests go to an "
        "address that most gateways do not have, and the answer is a 404.",
        (90,),
        "likely",
    ),
    Entry(
        "command-missing",
        "warning",
        "The program of a configured command can't be started",
        "The settings name a program by its path, and there is none, or it may not be executed. The command "
        "gives nothing, and Claude Code sends an empty credential or none.",
        (39, 102),
    ),
    Entry(
        "helper-slow",
        "info",
        "apiKeyHelper is slow",
        "Claude Code runs the command at its start, after every five minutes and after each 401. Let it "
        "keep the key for a while, or raise CLAUDE_CODE_API_KEY_HELPER_TTL_MS.",
        (40,),
    ),
    Entry(
        "helper-lifetime-ignored",
        "info",
        "CLAUDE_CODE_API_KEY_HELPER_TTL_MS is not a number",
        "It counts milliseconds, as digits alone. Anything else has no effect, and the helper is run every "
        "five minutes.",
        (40,),
        "likely",
    ),
    Entry(
        "managed-helper",
        "info",
        "Your organisation provides the key",
        "The administrator's settings configure apiKeyHelper. Its key is used wherever no other key is set, "
        "and only the administrator can change it.",
        (41,),
    ),
    Entry(
        "key-from-dotenv",
        "info",
        "The credential probably comes from a .env file",
        "Tools such as direnv, docker compose and many SDKs load .env files by themselves, so that a key is "
        "set in one folder or under one tool only.",
        (24,),
        "likely",
    ),
    Entry(
        "set-but-not-loaded",
        "info",
        "A file sets a variable that this process does not have",
        "It is read by shells that start after it was changed, by login shells only, or by tools that load "
        ".env files: another terminal, an editor or a scheduled job sees something else than this one.",
        (24, 84, 87),
        "likely",
    ),
    Entry(
        "profile-not-used",
        "info",
        "A key or token keeps an Anthropic profile from being used",
        "The SDKs look at a profile or workload identity only where no key and no token is set. Even an "
        "empty variable counts as set for them.",
        (114,),
        "likely",
    ),
    Entry(
        "federation-rule-malformed",
        "warning",
        "ANTHROPIC_FEDERATION_RULE_ID is not a rule's id",
        "The id of a federation rule begins with fdrl_. The token endpoint refuses anything else.",
        (114,),
    ),
)
