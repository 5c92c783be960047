"""The diagnosis: every finding, on a key every check, and all about the row under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.screens.diagnose_doors import DiagnoseDoors
from claude_auth.app.screens.part_keys import part_keys
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.filter_line import FilterLine
from claude_auth.app.widgets.finding_detail import Detail
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import ActionTitle
from claude_auth.model import Check, Event, Finding, Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.diagnosis import (
    Diagnosis,
    Subject,
    diagnosis_rows,
    diagnosis_subjects,
    diagnosis_title,
    first_command,
    subject_lines,
)
from claude_auth.present.lines import Row
from claude_auth.words import client_label, format_path

NOT_YET = "the checks are not made yet: it is still looked"
LOOKING = "looking further…"


class Diagnose(Speaking[bool], inherit_bindings=False):
    """Dismissed with whether something was changed. Keeps `diagnosis` true. `follows`: the dashboard, which
    watches the files."""

    CSS_PATH = sheet("diagnose")
    AUTO_FOCUS = "#list"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fix", "Fix", tooltip="Show how it can be fixed, and ask", id="diagnose.fix"),
        Binding("a", "checks", "All checks", tooltip="Show every check, or hide them", id="diagnose.checks"),
        Binding("z", "undo", "Undo…", tooltip="What was fixed, and take it back", id="diagnose.undo"),
        Binding("y", "copy", "Copy", tooltip="Copy the command, or this text", id="diagnose.copy"),
        Binding("m", "report", "Report", tooltip="A report for somebody who helps", id="diagnose.report"),
        Binding("slash", "filter", "Filter", tooltip="Keep the rows with some letters", id="diagnose.filter"),
        Binding("u,f5", "look", "Look again", tooltip="Look at the machine again", id="diagnose.look"),
        Binding(
            "v,enter", "zoom", "Zoom", show=False, tooltip="The detail alone, and back", id="diagnose.zoom"
        ),
        *part_keys("diagnose"),
        Binding("q,d", "close", "Back", tooltip="Back to the dashboard", id="dialog.close"),
        Binding("escape", "back", "Back", show=False, tooltip="One step back", id="diagnose.back"),
    ]

    class Diagnosed(Message):
        """The machine was looked at, and this follows from it."""

        def __init__(self, diagnosis: Diagnosis, notice: str = "") -> None:
            super().__init__()
            self.diagnosis, self.notice = diagnosis, notice

    class Reported(Message):
        """The report was made: its text for the clipboard, or where it was written, or why it wasn't."""

        def __init__(self, text: str = "", path: str = "", problem: str = "") -> None:
            super().__init__()
            self.text, self.path, self.problem = text, path, problem

    def __init__(
        self,
        doors: DiagnoseDoors,
        scene: DashboardState,
        told: Told = lambda event: None,
        *,
        at: str | None = None,
        follows: BaseScreen[None] | None = None,
    ) -> None:
        super().__init__()
        self.doors, self.told, self.follows = doors, told, follows
        self.diagnosis = Diagnosis(scene.snapshot, scene.resolution, scene.findings)
        #: The row that was opened; None for the most urgent one.
        self.at = at
        self.all_checks = self.changed = False
        self.needle = ""

    def compose(self) -> ComposeResult:
        asked = f"diagnose · asked by {client_label(self.diagnosis.resolution.client)}"
        yield ActionTitle(asked, self.diagnosis.snapshot.machine)
        with Container(id="body"):
            found = RowView(self._rows, worst_first=True, id="list", classes="panel")
            found.about = (
                "What was found, the worst first, and what else can be done here. a adds every check that "
                "was made: what is fine, and what was not checked and why. Enter opens the row."
            )
            found.cursor, found.moved = self.at, self.at is not None
            yield found
            yield Detail(
                lambda width: subject_lines(self.subject, self.diagnosis, width), id="detail", classes="panel"
            )
        yield Hints(id="hints")

    def on_mount(self) -> None:
        self.follow()
        self.show()
        if self.at is not None:
            self.call_after_refresh(self.found.go_to, self.at)
        self.look("")

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def found(self) -> RowView:
        return self.query_one("#list", RowView)

    @property
    def subject(self) -> Subject | None:
        return diagnosis_subjects(self.diagnosis, self.all_checks).get(self.found.cursor or "")

    def _rows(self, width: int) -> list[Row]:
        return diagnosis_rows(self.diagnosis, self.all_checks, self.needle, width)

    def show(self) -> None:
        self.found.show_rows(self._rows)
        total = len(diagnosis_subjects(self.diagnosis, self.all_checks))
        self.found.entitle(diagnosis_title(self.diagnosis, len(self.found.choices), total, self.needle))
        self.show_detail()

    def show_detail(self) -> None:
        detail = self.query_one(Detail)
        detail.entitle("Check" if isinstance(self.subject, Check) else "In full")
        detail.show()
        self.refresh_bindings()

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.show_detail()
        self.query_one(Detail).scroll_home(animate=False)

    @on(RowView.Chosen)
    def chosen(self) -> None:
        self.action_zoom()

    def action_look(self) -> None:
        self.look("looked again")

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def look(self, notice: str) -> None:
        self.query_one(ActionTitle).tell(LOOKING)
        self.observe(self.diagnosis.snapshot, notice)

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def observe(self, old: Snapshot, notice: str) -> None:
        self._tell(self.doors.look(old), notice)

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def take(self, snapshot: Snapshot) -> None:
        """The dashboard has looked already."""
        self._tell(snapshot, "")

    def _tell(self, snapshot: Snapshot, notice: str) -> None:
        diagnosis = self.doors.diagnose(snapshot)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Diagnosed(diagnosis, notice))

    @on(Diagnosed)
    def diagnosed(self, message: Diagnosed) -> None:
        self.diagnosis = message.diagnosis
        self.query_one(ActionTitle).tell("")
        self.show()
        if message.notice:
            self.say(message.notice)

    def follow(self) -> None:
        if self.follows is not None:
            self.watch(self.follows, "scene", self.followed, init=False)

    def followed(self, scene: DashboardState) -> None:
        known = self.diagnosis.snapshot
        if scene.snapshot is not known and scene.snapshot.observed_at > known.observed_at:
            self.take(scene.snapshot)

    @on(Worker.StateChanged)
    def worker_ended(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self.query_one(ActionTitle).tell("")
            what = "report" if event.worker.group == "report" else "look"
            self.say(
                f"that {what} failed ({type(event.worker.error).__name__}); what stands here is from before"
            )

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def action_checks(self) -> None:
        if self.refuses("checks"):
            return
        self.all_checks = not self.all_checks
        self.show()

    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")
        (self.query_one(Detail) if self.has_class("-zoomed") else self.found).focus()

    async def action_filter(self) -> None:
        self.remove_class("-zoomed")
        entry = FilterLine(id="filter")
        entry.needle = self.needle
        await self.mount(entry, before="#hints")
        entry.focus()

    @on(FilterLine.Changed)
    def filtered(self, event: FilterLine.Changed) -> None:
        self.needle = event.needle
        self.found.moved = True  # to what has these letters, and it stays there without them
        self.show()

    @on(FilterLine.Closed)
    async def filter_closed(self) -> None:
        await self.query("#filter").remove()
        self.found.focus()

    def action_back(self) -> None:
        """One thing at a time: the zoom, the filter, the screen."""
        if self.has_class("-zoomed"):
            self.action_zoom()
        elif self.needle:
            self.needle = ""
            self.show()
        else:
            self.action_close()

    def action_close(self) -> None:
        self.dismiss(self.changed)

    # ── doing ────────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action in ("checks", "report") and self.diagnosis.checks is None:
            return NOT_YET
        if action == "fix":
            subject = self.subject
            if subject is None or isinstance(subject, Check):
                return "there is nothing to fix in this row"
            if self.diagnosis.checks is not None and not self.diagnosis.previews_of(subject):
                return "no key and no command fixes this: what to do stands in the detail"
        return None

    def action_fix(self) -> None:
        refused, subject = self.refusal("fix"), self.subject
        if refused is not None or subject is None or isinstance(subject, Check):
            self.say(refused or "")
            return
        from claude_auth.app.screens.fix import Fix

        ready = self.diagnosis if self.diagnosis.checks is not None else None
        screen = Fix(self.doors, self.diagnosis.snapshot, subject, self.told, diagnosis=ready)
        self.app.push_screen(screen, self.came_back)

    def action_undo(self) -> None:
        from claude_auth.app.screens.fix import Undo

        self.app.push_screen(Undo(self.doors, self.diagnosis.snapshot, self.told), self.came_back)

    def came_back(self, started: bool | None) -> None:
        if started:
            self.changed = True
            self.look("")

    def action_copy(self) -> None:
        """The command that helps, of a finding in the list; else the text that has the focus."""
        subject, focused = self.subject, self.focused
        command = first_command(subject, self.diagnosis) if isinstance(subject, Finding) else None
        if command is not None and focused is self.found:
            self.send_to_clipboard(command, "the command")
        else:
            self.send_to_clipboard(self.query_one(Detail).text() if subject is not None else "")

    # ── the report ───────────────────────────────────────────────────────────────────────────────

    def action_report(self) -> None:
        if self.refuses("report"):
            return
        from claude_auth.app.screens.chooser import Choice, Chooser

        choices = [
            Choice("copy", "Copy it", "to your terminal’s clipboard, as Markdown"),
            Choice("save", "Save it", "to a file that only you can read; its path is told"),
        ]

        def chosen(how: str | None) -> None:
            if how is not None:
                self.report(self.diagnosis, how == "save")

        heading = "A report without secrets and names: read it before you hand it on"
        self.app.push_screen(Chooser(heading, choices), chosen)

    @work(thread=True, exclusive=True, exit_on_error=False, group="report")
    def report(self, diagnosis: Diagnosis, save: bool) -> None:
        text = self.doors.report(diagnosis)
        if not save:
            self.post_message(self.Reported(text))
            return
        try:
            self.post_message(self.Reported(path=self.doors.save_report(text)))
        except OSError as error:
            self.post_message(self.Reported(problem=error.strerror or str(error)))

    @on(Reported)
    def reported(self, message: Reported) -> None:
        if message.problem:
            self.say(f"not written: {message.problem}")
        elif message.path:
            text = f"report written to {format_path(message.path, self.diagnosis.home)}"
            event = Event(self.doors.doors.clock(), "report.saved", text)
            self.doors.doors.journal.write(event)
            self.told(event)
            self.say(text)
        else:
            self.send_to_clipboard(message.text, "the report")
