"""The words: what a state, a moment, a scope or a bill is called. Pure; for the screen and the text alike.

Meaning is a glyph and a word, never a colour alone; `to_ascii` turns the glyphs into plain characters, one
for one, so that columns stay aligned.
"""

from claude_auth.words.glyphs import (
    Exact,
    StatusText,
    TextStyle,
    broken,
    speaks_unicode,
    to_ascii,
    with_command,
)
from claude_auth.words.origins import (
    LAYERS,
    abbreviate_home,
    beware_word,
    distrust_words,
    format_location,
    format_path,
    mode_words,
    origin_words,
    short_origin,
    variables_word,
)
from claude_auth.words.states import (
    ALSO_SENT,
    EXPIRIES,
    HINDRANCE_MEANING,
    HINDRANCES,
    KINDS,
    NOT_SENT,
    NOT_USED,
    PROVIDERS,
    SCOPES,
    SEVERITIES,
    SHADOWED,
    STATE_MEANING,
    UNREADABLE,
    UNUSABLE,
    VERDICT_MEANING,
    WINS,
    absent_word,
    account_words,
    bill_words,
    blocked_sentence,
    client_label,
    header_words,
    kind_words,
    machine_marks,
    scope_words,
    standing_word,
    state_word,
    unknown_until,
    version_words,
)
from claude_auth.words.times import (
    ACCESS_TOKEN_LIFETIME,
    DAY,
    HOUR,
    LOGIN_LIFETIME,
    MINUTE,
    bar,
    clock,
    day,
    deadline_words,
    expiry_words,
    left,
    next_change,
    span,
    when,
)
from claude_auth.words.verdict import VERDICTS, Answer, answer, first_line, payer_words, refresh_words
