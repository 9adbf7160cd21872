import math

from trading_workloads.bars.door import RawBar
from trading_workloads.bars.entry import close_of, decode_entry, encode_entry, entry_id
from trading_workloads.bars.recording import SessionTimes, record

SESSIONS = {f"2005-03-0{day}": SessionTimes(day * 1000, day * 1000 + 500) for day in (1, 2, 3)}
SYMBOLS = ("AAPL", "IBM")


def bar(symbol: str, day: int, close: float = 10.0) -> RawBar:
    return RawBar(symbol, f"2005-03-0{day}", 10.0, 12.0, 9.0, close, 100)


def test_symbols_of_one_close_come_together_in_the_order_of_the_source() -> None:
    found = record([bar("IBM", 1), bar("IBM", 2), bar("AAPL", 2), bar("AAPL", 3)], SYMBOLS, SESSIONS)
    assert [(close.columns.close_ms, close.columns.symbols) for close in found.closes] == [
        (1500, ("IBM",)),
        (2500, ("AAPL", "IBM")),
        (3500, ("AAPL",)),
    ]
    assert found.closes[0].columns.open_ms == 1000


def test_refused_bars_go_with_the_next_close() -> None:
    bars = [bar("AAPL", 1, close=math.nan), bar("AAPL", 2), bar("AAPL", 3, close=-1), bar("IBM", 2)]
    found = record(bars, SYMBOLS, SESSIONS)
    assert [[refusal.fault for refusal in close.refusals] for close in found.closes] == [["NotANumber", "NotPositive"]]


def test_bar_without_session_is_refused_with_the_first_close() -> None:
    found = record([RawBar("AAPL", "2005-03-06", 1, 1, 1, 1, 1), bar("AAPL", 1), bar("AAPL", 2)], SYMBOLS, SESSIONS)
    assert [len(close.refusals) for close in found.closes] == [1, 0]


def test_columns_survive_being_written() -> None:
    (close,) = record([bar("AAPL", 1), bar("IBM", 1)], SYMBOLS, SESSIONS).closes
    entry = entry_id(close.columns.close_ms).encode()
    fields = {name.encode(): str(value).encode() for name, value in encode_entry(close.columns, "replay").items()}
    assert decode_entry(entry, fields) == close.columns
    assert close_of(entry) == 1500
