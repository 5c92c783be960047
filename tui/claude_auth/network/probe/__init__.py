"""One live request, as the chosen client would send it: planned and shown first, then sent, its answer
explained.

An OAuth token of a Claude account is never sent by us, wherever it came from: there Claude Code is run.
No other program's user agent is imitated.
"""

from claude_auth.network.probe.answer import ProbeAnswer
from claude_auth.network.probe.by_claude import CLAUDE_SECONDS, run_claude
from claude_auth.network.probe.of_cloud import ask_cloud
from claude_auth.network.probe.plan import ProbePlan, plan_probe
from claude_auth.network.probe.request import SECONDS, send_probe

__all__ = [
    "CLAUDE_SECONDS",
    "SECONDS",
    "ProbeAnswer",
    "ProbePlan",
    "ask_cloud",
    "plan_probe",
    "run_claude",
    "send_probe",
]
