"""The old place of PasteLines, for screens that are not converted yet."""

from claude_auth.app.widgets.fields import PasteLines

__all__ = ["PasteLines"]
