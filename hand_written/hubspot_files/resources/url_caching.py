"""Cache of signed URLs, which are reused until shortly before they expire."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .._engine.context import start_call
from .._engine.effects import Acquire, Flow, Lock, NewLock
from .._engine.methods import operation
from .._engine.settings import Settings
from .._errors import ArgumentValueError, RequestTimeoutError
from .._http.failures import NoResponseError
from .._http.timeouts import Timeout
from .._operations import file_calls
from .._operations.enums import SignedUrlSize, SignedUrlSizeName
from .._operations.ids import file_reference
from .._operations.signed_url import SignedUrl, sign
from .._validation import enum_member, optional_bool, whole_seconds
from .base import Operations

if TYPE_CHECKING:
    from hubspot_files_api.models import File

# A URL is renewed this long before it expires, or a tenth of its lifetime before, whichever is shorter.
_MARGIN = timedelta(seconds=60)
# At this size, expired URLs are removed.
_EVICTION_SIZE = 1024


class _Slot:
    """The signed URL of one file, size and lifetime, and the lock under which it is requested."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.signed: SignedUrl | None = None
        self.margin = _MARGIN

    def usable(self) -> SignedUrl | None:
        if self.signed is None or self.signed.is_expired(leeway=self.margin):
            return None
        return self.signed

    def store(self, signed: SignedUrl) -> SignedUrl:
        self.signed = signed
        self.margin = min(_MARGIN, signed.remaining() / 10)
        return signed


class SignedUrlCacheOperations(Operations):
    """A cache of signed URLs, for both clients."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._slots: dict[tuple[Any, ...], _Slot] = {}

    @operation
    def get(
        self,
        file: File | str | int,
        *,
        size: SignedUrlSize | SignedUrlSizeName | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        timeout: Timeout = None,
    ) -> Flow[SignedUrl]:
        """Get a signed URL from the cache, or request a new one if the cached one is about to expire.

        Threads and tasks that need the same URL share one request.

        Args:
            file: see `files.signed_url`. A path is looked up when a URL is requested. Until that expires, it is used
                even if another file is at the path.
            size, upscale, expires_in, timeout: see `files.signed_url`.

        Returns:
            The signed URL. It is valid for at least 60 seconds, or a tenth of its lifetime if that is less.

        Raises:
            HubSpotFilesError, ValueError, TypeError: see `files.signed_url`.
        """
        from .._content.file_record import find_id

        reference = file_reference(file)
        lifetime = whole_seconds(expires_in, "expires_in")
        scaled = None if size is None else enum_member(size, SignedUrlSize, "size")
        if upscale is not None and scaled is None:
            raise ArgumentValueError("upscale needs a size to scale to: pass size= too")
        key = (reference, scaled, optional_bool(upscale, "upscale"), lifetime)
        slot = self._slots.get(key) or self._evict_expired().setdefault(key, _Slot((yield from NewLock())))
        signed = slot.usable()
        if signed is not None:
            return signed
        context = yield from start_call(self._settings, timeout)
        try:
            yield from Acquire(slot.lock, context.deadline)
            signed = slot.usable()
            if signed is None:
                number = yield from find_id(context, reference)
                call = file_calls.get_signed_url(
                    self._version, number, size=scaled, upscale=upscale, expiration_seconds=lifetime, properties=None
                )
                signed = slot.store((yield from sign(context, call, lifetime)))
            return signed
        except NoResponseError as lost:
            # The call that holds the lock takes longer to request the URL than the deadline of this one allows.
            raise RequestTimeoutError(f"signed URL of the file {reference}: {lost.reason(late=True)}") from lost.cause
        finally:
            slot.lock.release()

    def clear(self) -> None:
        """Remove all URLs, such as after files were replaced or made private."""
        self._slots.clear()

    def _evict_expired(self) -> dict[tuple[Any, ...], _Slot]:
        if len(self._slots) >= _EVICTION_SIZE:
            for key, slot in list(self._slots.items()):
                if slot.signed is not None and slot.signed.is_expired():
                    self._slots.pop(key, None)
        return self._slots
