"""`claude-auth-tui --demo` as a program of its own: what it reads, writes, reaches and leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from claude_auth.actions.program import ExitCode
from claude_auth.present.demo import FAREWELL
from claude_auth.sandbox.demo_scenes import BY_NAME
from claude_auth.sandbox.remover_program import left_behind
from tests.app.frames import taken_over
from tests.app.terminal import START, ReadSession, environment
from tests.conftest import requires_system
from tests.sandbox.watched_home import WatchedHome
from tests.waiting import wait_until

#: Brings loopback up in a namespace where nothing else is, and goes on as the program.
LOOPBACK_ALONE = """
import fcntl, os, socket, struct, sys
with socket.socket() as one:
    fcntl.ioctl(one, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
assert {name for _, name in socket.if_nameindex()} <= {"lo", "sit0", "tunl0", "ip6tnl0", "gre0"}
os.execv(sys.argv[1], sys.argv[1:])
"""


class DemoSession(ReadSession):
    """The demo on a pty, started in a home that is watched, with a temporary directory of its own. `through`:
    what starts it; `more`: what else stands in the environment of the person who starts it."""

    def __init__(self, directory: Path, *arguments: str, through: Sequence[str] = (), **more: str) -> None:
        self.temporary = directory / "temporary"
        self.temporary.mkdir()
        self.watched = WatchedHome(directory / "home")
        command = [*through, sys.executable, "-c", START, "--demo", *arguments]
        given = {**environment(self.watched.home), "TMPDIR": str(self.temporary), **more}
        super().__init__(command, given, str(directory))

    @property
    def left(self) -> list[str]:
        return [path.name for path in self.temporary.iterdir()]

    def opens(self, key: str, *markers: str) -> None:
        self.send(key.encode())
        self.until(*markers)

    def passes_by_set_up(self) -> None:
        """It isn't left while it looks at the machine, which it says."""
        while "How do you get at Claude?" in self.screen.text:
            self.send(ESCAPE.encode())
            self.settle(0.3)
        self.until("1 Credentials")

    def leaves(self) -> int | None:
        """Back to the dashboard and out of it; the exit status. A key too many would be echoed behind all."""
        if "q Quit" not in self.screen.text:
            self.opens("q", "q Quit")
        self.send(b"q")
        return self.ends()

    def close(self) -> None:
        super().close()
        self.watched.close()


#: Where set-up opens by itself: nothing is there.
SETS_UP = ("fresh",)
F2, DOWN, ESCAPE = "\x1bOQ", "\x1b[B", "\x1b"


def namespace() -> list[str]:
    """A shell's words that start a program where no interface but loopback is; skipped where that is not
    permitted: no package brings the permission."""
    words = ["unshare", "--map-root-user", "--net", sys.executable, "-c", LOOPBACK_ALONE]
    tried = subprocess.run([*words, "/bin/true"], capture_output=True, text=True, check=False, timeout=60)
    if tried.returncode:
        pytest.skip(f"no network namespace can be made here: {tried.stderr.strip()[-200:]}")
    return words


@requires_system("util-linux", "unshare")
def test_a_demo_needs_no_network_and_no_home(tmp_path: Path) -> None:
    """Without any interface but loopback: a request, a fix taken back, another scene, a command, a sign-in.
    And nothing that belongs to the person was opened, read, changed or made."""
    secret = {"ANTHROPIC_API_KEY": "canaryOfTheRealOne00"}
    with DemoSession(tmp_path, "key-over-login", through=namespace(), **secret) as demo:
        try:
            demo.until("DEMO", "key over login", "An API key overrides your subscription")
            demo.opens("s", "DEMO", "GET https://api.anthropic.com/v1/models")
            demo.opens("\r", "DEMO", "Y Yes")
            demo.opens("Y", "accepted (200)")
            demo.opens("q", "An API key overrides")
            demo.opens(F2, "DEMO", "The demo goes on with", "bedrock expired")
            demo.opens(DOWN * 5, "▸ bedrock expired")
            demo.opens("\r", "DEMO · bedrock expired", "The AWS sign-in has expired")
            demo.opens("x", "aws sso login --profile work")
            demo.opens("\r", "Y Yes")
            demo.opens("Y", "Successfully logged into", "it ended well", "OVER")
            assert demo.leaves() == 0
        finally:
            sent = demo.output().decode("utf-8", "replace")
        assert demo.watched.seen() == []
        assert demo.left == []
        assert "canaryOfTheRealOne" not in sent
        assert sent.rstrip().endswith(FAREWELL)


#: Only programs and servers of a scene may differ: two of them always, the rest in the long proofs.
OFTEN = ("healthy", "eight-clients", "signed-out")
EVERY = [pytest.param(name, marks=() if name in OFTEN else pytest.mark.prove) for name in BY_NAME]


@requires_system("util-linux", "unshare")
@pytest.mark.parametrize("name", EVERY)
def test_no_scene_needs_a_network_or_a_home(name: str, tmp_path: Path) -> None:
    """Its dashboard, its diagnosis and the error that goes with it, where no interface but loopback is."""
    with DemoSession(tmp_path, name, through=namespace(), ANTHROPIC_API_KEY="canaryOfTheRealOne00") as demo:
        demo.until("DEMO", BY_NAME[name].label)
        if name in SETS_UP:
            demo.until("How do you get at Claude?")
            demo.passes_by_set_up()
        demo.opens("d", "In full", " fine · ")
        demo.opens("q", "1 Credentials")
        demo.opens(F2, "The demo goes on with")
        demo.opens("\x1b[F", "▸ explain an error")
        demo.opens("\r", "What was pasted")
        assert demo.leaves() == 0
        sent = demo.output().decode("utf-8", "replace")
        assert demo.watched.seen() == []
        assert demo.left == []
        assert "canaryOfTheRealOne" not in sent
        assert sent.rstrip().endswith(FAREWELL)


def test_a_demo_has_its_first_frame_and_it_is_not_painted_again(tmp_path: Path) -> None:
    with DemoSession(tmp_path, "key-over-login") as demo:
        demo.until("DEMO", "key over login", "1 Credentials")
        taken_over(demo)
        demo.until("live, changed")  # which the first look brings
        demo.settle(1.0)
        frame, mark, rest = demo.output().partition(b"\x1b[?1000h")
        assert b"DEMO" in frame
        assert mark
        assert b"DEMO" not in rest
        assert len(mark + rest) <= 1000
        assert demo.leaves() == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_world_is_gone_however_the_demo_ends(number: signal.Signals, tmp_path: Path) -> None:
    with DemoSession(tmp_path, "eight-clients") as demo:
        demo.until("DEMO", "eight clients")
        (world,) = demo.temporary.iterdir()
        wait_until(lambda: len(list(left_behind(str(world)))) >= 8)
        os.kill(demo.process, number)
        wait_until(lambda: demo.left == [])
        wait_until(lambda: list(left_behind(str(world))) == [])
        assert demo.watched.seen() == []


@pytest.mark.parametrize("name", ["", "no-such-scene"])
def test_an_unknown_scene_lists_those_there_are(name: str, tmp_path: Path) -> None:
    with DemoSession(tmp_path, name) as demo:
        assert demo.wait(60.0) == ExitCode.WRONG_USAGE
        told = demo.output().decode()
        assert [scene for scene in BY_NAME if f"  {scene} " not in told] == []
        assert demo.left == []


SCRIPT = """
import json, os, socket, subprocess, sys
from pathlib import Path
from claude_auth.sandbox.demo import Border

inside, home = map(Path, sys.argv[1:3])
here = (inside / "home")
here.mkdir()
border = Border(str(inside), os.environ)
border.install()
os.environ["HOME"] = str(here)
refused = None
try:
    exec(sys.argv[3])
except OSError as error:
    refused = type(error).__name__
print(json.dumps({"refused": refused, "crossings": len(border.crossings)}))
"""


def tried(words: str, directory: Path) -> tuple[str | None, int]:
    """The error and the number of crossings that doing `words` came to."""
    home, inside = directory / "real", directory / "inside"
    (home / ".claude").mkdir(parents=True)
    (home / ".claude" / "secret").write_text("canary")
    inside.mkdir()
    (inside / "out").symlink_to(home)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(inside), str(home), words],
        env={"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (home / ".claude" / "secret").read_text() == "canary"
    return told["refused"], told["crossings"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("open(home / '.claude/secret')", "PermissionError"),
        ("open(inside / 'out/.claude/secret')", "PermissionError"),
        ("os.listdir(home)", "PermissionError"),
        ("open(home / 'new', 'w')", "PermissionError"),
        ("(home / '.claude/secret').unlink()", "PermissionError"),
        (
            "(here / 'a').write_text('') and 0 or os.rename(here / 'a', inside.parent / 'a')",
            "PermissionError",
        ),
        ("os.mkdir(inside.parent / 'other')", "PermissionError"),
        ("socket.create_connection(('192.0.2.1', 80), 5)", "OSError"),
        ("socket.getaddrinfo('api.anthropic.com', 443)", "gaierror"),
        ("subprocess.Popen(['/bin/true'], env={'HOME': str(home)})", "PermissionError"),
    ],
)
def test_what_leaves_the_demo_is_refused(words: str, error: str, tmp_path: Path) -> None:
    assert tried(words, tmp_path) == (error, 1)


@pytest.mark.parametrize(
    "words",
    [
        "(here / 'file').write_text('x')",
        "os.listdir(here)",
        "open('/dev/null', 'w').close()",
        "open('/etc/passwd').close()",
        "import colorsys",
        "subprocess.run(['/bin/true'])",
        "socket.create_server(('127.0.0.1', 0)).close()",
        "socket.getaddrinfo('localhost', 80)",
        "socket.getaddrinfo('192.0.2.1', 80)",
    ],
)
def test_what_stays_within_is_not(words: str, tmp_path: Path) -> None:
    assert tried(words, tmp_path) == (None, 0)
