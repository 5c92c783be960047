"""What goes out in the end: nothing, something that waits, or more than was meant."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

FIRST: tuple[Entry, ...] = (
    Entry(
        "managed-policy",
        "error",
        "Your organisation's settings stop Claude Code",
        "Managed settings belong to the machine's administrator and outrank everything else. What they say "
        "here lets no request go out with the credentials that are set. Remove what they do not allow, or "
        "ask the administrator.",
        (42, 43),
        removes=("source", "helper"),
    ),
    Entry(
        "organisation-mismatch",
        "error",
        "Your organisation's settings demand another organisation",
        "Managed settings name the organisation whose members may use Claude Code on this machine, and the "
        "account of the last sign-in belongs to another one. Sign in with the account of that organisation, "
        "or ask the administrator.",
        (43,),
    ),
    Entry(
        "approval-pending",
        "error",
        "Claude Code waits for you to approve the API key",
        "Interactive Claude Code asks once for each new ANTHROPIC_API_KEY whether it may use it, and sends "
        "nothing until you have answered. The question's preset answer is No. With claude -p the key is "
        "used without asking.",
        (32,),
        changes=("approve-key",),
        removes=("source",),
    ),
    Entry(
        "key-rejected",
        "warning",
        "ANTHROPIC_API_KEY was rejected earlier",
        "Somebody answered No (the preset answer) when Claude Code asked whether to use this key. The answer "
        "is kept in .claude.json and nothing mentions it afterwards: interactive Claude Code ignores the "
        "key. claude -p uses it all the same.",
        (31,),
        changes=("approve-key", "unreject-key"),
        removes=("source",),
    ),
)

THEN: tuple[Entry, ...] = (
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
        (97, 104, 105, 108, 110),
    ),
    Entry(
        "empty-credential-sent",
        "error",
        "An empty credential goes out",
        "The source that comes first gives an empty value, and Claude Code sends it instead of looking "
        "further. The answer will be a 401.",
        (35, 39),
        removes=("source",),
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
        removes=("sent", "helper"),
    ),
    Entry(
        "key-overrides-login",
        "warning",
        "An API key overrides your subscription",
        "You are signed in to Claude, but an API key is used instead of the login. It is billed per token to "
        "the key's organisation, and features that need the login do not work.",
        (20, 23, 25),
        removes=("source",),
    ),
    Entry(
        "token-overrides-login",
        "warning",
        "Another token or helper overrides your login",
        "You are signed in to Claude, but a source that comes first is used instead. Signing in again "
        "changes nothing while it is set.",
        (8, 19, 20, 22, 27),
        removes=("source", "helper"),
    ),
)

LAST: tuple[Entry, ...] = (
    Entry(
        "value-set-but-empty",
        "info",
        "A variable is set but empty",
        "For Claude Code an empty variable counts as unset, but an empty entry in a settings file cancels "
        "the value below it, and other programs send the empty value.",
        (35,),
        removes=("source",),
    ),
    Entry(
        "helper-not-run",
        "info",
        "The command that gives the credential was not run",
        "What it prints decides what is sent. It is run only with your consent.",
        (39,),
    ),
    Entry(
        "helper-run-without-project",
        "info",
        "The command was run without this folder's variables",
        "Settings that are not trusted set variables that Claude Code would hand to the command, and with "
        "them it may print something else. What would be sent is not known.",
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
        "model-outside-plan",
        "info",
        "The chosen model may not be part of the plan",
        "The sign-in works; the model or the size of context that is asked for is not part of every plan. "
        "The server's refusal reads like a fault of the sign-in, but signing in again changes nothing.",
        (82,),
        "likely",
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
