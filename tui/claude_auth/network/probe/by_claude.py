"""The probe that Claude Code makes: it alone sends its own login."""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.model import Resolution, Snapshot
from claude_auth.network.probe.answer import ProbeAnswer, causes_of
from claude_auth.network.probe.plan import ProbePlan
from claude_auth.security.sanitize import safe_text

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
    from claude_auth.processes.environment import at_the_same_places, child_environment
    from claude_auth.processes.lifetime import CouldNotStart
    from claude_auth.processes.run_detached import Detached

    assert plan.kind == "claude"
    # `claude -p` itself asks nobody about a folder: hooks and helpers of its settings would run at once.
    cwd = snapshot.places.cwd if snapshot.trusts_folder else snapshot.places.home
    environment = at_the_same_places(child_environment(environ, "claude"), snapshot.places)
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
