# Written by tools/write_stubs.py, from the flows of the base classes. Run it again instead of editing this file.
# Methods return the results of the flows that they override.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from datetime import timedelta

from hubspot_files_api.models import File

from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .._http.timeouts import Timeout
from .._operations.enums import SignedUrlSize, SignedUrlSizeName
from .._operations.signed_url import SignedUrl
from .url_caching import SignedUrlCacheOperations

class SignedUrlCache(SignedUrlCacheOperations, SyncResource):
    """Cache of signed URLs: `hubspot.files.signed_url_cache` of HubSpotFiles."""

    def __init__(self, driver: Driver, settings: Settings) -> None: ...
    def get(
        self,
        file: File | str | int,
        *,
        size: SignedUrlSize | SignedUrlSizeName | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        timeout: Timeout = None,
    ) -> SignedUrl:
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

class AsyncSignedUrlCache(SignedUrlCacheOperations, AsyncResource):
    """Cache of signed URLs: `hubspot.files.signed_url_cache` of AsyncHubSpotFiles."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None: ...
    async def get(
        self,
        file: File | str | int,
        *,
        size: SignedUrlSize | SignedUrlSizeName | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        timeout: Timeout = None,
    ) -> SignedUrl:
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
