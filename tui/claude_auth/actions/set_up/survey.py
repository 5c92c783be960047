"""What is to be seen here before a set-up and after it: what was found for each way, and which one the
surroundings recommend, with the reason; the proof, what would be sent in the end and who pays. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from claude_auth.actions.look import diagnosed, verdict
from claude_auth.actions.set_up.choice import SetUpChoice
from claude_auth.actions.set_up.fields import SetUpField
from claude_auth.actions.set_up.paths import BY_HAND, SET_UP_PATHS
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import PROVIDER_OF
from claude_auth.formats.cloud_files import KINDS
from claude_auth.model import Snapshot, VerdictWord
from claude_auth.named_tuples import NamedTuple
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import without_locals
from claude_auth.sources import label
from claude_auth.words import StatusText, expiry_words, format_path
from claude_auth.words.verdict import first_line, payer_words


class SetUpSurvey(NamedTuple):
    """`found`: by the way's id, what is here already, in words; those with nothing are left out. `because`:
    why that way is recommended."""

    found: Mapping[str, str]
    recommended: str
    because: str


#: Variables by which programs that build and test tell that nobody sits there.
_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "JENKINS_URL", "TF_BUILD")


def survey(
    snapshot: Snapshot, environ: Mapping[str, str], client: str = "claude", version: str | None = None
) -> SetUpSurvey:
    """`environ` is the shell's: whether this is a build."""
    view = EffectiveConfig.of(snapshot, resolve(snapshot, client, version))
    found: dict[str, str] = {}
    for path in SET_UP_PATHS:
        words = [clean(word, 200) for word in _FOUND[path.id](view)] if path.id in _FOUND else []
        if words:
            found[path.id] = ", ".join(words)
    recommended, because = next(_recommended(view, environ, found))
    return SetUpSurvey(found, recommended, because)


# ── what is here ─────────────────────────────────────────────────────────────────────────────────


def _login(view: EffectiveConfig) -> Iterator[str]:
    login = view.snapshot.login
    if login.tokens is not None and login.unusable is None:
        state = login.tokens.expiry(view.snapshot.observed_at, 300.0)
        yield f"a login, {expiry_words(login.tokens, state, view.snapshot.observed_at).text}"
    elif login.present_unread:
        yield "a login in the Keychain"


def _console(view: EffectiveConfig) -> Iterator[str]:
    if view.snapshot.claude_json.primary_api_key is not None:
        yield "a key of an earlier Console login"


def _variable(*names: str) -> Callable[[EffectiveConfig], Iterator[str]]:
    def found(view: EffectiveConfig) -> Iterator[str]:
        yield from (f"{name} is set" for name in names if view.secret(name) is not None)

    return found


def _api_key(view: EffectiveConfig) -> Iterator[str]:
    yield from _variable("ANTHROPIC_API_KEY")(view)
    if view.has_helper:
        yield "an apiKeyHelper is configured"


def _profiles(view: EffectiveConfig) -> Iterator[str]:
    names = [name for name, one in view.snapshot.aws.profiles.items() if one.provider not in {"sso", "none"}]
    if names:
        yield _listed("AWS profile", names)


def _sso_profiles(view: EffectiveConfig) -> Iterator[str]:
    states = {one.profile: one.state for one in view.snapshot.aws.sessions}
    names = [name for name, one in view.snapshot.aws.profiles.items() if one.provider == "sso"]
    if names:
        ended = " (ended)" if states.get(names[0]) in {"expired", "missing"} else ""
        yield _listed("SSO profile", names) + ended


def _listed(what: str, names: list[str]) -> str:
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"{what} {', '.join(names[:2])}{more}"


def _google(view: EffectiveConfig) -> Iterator[str]:
    google = view.snapshot.google
    if google is not None and google.kind != KINDS["service_account"]:
        whose = f" of {google.account}" if google.account else ""
        yield f"default credentials{whose}" if google.damage is None else "damaged default credentials"


def _service_account(view: EffectiveConfig) -> Iterator[str]:
    google = view.snapshot.google
    if google is not None and google.kind == KINDS["service_account"]:
        yield f"a key file, {format_path(google.path, view.snapshot.places.home)}"


def _foundry(view: EffectiveConfig) -> Iterator[str]:
    yield from _variable("ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_FOUNDRY_API_KEY")(view)
    if view.snapshot.azure_signed_in:
        yield "the login of the az command"


def _own_client(view: EffectiveConfig) -> Iterator[str]:
    if view.snapshot.sdk_tokens.tokens is not None:
        yield "a login of your own client, in a file"
    if view.snapshot.keyring_tokens.present_unread:
        yield "something of ours in the keyring"


_FOUND: Mapping[str, Callable[[EffectiveConfig], Iterator[str]]] = {
    "subscription": _login,
    "console": _console,
    "api-key": _api_key,
    "year-token": _variable("CLAUDE_CODE_OAUTH_TOKEN"),
    "bedrock-key": _variable("AWS_BEARER_TOKEN_BEDROCK"),
    "bedrock-profile": _profiles,
    "bedrock-sso": _sso_profiles,
    "vertex-adc": _google,
    "vertex-service-account": _service_account,
    "foundry": _foundry,
    "gateway": _variable("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"),
    "own-client": _own_client,
}


def suggested(asked: SetUpField, choice: SetUpChoice, snapshot: Snapshot) -> str:
    """What stands here already for a field: a variable, a profile of that kind and its region, a project."""
    if asked.variable is not None:
        told = snapshot.variables.get(asked.variable, ())
        if told:
            return told[0].value.reveal()
    profiles = snapshot.aws.profiles
    if asked.id == "profile":
        wants_sso = choice.path.run == "aws-refresh"
        fitting = [name for name, one in profiles.items() if (one.provider == "sso") is wants_sso]
        return fitting[0] if len(fitting) == 1 else ""
    if asked.variable == "AWS_REGION":
        profile = profiles.get(choice.text("profile"))
        return (profile.region or "") if profile is not None else ""
    if asked.id == "project" and snapshot.google is not None:
        return snapshot.google.project or snapshot.google.quota_project or ""
    if asked.id == "file" and snapshot.google is not None and snapshot.google.explicit:
        return snapshot.google.path
    return ""


# ── what is recommended ──────────────────────────────────────────────────────────────────────────

_FORCED = {"claudeai": "subscription", "console": "console", "gateway": "gateway"}
_BY_PROVIDER = {
    "bedrock": ("bedrock-key", "bedrock-sso", "bedrock-profile"),
    "vertex": ("vertex-service-account", "vertex-adc"),
    "foundry": ("foundry",),
}


def _recommended(
    view: EffectiveConfig, environ: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The first one counts; what an administrator says comes before what is lying about."""
    forced = view.managed_setting("forceLoginMethod")
    if forced is not None and forced.value.reveal() in _FORCED:
        yield _FORCED[forced.value.reveal()], "the managed settings of this machine ask for it"
    for name, provider in PROVIDER_OF.items():
        if view.is_on(name) and provider in _BY_PROVIDER:
            ways = _BY_PROVIDER[provider]
            yield next((way for way in ways if way in found), ways[-1]), f"{name} is on here"
    if any(environ.get(name) for name in _CI):
        yield "year-token", "this is a build, where nobody can sign in"
    if view.text("ANTHROPIC_BASE_URL"):
        yield "gateway", "ANTHROPIC_BASE_URL is set here"
    if view.snapshot.machine.container is not None:
        yield "year-token", "this is a container: a login in it goes with it"
    anthropic = {"subscription", "console", "api-key", "year-token"} & set(found)
    clouds = [way for ways in _BY_PROVIDER.values() for way in ways if way in found]
    if clouds and not anthropic:
        yield clouds[0], f"found here: {found[clouds[0]]}"
    if view.snapshot.machine.over_ssh:
        yield "subscription", "over SSH the address is shown, to open on your own computer or phone"
    yield "subscription", "it is the usual one"


# ── the proof ────────────────────────────────────────────────────────────────────────────────────


class SetUpProof(NamedTuple):
    """`proved`: what was chosen is what goes out, and nothing speaks against it. `new_shell`: only there.
    `bills`: who pays, in words. `by_hand`: nothing was written here. `next_step`: what to run then."""

    proved: bool
    word: VerdictWord
    sentence: StatusText
    winner: str | None
    host: str | None
    bills: str | None
    new_shell: bool
    next_step: str
    by_hand: bool = False


@without_locals
def prove(
    seen: Snapshot, choice: SetUpChoice, client: str, version: str | None, *, new_shell: bool
) -> SetUpProof:
    """`seen`: by a new shell; `new_shell`: which has other variables than this one."""
    resolution, findings = diagnosed(seen, client, version)
    found = verdict(resolution, findings)
    winner = resolution.winner
    proved = (
        winner in choice.path.expects
        and choice.path.provider in {None, resolution.provider}
        and resolution.blocked is None
        and resolution.usable is not False
    )
    return SetUpProof(
        proved,
        found.word,
        first_line(seen, resolution, found, seen.observed_at),
        None if winner is None else label(winner),
        None if resolution.wire is None else resolution.wire.host,
        None if winner is None else payer_words(resolution, winner),
        new_shell,
        "open a new shell and run: claude" if new_shell else "run: claude",
        choice.place in BY_HAND,
    )
