"""Calls of the API that are ready to be sent, with the readers of their responses."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .._engine.context import CallContext
from .._engine.effects import CloseIdle, Flow
from .._engine.error_responses import unexpected
from .._engine.retry import Attempts, send, unknown_outcome
from .._engine.retry_policy import UNREADABLE, Idempotency
from .._errors import FileMissingError, NotFoundError, OutcomeUnknownError, UnexpectedResponseError
from .._http.messages import Form, ReceivedResponse, ReplayableBody, Request
from .._redaction import redacted
from .readers import read_nothing
from .versions import in_version

T = TypeVar("T")

_ADVICE = "Look at what is there before doing it again."


class PreparedCall(Generic[T]):
    """A request, with the reader of its response.

    Args:
        version: version of the API.
        operation: name of the operation in the description of the API.
        kwargs: arguments of the request, from the generated client, in its default version.
        idempotency: whether the request can be repeated safely.
        read: makes a model from the JSON of the response.
        upload: content of an upload, or None.
        reread: call that fetches the changed record if the response cannot be read, or None.
        advice: how to find out whether HubSpot acted on the request, for OutcomeUnknownError.
        form: body of a request that authenticates itself, or None.

    Raises:
        UnsupportedOperationError: the version lacks the operation.

    Attributes:
        request: the request, without token and connection.
        idempotency, read, reread, advice: the arguments.
    """

    __slots__ = ("advice", "idempotency", "read", "request", "reread")

    def __init__(
        self,
        version: str,
        operation: str,
        kwargs: dict[str, Any],
        idempotency: Idempotency,
        read: Callable[[Any], T],
        upload: ReplayableBody | None = None,
        reread: PreparedCall[T] | None = None,
        advice: str = _ADVICE,
        form: Form | None = None,
    ) -> None:
        self.request = Request(operation, in_version(version, operation, kwargs), upload, form)
        self.idempotency = idempotency
        self.read = read
        self.reread = reread
        self.advice = advice

    @property
    def label(self) -> str:
        """Method and path of the request, for messages."""
        return self.request.label

    def with_reader(self, read: Callable[[Any], T]) -> PreparedCall[T]:
        """Return the same call with another reader of its response."""
        call = copy.copy(self)
        call.read = read
        return call

    def unknown_after_lookup(self, error: OutcomeUnknownError, lookup: str) -> OutcomeUnknownError:
        """Return the error of a call whose lookup found nothing certain. Raise it from the cause of the first error.

        Args:
            error: the error before the lookup.
            lookup: result of the lookup, as a sentence.
        """
        return OutcomeUnknownError(unknown_outcome(self.label, self.advice, error.__cause__, lookup))


def perform(context: CallContext, call: PreparedCall[T]) -> Flow[T]:
    """Send a request and read its response. An idempotent request is retried if its response cannot be read.

    Raises:
        UnexpectedResponseError: the response is a success, but not what the API describes.
        OutcomeUnknownError: the same, and the request is not idempotent.
        HubSpotFilesError: see `send`.
    """
    return (yield from perform_with_response(context, call))[0]


def perform_with_response(context: CallContext, call: PreparedCall[T]) -> Flow[tuple[T, ReceivedResponse]]:
    """Send a request, and return its result and its response.

    Raises:
        HubSpotFilesError: see `perform`.
    """
    attempts = Attempts(context, call.label, call.idempotency, call.advice)
    while True:
        attempts.count += 1
        response = yield from send(context, call.request, call.idempotency, call.advice)
        try:
            result = read_response(call.label, call.read, response)
        except UnexpectedResponseError as error:
            # It may be the response to another request. Then the next response on that connection would be wrong, too.
            yield from CloseIdle()
            yield from attempts.wait_to_retry(UNREADABLE, error)
            # The change was made. Its record can be fetched without repeating the change.
            call = call.reread or call
        else:
            if call.request.method != "GET" and isinstance(id := getattr(result, "id", None), str):
                context.settings.shared.claims.note(id, response.received_at)
            return result, response


def perform_by_path(
    context: CallContext, call_for: Callable[..., PreparedCall[T]], path: str
) -> Flow[tuple[T, ReceivedResponse]]:
    """Perform a call for a path, in both forms of the path if the first responds 404.

    HubSpot's own clients send the slashes of a path as `%2F`, and its documentation as slashes. A proxy in front of
    HubSpot can respond 404 to any path in one of the forms. After the first success, only the form that succeeded is
    sent.

    Args:
        context: context of the call.
        call_for: prepares the call, with `quoted=True` for slashes as `%2F`.
        path: the path, without its leading slash.

    Raises:
        FileMissingError: there is nothing at the path.
        HubSpotFilesError: see `perform`.
    """
    try:
        return (yield from _perform_by_path(context, call_for, path))
    except FileMissingError as error:
        error.filename = f"/{path}"
        raise


def _perform_by_path(
    context: CallContext, call_for: Callable[..., PreparedCall[T]], path: str
) -> Flow[tuple[T, ReceivedResponse]]:
    shared = context.settings.shared
    if "/" not in path or shared.quoted_slashes is not None:
        return (yield from perform_with_response(context, call_for(quoted=bool(shared.quoted_slashes))))
    missing: NotFoundError | None = None
    found: tuple[T, ReceivedResponse] | None = None
    for quoted in (False, True):
        try:
            found = yield from perform_with_response(context, call_for(quoted=quoted))
        except NotFoundError as error:
            missing = missing or error
            continue
        # The 404 of a retried deletion counts as a success, but does not show which form is right.
        if found[1].status != 404:
            shared.quoted_slashes = quoted
            break
    if found is None:
        assert missing is not None
        raise missing
    return found


def read_response(label: str, reader: Callable[[Any], T], response: ReceivedResponse) -> T:
    """Return the model of a response.

    Args:
        label: method and path of the request, for the message.
        reader: makes a model from JSON.
        response: the response, which is a success.

    Raises:
        UnexpectedResponseError: the response is not what the API describes.
    """
    if reader is read_nothing:
        return reader(None)
    check_readable(label, response)
    try:
        return reader(json.loads(response.body))
    except KeyError as error:
        reason = f"the response lacks {error}"
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("content-type", "").partition(";")[0].strip() or "no content type"
        reason = f"the response ({len(response.body)} bytes of {kind}) is not what the API describes: "
        reason += redacted(str(error), response.secrets)
    raise unexpected(label, response.status, response.headers, reason, response.secrets)


def check_readable(label: str, response: ReceivedResponse) -> None:
    """Check that the body of a response could be read.

    Raises:
        UnexpectedResponseError: it could not be read.
    """
    if response.problem:
        reason = f"the response is {response.problem}"
        raise unexpected(label, response.status, response.headers, reason, response.secrets)
