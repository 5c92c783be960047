"""What a demo says of itself on every screen, and what it has to offer."""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.named_tuples import NamedTuple
from claude_auth.present.lines import Line, Span, fit_line, line, spread, width_of

#: What is chosen for the error text instead of another scene.
EXPLAIN = "explain"
FAREWELL = "That was a demo: its home is removed again, and nothing else on this machine was changed."


class DemoOffer(NamedTuple):
    id: str
    label: str
    about: str


@dataclass
class DemoMenu:
    """`current`: the scene that is shown; `error`: a text that a person there would have before them;
    `chosen`: the scene to go on with once the app has ended, None: the demo is over."""

    offers: tuple[DemoOffer, ...]
    current: str
    error: str
    chosen: str | None = None

    def title(self, width: int, *, over_all: bool = False) -> list[Line]:
        """The longest form that has room. `over_all`: of a dialog, which has to be answered first."""
        shown = next(offer for offer in self.offers if offer.id == self.current)
        right = line(Span("" if over_all else "F2 another scene ", "dim"))
        room = max(0, width - width_of(right) - 1)
        real = " · nothing here is real"
        forms = [
            line(" ", Span("DEMO", "strong"), Span(f" · {words}", "dim"))
            for words in (f"{shown.label}: {shown.about}{real}", f"{shown.label}{real}", shown.label)
        ]
        left = next((form for form in forms if width_of(form) <= room), forms[-1])
        return [spread(fit_line(left, room), right, width)]
