"""The floor: concurrent server-side apply of ready-made documents, and paged lists, with nothing around them.

`python -m bench.operator.peers.raw KUBECONFIG` takes one command a line, and answers when it is done:
`apply FILE` for a file with documents in JSON, `list KIND/SELECTOR …` for kinds by their plurals.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import orjson

from bench.operator.apiserver import ApiServer, Document, at_once
from trading_operator.kinds import KNOWN

USER_AGENT = "bench-raw"
_BY_PLURAL = {kind.plural: kind for kind in KNOWN}


async def serve(kubeconfig: Path) -> None:
    """Carry out commands until there are no more."""
    async with ApiServer(kubeconfig, USER_AGENT) as api:
        for line in sys.stdin:  # nothing else runs while it waits for the next command
            command, *arguments = line.split()
            work = _apply(api, _documents(arguments[0])) if command == "apply" else _list(api, arguments)
            started = time.monotonic()
            await work
            print(time.monotonic() - started, flush=True)


def _documents(file: str) -> list[Document]:
    found: list[Document] = orjson.loads(Path(file).read_bytes())
    return found


async def _apply(api: ApiServer, documents: Sequence[Document]) -> None:
    await at_once(api.apply, documents)


async def _list(api: ApiServer, wanted: Sequence[str]) -> None:
    """List several kinds at once, each page by page, as an operator that starts does."""

    async def list_one(plural: str, selector: str) -> None:
        async for _ in api.pages(_BY_PLURAL[plural], selector):
            pass

    await asyncio.gather(*(list_one(*one.split("/", 1)) for one in wanted))


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
