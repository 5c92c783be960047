"""Parts B and C: API keys that come first or are broken, helper commands and the organisation's policy."""

from __future__ import annotations

from claude_auth.diagnose.texts.knowledge import Cause, Fix, Phrase

_UNSET_KEY = Fix("take the key away in this shell", "unset ANTHROPIC_API_KEY")
_STATUS = Fix("see what is set, and where", "claude-auth status")
_SIGN_IN = Fix("sign in", "claude auth login")
_PLAN_LOGIN = Fix(
    "sign out, then sign in with the subscription option", "claude auth logout && claude auth login"
)

CAUSES: tuple[Cause, ...] = (
    Cause(
        "key-overrides-login",
        (23, 25),
        "An API key is billed instead of the subscription",
        "ANTHROPIC_API_KEY fills the header x-api-key and switches the login off. With `claude -p` it is "
        "used without a question; interactively once it was approved. Nothing warns about it, but the header "
        "of Claude Code says API Usage Billing.",
        (_UNSET_KEY, _STATUS),
        findings=("key-overrides-login",),
    ),
    Cause(
        "key-from-dotenv",
        (24,),
        "The key comes from a file that a tool loads by itself",
        "Many tools read .env, .envrc or a unit's EnvironmentFile on their own, so a key appears in one "
        "project or under one program only.",
        (Fix("look for the file here and above", "grep -ln ANTHROPIC_ .env* ../.env* .envrc 2>/dev/null"),),
        "not checkable here",
    ),
    Cause(
        "credit-balance-too-low",
        (25,),
        "An API key without credit is used instead of the plan",
        "A credit balance belongs to API keys; a Pro or Max plan has none. So a key is being sent: from the "
        "environment, from settings, or one that a Console login left behind.",
        (_UNSET_KEY, _PLAN_LOGIN, Fix("or add credit: https://platform.claude.com/settings/billing")),
        findings=("key-overrides-login",),
    ),
    Cause(
        "key-of-another-organisation",
        (26,),
        "The key belongs to another organisation or has a limit",
        "Where the Console shows credit, compare organisation and workspace: keys draw on their own ones, "
        "and a workspace may have a spending limit.",
        (Fix("compare the key with the Console's list: https://platform.claude.com/settings/keys"),),
        "not checkable here",
    ),
    Cause(
        "two-credentials-sent",
        (28,),
        "Two sources of credentials are set at once",
        "Claude Code decides the header x-api-key and the header Authorization apart from each other. Keep "
        "the one that you mean and take the other away.",
        (
            Fix("to keep the login: take the key away", "unset ANTHROPIC_API_KEY"),
            Fix("to keep the key: sign out", "claude auth logout"),
        ),
        "seen",
        findings=("two-credentials-sent", "key-overrides-login", "token-overrides-login"),
    ),
    Cause(
        "settings-override-shell",
        (29,),
        "A settings file overrides the shell",
        "The `env` block of a settings file beats exported variables: managed, then local, project and user "
        "settings. A value there is taken although the shell says otherwise, and `~` or `$HOME` in it is not "
        "expanded.",
        (
            Fix(
                "look for the value in the settings files",
                "grep -n ANTHROPIC_ ~/.claude/settings.json .claude/settings*.json",
            ),
        ),
        findings=("project-settings-override",),
    ),
    Cause(
        "managed-key-lingers",
        (30,),
        "A key of an earlier Console login is still stored",
        "Signing in with the Console option stores an API key: primaryApiKey in .claude.json, on macOS in "
        "the Keychain. It is used where no login is, and then billed per token.",
        (_PLAN_LOGIN,),
    ),
    Cause(
        "key-rejected",
        (31,),
        "The key was rejected earlier, perhaps by accident",
        "On its first start with a key Claude Code asks whether to use it, and the preset answer is No. The "
        "answer is kept in .claude.json, by the key's last 20 characters; from then on interactive sessions "
        "ignore the key.",
        (
            Fix(
                "with claude closed, take those characters out of customApiKeyResponses.rejected",
                "${EDITOR:-vi} ~/.claude.json",
            ),
            Fix("claude -p uses the key all the same", "claude -p ok"),
        ),
        findings=("key-rejected",),
    ),
    Cause(
        "approval-pending",
        (32,),
        "Claude Code waits for an answer about the key",
        "The question whether to use a new key from the environment stops programs that start Claude Code by "
        "themselves. ANTHROPIC_AUTH_TOKEN, a helper and `claude -p` are not asked about.",
        (
            Fix("answer the question once", "claude"),
            Fix("or add the key's last 20 characters to customApiKeyResponses.approved in ~/.claude.json"),
        ),
        findings=("approval-pending",),
    ),
    Cause(
        "external-key-invalid",
        (33,),
        "The API key is wrong or was deleted",
        "The key that was sent as x-api-key is not known to the server. External means that it came from "
        "outside: the environment, a settings file or a helper, not from a sign-in.",
        (
            _STATUS,
            Fix("make a new key: https://platform.claude.com/settings/keys"),
            Fix("or use the login instead", "unset ANTHROPIC_API_KEY"),
        ),
    ),
    Cause(
        "no-credential",
        (34,),
        "No credential was found",
        "None of the places held a usable value: the sign-in was never stored, another configuration "
        "directory or home is looked at, or a Keychain could not be read.",
        (_SIGN_IN, Fix("or set a key", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'), _STATUS),
        findings=("no-credential", "store-unusable", "store-unreadable"),
    ),
    Cause(
        "empty-credential",
        (35,),
        "A variable is set, but empty",
        "The header went out as `Bearer` with nothing after it. For an SDK an empty variable is a value; "
        "Claude Code takes it for unset.",
        (
            _UNSET_KEY,
            Fix("and the token variable", "unset ANTHROPIC_AUTH_TOKEN"),
        ),
        findings=("value-set-but-empty", "empty-credential-sent"),
    ),
    Cause(
        "key-with-stray-characters",
        (36,),
        "A line break or another stray character in the key",
        "A header can't carry line breaks, control characters or characters outside plain ASCII, so the "
        "request fails before it is sent and often looks like a broken connection. Such characters come from "
        "files with a line end, from Windows and from copying out of documents. The error may show the whole "
        "key: do not post it.",
        (Fix("read the key without line ends", "export ANTHROPIC_API_KEY=\"$(tr -d '\\r\\n ' < keyfile)\""),),
    ),
    Cause(
        "key-with-quotes",
        (37,),
        "Quotation marks are part of the key",
        "`docker --env-file`, lists in compose files and systemd keep quotation marks as part of the value.",
        (Fix("write the value without quotation marks: NAME=value"),),
        findings=("quotes-in-value",),
    ),
    Cause(
        "onboarding-unfinished",
        (38,),
        "The first-start wizard was never finished",
        "Interactive Claude Code shows the choice of a sign-in until .claude.json says that the first start "
        "is done, whatever credential is set.",
        (
            Fix("answer once without the screen", "claude -p ok"),
            Fix('then set "hasCompletedOnboarding": true in ~/.claude.json, or go through the wizard once'),
        ),
    ),
    Cause(
        "helper-fails",
        (39,),
        "apiKeyHelper gives no usable key",
        "The command ended with an error or printed nothing, several lines or characters that can't be sent. "
        "It must print the key alone on standard output; messages belong on standard error.",
        (
            Fix("run it and see what it prints, masked", "claude-auth status --evaluate"),
            Fix("use an absolute path, make it executable, sign in to the vault that it asks"),
        ),
        findings=("helper-not-run", "empty-credential-sent"),
    ),
    Cause(
        "helper-too-slow",
        (40,),
        "apiKeyHelper is slow or is run too often",
        "It runs at the start, every five minutes and after a 401. The time between is set in milliseconds "
        "in CLAUDE_CODE_API_KEY_HELPER_TTL_MS.",
        (
            Fix("keep the answer for longer", "export CLAUDE_CODE_API_KEY_HELPER_TTL_MS=3600000"),
            Fix("or keep it inside the helper"),
        ),
    ),
    Cause(
        "managed-helper",
        (41,),
        "Your organisation configures apiKeyHelper",
        "The managed settings of this machine name a helper, so a key is sent that is in no variable of "
        "yours.",
        (
            Fix("look at the managed settings", "cat /etc/claude-code/managed-settings.json"),
            Fix("ask the administrator of this machine"),
        ),
    ),
    Cause(
        "login-method-forced",
        (42,),
        "Your organisation demands a sign-in",
        "Managed settings contain forceLoginMethod: an API key, an auth token or a helper stops Claude Code "
        "before any request, even beside a stored login.",
        (_UNSET_KEY, Fix("and the token", "unset ANTHROPIC_AUTH_TOKEN"), _SIGN_IN),
        "seen",
        findings=("managed-policy",),
    ),
    Cause(
        "organisation-forced",
        (43,),
        "Your organisation demands another organisation's sign-in",
        "Managed settings contain forceLoginOrgUUID: the login must belong to that organisation, and a token "
        "that can't be checked is refused.",
        (
            Fix("sign in as a member of that organisation", "claude auth login"),
            Fix("ask the administrator which organisation is meant"),
        ),
        "seen",
        findings=("managed-policy",),
    ),
)

_EXTERNAL = (
    "external-key-invalid",
    "oauth-token-in-api-key",
    "key-with-quotes",
    "key-with-stray-characters",
    "managed-helper",
    "helper-fails",
)
_NOT_LOGGED_IN = (
    "no-credential",
    "key-rejected",
    "onboarding-unfinished",
    "login-not-saved",
    "keychain-locked",
    "user-variable-missing",
    "background-session",
    "config-dir-mismatch",
    "home-mismatch",
    "container-lost-login",
    "files-of-another-owner",
    "settings-read-only",
    "another-user",
)
_STRAY_HIDES = ("external-key-invalid", "oauth-token-in-api-key", "managed-helper", "stored-login-rejected")
_CONFLICT = ("two-credentials-sent", "managed-key-lingers", "managed-helper")

PHRASES: tuple[Phrase, ...] = (
    Phrase(
        "api usage billing",
        ("key-overrides-login", "subscription-not-recognised", "key-from-dotenv", "managed-key-lingers"),
        60,
    ),
    Phrase(
        "credit balance is too low",
        ("credit-balance-too-low", "managed-key-lingers", "key-from-dotenv", "key-of-another-organisation"),
        85,
    ),
    Phrase(
        "credit balance too low",
        ("credit-balance-too-low", "managed-key-lingers", "key-from-dotenv", "key-of-another-organisation"),
        85,
    ),
    Phrase("auth conflict … both a token", _CONFLICT, 90, gap=12),
    Phrase("auth conflict", _CONFLICT, 70, "ours"),
    Phrase("both a token … and an api key … are set", _CONFLICT, 88, gap=60),
    Phrase("auth conflict using … instead of … key", _CONFLICT, 85, gap=60),
    Phrase("apikeyhelper are set", ("two-credentials-sent", "managed-helper"), 80, near=("bothatoken",)),
    Phrase("login managed key", ("managed-key-lingers", "two-credentials-sent"), 60),
    Phrase("not logged in … please run login", _NOT_LOGGED_IN, 80, gap=12),
    Phrase("not logged in", _NOT_LOGGED_IN, 50, "ours", unless=("notloggedinto",), alone=10),
    Phrase("loggedin false", _NOT_LOGGED_IN, 70, near=("authmethod", "apiprovider", "authstatus"), alone=10),
    Phrase("loggedin false", _NOT_LOGGED_IN, 55, "ours", alone=10),
    Phrase("authmethod none", ("login-not-saved", "no-credential"), 55, alone=20),
    Phrase(
        "invalid api key … please run login",
        (
            "key-rejected",
            "base-url-without-token",
            "embedded-without-key",
            "foundry-settings",
            "no-credential",
        ),
        80,
        gap=12,
    ),
    Phrase("detected a custom api key in your environment", ("approval-pending", "key-rejected"), 85),
    Phrase("do you want to use this api key", ("approval-pending", "key-rejected"), 80),
    Phrase("fix external api key", _EXTERNAL, 80),
    Phrase(
        "fix external auth token",
        ("token-overrides-login", "token-of-another-provider", "key-with-stray-characters"),
        80,
    ),
    Phrase("invalid x-api-key", _EXTERNAL, 80, unless=("invalidxapikeyheadervalue",), window=30),
    Phrase(
        "missing api key … run login", ("no-credential", "keychain-locked", "login-not-saved"), 85, gap=12
    ),
    Phrase("missing api key", ("no-credential",), 50, "ours", unless=("missinganthropicapikey",), alone=10),
    Phrase("did not find anthropic_api_key", ("no-credential",), 75),
    Phrase("anthropic api key is missing", ("no-credential",), 80),
    Phrase(
        "could not resolve authentication method",
        ("no-credential", "foundry-settings", "embedded-without-key", "profile-not-picked-up"),
        85,
    ),
    Phrase("expected either apikey or authtoken to be set", ("no-credential", "embedded-without-key"), 80),
    Phrase("expected either api_key or auth_token to be set", ("no-credential", "embedded-without-key"), 80),
    Phrase("failed to get auth headers … no api key available", ("no-credential",), 85, gap=12),
    Phrase(
        "x-api-key header is required",
        ("no-credential", "gateway-wrong-header", "profile-not-picked-up"),
        80,
    ),
    Phrase(
        "illegal header value",
        ("empty-credential",),
        88,
        look=r"illegal header value\s+b?[\"'](?:bearer)?\s*[\"']",
        hides=("key-with-stray-characters",),
    ),
    Phrase(
        "illegal header value",
        ("key-with-stray-characters", "empty-credential"),
        80,
        look=r"illegal header value\s+b?[\"']\S",
    ),
    Phrase(
        "invalid x-api-key header value from",
        ("key-with-stray-characters", "key-with-quotes"),
        92,
        hides=_STRAY_HIDES,
    ),
    Phrase(
        "invalid authorization header value from",
        ("key-with-stray-characters", "key-with-quotes"),
        92,
        hides=(*_STRAY_HIDES, "token-overrides-login"),
    ),
    Phrase(
        "header value from … typographic quote",
        ("key-with-quotes", "key-with-stray-characters"),
        95,
        gap=80,
    ),
    Phrase("header authorization has invalid value", ("key-with-stray-characters",), 85),
    Phrase(
        "has invalid value … bearer",
        ("key-with-stray-characters",),
        80,
        look=r"\bheader\W{1,4}\w{1,30}\W{1,3}has invalid value",
        gap=6,
    ),
    Phrase(
        "return character(s) in header value",
        ("key-with-stray-characters",),
        80,
        look=r"header value:?\s*b?[\"'](?:bearer|sk-|…)",
    ),
    Phrase(
        "invalid character in header content",
        ("key-with-stray-characters",),
        80,
        look=r"header content\W{1,6}(?:authorization|x-api-key)",
    ),
    Phrase(
        "is an invalid header value",
        ("key-with-stray-characters", "key-with-quotes"),
        80,
        look=r"headers\.\w{1,20}: \W{0,3}(?:bearer|sk-|…)",
    ),
    Phrase("incorrect api key provided", ("key-with-quotes",), 80, look=r"provided:?\s*\\*[\"'“]"),
    Phrase("select login method", ("onboarding-unfinished", "key-rejected", "base-url-without-token"), 70),
    Phrase("getting api key from apikeyhelper", ("helper-fails",), 90),
    Phrase("apikeyhelper did not return", ("helper-fails",), 90),
    Phrase("apikeyhelper script is failing", ("helper-fails",), 90),
    Phrase("apikeyhelper failed", ("helper-fails",), 90),
    Phrase("output that cannot be used as an api key", ("helper-fails", "key-with-stray-characters"), 85),
    Phrase("apikeyhelper … timed out", ("helper-too-slow", "helper-fails"), 80, gap=40),
    Phrase("apikeyhelper … took", ("helper-too-slow",), 70, gap=20, look=r"took\s+(?:too long|\d)"),
    Phrase("apikeyhelper your organizations managed settings", ("managed-helper", "login-method-forced"), 80),
    Phrase("managed settings require a first-party login", ("login-method-forced",), 92),
    Phrase("forceloginorguuid", ("organisation-forced",), 85, near=("require", "pin", "match", "permitted")),
    Phrase("cant access this organization", ("organisation-forced", "wrong-organisation-offered"), 90),
    Phrase("dont have access to this organization or it", ("organisation-forced",), 85),
    Phrase("unable to verify organization for the current", ("organisation-forced",), 90),
    Phrase("authentication token belongs to organization", ("organisation-forced",), 90),
    Phrase("this machine requires organization", ("organisation-forced",), 90),
    Phrase("this machine requires one of these organizations", ("organisation-forced",), 90),
)
