from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import yaml
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st

from trading_operator.cluster.session import Session, written
from trading_operator.errors import FencedError
from trading_operator.metrics import Metrics


@given(st.text())
@example("\x7f\x80\x85\x9f")
@example("one\u2028two\u2029three\ufeff")
@example("\ufffe\uffff\U0001f4c8")
def test_any_text_is_written_so_that_json_and_yaml_read_it(text: str) -> None:
    document = {"status": {"message": text}}
    assert orjson.loads(written(document)) == document
    assert yaml.safe_load(written(document)) == document


async def test_write_whose_guard_objects_as_it_leaves_changes_nothing_and_says_why() -> None:
    asked: list[str] = []
    bodies: list[bytes] = []

    def guard() -> None:
        asked.append("guard")
        if len(asked) > 1:
            raise FencedError("no leader any more")

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.json_response({})

    app = web.Application()
    app.router.add_patch("/object", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port, *_ = runner.addresses[0]
    credentials: Any = SimpleNamespace(server=f"http://{host}:{port}", ssl_context=lambda: None, headers=dict)
    async with Session(credentials, Metrics()) as session:
        with pytest.raises(FencedError):
            await session.call("PATCH", "/object", kind="Thing", body={"a": 1}, guard=guard)
    await runner.cleanup()
    assert len(asked) == 2
    assert bodies == []
