"""Trees as text, for explanations: the shortest text that parses to the same tree."""

from typing import Final

from trading_workloads.rules.tree import (
    Arithmetic,
    Call,
    Comparison,
    Junction,
    Negative,
    Node,
    Not,
    Number,
    Parameter,
    Price,
    Reference,
)

_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(9)
_BINDING: Final = {
    "or": _OR,
    "and": _AND,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "%": _PRODUCT,
    "**": _POWER,
}


def text_of(node: Node) -> str:
    """Return a node as an expression, such as `rsi(close, 14) < 70`."""
    match node:
        case Number():
            return number_text(node.value)
        case Parameter() | Price() | Reference():
            return node.name
        case Negative():
            return f"-{_inside(node.operand, _SIGN)}"
        case Not():
            return f"not {_inside(node.operand, _NOT)}"
        case Call():
            written = [text_of(argument) for argument in node.arguments]
            return f"{node.function}({', '.join(written)})"
        case Junction():
            return f" {node.operator} ".join(_inside(operand, _BINDING[node.operator] + 1) for operand in node.operands)
        case Arithmetic() | Comparison():
            return _binary_text(node)


def number_text(value: float) -> str:
    """Return a number as people write it: `70`, `0.5`."""
    return repr(value).removesuffix(".0")


def _binary_text(node: Arithmetic | Comparison) -> str:
    binding = _binding_of(node)
    right_first = isinstance(node, Comparison) or node.operator == "**"
    left = _inside(node.left, binding + 1 if right_first else binding)
    right = _inside(node.right, _SIGN if node.operator == "**" else binding + 1)
    return f"{left} {node.operator} {right}"


def _inside(node: Node, binding: int) -> str:
    return text_of(node) if _binding_of(node) >= binding else f"({text_of(node)})"


def _binding_of(node: Node) -> int:
    match node:
        case Junction() | Arithmetic():
            return _BINDING[node.operator]
        case Not():
            return _NOT
        case Comparison():
            return _COMPARISON
        case Negative():
            return _SIGN
        case _:
            return _ATOM
