"""An error text explained: pasted, typed or dropped as a file; its causes, and which of them it is here.

What was pasted is held by the worker that reads it, and by nothing afterwards.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.actions.explain import Explained
from claude_auth.app.screens.explain_doors import ExplainDoors
from claude_auth.app.screens.part_keys import part_keys
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.causes import Causes
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES, LineView
from claude_auth.app.widgets.paste_line import PasteLine
from claude_auth.app.widgets.paste_lines import PasteLines
from claude_auth.app.widgets.steps import ActionTitle
from claude_auth.model import Snapshot
from claude_auth.present.causes import asking_lines, pasted_lines
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.security.secret import Secret

READING = "reading it and looking at this machine; ^x stops that"


class Pasted(LineView):
    about = (
        "Paste an error here: all of it, a log of megabytes too. What it says is compared with the errors "
        "that are known, and with this machine. It is never shown: only its size, its status, type and "
        "message stand here, without secrets."
    )


class Explain(Speaking[None], inherit_bindings=False):
    CSS_PATH = [sheet("explain"), sheet("causes")]
    AUTO_FOCUS = "#pasted"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", tooltip="Forget this one; then paste another", id="explain.new"),
        Binding("i", "type", "Type", tooltip="Type it, or paste it line by line", id="explain.type"),
        Binding("y", "copy", "Copy", tooltip="Copy the explanation; no secret is in it", id="explain.copy"),
        Binding("q,ctrl+q", "close", "Back", tooltip="Back to the dashboard", id="explain.close"),
        Binding(
            "ctrl+x,escape", "stop", "Stop", tooltip="Stop reading, forget what was pasted", id="explain.stop"
        ),
        Binding("ctrl+x,escape", "close", "Back", show=False, tooltip="Back", id="explain.close-too"),
        *part_keys("explain"),
    ]

    class Read(Message):
        """The text of that turn was read; what it means."""

        def __init__(self, turn: int, found: Explained) -> None:
            super().__init__()
            self.turn, self.found = turn, found

    def __init__(self, doors: ExplainDoors, snapshot: Snapshot) -> None:
        super().__init__()
        self.doors, self.snapshot = doors, snapshot
        self.home = snapshot.places.home
        self.found: Explained | None = None
        self.reading = False
        self.turn = 0
        #: By turn, until the worker takes it: what is handed to a worker itself would live on with it.
        self.given: dict[int, Secret] = {}
        self.note = ""

    def compose(self) -> ComposeResult:
        yield ActionTitle("explain an error", self.snapshot.machine)
        pasted, typed = Pasted(self._pasted, id="pasted", classes="panel"), PasteLines(id="typed")
        pasted.entitle("Paste an error")
        typed.entitle("Typed")
        yield from (pasted, typed, Causes(self.home), Hints(id="hints"))

    # ── what stands there ────────────────────────────────────────────────────────────────────────

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
        self.query_one(Pasted).entitle("Paste an error" if self.found is None else "What was pasted")
        self.query_one(Pasted).show()
        self.query_one(Causes).tell(causes, kinds=self.found is not None and self.found.tells_kinds)
        self.refresh_bindings()

    # ── taking a text ────────────────────────────────────────────────────────────────────────────

    def on_paste(self, event: events.Paste) -> None:
        """Pasted anywhere on this screen; over a result it begins anew."""
        event.stop()
        self.take(Secret(event.text))

    @on(PasteLine.Pasted)
    def typed(self, message: PasteLine.Pasted) -> None:
        self.remove_class("-typing")
        self.query_one(Pasted).focus()
        if message.text:
            self.take(Secret(message.text))

    def take(self, text: Secret) -> None:
        if text.is_blank:
            self.say("there was nothing in that paste")
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
        found = self.doors.explain(text, self.snapshot)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Read(turn, found))

    @on(Read)
    def was_read(self, message: Read) -> None:
        if message.turn != self.turn:
            return  # stopped, or another was pasted, while this was on its way
        self.reading, self.found = False, message.found
        self._changed()

    @on(Worker.StateChanged)
    def worker_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "read" and event.state is WorkerState.ERROR and self.reading:
            self.reading = False
            self.note = f"It could not be explained ({type(event.worker.error).__name__}). Try a part of it."
            self._changed()

    def _forget(self) -> None:
        """Also a text that is being read: its worker ends by itself, and what it finds goes nowhere."""
        self.workers.cancel_group(self, "read")
        self.found, self.reading, self.note = None, False, ""
        self.turn += 1
        self.given.clear()
        self.remove_class("-typing")
        self.query_one(PasteLines).action_erase_all()
        self.query_one(Pasted).focus()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action == "new" and self.found is None and not self.reading:
            return "nothing was pasted yet"
        if action == "copy" and not (self.found is not None and self.found.causes):
            return "there is no explanation to copy yet"
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.reading if action == "stop" else True

    def action_new(self) -> None:
        if self.refuses("new"):
            return
        self._forget()
        self._changed()
        self.say("forgotten; paste another")

    def action_stop(self) -> None:
        self._forget()
        self._changed()
        self.say("stopped; what was pasted is forgotten")

    def interrupted(self) -> bool:
        """Ctrl-C: whether it was for what runs here."""
        reading = self.reading
        if reading:
            self.action_stop()
        return reading

    def action_type(self) -> None:
        self.add_class("-typing")
        self.query_one(PasteLines).focus()

    def action_copy(self) -> None:
        if self.refuses("copy"):
            return
        self.send_to_clipboard(self.query_one(Causes).copied(), "the explanation")

    def action_close(self) -> None:
        self._forget()
        self.dismiss(None)
