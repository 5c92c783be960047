"""What the checks found, as facts and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from claude_auth.security.sanitize import clean, shown_path, shown_sentence

Stage = Literal["settings", "proxy", "dns", "tcp", "tls", "http", "clock"]
State = Literal["ok", "warn", "fail", "skipped"]


@dataclass(frozen=True, slots=True)
class NeededHost:
    """`why`: what goes there; `failing`: what doesn't work without it. `api`: it answers in JSON, so a web
    page from there comes from something in between."""

    id: str
    host: str
    why: str
    failing: str
    port: int = 443
    scheme: Literal["https", "http"] = "https"
    path: str = "/"
    api: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One step. `words` explain it; they hold no secret."""

    stage: Stage
    state: State
    words: str
    seconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        took = None if self.seconds is None else round(self.seconds, 3)
        return {
            "stage": self.stage,
            "state": self.state,
            "text": shown_sentence(self.words, 600),
            "seconds": took,
        }


@dataclass(frozen=True, slots=True)
class HostReport:
    """The steps to one host, as far as they went. `skew`: this clock minus the server's, in seconds.
    `under_way`: there is more to come."""

    needed: NeededHost
    checks: tuple[Check, ...]
    addresses: tuple[str, ...] = ()
    proxy: str | None = None
    issuer: str | None = None
    status: int | None = None
    skew: float | None = None
    under_way: bool = False

    @property
    def state(self) -> State:
        states = {check.state for check in self.checks}
        return next((state for state in _WORST_FIRST if state in states), "ok")

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.needed.id,
            "host": shown_path(self.needed.host, 200),
            "port": self.needed.port,
            "why": self.needed.why,
            "state": self.state,
            "addresses": list(self.addresses),
            "proxy": self.proxy,
            "issuer": self.issuer,
            "status": self.status,
            "clock_skew": None if self.skew is None else round(self.skew, 1),
            "checks": [check.as_json() for check in self.checks],
        }


_WORST_FIRST: tuple[State, ...] = ("fail", "warn")


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """`settings`: what was read before anything was asked. `conclusions`: what it means, the worst first."""

    at: float
    settings: tuple[Check, ...]
    hosts: tuple[HostReport, ...]
    conclusions: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        return all(host.state != "fail" for host in self.hosts) and all(
            check.state != "fail" for check in self.settings
        )

    def as_json(self) -> dict[str, Any]:
        from claude_auth.words.timestamps import iso

        return {
            "schema": 1,
            "at": iso(self.at),
            "fine": self.is_fine,
            "settings": [check.as_json() for check in self.settings],
            "hosts": [host.as_json() for host in self.hosts],
            "conclusions": [clean(text, 600) for text in self.conclusions],
        }
