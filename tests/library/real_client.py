"""A program that asks through the real `claude`, for a place without a network: the API is this process.

    python -m tests.library.real_client CLAUDE HOME

prints a line of JSON: what a login that is good gets, and what one that is refused gets.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from claude_auth import AuthenticationError, query_with_oauth
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.messages_api import MessagesApi
from tests.library.world import ACCESS, ProgramWorld


async def asked() -> dict[str, Any]:
    try:
        messages = [message async for message in query_with_oauth("Answer with: ok")]
    except AuthenticationError as error:
        return {"code": error.code, "sentence": error.sentence, "status": getattr(error, "status", None)}
    return {
        "text": "".join(map(str, messages)),
        "types": [message.type for message in messages],
        "credentials": sorted({message.credential for message in messages}),
    }


def main(claude: str, root: str) -> None:
    with pytest.MonkeyPatch.context() as patch, MessagesApi([ACCESS]) as api, AuthorizationServer() as server:
        world = ProgramWorld(Path(root), patch, api, server).login()
        (world.bin / "claude").unlink()
        os.symlink(claude, world.bin / "claude")
        world.set(
            CLAUDE_CODE_MAX_RETRIES="0", DISABLE_TELEMETRY="1", PATH=f"{world.bin}:{os.environ['PATH']}"
        )
        world.set(CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1")
        good = asyncio.run(asyncio.wait_for(asked(), 120))
        bodies = [len(json.dumps(body)) for body in api.asked]
        api.good = frozenset()
        refused = asyncio.run(asyncio.wait_for(asked(), 120))
        print(json.dumps({"good": good, "refused": refused, "bodies": bodies}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
