"""The namespaces that contestants work in, and how they are left as they were found."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bench.operator.apiserver import ApiServer, ApiServerError, at_once
from bench.operator.census import SELECTOR, Census
from bench.operator.objects import Document, make_system, model_of
from bench.operator.synthetic import KINDS, synthetic_children
from trading_operator.kinds import STRATEGY, TRADING_SYSTEM, Kind

REPLICA_SET: Final = Kind("apps", "v1", "ReplicaSet", "replicasets")
ENDPOINT_SLICE: Final = Kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
CANARY: Final = "canary"
"""Namespace of the first system of every contestant, which warms it up and is not measured."""


def namespaces(count: int, prefix: str = "bench") -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


async def ensure_namespaces(api: ApiServer, names: Sequence[str]) -> None:
    """Make the namespaces that are not there."""

    async def make(name: str) -> None:
        with suppress(ApiServerError):  # it is there
            await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    await at_once(make, names)


async def create_systems(api: ApiServer, names: Sequence[str]) -> None:
    """Create a system in each namespace, many at once."""
    await at_once(lambda name: api.create(make_system(name)), names)


async def created_children(api: ApiServer, names: Sequence[str]) -> list[Document]:
    """Create a system in each namespace and return the children that it should get; nobody makes them."""
    found: list[Document] = []

    async def create(name: str) -> None:
        found.extend(synthetic_children(model_of(await api.create(make_system(name)))))

    await at_once(create, names)
    return found


async def clear(api: ApiServer, children: Census, names: Sequence[str]) -> None:
    """Delete systems and children, and wait for what controllers made of them to go too."""
    wanted = [(kind, name) for kind in (TRADING_SYSTEM, *KINDS) for name in names]

    async def delete(one: tuple[Kind, str]) -> None:
        kind, name = one
        await api.delete_all(kind, name, "" if kind == TRADING_SYSTEM else SELECTOR)

    await at_once(delete, wanted)
    await children.wait(lambda: not any(key.namespace in set(names) for key in children.present), "children are gone")
    for kind in (REPLICA_SET, ENDPOINT_SLICE):
        while await _count(api, kind, names):  # noqa: ASYNC110 - the API server has no event that says "none is left"
            await asyncio.sleep(0.2)


async def clear_strategies(api: ApiServer, names: Sequence[str]) -> None:
    await at_once(lambda name: api.delete_all(STRATEGY, name), names)


async def _count(api: ApiServer, kind: Kind, names: Sequence[str]) -> int:
    places = set(names)
    return sum(
        [
            sum(item["metadata"]["namespace"] in places for item in page["items"])
            async for page in api.pages(kind, metadata_only=True)
        ]
    )
