"""An error text explained: pasted, typed or dropped as a file; its causes, and which of them it is here.

What was pasted is held by the worker that reads it, and by nothing afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.worker import get_current_worker

from claude_auth.actions.explain import Explained, tells_kinds
from claude_auth.app.actions import bindings
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.causes import Causes
from claude_auth.app.widgets.fields import PasteLine, PasteLines
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.steps import ActionTitle
from claude_auth.model import Fix, Snapshot
from claude_auth.present.causes import asking_lines, pasted_lines
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.security.secret import Secret

READING = "reading it and looking at this machine; ^x stops that"
ABOUT = (
    "Paste an error here: all of it, a log of megabytes too. What it says is compared with the errors "
    "that are known, and with this machine. It is never shown: only its size, its status, type and "
    "message stand here, without secrets."
)


class ExplainScreen(BaseScreen[bool], inherit_bindings=False):
    CSS_PATH = [sheet("explain"), sheet("causes")]
    AUTO_FOCUS = "#pasted"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS = bindings("explain", "parts")

    @dataclass
    class Read(Message):
        """The text of that turn was read; what it means."""

        turn: int
        found: Explained

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        super().__init__()
        self.services, self.snapshot = services, snapshot
        self.home = snapshot.places.home
        self.found: Explained | None = None
        self.reading = False
        self.turn = 0
        #: By turn, until the worker takes it: what is handed to a worker itself would live on with it.
        self.given: dict[int, Secret] = {}
        self.note = ""
        #: For what action it was left.
        self.remedy: Fix | None = None

    def compose(self) -> ComposeResult:
        yield ActionTitle("explain an error", self.snapshot.machine)
        pasted, typed = LineView(self._pasted, id="pasted", classes="panel"), PasteLines(id="typed")
        pasted.about = ABOUT
        pasted.entitle("Paste an error")
        typed.entitle("Typed")
        yield from (pasted, typed, Causes(self.home), Hints(id="hints"))

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def pasted(self) -> LineView:
        return self.query_one("#pasted", LineView)

    def _pasted(self, width: int) -> list[Line]:
        if self.reading:
            return [*wrap(line(Span(READING, "strong")), width)]
        if self.found is not None:
            return pasted_lines(self.found, self.home, width)
        note = wrap(line(Span(self.note, "warn")), width) if self.note else ()
        return [*note, *([()] if note else []), *asking_lines(width)]

    def _changed(self) -> None:
        causes = () if self.found is None else self.found.causes
        self.set_class(bool(causes), "-known")
        self.query_one(ActionTitle).tell("READING" if self.reading else "")
        self.pasted.entitle("Paste an error" if self.found is None else "What was pasted")
        self.pasted.show()
        self.query_one(Causes).tell(causes, kinds=tells_kinds(causes))
        self.refresh_bindings()

    # ── taking a text ────────────────────────────────────────────────────────────────────────────

    def on_paste(self, event: events.Paste) -> None:
        """Pasted anywhere on this screen; over a result it begins anew."""
        event.stop()
        self.take(Secret(event.text))

    @on(PasteLine.Pasted)
    def typed(self, message: PasteLine.Pasted) -> None:
        self.remove_class("-typing")
        self.pasted.focus()
        if message.text:
            self.take(Secret(message.text))

    def take(self, text: Secret) -> None:
        if text.is_blank:
            self.show_notice("there was nothing in that paste")
            return
        self._forget()
        self.reading = True
        self._changed()
        self.given[self.turn] = text
        self.read(self.turn)

    @work(thread=True, exclusive=True, exit_on_error=False, group="read")
    def read(self, turn: int) -> None:
        text = self.given.pop(turn, None)
        if text is None:
            return  # forgotten before it was begun
        found = self.services.asking.explain(text, self.snapshot)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Read(turn, found))

    @on(Read)
    def was_read(self, message: Read) -> None:
        if message.turn != self.turn:
            return  # stopped, or another was pasted, while this was on its way
        self.reading, self.found = False, message.found
        self._changed()

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if group == "read" and error is not None and self.reading:
            self.reading = False
            self.note = f"It could not be explained ({type(error).__name__}). Try a part of it."
            self._changed()

    def _forget(self) -> None:
        """Also a text that is being read: its worker ends by itself, and what it finds goes nowhere."""
        self.workers.cancel_group(self, "read")
        self.found, self.reading, self.note = None, False, ""
        self.turn += 1
        self.given.clear()
        self.remove_class("-typing")
        self.query_one(PasteLines).action_erase_all()
        self.pasted.focus()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        return frozenset({"busy"}) if self.reading else frozenset()

    def refusal(self, action: str) -> str | None:
        if action == "new" and self.found is None and not self.reading:
            return "nothing was pasted yet"
        known = self.found is not None and bool(self.found.causes)
        if action == "copy" and not known:
            return "there is no explanation to copy yet"
        if action == "fix" and not known:
            return "there is no explanation yet, so nothing to mend"
        if action == "fix" and self.query_one(Causes).remedy is None:
            return "no key does this: Enter goes to the steps, and copies the command of one"
        return None

    def action_new(self) -> None:
        if not self.refuses("new"):
            self._start_anew("forgotten; paste another")

    def action_stop(self) -> None:
        self._start_anew("stopped; what was pasted is forgotten")

    def _start_anew(self, notice: str) -> None:
        self._forget()
        self._changed()
        self.show_notice(notice)

    def interrupted(self) -> bool:
        reading = self.reading
        if reading:
            self.action_stop()
        return reading

    def action_type(self) -> None:
        self.add_class("-typing")
        self.query_one(PasteLines).focus()

    def action_copy(self) -> None:
        if not self.refuses("copy"):
            self.send_to_clipboard(self.query_one(Causes).copied(), "the explanation")

    @on(Causes.Remedied)
    def action_fix(self) -> None:
        """The step under the cursor, where it is an action; else the first that is one."""
        if not self.refuses("fix"):
            self.remedy = self.query_one(Causes).remedy
            self.action_close()

    def action_close(self) -> None:
        self._forget()
        self.dismiss(False)
