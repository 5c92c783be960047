"""The address to sign in at, and how it gets to a browser, which may be on another computer: opened here,
copied, drawn as a QR code, printed on one line, or written to a file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.app import App
from textual.strip import Strip

from claude_auth.actions.terminal import Link
from claude_auth.app.dialogs.confirm import TextDialog
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.suspend import print_and_wait
from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import Snapshot
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.present.logins import address_title
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText, format_path

ABOUT = (
    "The address that signs you in. It belongs to this attempt alone. Bring it to any browser: open it "
    "here, copy it, scan it, print it on one line, or write it to a file. Never copy it from where it is "
    "wrapped: a line break inside it is the commonest cause of “invalid request”."
)
#: Longer than any address of a sign-in.
_LONGEST = 4096
#: Columns and rows around a QR code: its box, and the line of keys.
_QR_FRAME = (5, 3)
_PRINTED = "That is one line. Select it, open it in a browser, then press Enter to go back."


class Offer(NamedTuple):
    """`fine` False: it is shown, and not offered to open. `forward`: the command that brings the browser's
    answer here from the computer in front of the person. `checked` False: nobody here vouches for where it
    leads. `code`: what the page will ask for."""

    url: Secret
    verdict: str
    fine: bool = True
    forward: str | None = None
    checked: bool = True
    code: Secret | None = None


class PrintedLinks:
    """The addresses and the code that a command printed, one address at a time on offer."""

    def __init__(self) -> None:
        self.addresses: list[tuple[Secret, str | None]] = []  # and why it is not to be opened
        self.code: Secret | None = None
        self.place = 0

    def add(self, link: Link) -> None:
        """The newest address is the one on offer."""
        if link.kind == "code":
            self.code = Secret(link.value)
        else:
            self.addresses.append((Secret(link.value), link.withheld))
            self.place = len(self.addresses) - 1

    def next(self) -> None:
        self.place = (self.place + 1) % len(self.addresses)

    def offer(self) -> Offer:
        if not self.addresses:
            words = "no address stands with this code yet"
            return Offer(Secret(""), words, fine=False, checked=False, code=self.code)
        url, withheld = self.addresses[self.place]
        host, fine = _host(url)
        verdict = f"the command printed it; it leads to {host}"
        if withheld is not None:
            fine, verdict = False, f"the command printed it, and {withheld}"
        elif not fine:
            verdict = f"the command printed it, and it is not opened from here: {host}"
        if len(self.addresses) > 1:
            verdict += f" ({self.place + 1} of {len(self.addresses)}; n shows the next)"
        return Offer(url, verdict, fine=fine, checked=not fine, code=self.code)


class Address(LineView):
    """What was written to a file is removed with the screen."""

    def __init__(
        self, services: Services, snapshot: Snapshot, *, about: str = ABOUT, title: str = ""
    ) -> None:
        super().__init__(self._lay_out, id="address", classes="panel")
        self.services, self.snapshot, self.about, self.first_title = services, snapshot, about, title
        self.offered: Offer | None = None
        self.note: StatusText | None = None
        self.url_file: str | None = None
        #: One for all lines of the address, so that a terminal takes them for one link.
        self._link: Style | None = None
        self._linked = 0

    def on_mount(self) -> None:
        self.entitle(self.first_title)

    def offer(self, offer: Offer | None) -> None:
        self.offered = offer
        self._link = Style(link=offer.url.reveal()) if offer is not None and offer.fine else None
        leads_to = _host(offer.url)[0] if offer is not None and offer.fine else ""
        self.entitle(address_title(self.first_title, leads_to, self._qr_rows(), self.app.size.height))
        self.show()
        self.screen.refresh_bindings()

    def tell(self, word: StatusText) -> None:
        """What became of the last try to bring it somewhere."""
        self.note = word
        self.show()

    def refusal(self, running: bool) -> str | None:
        """Why it can't be brought to a browser now."""
        if self.offered is None or not running:
            return "there is no address to open now"
        return None if self.offered.fine else "that address is not to be opened: see why above"

    def _qr_rows(self) -> int:
        """How many rows its QR code takes with its box; 0 where there is none."""
        if self.offered is None or not self.offered.fine or self.app.has_class("-ascii"):
            return 0
        rows = qr_box(self.offered.url)[1]
        return len(rows) and len(rows) + _QR_FRAME[1]

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    def _lay_out(self, width: int) -> list[Line]:
        offer = self.offered
        if offer is None:
            return [*wrap(line(Span("there is no address yet", "dim")), width)]
        verdict = StatusText("·", offer.verdict, "plain")
        if offer.checked:
            verdict = StatusText(
                *(("✓", offer.verdict, "ok") if offer.fine else ("✗", offer.verdict, "fail"))
            )
        told = wrap(line(verdict), width, 2)
        found: list[Line] = [] if offer.fine else [*told]  # a warning isn't scrolled out of sight
        # All of it, but cut where the line ends: on one line a key prints it.
        address = wrap(line(Span(clean(offer.url.reveal(), _LONGEST), "accent")), width) if offer.url else ()
        self._linked = len(address)
        found += address
        if offer.code is not None:
            code = Span(offer.code.reveal(), "strong")
            found += wrap(line(Span("code to enter there: ", "dim"), code), width)
        if self.note is not None:
            found += wrap(line(self.note), width, 2)
        found += told if offer.fine else ()
        if offer.forward:
            words = "If your browser runs on the computer in front of you, run there first, then open it:"
            found += wrap(line(Span(words, "dim")), width)
            found += wrap(line("  ", Span(offer.forward, "accent")), width, 2)
        return found

    def copied(self) -> str:
        return "" if self.offered is None else self.offered.url.reveal()

    def render_line(self, y: int) -> Strip:
        """The address is a link where the terminal knows links (OSC 8)."""
        strip = super().render_line(y)
        row = y + self.scroll_offset.y
        if self._link is None or row >= min(self._linked, len(self.lines)):
            return strip
        text = self.lines[row][0].text
        parts = [
            Segment(part.text, (part.style or Style()) + self._link) if part.text == text else part
            for part in strip
        ]
        return Strip(parts, strip.cell_length)

    # ── to a browser ─────────────────────────────────────────────────────────────────────────────

    def bring(self, how: str) -> None:
        """By the key's word: open, copy, qr, print or file. Only where `refusal` has nothing against it."""
        if self.offered is None:
            return
        ways: dict[str, Callable[[Secret], object]] = {
            "open": lambda url: self.open(url, asked=True),
            "copy": self._copy,
            "qr": lambda url: self.app.push_screen(qr_dialog(self.app, url)),
            "print": self._print,
            "file": self._write,
        }
        ways[how](self.offered.url)

    def open(self, url: Secret, *, asked: bool) -> None:
        """`asked`: a person wants it, so over SSH too: it opens over there."""
        opened = self.services.addresses.open(url, self.snapshot, asked=asked)
        words = f"browser: {opened.reason}"
        self.tell(StatusText("✓", words, "ok") if opened.program else StatusText("·", words, "plain"))

    def _copy(self, url: Secret) -> None:
        screen = self.screen
        assert isinstance(screen, BaseScreen)
        screen.copy(url, lambda words: self.tell(StatusText("·", f"{words}; t prints it instead", "plain")))

    @work(exclusive=True, exit_on_error=False, group="print")
    async def _print(self, url: Secret) -> None:
        if not await print_and_wait(self.app, f"\n{url.reveal()}\n\n{_PRINTED}"):
            screen = self.screen
            if isinstance(screen, BaseScreen):
                screen.show_notice("this terminal can't be given back for a moment: use y or m")

    def _write(self, url: Secret) -> None:
        try:
            if self.url_file is None:
                self.url_file = self.services.addresses.write(url)
        except OSError as error:
            reason = error.strerror or "input/output error"
            self.tell(StatusText("▲", f"not written: {reason}", "warn"))
            return
        where = format_path(self.url_file, self.services.home)
        self.tell(StatusText("✓", f"written to {where}, for you alone; removed at the end", "ok"))

    def drop_file(self) -> None:
        from claude_auth.actions.sign_in_address import remove_url_file

        if self.url_file is not None:
            with contextlib.suppress(OSError):
                remove_url_file(self.url_file)
            self.url_file = None

    def on_unmount(self) -> None:
        self.drop_file()


def qr_box(url: Secret) -> tuple[int, tuple[str, ...]]:
    """How many columns of a terminal it takes, and its rows; none where the address is too long for one."""
    from claude_auth.actions.sign_in_address import qr_rows

    try:
        rows = qr_rows(url)
    except ValueError:
        return 0, ()
    return len(rows[0]) + _QR_FRAME[0], rows


def qr_dialog(app: App[Any], url: Secret) -> TextDialog:
    """Dark on light, whatever the terminal's colours."""

    def lines(width: int) -> list[Line]:
        columns, rows = qr_box(url)
        if app.has_class("-ascii") or not rows:
            why = "The address is too long" if not rows else "This terminal has no characters"
            return [*wrap(line(f"{why} for a QR code. Close this and use t or y."), width)]
        if len(rows[0]) > width or len(rows) + _QR_FRAME[1] > app.size.height:
            needed = f"{columns} columns and {len(rows) + _QR_FRAME[1]} lines"
            have = f"{app.size.width} and {app.size.height}"
            words = f"The code needs {needed}; this terminal has {have}. Make the letters smaller, or close "
            return [*wrap(line(words + "this and use t or y."), width)]
        return [line(Span(row, "plain")) for row in rows]

    about = "The address as a QR code, for a phone or tablet: it opens there, not here."
    return TextDialog("QR code", lines, about, classes="box qr")


def _host(url: Secret) -> tuple[str, bool]:
    """Where it leads, and whether a browser is for that."""
    try:
        parts = urlsplit(url.reveal())
        host = parts.hostname
    except ValueError:
        return "it is not a whole address", False
    fine = parts.scheme in ("http", "https") and bool(host)
    return (clean(host or "", 120), True) if fine else ("it is no http or https address", False)
