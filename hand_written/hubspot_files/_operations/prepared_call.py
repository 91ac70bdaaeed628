"""A call of the API that is ready to be sent, and how its response is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from .._engine.effects import CloseIdle, Flow
from .._engine.error_responses import unexpected
from .._engine.retry import end_of, pause_before_retry, send, unknown
from .._engine.retry_policy import Failure, Repeat
from .._errors import NotFoundError, OutcomeUnknownError, UnexpectedResponseError
from .._http.messages import Reply, Request
from .._redaction import redacted
from .readers import _nothing

if TYPE_CHECKING:
    from .._content.upload_body import Part
    from .._engine.settings import Settings
    from .._http.timeouts import Timeout

T = TypeVar("T")


class Exchange(NamedTuple, Generic[T]):
    """A request, and what is known of it.

    Attributes:
        operation: its name in our description.
        kwargs: what the generated client gives for it.
        repeat: what sending it twice does.
        read: makes a model of its answer.
        part: the file that it uploads, or None.
        instead: the exchange that tells the same without changing anything, for an answer that cannot be read, or None.
    """

    operation: str
    kwargs: dict[str, Any]
    repeat: Repeat
    read: Callable[[Any], T]
    part: Part | None = None
    instead: Any = None


def perform(settings: Settings, exchange: Exchange[T], timeout: Timeout = None, end: float | None = None) -> Flow[T]:
    """Send a request and read its answer. A success that cannot be read is asked for again where that does no harm.

    Args:
        settings: the client's.
        exchange: what to send.
        timeout: that of the call.
        end: the monotonic clock at which it has to be over, where it is part of something that has begun before.

    Raises:
        UnexpectedResponseError: the answer is a success, but not what the description says.
        OutcomeUnknownError: so is that of a request which must not be sent again.
        HubSpotFilesError: as send.
    """
    answer, _ = yield from answered(settings, exchange, timeout, end)
    return answer


def answered(
    settings: Settings, exchange: Exchange[T], timeout: Timeout, end: float | None = None
) -> Flow[tuple[T, Reply]]:
    """As perform, with the answer as it came too.

    Raises:
        HubSpotFilesError: as perform.
    """
    if end is None:
        end = yield from end_of(settings)
    retries = 0
    while True:
        request = Request(exchange.operation, exchange.kwargs, exchange.part, timeout, end)
        reply = yield from send(settings, request, exchange.repeat)
        try:
            answer = read(request, exchange.read, reply)
        except UnexpectedResponseError as error:
            # It may be the response to another request: then the next one on that connection would be as well.
            yield CloseIdle()
            if exchange.repeat is Repeat.CREATES:
                raise OutcomeUnknownError(unknown(request, error)) from error
            if retries >= settings.max_retries:
                raise
            retries += 1
            # What was changed is changed: its record can be had without changing it again.
            exchange = exchange.instead or exchange
            failure = Failure("cut", all_sent=True)
            yield from pause_before_retry(settings, request.label, end, failure, retries, retries, error)
        else:
            if request.method != "GET" and isinstance(id := getattr(answer, "id", None), str):
                settings.shared.claims.note(id, reply.sent_at + reply.seconds)
            return answer, reply


def by_path(
    settings: Settings,
    exchange_of: Callable[..., Exchange[T]],
    path: str,
    timeout: Timeout,
    end: float | None = None,
) -> Flow[tuple[T, Reply]]:
    """As answered, for a path: a 404 is believed only where the form in which it was sent is one that HubSpot takes.

    HubSpot's own clients send a slash as `%2F`, its documentation as a slash, and an edge before it was seen to answer
    one of them 404 whatever the path. A success shows which form is taken, and from then on that one is sent.

    Args:
        settings: the client's.
        exchange_of: makes the request, with `quoted=True` for slashes as `%2F`.
        path: the path, without the slash that it begins with.
        timeout: that of each request.
        end: the monotonic clock at which all has to be over, or None.

    Raises:
        NotFoundError: nothing stands there.
        HubSpotFilesError: as answered.
    """
    shared = settings.shared
    if "/" not in path or shared.quoted_slashes is not None:
        return (yield from answered(settings, exchange_of(quoted=bool(shared.quoted_slashes)), timeout, end))
    if end is None:
        end = yield from end_of(settings)
    missing: NotFoundError | None = None
    found: tuple[T, Reply] | None = None
    for quoted in (False, True):
        try:
            found = yield from answered(settings, exchange_of(quoted=quoted), timeout, end)
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


def still_unknown(exchange: Exchange[Any], error: OutcomeUnknownError, looked: str) -> OutcomeUnknownError:
    """The error for what was looked up in vain, to be raised from the cause of the one that was raised before.

    Args:
        exchange: what was sent.
        error: what was raised before it was looked up.
        looked: what looking told, as a sentence.
    """
    request = Request(exchange.operation, exchange.kwargs)
    return OutcomeUnknownError(unknown(request, error.__cause__, looked))


def read(request: Request, reader: Callable[[Any], T], reply: Reply) -> T:
    """The model of an answer.

    Raises:
        UnexpectedResponseError: the answer is not what the description says.
    """
    if reader is _nothing:
        return reader(None)
    check_read(request, reply)
    try:
        return reader(json.loads(reply.body))
    except KeyError as error:
        reason = f"the response lacks {error}"
    except (ValueError, RecursionError) as error:
        kind = reply.headers.get("content-type", "").partition(";")[0].strip() or "no content type"
        reason = f"the response ({len(reply.body)} bytes of {kind}) is not what the API describes: "
        reason += redacted(str(error), reply.secrets)
    raise unexpected(request.label, reply.status, reply.headers, reason, reply.secrets)


def check_read(request: Request, reply: Reply) -> None:
    """Make sure that an answer's body could be read.

    Raises:
        UnexpectedResponseError: it could not.
    """
    if reply.unread:
        raise unexpected(request.label, reply.status, reply.headers, f"the answer is {reply.unread}", reply.secrets)
