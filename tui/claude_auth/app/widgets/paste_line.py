"""The old place of PasteLine, for screens that are not converted yet."""

from claude_auth.app.widgets.fields import PasteLine

__all__ = ["PasteLine"]
