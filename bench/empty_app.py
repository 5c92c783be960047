"""What the dashboard's first paint is compared with: Textual and one line of text."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class EmptyApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("Nothing here")


if __name__ == "__main__":
    EmptyApp().run()
