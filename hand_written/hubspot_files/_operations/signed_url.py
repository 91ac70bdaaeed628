"""Signed URLs, and their remaining lifetime by HubSpot's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from .._clock import DEFAULT_CLOCK, Clock
from .._engine.context import CallContext
from .._engine.effects import Flow
from .._errors import ArgumentTypeError, ArgumentValueError
from .._headers import server_time
from .._http.messages import ReceivedResponse
from .._log import log_shorter_life
from .prepared_call import PreparedCall, perform_with_response, read_response

if TYPE_CHECKING:
    from hubspot_files_api import models

_NO_LEEWAY = timedelta(0)
# A life that is shorter by less than these seconds is the time of the request.
_TOLERANCE = 60
# A larger number is in milliseconds: in seconds, it would be a time after the year 5000.
_MAX_SECONDS = 100_000_000_000


class SignedUrl:
    """A URL that gives anyone access to a file's content, until it expires. It is immutable.

    Its `repr` does not contain the URL. It cannot be pickled or converted to str: use `url` explicitly.

    Attributes:
        url: the URL, which is a secret until it expires.
        expires_at: expiry by HubSpot's clock, with a time zone.
        name: name of the file without extension, or None. It and all that follow are None if HubSpot omits them.
        extension: file name extension without the dot.
        type: type of the content, such as `IMG`.
        size: size of the stored file in bytes.
        width: width in pixels.
        height: height in pixels.

    HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
    """

    __slots__ = (
        "_clock",
        "_expires_at_monotonic",
        "expires_at",
        "extension",
        "height",
        "name",
        "size",
        "type",
        "url",
        "width",
    )

    def __init__(
        self,
        url: str,
        expires_at: datetime,
        *,
        life: timedelta,
        name: str | None = None,
        extension: str | None = None,
        type: str | None = None,
        size: int | None = None,
        width: int | None = None,
        height: int | None = None,
        requested_at: float | None = None,
        clock: Clock = DEFAULT_CLOCK,
    ) -> None:
        """Initialize a signed URL.

        Args:
            url: the URL.
            expires_at: expiry, with a time zone.
            life: lifetime from the time of the request.
            name, extension, type, size, width, height: see the attributes.
            requested_at: time of the request on the monotonic clock, in seconds. None is now.
            clock: source of time, for tests.

        Raises:
            ValueError: expires_at has no time zone.
        """
        if expires_at.utcoffset() is None:
            raise ArgumentValueError("expires_at has no time zone; use datetime(..., tzinfo=UTC)")
        self.url: str = url
        self.expires_at: datetime = expires_at
        self.name: str | None = name
        self.extension: str | None = extension
        self.type: str | None = type
        self.size: int | None = size
        self.width: int | None = width
        self.height: int | None = height
        self._clock = clock
        # Not the wall clock, which can be set, or frozen by a test.
        start = clock.monotonic() if requested_at is None else requested_at
        self._expires_at_monotonic = start + life.total_seconds()

    def remaining(self) -> timedelta:
        """Return the remaining lifetime of the URL, which is zero once it has expired."""
        return timedelta(seconds=max(self._expires_at_monotonic - self._clock.monotonic(), 0.0))

    def is_expired(self, *, leeway: timedelta = _NO_LEEWAY) -> bool:
        """Return whether the URL has expired, or expires within the leeway.

        Args:
            leeway: time for which the URL is needed, such as for a download.

        Raises:
            TypeError: leeway is not a timedelta.
            ValueError: leeway is negative.
        """
        if not isinstance(leeway, timedelta):
            raise ArgumentTypeError(f"leeway must be a timedelta, not {leeway.__class__.__name__}")
        if leeway < _NO_LEEWAY:
            raise ArgumentValueError("leeway must not be negative: an expired URL does not work again")
        return self.remaining() <= leeway

    def __repr__(self) -> str:
        name = ".".join(part for part in (self.name, self.extension) if part) or "file"
        return f"<SignedUrl of {name!r}, expires {self.expires_at.isoformat(timespec='seconds')}>"

    def __str__(self) -> NoReturn:
        # The repr in place of the URL, such as in a redirect, would be a mistake that is easy to overlook.
        raise TypeError("a SignedUrl is not a str; use its url for the URL, or repr() to show it without the secret")

    def __format__(self, spec: str) -> NoReturn:
        self.__str__()

    def __copy__(self) -> SignedUrl:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> SignedUrl:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a SignedUrl holds a secret and cannot be pickled; use its url explicitly")


def signed_url_from(
    record: models.SignedUrl | models.LegacySignedUrl,
    response: ReceivedResponse,
    *,
    lifetime: int | None,
    clock: Clock = DEFAULT_CLOCK,
) -> SignedUrl:
    """Return the SignedUrl of a response. Its lifetime is measured on the clock that set its expiry, the server's.

    Args:
        record: the generated model.
        response: the response, for its Date and the time of the request.
        lifetime: requested lifetime in seconds, or None.
        clock: clock of the client.

    Raises:
        ValueError: the response contains no URL, an expiry that is out of range, or no expiry although no lifetime was
            requested.
    """
    url: object = record.url
    if not isinstance(url, str) or not url:
        raise ValueError("its url is empty")
    if "/" not in url:
        raise ValueError("its url is not a URL")
    server_now = server_time(response.headers)
    if server_now is None:
        age = clock.monotonic() - response.sent_at
        server_now = datetime.fromtimestamp(clock.time() - age, UTC)
    try:
        expires_at = _expiry(record.expires_at, server_now, lifetime)
    except (OverflowError, OSError) as error:
        raise ValueError(f"the expiry of the URL is out of range: {error}") from error
    return SignedUrl(
        url,
        expires_at,
        life=expires_at - server_now,
        name=record.name,
        extension=record.extension,
        type=record.type_,
        size=record.size,
        width=record.width,
        height=record.height,
        requested_at=response.sent_at,
        clock=clock,
    )


def _expiry(expires_at: datetime | int | None, server_now: datetime, lifetime: int | None) -> datetime:
    if isinstance(expires_at, int):
        seconds = expires_at / 1000 if expires_at > _MAX_SECONDS else expires_at
        return datetime.fromtimestamp(seconds, UTC)
    if expires_at is None:
        if lifetime is None:
            raise ValueError("it does not say when the URL expires; pass expires_in=, which is then used")
        return server_now + timedelta(seconds=lifetime)
    return expires_at if expires_at.utcoffset() is not None else expires_at.replace(tzinfo=UTC)


def sign(
    context: CallContext,
    call: PreparedCall[models.SignedUrl],
    lifetime: int | None,
    *,
    file: models.File | None = None,
) -> Flow[SignedUrl]:
    """Request a signed URL.

    Args:
        context: context of the call.
        call: call that `file_calls.get_signed_url` has prepared.
        lifetime: requested lifetime in seconds, or None.
        file: record of the file, with which the response is compared, or None.

    Raises:
        UnexpectedResponseError: the response contains no expiry, and no lifetime was requested.
        HubSpotFilesError: see `perform`.
    """

    def read(fields: Any) -> models.SignedUrl:
        signed = call.read(fields)
        if file is not None and is_for_another_file(signed, file):
            raise ValueError("it is the signed URL of another file, by its name or its size")
        return signed

    # The record is read again instead of kept in a variable, because a traceback with variables would show its URL.
    response = (yield from perform_with_response(context, call.with_reader(read)))[1]
    clock = context.settings.clock
    signed = read_response(
        call.label, lambda fields: signed_url_from(read(fields), response, lifetime=lifetime, clock=clock), response
    )
    life = signed.remaining().total_seconds()
    if lifetime is not None and life + _TOLERANCE < lifetime:
        log_shorter_life(call.label, life, lifetime)
    return signed


def is_for_another_file(signed: models.SignedUrl | SignedUrl, file: models.File) -> bool:
    """Return whether a signed URL is certainly not for a file. The response has no id to compare."""
    if None not in (signed.size, file.size) and signed.size != file.size:
        return True
    # The MD5 of the content is more reliable, and does not change when the file is renamed meanwhile.
    if file.file_md5 or not file.name:
        return False
    return signed.name not in (None, file.name, f"{file.name}.{file.extension}")
