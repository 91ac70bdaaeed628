"""The pipeline: from a request over the fault that strikes it, if any, to the response."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from functools import partial

import httpx

from ._api.api import Api
from ._api.body import RequestBody
from ._api.operation import Operation
from ._api.routes import route
from ._faults import BEFORE_BODY, BEFORE_EFFECT, BODILESS_STATUSES, DURING_BODY, ON_RESPONSE, Fault, FaultPlan
from ._messages import ApiError, IncomingRequest, PageError, Response, error_response, json_response, page_response
from ._records import RequestLog, SeenRequest
from ._response_flow import READ_CHUNK, Hang, OutgoingResponse, Pause, ResponseFlow, RunBlocking
from ._storage_host import OPERATION as FETCH_CONTENT


class Pipeline:
    """The way of every request through the emulator.

    Args:
        api: The API of the account.
        pass_time: Brings the account to the clock's time.
        faults: The planned faults.
        log: Records the requests.
    """

    def __init__(self, api: Api, pass_time: Callable[[], None], faults: FaultPlan, log: RequestLog) -> None:
        self._api = api
        self._context = api.context
        self._pass_time = pass_time
        self._faults = faults
        self._log = log
        self.closed = False

    def process(self, request: IncomingRequest) -> ResponseFlow:
        """Return the flow from a request to its response."""
        if self.closed:
            raise RuntimeError("the emulator is closed")
        operation = _operation(request)
        recorded, fault = self._start(request, operation)
        contents = self._context.store.contents
        takes_form = operation is not None and operation.takes_form
        open_writer = partial(contents.writer, self._context.largest_upload) if takes_form else None
        body = RequestBody(request.headers.get("content-type", ""), open_writer, contents.discard)
        try:
            limit = _bytes_to_read(fault)
            while limit is None or recorded.body_size < limit:
                chunk = yield READ_CHUNK
                if chunk is None:
                    break
                self._log.add_body(recorded, chunk)
                body.feed(chunk)
            if fault is not None and fault.kind in BEFORE_EFFECT:
                if fault.kind == "write-timeout":
                    yield Hang(fault.seconds)
                raise fault.exception()
            if limit is None:
                _check_length(request, recorded.body_size)
            if fault is None or fault.kind in ON_RESPONSE or fault.after_effect:
                response = yield RunBlocking(partial(self._respond, request, body))
            else:
                # Nothing is sent of it: the fault raises, or makes a response of its own.
                response = Response(0)
            return (yield from self._finish(request, recorded, response, fault))
        except BaseException as error:
            recorded.error = type(error).__name__
            raise
        finally:
            body.close()

    def _start(self, request: IncomingRequest, operation: Operation | None) -> tuple[SeenRequest, Fault | None]:
        """Record a request and choose its fault."""
        name = FETCH_CONTENT if request.target == "storage" else None if operation is None else operation.name
        with self._context.store.transaction():
            recorded = self._log.add(request, name, self._context.clock.now())
            return recorded, None if request.target is None else self._faults.pick(name)

    def _respond(self, request: IncomingRequest, body: RequestBody) -> Response:
        if request.target is None:
            raise httpx.ConnectError("[Errno -2] Name or service not known")
        for writer in body.writers:
            self._context.store.contents.flush(writer)
        with self._context.store.transaction():
            self._pass_time()
            if request.target == "api":
                return self._api.respond(request, body)
            try:
                return self._context.storage.respond(request)
            except PageError as error:
                return page_response(error.status, str(error), error.headers)

    def _finish(
        self, request: IncomingRequest, recorded: SeenRequest, response: Response, fault: Fault | None
    ) -> ResponseFlow:
        """Let a fault strike the response."""
        try:
            if fault is not None:
                if fault.kind == "delay":
                    yield Pause(fault.seconds)
                elif fault.kind == "truncate" and not len(response.body):
                    raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
                elif fault.kind == "status":
                    response.close()
                    response = self._fault_response(fault)
                elif fault.kind not in ON_RESPONSE:
                    if fault.kind == "read-timeout":
                        yield Hang(fault.seconds)
                    raise fault.exception()
        except BaseException:
            response.close()
            raise
        recorded.status = response.status
        date = format_datetime(self._context.clock.now().replace(microsecond=0), usegmt=True)
        headers = {"Date": date, **response.headers}
        if response.status not in BODILESS_STATUSES:
            headers["Content-Length"] = str(len(response.body))
        body_fault = fault if fault is not None and fault.kind in ("truncate", "stall") else None
        return OutgoingResponse(response, headers, body_fault, head_only=request.method == "HEAD")

    def _fault_response(self, fault: Fault) -> Response:
        if fault.status in BODILESS_STATUSES:
            response = Response(fault.status)
        elif fault.body is not None:
            response = Response(fault.status, {"Content-Type": "text/html;charset=utf-8"}, fault.body)
        elif fault.status >= 500:
            response = page_response(fault.status, "A fault planned by the test.")
        else:
            body = {
                "status": "error",
                "message": "A fault planned by the test",
                "correlationId": self._context.new_correlation_id(),
                "category": "EMULATED_FAULT",
            }
            response = json_response(fault.status, body)
        for name, value in fault.headers.items():
            response.headers = {key: kept for key, kept in response.headers.items() if key.lower() != name.lower()}
            response.headers[name] = value
        return response

    def failure(self) -> OutgoingResponse:
        """Make the response of a server that has failed itself."""
        error = ApiError(500, "The emulator has failed: see its log", "INTERNAL_ERROR")
        response = error_response(error, self._context.new_correlation_id())
        headers = {"Connection": "close", "Content-Length": str(len(response.body)), **response.headers}
        return OutgoingResponse(response, headers)


def _operation(request: IncomingRequest) -> Operation | None:
    if request.target != "api":
        return None
    try:
        return route(request.method, request.path).operation
    except PageError:
        return None


def _bytes_to_read(fault: Fault | None) -> int | None:
    """Return how much of the request's body is read: all (None), or chunks up to a number of bytes."""
    if fault is None:
        return None
    if fault.kind in BEFORE_BODY:
        return 0
    if fault.kind in DURING_BODY:
        return fault.at_byte or 1
    return fault.at_byte if fault.kind == "status" and not fault.after_effect else None


def _check_length(request: IncomingRequest, length: int) -> None:
    """Refuse a body that differs from its Content-Length, as HTTP/1.1 connections do."""
    declared = request.headers.get("content-length")
    if declared is not None and int(declared) != length:
        much = "little" if length < int(declared) else "much"
        raise httpx.LocalProtocolError(f"Too {much} data for declared Content-Length")
