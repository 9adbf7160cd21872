"""Answers to requests that cannot be served: problem details by RFC 9457, saying where, found and expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from trading_workloads.store.connection import describe


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong part of a request."""

    where: str
    found: str
    expected: str


class ProblemError(Exception):
    """A request that is answered by a problem document with this status."""

    def __init__(self, status: HTTPStatus, detail: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.mistakes = tuple(mistakes)


def wrong_request(*mistakes: Mistake) -> ProblemError:
    """Return the error that answers a request with mistakes."""
    detail = "; ".join(f"{each.where}: found {each.found}, expected {each.expected}" for each in mistakes)
    return ProblemError(HTTPStatus.BAD_REQUEST, detail, mistakes)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every failure of a request by a problem document."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)  # noqa: S101 - registered for this type alone
        return problem_response(request, error)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type alone
        return problem_response(request, wrong_request(*(_mistake(each) for each in error.errors())))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type alone
        return problem_response(request, ProblemError(HTTPStatus(error.status_code), str(error.detail)))

    async def on_redis(request: Request, error: Exception) -> Response:
        detail = f"Redis: {describe(error)}; try again"
        return problem_response(request, ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail))

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RedisError, on_redis)


def problem_response(request: Request, error: ProblemError) -> Response:
    """Return the problem document of an error."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": error.status.phrase,
        "status": error.status.value,
        "detail": str(error),
        "instance": request.url.path,
    }
    if error.mistakes:
        document["errors"] = [
            {"where": each.where, "found": each.found, "expected": each.expected} for each in error.mistakes
        ]
    return Response(orjson.dumps(document), status_code=error.status.value, media_type="application/problem+json")


def _mistake(found: dict[str, object]) -> Mistake:
    place = found["loc"]
    where = ".".join(str(part) for part in place) if isinstance(place, (list, tuple)) else str(place)
    message = str(found["msg"])
    return Mistake(where, f'"{found.get("input")}"'[:200], message[:1].lower() + message[1:])
