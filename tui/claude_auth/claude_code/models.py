"""Which model a request names, as far as it decides where the request goes: on Vertex a model can have a
region of its own [seen, 2.1.332]."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import at_least
from claude_auth.security.secret import WHITE_SPACE

_PREFIX = "VERTEX_REGION_CLAUDE_"

#: What the id of a model begins with, and the end of its region's variable; the first that fits counts.
_REGIONS = (
    ("claude-3-5-sonnet", "3_5_SONNET"),
    ("claude-3-7-sonnet", "3_7_SONNET"),
    ("claude-sonnet-4-5", "4_5_SONNET"),
    ("claude-sonnet-4-6", "4_6_SONNET"),
    ("claude-sonnet-5-5", "5_5_SONNET"),
    ("claude-3-5-haiku", "3_5_HAIKU"),
    ("claude-fable-5-1", "FABLE_5_1"),
    ("claude-fable-5-2", "FABLE_5_2"),
    ("claude-haiku-4-5", "HAIKU_4_5"),
    ("claude-haiku-5-5", "HAIKU_5_5"),
    ("claude-opus-4-1", "4_1_OPUS"),
    ("claude-opus-4-5", "4_5_OPUS"),
    ("claude-opus-4-6", "4_6_OPUS"),
    ("claude-opus-4-7", "4_7_OPUS"),
    ("claude-opus-4-8", "4_8_OPUS"),
    ("claude-opus-5-5", "5_5_OPUS"),
    ("claude-sonnet-4", "4_0_SONNET"),
    ("claude-sonnet-5", "5_SONNET"),
    ("claude-fable-5", "FABLE_5"),
    ("claude-opus-4", "4_0_OPUS"),
    ("claude-opus-5", "5_OPUS"),
)

#: What a short name stands for on Vertex: the family whose variable replaces it, and the model otherwise.
_ALIASES = {
    "opus": ("OPUS", "claude-opus-5-5"),
    "best": ("OPUS", "claude-opus-5-5"),
    "sonnet": ("SONNET", "claude-sonnet-5-5"),
    "opusplan": ("SONNET", "claude-sonnet-5-5"),
    "haiku": ("HAIKU", "claude-haiku-4-5"),
    "fable": ("FABLE", "claude-fable-5-2"),
}
_DEFAULT = "opus"
_ALIASES_SINCE = "2.1.328"


def model_on_vertex(view: EffectiveConfig) -> str | None:
    """The id of the model in use, which a blank variable makes empty; None where it is not known what a short
    name stands for in this version."""
    setting, variable = view.setting("model"), view.secret("ANTHROPIC_MODEL")
    named = variable or (None if setting is None else setting.value)
    text = _DEFAULT if named is None else named.reveal().strip(WHITE_SPACE)
    alias = _ALIASES.get(text.lower().removesuffix("[1m]"))
    if alias is None:
        return text
    family, model = alias
    own = view.text(f"ANTHROPIC_DEFAULT_{family}_MODEL")
    return own or (model if at_least(view.version, _ALIASES_SINCE) else None)


def region_variable(model: str | None) -> str | None:
    """The variable that gives a model a region of its own."""
    return next((_PREFIX + end for start, end in _REGIONS if model and model.startswith(start)), None)
