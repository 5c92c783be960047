"""Secrets leave a line before anybody keeps it."""

from __future__ import annotations

from claude_auth.processes.ansi import LineBuilder, RawLine, plain
from claude_auth.processes.links import Redactor
from claude_auth.security.redact import REDACTED
from claude_auth.security.secret import Secret

TOKEN = "sk-ant-oat01-" + "canaryCanary0Canary1" * 4
KNOWN = "correct horse battery"


def raw(text: str) -> RawLine:
    (line,) = LineBuilder().feed(text.encode(), final=True)
    return line


def test_by_shape_also_where_colours_split_it() -> None:
    line = raw(f"got {TOKEN[:9]}\x1b[31m{TOKEN[9:20]}\x1b[1m{TOKEN[20:]}\x1b[0m done")
    spans = Redactor().line(line)
    assert plain(spans) == f"got {REDACTED} done"
    assert spans[-1].look.foreground is None


def test_known_values_and_their_form_in_an_address() -> None:
    redactor = Redactor([Secret(KNOWN), Secret("ab"), Secret(" ")])
    assert plain(redactor.line(raw(f"it is {KNOWN}!"))) == f"it is {REDACTED}!"
    assert plain(redactor.line(raw("?q=correct%20horse%20battery"))) == f"?q={REDACTED}"
    assert plain(redactor.line(raw("about"))) == "about"
    assert KNOWN not in repr(redactor)


def test_what_the_terminal_wrapped() -> None:
    for secret in (TOKEN, KNOWN.replace(" ", "-") * 3):
        redactor = Redactor([Secret(secret)], columns=40)
        lines = [secret[start : start + 40] for start in range(0, len(secret), 40)]
        shown = "\n".join(plain(redactor.line(raw(line))) for line in [*lines, "and more text"])
        assert not any(secret[start : start + 8] in shown for start in range(0, len(secret) - 8, 4))
        assert shown.endswith("more text")


def test_an_unfinished_line_waits_with_its_last_word() -> None:
    redactor = Redactor([Secret(KNOWN)])
    for length in range(6, len(TOKEN)):
        assert "anary" not in plain(redactor.unfinished(raw(f"token is {TOKEN[:length]}")))
    assert plain(redactor.unfinished(raw(f"say {KNOWN[:9]}"))) == f"say {REDACTED}"
    for prompt in (
        "Password:",
        "Continue? [y/N]",
        "Paste code here if prompted >",
        "Waiting for the browser",
    ):
        assert plain(redactor.unfinished(raw(prompt))) == prompt


def test_a_very_long_word_costs_little() -> None:
    text = "key=" + "x1y2" * 1024
    assert "x1y2" not in plain(Redactor().line(raw(text)))
