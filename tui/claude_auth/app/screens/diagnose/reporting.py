"""The part of the diagnosis that makes a report for somebody who helps."""

from __future__ import annotations

from textual import on, work
from textual.message import Message

from claude_auth.app.screens.diagnose.looking_further import LookingFurther
from claude_auth.model import Event
from claude_auth.present.diagnosis import Diagnosis
from claude_auth.words import format_path

NOT_YET = "the checks are not made yet: it is still looked"


class Reporting(LookingFurther):
    class Reported(Message):
        """The report was made: its text for the clipboard, or where it was written, or why it wasn't."""

        def __init__(self, text: str = "", path: str = "", problem: str = "") -> None:
            super().__init__()
            self.text, self.path, self.problem = text, path, problem

    def refusal(self, action: str) -> str | None:
        if action == "report" and self.diagnosis.checks is None:
            return NOT_YET
        return None

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
