"""Whom TLS trusts is decided once: sign-in, the probe, the network checks and a snapshot tell the same.

Real TLS servers on loopback, with a private authority beside one that stands for the usual ones.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from claude_auth.model.surroundings import CertificateFile
from claude_auth.network.checks import check_network
from claude_auth.network.probe import ProbeAnswer, send_probe
from claude_auth.network.results import NeededHost, NetworkReport
from claude_auth.network.settings import NetworkVariables, network_environment
from claude_auth.oauth import Failure
from claude_auth.oauth.transport import Request, Response, send, send_now
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.surroundings import certificate_files
from claude_auth.trust import BY_NAME, VARIABLES, UnusableCertificates, certificate_store, read_named, trust
from tests.network.lines import authority, talking
from tests.network.probes import KEY, MODELS, plan, view_of
from tests.oauth.servers import http, saying
from tests.waiting import at_once

Made = tuple[Path, ssl.SSLContext]


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return authority(tmp_path_factory.mktemp("private"), "A Company", ("localhost",))


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return authority(tmp_path_factory.mktemp("public"), "Public Trust Services", ("localhost",))


@pytest.fixture(autouse=True)
def usual(public: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifi.where", lambda: str(public[0]))
    for name in (*BY_NAME, "CLAUDE_CODE_CERT_STORE"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Met:
    """What each came to with one server and one environment."""

    sign_in: Response | Failure
    refresh: Response | Failure
    probe: ProbeAnswer
    network: NetworkReport
    requests: list[bytes]

    @property
    def kinds(self) -> list[str]:
        """Of our two senders and the probe: `answered`, or the kind of the failure."""
        kinds = [
            "answered" if isinstance(one, Response) else one.code for one in (self.sign_in, self.refresh)
        ]
        return [*kinds, "answered" if self.probe.ok else self.probe.words]

    def tls(self) -> tuple[str, str]:
        found = [check for check in self.network.hosts[0].checks if check.stage == "tls"]
        return found[-1].state, found[-1].words

    def settings(self) -> str:
        return "; ".join(check.words for check in self.network.settings if check.state == "fail")


def here(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


def meet(server: Made, environ: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Met:
    asked: list[bytes] = []
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with talking(saying(http(MODELS), asked), context=server[1]) as port:
        request = Request("POST", f"https://localhost:{port}/token", body=b"refresh_token=canary")
        snapshot, resolution, planned = plan(
            tmp_path, {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": f"https://localhost:{port}"}
        )
        needed = NeededHost("api", "localhost", "every request", "nothing works", port=port, api=True)
        return Met(
            asyncio.run(send(request, seconds=10)),
            send_now(request, seconds=10),
            send_probe(planned, snapshot, resolution, environ, seconds=10),
            check_network([needed], environ, resolver=here, seconds=10),
            asked,
        )


Meet = Callable[..., Met]


@pytest.fixture
def met(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Meet:
    return lambda server, **environ: meet(server, environ, tmp_path, monkeypatch)


# ── where both trust, or both don't ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_DIR"])
def test_a_private_authority_that_is_named_is_trusted_by_all(met: Meet, private: Made, variable: str) -> None:
    path = private[0].parent if variable == "SSL_CERT_DIR" else private[0]
    found = met(private, **{variable: str(path)})
    assert found.kinds == ["answered"] * 3
    assert found.tls() == (
        "warn",
        f"trusted thanks to {variable}; issued by A Company, which the usual authorities don't know",
    )
    assert found.network.is_fine


def test_a_private_authority_that_is_not_named_is_trusted_by_none(met: Meet, private: Made) -> None:
    found = met(private)
    assert found.kinds[:2] == ["tls", "tls"]
    assert found.probe.ok is None
    assert found.tls()[0] == "fail"
    assert [request for request in found.requests if b"canary" in request] == []


def test_the_usual_authorities_stay_beside_an_extra_one(met: Meet, public: Made, private: Made) -> None:
    found = met(public, NODE_EXTRA_CA_CERTS=str(private[0]))
    assert found.kinds == ["answered"] * 3
    assert found.tls()[0] == "ok"


# ── where they differ, it is told ────────────────────────────────────────────────────────────────


def test_the_network_check_does_not_say_fine_where_our_sign_in_breaks(
    met: Meet, public: Made, private: Made
) -> None:
    """SSL_CERT_FILE replaces the usual authorities for us, as for OpenSSL; Claude Code adds it [seen]."""
    found = met(public, SSL_CERT_FILE=str(private[0]))
    assert found.kinds[:2] == ["tls", "tls"]
    state, words = found.tls()
    assert (state, "this program's own connections would not trust it" in words) == ("warn", True)


def test_a_store_that_leaves_the_file_out_is_told(met: Meet, private: Made) -> None:
    found = met(private, SSL_CERT_FILE=str(private[0]), CLAUDE_CODE_CERT_STORE="bundled")
    assert found.kinds == ["answered"] * 3
    state, words = found.tls()
    assert (state, "this program's own connections trust it" in words) == ("fail", True)
    left_out = "CLAUDE_CODE_CERT_STORE makes Claude Code leave SSL_CERT_FILE out"
    assert any(check.words.startswith(left_out) for check in found.network.settings)


# ── what can't be loaded ─────────────────────────────────────────────────────────────────────────


def missing(path: Path, root: Path) -> None:
    pass


def empty(path: Path, root: Path) -> None:
    path.write_bytes(b"")


def page(path: Path, root: Path) -> None:
    path.write_text("<html>sign in</html>")


def binary(path: Path, root: Path) -> None:
    path.write_bytes(ssl.PEM_cert_to_DER_cert(root.read_text()))


def named_pipe(path: Path, root: Path) -> None:
    os.mkfifo(path)


def device(path: Path, root: Path) -> None:
    path.symlink_to("/dev/zero")


def circle(path: Path, root: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize("make", [missing, empty, page, binary, named_pipe, device, circle])
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])
def test_a_file_that_cannot_be_loaded_is_told_alike_by_all_and_nothing_is_sent(
    met: Meet, public: Made, tmp_path: Path, variable: str, make: Callable[[Path, Path], None]
) -> None:
    path = tmp_path / "root.pem"
    make(path, public[0])
    found = at_once(lambda: met(public, **{variable: str(path)}))
    told = seen(tmp_path, **{variable: str(path)}).sentence
    assert told.startswith(f"{variable} names {path}: ")
    assert found.kinds[:2] == ["trust", "trust"]
    for failed in (found.sign_in, found.refresh):
        assert isinstance(failed, Failure)
        assert failed.sentence == f"{told}, so nothing was sent."
        assert not failed.may_have_reached_the_server
    assert found.probe.ok is None
    assert found.probe.words.startswith(f"{told}, so nothing was sent")
    assert found.settings().startswith(f"{told}; Claude Code {BY_NAME[variable].ignoring}")
    assert found.tls()[0] == "ok", "Claude Code goes on without it"
    assert [request for request in found.requests if b"canary" in request or KEY.encode() in request] == []


def seen(tmp_path: Path, **environ: str) -> CertificateFile:
    point = ObservationContext(str(tmp_path), str(tmp_path), str(tmp_path / "root"), Environment(environ))
    found = certificate_files(observe(point), point)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("variable", [variable.name for variable in VARIABLES])
def test_ours_refuses_and_claude_codes_goes_on(variable: str) -> None:
    environ = {variable: "/nowhere/certificates"}
    with pytest.raises(UnusableCertificates, match=variable):
        trust("ours", environ)
    assert trust("claude-code", environ).verify_mode == ssl.CERT_REQUIRED


def test_a_secret_in_the_place_of_a_path_is_not_told() -> None:
    token = "sk-ant-api03-" + "C4naryForTests0AbC" * 5
    with pytest.raises(UnusableCertificates) as caught:
        trust("ours", {"SSL_CERT_FILE": token}, "/")
    assert "C4nary" not in str(caught.value)


# ── details ──────────────────────────────────────────────────────────────────────────────────────


def test_a_bundle_with_a_broken_part_is_used_for_the_rest(met: Meet, private: Made, tmp_path: Path) -> None:
    """[seen 2.1.332]: the rest counts for Claude Code too."""
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    path = tmp_path / "bundle.pem"
    path.write_bytes(b"# ours\n" + broken + private[0].read_bytes() + broken)
    assert met(private, SSL_CERT_FILE=str(path)).kinds == ["answered"] * 3


def test_a_trusted_certificate_of_openssl_counts(private: Made, tmp_path: Path) -> None:
    der = ssl.PEM_cert_to_DER_cert(private[0].read_text()) + b"\x30\x03\x0c\x01x"
    text = ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE", "TRUSTED CERTIFICATE")
    path = tmp_path / "trusted.pem"
    path.write_text(text)
    assert read_named("SSL_CERT_FILE", str(path)).is_usable


def test_many_beginnings_without_an_end_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "root.pem"
    path.write_bytes(b"-----BEGIN CERTIFICATE-----" * 100_000)
    assert at_once(lambda: read_named("SSL_CERT_FILE", str(path))).is_usable is False


def test_what_has_expired_is_told_and_can_be_loaded(private: Made) -> None:
    found = read_named("SSL_CERT_FILE", str(private[0]), now=4_102_444_800.0)
    assert found.damage is not None
    assert (found.damage.code, found.is_usable) == ("expired", True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", {"bundled", "system"}),
        ("bundled", {"bundled"}),
        (" System ", {"system"}),
        ("system,bundled", {"bundled", "system"}),
        ("rubbish", {"bundled", "system"}),
        ("rubbish,system", {"system"}),
    ],
)
def test_the_store_that_claude_code_takes(value: str, expected: set[str]) -> None:
    assert certificate_store({"CLAUDE_CODE_CERT_STORE": value}) == expected


def test_settings_name_certificates_for_claude_code_and_never_for_us(tmp_path: Path) -> None:
    """What a repository's settings name must not decide whom our own connections trust."""
    folder = tmp_path / ".claude"
    folder.mkdir()
    (folder / "settings.json").write_text(
        '{"env": {"NODE_EXTRA_CA_CERTS": "/theirs", "SSL_CERT_FILE": "/x"}}'
    )
    found = network_environment(view_of(tmp_path, {"NODE_EXTRA_CA_CERTS": " /ours"}))
    assert isinstance(found, NetworkVariables)
    assert (dict(found), dict(found.own)) == (
        {"NODE_EXTRA_CA_CERTS": "/theirs"},
        {"NODE_EXTRA_CA_CERTS": " /ours"},
    )


@pytest.mark.parametrize("sender", ["async", "sync"])
def test_a_proxy_that_is_spoken_to_over_tls_is_trusted_by_the_same_rule(
    private: Made, monkeypatch: pytest.MonkeyPatch, sender: str
) -> None:
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(private[0]))  # OpenSSL itself doesn't know this one
    refusing = saying(http(b"", status="403 Forbidden"))
    with talking(refusing, context=private[1]) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{port}")
        request = Request("POST", "https://login.example/token", body=b"canary")
        found = asyncio.run(send(request, seconds=10)) if sender == "async" else send_now(request, seconds=10)
    assert isinstance(found, Failure)
    assert found.code == "proxy-refused", found
