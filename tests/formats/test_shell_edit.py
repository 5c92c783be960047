"""One line of a start-up file made a comment: only where that line does nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from random import Random

import pytest

from claude_auth.formats import EditError, shell_edit
from claude_auth.formats.shell_edit import Dialect, comment_out
from tests.formats.shell_scripts import NAME, script

DONE: list[tuple[Dialect, str]] = [
    ("shell", f"export {NAME}=made-up"),
    ("shell", f"{NAME}=made-up"),
    ("shell", f'  export {NAME}="made up; echo no"'),
    ("shell", f"export {NAME}='made \"up\" # no comment'"),
    ("shell", f"export {NAME}=\"$(cat '/run/a b')\"  # from the vault"),
    ("shell", f"export {NAME}=$(cat /run/key)"),
    ("shell", f"export {NAME}=`cat /run/key`"),
    ("shell", f"export {NAME}=a#b;"),
    ("shell", f"{NAME}=made-up; export {NAME}"),
    ("shell", f"\tdeclare -x {NAME}=made-up"),
    ("shell", f"typeset -gx {NAME}="),
    ("fish", f"set -gx {NAME} made-up"),
    ("fish", f"set --export --global {NAME} 'made up' # mine"),
    ("fish", f"set -x {NAME} (cat /run/key)"),
    ("fish", f"setenv {NAME} made-up"),
    ("lines", f"{NAME}=made-up"),
    ("lines", f"export {NAME}='made-up'"),
]


@pytest.mark.parametrize(("dialect", "line"), DONE)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_line_becomes_a_comment(dialect: Dialect, line: str, end: str) -> None:
    before, after = "# first\necho 1\n", "" if not end else f"echo 2{end}"
    indent = line[: len(line) - len(line.lstrip())]
    sign = ": # " if dialect == "shell" else "# "
    expected = f"{before}{indent}{sign}{line.lstrip()}{end}{after}"
    assert comment_out(f"{before}{line}{end}{after}".encode(), 3, NAME, dialect) == expected.encode()


REFUSED: list[tuple[Dialect, str, str]] = [
    ("shell", f"export {NAME}=1 OTHER=2", "does-more"),
    ("shell", f"export {NAME}=1; echo hello", "does-more"),
    ("shell", f"export {NAME}=1 && start", "does-more"),
    ("shell", f"export {NAME}=1 | cat", "does-more"),
    ("shell", f"[ -f x ] && export {NAME}=1", "does-more"),
    ("shell", f"if true; then export {NAME}=1; fi", "does-more"),
    ("shell", f"{NAME}=1 claude", "does-more"),
    ("shell", f"export {NAME}='first", "does-more"),
    ("shell", f"export {NAME}=1 \\", "does-more"),
    ("shell", f"export {NAME}=$(echo $(pwd))", "does-more"),
    ("shell", "export ANTHROPIC_API=1", "not-there"),
    ("shell", f"# export {NAME}=1", "does-more"),
    ("shell", f"export X{NAME}=1", "does-more"),
    ("fish", f"set -gx {NAME} a; echo b", "does-more"),
    ("fish", f"set -e {NAME}", "does-more"),
    ("fish", f"if test -f x; set -gx {NAME} a; end", "does-more"),
    ("lines", f"OTHER={NAME}=1", "does-more"),
]


@pytest.mark.parametrize(("dialect", "line", "code"), REFUSED)
def test_a_line_that_does_more_stays(dialect: Dialect, line: str, code: str) -> None:
    with pytest.raises(EditError) as caught:
        comment_out(f"echo 1\n{line}\n".encode(), 2, NAME, dialect)
    assert caught.value.code == code
    assert "=1" not in str(caught.value)


INSIDE = [
    f"cat <<EOF\nexport {NAME}=1\nEOF\n",
    f"cat <<-'END' > x\n\texport {NAME}=1\n\tEND\n",
    f"echo 'many\nexport {NAME}=1\nlines'\n",
    f'echo "many\nexport {NAME}=1\nlines"\n',
    f"echo one \\\nexport {NAME}=1\n",
    f"A=(\n{NAME}=1\n)\n",
    f"A+=(a 'b )'\n{NAME}=1\n)\n",
    f"[[ -n a &&\n{NAME}=1\n]]\n",
    f"((1 +\n{NAME}=1\n))\n",
    f"x=$(\n{NAME}=1\n)\n",
    f'x="${{y:-\n{NAME}=1\n}}"\n',
    f"cat <<EOF\\\n{NAME}=1\nEOF\n",
    f"while\n{NAME}=$(next)\ndo\n  :\ndone\n",
    f"a=$[\n{NAME}=1\n]\n",
    f"!\n{NAME}=1\n",
    f"! # why\n{NAME}=1\n",
]


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_no_command_stays(text: str) -> None:
    with pytest.raises(EditError):
        comment_out(text.encode(), 2, NAME, "shell")


def test_what_only_looks_open_does_not_hinder() -> None:
    text = f"# don't\ncat <<< 'x'\necho \\' \\\" # it's\ncat <<EOF\n'\nEOF\nexport {NAME}=1\n"
    assert comment_out(text.encode(), 7, NAME, "shell").endswith(f"\n: # export {NAME}=1\n".encode())


#: Shells differ about what is open here, or this reader can't tell: the file stays as it is.
UNCLEAR = [
    f"x=$(case a in a) echo;; esac)\nexport {NAME}=1\n",
    f'x="${{y:-\'}}"\nexport {NAME}=1\n',
    f"cat <<$END\nexport {NAME}=1\n$END\n",
    f"cat <<EOF\na\\\nEOF\nexport {NAME}=1\nEOF\n",
]


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_shells_read_differently_stays(text: str) -> None:
    line = next(n for n, words in enumerate(text.split("\n"), 1) if words.startswith("export"))
    with pytest.raises(EditError) as caught:
        comment_out(text.encode(), line, NAME, "shell")
    assert caught.value.code in {"unclear", "no-command"}


def test_a_here_document_after_an_escaped_quote_stays() -> None:
    text = f"a=$'it\\'s'\ncat <<EOF\nif true; then\nexport {NAME}=x\nfi\nEOF\n"
    with pytest.raises(EditError) as caught:
        comment_out(text.encode(), 4, NAME, "shell")
    assert "a here-document" in str(caught.value)


FISH_INSIDE = [
    f"echo 'it\\'s\nset -gx {NAME} a\n'\n",
    f"echo (\nset -gx {NAME} a\n)\n",
    f"true &&\nset -gx {NAME} a\n",
    f"echo a |\n# why\nset -gx {NAME} a\n",
    f"echo a \\\nset -gx {NAME} a\n",
    f"not\nset -gx {NAME} a\n",
    f"echo a &\nset -gx {NAME} a\n\nand echo b\n",
    f"set list {{a,\nset -gx {NAME} a\n}}\n",
    f"echo $list[\nset -gx {NAME} a\n]\n",
]


@pytest.mark.parametrize("text", FISH_INSIDE)
def test_what_is_no_command_of_its_own_stays_in_fish(text: str) -> None:
    line = next(n for n, words in enumerate(text.split("\n"), 1) if words.startswith("set"))
    with pytest.raises(EditError):
        comment_out(text.encode(), line, NAME, "fish")


def test_brackets_on_one_line_of_fish_hide_nothing() -> None:
    text = f"set a $list[1 2] {{b, c}} '{{' \\{{\nif [ -f x ]\n  set -gx {NAME} a\nend\n"
    assert comment_out(text.encode(), 3, NAME, "fish") == text.replace("set -gx", "# set -gx").encode()


def test_an_escaped_quote_of_fish_hides_nothing() -> None:
    text = f"echo 'it\\'s'\nif test -f x\n  set -gx {NAME} a\nend\n"
    assert comment_out(text.encode(), 3, NAME, "fish") == text.replace("set", "# set").encode()


BLOCKS = [
    "if true; then\n  export NAME=1\nfi\n",
    "if true\nthen # why\n\n# more\nexport NAME=1\nelse\n  echo\nfi\n",
    "for a in 1; do\nexport NAME=1\ndone\n",
    "f() {\n  export NAME=1\n}\n",
    "case a in\na)\n  export NAME=1\n  ;;\nesac\n",
    "true &&\nexport NAME=1\n",
    "(\nexport NAME=1\n)\n",
    "if true; then\n  echo 1\n  export NAME=1\nfi\n",
    "if\n  export NAME=1\nthen\n  :\nfi\n",
    "if false; then\n  :\nelif\n  export NAME=1\nthen\n  :\nfi\n",
    "while\n  export NAME=1\ndo\n  break\ndone\n",
    "until\n  export NAME=1\ndo\n  break\ndone\n",
    "echo |&\nexport NAME=1\n",
    "a=$'it\\'s'\nif\n  export NAME=1\nthen\n  :\nfi\n",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_still_has_a_command(block: str, tmp_path: Path) -> None:
    text = block.replace("NAME", NAME)
    line = text[: text.index("export")].count("\n") + 1
    after = comment_out(text.encode(), line, NAME, "shell")
    script = tmp_path / "rc"
    script.write_bytes(after)
    checked = subprocess.run(["/bin/bash", "-n", str(script)], capture_output=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stderr
    ran = subprocess.run(
        ["/bin/bash", "-c", f'. "{script}"; echo "[${NAME}]"'],
        capture_output=True,
        text=True,
        env={},
        check=True,
        timeout=60,
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def checked(shell: str, script: Path) -> str | None:
    """What a shell says against a script, without running it."""
    found = subprocess.run(
        [shell, "-n", str(script)], capture_output=True, text=True, check=False, timeout=60, errors="replace"
    )
    return found.stderr or None if found.returncode or "warning" in found.stderr else None


#: Everything that a start-up file left behind, but what shells change by themselves.
LEFT_BEHIND = f"""
changing='_|BASH[A-Z_]*|PIPESTATUS|LINENO|RANDOM|SRANDOM|SECONDS|EPOCH[A-Z]*|PPID|FUNCNAME|GROUPS|OLDPWD|SHLVL'
. "$1" 2>/dev/null
declare -p | grep -v -E "^declare -[-a-zA-Z]+ ($changing|changing|{NAME})(=|$)"
echo "[${{{NAME}-unset}}]"
"""


def left_behind(script: Path) -> list[str]:
    ran = subprocess.run(
        ["bash", "-c", LEFT_BEHIND, "bash", str(script)],
        capture_output=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={"HOME": "/nowhere", "PATH": os.defpath},
        cwd=script.parent,
    )
    return ran.stdout.decode(errors="replace").splitlines()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here to check the files")
@pytest.mark.parametrize("seed", range(0, 150, 15))
def test_a_start_up_file_is_never_left_unreadable(seed: int, tmp_path: Path) -> None:
    """Any construct: the file still parses, the variable is gone, and nothing else is."""
    others = [shell for shell in ("dash", "zsh") if shutil.which(shell)]
    before, after = tmp_path / "rc", tmp_path / "rc.after"
    for number in range(seed, seed + 15):
        made = script(Random(number))
        before.write_bytes(made.text.encode())
        assert checked("bash", before) is None, made.text
        for line in made.decoys:
            with pytest.raises(EditError):
                comment_out(made.text.encode(), line, NAME, "shell")
        after.write_bytes(comment_out(made.text.encode(), made.line, NAME, "shell"))
        assert checked("bash", after) is None, made.text
        for shell in others:
            if checked(shell, before) is None:
                assert checked(shell, after) is None, (shell, made.text)
        told, told_after = left_behind(before), left_behind(after)
        assert told_after[-1] == "[unset]", made.text
        assert told_after[:-1] == told[:-1], made.text


@pytest.mark.parametrize("sign", [b"", b": '", b"( # ", b": && # ", b": <<X # "])
def test_an_edit_that_would_change_how_the_file_is_read_is_refused(
    sign: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last line of defence, against a fault of our own."""
    monkeypatch.setitem(shell_edit._SIGNS, "shell", sign)
    with pytest.raises(EditError) as caught:
        comment_out(f"if true; then\nexport {NAME}=1\nfi\necho 'a'\n".encode(), 2, NAME, "shell")
    assert caught.value.code == "unclear"


def test_other_bytes_stay() -> None:
    before = f"\xff\xfe\n\t export {NAME}=1 \r\nlast".encode("latin-1")
    assert comment_out(before, 2, NAME, "shell") == before.replace(b"export", b": # export")


def test_a_line_that_is_not_there() -> None:
    for line in (0, 5, -1):
        with pytest.raises(EditError):
            comment_out(b"echo\n", line, NAME, "shell")


#: A value in quotes over several lines, as dotenv, systemd and the shells that source such a file read it.
ENVIRONMENT_FILES = [
    f'{NAME}="a\nb"\nX=1\n',
    f"export {NAME} = 'a\nb'\n",
    f"{NAME}=`a\nb`\n",
    f"{NAME}=a\\\nb\n",
    f'X="a\n{NAME}=b"\nY=1\n',
    f'X="it\\" goes on\n{NAME}=b\n"\n',
    f"X='\n\n{NAME}=b\n'\n",
]


@pytest.mark.parametrize("text", ENVIRONMENT_FILES)
def test_an_environment_file_never_loses_a_part_of_a_value(text: str) -> None:
    line = next(n for n, words in enumerate(text.split("\n"), 1) if NAME in words)
    with pytest.raises(EditError):
        comment_out(text.encode(), line, NAME, "lines")


def test_quotes_that_open_nothing_do_not_hinder_in_an_environment_file() -> None:
    text = f"X=it's\nY='a' # \"\nexport Z=\"b \\\" c\"\n# don't\nW=\n{NAME}='x' # it's\n"
    after = text.replace(NAME, f"# {NAME}")
    assert comment_out(text.encode(), 6, NAME, "lines").decode() == after


def test_a_huge_file_is_quick() -> None:
    junk = b"echo \"a 'b' $c\" 'd' \\\\ # e\n" * 30_000
    hard = f"export {NAME}=".encode() + b'"a\\' * 20_000
    started = time.process_time()
    assert b"# export" in comment_out(junk + f"export {NAME}=1\n".encode(), 30_001, NAME, "shell")
    with pytest.raises(EditError):
        comment_out(hard, 1, NAME, "shell")
    assert time.process_time() - started < 3
