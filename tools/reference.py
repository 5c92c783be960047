"""For maintainers: builds the reference for programs from the docstrings, with every warning an error.

usage: python -m tools.reference [OUT]
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from pathlib import Path

import pdoc
import pdoc.render

import claude_auth
from claude_auth.library import machine

#: Rooms that can be called like functions; the page is about the functions.
ROOMS = ("diagnose", "observe", "resolve")


def build(out: Path) -> None:
    """Into the folder `out`. Raises the first warning."""
    before = dict(vars(claude_auth))
    for room in ROOMS:  # whoever loads a room first, pdoc too, puts it into its name
        import_module(f"claude_auth.{room}")
    for name in claude_auth.__all__:  # pdoc looks only at what is loaded already
        vars(claude_auth)[name] = getattr(machine if name in ROOMS else claude_auth, name)
    pdoc.render.configure(docformat="markdown", show_source=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pdoc.pdoc("claude_auth", *(f"!claude_auth.{room}" for room in ROOMS), output_directory=out)
    finally:
        vars(claude_auth).update(before)


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else "build/api"))
