"""One question to boto3 or google-auth, in a process of its own that ends with the answer.

Both libraries read `os.environ`, HOME and proxies wherever they look, partly while they are imported; the
environment that counts is not ours. A process of its own sees exactly that one, can be ended with everything
that it started, and takes its memory and every secret with it: only identifiers come back, as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

Question = Literal["aws", "google"]

#: `-E -P`: no PYTHON variable and no file of the working directory decides what is imported.
_PROGRAM = (
    "import json, sys; given = json.loads(sys.argv[1]); sys.path[:] = given.pop('import_from'); "
    "from claude_auth.cloud.child import main; main(given)"
)


class NoAnswer(Exception):  # noqa: N818
    """The process gave none: `code` is `time-out`, `cancelled`, `not-started` or `crashed`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


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
    import shlex

    from claude_auth.processes.run_captured import run_shell

    if not sys.executable:
        raise NoAnswer("not-started", "this Python doesn't know its own program")
    given = json.dumps({"import_from": [p for p in sys.path if p], "question": question, "request": request})
    command = shlex.join([sys.executable, "-E", "-P", "-c", _PROGRAM, given])
    captured = run_shell(f"exec {command}", environment=environment, cwd=cwd, seconds=seconds, stop=stop)
    if captured.exit_code is None:
        if stop is not None and stop.is_set():
            raise NoAnswer("cancelled", "it was cancelled")
        started = "started" not in (captured.problem or "")
        raise NoAnswer("time-out" if started else "not-started", captured.problem or "no answer")
    try:
        answer = json.loads(captured.stdout)
    except ValueError:
        raise NoAnswer("crashed", f"it ended with code {captured.exit_code}") from None
    if not isinstance(answer, dict):
        raise NoAnswer("crashed", "its answer is no object")
    return answer


# ── in that process ──────────────────────────────────────────────────────────────────────────────


def main(given: dict[str, Any]) -> None:
    """Answers on standard output; whatever else is printed, by us or by what is started, goes nowhere."""
    import os

    answer_to = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    answer = answered(given["question"], given["request"])
    answer["peak_kib"] = _peak()
    with open(answer_to, "w", encoding="utf-8") as out:
        json.dump(answer, out)
    sys.stdout = None  # nothing is flushed at the end


def answered(question: Question, request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in plain values, or `{"error": …}`; never raises. Reads this process's environment."""
    import logging
    import warnings

    logging.disable(logging.CRITICAL)  # botocore's debug log has keys and tokens in it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _answerer(question)(request)
        except Exception as error:
            return {"error": {"class": type(error).__name__, "text": ""}}


def _answerer(question: Question) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    if question == "aws":
        from claude_auth.cloud.aws_child import answer as answer_aws

        return answer_aws
    from claude_auth.cloud.google_child import answer as answer_google

    return answer_google


def _peak() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def told(text: str, secrets: list[str], limit: int = 400) -> str:
    """The first line of a library's error text, without the secrets that this process knows of."""
    from claude_auth.security.redact import KnownValues
    from claude_auth.security.sanitize import safe_text
    from claude_auth.security.secret import Secret

    # The lines below the first repeat the request that was signed, session token and all.
    first = next((line for line in text.splitlines() if line.strip()), "")
    return safe_text(first, limit, KnownValues(map(Secret, secrets)))
