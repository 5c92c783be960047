"""An error text: taken apart (`prepare`), searched for phrases (`search`), explained (`explain`). Pure."""

from __future__ import annotations

from claude_auth.diagnose.texts.explain import (
    CauseMatch,
    Classification,
    Parsed,
    Recognised,
    classify,
    explain,
    parse,
)

__all__ = ["CauseMatch", "Classification", "Parsed", "Recognised", "classify", "explain", "parse"]
