"""Every error a person may see: what was wrong, what is allowed, what to do next.

An error knows its HTTP status and its exit code, so that API, CLI, client and pages say the same.
Whatever is not a TbgatewayError is an internal error: logged with its request id, never shown.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class TbgatewayError(Exception):
    """Something was refused or failed; `detail` and `hint` are written for the person who asked."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "The request failed"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self, detail: str, *, hint: str = "", command: str = "", retry_after: float | None = None
    ) -> None:
        """Say in `detail` what was wrong, in `hint` what to do; `retry_after` is in seconds.

        The hint is for everybody, whether they came by a page, the API or the command line; what
        to type into the latter stands in `command`.
        """
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.command = command
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Return all that is to be said: this is what a traceback shows."""
        return f"{self.detail} {self.hint}".strip()


class InvalidInputError(TbgatewayError):
    """A value is outside of what is allowed."""

    code = "invalid-input"
    title = "The input is not valid"
    status = 422
    exit_code = 2

    def __init__(self, detail: str, *, hint: str = "", command: str = "", field: str = "") -> None:
        """`field` names what was wrong where one field was, such as `experiments.1`."""
        super().__init__(detail, hint=hint, command=command)
        self.field = field


class BadRequestError(TbgatewayError):
    """The request itself is malformed or ambiguous; it is not interpreted."""

    code = "bad-request"
    title = "The request is malformed"
    status = 400
    exit_code = 2


class UnauthenticatedError(TbgatewayError):
    """No credentials, or credentials that do not fit; never says which part was wrong."""

    code = "unauthenticated"
    title = "Authentication is required"
    status = 401
    exit_code = 4


class DeniedError(TbgatewayError):
    """Known, but not allowed to do this."""

    code = "denied"
    title = "Not allowed"
    status = 403
    exit_code = 4


class NotFoundError(TbgatewayError):
    """No such board, experiment, member, token or page."""

    code = "not-found"
    title = "Not found"
    status = 404
    exit_code = 3


class MethodNotAllowedError(TbgatewayError):
    """The page exists, but not for this method."""

    code = "method-not-allowed"
    title = "Method not allowed"
    status = 405
    exit_code = 2

    def __init__(
        self,
        detail: str,
        *,
        hint: str = "",
        command: str = "",
        allow: frozenset[str] = frozenset(),
    ) -> None:
        """`allow` are the methods that exist for this path."""
        super().__init__(detail, hint=hint, command=command)
        self.allow = allow


class ConflictError(TbgatewayError):
    """The change contradicts what is there."""

    code = "conflict"
    title = "In conflict with what is there"
    status = 409
    exit_code = 5


class NameTakenError(ConflictError):
    """The name belongs to something else, or is reserved by an earlier name."""

    code = "name-taken"
    title = "The name is taken"


class NamesShadowError(ConflictError):
    """Two experiments of one board would stand in each other's way in its link tree."""

    code = "names-shadow"
    title = "Two experiment names shadow each other"


class AmbiguousNameError(ConflictError):
    """A bare experiment name that exists below more than one logdir root."""

    code = "ambiguous-name"
    title = "The name is ambiguous"


class NotSharedError(ConflictError):
    """The gateway does not see the directory that the script sees under this path."""

    code = "not-shared"
    title = "The directory is not shared with the gateway"


class PayloadTooLargeError(TbgatewayError):
    """The body is longer than this route takes."""

    code = "payload-too-large"
    title = "The request body is too large"
    status = 413
    exit_code = 2


class UriTooLongError(TbgatewayError):
    """The address is longer than the gateway reads."""

    code = "uri-too-long"
    title = "The address is too long"
    status = 414
    exit_code = 2


class UnsupportedMediaTypeError(TbgatewayError):
    """The body is of another kind than this route takes."""

    code = "unsupported-media-type"
    title = "The body is of another kind than is taken here"
    status = 415
    exit_code = 2


class MisdirectedError(TbgatewayError):
    """The gateway was asked for by a name that is not known to be its own."""

    code = "misdirected"
    title = "Asked for by a wrong name"
    status = 421
    exit_code = 2


class TooManyRequestsError(TbgatewayError):
    """Throttled; `retry_after` says when to come back."""

    code = "too-many-requests"
    title = "Too many requests"
    status = 429
    exit_code = 1


class HeadersTooLargeError(TbgatewayError):
    """One header, or all of them together, is more than the gateway reads."""

    code = "headers-too-large"
    title = "The request headers are too large"
    status = 431
    exit_code = 2


class UnavailableError(TbgatewayError):
    """The gateway or one of its boards cannot answer now; trying again later may help."""

    code = "unavailable"
    title = "Not available right now"
    status = 503
    exit_code = 6


class BoardFailedError(UnavailableError):
    """The board's TensorBoard keeps dying; the detail carries the reason."""

    code = "board-failed"
    title = "The board failed"
    exit_code = 1


class BoardPausedError(UnavailableError):
    """A person stopped the board; visits do not wake it."""

    code = "board-paused"
    title = "The board is paused"
    exit_code = 1


class TimedOutError(TbgatewayError):
    """It did not happen in the time that was given; it may still happen."""

    code = "timed-out"
    title = "Timed out"
    status = 504
    exit_code = 7


class StorageFullError(TbgatewayError):
    """The state directory's file system is full; nothing was changed."""

    code = "storage-full"
    title = "No space left for the gateway's state"
    status = 507
    exit_code = 1


class UnreachableError(TbgatewayError):
    """No gateway answers at the address (raised by clients only)."""

    code = "unreachable"
    title = "The gateway cannot be reached"
    status = 503
    exit_code = 6


ERRORS: Mapping[str, type[TbgatewayError]] = MappingProxyType(
    {
        kind.code: kind
        for kind in tuple(globals().values())
        if isinstance(kind, type) and issubclass(kind, TbgatewayError)
    }
)
"""Every class of this module by its code: what the server tells and its clients raise."""
