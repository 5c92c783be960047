"""apiKeyHelper: a command of a settings file that prints the key. A look never runs it."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import at_least, is_oldest
from claude_auth.model import CommandRun, HeaderValue, Setting, SourceReading
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import safe_text, shown_command
from claude_auth.security.secret import Secret
from claude_auth.sources.source import RUNNING_TELLS, Source, bearer, withheld_words

_ID = "api-key-helper"
_SETTING = "apiKeyHelper"

#: Up to this version two lines from a helper stop the request; afterwards empty credentials go out [seen].
REFUSES_TWO_LINES_UNTIL = "2.1.225"

_SPACE_INSIDE, _CONTROL = "white space inside the key", "a control character"
#: What 2.1.197 sent as it came.
_ONCE_SENT_RAW = frozenset({_SPACE_INSIDE, _CONTROL})


def helper_output(run: CommandRun, version: str) -> Secret | None:
    """What Claude Code makes of a helper's output: an empty credential where it failed; None where this
    version would refuse and send nothing."""
    output = run.stdout.stripped()
    if run.exit_code != 0 or output.is_empty:
        return Secret("")
    problem = _output_problem(output)
    if problem is None or (is_oldest(version) and problem in _ONCE_SENT_RAW):
        return output
    return Secret("") if not at_least(REFUSES_TWO_LINES_UNTIL, version) else None


def _output_problem(output: Secret) -> str | None:
    """Why trimmed output can't be a key: its length, white space, control or non-ASCII characters [seen]."""
    from claude_auth.formats.outputs import LONGEST_KEY

    text = output.reveal()
    if len(text) > LONGEST_KEY:
        return f"more than {LONGEST_KEY} characters"
    if "\n" in text or "\r" in text:
        return "more than one line"
    if any(character.isspace() for character in text):
        return _SPACE_INSIDE
    if not text.isascii():
        return "a character that is not ASCII"
    return None if text.isprintable() else _CONTROL


def _x_api_key(view: EffectiveConfig) -> HeaderValue | None:
    setting = view.setting(_SETTING)
    if setting is None:
        return None
    if _never_starts(setting):
        return HeaderValue(_ID, None, Secret(""))
    run = view.run_of(_SETTING)
    # Not run, no answer in time, or run with fewer variables than Claude Code would give it.
    if run is None or run.exit_code is None or run.withheld:
        return HeaderValue(_ID)
    return HeaderValue(_ID, None, helper_output(run, view.version))


def _never_starts(setting: Setting) -> bool:
    """No system starts a command with a NUL character; then as where it fails [seen, 2.1.332]."""
    return "\0" in setting.value.reveal()


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    found = _x_api_key(view)
    return None if found is None else bearer(_ID, found.value)


def _read(view: EffectiveConfig) -> SourceReading:
    given = view.server_setting(_SETTING)
    configured = (*((given,) if given else ()), *view.snapshot.settings.get(_SETTING, ()))
    strongest = configured[0] if configured else None
    if strongest is None or (strongest.value.is_empty and len(configured) == 1):
        return SourceReading(_ID, "absent", "not configured")
    origin = strongest.origin
    if strongest.value.is_empty:
        why = f"switched off by an empty apiKeyHelper in {origin.layer} settings"
        return SourceReading(_ID, "absent", why, origin)
    command = ("command", shown_command(strongest.value.reveal()))
    if _never_starts(strongest):
        why = "the command holds a NUL character, so it never starts"
        return SourceReading(_ID, "unusable", why, origin, details=(command,))
    run = view.snapshot.runs.get(_SETTING)
    if run is None or run.command != strongest.value:
        distrusted = view.snapshot.distrusts(origin)
        why = "configured, not run" + (": it stands in settings that are not trusted" if distrusted else "")
        return SourceReading(_ID, "present", why, origin, details=(command,))
    output = run.stdout.stripped()
    details = [command, ("took", f"{run.seconds:.1f} s")]
    if run.withheld:
        details.append(("without them", output.masked if run.exit_code == 0 else "it failed"))
        return SourceReading(_ID, "present", withheld_words(run), origin, details=tuple(details))
    if not run.stderr.is_blank:
        details.append(("stderr", safe_text(run.stderr.reveal(), 200, KnownValues([run.stdout]))))
    problem = _run_problem(run, output)
    if problem is None:
        why = "the command printed a value"
        return SourceReading(_ID, "present", why, origin, output, details=tuple(details))
    return SourceReading(_ID, "unusable", problem, origin, details=tuple(details))


def _run_problem(run: CommandRun, output: Secret) -> str | None:
    if run.exit_code is None:
        return run.problem or "the command failed"
    if run.exit_code != 0:
        return f"the command ended with exit code {run.exit_code}"
    if output.is_empty:
        return "the command printed nothing"
    problem = _output_problem(output)
    return problem and f"the command printed {problem}"


SOURCE = Source(
    id=_ID,
    label=_SETTING,
    rank=4,
    family="ladder",
    sets="the apiKeyHelper key of a settings file: a command that prints the key",
    unset="remove the apiKeyHelper line from the settings file",
    bills="whatever the key that it prints bills",
    read=_read,
    x_api_key=_x_api_key,
    authorization=_authorization,
    unknown_until=RUNNING_TELLS,
    value_decides=True,
)
