"""The ways to sign in, as rows: what Claude Code offers, and the person's own OAuth client. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.model import Snapshot
from claude_auth.present.actions import (
    CLAUDE_HEADING,
    CLAUDE_ROUTES,
    INSTALLS,
    NO_CLIENT,
    NOT_CONFIGURED,
    OWN_HEADING,
    OWN_ROUTES,
    Route,
)
from claude_auth.present.lines import Row, Span, fit, line, pad, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText, format_path

if TYPE_CHECKING:
    from claude_auth.oauth.configuration import Configuration

_LABEL = 20


def routes(
    snapshot: Snapshot, configuration: Configuration, path: str, account: str | None, width: int
) -> list[Row]:
    """`path`: where the configuration's file belongs. Rows whose id begins with `copy:` are to be copied."""
    return [
        Row(None, (line(Span(fit(CLAUDE_HEADING, width), "strong")),)),
        *_by_claude(snapshot, width),
        Row(None, ((),)),
        Row(None, (line(Span(fit(OWN_HEADING, width), "strong")),)),
        *_by_us(configuration, path, account, snapshot.places.home, width),
    ]


def _by_claude(snapshot: Snapshot, width: int) -> list[Row]:
    if not snapshot.installed:
        rows = [Row(None, wrap(line(Span(NO_CLIENT, "warn")), width))]
        return rows + [
            Row(f"copy:{command}", wrap(line(Span(command, "accent")), width)) for command in INSTALLS
        ]
    first = snapshot.installed[0]
    told = f"{first.version or 'version not known'}, {format_path(first.path, snapshot.places.home)}"
    rows = [Row(None, wrap(line(Span(f"Claude Code {clean(told, 200)}", "dim")), width))]
    return rows + [_row(route, width) for route in CLAUDE_ROUTES]


def _by_us(configuration: Configuration, path: str, account: str | None, home: str, width: int) -> list[Row]:
    told = [StatusText("✗", clean(str(problem), 300), "fail") for problem in configuration.problems]
    told += [StatusText("▲", clean(str(warning), 300), "warn") for warning in configuration.warnings]
    rows = [Row(None, wrap(line(word), width, 2)) for word in told]
    client = configuration.client
    if client is None:
        if configuration.is_absent:
            rows.append(Row(None, wrap(line(Span(NOT_CONFIGURED, "dim")), width)))
        rows.append(Row(f"copy:{path}", wrap(line(Span(format_path(path, home), "accent")), width)))
        return rows
    where = (client.authorize_url or client.issuer or "").partition("?")[0]
    words = clean(f"client {client.client_id} at {where}", 300)
    rows.append(Row(None, wrap(line(Span(words, "dim")), width)))
    name = "the default account" if account is None else f"the account {clean(account, 60)}"
    rows.append(Row(None, wrap(line(Span(f"as {name}; n names another", "dim")), width)))
    return rows + [_row(route, width) for route in OWN_ROUTES]


def _row(route: Route, width: int) -> Row:
    label = Span(pad(route.label, _LABEL))
    return Row(route.id, wrap(line(label, Span(route.detail, "dim")), width, _LABEL))
