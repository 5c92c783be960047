"""Every key of the app, as one table: the bindings of screens and widgets, the footer, the help, the palette
and the README's list of keys all come from here.

One letter means one thing on every screen. `y` copies; Enter opens or does, and asks in a dialog before it
changes something; Escape and `q` go back; `z` takes back; `/` searches. In a dialog a capital letter agrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from textual.binding import BindingType


class Action(NamedTuple):
    """`action` is the method's name without `action_`. `footer`: whether its hint stands there. `when` names
    the state of the screen that it applies in (`BaseScreen.states`), `not …` the opposite; empty: always."""

    id: str
    key: str
    action: str
    label: str
    tooltip: str
    footer: bool = True
    when: str = ""
    priority: bool = False


def _hidden(id: str, key: str, action: str, label: str, tooltip: str, when: str = "") -> Action:
    return Action(id, key, action, label, tooltip, footer=False, when=when)


PANELS = ("ladder", "findings", "wire", "source", "log")
PANEL_NAMES = ("the credentials", "what to do", "what is sent", "the credential under the cursor", "activity")
#: Leaves another program's terminal; every other key goes to that program.
LEAVE_TERMINAL = "f6,ctrl+right_square_bracket"

_COPY = "Copy this text to your terminal; it holds no secret"
_INTERRUPT = "Leave; in Claude Code’s terminal it is Claude Code’s, else it cancels what is under way"

#: In each group by importance: the footer drops from the end what has no room.
ACTIONS: dict[str, tuple[Action, ...]] = {
    "app": (
        Action("app.palette", "ctrl+p", "palette", "Palette", "Every action, to search by name"),
        Action("app.help", "question_mark,f1", "help", "Help", "What stands here, and every key"),
        Action("app.quit", "q,ctrl+q", "quit", "Quit", "Leave; nothing on the machine changes"),
        _hidden("app.to-shell", "ctrl+z", "to_shell", "To the shell", "Back to the shell; fg goes on"),
        _hidden("app.repaint", "ctrl+l", "repaint", "Repaint", "Send the whole screen anew"),
        Action("app.interrupt", "ctrl+c", "interrupt", "Quit", _INTERRUPT, footer=False, priority=True),
    ),
    "demo": (
        Action("demo.scenes", "f2", "scenes", "Scenes", "The demo: another scene, or an error to explain"),
    ),
    "parts": (
        _hidden("part.next", "tab", "app.focus_next", "Next", "The next part"),
        _hidden("part.previous", "shift+tab", "app.focus_previous", "Previous", "The part before"),
    ),
    "dashboard": (
        Action("sign-in", "l", "sign_in", "Sign in", "Sign in: Claude account, or your own OAuth client"),
        Action(
            "refresh",
            "r",
            "refresh_login",
            "Refresh",
            "Refresh a login: who holds which lock, what happens, what it came to",
        ),
        Action("diagnose", "d", "diagnose", "Diagnose", "What is wrong, why, and what helps"),
        Action("fix", "f", "fix", "Fix", "Go to what mends the finding under the cursor"),
        Action("explain", "p", "explain", "Explain", "Explain an error: paste it, or drop a log"),
        Action("client.choose", "c", "client", "Client", "See it for another program"),
        Action(
            "log.open", "g", "full_log", "Log", "All that happened: what was done, and what Claude Code did"
        ),
        Action(
            "evaluate", "e", "evaluate", "Evaluate", "Run helpers, after asking you, to learn what they give"
        ),
        Action("cloud", "w", "cloud", "Cloud", "AWS, Google, Foundry, gateways: who you would be there"),
        Action(
            "run",
            "x",
            "run",
            "Run",
            "Run a configured refresh or helper command, and see what it prints; asks first",
        ),
        Action("accounts", "a", "accounts", "Accounts", "The logins of this machine; switch"),
        Action("panel.zoom", "v", "zoom", "Zoom", "Give the whole screen to this panel, and back"),
        Action("set-up", "S", "set_up", "Set up", "Set up how Claude Code gets at Claude, step by step"),
        _hidden("undo.open", "z", "undo", "Undo…", "What was fixed, and take it back"),
        _hidden("sign-out", "o", "sign_out", "Sign out", "Sign out of a login; asks first"),
        _hidden("probe", "s", "probe", "Send", "Send one live request; shown first"),
        _hidden("network", "h", "network", "Hosts", "Look at the way to each host; asks first"),
        _hidden("look", "u,f5", "look", "Look again", "Look at the machine again, now"),
        Action(
            "places.open", "space", "places", "Places", "Show the places that hold nothing too, or hide them"
        ),
        Action("filter.open", "slash", "filter", "Filter", "Keep the rows that contain some letters"),
        Action("copy", "y", "copy", "Copy", _COPY),
        *(
            _hidden(f"panel.{panel}", str(number), f"panel('{panel}')", f"Panel {number}", f"Go to {name}")
            for number, (panel, name) in enumerate(zip(PANELS, PANEL_NAMES, strict=True), 1)
        ),
        _hidden("panel.next", "tab", "next_panel(1)", "Next panel", "Go to the next panel"),
        _hidden("panel.previous", "shift+tab", "next_panel(-1)", "Previous", "Go to the previous panel"),
        _hidden("back", "escape", "back", "Back", "Leave zoom, drop the filter"),
    ),
    # ── screens on which something runs ──────────────────────────────────────────────────────────
    "action": (
        Action("action.leave", "q,escape,ctrl+q", "leave", "Back", "Go back"),
        Action("action.stop", "ctrl+x", "stop", "Cancel", "Cancel what is under way", when="cancellable"),
        _hidden("action.log", "g", "whole_log", "Log", "The log in full; this goes on"),
    ),
    "address": (
        Action("address.open", "b", "address('open')", "Browser", "Open the address here", when="address"),
        Action(
            "address.copy",
            "y",
            "address('copy')",
            "Copy",
            "Send the address to your terminal",
            when="address",
        ),
        Action(
            "address.qr", "v", "address('qr')", "QR code", "Show it as a QR code, for a phone", when="address"
        ),
        Action(
            "address.print",
            "t",
            "address('print')",
            "Print",
            "Step aside and print it on one line, to select with the mouse",
            when="address",
        ),
        Action(
            "address.file",
            "m",
            "address('file')",
            "File",
            "Write it to a file that only you can read",
            when="address",
        ),
    ),
    "refresh": (
        Action("refresh.start", "r,enter", "start(0)", "Refresh", "Refresh it, if it needs it"),
        Action("refresh.force", "R", "start(1)", "Force", "Refresh it although it has time left"),
        Action(
            "refresh.request", "s", "request", "One request", "Let claude -p refresh it: costs one request"
        ),
        Action("refresh.remove-lock", "f", "remove", "Remove lock", "Remove a lock that nobody holds"),
    ),
    "run": (
        Action("run.type", "i", "type", "Type", "Type an answer to the command", when="at-work"),
        Action("run.again", "r", "again", "Again", "Run the same command again", when="not running"),
        Action(
            "run.aside", "t", "aside", "In the terminal", "Run it in the real terminal", when="not running"
        ),
        Action("run.copy", "y", "copy", "Copy", "Copy what stands here", when="not address"),
        Action("run.history", "H", "history", "History", "The last runs, from the journal"),
        Action("run.copy-code", "Y", "copy_code", "Copy code", "Send the code to your terminal", when="code"),
        Action(
            "run.next-address", "n", "next_address", "Next link", "Show the next address", when="addresses"
        ),
        Action("run.longer", "plus", "limit(1)", "A minute more", "Give it a minute more", when="at-work"),
        _hidden("run.shorter", "minus", "limit(-1)", "Less", "A minute less", "at-work"),
        _hidden("run.no-limit", "0", "limit(0)", "No limit", "Let it take its time", "at-work"),
    ),
    "sign-in": (
        Action(
            "sign-in.terminal",
            "t",
            "terminal",
            "In your terminal",
            "Run Claude Code in your own terminal, without a pane: this steps aside",
        ),
        Action("sign-in.name", "c", "name", "Account name", "Under which name a login of ours is kept"),
        Action("sign-in.close", "q,escape,ctrl+q", "close", "Back", "Back, nothing is changed"),
    ),
    "sign-in-own": (
        Action(
            "own.type", "i", "type", "Type", "Type the code by hand; a paste needs no key", when="running"
        ),
        Action("own.again", "r", "again", "Again", "Start anew", when="over"),
    ),
    "pane": (
        Action(
            "pane.terminal",
            "f6,i",
            "terminal",
            "Terminal",
            "Type into Claude Code’s terminal",
            when="running",
        ),
    ),
    "sign-out-own": (
        Action(
            "sign-out.only-here",
            "o",
            "only_here",
            "Only here",
            "Remove the tokens on this computer though the server was not told",
        ),
    ),
    "network": (
        Action(
            "network.start", "enter", "ask", "Start", "Contact the hosts that stand here", when="not started"
        ),
        Action("network.copy", "y", "copy", "Copy", "Copy what was found", when="started"),
        Action("network.again", "r", "again", "Again", "Ask all of them again", when="started"),
    ),
    "probe": (
        Action(
            "probe.send",
            "enter",
            "send",
            "Send",
            "Send what stands here, once; asks first",
            when="not answered",
        ),
        Action("probe.copy", "y", "copy", "Copy", "Copy the answer and the explanation", when="answered"),
        Action("probe.client", "c", "client", "Client", "See it for another program"),
        Action("probe.evaluate", "e", "evaluate", "Evaluate", "Run what is needed first, after asking"),
        Action("probe.again", "r", "again", "Again", "Look again and plan anew; sends nothing"),
    ),
    "set-up": (
        Action(
            "set-up.back", "q,escape,ctrl+q", "previous", "Back", "One step back, and out of the first one"
        ),
        Action("set-up.next", "n", "next", "Next", "Go to the next step without doing this one"),
        Action(
            "set-up.copy", "y", "copy", "Copy", "Copy the lines to do it by hand with; no secret is in them"
        ),
    ),
    "fix": (
        Action(
            "fix.apply",
            "enter",
            "apply",
            "Apply",
            "Apply the change that the preview shows; asks first",
            when="way",
        ),
        Action("fix.go", "enter", "go", "Open", "Go to the screen that does it", when="action"),
        Action("fix.copy", "y", "copy", "Copy", "Copy the command under the cursor", when="command"),
        Action(
            "undo.apply",
            "z,enter",
            "take_back",
            "Take back",
            "Take back what the preview shows; asks first",
            when="undo",
        ),
    ),
    # ── screens that show something ──────────────────────────────────────────────────────────────
    "accounts": (
        Action("accounts.sign-in", "l", "wish('sign-in')", "Sign in", "Sign in to another one"),
        Action("accounts.sign-out", "o", "wish('sign-out')", "Sign out", "Sign out of this one"),
        Action("accounts.refresh", "r", "wish('refresh')", "Refresh", "Refresh this login"),
        _hidden("accounts.copy", "y", "copy", "Copy", "Copy this row"),
        Action("accounts.close", "q,escape,ctrl+q", "close", "Back", "Back to the dashboard"),
    ),
    "diagnose": (
        Action("diagnose.fix", "f,enter", "fix", "Fix", "Go to what mends it"),
        Action("diagnose.checks", "space", "checks", "All checks", "Show every check, or hide them"),
        Action("diagnose.undo", "z", "undo", "Undo…", "What was fixed, and take it back"),
        Action("diagnose.copy", "y", "copy", "Copy", "Copy the command, or this text"),
        Action("diagnose.report", "m", "report", "Report", "A report for somebody who helps"),
        Action("diagnose.filter", "slash", "filter", "Filter", "Keep the rows with some letters"),
        Action("diagnose.look", "u,f5", "look", "Look again", "Look at the machine again"),
        _hidden("diagnose.zoom", "v", "zoom", "Zoom", "The detail alone, and back"),
        Action(
            "dialog.close",
            "q,escape,ctrl+q",
            "back",
            "Back",
            "One step back: the zoom, the filter, the screen",
        ),
    ),
    "explain": (
        Action("explain.new", "r", "new", "New", "Forget this one; then paste another"),
        Action("explain.type", "i", "type", "Type", "Type it, or paste it line by line"),
        Action("explain.fix", "f", "fix", "Fix", "Go to what mends it"),
        Action("explain.copy", "y", "copy", "Copy", "Copy the explanation; no secret is in it"),
        Action("explain.close", "q,escape,ctrl+q", "close", "Back", "Back to the dashboard"),
        Action("explain.stop", "ctrl+x", "stop", "Stop", "Stop reading, forget what was pasted", when="busy"),
    ),
    "cloud": (
        Action("cloud.ask", "s", "ask", "Ask", "Ask this cloud who you are; says first what it runs"),
        Action("cloud.run", "x", "run", "Run", "Run the command that renews the credentials; asks first"),
        Action("cloud.copy", "y", "copy", "Copy", "Copy these lines to your terminal"),
        Action("cloud.look", "u,f5", "look", "Look again", "Look at the files again, now"),
        _hidden("cloud.other", "tab,shift+tab", "other", "Other", "Go to the other part"),
        Action("dialog.close", "q,escape,ctrl+q", "leave", "Back", "Back to the dashboard"),
        Action("cloud.stop", "ctrl+x", "stop", "Cancel", "Give up asking", when="busy"),
    ),
    "log": (
        Action("log.back", "q,escape,ctrl+q", "back", "Back", "Drop the search, then go back"),
        Action("log.follow", "u", "follow", "Follow", "Follow the newest line, or stop following"),
        Action("log.search", "slash", "search", "Search", "Search for some letters"),
        Action("log.next", "n", "find(1)", "Next", "Go to the next match"),
        _hidden("log.previous", "N", "find(-1)", "Previous", "The match before"),
        Action("log.problem", "d", "problem(1)", "Problem", "Go to the next warning or error"),
        _hidden("log.problem-before", "D", "problem(-1)", "Problem before", "The problem before"),
        Action("log.open-event", "enter", "open_event", "Open", "All that is known of this event"),
        Action("log.fold", "space", "fold", "Steps", "Show the steps of this, or hide them"),
        Action(
            "log.only", "ampersand", "only_matching", "Only matches", "Hide what doesn’t match the search"
        ),
        Action("log.time", "G", "go_to_time", "Go to a time", "Go to the first line from a time on"),
        Action("log.lives", "L", "lives", "Token lives", "From when to when each token lived"),
        Action(
            "log.level", "exclamation_mark", "level", "Level", "Everything, warnings and errors, or errors"
        ),
        Action("log.store", "c", "store", "Store", "Only the lines about one store"),
        Action("log.wrap", "v", "wrap", "Wrap", "Break long lines, or cut them off"),
        Action("log.copy", "y", "copy", "Copy", "Copy this line to your terminal; it holds no secret"),
        Action("log.export", "m", "export", "Export", "Write these lines to a file, without secrets"),
    ),
    # ── dialogs ──────────────────────────────────────────────────────────────────────────────────
    "dialog": (
        Action("dialog.close", "q,escape,ctrl+q", "close", "Close", "Close and change nothing"),
        _hidden("dialog.copy", "y", "copy", "Copy", "Send this to your terminal’s clipboard"),
    ),
    "confirm": (
        Action("dialog.close", "q,n,escape,ctrl+q", "close", "No", "Do nothing"),
        _hidden("dialog.copy", "y", "copy", "Copy", "Send this to your terminal’s clipboard"),
        Action("confirm.agree", "Y", "agree('yes')", "Yes", "Do it"),
        Action(
            "confirm.terminal",
            "T",
            "agree('terminal')",
            "In the terminal",
            "Do it in the real terminal",
            when="terminal",
        ),
        _hidden("confirm.page-up", "pageup", "page(-1)", "Page up", "One page up in the text"),
        _hidden("confirm.page-down", "pagedown", "page(1)", "Page down", "One page on in the text"),
    ),
    "input": (
        Action("input.take", "enter", "take", "Take", "Take what stands here"),
        Action("dialog.close", "escape,ctrl+x", "close", "Cancel", "Close and change nothing"),
    ),
    "choose": (Action("choose.take", "enter", "choose", "Choose", "Take the row under the cursor"),),
    "help": (_hidden("help.close", "question_mark,f1", "close", "Close", "Close"),),
    # ── widgets ──────────────────────────────────────────────────────────────────────────────────
    "lines": (
        _hidden("scroll.up", "up,k", "scroll_up", "Up", "One line up"),
        _hidden("scroll.down", "down,j", "scroll_down", "Down", "One line down"),
        _hidden("scroll.page-up", "pageup", "page_up", "Page up", "One page up"),
        _hidden("scroll.page-down", "pagedown", "page_down", "Page down", "One page on"),
        _hidden("scroll.top", "home", "scroll_home", "Top", "Scroll to the top"),
        _hidden("scroll.end", "end", "scroll_end", "End", "Scroll to the end"),
    ),
    "walk": (
        _hidden("row.up", "up,k", "move(-1)", "Up", "Go to the row above"),
        _hidden("row.down", "down,j", "move(1)", "Down", "Go to the row below"),
        _hidden("row.first", "home", "move(-10000)", "First", "Go to the first row"),
        _hidden("row.last", "end", "move(10000)", "Last", "Go to the last row"),
    ),
    "walk-pages": (
        _hidden("row.page-up", "pageup", "move(-10)", "Page up", "Ten rows up"),
        _hidden("row.page-down", "pagedown", "move(10)", "Page down", "Ten rows down"),
    ),
    "rows": (Action("row.open", "enter", "choose", "Open", "Open the row under the cursor"),),
    "log-view": (
        _hidden("log.up", "up,k", "move(-1)", "Up", "Go up and stop following"),
        _hidden("log.down", "down,j", "move(1)", "Down", "Go down"),
        _hidden("log.page-up", "pageup", "page(-1)", "Page up", "One page up"),
        _hidden("log.page-down", "pagedown", "page(1)", "Page down", "One page down"),
        _hidden("log.oldest", "home", "oldest", "Oldest", "Go to the oldest line"),
        _hidden("log.newest", "end", "newest", "Newest", "Go to the newest line, and follow"),
    ),
    "answers": (Action("answer.take", "enter", "choose", "Answer", "Take the answer under the cursor"),),
    "account-list": (
        Action(
            "accounts.switch", "enter", "choose", "Switch", "Make this account the active one; asks first"
        ),
    ),
    "providers": (_hidden("row.open", "enter", "choose", "Open", "Go to the lines about it"),),
    "cloud-detail": (
        Action(
            "cloud.copy-command",
            "enter",
            "screen.copy_command",
            "Copy command",
            "Copy the command of this line to your terminal",
        ),
    ),
    "causes": (
        Action("cause.step", "enter", "choose", "Do it", "Go to what does this step, or copy its command"),
    ),
    "terminal": (
        Action(
            "terminal.leave",
            LEAVE_TERMINAL,
            "leave",
            "Leave terminal",
            "Back to the keys of this screen (Ctrl-] does so too)",
        ),
    ),
    # ── what is typed into ───────────────────────────────────────────────────────────────────────
    "erase": (
        _hidden("erase.letter", "backspace", "erase", "Erase", "Erase a letter"),
        _hidden("erase.all", "ctrl+u", "erase_all", "Erase all", "Erase all"),
    ),
    "filter": (
        Action("filter.keep", "enter", "keep", "Keep", "Keep the filter and go back to the list"),
        Action("filter.drop", "escape", "drop", "Drop", "Show all rows again"),
    ),
    "search": (
        _hidden("search.up", "up", "walk(-1)", "Up", "The row above"),
        _hidden("search.down", "down", "walk(1)", "Down", "The row below"),
        _hidden("search.page-up", "pageup", "walk(-10)", "Page up", "Ten rows up"),
        _hidden("search.page-down", "pagedown", "walk(10)", "Page down", "Ten rows down"),
        _hidden("search.close", "ctrl+p,escape", "screen.close", "Close", "Close"),
    ),
    "paste": (
        Action("paste.submit", "enter", "submit", "Take it", "Take what was typed"),
        Action("paste.leave", "tab,escape", "leave", "Leave", "Leave this field"),
    ),
    "paste-lines": (
        Action("lines.submit", "ctrl+d", "submit", "Explain it", "Explain what was typed"),
        Action("lines.drop", "ctrl+x,tab,escape", "drop", "Drop it", "Forget what was typed"),
        _hidden("lines.end", "enter", "end_line", "New line", "Begin a new line"),
    ),
    "type": (
        Action("type.send", "enter", "submit", "Send", "Send this line to the command"),
        Action("type.end", "ctrl+d", "end", "No more", "Tell it that no more input comes"),
        Action("type.hide", "ctrl+t", "hide", "Show/hide", "Show what is typed, or hide it"),
        Action("type.leave", "escape,tab", "leave", "Leave", "Leave this field; nothing is sent"),
    ),
}

#: What each row does that can be seen, by its id: one of what stands here, with `or` between. A key that does
#: not apply has no effect but a word. `moves`: where there is anywhere to go. A test presses all of them.
EFFECTS: dict[str, str] = {
    "app.palette": "opens ChooseDialog",
    "app.help": "opens TextDialog",
    "app.quit": "quits",
    "app.to-shell": "leaves or tells",
    "app.repaint": "repaints",
    "app.interrupt": "quits or stops",
    "demo.scenes": "opens ChooseDialog",
    "part.next": "moves",
    "part.previous": "moves",
    "sign-in": "opens SignInScreen",
    "refresh": "opens RefreshScreen or opens ChooseDialog or tells",
    "diagnose": "opens DiagnoseScreen",
    "fix": "opens ConfirmDialog",
    "explain": "opens ExplainScreen",
    "client.choose": "opens ChooseDialog",
    "log.open": "opens LogScreen",
    "evaluate": "opens ConfirmDialog",
    "cloud": "opens CloudScreen",
    "run": "opens ChooseDialog or opens ConfirmDialog",
    "accounts": "opens AccountsScreen",
    "places.open": "shows",
    "panel.zoom": "shows",
    "sign-out": "opens ConfirmDialog or opens ChooseDialog or tells",
    "probe": "opens ProbeScreen",
    "network": "opens NetworkScreen",
    "look": "tells",
    "filter.open": "types",
    "copy": "copies",
    "panel.ladder": "moves",
    "panel.source": "moves",
    "panel.wire": "moves",
    "panel.findings": "moves",
    "panel.log": "moves",
    "panel.next": "shows",
    "panel.previous": "shows",
    "back": "shows or tells",
    "action.leave": "closes",
    "action.stop": "stops",
    "action.log": "opens LogScreen",
    "address.open": "starts or shows",
    "address.copy": "copies",
    "address.qr": "shows",
    "address.print": "starts or shows or tells",
    "address.file": "shows or tells",
    "refresh.start": "begins or tells",
    "refresh.force": "begins or tells",
    "refresh.request": "opens ConfirmDialog",
    "refresh.remove-lock": "opens ConfirmDialog",
    "run.type": "types",
    "run.again": "begins",
    "run.aside": "starts or tells",
    "run.copy": "copies or tells",
    "run.history": "opens RunHistory",
    "run.copy-code": "copies",
    "run.next-address": "shows",
    "run.longer": "tells or shows",
    "run.shorter": "tells or shows",
    "run.no-limit": "tells or shows",
    "set-up": "opens SetUpScreen",
    "set-up.back": "closes or shows",
    "set-up.next": "shows or tells",
    "set-up.copy": "copies or tells",
    "undo.open": "opens FixScreen or tells",
    "fix.go": "opens or closes or tells",
    "explain.fix": "opens ConfirmDialog or closes or tells",
    "sign-in.terminal": "starts or tells",
    "sign-in.name": "opens InputDialog",
    "sign-in.close": "closes",
    "own.type": "types",
    "own.again": "begins",
    "pane.terminal": "focuses",
    "sign-out.only-here": "shows or tells",
    "network.start": "begins",
    "network.copy": "copies",
    "network.again": "begins",
    "probe.send": "opens ConfirmDialog",
    "probe.copy": "copies",
    "probe.client": "opens ChooseDialog",
    "probe.evaluate": "opens ConfirmDialog",
    "probe.again": "shows or tells",
    "fix.apply": "opens ConfirmDialog",
    "fix.copy": "copies",
    "undo.apply": "opens ConfirmDialog",
    "accounts.sign-in": "opens SignInScreen",
    "accounts.sign-out": "opens ConfirmDialog",
    "accounts.refresh": "opens RefreshScreen",
    "accounts.copy": "copies",
    "accounts.close": "closes",
    "diagnose.fix": "opens ConfirmDialog",
    "diagnose.checks": "shows",
    "diagnose.undo": "opens FixScreen",
    "diagnose.copy": "copies",
    "diagnose.report": "opens ChooseDialog",
    "diagnose.filter": "types",
    "diagnose.look": "tells or shows",
    "diagnose.zoom": "shows",
    "dialog.close": "closes or shows",
    "explain.new": "tells",
    "explain.type": "types",
    "explain.copy": "copies or tells",
    "explain.close": "closes",
    "explain.stop": "stops",
    "cloud.ask": "opens ConfirmDialog or shows or tells",
    "cloud.run": "opens ChooseDialog or opens ConfirmDialog or tells",
    "cloud.copy": "copies",
    "cloud.look": "tells",
    "cloud.other": "focuses",
    "cloud.stop": "stops",
    "log.back": "closes or shows",
    "log.open-event": "opens or tells",
    "log.fold": "shows or tells",
    "log.only": "shows or tells",
    "log.time": "opens InputDialog",
    "log.lives": "opens",
    "log.follow": "shows",
    "log.search": "types",
    "log.next": "moves",
    "log.previous": "moves",
    "log.problem": "moves or tells",
    "log.problem-before": "moves or tells",
    "log.level": "shows",
    "log.store": "shows",
    "log.wrap": "tells",
    "log.copy": "copies",
    "log.export": "tells",
    "dialog.copy": "copies",
    "confirm.agree": "closes",
    "confirm.terminal": "closes",
    "confirm.page-up": "moves",
    "confirm.page-down": "moves",
    "input.take": "closes",
    "choose.take": "closes",
    "help.close": "closes",
    "scroll.up": "moves",
    "scroll.down": "moves",
    "scroll.page-up": "moves",
    "scroll.page-down": "moves",
    "scroll.top": "moves",
    "scroll.end": "moves",
    "row.up": "moves",
    "row.down": "moves",
    "row.first": "moves",
    "row.last": "moves",
    "row.page-up": "moves",
    "row.page-down": "moves",
    "row.open": "opens or closes or shows or copies",
    "log.up": "moves",
    "log.down": "moves",
    "log.page-up": "moves",
    "log.page-down": "moves",
    "log.oldest": "moves",
    "log.newest": "moves",
    "answer.take": "closes",
    "accounts.switch": "opens ConfirmDialog or opens InputDialog or tells",
    "cloud.copy-command": "copies or tells",
    "cause.step": "opens or copies or shows or tells",
    "terminal.leave": "focuses",
    "erase.letter": "moves",
    "erase.all": "moves",
    "filter.keep": "focuses",
    "filter.drop": "focuses",
    "search.up": "moves",
    "search.down": "moves",
    "search.page-up": "moves",
    "search.page-down": "moves",
    "search.close": "closes",
    "paste.submit": "shows or tells",
    "paste.leave": "focuses",
    "lines.submit": "shows",
    "lines.drop": "shows",
    "lines.end": "moves",
    "type.send": "shows",
    "type.end": "shows or tells",
    "type.hide": "shows",
    "type.leave": "focuses",
}


def bindings(*groups: str) -> list[BindingType]:
    """The keys of these groups, in their order, for a class's BINDINGS."""
    from textual.binding import Binding

    return [
        Binding(
            row.key,
            row.action,
            row.label,
            show=row.footer,
            priority=row.priority,
            tooltip=row.tooltip,
            id=row.id,
        )
        for group in groups
        for row in ACTIONS[group]
    ]


def known_keys(wanted: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Of a person's own keys those for an action that there is, by its id, and the other ids."""
    ids = {row.id for rows in ACTIONS.values() for row in rows}
    return {name: keys for name, keys in wanted.items() if name in ids}, tuple(sorted(wanted.keys() - ids))


#: Where each row stands in the table, by its id.
ORDER = {row.id: number for number, row in enumerate(row for rows in ACTIONS.values() for row in rows)}

#: The state that each key needs, by the row's id; those that always apply are left out.
WHEN = {row.id: row.when for rows in ACTIONS.values() for row in rows if row.when}

#: The method of each action of the dashboard, by the row's id.
METHODS = {row.id: row.action for row in ACTIONS["dashboard"]}

#: As people write a key; the rest are letters.
KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "ampersand": "&",
    "exclamation_mark": "!",
    "minus": "-",
    "escape": "Esc",
    "backspace": "Backspace",
    "right_square_bracket": "]",
    "enter": "Enter",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
}


def shown_key(key: str) -> str:
    """A key as people write it."""
    if key.startswith("ctrl+"):
        return f"^{shown_key(key.removeprefix('ctrl+'))}"
    return KEY_NAMES.get(key, key.upper() if key[0] == "f" and key[1:].isdigit() else key)


def key_table() -> str:
    """The dashboard's keys as the README lists them; a test compares."""
    panels = [f"panel.{name}" for name in (*PANELS, "next", "previous")]
    rows = [row for row in (*ACTIONS["dashboard"], *ACTIONS["app"]) if row.id not in panels]
    lines = ["| key | what it does |", "|---|---|", "| `1` to `5`, `Tab`, `Shift+Tab` | go to a panel |"]
    lines.append("| `Enter` | open the row under the cursor |")
    for row in rows:
        keys = ", ".join(f"`{shown_key(key)}`" for key in row.key.split(","))
        lines.append(f"| {keys} | {row.tooltip} |")
    return "\n".join(lines)
