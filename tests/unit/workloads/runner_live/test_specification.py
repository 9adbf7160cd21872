from typing import Any

import pytest

from trading_workloads.runner.control import Document
from trading_workloads.runner.specification import needs_new_kernel


def make_document(revision: str = "r1", **fields: Any) -> Document:
    spec: dict[str, Any] = {"logic": {"rules": {}}, "data": {"source": "a"}, "universe": {"symbols": ["A"]}}
    return Document(name="s", uid="u", generation=1, revision=revision, spec=spec | fields)


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        (make_document(), False),
        (make_document(state="Paused"), False),
        (make_document(mode="Live"), False),
        (make_document(sizing={"maxWeight": "1%"}), False),
        (make_document(signals={"ttl": "5d"}), False),
        (make_document(signals={"minStrength": "0.5"}), True),
        (make_document(signals={"cooldownBars": 2}), True),
        (make_document(revision="r2"), True),
        (make_document(logic={"builtin": {}}), True),
        (make_document(parameters={"fast": {"value": 3}}), True),
        (make_document(warmup={"bars": 3}), True),
        (make_document(universe={"symbols": ["A", "B"]}), True),
        (make_document(data={"source": "b"}), True),
    ],
)
def test_kernel_is_built_again_only_when_what_it_computes_differs(changed: Document, needed: bool) -> None:
    assert needs_new_kernel(make_document(), changed) is needed
