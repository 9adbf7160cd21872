"""How many bars an expression needs before its first valid value: derived from its tree, never guessed."""

from dataclasses import dataclass, field

from trading_workloads.rules.functions import FUNCTIONS
from trading_workloads.rules.tree import Call, Expression, Node, Price, Reference, children_of


@dataclass(slots=True)
class WarmupCounter:
    """Counts bars, the current one included; remembers the names of `let`, which are defined first.

    `tolerance` is the weight under which what came before the first bar no longer matters to a recursive indicator.
    """

    tolerance: float
    _known: dict[str, int] = field(default_factory=dict)

    def define(self, name: str, expression: Expression) -> int:
        """Count a definition of `let` once; those that it refers to come before it."""
        self._known[name] = self.bars(expression)
        return self._known[name]

    def bars(self, expression: Expression) -> int:
        """Return the bar number, from 1, of the first valid value."""
        return self._bars(expression.root)

    def _bars(self, node: Node) -> int:
        match node:
            case Price():
                return 1
            case Reference():
                return self._known[node.name]
            case Call():
                reads_prices_alone = len(node.arguments) == len(node.constants)
                inputs = 1 if reads_prices_alone else self._inputs(node)
                return FUNCTIONS[node.function].warmup(inputs, node.constants, self.tolerance)
            case _:
                return self._inputs(node)

    def _inputs(self, node: Node) -> int:
        return max((self._bars(child) for child in children_of(node)), default=0)
