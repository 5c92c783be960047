"""Fixes: each a preview first (the exact commands, or the exact change to the exact file), then, where that
is safe, an action that can be undone. One kind a module; `offers` puts them together, `action` applies them.
"""
