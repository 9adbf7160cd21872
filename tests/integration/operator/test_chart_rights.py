"""The chart gives the operator the grants of the code in every mode, and nothing that could become more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from devcluster.kubectl import Kubectl
from trading_operator.generate.rbac import build_rules
from trading_operator.kinds import GRANTS, HOME_GRANTS, SECRET_GRANTS

Document = dict[str, Any]
Rules = list[Document]

CHART: Final = Path(__file__).parents[3] / "charts" / "trading-operator"
RELEASE: Final = "desk-operator"
HOME: Final = "release"
SECRETS: Final = f"{RELEASE}-secrets"
WITHOUT_SECRETS: Final = tuple(grant for grant in GRANTS if grant not in SECRET_GRANTS)
AT_HOME: Final = tuple(replace(grant, names=(RELEASE,) if grant.names else ()) for grant in HOME_GRANTS)
"""The Lease has the name of the release."""
FORBIDDEN_WORDS: Final = frozenset({"*", "escalate", "bind", "impersonate", "deletecollection"})


@dataclass(frozen=True, slots=True)
class Mode:
    """Values of the chart, the namespaces that it binds rights in, and whether it works everywhere."""

    values: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = (HOME,)
    everywhere: bool = False


MODES: Final = {
    "as-it-is": Mode(),
    "one-replica": Mode(("operator.replicas=1",)),
    "of-several-namespaces": Mode(("watchNamespaces={one,two}",), ("one", "two")),
    "of-a-shard": Mode(("selector=shard=a",)),
    "without-definitions": Mode(("crds.enabled=false",)),
    "of-a-cluster": Mode(("scope=Cluster",), everywhere=True),
    "of-a-cluster-with-namespaces": Mode(("scope=Cluster", "watchNamespaces={one,two}"), ("one", "two"), True),
}


@pytest.fixture(scope="module", params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return MODES[request.param]


@pytest.fixture(scope="module")
def documents(api_server: Kubectl, mode: Mode) -> list[Document]:
    sets = [word for value in mode.values for word in ("--set", value)]
    text = api_server.helm("template", RELEASE, CHART, "--namespace", HOME, *sets)
    return [document for document in yaml.safe_load_all(text) if document]


def rights_given(documents: list[Document]) -> Iterator[tuple[str, Rules]]:
    """Yield where rights are bound to the operator's account, with the rules; an empty name is everywhere."""
    roles = {key_of(document): document["rules"] for document in documents if document["kind"].endswith("Role")}
    for binding in documents:
        if binding["kind"].endswith("RoleBinding"):
            assert binding["subjects"] == [{"kind": "ServiceAccount", "name": RELEASE, "namespace": HOME}]
            namespace, reference = binding["metadata"].get("namespace", ""), binding["roleRef"]
            role = (reference["kind"], namespace if reference["kind"] == "Role" else "", reference["name"])
            yield namespace, roles[role]


def key_of(role: Document) -> tuple[str, str, str]:
    return role["kind"], role["metadata"].get("namespace", ""), role["metadata"]["name"]


def test_rights_are_the_grants_of_the_code(documents: list[Document], mode: Mode) -> None:
    listed = SECRET_GRANTS if mode.everywhere else GRANTS
    expected = [(namespace, build_rules(listed)) for namespace in mode.namespaces]
    expected += [("", build_rules(WITHOUT_SECRETS))] if mode.everywhere else []
    expected += [(HOME, build_rules(AT_HOME))]
    assert sorted(rights_given(documents), key=str) == sorted(expected, key=str)


def test_no_right_could_become_more(documents: list[Document]) -> None:
    rules = [rule for document in documents if document["kind"].endswith("Role") for rule in document["rules"]]
    words = {word for rule in rules for field in ("apiGroups", "resources", "verbs") for word in rule[field]}
    assert words & FORBIDDEN_WORDS == set()
    assert all(set(rule) <= {"apiGroups", "resources", "verbs", "resourceNames"} for rule in rules)


def test_no_right_on_secrets_is_everywhere_or_on_any_name_but_to_create(documents: list[Document]) -> None:
    given = [(namespace, rule) for namespace, rules in rights_given(documents) for rule in rules]
    of_secrets = [(namespace, rule) for namespace, rule in given if "secrets" in rule["resources"]]
    assert of_secrets
    assert [rule for namespace, rule in of_secrets if not namespace] == []
    assert {verb for _, rule in of_secrets if not rule.get("resourceNames") for verb in rule["verbs"]} == {"create"}
