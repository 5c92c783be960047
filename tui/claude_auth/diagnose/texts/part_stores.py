"""Parts D and K: where credentials and settings are kept, and what damages those files."""

from __future__ import annotations

from claude_auth.diagnose.texts.knowledge import Cause, Fix, Phrase

_SIGN_IN = Fix("sign in again", "claude auth login")
_SETUP_TOKEN = Fix("or give this place a token of its own", "claude setup-token")
_UNLOCK = Fix(
    "unlock the keychain before claude starts",
    "security unlock-keychain ~/Library/Keychains/login.keychain-db",
)
_DELETE_ITEM = Fix(
    "delete the old item, then sign in",
    'security delete-generic-password -s "Claude Code-credentials" -a "$USER"; claude auth login',
)
_BACKUPS = Fix("look for a backup", "ls -t ~/.claude.json.backup* ~/.claude/backups/ 2>/dev/null")
_OWN = Fix(
    "make the files yours again",
    'sudo chown -R "$(id -un)":"$(id -gn)" ~/.claude ~/.claude.json && chmod 700 ~/.claude && '
    "chmod 600 ~/.claude/.credentials.json",
)

CAUSES: tuple[Cause, ...] = (
    Cause(
        "keychain-locked",
        (44,),
        "The macOS keychain is locked",
        "A session over SSH with a key does not unlock the login keychain, and sleep locks it again. Claude "
        "Code can't read its login there and says that you are not signed in.",
        (
            _UNLOCK,
            Fix("unattended: a token in CLAUDE_CODE_OAUTH_TOKEN needs no keychain", "claude setup-token"),
        ),
        platform="darwin",
    ),
    Cause(
        "login-not-saved",
        (45,),
        "The sign-in was not saved",
        "The browser part worked, but the result could not be written: a locked or refused keychain, or a "
        "file or directory without write permission.",
        (
            Fix("look whether the file changes", "ls -l ~/.claude/.credentials.json"),
            Fix("on macOS: delete the old keychain item, unlock the keychain and sign in again"),
            _SETUP_TOKEN,
        ),
    ),
    Cause(
        "keychain-not-writable",
        (46,),
        "The keychain refuses the new item",
        "An item of that name exists already, or the check that Claude Code makes is wrong. Often deleting "
        "the old item is enough.",
        (_DELETE_ITEM, Fix("update Claude Code", "claude update")),
        "seen",
        platform="darwin",
    ),
    Cause(
        "keychain-item-of-old-binary",
        (47,),
        "The keychain item belongs to an older program",
        "It was made by node; today's signed program may not read it, and that looks like being signed out.",
        (_DELETE_ITEM,),
        "not checkable here",
        platform="darwin",
    ),
    Cause(
        "keychain-duplicates",
        (48,),
        "Many keychain items of Claude Code",
        "Each configuration directory has an item of its own name; old ones stay, and other tools may pick "
        "the wrong one.",
        (
            Fix(
                "list them",
                "security dump-keychain | grep -c 'Claude Code-credentials'",
            ),
        ),
        "not checkable here",
        platform="darwin",
    ),
    Cause(
        "user-variable-missing",
        (49,),
        "The variable USER is missing",
        "On macOS the keychain item is looked up by $USER. Under launchd, cron or CI it may be unset; "
        "LOGNAME does not stand in for it.",
        (Fix("set it in the job's environment", 'export USER="$(id -un)"'),),
        platform="darwin",
    ),
    Cause(
        "background-session",
        (50,),
        "A background session can't use the keychain",
        "What is started by launchd has no session with a screen, so the keychain does not answer it, "
        "although `security` finds the item.",
        (Fix("give the job a token in CLAUDE_CODE_OAUTH_TOKEN", "claude setup-token"),),
        platform="darwin",
    ),
    Cause(
        "config-dir-mismatch",
        (51,),
        "Another configuration directory is looked at",
        "CLAUDE_CONFIG_DIR decides where the login lies, and on macOS also the name of the keychain item: "
        "the same directory written otherwise, even the default one, gives another name.",
        (
            Fix("see which one is used here", "claude-auth status"),
            Fix("use one spelling in the shell, the editor and services, or leave it unset"),
        ),
    ),
    Cause(
        "home-mismatch",
        (52,),
        "HOME differs between the host and the container",
        "A volume at the host's home path is not where the container's user looks, so each session starts "
        "without a login.",
        (Fix("mount the directory at the home of the user inside"), _SETUP_TOKEN),
    ),
    Cause(
        "container-lost-login",
        (53,),
        "A rebuilt container lost a part of the state",
        "~/.claude may lie on a volume while ~/.claude.json beside it does not. Without the second file "
        "Claude Code begins as if for the first time.",
        (
            Fix("keep both in the volume", "export CLAUDE_CONFIG_DIR=/path/of/the/volume"),
            _SETUP_TOKEN,
        ),
    ),
    Cause(
        "files-of-another-owner",
        (54,),
        "Claude Code may not write its own files",
        "They belong to another user, often root after `sudo claude` or from a volume, or their directory is "
        "not writable; a file is replaced by a new one, so the directory counts too.",
        (_OWN,),
        findings=("store-unreadable",),
    ),
    Cause(
        "settings-read-only",
        (55,),
        "The settings are read-only",
        "settings.json is a link into a read-only place such as the Nix store, so Claude Code can't write "
        "it.",
        (Fix("keep ~/.claude/settings.json a file of its own, and rules for all in managed settings"),),
    ),
    Cause(
        "store-is-a-link",
        (56,),
        "The credentials file is a link",
        "A new file takes the place of a link when it is written, so the copies drift apart; and a secret in "
        "a dotfiles repository or a synced folder spreads.",
        (Fix("put a copy of the file itself in the place of the link"),),
        "not checkable here",
    ),
    Cause(
        "state-file-corrupted",
        (57,),
        "Claude Code's state file is damaged",
        "Several sessions wrote ~/.claude.json at the same time, or a write was cut off. A backup usually "
        "lies beside it. Do not choose the reset first: it forgets accounts, approvals and projects.",
        (Fix("close all sessions and restore the newest backup that parses"), _BACKUPS),
        "seen",
        findings=("state-file-damaged",),
    ),
    Cause(
        "disk-full",
        (58,),
        "The disk is full",
        "A write that finds no space leaves an empty or cut file, and signing in then makes it worse.",
        (Fix("free space before anything else", 'df -h ~ "${TMPDIR:-/tmp}"'), _BACKUPS),
    ),
    Cause(
        "sandbox-blocks-write",
        (59,),
        "A sandbox forbids the temporary file beside .claude.json",
        "Claude Code writes `.claude.json.tmp.…` in the home directory and renames it. A sandbox that allows "
        "~/.claude alone stops that.",
        (Fix("keep all state in one allowed directory", 'export CLAUDE_CONFIG_DIR="$HOME/.claude"'),),
    ),
    Cause(
        "mcp-grants-lost",
        (60,),
        "MCP sign-ins went with the login",
        "They are kept in the same store as the login and leave with it on signing out or changing accounts.",
        (Fix("sign in to the servers again inside claude: /mcp"),),
        "not checkable here",
    ),
    Cause(
        "bom-in-file",
        (112,),
        "A file begins with a byte order mark",
        "Windows PowerShell writes one at the start of UTF-8 files. The file then is no plain JSON, and "
        "settings in it may be ignored as a whole.",
        (Fix("take it away", "sed -i '1s/^\\xEF\\xBB\\xBF//' ~/.claude/settings.json"),),
        findings=("settings-file-ignored", "store-unusable", "state-file-damaged"),
    ),
    Cause(
        "json-not-strict",
        (113,),
        "A settings file is no valid JSON",
        "Comments and trailing commas are not allowed, and one wrong value makes Claude Code drop the whole "
        "file: nothing in it is in effect.",
        (Fix("find the place", "python3 -m json.tool ~/.claude/settings.json"),),
        findings=("settings-file-ignored",),
    ),
    Cause(
        "profile-not-picked-up",
        (114,),
        "A profile or workload identity is not used",
        "The SDK's profiles and workload identity come last: any key or token, even an empty variable, "
        "switches them off. Or the federation's own settings are incomplete.",
        (
            Fix("take the variables away, empty ones too", "unset ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN"),
            Fix("check the rule's id (fdrl_…), the organisation and the identity token"),
        ),
        findings=("value-set-but-empty",),
    ),
    Cause(
        "another-user",
        (115,),
        "The program runs as another user than the one who signed in",
        "A service, cron job or container has its own user and home, and looks for a login there.",
        (
            Fix("sign in as that user", "sudo -iu USER claude auth login"),
            _SETUP_TOKEN,
        ),
        findings=("store-unreadable",),
    ),
    Cause(
        "scopes-damaged",
        (),
        "The stored login's scopes are neither a list nor text",
        "Claude Code stops at its start where `scopes` in .credentials.json is a number or an object. "
        "Something other than Claude Code wrote that file.",
        (_SIGN_IN,),
        "seen",
    ),
)

_BOM_LOOK = r"unrecogni[sz]ed token\s*['\"‘“]?\s*(?:\ufeff|ï»¿|\\?ufeff)?\s*['\"’”]"

PHRASES: tuple[Phrase, ...] = (
    Phrase("user interaction is not allowed", ("keychain-locked", "background-session"), 85, "no-stranger"),
    Phrase("errsecinteractionnotallowed", ("keychain-locked", "background-session"), 85),
    *(
        Phrase(f"{word} … 25308", ("keychain-locked", "background-session"), 80, gap=40, look=r"-25308\b")
        for word in ("errsec", "osstatus", "keychain", "security", "error")
    ),
    Phrase("-25308", ("keychain-locked",), 60, alone=0),
    Phrase("login successful … not logged in", ("login-not-saved", "keychain-locked"), 90, gap=400),
    Phrase("login successful … missing api key", ("login-not-saved", "keychain-locked"), 90, gap=400),
    Phrase("errsecauthfailed", ("login-not-saved", "keychain-not-writable"), 80),
    Phrase("keychain is not writable", ("keychain-not-writable", "login-not-saved"), 90),
    Phrase("returned -25299", ("keychain-not-writable",), 90),
    Phrase("-25299", ("keychain-not-writable",), 60, near=("keychain", "errsec", "security"), alone=0),
    Phrase("-25299", ("keychain-not-writable",), 60, "ours", alone=0),
    Phrase(
        "specified item already exists in the keychain", ("keychain-not-writable", "keychain-duplicates"), 85
    ),
    Phrase(
        "seckeychainsearchcopynext",
        ("config-dir-mismatch", "keychain-duplicates", "keychain-item-of-old-binary"),
        80,
    ),
    Phrase(
        "specified item could not be found in the keychain",
        ("config-dir-mismatch", "no-credential", "user-variable-missing"),
        80,
    ),
    Phrase(
        "session expired run claude to log in again", ("config-dir-mismatch", "expired-claimed-by-tool"), 85
    ),
    Phrase(
        "eacces permission denied … .claude.json",
        ("files-of-another-owner", "sandbox-blocks-write"),
        85,
        gap=90,
    ),
    Phrase("eacces permission denied … .claude", ("files-of-another-owner",), 80, gap=90),
    Phrase("permission denied … .claude/.credentials.json", ("files-of-another-owner",), 80, gap=90),
    Phrase("permission denied … .claude.json", ("files-of-another-owner",), 78, gap=60),
    Phrase(".claude.json … permission denied", ("files-of-another-owner",), 75, gap=20),
    Phrase(".credentials.json … permission denied", ("files-of-another-owner",), 75, gap=20),
    Phrase(
        "eperm operation not permitted … .claude",
        ("files-of-another-owner", "sandbox-blocks-write"),
        80,
        gap=90,
    ),
    Phrase(
        "permission denied … nix/store … .claude",
        ("settings-read-only",),
        92,
        gap=90,
        hides=("files-of-another-owner", "sandbox-blocks-write"),
    ),
    Phrase(
        "nix/store … home-manager-files … .claude",
        ("settings-read-only",),
        85,
        near=("eacces", "erofs", "eperm", "permissiondenied", "readonly"),
        gap=90,
    ),
    Phrase(
        "erofs … .claude", ("settings-read-only", "files-of-another-owner"), 85, gap=90, look=r"\berofs\b"
    ),
    Phrase("read-only file system … .claude", ("settings-read-only", "files-of-another-owner"), 85, gap=90),
    Phrase(
        "configuration file at … is corrupted",
        ("state-file-corrupted", "disk-full", "bom-in-file"),
        90,
        gap=120,
    ),
    Phrase("corrupted file has been backed up", ("state-file-corrupted",), 85, near=("claude",)),
    Phrase("corrupted file has been backed up", ("state-file-corrupted",), 80, "no-stranger"),
    Phrase("backup file exists at … .claude.json", ("state-file-corrupted",), 85, gap=120),
    Phrase(".claude.json.corrupted", ("state-file-corrupted",), 80),
    Phrase("reset with default configuration", ("state-file-corrupted", "json-not-strict"), 80),
    Phrase("unable to parse json string", ("state-file-corrupted", "json-not-strict"), 70, "ours", alone=30),
    Phrase("json parse error unable to parse json string", ("state-file-corrupted",), 70, "no-stranger"),
    Phrase("unexpected end of json input", ("state-file-corrupted", "disk-full"), 60, "ours", alone=0),
    Phrase("unexpected eof … .claude.json", ("state-file-corrupted", "disk-full"), 60, gap=90),
    Phrase("enospc … .claude", ("disk-full",), 85, gap=120, look=r"\benospc\b"),
    Phrase("no space left on device … .claude", ("disk-full",), 85, gap=120),
    Phrase(".claude … no space left on device", ("disk-full",), 80, gap=120),
    Phrase("edquot … .claude", ("disk-full",), 85, gap=120, look=r"\bedquot\b"),
    Phrase("disk quota exceeded … .claude", ("disk-full",), 85, gap=120),
    Phrase(
        ".claude.json.tmp",
        ("sandbox-blocks-write", "files-of-another-owner"),
        86,
        near=(
            "eacces",
            "eperm",
            "erofs",
            "denied",
            "notpermitted",
            "sandbox",
            "landlock",
            "seatbelt",
            "fail",
        ),
    ),
    Phrase("invalid or malformed json", ("json-not-strict", "bom-in-file"), 80, "no-stranger"),
    Phrase("settings files did not load", ("json-not-strict", "bom-in-file"), 85),
    Phrase("managed settings failed to load", ("json-not-strict",), 85),
    Phrase("managed settings document could not be parsed", ("json-not-strict",), 85),
    Phrase(
        "configuration file at … contains invalid json",
        ("json-not-strict", "bom-in-file", "state-file-corrupted"),
        85,
        "no-stranger",
        gap=120,
    ),
    Phrase(
        ".claude.json contains invalid json",
        ("state-file-corrupted", "json-not-strict", "bom-in-file"),
        92,
    ),
    Phrase(
        "contains invalid json",
        ("json-not-strict", "bom-in-file", "state-file-corrupted"),
        60,
        "ours",
        alone=20,
    ),
    Phrase("invalid settings", ("json-not-strict", "bom-in-file"), 60, "ours", alone=4),
    Phrase("unrecognized token", ("bom-in-file", "json-not-strict"), 75, "no-stranger", look=_BOM_LOOK),
    Phrase(
        "unexpected token",
        ("bom-in-file",),
        80,
        "no-stranger",
        look=r"unexpected token\W{0,4}(?:\ufeff|ufeff|ï»¿)",
    ),
    Phrase("unexpected utf-8 bom", ("bom-in-file",), 70, "ours"),
    Phrase(
        "workload identity federation failed",
        ("profile-not-picked-up",),
        85,
        "no-stranger",
        unless=("gcloud", "awsactions", "azurelogin"),
    ),
    Phrase("federation_rule_id is not a well-formed", ("profile-not-picked-up",), 90),
    Phrase(
        "missing anthropic api key", ("profile-not-picked-up", "no-credential", "embedded-without-key"), 80
    ),
    Phrase("oidc_federation config requires an identity token", ("profile-not-picked-up",), 90),
    Phrase("scopesincludes is not a function", ("scopes-damaged",), 90),
)
