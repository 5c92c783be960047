"""Dialogs: opaque pages that are asked for with `push_screen_wait` in a worker, and dismissed with the answer."""
