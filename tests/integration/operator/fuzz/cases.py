"""The objects that are put to the API server: valid by the schema, or with one mistake; the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.integration.operator.documents import SYSTEM
from tests.integration.operator.fuzz.mistakes import SOUND_NUMBERS, SOUND_RULES, mistake
from tests.integration.operator.fuzz.mutations import Mutation, mutate, replaced
from tests.integration.operator.fuzz.schema import Overrides, Schema, documents, read_schema

Document = dict[str, Any]
Key = tuple[str, str]
"""Kind and name."""

_RULES: Final = ("enterLong", "exitLong", "enterShort", "exitShort")
OVERRIDES: Final[Overrides] = {
    "spec.systemRef.name": st.just(SYSTEM),
    "spec.data.source": st.just("sample"),
    "spec.data.timeframe": st.just("1d"),
    "spec.logic.rules.let.*": st.sampled_from(SOUND_NUMBERS),
    "spec.logic.rules.strength": st.sampled_from(SOUND_NUMBERS),
    **{f"spec.logic.rules.{name}": st.sampled_from(SOUND_RULES) for name in _RULES},
}
"""What no schema says, and what makes a strategy run beside the healthy one."""
NAMES: Final = (
    "{0}",
    "0{0}",
    "{0}-",
    "-{0}",
    "{0}.dot",
    "{0}..dots",
    "{0:a<63}",
    "{0:a<64}",
    "{0:a<253}",
    "{0:a<254}",
    "UPPER-{0}",
    "\u00fcml\u00e4ut-{0}",
    "{0}/path",
    "{0}\n",
    "{0}%2F",
    " {0}",
)
"""Names at the edges of what is allowed; {0} makes each unique."""
ORDER_EVERY: Final = 50
BROKEN_ORDER: Final = {"builtin": {"movingAverageCross": {"fast": 50, "slow": 20}}}
ORDER_AT: Final = ("spec", "logic", "builtin", "movingAverageCross")
"""A rule that chance does not break in each thousand objects."""


@dataclass(frozen=True, slots=True)
class Case:
    """One object, and the mistake that was put into it, if any."""

    document: Document
    mutation: Mutation | None = None

    @property
    def key(self) -> Key:
        return self.document["kind"], self.document["metadata"]["name"]


def make_cases(count: int, number: int) -> list[Case]:
    """Return so many objects, as many of either kind, from one seed."""
    strategies = _cases("Strategy", "strategies", (count + 1) // 2, number)
    systems = _cases("TradingSystem", "tradingsystems", (count + 1) // 2, number)
    return [case for pair in zip(strategies, systems, strict=True) for case in pair][:count]


def _cases(kind: str, plural: str, count: int, number: int) -> Iterator[Case]:
    schema = read_schema(plural)["properties"]["spec"]
    chance = random.Random(number)  # noqa: S311 - makes test data, guards nothing
    for index, spec in enumerate(_sound_specs(schema, count, number)):
        name = f"{kind[0].lower()}{index}"
        if kind == "Strategy" and index % ORDER_EVERY == 0:
            yield _case(kind, name, Mutation("broken order", replaced(spec, ("logic",), BROKEN_ORDER), ORDER_AT))
            continue
        match chance.choices(["sound", "name", "meaning", "schema"], [4, 1, 5, 8])[0]:
            case "name":
                strange = chance.choice(NAMES).format(name)
                yield _case(kind, strange, Mutation("strange name", spec, ("metadata", "name")))
            case "meaning" if kind == "Strategy":
                yield _case(kind, name, mistake(spec, chance))
            case "schema" | "meaning":
                yield _case(kind, name, mutate(spec, schema, chance))
            case _:
                yield Case(_document(kind, name, spec))


def _sound_specs(schema: Schema, count: int, number: int) -> list[Any]:
    """Return what the schema allows, as Hypothesis chooses it."""
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(documents(schema, OVERRIDES))
    def collect(spec: Any) -> None:
        found.append(spec)

    while len(found) < count:
        collect()
    return found[:count]


def _case(kind: str, name: str, mutation: Mutation) -> Case:
    return Case(_document(kind, name, mutation.spec), mutation)


def _document(kind: str, name: str, spec: Any) -> Document:
    return {"apiVersion": "signaltrading.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
