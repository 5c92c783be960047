"""The old name of the base of screens, for those that are not converted yet."""

from __future__ import annotations

from textual.screen import ScreenResultType

from claude_auth.app.screens.base import SENT, BaseScreen

__all__ = ["SENT", "Speaking"]


class Speaking(BaseScreen[ScreenResultType], inherit_bindings=False):
    def say(self, text: str) -> None:
        self.show_notice(text)

    def after_worker(self, group: str, error: BaseException | None) -> None:
        """These screens tell it themselves."""
