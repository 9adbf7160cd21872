"""The custom resource definitions, from the models."""

from dataclasses import dataclass
from typing import Any, Final

from trading_operator.api.base import GROUP, VERSION, ApiModel
from trading_operator.api.strategy import Strategy
from trading_operator.api.tradingsystem import TradingSystem
from trading_operator.generate.schema import structural_schema

NAME_RULE: Final = {
    "rule": "self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",
    "message": (
        "expected metadata.name to be a DNS label: at most 63 lower case letters, digits and dashes, without dots"
    ),
}
"""Children carry the name as a label, and Redis keys and file names are made of it."""
LARGEST_BYTES: Final = 200 * 1024
"""A CRD must fit into an annotation of `kubectl apply` and into the memory of small API servers."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of `kubectl get`."""

    name: str
    path: str
    type: str = "string"
    wide: bool = False

    def document(self) -> dict[str, Any]:
        """Return the column as a CRD writes it."""
        written: dict[str, Any] = {"name": self.name, "type": self.type, "jsonPath": self.path}
        return {**written, "priority": 1} if self.wide else written


@dataclass(frozen=True, slots=True)
class Definition:
    """Names and columns of one kind."""

    model: type[ApiModel]
    plural: str
    short_name: str
    columns: tuple[Column, ...]

    @property
    def kind(self) -> str:
        return self.model.__name__


_READY = ".status.conditions[?(@.type=='Ready')]"

DEFINITIONS: Final = (
    Definition(
        TradingSystem,
        plural="tradingsystems",
        short_name="tsys",
        columns=(
            Column("Ready", f"{_READY}.status"),
            Column("Reason", f"{_READY}.reason"),
            Column("Services", ".status.services"),
            Column("Strategies", ".status.strategies.total", type="integer"),
            Column("Trading", ".spec.trading.state"),
            Column("Release", ".status.release"),
            Column("Endpoint", ".status.endpoint"),
            Column("Age", ".metadata.creationTimestamp", type="date"),
            Column("Message", f"{_READY}.message", wide=True),
        ),
    ),
    Definition(
        Strategy,
        plural="strategies",
        short_name="strat",
        columns=(
            Column("System", ".spec.systemRef.name"),
            Column("Logic", ".status.logic"),
            Column("Mode", ".spec.mode"),
            Column("State", ".spec.state"),
            Column("Ready", f"{_READY}.status"),
            Column("Reason", f"{_READY}.reason"),
            Column("Revision", ".status.activeRevision"),
            Column("Last-Signal", ".status.lastSignalText"),
            Column("Age", ".metadata.creationTimestamp", type="date"),
            Column("Symbols", ".spec.universe.symbols", wide=True),
            Column("Warm-Up", ".status.warmupBars", type="integer", wide=True),
            Column("Candidate", ".status.candidateRevision", wide=True),
            Column("Message", f"{_READY}.message", wide=True),
        ),
    ),
)


def build_crd(definition: Definition) -> dict[str, Any]:
    """Return the CustomResourceDefinition of one kind."""
    names = {
        "kind": definition.kind,
        "listKind": f"{definition.kind}List",
        "plural": definition.plural,
        "singular": definition.kind.lower(),
        "shortNames": [definition.short_name],
        "categories": ["trading"],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{definition.plural}.{GROUP}"},
        "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [_version(definition)]},
    }


def _version(definition: Definition) -> dict[str, Any]:
    schema = structural_schema(definition.model, without=("metadata",))
    schema["properties"] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        **{name: schema["properties"][name] for name in ("spec", "status")},
    }
    schema["properties"]["status"].pop("default", None)
    schema["required"] = [name for name in schema.get("required", []) if name == "spec"]
    if not schema["required"]:
        del schema["required"]
    schema["x-kubernetes-validations"] = [NAME_RULE]
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [column.document() for column in definition.columns],
        "schema": {"openAPIV3Schema": schema},
    }
