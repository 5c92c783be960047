"""Fixing one thing, and taking a fix back: what can be chosen, the exact change, and, once it was agreed to,
the change made and looked at again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult

from claude_auth.actions.look import NOT_OWNER
from claude_auth.app.actions import bindings
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.screens.fix_choices import Choices, worded_row
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Fix
from claude_auth.present.lines import Line, Row, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix, FixResult, UndoFix

UNDER_WAY = "it is under way"
OF_OTHERS = f"not from here: {NOT_OWNER}"
NOT_HALF = "it can't be broken off half-way: this goes back as soon as it is over"
ABOUT_CHOICES = (
    "What can be done here, as the preview shows it. Enter asks, and then does what stands under the cursor, "
    "or goes to its screen; y copies it where it is a command. tab goes to the preview, to scroll it."
)
ABOUT_CHANGE = "Exactly what would be changed, and where. Nothing is done before you have agreed."


class FixScreen(ActionScreen):
    CSS_PATH = sheet("fix")
    AUTO_FOCUS = "#choices"
    BINDINGS = bindings("fix")

    def __init__(self, services: Services, choices: Choices, *, asks_at_once: bool = False) -> None:
        """`asks_at_once`: about the first way, where that is a change; all stand below the question."""
        super().__init__(services, choices.snapshot)
        self.heading, self.choices, self.asks_at_once = choices.heading, choices, asks_at_once
        self.action: ApplyFix | UndoFix | None = None
        #: For what action it was left.
        self.remedy: Fix | None = None
        self.looking, self.failed, self.leaves = not choices.known, False, False

    def compose_content(self) -> ComposeResult:
        listed = ChoiceList(self._rows, id="choices", classes="panel")
        change = LineView(self._change, id="change", classes="panel")
        listed.about, change.about = ABOUT_CHOICES, ABOUT_CHANGE
        yield from (listed, change, Steps(self.snapshot.places.home, idle=self.choices.idle))

    def opened(self) -> None:
        self.listed.entitle(self.choices.title)
        self.preview.entitle("Preview")
        self.steps.entitle("Steps")
        if self.looking:
            self.look_again()
        if self.asks_at_once:
            self.ask_at_once()

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def listed(self) -> RowView:
        return self.query_one("#choices", RowView)

    @property
    def preview(self) -> LineView:
        return self.query_one("#change", LineView)

    @property
    def row(self) -> str:
        """What stands under the cursor."""
        return self.listed.cursor or ""

    @property
    def result(self) -> FixResult | None:
        return None if self.action is None else self.action.result

    def _rows(self, width: int) -> list[Row]:
        if not self.choices.known:
            words = Span("looking", "dim")
            if self.failed:
                words = Span("? not known: the look at this machine failed", "warn")
            return [worded_row(None, words, width)]
        return self.choices.rows(self.result, width)

    def _change(self, width: int) -> list[Line]:
        found = self.choices.change(self.row, width)
        if found and self.choices.refusal(self.row) is None:
            found += wrap(line(self.choices.asks), width)
        return found

    def show(self) -> None:
        self.listed.show_rows(self._rows)
        self.preview.show()
        self.set_class(not self.listed.choices, "-nothing")
        self.refresh_bindings()
        self._go_to_the_command()

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.preview.show()
        self.preview.scroll_home(animate=False)
        self.refresh_bindings()

    @on(RowView.Chosen)
    def chosen(self) -> None:
        self.preview.focus()

    @work(exclusive=True, exit_on_error=False, group="look")
    async def look_again(self) -> None:
        take = await asyncio.to_thread(self.choices.look)
        notice = take()
        self.looking, self.failed, self.choices.known = False, False, True
        self.snapshot = self.choices.snapshot
        if self.result is not None and self.result.outcome == "applied":
            self.listed.cursor = None  # on nothing that a second Enter would do
        self.show()
        if notice:
            self.show_notice(notice)

    def after_worker(self, group: str, error: BaseException | None) -> None:
        super().after_worker(group, error)
        if group == "look" and error is not None:
            self.looking, self.failed = False, True
            self.show()
            self.show_notice(f"that look failed ({type(error).__name__})")

    def _go_to_the_command(self) -> None:
        """Where a fix was refused but can be done by hand, `y` copies how."""
        result, choices = self.result, self.choices
        if result is None or result.outcome != "refused" or result.again is not None:
            return
        for row in self.listed.choices:
            command = choices.command(row)
            if command is not None and command in result.next_step:
                self.listed.go_to(row)
                self.show_notice("y copies the command")
                return

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        return super().states() | self.choices.states(self.row)

    def refusal(self, action: str) -> str | None:
        if action not in ("apply", "take_back", "go"):
            return super().refusal(action)
        if action == "go":
            return UNDER_WAY if self.running else None
        return self._refusal_of(self.row)

    def _refusal_of(self, row: str) -> str | None:
        if self.running:
            return UNDER_WAY
        if self.looking:
            return "the machine is being looked at: a moment"
        return self.choices.refusal(row) if self.services.host.ours() else OF_OTHERS

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def ask_at_once(self) -> None:
        await self.wait_for_workers("look")
        if self.choices.first is not None:
            await self._apply(self.choices.first)

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_apply(self) -> None:
        await self._apply(self.row)

    async def _apply(self, row: str) -> None:
        if self._refuses_row(row) or not await self.wait_for(self.choices.question(row)):
            return
        if self._refuses_row(row):
            return
        self.action = self.choices.action(row)
        self.add_class("-started")
        self.steps.conclude()
        self.begin(self.action.events())

    def _refuses_row(self, row: str) -> bool:
        refused = self._refusal_of(row)
        if refused is not None:
            self.show_notice(refused)
        return refused is not None

    action_take_back = action_apply

    def action_go(self) -> None:
        if not self.refuses("go"):
            self.remedy = self.choices.remedy(self.row)
            self.dismiss(self.started)

    def action_copy(self) -> None:
        command = self.choices.command(self.row)
        if command is None:
            return
        if clean(command, len(command)) != command:  # say an end of the paste, and then a command
            self.show_notice("not copied: a name in it has characters that a terminal would act on")
            return
        self.send_to_clipboard(command, "the command")

    def over(self) -> None:
        if self.leaves:
            self.dismiss(self.started)
            return
        self.looking = True
        self.look_again()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        if self.cancelled and self.result is None:
            return [StatusText("·", "cancelled; what stands there now is looked at again", "plain")]
        if problem is not None or self.result is None:
            return super().conclusion(problem)
        return self.choices.outcome_words(self.result)

    # ── leaving ──────────────────────────────────────────────────────────────────────────────────

    @property
    def cancellable(self) -> bool:
        return self.choices.cancellable

    async def cancel(self) -> None:
        self.workers.cancel_group(self, "action")

    def action_stop(self) -> None:
        if self.cancellable:
            super().action_stop()
        else:
            self.leaves = True
            self.show_notice(NOT_HALF)

    def action_leave(self) -> None:
        if self.running and not self.cancellable:
            self.show_notice("it is still under way: ^x goes back as soon as it is over")
        else:
            super().action_leave()


class ChoiceList(RowView, inherit_bindings=False):
    """Enter is the screen's."""

    BINDINGS = bindings("walk", "walk-pages")
