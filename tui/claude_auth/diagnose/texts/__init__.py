"""An error text: taken apart (`prepare`), searched for phrases (`search`), explained (`explanation`)."""

from __future__ import annotations

from claude_auth.diagnose.texts.explanation import (
    Classification,
    Parsed,
    Recognised,
    classify,
    explain,
    parse,
)
from claude_auth.diagnose.texts.families import Family
from claude_auth.diagnose.texts.search import CauseMatch

__all__ = ["CauseMatch", "Classification", "Family", "Parsed", "Recognised", "classify", "explain", "parse"]
