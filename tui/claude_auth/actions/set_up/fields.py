"""What is wrong with what is typed into a field of set-up, one sentence a mistake; the fields themselves are
records of `paths`. No sentence quotes a value, since any field may get a secret by mistake."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from claude_auth.claude_code.base_url import is_first_party
from claude_auth.claude_code.destination import is_resource
from claude_auth.claude_code.values import faults
from claude_auth.files import read_file
from claude_auth.formats.cloud_files import KINDS, LONG_TERM, SHORT_TERM, read_kind
from claude_auth.formats.document import parse
from claude_auth.model import Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.redact import holds_secret
from claude_auth.security.secret import Secret, without_locals


class FieldFacts(NamedTuple):
    """What a value is checked against: the profiles of the AWS files, and those of them that sign in once."""

    profiles: frozenset[str] = frozenset()
    sso_profiles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, snapshot: Snapshot) -> FieldFacts:
        profiles = snapshot.aws.profiles
        return cls(
            frozenset(profiles), frozenset(name for name, one in profiles.items() if one.provider == "sso")
        )


Check = Callable[[str, FieldFacts], str | None]


@dataclass(frozen=True, slots=True)
class SetUpField:
    """`id` is its name in a file of answers; `variable`: what Claude Code reads it from, where it is one.
    `secret`: typed without being shown, and kept in no file of ours. `check` gives the sentence about what is
    wrong, None for a value that may stand."""

    id: str
    label: str
    hint: str
    check: Check
    variable: str | None = None
    secret: bool = False
    optional: bool = False


#: Longer values than this are no credential and no name.
LONGEST = 16_000

_PREFIXES = (
    ("sk-ant-api", "an Anthropic API key"),
    ("sk-ant-oat", "a Claude login's access token"),
    ("sk-ant-ort", "a Claude login's refresh token"),
    ("sk-ant-admin", "an Anthropic admin key"),
    ("sk-ant-", "an Anthropic key of another kind"),
    ("sk-or-", "a key of OpenRouter's"),
    ("sk-proj-", "a key of OpenAI's"),
    ("sk-", "a key of another provider's"),
    ("AKIA", "an AWS access key id"),
    ("ASIA", "an AWS access key id"),
    (LONG_TERM, "a Bedrock API key"),
    (SHORT_TERM, "a short-term Bedrock API key"),
    ("AIza", "a key of Google's"),
    ("ya29.", "an access token of Google's"),
    ("ghp_", "a token of GitHub's"),
    ("github_pat_", "a token of GitHub's"),
    ("glpat-", "a token of GitLab's"),
    ("xoxb-", "a token of Slack's"),
    ("-----BEGIN", "a private key or a certificate"),
)


@without_locals
def problem_with(field: SetUpField, value: str, facts: FieldFacts) -> str | None:
    """One sentence about the first thing that is wrong, None where the value may stand."""
    if not value:
        return None if field.optional else "it is empty"
    if len(value) > LONGEST:
        return "it is far too long"
    return _unclean(value) or _fault(field, value) or field.check(value, facts)


def _unclean(value: str) -> str | None:
    """What was copied along."""
    if value != value.strip():
        return "there is white space around it"
    for character in value:
        if character in "\r\n\t":
            return "there is a line break or a tab in it"
        if not character.isprintable():
            return "there is an invisible character in it"
        if character.isspace() and character != " ":
            return "there is an unusual blank in it"
    if value[0] in "\"'`“‘«" or value[-1] in "\"'`”’»":
        return "there are quotation marks around it"
    return None


def _fault(field: SetUpField, value: str) -> str | None:
    found = faults(field.variable, Secret(value)) if field.variable is not None else ()
    return f"that is {found[0].words}" if found else None


def kind_by_prefix(value: str) -> tuple[str, str] | None:
    """The prefix and the words for what has it."""
    return next(((prefix, words) for prefix, words in _PREFIXES if value.startswith(prefix)), None)


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


def with_prefix(
    prefixes: tuple[str, ...], words: str, least: int, characters: str, short: str = "too short"
) -> Check:
    """`characters`: those that may stand in it, as a class of a pattern. `short`: what a shorter one is."""
    pattern = re.compile(f"[{characters}]+")

    def check(value: str, facts: FieldFacts) -> str | None:
        if not value.startswith(prefixes):
            if any(prefix.startswith(value) for prefix in prefixes):
                return f"too short: {words} begins so"
            kind = kind_by_prefix(value)
            begins = f"{words} begins with {' or '.join(prefixes)}"
            return f"that is {kind[1]}; {begins}" if kind is not None else begins
        if pattern.fullmatch(value) is None:
            return f"there is a character in it that {words} does not have"
        if len(value) < least:
            return f"{short}: {words} has {least} characters or more, this has {len(value)}"
        if value.count(value[:7]) > 1:
            return "that is two in one: it was pasted twice"
        return None

    return check


def opaque_secret(words: str, allowed: frozenset[str], least: int) -> Check:
    """A secret whose shape its server decides; `allowed`: prefixes of others that it may have."""

    def check(value: str, facts: FieldFacts) -> str | None:
        kind = kind_by_prefix(value)
        if kind is not None and kind[0] not in allowed:
            return f"that is {kind[1]}, not {words}"
        if value.lower().startswith(("bearer ", "basic ", "authorization:", "x-api-key:")):
            return "that is a whole header: only what stands behind its first word belongs here"
        if " " in value or not value.isascii():
            return f"there is a character in it that {words} does not have"
        if "://" in value[:12] or value.startswith(("www.", "/", "~/")):
            return f"that is an address or a path, not {words}"
        if "=" in value.rstrip("=") and value.partition("=")[0].isupper():
            return "that is an assignment: only the value belongs here"
        if len(value) < least:
            return f"too short for {words}: it has {len(value)} characters"
        return None

    return check


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def _is_a_secret(value: str) -> str | None:
    kind = kind_by_prefix(value)
    if kind is not None:
        return f"that is {kind[1]}, which belongs nowhere but into a field for it"
    return "that looks like a secret" if holds_secret(value) else None


def named(pattern: str, shape: str) -> Check:
    compiled = re.compile(pattern)

    def check(value: str, facts: FieldFacts) -> str | None:
        if (secret := _is_a_secret(value)) is not None:
            return secret
        if "://" in value:
            return f"that is an address; {shape}"
        return None if compiled.fullmatch(value) else shape

    return check


_MAKES_ONE = "`aws configure sso` makes one"


def aws_profile(value: str, facts: FieldFacts) -> str | None:
    if value in facts.profiles:
        return None
    if (secret := _is_a_secret(value)) is not None:
        return secret
    return f"no such profile in the AWS files: {_MAKES_ONE}"


def sso_profile(value: str, facts: FieldFacts) -> str | None:
    problem = aws_profile(value, facts)
    if problem is None and value not in facts.sso_profiles:
        return f"that profile doesn't use single sign-on: {_MAKES_ONE}"
    return problem


def foundry_resource(value: str, facts: FieldFacts) -> str | None:
    if (secret := _is_a_secret(value)) is not None:
        return secret
    if "://" in value or "." in value:
        return "that is an address: only the name of the resource belongs here, what stands before the dot"
    if not is_resource(value):
        return "the name of a resource has letters, digits and dashes, two to 64 of them"
    return None


def address(*, anthropic: bool) -> Check:
    """`anthropic`: whether Anthropic's own host may be meant."""

    def check(value: str, facts: FieldFacts) -> str | None:
        if (problem := _address_problem(value)) is not None:
            return problem
        if not anthropic and is_first_party(value):
            return "that is Anthropic's own host, which needs no address"
        if not anthropic and value.rstrip("/").endswith(("/v1", "/v1/messages")):
            return "without /v1: Claude Code adds /v1/messages itself"
        return None

    return check


def _address_problem(value: str) -> str | None:
    from claude_auth.oauth.transport import is_loopback_host

    if not value.startswith(("https://", "http://")):
        return _is_a_secret(value) or "an address begins with https://"
    if " " in value or not value.isascii():
        return "there is a character in it that an address does not have"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "its host or port can't be read"
    if not host or re.fullmatch(r"[A-Za-z0-9.:-]+", host) is None or ".." in host or host[0] in ".-":
        return "its host can't be read"
    if parts.username is not None or parts.password is not None:
        return "there is a name or a password in it"
    if parts.query or parts.fragment or value[-1] in "?#":
        return "there is a ? or a # in it, behind which everything is lost"
    if parts.scheme == "http" and not is_loopback_host(host):
        return "http:// sends the credential in clear text: https:// is needed"
    if "." not in host and ":" not in host and not is_loopback_host(host):
        return "too short for the name of a host"
    return _is_a_secret(parts.path.strip("/"))


def service_account_file(value: str, facts: FieldFacts) -> str | None:
    if (secret := _is_a_secret(value)) is not None:
        return secret
    if not os.path.isabs(value):
        return "the whole path of the file, from / on"
    read = read_file(value)
    if read.content is None:
        return f"it can't be read: {read.damage.text if read.damage else 'no reason told'}"
    document = parse(read.content)
    if document.damage is not None:
        return f"it is no key file: {document.damage.text}"
    if read_kind(document.data) != KINDS["service_account"]:
        return "it is no key of a service account"
    return None


def command(value: str, facts: FieldFacts) -> str | None:
    if holds_secret(value):
        return "there is a secret in it, which would stand in the settings in clear text"
    if not re.match(r"(aws|gcloud|/)", value):
        return "a command begins with aws, gcloud or the path of a program"
    return None if len(value) > 3 else "too short for a command"


def scopes(value: str, facts: FieldFacts) -> str | None:
    if (secret := _is_a_secret(value)) is not None:
        return secret
    if any(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", word) is None for word in value.split(" ")):
        return "scopes are words with one blank between them"
    return "that is an address, not a list of scopes" if value.startswith(("http://", "https://")) else None
