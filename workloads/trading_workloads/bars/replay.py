"""The data sets that the `replay` source plays, dated by an exchange's calendar."""

from collections.abc import Iterator
from typing import Final

from trading_workloads.bars.door import RawBar
from trading_workloads.bars.recording import Recording, SessionTimes, record

BOKEH_STOCKS: Final = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
"""Symbols of the `bokeh-stocks` data set: daily bars as traded, 2000-03-01 to 2013-03-01."""


def load_bokeh_stocks(calendar: str) -> Recording:
    """Return the recording of bokeh-sampledata's daily bars, each dated by the close of its session.

    calendar: a code that exchange_calendars knows. Raises ValueError for any other.
    """
    bars = list(_bokeh_bars())
    days = [bar.session for bar in bars]
    return record(bars, BOKEH_STOCKS, load_sessions(calendar, min(days), max(days)))


def _bokeh_bars() -> Iterator[RawBar]:
    from bokeh_sampledata import stocks  # noqa: PLC0415 - reads a file of 10 MB on import

    for symbol in BOKEH_STOCKS:
        columns = getattr(stocks, symbol)
        names = ("date", "open", "high", "low", "close", "volume")
        for values in zip(*(columns[name] for name in names), strict=True):
            yield RawBar(symbol, *values)


def load_sessions(calendar: str, first: str, last: str) -> dict[str, SessionTimes]:
    """Return the opening hours of every session between two dates (ISO), both included, by date.

    Asks the calendar for sessions only: one question about minutes would cost hundreds of megabytes.
    Raises ValueError when there is no such calendar, saying what was found and expected.
    """
    import exchange_calendars  # noqa: PLC0415 - brings pandas, which only this function needs
    from exchange_calendars.errors import InvalidCalendarName  # noqa: PLC0415 - as above

    try:
        schedule = exchange_calendars.get_calendar(calendar, start=first, end=last).schedule
    except InvalidCalendarName as error:
        raise ValueError(
            f'calendar: found "{calendar}", expected a code that exchange_calendars knows, such as XNYS'
        ) from error
    nanoseconds_per_millisecond = 1_000_000
    return {
        f"{day:%Y-%m-%d}": SessionTimes(
            opened.value // nanoseconds_per_millisecond, closed.value // nanoseconds_per_millisecond
        )
        for day, opened, closed in zip(schedule.index, schedule["open"], schedule["close"], strict=True)
    }
