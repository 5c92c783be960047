"""Each step to each host, on loopback: what is found, and the words for it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from claude_auth.network import USER_AGENT
from claude_auth.network.checks import check_network
from claude_auth.network.results import HostReport, NeededHost, NetworkReport, Stage
from claude_auth.present.network import network_document
from tests.network.hosts import HOST, JSON, here, needed, unauthorized
from tests.network.lines import authority, proxy, talking, unused_port
from tests.oauth.servers import http, saying
from tests.waiting import Stopwatch


def check(port: int, environ: dict[str, str] | None = None, **more: object) -> NetworkReport:
    return check_network([needed(port)], environ or {}, resolver=here, seconds=5, **more)  # type: ignore[arg-type]


def words(report: NetworkReport, stage: Stage, index: int = 0) -> tuple[str, str]:
    found = [check for check in report.hosts[index].checks if check.stage == stage]
    assert found, [check.stage for check in report.hosts[index].checks]
    return found[-1].state, found[-1].words


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return authority(tmp_path_factory.mktemp("public"), "Public Trust Services", (HOST, "localhost"))


@pytest.fixture(scope="module")
def inspecting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return authority(tmp_path_factory.mktemp("inspecting"), "Zscaler Inc.", (HOST, "localhost"))


@pytest.fixture
def usual(public: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The public authority is among those that everybody trusts."""
    monkeypatch.setattr("certifi.where", lambda: str(public[0]))
    return public[0]


def test_all_is_well(usual: Path, public: tuple[Path, ssl.SSLContext]) -> None:
    asked: list[bytes] = []
    with talking(saying(unauthorized(), asked), context=public[1]) as port:
        report = check(port)
    assert report.is_fine, report
    host = report.hosts[0]
    assert (host.status, host.issuer, host.proxy) == (401, "Public Trust Services", None)
    assert [c.stage for c in host.checks] == ["dns", "tcp", "tls", "http", "clock"]
    assert report.conclusions == ("Everything that is needed can be reached.",)
    request = asked[0].lower()
    assert f"user-agent: {USER_AGENT}".lower().encode() in request
    for secret in (b"authorization", b"x-api-key", b"cookie"):
        assert secret not in request
    assert network_document(report)["fine"] is True


def test_a_name_that_is_not_known() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    report = check_network([needed(443)], {}, resolver=unknown, seconds=5)
    assert words(report, "dns")[0] == "fail"
    assert report.conclusions[0].startswith("No name can be looked up")
    assert "nothing works" in report.conclusions[1]


def test_no_name_server() -> None:
    def silent(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    assert "no name server" in words(check_network([needed(443)], {}, resolver=silent), "dns")[1]


def test_a_name_that_leads_here(usual: Path, public: tuple[Path, ssl.SSLContext]) -> None:
    with talking(saying(unauthorized()), context=public[1]) as port:
        state, text = words(check(port), "dns")
    assert (state, "this machine itself" in text) == ("warn", True)


def test_nobody_listens() -> None:
    state, text = words(check(unused_port()), "tcp")
    assert (state, "refuses" in text) == ("fail", True)


def test_a_second_address_helps(usual: Path, public: tuple[Path, ssl.SSLContext]) -> None:
    def two(host: str, port: int) -> Sequence[str]:
        return ("127.0.0.2", "127.0.0.1")

    with talking(saying(unauthorized()), context=public[1]) as port:
        report = check_network([needed(port)], {}, resolver=two, seconds=5)
    assert "127.0.0.1" in words(report, "tcp")[1]


# ── certificates ─────────────────────────────────────────────────────────────────────────────────


def test_inspection_that_is_not_trusted(inspecting: tuple[Path, ssl.SSLContext]) -> None:
    asked: list[bytes] = []
    with talking(saying(unauthorized(), asked), context=inspecting[1]) as port:
        report = check(port)
    state, text = words(report, "tls")
    assert state == "fail"
    assert "issued by Zscaler Inc." in text
    assert "inspects TLS" in text
    assert "NODE_EXTRA_CA_CERTS" in text
    assert report.hosts[0].issuer == "Zscaler Inc."
    assert [request for request in asked if request] == [], "something was said to somebody untrusted"
    assert "nothing works" in report.conclusions[1]


def test_checks_switched_off_are_told(inspecting: tuple[Path, ssl.SSLContext]) -> None:
    with talking(saying(unauthorized()), context=inspecting[1]) as port:
        report = check(port, {"NODE_TLS_REJECT_UNAUTHORIZED": "0"})
    assert words(report, "tls")[0] == "fail", "ours stays on"
    assert "NODE_TLS_REJECT_UNAUTHORIZED=0" in words(report, "tls")[1]
    assert any("NODE_TLS_REJECT_UNAUTHORIZED=0" in text for text in report.conclusions)


@pytest.mark.parametrize("variable", ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"])
def test_inspection_that_is_trusted(
    variable: str, usual: Path, inspecting: tuple[Path, ssl.SSLContext]
) -> None:
    with talking(saying(unauthorized()), context=inspecting[1]) as port:
        report = check(port, {variable: str(inspecting[0])})
    state, text = words(report, "tls")
    assert (state, f"thanks to {variable}" in text) == ("warn", True)
    assert report.is_fine
    assert "TLS is inspected by Zscaler Inc." in report.conclusions[-1]


def test_a_variable_that_changes_nothing(
    usual: Path, public: tuple[Path, ssl.SSLContext], inspecting: tuple[Path, ssl.SSLContext]
) -> None:
    with talking(saying(unauthorized()), context=public[1]) as port:
        report = check(port, {"NODE_EXTRA_CA_CERTS": str(inspecting[0])})
    assert words(report, "tls")[0] == "ok"


def test_a_file_that_is_missing(usual: Path, public: tuple[Path, ssl.SSLContext]) -> None:
    with talking(saying(unauthorized()), context=public[1]) as port:
        report = check(port, {"NODE_EXTRA_CA_CERTS": "/nowhere/root.pem"})
    assert report.hosts[0].state != "fail"
    assert not report.is_fine
    assert "NODE_EXTRA_CA_CERTS names /nowhere/root.pem: the file is not there" in report.conclusions[0]
    assert "Claude Code warns and goes on" in report.conclusions[0]


def test_a_server_that_speaks_no_tls() -> None:
    with talking(saying(http(b"{}"))) as port:
        assert words(check(port), "tls")[0] == "fail"


def test_a_certificate_for_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, context = authority(tmp_path, "Public Trust Services", ("elsewhere.example",))
    monkeypatch.setattr("certifi.where", lambda: str(root))
    with talking(saying(unauthorized()), context=context) as port:
        assert words(check(port), "tls")[0] == "fail"


# ── answers ──────────────────────────────────────────────────────────────────────────────────────

PAGE = b"<!DOCTYPE html><html><title>Sign in to the hotel</title>"


@pytest.mark.parametrize(
    ("answer", "state", "part"),
    [
        (http(PAGE), "fail", "captive portal"),
        (http(PAGE, status="403 Forbidden"), "fail", "captive portal"),
        (
            http(b"", status="302 Found", more="Location: http://portal.example/?id=secret\r\n"),
            "fail",
            "sent on",
        ),
        (http(b"", status="511 Network Authentication Required"), "fail", "511"),
        (http(JSON, status="403 Forbidden"), "warn", "403"),
        (http(JSON, status="503 Service Unavailable"), "warn", "incident"),
        (http(JSON, status="404 Not Found"), "ok", "404"),
        (b"garbage\r\n\r\n", "fail", "can't be read"),
        (b"", "fail", "can't be read"),
    ],
)
def test_answers(
    answer: bytes, state: str, part: str, usual: Path, public: tuple[Path, ssl.SSLContext]
) -> None:
    with talking(saying(answer), context=public[1]) as port:
        report = check(port)
    assert words(report, "http")[0] == state
    assert part in words(report, "http")[1]
    assert "secret" not in str(network_document(report))


@pytest.mark.parametrize(
    ("skew", "state", "part"),
    [
        (0, "ok", "agrees"),
        (90, "warn", "ahead of"),
        (-1000, "fail", "behind"),
        (86400 * 40, "fail", "days ahead"),
    ],
)
def test_the_clock(
    skew: float, state: str, part: str, usual: Path, public: tuple[Path, ssl.SSLContext]
) -> None:
    with talking(saying(unauthorized(skew)), context=public[1]) as port:
        report = check(port)
    found = words(report, "clock")
    assert found[0] == state
    assert part in found[1]
    assert report.hosts[0].skew == pytest.approx(skew, abs=3)
    assert any("This clock is" in text for text in report.conclusions) == (skew != 0)
    if abs(skew) > 300:
        assert "nothing works" not in " ".join(report.conclusions), "the host itself can be reached"


# ── proxies ──────────────────────────────────────────────────────────────────────────────────────


def test_through_a_proxy(usual: Path, public: tuple[Path, ssl.SSLContext]) -> None:
    asked: list[bytes] = []

    def only_the_proxy(host: str, port: int) -> Sequence[str]:
        assert host == "proxy.example", "the proxy looks names up, not we"
        return ("127.0.0.1",)

    with talking(saying(unauthorized()), context=public[1]) as target, proxy(target, asked) as port:
        environ = {"HTTPS_PROXY": f"http://ada:s3cret%2Fword@proxy.example:{port}"}
        report = check_network([needed(443)], environ, resolver=only_the_proxy, seconds=5)
    assert report.is_fine, report
    assert report.hosts[0].proxy == f"http://proxy.example:{port}"
    assert asked[0].startswith(b"CONNECT api.anthropic.com:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic YWRhOnMzY3JldC93b3Jk" in asked[0]
    assert "s3cret" not in repr(report) + str(network_document(report))


@pytest.mark.parametrize(
    ("status", "part"),
    [
        ("407 Proxy Authentication Required", "user name"),
        ("403 Forbidden", "refuses"),
        ("what", "like a proxy"),
    ],
)
def test_a_proxy_that_says_no(status: str, part: str) -> None:
    with proxy(1, [], status) as port:
        report = check(443, {"https_proxy": f"http://127.0.0.1:{port}"})
    state, text = words(report, "proxy")
    assert (state, part in text) == ("fail", True), text


def test_no_proxy_leaves_the_host_out(usual: Path, public: tuple[Path, ssl.SSLContext]) -> None:
    with talking(saying(unauthorized()), context=public[1]) as port:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{unused_port()}", "NO_PROXY": ".anthropic.com"}
        report = check(port, environ)
    assert report.is_fine
    assert report.hosts[0].proxy is None


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────


def test_all_hosts_at_once_and_bounded() -> None:
    """A name server that never answers, a server that never speaks, one that drips: a second for all."""
    forever = threading.Event()

    def slow(host: str, port: int) -> Sequence[str]:
        if host.startswith("slow"):
            forever.wait(30)
        return ("127.0.0.1",)

    def drip(connection: socket.socket) -> None:
        while not forever.wait(0.1):
            connection.sendall(b"H")

    def silent(connection: socket.socket) -> None:
        forever.wait(30)

    try:
        with talking(drip) as dripping, talking(silent) as quiet:
            hosts = [
                needed(443, "slow.example"),
                needed(quiet),
                NeededHost("x", "127.0.0.1", "w", "f", dripping, "http", api=True),
            ]
            watch = Stopwatch()
            report = check_network(hosts * 4, {}, resolver=slow, seconds=1)
            took = watch.seconds
            forever.set()
    finally:
        forever.set()
    assert took < 8
    assert [host.state for host in report.hosts] == ["fail"] * 12
    assert words(report, "dns")[1] == "looking up the name took too long and was given up"


def test_a_report_of_a_host() -> None:
    host = HostReport(needed(443), ())
    assert (host.state, host.checks) == ("ok", ())
