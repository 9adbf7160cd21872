import orjson
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from trading_operator.cluster.session import written


@given(st.text())
@example("\x7f\x80\x85\x9f")
@example("one\u2028two\u2029three\ufeff")
@example("\ufffe\uffff\U0001f4c8")
def test_any_text_is_written_so_that_json_and_yaml_read_it(text: str) -> None:
    document = {"status": {"message": text}}
    assert orjson.loads(written(document)) == document
    assert yaml.safe_load(written(document)) == document
