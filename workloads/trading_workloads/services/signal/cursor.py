"""Places in the merged order of signals, and the opaque text that a caller hands back to go on from one."""

import base64
import binascii
from typing import NamedTuple

import orjson


class Place(NamedTuple):
    """A signal's place among those of all strategies: by bar close, then number within the bar, then strategy."""

    close_ms: int
    number: int
    strategy: str


def place_of(entry: bytes, strategy: str) -> Place:
    """Return the place of a stream entry."""
    close, _, number = entry.partition(b"-")
    return Place(int(close), int(number), strategy)


def encode_cursor(place: Place) -> str:
    """Return a place as text that may stand in a URL."""
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")


def decode_cursor(text: str) -> Place:
    """Return the place that a cursor stands for. Raises ValueError when it is none of ours."""
    try:
        close_ms, number, strategy = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValueError("no cursor of this service") from error
    if type(close_ms) is not int or type(number) is not int or not isinstance(strategy, str):
        raise ValueError("no cursor of this service")
    if close_ms < 0 or number < 0:
        raise ValueError("no cursor of this service")
    return Place(close_ms, number, strategy)
