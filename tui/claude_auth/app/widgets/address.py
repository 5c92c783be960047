"""The address to sign in at, and how it gets to a browser, which may be on another computer."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, fit, line, wrap
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText


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


class Address(LineView):
    about = (
        "The address that signs you in. It belongs to this attempt alone. Bring it to any browser: open it "
        "here, copy it, scan it, print it on one line, or write it to a file. Never copy it from where it is "
        "wrapped: a line break inside it is the commonest cause of “invalid request”."
    )

    def __init__(self, *, id: str = "address") -> None:
        super().__init__(self._lay_out, id=id, classes="panel")
        self.offered: Offer | None = None
        self.note: StatusText | None = None

    def offer(self, offer: Offer | None) -> None:
        self.offered = offer
        self.show()

    def tell(self, word: StatusText) -> None:
        """What became of the last try to bring it somewhere."""
        self.note = word
        self.show()

    def _lay_out(self, width: int) -> list[Line]:
        offer = self.offered
        if offer is None:
            return [*wrap(line(Span("there is no address yet", "dim")), width)]
        verdict = (
            StatusText("✓", offer.verdict, "ok") if offer.fine else StatusText("✗", offer.verdict, "fail")
        )
        if not offer.checked:
            verdict = StatusText("·", offer.verdict, "plain")
        found: list[Line] = [line(Span(short(offer.url, width), "accent"))] if offer.url else []
        if offer.code is not None:
            found += wrap(
                line(Span("code to enter there: ", "dim"), Span(offer.code.reveal(), "strong")), width
            )
        if self.note is not None:
            found += wrap(line(self.note), width, 2)
        found += wrap(line(verdict), width, 2)
        if offer.forward:
            words = "If your browser runs on the computer in front of you, run there first, then open it:"
            found += wrap(line(Span(words, "dim")), width)
            found += wrap(line("  ", Span(offer.forward, "accent")), width, 2)
        return found

    def copied(self) -> str:
        return "" if self.offered is None else self.offered.url.reveal()

    def render_line(self, y: int) -> Strip:
        """The first line is a link where the terminal knows links (OSC 8)."""
        strip = super().render_line(y)
        offer = self.offered
        if y + self.scroll_offset.y or offer is None or not offer.fine or not self.lines:
            return strip
        link = Style(link=offer.url.reveal())
        text = self.lines[0][0].text
        parts = [
            Segment(part.text, (part.style or Style()) + link) if part.text == text else part
            for part in strip
        ]
        return Strip(parts, strip.cell_length)


def short(url: Secret, width: int) -> str:
    """As much of it as says where it leads; the whole has to be brought to the browser by a key."""
    address = url.reveal()
    start, mark, _ = address.partition("?")
    told = f"{start}?…" if mark else start
    return fit(f"{told} ({len(address)} characters)", width)
