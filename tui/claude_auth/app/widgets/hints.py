"""The keys that work now, read from the bindings: footer, help and palette show these. The last line of a
screen shows them, or a notice, until the next key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import events
from textual.screen import ModalScreen

from claude_auth.app.actions import ORDER, shown_key
from claude_auth.app.key_hints import Key, hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, fit_line, line, wrap
from claude_auth.words import TextStyle

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen

    from claude_auth.present.demo import DemoMenu


def keys_of(screen: Screen[Any]) -> list[Key]:
    """Every action that a key reaches from here, the focused widget's first, each once."""
    found: dict[str, Key] = {}
    for active in _in_order(screen):
        binding = active.binding
        name = binding.id or binding.action
        if name in found or not binding.description:
            continue
        refuse = getattr(active.node, "refusal", None)
        found[name] = Key(
            name,
            binding.key,
            shown_key(binding.key),
            binding.description,
            binding.tooltip,
            binding.show,
            refuse(binding.action) if refuse is not None else None,
        )
    return list(found.values())


def _in_order(screen: Screen[Any]) -> list[ActiveBinding]:
    """A key of a person's own stands last among those of its node; it belongs where its row is."""
    active = list(screen.active_bindings.values())
    if not getattr(screen.app, "own_keys", None):
        return active
    nodes = {id(node): number for number, node in enumerate(dict.fromkeys(one.node for one in active))}
    return sorted(active, key=lambda one: (nodes[id(one.node)], ORDER.get(one.binding.id or "", 0)))


# ── the last line ────────────────────────────────────────────────────────────────────────────────

#: So many lines a notice may take.
MOST_LINES = 4


class Hints(LineView, can_focus=False):
    """Key hints of what can be done now; any other key says why not when it is pressed."""

    notice: tuple[str, TextStyle] | None = None
    #: In place of the keys, where it lays something out.
    instead: Callable[[int], Line | None] | None = None

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self.show(self.layout_lines)
        self._fill(self.app.size.width)  # now, for the first frame: a line's size is told only after it

    def _changed(self, screen: Screen[Any]) -> None:
        self.show()

    def say(self, text: str, role: TextStyle = "strong") -> None:
        """A notice in place of the hints."""
        self.notice = (text, role)
        self._show_whole()

    def hush(self) -> None:
        if self.notice is not None:
            self.notice = None
            self._show_whole()

    def _show_whole(self) -> None:
        """A notice may take further lines: what it tells to do often stands at its end."""
        self.show()
        height = max(1, len(self.lines))
        if self.size.height != height:
            self.styles.height = height

    def layout_lines(self, width: int) -> list[Line]:
        if self.notice is None:
            return [self.layout_line(width)]
        text, role = self.notice
        found = [line(" ", *part) for part in wrap(line(Span(text, role)), max(1, width - 1))]
        if len(found) > MOST_LINES:
            found[MOST_LINES - 1 :] = [line(*fit_line(found[MOST_LINES - 1], width - 2), " …")]
        return found

    def layout_line(self, width: int) -> Line:
        """The keys."""
        if self.instead is not None and (told := self.instead(width)) is not None:
            return told
        return hints(keys_of(self.screen), width)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None or not self.lines:
            return
        x = 0
        for text, _role in self.lines[0]:
            x += len(text)
            if place.x < x:
                keys = keys_of(self.screen)
                pressed = next((key for key in keys if text.strip() in {key.shown, key.label}), None)
                if pressed is not None:
                    self.app.simulate_key(pressed.key)
                return


class DemoLine(LineView, can_focus=False):
    """Above every screen of a demo: that it is one."""

    def __init__(self, menu: DemoMenu) -> None:
        super().__init__(menu.title, id="demo")
        self.menu = menu

    def on_mount(self) -> None:
        self.maker = partial(self.menu.title, over_all=isinstance(self.screen, ModalScreen))
        self._fill(self.app.size.width)  # now, for the first frame
