"""The diagnosis: every finding, on a key every check, and all about the row under the cursor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container

from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.choose import ChooseDialog, Option
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.fields import FilterLine
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import ActionTitle
from claude_auth.model import Check, Event, Finding, Fix, Snapshot, first_action
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

if TYPE_CHECKING:
    from claude_auth.app.screens.fix import FixScreen

NOT_YET = "the checks are not made yet: it is still looked"
LOOKING = "looking further…"
ABOUT_LIST = (
    "What was found, the worst first, and what else can be done here. space adds every check that was made: "
    "what is fine, and what was not checked and why. Enter opens the row."
)
ABOUT_DETAIL = (
    "The row under the cursor in full: how bad and how certain it is, what it means, what it was seen "
    "by, and what helps. What f or Enter goes to is marked; the other commands are for you to copy."
)
REPORT = "A report without secrets and names: read it before you hand it on"
REPORT_WAYS = [
    Option("copy", "Copy it", "to your terminal's clipboard, as Markdown"),
    Option("save", "Save it", "to a file that only you can read; its path is told"),
]


class DiagnoseScreen(BaseScreen[bool], inherit_bindings=False):
    """Dismissed with whether something was changed; `remedy`: for what action. Keeps `diagnosis` true. `at`:
    the row that was opened, None for the most urgent one; `follows`: the dashboard, which watches the
    files."""

    CSS_PATH = sheet("diagnose")
    AUTO_FOCUS = "#list"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS = bindings("diagnose", "parts")

    def __init__(
        self,
        services: Services,
        state: DashboardState,
        *,
        at: str | None = None,
        follows: BaseScreen[None] | None = None,
    ) -> None:
        super().__init__()
        self.services, self.at, self.follows = services, at, follows
        self.diagnosis = Diagnosis(state.snapshot, state.resolution, state.findings)
        self.all_checks = self.changed = False
        self.needle = ""
        self.remedy: Fix | None = None

    def compose(self) -> ComposeResult:
        asked = f"diagnose · for {client_label(self.diagnosis.resolution.client)}"
        yield ActionTitle(asked, self.diagnosis.snapshot.machine)
        with Container(id="body"):
            found = RowView(self._rows, worst_first=True, id="list", classes="panel")
            found.about, found.cursor, found.moved = ABOUT_LIST, self.at, self.at is not None
            detail = LineView(
                lambda width: subject_lines(self.subject, self.diagnosis, width), id="detail", classes="panel"
            )
            detail.about = ABOUT_DETAIL
            yield from (found, detail)
        yield Hints(id="hints")

    def on_mount(self) -> None:
        if self.follows is not None:
            self.watch(self.follows, "scene", self.followed, init=False)
        self.show()
        if self.at is not None:
            self.call_after_refresh(self.found.go_to, self.at)
        self.look()

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def found(self) -> RowView:
        return self.query_one("#list", RowView)

    @property
    def detail(self) -> LineView:
        return self.query_one("#detail", LineView)

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
        self.detail.entitle("Check" if isinstance(self.subject, Check) else "In full")
        self.detail.show()
        self.refresh_bindings()

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.show_detail()
        self.detail.scroll_home(animate=False)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    @work(exclusive=True, exit_on_error=False, group="look")
    async def look(self, notice: str = "", seen: Snapshot | None = None) -> None:
        """`seen`: the dashboard has looked already."""
        fixing, title = self.services.fixing, self.query_one(ActionTitle)
        if seen is None:
            title.tell(LOOKING)
            seen = await asyncio.to_thread(fixing.look, self.diagnosis.snapshot)
        self.diagnosis = await asyncio.to_thread(fixing.diagnose, seen)
        title.tell("")
        self.show()
        if notice:
            self.show_notice(notice)

    def followed(self, state: DashboardState) -> None:
        known = self.diagnosis.snapshot
        if state.snapshot is not known and state.snapshot.observed_at > known.observed_at:
            self.look(seen=state.snapshot)

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if error is not None:
            self.query_one(ActionTitle).tell("")
            self.show_notice(f"that {group} failed ({type(error).__name__}); what stands here is from before")

    def action_look(self) -> None:
        self.look("looked again")

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def action_checks(self) -> None:
        if not self.refuses("checks"):
            self.all_checks = not self.all_checks
            self.show()

    @on(RowView.Chosen)
    def action_zoom(self) -> None:
        self.toggle_class("-zoomed")
        (self.detail if self.has_class("-zoomed") else self.found).focus()

    async def action_filter(self) -> None:
        self.remove_class("-zoomed")
        entry = FilterLine(self.needle, id="filter")
        await self.mount(entry, before="#hints")
        entry.focus()

    @on(FilterLine.Changed)
    def filtered(self, event: FilterLine.Changed) -> None:
        self.needle = event.value
        self.found.moved = True  # to what has these letters, and it stays there without them
        self.show()

    @on(FilterLine.Closed)
    async def filter_closed(self) -> None:
        await self.query("#filter").remove()
        self.found.focus()

    def action_back(self) -> None:
        if self.has_class("-zoomed"):
            self.action_zoom()
        elif self.needle:
            self.needle = ""
            self.show()
        else:
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

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_fix(self) -> None:
        if self.diagnosis.checks is None:
            await self.wait_for_workers("look")  # then it is known what can be changed
        subject = self.subject
        if self.refuses("fix") or subject is None or isinstance(subject, Check):
            return
        remedy = first_action(subject.fixes) if isinstance(subject, Finding) else None
        if remedy is not None and remedy.action != "fix":
            self._leave_for(remedy)
            return
        from claude_auth.app.screens.fix import FixScreen
        from claude_auth.app.screens.fix_choices import Fixes

        ready = self.diagnosis if self.diagnosis.checks is not None else None
        choices = Fixes(self.services, self.diagnosis.snapshot, subject, ready)
        self._open(FixScreen(self.services, choices, asks_at_once=True))

    def _leave_for(self, remedy: Fix | None) -> None:
        self.remedy = remedy
        self.dismiss(self.changed)

    def action_undo(self) -> None:
        from claude_auth.app.screens.fix import FixScreen
        from claude_auth.app.screens.fix_choices import Undos

        self._open(FixScreen(self.services, Undos(self.services, self.diagnosis.snapshot)))

    def _open(self, screen: FixScreen) -> None:
        def came_back(started: bool | None) -> None:
            self.changed = self.changed or bool(started)
            if screen.remedy is not None:
                self._leave_for(screen.remedy)
            elif started:
                self.look()

        self.app.push_screen(screen, came_back)

    def action_copy(self) -> None:
        """The command that helps, of a finding in the list; else the text that has the focus."""
        subject = self.subject
        command = first_command(subject, self.diagnosis) if isinstance(subject, Finding) else None
        if command is not None and self.focused is self.found:
            self.send_to_clipboard(command, "the command")
        else:
            self.send_to_clipboard(self.detail.text() if subject is not None else "")

    @work(exclusive=True, exit_on_error=False, group="report")
    async def action_report(self) -> None:
        """For somebody who helps: into the clipboard, or into a file."""
        if self.refuses("report"):
            return
        diagnosis, fixing = self.diagnosis, self.services.fixing
        how = await self.wait_for(ChooseDialog(REPORT, REPORT_WAYS))
        if how is None:
            return
        text = await asyncio.to_thread(fixing.report, diagnosis)
        if how == "copy":
            self.send_to_clipboard(text, "the report")
            return
        try:
            path = await asyncio.to_thread(fixing.save_report, text)
        except OSError as error:
            self.show_notice(f"not written: {error.strerror or error}")
            return
        words = f"report written to {format_path(path, diagnosis.home)}"
        self.services.record(Event(self.services.host.clock(), "report.saved", words))
        self.show_notice(words)
