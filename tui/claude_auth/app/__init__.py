"""The dashboard. Importing this package costs nothing; `main` imports what it needs."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Start the dashboard; the exit code."""
    import gc
    import os

    gc.disable()  # nothing of what start-up builds is garbage; `ready` freezes it and switches on again
    from claude_auth.actions.program import guarded, read_descriptors

    descriptors = read_descriptors(os.environ)  # before we open anything: later the number may be ours

    def work() -> int:
        from claude_auth.app.launch import launch

        return launch(argv, descriptors)

    return guarded("claude-auth-tui", work, whole_process=argv is None, has_screen=True)
