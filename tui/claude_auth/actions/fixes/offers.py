"""Every fix that can be offered for what was found, each with an id of its own; and what a change does to
what goes out, foreseen before it is offered and compared after it was made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from claude_auth.actions.fixes import files
from claude_auth.actions.fixes.plans import Case, FileEdit, Preview, settings_of, source_of, variables_of
from claude_auth.actions.fixes.settings import propose_helper, propose_key_answer, propose_settings
from claude_auth.actions.fixes.shells import Shell, for_shell
from claude_auth.claude_code.clients import OAUTH_SOURCES
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.diagnose.cause import COMMANDS, act
from claude_auth.diagnose.context import each_once, keeps_a_copy, signing_in
from claude_auth.formats.document import parse
from claude_auth.formats.settings import environment_entries, key_entries, parse_settings, read_claude_json
from claude_auth.model import Finding, Fix, Origin, Resolution, Setting, Snapshot
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import without_locals
from claude_auth.sources import label
from claude_auth.words import format_path
from claude_auth.words.verdict import payer

Propose = Callable[[Case], Iterator[Preview]]

#: In the order in which they are offered for one finding.
KINDS: tuple[Propose, ...] = (
    files.propose_modes,
    files.propose_lock_removal,
    files.propose_move_aside,
    files.propose_copy,
    propose_key_answer,
    propose_settings,
    files.propose_startup_lines,
)

_OVERRIDES_LOGIN = ("key-overrides-login", "token-overrides-login")
_OF_PROJECT = "project-settings-override"
#: What the line that hands a login of the person's own over mends.
_CONNECTED_BY_HELPER = "own-login-not-connected"


@without_locals
def offers(
    snapshot: Snapshot,
    resolution: Resolution,
    findings: Sequence[Finding],
    *,
    shell: Shell = "bash",
    program: str = "claude-auth",
) -> tuple[Preview, ...]:
    """`findings` in their order; where no kind knows one, its commands to copy. Reads files, writes none."""
    found: list[Preview] = []
    for finding in findings:
        case = Case(snapshot, resolution, finding, shell)
        allowed = (one for propose in KINDS for one in propose(case) if _is_allowed(case, one))
        kinds = [one for preview in allowed if (one := _working(snapshot, resolution, preview)) is not None]
        if resolution.provider != "gateway":  # the login would go there
            kinds = _login_first(case, kinds)
        covered = {command for preview in kinds for command in preview.commands}
        found += kinds
        found += [preview for preview in _commands(case) if not set(preview.commands) <= covered]
    helper = propose_helper(snapshot, program=program, shell=shell)
    if helper is not None and _working(snapshot, resolution, helper) is None:
        helper = None
    if helper is not None and any(finding.id == _CONNECTED_BY_HELPER for finding in findings):
        helper = helper._replace(finding=_CONNECTED_BY_HELPER)
    home = snapshot.places.home
    once = _each_change_once([*found, *([helper] if helper else [])], findings)
    return _numbered(_by_its_real_name(one, home) for one in once)


def _each_change_once(previews: Iterable[Preview], findings: Sequence[Finding]) -> Iterator[Preview]:
    """What several findings ask for is one fix, of the most urgent of them; a project's is called that."""
    keeping = tuple(one.id for one in findings if any(map(keeps_a_copy, one.fixes)))
    same: dict[object, list[Preview]] = {}
    for number, preview in enumerate(previews):
        same.setdefault(number if preview.change is None else preview.change, []).append(preview)
    for group in same.values():
        preview, *others = sorted(group, key=lambda one: one.finding != _OF_PROJECT)
        ids = keeping if preview.kind == "keep-copy" else tuple(other.finding or "" for other in others)
        yield preview._replace(also=tuple(one for one in ids if one != preview.finding))


#: Of the answers to Claude Code's question about a key, the one that bills per token last.
_ANSWERS = ("unreject-key", "approve-key")


def _login_first(case: Case, kinds: Sequence[Preview]) -> list[Preview]:
    """Where a plan would pay: before the key that is billed per token."""
    if case.situation.has_subscription:
        return _billing_last(kinds)
    first = {fix.command for fix in signing_in(case.finding.fixes)}
    if not any(one.kind in _ANSWERS for one in kinds) or not first:
        return list(kinds)
    sign_in = (one._replace(leads=True) for one in _commands(case) if one.commands[0] in first)
    return [*sign_in, *_billing_last(kinds)]


def _billing_last(kinds: Sequence[Preview]) -> list[Preview]:
    """Beside a login what takes the key away comes first, also where only the shell itself can do that."""
    if not any(one.kind in _ANSWERS for one in kinds):
        return list(kinds)
    turned = [
        one._replace(leads=True) if one.variable is not None and not one.applicable else one for one in kinds
    ]
    return sorted(turned, key=lambda one: _ANSWERS.index(one.kind) + 1 if one.kind in _ANSWERS else 0)


def with_ours(
    findings: Iterable[Finding], previews: Iterable[Preview], options: str = ""
) -> tuple[Finding, ...]:
    """The findings, each with the fixes that can be applied before what else can be done about it. One that
    stands for what is advised for the hand takes that one's words and its place among them. `options`: what
    the command line needs to find the same machine and client."""
    ours: dict[str, list[tuple[str, Fix]]] = {}
    for preview in previews:
        if (preview.applicable or preview.leads) and preview.finding is not None:
            command = preview.commands[0] if preview.leads else f"{COMMANDS['fix']} {preview.id}{options}"
            fix = act("fix", preview.title, preview.id, command)
            for finding in preview.findings:
                ours.setdefault(finding, []).append((_stands_for(preview), fix))
    return tuple(_with_ours(one, ours.get(one.id, ())) for one in findings)


def _stands_for(preview: Preview) -> str:
    """What it does to which file, as an advice for the hand names it (`Fix.about`)."""
    place = preview.place or (None if preview.change is None else preview.change.path)
    if place is None:
        return f"unset {preview.variable}"
    return f"{preview.removes[0] if preview.removes else preview.kind} {place}"


def _is_stood_for(fix: Fix) -> bool:
    """By a change of ours, where there is one: set-up as well writes the line of a helper."""
    return bool(fix.about) and (fix.action is None or fix.action == "set-up")


def _with_ours(finding: Finding, ours: Sequence[tuple[str, Fix]]) -> Finding:
    advised: dict[str, tuple[int, str]] = {}
    for place, fix in enumerate(finding.fixes):
        if _is_stood_for(fix):
            advised.setdefault(fix.about, (place, fix.title))
    # What is an action of another kind already stays that one, and a sign-in that comes first stays first.
    acted = {fix.command for fix in finding.fixes if fix.action is not None}
    ours = [one for one in ours if one[1].command not in acted]
    standing_for = iter(sorted((one for one in ours if one[0] in advised), key=lambda one: advised[one[0]]))
    ordered = [next(standing_for) if one[0] in advised else one for one in ours]
    told = [fix._replace(title=advised[about][1]) if about in advised else fix for about, fix in ordered]
    known = {about: fix for (about, _), fix in zip(ordered, told, strict=True)}
    first = [known.get(fix.about, fix) for fix in signing_in(finding.fixes)]
    done = {about for about, _ in ours}
    rest = (fix for fix in finding.fixes if not _is_stood_for(fix) or fix.about not in done)
    return finding._replace(fixes=each_once((*first, *rest, *told) if first else (*told, *rest)))


def client_option(client: str) -> str:
    return "" if client == "claude" else f" --client {client}"


def _is_allowed(case: Case, preview: Preview) -> bool:
    """By the finding's own record."""
    takes_away = preview.kind in {"settings-variable", "startup-line"}
    if takes_away and not set(preview.removes) <= {*variables_of(case), *settings_of(case)}:
        return False
    if takes_away and case.resolution.provider == "gateway" and case.finding.id in _OVERRIDES_LOGIN:
        return False  # the gateway's address has to go first
    return takes_away or preview.kind == "commands" or preview.kind in case.entry.changes


def _working(snapshot: Snapshot, before: Resolution, preview: Preview) -> Preview | None:
    """With who pays from then on; None where something that was set up would work worse."""
    if not preview.applicable:
        return preview
    after = resolve(foreseen(snapshot, preview), before.client, before.version.asked)
    return None if got_worse(snapshot, before, after, preview) else _with_payer(preview, before, after)


def _with_payer(preview: Preview, before: Resolution, after: Resolution) -> Preview:
    """Who pays from then on, where it is another one."""
    if not isinstance(preview.change, FileEdit) or "per token" in preview.explanation:
        return preview
    old, new = (None if one.winner is None else payer(one, one.winner) for one in (before, after))
    if new is None or new == old or after.usable is False:
        return preview
    words = f"From then on who pays is another one: {new}."
    return preview._replace(explanation=f"{preview.explanation} {words}".strip())


def _by_its_real_name(preview: Preview, home: str) -> Preview:
    """Where a symbolic link is on the way, say into a dotfiles repository, another file changes."""
    change = preview.change
    if not isinstance(change, FileEdit):
        return preview
    shown, real = (
        format_path(change.path, home),
        format_path(os.path.realpath(change.path), os.path.realpath(home)),
    )
    if shown == real:
        return preview
    words = f"{shown} leads through a symbolic link: the file that changes is {real}."
    return preview._replace(explanation=f"{preview.explanation} {words}".strip())


def _commands(case: Case) -> Iterator[Preview]:
    """The finding's own suggestions, for this shell."""
    for fix in case.finding.fixes:
        if fix.command is None or keeps_a_copy(fix):
            continue
        yield Preview(
            id=case.id("commands"),
            kind="commands",
            finding=case.finding.id,
            title=clean(fix.title, 300),
            explanation="",
            commands=(for_shell(clean(fix.command, 600), case.shell),),
            by_hand="this one is for you to run",
        )


def _numbered(previews: Iterable[Preview]) -> tuple[Preview, ...]:
    """A second one of the same name gets a number: `…/startup-line-2`."""
    counts: dict[str, int] = {}
    found = []
    for preview in previews:
        counts[preview.id] = count = counts.get(preview.id, 0) + 1
        if count > 1:
            identifier = f"{preview.id}-{count}"
            commands = tuple(
                command.replace(f"fix {preview.id} --yes", f"fix {identifier} --yes")
                for command in preview.commands
            )
            preview = preview._replace(id=identifier, commands=commands)
        found.append(preview)
    return tuple(found)


# ── what a change does ───────────────────────────────────────────────────────────────────────────
# Pure. What was set up must work afterwards as well as before: the same provider, and as usable. A fix that
# makes its finding go by taking away what the person had set up is none.

_ORDER = {True: 2, None: 1, False: 0}


@without_locals
def foreseen(snapshot: Snapshot, preview: Preview) -> Snapshot:
    """The machine as it will be seen once the change is made, in a new shell."""
    change = preview.change
    if not isinstance(change, FileEdit):
        return snapshot  # a mode, a lock or a broken file: nothing that decides what is sent
    if preview.variable is not None:
        return without_shells_own(snapshot, preview.variable, everywhere=True)
    if change.path == snapshot.claude_json.path:
        document = parse(change.after)
        told = read_claude_json(document, change.path, None, ())
        state = snapshot.claude_json._replace(approved=told.approved, rejected=told.rejected)
        return _with_settings(snapshot._replace(claude_json=state), change)
    return _with_settings(snapshot, change)


def _with_settings(snapshot: Snapshot, change: FileEdit) -> Snapshot:
    """With what the changed file says: less of what it set, or one key more."""
    document = parse_settings(change.after)
    variables = {entry.name for entry in environment_entries(document)}
    keys = {entry.name: entry for entry in key_entries(document)}

    def stays(origin: Origin, name: str, names: set[str]) -> bool:
        return origin.kind != "settings" or origin.path != change.path or name in names

    settings = {
        name: tuple(s for s in found if stays(s.origin, name, set(keys)))
        for name, found in snapshot.settings.items()
    }
    layer = next((file.layer for file in snapshot.settings_files if file.path == change.path), None)
    for name, entry in keys.items():
        told = settings.get(name, ())
        if layer is not None and not any(s.origin.path == change.path for s in told):
            origin = Origin("settings", layer, change.path, entry.line)
            settings[name] = (*told, Setting(name, entry.value, origin))
    return snapshot._replace(
        variables={
            name: tuple(a for a in found if stays(a.origin, name, variables))
            for name, found in snapshot.variables.items()
        },
        settings=settings,
    )


def without_shells_own(snapshot: Snapshot, name: str, *, everywhere: bool = False) -> Snapshot:
    """Without the shell's variable where no start-up file sets it any more, or `everywhere`: this process
    keeps the old one."""
    assignments = snapshot.variables.get(name, ())
    kept = tuple(
        a
        for a in assignments
        if a.origin.kind != "environment" or (a.origin.likely_set_at and not everywhere)
    )
    if len(kept) == len(assignments):
        return snapshot
    return snapshot._replace(variables={**snapshot.variables, name: kept})


# ── better or worse ──────────────────────────────────────────────────────────────────────────────


@without_locals
def got_worse(snapshot: Snapshot, before: Resolution, after: Resolution, preview: Preview) -> str | None:
    """Why what goes out is worse than before, as a sentence, None where it is not. `snapshot`: of before."""
    wanted = _wanted_provider(snapshot, before, preview)
    if after.provider not in {before.provider, wanted}:
        reason = f": {after.blocked.reason}" if after.blocked is not None else ""
        return f"{_provider_words(before.provider)} is no longer used{reason}"
    if _ORDER[after.usable] < _ORDER[before.usable]:
        if after.blocked is not None:
            return f"no request can go out any more: {after.blocked.reason}"
        return "whether what is sent now works is not known, and before it did"
    if _sends_login_elsewhere(after) and not _sends_login_elsewhere(before):
        return "the Claude login would be sent to the gateway"
    if _sends_to_project(snapshot, after) - _sends_to_project(snapshot, before):
        return "a credential of yours would be sent to the host that this project's settings name"
    if not preview.removes:
        return None
    if _leaves_nothing(before, after) and not _are_blank(snapshot, preview.removes):
        return "nothing would be left that could be sent"
    gone = {source for name in preview.removes if (source := source_of(name)) is not None}
    gone -= {one.reading.source for one in after.standings if one.reading.state == "present"}  # set elsewhere
    works = {s.reading.source for s in before.standings if s.reading.state == "present"}
    if gone & works and after.usable is False:
        return "it would take away the only credential that is there"
    if wanted == before.provider and before.winner not in {None, after.winner, *gone}:
        return f"{label(before.winner or '')} is no longer what is used"
    return None


def _sends_login_elsewhere(resolution: Resolution) -> bool:
    wire = resolution.wire
    header = None if wire is None else wire.authorization
    return resolution.provider == "gateway" and header is not None and header.source in OAUTH_SOURCES


def _sends_to_project(snapshot: Snapshot, resolution: Resolution) -> frozenset[str]:
    """The person's own credentials that go to a host which whoever wrote the repository decided on."""
    base = EffectiveConfig.of(snapshot, resolution).assignment("ANTHROPIC_BASE_URL")
    wire = resolution.wire
    if wire is None or resolution.provider != "gateway" or base is None or base.layer != "project":
        return frozenset()
    sent = {header.source for header in (wire.x_api_key, wire.authorization) if header is not None}
    return frozenset(one for one in sent if resolution.standing(one).reading.origin.layer != "project")


def _leaves_nothing(before: Resolution, after: Resolution) -> bool:
    codes = [None if one.blocked is None else one.blocked.code for one in (before, after)]
    return codes[1] == "no-credential" and codes[0] != "no-credential"


def _are_blank(snapshot: Snapshot, names: Iterable[str]) -> bool:
    """Whether there is no value that could be missed."""
    return all(
        all(one.value.is_blank for one in snapshot.variables.get(name, ()))
        and all(one.value.is_blank for one in snapshot.settings.get(name, ()))
        for name in names
    )


_HOSTS = {"first-party": "Anthropic's own host", "gateway": "the gateway"}


def _provider_words(provider: str) -> str:
    return _HOSTS.get(provider) or label(provider)


def _wanted_provider(snapshot: Snapshot, before: Resolution, preview: Preview) -> str:
    """The one that the person set up: what a repository's settings choose is not theirs."""
    change = preview.change
    if not isinstance(change, FileEdit):
        return before.provider
    project = [f.path for f in snapshot.settings_files if f.layer == "project"]
    if change.path not in project:
        return before.provider
    own = snapshot._replace(
        variables={
            name: tuple(a for a in found if a.layer != "project")
            for name, found in snapshot.variables.items()
        },
        settings={
            name: tuple(s for s in found if s.origin.layer != "project")
            for name, found in snapshot.settings.items()
        },
    )
    return resolve(own, before.client, before.version.asked).provider
