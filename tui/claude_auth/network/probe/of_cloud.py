"""The probe of a cloud: who answers for its credentials."""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import Resolution, Snapshot
from claude_auth.network.probe.answer import ProbeAnswer
from claude_auth.network.probe.plan import ProbePlan
from claude_auth.security.sanitize import clean


def ask_cloud(
    plan: ProbePlan, snapshot: Snapshot, resolution: Resolution, environ: Mapping[str, str]
) -> ProbeAnswer:
    """Who answers for AWS or Google. `environ` is the shell's. Blocks."""
    view = EffectiveConfig.of(snapshot, resolution)
    if plan.kind == "aws":
        from claude_auth.cloud.aws import ask_aws
        from claude_auth.cloud.aws_plan import plan_aws

        found = ask_aws(plan_aws(view, environ), view, environ)
        if found.identity is not None:
            words = f"AWS knows the credentials: {clean(found.identity.arn, 200)}"
            return ProbeAnswer(True, words, found.seconds, skew=found.identity.clock_offset)
        trouble = found.trouble
    else:
        from claude_auth.cloud.google import ask_google
        from claude_auth.cloud.google_plan import plan_google

        answer = ask_google(plan_google(view, environ), view, environ)
        if answer.identity is not None:
            who = answer.identity.account or answer.identity.kind
            return ProbeAnswer(True, f"Google gave a token for {clean(who, 200)}", answer.seconds)
        trouble, found = answer.trouble, answer  # type: ignore[assignment]
    words = "no answer" if trouble is None else trouble.title
    return ProbeAnswer(False, clean(words, 300), found.seconds)
