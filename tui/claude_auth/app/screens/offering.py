"""The part of a sign-in screen that brings the address to a browser: open, copy, QR, print, file."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import ClassVar

from textual import work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType

from claude_auth.app.screens.acting import Acting
from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.screens.speaking import SENT
from claude_auth.app.widgets.address import Address, Offer
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText, format_path

NEEDS_ADDRESS = ("open_address", "copy_address", "qr", "print_address", "write_address")


class Offering(Acting):
    """Has an `Address`. What was written to a file is removed with the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "open_address", "Browser", tooltip="Open the address here", id="address.open"),
        Binding(
            "y", "copy_address", "Copy", tooltip="Send it to your terminal’s clipboard", id="address.copy"
        ),
        Binding("c", "qr", "QR code", tooltip="Show it as a QR code, for a phone", id="address.qr"),
        Binding(
            "p",
            "print_address",
            "Print",
            tooltip="Step aside and print it on one line, to select with the mouse",
            id="address.print",
        ),
        Binding(
            "f",
            "write_address",
            "File",
            tooltip="Write it to a file that only you can read",
            id="address.file",
        ),
    ]
    url_file: str | None = None

    @property
    def address(self) -> Address:
        return self.query_one(Address)

    def offer(self, offer: Offer | None) -> None:
        self.address.offer(offer)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in NEEDS_ADDRESS:
            return self.running
        return super().check_action(action, parameters)

    def refusal(self, action: str) -> str | None:
        if action not in NEEDS_ADDRESS:
            return None
        if self.address.offered is None or not self.running:
            return "there is no address to open now"
        return None if self.address.offered.fine else "that address is not to be opened: see why above"

    def _url(self, action: str) -> Secret | None:
        """The address, or a word why there is none."""
        refused = self.refusal(action)
        offered = self.address.offered
        if refused is not None or offered is None:
            self.say(refused or "there is no address")
            return None
        return offered.url

    def action_open_address(self) -> None:
        self.open_address(asked=True)

    def open_address(self, *, asked: bool) -> None:
        url = self._url("open_address")
        if url is not None:
            opened = self.doors.open_browser(url, self.snapshot, asked=asked)
            glyph = (
                StatusText("✓", opened.reason, "ok")
                if opened.program
                else StatusText("·", opened.reason, "plain")
            )
            self.address.tell(glyph._replace(text=f"browser: {opened.reason}"))

    def action_copy_address(self) -> None:
        url = self._url("copy_address")
        if url is None:
            return
        multiplexer = self.snapshot.machine.multiplexer
        self.app.copy_to_clipboard(url.reveal())
        if multiplexer:
            from claude_auth.actions.sign_in_address import clipboard_sequence

            if self.app._driver is not None:
                self.app._driver.write(clipboard_sequence(url, multiplexer).decode("ascii"))
        more = f"; {multiplexer} may keep it back: then p prints it" if multiplexer else "; if not there, p"
        self.address.tell(StatusText("·", f"{SENT}{more}", "plain"))

    def action_qr(self) -> None:
        url = self._url("qr")
        if url is not None:
            self.app.push_screen(QrCode(url))

    def action_write_address(self) -> None:
        url = self._url("write_address")
        if url is None:
            return
        from claude_auth.actions.sign_in_address import url_directory, write_url_file

        try:
            if self.url_file is None:
                self.url_file = write_url_file(url, url_directory(self.doors.environ))
        except OSError as error:
            self.address.tell(
                StatusText("▲", f"not written: {error.strerror or 'input/output error'}", "warn")
            )
            return
        where = format_path(self.url_file, self.doors.home)
        self.address.tell(StatusText("✓", f"written to {where}, for you alone; removed at the end", "ok"))

    def drop_file(self) -> None:
        from claude_auth.actions.sign_in_address import remove_url_file

        if self.url_file is not None:
            with contextlib.suppress(OSError):
                remove_url_file(self.url_file)
            self.url_file = None

    def on_unmount(self) -> None:
        self.drop_file()

    def action_print_address(self) -> None:
        url = self._url("print_address")
        if url is not None:
            self.print_address(url)

    @work(exclusive=True, exit_on_error=False, group="print")
    async def print_address(self, url: Secret) -> None:
        """What listens for the browser goes on meanwhile; the screen is painted again afterwards."""
        try:
            with self.app.batch_update(), self.app.suspend():
                await asyncio.to_thread(_print_and_wait, url.reveal())
        except SuspendNotSupported:
            self.say("this terminal can’t be given back for a moment: use y or f")
            return
        self.app.screen.refresh(layout=True)


def _print_and_wait(address: str) -> None:
    print(f"\n{address}\n\nThat is one line. Select it, open it in a browser, then press Enter to go back.")
    sys.stdin.readline()


class QrCode(Dialog[None]):
    """Dark on light, whatever the terminal's colours."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "close", "Close", show=False, tooltip="Close", id="dialog.close-same-key"),
    ]

    def __init__(self, url: Secret) -> None:
        super().__init__()
        self.url = url

    def compose_content(self) -> ComposeResult:
        view = LineView(self._lines, id="content", classes="box qr")
        view.about = "The address as a QR code, for a phone or tablet: it opens there, not here."
        view.entitle("QR code")
        yield view

    def _lines(self, width: int) -> list[Line]:
        from claude_auth.actions.sign_in_address import qr_rows

        rows = qr_rows(self.url)
        room = self.app.size.height - 3
        if len(rows[0]) > width or len(rows) > room or self.app.has_class("-ascii"):
            needed = f"{len(rows[0]) + 5} columns and {len(rows) + 3} lines"
            have = f"{self.app.size.width} and {self.app.size.height}"
            words = f"The code needs {needed}; this terminal has {have}. Make the letters smaller, or close "
            words += "this and use p or y."
            if self.app.has_class("-ascii"):
                words = "This terminal has no characters for a QR code. Close this and use p or y."
            return [*wrap(line(words), width)]
        return [line(Span(row, "plain")) for row in rows]
