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
    """`action` is the method's name without `action_`. `effect`: what it does that can be seen, one of what
    stands there with `or` between; a key that does not apply has none but a word, and `moves` has it where
    there is anywhere to go. A test presses all of them. `footer`: whether its hint stands there. `when` names
    the state of the screen that it applies in (`BaseScreen.states`), `not …` the opposite; empty: always."""

    id: str
    key: str
    action: str
    effect: str
    label: str
    tooltip: str
    footer: bool = True
    when: str = ""
    priority: bool = False


def _hidden(id: str, key: str, action: str, effect: str, label: str, tooltip: str, when: str = "") -> Action:
    return Action(id, key, action, effect, label, tooltip, footer=False, when=when)


def _moves(id: str, key: str, action: str, label: str, tooltip: str, when: str = "") -> Action:
    return _hidden(id, key, action, "moves", label, tooltip, when)


PANELS = ("ladder", "findings", "wire", "source", "log")
PANEL_NAMES = ("the credentials", "what to do", "what is sent", "the credential under the cursor", "activity")
#: Leaves another program's terminal; every other key goes to that program.
LEAVE_TERMINAL = "f6,ctrl+right_square_bracket"

_COPY = "Copy this text to your terminal; it holds no secret"
_INTERRUPT = "Leave; in Claude Code's terminal it is Claude Code's, else it cancels what is under way"

#: In each group by importance: the footer drops from the end what has no room. A row stands on one line, or
#: on two: what it is and does, then what people read.
# fmt: off
ACTIONS: dict[str, tuple[Action, ...]] = {
    "app": (
        Action("app.palette", "ctrl+p", "palette", "opens ChooseDialog",
            "Palette", "Every action, to search by name"),
        Action("app.help", "question_mark,f1", "help", "opens TextDialog",
            "Help", "What stands here, and every key"),
        Action("app.quit", "q,ctrl+q", "quit", "quits", "Quit", "Leave; nothing on the machine changes"),
        _hidden("app.to-shell", "ctrl+z", "to_shell", "leaves or tells",
            "To the shell", "Back to the shell; fg goes on"),
        _hidden("app.repaint", "ctrl+l", "repaint", "repaints", "Repaint", "Send the whole screen anew"),
        Action("app.interrupt", "ctrl+c", "interrupt", "quits or stops",
            "Quit", _INTERRUPT, footer=False, priority=True),
    ),
    "demo": (
        Action("demo.scenes", "f2", "scenes", "opens ChooseDialog",
            "Scenes", "The demo: another scene, or an error to explain"),
    ),
    "parts": (
        _moves("part.next", "tab", "app.focus_next", "Next", "The next part"),
        _moves("part.previous", "shift+tab", "app.focus_previous", "Previous", "The part before"),
    ),
    "dashboard": (
        Action("evaluate.stop", "ctrl+x", "stop", "stops",
            "Cancel", "End the helper that is being run", when="busy"),
        Action("sign-in", "l", "open('sign-in')", "opens SignInScreen",
            "Sign in", "Sign in: Claude account, or your own OAuth client"),
        Action("refresh", "r", "open('refresh')", "opens RefreshScreen or opens ChooseDialog or tells",
            "Refresh", "Refresh a login: who holds which lock, what happens, what it came to"),
        Action("diagnose", "d", "open('diagnose')", "opens DiagnoseScreen",
            "Diagnose", "What is wrong, why, and what helps"),
        Action("fix", "f", "open('fix')", "opens ConfirmDialog",
            "Fix", "Go to what mends the finding under the cursor"),
        Action("explain", "p", "open('explain')", "opens ExplainScreen",
            "Explain", "Explain an error: paste it, or drop a log"),
        Action("client.choose", "c", "open('client.choose')", "opens ChooseDialog",
            "Client", "See it for another program"),
        Action("log.open", "g", "open('log.open')", "opens LogScreen",
            "Log", "All that happened: what was done, and what Claude Code did"),
        Action("evaluate", "e", "open('evaluate')", "opens ConfirmDialog",
            "Evaluate", "Run helpers, after asking you, to learn what they give"),
        Action("cloud", "w", "open('cloud')", "opens CloudScreen",
            "Cloud", "AWS, Google, Foundry, gateways: who you would be there"),
        Action("run", "x", "open('run')", "opens ChooseDialog or opens ConfirmDialog",
            "Run", "Run a configured refresh or helper command, and see what it prints; asks first"),
        Action("accounts", "a", "open('accounts')", "opens AccountsScreen",
            "Accounts", "The logins of this machine; switch"),
        Action("panel.zoom", "v", "zoom", "shows", "Zoom", "Give the whole screen to this panel, and back"),
        Action("set-up", "S", "open('set-up')", "opens SetUpScreen",
            "Set up", "Set up how Claude Code gets at Claude, step by step"),
        _hidden("undo.open", "z", "open('undo.open')", "opens FixScreen or tells",
            "Undo…", "What was fixed, and take it back"),
        _hidden("sign-out", "o", "open('sign-out')", "opens ConfirmDialog or opens ChooseDialog or tells",
            "Sign out", "Sign out of a login; asks first"),
        _hidden("probe", "s", "open('probe')", "opens ProbeScreen",
            "Send", "Send one live request; shown first"),
        _hidden("network", "h", "open('network')", "opens NetworkScreen",
            "Hosts", "Look at the way to each host; asks first"),
        _hidden("look", "u,f5", "look", "tells", "Look again", "Look at the machine again, now"),
        Action("places.open", "space", "places", "shows",
            "Places", "Show the places that hold nothing too, or hide them"),
        Action("filter.open", "slash", "filter", "types",
            "Filter", "Keep the rows that contain some letters"),
        Action("copy", "y", "copy", "copies", "Copy", _COPY),
        *(
            _moves(f"panel.{panel}", str(number), f"panel('{panel}')", f"Panel {number}", f"Go to {name}")
            for number, (panel, name) in enumerate(zip(PANELS, PANEL_NAMES, strict=True), 1)
        ),
        _hidden("panel.next", "tab", "next_panel(1)", "shows", "Next panel", "Go to the next panel"),
        _hidden("panel.previous", "shift+tab", "next_panel(-1)", "shows",
            "Previous", "Go to the previous panel"),
        _hidden("back", "escape", "back", "shows or tells", "Back", "Leave zoom, drop the filter"),
    ),
    # ── screens on which something runs ──────────────────────────────────────────────────────────
    "action": (
        Action("action.leave", "q,escape,ctrl+q", "leave", "closes", "Back", "Go back"),
        Action("action.stop", "ctrl+x", "stop", "stops",
            "Cancel", "Cancel what is under way", when="cancellable"),
        _hidden("action.log", "g", "whole_log", "opens LogScreen", "Log", "The log in full; this goes on"),
    ),
    "address": (
        Action("address.open", "b", "address('open')", "starts or shows",
            "Browser", "Open the address here", when="address"),
        Action("address.copy", "y", "address('copy')", "copies",
            "Copy", "Send the address to your terminal", when="address"),
        Action("address.qr", "v", "address('qr')", "shows",
            "QR code", "Show it as a QR code, for a phone", when="address"),
        Action("address.print", "t", "address('print')", "starts or shows or tells",
            "Print", "Step aside and print it on one line, to select with the mouse", when="address"),
        Action("address.file", "m", "address('file')", "shows or tells",
            "File", "Write it to a file that only you can read", when="address"),
    ),
    "refresh": (
        Action("refresh.start", "r,enter", "start(0)", "begins or tells",
            "Refresh", "Refresh it, if it needs it"),
        Action("refresh.force", "R", "start(1)", "begins or tells",
            "Force", "Refresh it although it has time left"),
        Action("refresh.request", "s", "request", "opens ConfirmDialog",
            "One request", "Let claude -p refresh it: costs one request"),
        Action("refresh.remove-lock", "f", "remove", "opens ConfirmDialog",
            "Remove lock", "Remove a lock that nobody holds"),
    ),
    "run": (
        Action("run.type", "i", "type", "types", "Type", "Type an answer to the command", when="at-work"),
        Action("run.again", "r", "again", "begins",
            "Again", "Run the same command again", when="not running"),
        Action("run.aside", "t", "aside", "starts or tells",
            "In the terminal", "Run it in the real terminal", when="not running"),
        Action("run.copy", "y", "copy", "copies or tells",
            "Copy", "Copy what stands here", when="not address"),
        Action("run.history", "H", "history", "opens RunHistory",
            "History", "The last runs, from the journal"),
        Action("run.copy-code", "Y", "copy_code", "copies",
            "Copy code", "Send the code to your terminal", when="code"),
        Action("run.next-address", "n", "next_address", "shows",
            "Next link", "Show the next address", when="addresses"),
        Action("run.longer", "plus", "limit(1)", "tells or shows",
            "A minute more", "Give it a minute more", when="at-work"),
        _hidden("run.shorter", "minus", "limit(-1)", "tells or shows", "Less", "A minute less", "at-work"),
        _hidden("run.no-limit", "0", "limit(0)", "tells or shows",
            "No limit", "Let it take its time", "at-work"),
    ),
    "sign-in": (
        Action("sign-in.terminal", "t", "terminal", "starts or tells",
            "In your terminal", "Run Claude Code in your own terminal, without a pane: this steps aside"),
        Action("sign-in.name", "c", "name", "opens InputDialog",
            "Account name", "Under which name a login of ours is kept"),
        Action("sign-in.close", "q,escape,ctrl+q", "close", "closes", "Back", "Back, nothing is changed"),
    ),
    "sign-in-own": (
        Action("own.type", "i", "type", "types",
            "Type", "Type the code by hand; a paste needs no key", when="running"),
        Action("own.again", "r", "again", "begins", "Again", "Start anew", when="over"),
    ),
    "pane": (
        Action("pane.terminal", "f6,i", "terminal", "focuses",
            "Terminal", "Type into Claude Code's terminal", when="running"),
    ),
    "sign-out-own": (
        Action("sign-out.only-here", "o", "only_here", "shows or tells",
            "Only here", "Remove the tokens on this computer though the server was not told"),
    ),
    "network": (
        Action("network.start", "enter", "ask", "begins",
            "Start", "Contact the hosts that stand here", when="not started"),
        Action("network.copy", "y", "copy", "copies", "Copy", "Copy what was found", when="started"),
        Action("network.again", "r", "again", "begins", "Again", "Ask all of them again", when="started"),
    ),
    "probe": (
        Action("probe.send", "enter", "send", "opens ConfirmDialog",
            "Send", "Send what stands here, once; asks first", when="not answered"),
        Action("probe.copy", "y", "copy", "copies",
            "Copy", "Copy the answer and the explanation", when="answered"),
        Action("probe.client", "c", "client", "opens ChooseDialog", "Client", "See it for another program"),
        Action("probe.evaluate", "e", "evaluate", "opens ConfirmDialog",
            "Evaluate", "Run what is needed first, after asking"),
        Action("probe.again", "r", "again", "shows or tells",
            "Again", "Look again and plan anew; sends nothing"),
    ),
    "set-up": (
        Action("set-up.back", "q,escape,ctrl+q", "previous", "closes or shows",
            "Back", "One step back, and out of the first one"),
        Action("set-up.next", "n", "next", "shows or tells",
            "Next", "Go to the next step without doing this one"),
        Action("set-up.copy", "y", "copy", "copies or tells",
            "Copy", "Copy the lines to do it by hand with; no secret is in them"),
    ),
    "fix": (
        Action("fix.apply", "enter", "apply", "opens ConfirmDialog",
            "Apply", "Apply the change that the preview shows; asks first", when="way"),
        Action("fix.go", "enter", "go", "opens or closes or tells",
            "Open", "Go to the screen that does it", when="action"),
        Action("fix.copy", "y", "copy", "copies",
            "Copy", "Copy the command under the cursor", when="command"),
        Action("undo.apply", "z,enter", "take_back", "opens ConfirmDialog",
            "Take back", "Take back what the preview shows; asks first", when="undo"),
    ),
    # ── screens that show something ──────────────────────────────────────────────────────────────
    "accounts": (
        Action("accounts.sign-in", "l", "wish('sign-in')", "opens SignInScreen",
            "Sign in", "Sign in to another one"),
        Action("accounts.sign-out", "o", "wish('sign-out')", "opens ConfirmDialog",
            "Sign out", "Sign out of this one"),
        Action("accounts.refresh", "r", "wish('refresh')", "opens RefreshScreen",
            "Refresh", "Refresh this login"),
        _hidden("accounts.copy", "y", "copy", "copies", "Copy", "Copy this row"),
        Action("accounts.close", "q,escape,ctrl+q", "close", "closes", "Back", "Back to the dashboard"),
    ),
    "diagnose": (
        Action("diagnose.fix", "f,enter", "fix", "opens ConfirmDialog", "Fix", "Go to what mends it"),
        Action("diagnose.checks", "space", "checks", "shows", "All checks", "Show every check, or hide them"),
        Action("diagnose.undo", "z", "undo", "opens FixScreen", "Undo…", "What was fixed, and take it back"),
        Action("diagnose.copy", "y", "copy", "copies", "Copy", "Copy the command, or this text"),
        Action("diagnose.report", "m", "report", "opens ChooseDialog",
            "Report", "A report for somebody who helps"),
        Action("diagnose.filter", "slash", "filter", "types", "Filter", "Keep the rows with some letters"),
        Action("diagnose.look", "u,f5", "look", "tells or shows", "Look again", "Look at the machine again"),
        _hidden("diagnose.zoom", "v", "zoom", "shows", "Zoom", "The detail alone, and back"),
        Action("dialog.close", "q,escape,ctrl+q", "back", "closes or shows",
            "Back", "One step back: the zoom, the filter, the screen"),
    ),
    "explain": (
        Action("explain.new", "r", "new", "tells", "New", "Forget this one; then paste another"),
        Action("explain.type", "i", "type", "types", "Type", "Type it, or paste it line by line"),
        Action("explain.fix", "f", "fix", "opens ConfirmDialog or closes or tells",
            "Fix", "Go to what mends it"),
        Action("explain.copy", "y", "copy", "copies or tells",
            "Copy", "Copy the explanation; no secret is in it"),
        Action("explain.close", "q,escape,ctrl+q", "close", "closes", "Back", "Back to the dashboard"),
        Action("explain.stop", "ctrl+x", "stop", "stops",
            "Stop", "Stop reading, forget what was pasted", when="busy"),
    ),
    "cloud": (
        Action("cloud.ask", "s", "ask", "opens ConfirmDialog or shows or tells",
            "Ask", "Ask this cloud who you are; says first what it runs"),
        Action("cloud.run", "x", "run", "opens ChooseDialog or opens ConfirmDialog or tells",
            "Run", "Run the command that renews the credentials; asks first"),
        Action("cloud.copy", "y", "copy", "copies", "Copy", "Copy these lines to your terminal"),
        Action("cloud.look", "u,f5", "look", "tells", "Look again", "Look at the files again, now"),
        _hidden("cloud.other", "tab,shift+tab", "other", "focuses", "Other", "Go to the other part"),
        Action("dialog.close", "q,escape,ctrl+q", "leave", "closes or shows",
            "Back", "Back to the dashboard"),
        Action("cloud.stop", "ctrl+x", "stop", "stops", "Cancel", "Give up asking", when="busy"),
    ),
    "log": (
        Action("log.back", "q,escape,ctrl+q", "back", "closes or shows",
            "Back", "Drop the search, then go back"),
        Action("log.follow", "u", "follow", "shows", "Follow", "Follow the newest line, or stop following"),
        Action("log.search", "slash", "search", "types", "Search", "Search for some letters"),
        Action("log.next", "n", "find(1)", "moves", "Next", "Go to the next match"),
        _moves("log.previous", "N", "find(-1)", "Previous", "The match before"),
        Action("log.problem", "d", "problem(1)", "moves or tells",
            "Problem", "Go to the next warning or error"),
        _hidden("log.problem-before", "D", "problem(-1)", "moves or tells",
            "Problem before", "The problem before"),
        Action("log.open-event", "enter", "open_event", "opens or tells",
            "Open", "All that is known of this event"),
        Action("log.fold", "space", "fold", "shows or tells",
            "Steps", "Show the steps of this, or hide them"),
        Action("log.only", "ampersand", "only_matching", "shows or tells",
            "Only matches", "Hide what doesn't match the search"),
        Action("log.time", "G", "go_to_time", "opens InputDialog",
            "Go to a time", "Go to the first line from a time on"),
        Action("log.lives", "L", "lives", "opens", "Token lives", "From when to when each token lived"),
        Action("log.level", "exclamation_mark", "level", "shows",
            "Level", "Everything, warnings and errors, or errors"),
        Action("log.store", "c", "store", "shows", "Store", "Only the lines about one store"),
        Action("log.wrap", "v", "wrap", "tells", "Wrap", "Break long lines, or cut them off"),
        Action("log.copy", "y", "copy", "copies",
            "Copy", "Copy this line to your terminal; it holds no secret"),
        Action("log.export", "m", "export", "tells",
            "Export", "Write these lines to a file, without secrets"),
    ),
    # ── dialogs ──────────────────────────────────────────────────────────────────────────────────
    "dialog": (
        Action("dialog.close", "q,escape,ctrl+q", "close", "closes or shows",
            "Close", "Close and change nothing"),
        _hidden("dialog.copy", "y", "copy", "copies", "Copy", "Send this to your terminal's clipboard"),
    ),
    "confirm": (
        Action("dialog.close", "q,n,escape,ctrl+q", "close", "closes or shows", "No", "Do nothing"),
        _hidden("dialog.copy", "y", "copy", "copies", "Copy", "Send this to your terminal's clipboard"),
        Action("confirm.agree", "Y", "agree('yes')", "closes", "Yes", "Do it"),
        Action("confirm.terminal", "T", "agree('terminal')", "closes",
            "In the terminal", "Do it in the real terminal", when="terminal"),
        _moves("confirm.page-up", "pageup", "page(-1)", "Page up", "One page up in the text"),
        _moves("confirm.page-down", "pagedown", "page(1)", "Page down", "One page on in the text"),
    ),
    "input": (
        Action("input.take", "enter", "take", "closes", "Take", "Take what stands here"),
        Action("dialog.close", "escape,ctrl+x", "close", "closes or shows",
            "Cancel", "Close and change nothing"),
    ),
    "choose": (
        Action("choose.take", "enter", "choose", "closes", "Choose", "Take the row under the cursor"),
    ),
    "help": (_hidden("help.close", "question_mark,f1", "close", "closes", "Close", "Close"),),
    # ── widgets ──────────────────────────────────────────────────────────────────────────────────
    "lines": (
        _moves("scroll.up", "up,k", "scroll_up", "Up", "One line up"),
        _moves("scroll.down", "down,j", "scroll_down", "Down", "One line down"),
        _moves("scroll.page-up", "pageup", "page_up", "Page up", "One page up"),
        _moves("scroll.page-down", "pagedown", "page_down", "Page down", "One page on"),
        _moves("scroll.top", "home", "scroll_home", "Top", "Scroll to the top"),
        _moves("scroll.end", "end", "scroll_end", "End", "Scroll to the end"),
    ),
    "walk": (
        _moves("row.up", "up,k", "move(-1)", "Up", "Go to the row above"),
        _moves("row.down", "down,j", "move(1)", "Down", "Go to the row below"),
        _moves("row.first", "home", "move(-10000)", "First", "Go to the first row"),
        _moves("row.last", "end", "move(10000)", "Last", "Go to the last row"),
    ),
    "walk-pages": (
        _moves("row.page-up", "pageup", "move(-10)", "Page up", "Ten rows up"),
        _moves("row.page-down", "pagedown", "move(10)", "Page down", "Ten rows down"),
    ),
    "rows": (
        Action("row.open", "enter", "choose", "opens or closes or shows or copies",
            "Open", "Open the row under the cursor"),
    ),
    "log-view": (
        _moves("log.up", "up,k", "move(-1)", "Up", "Go up and stop following"),
        _moves("log.down", "down,j", "move(1)", "Down", "Go down"),
        _moves("log.page-up", "pageup", "page(-1)", "Page up", "One page up"),
        _moves("log.page-down", "pagedown", "page(1)", "Page down", "One page down"),
        _moves("log.oldest", "home", "oldest", "Oldest", "Go to the oldest line"),
        _moves("log.newest", "end", "newest", "Newest", "Go to the newest line, and follow"),
    ),
    "answers": (
        Action("answer.take", "enter", "choose", "closes", "Answer", "Take the answer under the cursor"),
    ),
    "account-list": (
        Action("accounts.switch", "enter", "choose", "opens ConfirmDialog or opens InputDialog or tells",
            "Switch", "Make this account the active one; asks first"),
    ),
    "providers": (
        _hidden("row.open", "enter", "choose", "opens or closes or shows or copies",
            "Open", "Go to the lines about it"),
    ),
    "cloud-detail": (
        Action("cloud.copy-command", "enter", "screen.copy_command", "copies or tells",
            "Copy command", "Copy the command of this line to your terminal"),
    ),
    "causes": (
        Action("cause.step", "enter", "choose", "opens or copies or shows or tells",
            "Do it", "Go to what does this step, or copy its command"),
    ),
    "terminal": (
        Action("terminal.leave", LEAVE_TERMINAL, "leave", "focuses",
            "Leave terminal", "Back to the keys of this screen (Ctrl-] does so too)"),
    ),
    # ── what is typed into ───────────────────────────────────────────────────────────────────────
    "edit": (
        _moves("edit.left", "left", "cursor_left", "Left", "One letter to the left"),
        _moves("edit.right", "right", "cursor_right", "Right", "One letter to the right"),
        _moves("edit.home", "home,ctrl+a", "home", "To its start", "To the first letter"),
        _moves("edit.end", "end,ctrl+e", "end", "To its end", "Behind the last letter"),
        _moves("edit.erase", "backspace", "delete_left", "Erase", "Erase the letter before the cursor"),
        _moves("edit.delete", "delete,ctrl+d", "delete_right", "Delete", "Erase the letter under the cursor"),
        _moves("edit.word", "ctrl+w", "delete_left_word", "Erase word", "Erase the word before the cursor"),
        _moves("edit.all", "ctrl+u", "delete_left_all", "Erase all", "Erase all before the cursor"),
    ),
    "erase": (
        _moves("erase.letter", "backspace", "erase", "Erase", "Erase a letter"),
        _moves("erase.all", "ctrl+u", "erase_all", "Erase all", "Erase all"),
    ),
    "filter": (
        Action("filter.keep", "enter", "keep", "focuses", "Keep", "Keep the filter and go back to the list"),
        Action("filter.drop", "escape", "drop", "focuses", "Drop", "Show all rows again"),
    ),
    "search": (
        _moves("search.up", "up", "walk(-1)", "Up", "The row above"),
        _moves("search.down", "down", "walk(1)", "Down", "The row below"),
        _moves("search.page-up", "pageup", "walk(-10)", "Page up", "Ten rows up"),
        _moves("search.page-down", "pagedown", "walk(10)", "Page down", "Ten rows down"),
        _hidden("search.close", "ctrl+p,escape", "screen.close", "closes", "Close", "Close"),
    ),
    "paste": (
        Action("paste.submit", "enter", "submit", "shows or tells", "Take it", "Take what was typed"),
        Action("paste.leave", "tab,escape", "leave", "focuses", "Leave", "Leave this field"),
    ),
    "paste-lines": (
        Action("lines.submit", "ctrl+d", "submit", "shows", "Explain it", "Explain what was typed"),
        Action("lines.drop", "ctrl+x,tab,escape", "drop", "shows", "Drop it", "Forget what was typed"),
        _moves("lines.end", "enter", "end_line", "New line", "Begin a new line"),
    ),
    "type": (
        Action("type.send", "enter", "submit", "shows", "Send", "Send this line to the command"),
        Action("type.end", "ctrl+d", "end", "shows or tells", "No more", "Tell it that no more input comes"),
        Action("type.hide", "ctrl+t", "hide", "shows", "Show/hide", "Show what is typed, or hide it"),
        Action("type.leave", "escape,tab", "leave", "focuses", "Leave", "Leave this field; nothing is sent"),
    ),
}
# fmt: on


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
    "left": "←",
    "right": "→",
    "delete": "Del",
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
