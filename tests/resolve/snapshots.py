"""Snapshots made up by hypothesis: any values, in any layer, for any client and version.

A strategy made for each draw is checked for each, which takes longer than the draw: all are made once.
"""

from __future__ import annotations

from functools import cache
from typing import get_args

from hypothesis import strategies as st

from claude_auth.claude_code import clients
from claude_auth.claude_code.variables import DESCRIPTORS, WATCHED
from claude_auth.model import (
    AnthropicProfile,
    Assignment,
    AwsFiles,
    AwsProfile,
    AwsProvider,
    ClaudeJson,
    CommandRun,
    Damage,
    DescriptorReading,
    GoogleCredentials,
    Layer,
    Machine,
    Origin,
    Places,
    SecretFile,
    Setting,
    SettingsFile,
    Snapshot,
    StoreReading,
    TokenSet,
)
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

NOW = 1_795_176_184.0
PLACES = Places(
    "/home/ada", "/", "/home/ada/proj", "/home/ada/.claude", "/home/ada/.claude/.credentials.json"
)

#: Strongest first, as the observer hands them over; None is the shell.
LAYERS: tuple[Layer | None, ...] = ("managed", "flag", "local", "project", "user", None)
SETTINGS = ("apiKeyHelper", "awsCredentialExport", "forceLoginMethod", "forceLoginOrgUUID")

TEXTS = st.sampled_from(
    [
        *("", " ", "1", "0", "true", "key", "Bearer token", "sk-ant-api03-madeUp", "sk-ant-oat01-madeUp"),
        *("https://gw.example", "https://api.anthropic.com", "://", "https://[", "https://u:p@h?q", "work"),
        *("authorization: Bearer x", "x-api-key: y\nauthorization:", "claudeai", "eu-west-3", "\udcff", "\n"),
    ]
) | st.text(max_size=8)
SECRETS = TEXTS.map(Secret)
NAMES = st.sampled_from([*sorted(WATCHED), "VERTEX_REGION_CLAUDE_3_5_SONNET", "FOO"])
VERSIONS = st.sampled_from(
    [None, "2.1.197", "2.1.206", "2.1.210", "2.1.225", "2.1.328", "1.0.0", "9.0.0", "?"]
)
CLIENT_IDS = st.sampled_from([client.id for client in clients.CLIENTS])
DAMAGES = st.sampled_from(["missing", "empty", "not-json", "permission", "io-error"]).map(
    lambda code: Damage(code, f"the file is {code}")
)


def _origin(layer: Layer | None, name: str) -> Origin:
    if layer is None:
        return Origin("environment", variable=name)
    return Origin("settings", layer, f"/{layer}/settings.json", 3, name)


_SOME_LAYERS = st.lists(st.sampled_from(LAYERS), min_size=1, max_size=3, unique=True)
_SOME_FILES = st.lists(st.sampled_from(LAYERS[:-1]), min_size=1, max_size=3, unique=True)


@cache
@st.composite
def assignments(draw: st.DrawFn, name: str) -> tuple[Assignment, ...]:
    layers = draw(_SOME_LAYERS)
    ordered = sorted(layers, key=LAYERS.index)
    return tuple(Assignment(name, draw(SECRETS), _origin(layer, name)) for layer in ordered)


@cache
@st.composite
def settings(draw: st.DrawFn, name: str) -> tuple[Setting, ...]:
    layers = draw(_SOME_FILES)
    ordered = sorted(layers, key=LAYERS.index)
    return tuple(Setting(name, draw(SECRETS), _origin(layer, name)) for layer in ordered)


#: As the reader of a login hands it over: what shows nothing is none.
_SHORT_TEXTS = st.none() | TEXTS.map(lambda text: shown_value("claudeAiOauth", text, 60) or None)
TOKENS = st.builds(
    TokenSet,
    access_token=SECRETS,
    refresh_token=st.none() | SECRETS,
    expires_at=st.none() | st.floats(-1e12, 1e12) | st.floats(NOW - 900, NOW + 900),
    login_deadline=st.none() | st.floats(NOW - 900, NOW + 900),
    scopes=st.sampled_from([(), ("user:inference",), ("user:profile",), ("xuser:inferencex",)]),
    scopes_are_text=st.booleans(),
    subscription=_SHORT_TEXTS,
    rate_limit_tier=_SHORT_TEXTS,
)


_FILLED_TOKENS = TOKENS.filter(lambda found: not found.access_token.is_empty)
_STORE_KINDS = ("tokens", "damaged", "unread", "nothing")
_KINDS, _KINDS_WITH_UNUSABLE = st.sampled_from(_STORE_KINDS), st.sampled_from((*_STORE_KINDS, "unusable"))


@cache
@st.composite
def stores(draw: st.DrawFn, *, knows_unusable: bool = False) -> StoreReading:
    origin = Origin("file", path="/home/ada/store")
    kind = draw(_KINDS_WITH_UNUSABLE if knows_unusable else _KINDS)
    if kind == "damaged":
        return StoreReading(origin, damage=draw(DAMAGES))
    if kind == "nothing":
        return StoreReading(origin, damage=Damage("missing", "not there"))
    if kind == "unread":
        return StoreReading(origin, present_unread=True)
    tokens = draw(TOKENS if knows_unusable else _FILLED_TOKENS)
    return StoreReading(origin, tokens, unusable="lacks a scope" if kind == "unusable" else None)


_FLAGS = st.booleans()
_PERHAPS_A_KEY, _PERHAPS_A_SECRET = st.sampled_from([(), (Secret("key"),)]), st.none() | SECRETS
_ONE_OF_FIVE = st.integers(0, 4)


@st.composite
def states(draw: st.DrawFn) -> ClaudeJson:
    path = "/home/ada/.claude.json"
    if draw(_ONE_OF_FIVE) == 0:
        return ClaudeJson(path, draw(DAMAGES))
    return ClaudeJson(
        path,
        approved=draw(_PERHAPS_A_KEY),
        rejected=draw(_PERHAPS_A_KEY),
        primary_api_key=draw(_PERHAPS_A_SECRET),
        trusted=draw(_FLAGS),
    )


_DESCRIPTOR_KINDS = st.sampled_from(["value", "pipe", "closed"])
_FILLED_SECRETS = SECRETS.filter(lambda value: not value.is_blank)


@cache
@st.composite
def descriptors(draw: st.DrawFn, name: str) -> DescriptorReading:
    kind = draw(_DESCRIPTOR_KINDS)
    if kind == "pipe":
        return DescriptorReading(name, 7, "pipe")
    if kind == "closed":
        return DescriptorReading(name, 7, "closed", damage="descriptor 7 is not open here")
    return DescriptorReading(name, 7, "file", draw(_FILLED_SECRETS))


RUNS = st.builds(
    CommandRun,
    setting=st.just(""),
    command=SECRETS,
    exit_code=st.sampled_from([0, 0, 1, None]),
    stdout=SECRETS,
    stderr=SECRETS,
    seconds=st.just(0.1),
)
PROFILES = st.builds(
    AwsProfile,
    name=st.just("work"),
    access_key_id=st.none() | st.just("AKIAMADEUP"),
    provider=st.sampled_from(get_args(AwsProvider)),
    region=st.none() | st.just("eu-west-3"),
)


SECRET_FILES = st.tuples(st.just("/file"), st.none() | _FILLED_SECRETS).map(
    lambda told: SecretFile(*told)
) | DAMAGES.map(lambda damage: SecretFile("/file", damage=damage))
REMOTE_SOURCES = st.sampled_from(["remote-oauth-token", "remote-api-key"])
ANTHROPIC_PROFILES = st.builds(
    AnthropicProfile,
    name=st.just("work"),
    path=st.just("/configs/work.json"),
    kind=st.sampled_from(["user_oauth", "oidc_federation", ""]),
    base_url=TEXTS,
    renews=st.booleans(),
    has_rule=st.booleans(),
    identity=st.none() | SECRET_FILES,
    refused=st.none() | st.just("refused"),
)


_SOME_NAMES = st.lists(NAMES, max_size=8, unique=True)
_SOME_SETTINGS = st.lists(st.sampled_from(SETTINGS), max_size=3, unique=True)
_VENDORS = st.sampled_from([None, "Amazon EC2", "Google", "Microsoft Corporation"])
_PERHAPS_DAMAGE = st.none() | DAMAGES
_PERHAPS_A_PROFILE = st.none() | ANTHROPIC_PROFILES
_PERHAPS_A_FILE = st.none() | SECRET_FILES
_REMOTE_FILES = st.dictionaries(REMOTE_SOURCES, SECRET_FILES)
_AWS_PROFILES = st.dictionaries(st.sampled_from(["default", "work"]), PROFILES)
_PERHAPS_GOOGLE = st.none() | st.just(GoogleCredentials("/adc.json", False, kind="user"))
_STATES = states()


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    names = draw(_SOME_NAMES)
    keys = draw(_SOME_SETTINGS)
    configured = {key: draw(settings(key)) for key in keys}
    runs = {key: draw(RUNS) for key in configured if draw(_FLAGS)}
    return Snapshot(
        observed_at=NOW,
        places=PLACES,
        machine=Machine(vendor=draw(_VENDORS)),
        variables={name: draw(assignments(name)) for name in names},
        settings=configured,
        settings_files=tuple(
            SettingsFile(layer, f"/{layer}/settings.json", draw(_PERHAPS_DAMAGE), None)
            for layer in LAYERS
            if layer is not None
        ),
        descriptors={name: draw(descriptors(name)) for name in DESCRIPTORS if draw(_FLAGS)},
        login=draw(stores(knows_unusable=True)),
        claude_json=draw(_STATES),
        sdk_tokens=draw(stores()),
        keyring_tokens=draw(stores()),
        claw_tokens=draw(stores()),
        profile=draw(_PERHAPS_A_PROFILE),
        profile_tokens=draw(stores()),
        identity=draw(_PERHAPS_A_FILE),
        remote_files=draw(_REMOTE_FILES),
        aws=AwsFiles(draw(_AWS_PROFILES)),
        google=draw(_PERHAPS_GOOGLE),
        azure_signed_in=draw(_FLAGS),
        runs=runs,
    )
