"""From Python's syntax tree to ours, through an allow-list that also checks types and bounds.

Whatever is not in the list is refused with its column; nothing is ever evaluated.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite, isnan
from typing import Final, TypeVar

from trading_workloads.rules.errors import RuleError
from trading_workloads.rules.functions import FUNCTIONS, PLANNED, WINDOW_LIMIT, Argument, Function, Role
from trading_workloads.rules.syntax import Syntax, read_syntax
from trading_workloads.rules.text import number_text, text_of
from trading_workloads.rules.tree import (
    PRICES,
    Arithmetic,
    ArithmeticOperator,
    Call,
    Comparison,
    ComparisonOperator,
    Expression,
    Junction,
    JunctionOperator,
    Kind,
    Negative,
    Node,
    Not,
    Number,
    Parameter,
    Price,
    Reference,
    constant_of,
    kind_of,
)

EXPONENT_LIMIT: Final = 64
"""Largest exponent of `**`, whatever its sign."""
_SHOWN: Final = 64

_ARITHMETIC: Final[dict[type[ast.operator], ArithmeticOperator]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
}
_COMPARISONS: Final[dict[type[ast.cmpop], ComparisonOperator]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_JUNCTIONS: Final[dict[type[ast.boolop], JunctionOperator]] = {ast.And: "and", ast.Or: "or"}
_REFUSED: Final[dict[type[ast.expr], str]] = {
    ast.Attribute: "attributes",
    ast.IfExp: "if and else",
    ast.Tuple: "lists of values",
    ast.Starred: "starred arguments",
    ast.GeneratorExp: "comprehensions",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may use besides prices and functions."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    lets: Mapping[str, Expression] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Return every name, prices first."""
        return [*PRICES, *self.parameters, *self.lets]


def parse_expression(text: str, where: str, scope: Scope) -> Expression:
    """Return the typed tree of one expression.

    `where` is the field that the text stands in; errors name it. Raises `RuleError`.
    """
    return build_expression(read_syntax(text, where), scope)


def build_expression(syntax: Syntax, scope: Scope) -> Expression:
    """Return the typed tree of a text whose syntax was read before."""
    root = _Builder(syntax, scope).build(syntax.root)
    return Expression(syntax.where, syntax.text, root, kind_of(root), constant_of(root))


_Operator = TypeVar("_Operator")


@dataclass(frozen=True, slots=True)
class _Builder:
    syntax: Syntax
    scope: Scope

    def build(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name():
                return self._name(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.BoolOp():
                operands = tuple(self._of_kind(value, Kind.CONDITION) for value in node.values)
                return Junction(_JUNCTIONS[type(node.op)], operands)
            case ast.Call():
                return self._call(node)
            case _:
                raise self._error(node, f"{_REFUSED.get(type(node), 'this')} cannot be used in rules")

    def _error(self, node: ast.expr, problem: str) -> RuleError:
        return RuleError(self.syntax.where, self.syntax.column_of(node), problem)

    def _of_kind(self, node: ast.expr, kind: Kind, use: str = "") -> Node:
        built = self.build(node)
        found = kind_of(built)
        if found is not kind:
            raise self._error(node, f'expected a {kind.value}{use}, found the {found.value} "{text_of(built)}"')
        return built

    def _operator(self, node: ast.expr, table: Mapping[type, _Operator], operator: ast.AST) -> _Operator:
        if found := table.get(type(operator)):
            return found
        name = "//" if isinstance(operator, ast.FloorDiv) else type(operator).__name__.lower()
        raise self._error(
            node, f'operator "{name}" cannot be used in rules; there are {" ".join(map(str, table.values()))}'
        )

    def _number(self, node: ast.Constant) -> Node:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self._error(node, f"found {node.value!r}, expected a number")
        try:
            value = float(node.value)
        except OverflowError:
            value = float("inf")
        if not isfinite(value):
            raise self._error(node, "the number is too large")
        return Number(value)

    def _name(self, node: ast.Name) -> Node:
        name = node.id
        if name in PRICES:
            return Price(name)
        if name in self.scope.parameters:
            return Parameter(name, self.scope.parameters[name])
        if name in self.scope.lets:
            return Reference(name, self.scope.lets[name])
        if name in FUNCTIONS:
            raise self._error(node, f'"{name}" is a function; call it: {FUNCTIONS[name].signature}')
        raise self._error(node, f'unknown name "{_short(name)}"; {_suggestion(name, self.scope.names(), "names")}')

    def _unary(self, node: ast.UnaryOp) -> Node:
        if isinstance(node.op, ast.Not):
            return Not(self._of_kind(node.operand, Kind.CONDITION, " after not"))
        operand = self._of_kind(node.operand, Kind.NUMBER, " after the sign")
        return Negative(operand) if isinstance(node.op, ast.USub) else operand

    def _arithmetic(self, node: ast.BinOp) -> Node:
        operator = self._operator(node, _ARITHMETIC, node.op)
        left, right = (self._of_kind(side, Kind.NUMBER, f" beside {operator}") for side in (node.left, node.right))
        if operator == "**":
            exponent = constant_of(right)
            if exponent is None or not abs(exponent) <= EXPONENT_LIMIT:
                expected = f"a constant from -{EXPONENT_LIMIT} to {EXPONENT_LIMIT}"
                raise self._error(node.right, f'the exponent of ** must be {expected}, found "{text_of(right)}"')
        return Arithmetic(operator, left, right)

    def _comparison(self, node: ast.Compare) -> Node:
        operators = [self._operator(node, _COMPARISONS, operator) for operator in node.ops]
        sides = [self._of_kind(side, Kind.NUMBER, " to compare") for side in (node.left, *node.comparators)]
        parts = tuple(map(Comparison, operators, sides, sides[1:]))
        return parts[0] if len(parts) == 1 else Junction("and", parts)

    def _call(self, node: ast.Call) -> Node:
        function = self._function(node)
        self._check_count(node, function)
        arguments: list[Node] = []
        constants: list[int] = []
        for index, written in enumerate(node.args):
            expected = function.argument(index)
            built = self._of_kind(written, Kind.NUMBER, f" for {expected.name} of {function.signature}")
            arguments.append(built)
            if expected.role is not Role.SERIES:
                constants.append(self._whole_number(written, built, function, expected))
        return Call(function.name, tuple(arguments), tuple(constants), function.result)

    def _function(self, node: ast.Call) -> Function:
        if not isinstance(node.func, ast.Name):
            raise self._error(node.func, "only functions can be called, by their name")
        name = node.func.id
        if name in self.scope.names():
            raise self._error(node.func, f'"{name}" is not a function')
        if name not in FUNCTIONS:
            raise self._error(
                node.func, f'unknown function "{_short(name)}"; {_suggestion(name, FUNCTIONS, "functions")}'
            )
        return FUNCTIONS[name]

    def _check_count(self, node: ast.Call, function: Function) -> None:
        if node.keywords:
            raise self._error(
                node.keywords[0].value, f"{function.signature} takes its arguments by place, found a name"
            )
        expected, found = len(function.arguments), len(node.args)
        if found < expected or (found > expected and not function.repeats):
            many = f"{expected} or more" if function.repeats else str(expected)
            plural = "" if many == "1" else "s"
            raise self._error(node, f"{function.signature} takes {many} argument{plural}, found {found}")

    def _whole_number(self, node: ast.expr, built: Node, function: Function, argument: Argument) -> int:
        value = constant_of(built)
        what = f"the {argument.role.value} {argument.name} of {function.signature}"
        expected = f"a whole number from {argument.smallest} to {WINDOW_LIMIT}"
        if value is None:
            raise self._error(node, f'{what} must be a constant, {expected}; found "{text_of(built)}"')
        if isnan(value) or not value.is_integer() or not argument.smallest <= value <= WINDOW_LIMIT:
            ahead = ": a rule cannot look ahead" if value < 0 else ""
            found = "an undefined value" if isnan(value) else number_text(value)
            raise self._error(node, f"{what} must be {expected}; found {found}{ahead}")
        return int(value)


def _suggestion(name: str, known: Sequence[str] | Mapping[str, Function], what: str) -> str:
    near = [] if name in PLANNED else get_close_matches(name[:_SHOWN], known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known {what}: {', '.join(known)}"


def _short(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
