"""An error text explained: what it says of itself, what it is known to mean, and which of its causes it is on
this machine. Pure."""

from __future__ import annotations

from typing import Literal

from claude_auth.diagnose import CauseHere, MachineAnswers
from claude_auth.diagnose.cause import OPEN, Answer, Cause, NotChecked, RuleMatch, Who
from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.context import joined
from claude_auth.diagnose.texts.families import ANSWERER_NAMES, Family, family_of
from claude_auth.diagnose.texts.other_programs import named, speakers, strangers
from claude_auth.diagnose.texts.prepare import PreparedText, pattern, prepare
from claude_auth.diagnose.texts.search import CauseMatch, causes_in
from claude_auth.model import Certainty, Fix, Resolution
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import clean, safe_text
from claude_auth.security.secret import without_locals
from claude_auth.sources import BY_ID as SOURCE_BY_ID
from claude_auth.sources import label

#: Whose words the text has.
Speaker = Literal["claude-code", "python-sdk", "js-sdk", ""]
_SDKS: frozenset[Speaker] = frozenset({"python-sdk", "js-sdk"})


class Parsed(NamedTuple):
    """What the text itself says: status code, error type, message, and whose words they are. Where they are
    not known: whose answer it is, or the names of other programs that stand in it."""

    status: int | None = None
    type: str | None = None
    message: str | None = None
    program: Speaker = ""
    family: Family | None = None
    strangers: tuple[str, ...] = ()
    #: The sources that this machine sends.
    sends: tuple[str, ...] = ()

    @property
    def unknown_words(self) -> tuple[str, ...]:
        """What is told where the words are not known, a sentence each."""
        if self.family is None:
            if not self.other_programs:
                return ("The text is not recognised.", self.words)
            whose = f"It is taken for an error of {joined(self.other_programs)}, not of Claude Code."
            return (f"The text is not recognised. {whose}", self.words)
        answerer, about = self.family.answerer, self.family.credential
        named = about is not None and about in SOURCE_BY_ID
        return (
            f"The words are not known; likely it is the answer of {answerer.name}: {self.family.happened}.",
            *((f"It is about {label(about)}.",) if about is not None and named else ()),
            f"This machine sends {joined([*map(label, self.sends)]) if self.sends else 'no credential'}.",
            f"Check first {self.family.first}.",
            self.words,
        )

    @property
    def other_programs(self) -> tuple[str, ...]:
        """Whose error it is taken for, where nothing shows that it is ours."""
        return self.strangers if self.family is None else ()

    @property
    def is_empty(self) -> bool:
        return self.status is None and self.type is None and self.message is None

    @property
    def words(self) -> str:
        """In one sentence."""
        if self.is_empty:
            return "No status, type or message was found in it."
        told = (
            ("status", self.status),
            ("type", self.type),
            ("message", self.message and f"“{self.message}”"),
        )
        return f"Read out of it: {', '.join(f'{name} {value}' for name, value in told if value is not None)}."


class Classification(NamedTuple):
    parsed: Parsed
    matches: tuple[CauseMatch, ...] = ()


class Recognised(NamedTuple):
    """One cause of the text. `evidence` says what this machine shows, None where it shows nothing."""

    id: str
    title: str
    symptoms: tuple[int, ...]
    certainty: Certainty
    explanation: str
    fixes: tuple[Fix, ...]
    evidence: str | None = None
    ruled_out: bool = False
    #: Whose answer it is.
    who: Who = "client"

    @property
    def answerer(self) -> str:
        """Whose answer it is, in a sentence."""
        return ANSWERER_NAMES[self.who]


@without_locals
def explain(
    text: str | bytes, machine: MachineAnswers | None = None
) -> tuple[Parsed, tuple[Recognised, ...]]:
    """What was read out of `text`, without this machine's own secrets, and its causes, likeliest first; with
    a machine, what it confirms before what it leaves open."""
    parsed, matches = classify(text)
    if machine is None:
        rows = [_row(match, CauseHere(OPEN, BY_ID[match.cause].fixes), parsed.program) for match in matches]
        return parsed, tuple(row for _, row in rows)
    rows = [
        _row(match, _at_hand(match, machine), parsed.program)
        for match in _by_gateway(matches, machine)
        if match.rank == 0 or not machine.causes[match.cause].lacks_provider
    ]
    if any(group != _RULED_OUT for group, _ in rows):
        rows = [row for row in rows if row[0] != _RULED_OUT or not machine.causes[row[1].id].unmet]
        rows.sort(key=lambda row: row[0])
    parsed = without_known_secrets(parsed._replace(sends=machine.sent), machine.resolution)
    return parsed, tuple(_clean(row) for _, row in rows)


_LONGEST_EVIDENCE = 400


def _clean(row: Recognised) -> Recognised:
    """What the answer of this machine quotes enters the model here."""
    evidence = None if row.evidence is None else clean(row.evidence, _LONGEST_EVIDENCE)
    return row._replace(
        evidence=evidence, fixes=tuple(fix._replace(title=clean(fix.title)) for fix in row.fixes)
    )


@without_locals
def classify(text: str | bytes) -> Classification:
    """What `text` is known to mean; nothing where it is not known, never a guess. No machine is asked."""
    prepared = prepare(text)
    matches, parsed = causes_in(prepared), parse(prepared)
    if not matches:
        edges = prepared.edges(_EDGE)
        speaking = speakers(edges, prepared.whole_lines)
        names = speaking or tuple(dict.fromkeys(named(edges).values()))
        family = None if speaking else family_of(edges, named_only=bool(strangers(edges)))
        parsed = parsed._replace(family=family, strangers=names)
    return Classification(parsed, matches)


#: A family is told for a message, not for what stands in the middle of a log.
_EDGE = 6_000


#: A shorter value is no secret but a placeholder, and may be an ordinary word of the message.
_SECRET_FROM = 8


@without_locals
def without_known_secrets(parsed: Parsed, resolution: Resolution) -> Parsed:
    """What was parsed, without the values that this machine holds, whatever their shape."""
    if parsed.message is None:
        return parsed
    known = KnownValues((), _SECRET_FROM)
    for standing in resolution.standings:
        reading = standing.reading
        tokens = (reading.tokens.access_token, reading.tokens.refresh_token) if reading.tokens else ()
        for secret in (reading.value, *tokens):
            if secret is not None:
                known.add(secret)
    return parsed._replace(message=known.hide(parsed.message))


# ── joined with the machine ──────────────────────────────────────────────────────────────────────

#: In the order of the list: confirmed, open, ruled out on this machine.
_CONFIRMED, _OPEN, _RULED_OUT = range(3)


def _by_gateway(matches: tuple[CauseMatch, ...], machine: MachineAnswers) -> tuple[CauseMatch, ...]:
    """Where requests go to a gateway, a refusal of what is sent is the gateway's answer."""
    first = (BY_ID[match.cause] for match in matches if match.rank == 0)
    refused = any(cause.who == "anthropic" and cause.sent for cause in first)
    if machine.resolution.provider != "gateway" or not refused:
        return matches
    return (CauseMatch(_GATEWAY, 0), *(match for match in matches if match.cause != _GATEWAY))


_GATEWAY = "gateway-wrong-header"


def _at_hand(match: CauseMatch, machine: MachineAnswers) -> CauseHere:
    """What the machine says; nothing about what another platform alone has, if a phrase means that first."""
    here, platform = machine.causes[match.cause], BY_ID[match.cause].platform
    if here.found or platform in {None, machine.snapshot.machine.platform}:
        return here
    return here._replace(answer=OPEN if match.rank == 0 else None)


def _row(match: CauseMatch, here: CauseHere, speaker: Speaker) -> tuple[int, Recognised]:
    cause = BY_ID[match.cause]
    proven = cause.certainty == "seen" and match.rank == 0
    told = _told(cause, here, speaker)
    found = Recognised(
        cause.id,
        cause.title_beside_text,
        cause.symptoms_beside_text,
        "seen",
        cause.beside_text,
        here.fixes,
        who=cause.who or "client",
    )
    if isinstance(told, NotChecked):
        certainty: Certainty = "likely" if cause.certainty == "seen" and match.rank else cause.certainty
        return _CONFIRMED if proven else _OPEN, found._replace(certainty=certainty)
    if told is not None:
        evidence, certainty = told.evidence or None, told.certainty or "seen"
        return _CONFIRMED, found._replace(certainty=certainty, evidence=evidence, fixes=told.fixes)
    if proven:  # the text itself proves it, wherever it comes from
        return _CONFIRMED, found
    return _RULED_OUT, found._replace(certainty="not-checkable", ruled_out=True)


def _told(cause: Cause, here: CauseHere, speaker: Speaker) -> Answer:
    """What the machine, or the text's speaker, says about a cause; None: it is not this one here."""
    # Whose words the text has decides whether another program than Claude Code sent the request.
    if not here.found and cause.id in {"oauth-not-supported", "credential-only-for-claude-code"}:
        if speaker in _SDKS:
            return RuleMatch("the text comes from an SDK, not from Claude Code", here.fixes)
        if speaker == "claude-code" and cause.id == "oauth-not-supported":
            return None
    return here.answer


# ── what the text says of itself ─────────────────────────────────────────────────────────────────

_PARSED_PART, _AROUND = 20_000, 2_000
_ERROR_MARKS = ("api error", "error code", '"error"', "'error'", "_error")


def _telling_parts(prepared: PreparedText) -> str:
    """The beginning, the end, and what stands around the words by which errors begin."""
    text = prepared.plain
    if len(text) <= 3 * _PARSED_PART or len(text) != len(prepared.lower):
        return text[: 3 * _PARSED_PART]
    places = [place for mark in _ERROR_MARKS if (place := prepared.lower.find(mark)) >= 0]
    around = [text[max(0, place - 200) : place + _AROUND] for place in sorted(places)]
    return " ".join((*around, text[:_PARSED_PART], text[-_PARSED_PART:]))


#: In any case. Blanks are never given back: two runs of them side by side would take the square of their
#: length.
_STATUSES = (
    r"(?i)\bapi error:?\s*+\(?([1-5]\d\d)\b",
    r"(?i)\berror code:?\s*+([1-5]\d\d)\b",
    r"(?i)\bstatus(?:[ _]?code)?[\"']?\s*+[:=]?\s*+([1-5]\d\d)\b",
    r"(?i)\bhttp(?:/\d(?:\.\d)?)?\s++([1-5]\d\d)\b",
    r"(?i)(?<![\d.:])([45]\d\d)\s*+[-:]?\s*+[{<]",
    r"(?i)(?<![\d.:])([45]\d\d)\s++(?:unauthorized|forbidden|bad request|not found|too many requests)",
)
_TYPE = r"(?i)[\"']type[\"']\s*+:\s*+[\"'](?!error[\"'])(\w{3,60})[\"']"
_MESSAGE = r"(?i)[\"']message[\"']\s*+:\s*+([\"'])(.{1,600}?)\1\s*+(?:[,}\]]|$)"
_BARE_MESSAGE = r"(?i)\bapi error:?\s*+(?:\d{3}\b)?\s*+(?![{<\s])(.{3,300}?)(?:\s·|$|[{<])"

#: Whose words a text has that one of these marks stands in; the first counts.
_PROGRAMS: dict[Speaker, str] = {
    "python-sdk": "anthropic.authenticationerror, anthropic._, error code: 401 - {, error code: 400 - {"
    ", anthropic.permissiondeniederror, anthropic.badrequesterror, anthropic/_base_client.py",
    "js-sdk": "@anthropic-ai/sdk, authenticationerror: 401 {",
    "claude-code": "run /login, api error: 4, api error (",
}


def parse(prepared: PreparedText) -> Parsed:
    """Status, type and message as the text has them; the message is cleaned and redacted."""
    text = _telling_parts(prepared)
    status = next((found for each in _STATUSES if (found := pattern(each).search(text))), None)
    kind, message = pattern(_TYPE).search(text), pattern(_MESSAGE).search(text)
    words = message[2] if message else (bare[1] if (bare := pattern(_BARE_MESSAGE).search(text)) else None)
    lower = text.lower()
    speaking = (name for name, marks in _PROGRAMS.items() if any(mark in lower for mark in marks.split(", ")))
    program: Speaker = next(speaking, "")
    return Parsed(
        int(status[1]) if status else None,
        safe_text(kind[1], 60) if kind else None,
        safe_text(words, 200) if words else None,
        program,
    )
