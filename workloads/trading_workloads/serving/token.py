"""The secret that the operator and the services share, from a mounted file that may be replaced at any time."""

import secrets
from http import HTTPStatus
from pathlib import Path

from fastapi import Request

from trading_workloads.contract import TOKEN_HEADER
from trading_workloads.serving.problem import ProblemError


class TokenCheck:
    """A dependency of routes that only the operator may call."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, request: Request) -> None:
        """Raise ProblemError 401 unless the request carries the token; without a token file nobody may call."""
        shown = request.headers.get(TOKEN_HEADER, "")
        try:
            token = self._path.read_text().strip()
        except OSError as error:
            raise ProblemError(HTTPStatus.UNAUTHORIZED, f"{TOKEN_HEADER}: this pod has no token file") from error
        if not token or not secrets.compare_digest(shown.encode(), token.encode()):
            found = "another text" if shown else "nothing"
            raise ProblemError(HTTPStatus.UNAUTHORIZED, f"{TOKEN_HEADER}: found {found}, expected the token")
