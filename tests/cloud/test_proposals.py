"""What would be run, told before: command, file, whose it is, what is missing; and what its output means."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.command_output import Understood, understand
from claude_auth.cloud.commands import SETTINGS, CommandKind, propose, suggested_aws, suggested_google
from claude_auth.cloud.environment import command_environment
from claude_auth.cloud.google import plan_google
from claude_auth.model import CommandRun, Origin
from claude_auth.observe.commands import missing_programs
from claude_auth.processes.environment import own_program
from claude_auth.security.secret import Secret
from tests.cloud.machines import SECRET, SESSION, CloudMachine, assert_clean, iso, machine

KEY = "sk-ant-api03-canaryCanaryCanaryCanaryCanary7890"


def project(made: CloudMachine, name: str, settings: dict[str, object]) -> None:
    folder = made.cwd / ".claude"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(settings))


def test_of_the_user(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"awsAuthRefresh": f"true --token {SECRET} &&\nfalse"})
    found = propose("aws-refresh", made.view(), made.environ)
    assert found is not None
    assert found.shown == "true --token …redacted… && ⏎ false"
    assert (found.origin.path, found.origin.line) == (str(tmp_path / ".claude/settings.json"), 2)
    assert (found.from_repository, found.confirmations, found.missing) == (False, 1, ())
    assert_clean(found)


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_of_a_repository(tmp_path: Path, name: str, client: str) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": "echo mine"}, client=client)
    project(made, name, {"apiKeyHelper": "echo theirs"})
    found = propose("api-key-helper", made.view(), made.environ)
    assert found is not None
    assert found.shown == "echo theirs"
    assert (found.from_repository, found.confirmations) == (True, 2)
    assert not found.trusted, "whichever client is asked about"


@pytest.mark.parametrize("kind", list(SETTINGS))
def test_not_configured(tmp_path: Path, kind: CommandKind) -> None:
    made = machine(tmp_path, settings={SETTINGS[kind]: " "})
    assert propose(kind, made.view(), made.environ) is None


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("nosuch sso login", ("nosuch",)),
        ("AWS_PROFILE=x nosuch sso login", ("nosuch",)),
        ("cd /tmp && nosuch | cat; exec nosuch2", ("nosuch", "nosuch2")),
        ("if true; then nosuch; fi", ("nosuch",)),
        ("/nowhere/helper.sh", ("/nowhere/helper.sh",)),
        ("~/helper.sh", ("~/helper.sh",)),
        ("./helper.sh", ("./helper.sh",)),
        ("echo nosuch", ()),
        ("$HELPER --x", ()),
        ("echo 'open quote", ()),
        ("cat /etc/hosts 2>/dev/null", ()),
        ("# nosuch | nosuch\necho x # nosuch", ()),
        ("echo x\nnosuch", ("nosuch",)),
    ],
)
def test_missing_programs(tmp_path: Path, command: str, missing: tuple[str, ...]) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    assert missing_programs(command, environment, str(tmp_path)) == missing


def test_suggestions(tmp_path: Path) -> None:
    config = (
        "[profile.my sso]\nsso_start_url = https://x\nsso_region = r\nsso_account_id = 1\nsso_role_name = r\n"
    )
    made = machine(tmp_path, {"AWS_PROFILE": "my sso"}, config=config)
    view = made.view()
    aws = suggested_aws(plan_aws(view, made.environ), view, made.environ)
    assert aws is not None
    assert (aws.shown, aws.suggested) == ("aws sso login --profile 'my sso'", True)
    google = suggested_google(plan_google(view, made.environ), view, made.environ)
    assert google is not None
    assert google.shown == "gcloud auth application-default login"
    other = machine(tmp_path / "other", {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": SECRET})
    assert suggested_aws(plan_aws(other.view(), other.environ), other.view(), other.environ) is None


@pytest.mark.parametrize(
    ("environ", "shown"),
    [({}, "aws login --profile dev"), ({"SSH_CONNECTION": "a b c d"}, "aws login --profile dev --remote")],
)
def test_a_profile_of_aws_login_is_signed_in_by_that(
    environ: dict[str, str], shown: str, tmp_path: Path
) -> None:
    config = "[profile dev]\nlogin_session = arn:aws:iam::123456789012:user/ada\nregion = eu-west-1\n"
    made = machine(tmp_path, {"AWS_PROFILE": "dev", **environ}, config=config)
    view = made.view()
    aws = suggested_aws(plan_aws(view, made.environ), view, made.environ)
    assert aws is not None
    assert (aws.shown, aws.suggested) == (shown, True)


def test_environment_of_the_child(tmp_path: Path) -> None:
    environ = {
        "ANTHROPIC_API_KEY": KEY,
        "AWS_PROFILE": "x",
        "UNRELATED": "1",
        "MENTIONED": "2",
        "CLAUDE_OAUTH_CLIENT_SECRET": SECRET,
    }
    made = machine(tmp_path, environ, settings={"env": {"OF_SETTINGS": "3", "AWS_PROFILE": "y"}})
    view = made.view()
    for kind in SETTINGS:
        found = command_environment(SETTINGS[kind], Secret("echo $MENTIONED"), view, made.environ)
        assert ("ANTHROPIC_API_KEY" in found) == (kind == "api-key-helper")
        assert "CLAUDE_OAUTH_CLIENT_SECRET" not in found
        assert "UNRELATED" not in found
        assert (found["MENTIONED"], found["OF_SETTINGS"]) == ("2", "3")
        if kind != "gcp-refresh":
            assert found["AWS_PROFILE"] == "y"


@pytest.mark.parametrize(
    ("command", "is_ours"),
    [
        (" claude-auth token  --store sdk", True),
        (f"{shlex.quote(own_program({}))} token --store sdk", True),
        ("/elsewhere/claude-auth token --store sdk", False),
        ("claude-auth token --store sdk; env", False),
        ("claude-auth token $(env)", False),
        ("claude-auth status", False),
    ],
)
def test_our_own_client_is_for_our_own_command_alone(command: str, is_ours: bool, tmp_path: Path) -> None:
    made = machine(tmp_path, {"CLAUDE_OAUTH_CLIENT_SECRET": SECRET})
    found = command_environment("apiKeyHelper", Secret(command), made.view(), made.environ)
    assert ("CLAUDE_OAUTH_CLIENT_SECRET" in found) is is_ours


# ── what the output means ────────────────────────────────────────────────────────────────────────


def understood(
    kind: CommandKind, stdout: str, exit_code: int | None = 0, seconds: float = 0.1, ttl: str = ""
) -> Understood:
    run = CommandRun(SETTINGS[kind], Secret("x"), exit_code, Secret(stdout), Secret("said"), seconds)
    found = understand(kind, run, {"CLAUDE_CODE_API_KEY_HELPER_TTL_MS": ttl}, 1_800_000_000.0)
    assert_clean(found, more=(KEY,))
    return found


def test_key() -> None:
    found = understood("api-key-helper", f"{KEY}\n", seconds=0.42, ttl="60000")
    assert found.accepted
    assert dict(found.facts)["key"] == "sk-ant-api03-…7890"
    assert dict(found.facts)["took"] == "0.4 s"
    assert dict(found.facts)["kept for"] == "1 min 0 s"
    assert found.fingerprint == Secret(KEY).fingerprint
    assert "longer than a key is kept" in understood("api-key-helper", KEY, seconds=2, ttl="1000").warnings[0]
    assert "waits for it" in understood("api-key-helper", KEY, seconds=20).warnings[0]
    assert not understood("api-key-helper", KEY, exit_code=1).accepted
    assert "stderr only" in understood("api-key-helper", "").warnings[0]
    assert "contains whitespace" in understood("api-key-helper", f"Your key: {KEY}").text


FLAT = {
    "AccessKeyId": "ASIA1",
    "SecretAccessKey": SECRET,
    "SessionToken": SESSION,
    "Expiration": "2027-01-15T09:00:00Z",
}


@pytest.mark.parametrize("document", [FLAT, {"Credentials": FLAT}, {"Version": 1, **FLAT}])
def test_both_shapes_of_exported_credentials(document: dict[str, object]) -> None:
    found = understood("aws-export", json.dumps(document))
    assert found.accepted
    assert dict(found.facts)["access key id"] == "ASIA1"
    assert dict(found.facts)["expires"] == "1 h 0 min left"
    assert dict(found.facts)["secret access key"].endswith("EFGH")
    assert found.expires_at == 1_800_003_600


@pytest.mark.parametrize(
    ("stdout", "exit_code", "words"),
    [
        ("hello", 0, "not JSON"),
        ("", 0, "printed nothing"),
        (json.dumps({"AccessKeyId": "A", "SecretAccessKey": SECRET}), 0, "lacks SessionToken"),
        (json.dumps(FLAT), 1, "exit code 1"),
    ],
)
def test_exports_that_are_not_taken(stdout: str, exit_code: int, words: str) -> None:
    found = understood("aws-export", stdout, exit_code)
    assert not found.accepted
    assert words in found.text
    assert "goes on to the next place" in found.text


def test_expired_export_is_used_all_the_same() -> None:
    found = understood("aws-export", json.dumps({**FLAT, "Expiration": iso(-9e8)}))
    assert found.accepted
    assert "would use them all the same" in found.warnings[0]


def test_a_command_of_another_user_s_file_is_asked_about_twice_and_named(tmp_path: Path) -> None:
    """Say of a foreign CLAUDE_CONFIG_DIR."""
    made = machine(tmp_path, settings={"apiKeyHelper": "echo x", "env": {"LD_PRELOAD": "/x.so"}})
    seen = made.snapshot()

    def given(origin: Origin) -> Origin:
        assert origin.file is not None
        return origin._replace(file=origin.file._replace(owned_by_us=False, owner="mallory"))

    settings = {
        n: tuple(s._replace(origin=given(s.origin)) for s in found) for n, found in seen.settings.items()
    }
    preload = tuple(a._replace(origin=given(a.origin)) for a in seen.variables["LD_PRELOAD"])
    seen = seen._replace(settings=settings, variables={**seen.variables, "LD_PRELOAD": preload})
    found = propose("api-key-helper", made.view(seen), made.environ)
    assert found is not None
    assert (found.trusted, found.from_repository, found.confirmations) == (False, False, 2)
    words = " ".join(word.text for word in found.beware(str(tmp_path)))
    assert "its file belongs to mallory" in words
    assert "it gets LD_PRELOAD" in words
