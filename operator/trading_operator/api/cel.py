"""Rules of the definitions beyond types and bounds: in CEL for the API server, and the same in Python.

The API server checks an object when it is written. One that was written before the definition had a rule is served as
it is, so the operator checks again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from pydantic.config import JsonDict


class CelRule(NamedTuple):
    """One rule: an expression over `self`, the same as a function of the model, and what to say when it is false."""

    rule: str
    message: str
    holds: Callable[[Any], bool]
    message_expression: str = ""

    def document(self) -> JsonDict:
        """Return the rule as a CRD writes it."""
        written = {"rule": self.rule, "message": self.message, "messageExpression": self.message_expression}
        return {key: text for key, text in written.items() if text}


def exactly_one_of(*names: str) -> CelRule:
    """Return the rule that just one of the optional sibling fields is set."""
    listed = ", ".join(names)
    present = f"[{', '.join(f'has(self.{name})' for name in names)}]"
    found = " + ".join(f"(has(self.{name}) ? ' {name}' : '')" for name in names)
    return CelRule(
        rule=f"{present}.exists_one(set, set)",
        message=f"expected exactly one of {listed}",
        holds=lambda model: _count_present(model, names) == 1,
        message_expression=(
            f"'expected exactly one of {listed}; found:' + ({present}.exists(set, set) ? {found} : ' none')"
        ),
    )


def at_most_one_of(*names: str) -> CelRule:
    """Return the rule that no more than one of the optional sibling fields is set."""
    listed = ", ".join(names)
    return CelRule(
        rule=f"[{', '.join(f'has(self.{name})' for name in names)}].filter(present, present).size() <= 1",
        message=f"expected at most one of {listed}",
        holds=lambda model: _count_present(model, names) <= 1,
    )


def broken_rules(model: BaseModel, path: str) -> Iterator[str]:
    """Yield what the API server would say of a model by its rules, each with the path of where it stands."""
    rules: Sequence[CelRule] = getattr(model, "cel_rules", ())
    yield from (f"{path}: {rule.message}" for rule in rules if not rule.holds(model))
    for ruled in _ruled_fields(type(model)):
        value, where = getattr(model, ruled.name), f"{path}.{ruled.alias}"
        if ruled.list_type:
            yield from _repeated_items(value, ruled.list_type, where)
        if ruled.has_models:
            yield from _broken_inside(value, where)


class _RuledField(NamedTuple):
    """A field that may break a rule, itself or by what is in it."""

    name: str
    alias: str
    list_type: JsonDict | None
    has_models: bool


@cache
def _ruled_fields(model: type[BaseModel]) -> tuple[_RuledField, ...]:
    """Return the fields of a class at which there is something to check: most have nothing."""
    found = []
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        list_type = extra if isinstance(extra, dict) and "x-kubernetes-list-type" in extra else None
        has_models = any(map(_has_rules, _models_in(field.annotation)))
        if list_type or has_models:
            found.append(_RuledField(name, field.alias or name, list_type, has_models))
    return tuple(found)


def _has_rules(model: type[BaseModel]) -> bool:
    return bool(getattr(model, "cel_rules", ()) or _ruled_fields(model))


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that a value of a type may hold."""
    if isinstance(annotation, type) and not get_args(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _broken_inside(value: object, path: str) -> Iterator[str]:
    match value:
        case BaseModel():
            yield from broken_rules(value, path)
        case list():
            for place, item in enumerate(value):
                yield from _broken_inside(item, f"{path}[{place}]")
        case dict():
            for key, item in value.items():
                yield from _broken_inside(item, f"{path}.{key}")


def _repeated_items(items: Sequence[Any], extra: JsonDict, path: str) -> Iterator[str]:
    """Yield the items of a set, or of a map by its keys, that came before."""
    keys = extra.get("x-kubernetes-list-map-keys")
    seen = set()
    for place, item in enumerate(items):
        mark = ", ".join(getattr(item, str(key)) for key in keys) if isinstance(keys, list) else item
        if mark in seen:
            yield f'{path}[{place}]: found "{mark}" again, expected each once'
        seen.add(mark)


def _count_present(model: BaseModel, names: Collection[str]) -> int:
    """Return how many of the fields, named as in a document, are set."""
    fields = type(model).model_fields.items()
    return sum(field.alias in names and getattr(model, name) is not None for name, field in fields)
