"""`claude-auth setup`: guided set-up in plain text, asked on a terminal or answered by a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import can_ask, print_document, print_lines, refuse, say_lines
from claude_auth.cli.context import Descriptors, belongs_to_us, context_of
from claude_auth.cli.options import Arguments, add_context_options, add_flag, add_json
from claude_auth.model.errors import AuthenticationError

if TYPE_CHECKING:
    from claude_auth.actions.set_up.session import SetUp
    from claude_auth.cli.setup_steps import SetUpRun


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "setup",
        help="set up how Claude Code gets at Claude, step by step",
        description="Looks at what is here, asks for one decision at a time, shows each exact change before "
        "it asks for your yes, and proves at the end what goes out. It can be left at any step and gone on "
        "with. Nothing is written or sent without its own yes.",
        epilog="Exit status: 0 proved, 1 not, 2 nothing was done or something is needed, 3 done and not "
        "known whether it works.",
    )
    parser.add_argument(
        "--answers", metavar="FILE", help="a JSON object with the answers; - reads it from standard input"
    )
    add_flag(parser, "--again", "begin anew, forget how far it had come")
    add_json(parser)
    add_context_options(parser, ("claude", "claude-print"))


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """Look, ask, do, prove; returns the exit code."""
    from claude_auth.actions.look import NOT_OWNER
    from claude_auth.actions.set_up.session import SetUp
    from claude_auth.cli.setup_steps import SetUpRun
    from claude_auth.journal import state_directory

    set_up = SetUp(
        context_of(arguments, descriptors), state_directory(), arguments.client, arguments.client_version
    )
    if not belongs_to_us(arguments, set_up.snapshot):
        return refuse(f"nothing is set up from here: {NOT_OWNER}")
    if arguments.answers is None and not can_ask():
        return _needs(set_up, as_json=arguments.json)
    running = SetUpRun(set_up, arguments, descriptors)
    try:
        if arguments.again:
            set_up.over()
        return _answered(running, arguments) if arguments.answers is not None else _asked(running)
    except AuthenticationError as error:
        return refuse(str(error))


def _needs(set_up: SetUp, *, as_json: bool) -> int:
    from claude_auth.present.set_up import needs_document, needs_lines

    found = set_up.survey()
    if as_json:
        print_document(needs_document(found))
    say_lines(needs_lines(found))
    return ExitCode.WRONG_USAGE


def _asked(running: SetUpRun) -> int:
    from claude_auth.cli.setup_questions import Leaving, ask_through

    try:
        return ask_through(running)
    except (Leaving, EOFError):
        say_lines(("", "Left. `claude-auth setup` goes on from here; nothing else was changed."))
        return ExitCode.WRONG_USAGE


def _answered(running: SetUpRun, arguments: Arguments) -> int:
    from claude_auth.cli.setup_answers import AnswersError, answer_all, read_answers

    try:
        code = answer_all(running, read_answers(arguments.answers))
    except AnswersError as problem:
        return refuse(str(problem))
    if arguments.json:
        print_document(running.document())
    else:
        print_lines(running.summary())
    if running.proof is not None and running.proof.proved:
        running.set_up.over()
    return code
