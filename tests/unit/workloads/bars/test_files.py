"""Files of bars: what is read, and what is told about lines that cannot be used."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from tests.unit.workloads.factories import random_bars
from trading_workloads.bars.files import BarFileError, read_bars
from trading_workloads.bars.table import BarTable

HEADER = "time,symbol,open,high,low,close,volume"


def read_text(folder: Path, *lines: str, header: str = HEADER) -> BarTable:
    path = folder / "bars.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return read_bars(path)


def test_lines_become_columns_of_symbols(tmp_path: Path) -> None:
    table = read_text(tmp_path, "2020-01-02,B,1,3,0.5,2,10", "2020-01-01,A,4,6,3,5,20", "2020-01-02,A,7,9,6,8,30")
    assert table.symbols == ("B", "A")
    assert table.written == ("2020-01-01", "2020-01-02")
    assert table.close_ms.tolist() == [1577836800000, 1577923200000]
    assert_array_equal(table.close, [[np.nan, 5], [2, 8]])
    assert_array_equal(table.volume, [[np.nan, 20], [10, 30]])
    assert [bar.close_ms for bar in table] == table.close_ms.tolist()


def test_columns_may_come_in_any_order_with_others_between(tmp_path: Path) -> None:
    header = "symbol,volume,note,close,low,high,open,time"
    table = read_text(tmp_path, "A,9,x,4,3,5,3.5,2020-01-01", header=header)
    assert [table.open[0, 0], table.high[0, 0], table.low[0, 0], table.close[0, 0], table.volume[0, 0]] == [
        3.5,
        5,
        3,
        4,
        9,
    ]


@pytest.mark.parametrize(
    ("written", "close_ms"),
    [
        ("2020-01-01", 1577836800000),
        ("2020-01-01T00:00:00", 1577836800000),
        ("2020-01-01 21:00", 1577912400000),
        ("2020-01-01T21:00:00Z", 1577912400000),
        ("2020-01-01T16:00:00-05:00", 1577912400000),
        ("2020-01-01T21:00:00.250Z", 1577912400250),
    ],
)
def test_time_is_read_as_utc_and_echoed_as_written(tmp_path: Path, written: str, close_ms: int) -> None:
    table = read_text(tmp_path, f"{written},A,1,1,1,1,1")
    assert (table.close_ms.tolist(), table.time_of(0, "A")) == ([close_ms], written)


def test_moment_that_is_written_in_two_ways_is_one_bar(tmp_path: Path) -> None:
    table = read_text(tmp_path, "2020-01-01,A,1,1,1,1,1", "2020-01-01T00:00Z,B,2,2,2,2,2", "2020-01-02,B,2,2,2,2,2")
    assert [table.time_of(0, "A"), table.time_of(0, "B"), table.time_of(1, "B")] == [
        "2020-01-01", "2020-01-01T00:00Z", "2020-01-02",
    ]  # fmt: skip
    assert table.select(("B",)).time_of(0, "B") == "2020-01-01T00:00Z"
    assert table.rows(1, 2).time_of(0, "B") == "2020-01-02"


GOOD = "2020-01-01,A,1,2,0.5,1,5"
MISTAKES = {
    "not a number": (("2020-01-02,A,1,2,x,1,5",), 'line 3: low: found "x", expected a number'),
    "nothing": (("2020-01-02,A,1,2,,1,5",), 'line 3: low: found "", expected a number'),
    "NaN": (("2020-01-02,A,1,2,1,nan,5",), "line 3: close: found nan, expected a number of 0 or more"),
    "infinite": (("2020-01-02,A,1,inf,1,1,5",), "line 3: high: found inf"),
    "negative": (("2020-01-02,A,1,2,1,1,-5",), "line 3: volume: found -5.0, expected a number of 0 or more"),
    "high under low": (("2020-01-02,A,1,2,3,1,5",), "line 3: found high 2.0 below low 3.0, expected high >= low"),
    "again": (
        ("2020-01-02,A,1,2,1,1,5", "2020-01-01,A,1,2,1,1,6"),
        "line 4: found A at 2020-01-01 again, expected it once; it is in line 2 too",
    ),
    "again in another way": (("2020-01-01T00:00Z,A,1,2,1,1,5",), "line 3: found A at 2020-01-01T00:00Z again"),
    "no time": (("yesterday,A,1,2,1,1,5",), 'line 3: time: found "yesterday", expected an ISO date or timestamp'),
    "no such day": (("2020-02-30,A,1,2,1,1,5",), 'line 3: time: found "2020-02-30"'),
    "no symbol": (("2020-01-02,,1,2,1,1,5",), "line 3: symbol: found nothing, expected a name"),
    "short line": (("", "2020-01-02,A,1,2,1",), "line 4: found 5 values, expected 7"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_line_that_cannot_be_used_is_told(tmp_path: Path, name: str) -> None:
    lines, problem = MISTAKES[name]
    with pytest.raises(BarFileError) as refused:
        read_text(tmp_path, GOOD, *lines)
    assert str(refused.value).startswith(f"{tmp_path / 'bars.csv'}, {problem}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("time,symbol,close\n", f"time,symbol,close; expected {HEADER}; missing open, high, low, volume"),
        ("", "found the columns nothing; expected time"),
        (HEADER + "\n", "found no bars, expected at least one line"),
        ("\xff\xfe\x00", "cannot be read as CSV"),
    ],
)  # fmt: skip
def test_file_that_cannot_be_used_is_told(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(BarFileError, match=problem):
        read_bars(path)


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BarFileError, match="cannot be read: No such file or directory"):
        read_bars(tmp_path / "bars.csv")


@pytest.mark.parametrize("times", ["text", "timestamp", "date", "utc"])
def test_parquet_reads_as_csv_does(tmp_path: Path, times: str) -> None:
    bars = random_bars(3, ("A", "B"), 20)
    written = {
        "text": bars.time.dt.strftime("%Y-%m-%d"),
        "timestamp": bars.time,
        "date": bars.time.dt.date,
        "utc": bars.time.dt.tz_localize("UTC"),
    }
    bars.to_csv(tmp_path / "bars.csv", index=False)
    bars.assign(time=written[times]).to_parquet(tmp_path / "bars.parquet")
    expected, found = read_bars(tmp_path / "bars.csv"), read_bars(tmp_path / "bars.parquet")
    assert found.symbols == expected.symbols
    assert_array_equal(found.close_ms, expected.close_ms)
    assert_array_equal(found.high, expected.high)
    first = {"timestamp": "2020-01-01T00:00:00", "utc": "2020-01-01T00:00:00+00:00"}
    assert found.written[0] == first.get(times, "2020-01-01")


def test_mistake_in_parquet_names_the_row(tmp_path: Path) -> None:
    bars = random_bars(3, ("A",), 5, gaps=0)
    bars.loc[3, "close"] = None
    bars.to_parquet(tmp_path / "bars.parquet")
    with pytest.raises(BarFileError, match="row 4: close: found nan, expected a number of 0 or more"):
        read_bars(tmp_path / "bars.parquet")


@pytest.mark.parametrize("content", [b"PAR1", b"time,symbol", b""])
def test_file_that_is_no_parquet_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(content)
    with pytest.raises(BarFileError, match="cannot be read as Parquet"):
        read_bars(path)


def test_select_keeps_the_order_that_is_asked_for_and_drops_empty_closes(tmp_path: Path) -> None:
    bars = pd.DataFrame(
        {"time": ["2020-01-01", "2020-01-02", "2020-01-02"], "symbol": list("ABC"), "close": [1.0, 2.0, 3.0]}
    ).assign(open=1.0, high=1.0, low=1.0, volume=1.0)
    bars.to_csv(tmp_path / "bars.csv", index=False)
    table = read_bars(tmp_path / "bars.csv").select(("C", "B"))
    assert table.symbols == ("C", "B")
    assert table.written == ("2020-01-02",)
    assert_array_equal(table.close, [[3, 2]])
