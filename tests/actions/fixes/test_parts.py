"""Shells, diffs, running clients: the small parts of fixes."""

from __future__ import annotations

import subprocess

import pytest

from claude_auth.actions.fixes.plans import json_diff, shell_diff
from claude_auth.actions.fixes.shells import Shell, for_shell, quoted, shell_of, unset
from claude_auth.security.redact import REDACTED

SECRET = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"


@pytest.mark.parametrize(
    ("environ", "shell"),
    [
        ({"SHELL": "/bin/bash"}, "bash"),
        ({"SHELL": "/usr/local/bin/fish"}, "fish"),
        ({"SHELL": "/bin/zsh"}, "zsh"),
        ({"SHELL": "/bin/zsh", "POWERSHELL_DISTRIBUTION_CHANNEL": "x"}, "powershell"),
        ({"SHELL": "/bin/dash"}, "bash"),
        ({}, "bash"),
    ],
)
def test_which_shell(environ: dict[str, str], shell: Shell) -> None:
    assert shell_of(environ) == shell


@pytest.mark.parametrize(
    ("shell", "command", "expected"),
    [
        ("zsh", "unset A_B", "unset A_B"),
        ("fish", "unset A_B", "set -e A_B"),
        ("powershell", "unset A_B", "Remove-Item Env:A_B"),
        ("fish", 'export A="…"', 'set -gx A "…"'),
        ("powershell", 'export A="…"', '$env:A = "…"'),
        ("fish", 'sudo chown "$(id -un)" /x', "sudo chown (id -un) /x"),
        ("powershell", "ls -t a 2>/dev/null", "ls -t a 2>$null"),
        ("fish", "${EDITOR:-vi} +1 /x", "$EDITOR +1 /x"),
        ("fish", "claude auth login", "claude auth login"),
        ("fish", "export A=$(evil)", "export A=$(evil)"),
    ],
)
def test_commands_for_a_shell(shell: Shell, command: str, expected: str) -> None:
    assert for_shell(command, shell) == expected


@pytest.mark.parametrize("word", ["plain", "two words", "it's", "$HOME`x`", "a\\b", "-rf", "é\n"])
def test_words_reach_bash_as_they_are(word: str) -> None:
    ran = subprocess.run(
        ["/bin/bash", "-c", f"printf %s {quoted(word, 'bash')}"], capture_output=True, check=True, timeout=60
    )
    assert ran.stdout.decode() == word


def test_words_for_the_others() -> None:
    assert quoted("it's", "powershell") == "'it''s'"
    assert quoted("it's \\ $x", "fish") == "'it\\'s \\\\ $x'"
    assert unset("X", "bash") == "unset X"


# ── diffs ────────────────────────────────────────────────────────────────────────────────────────


def test_a_json_diff_shows_lines_and_no_text() -> None:
    before = '{\n  "n": 1,\n  "env": {\n    "A": "plain",\n    "K": "SECRET"\n  },\n  "z": "x"\n}'
    before = before.replace("SECRET", SECRET)
    after = '{\n  "n": 1,\n  "env": {\n    "A": "plain"\n  },\n  "z": "x"\n}'
    assert json_diff("~/s.json", before.encode(), after.encode()).splitlines() == [
        "--- ~/s.json",
        "+++ ~/s.json",
        "@@ -2,6 +2,5 @@",
        '   "n": 1,',
        '   "env": {',
        '-    "A": "…",',
        '-    "K": "sk-ant-api03-…k3y9"',
        '+    "A": "…"',
        "   },",
        '   "z": "…"',
    ]


def test_a_json_diff_of_one_long_line_shows_the_part_that_changes() -> None:
    filler = ", ".join(f'"k{number}": {number}' for number in range(50_000))
    before = f'{{{filler}, "l": ["{SECRET}", "b"]}}'
    after = f'{{{filler}, "l": ["b"]}}'
    shown = json_diff("f", before.encode(), after.encode())
    assert len(shown) < 600
    assert "-…" in shown
    assert '["sk-ant-api03-…k3y9", "…"]' in shown
    assert SECRET[20:30] not in shown


def test_a_diff_with_hostile_text() -> None:
    before = '{"\x1b[31m\u202e": "x",\n"k": "half a string\n}'
    shown = json_diff("f", before.encode(), b"{}")
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_what_is_ours_may_be_shown() -> None:
    line = "claude-auth token --store keyring"
    assert line in json_diff("f", None, f'{{"apiKeyHelper": "{line}"}}'.encode(), (line,))


def test_a_shell_diff_hides_the_value_and_what_stands_around() -> None:
    before = f"export GITHUB_PAT=abcdef\nexport KEY='{SECRET}' # c\nexport OTHER=madeup\n".encode()
    after = before.replace(b"export KEY", b"# export KEY")
    assert shell_diff("~/.zshrc", before, after, "KEY").splitlines() == [
        "--- ~/.zshrc",
        "+++ ~/.zshrc",
        "@@ -2 +2 @@",
        "-export KEY=…",
        "+# export KEY=…",
    ]


def test_a_secret_behind_invisible_characters_in_a_name_is_in_no_diff() -> None:
    name = "sk-\u200bant-\u2060api03-made\u00adUpForTestsOnly"
    before = f'{{"{name}": 1, "z": 3}}'
    shown = json_diff("f", before.encode(), before.replace("3", "4").encode())
    assert REDACTED in shown
    assert "ForTests" not in shown
