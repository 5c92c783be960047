"""Lines to type into: a filter, which is Textual's own input; an answer, a code, an error text, whose letters
go somewhere once and are kept in no value. No blinking cursor, so nothing is sent while they wait."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import Input

from claude_auth.app.actions import bindings
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, fit, fit_left, line, wrap
from claude_auth.security.redact import redact_value
from claude_auth.security.sanitize import clean, without_invisible
from claude_auth.words import StatusText

SECRET = "not taken: it looks like a secret, which would stand here for all to see"


def _characters(count: int) -> str:
    return f"{count} character{'' if count == 1 else 's'}"


class FilterLine(Input, inherit_bindings=False):
    """Types go in here; Enter keeps the filter, Escape takes it away."""

    about = "Type some letters: only rows that contain them stay. Enter keeps the filter, Escape drops it."
    BINDINGS = bindings("filter", "edit")

    class Closed(Message):
        """Enter or Escape was pressed."""

    def __init__(self, first: str = "", *, id: str | None = None, hint: str = "letters to look for") -> None:
        self.most = max(60, len(first))
        super().__init__(first, hint, id=id, compact=True, select_on_focus=False, max_length=self.most)
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Nothing invisible."""
        return without_invisible(value, keep="")

    def on_paste(self, event: events.Paste) -> None:
        """All of it on one line, as far as there is room: Textual takes the first line alone, and nothing of
        one that is too long. A secret would stand on the screen, here and in what names the filter."""
        event.stop()
        event.prevent_default()
        if redact_value(event.text) != event.text:
            self.screen.show_notice(SECRET)  # type: ignore[attr-defined]
            return
        start, end = sorted(self.selection)
        room = self.most - len(self.value) + end - start
        self.replace(clean(event.text, 2 * self.most)[:room], start, end)

    def action_keep(self) -> None:
        self.post_message(self.Closed())

    def action_drop(self) -> None:
        self.value = ""
        self.post_message(self.Closed())


class TypedField(LineView, inherit_bindings=False):
    """Its letters go somewhere and are not kept: `take` gives what was typed and forgets it."""

    #: More characters are not taken.
    most = 4096

    @dataclass(repr=False)
    class Pasted(Message):
        """Something was pasted, or typed to its end."""

        text: str
        typed: bool = False

        def __repr__(self) -> str:
            return "Pasted()"

    def __init__(self, *, id: str, classes: str | None = None) -> None:
        super().__init__(self.lay_out_field, id=id, classes=classes)
        self._typed: list[str] = []

    def lay_out_field(self, width: int) -> list[Line]:
        return []

    def add(self, text: str) -> None:
        room = self.most - len(self._typed)
        if room > 0:
            self._typed += text[:room]
            self.show()

    def take(self) -> str:
        text = "".join(self._typed)
        self.action_erase_all()
        return text

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self.add(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Textual calls that of each class; so `insert` is what a field has of its own."""
        event.stop()
        self.insert(event.text[: self.most + 1])

    def insert(self, text: str) -> None:
        """What was pasted."""
        self.post_message(self.Pasted(self.take() + text))

    def action_submit(self) -> None:
        text = self.take()
        if text:
            self.post_message(self.Pasted(text, typed=True))

    def action_erase(self) -> None:
        del self._typed[-1:]
        self.show()

    def action_erase_all(self) -> None:
        self._typed = []
        self.show()

    def copied(self) -> str:
        return ""


# ── a code, an error text ────────────────────────────────────────────────────────────────────────

ASKING = "Paste the code, or the whole address of the browser's last page: at any time, from anywhere here"


class PasteLine(TypedField, inherit_bindings=False):
    """Where the code, or the address of the browser's last page, is pasted. It is never shown."""

    most = 32 << 10
    about = (
        "Paste what the browser shows at the end: the whole address, code#state or the code. Line breaks and "
        "blanks in it don't matter. It is not shown, since it is a secret for some minutes."
    )
    BINDINGS = bindings("paste", "erase")

    def __init__(self) -> None:
        super().__init__(id="paste", classes="panel")
        self.answer: StatusText | None = None

    def tell(self, answer: StatusText | None) -> None:
        """What is wrong with what was pasted."""
        self.answer = answer
        self.show()

    def lay_out_field(self, width: int) -> list[Line]:
        if self._typed:
            return [line(f"{_characters(len(self._typed))} typed, not shown", Span("█", "dim"))]
        if self.answer is not None:
            return [*wrap(line(self.answer), width, 2)]
        return [*wrap(line(Span(ASKING, "dim")), width)]

    def action_leave(self) -> None:
        self.screen.focus_next()


class PasteLines(TypedField, inherit_bindings=False):
    """Lines typed by hand, for a terminal that can't paste in one piece. They are never shown."""

    most = 64 << 20
    about = "Type or paste here, line by line; ^d ends it. It is not shown: there may be a secret in it."
    BINDINGS = bindings("paste-lines", "erase")

    def lay_out_field(self, width: int) -> list[Line]:
        words = f"{_characters(len(self._typed))} typed, on line {self._typed.count(chr(10)) + 1}; not shown"
        return [*wrap(line(f"{words} ", Span("█", "dim")), width)]

    def action_end_line(self) -> None:
        self._typed.append("\n")
        self.show()

    def action_drop(self) -> None:
        """Also where nothing was typed: the screen takes the field away."""
        self.action_erase_all()
        self.post_message(self.Pasted("", typed=True))


# ── an answer to a command ───────────────────────────────────────────────────────────────────────

IDLE = "i types an answer to the command"
ASKED = "it seems to wait for an answer: i types one"


class TypeLine(TypedField, inherit_bindings=False):
    """What is typed goes to the command and is not kept. `hidden`: it is counted, not shown."""

    about = (
        "What is typed here goes to the command with Enter, and nobody keeps it. Where it asks for a secret "
        "the letters are not shown; ^t shows or hides them. ^d tells it that no more comes."
    )
    BINDINGS = bindings("type", "erase")

    @dataclass(repr=False)
    class Typed(Message):
        """A line was typed; None: no more comes."""

        text: str | None

        def __repr__(self) -> str:
            return "Typed()"

    class Left(Message):
        """The person wants out."""

    def __init__(self) -> None:
        super().__init__(id="type")
        self.hidden = self.asked = False

    def ask(self, asked: bool, *, secret: bool) -> None:
        """Whether the command seems to wait for a line. What is being typed stays hidden once it was."""
        hidden = secret or (self.hidden and bool(self._typed))
        if (asked, hidden) != (self.asked, self.hidden):
            self.asked, self.hidden = asked, hidden
            self.show()

    def lay_out_field(self, width: int) -> list[Line]:
        if not self.has_focus and not self._typed:
            words = Span(fit(f" {ASKED if self.asked else IDLE}", width), "strong" if self.asked else "dim")
            return [line(words)]
        shown = fit_left("".join(self._typed), width - 4)
        if self.hidden:
            shown = f"{_characters(len(self._typed))}, not shown"
        return [line(" ", Span("> ", "accent"), shown, Span("█", "dim"))]

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.show()

    def insert(self, text: str) -> None:
        self.add("".join(character for character in text if character.isprintable()))

    def action_submit(self) -> None:
        self.post_message(self.Typed(self.take()))

    def action_end(self) -> None:
        self.action_erase_all()
        self.post_message(self.Typed(None))

    def action_hide(self) -> None:
        self.hidden = not self.hidden
        self.show()

    def action_leave(self) -> None:
        self.action_erase_all()
        self.post_message(self.Left())
