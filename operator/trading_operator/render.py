"""`trading-operator render FILE…`: the children that objects would get, without a cluster."""

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import yaml

from trading_operator.acceptance import Acceptance
from trading_operator.catalog import Catalog
from trading_operator.childcache import ChildCache
from trading_operator.desired.children import desired_strategy, desired_system
from trading_operator.desired.configuration import strategy_document
from trading_operator.desired.manifest import Manifest
from trading_operator.errors import UserError
from trading_operator.gathering import Gatherer, documents_of, shared_of
from trading_operator.kinds import TRADING_SYSTEM
from trading_operator.objectfiles import FINDING, Reading
from trading_operator.observed import ObjectKey


def render_files(paths: Sequence[Path], catalog: Catalog, out: TextIO, notes: TextIO) -> int:
    """Write the children of every object in the files as YAML; return the exit code.

    It is 1 when an object cannot be rendered and 2 when a file cannot be read; all else is rendered nevertheless.
    The Secret with the token has no data here: its text is made when it is written.
    """
    reading = Reading(notes)
    for path in paths:
        reading.read(path)
    keys = reading.store.all_keys()
    if not keys and not reading.code:
        reading.tell("found no TradingSystem and no Strategy; nothing to render")
    gatherer = Gatherer(reading.store, ChildCache(), Acceptance(catalog), new_token=str)
    for key in sorted(keys, key=lambda key: (key.namespace, key.kind != TRADING_SYSTEM.kind, key.name)):
        try:
            manifests = _children(gatherer, key, catalog)
        except UserError as error:
            reading.tell(str(error), FINDING)
        else:
            if manifests:
                yaml.safe_dump_all(manifests, out, sort_keys=False, explicit_start=True)
    return reading.code


def _children(gatherer: Gatherer, key: ObjectKey, catalog: Catalog) -> list[Manifest]:
    body = gatherer.store.get(key) or {}
    if key.kind == TRADING_SYSTEM.kind:
        system = gatherer.system(body)
        gatherer.accept_system(system)
        strategies = gatherer.accepted_strategies(system)
        return desired_system(system, shared_of(strategies, documents_of(strategies)), catalog, token="")
    strategy = gatherer.strategy(body)
    found = gatherer.system_of(strategy)
    accepted = gatherer.acceptance.accept_strategy(strategy, found)
    assert found is not None  # noqa: S101 - accept_strategy refuses a strategy without a system
    return desired_strategy(strategy, found, strategy_document(strategy, accepted.revision), catalog)
