"""Everything about the row under the cursor of the diagnosis: what it means, how it was seen, what helps."""

from __future__ import annotations

from claude_auth.app.widgets.line_view import LineView


class Detail(LineView):
    about = (
        "The row under the cursor in full: how bad and how certain it is, what it means, what it was seen "
        "by, and what helps. What f applies by itself is marked; everything else is for you to do."
    )
