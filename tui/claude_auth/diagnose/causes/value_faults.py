"""Values that can't be what was meant, whatever variable holds them: what the one routine says
(`claude_code/values.py`), told as findings. Never the value is told."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.claude_code.values import SHAPES, FaultCode, ValueFault, faults
from claude_auth.diagnose.cause import Answer, Cause, MachineRule, RuleMatch
from claude_auth.diagnose.causes.sent import stays_here
from claude_auth.diagnose.context import DiagnosisContext, place_of
from claude_auth.model import Assignment, Fix, Severity
from claude_auth.named_tuples import NamedTuple
from claude_auth.sources import SOURCES

#: What begins so is read where one of these switches is set, be it to something that switches nothing on.
_FAMILIES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("AWS_", "ANTHROPIC_BEDROCK_", "ANTHROPIC_AWS_"), ("BEDROCK", "MANTLE", "ANTHROPIC_AWS")),
    (
        ("GCLOUD_", "GOOGLE_", "CLOUD_ML_", "CLOUDSDK_", "ANTHROPIC_VERTEX_", "ANTHROPIC_GOOGLE_"),
        ("VERTEX", "ANTHROPIC_GOOGLE_CLOUD"),
    ),
    (("AZURE_", "ANTHROPIC_FOUNDRY_"), ("FOUNDRY",)),
)


class FaultyVariable(NamedTuple):
    """A variable that this client reads, and what is wrong with its value."""

    assignment: Assignment
    fault: ValueFault

    @property
    def name(self) -> str:
        return self.assignment.name

    @property
    def source(self) -> str | None:
        return next((source.id for source in SOURCES if source.variable == self.name), None)

    def __str__(self) -> str:
        return f"{self.name} holds {self.fault.words} ({place_of(self.assignment.origin)})"


def faulty(s: DiagnosisContext, *codes: FaultCode) -> list[FaultyVariable]:
    return [found for found in _looked_into(s) if found.fault.code in codes]


def _looked_into(s: DiagnosisContext) -> Iterator[FaultyVariable]:
    for name in SHAPES:
        found = s.view.assignment(name) if name in s.snapshot.variables else None
        if found is not None and _is_read(s, name):
            yield from (FaultyVariable(found, fault) for fault in faults(name, found.value))


def _is_read(s: DiagnosisContext, name: str) -> bool:
    switches = next((switches for starts, switches in _FAMILIES if name.startswith(starts)), ())
    return not switches or any(f"CLAUDE_CODE_USE_{one}" in s.snapshot.variables for one in switches)


def _match(
    found: list[FaultyVariable], fixes: tuple[Fix, ...], severity: Severity | None = None
) -> RuleMatch | None:
    if not found:
        return None
    source = next((one.source for one in found if one.source is not None), None)
    return RuleMatch("; ".join(map(str, found)), fixes, source, severity=severity)


def _value_not_expanded(s: DiagnosisContext) -> Answer:
    """A value holds `${NAME}`, `%NAME%`, `$(command)`, `{{ field }}`, or is `$NAME`."""
    found = faulty(s, "reference")
    return _match(found, tuple(fix for one in found[:1] for fix in _expanding(one)))


def _expanding(one: FaultyVariable) -> Iterator[Fix]:
    origin, name = one.assignment.origin, one.name
    command = f'export {name}="${one.fault.name}"' if one.fault.name else None
    if origin.kind == "settings":
        yield Fix(
            f"write the value itself at {origin.location}, or take {name} out there and let the shell set it",
            command,
        )
    else:
        yield Fix(f"set {name} where the reference is expanded, or write the value itself", command)


def _placeholder_value(s: DiagnosisContext) -> Answer:
    """A value is a placeholder such as `<your-api-key>`, or a key with dots or stars in it; a note where the
    requests go to this machine, where a proxy may put the real one in."""
    found, wire = faulty(s, "placeholder"), s.resolution.wire
    local = wire is not None and stays_here(wire.host)
    fixes = tuple(Fix(f"put the real value into {one.name}") for one in found[:2])
    return _match(found, fixes, "info" if local else None)


_BELONGS = {
    "credential": "only the key or token itself",
    "label": "only the name, such as {example}",
    "name": "only the name",
    "address": "only an address such as https://gateway.example",
    "path": "the path of the file",
    "headers": "one header a line, as Name: value",
}
_EXAMPLES = {"ANTHROPIC_FOUNDRY_RESOURCE": "my-resource in my-resource.services.ai.azure.com"}


def _value_of_another_kind(s: DiagnosisContext) -> Answer:
    """A variable for a name holds an address, one for a path or an address holds JSON or a key, or the name
    of the variable stands in the value again. A credential of the wrong kind is told elsewhere."""
    found = [one for one in faulty(s, "kind") if SHAPES[one.name] != "credential"]
    return _match(found, tuple(_write(one) for one in found[:2]))


def _write(one: FaultyVariable) -> Fix:
    words = _BELONGS[SHAPES[one.name]].format(example=_EXAMPLES.get(one.name, "us-east-1"))
    base = " or set ANTHROPIC_FOUNDRY_BASE_URL instead" if one.name == "ANTHROPIC_FOUNDRY_RESOURCE" else ""
    return Fix(f"write {words} into {one.name}{base}")


def _custom_headers_joined(s: DiagnosisContext) -> Answer:
    """In a line of `ANTHROPIC_CUSTOM_HEADERS` a second header stands behind a semicolon, a comma or `\\n`."""
    found = faulty(s, "joined")
    if not found:
        return None
    one = found[0]
    fix = Fix("write one header a line", f"export {one.name}=$'x-first: VALUE\\nx-second: VALUE'")
    return RuleMatch(f"{one.fault.words}; {one.name}: {place_of(one.assignment.origin)}", (fix,), one.source)


CAUSES: tuple[Cause, ...] = (
    Cause(
        "value-not-expanded",
        "A reference in a value is not expanded",
        "Nothing expands ${NAME}, $(command) or a template's field in the env block of a settings file, nor "
        "in a variable that was set between single quotes or read from a file: it is sent as it stands, and "
        "refused.",
        rule=MachineRule("warning", _value_not_expanded),
        fixes=(Fix("write the value itself, or let a shell set the variable"),),
        phrases=r"""
            90: virtual key expected … received; hides: gateway-wrong-header; look: received\W{1,4}\$\{?\w
        """,
    ),
    Cause(
        "placeholder-value",
        "A placeholder stands where a value belongs",
        "The value was copied from an example, was shortened for showing, or was put there by a tool whose "
        "proxy puts the real one in. Claude Code sends it as it is.",
        rule=MachineRule("warning", _placeholder_value),
    ),
    Cause(
        "value-of-another-kind",
        "A variable holds something else than belongs there",
        "The value has the form of something else: an address where a name belongs, a document where its "
        "path belongs, or the name of the variable again.",
        rule=MachineRule("warning", _value_of_another_kind),
    ),
    Cause(
        "custom-headers-joined",
        "Two headers stand in one line of ANTHROPIC_CUSTOM_HEADERS",
        "Claude Code reads one header a line. What stands behind a semicolon or a comma becomes part of the "
        "value of the header before it, so the second header is not sent.",
        rule=MachineRule("warning", _custom_headers_joined),
    ),
)
