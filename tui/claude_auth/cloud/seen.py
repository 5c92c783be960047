"""All that the cloud panes are drawn from, of one moment: the plans, the commands, and what they rest on.
Reads files and asks nobody; blocks for some milliseconds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws_plan import AwsPlan, plan_aws
from claude_auth.cloud.google_plan import GooglePlan, plan_google
from claude_auth.cloud.proposals import CommandPlan, Kind, propose, suggested_aws, suggested_google
from claude_auth.files import Signature, signature
from claude_auth.model import Finding, Resolution


class Basis(NamedTuple):
    """What an answer rests on. `cache` is that of single sign-on, which asking itself may renew."""

    rest: tuple[object, ...]
    cache: Signature


@dataclass(frozen=True, slots=True)
class CloudSeen:
    """`basis`: where it differs from that of an answer, the answer is old."""

    view: EffectiveConfig
    resolution: Resolution
    findings: tuple[Finding, ...]
    aws: AwsPlan
    google: GooglePlan
    proposals: Mapping[Kind, CommandPlan]
    basis: Basis


def look(
    view: EffectiveConfig, resolution: Resolution, findings: tuple[Finding, ...], environ: Mapping[str, str]
) -> CloudSeen:
    """`environ` is the shell's."""
    aws, google = plan_aws(view, environ), plan_google(view, environ)
    return CloudSeen(
        view, resolution, findings, aws, google, _proposals(view, aws, google, environ), _basis(view)
    )


def _proposals(
    view: EffectiveConfig, aws: AwsPlan, google: GooglePlan, environ: Mapping[str, str]
) -> dict[Kind, CommandPlan]:
    found: dict[Kind, CommandPlan | None] = {
        "aws-refresh": propose("aws-refresh", view, environ) or suggested_aws(aws, view, environ),
        "aws-export": propose("aws-export", view, environ),
        "gcp-refresh": propose("gcp-refresh", view, environ) or suggested_google(google, view, environ),
    }
    return {kind: proposal for kind, proposal in found.items() if proposal is not None}


def _basis(view: EffectiveConfig) -> Basis:
    snapshot = view.snapshot
    google = snapshot.google.path if snapshot.google is not None else ""
    files = (snapshot.aws.config_path, snapshot.aws.credentials_path, google)
    signatures = tuple(signature(path) if path else None for path in files)
    trusted = snapshot.claude_json.trusted
    rest = (view.client.id, view.version, trusted, snapshot.variables, snapshot.settings, *signatures)
    return Basis(rest, signature(os.path.join(snapshot.places.home, ".aws", "sso", "cache")))
