"""The command: exit codes, places, output that is one document, and terminals of every kind."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from claude_auth.cli import console, main
from tests.conformance.layout import LaidOut, lay_out, situation

#: The exit status that the documentation promises.
USABLE, NOT_USABLE, WRONG_USAGE, NOT_KNOWN, NOT_AS_EXPECTED = 0, 1, 2, 3, 4

COMMAND = str(Path(sys.executable).with_name("claude-auth"))
KEY = {"ANTHROPIC_API_KEY": "made-up-key"}
STORE = ".claude/.credentials.json"
LOGIN = {"claudeAiOauth": {"accessToken": "sk-ant-oat01-madeUp", "scopes": ["user:inference"]}}


def ran(
    arguments: Sequence[str], environ: Mapping[str, str], cwd: Path, command: str = COMMAND, **more: Any
) -> subprocess.CompletedProcess[str]:
    """The command to its end, with nobody to ask."""
    return subprocess.run(
        [command, *arguments],
        env=environ,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )


def start(
    laid: LaidOut, *arguments: str, command: str = COMMAND, **more: Any
) -> subprocess.CompletedProcess[str]:
    environ = {**laid.environ, **more.pop("environ", {})}
    words = ["status", "--root", str(laid.root), *arguments]
    return ran(words, environ, more.pop("cwd", laid.cwd), command, pass_fds=laid.descriptors, **more)


def document(completed: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found = json.loads(completed.stdout)
    assert isinstance(found, dict)
    return found


def test_a_usable_credential_is_exit_code_0_and_json_is_one_document_on_stdout(tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        completed = start(laid, "--json")
    assert (completed.returncode, completed.stderr) == (USABLE, "")
    assert document(completed)["winner"] == "stored-login"


JSON_SETTINGS = '{"env": {"ANTHROPIC_API_KEY": "sk-ant-api03-madeUpForTests", "MY_PASSWORD": "plainword"}}'


@pytest.mark.parametrize("command", [("status",), ("status", "--json"), ("run", "api-key-helper", "--yes")])
def test_settings_that_are_json_are_never_said_again(command: tuple[str, ...], tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        for given in (
            f"{{{JSON_SETTINGS}}}",
            f"  {JSON_SETTINGS},}}",
            f"[{JSON_SETTINGS}]",
            JSON_SETTINGS[:-1],
        ):
            completed = ran([*command, "--settings", given], laid.environ, laid.cwd)
            told = completed.stdout + completed.stderr
            assert completed.returncode == WRONG_USAGE
            assert "the --settings JSON" in told
            assert "madeUp" not in told
            assert "plainword" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "--settings", "{0}"),
        ("status", "--home", "{0}"),
        ("status", "--client-version", "{0}"),
        ("status", "--client", "{0}"),
        ("status", "{0}"),
        ("{0}",),
        ("fix", "{0}"),
        ("diagnose", "--error", "{0}"),
        ("log", "--since", "{0}"),
        ("run", "{0}"),
        ("login", "--store", "{0}"),
    ],
)
def test_a_key_on_the_command_line_is_not_said_again(arguments: tuple[str, ...], tmp_path: Path) -> None:
    key = "sk-ant-api03-madeUpForTests"
    words = [word.format(key) for word in arguments]
    completed = ran(words, {**os.environ, "HOME": str(tmp_path)}, tmp_path)
    assert completed.returncode == WRONG_USAGE
    assert "madeUp" not in completed.stdout + completed.stderr


def test_by_itself_it_says_the_verdict_and_what_people_need(tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        completed = ran([], laid.environ, laid.cwd)
    first, *rest = completed.stdout.splitlines()
    assert (completed.returncode, completed.stderr) == (USABLE, "")
    assert first.startswith("✓ works")
    assert any("claude-auth diagnose" in line for line in rest)


def test_five_lines_and_the_rest_with_all(tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}, env=KEY), tmp_path) as laid:
        short, whole = start(laid), start(laid, "--all")
    assert len(short.stdout.splitlines()) == 5
    assert short.stdout.splitlines()[0] == whole.stdout.splitlines()[0]
    assert whole.stdout.count("\n") > 10


def test_none_is_exit_code_1(tmp_path: Path) -> None:
    with lay_out(situation(), tmp_path) as laid:
        completed = start(laid, "--json")
    assert (completed.returncode, document(completed)["blocked"]["code"]) == (NOT_USABLE, "no-credential")


def test_a_helper_that_was_not_run_is_not_known_and_not_none(tmp_path: Path) -> None:
    with lay_out(situation({".claude/settings.json": {"apiKeyHelper": "echo key"}}), tmp_path) as laid:
        unknown, known = start(laid, "--json"), start(laid, "--json", "--evaluate")
    assert (unknown.returncode, document(unknown)["usable"]) == (NOT_KNOWN, None)
    assert document(unknown)["verdict"] == "not-known"
    assert (known.returncode, document(known)["usable"]) == (USABLE, True)


def test_strict_tells_what_works_otherwise_than_expected(tmp_path: Path) -> None:
    env = {**KEY, "ANTHROPIC_AUTH_TOKEN": "made-up"}
    with lay_out(situation({STORE: LOGIN}), tmp_path / "fine") as laid:
        fine = start(laid, "--json", "--strict")
    with lay_out(situation(env=env), tmp_path / "two") as laid:
        asked = ("--json", "--client", "claude-print")
        plain, strict = start(laid, *asked), start(laid, *asked, "--strict")
    assert (fine.returncode, document(fine)["verdict"]) == (USABLE, "works")
    assert document(plain)["verdict"] == document(strict)["verdict"] == "works-not-as-expected"
    assert (plain.returncode, strict.returncode) == (USABLE, NOT_AS_EXPECTED)


def test_an_ended_aws_sign_in_is_exit_status_1_and_is_listed(tmp_path: Path) -> None:
    config = (
        "[profile work]\nsso_start_url=https://example.awsapps.com/start\nsso_region=us-east-1\n"
        "sso_account_id=1\nsso_role_name=r\n"
    )
    env = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work"}
    with lay_out(situation({".aws/config": {"$text": config}}, env=env), tmp_path) as laid:
        completed = start(laid, "--all")
    assert completed.returncode == NOT_USABLE
    assert completed.stdout.startswith("✗ doesn't work: nobody has signed in to AWS for profile work\n")
    assert "[aws-sso-expired]" in completed.stdout
    assert "wins" not in completed.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["status", "--help"]])
def test_the_help_has_the_table_of_exit_status(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    told = " ".join(capsys.readouterr().out.split())
    for words in ("0 done, or works", "1 not", "2 wrong usage", "3 not known", "4 works, but", "128 + n"):
        assert words in told


WRONG: list[tuple[list[str], str]] = [
    (["nonsense"], "nonsense"),
    (["status", "--client", "netscape"], "netscape"),
    (["status", "--client-version", "two"], "not a version"),
    (["status", "--client-version", "2.1"], "not a version"),
    (["status", "--home", "/nonexistent"], "--home"),
    (["status", "--cwd", "/dev/null"], "--cwd"),
    (["status", "--root", "/nonexistent"], "--root"),
    (["status", "--settings", "/nonexistent"], "--settings"),
    (["status", "--setting-sources", "user,managed"], "managed"),
    (["status", "--nonsense"], "nonsense"),
    (["status", "extra"], "extra"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=repr)
def test_wrong_usage_is_exit_code_2_and_says_what_is_wrong(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: int | str | None = main(arguments)
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert (code, said.out) == (WRONG_USAGE, "")
    assert words in said.err


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_go_to_stdout(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([argument])
    said = capsys.readouterr()
    assert (ended.value.code, said.err) == (0, "")
    assert "claude-auth" in said.out


def test_another_home_keeps_this_environment_unless_told(tmp_path: Path) -> None:
    (tmp_path / "other/.claude").mkdir(parents=True)
    (tmp_path / "other" / STORE).write_text(json.dumps(LOGIN))
    with lay_out(situation(env=KEY), tmp_path / "mine") as laid:
        place = ("--json", "--client", "claude-print", "--home", str(tmp_path / "other"))
        kept, dropped = start(laid, *place), start(laid, *place, "--no-env")
    assert document(kept)["winner"] == "anthropic-api-key"
    assert document(dropped)["winner"] == "stored-login"
    assert document(dropped)["sources"][5]["state"] == "absent"


def test_another_working_directory(tmp_path: Path) -> None:
    settings = {"env": {"ANTHROPIC_AUTH_TOKEN": "made-up"}}
    with lay_out(situation({"elsewhere/.claude/settings.json": settings}), tmp_path) as laid:
        here, there = start(laid, "--json"), start(laid, "--json", "--cwd", str(tmp_path / "elsewhere"))
        relative = start(laid, "--json", "--cwd", "../elsewhere")
    assert document(here)["winner"] is None
    assert document(there)["winner"] == document(relative)["winner"] == "anthropic-auth-token"


def test_another_root_has_its_own_managed_settings(tmp_path: Path) -> None:
    files = {"root/etc/claude-code/managed-settings.json": {"forceLoginMethod": "claudeai"}}
    with lay_out(situation(files, env=KEY), tmp_path) as laid:
        completed = start(laid, "--json", "--client", "claude-print")
    assert document(completed)["blocked"]["code"] == "managed-policy"


def test_a_settings_file_as_claude_takes_it(tmp_path: Path) -> None:
    with lay_out(situation({"flag.json": {"env": KEY}}), tmp_path) as laid:
        completed = start(laid, "--json", "--client", "claude-print", "--settings", "../flag.json")
    row = document(completed)["sources"][5]
    assert (row["verdict"], row["origin"]["layer"]) == ("winning", "flag")


def test_settings_as_a_text_of_json_and_the_last_of_two(tmp_path: Path) -> None:
    with lay_out(situation({"flag.json": {"env": {"ANTHROPIC_AUTH_TOKEN": "x"}}}), tmp_path) as laid:
        given = ("--settings", "../flag.json", "--settings", f" {JSON_SETTINGS}\n")
        completed = start(laid, "--json", "--client", "claude-print", *given)
    assert document(completed)["winner"] == "anthropic-api-key"
    row = document(completed)["sources"][5]
    assert (row["origin"]["layer"], row["origin"]["path"], row["origin"]["line"]) == ("flag", "--settings", 1)
    assert "plainword" not in completed.stdout + completed.stderr


@pytest.mark.parametrize(
    ("given", "winner"),
    [
        ((), "anthropic-auth-token"),
        (("--setting-sources", "project , local"), "anthropic-api-key"),
        (("--setting-sources", ""), "stored-login"),
        (("--setting-sources", "user", "--restricted"), "stored-login"),
        (("--bare",), "anthropic-auth-token"),
        (("--bare", "--restricted"), None),
    ],
)
def test_what_claude_is_started_with(given: tuple[str, ...], winner: str | None, tmp_path: Path) -> None:
    files = {
        STORE: LOGIN,
        ".claude/settings.json": {"env": {"ANTHROPIC_AUTH_TOKEN": "x", "CLAUDE_CODE_SIMPLE": "0"}},
        "proj/.claude/settings.json": {"env": KEY},
    }
    with lay_out(situation(files), tmp_path) as laid:
        completed = start(laid, "--json", "--client", "claude-print", *given)
    assert document(completed)["winner"] == winner


def test_a_token_in_a_descriptor_is_taken_with_consent_alone(tmp_path: Path) -> None:
    fd = {"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": "sk-ant-oat01-madeUp"}
    with lay_out(situation(fd=fd), tmp_path) as laid:
        assert document(start(laid, "--json"))["usable"] is None
        assert document(start(laid, "--json", "--evaluate"))["usable"] is True
        assert document(start(laid, "--json", "--evaluate"))["usable"] is False


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives a directory to another user")
@pytest.mark.parametrize("place", ["--home", "--root"])
def test_with_files_of_somebody_else_nothing_is_run(place: str, tmp_path: Path) -> None:
    files = {"other/.claude/settings.json": {"apiKeyHelper": "touch $HOME/ran; echo key"}}
    with lay_out(situation(files), tmp_path) as laid:
        os.chown(tmp_path / "other", 12345, 12345)
        refused = start(laid, "--json", "--evaluate", place, str(tmp_path / "other"))
        looked = start(laid, "--json", place, str(tmp_path / "other"))
    assert (refused.returncode, refused.stdout) == (WRONG_USAGE, "")
    assert "another user" in refused.stderr
    assert not (tmp_path / "ran").exists()
    assert looked.returncode == (NOT_KNOWN if place == "--home" else NOT_USABLE)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives a directory to another user")
def test_one_s_own_home_may_belong_to_somebody_else(tmp_path: Path) -> None:
    """As in a container whose home is root's: nobody asked for another one."""
    with lay_out(situation({".claude/settings.json": {"apiKeyHelper": "echo key"}}), tmp_path) as laid:
        os.chown(tmp_path, 12345, 12345)
        completed = subprocess.run(
            [COMMAND, "status", "--json", "--evaluate"],
            env=laid.environ,
            cwd=laid.cwd,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (completed.returncode, completed.stderr) == (USABLE, "")


# ── terminals and pipes ──────────────────────────────────────────────────────────────────────────


def test_text_in_a_pipe_has_no_colour(tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        completed = start(laid)
    assert completed.stdout.startswith("✓ works: claude.ai login from ~/.claude/.credentials.json, ")
    assert "\x1b" not in completed.stdout


def on_a_terminal(laid: LaidOut, **environ: str) -> bytes:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, "status", "--root", str(laid.root)],
        env={**laid.environ, **environ},
        cwd=laid.cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    content = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        content += chunk
    os.close(ours)
    process.wait(60)
    return content


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_want_them(
    environ: dict[str, str], coloured: bool, tmp_path: Path
) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        shown = on_a_terminal(laid, **environ)
    assert (b"\x1b[32m" in shown) == coloured
    assert "works: claude.ai login from" in shown.decode()


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_locale_without_unicode_is_no_crash(
    environ: dict[str, str], arguments: list[str], tmp_path: Path
) -> None:
    account = {"oauthAccount": {"emailAddress": "adä→@example.org"}}
    with lay_out(situation({STORE: LOGIN, ".claude.json": account}), tmp_path) as laid:
        completed = start(laid, *arguments, environ=environ, errors="replace")
    assert (completed.returncode, completed.stderr) == (USABLE, "")
    assert "claude.ai login" in completed.stdout


def test_an_environment_that_is_no_utf8_is_no_crash(tmp_path: Path) -> None:
    with lay_out(situation(), tmp_path) as laid:
        environ = {os.fsencode(name): os.fsencode(value) for name, value in laid.environ.items()}
        for arguments in (["--json"], []):
            completed = subprocess.run(
                [COMMAND, "status", "--root", str(laid.root), "--client", "claude-print", *arguments],
                env={**environ, b"ANTHROPIC_AUTH_TOKEN": b"\xff\xfe", b"AWS_PROFILE": b"\xff"},
                cwd=laid.cwd,
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert (completed.returncode, completed.stderr) == (NOT_USABLE, b"")


def test_a_working_directory_that_is_gone_is_no_crash(tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        (tmp_path / "gone").mkdir()
        script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
        completed = subprocess.run(
            [
                "/bin/sh",
                "-c",
                script,
                "sh",
                str(tmp_path / "gone"),
                COMMAND,
                "status",
                "--root",
                str(laid.root),
            ],
            env=laid.environ,
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert (completed.returncode, completed.stderr) == (USABLE, b"")


@pytest.mark.parametrize("arguments", ["", "--json"])
def test_a_reader_that_has_gone_is_no_crash(arguments: str, tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "wb") as stdout:
            completed = subprocess.run(
                [COMMAND, "status", "--root", str(laid.root), *arguments.split()],
                env=laid.environ,
                cwd=laid.cwd,
                stdout=stdout,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )
    assert (completed.returncode, completed.stderr) == (USABLE, b"")


@pytest.mark.parametrize("arguments", ["", "--json"])
def test_a_closed_standard_output_is_told_and_no_crash(arguments: str, tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        completed = subprocess.run(
            ["/bin/sh", "-c", f'"$0" status --root "$1" {arguments} >&-', COMMAND, str(laid.root)],
            env=laid.environ,
            cwd=laid.cwd,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    told = b"claude-auth: the answer can't be written to standard output: it is closed\n"
    assert (completed.returncode, completed.stderr) == (1, told)


def test_as_a_module_with_arguments_it_is_the_command(tmp_path: Path) -> None:
    with lay_out(situation({STORE: LOGIN}), tmp_path) as laid:
        completed = subprocess.run(
            [sys.executable, "-m", "claude_auth", "status", "--json", "--root", str(laid.root)],
            env=laid.environ,
            cwd=laid.cwd,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert document(completed)["winner"] == "stored-login"


@pytest.mark.parametrize(("serve", "shown"), [(True, "\x1b[1;34mno\x1b[0m login"), (False, "no login")])
def test_colours_go_whole_where_they_do_not_serve(
    serve: bool, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "colours_serve", lambda: serve)
    assert console.plain("\x1b[1;34mno\x1b[0m login") == shown
    assert "\x1b" not in console.plain("\x1b]52;c;AAAA\x07 \x1b[2J \x1b[1;2;3;4;5;6;7m")
