"""Certificate files and the table of hosts."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from claude_auth.model import Location
from claude_auth.model.surroundings import CertificateFile
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.network_settings import certificate_files, has_ipv6, hosts_file

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
