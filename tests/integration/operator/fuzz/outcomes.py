"""What became of each object: refused by the API server, or accepted and judged by the operator, and how soon."""

from dataclasses import dataclass, field
from typing import Any

from tests.integration.operator.apiserver import Answer
from tests.integration.operator.fuzz.cases import Case

Document = dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """One object, what the API server answered, and what the operator said of it."""

    case: Case
    answer: Answer
    strict_answer: Answer | None = None
    """What the API server says of it by its strict schema; None where that is the schema that is served."""
    accepted_at: float = 0.0
    seconds: float | None = None
    condition: Document = field(default_factory=dict)

    @property
    def what(self) -> str:
        """Return the kind of mistake that was put into it."""
        return self.case.mutation.what if self.case.mutation else "sound"

    @property
    def refused(self) -> bool:
        return self.answer.refused

    @property
    def allowed(self) -> bool:
        """Tell whether the strict schema takes the object."""
        return not (self.strict_answer or self.answer).refused

    @property
    def reason(self) -> str:
        """The reason that the operator must give; nothing for an object that may be valid."""
        if not self.allowed:
            return "InvalidSpec"
        return self.case.mutation.reason if self.case.mutation else ""

    @property
    def invalid(self) -> bool:
        return not self.refused and bool(self.reason)

    @property
    def fields(self) -> list[str]:
        """Where the mistake is: what was changed, and what the API server itself would name."""
        changed = [self.case.mutation.field] if self.case.mutation else []
        return [*changed, *(self.strict_answer.fields if self.strict_answer else [])]

    def names_the_field(self) -> bool:
        """Tell whether the condition names a field that is to blame, or what it is directly in."""
        message = self.condition.get("message", "")
        return any(name in message for path in self.fields for name in (path, _parent(path)) if name)

    def __str__(self) -> str:
        told = f"{self.condition.get('reason')}: {self.condition.get('message')!r}"
        by_schema = (self.strict_answer or self.answer).body.get("message")
        return f"{self.case.key} {self.what} {self.fields}\n  operator: {told:.300}\n  schema: {by_schema!s:.300}"


def _parent(path: str) -> str:
    """Return the field that another one is in, unless that is the whole spec."""
    parent = path.rpartition("[")[0] if path.endswith("]") else path.rpartition(".")[0]
    return "" if parent == "spec" else parent
