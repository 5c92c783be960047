"""Which AWS credential Bedrock would be called with, computed from what was seen: pure, nothing is asked.

Claude Code's order: AWS_BEARER_TOKEN_BEDROCK, awsCredentialExport, AWS_PROFILE, the keys of the environment,
[default], then what the machine itself gives [seen, behaviour.md section 2].
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws.difference import difference
from claude_auth.cloud.aws.files import AwsSeen, look_at_aws, shown_name
from claude_auth.cloud.aws.routes import (
    CloudProblem,
    CredentialKind,
    CredentialRoute,
    bearer_route,
    follow,
    web_identity_of_environment,
)
from claude_auth.model import Fix
from claude_auth.security.sanitize import shown_command, shown_path, shown_value

#: `asked`: the one that counts; `failed`: asked before it, to no avail; `passed-over`: left out on purpose;
#: `not-reached`: would have its turn only without those above.
Place = Literal["asked", "failed", "passed-over", "not-reached", "absent"]


@dataclass(frozen=True, slots=True)
class Step:
    """One place where Claude Code looks, `source` as in the table of sources."""

    source: str
    kind: CredentialKind
    place: Place
    label: str
    route: CredentialRoute | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class AwsPlan:
    """`chosen` None: nothing would give credentials. `profile` is the one that counts, with where its name
    comes from. `usable` False: the chosen one can't work as it stands; None: only asking can tell."""

    region: str
    region_from: str
    profile: str | None
    profile_from: str
    steps: tuple[Step, ...]
    chosen: Step | None
    usable: bool | None
    problems: tuple[CloudProblem, ...]
    differences: tuple[str, ...]
    endpoints: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    over_ssh: bool = False

    @property
    def finds_something(self) -> bool:
        return any(step.place != "absent" for step in self.steps)

    @property
    def commands(self) -> tuple[str, ...]:
        """What asking would run on this machine."""
        route = self.chosen.route if self.chosen is not None else None
        return (route.command,) if route is not None and route.command else ()


def plan_aws(view: EffectiveConfig, environ: Mapping[str, str]) -> AwsPlan:
    """Reads the files and decides; asks nobody. `environ` is the shell's."""
    return decide(look_at_aws(view, environ))


def decide(seen: AwsSeen) -> AwsPlan:
    steps = _in_turn([_bearer(seen), _export(seen), *_profile_and_keys(seen), *_ambient(seen)])
    chosen = next((step for step in steps if step.place == "asked"), None)
    named = seen.variable("AWS_PROFILE")
    problems = tuple(_problems(seen, steps, chosen))
    cannot = chosen is None or (chosen.route is not None and bool(chosen.route.problems))
    return AwsPlan(
        region=seen.region[0],
        region_from=seen.region[1],
        profile=named
        or ("default" if chosen is not None and chosen.source == "aws-default-profile" else None),
        profile_from=_origin(seen, "AWS_PROFILE") if named else "",
        steps=steps,
        chosen=chosen,
        usable=False if cannot else None,
        problems=problems,
        differences=() if chosen is None else difference(seen, chosen.source, chosen.kind, chosen.route),
        endpoints=_endpoints(seen),
        notes=_notes(seen),
        over_ssh=seen.over_ssh,
    )


def _in_turn(steps: list[Step]) -> tuple[Step, ...]:
    """Everything below the first that is asked isn't reached."""
    found, reached = [], True
    for step in steps:
        if not reached and step.place in {"asked", "failed"}:
            step = replace(step, place="not-reached")
        reached = reached and step.place != "asked"
        found.append(step)
    return tuple(found)


def _origin(seen: AwsSeen, variable: str) -> str:
    path = seen.from_settings.get(variable)
    return f"{variable}, set in {shown_path(path)}" if path else variable


def _absent(source: str, kind: CredentialKind, label: str, why: str) -> Step:
    return Step(source, kind, "absent", label, why=why)


def _bearer(seen: AwsSeen) -> Step:
    value = seen.variable("AWS_BEARER_TOKEN_BEDROCK")
    label = "AWS_BEARER_TOKEN_BEDROCK"
    if value is None or not value.strip():
        return _absent("bedrock-api-key", "bearer", label, "not set")
    return Step("bedrock-api-key", "bearer", "asked", _origin(seen, label), bearer_route(value, seen))


def _export(seen: AwsSeen) -> Step:
    source = "aws-credential-export"
    if seen.export is None:
        return _absent(source, "export", "awsCredentialExport", "not configured")
    label = f"awsCredentialExport: {shown_command(seen.export.value.reveal(), 120)}"
    if isinstance(seen.exported, str):
        return Step(source, "export", "failed", label, why=seen.exported)
    key, why = None, "not run; if it fails, the next place is asked"
    if seen.exported is not None:
        key, why = shown_value("AccessKeyId", seen.exported.access_key_id, 40), ""
    return Step(source, "export", "asked", label, CredentialRoute("export", "exported credentials", key), why)


def _profile_and_keys(seen: AwsSeen) -> tuple[Step, Step, Step]:
    name = seen.variable("AWS_PROFILE")
    keys = _keys(seen, name)
    if name is None:
        named = _absent("aws-profile", "none", "AWS_PROFILE", "not set")
        return named, keys, _default_profile(seen)
    why = "AWS_PROFILE names another profile" if name != "default" else "it is the one AWS_PROFILE names"
    place: Place = "passed-over" if "default" in seen.profiles else "absent"
    default = Step("aws-default-profile", "none", place, "[default]", why=why)
    label = f"{_origin(seen, 'AWS_PROFILE')} = {shown_name(name)}"
    if name not in seen.profiles:
        route = CredentialRoute("none", "nothing", problems=(_missing_profile(seen, name),))
        return Step("aws-profile", "none", "failed", label, route, "no such profile"), keys, default
    route = follow(seen, name)
    place = "asked" if route.kind != "none" else "failed"
    return Step("aws-profile", route.kind, place, label, route), keys, default


def _default_profile(seen: AwsSeen) -> Step:
    """[default], which counts where no variable names a profile."""
    source = "aws-default-profile"
    if "default" not in seen.profiles:
        return _absent(source, "none", "[default]", "there is no such profile")
    route = follow(seen, "default")
    if route.kind == "none":
        return Step(source, "none", "absent", "[default]", route, "it holds no credentials")
    return Step(source, route.kind, "asked", "[default]", route)


def _missing_profile(seen: AwsSeen, name: str) -> CloudProblem:
    others = [shown_name(other) for other in seen.profiles]
    there = f"there are: {', '.join(others[:8])}" if others else "neither file has any profile"
    if name.strip() != name and name.strip() in seen.profiles:
        there = "blanks around the name count, and without them it would be found"
    fixes = tuple(
        Fix(f"Use profile {other}", f"export AWS_PROFILE={shlex.quote(other)}") for other in others[:1]
    )
    return CloudProblem(f"no profile is called {shown_name(name)!r}; {there}", fixes)


def _keys(seen: AwsSeen, profile: str | None) -> Step:
    key, secret = seen.variable("AWS_ACCESS_KEY_ID"), seen.variable("AWS_SECRET_ACCESS_KEY")
    source, label = "aws-environment", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if key is None and secret is None:
        return _absent(source, "environment", label, "not set")
    if key is None or secret is None:
        why = f"{'the id' if key is None else 'the secret'} is missing"
        return Step(source, "environment", "failed", label, why=why)
    shown = shown_value("AWS_ACCESS_KEY_ID", key, 40)
    problems = []
    if shown.startswith("ASIA") and seen.variable("AWS_SESSION_TOKEN") is None:
        problems.append(CloudProblem(f"{shown} is a temporary key, and AWS_SESSION_TOKEN is not set"))
    if key != key.strip() or secret != secret.strip():
        problems.append(CloudProblem("blanks stand around the keys, and Claude Code sends them as they are"))
    route = CredentialRoute("environment", f"{shown} of the environment", shown, problems=tuple(problems))
    if profile is not None:
        return Step(source, "environment", "passed-over", label, route, "AWS_PROFILE is set and comes first")
    return Step(source, "environment", "asked", _origin(seen, "AWS_ACCESS_KEY_ID"), route)


def _ambient(seen: AwsSeen) -> list[Step]:
    source, found = "aws-ambient", []
    web = web_identity_of_environment(seen)
    if web is not None:
        found.append(Step(source, "web-identity", "asked", web.label, web))
    for name in ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        if seen.variable(name) is not None:
            route = CredentialRoute("container", "the container's credentials endpoint")
            found.append(Step(source, "container", "asked", _origin(seen, name), route))
            return found
    label = "the role of this EC2 instance"
    if (seen.variable("AWS_EC2_METADATA_DISABLED") or "false").lower() != "false":
        last = _absent(source, "instance", label, "AWS_EC2_METADATA_DISABLED is set")
    elif seen.on_amazon or seen.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        last = Step(source, "instance", "asked", label, CredentialRoute("instance", label))
    else:
        last = _absent(source, "instance", label, "this machine doesn't look like one of Amazon's")
    return [*found, last]


def _problems(seen: AwsSeen, steps: tuple[Step, ...], chosen: Step | None) -> list[CloudProblem]:
    found = [CloudProblem(f"{shown_path(path)}: {damage.text}") for path, damage in seen.damage]
    for step in steps:
        if step.place == "failed" and step.route is not None:
            found += step.route.problems
        elif step.place == "failed":
            found.append(CloudProblem(f"{step.label}: {step.why}"))
    if chosen is None:
        found.append(
            CloudProblem("no place gives AWS credentials: with Bedrock on, Claude Code sends no request")
        )
    elif chosen.route is not None:
        found += chosen.route.problems
    return found


def _endpoints(seen: AwsSeen) -> tuple[tuple[str, str], ...]:
    """Where requests go instead of to Amazon; the URLs without a user in them."""
    names = sorted(name for name in seen.environment if name.startswith("AWS_ENDPOINT_URL"))
    found = [(name, seen.environment[name]) for name in names]
    profile = seen.profiles.get(seen.variable("AWS_PROFILE") or "default")
    if profile is not None:
        whose = f"of profile {shown_name(profile.name)}"
        found += [(f"{key} {whose}", profile.get(key) or "") for key in ("endpoint_url", "services")]
    return tuple((name, shown_value(name, value)) for name, value in found if value)


def _notes(seen: AwsSeen) -> tuple[str, ...]:
    found = []
    if seen.skips_signing:
        found.append("CLAUDE_CODE_SKIP_BEDROCK_AUTH is on: Claude Code signs nothing, whatever stands here")
    if seen.leaves_project_out:
        found.append("this folder isn't trusted, so its settings are left out")
    return tuple(found)
