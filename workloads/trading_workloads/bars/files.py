"""Bars in files: long CSV or Parquet with one line for each symbol and close."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trading_workloads.bars.table import BarTable
from trading_workloads.times import milliseconds

PRICE_COLUMNS: Final = ("open", "high", "low", "close", "volume")
COLUMNS: Final = ("time", "symbol", *PRICE_COLUMNS)


class BarFileError(ValueError):
    """A file of bars cannot be used: which file and line, what was found, what was expected."""


@dataclass(frozen=True, slots=True)
class LongBars:
    """The lines of a file, column by column, in the file's order. `place` names a line in messages."""

    path: Path
    place: Callable[[int], str]
    time: Sequence[object]
    symbol: Sequence[object]
    prices: dict[str, Sequence[object]]

    def error(self, line: int, problem: str) -> BarFileError:
        """Return the error about one line, counted from 0."""
        return BarFileError(f"{self.path}, {self.place(line)}: {problem}")


def read_bars(path: Path) -> BarTable:
    """Return the bars of a CSV file, or of a Parquet file where the name ends in `.parquet`.

    Times are closes: ISO dates or timestamps, UTC where they name no offset. Lines may come in any order.
    Raises `BarFileError`.
    """
    try:
        return table_of(_read_parquet(path) if path.suffix == ".parquet" else _read_csv(path))
    except OSError as error:
        raise BarFileError(f"{path}: cannot be read: {error.strerror or error}") from error


def _read_csv(path: Path) -> LongBars:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            chosen = _columns_of(path, header)
            numbers: list[int] = []
            rows: list[list[str]] = []
            for row in reader:
                if len(row) == len(header):
                    numbers.append(reader.line_num)
                    rows.append(row)
                elif row:
                    problem = f"found {len(row)} values, expected {len(header)}"
                    raise BarFileError(f"{path}, line {reader.line_num}: {problem}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise BarFileError(f"{path}: cannot be read as CSV: {error}") from error
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    picked = {name: columns[place] for name, place in chosen.items()}
    return _long_bars(path, lambda line: f"line {numbers[line]}", picked)


def _read_parquet(path: Path) -> LongBars:
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - an extra, which only Parquet files need
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - as above
    except ImportError as error:
        raise BarFileError(f"{path}: Parquet needs pyarrow; install the extra `parquet`, or use CSV") from error
    try:
        with ParquetFile(path) as file:
            chosen = _columns_of(path, file.schema_arrow.names)
            table = file.read(columns=list(chosen))
    except ArrowException as error:
        raise BarFileError(f"{path}: cannot be read as Parquet: {error}") from error
    picked = {name: table.column(name).to_pylist() for name in chosen}
    return _long_bars(path, lambda line: f"row {line + 1}", picked)


def _columns_of(path: Path, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip() for name in header]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        found = ",".join(names) or "nothing"
        raise BarFileError(
            f"{path}: found the columns {found}; expected {','.join(COLUMNS)}; missing {', '.join(missing)}"
        )
    return {name: names.index(name) for name in COLUMNS}


def _long_bars(path: Path, place: Callable[[int], str], columns: Mapping[str, Sequence[object]]) -> LongBars:
    prices = {name: columns[name] for name in PRICE_COLUMNS}
    return LongBars(path, place, columns["time"], columns["symbol"], prices)


def table_of(lines: LongBars) -> BarTable:
    """Return lines as a table. Raises `BarFileError` for the first line that cannot be used."""
    if not lines.time:
        raise BarFileError(f"{lines.path}: found no bars, expected at least one line")
    symbols = _symbols_of(lines)
    prices = {name: _numbers_of(lines, name, values) for name, values in lines.prices.items()}
    _check_ranges(lines, prices)
    texts, moments = _times_of(lines)
    names = tuple(dict.fromkeys(symbols))
    column = {symbol: place for place, symbol in enumerate(names)}
    columns = np.fromiter((column[symbol] for symbol in symbols), np.intp, len(symbols))
    close_ms, rows = np.unique(moments, return_inverse=True)
    _check_duplicates(lines, rows, columns, len(names))
    written, otherwise = _written_times(rows.tolist(), symbols, texts, len(close_ms))
    return BarTable(
        symbols=names,
        close_ms=close_ms,
        written=written,
        written_otherwise=otherwise,
        **{name: _spread(values, rows, columns, (len(close_ms), len(names))) for name, values in prices.items()},
    )


def _spread(
    values: NDArray[np.float64], rows: NDArray[np.intp], columns: NDArray[np.intp], shape: tuple[int, int]
) -> NDArray[np.float64]:
    table = np.full(shape, np.nan)
    table[rows, columns] = values
    return table


def _symbols_of(lines: LongBars) -> list[str]:
    symbols = ["" if symbol is None else str(symbol) for symbol in lines.symbol]
    if "" in symbols:
        raise lines.error(symbols.index(""), "symbol: found nothing, expected a name")
    return symbols


def _numbers_of(lines: LongBars, name: str, values: Sequence[object]) -> NDArray[np.float64]:
    try:
        numbers = np.array(values, dtype=np.float64)
    except (ValueError, TypeError):
        line = next(line for line, value in enumerate(values) if not _is_number(value))
        raise lines.error(line, f'{name}: found "{values[line]}", expected a number') from None
    wrong = ~np.isfinite(numbers) | (numbers < 0)
    if wrong.any():
        line = int(np.argmax(wrong))
        raise lines.error(line, f"{name}: found {numbers[line]}, expected a number of 0 or more")
    return numbers


def _is_number(value: object) -> bool:
    try:
        np.array([value], dtype=np.float64)
    except (ValueError, TypeError):
        return False
    return True


def _check_ranges(lines: LongBars, prices: dict[str, NDArray[np.float64]]) -> None:
    wrong = prices["high"] < prices["low"]
    if wrong.any():
        line = int(np.argmax(wrong))
        found = f"found high {prices['high'][line]} below low {prices['low'][line]}"
        raise lines.error(line, f"{found}, expected high >= low")


def _times_of(lines: LongBars) -> tuple[list[str], NDArray[np.int64]]:
    texts = [time if isinstance(time, str) else _text_of(time) for time in lines.time]
    known: dict[str, int] = {}
    for line, text in enumerate(texts):
        if text not in known:
            try:
                known[text] = _moment_of(text)
            except (ValueError, OverflowError):
                expected = "an ISO date or timestamp, such as 2024-03-01 or 2024-03-01T21:00:00Z"
                raise lines.error(line, f'time: found "{text}", expected {expected}') from None
    return texts, np.fromiter((known[text] for text in texts), np.int64, len(texts))


def _text_of(time: object) -> str:
    return time.isoformat() if isinstance(time, date) else str(time)


def _moment_of(text: str) -> int:
    moment = datetime.fromisoformat(text.strip())
    return milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _check_duplicates(lines: LongBars, rows: NDArray[np.intp], columns: NDArray[np.intp], symbols: int) -> None:
    cells = rows * symbols + columns
    first = np.unique(cells, return_index=True)[1]
    if len(first) < len(cells):
        again = np.ones(len(cells), dtype=np.bool_)
        again[first] = False
        line = int(np.argmax(again))
        earlier = lines.place(int(np.argmax(cells == cells[line])))
        problem = f"found {lines.symbol[line]} at {lines.time[line]} again, expected it once; it is in {earlier} too"
        raise lines.error(line, problem)


def _written_times(
    rows: Iterable[int], symbols: Sequence[str], texts: Sequence[str], bars: int
) -> tuple[tuple[str, ...], dict[tuple[int, str], str]]:
    written = [""] * bars
    otherwise: dict[tuple[int, str], str] = {}
    for row, symbol, text in zip(rows, symbols, texts, strict=True):
        if not written[row]:
            written[row] = text
        elif written[row] != text:
            otherwise[row, symbol] = text
    return tuple(written), otherwise
