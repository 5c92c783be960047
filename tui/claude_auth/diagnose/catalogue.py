"""The texts of every finding: id, severity, title, explanation, and the symptoms that it covers.

`symptoms` are entry numbers of the catalogue of causes. docs/findings.md lists the ids; a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.model import Finding, Severity


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    severity: Severity
    title: str
    explanation: str
    symptoms: tuple[int, ...] = ()


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "managed-policy",
        "error",
        "Your organisation's settings stop Claude Code",
        "Managed settings belong to the machine's administrator and outrank everything else. What they say "
        "here lets no request go out with the credentials that are set. Remove what they do not allow, or "
        "ask the administrator.",
        (42, 43),
    ),
    Entry(
        "approval-pending",
        "error",
        "Claude Code waits for you to approve the API key",
        "Interactive Claude Code asks once for each new ANTHROPIC_API_KEY whether it may use it, and sends "
        "nothing until you have answered. The question's preset answer is No. With claude -p the key is "
        "used without asking.",
        (32,),
    ),
    Entry(
        "key-rejected",
        "warning",
        "ANTHROPIC_API_KEY was rejected earlier",
        "Somebody answered No (the preset answer) when Claude Code asked whether to use this key. The answer "
        "is kept in .claude.json and nothing mentions it afterwards: interactive Claude Code ignores the "
        "key. claude -p uses it all the same.",
        (31,),
    ),
    Entry(
        "store-unusable",
        "error",
        "The stored login can't be used",
        "The file in which Claude Code keeps its login is there, but Claude Code does not count it as signed "
        "in. Nothing is lost by signing in again; keep a copy of a damaged file until that worked.",
        (13, 57, 58, 112, 113),
    ),
    Entry(
        "store-unreadable",
        "error",
        "The stored login can't be read",
        "The look at the file failed, so nothing is known about what it holds. Claude Code fails in the same "
        "way where it runs as the same user.",
        (54, 56, 115),
    ),
    Entry(
        "state-file-damaged",
        "error",
        "Claude Code's state file is damaged",
        "Without .claude.json Claude Code does not know which keys you approved, which folders you trust and "
        "whose account it is. Restore a backup before you let Claude Code reset it.",
        (57, 58),
    ),
    Entry(
        "no-credential",
        "error",
        "No credential: Claude Code can't send anything",
        "Nothing that Claude Code looks for holds a usable value. Sign in, or set an API key.",
        (34,),
    ),
    Entry(
        "not-checked",
        "warning",
        "The answer could not be checked",
        "Something is set that changes which credential is used, and what Claude Code makes of it has not "
        "been observed. A guess could be wrong, so none is given.",
    ),
    Entry(
        "no-cloud-credential",
        "error",
        "The cloud provider is on, but has no credentials",
        "A cloud provider replaces the whole ladder: your login and keys for Anthropic are not used, and the "
        "provider's own credentials are missing or incomplete.",
        (97, 105, 104),
    ),
    Entry(
        "empty-credential-sent",
        "error",
        "An empty credential goes out",
        "The source that comes first gives an empty value, and Claude Code sends it instead of looking "
        "further. The answer will be a 401.",
        (35, 39),
    ),
    Entry(
        "login-expired",
        "error",
        "The sign-in has expired",
        "The access token has expired and it can't be refreshed any more. Sign in again.",
        (4,),
    ),
    Entry(
        "login-deadline",
        "warning",
        "The sign-in ends soon",
        "A sign-in lasts about a month, whatever the access token says. After that nothing can be refreshed "
        "and Claude Code asks you to sign in. Doing it now costs a minute at a moment of your choice.",
        (4, 93),
    ),
    Entry(
        "two-credentials-sent",
        "warning",
        "Two different credentials are sent in one request",
        "Claude Code fills the headers x-api-key and Authorization apart from each other, so two sources can "
        "leave the machine together. Which one the server honours, and bills, is not checked. Keep one.",
        (28,),
    ),
    Entry(
        "key-overrides-login",
        "warning",
        "An API key overrides your subscription",
        "You are signed in to Claude, but an API key is used instead of the login. It is billed per token to "
        "the key's organisation, and features that need the login do not work.",
        (23, 25),
    ),
    Entry(
        "token-overrides-login",
        "warning",
        "Another token or helper overrides your login",
        "You are signed in to Claude, but a source that comes first is used instead. Signing in again "
        "changes nothing while it is set.",
        (8, 22, 27),
    ),
    Entry(
        "wrong-kind",
        "warning",
        "A credential of the wrong kind",
        "The prefix of the value says that it is another kind of credential than its place is for. Claude "
        "Code sends it as it is, and the server refuses it: an OAuth token as a plain Bearer or as a key "
        "gives 401 'OAuth authentication is currently not supported.' or 'invalid x-api-key'.",
        (1, 33, 89),
    ),
    Entry(
        "bearer-twice",
        "warning",
        "The word Bearer is part of the token",
        "Claude Code writes the word Bearer itself. With 'Bearer' in the variable it goes out twice.",
        (8,),
    ),
    Entry(
        "quotes-in-value",
        "warning",
        "Quotes are part of the value",
        "The value begins and ends with a quotation mark, which is sent as part of it. Files read by docker "
        "--env-file and by systemd keep quotes as they are.",
        (37,),
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
        "lock-from-the-future",
        "error",
        "A lock of Claude Code lies in the future",
        "Claude Code takes over an old lock but never one whose time lies ahead of the clock: every call "
        "that needs it fails. This happens after the clock was set back.",
        (10,),
    ),
    Entry(
        "lock-left-behind",
        "warning",
        "A lock of Claude Code was left behind",
        "The lock has not been touched for over a minute, although a running client touches it every few "
        "seconds. Claude Code waits for it before it goes on with the old token.",
        (10,),
    ),
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
    ),
    Entry(
        "key-sent-to-aws",
        "warning",
        "Your Anthropic key is sent to AWS",
        "Up to version 2.1.206 Claude Code sends ANTHROPIC_API_KEY along to Bedrock. Update, or unset "
        "the key.",
    ),
    Entry(
        "aws-profile-before-keys",
        "warning",
        "Bedrock uses the AWS profile, not the keys in the environment",
        "Claude Code looks at AWS_PROFILE before AWS_ACCESS_KEY_ID; the aws command looks the other way "
        "round. So `aws sts get-caller-identity` can name another identity than the one that is used.",
        (96,),
    ),
    Entry(
        "store-readable-by-others",
        "warning",
        "Other users of this machine can read your login",
        "The file holds the tokens of your account and should be readable by you alone.",
        (54,),
    ),
    Entry(
        "value-set-but-empty",
        "info",
        "A variable is set but empty",
        "For Claude Code an empty variable counts as unset, but an empty entry in a settings file cancels "
        "the value below it, and other programs send the empty value.",
        (35,),
    ),
    Entry(
        "helper-not-run",
        "info",
        "The command that gives the credential was not run",
        "What it prints decides what is sent. It is run only with your consent.",
        (39,),
    ),
    Entry(
        "folder-not-trusted",
        "info",
        "This folder is not trusted yet",
        "Interactive Claude Code asks before it uses a project's settings; what stands here is what it would "
        "send after you said yes. claude -p uses them without asking.",
    ),
    Entry(
        "provider-replaces-ladder",
        "info",
        "A cloud provider replaces your Anthropic credentials",
        "While the provider is on, your login, tokens and keys for Anthropic are not used.",
    ),
    Entry(
        "login-idle",
        "info",
        "The login is idle, not signed out",
        "The access token is stale, which is normal after a pause of some hours. Claude Code refreshes it "
        "before the next request. There is nothing to do.",
        (14,),
    ),
    Entry(
        "version-not-observed",
        "info",
        "This version of Claude Code was not observed",
        "What is shown follows the rules of the nearest version that was observed.",
        (73,),
    ),
)

BY_ID: dict[str, Entry] = {entry.id: entry for entry in ENTRIES}

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_PLACES: dict[str, int] = {entry.id: place for place, entry in enumerate(ENTRIES)}


def rank(finding: Finding) -> tuple[int, int]:
    """Findings are ranked by severity, and within it by their place in the table."""
    return _SEVERITIES.index(finding.severity), _PLACES[finding.id]
