"""Which files are generated, and their texts."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

from trading_operator.generate.crds import DEFINITIONS, LARGEST_BYTES, build_crd
from trading_operator.generate.reference import build_reference

CHART: Final = Path("charts/trading-operator")
_NOTICE: Final = "# Generated from operator/trading_operator/api by `make generate`. Do not edit.\n"
_KEEP: Final = "helm.sh/resource-policy: keep"


def generated_files() -> dict[Path, str]:
    """Return the text of every generated file by its path from the root of the repository."""
    files = {Path("docs/reference.md"): build_reference()}
    for definition in DEFINITIONS:
        crd = build_crd(definition)
        text = _NOTICE + dump_yaml(crd)
        if len(text.encode()) > LARGEST_BYTES:
            raise ValueError(
                f"CRD {definition.kind}: found {len(text.encode())} bytes, expected at most {LARGEST_BYTES}"
            )
        files[Path(f"crds/{definition.plural}.yaml")] = text
        files[CHART / f"templates/crd-{definition.plural}.yaml"] = _chart_template(crd)
    return files


class _Dumper(yaml.SafeDumper):
    """Quotes texts that some YAML reader takes for a number: Python leaves `1e-6` bare, Go reads a float."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    numeric = re.match(r"[-+.]?[0-9]", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if numeric else None)


_Dumper.add_representer(str, _represent_text)


def dump_yaml(document: dict[str, Any]) -> str:
    """Return a document as YAML, in the order of its fields."""
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=140, allow_unicode=True))


def _chart_template(crd: dict[str, Any]) -> str:
    """Return a CRD as a template: installed and upgraded with the release, kept when the release goes."""
    metadata = crd["metadata"]
    body = dump_yaml({key: value for key, value in crd.items() if key != "metadata"}).replace("{{", '{{ "{{" }}')
    head = (
        f"metadata:\n  name: {metadata['name']}\n"
        f"  {{{{- if .Values.crds.keep }}}}\n  annotations:\n    {_KEEP}\n  {{{{- end }}}}\n"
    )
    return f"{{{{- if .Values.crds.enabled }}}}\n{_NOTICE}{head}{body}{{{{- end }}}}\n"
