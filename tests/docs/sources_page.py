"""docs/sources.md, made from the registry: `python -m tests.docs.sources_page` writes it."""

from __future__ import annotations

from claude_auth.claude_code.clients import CLIENTS
from claude_auth.resolve.standings import reads
from claude_auth.sources import SOURCES, Source
from tests.guard import ROOT

PAGE = ROOT / "docs" / "sources.md"

HEAD = """# Sources of credentials

What `claude-auth status` and the dashboard list, in their order; the ids stand in the JSON
(`docs/status.schema.json`). *Rank* is the place in the documented ladder of Claude Code. A source without one
can fill a header too, replaces the ladder (a cloud provider), or belongs to another program. Made from
`claude_auth.sources`, where each has a module.

| id | name | rank | set by | to remove | who pays | read by |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    return HEAD + "".join(_row(source) for source in SOURCES)


def _row(source: Source) -> str:
    """A command in the words for removing it needs no second mention."""
    command = source.unset_command
    unset = source.unset if command is None or command in source.unset else f"{source.unset}: `{command}`"
    readers = ", ".join(f"`{client.id}`" for client in CLIENTS if reads(client, source.id))
    cells = (
        f"`{source.id}`",
        source.label,
        str(source.rank or ""),
        source.sets,
        unset,
        source.bills,
        readers,
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
