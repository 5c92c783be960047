"""The shared AWS files as the JavaScript SDK reads them; each odd line was put to the real client 2.1.332."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.formats.aws_files import AwsSections, merge, read_sections

CREDENTIALS = b"""\
# made up
[default]
aws_access_key_id = AKIAMADEUPDEFAULT
aws_secret_access_key = made=up%secret

[work]
aws_access_key_id=AKIAMADEUPWORK
aws_secret_access_key=x
"""
CONFIG = b"""\
[default]
region = eu-west-1
[profile work]
region = eu-west-3
aws_access_key_id = AKIAMADEUPCONFIG
[profile "quoted"]
sso_session = s
[profile role]
role_arn = arn:aws:iam::1:role/r
source_profile = work
[profile web]
role_arn = arn:aws:iam::1:role/r
web_identity_token_file = /t
[profile process]
credential_process = /bin/p
[profile nothing]
[sso-session s]
sso_start_url = https://sso.example
"""


def test_profiles_of_both_files() -> None:
    profiles = merge(
        read_sections(CONFIG, is_config=True), read_sections(CREDENTIALS, is_config=False), "config", "keys"
    )
    assert {name: profile.provider for name, profile in profiles.items()} == {
        "default": "static",
        "work": "static",
        "quoted": "sso",
        "role": "assume-role",
        "web": "web-identity",
        "process": "process",
    }
    assert profiles["work"].access_key_id == "AKIAMADEUPWORK"
    assert (profiles["work"].region, profiles["default"].region) == ("eu-west-3", "eu-west-1")
    assert profiles["work"].origin.path == "keys"
    assert profiles["quoted"].lacks == ("sso_account_id", "sso_region", "sso_role_name")
    assert "made=up" not in repr(profiles)


@pytest.mark.parametrize(
    ("text", "profiles"),
    [
        ("[work]\nkey = v # c\n", {"work": {"key": "v"}}),
        ("[work]\nkey = v ; c\nother = v#c\n", {"work": {"key": "v", "other": "v#c"}}),
        ("[work] # c\nkey = v\n", {"work": {"key": "v"}}),
        ("[my work]\nkey = v\n", {}),
        ("[ work ]\nkey = v\n", {" work ": {"key": "v"}}),
        ("[profile work]\nkey = v\n", {"profile.work": {"key": "v"}}),
        ("\ufeff[work]\nkey = v\n", {"work": {"key": "v"}}),
        ("[work]\r\nkey = v\r\n", {"work": {"key": "v"}}),
        ("[work]\rkey = v\r", {}),
        ("[work]\nKEY = a=b\n", {"work": {"KEY": "a=b"}}),
        ("[work]\nkey: v\n", {}),
        ("[work]\nkey = a\n[work]\nkey = b\n", {"work": {"key": "b"}}),
        ("[work]\ns3 =\n  region = x\nregion = y\n", {"work": {"s3.region": "x", "region": "y"}}),
        (" [work]\n  key = v\n", {"work": {"key": "v"}}),
        ("junk\n[work]\njunk\nkey = v\n", {"work": {"key": "v"}}),
        ("[work]\n", {}),
        ("[a.b-c_d@e+f%g/h:i]\nkey = v\n", {"a.b-c_d@e+f%g/h:i": {"key": "v"}}),
    ],
)
def test_the_credentials_file(text: str, profiles: dict[str, dict[str, str]]) -> None:
    assert read_sections(text.encode(), is_config=False).profiles == profiles


@pytest.mark.parametrize(
    ("text", "profiles"),
    [
        ("[default]\na = 1\n[profile default]\nb = 2\n", {"default": {"b": "2"}}),
        ("[profile.work]\nkey = v\n", {"work": {"key": "v"}}),
        ("[profile\twork]\nkey = v\n", {"work": {"key": "v"}}),
        ("[profile 'work']\nkey = v\n", {"work": {"key": "v"}}),
        ("[profile 'work\"]\nkey = v\n", {}),
        ("[profile  work]\nkey = v\n", {}),
        ("[profile my work]\nkey = v\n", {}),
        ("[work]\nkey = v\n", {}),
        ("[services s]\nkey = v\n", {}),
    ],
)
def test_the_config_file(text: str, profiles: dict[str, dict[str, str]]) -> None:
    assert read_sections(text.encode(), is_config=True).profiles == profiles


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"aws_access_key_id = x", "not-ini", 1),
        (b"[default]\nregion\n  x\n", "not-ini", 2),
        (b"[default]\nregion = x\nAWS_ACCESS_KEY_ID=x\n", "not-ini", 3),
        (b"\xff\xfe[\0", "utf-16", 1),
        (b"[d]\n\xff = 1\n", "not-utf-8", 2),
    ],
)
def test_a_line_that_is_passed_over_is_told(content: bytes, code: str, line: int) -> None:
    damage = read_sections(content, is_config=True).damage
    assert damage is not None
    assert (damage.code, damage.line) == (code, line)


def test_an_empty_file_is_no_damage() -> None:
    assert read_sections(b"", is_config=True) == AwsSections({}, {})


@given(
    st.binary(max_size=200) | st.text(alphabet="[]=\n profile#;%\0é", max_size=60).map(str.encode),
    st.booleans(),
)
def test_any_bytes_are_read(content: bytes, is_config: bool) -> None:
    sections = read_sections(content, is_config=is_config)
    merge(sections, sections, "config", "credentials")
