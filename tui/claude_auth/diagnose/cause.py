"""The record of a cause: what it is, how a machine shows it, which error texts point to it, and what this
program itself can do about it.

All of them are made at every start, for `status` diagnoses too: named tuples are made in a tenth of the time
of frozen dataclasses."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from claude_auth.diagnose.context import DiagnosisContext, place_of, removal
from claude_auth.model import Certainty, Fix, RemedyAction, Severity
from claude_auth.named_tuples import NamedTuple
from claude_auth.sources import label

# ── answers ──────────────────────────────────────────────────────────────────────────────────────


class RuleMatch(NamedTuple):
    """A question about a machine was answered with yes. What is given besides evidence and fixes replaces
    what the record says where the machine knows better; `more` are further lines of evidence.

    The evidence names files, lines, variables and fingerprints, never a value."""

    evidence: str
    fixes: tuple[Fix, ...] = ()
    source: str | None = None
    title: str | None = None
    severity: Severity | None = None
    certainty: Certainty | None = None
    symptoms: tuple[int, ...] | None = None
    more: tuple[str, ...] = ()


class NotChecked(NamedTuple):
    """There was nothing to look at. `why` completes "not checked, because …"."""

    why: str


NO_SECOND_LOOK = NotChecked("the slower look at this machine was not taken")
_NO_PROCESSES = NotChecked("the running programs are not those of the machine that is looked at, or hidden")

#: None: it is not so on this machine.
Answer = RuleMatch | NotChecked | None
MachineQuestion = Callable[[DiagnosisContext], Answer]

# ── the record ───────────────────────────────────────────────────────────────────────────────────

#: What a fix of ours may do to a file, besides taking something out of it.
FileChange = Literal[
    "chmod", "chown", "remove-lock", "move-aside", "keep-copy", "approve-key", "unreject-key", "key-helper"
]

#: What must stand around a phrase. `any`: nothing, the words are unmistakable. `no-stranger`: no other
#: program's name nearby, unless one of ours is there too. `ours`: Claude or Anthropic nearby, or nothing else
#: in the whole text.
Company = Literal["any", "no-stranger", "ours"]


class MachineRule(NamedTuple):
    """How a machine shows a cause by itself: it is then told as a finding. The first paragraph of the
    docstring of `look` says when, in docs/findings.md.

    `changes` and `removes` are all that a fix may do about it: where both are empty nothing is changed, there
    are commands to run at most. `removes`: `source`, the variable of the finding's source (never a provider's
    switch); `sent`, those of all sources that are sent; `helper`, the command of these sources; `project`,
    what the working directory's settings set; else the name of a variable. Only what the finding says is
    unwanted stands there, for what goes must not be what the person had set up."""

    severity: Severity
    look: MachineQuestion
    certainty: Certainty = "seen"
    #: It needs what only the slower look at the machine tells.
    second_look: bool = False
    #: It needs the table of running programs.
    processes: bool = False
    macos: bool = False
    changes: tuple[FileChange, ...] = ()
    removes: tuple[str, ...] = ()

    def ask(self, s: DiagnosisContext) -> Answer:
        if self.macos and s.snapshot.machine.platform != "darwin":
            return NotChecked("it concerns macOS alone")
        if self.second_look and s.snapshot.more is None:
            return NO_SECOND_LOOK
        if self.processes and s.more.running is None:
            return _NO_PROCESSES
        return self.look(s)


class Wording(NamedTuple):
    """Words of an error, compared in lower case without anything but letters and digits.

    `…` in `words` stands for up to `gap` further letters and digits. `also`: what else they may mean,
    likeliest first, where it is not what the record says for all its phrases. `near`: one of these words
    within `window`; `unless`: none of them. `look`: a pattern that the text must contain as well, tried on
    the text with its punctuation, in lower case. `hides`: causes that these words rule out. `alone`: how many
    more letters the text may have and still count as nothing but this phrase. Several ids or words in one
    string are separated by blanks.
    """

    words: str
    weight: int
    company: Company = "any"
    also: str | None = None
    near: str = ""
    unless: str = ""
    look: str = ""
    hides: str = ""
    gap: int = 160
    window: int = 200
    alone: int = 8


_ENTRY = r"(?m)^ *(\d+)(?: (no-stranger|ours))?: "
_COUNTS = frozenset({"gap", "window", "alone"})


@cache
def _wordings(phrases: str) -> tuple[Wording, ...]:
    """How the table is written stands beside `Cause.phrases`."""
    _, *parts = re.split(_ENTRY, phrases)
    found: list[Wording] = []
    for weight, company, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        words, *fields = " ".join(text.split()).split("; ")
        shared: dict[str, Any] = {"weight": int(weight), "company": company or "any"}
        for name, _, value in (field.partition(": ") for field in fields):
            said = "" if value == "none" else value
            shared[name] = int(said) if name in _COUNTS else said
        found += (Wording(each, **shared) for each in words.split(", "))
    return tuple(found)


#: Whose answer an error is: the client's own before any request, a server's, or what stands in between.
Who = Literal[
    "client",
    "anthropic",
    "gateway",
    "aws",
    "google",
    "azure",
    "mcp-server",
    "github",
    "keyring",
    "network",
    "other-program",
]


class Cause(NamedTuple):
    """Why something does not work, or not as expected.

    `symptoms` are entry numbers of docs/symptoms.md, the one that this record is about first. With a `rule`
    it is told as a finding; with `fixes` it explains error texts: those that its `phrases` stand in, and
    those of other records that name it. `certainty` is that of such a text: `seen`, the text itself proves
    it; `not-checkable`, a server, another machine or a moment that has passed decides it.

    Where a text is read on a machine, a finding of that machine confirms the cause: its own, or one of
    `seen_by`. Else `here` is asked, where the text makes worth asking what no finding tells; what a finding
    of `mended_by` about the same source takes away helps first.

    `who`: whose answer it is; where nothing is given, its area's. What it needs to be true: `sent`, one of
    these sources is sent; `provider`, one of these is on; `platform`; `until`, a client older than that.
    Where this machine has none of it the cause is ruled out, or not told if it is no text's first cause."""

    id: str
    title: str
    explanation: str
    symptoms: tuple[int, ...] = ()
    rule: MachineRule | None = None
    #: Title, explanation and symptoms beside an error text, where the finding's speak of what this machine
    #: shows; empty: the finding's are used.
    title_beside_text: str = ""
    beside_text: str = ""
    symptoms_beside_text: tuple[int, ...] = ()
    fixes: tuple[Fix, ...] = ()
    certainty: Certainty = "likely"
    seen_by: str = ""
    mended_by: str = ""
    here: MachineQuestion | None = None
    #: The finding is told for more than what the texts mean, so it does not confirm them.
    finding_is_wider: bool = False
    #: The platform that it needs, as `sys.platform` names it.
    platform: str | None = None
    who: Who | None = None
    sent: str = ""
    provider: str = ""
    until: str = ""
    #: What else its phrases may mean, likeliest first.
    also: str = ""
    #: The words of its error texts, which are read where a text is. An entry begins a line with weight and
    #: company (`80 ours: `, or `80: ` for any) and goes on below where it is long: a line break is a blank.
    #: Phrases are separated by commas; what they have in common follows by the names of `Wording`'s fields:
    #: `; gap: 60; near: sts bedrock`. `also: none`: nothing else, whatever the record says.
    phrases: str = ""

    @property
    def wordings(self) -> tuple[Wording, ...]:
        return _wordings(self.phrases)


# ── what several areas share ─────────────────────────────────────────────────────────────────────

KEYCHAIN_UNREAD = NotChecked("the Keychain's value is read on request only")
OPEN = NotChecked("the text alone decides")


def is_set(source: str) -> MachineQuestion:
    """Whether that source holds a value."""

    def question(s: DiagnosisContext) -> Answer:
        reading = s.reading(source)
        if reading.state != "present":
            return None
        return RuleMatch(f"{label(source)}: {place_of(reading.origin)}", removal(reading))

    return question


# ── remedies, and the same on the command line ────────────────────────────────────────────────────

#: By the action that the app has for it.
COMMANDS: dict[RemedyAction, str] = {
    "sign-in": "claude-auth login",
    "sign-out": "claude-auth logout",
    "refresh": "claude-auth refresh",
    "run": "claude-auth run",
    "evaluate": "claude-auth status --evaluate",
    "network": "claude-auth diagnose --network",
    "fix": "claude-auth fix",
    "accounts": "claude-auth accounts",
    "probe": "claude-auth probe",
    "diagnose": "claude-auth diagnose",
    "log.open": "claude-auth log",
    "panel.wire": "claude-auth status",
    "set-up": "claude-auth setup",
}


def act(action: RemedyAction, title: str, about: str = "", command: str | None = None) -> Fix:
    """A remedy that is an action. `about`: which command is run, or which fix is applied. `command`: what
    does it without this program, where our command line has no twin of the action on every machine."""
    return Fix(title, command or f"{COMMANDS[action]} {about}".rstrip(), action, about)


def move(title: str, old: str, new: str) -> Fix:
    """A value that stands in another variable than the one that it is meant for."""
    return Fix(title, f'export {new}="${old}"; unset {old}', renames=(old, new))


def google_sign_in(title: str, option: str = "") -> Fix:
    return act("run", title, "gcp-refresh", f"gcloud auth application-default login{option}")


# ── what several causes advise ───────────────────────────────────────────────────────────────────

SIGN_IN = act("sign-in", "sign in")
SIGN_IN_AGAIN = act("sign-in", "sign in again")
SIGN_IN_WITH_PLAN = act("sign-in", "then sign in with the subscription option")
SIGN_OUT_OF_KEY = act("sign-out", "sign out: that takes the key away")
SEE_WHAT_IS_SET = act("panel.wire", "see what is set, and where")
SEE_HELPER_PRINT = act("evaluate", "run it and see what it prints, masked")
UPDATE = Fix("update Claude Code", "claude update")
RESTART = Fix("start claude anew: a running one keeps what it has read")
USE_CLAUDE = Fix("for the subscription, call Claude Code itself", 'claude -p "your prompt"')
USE_CONSOLE_KEY = Fix(
    "for direct API calls, use an API key of the Console", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'
)
OWN_TOKEN = Fix("or give this place a token of its own", "claude setup-token")
UNSET_KEY = Fix("take the key away in this shell", "unset ANTHROPIC_API_KEY")
UNSET_TOKEN = Fix("take the variable away in this shell", "unset CLAUDE_CODE_OAUTH_TOKEN")
TRY_WITHOUT_TOKEN = Fix("try once without it", "env -u CLAUDE_CODE_OAUTH_TOKEN claude -p ok")
LOOK_FOR_BACKUP = Fix("look for a backup", "ls -t ~/.claude.json.backup* ~/.claude/backups/ 2>/dev/null")
STATUS_PAGE = Fix("look for an incident: https://status.claude.com")
SUPPORT = Fix("ask Anthropic's support, with the request id of the error: https://support.claude.com")
