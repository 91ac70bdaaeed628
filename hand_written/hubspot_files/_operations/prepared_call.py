"""Calls of the API that are ready to be sent, and how their responses are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .._engine.context import CallContext
from .._engine.effects import CloseIdle, Flow
from .._engine.error_responses import unexpected
from .._engine.retry import Attempts, send, unknown_outcome
from .._engine.retry_policy import UNREADABLE, Idempotency
from .._errors import NotFoundError, OutcomeUnknownError, UnexpectedResponseError
from .._http.messages import ReceivedResponse, ReplayableBody, Request
from .._redaction import redacted
from .readers import read_nothing

T = TypeVar("T")

_ADVICE = "Look at what is there before doing it again."


class PreparedCall(Generic[T]):
    """A request, and how its response is read.

    Args:
        operation: name of the operation in the description of the API.
        kwargs: arguments that the generated client gives for it.
        idempotency: whether it may be sent twice.
        read: makes a model of the JSON of its response.
        upload: the content that it uploads, or None.
        reread: the call that brings the same record without changing it, for a response that cannot be read, or None.
        advice: how to find out whether it happened, where no response says so.

    Attributes:
        request: the request, before its token and its connection are known.
        idempotency, read, reread, advice: the arguments.
    """

    __slots__ = ("advice", "idempotency", "read", "request", "reread")

    def __init__(
        self,
        operation: str,
        kwargs: dict[str, Any],
        idempotency: Idempotency,
        read: Callable[[Any], T],
        upload: ReplayableBody | None = None,
        reread: PreparedCall[T] | None = None,
        advice: str = _ADVICE,
    ) -> None:
        self.request = Request(operation, kwargs, upload)
        self.idempotency = idempotency
        self.read = read
        self.reread = reread
        self.advice = advice

    @property
    def label(self) -> str:
        """Method and path, for messages."""
        return self.request.label

    def with_reader(self, read: Callable[[Any], T]) -> PreparedCall[T]:
        """Return the same call with another reader of its response."""
        return PreparedCall(self.request.operation, self.request.kwargs, self.idempotency, read)

    def unknown_after_lookup(self, error: OutcomeUnknownError, lookup: str) -> OutcomeUnknownError:
        """Return the error of a call that was looked up in vain, to be raised from the cause of the one before.

        Args:
            error: the error before it was looked up.
            lookup: result of looking it up, as a sentence.
        """
        return OutcomeUnknownError(unknown_outcome(self.label, self.advice, error.__cause__, lookup))


def perform(context: CallContext, call: PreparedCall[T]) -> Flow[T]:
    """Send a request and read its response. A success that cannot be read is asked for again if that is idempotent.

    Raises:
        UnexpectedResponseError: the response is a success, but not one that the description allows.
        OutcomeUnknownError: so is that of a request which must not be sent again.
        HubSpotFilesError: see `send`.
    """
    return (yield from perform_with_response(context, call))[0]


def perform_with_response(context: CallContext, call: PreparedCall[T]) -> Flow[tuple[T, ReceivedResponse]]:
    """Send a request and read its response, as `perform` does; return the response, too.

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
            # It may be the response to another request: then the next one on that connection would be as well.
            yield from CloseIdle()
            yield from attempts.wait_to_retry(UNREADABLE, error)
            # The change is made: its record can be had without making it again.
            call = call.reread or call
        else:
            if call.request.method != "GET" and isinstance(id := getattr(result, "id", None), str):
                context.settings.shared.claims.note(id, response.received_at)
            return result, response


def perform_by_path(
    context: CallContext, call_for: Callable[..., PreparedCall[T]], path: str
) -> Flow[tuple[T, ReceivedResponse]]:
    """Perform a call for a path: a 404 is believed only for the form of the path that HubSpot takes.

    HubSpot's own clients send a slash as `%2F`, its documentation as a slash, and an edge before it was seen to respond
    404 to one of them whatever the path. A success shows which form is taken, and from then on that one is sent.

    Args:
        context: of the call.
        call_for: prepares the call, with `quoted=True` for slashes as `%2F`.
        path: the path, without the slash that it begins with.

    Raises:
        NotFoundError: nothing stands there.
        HubSpotFilesError: see `perform`.
    """
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
        # The 404 of a deletion that was retried counts as a success, and shows nothing of the form.
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
        label: the request, for the message.
        reader: makes a model of JSON.
        response: a success.

    Raises:
        UnexpectedResponseError: it is not what the API describes.
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
    """Make sure that the body of a response could be read.

    Raises:
        UnexpectedResponseError: it could not.
    """
    if response.problem:
        reason = f"the response is {response.problem}"
        raise unexpected(label, response.status, response.headers, reason, response.secrets)
