"""Caches of signed URLs: `hubspot.files.signed_url_cache`."""

from __future__ import annotations

from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .url_caching import SignedUrlCacheOperations


class SignedUrlCache(SignedUrlCacheOperations, SyncResource):
    """Cache of signed URLs: `hubspot.files.signed_url_cache` of HubSpotFiles."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver


class AsyncSignedUrlCache(SignedUrlCacheOperations, AsyncResource):
    """Cache of signed URLs: `hubspot.files.signed_url_cache` of AsyncHubSpotFiles."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver
