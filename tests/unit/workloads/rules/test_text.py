"""Trees and texts: what is printed parses to the same tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_workloads.rules import Scope, parse_expression, text_of

SCOPE = Scope({"n": 5.0})


def numbers(depth: int) -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["close", "volume", "n", "1", "0.5", "1e300", "(2)"])
    if depth == 0:
        return leaves
    inner = numbers(depth - 1)
    return st.one_of(
        leaves,
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda x: f"-({x})"),
        inner.map(lambda x: f"({x}) ** 2"),
        inner.map(lambda x: f"sma({x}, n + 2)"),
        st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]}, 3)"),
    )


def conditions(depth: int) -> st.SearchStrategy[str]:
    compared = st.tuples(numbers(2), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers(2)).map(" ".join)
    if depth == 0:
        return compared
    inner = conditions(depth - 1)
    return st.one_of(
        compared,
        inner.map(lambda x: f"not ({x})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: " and ".join(f"({part})" for part in parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: " or ".join(f"({part})" for part in parts)),
        st.tuples(numbers(1), numbers(1)).map(lambda t: f"crosses_above({t[0]}, {t[1]})"),
    )


@given(conditions(3))
def test_printed_tree_parses_to_the_same_tree(text: str) -> None:
    root = parse_expression(text, "enterLong", SCOPE).root
    assert parse_expression(text_of(root), "enterLong", SCOPE).root == root


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("((close))>3.0", "close > 3"),
        ("close-(open-high)<1", "close - (open - high) < 1"),
        ("(close-open)-high<1", "close - open - high < 1"),
        ("-close**2<1", "-close ** 2 < 1"),
        ("(-close)**2<1", "(-close) ** 2 < 1"),
        ("1<close<3", "1 < close and close < 3"),
        ("not(close>1 or close<0)and open>1", "not (close > 1 or close < 0) and open > 1"),
        ("rsi( close,n )<70", "rsi(close, n) < 70"),
    ],
)
def test_text_has_no_more_brackets_than_it_needs(written: str, printed: str) -> None:
    assert text_of(parse_expression(written, "enterLong", SCOPE).root) == printed
