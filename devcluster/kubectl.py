"""kubectl against one cluster, with answers as plain documents."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcluster.commands import run
from devcluster.errors import CommandError

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kubectl:
    """kubectl and helm of the cache, pointed at one kubeconfig."""

    programs: Path
    kubeconfig: Path

    def __call__(self, *arguments: str | Path, text: str | None = None) -> str:
        """Run kubectl and return what it printed; CommandError says what failed."""
        words = [str(argument) for argument in arguments]
        return run([self.programs / "kubectl", f"--kubeconfig={self.kubeconfig}", *words], purpose=words[0], text=text)

    def helm(self, *arguments: str | Path) -> str:
        """Run helm and return what it printed."""
        words = [str(argument) for argument in arguments]
        return run([self.programs / "helm", f"--kubeconfig={self.kubeconfig}", *words], purpose=f"helm {words[0]}")

    def get(self, *arguments: str) -> Document:
        """Return an object, or a list of objects, as a document."""
        document: Document = json.loads(self("get", *arguments, "--output=json"))
        return document

    def find(self, *arguments: str) -> Document | None:
        """Return an object as a document, or None where it does not exist."""
        answer = self("get", *arguments, "--ignore-not-found", "--output=json")
        return json.loads(answer) if answer.strip() else None

    def raw(self, path: str) -> Document:
        """Return what the API server answers for a path, as a document."""
        document: Document = json.loads(self("get", f"--raw={path}"))
        return document

    def service(self, namespace: str, name: str, path: str) -> Document:
        """Return what a Service answers for a path, through the API server's proxy."""
        return self.raw(f"/api/v1/namespaces/{namespace}/services/http:{name}:8080/proxy{path}")

    def refusal(self, manifest: str) -> str:
        """Apply a manifest that must be refused, and return the words of the refusal."""
        try:
            accepted = self("apply", "--server-side", "--filename=-", text=manifest)
        except CommandError as error:
            return str(error)
        raise AssertionError(f"expected a refusal; found: {accepted}")
