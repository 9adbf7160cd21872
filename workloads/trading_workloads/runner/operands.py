"""What a decision shows of the rule behind it: the operands of its comparisons and crossings, and its names."""

from collections.abc import Iterator

from trading_workloads.rules.text import text_of
from trading_workloads.rules.tree import (
    Call,
    Comparison,
    Expression,
    Junction,
    Kind,
    Node,
    Not,
    Reference,
    children_of,
    constant_of,
    kind_of,
    nodes_of,
)


def operands_of(rule: Expression) -> dict[str, Node]:
    """Return the numbers that decide a condition, by their text, in the order of the rule.

    Conditions of `let` are looked into. Constants are left out, apart from named ones.
    """
    found: dict[str, Node] = {}
    entered: set[str] = set()
    waiting: list[Node] = [rule.root]
    while waiting:
        node = waiting.pop()
        match node:
            case Junction() | Not():
                waiting += reversed(children_of(node))
            case Reference() if kind_of(node) is Kind.CONDITION:
                if node.name not in entered:
                    entered.add(node.name)
                    waiting.append(node.target.root)
            case Comparison() | Call():
                for operand in children_of(node):
                    found |= {text_of(part): part for part in _shown(operand)}
    return found


def _shown(operand: Node) -> Iterator[Node]:
    names = [node for node in nodes_of(operand) if isinstance(node, Reference)]
    if constant_of(operand) is None or names:
        yield operand
        yield from names
    elif hasattr(operand, "name"):
        yield operand
