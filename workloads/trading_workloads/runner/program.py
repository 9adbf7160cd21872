"""Rules compiled to a list of steps over (symbols,) arrays, each shared part computed once per bar."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeAlias

import numpy as np

from trading_workloads.indicators.registry import FACTORIES
from trading_workloads.indicators.series import Series, Tick, Truth
from trading_workloads.rules.parsed import ParsedRules
from trading_workloads.rules.tree import (
    Arithmetic,
    Call,
    Comparison,
    Junction,
    Negative,
    Node,
    Not,
    Price,
    Reference,
    constant_of,
    nodes_of,
)
from trading_workloads.runner.operands import operands_of
from trading_workloads.runner.operators import ARITHMETIC, COMPARISONS, join, opposite

Value: TypeAlias = Series | Truth
Operation: TypeAlias = Callable[[Tick, list[Any]], Value]
"""(tick, values of the slots before) -> value of its own slot."""


@dataclass(frozen=True, slots=True)
class Program:
    """Operations in an order in which each needs only those before it; slot i is the value of operation i.

    rules: name in the spec to slot. operands: rule to (text, slot) of what explains it. Holds the state of the
    indicators: a program runs through one history.
    """

    operations: tuple[Operation, ...]
    rules: Mapping[str, int]
    operands: Mapping[str, tuple[tuple[str, int], ...]]

    def run(self, tick: Tick) -> list[Any]:
        """Advance every indicator by one bar and return the value of each slot."""
        values: list[Any] = []
        for operation in self.operations:
            values.append(operation(tick, values))
        return values


def compile_rules(rules: ParsedRules, symbols: int) -> Program:
    """Return a program over so many symbols, with empty history."""
    compiler = _Compiler(symbols)
    for name in _needed(rules):
        compiler.lets[name] = compiler.slot(rules.let[name].root)
    slots = {name: compiler.slot(rule.root) for name, rule in rules.given().items()}
    operands = {
        name: tuple((text, compiler.slot(node)) for text, node in operands_of(rule).items())
        for name, rule in rules.given().items()
    }
    return Program(tuple(compiler.operations), slots, operands)


def _needed(rules: ParsedRules) -> list[str]:
    """Return the names of `let` that some rule needs, in an order in which each needs only those before it."""
    waiting = [rule.root for rule in rules.given().values()]
    found: set[str] = set()
    while waiting:
        names = {node.name for node in nodes_of(waiting.pop()) if isinstance(node, Reference)} - found
        found |= names
        waiting += [rules.let[name].root for name in names]
    return [name for name in rules.let if name in found]


@dataclass(slots=True)
class _Compiler:
    """Gives equal parts one slot: a part is known by what it does and the slots that it reads."""

    symbols: int
    operations: list[Operation] = field(default_factory=list)
    lets: dict[str, int] = field(default_factory=dict)
    _known: dict[Hashable, int] = field(default_factory=dict)

    def slot(self, node: Node) -> int:
        constant = constant_of(node)
        if constant is not None:
            series = np.full(self.symbols, constant)
            return self._add(("constant", constant), lambda: lambda _tick, _values: series)
        match node:
            case Price():
                column = attrgetter(node.name)
                return self._add(("price", node.name), lambda: lambda tick, _values: column(tick))
            case Reference():
                return self.lets[node.name]
            case Call():
                return self._call(node)
            case _:
                return self._operator(node)

    def _add(self, key: Hashable, make: Callable[[], Operation]) -> int:
        if key not in self._known:
            operation = make()
            self._known[key] = len(self.operations)
            self.operations.append(operation)
        return self._known[key]

    def _call(self, node: Call) -> int:
        inputs = tuple(self.slot(argument) for argument in node.arguments[: len(node.arguments) - len(node.constants)])

        def make() -> Operation:
            step = FACTORIES[node.function](self.symbols, *node.constants)
            return lambda tick, values: step(tick, *[values[slot] for slot in inputs])

        return self._add(("call", node.function, inputs, node.constants), make)

    def _operator(self, node: Node) -> int:
        match node:
            case Negative():
                (x,) = inputs = (self.slot(node.operand),)
                return self._add(("negative", inputs), lambda: lambda _tick, values: np.negative(values[x]))
            case Not():
                (x,) = inputs = (self.slot(node.operand),)
                return self._add(("not", inputs), lambda: lambda _tick, values: opposite(values[x]))
            case Junction():
                parts = tuple(self.slot(operand) for operand in node.operands)
                operator = node.operator
                joined = lambda _tick, values: join(operator, [values[part] for part in parts])  # noqa: E731
                return self._add((operator, parts), lambda: joined)
            case Arithmetic() | Comparison():
                return self._binary(node)
        raise TypeError(f"no operation for {node}")

    def _binary(self, node: Arithmetic | Comparison) -> int:
        left, right = self.slot(node.left), self.slot(node.right)
        apply = ARITHMETIC[node.operator] if isinstance(node, Arithmetic) else COMPARISONS[node.operator]
        return self._add((node.operator, left, right), lambda: lambda _tick, values: apply(values[left], values[right]))
