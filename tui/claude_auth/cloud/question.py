"""A question to boto3 or google-auth goes to a process of its own (`child`): both read the environment of
theirs."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from typing import Any, Literal

from claude_auth.model.errors import AuthenticationError

Question = Literal["aws", "google"]

#: `-E -P`: no PYTHON variable and no file of the working directory decides what is imported.
_PROGRAM = (
    "import json, sys; given = json.loads(sys.argv[1]); sys.path[:] = given.pop('import_from'); "
    "from claude_auth.cloud.child import main; main(given)"
)


class NoAnswer(AuthenticationError):  # noqa: N818
    """The process gave none: `code` is `time-out`, `cancelled`, `not-started` or `crashed`."""


def ask(
    question: Question,
    request: Mapping[str, object],
    environment: Mapping[str, str],
    *,
    cwd: str,
    seconds: float,
    stop: threading.Event | None = None,
) -> dict[str, Any]:
    """Blocks for up to `seconds`, or until `stop` is set. Secrets may stand in `environment`, never in
    `request`."""
    from claude_auth.processes.run_captured import run_program

    if not sys.executable:
        raise NoAnswer("not-started", "this Python doesn't know its own program")
    given = json.dumps({"import_from": [p for p in sys.path if p], "question": question, "request": request})
    argv = (sys.executable, "-E", "-P", "-c", _PROGRAM, given)
    captured = run_program(argv, environment=environment, cwd=cwd, seconds=seconds, stop=stop)
    if captured.exit_code is None:
        if stop is not None and stop.is_set():
            raise NoAnswer("cancelled", "it was cancelled")
        code = "time-out" if captured.timed_out else "not-started"
        raise NoAnswer(code, captured.problem or "no answer")
    try:
        answer = json.loads(captured.stdout)
    except ValueError:
        raise NoAnswer("crashed", f"it ended with code {captured.exit_code}") from None
    if not isinstance(answer, dict):
        raise NoAnswer("crashed", "its answer is no object")
    return answer
