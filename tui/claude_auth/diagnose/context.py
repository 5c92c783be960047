"""What a rule looks at, and the small questions that several rules ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from claude_auth.claude_code.clients import BY_ID, HANDED_OVER
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import PROVIDER_SWITCHES
from claude_auth.model import (
    Assignment,
    FileFacts,
    Fix,
    HeaderValue,
    Origin,
    Resolution,
    Snapshot,
    SourceReading,
    Standing,
)
from claude_auth.named_tuples import NamedTuple
from claude_auth.sources import BY_ID as SOURCE_BY_ID

if TYPE_CHECKING:
    from claude_auth.model.surroundings import Surroundings


class DiagnosisContext(NamedTuple):
    """A snapshot and the resolution that is being explained."""

    snapshot: Snapshot
    resolution: Resolution

    @property
    def view(self) -> EffectiveConfig:
        return EffectiveConfig.of(self.snapshot, self.resolution)

    @property
    def more(self) -> Surroundings:
        """What the slower look saw; empty where it was not taken."""
        if self.snapshot.more is not None:
            return self.snapshot.more
        from claude_auth.model.surroundings import Surroundings

        return Surroundings()

    @property
    def is_claude_code(self) -> bool:
        return BY_ID[self.resolution.client].is_claude_code

    @property
    def headers(self) -> tuple[HeaderValue, ...]:
        wire = self.resolution.wire
        return () if wire is None else tuple(h for h in (wire.x_api_key, wire.authorization) if h is not None)

    @property
    def on_ladder(self) -> bool:
        """No cloud provider is on."""
        return self.resolution.provider in {"first-party", "gateway"}

    @property
    def has_login(self) -> bool:
        """A claude.ai login that would be used if nothing came before it."""
        reading = self.reading("stored-login")
        return (
            self.is_claude_code
            and self.on_ladder
            and reading.state == "present"
            and reading.expiry != "expired"
        )

    @property
    def has_subscription(self) -> bool:
        """The login, or a token for a year, which a subscription pays for."""
        if not self.is_claude_code or not self.on_ladder:
            return False
        return self.has_login or any(self.reading(one).state == "present" for one in HANDED_OVER)

    @property
    def has_login_to_mend(self) -> bool:
        """A claude.ai login was there, and can be used once it was mended or signed in to anew."""
        if not self.is_claude_code or not self.on_ladder:
            return False
        reading = self.reading("stored-login")
        return reading.state in {"unusable", "unreadable"} or reading.expiry == "expired"

    @property
    def login_to_keep(self) -> FileFacts | None:
        """The damaged file of the login, which a sign-in writes over [seen, 2.1.332], as long as no copy of
        it stands beside it."""
        login = self.snapshot.login
        if login.damage is None or login.damage.code == "empty" or login.is_kept:
            return None
        return login.origin.file if self.reading("stored-login").state == "unusable" else None

    def filled(self, *names: str) -> Iterator[Assignment]:
        """Those of the variables that hold more than blanks for this client."""
        found = map(self.view.assignment, names)
        return (one for one in found if one is not None and not one.value.is_blank)

    @property
    def own_files(self) -> tuple[FileFacts, ...]:
        """Of the stored login and the state file, those that are there."""
        found = (self.snapshot.login.origin.file, self.snapshot.claude_json.file)
        return tuple(file for file in found if file is not None)

    def standing(self, source: str) -> Standing:
        return self.resolution.standing(source)

    def reading(self, source: str) -> SourceReading:
        return self.resolution.standing(source).reading

    def sent(self) -> tuple[str, ...]:
        """Sources on the wire, the x-api-key header first."""
        return tuple(dict.fromkeys(header.source for header in self.headers))


def place_of(origin: Origin) -> str:
    """Where a value comes from, in a few words; never the value."""
    if origin.kind == "environment":
        if origin.likely_set_at:
            return f"{origin.variable}, probably set at {origin.likely_set_at[0]}"
        return f"{origin.variable} in the environment of this process"
    if origin.kind == "settings":
        return f"{origin.layer} settings, {origin.location}"
    if origin.kind == "descriptor":
        return f"{origin.variable} in the environment of this process"
    return origin.path or "nowhere"


def removal(reading: SourceReading) -> tuple[Fix, ...]:
    """How to take a source away, at the place that sets it."""
    row, origin = SOURCE_BY_ID[reading.source], reading.origin
    if origin.kind == "settings":
        what = origin.variable or row.label
        return (Fix(f"take {what} out of {origin.location}", about=f"{what} {origin.path}"),)
    if origin.kind == "environment" and row.unset_command is not None:
        at = [
            Fix(f"comment out {origin.variable} in {place}", about=f"{origin.variable} {place.path}")
            for place in origin.likely_set_at[:2]
        ]
        # The line first: a new shell would set it again.
        return (*at, Fix("unset it in this shell, then start claude again", row.unset_command))
    return (Fix(row.unset, row.unset_command),)


def out_of_the_way(s: DiagnosisContext, reading: SourceReading) -> tuple[Fix, ...]:
    """For the login to be used. At a gateway the base URL has to go first: the login would be sent there."""
    if s.resolution.provider != "gateway":
        return removal(reading)
    first = Fix("to use the login: go back to Anthropic's own host first", "unset ANTHROPIC_BASE_URL")
    return (first, *(Fix(f"then {fix.title}", fix.command) for fix in removal(reading)))


def removal_beside_others(s: DiagnosisContext, reading: SourceReading) -> tuple[Fix, ...]:
    """How to take a source away, where another one that works takes its place: the only one is not taken
    away before there is a better one."""
    switches = {row.id for row in SOURCE_BY_ID.values() if row.variable in PROVIDER_SWITCHES}
    others = (one for one in s.resolution.standings if one.reading.source not in {reading.source, *switches})
    takes_over = any(
        one.reading.state == "present"
        and one.verdict in {"winning", "also-sent", "shadowed"}
        and one.hindrance != "fails"
        for one in others
    )
    return removal(reading) if takes_over else ()


def at_their_places(s: DiagnosisContext, fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """`unset` is advised for what the shell sets alone: what a settings file sets is taken out there, and
    what nothing sets needs no advice. A login that is not there is not signed out of or refreshed, and a
    command that nobody configured is not run to see what it prints. Each once."""
    kept = (one for fix in fixes if _has_object(s, fix) for one in (*_kept_before(s, fix), fix))
    placed = (placed for fix in kept for placed in _at_its_place(s, fix))
    return each_once(_by_hand(fix) if _is_not_run_here(s, fix) else fix for fix in placed)


_KEEPING = "keep-copy"


def _kept_before(s: DiagnosisContext, fix: Fix) -> tuple[Fix, ...]:
    """A copy of what signing in to Claude Code would write over."""
    file = s.login_to_keep
    if file is None or fix.action != "sign-in" or fix.about:
        return ()
    keep, about = f"claude-auth fix store-unusable/{_KEEPING}", f"{_KEEPING} {file.path}"
    return (Fix("keep a copy of the damaged login file before you sign in", keep, about=about),)


def keeps_a_copy(fix: Fix) -> bool:
    return fix.about.startswith(f"{_KEEPING} ")


def signing_in(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """A sign-in that comes first, and what is kept before it."""
    return tuple(takewhile(lambda fix: fix.action == "sign-in" or keeps_a_copy(fix), fixes))


def each_once(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """The same command is told once, however it is called."""
    found: dict[str, Fix] = {}
    for fix in fixes:
        found.setdefault(fix.command or fix.title, fix)
    return tuple(found.values())


def _has_object(s: DiagnosisContext, fix: Fix) -> bool:
    """Whether there is something here that the action is about."""
    if fix.action in {"sign-out", "refresh"}:
        login = s.snapshot.login
        stored = login.tokens is not None or login.present_unread
        others = ("sdk-tokens", "keyring-tokens", *(("managed-key",) if fix.action == "sign-out" else ()))
        return stored or any(s.reading(source).state == "present" for source in others)
    if fix.action == "evaluate":
        return any(s.view.setting(name) is not None for name in ("apiKeyHelper", "awsCredentialExport"))
    return True


def _is_not_run_here(s: DiagnosisContext, fix: Fix) -> bool:
    """Whether neither the settings nor the clouds' own files name what would be run."""
    if fix.action != "run" or fix.about not in _REFRESHES:
        return False
    if s.view.setting(_REFRESHES[fix.about]) is not None:
        return False
    if fix.about == "aws-refresh":
        name = s.view.text("AWS_PROFILE") or "default"
        profile = s.snapshot.aws.profiles.get(name)
        return profile is None or profile.provider != "sso"
    google = s.snapshot.google
    return google is not None and google.kind != "user"


_REFRESHES = {"aws-refresh": "awsAuthRefresh", "gcp-refresh": "gcpAuthRefresh"}


def _by_hand(fix: Fix) -> Fix:
    return fix._replace(action=None, about="")


def _at_its_place(s: DiagnosisContext, fix: Fix) -> tuple[Fix, ...]:
    if fix.renames is not None:
        return _moved_at_its_place(s, fix, *fix.renames)
    command, *names = (fix.command or "").split()[:9] or [""]
    if command != "unset" or not all(name.isidentifier() for name in names):
        return (fix,)
    set_here = [one for name in names for one in s.snapshot.variables.get(name, ())]
    in_files = [one for one in set_here if one.layer is not None]
    out = (
        Fix(
            f"{fix.title}: take {one.name} out of {one.origin.location}",
            about=f"{one.name} {one.origin.path}",
        )
        for one in in_files
    )
    shell = [name for name in names if any(one.name == name and one.layer is None for one in set_here)]
    again = (fix._replace(command=f"unset {' '.join(shell)}"),) if shell else ()
    return (*out, *again)


def _moved_at_its_place(s: DiagnosisContext, fix: Fix, old: str, new: str) -> tuple[Fix, ...]:
    """A shell that doesn't hold the value can't hand it on: in a file the variable gets another name. Not in
    a project's file: Claude Code reads no token from there, and it may be shared."""
    assignments = s.snapshot.variables.get(old, ())
    if not assignments or any(one.layer is None for one in assignments):
        return (fix,)
    files = (one.origin.location for one in assignments if not one.origin.of_project)
    return tuple(Fix(f"{fix.title}: in {file}, change its name from {old} to {new}") for file in files)


def leaving(reading: SourceReading) -> tuple[Fix, ...]:
    """How to go on without a provider: the last thing to do, for whoever does not want it."""
    name = SOURCE_BY_ID[reading.source].label
    return tuple(
        fix._replace(title=f"only if you do not want {name}: {fix.title}") for fix in removal(reading)
    )


def joined(words: Iterable[str]) -> str:
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
