"""Neither boto3 nor google-auth is imported before somebody asks, and then not into this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, os, sys
from claude_auth.claude_code.clients import BY_ID
from claude_auth.observe import observe
from claude_auth.observe.context import ObservationContext
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cli import run as cli_run
from claude_auth.actions import run_command
from claude_auth.present import cloud
from claude_auth.cloud.identity import ask_aws
from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.identity import ask_google
from claude_auth.cloud.google import plan_google
from claude_auth.cloud.commands import propose
from claude_auth.sandbox import cloud_endpoints

HEAVY = {"boto3", "botocore", "google", "urllib3"}

def heavy():
    return sorted({name.partition(".")[0] for name in sys.modules} & HEAVY)

view = EffectiveConfig(observe(ObservationContext.of_process({})), BY_ID["claude-print"], "2.1.328")
aws, google = plan_aws(view, os.environ), plan_google(view, os.environ)
cloud.aws_rows(aws, None, 0.0, "/"), cloud.google_rows(google, None, 0.0, "/")
seen = [heavy()]
answers = [ask_aws(aws, view, os.environ), ask_google(google, view, os.environ)]
seen.append(heavy())
print(json.dumps([seen, [a.peak_kib for a in answers], [a.trouble.code for a in answers]]))
"""


def test_nothing_heavy_before_or_after(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[default]\naws_access_key_id=AKIA\naws_secret_access_key=x\n")
    (tmp_path / "adc.json").write_text('{"type": "service_account"}')
    environ = {
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
        "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "adc.json"),
        "ANTHROPIC_VERTEX_PROJECT_ID": "p",
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    seen, peaks, codes = json.loads(run.stdout)
    assert seen == [[], []]
    assert all(peak > 0 for peak in peaks[:1])
    assert codes[0] == "unreachable"
