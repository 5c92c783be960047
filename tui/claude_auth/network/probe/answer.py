"""What came back, and what it tells about the credential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claude_auth.model import Resolution, Snapshot
from claude_auth.security.sanitize import clean

if TYPE_CHECKING:
    from claude_auth.diagnose.texts.explain import Recognised


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """`ok`: the credential was accepted; None: the answer tells nothing about it. `said`: what came back,
    redacted. `causes`: what it is known to mean, likeliest first."""

    ok: bool | None
    words: str
    seconds: float
    status: int | None = None
    said: str = ""
    causes: tuple[Recognised, ...] = ()
    skew: float | None = None

    def as_json(self) -> dict[str, Any]:
        from claude_auth.present.diagnose_json import diagnose_document

        return {
            "ok": self.ok,
            "text": clean(self.words, 600),
            "status": self.status,
            "seconds": round(self.seconds, 2),
            "said": clean(self.said, 600),
            "clock_skew": None if self.skew is None else round(self.skew, 1),
            "causes": diagnose_document(self.causes, ())["recognised"],
        }


_VERDICTS: Mapping[int, tuple[bool | None, str]] = {
    400: (False, "the request was refused as wrong (400)"),
    401: (False, "the credential was not accepted (401)"),
    402: (False, "the account can't pay (402)"),
    403: (False, "the credential is known but may not do this (403)"),
    404: (None, "there is no list of models at that address (404): it says nothing about the credential"),
    405: (
        None,
        "the address does not answer this kind of request (405): it says nothing about the credential",
    ),
    407: (None, "the proxy wants a user name and password (407)"),
    429: (None, "too many requests (429): the credential was not judged"),
    529: (None, "the server is overloaded (529): an incident, keep your credential"),
}


def verdict(status: int, text: str) -> tuple[bool | None, str]:
    if text.lstrip()[:1] == "<":
        return None, f"a web page came back ({status}): a gateway, proxy or firewall answered, not the API"
    if status in _VERDICTS:
        return _VERDICTS[status]
    if 200 <= status < 300:
        if text.lstrip()[:1] not in {"{", "["}:
            return None, f"something else than JSON came back ({status}): not an API's answer"
        return True, f"the credential was accepted ({status})"
    if 300 <= status < 400:
        return None, f"it was sent on to another address ({status}); the credential was not sent there"
    if status >= 500:
        return None, f"the server has a problem of its own ({status}): keep your credential"
    return None, f"an answer that says nothing about the credential ({status})"


def causes_of(text: str, snapshot: Snapshot, resolution: Resolution) -> tuple[Recognised, ...]:
    from claude_auth.diagnose import diagnose
    from claude_auth.diagnose.texts.explain import explain

    return explain(text, snapshot, resolution, diagnose(snapshot, resolution))[1]
