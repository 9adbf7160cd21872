"""What a caller asks about signals, checked: every mistake is answered with where, found and expected."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from trading_operator.api.base import NAME_PATTERN
from trading_operator.api.logic import Symbol
from trading_workloads.services.signal.cursor import Place, decode_cursor
from trading_workloads.serving.problem import Mistake, wrong_request
from trading_workloads.times import milliseconds

LAST_MS = 2**53
"""Later than any bar."""


class SignalParameters(BaseModel):
    """The parameters of `GET /api/v1/signals`, as a URL has them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strategy: Annotated[str, Field(pattern=NAME_PATTERN, description="Only signals of this strategy.")] | None = None
    symbol: Annotated[Symbol, Field(description="Only signals about this symbol.")] | None = None
    from_: Annotated[
        str | None,
        Field(alias="from", description="Bar closes from this ISO 8601 date or time on; UTC without offset."),
    ] = None
    to: Annotated[
        str | None, Field(description="Bar closes up to this ISO 8601 date (its whole day) or time, included.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="Most signals in one answer.")] = 100
    order: Annotated[Literal["desc", "asc"], Field(description="desc: newest first. asc: oldest first.")] = "desc"
    cursor: Annotated[str | None, Field(max_length=500, description="`nextCursor` of the answer before.")] = None


SignalParametersQuery = Annotated[SignalParameters, Query()]


@dataclass(frozen=True, slots=True)
class SignalQuery:
    """A checked question: bar closes from and to in milliseconds, both included; after a place, or from the start."""

    strategy: str | None
    symbol: str | None
    from_ms: int
    to_ms: int
    limit: int
    ascending: bool
    after: Place | None


def check_query(parameters: SignalParameters) -> SignalQuery:
    """Return the question that parameters ask. Raises ProblemError 400 with every mistake."""
    mistakes: list[Mistake] = []
    from_ms = _moment("from", parameters.from_, mistakes, end_of_day=False)
    to_ms = _moment("to", parameters.to, mistakes, end_of_day=True)
    after = None
    if parameters.cursor is not None:
        try:
            after = decode_cursor(parameters.cursor)
        except ValueError:
            mistakes.append(Mistake("query.cursor", f'"{parameters.cursor}"', "`nextCursor` of the answer before"))
    if from_ms is not None and to_ms is not None and from_ms > to_ms and not mistakes:
        mistakes.append(Mistake("query.from", f'"{parameters.from_}"', f'no later than to, "{parameters.to}"'))
    if mistakes:
        raise wrong_request(*mistakes)
    return SignalQuery(
        parameters.strategy,
        parameters.symbol,
        from_ms or 0,
        LAST_MS if to_ms is None else to_ms,
        parameters.limit,
        parameters.order == "asc",
        after,
    )


def _moment(name: str, text: str | None, mistakes: list[Mistake], *, end_of_day: bool) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        mistakes.append(Mistake(f"query.{name}", f'"{text}"', "an ISO 8601 date or time, such as 2013-03-01"))
        return None
    if len(text) == len("2013-03-01") and end_of_day:
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999999)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, milliseconds(moment))
