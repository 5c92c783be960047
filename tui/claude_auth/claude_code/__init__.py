"""What we know of Claude Code itself: the one place where a fact about it is decided. Pure."""
