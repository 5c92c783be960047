"""From a variable of the shell to its row in the ladder, one source alone: few files, each named."""

from __future__ import annotations

from typing import cast

from claude_auth import sources
from claude_auth.claude_code.clients import BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import Machine, Places, Snapshot, Standing
from claude_auth.observe import shell_variables
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.ladder import credential_head
from claude_auth.present.lines import Line, plain
from tests.paths import files_between

PLACES = Places("/home/ada", "/", "/home/ada", "/home/ada/.claude", "/home/ada/.claude/.credentials.json")


def row(environ: dict[str, str], source: str) -> Line:
    """What the row of a source shows. The environment is a plain mapping."""
    view = ObservationContext(PLACES.home, PLACES.cwd, environ=cast(Environment, environ))
    variables = {found.name: (found,) for found in shell_variables(view)}
    snapshot = Snapshot(0.0, PLACES, Machine(), variables=variables)
    reading = sources.BY_ID[source].read(EffectiveConfig(snapshot, BY_ID["claude-print"], "2.1.328"))
    return credential_head(Standing(reading, "winning", reading.reason), 100)


def test_a_key_of_the_environment_reaches_its_row_through_at_most_eight_files() -> None:
    environ = {"ANTHROPIC_API_KEY": "made-up-key"}
    shown = plain(row(environ, "anthropic-api-key"))
    assert "ANTHROPIC_API_KEY" in shown
    assert "USED" in shown
    files = files_between(lambda: row(environ, "anthropic-api-key"))
    print(*files, sep="\n")
    assert len(files) <= 8
    assert {path for path in files if path.startswith("sources/")} == {
        "sources/anthropic_api_key.py",
        "sources/source.py",
    }
