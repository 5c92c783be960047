"""Guided set-up: which ways there are, what was found for each, what is in the way, what would be
written, the proof."""
