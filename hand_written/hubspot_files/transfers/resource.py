"""Transfers of many files: `hubspot.transfers`."""

from __future__ import annotations

from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .operations import TransferOperations


class Transfers(TransferOperations, SyncResource):
    """Transfers of many files: `hubspot.transfers` of HubSpotFiles. Its workers are threads."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver


class AsyncTransfers(TransferOperations, AsyncResource):
    """Transfers of many files: `hubspot.transfers` of AsyncHubSpotFiles. Its workers are tasks."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver
