"""Widgets: lines of text that repaint only the cells that changed, and lists of them."""
