"""The record of a credential source, and what sources of one kind share: variables, switches, file
descriptors, token stores."""

from collections.abc import Callable
from typing import Literal

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.claude_code.variables import is_own, switched_on
from claude_auth.claude_code.versions import is_oldest
from claude_auth.model import Assignment, CommandRun, HeaderValue, Origin, SourceReading, State, StoreReading
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret

Family = Literal["ladder", "wire", "provider", "other-program"]

#: What it puts into a header for one client: None where it has nothing, a HeaderValue without a value where
#: that isn't known. Guards decide afterwards whether the client would use it.
Fills = Callable[[EffectiveConfig], HeaderValue | None]

# Words that several sources share.
PER_TOKEN = "per token, to the Console organisation of the key"
OF_THE_PLAN = "the Claude subscription of the signed-in account"
OWN_CLIENT = "what the OAuth client's server bills"
UNSET_WHERE_SET = "unset the variable where it is set, then start claude from a new shell"
SET_BY_VARIABLE = "an environment variable, or the env block of a settings file"
MANAGED_BY_HOST = "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST is on, so this is not read"
NETWORK_TELLS = "unknown here: only the network could tell"
RUNNING_TELLS = "unknown until it is run: press e"
EXCHANGE_TELLS = "unknown here: only the server that gives it could tell"
READING_TELLS = "unknown until it is read: press e"


class SlotPart(NamedTuple):
    """A row of the slots that is no source of its own; `unknown_until`: what would tell its value."""

    id: str
    label: str = ""
    x_api_key: Fills | None = None
    authorization: Fills | None = None
    unknown_until: str = NETWORK_TELLS


class Source(NamedTuple):
    """Everything about one source. `sets`: what puts it there; `unset`: how to make it go away, `sign_out` as
    a command; `bills`: who pays, `value_decides` where its value or the receiver says that. `read`: what it
    holds, whoever asks. `rank`: its place in the documented ladder. `variable`: the environment variable that
    sets it, if one does. `absent`: the word where nothing is there. `in_simple_mode`: read with
    CLAUDE_CODE_SIMPLE too. `ignored`: why one that is there is left alone by a client that looks."""

    id: str
    label: str
    family: Family
    sets: str
    unset: str
    bills: str
    read: Callable[[EffectiveConfig], SourceReading]
    rank: int | None = None
    variable: str | None = None
    sign_out: str | None = None
    x_api_key: Fills | None = None
    authorization: Fills | None = None
    parts: tuple[SlotPart, ...] = ()
    absent: str = "not set"
    unknown_until: str = NETWORK_TELLS
    value_decides: bool = False
    in_simple_mode: bool = False
    ignored: Callable[[EffectiveConfig], str | None] = lambda view: None

    @property
    def unset_command(self) -> str | None:
        return f"unset {self.variable}" if self.variable is not None else self.sign_out


def bearer(source: str, value: Secret | None, *, will_refresh: bool = False) -> HeaderValue:
    return HeaderValue(source, "Bearer", value, will_refresh=will_refresh)


# ── variables ────────────────────────────────────────────────────────────────────────────────────


def strongest(view: EffectiveConfig, name: str) -> Assignment | None:
    """Independent of the client. Project and local tokens come last: hardly any client reads them."""
    found = view.snapshot.variables.get(name, ())
    if name == "CLAUDE_CODE_OAUTH_TOKEN":
        found = tuple(sorted(found, key=lambda a: a.origin.of_project))
    return found[0] if found else None


def own(view: EffectiveConfig, name: str) -> Assignment | None:
    """Of a variable that a project's settings can't set, whoever asks."""
    return next((one for one in view.snapshot.variables.get(name, ()) if is_own(name, one.origin)), None)


def read_variable(view: EffectiveConfig, source: str, name: str) -> SourceReading:
    """Of several places the one is shown that the client reads."""
    found = strongest(view, name)
    if found is None:
        return SourceReading(source, "absent", "not set")
    everywhere = view.snapshot.variables[name]
    shown = view.assignment(name) or everywhere[0]
    where = _layer_words(shown.origin)
    if found.value.is_empty:
        extra = ", which cancels the value below it" if len(everywhere) > 1 and found.layer else ""
        return SourceReading(source, "unusable", f"set but empty in {where}{extra}", found.origin)
    if found.value.is_blank:
        return SourceReading(source, "unusable", f"set to nothing but blanks in {where}", found.origin)
    if shown.value.is_empty:
        shown = found
    return SourceReading(source, "present", f"set in {where}", shown.origin, shown.value.stripped())


def _layer_words(origin: Origin) -> str:
    return "the environment" if origin.layer is None else f"{origin.layer} settings"


def variable_value(view: EffectiveConfig, name: str) -> Secret | None:
    """The value as this client would send it."""
    assignment = view.assignment(name)
    if assignment is None:
        return None
    value = assignment.value.stripped() if view.client.trims else assignment.value
    return None if value.is_empty and not view.client.empty_counts else value


def key_of_variable(view: EffectiveConfig, source: str, name: str) -> HeaderValue | None:
    value = variable_value(view, name)
    return None if value is None else HeaderValue(source, None, value)


def bearer_of_variable(view: EffectiveConfig, source: str, name: str) -> HeaderValue | None:
    value = variable_value(view, name)
    return None if value is None else bearer(source, value)


def token_of_variable(view: EffectiveConfig, source: str, name: str) -> HeaderValue | None:
    """A Bearer of the ladder. 2.1.197 sends a blank one as an empty Bearer, later it counts as unset."""
    found = bearer_of_variable(view, source, name)
    if found is None and view.client.is_claude_code and is_oldest(view.version):
        return None if view.secret(name) is None else bearer(source, Secret(""))
    return found


def read_switch(view: EffectiveConfig, source: str, name: str) -> SourceReading:
    """Of a cloud provider's switch: present where it is on."""
    found = strongest(view, name)
    if found is None:
        return SourceReading(source, "absent", "off")
    if not switched_on(found.value.reveal()):
        return SourceReading(source, "absent", "off: the value does not switch it on", found.origin)
    return SourceReading(source, "present", f"switched on in {_layer_words(found.origin)}", found.origin)


def with_details(reading: SourceReading, details: list[tuple[str, str]]) -> SourceReading:
    return reading._replace(details=tuple((name, clean(text)) for name, text in details))


# ── file descriptors ─────────────────────────────────────────────────────────────────────────────


def read_descriptor(view: EffectiveConfig, source: str, variable: str) -> SourceReading:
    found = view.snapshot.descriptors.get(variable)
    if found is None:
        assignment = next(iter(view.snapshot.variables.get(variable, ())), None)
        if assignment is None:
            return SourceReading(source, "absent", "not set")
        where = "set in a settings file, where Claude Code does not look for it"
        words = "set but empty" if assignment.value.is_empty else where
        return SourceReading(source, "unusable", words, assignment.origin)
    origin = Origin("descriptor", variable=variable)
    if found.damage is not None:
        return SourceReading(source, "unusable", found.damage, origin)
    holds = "is a pipe, which reading would empty" if found.value is None else "holds a value"
    return SourceReading(source, "present", f"descriptor {found.number} {holds}", origin, found.value)


def descriptor_header(view: EffectiveConfig, header: HeaderValue, variable: str) -> HeaderValue | None:
    """`header` with what the descriptor gives, as far as that is known; None where it gives nothing."""
    found = view.snapshot.descriptors.get(variable)
    if view.is_simple or found is None or found.damage is not None:
        return None
    return header._replace(value=found.value)


def of_another_process(view: EffectiveConfig) -> str | None:
    return None if view.snapshot.descriptors else "the descriptor belongs to another process"


# ── files of a remote session ────────────────────────────────────────────────────────────────────


def read_remote_file(view: EffectiveConfig, source: str) -> SourceReading:
    found = view.snapshot.remote_files.get(source)
    if found is None:
        return SourceReading(source, "absent", "no such file")
    origin = Origin("file", path=found.path, file=found.file)
    if found.damage is not None:
        state: State = "unreadable" if found.damage.is_unreadable else "unusable"
        return SourceReading(source, state, found.damage.text, origin)
    if found.value is None:
        return SourceReading(source, "unusable", "the file is empty", origin)
    return SourceReading(source, "present", "laid down by the host of a remote session", origin, found.value)


def remote_header(view: EffectiveConfig, header: HeaderValue) -> HeaderValue | None:
    found = view.snapshot.remote_files.get(header.source)
    if view.is_simple or found is None or found.value is None:
        return None
    return header._replace(value=found.value)


# ── commands ─────────────────────────────────────────────────────────────────────────────────────


def withheld_words(run: CommandRun) -> str:
    """That a run went without variables, and what follows."""
    names = ", ".join(clean(name, 60) for name in run.withheld[:8])
    more = f" and {len(run.withheld) - 8} more" if len(run.withheld) > 8 else ""
    return (
        f"run without {names}{more}, which settings that are not trusted set: what Claude Code would get "
        "with them is not known"
    )


# ── token stores ─────────────────────────────────────────────────────────────────────────────────


def read_store(view: EffectiveConfig, source: str, store: StoreReading, absent: str) -> SourceReading:
    details = (("further accounts", ", ".join(store.others)),) if store.others else ()
    if store.present_unread:
        why = "present; its value was not read"
        return SourceReading(source, "present", why, store.origin, account=store.account, details=details)
    if store.damage is not None:
        state: State = "unreadable" if store.damage.is_unreadable else "unusable"
        if store.damage.is_missing:
            return SourceReading(source, "absent", absent, details=details)
        return SourceReading(source, state, store.damage.text, store.origin, details=details)
    tokens = store.tokens
    if tokens is None:
        if store.unusable is None:
            return SourceReading(source, "absent", absent)
        return SourceReading(source, "unusable", store.unusable, store.origin, details=details)
    value = None if tokens.access_token.is_empty else tokens.access_token.stripped()
    state = "present" if store.unusable is None else "unusable"
    why = store.unusable or "holds an access token"
    expiry = tokens.expiry(view.snapshot.observed_at, RENEWAL_MARGIN)
    return SourceReading(source, state, why, store.origin, value, tokens, expiry, store.account, details)


def store_header(view: EffectiveConfig, source: str, store: StoreReading) -> HeaderValue | None:
    if store.present_unread:
        return bearer(source, None)
    if store.tokens is None:
        return None
    stale = store.tokens.expiry(view.snapshot.observed_at, RENEWAL_MARGIN) == "stale-refreshable"
    return bearer(source, store.tokens.access_token, will_refresh=stale)
