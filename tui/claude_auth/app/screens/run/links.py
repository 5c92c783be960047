"""The part of the run screen that offers the addresses and codes of the output to open."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from textual.binding import Binding, BindingType

from claude_auth.actions.terminal import Link
from claude_auth.app.screens.offering import NEEDS_ADDRESS, Offering
from claude_auth.app.screens.speaking import SENT
from claude_auth.app.widgets.address import Offer
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText

ABOUT = (
    "An address that the command printed, and the code that its page will ask for. Nothing here checks where "
    "it leads: read the name of the host. Open it here, copy it, scan it, print it, or write it to a file."
)


class OfferingLinks(Offering):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "copy_code", "Copy code", tooltip="Send the code to your terminal", id="run.copy-code"),
        Binding("n", "next_address", "Next link", tooltip="Show the next address", id="run.next-address"),
    ]

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.addresses: list[Secret] = []
        self.withheld: list[str | None] = []
        self.code: Secret | None = None
        self.place = 0

    def forget_links(self) -> None:
        self.addresses, self.withheld, self.code, self.place = [], [], None, 0
        self.drop_file()
        self.offer(None)
        self.remove_class("-links")

    def linked(self, link: Link) -> None:
        """The newest address is the one on offer."""
        if link.kind == "code":
            self.code = Secret(link.value)
        else:
            self.addresses.append(Secret(link.value))
            self.withheld.append(link.withheld)
            self.place = len(self.addresses) - 1
            self.drop_file()
        self._offer_here()

    def _offer_here(self) -> None:
        self.add_class("-links")
        if not self.addresses:
            words = "no address stands with this code yet"
            self.offer(Offer(Secret(""), words, fine=False, checked=False, code=self.code))
            return
        url = self.addresses[self.place]
        host, fine = _host(url)
        verdict = f"the command printed it; it leads to {host}"
        withheld = self.withheld[self.place]
        if withheld is not None:
            fine, verdict = False, f"the command printed it, and {withheld}"
        elif not fine:
            verdict = f"the command printed it, and it is not opened from here: {host}"
        if len(self.addresses) > 1:
            verdict += f" ({self.place + 1} of {len(self.addresses)}; n shows the next)"
        self.offer(Offer(url, verdict, fine=fine, checked=not fine, code=self.code))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        offered = self.address.offered if self.is_mounted else None
        if action in NEEDS_ADDRESS:
            return self.running and offered is not None and bool(self.addresses)
        if action == "copy_code":
            return self.running and self.code is not None
        if action == "next_address":
            return self.running and len(self.addresses) > 1
        return super().check_action(action, parameters)

    def action_copy_code(self) -> None:
        if self.code is not None:
            self.app.copy_to_clipboard(self.code.reveal())
            self.address.tell(StatusText("·", f"the code was {SENT}", "plain"))

    def action_next_address(self) -> None:
        self.place = (self.place + 1) % len(self.addresses)
        self.drop_file()
        self._offer_here()


def _host(url: Secret) -> tuple[str, bool]:
    """Where it leads, and whether a browser is for that."""
    try:
        parts = urlsplit(url.reveal())
        host = parts.hostname
    except ValueError:
        return "it is not a whole address", False
    fine = parts.scheme in ("http", "https") and bool(host)
    return (clean(host or "", 120), True) if fine else ("it is no http or https address", False)
