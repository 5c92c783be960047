"""From files: which place AWS credentials would come from in Claude Code's order, and what is wrong there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_auth.cloud.aws.difference import tool_choice
from claude_auth.cloud.aws.files import look_at_aws
from claude_auth.cloud.aws.plan import AwsPlan, plan_aws
from claude_auth.formats.cloud_files import cache_name
from tests.cloud.machines import SECRET, SESSION, CloudMachine, assert_clean, iso, keys, machine

PAIR = {"AWS_ACCESS_KEY_ID": "AKIAENV0000000000001", "AWS_SECRET_ACCESS_KEY": SECRET}
DEFAULT = keys("default", "AKIADEFAULT000000001")
WORK = keys("work", "AKIAWORK000000000001")
ROLE = "[profile deep]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = work\n"
SSO = (
    "[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Developer\n"
    "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
)
OLD_SSO = (
    "[profile sso]\nsso_start_url = https://old.awsapps.com/start\nsso_region = eu-west-1\n"
    "sso_account_id = 123456789012\nsso_role_name = Developer\n"
)


def plan(made: CloudMachine) -> AwsPlan:
    found = plan_aws(made.view(), made.environ)
    assert_clean(found)
    return found


def chosen(found: AwsPlan) -> tuple[str | None, str | None, str | None]:
    if found.chosen is None:
        return None, None, None
    route = found.chosen.route
    return found.chosen.source, found.chosen.kind, route.access_key_id if route else None


def problems(found: AwsPlan) -> str:
    return " | ".join(problem.text for problem in found.problems)


# Each line was tried with the real client, 2.1.328 [seen].
SEEN: list[tuple[dict[str, str], str, str, tuple[str | None, str | None, str | None]]] = [
    ({}, "", "", (None, None, None)),
    (PAIR, "", "", ("aws-environment", "environment", "AKIAENV0000000000001")),
    (PAIR, "", DEFAULT, ("aws-environment", "environment", "AKIAENV0000000000001")),
    ({**PAIR, "AWS_PROFILE": "work"}, "", WORK, ("aws-profile", "static", "AKIAWORK000000000001")),
    ({**PAIR, "AWS_PROFILE": "missing"}, "", DEFAULT, (None, None, None)),
    ({"AWS_ACCESS_KEY_ID": "AKIAHALF"}, "", "", (None, None, None)),
    (
        {"AWS_ACCESS_KEY_ID": "AKIAHALF"},
        "",
        DEFAULT,
        ("aws-default-profile", "static", "AKIADEFAULT000000001"),
    ),
    (
        {"AWS_ACCESS_KEY_ID": "AKIAHALF", "AWS_SECRET_ACCESS_KEY": ""},
        "",
        DEFAULT,
        ("aws-default-profile", "static", "AKIADEFAULT000000001"),
    ),
    ({**PAIR, "AWS_PROFILE": ""}, "", DEFAULT, ("aws-environment", "environment", "AKIAENV0000000000001")),
    ({"AWS_PROFILE": ""}, "", DEFAULT, ("aws-default-profile", "static", "AKIADEFAULT000000001")),
    ({**PAIR, "AWS_PROFILE": " work "}, "", WORK, (None, None, None)),
    ({**PAIR, "AWS_PROFILE": "default"}, "", DEFAULT, ("aws-profile", "static", "AKIADEFAULT000000001")),
    (
        {**PAIR, "AWS_DEFAULT_PROFILE": "work"},
        "",
        WORK,
        ("aws-environment", "environment", "AKIAENV0000000000001"),
    ),
    (
        {"AWS_DEFAULT_PROFILE": "work"},
        "",
        DEFAULT + WORK,
        ("aws-default-profile", "static", "AKIADEFAULT000000001"),
    ),
    ({"AWS_PROFILE": "work"}, keys("profile work", "AKIACFG"), "", ("aws-profile", "static", "AKIACFG")),
    ({"AWS_PROFILE": "work"}, keys("work", "AKIACFG"), "", (None, None, None)),
    (
        {"AWS_PROFILE": "work"},
        keys("profile work", "AKIACFG"),
        WORK,
        ("aws-profile", "static", "AKIAWORK000000000001"),
    ),
    ({"AWS_PROFILE": "deep"}, ROLE, WORK, ("aws-profile", "assume-role", "AKIAWORK000000000001")),
    ({**PAIR, "AWS_PROFILE": "deep"}, ROLE, WORK, ("aws-profile", "assume-role", "AKIAWORK000000000001")),
    ({}, "[default]\ncredential_process = vend\n", "", ("aws-default-profile", "process", None)),
    ({**PAIR, "AWS_BEARER_TOKEN_BEDROCK": "ABSKdTpw"}, "", DEFAULT, ("bedrock-api-key", "bearer", None)),
    (
        {**PAIR, "AWS_BEARER_TOKEN_BEDROCK": "  "},
        "",
        "",
        ("aws-environment", "environment", "AKIAENV0000000000001"),
    ),
]


@pytest.mark.parametrize(("environ", "config", "credentials", "answer"), SEEN)
def test_as_the_client_was_seen(
    tmp_path: Path,
    environ: dict[str, str],
    config: str,
    credentials: str,
    answer: tuple[str | None, str | None, str | None],
) -> None:
    found = plan(machine(tmp_path, environ, config=config, credentials=credentials))
    assert chosen(found) == answer
    assert (found.usable is False) == (answer[0] is None)
    if answer[0] is None:
        assert "no place gives AWS credentials" in problems(found)


def test_the_plan_agrees_with_the_resolution(tmp_path: Path) -> None:
    """Two ways to the same answer: the ladder of `resolve`, and this plan."""
    from claude_auth.resolve import resolve

    for number, (environ, config, credentials, answer) in enumerate(SEEN):
        made = machine(
            tmp_path / str(number),
            {**environ, "CLAUDE_CODE_USE_BEDROCK": "1"},
            config=config,
            credentials=credentials,
        )
        resolution = resolve(made.snapshot(), made.client, "2.1.328")
        authorization = resolution.wire.authorization if resolution.wire is not None else None
        source = authorization.source if authorization is not None else None
        assert source == answer[0], (environ, config, credentials)


def test_region_and_where_it_comes_from(tmp_path: Path) -> None:
    config = "[profile work]\nregion = eu-west-3\n"
    for environ, answer in (
        ({"AWS_REGION": "eu-north-1"}, ("eu-north-1", "AWS_REGION")),
        ({"AWS_DEFAULT_REGION": "eu-south-1"}, ("eu-south-1", "AWS_DEFAULT_REGION")),
        ({"AWS_PROFILE": "work"}, ("eu-west-3", "profile work")),
        ({}, ("us-east-1", "the default")),
    ):
        found = plan(machine(tmp_path, environ, config=config, credentials=WORK))
        assert (found.region, found.region_from) == answer


def test_places_below_are_not_reached(tmp_path: Path) -> None:
    found = plan(machine(tmp_path, {**PAIR, "AWS_PROFILE": "work"}, credentials=WORK + DEFAULT))
    places = {step.source: step.place for step in found.steps}
    assert places["aws-profile"] == "asked"
    assert places["aws-environment"] == places["aws-default-profile"] == "passed-over"
    found = plan(machine(tmp_path, PAIR, credentials=DEFAULT))
    places = {step.source: step.place for step in found.steps}
    assert places["aws-default-profile"] == "not-reached"


def test_export_stands_before_the_profile(tmp_path: Path) -> None:
    made = machine(
        tmp_path, {**PAIR, "AWS_PROFILE": "work"}, credentials=WORK, settings={"awsCredentialExport": "vend"}
    )
    found = plan(made)
    assert chosen(found) == ("aws-credential-export", "export", None)
    assert found.steps[1].why.startswith("not run")


# ── roles ────────────────────────────────────────────────────────────────────────────────────────


def test_a_chain_of_roles(tmp_path: Path) -> None:
    config = (
        "[profile a]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = b\n"
        "[profile b]\nrole_arn = arn:aws:iam::1:role/b\nsource_profile = work\n"
    )
    found = plan(machine(tmp_path, {"AWS_PROFILE": "a"}, config=config, credentials=WORK))
    assert found.chosen is not None
    route = found.chosen.route
    assert route is not None
    assert route.through == ("a", "b", "work")
    assert route.roles == ("arn:aws:iam::1:role/b", "arn:aws:iam::1:role/a")
    assert route.access_key_id == "AKIAWORK000000000001"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=a\n",
            "in a circle: b → a → b",
        ),
        ("[profile a]\nrole_arn=r\nsource_profile=a\n", "in a circle"),
        ("[profile a]\nrole_arn=r\nsource_profile=gone\n", "builds on gone, which is in neither file"),
        ("[profile a]\nrole_arn=r\n", "neither source_profile nor credential_source"),
        ("[profile a]\nrole_arn=r\nsource_profile=work\nmfa_serial=m\n", "MFA code"),
        ("[profile a]\nrole_arn=r\ncredential_source=Moon\n", "is none of Environment"),
        ("[profile a]\nrole_arn=r\ncredential_source=Environment\n", "no complete pair of keys"),
        ("[profile a]\nrole_arn=r\nsource_profile=work\ncredential_source=Environment\n", "has both"),
        ("[profile a]\nregion=x\n", "holds no credentials"),
        ("[profile a]\naws_access_key_id=AKIA\n", "without its secret"),
        (
            f"[profile a]\naws_access_key_id=ASIA1\naws_secret_access_key={SECRET}\n",
            "lacks its aws_session_token",
        ),
        ("[profile a]\nrole_arn=r\nweb_identity_token_file=/nowhere/token\n", "/nowhere/token can't be read"),
        ("[profile a]\nsso_session=gone\nsso_account_id=1\nsso_role_name=r\n", "which the config file lacks"),
        ("[profile a]\nsso_start_url=https://x\nsso_region=r\n", "lacks sso_account_id, sso_role_name"),
    ],
)
def test_problems_of_a_profile(tmp_path: Path, config: str, words: str) -> None:
    found = plan(machine(tmp_path, {"AWS_PROFILE": "a"}, config=config, credentials=WORK))
    assert words in problems(found)
    assert found.usable is False


def test_a_role_on_its_own_keys_is_no_circle(tmp_path: Path) -> None:
    config = "[profile work]\nrole_arn=r\nsource_profile=work\n"
    found = plan(machine(tmp_path, {"AWS_PROFILE": "work"}, config=config, credentials=WORK))
    assert chosen(found) == ("aws-profile", "assume-role", "AKIAWORK000000000001")
    assert not found.problems


def test_damaged_file(tmp_path: Path) -> None:
    found = plan(machine(tmp_path, credentials=f"aws_secret_access_key = {SECRET}\n"))
    assert "stands before any [profile]" in problems(found)


# ── single sign-on ───────────────────────────────────────────────────────────────────────────────


def cached(made: CloudMachine, name: str, **changes: object) -> None:
    token = {
        "accessToken": f"canary-{SESSION}",
        "startUrl": "https://corp.awsapps.com/start",
        "region": "eu-west-1",
        "expiresAt": iso(3600),
        **changes,
    }
    made.write(f".aws/sso/cache/{cache_name(name)}", json.dumps(token))


REFRESHABLE = {
    "refreshToken": SESSION,
    "clientId": "c",
    "clientSecret": SECRET,
    "registrationExpiresAt": iso(86400),
}


@pytest.mark.parametrize(
    ("config", "name", "changes", "state", "usable"),
    [
        (SSO, "corp", {}, "live", None),
        (SSO, "corp", {"expiresAt": iso(-60)}, "expired", False),
        (SSO, "corp", {"expiresAt": iso(-60), **REFRESHABLE}, "refreshable", None),
        (SSO, "another", {}, "missing", False),
        (OLD_SSO, "https://old.awsapps.com/start", {}, "live", None),
        (OLD_SSO, "https://old.awsapps.com/start", {"expiresAt": iso(-60), **REFRESHABLE}, "expired", False),
    ],
)
def test_state_of_the_sign_in(
    tmp_path: Path, config: str, name: str, changes: dict[str, object], state: str, usable: bool | None
) -> None:
    made = machine(tmp_path, {"AWS_PROFILE": "sso"}, config=config)
    cached(made, name, **changes)
    found = plan(made)
    assert found.chosen is not None
    assert found.chosen.route is not None
    sso = found.chosen.route.sso
    assert sso is not None
    assert (sso.state, found.usable) == (state, usable)
    fixes = [fix.command for problem in found.problems for fix in problem.fixes]
    assert fixes == ([] if usable is None else ["aws sso login --profile sso"])


def test_over_ssh_a_code_is_suggested(tmp_path: Path) -> None:
    made = machine(tmp_path, {"AWS_PROFILE": "sso", "SSH_CONNECTION": "a b c d"}, config=SSO)
    command = plan(made).problems[0].fixes[0].command
    assert command == "aws sso login --profile sso --use-device-code --no-browser"


# ── what the machine itself gives ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environ", "vendor", "kind"),
    [
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "r"}, None, "web-identity"),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, None, "container"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x"}, None, "container"),
        ({}, "Amazon EC2 m7i.large", "instance"),
        ({"AWS_EC2_METADATA_DISABLED": "true"}, "Amazon EC2 m7i.large", None),
        ({}, "Google Compute Engine", None),
    ],
)
def test_ambient(tmp_path: Path, environ: dict[str, str], vendor: str | None, kind: str | None) -> None:
    found = plan(machine(tmp_path, environ, vendor=vendor))
    assert chosen(found)[1] == kind


def test_profile_before_web_identity(tmp_path: Path) -> None:
    environ = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "r"}
    found = plan(machine(tmp_path, environ, credentials=DEFAULT))
    assert chosen(found)[0] == "aws-default-profile"
    assert "`aws` after it" in found.differences[0]


# ── where the command line tool would mislead ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environ", "credentials", "words"),
    [
        ({**PAIR, "AWS_PROFILE": "work"}, WORK, "AWS_PROFILE win over keys"),
        ({"AWS_DEFAULT_PROFILE": "work"}, WORK + DEFAULT, "doesn't look at AWS_DEFAULT_PROFILE"),
        (
            {"AWS_ACCESS_KEY_ID": "AKIAHALF"},
            DEFAULT,
            "would stop: AWS_ACCESS_KEY_ID stands without its secret",
        ),
        ({**PAIR, "AWS_BEARER_TOKEN_BEDROCK": "x"}, "", "knows no Bedrock API key"),
    ],
)
def test_differences(tmp_path: Path, environ: dict[str, str], credentials: str, words: str) -> None:
    found = plan(machine(tmp_path, environ, credentials=credentials))
    assert words in found.differences[0]


@pytest.mark.parametrize(
    ("environ", "credentials"), [(PAIR, DEFAULT), ({}, DEFAULT), ({"AWS_PROFILE": "work"}, WORK + DEFAULT)]
)
def test_no_difference(tmp_path: Path, environ: dict[str, str], credentials: str) -> None:
    assert plan(machine(tmp_path, environ, credentials=credentials)).differences == ()


def test_a_variable_of_the_settings_is_not_in_the_shell(tmp_path: Path) -> None:
    made = machine(tmp_path, {}, credentials=WORK + DEFAULT, settings={"env": {"AWS_PROFILE": "work"}})
    found = plan(made)
    assert chosen(found)[2] == "AKIAWORK000000000001"
    assert "AWS_PROFILE comes from" in found.differences[0]
    assert "settings.json" in found.differences[0]
    assert tool_choice(look_at_aws(made.view(), made.environ)).profile == "default"


def test_a_folder_that_is_not_trusted_sets_nothing(tmp_path: Path) -> None:
    made = machine(tmp_path, {}, credentials=WORK + DEFAULT, client="claude")
    made.cwd.joinpath(".claude").mkdir()
    made.cwd.joinpath(".claude/settings.json").write_text(
        '{"env": {"AWS_PROFILE": "work", "AWS_CONFIG_FILE": "evil"}}'
    )
    found = plan(made)
    assert chosen(found)[2] == "AKIADEFAULT000000001"
    assert "isn't trusted" in found.notes[0]


def test_endpoints_are_told(tmp_path: Path) -> None:
    environ = {
        "AWS_ENDPOINT_URL": "http://user:canary@127.0.0.1:9",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:8",
    }
    found = plan(machine(tmp_path, environ))
    assert [name for name, _ in found.endpoints] == ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"]
    assert_clean(found, more=("user:canary",))


@pytest.mark.parametrize(("other", "told"), [("home", True), ("work", False), ("", False)])
def test_where_the_version_of_the_tool_is_not_known_both_are_told(
    tmp_path: Path, other: str, told: bool
) -> None:
    environ = {"AWS_PROFILE": "work", "AWS_DEFAULT_PROFILE": other}
    made = machine(tmp_path, environ, credentials=keys("work", "AKIAWORK") + keys("home", "AKIAHOME"))
    plan = plan_aws(made.view(), made.environ)
    assert any("version 1 of `aws`" in words for words in plan.differences) is told


@pytest.mark.parametrize(("version", "profile"), [("1.45.11", "home"), ("2.9.19", None)])
def test_version_1_of_the_tool_takes_the_other_variable_first(
    tmp_path: Path, version: str, profile: str | None
) -> None:
    tool = tmp_path / "aws-cli" / version / "aws"
    tool.parent.mkdir(parents=True)
    tool.touch(0o755)
    environ = {"AWS_PROFILE": "work", "AWS_DEFAULT_PROFILE": "home", "PATH": str(tool.parent)}
    made = machine(tmp_path, environ, credentials=keys("work", "AKIAWORK") + keys("home", "AKIAHOME"))
    differences = plan_aws(made.view(), made.environ).differences
    assert len(differences) == (1 if profile else 0)
    assert all(f"profile {profile}" in words and version in words for words in differences)
