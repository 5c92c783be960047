"""The second look: mounts, links, backups, commands, start-up files, AWS sessions. And that it is safe."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_auth.model import Location, Snapshot
from claude_auth.model.machine import Mount
from claude_auth.model.surroundings import CertificateFile
from claude_auth.observe import observe, observe_more
from claude_auth.observe.commands import missing_commands
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.surroundings import certificate_files, has_ipv6, hosts_file, store_place
from tests.conformance.layout import lay_out, situation
from tests.diagnose.machines import SIGNED_IN, STATE, STORE, USER, login
from tests.diagnose.table import SSO_CONFIG, SSO_TOKEN, mounted
from tests.observe.machines import surroundings


def test_without_it_nothing_is_known(tmp_path: Path) -> None:
    with lay_out(situation(SIGNED_IN), tmp_path) as laid:
        assert observe(laid.context()).more is None


def test_an_empty_machine(tmp_path: Path) -> None:
    more = surroundings(tmp_path)
    assert (more.running, more.mounts, more.store, more.user_variable) == (None, None, None, None)
    assert (more.backups, more.corrupted, more.commands, more.other_logins) == ((), (), (), ())


# ── mounts ───────────────────────────────────────────────────────────────────────────────────────


def test_the_deepest_and_last_mount_counts(tmp_path: Path) -> None:
    raw = mounted("$HOME/.claude", "$HOME/.claude", "$HOME/.cla")
    more = surroundings(tmp_path, SIGNED_IN, raw=raw)
    assert more.mounts is not None
    assert more.mounts[str(tmp_path / ".claude")] == Mount(str(tmp_path / ".claude"), "ext4")
    assert more.mounts[str(tmp_path / STATE)] == Mount("/", "overlay")


def test_a_mount_with_a_space_that_is_read_only(tmp_path: Path) -> None:
    home = tmp_path / "my home"
    home.mkdir()
    line = f"30 22 8:1 / {home}\\040x/..\\011 ro,relatime shared:1 - 9p drive rw\n"
    line += f"31 22 8:1 / {str(home).replace(' ', chr(92) + '040')} ro,relatime shared:1 - 9p drive rw\n"
    more = surroundings(home, SIGNED_IN, raw={"root/proc/self/mountinfo": line + "garbage\n\n"})
    assert more.mounts is not None
    assert more.mounts[str(home)] == Mount(str(home), "9p", read_only=True)


# ── the store ────────────────────────────────────────────────────────────────────────────────────


def index(*paths: str, version: int = 2) -> bytes:
    """As much of git's index as matters: the header, and names that end in NUL."""
    return b"DIRC" + bytes([0, 0, 0, version]) + b"".join(b"\0" * 62 + p.encode() + b"\0" for p in paths)


def test_a_store_in_a_repository(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles/claude/login.json"
    (tmp_path / "dotfiles/.git").mkdir(parents=True)
    real.parent.mkdir()
    real.write_text("{}")
    link = tmp_path / "link.json"
    link.symlink_to(real)
    place = store_place(str(link))
    assert place is not None
    assert (place.real_path, place.repository) == (str(real), str(tmp_path / "dotfiles"))
    assert place.tracked is None
    git_index = tmp_path / "dotfiles/.git/index"
    for content, tracked in (
        (index("claude/login.json"), True),
        (index("claude/login.json.example"), False),
        (index("claude/login.json", version=4), None),
        (b"", None),
    ):
        git_index.write_bytes(content)
        place = store_place(str(link))
        assert place is not None
        assert place.tracked is tracked


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_writes_the_index_like_that(tmp_path: Path) -> None:
    (tmp_path / ".credentials.json").write_text("{}")
    git = ["git", "-C", str(tmp_path), "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", ".credentials.json"], check=True)
    place = store_place(str(tmp_path / ".credentials.json"))
    assert place is not None
    assert place.tracked is True


def test_logins_elsewhere(tmp_path: Path) -> None:
    files = {STORE: login(), "cfg/.credentials.json": {}}
    more = surroundings(tmp_path, files, env={"CLAUDE_CONFIG_DIR": "$HOME/cfg"})
    assert more.other_logins == (str(tmp_path / STORE),)
    wiped = {STORE: login(accessToken="", expiresAt=0)}
    other = tmp_path / "other"
    other.mkdir()
    assert surroundings(other, wiped, env={"CLAUDE_CONFIG_DIR": "$HOME/cfg"}).other_logins == ()


# ── backups ──────────────────────────────────────────────────────────────────────────────────────


def test_backups(tmp_path: Path) -> None:
    for name, content, age in (
        (f"{STATE}.backup", "{,", 10),
        (f".claude/backups/{STATE}.backup.2", "{}", 20),
        (f".claude/backups/{STATE}.backup.1", "{}", 30),
        (f"{STATE}.corrupted.7", "{,", 40),
        (f"{STATE}.lock", "", 1),
        (f"{STATE}.tmp.1", "", 1),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (2_000_000_000 - age,) * 2)
    more = surroundings(tmp_path)
    told = [(Path(backup.path).name, backup.whole) for backup in more.backups]
    assert told == [
        (".claude.json.backup", False),
        (".claude.json.backup.2", True),
        (".claude.json.backup.1", None),
    ]
    assert [Path(backup.path).name for backup in more.corrupted] == [".claude.json.corrupted.7"]


@pytest.mark.parametrize(("value", "told"), [(True, True), (False, False), ("no", None), (None, None)])
def test_what_is_remembered_of_the_plan(value: object, told: bool | None, tmp_path: Path) -> None:
    assert surroundings(tmp_path, {STATE: {"hasAvailableSubscription": value}}).has_subscription is told


# ── commands and variables ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("~/bin/get-key", "missing"),
        ("$HOME/bin/get-key --vault 'my work'", "missing"),
        ("./tools/get-key", "missing"),
        ("/usr/bin/env", None),
        ("'unclosed", None),
        ("get-key", None),
        ("cat ~/key", None),
        ("$TOOLS/get-key", None),
        ("KEY=/a/b get-key", None),
        ("", None),
    ],
)
def test_the_program_of_a_command(command: str, problem: str | None, tmp_path: Path) -> None:
    more = surroundings(tmp_path, {USER: {"apiKeyHelper": command}})
    assert [found.problem for found in more.commands] == ([problem] if problem else [])


def test_a_program_that_may_not_be_executed(tmp_path: Path) -> None:
    more = surroundings(tmp_path, {USER: {"apiKeyHelper": "~/get-key"}, "get-key": {"$text": "#!/bin/sh\n"}})
    assert [(found.setting, found.problem) for found in more.commands] == [("apiKeyHelper", "not-executable")]


def test_variables_that_are_set_elsewhere_only(tmp_path: Path) -> None:
    bashrc = {"$text": "export ANTHROPIC_API_KEY=x\nexport ANTHROPIC_BASE_URL=y\nexport EDITOR=vi\n"}
    more = surroundings(tmp_path, {".bashrc": bashrc}, env={"ANTHROPIC_BASE_URL": "z"})
    assert {name: place.line for name, place in more.not_loaded.items()} == {"ANTHROPIC_API_KEY": 1}


# ── AWS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("expires_at", "state"),
    [
        ("2099-01-01T00:00:00Z", "live"),
        ("2020-01-01T00:00:00Z", "expired"),
        ("soon", "damaged"),
        (None, "missing"),
    ],
)
def test_aws_sessions(expires_at: str | None, state: str, tmp_path: Path) -> None:
    token = {} if expires_at is None else {SSO_TOKEN: {"accessToken": "x", "expiresAt": expires_at}}
    with lay_out(situation(token, raw={".aws/config": SSO_CONFIG}), tmp_path) as laid:
        seen = observe(laid.context())
        more = observe_more(seen, laid.context()).more
    assert more is not None
    assert [(session.profile, session.state) for session in seen.aws.sessions] == [("work", state)]
    assert (str(tmp_path / SSO_TOKEN) in more.aws_files_modified) == (expires_at is not None)


# ── what it may not do ───────────────────────────────────────────────────────────────────────────

CONTENT = st.binary(max_size=60) | st.sampled_from(
    [
        b"",
        b"{",
        b"[profile a]\nsso_start_url=x",
        b"-----BEGIN CERTIFICATE-----",
        b"\x30\x82",
        b"DIRC\0\0\0\2",
        b"- " * 9,
    ]
)
FILES = (
    *(STORE, STATE, f"{STATE}.backup", f"{STATE}.corrupted.1", ".aws/config", ".bashrc", "ca", ".git/index"),
    *("root/etc/hosts", "root/proc/self/mountinfo", "root/proc/net/if_inet6"),
)
ENVIRON = st.dictionaries(
    st.sampled_from(
        ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "CLAUDE_CONFIG_DIR", "AWS_CONFIG_FILE"]
    ),
    st.sampled_from(["", "/", "~", "ca", "\udcff", "a\0b", "x" * 5000, ".."]),
    max_size=3,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(FILES), CONTENT, max_size=8), ENVIRON)
def test_a_home_full_of_anything(files: dict[str, bytes], environ: dict[str, str]) -> None:
    home = Path(tempfile.mkdtemp())
    try:
        for name, content in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        values = Environment({"PATH": f"{home}/bin", "SUDO_USER": "no\0body", **environ})
        view = ObservationContext(str(home), str(home), str(home / "root"), values)
        assert isinstance(observe_more(observe(view), view), Snapshot)
    finally:
        shutil.rmtree(home)


PROGRAM = """
import json, sys
from claude_auth.observe import observe, observe_more
from claude_auth.observe.context import ObservationContext
view = ObservationContext.of_process({})
first = observe(view)
light = sorted({"psutil", "ssl", "asyncio"} & set(sys.modules))
events = []
def note(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        events.append(event)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & 3:
        events.append(f"writes {arguments[0]}")
sys.addaudithook(note)
second = observe_more(first, view)
print(json.dumps([light, events, second.more.running is not None]))
"""


def test_it_starts_nothing_writes_nothing_and_connects_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / STORE).write_text(json.dumps({}))
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    light, events, looked = json.loads(run.stdout)
    assert light == []  # the first look stays as quick as it was
    assert events == []
    assert looked


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        (".bashrc", "ANTHROPIC_API_KEY=x", True),
        (".bashrc", "# export ANTHROPIC_API_KEY\nANTHROPIC_API_KEY=x", True),
        ("proj/.envrc", "ANTHROPIC_API_KEY=x", True),
        (".bashrc", "export ANTHROPIC_API_KEY=x", False),
        (".bashrc", "ANTHROPIC_API_KEY=x\nexport A ANTHROPIC_API_KEY", False),
        (".bashrc", "ANTHROPIC_API_KEY=x; export ANTHROPIC_API_KEY", False),
        (".zshrc", "typeset -gx ANTHROPIC_API_KEY=x", False),
        (".bashrc", "set -a\nANTHROPIC_API_KEY=x", False),
        ("proj/.env", "ANTHROPIC_API_KEY=x", False),
        (".config/environment.d/a.conf", "ANTHROPIC_API_KEY=x", False),
        (".config/fish/config.fish", "set -gx ANTHROPIC_API_KEY x", False),
    ],
)
def test_a_variable_that_is_set_without_export(path: str, content: str, told: bool, tmp_path: Path) -> None:
    more = surroundings(tmp_path, {path: {"$text": content}})
    assert list(more.not_loaded) == ["ANTHROPIC_API_KEY"]
    assert more.not_exported == (("ANTHROPIC_API_KEY",) if told else ())


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("no-such-vault read key", "not-on-path"),
        ("sh -c 'echo key'", None),
        ("echo key", None),
        ("for name in a b\ndo echo $name\ndone", None),
        ("if true\nthen echo key\nfi", None),
        ("KEY=1 no-such-vault", None),
        ("$VAULT read", None),
        ("sh $HOME/get-key.sh", "missing"),
        ("sh $HOME/there.sh", None),
        ("$HOME/windows.sh", "no-interpreter"),
        ("$HOME/whole.sh", None),
    ],
)
def test_a_program_is_looked_for_as_a_shell_would(command: str, problem: str | None, tmp_path: Path) -> None:
    scripts = {
        "there.sh": "echo key",
        "windows.sh": "#!/bin/sh\r\necho key",
        "whole.sh": "#!/bin/sh\necho key",
    }
    raw = {USER: json.dumps({"apiKeyHelper": command}), **scripts}
    with lay_out(situation(raw=raw, env={"PATH": "/usr/bin:/bin"}), tmp_path) as laid:
        for name in scripts:
            (tmp_path / name).chmod(0o600 if name == "there.sh" else 0o700)
        view = laid.context()
        found = missing_commands(observe(view), view._replace(root="/"))
    assert [one.problem for one in found] == ([problem] if problem else [])


NOW = 1_795_176_184.0  # 20 November 2026
KEY = ec.generate_private_key(ec.SECP256R1())


def authority(until: int, encoding: Encoding = Encoding.PEM, *, is_authority: bool = True) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Made up")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(until, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return built.sign(KEY, hashes.SHA256()).public_bytes(encoding)


def view(tmp_path: Path, **environ: str) -> ObservationContext:
    for folder in ("home", "root"):
        (tmp_path / folder).mkdir(exist_ok=True)
    home, root = str(tmp_path / "home"), str(tmp_path / "root")
    return ObservationContext(home, home, root, Environment(environ), user_id=os.geteuid(), now=NOW)


def look(tmp_path: Path, value: str, name: str = "NODE_EXTRA_CA_CERTS") -> CertificateFile:
    seen = view(tmp_path, **{name: value})
    found = certificate_files(observe(seen), seen)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (authority(2099), None),
        (b"# my company\n" + authority(2021) + authority(2099), None),
        (authority(2099, is_authority=False), None),
        (authority(2021), "expired"),
        (authority(2099, Encoding.DER), "der"),
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"<html>sign in</html>", "not-pem"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not-pem"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not-a-certificate"),
        (authority(2099)[:-60], "not-a-certificate"),
    ],
)
def test_content(content: bytes, code: str | None, tmp_path: Path) -> None:
    path = tmp_path / "root.pem"
    path.write_bytes(content)
    found = look(tmp_path, str(path))
    assert (found.damage.code if found.damage else None) == code


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    found = look(tmp_path, "/nowhere/root.pem")
    assert found.damage is not None
    assert (found.damage.code, found.variable) == ("missing", "NODE_EXTRA_CA_CERTS")


def test_the_tilde_of_a_settings_file(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/root.pem").write_bytes(authority(2099))
    found = look(tmp_path, "~/root.pem")
    assert found.damage is not None
    assert found.damage.code == "tilde"


def test_a_directory_where_a_file_belongs(tmp_path: Path) -> None:
    found = look(tmp_path, str(tmp_path), "SSL_CERT_FILE")
    assert found.damage is not None
    assert found.damage.code == "not-a-file"


def test_a_list_of_directories(tmp_path: Path) -> None:
    (tmp_path / "certificates").mkdir()
    value = f"/nowhere:{tmp_path}/certificates"
    empty = look(tmp_path, value, "SSL_CERT_DIR")
    assert empty.damage is not None
    assert empty.damage.code == "not-pem"
    (tmp_path / "certificates/of-any-name").write_bytes(authority(2099))
    assert look(tmp_path, value, "SSL_CERT_DIR").damage is None
    gone = look(tmp_path, "/nowhere:/elsewhere", "SSL_CERT_DIR")
    assert gone.damage is not None
    assert gone.damage.code == "missing"


def test_what_claude_code_does_not_take_from_settings_is_told(tmp_path: Path) -> None:
    """[seen 2.1.332]: SSL_CERT_FILE counts from the shell alone, NODE_EXTRA_CA_CERTS from settings too."""
    seen = view(tmp_path)
    root = tmp_path / "root.pem"
    root.write_bytes(authority(2099))
    (tmp_path / "home/.claude").mkdir()
    settings = {"env": {"SSL_CERT_FILE": str(root), "NODE_EXTRA_CA_CERTS": str(root)}}
    (tmp_path / "home/.claude/settings.json").write_text(json.dumps(settings))
    found = certificate_files(observe(seen), seen)
    assert [(one.variable, one.damage.code if one.damage else None) for one in found] == [
        ("SSL_CERT_FILE", "not-read"),
        ("NODE_EXTRA_CA_CERTS", None),
    ]


def test_what_is_ours_alone_is_looked_at_beside_what_settings_say(tmp_path: Path) -> None:
    seen = view(tmp_path, NODE_EXTRA_CA_CERTS="/nowhere/of-the-shell.pem")
    (tmp_path / "root.pem").write_bytes(authority(2099))
    (tmp_path / "home/.claude").mkdir()
    settings = {"env": {"NODE_EXTRA_CA_CERTS": str(tmp_path / "root.pem")}}
    (tmp_path / "home/.claude/settings.json").write_text(json.dumps(settings))
    found = certificate_files(observe(seen), seen)
    assert [one.damage.code if one.damage else None for one in found] == [None, "missing"]


def test_an_empty_variable_names_nothing(tmp_path: Path) -> None:
    seen = view(tmp_path, NODE_EXTRA_CA_CERTS="")
    assert certificate_files(observe(seen), seen) == ()


def test_hosts(tmp_path: Path) -> None:
    seen = view(tmp_path)
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/hosts").write_text(
        "# table\n127.0.0.1\tlocalhost me\n::1 localhost # both\n\n"
        "0.0.0.0 example.com API.Anthropic.com.\n#10.0.0.1 claude.ai\n"
    )
    found = hosts_file(seen)
    assert found.localhost == ("127.0.0.1", "::1")
    assert found.pinned == (("api.anthropic.com", "0.0.0.0", Location(found.path, 5)),)


def test_hosts_that_are_not_there_or_no_text(tmp_path: Path) -> None:
    seen = view(tmp_path)
    found = hosts_file(seen)
    assert found.damage is not None
    assert found.damage.is_missing
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/hosts").write_bytes(b"\xff\xfe\0 localhost\n\n \n127.0.0.1")
    assert hosts_file(seen).pinned == ()


def test_ipv6(tmp_path: Path) -> None:
    seen = view(tmp_path)
    assert has_ipv6(seen) is None
    (tmp_path / "root/proc/net").mkdir(parents=True)
    assert has_ipv6(seen) is False
    (tmp_path / "root/proc/net/if_inet6").write_text("0" * 31 + "1 01 80 10 80       lo\n")
    assert has_ipv6(seen) is True
