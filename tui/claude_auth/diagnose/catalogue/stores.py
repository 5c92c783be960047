"""The stored login, the state file, and where they lie."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "disk-full",
        "error",
        "The disk is full",
        "There is no room on the file system that holds Claude Code's files. A token that is refreshed now "
        "is written half or not at all, and the old one is used up. Make room before you sign in or start "
        "claude.",
        (58,),
    ),
    Entry(
        "keychain-locked",
        "error",
        "The Keychain is locked in this session",
        "On macOS the login lies in the Keychain, which a session over SSH does not unlock. Claude Code "
        "then says that nobody is signed in. Unlock it before you start claude; for jobs that nobody "
        "watches take a token from `claude setup-token`.",
        (44, 45),
    ),
    Entry(
        "tokens-wiped",
        "error",
        "Claude Code signed you out after a refused refresh",
        "The entry of the login is still there, but its tokens are empty: Claude Code clears them when the "
        "server refuses a refresh, for instance because another program or machine used the same refresh "
        "token first. The file is not damaged and there is nothing in it to keep. Sign in again.",
        (13,),
    ),
    Entry(
        "login-without-inference",
        "error",
        "The stored login may not ask the model",
        "Claude Code counts a login as signed in only if its scopes include user:inference. This one has no "
        "scopes or lacks that one, which happens when another tool wrote the file. Sign in again with "
        "Claude Code itself.",
        (19,),
    ),
    Entry(
        "store-unusable",
        "error",
        "The stored login can't be used",
        "The file in which Claude Code keeps its login is there, but Claude Code does not count it as signed "
        "in. Nothing is lost by signing in again; keep a copy of a damaged file until that worked.",
        (57, 58, 112, 113),
        changes=("move-aside",),
    ),
    Entry(
        "store-unreadable",
        "error",
        "The stored login can't be read",
        "The look at the file failed, so nothing is known about what it holds. Claude Code fails in the same "
        "way where it runs as the same user.",
        (54, 56, 115),
        changes=("chown",),
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
        "scopes-as-text",
        "error",
        "The login's scopes are text, so the OAuth beta header is left out",
        "The scopes in the credentials file are one text instead of a list, as some tools write them. "
        "Claude Code then sends the token without the beta header that an OAuth token needs, and the server "
        "answers 401 'OAuth authentication is currently not supported.' Signing in again writes the file as "
        "it should be.",
        (1,),
    ),
    Entry(
        "refresh-not-saved",
        "warning",
        "A refresh was probably sent, and its answer was not saved",
        "Claude Code took the lock of the refresh and let it go, and the same login is still stored. A "
        "refresh token works once: if the server gave out a new one and the answer was lost, the stored one "
        "is used up, and the next refresh ends the login. `claude doctor` loses refreshes in this way, older "
        "versions with `claude auth status` too. It can also have been the network: then the next one works.",
        (131,),
        "likely",
    ),
    Entry(
        "not-writable",
        "warning",
        "Claude Code can't save its files",
        "Claude Code replaces its files by new ones, for which it needs to write in their directory. Where "
        "it can't, a sign-in seems to succeed and is gone, and a refreshed token is lost.",
        (45, 54, 55, 59),
    ),
    Entry(
        "foreign-owner",
        "warning",
        "Files of Claude Code belong to another user",
        "They were probably made by a claude that was started with sudo or by another user of a container. "
        "What this user may not write, Claude Code can't refresh or save.",
        (54, 115),
    ),
    Entry(
        "store-readable-by-others",
        "warning",
        "Other users of this machine can read your login",
        "The file holds the tokens of your account and should be readable by you alone.",
        (54,),
        changes=("chmod",),
    ),
    Entry(
        "store-in-repository",
        "warning",
        "Your login lies in a git repository",
        "The credentials file lies, through a link, inside the working tree of a repository, such as one "
        "for dotfiles. One commit puts the tokens of your account where others can read them. And Claude "
        "Code replaces the file when it refreshes, so that copies on other machines hold used-up tokens.",
        (12, 56),
    ),
    Entry(
        "store-in-synced-folder",
        "warning",
        "Your login lies in a synchronised folder",
        "The credentials file lies in a folder that a program copies to other machines. A refresh token "
        "works once: as soon as one machine has used it, the copies of the others are refused and their "
        "logins end.",
        (10, 12, 56),
    ),
    Entry(
        "store-on-windows-drive",
        "warning",
        "Your login lies on a Windows drive",
        "Under WSL the drives of Windows usually keep no permissions, so that a mode of 0600 protects "
        "nothing there, and locks and exchanged files behave otherwise than on Linux. Keep the "
        "configuration in the Linux home directory.",
        (54, 61),
        "likely",
    ),
    Entry(
        "onboarding-unfinished",
        "info",
        "The first-start wizard will appear although a credential is there",
        "Interactive Claude Code asks for a way to sign in as long as .claude.json does not say that the "
        "first start was completed, whatever key or token is set. It looks as if the credential were not "
        "seen. Going through the questions once, or one run of claude -p, ends it.",
        (38, 53),
    ),
    Entry(
        "subscription-not-recognised",
        "warning",
        "Claude Code does not see the plan of this login",
        "The login is there, but .claude.json holds no account for it and remembers that no plan was found. "
        "Requests are then treated as billed per token. Often two organisations share one e-mail address "
        "and the one without the plan was chosen.",
        (80,),
        "likely",
    ),
    Entry(
        "managed-key-lingers",
        "warning",
        "A key of an earlier Console login is still stored",
        "Signing in with a Console account stores an API key in .claude.json. It stays there and is billed "
        "per token as soon as no usable login is found.",
        (25, 30),
    ),
    Entry(
        "store-is-a-link",
        "info",
        "The credentials file is reached through a link",
        "Claude Code replaces the file when it refreshes. Where the file itself is a link, the link may be "
        "exchanged for a file, and two copies live on that no longer agree.",
        (56,),
    ),
    Entry(
        "settings-link-read-only",
        "info",
        "Settings come from a store that can't be written",
        "The settings file is a link into the store of a package manager. Claude Code reads it, but can't "
        "save there: changes made with /config fail with 'permission denied' or replace the link.",
        (55,),
    ),
    Entry(
        "state-file-corrupted-before",
        "info",
        "Claude Code's state file was damaged before",
        "Claude Code moved damaged copies of .claude.json aside, mostly after several sessions wrote it at "
        "once or the disk was full. The file in use is whole.",
        (57, 58),
    ),
    Entry(
        "login-without-profile-scope",
        "info",
        "The login can't show the account's usage",
        "The login was made without the scope user:profile. Requests work; pages such as usage answer 403 "
        "'does not meet scope requirement'. A new sign-in brings the scope.",
        (19,),
    ),
    Entry(
        "stale-login-beside-token",
        "info",
        "An expired login lies beside the token that is used",
        "The token in the environment is used, as observed. Some reports say that other versions tripped "
        "over the expired file beside it, so move it aside if you see 'OAuth token has expired' although "
        "the token is new.",
        (21,),
        "likely",
    ),
)
