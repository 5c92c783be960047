"""One table of command lines, and the register: what is Claude Code and what isn't."""

from __future__ import annotations

import json

import pytest

from claude_auth.claude_code.process import (
    config_dir_of,
    is_claude_code,
    parse_record,
    pid_of_record,
    start_in_stat,
    waits_for_sign_in,
)

PACKAGE = "/usr/lib/node_modules/@anthropic-ai/claude-code"
VERSION = "/home/ada/.local/share/claude/versions/2.1.328"

#: Command line, program (the executable's real path), whether it is one.
COMMANDS: list[tuple[str, str, bool]] = [
    # by its own name
    ("claude", "", True),
    ("claude", f"{PACKAGE}/bin/claude.exe", True),  # as a current client shows itself
    ("/usr/local/bin/claude -p hello", "", True),
    ("/home/ada/.vscode/extensions/anthropic.claude-code-2.1.3/resources/native-binary/claude", "", True),
    ("/opt/Caskroom/claude-code/2.1.3/claude", "", True),
    (f"{PACKAGE}/bin/claude.exe mcp serve", "", True),
    # a version by its own path
    (VERSION, VERSION, True),
    (f"{VERSION} auth status", "", True),
    ("2.1.328", VERSION, True),
    ("anything", VERSION, True),
    ("claude", f"{VERSION} (deleted)", True),  # it was updated meanwhile
    ("x", "/usr/bin/claude (deleted)", True),
    # a script that Node runs
    ("node /usr/bin/claude mcp", "", True),
    (f"node {PACKAGE}/cli.js", "/usr/bin/node", True),
    (f"/usr/bin/node --max-old-space-size=8192 {PACKAGE}/cli.js", "", True),
    (f"node --no-warnings --enable-source-maps {PACKAGE}/cli.js -c", "", True),
    ("node --no-warnings /home/ada/.npm-global/bin/claude", "", True),
    ("node -r dotenv/config /usr/bin/claude", "", True),
    ("node --require ./a.js -r ./b.js /usr/bin/claude -p x", "", True),
    ("node --import tsx --conditions dev /usr/bin/claude", "", True),
    ("node --env-file .env -- /usr/bin/claude", "", True),
    (f"nodejs {PACKAGE}/cli.js", "", True),
    (f"node20 {PACKAGE}/cli.js", "", True),
    (f"/nix/store/abc-nodejs/bin/node-22.1 {PACKAGE}/cli.mjs", "", True),
    (f"renamed {PACKAGE}/cli.js", "/usr/bin/node", True),
    ("node /nix/store/abc-claude-code-2.1.3/bin/.claude-wrapped", "", True),
    ("node /work/node_modules/@anthropic-ai/claude-agent-sdk/cli.js --output-format stream-json", "", True),
    ("node /a/.pnpm/@anthropic-ai+claude-code@2.1.3/node_modules/@anthropic-ai/claude-code/cli.js", "", True),
    # Bun and Deno
    (f"bun {PACKAGE}/cli.js", "", True),
    (f"bun run {PACKAGE}/cli.js", "", True),
    (f"bun --smol run --silent {PACKAGE}/cli.js", "", True),
    (f"bun --cwd /work run {PACKAGE}/cli.js", "", True),
    ("deno run /usr/bin/claude", "", True),
    ("deno run -A -r --config deno.json /usr/bin/claude --resume", "", True),
    ("deno run --allow-all npm:@anthropic-ai/claude-code@2.1.3", "", True),
    # by the loader, or on another processor
    ("/lib64/ld-linux-x86-64.so.2 /usr/bin/claude", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", True),
    (f"/lib/ld-musl-x86_64.so.1 --library-path /l /usr/bin/node {PACKAGE}/cli.js", "", True),
    ("qemu-x86_64-static /usr/bin/claude", "", True),
    # what merely opens, names or looks for it
    ("vim claude", "/usr/bin/vim", False),
    ("vim /usr/bin/claude", "", False),
    ("grep claude", "", False),
    (f"less {PACKAGE}/cli.js", "", False),
    ("tail -f claude.log", "", False),
    (f"python {PACKAGE}/cli.js", "", False),
    ("bash /usr/bin/claude", "", False),  # a wrapper: what it starts is seen by itself
    ("sleep 60 claude", "", False),
    ("which claude", "", False),
    ("npm install -g @anthropic-ai/claude-code", "", False),
    ("node /usr/bin/npx @anthropic-ai/claude-code", "/usr/bin/node", False),
    (f"node {PACKAGE}/install.cjs", "", False),
    ("node /home/ada/claude-code/build.js", "", False),
    ("node build.js /usr/bin/claude", "", False),
    ("node --no-warnings build.js /usr/bin/claude", "", False),
    ("node -r /usr/bin/claude server.js", "", False),
    ("node -e 0 /usr/bin/claude", "", False),
    (f"node --check {PACKAGE}/cli.js", "", False),
    ("node", "/usr/bin/node", False),
    ("bun test /usr/bin/claude", "", False),
    ("bun run build", "", False),
    ("deno check /usr/bin/claude", "", False),
    ("deno test -A", "", False),
    ("/opt/Claude/claude-desktop", "", False),
    ("/home/ada/claude/versions/notes", "", False),
    ("/lib64/ld-linux-x86-64.so.2 /usr/bin/vim /usr/bin/claude", "", False),
    # ours
    ("claude-auth status", "", False),
    ("/usr/bin/claude-auth-tui", "", False),
    ("python -m claude_auth", "/usr/bin/python3", False),
    ("python3 /usr/local/bin/claude-auth-tui", "/usr/bin/python3", False),
    ("", "", False),
]


@pytest.mark.parametrize(
    ("command", "program", "expected"), COMMANDS, ids=[f"{c or 'nothing'} [{p}]" for c, p, _ in COMMANDS]
)
def test_which_command_line_is_claude_code(command: str, program: str, expected: bool) -> None:
    assert is_claude_code(command.split(), program) is expected


def test_a_script_that_is_named_without_its_folder() -> None:
    assert is_claude_code(("node", "cli.js"), cwd=lambda: PACKAGE)
    assert not is_claude_code(("node", "cli.js"), cwd=lambda: "/work/other")
    assert not is_claude_code(("node", "cli.js"))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("claude auth login", True),
        ("claude setup-token", True),
        (f"node --no-warnings {PACKAGE}/cli.js auth login --console", True),
        ("claude auth status", False),
        ("claude -p how-do-I-login", False),
        ("claude", False),
    ],
)
def test_a_sign_in_that_waits(command: str, expected: bool) -> None:
    assert waits_for_sign_in(command.split()) is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "/home/ada"}, "/home/ada/.claude"),
        ({"HOME": "/home/ada", "CLAUDE_CONFIG_DIR": ""}, "/home/ada/.claude"),
        ({"HOME": "/home/ada", "CLAUDE_CONFIG_DIR": "/cfg/"}, "/cfg"),
        ({"CLAUDE_CONFIG_DIR": "cfg/../other"}, "/work/other"),
        ({}, None),
    ],
)
def test_the_configuration_of_a_process(environ: dict[str, str], expected: str | None) -> None:
    assert config_dir_of(environ, "/work") == expected


def test_without_home_the_user_data_base_tells_it() -> None:
    assert config_dir_of({}, "/work", "/home/ada") == "/home/ada/.claude"


# ── the register ─────────────────────────────────────────────────────────────────────────────────

#: As a current client writes it.
RECORD = {
    "pid": 18237,
    "sessionId": "41440b7d-ee6b-435f-8ea2-767a60cfd7dd",
    "cwd": "/work",
    "startedAt": 1795900070970,
    "procStart": "75316",
    "version": "2.1.332",
    "kind": "interactive",
    "entrypoint": "cli",
    "pidDomain": "linux:3d1219c7:pid:[4026531836]",
}


def test_a_record_counts_for_the_process_that_started_then() -> None:
    record = parse_record("18237.json", json.dumps(RECORD).encode())
    assert record is not None
    assert (record.pid, record.version) == (18237, "2.1.332")
    assert record.is_of("75316")
    assert not record.is_of("75317")  # the number was given to another process
    assert not record.is_of(None)  # it was killed


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        json.dumps({**RECORD, "pid": 1}).encode(),
        json.dumps({**RECORD, "pid": "18237"}).encode(),
        json.dumps({**RECORD, "pid": True}).encode(),
        json.dumps({**RECORD, "procStart": 75316}).encode(),
        json.dumps({**RECORD, "procStart": ""}).encode(),
        json.dumps({"pid": 18237}).encode(),
    ],
)
def test_what_is_no_record(content: bytes) -> None:
    assert parse_record("18237.json", content) is None


@pytest.mark.parametrize(
    "name", ["1.76f8c8.key", "1.key", "x.json", ".json", "1", "0.json", "1.2.json", "-1.json", "²1.json"]
)
def test_no_other_file_of_the_register_is_a_record(name: str) -> None:
    assert pid_of_record(name) is None


def test_the_start_of_a_process() -> None:
    fields = ["S", *(str(n) for n in range(4, 22)), "75316", "0"]
    line = f"18237 (a) b) c) {' '.join(fields)}\n".encode()
    assert start_in_stat(line) == "75316"
    assert start_in_stat(line.replace(b") S ", b") Z ")) is None  # it has ended
    assert start_in_stat(b"") is None
