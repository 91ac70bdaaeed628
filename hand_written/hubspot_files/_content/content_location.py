"""The location of a file's content, and the request for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from .._engine.context import CallContext
from .._engine.effects import Acquire, Discard, Drain, Fetch, Flow, Lock, Now
from .._engine.error_responses import error_for, unexpected
from .._engine.retry import Attempts
from .._engine.retry_policy import Idempotency, status_failure
from .._errors import APIError, HubSpotFilesError, NotFoundError, SignedUrlExpiredError
from .._http.messages import StreamedResponse
from .._http.urls import may_lead, why_not
from .._operations import file_calls
from .._operations.signed_url import is_for_another_file, sign
from .._redaction import Secret, signature_of

if TYPE_CHECKING:
    from .file_record import FileRecord

_SENSITIVE = ("SENSITIVE", "HIDDEN_SENSITIVE")
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 5
# The storage host's responses to a signature that is not valid or has expired.
_REFUSALS = (400, 401, 403, 404, 410)
_ANY_LIFETIME = 3600
_MAX_ERROR_SIZE = 64 * 1024


class ContentLocation(NamedTuple):
    """The location of content: on the API, with the token, or at a signed URL, without it.

    Attributes:
        url: URL of the content.
        with_token: whether the URL is on the API.
        label: description of the request, for messages.
    """

    url: Secret
    with_token: bool
    label: str


class KeptLocation:
    """The location of a file's content, which several requests use until it is refused.

    Args:
        lock: lock under which the location is requested.
    """

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self._location: ContentLocation | None = None

    def get(self, context: CallContext, record: FileRecord, refused: ContentLocation | None) -> Flow[ContentLocation]:
        """Return the location, or request another one if it is missing or was refused. Requests share the new one.

        Raises:
            HubSpotFilesError: see `open_content`.
            NoResponseError: the deadline passed while another call requested the location.
        """
        location = self._location
        if location is None or location is refused:
            try:
                yield from Acquire(self._lock, context.deadline)
                location = self._location
                if location is None or location is refused:
                    location = self._location = yield from _locate(context, record)
            finally:
                self._lock.release()
        return location

    def keep(self, location: ContentLocation) -> None:
        """Keep a location that has responded with the content, such as the target of a redirect."""
        self._location = location


def open_content(
    context: CallContext, record: FileRecord, headers: dict[str, str], kept: KeptLocation | None = None
) -> Flow[StreamedResponse]:
    """Open the response with a file's content. A signed URL that is refused is requested once more.

    The record is fetched if the file turns out to be another than it says.

    Args:
        context: context of the call.
        record: record of the file.
        headers: headers of the request.
        kept: location that other requests for this content also use, or None.

    Raises:
        SignedUrlExpiredError: the storage host refused two signed URLs.
        APIError: HubSpot or the storage host responded with an error.
        UnexpectedResponseError: the response is a success without content.
        NoResponseError: there was no response.
    """
    signed_again = False
    redirects = 0
    location = yield from (_locate(context, record) if kept is None else kept.get(context, record, None))
    attempts = Attempts(context, location.label, Idempotency.IDEMPOTENT)
    while True:
        attempts.label = location.label
        response, secrets = yield from _fetch(context, location, headers, attempts)
        if response.status in (200, 206):
            if kept is not None:
                kept.keep(location)
            return response
        error = yield from _read_error(location, response, secrets)
        if response.status in _REDIRECTS:
            redirects += 1
            location = _redirected(location, response, redirects)
            continue
        if location.with_token and attempts.may_refresh_token(error, secrets[0]):
            continue
        if response.status < 300:
            reason = "the response is a success without content, which would be 200 or 206"
            raise unexpected(location.label, response.status, response.headers, reason, secrets)
        if response.status in _REFUSALS and not location.with_token:
            if signed_again:
                raise SignedUrlExpiredError(
                    f"file {record.file.id}: the storage host refused two signed URLs ({response.status}). The file "
                    "may have been deleted meanwhile; check with files.get."
                ) from error
            signed_again = True
            location = yield from (_locate(context, record) if kept is None else kept.get(context, record, location))
            continue
        yield from attempts.wait_to_retry(status_failure(error), error)


def _fetch(
    context: CallContext, location: ContentLocation, headers: dict[str, str], attempts: Attempts
) -> Flow[tuple[StreamedResponse, list[Secret]]]:
    """Return a response whose body is not read yet, and the secrets of its request."""
    if not location.with_token:
        attempts.count += 1
        response = yield from Fetch(location.url, headers, None, context.timeout, context.deadline)
        return response, signature_of(location.url.reveal())
    token = yield from attempts.start()
    sent_at = yield from Now()
    response = yield from attempts.perform(Fetch(location.url, headers, token, context.timeout, context.deadline))
    try:
        attempts.notify("downloadFile", response, [token], sent_at, (yield from Now()))
    except BaseException:
        # The caller's `on_response` failed, or there was an interrupt.
        yield from Discard(response)
        raise
    return response, [token]


def _read_error(location: ContentLocation, response: StreamedResponse, secrets: list[Secret]) -> Flow[APIError]:
    """Return the error of a response. The body is read here to keep it out of the variables of other frames."""
    try:
        body = yield from Drain(response, _MAX_ERROR_SIZE)
    finally:
        yield from Discard(response)
    return error_for(location.label, response.status, response.headers, body, secrets)


def _locate(context: CallContext, record: FileRecord) -> Flow[ContentLocation]:
    """Return the location of a file's content."""
    version, file = context.settings.api_version, record.file
    on_api = file_calls.download_url(version, file.id)
    location = ContentLocation(Secret(f"{context.settings.base_url}{on_api}"), True, f"GET {on_api}")
    if file.access is not None and file.access.value in _SENSITIVE:
        return location
    call = file_calls.get_signed_url(
        version, file.id, size=None, upscale=None, expiration_seconds=None, properties=None
    )
    # The lifetime does not matter: the URL is used at once, and requested again if it is refused.
    try:
        signed = yield from sign(context, call, _ANY_LIFETIME, file=file if record.fresh else None)
    except NotFoundError:
        if not record.fresh:
            # It may have become sensitive.
            yield from record.refresh()
            return (yield from _locate(context, record))
        # HubSpot gives no signed URL of a sensitive file. Not all versions promise the access, and it may be a new one.
        if file.access is not None and file.access.is_known:
            raise
        return location
    if not record.fresh and is_for_another_file(signed, file):
        yield from record.refresh()
        if is_for_another_file(signed, record.file):
            return (yield from _locate(context, record))
    return _on_storage(Secret(signed.url), Secret(context.settings.base_url), f"the signed URL of file {file.id}")


def _on_storage(url: Secret, origin: Secret, description: str) -> ContentLocation:
    if not may_lead(origin.reveal(), url.reveal()):
        raise HubSpotFilesError(f"{description} is not followed: {why_not(origin.reveal(), url.reveal())}")
    return ContentLocation(url, False, f"GET content from {urlsplit(url.reveal()).hostname}")


def _redirected(location: ContentLocation, response: StreamedResponse, redirects: int) -> ContentLocation:
    """Return the location that a redirect leads to. The token is not sent there, even on the same host."""
    if not response.headers.get("location") or redirects > _MAX_REDIRECTS:
        raise HubSpotFilesError(f"{location.label}: a redirect without a location, or too many ({redirects} so far)")
    target = _joined(location.url, Secret(response.headers["location"]))
    return _on_storage(target, location.url, f"a redirect of {location.label}")


def _joined(base: Secret, location: Secret) -> Secret:
    try:
        return Secret(urljoin(base.reveal(), location.reveal()))
    except ValueError:
        # It is not a valid URL, which the check before following it reports.
        return location
