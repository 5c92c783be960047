"""Base URLs as Claude Code 2.1.332 was seen to read them."""

from __future__ import annotations

import pytest

from claude_auth.claude_code.base_url import BaseUrl, UrlError, read_base_url
from claude_auth.security.secret import Secret

ASKED = "/v1/messages"

HOSTS = {
    "http://gw.example": "gw.example",
    "HTTP://GW.example": "gw.example",
    "http:/gw.example": "gw.example",
    "http:gw.example": "gw.example",
    "https:gw.example": "gw.example",
    "http:////gw.example//x//": "gw.example",
    "http:\\\\gw.example": "gw.example",
    "http:/\\gw.example": "gw.example",
    "http://gw.exa\tm\nple": "gw.example",
    "\x01 http://gw.example\x1f": "gw.example",
    "http://gw%2Eexample": "gw.example",
    "http://GW%2eEXAMPLE:080": "gw.example",
    "http://gw.example:": "gw.example",
    "http://gw.example:0": "gw.example:0",
    "https://gw.example:80": "gw.example:80",
    "https://gw.example:0443": "gw.example",
    "http://gw.example.": "gw.example.",
    "http://my_gw.example": "my_gw.example",
    "http://": "v1",
    "http://2130706433:9": "127.0.0.1:9",
    "http://0x7f.1": "127.0.0.1",
    "http://017700000001": "127.0.0.1",
    "http://1.2.3.4.": "1.2.3.4",
    "http://[0:0:0:0:0:0:0:1]:80": "[::1]",
    "http://[2001:DB8::00:1]:8443": "[2001:db8::1]:8443",
    "http://[1:0:0:2:0:0:0:3]": "[1:0:0:2::3]",
    "http://[::ffff:1.2.3.4]": "[::ffff:102:304]",
    "http://[1::]": "[1::]",
    "http://[1:2:3:4:5:6:7:0]": "[1:2:3:4:5:6:7:0]",
    "http://bücher.example": "xn--bcher-kva.example",
    "http://Faß.example": "xn--fa-hia.example",
    "http://ｇｗ．example": "gw.example",
    "http://gw.example?": "gw.example",
    "http://ada:pw@gw.example": "gw.example",
    "http://a@b@gw.example": "gw.example",
    "localhost:8080": "localhost:8080",
    "GW.example:80": "gw.example:80",
}

BAD = (
    "gw.example",
    "true",
    "//gw.example",
    "'http://gw.example'",
    "1.2.3.4:99",
    "g_w.example:99",
    "ftp://gw.example",
    "ws://gw.example",
    "foo://gw.example",
    "file:///tmp",
    "http://gw. example",
    "http://gw<.example",
    "http://gw%zz.example",
    "http://gw.example:65536",
    "http://gw.example:8x",
    "http://1.2.3.256",
    "http://1.2.3.4.5",
    "http://1.2.3.08",
    "http://[::1",
    "http://[::1%25lo]",
    "http://[gw.example]",
    "http://@",
)


@pytest.mark.parametrize("base", HOSTS)
def test_where_a_request_goes(base: str) -> None:
    assert read_base_url(base, ASKED).host == HOSTS[base]


@pytest.mark.parametrize("base", BAD)
def test_what_no_request_can_be_sent_to(base: str) -> None:
    with pytest.raises(UrlError) as caught:
        read_base_url(base, ASKED)
    assert "gw" not in str(caught.value)


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://gw.example/v1/", BaseUrl("https", "gw.example", "/v1")),
        ("http://gw.example/a b", BaseUrl("http", "gw.example", "/a b")),
        ("http://gw.example/base?x=1", BaseUrl("http", "gw.example", "/base", cut=True)),
        ("http://gw.example/base#x", BaseUrl("http", "gw.example", "/base", cut=True)),
        ("http://ada:pw@gw.example", BaseUrl("http", "gw.example", "", Secret("YWRhOnB3"))),
        ("http://@gw.example", BaseUrl("http", "gw.example", "")),
        ("gw:80/base", BaseUrl("http", "gw:80", "/base")),
    ],
)
def test_what_else_a_base_url_holds(base: str, expected: BaseUrl) -> None:
    assert read_base_url(base, ASKED) == expected
