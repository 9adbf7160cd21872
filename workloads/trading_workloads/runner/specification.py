"""A strategy's document against what there is: its spec, its rules, the sources and their symbols."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from trading_operator.api.mistakes import mistakes_of
from trading_operator.api.strategy import StrategySpec
from trading_workloads.contract import RunnerProblem, SourceDocument
from trading_workloads.rules.errors import RuleError
from trading_workloads.rules.strategy import ResolvedStrategy, resolve_strategy
from trading_workloads.runner.control import Document

SYMBOLS_SHOWN: Final = 10


class SpecificationError(ValueError):
    """A strategy cannot run as it is written, or not with the sources that there are."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    @property
    def problem(self) -> RunnerProblem:
        """The error as a report has it."""
        return RunnerProblem(reason=self.reason, message=str(self))


@dataclass(frozen=True, slots=True)
class Specification:
    """A strategy that can run: what it is, what its rules mean, and the source that it follows."""

    document: Document
    spec: StrategySpec
    resolved: ResolvedStrategy
    source: SourceDocument


def specify(document: Document, sources: Mapping[str, SourceDocument]) -> Specification:
    """Return a strategy ready to run on the sources that are registered.

    Raises SpecificationError, saying where, what was found and what was expected.
    """
    try:
        spec = StrategySpec.model_validate(document.spec)
        resolved = resolve_strategy(spec)
    except ValidationError as error:
        raise SpecificationError(
            "InvalidSpec", "; ".join(mistakes_of(error, document.spec, StrategySpec, "spec"))
        ) from error
    except RuleError as error:
        raise SpecificationError("InvalidRules", error.message) from error
    source = _source_of(spec, sources)
    _check_timeframe(spec, source)
    _check_symbols(spec, source)
    return Specification(document, spec, resolved, source)


def _source_of(spec: StrategySpec, sources: Mapping[str, SourceDocument]) -> SourceDocument:
    found = f'spec.data.source: found "{spec.data.source}"'
    if not sources:
        raise SpecificationError("WaitingForSource", f"{found}, but the data service has reported no source yet")
    if spec.data.source not in sources:
        raise SpecificationError("UnknownSource", f"{found}, expected one of {', '.join(sorted(sources))}")
    return sources[spec.data.source]


def _check_timeframe(spec: StrategySpec, source: SourceDocument) -> None:
    if spec.data.timeframe != source["timeframe"]:
        expected = f'{source["timeframe"]}, the timeframe of source "{spec.data.source}"'
        raise SpecificationError(
            "UnknownTimeframe", f'spec.data.timeframe: found "{spec.data.timeframe}", expected {expected}'
        )


def _check_symbols(spec: StrategySpec, source: SourceDocument) -> None:
    known = source["symbols"]
    for index, symbol in enumerate(spec.universe.symbols):
        if symbol not in known:
            shown = ", ".join(known[:SYMBOLS_SHOWN]) + (", …" if len(known) > SYMBOLS_SHOWN else "")
            raise SpecificationError(
                "UnknownSymbol", f'spec.universe.symbols[{index}]: found "{symbol}", expected one of {shown}'
            )


def needs_new_kernel(old: Document, new: Document) -> bool:
    """Whether what a strategy computes differs, so that its state is built again from its bars.

    Anything else, such as state, mode or sizing, takes effect at the next bar as it is.
    """
    fields = ("logic", "parameters", "universe", "data", "warmup")
    computed = [(document.revision, [document.spec.get(field) for field in fields]) for document in (old, new)]
    filters = [
        {name: value for name, value in dict(document.spec.get("signals") or {}).items() if name != "ttl"}
        for document in (old, new)
    ]
    return computed[0] != computed[1] or filters[0] != filters[1]
