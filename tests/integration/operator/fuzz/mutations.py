"""One mistake put into a document that is right, and the field that is to blame for it."""

import copy
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from tests.integration.operator.fuzz.schema import Schema, rivals_of, smallest, union_of

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A value inside of a spec, and the part of the schema that speaks about it."""

    path: Path
    node: Schema
    value: Any

    @property
    def is_object(self) -> bool:
        return isinstance(self.value, dict) and "properties" in self.node


@dataclass(frozen=True, slots=True)
class Edit:
    """What a place becomes, and which field below it is to blame."""

    value: Any
    blamed: Path = ()


@dataclass(frozen=True, slots=True)
class Mutation:
    """A spec with a mistake. Without a reason it is a matter of the schema whether it is one at all."""

    what: str
    spec: Any
    blamed: Path
    reason: str = ""

    @property
    def field(self) -> str:
        """The field to blame as messages write it."""
        return written(self.blamed)


@dataclass(frozen=True, slots=True)
class Mutator:
    """A kind of mistake: where it can be made, and what becomes of the place."""

    what: str
    applies: Callable[[Place], bool]
    edits: Callable[[Place], Sequence[Edit]]


OTHER_TYPES: Final[tuple[object, ...]] = (True, 7, -1.5, "text", "7", "", [], ["text"], {}, {"text": 1})
STRANGE_TEXTS: Final = (
    "",
    " ",
    "\x00",
    "line\nline",
    "x" * 300,
    "x" * 100_000,
    "é" * 64,
    "\u202eright to left",
    "\U0001f4c8" * 20,
    "\ud800",
    "a\u0301",
    "../../etc/passwd",
    "{{ .Values }}",
    "$(id)",
    "'\"\\",
)
EDGES_OF_NUMBERS: Final = (0, -1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 0.1, 1e308)
STRANGE_KEYS: Final = ("unheard", "", "a.b", "a b", "__proto__", "$ref", "\U0001f4c8", "k" * 5_000, "\x00", "0")


def mutate(spec: Any, schema: Schema, chance: random.Random) -> Mutation:
    """Return a spec with one mistake, of any kind that it has a place for."""
    places = list(places_of(spec, schema))
    mutator = chance.choice([found for found in MUTATORS if any(map(found.applies, places))])
    place = chance.choice([found for found in places if mutator.applies(found)])
    edit = chance.choice(mutator.edits(place))
    return Mutation(mutator.what, replaced(spec, place.path, edit.value), ("spec", *place.path, *edit.blamed))


def places_of(value: Any, node: Schema, path: Path = ()) -> Iterator[Place]:
    """Yield every value inside of a document, itself first."""
    yield Place(path, node, value)
    if isinstance(value, dict):
        for name, inner in value.items():
            below = node.get("properties", {}).get(name) or node.get("additionalProperties")
            if isinstance(below, dict):
                yield from places_of(inner, below, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places_of(inner, node["items"], (*path, index))


def replaced(document: Any, path: Path, value: Any) -> Any:
    """Return a copy of a document with another value at a path; documents on the way that are missing are made."""
    if not path:
        return value
    first, *rest = path
    changed = copy.copy(document)
    inner = changed.get(first, {}) if isinstance(changed, dict) else changed[first]
    changed[first] = replaced(inner, tuple(rest), value)
    return changed


def written(path: Path) -> str:
    """Return a path as messages write it, such as `spec.universe.symbols[0]`."""
    first, *rest = path
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)


def _other_types(place: Place) -> list[Edit]:
    return [Edit(value) for value in OTHER_TYPES if type(value) is not type(place.value)]


def _required(place: Place) -> list[str]:
    return sorted(set(place.node.get("required", ())) & set(place.value)) if place.is_object else []


def _missing_fields(place: Place) -> list[Edit]:
    return [Edit(_without(place.value, {name}), (name,)) for name in _required(place)]


def _unknown_fields(place: Place) -> list[Edit]:
    names = [*STRANGE_KEYS, *(f"{name}s" for name in place.node["properties"])]
    return [Edit({**place.value, name: "x"}, (name,)) for name in names]


def _strange_texts(place: Place) -> list[Edit]:
    return [Edit(text) for text in (*STRANGE_TEXTS, f"{place.value}\n", place.value.swapcase())]


def _edges(place: Place) -> list[Edit]:
    outside = [place.node[bound] + step for bound, step in (("minimum", -1), ("maximum", 1)) if bound in place.node]
    return [Edit(number) for number in (*EDGES_OF_NUMBERS, *outside)]


def _lengths(place: Place) -> list[Edit]:
    return [Edit([]), Edit(place.value * 2), Edit(place.value[:1] * 3_000)]


def _rivals(place: Place) -> frozenset[str]:
    return union_of(place.node) | rivals_of(place.node)


def _all_or_none(place: Place) -> list[Edit]:
    all_of_them = {name: smallest(place.node["properties"][name]) for name in sorted(_rivals(place))}
    return [Edit(_without(place.value, all_of_them)), Edit({**all_of_them, **place.value})]


def _without(value: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if name not in names}


def _is_whole_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


MUTATORS: Final = (
    Mutator("other type", lambda place: bool(_other_types(place)), _other_types),
    Mutator("null", lambda place: place.value is not None, lambda _: [Edit(None)]),
    Mutator("missing field", lambda place: bool(_required(place)), _missing_fields),
    Mutator("unknown field", lambda place: place.is_object, _unknown_fields),
    Mutator("strange text", lambda place: isinstance(place.value, str), _strange_texts),
    Mutator("edge of numbers", lambda place: _is_whole_number(place.value), _edges),
    Mutator("length of a list", lambda place: isinstance(place.value, list) and bool(place.value), _lengths),
    Mutator("all or none of rivals", lambda place: place.is_object and bool(_rivals(place)), _all_or_none),
)
