"""Above every screen of a demo: that it is one."""

from __future__ import annotations

from functools import partial

from textual.screen import ModalScreen

from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.demo import DemoMenu


class DemoLine(LineView, can_focus=False):
    def __init__(self, menu: DemoMenu) -> None:
        super().__init__(menu.title, id="demo")
        self.menu = menu

    def on_mount(self) -> None:
        self.maker = partial(self.menu.title, over_all=isinstance(self.screen, ModalScreen))
        self._fill(self.app.size.width)  # now, for the first frame
