import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_workloads.services.signal.cursor import Place, decode_cursor, encode_cursor
from trading_workloads.services.signal.query import LAST_MS, SignalParameters, check_query
from trading_workloads.serving.problem import ProblemError

DAY_MS = 86_400_000


@given(st.integers(0, 2**53), st.integers(0, 2**20), st.from_regex(r"[a-z0-9-]{1,63}", fullmatch=True))
def test_cursor_survives_its_text(close_ms: int, number: int, strategy: str) -> None:
    place = Place(close_ms, number, strategy)
    assert decode_cursor(encode_cursor(place)) == place


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_a_value_error(text: str) -> None:
    try:
        place = decode_cursor(text)
    except ValueError:
        return
    assert place.close_ms >= 0


def test_empty_question_asks_for_the_newest_signals_of_all_time() -> None:
    query = check_query(SignalParameters())
    assert (query.from_ms, query.to_ms, query.limit, query.ascending, query.after) == (0, LAST_MS, 100, False, None)


@pytest.mark.parametrize(
    ("text", "from_ms", "to_ms"),
    [
        ("1970-01-03", 2 * DAY_MS, 3 * DAY_MS - 1),
        ("1970-01-03T00:00:01", 2 * DAY_MS + 1000, 2 * DAY_MS + 1000),
        ("1970-01-03T01:00:00+01:00", 2 * DAY_MS, 2 * DAY_MS),
    ],
    ids=["date", "utc", "offset"],
)
def test_dates_stand_for_their_first_and_last_moment(text: str, from_ms: int, to_ms: int) -> None:
    query = check_query(SignalParameters.model_validate({"from": text, "to": text}))
    assert (query.from_ms, query.to_ms) == (from_ms, to_ms)


def test_every_mistake_is_told_at_once() -> None:
    parameters = SignalParameters.model_validate({"from": "soon", "to": "later", "cursor": "x"})
    with pytest.raises(ProblemError) as error:
        check_query(parameters)
    assert [mistake.where for mistake in error.value.mistakes] == ["query.from", "query.to", "query.cursor"]
