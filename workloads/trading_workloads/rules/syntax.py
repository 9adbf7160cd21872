"""From text to Python's own syntax tree, with bounds checked before anything walks it.

Only the characters of the language pass, so strings, subscripts, braces, lambdas and look-alike letters end here.
"""

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from trading_workloads.rules.errors import RuleError

LENGTH_LIMIT: Final = 2000
"""Most characters of one expression."""
DEPTH_LIMIT: Final = 32
"""Deepest nesting, of brackets and of the tree."""
TEXTS_KEPT: Final = 256
"""Texts whose trees are kept, some kilobytes each: many strategies are made from one template."""

_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_ \t\r\n.+\-*/%<>=!(),]")
_HINTS: Final = {
    "[": "; for an earlier bar write lag(x, k)",
    "&": "; write and",
    "|": "; write or",
    "~": "; write not",
    "^": "; for a power write **",
    '"': "; rules have no strings",
    "'": "; rules have no strings",
    "#": "; rules have no comments",
}


@dataclass(frozen=True, slots=True)
class Syntax:
    """A text and its syntax tree; `indent` is what was cut off in front, so that columns stay those of the text."""

    where: str
    text: str
    root: ast.expr
    indent: int
    names: frozenset[str]
    """Every name that the text uses, functions included."""

    def column_of(self, node: ast.expr) -> int:
        """Return the column of a node in the text, counted from 1."""
        return node.col_offset + self.indent + 1


@lru_cache(maxsize=TEXTS_KEPT)
def read_syntax(text: str, where: str) -> Syntax:
    """Return the syntax tree of one expression, which nobody may change.

    Raises `RuleError` for whatever is not one expression in the characters and bounds of the language.
    """
    if len(text) > LENGTH_LIMIT:
        raise RuleError(where, None, f"found {len(text)} characters, expected at most {LENGTH_LIMIT}")
    if foreign := _FOREIGN.search(text):
        found = foreign.group()
        raise RuleError(where, foreign.start() + 1, f"unexpected character {_shown(found)}{_HINTS.get(found, '')}")
    _check_brackets(text, where)
    line = re.sub(r"[\t\r\n]", " ", text)
    body = line.lstrip()
    if not body:
        raise RuleError(where, None, "found an empty text, expected an expression")
    indent = len(line) - len(body)
    root = _parse(body, where, indent)
    names = frozenset(node.id for node in ast.walk(root) if isinstance(node, ast.Name))
    syntax = Syntax(where, text, root, indent, names)
    _check_depth(syntax)
    return syntax


def _shown(character: str) -> str:
    return f'"{character}"' if character.isprintable() and character != '"' else ascii(character)


def _parse(body: str, where: str, indent: int) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as "1and 2": the tree says all that matters
        try:
            return ast.parse(body, mode="eval").body
        except SyntaxError as error:
            column = min(max(error.offset or 1, 1), len(body) + 1) + indent
            raise RuleError(where, column, f"cannot be read: {error.msg}") from error
        except (ValueError, MemoryError, RecursionError) as error:
            raise RuleError(where, None, f"cannot be read: nested deeper than {DEPTH_LIMIT} levels") from error


def _check_brackets(text: str, where: str) -> None:
    depth = 0
    for column, character in enumerate(text, start=1):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth > DEPTH_LIMIT:
            raise RuleError(where, column, f"nested too deep, expected at most {DEPTH_LIMIT} levels")


def _check_depth(syntax: Syntax) -> None:
    waiting: list[tuple[ast.AST, int, int]] = [(syntax.root, 1, 1)]
    while waiting:
        node, depth, column = waiting.pop()
        if isinstance(node, ast.expr):
            column = syntax.column_of(node)
            if depth > DEPTH_LIMIT:
                raise RuleError(syntax.where, column, f"nested too deep, expected at most {DEPTH_LIMIT} levels")
            depth += 1
        waiting.extend((child, depth, column) for child in ast.iter_child_nodes(node))
