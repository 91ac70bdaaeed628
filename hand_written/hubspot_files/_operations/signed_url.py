"""Signed URLs, and how long they still work by HubSpot's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from .._clock import DEFAULT_CLOCK, Clock
from .._engine.context import CallContext
from .._engine.effects import Flow
from .._headers import server_time
from .._http.messages import ReceivedResponse
from .prepared_call import PreparedCall, perform_with_response, read_response

if TYPE_CHECKING:
    from hubspot_files_api import models

_NO_LEEWAY = timedelta(0)
# Above this a number is milliseconds: as seconds it would be a time after the year 5000.
_SECONDS_END = 100_000_000_000


class SignedUrl:
    """A URL that gives anyone who holds it a file's content, until it expires. It does not change.

    Its `repr` does not show the secret, and it is neither text nor pickled: pass `url` on where you mean to.

    Attributes:
        url: the URL, a secret until it expires.
        expires_at: the time, by HubSpot's clock, at which it stops working, with a time zone.
        name: name of the file without extension, or None if HubSpot does not say; so with all that follow.
        extension: file name extension without the dot.
        type: kind of content, such as `IMG`.
        size: bytes of the stored file.
        width: pixels.
        height: pixels.

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
        """Hold a signed URL.

        Args:
            url: the URL.
            expires_at: when it stops working, with a time zone.
            life: how long it works from when it was asked for.
            name, extension, type, size, width, height: as the attributes.
            requested_at: monotonic time of the clock, in seconds, when it was asked for; None is now.
            clock: the time by which it expires; the machine's unless a test passes another.

        Raises:
            ValueError: expires_at has no time zone.
        """
        if expires_at.utcoffset() is None:
            raise ValueError("expires_at has no time zone; use datetime(..., tzinfo=UTC)")
        self.url: str = url
        self.expires_at: datetime = expires_at
        self.name: str | None = name
        self.extension: str | None = extension
        self.type: str | None = type
        self.size: int | None = size
        self.width: int | None = width
        self.height: int | None = height
        self._clock = clock
        # Not by the wall clock, which may be set, or frozen by a test.
        asked_at = clock.monotonic() if requested_at is None else requested_at
        self._expires_at_monotonic = asked_at + life.total_seconds()

    def remaining(self) -> timedelta:
        """How long the URL still works; zero once it has expired."""
        return timedelta(seconds=max(self._expires_at_monotonic - self._clock.monotonic(), 0.0))

    def is_expired(self, *, leeway: timedelta = _NO_LEEWAY) -> bool:
        """Whether the URL has stopped working, or does so within the leeway.

        Args:
            leeway: time that the use of the URL will take, such as that of a download.

        Raises:
            TypeError: leeway is not a timedelta.
            ValueError: leeway is negative.
        """
        if not isinstance(leeway, timedelta):
            raise TypeError(f"leeway must be a timedelta, not {leeway.__class__.__name__}")
        if leeway < _NO_LEEWAY:
            raise ValueError("leeway must not be negative: an expired URL does not work again")
        return self.remaining() <= leeway

    def __repr__(self) -> str:
        what = ".".join(part for part in (self.name, self.extension) if part) or "file"
        return f"<SignedUrl of {what!r}, expires {self.expires_at.isoformat(timespec='seconds')}>"

    def __str__(self) -> NoReturn:
        # A redirect to the repr would lead nowhere, and nobody would notice.
        raise TypeError("a SignedUrl is no text; pass its url where the URL is meant, or repr() of it to show it")

    def __format__(self, spec: str) -> NoReturn:
        self.__str__()

    def __copy__(self) -> SignedUrl:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> SignedUrl:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a SignedUrl holds a secret and is not pickled; pass on its url where you mean to")


def signed_url_from(
    record: models.SignedUrl | models.LegacySignedUrl,
    response: ReceivedResponse,
    *,
    asked: int | None,
    clock: Clock = DEFAULT_CLOCK,
) -> SignedUrl:
    """Return the SignedUrl of a response, whose life is measured on the clock that set its expiry: the server's.

    Args:
        record: the generated model.
        response: the response, for its Date and the time at which the request began.
        asked: the life in seconds that was asked for, or None.
        clock: the client's.

    Raises:
        ValueError: the response does not say when the URL expires, and no life was asked for; or it names a time that
            no calendar has; or it holds no URL.
    """
    url: object = record.url
    if not isinstance(url, str) or not url:
        raise ValueError("its url is none")
    server_now = server_time(response.headers)
    if server_now is None:
        age = clock.monotonic() - response.sent_at
        server_now = datetime.fromtimestamp(clock.time() - age, UTC)
    try:
        expires_at = _expiry(record.expires_at, server_now, asked)
    except (OverflowError, OSError) as error:
        raise ValueError(f"the URL expires at no time that there is: {error}") from error
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


def _expiry(expires_at: datetime | int | None, server_now: datetime, asked: int | None) -> datetime:
    if isinstance(expires_at, int):
        seconds = expires_at / 1000 if expires_at > _SECONDS_END else expires_at
        return datetime.fromtimestamp(seconds, UTC)
    if expires_at is None:
        if asked is None:
            raise ValueError("it does not say when the URL expires; pass expires_in=, which then counts")
        return server_now + timedelta(seconds=asked)
    return expires_at if expires_at.utcoffset() is not None else expires_at.replace(tzinfo=UTC)


def sign(
    context: CallContext,
    call: PreparedCall[models.SignedUrl],
    asked: int | None,
    *,
    file: models.File | None = None,
) -> Flow[SignedUrl]:
    """Ask for a signed URL, whose life depends on the time of the response.

    Args:
        context: of the call.
        call: prepared by `file_calls.get_signed_url`.
        asked: the life in seconds that was asked for, or None.
        file: the record of the file whose content is to be fetched, with which the response is compared, or None.

    Raises:
        UnexpectedResponseError: the response does not say when the URL expires, and no life was asked for.
        HubSpotFilesError: see `perform`.
    """

    def read(fields: Any) -> models.SignedUrl:
        signed = call.read(fields)
        if file is not None and _is_for_another_file(signed, file):
            raise ValueError("it is the signed URL of another file, by its name or its size")
        return signed

    # The record is read again and not kept: a traceback with variables would show its URL.
    response = (yield from perform_with_response(context, call.with_reader(read)))[1]
    clock = context.settings.clock
    return read_response(
        call.label, lambda fields: signed_url_from(read(fields), response, asked=asked, clock=clock), response
    )


def _is_for_another_file(signed: models.SignedUrl, file: models.File) -> bool:
    """Whether a signed URL cannot be that of a file. The response has no id."""
    if None not in (signed.size, file.size) and signed.size != file.size:
        return True
    # The MD5 of the content is surer, and does not change when the file is renamed meanwhile.
    if file.file_md5 or not file.name:
        return False
    return signed.name not in (None, file.name, f"{file.name}.{file.extension}")
