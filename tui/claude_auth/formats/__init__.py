"""Bytes to facts and back: pure, tolerant of anything, unknown keys kept, damage described."""
