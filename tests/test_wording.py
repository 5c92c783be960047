"""The words, as tables."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import pytest

from claude_auth import words as wording
from claude_auth.app.actions import ACTIONS
from claude_auth.app.screens.help import GLOSSARY
from claude_auth.claude_code.clients import CLIENTS
from claude_auth.claude_code.plans import PLAN_NAMES
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.diagnose.causes import BY_ID as CAUSES
from claude_auth.model import (
    NOWHERE,
    FileFacts,
    HeaderValue,
    Location,
    Machine,
    Origin,
    SourceReading,
    Standing,
    TokenSet,
    VersionAnswer,
)
from claude_auth.present.panels import ABOUT
from claude_auth.security.secret import Secret
from claude_auth.sources import SOURCES

NOW = 1795176184.0  # 2026-11-20 12:03:04 UTC
MIN, HOUR, DAY = 60.0, 3600.0, 86400.0
KEY = Secret("sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5 * HOUR + 12 * MIN + 30, "5 h 12 min left"),
        (8 * HOUR, "8 h 0 min left"),
        (59 * MIN + 59, "59 min left"),
        (120, "2 min left"),
        (119.5, "1 min 59 s left"),
        (60, "1 min 0 s left"),
        (59, "59 s left"),
        (0.4, "0 s left"),
        (0, "expired 0 s ago"),
        (-61, "expired 1 min 1 s ago"),
        (-2 * DAY - 5, "expired 2 days ago"),
        (DAY + 3 * HOUR, "1 day 3 h left"),
        (29.9 * DAY, "29 days left"),
        (8000 * 365 * DAY, "8000 years left"),
    ],
)
def test_left(seconds: float, words: str) -> None:
    assert wording.left(seconds) == words


@pytest.mark.parametrize(
    "seconds", [5 * HOUR + 12 * MIN + 30, 125, 121, 119, 60.5, 1.5, -3, -130, -26 * HOUR, 30 * HOUR]
)
def test_next_change_is_when_the_words_change(seconds: float) -> None:
    wait = wording.next_change(seconds)
    assert wait >= 0
    assert wording.left(seconds - wait * 0.98) == wording.left(seconds)
    assert wording.left(seconds - wait - 0.05) != wording.left(seconds)


def test_moments() -> None:
    assert wording.clock(NOW) == "12:03"
    assert wording.when(NOW - HOUR, NOW) == "11:03"
    assert wording.when(NOW - DAY, NOW) == "19 Nov 12:03"
    assert wording.day(NOW + 24 * DAY, NOW) == "14 Dec"
    assert wording.day(NOW + 100 * DAY, NOW) == "28 Feb 2027"
    assert wording.clock(1e18) == "?"


def test_bar() -> None:
    assert wording.bar(8, 8, 10) == "██████████"
    assert wording.bar(4, 8, 10) == "█████░░░░░"
    assert wording.bar(0.01, 8, 10) == "█░░░░░░░░░"
    assert wording.bar(-1, 8, 4) == "░░░░"
    assert wording.bar(99, 8, 4) == "████"


def test_expiry_words() -> None:
    access, refresh = Secret("a"), Secret("r")
    live = TokenSet(access, refresh, NOW + HOUR)
    idle = TokenSet(access, refresh, NOW - DAY)
    assert str(wording.expiry_words(live, live.expiry(NOW, RENEWAL_MARGIN), NOW)) == "✓ 1 h 0 min left"
    assert (
        str(wording.expiry_words(idle, idle.expiry(NOW, RENEWAL_MARGIN), NOW))
        == "↻ ended 1 day 0 h ago, renewed on next use: normal"
    )
    over = TokenSet(access, None, NOW - 2 * DAY)
    assert str(wording.expiry_words(over, over.expiry(NOW, RENEWAL_MARGIN), NOW)) == "✗ expired 2 days ago"
    signed_out = TokenSet(access, refresh, NOW + HOUR, NOW - DAY)
    assert "sign in again" in str(
        wording.expiry_words(signed_out, signed_out.expiry(NOW, RENEWAL_MARGIN), NOW)
    )
    assert str(wording.deadline_words(signed_out, NOW)) == "✗ ended 19 Nov: sign in again"
    cleared = TokenSet(access, None, 0.0)
    words = str(wording.expiry_words(cleared, cleared.expiry(NOW, RENEWAL_MARGIN), NOW))
    assert words == "✗ expired, since when is not noted"
    endless = TokenSet(access)
    assert "no expiry" in str(wording.expiry_words(endless, endless.expiry(NOW, RENEWAL_MARGIN), NOW))
    assert wording.deadline_words(endless, NOW) is None


def standing(source: str, state: str, verdict: str) -> Standing:
    return Standing(SourceReading(source, state, "because"), verdict, "because")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "state", "verdict", "words"),
    [
        ("anthropic-api-key", "present", "winning", "★ used"),
        ("anthropic-api-key", "present", "also-sent", "▲ also sent"),
        ("anthropic-api-key", "present", "shadowed", "○ ignored"),
        ("anthropic-api-key", "present", "unused", "· not used"),
        ("anthropic-api-key", "unusable", "unused", "✗ unusable"),
        ("anthropic-api-key", "unreadable", "unused", "? unreadable"),
        ("anthropic-api-key", "absent", "unused", "– not set"),
        ("stored-login", "absent", "unused", "– signed out"),
        ("bedrock", "absent", "unused", "– off"),
        ("sdk-tokens", "absent", "unused", "– none"),
    ],
)
def test_standing_words(source: str, state: str, verdict: str, words: str) -> None:
    assert str(wording.standing_word(standing(source, state, verdict))) == words


@pytest.mark.parametrize("verdict", ["winning", "unused"])
def test_what_hinders_a_source_is_its_word_whatever_its_verdict(verdict: str) -> None:
    for hindrance, word in wording.HINDRANCES.items():
        found = standing("anthropic-api-key", "present", verdict)._replace(hindrance=hindrance)
        assert wording.standing_word(found) == word
        assert len(word.text) <= 10
        assert wording.HINDRANCE_MEANING[hindrance]


def test_every_source_has_a_word_of_at_most_ten_letters() -> None:
    for source in SOURCES:
        for state in ("absent", "present", "unusable", "unreadable"):
            word = wording.state_word(SourceReading(source.id, state, ""))
            assert len(word.glyph) == 1
            assert len(word.text) <= 10


def test_meaning_never_hangs_on_colour_or_glyph_alone() -> None:
    words = [
        wording.WINS,
        wording.ALSO_SENT,
        wording.SHADOWED,
        wording.NOT_USED,
        wording.UNUSABLE,
        wording.UNREADABLE,
    ]
    assert len({word.text for word in words}) == len(words)
    assert len({wording.to_ascii(word.glyph) for word in words}) == len(words)
    assert len({word.text for word in wording.SEVERITIES.values()}) == 3
    verdicts = list(wording.VERDICTS.values())
    assert (
        len({wording.to_ascii(word.glyph) for word in verdicts}) == len({str(word) for word in verdicts}) == 4
    )


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "– not sent"),
        (HeaderValue("anthropic-api-key", None, KEY), "★ sk-ant-api03-…k3y9"),
        (HeaderValue("anthropic-auth-token", "Bearer", Secret("short")), "★ Bearer …"),
        (HeaderValue("anthropic-auth-token", "Bearer", Secret("Bearer short")), "★ Bearer Bearer …"),
        (HeaderValue("api-key-helper", "Bearer"), "? Bearer unknown until it is run: press e"),
        (HeaderValue("oauth-token-file-descriptor", "Bearer"), "? Bearer unknown until it is read: press e"),
        (HeaderValue("vertex", "Bearer"), "? Bearer unknown here: only the network could tell"),
        (HeaderValue("aws-profile", "AWS4-HMAC-SHA256", None, "AKIAMADEUP"), "★ signature by AKIAMADEUP"),
        (HeaderValue("aws-ambient", "AWS4-HMAC-SHA256"), "★ AWS signature, key id unknown"),
        (HeaderValue("api-key-helper", "Bearer", Secret("")), "★ Bearer (empty)"),
    ],
)
def test_header_words(header: HeaderValue | None, words: str) -> None:
    assert str(wording.header_words(header)) == words


def test_lines_are_broken_between_words_and_what_is_exact_is_not() -> None:
    text = "  ✗ one two three `four five` six"
    assert wording.broken(text, None) == [text]
    assert wording.broken(text, 18) == ["  ✗ one two three", "    `four five`", "    six"]
    assert wording.broken("a-word-longer-than-that b", 10) == ["a-word-longer-than-that", "b"]
    assert wording.broken("\x1b[31mone two\x1b[0m", 7) == ["\x1b[31mone two\x1b[0m"]
    command = wording.with_command("do this", "a command of words")
    assert wording.broken(command, None) == ["do this: a command of words"]
    assert wording.broken(command, 20) == ["do this:", "a command of words"]
    assert wording.broken(wording.Exact("as it stands", "  "), 6) == ["  as it stands"]


def test_places_and_origins() -> None:
    assert wording.format_path("/home/ada/.claude", "/home/ada") == "~/.claude"
    assert wording.format_path("/home/adam/x", "/home/ada") == "/home/adam/x"
    assert wording.format_path("/etc/x\x1b[31m", "/") == "/etc/x[31m"
    assert wording.abbreviate_home("look at /home/ada/.zshrc:4", "/home/ada") == "look at ~/.zshrc:4"
    assert wording.abbreviate_home("look at /srv/x", "/") == "look at /srv/x"
    inside = "cat '/home/ada/a b'; see /mnt/home/ada/x and (/home/ada/y)"
    shown = "cat '/home/ada/a b'; see /mnt/home/ada/x and (~/y)"
    assert wording.abbreviate_home(inside, "/home/ada") == shown
    settings = Origin("settings", "project", "/home/ada/p/.claude/settings.json", 3)
    assert (
        wording.origin_words(settings, "/home/ada") == "this project's settings: ~/p/.claude/settings.json:3"
    )
    shell = Origin("environment", variable="X", likely_set_at=(Location("/home/ada/.zshrc", 4),))
    assert wording.origin_words(shell, "/home/ada") == "the environment: X"
    assert wording.short_origin(shell, "/home/ada") == "~/.zshrc:4"
    assert wording.short_origin(Origin("environment", variable="X"), "/h") == "environment"
    assert wording.origin_words(NOWHERE, "/h") == ""


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (0o100600, "✓ 0600, only its owner"),
        (0o100640, "▲ 0640, its group may open it"),
        (0o100644, "▲ 0644, anybody may read it"),
        (0o100666, "▲ 0666, anybody may write it"),
    ],
)
def test_mode_words(mode: int, words: str) -> None:
    assert str(wording.mode_words(FileFacts("/x", mode, "ada", True, NOW, 1))) == words


def test_scopes_kinds_clients_bills() -> None:
    assert wording.scope_words("user:inference") == "may ask Claude for answers, in Claude Code alone"
    assert wording.scope_words("made:up") == "not known here"
    standard = ("openid", "profile", "email", "offline_access")  # OpenID Connect Core, 5.4 and 11
    assert "not known here" not in map(wording.scope_words, standard)
    assert wording.kind_words(KEY.kind) == "API key"
    assert [wording.client_label(client.id) for client in CLIENTS] == [client.label for client in CLIENTS]
    assert (
        wording.bill_words("stored-login", TokenSet(KEY, subscription="max"))
        == "your Claude Max subscription"
    )
    for word, name in (*PLAN_NAMES.items(), ("of-tomorrow", "of-tomorrow")):
        assert name == word or name == f"Claude {word.title()}"
        assert (
            wording.bill_words("stored-login", TokenSet(KEY, subscription=word))
            == f"your {name} subscription"
        )
        assert wording.account_words(None, TokenSet(KEY, subscription=word)) == f"{name} plan"
    assert wording.bill_words("stored-login") == "the Claude subscription of the signed-in account"
    assert "AWS account" in wording.bill_words("aws-profile")
    assert wording.account_words("a@b", TokenSet(KEY, subscription="pro")) == "a@b, Claude Pro plan"


def test_marks_and_versions() -> None:
    assert wording.machine_marks(
        Machine(over_ssh=True, multiplexer="tmux", container="docker", wsl=True)
    ) == ("ssh", "tmux", "docker", "wsl")
    assert wording.version_words(VersionAnswer("2.1.328", None)) == "rules of 2.1.328"
    unseen = VersionAnswer("2.1.328", "2.2.0", observed=False)
    assert wording.version_words(unseen) == "rules of 2.1.328, the nearest seen to 2.2.0"


def test_ascii_keeps_columns() -> None:
    text = "★ ▲ ✓ ✗ – ○ ↻ → ▸ ▾ █ ░ ─ · … ’ “ ” é 日"
    assert len(wording.to_ascii(text)) == len(text)
    assert wording.to_ascii(text).isascii()


@pytest.mark.parametrize(
    ("encoding", "term", "glyphs"),
    [
        ("UTF-8", "xterm", True),
        ("utf8", "screen", True),
        ("ANSI_X3.4-1968", "xterm", False),
        (None, "xterm", False),
        ("UTF-8", "linux", False),
    ],
)
def test_who_gets_glyphs(encoding: str | None, term: str, glyphs: bool) -> None:
    assert wording.speaks_unicode(encoding, term) is glyphs


# ── words for a stranger ─────────────────────────────────────────────────────────────────────────

#: What only those know who know this program from inside.
_INSIDE = re.compile(
    r"\b(ladder|the wire|shadowed|seed \d+|slots?|resolver|resolution|standing|snapshot|asked by|keeper)\b",
    re.IGNORECASE,
)
PICTURES = Path(__file__).resolve().parent.parent / "snapshots"


def rows_of(picture: Path) -> list[str]:
    """What stands in a picture, line by line."""
    rows: dict[float, list[tuple[float, str]]] = {}
    found = re.findall(r'<text [^>]*x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', picture.read_text("utf-8"))
    for x, y, text in found:
        rows.setdefault(float(y), []).append((float(x), html.unescape(text).replace("\xa0", " ")))
    return ["".join(text for _, text in sorted(row)) for _, row in sorted(rows.items())]


def test_no_screen_has_a_word_from_inside() -> None:
    pictures = sorted(PICTURES.glob("*.svg"))
    assert len(pictures) > 100
    assert [f"{one.name}: {row}" for one in pictures for row in rows_of(one) if _INSIDE.search(row)] == []


def test_nothing_that_a_key_or_a_list_says_is_a_word_from_inside() -> None:
    said = [text for rows in ACTIONS.values() for row in rows for text in (row.label, row.tooltip)]
    said += [text for one in CLIENTS for text in (one.label, one.about)]
    said += [text for one in SOURCES for text in (one.label, one.sets, one.unset, one.bills)]
    said += [
        text
        for one in CAUSES.values()
        for text in (one.title, one.explanation, one.title_beside_text, one.beside_text)
    ]
    said += [text for row in (*GLOSSARY, *ABOUT.items()) for text in row if " " in text]
    assert [text for text in said if _INSIDE.search(text)] == []


def test_what_a_program_is_has_room_in_the_list_at_80_columns() -> None:
    room = 80 - 7 - max(len(one.label) for one in CLIENTS)
    assert [one.about for one in CLIENTS if len(one.about) > room] == []


def test_there_is_one_kind_of_apostrophe() -> None:
    """In every text of the source but a list of quotation marks, which stands for what people paste."""
    source = Path(wording.__file__).parents[1]
    texts = [
        (path.name, node.value)
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert len(texts) > 10_000
    assert not [found for found in texts if re.search("[^\\W\\d_][’‘´]|[’‘´][^\\W\\d_]", found[1])]
