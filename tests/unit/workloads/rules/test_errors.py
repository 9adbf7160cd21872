"""What users are told about texts that are no rules: the column, what was found, what was expected."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_workloads.rules import RuleError, Scope, parse_expression

SCOPE = Scope({"n": 5.0, "half": 0.5, "negative": -1.0})

REFUSED = {
    # functions and names
    "crosses_above(smaa(close, 20), 1)": (15, 'unknown function "smaa"; did you mean "sma"?'),
    "wma(close, 3) > 1": (1, 'unknown function "wma"; known functions: abs, atr, clip'),
    "close > clsoe": (9, 'unknown name "clsoe"; did you mean "close"?'),
    "zzz > 1": (1, 'unknown name "zzz"; known names: open, high, low, close, volume, n, half, negative'),
    "sma > 3": (1, '"sma" is a function; call it: sma(x, n)'),
    "close(3) > 1": (1, '"close" is not a function'),
    "__import__(1) > 1": (1, 'unknown function "__import__"'),
    # looking ahead, windows, lags
    "close > lag(close, -1)": (20, "a whole number from 0 to 5000; found -1: a rule cannot look ahead"),
    "close > lag(close, negative)": (20, "found -1: a rule cannot look ahead"),
    "sma(close, 0) > 1": (12, "the window n of sma(x, n) must be a whole number from 1 to 5000; found 0"),
    "sma(close, 5001) > 1": (12, "found 5001"),
    "sma(close, half) > 1": (12, "found 0.5"),
    "sma(close, close) > 1": (12, 'must be a constant, a whole number from 1 to 5000; found "close"'),
    "lag(close, 1 / 0) > 1": (12, "found an undefined value"),
    "rsi(close, 1) > 1": (12, "a whole number from 2 to 5000; found 1"),
    # types
    "sma(close > 3, 5) > 1": (5, 'expected a number for x of sma(x, n), found the condition "close > 3"'),
    "not close": (5, 'expected a condition after not, found the number "close"'),
    "close > 1 and open": (15, 'expected a condition, found the number "open"'),
    "-(close > 3) > 1": (3, 'expected a number after the sign, found the condition "close > 3"'),
    "(close > 3) + 1 > 1": (2, "expected a number beside +"),
    "(close > 3) == (open > 3)": (2, "expected a number to compare"),
    "close > True": (9, "found True, expected a number"),
    # arguments
    "sma(close) > 1": (1, "sma(x, n) takes 2 arguments, found 1"),
    "min(close) > 1": (1, "min(x, y, …) takes 2 or more arguments, found 1"),
    "sma(close, n=3) > 1": (14, "sma(x, n) takes its arguments by place, found a name"),
    "sma(*close) > 1": (1, "takes 2 arguments"),
    "max(close, *open) > 1": (12, "starred arguments cannot be used"),
    # operators and constants
    "close // 2 > 1": (1, 'operator "//" cannot be used in rules; there are + - * / % **'),
    "close in open": (1, 'operator "in" cannot be used'),
    "close ** close > 1": (10, "the exponent of ** must be a constant from -64 to 64"),
    "close ** 65 > 1": (10, 'found "65"'),
    "close > 1e999": (9, "the number is too large"),
    "close > 2j": (9, "found 2j, expected a number"),
    # what Python has and rules have not
    "close.shift(1) > 1": (1, "only functions can be called, by their name"),
    "close.real > 1": (1, "attributes cannot be used in rules"),
    "close[1] > 1": (6, 'unexpected character "["; for an earlier bar write lag(x, k)'),
    "'a' == 'b'": (1, "rules have no strings"),
    "close > 1 & open > 1": (11, 'unexpected character "&"; write and'),
    "close > 1 # why": (11, "rules have no comments"),
    "(lambda: 1)()": (8, 'unexpected character ":"'),
    "1 if close > 1 else 2": (1, "if and else cannot be used in rules"),
    "abs(x for x in close)": (4, "comprehensions cannot be used in rules"),
    "(close, open)": (1, "lists of values cannot be used in rules"),
    "\uff43lose > 1": (1, "unexpected character"),
    "close\u202e > 1": (6, "unexpected character '\\u202e'"),
    # what cannot be read
    "close >": (1, "cannot be read"),
    "(close > 1": (1, "'(' was never closed"),
    "close > 1)": (10, "unmatched ')'"),
    "   close = 3": (10, "cannot be read"),
    "\n  clsoe > 1": (4, "unknown name"),
    "(" * 34 + "close" + ")" * 34 + " > 1": (33, "nested too deep, expected at most 32 levels"),
    "-" * 40 + "close > 1": (32, "nested too deep"),
    "+".join(["close"] * 40): (None, "nested too deep"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text.strip()[:30])
def test_text_is_refused_with_column_and_reason(text: str) -> None:
    column, problem = REFUSED[text]
    with pytest.raises(RuleError) as refused:
        parse_expression(text, "enterLong", SCOPE)
    assert problem in refused.value.problem
    assert column is None or refused.value.column == column


@pytest.mark.parametrize("text", ["", "  \n "])
def test_empty_text_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match="found an empty text, expected an expression"):
        parse_expression(text, "enterLong", SCOPE)


def test_long_text_is_refused() -> None:
    with pytest.raises(RuleError, match="found 2001 characters, expected at most 2000"):
        parse_expression("c" * 2001, "enterLong", SCOPE)


def test_message_has_field_and_column() -> None:
    error = RuleError("enterLong", 14, 'unknown function "smaa"; did you mean "sma"?')
    assert str(error) == 'enterLong, column 14: unknown function "smaa"; did you mean "sma"?'
    assert error.message == f"spec.logic.rules.{error}"


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("let.f", "spec.logic.rules.let.f"),
        ("strength", "spec.logic.rules.strength"),
        ("parameters.fast", "spec.parameters.fast"),
        ("builtin.macd", "spec.logic.builtin.macd"),
        ("warmup.tolerance", "spec.warmup.tolerance"),
        ("logic", "spec.logic"),
    ],
)
def test_path_of_an_error_is_that_of_the_document(where: str, path: str) -> None:
    assert RuleError(where, None, "").path == path


def parse_or_refuse(text: str) -> None:
    """Fail for any other exception than `RuleError`, and for a column outside of the text."""
    column = None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            parse_expression(text, "enterLong", SCOPE)
        except RuleError as error:
            column = error.column
    assert column is None or 1 <= column <= len(text) + 1


@given(st.text(max_size=2100))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    parse_or_refuse(text)


PIECES = [
    *("close", "n", "1", ".5", "e9", "0x", "_", "1_0", "9" * 400),
    *("and", "or", "not", "in", "if", "else", "for", "await", "yield", "lambda"),
    *("(", ")", ",", " ", "\n", "<", "==", "=", "-", "*", "**", "/", "%", "[", "sma", "f'{close}'"),
]
REPEATED = ["(", "-", "not ", "abs(", "2**", "close+", "close<", "close and ", "sma(", "1e", "_", "9"]


@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
def test_any_pieces_of_the_language_are_parsed_or_refused(text: str) -> None:
    parse_or_refuse(text)


@pytest.mark.parametrize("piece", REPEATED)
@pytest.mark.parametrize("ending", ["", "close", "1"])
def test_repeated_pieces_are_parsed_or_refused(piece: str, ending: str) -> None:
    parse_or_refuse((piece * 2000)[: 2000 - len(ending)] + ending)
