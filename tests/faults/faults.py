"""Every fault, and the table of the expected outcomes.

The table follows the documented behaviour and is independent of the code: rows are faults, columns are the effects of
a second request, and each cell is the expected outcome.
"""

from __future__ import annotations

import json
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

from hubspot_files import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    DownloadCorruptedError,
    FileMissingError,
    LockedError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    SignedUrlExpiredError,
    UnexpectedResponseError,
)

from .operations import Operation
from .support import MIDDLE, World

RETRIES = 4
# Operations that name one file or folder, and send no content: their 404 is a FileMissingError.
NAMES_ONE = {
    "getFile",
    "statPath",
    "updateFile",
    "deleteFile",
    "gdprDeleteFile",
    "getSignedUrl",
    "downloadFile",
    "getFolder",
    "getFolderByPath",
    "updateFolder",
    "deleteFolder",
    "deleteFolderByPath",
}
ELSEWHERE = "https://elsewhere.test/files/v3/files?signature=stolen"

# RETRY: retried. RAISE: not retried. LOOKUP: looked up, never retried. LOOKUP,RETRY: looked up, and retried if missing.
# LOOKUP,RAISE: looked up, and not retried. GET: the record is requested instead. DONE: counts as success. UNKNOWN: the
# outcome is unknown. REFRESH: retried at once with a new token. SIGN: fetched at once from a new signed URL. FOLLOW:
# fetched from the location of the redirect, without the token. CORRUPT: the content differs from the stored content.
# The columns: reads; writes of an absolute state; idempotent writes; deletions; creations of a file, a task or a
# folder; content from the storage host; content from the API itself; requests of the caller.
_COLUMNS = (
    "           read    absolute idempotent delete  upload  import  folder       content from-API raw-read raw-create",
    "connect    RETRY   RETRY    RETRY      RETRY   RETRY   RETRY   RETRY        RETRY   RETRY    RETRY    RETRY",
    "tls        RAISE   RAISE    RAISE      RAISE   RAISE   RAISE   RAISE        RAISE   RAISE    RAISE    RAISE",
    "busy       RETRY   RETRY    RETRY      RETRY   RETRY   RETRY   RETRY        RETRY   RETRY    RETRY    RETRY",
    "hopeless   RAISE   RAISE    RAISE      RAISE   RAISE   RAISE   RAISE        RAISE   RAISE    RAISE    RAISE",
    "distant    RAISE   RAISE    RAISE      RAISE   LOOKUP  UNKNOWN LOOKUP,RAISE RAISE   RAISE    RAISE    UNKNOWN",
    "expired    REFRESH REFRESH  REFRESH    REFRESH REFRESH REFRESH REFRESH      SIGN    REFRESH  REFRESH  REFRESH",
    "denied     RAISE   RAISE    RAISE      RAISE   RAISE   RAISE   RAISE        SIGN    RAISE    RAISE    RAISE",
    "refused    RAISE   RAISE    RAISE      RAISE   RAISE   RAISE   RAISE        RAISE   RAISE    RAISE    RAISE",
    "redirect   RAISE   RAISE    RAISE      RAISE   RAISE   RAISE   RAISE        FOLLOW  FOLLOW   RAISE    RAISE",
    "cut        RETRY   RETRY    RETRY      RETRY   RETRY   RETRY   RETRY        RETRY   RETRY    RETRY    RETRY",
    "ambiguous  RETRY   RETRY    RETRY      RETRY   LOOKUP  UNKNOWN LOOKUP,RETRY RETRY   RETRY    RETRY    UNKNOWN",
    "unreadable RETRY   GET      RETRY      DONE    LOOKUP  UNKNOWN LOOKUP,RETRY CORRUPT CORRUPT  DONE     DONE",
)
_KINDS = _COLUMNS[0].split()
TABLE = {
    (line.split()[0], kind): verb for line in _COLUMNS[1:] for kind, verb in zip(_KINDS, line.split()[1:], strict=True)
}


class Expected(NamedTuple):
    """The expected outcome of an operation that meets a fault.

    Attributes:
        error: the class that is raised, or None for success.
        cause: the class of its cause, or None for any.
        requests: how often each operation is tried.
        waits: seconds slept, in order.
        happened: whether the change took effect.
    """

    error: type[Exception] | None
    cause: type[Exception] | None
    requests: Counter[str]
    waits: list[float]
    happened: bool


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: its name.
        row: its row of the table.
        error: the class that reports it, if it is raised.
        kind: its name in the emulator, or how the wire fails.
        options: its options in the emulator.
        wire: the error that the wire raises in place of sending, or None.
        wait: the least seconds to wait.
        window: the window of the limit in seconds: half to all of it is waited for.
        effect: whether the request takes effect before the fault.
        always: whether the fault repeats, and not once only.
        refreshable: whether the token comes from a provider.
    """

    name: str
    row: str
    error: type[Exception]
    kind: Any = "status"
    options: dict[str, Any] = field(default_factory=dict)
    wire: Callable[[], Exception] | None = None
    wait: float = 0.0
    window: float = 0.0
    effect: bool = False
    always: bool = False
    refreshable: bool = False

    def __str__(self) -> str:
        return self.name + (", always" if self.always else "")

    @property
    def has_response(self) -> bool:
        """Return whether there is a response, even a wrong one."""
        return self.kind == "status" and self.wire is None

    def inject(self, world: World, operation: Operation) -> None:
        """Make the fault hit an operation."""
        count = None if self.always else 1
        if self.wire is not None:
            world.wire.fail(operation.target, self.wire, count)
            return
        world.emulator.fail(
            self.kind,
            operation=operation.target,
            count=count,
            after_effect=self.effect and self.kind != "truncate",
            **{key: value for key, value in self.options.items() if key != "at_byte" or operation.sends_content},
        )

    def waits(self, count: int, chance: float) -> list[float]:
        """Return the delays: full jitter that doubles from 0.5 s, and at least the required wait or the limit's
        window.
        """
        least = max(self.wait, self.window * (1 + chance) / 2)
        return [max(chance * min(8.0, 0.5 * 2**number), least) for number in range(count)]


def expected(operation: Operation, fault: Fault, chance: float) -> Expected:
    """Return the outcome that the table gives for an operation and a fault."""
    verb = TABLE[fault.row, operation.kind]
    before = Counter((*operation.before, operation.target))
    all_requests = before + Counter(operation.after)
    target, lookup = Counter([operation.target]), Counter(operation.lookup)
    # A path counts as missing after both forms of its slashes were tried.
    failed_lookup = lookup + Counter(name for name in operation.lookup if name == "statPath")
    retried = Counter([*operation.before[1:], operation.target])
    retries = RETRIES if fault.always else 1
    waits = fault.waits(retries, chance)
    then = list(operation.waits)

    def success(extra: Counter[str], waited: list[float]) -> Expected:
        if fault.effect and operation.after.count(operation.target) == 2:
            # A poll whose response is lost counts as a poll.
            return Expected(None, None, all_requests + extra - target, waited + then[:-1], True)
        return Expected(None, None, all_requests + extra, waited + then, True)

    def failure(error: type[Exception], extra: Counter[str], waited: list[float]) -> Expected:
        error = FileMissingError if error is NotFoundError and operation.target in NAMES_ONE else error
        return Expected(error, None, before + extra, waited, fault.effect)

    def unknown(extra: Counter[str], waited: list[float]) -> Expected:
        return Expected(OutcomeUnknownError, fault.error, before + extra, waited, fault.effect)

    if fault.error is NotFoundError and operation.target == "statPath":
        return success(target, [])
    if verb == "RAISE":
        return failure(fault.error, Counter(), [])
    if verb == "DONE":
        return success(Counter(), [])
    if verb == "UNKNOWN":
        return unknown(Counter(), [])
    if verb == "GET":
        return success(lookup, fault.waits(1, chance))
    if verb == "CORRUPT":
        return failure(DownloadCorruptedError, Counter(), [])
    if verb == "LOOKUP":
        return success(lookup, []) if fault.effect else unknown(failed_lookup, [])
    if verb == "LOOKUP,RAISE":
        return failure(fault.error, failed_lookup, [])
    if verb == "LOOKUP,RETRY":
        if fault.effect:
            return success(lookup, [])
        if fault.always:
            # Each lookup finds nothing: a request with a response is over, one without may still take effect.
            last = failure(fault.error, Counter(), []) if fault.error is ServerError else unknown(Counter(), [])
            requests = last.requests + _times(target + failed_lookup, RETRIES) + failed_lookup
            return last._replace(requests=requests, waits=waits)
        return success(target + failed_lookup, waits)
    if verb in ("REFRESH", "SIGN"):
        # The storage host may refuse an expired signed URL, so another one is requested.
        once = target if verb == "REFRESH" else retried
        refused = AuthenticationError if verb == "REFRESH" else SignedUrlExpiredError
        return failure(refused, once, []) if fault.always else success(once, [])
    if verb == "FOLLOW":
        # The host of the location does not exist: that is the failure, after which the content is requested again.
        elsewhere = Counter(["elsewhere"])
        if fault.always:
            return failure(ConnectionFailedError, _times(retried, RETRIES) + _times(elsewhere, RETRIES + 1), waits)
        return success(retried + elsewhere, waits)
    assert verb == "RETRY", verb
    # A signed URL is reused after a response; during a lost connection it may have expired.
    extra = retried if operation.kind == "content" and not fault.has_response else target
    if fault.always:
        return failure(fault.error, _times(extra, RETRIES), waits)
    return success(extra, waits)


def _times(counter: Counter[str], number: int) -> Counter[str]:
    return Counter({name: count * number for name, count in counter.items()})


def _untrusted() -> httpx.ConnectError:
    error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    return error


def _both(*faults: Fault) -> list[Fault]:
    """Return the faults that occur once, and the same faults that always occur."""
    return [*faults, *(Fault(**{**vars(fault), "always": True}) for fault in faults)]


def _status(
    name: str,
    row: str,
    error: type[Exception],
    status: int,
    /,
    *,
    wait: float = 0.0,
    window: float = 0.0,
    effect: bool = False,
    **options: Any,
) -> Fault:
    return Fault(name, row, error, options={"status": status, **options}, wait=wait, window=window, effect=effect)


def _limited(policy: str) -> bytes:
    return json.dumps({"status": "error", "message": "You have reached your limit.", "policyName": policy}).encode()


FAULTS: list[Fault] = [
    *_both(
        Fault("connect refused", "connect", ConnectionFailedError, "connect"),
        Fault("connect timeout", "connect", RequestTimeoutError, "connect-timeout"),
        Fault("pool timeout", "connect", RequestTimeoutError, wire=lambda: httpx.PoolTimeout("")),
    ),
    Fault("no TLS to trust", "tls", ConnectionFailedError, wire=_untrusted),
    *_both(
        Fault("write reset mid-body", "cut", ConnectionFailedError, "write-reset", {"at_byte": MIDDLE}),
        Fault("write timeout mid-body", "cut", RequestTimeoutError, "write-timeout", {"at_byte": MIDDLE}),
        Fault("write reset at once", "cut", ConnectionFailedError, "write-reset"),
        Fault("read timeout before the effect", "ambiguous", RequestTimeoutError, "read-timeout"),
        Fault("read timeout after the effect", "ambiguous", RequestTimeoutError, "read-timeout", effect=True),
        Fault("reset before the effect", "ambiguous", ConnectionFailedError, "reset"),
        Fault("reset after the effect", "ambiguous", ConnectionFailedError, "reset", effect=True),
        Fault("disconnect before the effect", "ambiguous", ConnectionFailedError, "disconnect"),
        Fault("disconnect after the effect", "ambiguous", ConnectionFailedError, "disconnect", effect=True),
        Fault("truncated reply after the effect", "ambiguous", ConnectionFailedError, "truncate", effect=True),
        _status("429 of ten seconds", "busy", RateLimitError, 429, window=10.0, body=_limited("TEN_SECONDLY_ROLLING")),
        _status("429 of a second", "busy", RateLimitError, 429, window=1.0, body=_limited("SECONDLY")),
        _status("429 with Retry-After 2", "busy", RateLimitError, 429, wait=2.0, headers={"Retry-After": "2"}),
        _status("423", "busy", LockedError, 423, wait=2.0),
        _status("477 with Retry-After 5", "busy", RateLimitError, 477, wait=5.0, headers={"Retry-After": "5"}),
        _status("502 before the effect", "ambiguous", ServerError, 502, body=b'{"status": "error", "message": "no"}'),
        _status("502 after the effect", "ambiguous", ServerError, 502, effect=True, body=b'{"status": "error"}'),
        _status("503 with Retry-After 3", "ambiguous", ServerError, 503, wait=3.0, headers={"Retry-After": "3"}),
    ),
    _status("429 DAILY", "hopeless", RateLimitError, 429, body=_limited("DAILY")),
    _status("429 with Retry-After 3600", "hopeless", RateLimitError, 429, headers={"Retry-After": "3600"}),
    _status("477 with Retry-After 7200", "hopeless", RateLimitError, 477, headers={"Retry-After": "7200"}),
    _status("503 with Retry-After 3600", "distant", ServerError, 503, headers={"Retry-After": "3600"}),
    _status("500 before the effect", "ambiguous", ServerError, 500, body=b'{"status": "error", "message": "no"}'),
    _status("503 before the effect", "ambiguous", ServerError, 503),
    _status("504 before the effect", "ambiguous", ServerError, 504),
    _status("504 after the effect", "ambiguous", ServerError, 504, effect=True),
    _status("524 before the effect", "ambiguous", ServerError, 524),
    _status("524 after the effect", "ambiguous", ServerError, 524, effect=True),
    _status("502 of a gateway, in HTML", "ambiguous", ServerError, 502, body=b"<html><h1>502 Bad Gateway</h1></html>"),
    *_both(
        Fault(
            "401 with a token provider",
            "expired",
            AuthenticationError,
            options={"status": 401, "body": b'{"status": "error", "category": "EXPIRED_AUTHENTICATION"}'},
            refreshable=True,
        )
    ),
    *_both(_status("401 without a token provider", "denied", AuthenticationError, 401)),
    _status("403", "denied", PermissionDeniedError, 403),
    _status("404", "denied", NotFoundError, 404),
    _status("400", "denied", BadRequestError, 400),
    _status("413", "refused", BadRequestError, 413),
    _status("413 mid-body", "refused", BadRequestError, 413, at_byte=MIDDLE),
    *_both(
        _status("302 to another host", "redirect", BadRequestError, 302, headers={"Location": ELSEWHERE}),
        _status("307 to another host", "redirect", BadRequestError, 307, headers={"Location": ELSEWHERE}),
        _status("200 and nothing after the effect", "unreadable", UnexpectedResponseError, 200, effect=True, body=b""),
        _status(
            "200 and HTML after the effect", "unreadable", UnexpectedResponseError, 200, effect=True, body=b"<p>Hello"
        ),
    ),
    _status("200 and null after the effect", "unreadable", UnexpectedResponseError, 200, effect=True, body=b"null"),
    _status(
        "200 and half a record after the effect",
        "unreadable",
        UnexpectedResponseError,
        200,
        effect=True,
        body=b'{"id": "1", "name',
    ),
]
