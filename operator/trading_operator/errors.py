"""What can go wrong, by whose fault it is.

OperatorError
├── UserError             the object's fault: a condition, and no retry until the object changes
│   └── InvalidSpecError  the object is not what the schema says
├── RenderError           a file given to `render` cannot be used
├── SettingsError         the environment of the operator: it does not start
├── OwnerGoneError        the object whose children were to be written is not there any more
└── WorldError            the world's fault: retried with backoff
    ├── ApiError          the API server answered with an error
    │   ├── ConflictError     409: somebody else owns a field, or an object changed meanwhile
    │   ├── ExistsError       409 on a create: the name is taken
    │   ├── ForbiddenError    403: a right is missing, and may be given
    │   ├── ExpiredError      410: the place in the history is gone; list again
    │   ├── NotFoundError     404
    │   └── RejectedError     400, 413, 422: the request is refused as it is, and always will be
    ├── FencedError       this replica does not hold the lease, and must not write
    ├── UnreachableError  the API server did not answer
    └── ServiceCallError  the signal service did not answer as it should
"""


class OperatorError(Exception):
    """Any error of the operator's own."""


class UserError(OperatorError):
    """The object's fault."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message


class InvalidSpecError(UserError):
    """The object is not what the schema says."""


class RenderError(OperatorError):
    """A file given to `render` cannot be used."""


class SettingsError(OperatorError):
    """A variable of the operator's environment cannot be used."""


class OwnerGoneError(OperatorError):
    """The object whose children were to be written is not there any more."""


class WorldError(OperatorError):
    """The world's fault."""


class ApiError(WorldError):
    """The API server answered with an error."""

    def __init__(
        self, status: int, message: str, reason: str = "", *, retry_after: float = 0.0, fields: tuple[str, ...] = ()
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.reason = reason
        self.retry_after = retry_after
        """Seconds that the server asks to be left alone."""
        self.fields = fields
        """Paths of the fields that caused it, such as `.spec.replicas`."""

    def __str__(self) -> str:
        return f"HTTP {self.status}: {self.message}"


class ConflictError(ApiError):
    """Somebody else owns a field, or the object changed meanwhile."""


class ExistsError(ApiError):
    """The name of an object that was to be created is taken."""


class ForbiddenError(ApiError):
    """A right is missing."""


class ExpiredError(ApiError):
    """The place in the history from which a watch should go on is gone."""


class NotFoundError(ApiError):
    """There is no such object."""


class RejectedError(ApiError):
    """The request is refused as it is, and always will be."""


class FencedError(WorldError):
    """This replica does not hold the lease, and must not write."""


class UnreachableError(WorldError):
    """The API server did not answer."""


class ServiceCallError(WorldError):
    """The signal service did not answer as it should."""
