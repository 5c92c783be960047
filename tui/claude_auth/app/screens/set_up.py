"""Set-up, one decision a step: what can be chosen, what is in the way, what is to be done, the proof. It only
asks and shows; sign-ins, commands and requests are the screens that do them anyway."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult

from claude_auth.actions.look import NOT_OWNER
from claude_auth.actions.set_up.progress import STEPS
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.choose import ChooseDialog, Option, ValueDialog
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model.errors import AuthenticationError
from claude_auth.present.dashboard import sentence_lines
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Row, Span, line, wrap
from claude_auth.present.set_up import PLACE_WORDS, refusal_words, step_line
from claude_auth.present.set_up_rows import (
    EVALUATE,
    GO_ON,
    MAKE,
    PLACE,
    SEND,
    SetUpSeen,
    detail_lines,
    step_rows,
    usual_row,
)
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix
    from claude_auth.actions.set_up.session import SetUp
    from claude_auth.actions.set_up.tasks import SetUpTask

ABOUT = (
    "One decision a step. Enter takes the row under the cursor; what would be changed is shown exactly, and "
    "asks you. Escape goes a step back; you can leave at any time and go on later with S."
)
UNDER_WAY = "it is under way: a moment"


class SetUpScreen(ActionScreen):
    CSS_PATH = sheet("set_up")
    AUTO_FOCUS = "#ways"
    BINDINGS = bindings("set-up")
    heading = "set up"
    can_be_cancelled = False

    def __init__(self, services: Services, set_up: SetUp) -> None:
        super().__init__(services, set_up.snapshot)
        self.set_up = set_up
        self.seen = SetUpSeen("choose", set_up.survey())
        self.machine = self._machine()
        self.applying: ApplyFix | None = None
        self.evaluated = self.looking = self.back_after_look = False

    def compose_content(self) -> ComposeResult:
        listed = RowView(self._rows, id="ways", classes="panel")
        detail = LineView(self._detail, id="detail", classes="panel")
        listed.about = detail.about = ABOUT
        yield LineView(self._verdict, id="verdict")
        yield from (listed, detail, Steps(self.snapshot.places.home, idle="nothing was changed yet"))
        yield LineView(self._marks, id="marks")

    def opened(self) -> None:
        self.listed.entitle("How do you get at Claude?")
        self.query_one("#detail", LineView).entitle("What that means")
        self.steps.entitle("What was done")
        self.look_again()

    @property
    def listed(self) -> RowView:
        return self.query_one("#ways", RowView)

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    def _rows(self, width: int) -> list[Row]:
        return step_rows(self.seen, width)

    def _machine(self) -> DashboardState:
        return DashboardState.of(self.set_up.snapshot, self.set_up.client, self.set_up.version)

    def _verdict(self, width: int) -> list[Line]:
        """What is so now stands over what can be chosen, as on the dashboard."""
        return sentence_lines(self.machine, width, self.size.height) if self.seen.step == "choose" else []

    def _detail(self, width: int) -> list[Line]:
        return detail_lines(self.seen, self.listed.cursor or "", width)

    def _marks(self, width: int) -> list[Line]:
        return [*wrap(line(" ", Span(step_line(self.seen.step), "strong")), width)]

    def state(self) -> str:
        return UNDER_WAY if self.running else f"step {STEPS.index(self.seen.step) + 1} of {len(STEPS)}"

    def show(self) -> None:
        choice = self.seen.choice
        title = (
            "How do you get at Claude?" if choice is None or self.seen.step == "choose" else choice.path.label
        )
        self.listed.entitle(title)
        self.listed.show_rows(self._rows)
        for view in self.query(LineView):
            view.show()
        self.show_state()

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.query_one("#detail", LineView).show()
        self.refresh_bindings()

    @work(exclusive=True, exit_on_error=False, group="look")
    async def look_again(self) -> None:
        self.looking = True
        try:
            self.seen = await asyncio.to_thread(self._look)
        finally:
            self.looking = False
        self.snapshot = self.set_up.snapshot
        self.show()
        if not self.listed.moved:
            self.listed.go_to(usual_row(self.seen))
            self.listed.moved = False
        if self.back_after_look:
            self.action_previous()

    def _look(self) -> SetUpSeen:
        """Blocks."""
        set_up = self.set_up
        set_up.look_again()
        step, choice = set_up.progress.step, set_up.choice
        self.machine = self._machine()
        if choice is None or step == "choose":
            return SetUpSeen("choose", set_up.survey(), choice)
        fields = {one.id: (one.label, *self._said(one.id)) for one in choice.asked}
        missing = frozenset(one.id for one in set_up.missing())
        proof = set_up.proof(evaluated=self.evaluated) if step == "prove" else None
        return SetUpSeen(
            step,
            set_up.survey(),
            choice,
            set_up.obstacles() if step == "clear" else (),
            set_up.tasks() if step == "do" else (),
            fields,
            missing,
            set_up.lines_to_copy(),
            proof,
            set_up.refusing(choice.path.id) if step == "clear" else {},
        )

    def _said(self, id: str) -> tuple[str, bool]:
        """What stands beside the field, and whether that is its value."""
        choice = self.set_up.choice
        assert choice is not None
        field = choice.field(id)
        value = choice.values.get(id)
        if value is None:
            stands = self.set_up.stands(field)
            return "it is there already" if stands else field.hint, stands
        return value.masked if field.secret else value.reveal(), True

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action in {"next", "previous"} and (self.running or (self.looking and action == "next")):
            return UNDER_WAY
        return super().refusal(action)

    def action_previous(self) -> None:
        """One step back; from the first one, out. A look comes to its end first."""
        self.back_after_look = self.looking
        if self.refuses("previous") or self.looking:
            return
        place = STEPS.index(self.seen.step)
        if place == 0:
            self.action_leave()
        else:
            self._go_to(place - 1)

    def action_next(self) -> None:
        place = STEPS.index(self.seen.step)
        if self.refuses("next"):
            return
        if self.seen.choice is None:
            self.show_notice("choose a way first: Enter takes the row under the cursor")
        elif place + 1 < len(STEPS):
            self._go_to(place + 1)
        else:
            self._leave_proved()

    def _go_to(self, place: int) -> None:
        self.set_up.go_to(STEPS[place])
        self.evaluated = self.listed.moved = False
        self.look_again()

    def _leave_proved(self) -> None:
        if self.seen.proof is not None:
            self.services.record(self.set_up.told(self.seen.proof))
            if self.seen.proof.proved:
                self.set_up.over()
        self.action_leave()

    def action_copy(self) -> None:
        self.send_to_clipboard("\n".join(self.seen.copy), "what to do by hand")

    @on(RowView.Chosen)
    def chosen(self, event: RowView.Chosen) -> None:
        if self.running or self.looking:
            self.show_notice(UNDER_WAY)
        else:
            self.take(event.row)

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def take(self, row: str) -> None:
        """What Enter does on a row; with its own question where something is changed."""
        kind, _, name = row.partition(":")
        if row == GO_ON:
            self.action_next()
        elif self.seen.step == "choose":
            await self._choose(row)
        elif row == PLACE:
            await self._place()
        elif kind == "obstacle":
            await self._clear(name)
        elif kind == "field":
            await self._type(name)
        elif row == MAKE:
            await self._make_token()
        elif kind == "task":
            await self._do(next(task for task in self.seen.tasks if task.id == name))
        elif row == EVALUATE:
            self.evaluated = True
            self.look_again()
        elif row == SEND:
            from claude_auth.app.screens.probe import ProbeScreen

            await self.wait_for(ProbeScreen(self.services, self.set_up.snapshot))

    async def _choose(self, way: str) -> None:
        await asyncio.to_thread(self.set_up.choose, way)
        self.listed.moved = False
        self.look_again()

    async def _place(self) -> None:
        choice = self.seen.choice
        if choice is None:
            return
        said = {place: refusal_words(why) for place, why in self.seen.refusing.items()}
        options = [Option(place, place, said.get(place, PLACE_WORDS[place])) for place in choice.path.places]
        chosen = await self.wait_for(ChooseDialog("Where shall it go?", options, current=choice.place))
        if chosen is not None:
            self.set_up.put(next(place for place in choice.path.places if place == chosen))
            self.look_again()

    async def _type(self, id: str) -> None:
        choice = self.set_up.choice
        assert choice is not None
        field = choice.field(id)

        def judge(value: Secret) -> str | None:
            return self.set_up.judge(field, value)

        first = self.set_up.suggested(field)
        value = await self.wait_for(ValueDialog(field.label, field.hint, judge, first, hidden=field.secret))
        if value is not None:
            self.set_up.give(field, value)
            self.listed.moved = False
            self.look_again()

    async def _make_token(self) -> None:
        """By Claude Code, for the person's eyes; then it is pasted as any other secret is."""
        from claude_auth.actions.claude_cli import SignInChoice
        from claude_auth.app.screens.claude_terminal import ClaudeScreen

        screen = ClaudeScreen.sign_in(self.services, self.set_up.snapshot, SignInChoice(year_token=True))
        await self.wait_for(screen)
        made = screen.outcome()
        field = next(iter(self.seen.open), None)  # it may have been set elsewhere meanwhile
        if made is not None and made.outcome == "token-made" and field is not None:
            await self._type(field)

    # ── changing something ───────────────────────────────────────────────────────────────────────

    def _refuses_others(self) -> bool:
        if not self.services.host.ours():
            self.show_notice(f"not from here: {NOT_OWNER}")
        return not self.services.host.ours()

    async def _clear(self, id: str) -> None:
        obstacle = next(one for one in self.seen.obstacles if one.id == id)
        fix = next((one for one in obstacle.fixes if one.applicable), None)
        row = f"obstacle:{id}"
        if self._refuses_others():
            return
        if fix is not None:
            if await self._agrees("Change exactly this?", row):
                self.set_up.cleared(obstacle)
                self._apply(self.set_up.apply(fix))
        elif obstacle.name is not None and obstacle.fixes:
            if await self._agrees("Will you see to that, so that a new shell is without it?", row):
                self.set_up.cleared(obstacle)
                self.look_again()
        else:
            self.show_notice("that is not for this program to change")

    async def _agrees(self, question: str, row: str) -> bool:
        seen = self.seen
        dialog = ConfirmDialog(question, maker=lambda width: detail_lines(seen, row, width))
        return await self.wait_for(dialog) == "yes"

    async def _do(self, task: SetUpTask) -> None:
        if task.problem is not None or self._refuses_others():
            return
        if task.preview is not None:
            if await self._agrees("Write exactly this?", f"task:{task.id}"):
                self._apply(self.set_up.apply(task.preview))
        elif task.kind == "keep-key":
            if await self._agrees("Keep it there?", f"task:{task.id}"):
                self.begin(self.set_up.keep_key())
                self.applying = None
        elif task.kind == "run":
            await self._run(task)
        else:
            await self._sign_in()

    def _apply(self, action: ApplyFix) -> None:
        self.applying = action
        self.steps.conclude()
        self.begin(action.events())

    def over(self) -> None:
        events = self.steps.events
        ended = events[-1].kind if self.applying is None and events else ""
        if ended == "set-up.key-kept":
            kept = next((task for task in self.seen.tasks if task.kind == "keep-key"), None)
            if kept is not None:
                self.set_up.finished(kept)
        elif ended == "set-up.key-refused":
            self.set_up.go_to("clear")  # another place is asked for
        self.listed.moved = False
        self.look_again()

    async def _run(self, task: SetUpTask) -> None:
        from claude_auth.app.screens.run_choosing import choose_and_run

        choice = self.set_up.choice
        kinds = (choice.path.run,) if choice is not None and choice.path.run is not None else ()
        result = await choose_and_run(self, self.services, self.set_up.snapshot, kinds)
        if result is not None and result.ok:
            self.set_up.finished(task)
        self.look_again()

    async def _sign_in(self) -> None:
        from claude_auth.actions.claude_cli import SignInChoice
        from claude_auth.app.screens.claude_terminal import ClaudeScreen

        route = self.set_up.progress.path
        if route == "own-client":
            await self._sign_in_here()
        else:
            choice = SignInChoice(console=route == "console")
            await self.wait_for(ClaudeScreen.sign_in(self.services, self.set_up.snapshot, choice))
        self.started = True
        self.look_again()

    async def _sign_in_here(self) -> None:
        from claude_auth.app.screens.sign_in import SignInOwnScreen

        logins = self.services.logins
        opened = await asyncio.to_thread(logins.open_for_sign_in, "keyring", None)
        client = logins.configuration().client
        if opened.store is None or client is None:
            self.show_notice(opened.problem or "the client is not configured yet: do that task first")
            return
        self.set_up.sign_in_into(opened.store.id)
        await self.wait_for(SignInOwnScreen(self.services, self.set_up.snapshot, client, opened))

    def after_worker(self, group: str, error: BaseException | None) -> None:
        super().after_worker(group, error)
        if isinstance(error, AuthenticationError):
            self.show_notice(error.sentence)
