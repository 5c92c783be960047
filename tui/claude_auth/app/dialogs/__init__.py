"""Dialogs: opaque pages that a worker opens and waits for, dismissed with the answer."""
