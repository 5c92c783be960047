"""What a demo offers while it runs: its scenes, each in a fresh world, and an error to explain."""

from __future__ import annotations

from claude_auth.app.dialogs.choose import ChooseDialog, Option
from claude_auth.present.demo import EXPLAIN, DemoMenu


def demo_menu(menu: DemoMenu) -> ChooseDialog:
    options = [Option(offer.id, offer.label, offer.about) for offer in menu.offers]
    words = "paste an error text of this scene, as a person would"
    options.append(Option(EXPLAIN, "explain an error", words))
    return ChooseDialog("The demo goes on with", options, current=menu.current)
