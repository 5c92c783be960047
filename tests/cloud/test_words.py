"""What the panes say, and what a comparison of two answers says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.google import plan_google
from claude_auth.cloud.identity import AwsAnswer, AwsIdentity, GoogleAnswer, GoogleIdentity, compared
from claude_auth.cloud.trouble import CloudError
from claude_auth.model import Fix
from claude_auth.present.cloud import FactRow, aws_rows, google_rows
from tests.cloud.machines import SECRET, assert_clean, keys, machine

NOW = 1_800_000_000.0
IDENTITY = AwsIdentity(
    "aws-profile",
    "sso",
    "ASIA1",
    "123456789012",
    "arn:aws:sts::123456789012:assumed-role/Developer/person",
    "AROA:person",
    NOW + 3600,
    "us-east-1",
    "https://sts.us-east-1.amazonaws.com",
)
TROUBLE = CloudError("x", "Title", "Meaning.", "said", (Fix("Do it", "aws do"),))


def lines(rows: tuple[FactRow, ...]) -> str:
    return "\n".join(f"{row.name}|{row.word}" for row in rows)


def test_aws_before_it_was_asked(tmp_path: Path) -> None:
    environ = {"AWS_PROFILE": "work", "AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": SECRET}
    made = machine(tmp_path, environ, credentials=keys("work", "AKIAWORK"))
    rows = aws_rows(plan_aws(made.view(), made.environ), None, NOW, str(tmp_path))
    text = lines(rows)
    assert text.startswith("identity|· not asked yet")
    assert "order|★ AWS_PROFILE = work: keys in ~/.aws/credentials, AKIAWORK" in text
    assert "|– AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: AKIAENV of the environment (passed over" in text
    assert "differs|▲ `aws sts get-caller-identity`" in text
    assert_clean(rows)


def test_aws_answers(tmp_path: Path) -> None:
    made = machine(tmp_path, {}, credentials=keys("default", "AKIA"))
    plan = plan_aws(made.view(), made.environ)
    skewed = replace(IDENTITY, clock_offset=600.0, unexpected="other")
    text = lines(aws_rows(plan, AwsAnswer(NOW, 0.3, skewed), NOW, str(tmp_path)))
    assert f"identity|✓ {IDENTITY.arn}" in text
    assert "lasts|✓ 1 h 0 min left" in text
    assert "clock|▲ this machine's clock is 10 min ahead" in text
    text = lines(aws_rows(plan, AwsAnswer(NOW, 0.3, trouble=TROUBLE), NOW, str(tmp_path)))
    assert "identity|✗ Title\n|· Meaning.\nit said|· said\nto do|▸ Do it: aws do" in text


def test_hostile_names(tmp_path: Path) -> None:
    name = "a\x1b]52;c;x\x07\u202e[red]$(touch x)"
    keys_of_it = "sso_start_url = https://x\nsso_region = r\nsso_account_id = 1\nsso_role_name = r\n"
    config = f"[profile.{name}]\n{keys_of_it}"
    made = machine(tmp_path, {"AWS_PROFILE": name}, config=config)
    plan = plan_aws(made.view(), made.environ)
    text = lines(aws_rows(plan, None, NOW, str(tmp_path)))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "▸ Sign in again: aws sso login\n" in text  # without a name that can't be copied as it is
    quoted = machine(tmp_path / "b", {"AWS_PROFILE": "x"}, credentials=keys("$(touch x)", "AKIA"))
    assert "export AWS_PROFILE='$(touch x)'" in lines(
        aws_rows(plan_aws(quoted.view(), quoted.environ), None, NOW, str(tmp_path))
    )


def test_google(tmp_path: Path) -> None:
    made = machine(tmp_path, {"ANTHROPIC_VERTEX_PROJECT_ID": "p"})
    plan = plan_google(made.view(), made.environ)
    text = lines(google_rows(plan, None, NOW, str(tmp_path)))
    assert "project|· p (ANTHROPIC_VERTEX_PROJECT_ID)" in text
    assert "kind|✗ none" in text
    identity = GoogleIdentity("authorized_user", "a@b.c", "p", None, NOW + 60)
    assert "identity|✓ a@b.c" in lines(
        google_rows(plan, GoogleAnswer(NOW, 0.1, identity), NOW, str(tmp_path))
    )
    assert "identity|✗ Title" in lines(
        google_rows(plan, GoogleAnswer(NOW, 0.1, trouble=TROUBLE), NOW, str(tmp_path))
    )


def test_compared() -> None:
    before, failed = AwsAnswer(NOW, 0.1, IDENTITY), AwsAnswer(NOW, 0.1, trouble=TROUBLE)
    longer = replace(
        IDENTITY, expires_at=NOW + 7200, arn="arn:aws:sts::123456789012:assumed-role/Developer/other-session"
    )
    assert str(compared(failed, before)).startswith("✓ now arn:aws:sts")
    assert compared(before, AwsAnswer(NOW, 0.1, longer)).text.endswith("1 h 0 min longer")
    other = replace(IDENTITY, account="2", arn="arn:aws:sts::2:assumed-role/Admin/p")
    assert str(compared(before, AwsAnswer(NOW, 0.1, other))).startswith("▲ another identity:")
    assert str(compared(before, failed)) == "✗ still no identity: Title"
    assert str(compared(None, before)).startswith("✓ arn:aws")
