"""One run of the fuzz, which all its tests look at, and its counts at the end of pytest's report."""

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest

from devcluster.kubectl import Kubectl
from tests.integration.operator.apiserver import PLURALS, connect
from tests.integration.operator.conftest import RUN
from tests.integration.operator.definitions import loosened
from tests.integration.operator.documents import make_strategy, make_system
from tests.integration.operator.fuzz.cases import Case, make_cases
from tests.integration.operator.fuzz.editor import Editor
from tests.integration.operator.fuzz.outcomes import Outcome
from tests.integration.operator.fuzz.sender import Sender
from tests.integration.operator.process import Namespace, OperatorProcess, install_account, wait_for
from trading_operator.handlers.process import STREAM_SECONDS

OBJECTS: Final = int(os.environ.get("FUZZ_OBJECTS", "2000"))
SEED: Final = int(os.environ.get("FUZZ_SEED", "1"))
EDITS_BEFORE: Final = 10
_REPORT: Final = pytest.StashKey[list[str]]()
_STRATEGIES_IN: Final = f"fuzz-strategies-{RUN}"
_SYSTEMS_IN: Final = tuple(f"fuzz-systems-{number}-{RUN}" for number in range(4))
_NAMESPACES: Final = (_STRATEGIES_IN, *_SYSTEMS_IN)


@dataclass(frozen=True, slots=True)
class Run:
    """All that is known after the run."""

    outcomes: list[Outcome]
    seconds_alone: list[float]
    """How long edits of the healthy strategy took before the fuzz."""
    seconds_beside: list[float]
    operator: OperatorProcess
    exit_code: int | None
    metrics: str

    def report(self) -> list[str]:
        accepted = [outcome for outcome in self.outcomes if not outcome.refused]
        invalid = [outcome for outcome in accepted if outcome.invalid]
        told = [outcome.seconds for outcome in invalid if outcome.seconds is not None]
        alone, beside = statistics.median(self.seconds_alone), statistics.median(self.seconds_beside or [0])
        return [
            f"fuzz: {len(self.outcomes)} objects generated from seed {SEED}",
            f"  {len(self.outcomes) - len(accepted)} refused by the API server as it is",
            f"  {len(accepted) - len(invalid)} accepted and valid",
            f"  {len(invalid)} accepted and invalid, {len(told)} of them told so by a condition",
            f"  slowest condition {max(told, default=0):.2f} s, median {statistics.median(told or [0]):.2f} s",
            f"  the healthy strategy was edited {len(self.seconds_beside)} times",
            f"  slowest edit {max(self.seconds_beside, default=0):.2f} s, median {beside:.2f} s; {alone:.2f} s alone",
        ]


@pytest.fixture(scope="package")
def run(api_server: Kubectl, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Run]:
    """Send all objects: half to the definitions as they are, half to loosened ones, which let all through to it."""
    cases, folder = make_cases(OBJECTS, SEED), tmp_path_factory.mktemp("fuzz")
    account = install_account(api_server, _NAMESPACES, folder, f"fuzzed-operator-{RUN}")
    operator = OperatorProcess(account, _NAMESPACES, folder / "log")
    operator.start()
    try:
        namespace = Namespace(api_server, _STRATEGIES_IN)
        namespace.apply(make_system(), make_strategy("healthy"))
        server = connect(api_server.kubeconfig, folder)
        editor = Editor(server, _STRATEGIES_IN, "healthy")
        wait_for(lambda: namespace.find("configmap", "signal-service"), "the healthy system has its children")
        alone = [editor.edit() for _ in range(EDITS_BEFORE)]
        sender = Sender(server, _STRATEGIES_IN, _SYSTEMS_IN, operator.is_running)
        with editor:
            _send_all(sender, cases, api_server)
        exit_code = None if operator.is_running() else operator.stop()
        found = Run(sender.outcomes, alone, editor.seconds, operator, exit_code, operator.probe("metrics")[1])
        pytestconfig.stash[_REPORT] = found.report()
        yield found
    finally:
        if operator.is_running():
            operator.stop()
        api_server("delete", "namespace", *_NAMESPACES, "--wait=false")


def _send_all(sender: Sender, cases: list[Case], kubectl: Kubectl) -> None:
    half = len(cases) // 2
    sender.send(cases[:half])
    strict_answers = sender.try_out(cases[half:])
    nonsense = [Case({**one("nonsense"), "spec": {"nonsense": True}}) for one in (make_strategy, make_system)]
    with loosened(kubectl, *PLURALS.values()):
        time.sleep(STREAM_SECONDS + 1)  # a watch of before leaves out unknown fields until it ends
        wait_for(lambda: not sender.is_alive() or _is_seen(nonsense, sender), "the operator sees whatever is sent")
        sender.send(cases[half:], strict_answers)
    wait_for(lambda: all(answer.refused for answer in sender.try_out(nonsense).values()), "nonsense is refused again")


def _is_seen(nonsense: list[Case], sender: Sender) -> bool:
    """Tell whether objects come to the operator as they are: a watch of before still leaves out unknown fields."""
    return all("nonsense: found" in outcome.condition.get("message", "") for outcome in sender.send_batch(nonsense))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_REPORT, []):
        terminalreporter.write_line(line)
