"""The old place of FilterLine, for screens that are not converted yet."""

from claude_auth.app.widgets.fields import FilterLine

__all__ = ["FilterLine"]
