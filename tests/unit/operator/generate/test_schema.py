from typing import Any

import pytest

from trading_operator.generate.crds import DEFINITIONS, LARGEST_BYTES, Definition, build_crd
from trading_operator.generate.files import dump_yaml, generated_files

WORDS_THAT_YAML_READS_AS_SOMETHING_ELSE = {"on", "off", "yes", "no", "y", "n", "true", "false", "null"}


def schema_of(definition: Definition) -> dict[str, Any]:
    return build_crd(definition)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]  # type: ignore[no-any-return]  # a plain document


def fields_of(schema: dict[str, Any], path: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, child in schema.get("properties", {}).items():
        found += [(f"{path}.{name}", child), *fields_of(child, f"{path}.{name}")]
    for key in ("items", "additionalProperties"):
        if key in schema:
            found += fields_of(schema[key], f"{path}[]")
    return found


EVERY_FIELD = [
    pytest.param(field, id=f"{definition.kind}{path}")
    for definition in DEFINITIONS
    for part in ("spec", "status")
    for path, field in fields_of(schema_of(definition)["properties"][part], f".{part}")
]


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_every_field_has_a_description(field: dict[str, Any]) -> None:
    assert len(field["description"]) > 10


@pytest.mark.parametrize("field", [field for field in EVERY_FIELD if ".spec" in str(field.id)])
def test_no_enum_word_is_read_by_yaml_as_something_else(field: dict[str, Any]) -> None:
    assert not {word.lower() for word in field.get("enum", [])} & WORDS_THAT_YAML_READS_AS_SOMETHING_ELSE


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.kind)
def test_definition_stays_small(definition: Definition) -> None:
    assert len(dump_yaml(build_crd(definition)).encode()) < LARGEST_BYTES


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.kind)
def test_no_field_can_name_another_namespace_or_a_host_path(definition: Definition) -> None:
    names = {path.rsplit(".", 1)[1] for path, _ in fields_of(schema_of(definition)["properties"]["spec"], "")}
    assert not names & {"namespace", "hostPath", "podTemplate", "template", "command", "args", "env"}


def test_texts_that_look_like_numbers_are_quoted() -> None:
    assert dump_yaml({"tolerance": "1e-6"}) == "tolerance: '1e-6'\n"


def test_chart_copy_of_a_definition_is_the_definition_behind_two_switches() -> None:
    files = {str(path): text for path, text in generated_files().items()}
    chart = files["charts/trading-operator/templates/crd-strategies.yaml"]
    body = files["crds/strategies.yaml"].split("spec:\n", 1)[1]
    assert body in chart
    assert ".Values.crds.enabled" in chart
    assert ".Values.crds.keep" in chart
