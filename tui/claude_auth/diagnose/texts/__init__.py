"""An error text explained: classified, then joined with what this machine shows. Pure."""

from __future__ import annotations

from claude_auth.diagnose.texts.classify import Classification, classify
from claude_auth.diagnose.texts.join import Recognised, explain, explained, without_known_secrets

__all__ = ["Classification", "Recognised", "classify", "explain", "explained", "without_known_secrets"]
