"""The language of rules: parser, types, warm-up, builtins, revisions. Imports no numpy: the operator uses it too."""

from trading_workloads.rules.errors import RuleError
from trading_workloads.rules.functions import FUNCTIONS
from trading_workloads.rules.parsed import ParsedRules
from trading_workloads.rules.parser import Scope, parse_expression
from trading_workloads.rules.revision import revision_of
from trading_workloads.rules.strategy import ResolvedStrategy, check_strategy, resolve_strategy
from trading_workloads.rules.text import text_of
from trading_workloads.rules.tree import Expression, Kind

__all__ = [
    "FUNCTIONS",
    "Expression",
    "Kind",
    "ParsedRules",
    "ResolvedStrategy",
    "RuleError",
    "Scope",
    "check_strategy",
    "parse_expression",
    "resolve_strategy",
    "revision_of",
    "text_of",
]
