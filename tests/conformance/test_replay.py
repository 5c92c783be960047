"""Observed situations, replayed: what the real client sent is what we say it sends.

cases.json is shared with the judge (`replay.py`); observed.json holds more situations of the same kind, and
seen.json what `tools/observe_client.py` saw of 2.1.332, whole in `make prove`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cases import CASES, OBSERVED, SEEN, title
from tests.conformance.layout import NEWEST, Answer, Case, answer, lay_out

#: What the server of the observations gave for a refresh token or an identity token: no machine knows it.
OF_A_SERVER = ("sk-ant-oat01-FEDERATED", "sk-ant-oat01-REFRESHED")


def fingerprint(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:8]


def disagreements(expect: Any, document: dict[str, Any]) -> list[str]:
    """Where the answer is another one than what was seen; empty where it agrees."""
    wire, blocked = document["wire"], document["blocked"]
    if "winner" in expect:
        return _unless(document["winner"] == expect["winner"], f"winner {document['winner']}")
    if "blocked" in expect:
        code = None if blocked is None else blocked["code"]
        return _unless(code == expect["blocked"], f"blocked by {code}, wire {wire}")
    if not expect["request"]:
        return _unless(wire is None, f"a request: {wire}")
    if wire is None:
        return [f"no request: {blocked}"]
    return [
        *_unless(wire["host"] == expect["host"], f"host {wire['host']}"),
        *_unless(_same_key(expect, wire["x_api_key"]), f"x-api-key {wire['x_api_key']}"),
        *_unless(
            _same_authorization(expect, wire["authorization"]), f"Authorization {wire['authorization']}"
        ),
    ]


def _unless(agrees: bool, words: str) -> list[str]:
    return [] if agrees else [words]


def _same_key(expect: Any, sent: dict[str, Any] | None) -> bool:
    wanted = expect["x_api_key"]
    if "x_api_key" in expect.get("dont_care", ()):
        return True
    if sent is None or wanted is None:
        return sent is None and wanted is None
    return bool(sent["fingerprint"] == fingerprint(wanted)) or _server_knows(expect, sent)


def _same_authorization(expect: Any, sent: dict[str, Any] | None) -> bool:
    wanted = expect["authorization"]
    if "authorization" in expect.get("dont_care", ()):
        return True
    if sent is None or wanted is None:
        return sent is None and wanted is None
    if wanted.startswith("sigv4:"):
        identity = wanted.removeprefix("sigv4:") or None  # only the network tells whose role it is
        return bool(sent["scheme"] == "AWS4-HMAC-SHA256" and sent["identity"] == identity)
    if expect["refreshed"]:
        return bool(sent["source"] == "stored-login" and sent["will_refresh"] is True)
    value = wanted.removeprefix("Bearer").lstrip(" ")
    same = sent["fingerprint"] == fingerprint(value) or _server_knows(expect, sent)
    return bool(same and not sent["will_refresh"])


def _server_knows(expect: Any, sent: dict[str, Any]) -> bool:
    """Only a server could tell the value: then none is as good as the right one."""
    token = str(expect["authorization"]).removeprefix("Bearer ")
    return (bool(expect.get("value_unknown")) or token in OF_A_SERVER) and sent["fingerprint"] is None


#: What nobody can say as it was seen, and why.
NOT_AS_SEEN = {
    "new/helper/stdin-cat@claude@2.1.332": "a helper that waits for its input: ours is ended after its time",
    "follow7/profile/live-norefresh-near-expiry@claude-print@2.1.332": "its moment of expiry has passed",
}


@pytest.mark.parametrize("case", [case for case in CASES if title(case) not in NOT_AS_SEEN], ids=title)
def test_we_say_what_the_client_was_seen_to_send(case: Case, tmp_path: Path) -> None:
    assert wrong_about(case, tmp_path) == []


@pytest.mark.parametrize("case", SEEN[::7], ids=title)
def test_we_say_what_the_newest_client_was_seen_to_send(case: Case, tmp_path: Path) -> None:
    assert wrong_about(case, tmp_path) == []


@pytest.mark.prove
def test_we_say_what_the_newest_client_was_seen_to_send_in_every_situation(tmp_path: Path) -> None:
    wrong = {title(case): wrong_about(case, tmp_path / str(number)) for number, case in enumerate(SEEN)}
    assert {name: words for name, words in wrong.items() if words} == {}


def wrong_about(case: Case, home: Path) -> list[str]:
    """Where the answer is another one than what was seen, or none; empty where it agrees."""
    home.mkdir(exist_ok=True)
    with lay_out(case, home) as laid:
        agreed = bool(case["files"].get("$untrusted"))
        said = answer(laid, case["client"], case.get("client_version", NEWEST), agreed=agreed).document
    not_checked = said["blocked"] is not None and said["blocked"]["code"] == "not-checked"
    return ["not checked", said["blocked"]["reason"]] if not_checked else disagreements(case["expect"], said)


@pytest.mark.parametrize("case", OBSERVED, ids=title)
def test_we_say_what_the_client_was_seen_to_send_in_rarer_situations(case: Case, tmp_path: Path) -> None:
    with lay_out(case, tmp_path) as laid:
        agreed = bool(case["files"].get("$untrusted"))
        said = answer(laid, case["client"], case.get("client_version", NEWEST), agreed=agreed)
    assert disagreements(case["expect"], said.document) == []
    if "beta" in case["expect"]:
        assert sends_oauth_beta(said) == case["expect"]["beta"]


def sends_oauth_beta(said: Answer) -> bool:
    return said.resolution.wire is not None and said.resolution.wire.beta is not None


def test_every_case_has_a_name_of_its_own() -> None:
    titles = [title(case) for case in CASES + OBSERVED + SEEN]
    assert len(titles) == len(set(titles))


def test_a_wrong_answer_would_be_noticed(tmp_path: Path) -> None:
    case = next(case for case in CASES if case["expect"].get("x_api_key"))
    with lay_out(case, tmp_path) as laid:
        document = answer(laid, case["client"], case.get("client_version", NEWEST)).document
    assert disagreements({**case["expect"], "x_api_key": "another value"}, document)
    assert disagreements({**case["expect"], "host": "another.example"}, document)
    assert disagreements({**case["expect"], "request": False}, document)
    assert disagreements({**case["expect"], "x_api_key": None}, document)


#: One of each kind: nothing, approved key, both headers, descriptor, helper, signature, managed, old client.
THROUGH_THE_COMMAND = [
    next(
        case
        for case in CASES
        if wanted(case) and (case["expect"].get("request") is not False or case["name"] == "ladder/none")
    )
    for wanted in (
        lambda case: case["name"] == "ladder/none",
        lambda case: case["client"] == "claude" and case["approved"],
        lambda case: case["expect"].get("x_api_key") and case["expect"].get("authorization"),
        lambda case: case["fd"],
        lambda case: "apiKeyHelper" in json.dumps(case["files"]),
        lambda case: str(case["expect"].get("authorization")).startswith("sigv4:"),
        lambda case: any(path.startswith("root/") for path in case["files"]),
        lambda case: "client_version" in case,
    )
]


@pytest.mark.parametrize("case", THROUGH_THE_COMMAND, ids=title)
def test_the_command_says_the_same(case: Case, tmp_path: Path) -> None:
    with lay_out(case, tmp_path) as laid:
        completed = subprocess.run(
            [
                str(Path(sys.executable).with_name("claude-auth")),
                *("status", "--json", "--evaluate", "--root", str(laid.root), "--client", case["client"]),
                *("--client-version", case.get("client_version", NEWEST)),
            ],
            env=laid.environ,
            cwd=laid.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            pass_fds=laid.descriptors,
            check=False,
        )
    assert completed.stderr == ""
    document = json.loads(completed.stdout)
    assert disagreements(case["expect"], document) == []
    assert completed.returncode == {True: 0, False: 1, None: 3}[document["usable"]]
    assert "SSH_CONNECTION" not in os.environ  # what the guard promises holds for the child as well
