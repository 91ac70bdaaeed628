"""Where a file's content can be fetched, and how it is asked for there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from .._engine.effects import Discard, Drain, Fetch, Flow, GetToken, Now
from .._engine.error_responses import error_for, unexpected
from .._engine.retry import keep_pace, pause_before_retry, seen
from .._engine.retry_policy import Repeat, Verdict, decide, status_failure
from .._errors import APIError, HubSpotFilesError, SignedUrlExpiredError
from .._http.messages import Chunks
from .._http.urls import may_lead
from .._operations import file_calls
from .._operations.signed_url import sign
from .._redaction import Secret, signature_of

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .._engine.settings import Settings
    from .._http.timeouts import Timeout


# Where these are stored a signed URL is refused; the API serves them itself.
_SENSITIVE = ("SENSITIVE", "HIDDEN_SENSITIVE")
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
# What the storage host answers to a signature that it does not take, or no longer.
_REFUSALS = (400, 401, 403, 404, 410)
_ANY_LIFE = 3600
_LARGEST_ERROR = 64 * 1024


class Place(NamedTuple):
    """Where content can be fetched: on the API with the token, or at a signed URL without."""

    url: Secret
    with_token: bool
    label: str


def open_content(
    settings: Settings, file: models.File, headers: dict[str, str], timeout: Timeout, end: float | None
) -> Flow[Chunks]:
    """Begin to fetch a file's content; a signed URL that is refused is asked for once more.

    Raises:
        SignedUrlExpiredError: the storage host refused two signed URLs.
        APIError: HubSpot or the storage host answered with an error.
        UnexpectedResponseError: the answer is a success, but not one that holds content.
        NoReplyError: there was no answer.
    """
    signed_again = False
    refreshed = False
    attempt = 0
    place = yield from _place(settings, file, end)
    redirects = 0
    while True:
        token: Secret | None = None
        if place.with_token:
            if settings.paced:
                yield from keep_pace(settings, place.label, end)
            token = yield GetToken()
        sent: float = yield Now()
        chunks: Chunks = yield Fetch(place.url, headers, token, timeout, end)
        try:
            if place.with_token:
                answered: float = yield Now()
                asked = ("downloadFile", "GET", urlsplit(place.url.reveal()).path)
                seen(settings, asked, chunks, _secrets(place, token), (sent, answered), attempt + 1)
        except BaseException:
            # An `on_response` of the caller that fails, or an interrupt.
            yield Discard(chunks)
            raise
        if chunks.status in (200, 206):
            return chunks
        error = yield from _refusal(place, chunks, token)
        if chunks.status in _REDIRECTS:
            redirects += 1
            place = _redirected(place, chunks, redirects)
            continue
        if chunks.status == 401 and place.with_token and settings.refreshable and not refreshed:
            # The provider is asked again, and may have a fresh one. It costs no retry.
            refreshed = True
            continue
        if chunks.status < 300:
            reason = "the answer is a success that holds no content, for which it would be 200 or 206"
            raise unexpected(place.label, chunks.status, chunks.headers, reason, _secrets(place, token))
        if chunks.status in _REFUSALS and not place.with_token:
            if signed_again:
                raise SignedUrlExpiredError(
                    f"file {file.id}: the storage host refused two signed URLs ({chunks.status}). It may have been "
                    "deleted meanwhile; files.get tells."
                ) from error
            signed_again = True
            place = yield from _place(settings, file, end)
            continue
        attempt += 1
        failure = status_failure(error)
        if decide(Repeat.HARMLESS, failure) is Verdict.GIVE_UP or attempt > settings.max_retries:
            raise error
        yield from pause_before_retry(settings, place.label, end, failure, attempt, attempt, error)


def _refusal(place: Place, chunks: Chunks, token: Secret | None) -> Flow[APIError]:
    """The error that a response is, whose body is read here so that no other variable holds it."""
    try:
        body: bytes = yield Drain(chunks, _LARGEST_ERROR)
    finally:
        yield Discard(chunks)
    return error_for(place.label, chunks.status, chunks.headers, body, _secrets(place, token))


def _secrets(place: Place, token: Secret | None) -> list[Secret]:
    """What a request for content was let in by."""
    return signature_of(place.url.reveal()) if token is None else [token]


def _place(settings: Settings, file: models.File, end: float | None) -> Flow[Place]:
    """Where a file's content is to be had."""
    if file.access.value in _SENSITIVE:
        path = file_calls.download_url(file.id)
        return Place(Secret(f"{settings.base_url}{path}"), True, f"GET {path}")
    exchange = file_calls.get_signed_url(file.id, size=None, upscale=None, expiration_seconds=None, properties=None)
    # How long it lives does not matter here: it is used at once, and asked for again if it is refused.
    signed = yield from sign(settings, exchange, _ANY_LIFE, end=end, file=file)
    return _storage_place(Secret(signed.url), Secret(settings.base_url), f"the signed URL of file {file.id}")


def _storage_place(url: Secret, origin: Secret, what: str) -> Place:
    if not may_lead(origin.reveal(), url.reveal()):
        raise HubSpotFilesError(
            f"{what} is not https, leads to this machine from another, or is no URL at all, so that it is not followed"
        )
    return Place(url, False, f"GET content from {urlsplit(url.reveal()).hostname}")


def _redirected(place: Place, chunks: Chunks, redirects: int) -> Place:
    """Where a redirect leads. The token stays behind, whatever the host."""
    if not chunks.headers.get("location") or redirects > _MOST_REDIRECTS:
        raise HubSpotFilesError(f"{place.label}: a redirect that leads nowhere ({redirects} so far)")
    target = _joined(place.url, Secret(chunks.headers["location"]))
    return _storage_place(target, place.url, f"a redirect of {place.label}")


def _joined(base: Secret, location: Secret) -> Secret:
    try:
        return Secret(urljoin(base.reveal(), location.reveal()))
    except ValueError:
        # No URL: whoever follows it says so.
        return location
