"""The one table of keys: what it promises of letters, and the lists that are made from it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from textual.binding import Binding

from claude_auth.app.actions import ACTIONS, KEY_NAMES, WHEN, Action, bindings, key_table

README = Path(__file__).resolve().parents[2] / "README.md"
#: A no in a dialog, where there is no next match to go to; lists scroll by letters as by arrows.
APART = {
    ("n", "dialog.close"),
    *(("k", row.id) for row in ACTIONS["lines"]),
    *(("j", row.id) for row in ACTIONS["lines"]),
}
#: What each letter means; the labels are its forms on the screens.
VERBS = {
    "a": {"Accounts"},
    "b": {"Browser"},
    "c": {"Client", "Store", "Account name"},
    "d": {"Diagnose", "Problem"},
    "D": {"Problem before"},
    "e": {"Evaluate"},
    "f": {"Fix", "Remove lock"},
    "g": {"Log"},
    "G": {"Go to a time"},
    "h": {"Hosts"},
    "H": {"History"},
    "i": {"Type", "Terminal"},
    "j": {"Down"},
    "k": {"Up"},
    "l": {"Sign in"},
    "L": {"Token lives"},
    "m": {"File", "Report", "Export"},
    "n": {"Next", "Next link", "No"},
    "N": {"Previous"},
    "o": {"Sign out", "Only here"},
    "p": {"Explain"},
    "q": {"Back", "Close", "No", "Quit"},
    "r": {"Refresh", "Again", "New"},
    "R": {"Force"},
    "S": {"Set up"},
    "s": {"Send", "One request", "Ask"},
    "t": {"In the terminal", "In your terminal", "Print"},
    "T": {"In the terminal"},
    "u": {"Look again", "Follow"},
    "v": {"Zoom", "QR code", "Wrap"},
    "w": {"Cloud"},
    "x": {"Run"},
    "y": {"Copy"},
    "Y": {"Yes", "Copy code"},
    "z": {"Undo…", "Take back"},
}


def rows() -> list[Action]:
    return [row for group in ACTIONS.values() for row in group]


def test_one_letter_has_one_meaning_on_every_screen() -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    for row in rows():
        for key in row.key.split(","):
            if len(key) == 1 and key.isalpha():
                labels[key].add(row.label)
    assert labels == VERBS


def test_y_copies_and_q_quits_on_the_dashboard_alone() -> None:
    assert {row.label for row in rows() if "y" in row.key.split(",")} == {"Copy"}
    quits = [(name, row.id) for name, group in ACTIONS.items() for row in group if row.action == "quit"]
    assert quits == [("app", "app.quit")]
    closing = [row for row in rows() if "q" in row.key.split(",") and row.id != "app.quit"]
    assert all("escape" in row.key.split(",") for row in closing)


def test_a_question_is_answered_yes_by_capital_letters_alone() -> None:
    agreeing = {row.key for row in ACTIONS["confirm"] if row.action.startswith("agree")}
    assert agreeing == {"Y", "T"}


def test_every_row_has_an_id_a_tooltip_and_a_short_label() -> None:
    for row in rows():
        assert row.id
        assert row.tooltip
        assert 0 < len(row.label) <= 18, row
        for key in row.key.split(","):
            assert len(key) == 1 or key in KEY_NAMES or re.match(r"ctrl\+|f\d|backspace", key), key
    seen: dict[str, str] = {}
    for row in rows():
        assert seen.setdefault(row.id, row.when) == row.when, row.id
    assert {row.id: row.when for row in rows() if row.when} == WHEN


def test_bindings_are_the_rows_in_their_order() -> None:
    made = bindings("refresh", "dialog")
    assert all(isinstance(one, Binding) for one in made)
    assert [one.id for one in made if isinstance(one, Binding)] == [
        row.id for name in ("refresh", "dialog") for row in ACTIONS[name]
    ]


def test_the_readme_lists_the_keys_of_the_table() -> None:
    text = README.read_text(encoding="utf-8")
    found = re.search(r"\| key \| what it does \|\n(?:\|.*\n)+", text)
    assert found is not None
    assert found.group().rstrip("\n") == key_table()
