"""Signed URLs that are handed out again while they last: one request, however many ask."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .._engine.effects import Acquire, Flow
from .._engine.methods import AsyncResource, SyncResource, operation
from .._engine.retry import end_of, lost_error
from .._http.failures import NoReplyError
from .._operations import file_calls
from .._operations.enums import SignedUrlSize
from .._operations.signed_url import sign
from .._validation import digits, flag, known, seconds
from .base import Operations

if TYPE_CHECKING:
    from .._engine.settings import Settings
    from .._http.timeouts import Timeout
    from .._operations.signed_url import SignedUrl


# A URL is renewed so long before its end, or a tenth of its life before, whichever is later.
_MARGIN = timedelta(seconds=60)
# Beyond this many, those that have expired are forgotten.
_CROWDED = 1024


class _Slot:
    """The signed URL of one file, size and life, and the lock of those who ask for it."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock
        self.signed: SignedUrl | None = None
        self.margin = _MARGIN

    def fresh(self) -> SignedUrl | None:
        if self.signed is None or self.signed.is_expired(leeway=self.margin):
            return None
        return self.signed

    def keep(self, signed: SignedUrl) -> SignedUrl:
        self.signed = signed
        self.margin = min(_MARGIN, signed.remaining() / 10)
        return signed


class SignedUrlOperations(Operations):
    """A cache of signed URLs, for both clients."""

    def __init__(self, driver: Any, settings: Settings) -> None:
        super().__init__(driver, settings)
        self._slots: dict[tuple[Any, ...], _Slot] = {}

    @operation
    def get(
        self,
        file_id: str | int,
        *,
        size: SignedUrlSize | str | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        timeout: Timeout = None,
    ) -> Flow[SignedUrl]:
        """Get a signed URL that still works for a while: the one from before, or a new one shortly before its end.

        However many threads or tasks ask for the same, HubSpot is asked once.

        Args:
            file_id, size, upscale, expires_in, timeout: as of files.signed_url.

        Returns:
            The signed URL, with the smaller of 60 s and a tenth of its life left at the least.

        Raises:
            as files.signed_url.
        """
        number = digits(file_id, "file_id")
        asked = seconds(expires_in, "expires_in")
        scaled = None if size is None else known(size, SignedUrlSize, "size")
        if upscale is not None and scaled is None:
            raise ValueError("upscale says how to scale to a size: pass size= too")
        key = (number, scaled, flag(upscale, "upscale"), asked)
        slot = self._slots.get(key) or self._make_room().setdefault(key, _Slot(self._driver.lock()))
        signed = slot.fresh()
        if signed is not None:
            return signed
        exchange = file_calls.get_signed_url(
            number, size=scaled, upscale=upscale, expiration_seconds=asked, properties=None
        )
        label = f"{exchange.kwargs['method'].upper()} {exchange.kwargs['url']}"
        end = yield from end_of(self._settings)
        try:
            yield Acquire(slot.lock, end)
            signed = slot.fresh()
            if signed is None:
                signed = slot.keep((yield from sign(self._settings, exchange, asked, timeout, end)))
            return signed
        except NoReplyError as lost:
            # Whoever holds it is asking HubSpot, and takes longer than this call may.
            raise lost_error(label, lost, late=True)[1] from lost.cause
        finally:
            slot.lock.release()

    def clear(self) -> None:
        """Forget every URL, such as after files were replaced or made private."""
        self._slots.clear()

    def _make_room(self) -> dict[tuple[Any, ...], _Slot]:
        if len(self._slots) >= _CROWDED:
            for key, slot in list(self._slots.items()):
                if slot.signed is not None and slot.signed.is_expired():
                    self._slots.pop(key, None)
        return self._slots


class SignedUrls(SignedUrlOperations, SyncResource):
    """Signed URLs, cached: `hubspot.files.signed_urls` of HubSpotFiles."""


class AsyncSignedUrls(SignedUrlOperations, AsyncResource):
    """Signed URLs, cached: `hubspot.files.signed_urls` of AsyncHubSpotFiles."""
