"""A report to hand to a colleague or to put into an issue: Markdown or JSON, without secrets and without the
person: home as `~`, the user's name, e-mail and organisation masked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from claude_auth.claude_code.variables import secrets_of
from claude_auth.diagnose import verdict
from claude_auth.journal import JournalEntry
from claude_auth.model import Check, Finding, Machine, Resolution, Snapshot
from claude_auth.present.documents import check_document, status_document
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import clean, shown_path, shown_sentence, shown_value
from claude_auth.security.secret import Secret, without_locals
from claude_auth.words import first_line
from claude_auth.words.times import iso

REPORT_SCHEMA = 1
#: Of the journal.
MOST_LINES = 20

_EMAIL = re.compile(r"[\w.+%-]{1,64}@((?:[\w-]{1,63}\.)+\w{2,24})")
#: A shorter value is no secret but a placeholder, and may be an ordinary word.
_SECRET_FROM = 8


class Masker:
    """Takes the person out of text, and the secrets that this machine holds, whatever their shape."""

    def __init__(self, snapshot: Snapshot, resolution: Resolution) -> None:
        places, machine, state = snapshot.places, snapshot.machine, snapshot.claude_json
        self._home = places.home.rstrip("/")
        names = {machine.user, self._home.rpartition("/")[2]} - {"", "root", "home"}
        self._names = [
            re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])") for name in names if len(name) > 2
        ]
        self._whole = [
            text
            for text in (state.email, state.organization, state.organization_id)
            if text and len(text) > 2
        ]
        self._known = KnownValues(_secrets(snapshot, resolution), _SECRET_FROM)

    def __call__(self, value: Any) -> Any:
        """The same shape with every text in it masked; keys too."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {self._text(str(name)): self(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self(item) for item in value]
        return value

    def _text(self, text: str) -> str:
        text = self._known.hide(text, "…")
        if self._home:
            text = re.sub(rf"{re.escape(self._home)}(?=/|\b|$)", "~", text)
        for word in self._whole:
            text = text.replace(word, _masked_word(word))
        text = _EMAIL.sub(lambda match: _masked_word(match[0]), text)
        for name in self._names:
            text = name.sub("USER", text)
        return text


def _masked_word(word: str) -> str:
    """`a…@…` of an e-mail, the first letter of anything else."""
    return f"{word[:1]}…@…" if "@" in word else f"{word[:1]}…"


def _secrets(snapshot: Snapshot, resolution: Resolution) -> list[Secret]:
    sent = [standing.reading.value for standing in resolution.standings]
    return [*secrets_of(snapshot), *(value for value in sent if value is not None)]


@without_locals
def handout_document(
    snapshot: Snapshot,
    resolution: Resolution,
    findings: tuple[Finding, ...],
    *,
    versions: Mapping[str, str],
    journal: Iterable[JournalEntry] = (),
    checks: Iterable[Check] = (),
    network: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`versions`: of this program, Python and the libraries. `checks`: every question that was asked of the
    machine. `network`: a network report, where one was asked for."""
    state, found = snapshot.claude_json, verdict(resolution, findings)
    document = {
        "schema": REPORT_SCHEMA,
        "made_at": iso(snapshot.observed_at),
        "first_line": str(first_line(snapshot, resolution, found, snapshot.observed_at)),
        "versions": dict(versions),
        "clients": [
            {"path": shown_path(found.path), "version": found.version} for found in snapshot.installed
        ],
        "machine": _machine(snapshot.machine),
        "account": None if state.email is None else shown_value("email", state.email, 120),
        "status": status_document(snapshot, resolution, findings),
        "settings_files": _settings_files(snapshot),
        "variables_set": sorted(clean(name, 100) for name in snapshot.variables),
        "checks": [check_document(check) for check in checks],
        "network": network,
        "journal": [_line(entry) for entry in list(journal)[-MOST_LINES:]],
    }
    masked: dict[str, Any] = Masker(snapshot, resolution)(document)
    return masked


def _machine(machine: Machine) -> dict[str, Any]:
    return {
        "platform": machine.platform,
        "container": machine.container,
        "wsl": machine.wsl,
        "ssh": machine.over_ssh,
        "multiplexer": machine.multiplexer,
        "display": machine.display,
    }


def _settings_files(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {
            "layer": file.layer,
            "path": shown_path(file.path),
            "damage": None if file.damage is None else shown_sentence(file.damage.text, 200),
        }
        for file in snapshot.settings_files
        if file.damage is None or not file.damage.is_missing
    ]


def _line(entry: JournalEntry) -> dict[str, Any]:
    event = entry.event
    return {"at": iso(event.at), "level": event.level, "kind": event.kind, "text": clean(event.text, 400)}


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────


@without_locals
def handout_text(document: Mapping[str, Any]) -> str:
    """The same as Markdown, from `handout_document`."""
    findings = [line for finding in document["status"]["findings"] for line in _finding(finding)]
    lines = [
        *_which(document),
        *("", "## Findings", ""),
        *(findings or ["None."]),
        *_checks(document["checks"]),
        *_network(document["network"]),
        *_where(document),
        *("", "## Journal", ""),
    ]
    entries = [
        f"{line['at']} {line['level']:<7} {line['kind']}: {line['text']}" for line in document["journal"]
    ]
    return "\n".join([*lines, *(["```text", *map(_fenced, entries), "```"] if entries else ["Empty."]), ""])


def _which(document: Mapping[str, Any]) -> list[str]:
    """Which credential is used, with the table of all that are there."""
    status, wire = document["status"], document["status"]["wire"]
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    lines = [
        "# claude-auth report",
        "",
        f"Made {document['made_at']} by {_safe(versions)}. Secrets, names and",
        "addresses are masked; a fingerprint is the start of a SHA-256.",
        "",
        "## Which credential is used",
        "",
        _safe(document["first_line"]),
        "",
        f"- asked as: {_code(status['client'])}, rules of {_code(_version(status))}",
        f"- provider: {_code(status['provider'])}, usable: {_code(status['usable'])}",
        f"- winner: {_code(status['winner'])}",
    ]
    if status["blocked"] is not None:
        lines.append(f"- no request goes out: {_safe(status['blocked']['reason'])}")
    if wire is not None:
        lines.append(f"- host: {_code(wire['host'])}")
        lines += [f"- {name}: {_header(wire[key])}" for name, key in _HEADERS]
    lines += ["", "| source | state | verdict | masked | fingerprint | from |", "|---|---|---|---|---|---|"]
    return lines + [_row(source) for source in status["sources"] if source["state"] != "absent"]


def _where(document: Mapping[str, Any]) -> list[str]:
    """The machine, the clients, the settings files and the names of variables."""
    known = [(name, value) for name, value in document["machine"].items() if value not in {None, False}]
    clients = [f"- claude {_code(c['version'] or '?')} at {_code(c['path'])}" for c in document["clients"]]
    names = " ".join(_code(name) for name in document["variables_set"])
    return [
        *("", "## Machine", ""),
        *(f"- {name}: {_code(value)}" for name, value in known),
        *(clients or ["- no claude on PATH"]),
        *(
            f"- settings: {_code(file['path'])} ({file['layer']}){_damage(file)}"
            for file in document["settings_files"]
        ),
        f"- variables set: {names or 'none'}",
    ]


_HEADERS = (("x-api-key", "x_api_key"), ("authorization", "authorization"))


def _version(status: Mapping[str, Any]) -> str:
    return str(status["client_version"]["resolved_as"])


def _header(header: Mapping[str, Any] | None) -> str:
    if header is None:
        return "not sent"
    masked = header.get("masked") or header.get("identity") or "not known"
    return f"{_code(masked)}, from {_code(header['source'])}"


def _row(source: Mapping[str, Any]) -> str:
    origin = source["origin"]
    where = origin["path"] or origin["variable"] or ""
    if origin["path"] and origin["line"]:
        where = f"{where}:{origin['line']}"
    likely = [f"{at['path']}:{at['line']}" for at in origin["likely_set_at"][:2]]
    where = f"{where}, probably set at {', '.join(likely)}" if likely else where
    cells = (
        source["label"],
        source["state"],
        source["verdict"],
        source["masked"],
        source["fingerprint"],
        where,
    )
    return f"| {' | '.join(_safe('' if cell is None else str(cell)) for cell in cells)} |"


def _finding(finding: Mapping[str, Any]) -> list[str]:
    lines = [f"- **{_safe(finding['title'])}** ({finding['severity']}, {_code(finding['id'])})"]
    if finding["evidence"]:
        lines.append(f"  - {_safe(finding['evidence'])}")
    for fix in finding["fixes"]:
        command = "" if fix["command"] is None else f": {_code(fix['command'])}"
        lines.append(f"  - → {_safe(fix['title'])}{command}")
    return lines


def _checks(checks: list[Mapping[str, Any]]) -> list[str]:
    if not checks:
        return []
    told = [check for check in checks if check["state"] == "not-checked"]
    fine = sum(check["state"] == "fine" for check in checks)
    lines = ["", "## Checks", "", f"{fine} of {len(checks)} found nothing."]
    return lines + [
        f"- not checked: {_safe(check['title'])}{', ' + _safe(check['reason']) if check['reason'] else ''}"
        for check in told
    ]


def _network(network: Mapping[str, Any] | None) -> list[str]:
    if network is None:
        return []
    lines = ["", "## Network", ""]
    lines += [f"- {_safe(text)}" for text in network["conclusions"]]
    for host in network["hosts"]:
        bad = [check for check in host["checks"] if check["state"] != "ok"] or host["checks"][-1:]
        words = "; ".join(_safe(check["text"]) for check in bad)
        lines.append(f"- {_code(host['host'])} {host['state']}: {words}")
    return lines


def _damage(file: Mapping[str, Any]) -> str:
    return "" if file["damage"] is None else f": {_safe(file['damage'])}"


def _safe(text: str) -> str:
    """Text from outside is no markup."""
    return re.sub(r"([\\`*_\[\]<>|#@])", r"\\\1", text)


def _code(value: object) -> str:
    text = (
        "unknown"
        if value is None
        else {True: "yes", False: "no"}[value]
        if isinstance(value, bool)
        else value
    )
    return f"`{str(text).replace('`', chr(39)).replace('|', '/')}`"


def _fenced(line: str) -> str:
    return line.replace("```", "'''")


_LIBRARIES = ("httpx", "textual", "keyring")


def versions() -> dict[str, str]:
    """Of this program, Python, the system and the libraries, none of which is imported."""
    import platform
    from importlib import metadata

    from claude_auth.version import __version__

    found = {
        "claude-auth": __version__,
        "Python": platform.python_version(),
        platform.system(): platform.release(),
    }
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def last_lines(most: int, directory: str | None = None) -> list[JournalEntry]:
    """Of the journal; one that can't be read is empty."""
    from collections import deque

    from claude_auth.journal import read

    try:
        return list(deque(read(directory=directory), maxlen=most))
    except OSError:
        return []
