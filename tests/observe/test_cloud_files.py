"""AWS, Google and Azure: what is configured in files, without asking anybody."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.layout import look_at

KEYS = "[default]\naws_access_key_id=AKIAMADEUP\naws_secret_access_key=s\n"
USER = {"type": "authorized_user", "refresh_token": "made-up", "quota_project_id": "engines"}
ADC = ".config/gcloud/application_default_credentials.json"


def test_both_aws_files(tmp_path: Path) -> None:
    raw = {".aws/credentials": KEYS, ".aws/config": "[profile work]\nregion=eu-west-3\n"}
    aws = look_at(tmp_path, raw=raw).snapshot.aws
    assert sorted(aws.profiles) == ["default", "work"]
    assert aws.damage == ()


def test_aws_files_elsewhere_also_by_settings(tmp_path: Path) -> None:
    env = {"AWS_SHARED_CREDENTIALS_FILE": "$HOME/keys", "AWS_CONFIG_FILE": "$HOME/not-this"}
    files = {".claude/settings.json": {"env": {"AWS_CONFIG_FILE": "$HOME/config"}}}
    raw = {
        "keys": KEYS,
        "config": "[default]\nregion=eu-west-3\n",
        "not-this": "[default]\nregion=us-west-1\n",
    }
    aws = look_at(tmp_path, files, env=env, raw=raw).snapshot.aws
    assert aws.profiles["default"].region == "eu-west-3"


def test_a_damaged_aws_file_is_told_and_the_other_one_is_used(tmp_path: Path) -> None:
    aws = look_at(tmp_path, raw={".aws/credentials": KEYS, ".aws/config": "region = x\n"}).snapshot.aws
    assert [(path, damage.code) for path, damage in aws.damage] == [
        (str(tmp_path / ".aws/config"), "not-ini")
    ]
    assert "default" in aws.profiles


def test_no_default_credentials_of_google(tmp_path: Path) -> None:
    assert look_at(tmp_path).snapshot.google is None


def test_default_credentials_of_google(tmp_path: Path) -> None:
    google = look_at(tmp_path, {ADC: USER}).snapshot.google
    assert google is not None
    assert (google.kind, google.quota_project, google.explicit, google.damage) == (
        "user",
        "engines",
        False,
        None,
    )
    assert "made-up" not in repr(google)


def test_a_file_that_is_named_and_missing_is_damage(tmp_path: Path) -> None:
    env = {"GOOGLE_APPLICATION_CREDENTIALS": "$HOME/none.json"}
    google = look_at(tmp_path, {ADC: USER}, env=env).snapshot.google
    assert google is not None
    assert google.explicit
    assert google.damage is not None
    assert google.damage.is_missing


def test_a_type_that_google_does_not_load_is_damage(tmp_path: Path) -> None:
    google = look_at(tmp_path, {ADC: {"type": "something"}}).snapshot.google
    assert google is not None
    assert google.damage is not None
    assert google.damage.code == "wrong-type"


def test_whether_az_has_signed_in(tmp_path: Path) -> None:
    assert not look_at(tmp_path / "a").snapshot.azure_signed_in
    assert look_at(tmp_path / "b", {".azure/msal_token_cache.json": {}}).snapshot.azure_signed_in
    env = {"AZURE_CONFIG_DIR": "$HOME/az"}
    assert look_at(tmp_path / "c", {"az/azureProfile.json": {}}, env=env).snapshot.azure_signed_in


def test_a_relative_path_starts_at_the_working_directory_that_is_looked_at(tmp_path: Path) -> None:
    env = {"AWS_SHARED_CREDENTIALS_FILE": "keys", "GOOGLE_APPLICATION_CREDENTIALS": "adc.json"}
    snapshot = look_at(tmp_path, {"proj/adc.json": USER}, env=env, raw={"proj/keys": KEYS}).snapshot
    assert "default" in snapshot.aws.profiles
    assert snapshot.google is not None
    assert snapshot.google.damage is None
