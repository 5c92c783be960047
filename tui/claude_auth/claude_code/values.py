"""What belongs into a variable, and what is wrong with the value that stands there: the one routine that
looks into values. Pure; of a value nothing is told but the names of variables and headers in it.

What nothing expands is sent as it stands [seen, 2.1.332]; the other kinds are users' reports.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from claude_auth.claude_code.variables import CREDENTIALS, PROVIDER_SWITCHES
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import WHITE_SPACE, Secret

#: `label`: a part of a host's name, such as a region; `name`: of a profile or project; `headers`: one a line.
Shape = Literal["credential", "label", "name", "address", "path", "switch", "headers"]

#: `reference`: nothing expands, fills in or runs it; `kind`: it is something else than belongs there;
#: `joined`: two headers in one line.
FaultCode = Literal["reference", "placeholder", "quotes", "kind", "joined"]


class ValueFault(NamedTuple):
    """`words` say what the value is; `name`: the variable that it refers to."""

    code: FaultCode
    words: str
    name: str = ""


_BY_SHAPE: dict[Shape, str] = {
    "label": "ANTHROPIC_FOUNDRY_RESOURCE AWS_REGION AWS_DEFAULT_REGION CLOUD_ML_REGION",
    "name": """AWS_PROFILE AWS_ACCESS_KEY_ID ANTHROPIC_PROFILE ANTHROPIC_VERTEX_PROJECT_ID GCLOUD_PROJECT
        GOOGLE_CLOUD_PROJECT ANTHROPIC_AWS_WORKSPACE_ID ANTHROPIC_FEDERATION_RULE_ID ANTHROPIC_ORGANIZATION_ID
        ANTHROPIC_GOOGLE_CLOUD_PROJECT ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID AZURE_CLIENT_ID AZURE_TENANT_ID""",
    "address": """ANTHROPIC_BASE_URL ANTHROPIC_BEDROCK_BASE_URL ANTHROPIC_VERTEX_BASE_URL
        ANTHROPIC_FOUNDRY_BASE_URL ANTHROPIC_AWS_BASE_URL ANTHROPIC_GOOGLE_CLOUD_BASE_URL
        ANTHROPIC_BEDROCK_MANTLE_BASE_URL HTTPS_PROXY https_proxy HTTP_PROXY http_proxy""",
    "path": """GOOGLE_APPLICATION_CREDENTIALS AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE
        AWS_WEB_IDENTITY_TOKEN_FILE ANTHROPIC_IDENTITY_TOKEN_FILE CLOUDSDK_CONFIG""",
    "switch": " ".join(PROVIDER_SWITCHES),
    "headers": "ANTHROPIC_CUSTOM_HEADERS",
}

#: Variable → what belongs into it.
SHAPES: dict[str, Shape] = {
    **dict.fromkeys((name for name in CREDENTIALS if name != "ANTHROPIC_CUSTOM_HEADERS"), "credential"),
    **{name: shape for shape, names in _BY_SHAPE.items() for name in names.split()},
}

#: How long a token of `claude setup-token` is [told]; a shorter one was cut off when it was copied.
SETUP_TOKEN_LENGTH = 108

#: Words that stand for no value at all.
_NO_WORDS = frozenset(
    {
        *("changeme", "change-me", "change_me", "replaceme", "placeholder", "todo"),
        *("undefined", "null", "[object object]"),
        "proxy_managed",  # cc-switch; its proxy puts the real one in
    }
)
_ENDINGS = ("here", "key", "token", "value", "me")

_PATTERNS = {
    # Docker, GitHub and editors put words in front of the name.
    "reference": r"\$\{\{?\s*(?:env[:.]|secrets\.|vars\.)?([A-Za-z_]\w*)[^{}]*\}"
    r"|(?:^|(?<=bearer ))\$([A-Za-z_]\w*)$|^%([A-Za-z_]\w*)%$",
    "reference-inside": r"(?-i:\$([A-Z_][A-Z0-9_]{2,})\b|%([A-Z_][A-Z0-9_]{2,})%)",
    "placeholder": r"(?<![a-z])your[-_ ](?:[a-z0-9]+[-_ ]){0,4}(?:key|token|secret|id|name|profile|region"
    r"|project|resource|url|gateway|here)(?![a-z])|[-_ ](?:key|token|value)[-_ ]here$"
    r"|^(?:insert|enter|paste|put|replace|add)[-_ ](?:\w+[-_ ])*(?:here|key|token|me)$",
    "joined": r"[;,]\s*([a-z][a-z0-9]*(?:-[a-z0-9]+)+|authorization|cookie|host)\s*:\s*\S"
    r"|\\n\s*([a-z][\w-]*)\s*:",
}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Compiled on first use: the values of most machines need none."""
    return re.compile(_PATTERNS[name], re.IGNORECASE)


def is_no_value(name: str, value: Secret) -> bool:
    """A placeholder, or a reference that nothing replaces."""
    return any(fault.code in {"placeholder", "reference"} for fault in faults(name, value))


def faults(name: str, value: Secret) -> tuple[ValueFault, ...]:
    """Everything that is wrong with the value of `name`, as far as the value itself tells. Nothing for a
    variable whose shape isn't known, nor for a blank one."""
    shape, text = SHAPES.get(name), value.reveal().strip(WHITE_SPACE)[:20_000]
    if shape is None or not text:
        return ()
    found: list[ValueFault] = []
    if shape != "headers" and len(text) > 1 and text[0] in "\"'“‘" and text[-1] in "\"'”’":
        found.append(ValueFault("quotes", "quotation marks around the value"))
        text = text[1:-1].strip(WHITE_SPACE)
    other = _referred(text, shape) or _no_value(text, shape) or _of_another_kind(name, text, shape)
    return tuple(found if other is None else [*found, other])


def _referred(text: str, shape: Shape) -> ValueFault | None:
    """Something that a shell, a tool or a template would have replaced."""
    match = _pattern("reference").search(text) if "${" in text or text[0:1] in "$%" or "r $" in text else None
    if match is None and shape in {"address", "path"} and ("$" in text or "%" in text):
        match = _pattern("reference-inside").search(text)
    if match is not None:
        name = next(part for part in match.groups() if part)
        return ValueFault("reference", f"a reference to {name}", name)
    if (text.startswith("$(") and text.endswith(")")) or (text[0:1] == "`" == text[-1:]):
        return ValueFault("reference", "a command that a shell would have run")
    if 0 <= text.find("{{") < text.find("}}"):
        return ValueFault("reference", "a field of a template that was not filled in")
    if shape == "path" and text.startswith("~/"):
        return ValueFault("reference", "a ~ for the home directory")
    return None


def _no_value(text: str, shape: Shape) -> ValueFault | None:
    if shape in {"switch", "path", "headers"}:
        return None
    low = text.lower()
    in_brackets = low[0] == "<" and low[-1] == ">" and len(low) <= 80
    told = ("your" in low or low.endswith(_ENDINGS)) and _pattern("placeholder").search(text) is not None
    if in_brackets or low in _NO_WORDS or told:
        return ValueFault("placeholder", "a placeholder")
    crossed_out = len(text) > 3 and not low.removeprefix("sk-ant-api03-").removeprefix("sk-").strip("x•")
    if shape == "credential" and (crossed_out or any(mark in text for mark in ("...", "…", "***"))):
        return ValueFault("placeholder", "a value that is shortened or crossed out")
    return None


def _of_another_kind(name: str, text: str, shape: Shape) -> ValueFault | None:
    if shape == "switch":
        return None
    if text[0] in "{[" and text[-1] in "}]" and '"' in text:
        return ValueFault("kind", "a whole JSON document")
    if shape == "headers":
        return _without_colon(text) or _joined(text)
    if text.removeprefix("export ").lstrip().startswith((f"{name}=", f"{name}:")):
        return ValueFault("kind", f"the name {name} once more in front of the value")
    if shape == "credential" and name in text.upper():
        return ValueFault("placeholder", "a placeholder")
    if shape not in {"address", "path"} and "://" in text[:12]:
        return ValueFault("kind", "a whole address")
    if shape == "label" and ("/" in text or "." in text):
        return ValueFault("kind", "the name of a host")
    if shape == "credential" and text.count("sk-ant-") > 1:
        return ValueFault("kind", "two keys or tokens in one")
    if shape != "credential" and text.startswith("sk-ant-"):
        return ValueFault("kind", "a key or token of Anthropic's")
    return None


def _without_colon(text: str) -> ValueFault | None:
    if all(":" in line for line in text.splitlines() if line.strip()):
        return None
    return ValueFault("kind", "a line without a colon, which is passed over")


def _joined(text: str) -> ValueFault | None:
    """What stands behind a semicolon, a comma or a written `\\n` belongs to the value before it."""
    for line in text.splitlines():
        match = _pattern("joined").search(line.partition(":")[2])
        if match is not None:
            return ValueFault("joined", f"{match[1] or match[2]} stands within the value of another header")
    return None


def authority_is_cut(address: str) -> bool:
    """Whether a `#`, `/` or `?` of a user's name or password ends the host of an address, as WHATWG reads it:
    what stands behind it is no host any more."""
    rest = address.partition("://")[2] or address
    end = min((place for sign in "/?#\\" if (place := rest.find(sign)) >= 0), default=len(rest))
    authority, port = rest[:end], rest[:end].rpartition(":")[2]
    return "@" in rest[end:] and ("@" in authority or (":" in authority and not port.isdecimal()))
