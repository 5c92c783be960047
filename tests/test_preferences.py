"""`config.toml`: each setting with a good and a bad value, and the variable above it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from claude_auth.actions.preferences import initialise, template
from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth.configuration import load_configuration
from claude_auth.preferences import (
    PREFERENCES,
    Preference,
    load_preferences,
    preferences_path,
    read_preferences,
)

PATH = "/home/x/.config/claude-auth/config.toml"

#: Setting → a good value and a bad one, as the file has them.
VALUES: dict[str, tuple[str, str]] = {
    "client": ('"claude-print"', '"netscape"'),
    "store": ('"keyring"', '"claw"'),
    "screen.theme": ('"light"', '"pink"'),
    "screen.glyphs": ('"ascii"', "7"),
    "screen.mouse": ("true", '"sometimes"'),
    "time_limits.command": ("60", "0"),
    "time_limits.sign_in": ("60.0", '"an hour"'),
    "journal.directory": ('"/var/tmp/journal"', '"relative"'),
}


def in_file(one: Preference, value: str) -> bytes:
    table = f"[{one.table}]\n" if one.table else ""
    return f"# a person's\n{table}{one.key} = {value}\n".encode()


def test_each_setting_is_tried() -> None:
    assert VALUES.keys() == {one.name for one in PREFERENCES}


@pytest.mark.parametrize("one", PREFERENCES, ids=lambda one: one.name)
def test_a_good_value_counts_and_a_bad_one_is_told_by_its_line(one: Preference) -> None:
    good, bad = VALUES[one.name]
    line = 3 if one.table else 2
    found = read_preferences({}, in_file(one, good), PATH)
    assert found.problems == ()
    assert found.values[one.name] != one.default
    assert found.origins == {one.name: f"{PATH}:{line}"}
    refused = read_preferences({}, in_file(one, bad), PATH)
    assert refused.values[one.name] == one.default
    assert [problem.where for problem in refused.problems] == [f"{PATH}:{line}"]


@pytest.mark.parametrize("one", PREFERENCES, ids=lambda one: one.name)
def test_a_variable_stands_above_the_file(one: Preference) -> None:
    good, bad = (value.strip('"') for value in VALUES[one.name])
    good = {"true": "on", "60.0": "60"}.get(good, good)
    default = str(one.default) or "/tmp"
    found = read_preferences({one.variable: good}, in_file(one, f'"{default}"'), PATH)
    assert str(found.values[one.name]) == good
    assert found.origins[one.name] == one.variable
    below = read_preferences({one.variable: bad}, in_file(one, VALUES[one.name][0]), PATH)
    assert str(below.values[one.name]) == good
    assert [problem.where for problem in below.problems] == [one.variable]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"nonsense = 1\n", f"{PATH}:1"),
        (b"[screen]\n\ncolour = 'red'\n", f"{PATH}:3"),
        (b"screen = 3\n", f"{PATH}:1"),
        (b"[keys]\nsign-in = 7\n", f"{PATH}:2"),
        (b"keys = 'x'\n", f"{PATH}:1"),
        (b"client = \n", f"{PATH}:1"),
        (b"\xff", PATH),
    ],
)
def test_what_cannot_be_meant_is_told(content: bytes, where: str) -> None:
    found = read_preferences({}, content, PATH)
    assert [problem.where for problem in found.problems] == [where]
    assert found.values == read_preferences({}).values


def test_keys_are_kept_as_they_are_written() -> None:
    found = read_preferences({}, b"[keys]\nsign-in = 'f2'\n'log.open' = 'L,ctrl+g'\n", PATH)
    assert (dict(found.keys), found.problems) == ({"sign-in": "f2", "log.open": "L,ctrl+g"}, ())


def test_a_file_that_cannot_be_read_leaves_the_defaults(tmp_path: Path) -> None:
    found = load_preferences({}, str(tmp_path))
    assert found.values == read_preferences({}).values
    assert [problem.where for problem in found.problems] == [str(tmp_path)]


# ── writing it ───────────────────────────────────────────────────────────────────────────────────


def place(tmp_path: Path) -> tuple[dict[str, str], Path]:
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    return environ, Path(preferences_path(environ))


def test_the_template_sets_nothing_and_names_everything() -> None:
    found = read_preferences({}, template().encode(), PATH)
    assert (found.origins, found.problems, dict(found.keys)) == ({}, (), {})
    assert all(one.variable in template() and f"# {one.key} = " in template() for one in PREFERENCES)


def test_every_line_of_the_template_can_be_used() -> None:
    lines = [
        line.removeprefix("# ") for line in template().splitlines() if " = " in line or line.startswith("[")
    ]
    found = read_preferences({}, "\n".join(lines).encode(), PATH)
    assert found.problems == ()
    assert found.origins.keys() == {one.name for one in PREFERENCES}


def test_initialising_moves_the_oauth_client_and_overwrites_nothing(tmp_path: Path) -> None:
    environ, path = place(tmp_path)
    older = path.with_name("oauth.toml")
    older.parent.mkdir()
    older.write_text(
        'client_id = "mine"\nissuer = "https://login.example"\nscopes = ["a", "b"]\n'
        '[authorize_parameters]\nprompt = "login"\n'
    )
    before = load_configuration(environ).client
    written_to, moved = initialise(environ)
    assert written_to == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert before is not None
    assert load_configuration(environ).client == before
    assert moved == (str(older), f"{older}.moved")
    assert not older.exists()
    written = path.read_bytes()
    with pytest.raises(AuthenticationError) as refused:
        initialise(environ)
    assert refused.value.code == "exists"
    assert path.read_bytes() == written


@pytest.mark.parametrize("content", [b"client_id = \n", b"\xff"])
def test_an_oauth_client_that_cannot_be_read_stays_where_it_is(content: bytes, tmp_path: Path) -> None:
    environ, path = place(tmp_path)
    older = path.with_name("oauth.toml")
    older.parent.mkdir()
    older.write_bytes(content)
    with pytest.raises(AuthenticationError):
        initialise(environ)
    assert (older.read_bytes(), path.exists()) == (content, False)


def test_the_older_file_is_read_where_the_new_one_has_no_client(tmp_path: Path) -> None:
    environ, path = place(tmp_path)
    path.parent.mkdir()
    path.write_text('client = "claude-print"\n')
    path.with_name("oauth.toml").write_text('client_id = "older"\nissuer = "https://login.example"\n')
    client = load_configuration(environ).client
    assert client is not None
    assert client.client_id == "older"
    path.write_text('[oauth]\nclient_id = "newer"\nissuer = "https://login.example"\ntypo = 1\n')
    found = load_configuration(environ)
    assert found.client is not None
    assert found.client.client_id == "newer"
    assert [problem.where for problem in found.warnings] == [f"{path}:4"]
