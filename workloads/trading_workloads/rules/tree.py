"""The tree of a rule after parsing: typed, immutable, and free of anything that Python could execute.

A `let` name stays a `Reference`, which holds its parsed definition and is compared by name. So trees stay as small as
their texts, however often definitions refer to each other.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite, nan
from typing import Final, Literal, TypeAlias

PRICES: Final = ("open", "high", "low", "close", "volume")
ArithmeticOperator: TypeAlias = Literal["+", "-", "*", "/", "%", "**"]
ComparisonOperator: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]
JunctionOperator: TypeAlias = Literal["and", "or"]


class Kind(Enum):
    """What an expression yields at each bar; the value is how messages name it."""

    NUMBER = "number"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named constant of `spec.parameters`."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Price:
    """A column of the current bar."""

    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of `let`."""

    name: str
    target: "Expression" = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """The number with its sign turned."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Not:
    """The condition turned around; undefined stays undefined."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers make one."""

    operator: ArithmeticOperator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two numbers make a condition."""

    operator: ComparisonOperator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more conditions make one."""

    operator: JunctionOperator
    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the table; `constants` are its windows and lags, in the order of its arguments."""

    function: str
    arguments: tuple["Node", ...]
    constants: tuple[int, ...]
    kind: Kind


Node: TypeAlias = Number | Parameter | Price | Reference | Negative | Not | Arithmetic | Comparison | Junction | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """One parsed text. `constant` is its value where no bar can change it, NaN where that value is undefined."""

    where: str
    text: str
    root: Node
    kind: Kind
    constant: float | None


def kind_of(node: Node) -> Kind:
    """Return what a node yields."""
    match node:
        case Comparison() | Junction() | Not():
            return Kind.CONDITION
        case Call():
            return node.kind
        case Reference():
            return node.target.kind
        case _:
            return Kind.NUMBER


def children_of(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of, from left to right; a reference stands for itself."""
    match node:
        case Negative() | Not():
            return (node.operand,)
        case Arithmetic() | Comparison():
            return (node.left, node.right)
        case Junction():
            return node.operands
        case Call():
            return node.arguments
        case _:
            return ()


def nodes_of(node: Node) -> Iterator[Node]:
    """Yield a node and everything under it, without entering the definitions of references."""
    yield node
    for child in children_of(node):
        yield from nodes_of(child)


def constant_of(node: Node) -> float | None:
    """Return the value of arithmetic over constants (NaN where undefined), or None where bars matter."""
    match node:
        case Number() | Parameter():
            return node.value
        case Reference():
            return node.target.constant
        case Negative():
            operand = constant_of(node.operand)
            return None if operand is None else -operand
        case Arithmetic():
            left, right = constant_of(node.left), constant_of(node.right)
            return None if left is None or right is None else _fold(node.operator, left, right)
        case _:
            return None


def _fold(operator: ArithmeticOperator, left: float, right: float) -> float:
    try:
        value = _FOLDS[operator](left, right)
    except (ZeroDivisionError, OverflowError):
        return nan
    return value if isinstance(value, float) and isfinite(value) else nan  # a root of a negative is complex


_FOLDS: Final[dict[ArithmeticOperator, Callable[[float, float], object]]] = {
    "+": float.__add__,
    "-": float.__sub__,
    "*": float.__mul__,
    "/": float.__truediv__,
    "%": float.__mod__,
    "**": float.__pow__,
}
