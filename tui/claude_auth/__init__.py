"""Which credential Claude Code uses, and why.

The package keeps its face small so that importing it costs nothing; the names for programs live in
the modules that the architecture page (docs/architecture.md) lists.
"""

__version__ = "0.1.0"
