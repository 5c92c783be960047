"""The verdict in words: the first line of the screen, `status`, `diagnose` and `report`, made here alone."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.claude_code.variables import PROVIDER_SWITCHES
from claude_auth.model import HeaderValue, Resolution, Snapshot, Verdict, VerdictWord
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import clean
from claude_auth.words.glyphs import StatusText
from claude_auth.words.origins import abbreviate_home, format_path, short_origin
from claude_auth.words.states import EXPIRIES, bill_words
from claude_auth.words.times import expiry_words

VERDICTS: dict[VerdictWord, StatusText] = {
    "works": StatusText("✓", "works", "ok"),
    "works-not-as-expected": StatusText("▲", "works, but not as you may think", "warn"),
    "does-not-work": StatusText("✗", "doesn't work", "fail"),
    "not-known": StatusText("?", "not known", "warn"),
}

_PLACES = {"environment": "the environment", "descriptor": "", "keyring": "the keyring"}

_PAYER_UNKNOWN = "who pays is not known here"


class Answer(NamedTuple):
    """The verdict, and in a sentence what makes it so; the screen shows both, one beside the other."""

    word: StatusText
    sentence: str

    @property
    def line(self) -> StatusText:
        text = f"{self.word.text}: {self.sentence}" if self.sentence else self.word.text
        return StatusText(self.word.glyph, text, self.word.role)


def answer(snapshot: Snapshot, resolution: Resolution, verdict: Verdict, now: float) -> Answer:
    """Why where it is not simply `works`; which credential, from where, who pays or that nobody here knows,
    until when; where it goes."""
    home = snapshot.places.home
    reason, to = why(resolution, verdict), _to(resolution)
    credential = _credential(snapshot, resolution, now, is_named=_label(resolution) in reason)
    is_said = not _headers(resolution) or f"sent to {to}" in credential
    said = [reason, credential, "" if is_said else f"goes to {to}"]
    sentence = "; ".join(abbreviate_home(part, home) for part in said if part)
    return Answer(VERDICTS[verdict.word], sentence)


def first_line(snapshot: Snapshot, resolution: Resolution, verdict: Verdict, now: float) -> StatusText:
    """The answer as one line, with which every face of the program begins."""
    return answer(snapshot, resolution, verdict, now).line


def why(resolution: Resolution, verdict: Verdict) -> str:
    """Why it is less than `works`; empty where it works, or where nothing more is known."""
    if verdict.because is not None:
        return verdict.because.title
    if resolution.blocked is not None:
        return resolution.blocked.reason
    if verdict.word == "not-known":
        return _unknown(resolution)
    failing = [s for s in resolution.standings if s.hindrance == "fails"] if verdict.word != "works" else []
    return f"{sources.label(failing[0].reading.source)} {failing[0].reason}" if failing else ""


def _unknown(resolution: Resolution) -> str:
    """Why nobody can tell whether what is sent works."""
    headers = _headers(resolution)
    header = next((h for h in headers if h.value is None and not h.identity), None)
    if header is None:
        winner = resolution.winner
        reading = None if winner is None else resolution.standing(winner).reading
        if reading is not None and reading.source == "stored-login":
            return reading.reason
        return f"{sources.label(winner or '')} is told to send no credential of its own"
    if header.source == "stored-login":
        return "the Keychain's value was not read"
    if header.source in sources.BY_ID:
        reading = resolution.standing(header.source).reading
        if header.source.endswith("-file-descriptor"):
            return reading.reason
        if header.source == "api-key-helper":
            failed = reading.state != "present"
            return reading.reason if failed else "apiKeyHelper was not run"
    if header.source == "aws-credential-export":
        return "awsCredentialExport was not run"
    return "only the network could tell whether it is accepted"


def _headers(resolution: Resolution) -> tuple[HeaderValue, ...]:
    wire = resolution.wire
    return () if wire is None else tuple(h for h in (wire.x_api_key, wire.authorization) if h is not None)


def _label(resolution: Resolution) -> str:
    return sources.label(resolution.winner or "")


def _credential(snapshot: Snapshot, resolution: Resolution, now: float, *, is_named: bool) -> str:
    """What is sent, from where, who pays, until when; empty where nothing is. `is_named`: the sentence has
    said already what."""
    winner = resolution.winner
    if winner is None or not _headers(resolution):
        return ""
    also = [s.reading.source for s in resolution.standings if s.verdict == "also-sent"]
    where = _origin(snapshot, resolution, winner)
    named = f"it comes{where}" if is_named and where.startswith(" from ") else f"{_label(resolution)}{where}"
    parts = [" and ".join([named, *(sources.label(source) for source in also)])]
    if resolution.usable is not False:
        parts.append(_bill(resolution, winner))
        parts.append(_until(resolution, winner, now))
    return ", ".join(part for part in parts if part)


def _origin(snapshot: Snapshot, resolution: Resolution, winner: str) -> str:
    """Where the credential itself comes from; a cloud provider's own switch is no credential."""
    signed = next((h.source for h in _headers(resolution) if h.is_signature), None)
    if signed is not None:
        return f", signed by {sources.label(signed)}"
    if winner in {"vertex", "anthropic-google-cloud"}:
        google = snapshot.google
        return "" if google is None else f" from {format_path(google.path, snapshot.places.home)}"
    found = resolution.standing(winner).reading.origin
    where = short_origin(found, snapshot.places.home)
    where = _PLACES.get(where, where)
    return f" from {where}" if where and sources.BY_ID[winner].variable not in PROVIDER_SWITCHES else ""


def _bill(resolution: Resolution, winner: str) -> str:
    words = payer(resolution, winner)
    if words is None:
        gateway = resolution.provider == "gateway" and resolution.wire is not None
        return f"{f'sent to {_to(resolution)}, ' if gateway else ''}{_PAYER_UNKNOWN}"
    return "billed per token" if words.startswith("per token") else f"billed to {words}"


def _to(resolution: Resolution) -> str:
    return "" if resolution.wire is None else clean(resolution.wire.host, 80)


def payer(resolution: Resolution, source: str) -> str | None:
    """Who pays for a request with what `source` sends; None where nobody here can know: behind a gateway, and
    for a value whose kind is not told by its prefix."""
    if resolution.provider == "gateway":
        return None
    header = next((h for h in _headers(resolution) if h.source == source), None)
    if sources.BY_ID[source].value_decides:
        is_key = header is not None and header.value is not None and header.value.kind == "api-key"
        return bill_words("anthropic-api-key") if is_key and resolution.provider == "first-party" else None
    return bill_words(source, resolution.standing(source).reading.tokens)


def payer_words(resolution: Resolution, source: str) -> str:
    """The same for a row of a panel: says who gets it where nobody here knows who pays."""
    words = payer(resolution, source)
    if words is not None:
        return words
    gateway = resolution.provider == "gateway" and resolution.wire is not None
    return f"not known here: {f'{_to(resolution)} gets it and decides' if gateway else 'its value decides'}"


def _until(resolution: Resolution, winner: str, now: float) -> str:
    reading = resolution.standing(winner).reading
    if reading.tokens is None or reading.tokens.expires_at is None:
        return ""
    if reading.expiry == "stale-refreshable":  # "ended 2 h ago" alone would read as signed out
        return EXPIRIES["stale-refreshable"].text
    return expiry_words(reading.tokens, reading.expiry, now).text.split(",")[0]


def refresh_words(resolution: Resolution) -> StatusText | None:
    """What is said of a refresh that comes first; None where none does."""
    wire = resolution.wire
    if wire is None or wire.authorization is None or not wire.authorization.will_refresh:
        return None
    if resolution.standing(wire.authorization.source).reading.expiry == "expired":
        return StatusText("✗", "a refresh comes first and will be refused: the sign-in has ended", "fail")
    return StatusText("↻", "refreshes first: normal for an idle login", "accent")
