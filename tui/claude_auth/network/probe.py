"""One live request, as the chosen client would send it: sent once it was planned and shown, then explained.

An OAuth token of a Claude account is never sent by us, wherever it came from: there Claude Code is run.
No other program's user agent is imitated. Nothing is repeated, no redirect is followed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.formats.outputs import clock_offset
from claude_auth.model import Resolution, Snapshot
from claude_auth.network.probe_plan import OWN_HEADERS, ProbePlan
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import clean, safe_text
from claude_auth.security.secret import Secret, holds_token, without_locals

if TYPE_CHECKING:
    from claude_auth.diagnose.texts import Recognised
    from claude_auth.processes.environment import ChildEnvironment


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """`ok`: the credential was accepted; None: the answer tells nothing about it. `said`: what came back,
    redacted. `causes`: what it is known to mean, likeliest first."""

    ok: bool | None
    words: str
    seconds: float
    status: int | None = None
    said: str = ""
    causes: tuple[Recognised, ...] = ()
    skew: float | None = None


_VERDICTS: Mapping[int, tuple[bool | None, str]] = {
    400: (False, "the request was refused as wrong (400)"),
    401: (False, "the credential was not accepted (401)"),
    402: (False, "the account can't pay (402)"),
    403: (False, "the credential is known but may not do this (403)"),
    404: (None, "there is no list of models at that address (404): it says nothing about the credential"),
    405: (
        None,
        "the address does not answer this kind of request (405): it says nothing about the credential",
    ),
    407: (None, "the proxy wants a user name and password (407)"),
    429: (None, "too many requests (429): the credential was not judged"),
    529: (None, "the server is overloaded (529): an incident, keep your credential"),
}


def verdict(status: int, text: str) -> tuple[bool | None, str]:
    if text.lstrip()[:1] == "<":
        return None, f"a web page came back ({status}): a gateway, proxy or firewall answered, not the API"
    if status in _VERDICTS:
        return _VERDICTS[status]
    if 200 <= status < 300:
        if text.lstrip()[:1] not in {"{", "["}:
            return None, f"something else than JSON came back ({status}): not an API's answer"
        return True, f"the credential was accepted ({status})"
    if 300 <= status < 400:
        return None, f"it was sent on to another address ({status}); the credential was not sent there"
    if status >= 500:
        return None, f"the server has a problem of its own ({status}): keep your credential"
    return None, f"an answer that says nothing about the credential ({status})"


def causes_of(text: str, snapshot: Snapshot, resolution: Resolution) -> tuple[Recognised, ...]:
    from claude_auth.diagnose import MachineAnswers, diagnose
    from claude_auth.diagnose.texts import explain

    return explain(text, MachineAnswers.of(snapshot, resolution, diagnose(snapshot, resolution)))[1]


# ── by a cloud, by Claude Code ───────────────────────────────────────────────────────────────────


def ask_cloud(
    plan: ProbePlan, snapshot: Snapshot, resolution: Resolution, environ: Mapping[str, str]
) -> ProbeAnswer:
    """Who answers for AWS or Google. `environ` is the shell's. Blocks."""
    from claude_auth.cloud.aws.plan import plan_aws
    from claude_auth.cloud.google import plan_google
    from claude_auth.cloud.identity import Answer, AwsIdentity, ask_aws, ask_google

    view = EffectiveConfig.of(snapshot, resolution)
    if plan.kind == "aws":
        answer: Answer = ask_aws(plan_aws(view, environ), view, environ)
    else:
        answer = ask_google(plan_google(view, environ), view, environ)
    identity = answer.identity
    if isinstance(identity, AwsIdentity):
        words = f"AWS knows the credentials: {clean(identity.arn, 200)}"
        return ProbeAnswer(True, words, answer.seconds, skew=identity.clock_offset)
    if identity is not None:
        who = clean(identity.account or identity.kind, 200)
        return ProbeAnswer(True, f"Google gave a token for {who}", answer.seconds)
    words = "no answer" if answer.trouble is None else answer.trouble.title
    return ProbeAnswer(False, clean(words, 300), answer.seconds)


CLAUDE_SECONDS = 120.0


async def run_claude(
    plan: ProbePlan,
    snapshot: Snapshot,
    resolution: Resolution,
    environ: Mapping[str, str],
    *,
    seconds: float = CLAUDE_SECONDS,
) -> ProbeAnswer:
    """`claude -p` in a session of its own: never ended by us, since it may be refreshing its login. `environ`
    is the shell's."""
    from claude_auth.processes.lifetime import CouldNotStart
    from claude_auth.processes.run_captured import Detached

    assert plan.kind == "claude"
    environment, cwd = surroundings_of_claude(snapshot, environ)
    child = Detached(plan.argv, environment=environment, cwd=cwd)
    try:
        child.start()
    except CouldNotStart as problem:
        return ProbeAnswer(None, f"Claude Code did not start: {problem}", 0.0)
    try:
        code = await child.wait(seconds)
    finally:
        took = child.elapsed
        child.leave()
    text = child.output.decode("utf-8", "replace")
    said = safe_text(text[:4000], 400)
    if code is None:
        words = f"Claude Code gave no answer within {seconds:.0f} s; it goes on undisturbed"
        return ProbeAnswer(None, words, took, said=said, causes=causes_of(text, snapshot, resolution))
    if code == 0:
        return ProbeAnswer(True, "Claude Code got an answer: the credential works", took, said=said)
    causes = causes_of(text, snapshot, resolution)
    return ProbeAnswer(False, f"Claude Code ended with code {code}", took, said=said, causes=causes)


def surroundings_of_claude(
    snapshot: Snapshot, environ: Mapping[str, str], **also: str
) -> tuple[ChildEnvironment, str]:
    """The environment and the working directory of a `claude -p` that works on what was looked at."""
    from claude_auth.processes.environment import at_the_same_places, child_environment

    # `claude -p` itself asks nobody about a folder: hooks and helpers of its settings would run at once.
    cwd = snapshot.places.cwd if snapshot.trusts_folder else snapshot.places.home
    return at_the_same_places(child_environment(environ, "claude", also=also), snapshot.places), cwd


# ── by us ────────────────────────────────────────────────────────────────────────────────────────

SECONDS = 30.0


@without_locals
def send_probe(
    plan: ProbePlan,
    snapshot: Snapshot,
    resolution: Resolution,
    environ: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    transport: object = None,
    reach: Mapping[str, str] = {},
    now: Callable[[], float] = time.time,
) -> ProbeAnswer:
    """Calling this is the consent. `environ`: from `network_environment`. `reach`: where an origin is found
    instead, in a pretend world."""
    from claude_auth.oauth.live_requests import fetch

    assert plan.kind == "request"
    url, explain = plan.target.reveal(), partial(causes_of, snapshot=snapshot, resolution=resolution)
    secrets = [value for name, value in plan.headers if name not in OWN_HEADERS]
    if any(holds_token(text) for text in (url, *(value.reveal() for value in secrets))):
        raise ValueError("a token of a Claude account is never sent by us")
    headers = [(name.encode("ascii"), value.reveal().encode("latin-1")) for name, value in plan.headers]
    started, url = time.monotonic(), _found_at(url, reach)
    try:
        how = _route(url, environ, snapshot.places.cwd)
        status, date, body = fetch(url, headers, seconds=seconds, transport=transport, **how)
    except Exception as error:
        return _unanswered(error, time.monotonic() - started, explain)
    took, skew = time.monotonic() - started, clock_offset(date, now())
    if body.problem == "packed":
        words = f"the answer ({status}) came packed ({body.encoding}), which was not asked for"
        return ProbeAnswer(None, f"{words}: it is not read", took, status, skew=skew)
    text = body.content.decode("utf-8", "replace")
    words_sent = (Secret(word) for secret in secrets for word in (secret.reveal(), *secret.reveal().split()))
    text = KnownValues(words_sent, shortest=8).hide(text)  # some gateways repeat what they were sent
    ok, words = verdict(status, text)
    # The whole answer, as an HTTP dump, is what the classifier knows how to read.
    causes = () if ok else explain(f"HTTP/1.1 {status}\n\n{text}")
    return ProbeAnswer(ok, words, took, status, safe_text(text[:4000], 400), causes, skew)


def _found_at(url: str, reach: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return reach.get(origin, origin) + url.removeprefix(origin)


def _route(url: str, environ: Mapping[str, str], cwd: str) -> dict[str, Any]:
    """Whom TLS trusts, and the proxy: its URL, sign-in and trust."""
    from claude_auth.network.settings import Proxy, UnusableProxy, own_variables, proxy_for
    from claude_auth.trust import trust

    own = own_variables(environ)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    proxy = proxy_for(parts.hostname or "", port, environ)
    if isinstance(proxy, UnusableProxy):
        raise ValueError(f"{proxy.variable} can't be used: {proxy.why}")
    route: dict[str, Any] = {"verify": trust("ours", own, cwd) if parts.scheme == "https" else False}
    if isinstance(proxy, Proxy):
        sign_in = None
        if proxy.user is not None:
            sign_in = (proxy.user.reveal(), "" if proxy.password is None else proxy.password.reveal())
        encrypted = trust("ours", own, cwd) if proxy.scheme == "https" else None
        route["proxy"] = (f"{proxy.scheme}://{proxy.host}:{proxy.port}", sign_in, encrypted)
    return route


def _unanswered(
    error: Exception, seconds: float, explain: Callable[[str], tuple[Recognised, ...]]
) -> ProbeAnswer:
    from claude_auth.oauth.live_requests import Unanswered
    from claude_auth.trust import UnusableCertificates

    if isinstance(error, UnusableCertificates):
        words = f"{error.named.sentence}, so nothing was sent; correct {error.named.variable} or unset it"
        return ProbeAnswer(None, words, seconds)
    told, words = str(error) if isinstance(error, ValueError) else "", "no answer came back"
    if isinstance(error, Unanswered):
        told, words = error.told, words if error.in_time else "no answer in time"
        words = "the proxy did not let the request through" if error.by_proxy else words
    told = safe_text(told, 200)
    causes = explain(told) if told else ()
    step = "`claude-auth probe --network` looks at each step of the way"
    return ProbeAnswer(None, f"{words}{f' ({told})' if told else ''}; {step}", seconds, causes=causes)
