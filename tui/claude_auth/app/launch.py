"""From the command line to the first frame, and from there to the running app."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from claude_auth.actions.program import ExitCode, by_signal, let_go, silence_logs
from claude_auth.app.themes import OWN, PALETTES, colours, theme_for
from claude_auth.model import DescriptorReading

if TYPE_CHECKING:
    from claude_auth.actions.look import HostObserver, ObservationContext
    from claude_auth.actions.preferences import Preferences
    from claude_auth.app.first_frame import FirstFrame
    from claude_auth.app.services import Services
    from claude_auth.present.dashboard_state import DashboardState
    from claude_auth.present.demo import DemoMenu

PROGRAM = "claude-auth-tui"


class Options(NamedTuple):
    """What the command line said."""

    client: str = ""
    version: str | None = None
    home: str | None = None
    cwd: str | None = None
    root: str | None = None
    ascii_only: bool = False
    no_color: bool = False
    demo: str | None = None


def launch(argv: Sequence[str] | None, descriptors: Mapping[str, DescriptorReading]) -> int:
    options = parse(sys.argv[1:] if argv is None else argv)
    term = os.environ.get("TERM", "")
    streams = (sys.stdin, sys.stdout, sys.stderr)  # None: it was closed before we began
    if not all(stream is not None and stream.isatty() for stream in streams) or term == "dumb":
        print(f"{PROGRAM} needs a terminal; for plain text use: claude-auth status", file=sys.stderr)
        return ExitCode.WRONG_USAGE
    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    if options.demo is not None:
        return launch_demo(options, options.demo)
    from claude_auth.actions.look import ObservationContext

    context = ObservationContext.of_process(
        descriptors, home=options.home, cwd=options.cwd, root=options.root
    )
    return begin(context, options)


def begin(
    context: ObservationContext,
    options: Options,
    *,
    over_ssh: bool | None = None,
    demo: DemoMenu | None = None,
    reach: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """The first frame, then the app; its exit code. `over_ssh`: of the terminal, where the machine that is
    looked at is a pretended one."""
    host, state, preferences = first_look(context, options)
    ascii_only = options.ascii_only or not speaks_unicode(preferences)
    theme = theme_for(preferences, os.environ)
    frame = first_frame(
        state, options.version, host.ours, preferences.keys, theme=theme, ascii_only=ascii_only, demo=demo
    )
    try:
        frame.show()
        from claude_auth.app.services import Services

        client = state.resolution.client
        services = Services(host, state.home, client=client, version=options.version, demo=demo, reach=reach)
        if over_ssh is None:
            over_ssh = state.snapshot.machine.over_ssh
        code = run_app(services, state, preferences, frame, ascii_only=ascii_only, over_ssh=over_ssh)
    finally:
        frame.close()
    return ended(code)


def first_look(
    context: ObservationContext, options: Options
) -> tuple[HostObserver, DashboardState, Preferences]:
    """The machine, or a demo's, as the dashboard shows it at first, for the client that is wanted."""
    from claude_auth.actions.look import HostObserver
    from claude_auth.actions.preferences import load_preferences
    from claude_auth.present.dashboard_state import DashboardState

    host, preferences = HostObserver.of(context), load_preferences(os.environ)
    client = options.client or preferences.text("client")
    return host, DashboardState.of(host.look(), client, options.version), preferences


def ended(code: int) -> int:
    """The way out after the app: by a signal, what it started goes too."""
    if code >= by_signal(1):
        from claude_auth.app.driver import end_programs

        end_programs()
    if code == by_signal(signal.SIGHUP):
        let_go()
    return code


def first_frame(
    state: DashboardState,
    version: str | None,
    ours: Callable[[], bool],
    keys: Mapping[str, str] = MappingProxyType({}),
    *,
    theme: str = OWN,
    ascii_only: bool,
    demo: DemoMenu | None = None,
) -> FirstFrame:
    """What the app paints first, for this terminal."""
    from claude_auth.app.first_frame import FirstFrame, frame_text, terminal_size
    from claude_auth.app.key_hints import first_hints
    from claude_auth.present.dashboard import dashboard
    from claude_auth.present.lines import exactly

    width, height = terminal_size()
    above = demo.title(width) if demo is not None else []
    footer = exactly(first_hints(state, version, width, ours, keys, in_demo=demo is not None), width)
    lines = (*above, *dashboard(state, width, height - len(above)), footer)[:height]
    text = frame_text(lines, PALETTES[theme], colours(os.environ), ascii_only=ascii_only)
    return FirstFrame(text, (width, height))


def launch_demo(options: Options, name: str) -> int:
    """Scene after scene, each in a world of its own; of the real machine only how its terminal is spoken to
    is asked."""
    from claude_auth.sandbox.demo import SCENES, open_demo

    if name not in {offer.id for offer in SCENES}:
        print(f"{PROGRAM} --demo SCENE, where SCENE is one of:", file=sys.stderr)
        for offer in SCENES:
            print(f"  {offer.id:<20} {offer.about}", file=sys.stderr)
        return ExitCode.WRONG_USAGE
    from claude_auth.present.demo import FAREWELL

    over_ssh = any(os.environ.get(variable) for variable in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    code, chosen = 0, name
    with open_demo() as demo:
        while chosen and not code:
            with demo.world(chosen) as (world, menu):
                code = begin(world.context, options, over_ssh=over_ssh, demo=menu, reach=world.reach)
            chosen = menu.chosen or ""
        refused = dict.fromkeys(demo.border.crossings)
    if not code:
        print(FAREWELL, *(f"Refused on the way: {what}" for what in refused), sep="\n")
    return code


def run_app(
    services: Services,
    state: DashboardState,
    preferences: Preferences,
    frame: FirstFrame,
    *,
    ascii_only: bool,
    over_ssh: bool,
) -> int:
    """The app, from the frame that stands there on; its exit code."""
    from claude_auth.actions.preferences import AUTOMATIC

    paint_often()
    from claude_auth.app.app import DashboardApp

    silence_logs()
    app = DashboardApp(
        services,
        state,
        ascii_only=ascii_only,
        theme=theme_for(preferences, os.environ),
        preferences=preferences,
        first_frame=frame,
    )
    mouse = preferences.text("screen.mouse")
    app.run(mouse=not over_ssh if mouse == AUTOMATIC else mouse == "on")
    return app.return_code or 0


def paint_often() -> None:
    """The answer to a key waits 8 ms at most for its paint, not 17; what comes in floods has slower beats of
    its own. Textual reads the variable as it is imported; no program that we start shall find it."""
    name = "TEXTUAL_FPS"
    if name not in os.environ:
        os.environ[name] = "120"
        importlib.import_module("textual.constants")
        del os.environ[name]


def speaks_unicode(preferences: Preferences) -> bool:
    """Whether the terminal has more than plain characters, by the preferences or by what it tells."""
    from claude_auth import words
    from claude_auth.actions.preferences import AUTOMATIC

    glyphs = preferences.text("screen.glyphs")
    if glyphs != AUTOMATIC:
        return glyphs == "unicode"
    return words.speaks_unicode(_encoding(), os.environ.get("TERM", ""))


def _encoding() -> str | None:
    """What the locale's terminal understands, not what Python would write."""
    import locale

    try:
        locale.setlocale(locale.LC_CTYPE, "")
        return locale.nl_langinfo(locale.CODESET)
    except (locale.Error, AttributeError):
        return sys.stdout.encoding


def parse(arguments: Sequence[str]) -> Options:
    """The options; argparse is imported only where there is something to parse."""
    if not arguments:
        return Options()
    import argparse

    from claude_auth.claude_code.clients import CLIENTS
    from claude_auth.version import __version__

    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Which credential Claude Code uses, and why: a dashboard.",
        epilog="For text and JSON: claude-auth status.",
    )
    parser.add_argument("--client", choices=[client.id for client in CLIENTS], default="")
    parser.add_argument(
        "--client-version", dest="version", metavar="V", help="answer by that version's rules"
    )
    parser.add_argument("--home", metavar="DIR", help="look at another home directory")
    parser.add_argument("--cwd", metavar="DIR", help="look as if started in DIR")
    parser.add_argument("--root", metavar="DIR", help="look for system-wide files below DIR")
    parser.add_argument("--ascii", dest="ascii_only", action="store_true", help="plain characters only")
    parser.add_argument("--no-color", action="store_true", help="no colours (as with NO_COLOR)")
    words = "a pretend machine instead of this one; an unknown SCENE lists them"
    parser.add_argument("--demo", nargs="?", const="healthy", metavar="SCENE", help=words)
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    return Options(**vars(parser.parse_args(list(arguments))))
